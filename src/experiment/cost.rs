//! How long an experiment will take: the one model of cost.
//!
//! A particle-step costs so many units, by what moves the particle; what a unit costs is measured where the program runs, for
//! some milliseconds: a coordinate of a step of SGD in ten of them. The numbers are those of PERFORMANCE.md. Exact
//! references, figures and pages are not in it: seconds, and where barriers are high minutes.

use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Instant;

use measurement::reading::Facts;
use nalgebra::DMatrix;
use simulation::ensemble::{Course, Optimizing};
use simulation::landscape::quadratic::Quadratic;
use simulation::noise::{Gaussian, Shape};
use simulation::optimizer::entry::Values;
use simulation::optimizer::sgd::SGD;
use simulation::random::Stream;

use crate::plan::{Planned, Work};

/// What a coordinate of a step costs, of the rules that have no number of their own.
const RULE: f64 = 1.4;
/// Beside the coordinates, what is done once a particle-step.
const ONCE: f64 = 0.25;
/// A sample of a minibatch, in one coordinate.
const SAMPLE: f64 = 0.6;

/// What a step of `dim` coordinates costs in units, by the names in `known`: the rule or scheme, the kind of noise,
/// and the batch where samples are drawn.
pub fn of_step(dim: usize, known: &Facts) -> f64 {
    let word = |name: &str| known.get(name).map(ToString::to_string).unwrap_or_default();
    let moved = match word("optimizer").as_str() {
        "sgd" => 1.0,
        "sgdm" | "heavy-ball" => 1.04,
        "pnm" | "momentum" => 1.09,
        "adai" => 1.62,
        "" => 1.1,
        _ => RULE,
    };
    let batch = known.get("batch").and_then(|batch| batch.number());
    let batch = batch.unwrap_or(1.0);
    let noise = match word("noise").as_str() {
        "correlated" => 0.2,
        "hessian" => 0.35,
        "stable" => 1.2,
        "minibatch" => SAMPLE * batch,
        "fresh" => (1.0 + SAMPLE) * batch,
        _ => 0.0,
    };
    ONCE + dim as f64 * (moved + noise)
}

/// Seconds that the cells take on so many threads, the most they may where they end early, where a unit takes so many; `None` where it is
/// not known of one of them.
pub fn seconds(cells: &[Planned], unit: f64, threads: usize) -> Option<f64> {
    let of = |cell: &Planned| {
        let Work {
            particles,
            steps,
            cost,
            ..
        } = cell.work?;
        Some(particles as f64 * steps as f64 * cost?)
    };
    let all: Option<f64> = cells.iter().map(of).sum();
    Some(all? * unit / threads.max(1) as f64)
}

/// Seconds of a unit, the least of some rounds: what others do on the machine only adds time. No time where the lab
/// cannot take a step, which it then says itself.
pub fn unit() -> f64 {
    const DIM: usize = 10;
    const PARTICLES: u64 = 256;
    const STEPS: u64 = 200;
    let (Ok(surface), stream) = (
        Quadratic::symmetric(DMatrix::identity(DIM, DIM)),
        Stream::new(1, 1),
    ) else {
        return 0.0;
    };
    let process: Optimizing = Optimizing {
        oracle: Box::new(Gaussian::new(Box::new(surface), Shape::Isotropic(1.0))),
        optimizer: (SGD.build)(&Values::defaults(&SGD, 0.01)),
    };
    let start = |_: u64, theta: &mut [f64], _: &mut [f64]| theta.fill(0.0);
    let course = Course {
        process: &process,
        stream: &stream,
        particles: PARTICLES,
        start: &start,
        at: &[STEPS],
        lanes: None,
    };
    let round = || {
        let clock = Instant::now();
        let seen = course.run_from(None, &AtomicBool::new(false), &AtomicU64::new(0));
        std::hint::black_box(seen.is_ok());
        clock.elapsed().as_secs_f64() / (PARTICLES * STEPS * DIM as u64) as f64
    };
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let least = || (0..5).map(|_| round()).fold(f64::INFINITY, f64::min);
    one.map_or(0.0, |one| one.install(least))
}
