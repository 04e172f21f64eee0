//! Recorded trajectories on tensors, one for each parameter group.

use tch::{Device, Kind, Tensor};

use super::{Grouped, Steps};
use crate::error::{Error, Result};
use crate::network::convert::numbers;
use crate::simulation::optimizer::Field;
use crate::simulation::optimizer::trajectory::Trajectory;

/// Steps of a trajectory whose coordinates are tensors of 1 × the size of a group.
pub fn steps(groups: Vec<Grouped>) -> Result<Steps> {
    let like = Field(Tensor::zeros([1, 1], (Kind::Double, Device::Cpu)));
    let mut own = Vec::new();
    let mut coordinates = Vec::new();
    for (place, (rule, of)) in groups.into_iter().enumerate() {
        let group = rule.tensor_group(vec![place], &like);
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
                Field(Tensor::from_slice(&own).unsqueeze(0))
            };
            coordinates.iter().map(of).collect()
        };
        let mut moved = gather(theta);
        trajectory.step(&mut moved, &gather(gradient));
        for (group, field) in coordinates.iter().zip(&moved) {
            for (i, value) in group.iter().zip(numbers(&field.0)) {
                theta[*i] = value;
            }
        }
    }))
}
