//! Two noises that add.

use super::{Oracle, Place};
use crate::landscape::Landscape;
use crate::vectorised::vectorised;

/// g = g₁ + g₂ − ∇L: each adds what it differs from ∇L by.
pub struct Summed {
    /// L.
    pub landscape: Box<dyn Landscape>,
    /// g₁.
    pub first: Box<dyn Oracle>,
    /// g₂.
    pub second: Box<dyn Oracle>,
}

impl Oracle for Summed {
    fn dim(&self) -> usize {
        self.landscape.dim()
    }

    fn normals(&self) -> usize {
        self.first.normals() + self.second.normals()
    }

    fn scratch(&self, lanes: usize) -> usize {
        let inner = self.first.scratch(lanes).max(self.second.scratch(lanes));
        self.dim() * lanes + inner
    }

    fn fault(&self) -> Option<String> {
        self.first.fault().or_else(|| self.second.fault())
    }

    fn gradient(&self, at: Place<'_>, gradient: &mut [f64], scratch: &mut [f64]) {
        let (own, scratch) = scratch.split_at_mut(gradient.len());
        let (first, second) = at.normals.split_at(self.first.normals() * at.lanes);
        let place = Place {
            normals: first,
            ..at
        };
        self.first.gradient(place, gradient, scratch);
        let place = Place {
            normals: second,
            ..at
        };
        self.second.gradient(place, own, scratch);
        {
            let (sum, own) = (&mut *gradient, &*own);
            vectorised!(|sum| for (g, x) in sum.iter_mut().zip(own) {
                *g += x;
            });
        }
        self.landscape.gradient(at.theta, at.lanes, own);
        let own = &*own;
        vectorised!(|gradient| for (g, x) in gradient.iter_mut().zip(own) {
            *g -= x;
        });
    }
}
