//! Recorded trajectories on tensors, one for each parameter group.

use std::path::Path;

use tch::{Device, Kind, Tensor};

use crate::convert::numbers;
use crate::tensor::{field, tensor};
use base::error::{Error, Result};
use experiment::replay::{Grouped, Replayed, Steps, replay_by};
use simulation::optimizer::Field;
use simulation::optimizer::trajectory::Trajectory;

/// Replays every case of `path` with the parameters of each group as a tensor, as networks are trained.
///
/// # Errors
/// As [`experiment::replay::replay`].
pub fn replay_on_tensors(path: &Path) -> Result<Vec<Replayed>> {
    replay_by(path, None, steps)
}

/// Steps of a trajectory whose coordinates are tensors of 1 × the size of a group.
fn steps(groups: Vec<Grouped>) -> Result<Steps> {
    let like = field(Tensor::zeros([1, 1], (Kind::Double, Device::Cpu)));
    let mut own = Vec::new();
    let mut coordinates = Vec::new();
    for (place, (rule, of)) in groups.into_iter().enumerate() {
        let group = rule.field_group(vec![place], &like);
        own.push(group.ok_or_else(|| {
            Error::Input("an update rule that is tied to single numbers has no tensors".into())
        })?);
        coordinates.push(of);
    }
    let mut trajectory = Trajectory::new(own);
    Ok(Box::new(move |theta, gradient| {
        let gather = |values: &[f64]| -> Vec<Field> {
            let of = |group: &Vec<usize>| {
                let own: Vec<f64> = group.iter().map(|i| values[*i]).collect();
                field(Tensor::from_slice(&own).unsqueeze(0))
            };
            coordinates.iter().map(of).collect()
        };
        let scatter = |fields: &[Field], to: &mut [f64]| {
            for (group, of) in coordinates.iter().zip(fields) {
                for (i, value) in group.iter().zip(numbers(tensor(of))) {
                    to[*i] = value;
                }
            }
        };
        let mut moved = gather(theta);
        let (mut at, mut g) = (theta.to_vec(), vec![0.0; theta.len()]);
        if let Some(aimed) = trajectory.aim(&moved) {
            scatter(&aimed, &mut at);
        }
        gradient(&at, &mut g);
        trajectory.step(&mut moved, &gather(&g));
        scatter(&moved, theta);
    }))
}
