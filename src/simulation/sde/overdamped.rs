//! Overdamped Langevin dynamics: dθ = −∇L(θ)dt + √(2D(θ)) dW, in the reading that is named.

use serde::Serialize;

use super::{Noise, Sde};
use crate::landscape::{Kind, Landscape};
use crate::noise::CovarianceField;
use crate::vectorised::vectorised;

/// The diffusion coefficient D, diagonal.
pub enum Diffusion {
    /// D = T, a temperature.
    Constant(f64),
    /// D_ii = T_i, a temperature for every coordinate.
    Diagonal(Vec<f64>),
    /// D_ii = (η/2B)(|H_ii(θ)| + δ): the SDE of SGD under C = (|H| + δ)/B, on a separable landscape.
    HessianShaped {
        /// η/2B.
        scale: f64,
        /// δ, in units of the Hessian.
        floor: f64,
    },
    /// D_ii = c_i + Σ s C_ii(θ), C by formula: the SDE of SGD in noise whose covariance is diagonal.
    Fields {
        /// cᵢ.
        constant: Vec<f64>,
        /// s and C.
        fields: Vec<(f64, CovarianceField)>,
    },
    /// D = s(L(θ) − L* + δ), L* the least minimum: noise in proportion to the loss (Mori et al. 2022).
    LossShaped {
        /// s.
        scale: f64,
        /// δ, in units of the loss.
        floor: f64,
    },
}

/// How √(2D(θ)) dW is read where D depends on θ: for which point of a step the noise is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// Itô: its beginning, as SGD does.
    #[default]
    Ito,
    /// Stratonovich: its middle; Itô with the drift −∇L + ½∂D.
    Stratonovich,
    /// Anti-Itô (Hänggi, Klimontovich): its end; Itô with the drift −∇L + ∂D.
    AntiIto,
}

impl Reading {
    /// λ of the Itô drift −∂_iL + λ ∂_iD_ii.
    pub fn share(self) -> f64 {
        match self {
            Reading::Ito => 0.0,
            Reading::Stratonovich => 0.5,
            Reading::AntiIto => 1.0,
        }
    }
}

/// Overdamped Langevin dynamics on a landscape.
pub struct Overdamped {
    landscape: Box<dyn Landscape>,
    diffusion: Diffusion,
    reading: Reading,
    /// L*.
    least: f64,
}

impl Overdamped {
    /// Dynamics with the given diffusion in the Itô reading.
    pub fn new(landscape: Box<dyn Landscape>, diffusion: Diffusion) -> Self {
        Overdamped::read(landscape, diffusion, Reading::Ito)
    }

    /// Dynamics with the given diffusion in the given reading.
    pub fn read(landscape: Box<dyn Landscape>, diffusion: Diffusion, reading: Reading) -> Self {
        let minima = landscape.critical_points();
        let minima = minima.iter().filter(|point| point.kind == Kind::Minimum);
        let least = minima
            .map(|point| point.value)
            .fold(f64::INFINITY, f64::min);
        Overdamped {
            landscape,
            diffusion,
            reading,
            least: if least.is_finite() { least } else { 0.0 },
        }
    }

    /// The landscape.
    pub fn landscape(&self) -> &dyn Landscape {
        &*self.landscape
    }
}

/// Central difference of D; the error is h²/6 of its third derivative and ε/h of itself.
const STEP: f64 = 1e-5;

impl Sde for Overdamped {
    fn dim(&self) -> usize {
        self.landscape.dim()
    }

    fn drift(&self, theta: &[f64], lanes: usize, drift: &mut [f64]) {
        self.landscape.gradient(theta, lanes, drift);
        {
            let drift = &mut *drift;
            vectorised!(|drift| for b in drift.iter_mut() {
                *b = -*b;
            });
        }
        if self.reading != Reading::Ito {
            let mut slope = vec![0.0; theta.len()];
            self.diffusion_slope(theta, lanes, &mut slope);
            for (b, s) in drift.iter_mut().zip(&slope) {
                *b += self.reading.share() * s;
            }
        }
    }

    fn noise(&self) -> Noise {
        match self.diffusion {
            Diffusion::Constant(_) | Diffusion::Diagonal(_) => Noise::Additive,
            Diffusion::HessianShaped { .. } if self.landscape.separable() => Noise::Own,
            Diffusion::LossShaped { .. } | Diffusion::Fields { .. } if self.dim() == 1 => {
                Noise::Own
            }
            _ => Noise::Crossed,
        }
    }

    fn constant_diffusion(&self) -> Option<f64> {
        match self.diffusion {
            Diffusion::Constant(temperature) => Some(temperature),
            _ => None,
        }
    }

    fn diffusion(&self, theta: &[f64], lanes: usize, diffusion: &mut [f64]) {
        match &self.diffusion {
            Diffusion::Constant(temperature) => diffusion.fill(*temperature),
            Diffusion::Diagonal(temperatures) => {
                for (row, t) in diffusion.chunks_exact_mut(lanes).zip(temperatures) {
                    row.fill(*t);
                }
            }
            &Diffusion::HessianShaped { scale, floor } => {
                self.landscape.hessian_diagonal(theta, lanes, diffusion);
                vectorised!(|diffusion| for d in diffusion.iter_mut() {
                    *d = scale * (d.abs() + floor);
                });
            }
            Diffusion::Fields { constant, fields } => {
                for (row, c) in diffusion.chunks_exact_mut(lanes).zip(constant) {
                    row.fill(*c);
                }
                let mut own = vec![0.0; theta.len()];
                for (scale, field) in fields {
                    field.variances(theta, lanes, &mut own);
                    for (d, c) in diffusion.iter_mut().zip(&own) {
                        *d += scale * c;
                    }
                }
            }
            &Diffusion::LossShaped { scale, floor } => {
                let mut point = vec![0.0; self.dim()];
                for lane in 0..lanes {
                    for (i, x) in point.iter_mut().enumerate() {
                        *x = theta[i * lanes + lane];
                    }
                    let d = scale * (self.landscape.value(&point) - self.least + floor);
                    for row in diffusion.chunks_exact_mut(lanes) {
                        row[lane] = d;
                    }
                }
            }
        }
    }

    fn diffusion_slope(&self, theta: &[f64], lanes: usize, slope: &mut [f64]) {
        match &self.diffusion {
            Diffusion::Constant(_) | Diffusion::Diagonal(_) => slope.fill(0.0),
            // Coordinate by coordinate.
            Diffusion::HessianShaped { .. } | Diffusion::Fields { .. } => {
                let mut moved = theta.to_vec();
                let (mut above, mut below) = (vec![0.0; theta.len()], vec![0.0; theta.len()]);
                for i in 0..self.dim() {
                    let row = i * lanes..(i + 1) * lanes;
                    for (step, d) in [(STEP, &mut above), (-STEP, &mut below)] {
                        for (to, from) in moved[row.clone()].iter_mut().zip(&theta[row.clone()]) {
                            *to = from + step;
                        }
                        self.diffusion(&moved, lanes, d);
                    }
                    for at in row {
                        slope[at] = (above[at] - below[at]) / (2.0 * STEP);
                        moved[at] = theta[at];
                    }
                }
            }
            &Diffusion::LossShaped { scale, .. } => {
                self.landscape.gradient(theta, lanes, slope);
                vectorised!(|slope| for s in slope.iter_mut() {
                    *s *= scale;
                });
            }
        }
    }
}
