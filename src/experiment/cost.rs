//! How long an experiment will take: the one model of cost.
//!
//! A particle-step costs so many normals, by what moves the particle; what a normal costs is measured where the program
//! runs, for some milliseconds. The numbers are those of PERFORMANCE.md. Exact references, figures and pages are not in
//! it: seconds, and where barriers are high minutes.

use std::time::Instant;

use measurement::reading::Facts;
use simulation::random::{Address, Stream, fill_normals};

use crate::plan::{Planned, Work};

/// What a coordinate of a step costs, of the rules that have no number of their own.
const RULE: f64 = 1.7;
/// Beside the coordinates, what is done once a particle-step.
const ONCE: f64 = 0.3;
/// A sample of a minibatch, in one coordinate.
const SAMPLE: f64 = 0.7;

/// What a step of `dim` coordinates costs in normals, by the names in `known`: the rule or scheme, the kind of noise,
/// and the batch where samples are drawn.
pub fn of_step(dim: usize, known: &Facts) -> f64 {
    let word = |name: &str| known.get(name).map(ToString::to_string).unwrap_or_default();
    let moved = match word("optimizer").as_str() {
        "sgd" => 1.22,
        "sgdm" | "heavy-ball" => 1.27,
        "pnm" | "momentum" => 1.33,
        "adai" => 1.98,
        "" => 1.34,
        _ => RULE,
    };
    let batch = known
        .get("batch")
        .and_then(|batch| batch.number())
        .unwrap_or(1.0);
    let noise = match word("noise").as_str() {
        "correlated" => 0.2,
        "hessian" => 0.4,
        "stable" => 1.5,
        "minibatch" => SAMPLE * batch,
        "fresh" => (1.0 + SAMPLE) * batch,
        _ => 0.0,
    };
    ONCE + dim as f64 * (moved + noise)
}

/// Seconds that the cells take on so many threads, the most they may where they end early; `None` where it is not known
/// of one of them.
pub fn seconds(cells: &[Planned], threads: usize) -> Option<f64> {
    let normals = |cell: &Planned| {
        let Work {
            particles,
            steps,
            normals,
            ..
        } = cell.work?;
        Some(particles as f64 * steps as f64 * normals?)
    };
    let all: Option<f64> = cells.iter().map(normals).sum();
    Some(all? * normal() / threads.max(1) as f64)
}

/// Seconds of a normal, the least of some rounds: what others do on the machine only adds time.
fn normal() -> f64 {
    const LANES: usize = 128;
    const STEPS: u64 = 400;
    let stream = Stream::new(1, 1);
    let particle: Vec<u64> = (0..LANES as u64).collect();
    let mut out = vec![0.0f64; 10 * LANES];
    let mut round = || {
        let clock = Instant::now();
        for step in 0..STEPS {
            let steps = [step; LANES];
            let at = Address {
                particle: &particle,
                step: &steps,
            };
            fill_normals(&stream, at, 10, &mut out);
            std::hint::black_box(&out);
        }
        clock.elapsed().as_secs_f64() / (STEPS as f64 * out.len() as f64)
    };
    (0..5).map(|_| round()).fold(f64::INFINITY, f64::min)
}
