//! SGD and its modified equations on 1 − cos θ, as operators on functions of a circle.

use nalgebra::DMatrix;

use super::spec::ModifiedSpec;
use crate::kernel::transition;
use base::error::Result;
use prediction::exact::Circle;
use simulation::landscape::cosine::Cosine;
use simulation::sde::{Diffusion, EulerMaruyama, Modified, Order, Overdamped, Sde};

/// Nodes: at small η the noise is small, and the flow alone steepens functions by e^T.
const NODES: usize = 81;

/// The circle that all laws live on.
pub fn circle() -> Circle {
    Circle::new(NODES)
}

/// The equation of that order on the surface.
///
/// # Errors
/// η is out of range.
pub fn equation(spec: &ModifiedSpec, order: Order, eta: f64) -> Result<Modified> {
    let diffusion = Diffusion::LossShaped {
        scale: 0.5 * eta * spec.kappa,
        floor: spec.floor,
    };
    let first = Overdamped::new(Box::new(Cosine::new(1)?), diffusion);
    Modified::new(first, order, eta)
}

/// E cos θ and E sin θ from every node.
pub type Law = DMatrix<f64>;

fn observables(circle: &Circle) -> Law {
    DMatrix::from_fn(circle.nodes().len(), 2, |i, j| {
        let (sin, cos) = circle.nodes()[i].sin_cos();
        [cos, sin][j]
    })
}

/// The row of a law that belongs to the start θ.
///
/// # Errors
/// θ is not finite.
pub fn from(theta: f64, law: &Law) -> Result<Law> {
    let circle = circle();
    let everywhere = circle.transition(&vec![theta; circle.nodes().len()], &[1.0])?;
    Ok((everywhere * law).rows(0, 1).into_owned())
}

/// After 2ᵖ steps of SGD, which is one Euler–Maruyama step of time η of the equation of order 1 each.
///
/// # Errors
/// η is out of range.
pub fn sgd(spec: &ModifiedSpec, power: u32) -> Result<Law> {
    let (circle, eta) = (circle(), spec.eta(power));
    let scheme = EulerMaruyama::new(Box::new(equation(spec, Order::One, eta)?));
    let mut step = transition(&scheme, &circle, eta)?;
    for _ in 0..power {
        step = &step * &step;
    }
    Ok(step * observables(&circle))
}

/// At time T of the equation of that order.
///
/// # Errors
/// η is out of range.
pub fn diffusion(spec: &ModifiedSpec, order: Order, power: u32) -> Result<Law> {
    let circle = circle();
    let equation = equation(spec, order, spec.eta(power))?;
    let n = circle.nodes().len();
    let (mut drift, mut diffusion) = (vec![0.0; n], vec![0.0; n]);
    equation.drift(circle.nodes(), n, &mut drift);
    equation.diffusion(circle.nodes(), n, &mut diffusion);
    Ok(circle.semigroup(&drift, &diffusion, spec.horizon)? * observables(&circle))
}
