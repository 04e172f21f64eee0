//! Update rules: blocks against single trajectories bit for bit, and identities between the rules.

#[path = "update_rules/edges.rs"]
mod edges;
#[path = "update_rules/forms.rs"]
mod forms;

use kramers::simulation::optimizer::block::{BlockOptimizer, Configured};
use kramers::simulation::optimizer::trajectory::{Group, Trajectory};
use kramers::simulation::optimizer::{Real, Rule, WeightDecay};
use kramers::simulation::random::{Address, Stream, fill_normals, period};

/// A block that starts at θ = `start` in every lane, and its rule.
struct Moving<'a> {
    rule: &'a dyn BlockOptimizer,
    lanes: usize,
    theta: Vec<f64>,
    memory: Vec<f64>,
}

impl<'a> Moving<'a> {
    fn new(rule: &'a dyn BlockOptimizer, start: &[f64], lanes: usize) -> Self {
        let spread = |values: &[f64]| values.iter().flat_map(|x| vec![*x; lanes]).collect();
        Moving {
            rule,
            lanes,
            theta: spread(start),
            memory: spread(&rule.start(start.len())),
        }
    }

    fn step(&mut self, gradient: &[f64]) {
        self.rule
            .step(&mut self.theta, gradient, self.lanes, &mut self.memory);
    }
}

/// Gradients of `steps` steps, coordinate-major over `lanes`: normals of seed 111.
fn noise(dim: usize, lanes: usize, steps: u64) -> Vec<Vec<f64>> {
    let stream = Stream::new(111, 0);
    let particle: Vec<u64> = (0..lanes as u64).collect();
    let rounds = period(dim);
    let mut rows = vec![0.0; dim * lanes * rounds as usize];
    let mut all = Vec::new();
    for from in (0..steps).step_by(rounds as usize) {
        let step = vec![from; lanes];
        let address = Address {
            particle: &particle,
            step: &step,
        };
        fill_normals(&stream, address, dim, &mut rows);
        all.extend(rows.chunks_exact(dim * lanes).map(<[f64]>::to_vec));
    }
    all.truncate(steps as usize);
    all
}

/// A single particle with one group of `dim` coordinates.
fn trajectory<R: Rule, N: Real>(
    rule: R,
    eta: f64,
    decay: WeightDecay,
    dim: usize,
    like: &N,
) -> Trajectory<R, N> {
    let coordinates = (0..dim).collect();
    let group = Group {
        rule,
        eta,
        decay,
        coordinates,
    };
    Trajectory::new(vec![group], like)
}

/// The same rule as a block.
fn block<R: Rule>(rule: R, eta: f64) -> Configured<R> {
    let decay = WeightDecay::None;
    Configured { rule, eta, decay }
}
