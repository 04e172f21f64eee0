//! Surfaces and noises on which the slow SDE is solved.

use serde::Serialize;

use crate::spec::Section;
use base::error::{Error, Result};
use prediction::exact::slow_manifold::{ring, valley};
use simulation::landscape::Landscape;
use simulation::landscape::ring::Ring;
use simulation::landscape::valley::Valley;
use simulation::landscape::vectorised::Vectorised;
use simulation::noise::{Curvature, Oracle};

/// A distribution function.
pub type Law = Box<dyn Fn(f64) -> f64>;

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// L = (1 + u²)v²/2, Var(g_v) = s(1 + u²) and Var(g_u) = s_u²: an Ornstein–Uhlenbeck process.
    LabelNoise,
    /// The same surface, Var(g_v) = s and Var(g_u) = 0: an ordinary differential equation.
    ConstantNoise,
    /// L = (r² − 1)²/4, isotropic noise of variance s: a Brownian motion of the angle.
    Ring,
}

/// A problem with its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Problem {
    /// Which.
    pub kind: Kind,
    /// s.
    pub variance: f64,
    /// s_u², with label noise; 0 otherwise.
    pub along: f64,
    /// Y at the start: u₀ in the valley, 0 on the ring.
    pub y0: f64,
}

impl Problem {
    /// Reads one `[[problem]]`.
    ///
    /// # Errors
    /// Anything missing, unknown or out of range.
    pub fn read(section: &Section<'_>) -> Result<Self> {
        let names = ["label-noise", "constant-noise", "ring"];
        let kind = match section.choice("name", None, &names)? {
            "label-noise" => Kind::LabelNoise,
            "constant-noise" => Kind::ConstantNoise,
            _ => Kind::Ring,
        };
        let why = "s, the size of the noise, positive";
        let variance = section.number("variance", None, 1e-3..=10.0, why)?;
        let along = match kind {
            Kind::LabelNoise => {
                let why = "the variance of the noise along the valley, positive";
                section.number("along", None, 1e-3..=10.0, why)?
            }
            _ => 0.0,
        };
        let y0 = match kind {
            Kind::Ring => 0.0,
            _ => section.number(
                "start",
                Some(1.0),
                -3.0..=3.0,
                "where along the valley it starts",
            )?,
        };
        section.finish()?;
        Ok(Problem {
            kind,
            variance,
            along,
            y0,
        })
    }

