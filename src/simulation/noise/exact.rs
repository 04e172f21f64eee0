//! The gradient itself, to which noise is added.

use super::{Oracle, Place};
use crate::landscape::Landscape;

/// ∇L, without chance.
pub struct Exact(pub Box<dyn Landscape>);

impl Oracle for Exact {
    fn dim(&self) -> usize {
        self.0.dim()
    }

    fn normals(&self) -> usize {
        0
    }

    fn scratch(&self, _: usize) -> usize {
        0
    }

    fn gradient(&self, at: Place<'_>, gradient: &mut [f64], _: &mut [f64]) {
        self.0.gradient(at.theta, at.lanes, gradient);
    }
}
