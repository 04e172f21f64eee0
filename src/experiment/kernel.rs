//! What a step of a scheme does to expectations, by quadrature over its normals.

use nalgebra::DMatrix;

use base::error::{Error, Result};
use prediction::exact::{Circle, GaussHermite};
use simulation::sde::{Increment, Integrator, Moved};

/// Points of the quadrature over one normal.
pub const NORMALS: usize = 32;

/// One step of a scheme without memory, by its own code: a lane for every node of the circle and every point of the
/// quadrature.
///
/// # Errors
/// The scheme remembers more than θ, takes more than one normal a step, or leaves the finite.
pub fn transition(scheme: &dyn Integrator, circle: &Circle, dt: f64) -> Result<DMatrix<f64>> {
    if scheme.normals() != 1 || !scheme.start(&[0.0]).is_empty() {
        return Err(Error::Failed(format!(
            "{} takes {} normals a step or remembers more than θ; the quadrature is over one",
            scheme.entry().name,
            scheme.normals()
        )));
    }
    let rule = GaussHermite::new(NORMALS);
    let starts = circle.nodes().iter();
    let mut theta: Vec<f64> = starts
        .flat_map(|x| std::iter::repeat_n(*x, NORMALS))
        .collect();
    let normals = rule.nodes.repeat(circle.nodes().len());
    let lanes = theta.len();
    let (mut drift, mut variance) = (vec![0.0; lanes], vec![0.0; lanes]);
    let mut scratch = vec![0.0; scheme.scratch_rows() * lanes];
    scheme.step(
        Increment {
            dt,
            lanes,
            normals: &normals,
            taken: &[],
            live: &[],
        },
        Moved {
            theta: &mut theta,
            memory: &mut [],
            drift: &mut drift,
            variance: &mut variance,
            scratch: &mut scratch,
        },
    );
    circle.transition(&theta, &rule.weights)
}
