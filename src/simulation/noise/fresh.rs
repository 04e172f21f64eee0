//! Fresh samples: minibatches from an infinite pool, every x drawn for one step of one particle.

use super::{Law, Oracle, Place};
use crate::landscape::Landscape;
use crate::random::{Purpose, Sequence};
use crate::vectorised::vectorised;

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
        let drawn = match self.law {
            Law::Normal => 0,
            _ => self.batch,
        };
        (drawn + 2) * self.dim() * lanes
    }

    fn gradient(&self, at: Place<'_>, gradient: &mut [f64], scratch: &mut [f64]) {
        let (lanes, size) = (at.lanes, at.theta.len());
        if self.law == Law::Normal {
            let sigma = self.variance.sqrt();
            average(
                &*self.landscape,
                &at,
                self.batch,
                scratch,
                gradient,
                |b, x| {
                    let normals = &at.normals[b * size..][..size];
                    vectorised!(
                        |x| for ((x, t), xi) in x.iter_mut().zip(at.theta).zip(normals) {
                            *x = t - sigma * xi;
                        }
                    );
                },
            );
            return;
        }
        let (drawn, scratch) = scratch.split_at_mut(self.batch * size);
        for lane in 0..lanes {
            let (particle, step) = (at.particle[lane], at.step[lane]);
            let mut sequence = Sequence::new(at.stream, Purpose::Fresh, particle, step);
            for row in drawn.chunks_exact_mut(lanes) {
                row[lane] = self.law.draw(self.variance, &mut sequence);
            }
        }
        average(
            &*self.landscape,
            &at,
            self.batch,
            scratch,
            gradient,
            |b, x| {
                let drawn = &drawn[b * size..][..size];
                vectorised!(
                    |x| for ((x, t), own) in x.iter_mut().zip(at.theta).zip(drawn) {
                        *x = t - own;
                    }
                );
            },
        );
    }
}

/// (1/B) Σ_b ∇f(θ − x_b) over a block. `shift` writes θ − x_b, coordinate-major; `scratch` holds two values for
/// each coordinate and lane.
fn average(
    landscape: &dyn Landscape,
    at: &Place<'_>,
    batch: usize,
    scratch: &mut [f64],
    gradient: &mut [f64],
    mut shift: impl FnMut(usize, &mut [f64]),
) {
    let size = at.theta.len();
    let (shifted, own) = scratch[..2 * size].split_at_mut(size);
    gradient.fill(0.0);
    for b in 0..batch {
        shift(b, shifted);
        landscape.gradient(shifted, at.lanes, own);
        let (sum, own) = (&mut *gradient, &*own);
        vectorised!(|sum| for (g, x) in sum.iter_mut().zip(own) {
            *g += x;
        });
    }
    let share = 1.0 / batch as f64;
    vectorised!(|gradient| for g in gradient.iter_mut() {
        *g *= share;
    });
}
