//! Update rules: blocks against single trajectories bit for bit, and identities between the rules.

#[path = "update_rules/edges.rs"]
mod edges;
#[path = "update_rules/forms.rs"]
mod forms;
#[path = "update_rules/identities.rs"]
mod identities;
#[path = "update_rules/paper_forms.rs"]
mod paper_forms;
#[path = "update_rules/precision.rs"]
mod precision;

use kramers::simulation::optimizer::trajectory::Trajectory;
use kramers::simulation::optimizer::{Entry, Optimizer, Rows, Values};
use kramers::simulation::random::{Address, Stream, fill_normals, period};

/// A block that starts at θ = `start` in every lane, and its rule.
struct Moving {
    rule: Box<dyn Optimizer>,
    lanes: usize,
    taken: Vec<u64>,
    theta: Vec<f64>,
    memory: Vec<f64>,
    scalars: Vec<f64>,
}

impl Moving {
    fn new(rule: Box<dyn Optimizer>, start: &[f64], lanes: usize) -> Self {
        let spread = |values: &[f64]| values.iter().flat_map(|x| vec![*x; lanes]).collect();
        let rows = rule.start(start);
        let (memory, scalars) = rows.split_at(rows.len() - rule.scalars());
        Moving {
            lanes,
            taken: vec![0; lanes],
            theta: spread(start),
            memory: spread(memory),
            scalars: spread(scalars),
            rule,
        }
    }

    fn step(&mut self, gradient: &[f64]) {
        let Moving {
            rule,
            lanes,
            taken,
            theta,
            memory,
            scalars,
        } = self;
        let memory = Rows {
            coordinates: memory,
            scalars,
            fresh: &[],
        };
        rule.step(theta, gradient, *lanes, taken, memory);
        taken.iter_mut().for_each(|t| *t += 1);
    }
}

/// Gradients of `steps` steps, coordinate-major over `lanes`: normals of seed 111.
fn noise(dim: usize, lanes: usize, steps: u64) -> Vec<Vec<f64>> {
    let stream = Stream::new(111, 0);
    let particle: Vec<u64> = (0..lanes as u64).collect();
    let rounds = period::<f64>(&stream, dim);
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

/// A single particle whose coordinates are all in one group.
fn trajectory(rule: &dyn Optimizer, dim: usize) -> Trajectory<f64> {
    Trajectory::new(vec![rule.group((0..dim).collect())])
}

/// The rule of that name with its defaults and η, but for what `changed` says.
fn rule(name: &str, eta: f64, changed: &[(&str, f64)]) -> Box<dyn Optimizer> {
    let entry = kramers::simulation::optimizer::registry::find(name).unwrap();
    (entry.build)(&values(entry, eta, changed))
}

/// The same as hyper-parameters.
fn values(entry: &Entry, eta: f64, changed: &[(&str, f64)]) -> Values {
    let mut values = Values::defaults(entry, eta);
    for (key, value) in changed {
        assert!(values.numbers.contains_key(*key), "{} {key}", entry.name);
        values = values.with(key, *value);
    }
    values
}
