//! SGD and SGDM side by side with the same normals, at one η.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::distance::Quantity;
use super::spec::{Family, Surface, WeakSpec, eta};
use crate::kept::{Come, known};
use measurement::mean::Moments;
use simulation::ensemble::{Begun, Course, Optimizing, Snapshots};
use simulation::landscape::Landscape;
use simulation::landscape::double_well::DoubleWell;
use simulation::landscape::quadratic::Quadratic;
use simulation::noise::{Gaussian, Shape};
use simulation::optimizer::Optimizer;
use simulation::optimizer::entry::Values;
use simulation::optimizer::sgd::SGD;
use simulation::optimizer::sgdm::SGDM;
use simulation::random::Stream;

/// How many equidistant times are looked at. The largest distance between two of them exceeds that at the
/// nearer by a fraction of about (1/2LOOKS)², for a curve that bends once over the horizon.
pub const LOOKS: u64 = 16;

/// What was found after one number of steps, of one family.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Look {
    /// α.
    pub alpha: f64,
    /// k.
    pub step: u64,
    /// Of what.
    pub quantity: Quantity,
    /// With its sign.
    #[serde(deserialize_with = "known")]
    pub value: f64,
    /// Its standard error.
    #[serde(deserialize_with = "known")]
    pub standard_error: f64,
    /// Particles that it rests on.
    pub n: u64,
    /// Particles that were no longer finite.
    pub diverged: u64,
}

/// A finished cell: one η, every family.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finished {
    /// Every family, time and quantity.
    pub looks: Vec<Look>,
    /// Particles × steps, of SGD and of every SGDM.
    pub particle_steps: u64,
}

/// What was finished of a cell when it was stopped. SGD itself, which every family is compared with, is run again where
/// it was through: it is one course of several, and large.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Part {
    /// Of SGD, where it was under way.
    sgd: Option<Begun>,
    /// Of the families that were through.
    looks: Vec<Look>,
    /// Of the family that was under way.
    sgdm: Option<Begun>,
}

/// A cell to run.
pub struct Simulation<'a> {
    /// The experiment.
    pub spec: &'a WeakSpec,
    /// p of η = 2⁻ᵖ.
    pub power: u32,
    /// The cell's random numbers, the same for SGD and every SGDM.
    pub stream: &'a Stream,
    /// Lanes in a block.
    pub lanes: Option<usize>,
}

impl Simulation<'_> {
    /// Runs SGD once and SGDM for every family, from where they were stopped before.
    ///
    /// # Errors
    /// The surface or β is none.
    pub fn run(
        &self,
        begun: Option<Part>,
        stop: &AtomicBool,
        ended: &AtomicU64,
    ) -> base::error::Result<Come<Finished, Part>> {
        let mut part = begun.unwrap_or_default();
        let step = eta(self.power);
        let steps = (self.spec.horizon / step).round() as u64;
        let mut at: Vec<u64> = (1..=LOOKS).map(|j| steps * j / LOOKS).collect();
        at.dedup();
        let values = Values::defaults(&SGD, 0.0).with("eta", step);
        let course =
            |optimizer, begun: Option<Begun>| self.course(optimizer, &at, begun, stop, ended);
        let sgd = match course((SGD.build)(&values), part.sgd.take())? {
            Ok(sgd) => sgd,
            Err(begun) => {
                part.sgd = Some(begun);
                return Ok(Come::Stopped(Some(part)));
            }
        };
        let families = &self.spec.families;
        let of_one = at.len() * Quantity::ALL.len();
        let compared = part.looks.len() / of_one;
        ended.fetch_add(self.spec.particles * compared as u64, Ordering::Relaxed);
        for family in families.iter().skip(compared) {
            let values = Values::defaults(&SGDM, 0.0).with("eta", step);
            let values = values.with("beta1", family.beta(step)?);
            let sgdm = match course((SGDM.build)(&values), part.sgdm.take())? {
                Ok(sgdm) => sgdm,
                Err(begun) => {
                    part.sgdm = Some(begun);
                    return Ok(Come::Stopped(Some(part)));
                }
            };
            for ((step, z), x) in at.iter().zip(&sgd.theta).zip(&sgdm.theta) {
                part.looks.extend(compare(*family, *step, x, z));
            }
        }
        Ok(Come::Whole(Finished {
            looks: part.looks,
            particle_steps: sgd.particle_steps * (1 + families.len() as u64),
        }))
    }

    fn surface(&self) -> base::error::Result<Box<dyn Landscape>> {
        Ok(match self.spec.surface {
            Surface::Quadratic { h } => Box::new(Quadratic::symmetric(
                nalgebra::DMatrix::from_element(1, 1, h),
            )?),
            Surface::DoubleWell => Box::new(DoubleWell::new(1)?),
        })
    }

    fn course(
        &self,
        optimizer: Box<dyn Optimizer>,
        at: &[u64],
        begun: Option<Begun>,
        stop: &AtomicBool,
        ended: &AtomicU64,
    ) -> base::error::Result<Result<Snapshots, Begun>> {
        let surface = self.surface()?;
        let x0 = [self.spec.x0];
        let mut slope = [0.0];
        surface.gradient(&x0, 1, &mut slope);
        let noise = Shape::Isotropic((self.spec.sigma / eta(self.power)).sqrt());
        let process = Optimizing::<f64> {
            oracle: Box::new(Gaussian::new(surface, noise)),
            optimizer,
        };
        // SGD has no memory, SGDM its momentum alone.
        let start = |_: u64, theta: &mut [f64], memory: &mut [f64]| {
            theta.fill(x0[0]);
            memory.fill(slope[0]);
        };
        let course = Course {
            process: &process,
            stream: self.stream,
            particles: self.spec.particles,
            start: &start,
            at,
            lanes: self.lanes,
        };
        Ok(course.run_from(begun, stop, ended))
    }
}

/// The three distances between the particles of SGDM, `x`, and of SGD, `z`.
fn compare(family: Family, step: u64, x: &[f64], z: &[f64]) -> [Look; 3] {
    let mut moments = [Moments::default(); 3];
    for (x, z) in x.iter().zip(z) {
        let gap = x - z;
        for (into, number) in moments.iter_mut().zip([gap, gap * (x + z), gap * gap]) {
            into.push(number);
        }
    }
    Quantity::ALL.map(|quantity| {
        let of = &moments[quantity as usize];
        let mean = of.mean().unwrap_or(f64::NAN);
        let error = of.standard_error().unwrap_or(f64::NAN);
        // The root's error by its derivative; the mean square is known to a few per cent or better.
        let (value, standard_error) = match quantity {
            Quantity::Strong if mean > 0.0 => (mean.sqrt(), 0.5 * error / mean.sqrt()),
            _ => (mean, error),
        };
        Look {
            alpha: family.alpha,
            step,
            quantity,
            value,
            standard_error,
            n: of.n(),
            diverged: of.diverged(),
        }
    })
}
