//! Fresh samples: minibatches from an infinite pool, every x drawn for one step of one particle.

use super::minibatch::average;
use super::{Law, Oracle, Place};
use crate::simulation::landscape::Landscape;
use crate::simulation::random::{Purpose, Sequence};
use crate::simulation::vectorised::vectorised;

/// g = (1/B) Σ_b ∇f(θ − x_b) with fresh x_b of a law.
pub struct Fresh {
    landscape: Box<dyn Landscape>,
    law: Law,
    variance: f64,
    batch: usize,
}

impl Fresh {
    /// `variance` is that of each coordinate of x in the landscape's own coordinates: divided by k
    /// when the landscape is sharpened by k.
    pub fn new(landscape: Box<dyn Landscape>, law: Law, variance: f64, batch: usize) -> Self {
        Fresh {
            landscape,
            law,
            variance,
            batch,
        }
    }
}

impl Oracle for Fresh {
    fn dim(&self) -> usize {
        self.landscape.dim()
    }

    fn normals(&self) -> usize {
        match self.law {
            Law::Normal => self.batch * self.dim(),
            _ => 0,
        }
    }

    fn scratch(&self, lanes: usize) -> usize {
        (self.batch + 1) * self.dim() * lanes
    }

    fn gradient(&self, at: Place<'_>, gradient: &mut [f64], scratch: &mut [f64]) {
        let (dim, lanes) = (self.dim(), at.lanes);
        let size = dim * lanes;
        let (shifts, own) = scratch[..(self.batch + 1) * size].split_at_mut(self.batch * size);
        if self.law == Law::Normal {
            let sigma = self.variance.sqrt();
            let out = &mut *shifts;
            vectorised!(|out| for (x, xi) in out.iter_mut().zip(at.normals) {
                *x = sigma * xi;
            });
        } else {
            for lane in 0..lanes {
                let (particle, step) = (at.particle[lane], at.step[lane]);
                let mut sequence = Sequence::new(at.stream, Purpose::Fresh, particle, step);
                for row in 0..self.batch * dim {
                    shifts[row * lanes + lane] = self.law.draw(self.variance, &mut sequence);
                }
            }
        }
        average(
            &*self.landscape,
            at.theta,
            lanes,
            self.batch,
            shifts,
            own,
            gradient,
        );
    }
}
