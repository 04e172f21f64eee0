//! SGD itself, simulated at one η on one surface.

use std::sync::atomic::{AtomicBool, AtomicU64};

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

use super::circle;
use super::spec::{ModifiedSpec, Surface};
use crate::kept::Come;
use base::error::Result;
use measurement::mean::Moments;
use simulation::ensemble::{Begun, Course, Diffusing};
use simulation::landscape::quadratic::Quadratic;
use simulation::random::Stream;
use simulation::sde::{Diffusion, EulerMaruyama, Order, Overdamped, Sde};

/// Two means with their standard errors: of θ and θ² on the parabola, of cos θ and sin θ on the other surface.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finished {
    /// The means.
    pub means: [f64; 2],
    /// Their standard errors.
    pub errors: [f64; 2],
    /// Particles that diverged.
    pub diverged: u64,
    /// Particles × steps.
    pub particle_steps: u64,
}

/// 2ᵖ steps of SGD, from where they were stopped before.
///
/// # Errors
/// A number is out of range.
pub fn simulate(
    spec: &ModifiedSpec,
    (surface, power): (Surface, u32),
    stream: &Stream,
    lanes: Option<usize>,
    begun: Option<Begun>,
    stop: &AtomicBool,
    ended: &AtomicU64,
) -> Result<Come<Finished, Begun>> {
    let eta = spec.eta(power);
    let sde: Box<dyn Sde> = match surface {
        Surface::Cosine => Box::new(circle::equation(spec, Order::One, eta)?),
        Surface::Quadratic => {
            let bowl = Quadratic::new(DMatrix::from_element(1, 1, spec.h))?;
            let diffusion = Diffusion::LossShaped {
                scale: 0.5 * eta * spec.kappa,
                floor: spec.floor,
            };
            Box::new(Overdamped::new(Box::new(bowl), diffusion))
        }
    };
    // A step of SGD is an Euler–Maruyama step of time η.
    let process = Diffusing::new(Box::new(EulerMaruyama::new(sde)), eta);
    let begin = |_: u64, theta: &mut [f64], _: &mut [f64]| theta.fill(spec.start);
    let course = Course {
        process: &process,
        stream,
        particles: spec.particles,
        start: &begin,
        at: &[1 << power],
        lanes,
    };
    let seen = match course.run_from(begun, stop, ended) {
        Ok(seen) => seen,
        Err(part) => return Ok(Come::Stopped(Some(part))),
    };
    let mut moments = [Moments::default(); 2];
    for x in seen.theta.iter().flatten() {
        let read = match surface {
            Surface::Quadratic => [*x, x * x],
            Surface::Cosine => [x.cos(), x.sin()],
        };
        for (into, number) in moments.iter_mut().zip(read) {
            into.push(number);
        }
    }
    Ok(Come::Whole(Finished {
        means: moments.map(|m| m.mean().unwrap_or(f64::NAN)),
        errors: moments.map(|m| m.standard_error().unwrap_or(f64::NAN)),
        diverged: moments[0].diverged(),
        particle_steps: seen.particle_steps,
    }))
}