    /// Its name in files and records.
    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::LabelNoise => "label-noise",
            Kind::ConstantNoise => "constant-noise",
            Kind::Ring => "ring",
        }
    }

    /// The surface with its noise.
    ///
    /// # Errors
    /// The surface or the noise is none.
    pub fn oracle(&self) -> Result<Box<dyn Oracle>> {
        let valley = || -> Result<Box<dyn Landscape>> {
            Ok(Box::new(Vectorised::new(Valley::new(1.0, 1.0)?)))
        };
        let s = self.variance;
        let noise = match self.kind {
            Kind::LabelNoise => Curvature::new(valley()?, vec![0.0, s], vec![self.along, 0.0]),
            Kind::ConstantNoise => Curvature::new(valley()?, vec![0.0; 2], vec![0.0, s]),
            Kind::Ring => {
                let ring = Box::new(Vectorised::new(Ring::new(2.0, 0.0)?));
                Curvature::new(ring, vec![0.0; 2], vec![s; 2])
            }
        };
        Ok(Box::new(noise.map_err(Error::Failed)?))
    }

    /// θ at the start, on the manifold.
    pub fn start(&self) -> [f64; 2] {
        match self.kind {
            Kind::Ring => [1.0, 0.0],
            _ => [self.y0, 0.0],
        }
    }

    /// The slow variable of a particle: u, or the angle.
    pub fn slow(&self, theta: &[f64]) -> f64 {
        match self.kind {
            Kind::Ring => theta[1].atan2(theta[0]),
            _ => theta[0],
        }
    }

    /// What is averaged: Y, or cos Y on the ring, whose angle has no mean.
    pub fn observed(&self, y: f64) -> f64 {
        match self.kind {
            Kind::Ring => y.cos(),
            _ => y,
        }
    }

    /// v² over its variance h⁻¹η(1 + β)Var(g_v)/(2(1 + β) − η(1 − β)h), h = 1 + u², in its stationary law
    /// at a fixed u; `None` on the ring, whose walls are not quadratic.
    pub fn across(&self, theta: &[f64], eta: f64, beta: f64) -> Option<f64> {
        let h = 1.0 + theta[0] * theta[0];
        let noise = match self.kind {
            Kind::LabelNoise => self.variance * h,
            Kind::ConstantNoise => self.variance,
            Kind::Ring => return None,
        };
        let variance =
            eta * (1.0 + beta) * noise / (h * (2.0 * (1.0 + beta) - eta * (1.0 - beta) * h));
        Some(theta[1] * theta[1] / variance)
    }

    /// The mean of what is observed in the slow SDE at time τ.
    ///
    /// # Errors
    /// The slow law is not defined there.
    pub fn mean(&self, tau: f64) -> Result<f64> {
        Ok(match self.kind {
            Kind::LabelNoise => valley::label_noise(self.y0, self.variance, self.along, tau)?.mean,
            Kind::ConstantNoise => valley::constant_noise(self.y0, self.variance, tau),
            Kind::Ring => ring::Angle::new(self.variance, tau)?.mean_cosine(1),
        })
    }

    /// The variance of what is observed in the slow SDE at time τ.
    ///
    /// # Errors
    /// As [`Problem::mean`].
    pub fn spread(&self, tau: f64) -> Result<f64> {
        Ok(match self.kind {
            Kind::LabelNoise => {
                valley::label_noise(self.y0, self.variance, self.along, tau)?.variance
            }
            Kind::ConstantNoise => 0.0,
            Kind::Ring => {
                let angle = ring::Angle::new(self.variance, tau)?;
                0.5 * (1.0 + angle.mean_cosine(2)) - angle.mean_cosine(1).powi(2)
            }
        })
    }

    /// P(Y ≤ y) in the slow SDE at time τ; `None` where Y is not random.
    ///
    /// # Errors
    /// As [`Problem::mean`].
    pub fn law(&self, tau: f64) -> Result<Option<Law>> {
        Ok(match self.kind {
            Kind::LabelNoise => {
                let law = valley::label_noise(self.y0, self.variance, self.along, tau)?;
                Some(Box::new(move |y| law.normal_cdf(y)))
            }
            Kind::ConstantNoise => None,
            Kind::Ring => {
                let angle = ring::Angle::new(self.variance, tau)?;
                Some(Box::new(move |y| angle.cdf(y)))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_laws_to_their_digits() {
        let problem = |kind, variance, along, y0| Problem {
            kind,
            variance,
            along,
            y0,
        };
        let label = problem(Kind::LabelNoise, 1.0, 0.25, 1.0);
        assert!((label.mean(1.0).unwrap() - 0.6065306597126334).abs() < 2e-16);
        assert!((label.spread(1.0).unwrap() - 0.1580301397071394).abs() < 2e-16);
        let constant = problem(Kind::ConstantNoise, 1.0, 0.0, 1.0);
        assert!((constant.mean(1.0).unwrap() - 0.7530891649796748).abs() < 5e-16);
        assert!(constant.law(1.0).unwrap().is_none());
        let ring = problem(Kind::Ring, 0.49, 0.0, 0.0);
        assert!((ring.mean(1.0).unwrap() - 0.7827045382418682).abs() < 2e-16);
        // Var cos φ = (1 − e^{−s})²/2 for a Brownian motion from 0.
        let variance = 0.5 * (1.0 - (-0.49f64).exp()).powi(2);
        assert!((ring.spread(1.0).unwrap() - variance).abs() < 1e-15);
        assert!((ring.law(1.0).unwrap().unwrap()(0.0) - 0.5).abs() < 1e-14);
    }
}
