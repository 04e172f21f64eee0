//! What a rule does with gradients that are given: no landscape, no chance.

use super::fact::{Fact, drawn};
use super::{Curves, Subject};
use simulation::optimizer::Optimizer;
use simulation::optimizer::degree::degrees;
use simulation::optimizer::trajectory::Trajectory;

/// Steps that are drawn.
const DRAWN: usize = 60;
/// Steps after which an answer has settled or does not.
const LONG: usize = 20_000;
/// Gradients of 1 before none come.
const BEFORE: usize = 1000;
/// What is left of an update that has faded, over η.
const FADED: f64 = 1e-9;
/// Steps that it has faded for: a rule may pause for a step or two, as PNM's interleaved averages do.
const QUIET: usize = 8;
/// How far degrees along a path may differ, as where an ε of 1e-8 stands beside a root.
const SAME: f64 = 1e-5;

/// Why nothing is said of multiples of the gradients alone.
pub const SEES: &str = "none: its updates depend on θ beside the gradients";

/// Order of the memory, degree, and answers to steps, impulses and nothing.
pub fn facts(subject: &Subject, curves: &mut Curves) -> Vec<Fact> {
    let rule = &*subject.build();
    if rule.draws() {
        let why = "it draws normals of its own (xi): its answer to given gradients is random";
        let names = [
            "memory",
            "degree",
            "first_update",
            "steady_update",
            "impulse",
            "coasting",
            "zero_gradient",
        ];
        return names.map(|name| Fact::none(name, why)).to_vec();
    }
    let over = |gradients: &dyn Fn(usize) -> f64, steps: usize| -> Vec<f64> {
        let updates = updates(rule, gradients, steps);
        updates.into_iter().map(|u| u / subject.eta).collect()
    };
    let step = over(&|_| 1.0, LONG);
    let impulse = over(&|t| f64::from(u8::from(t == 0)), LONG);
    let after = over(&|t| f64::from(u8::from(t < BEFORE)), BEFORE + LONG);
    let zero = over(&|_| 0.0, DRAWN);
    let own = |updates: &[f64]| updates[..DRAWN].iter().map(|u| drawn(*u)).collect();
    (curves.step, curves.impulse) = (own(&step), own(&impulse));
    let path = "a path of one coordinate";
    let all = |name, updates: &[f64]| match faded(updates) {
        Some(sum) => Fact::summed(name, sum, path),
        None => Fact::none(name, "it has not faded after 20,000 steps"),
    };
    vec![
        memory(subject, rule),
        degree(rule),
        Fact::summed("first_update", step[0], path),
        steady(&step),
        all("impulse", &impulse),
        all("coasting", &after[BEFORE..]),
        match zero.iter().find(|u| u.is_nan() || **u != 0.0) {
            Some(u) if u.is_nan() => Fact::none(
                "zero_gradient",
                "no number: it divides 0 by 0 before the first gradient that is not 0",
            ),
            Some(u) => Fact::summed("zero_gradient", *u, "the first that is not 0"),
            None => Fact::exact("zero_gradient", 0.0, "θ stays where it is"),
        },
    ]
}

/// Updates of a coordinate whose gradients are given, by the number of steps before.
pub fn updates(rule: &dyn Optimizer, gradient: &dyn Fn(usize) -> f64, steps: usize) -> Vec<f64> {
    let mut trajectory = Trajectory::new(vec![rule.group(vec![0])]);
    let mut theta = [0.0];
    let step = |t: usize| {
        let before = theta[0];
        trajectory.step(&mut theta, &[gradient(t)]);
        before - theta[0]
    };
    (0..steps).map(step).collect()
}

/// The sum of what fades.
fn faded(updates: &[f64]) -> Option<f64> {
    let quiet = updates.iter().rev().take_while(|u| u.abs() < FADED).count();
    (quiet >= QUIET).then(|| updates.iter().sum())
}

fn steady(step: &[f64]) -> Fact {
    let (last, before) = (step[LONG - 1], step[LONG / 2]);
    // A part in 10⁶ of what is left.
    if (last - before).abs() <= 1e-6 * last.abs() {
        return Fact::summed("steady_update", last, "after 20,000 steps");
    }
    Fact::none("steady_update", "it has not settled after 20,000 steps")
}

fn degree(rule: &dyn Optimizer) -> Fact {
    let why = match degrees(rule) {
        Some([low, high]) if high - low <= SAME => {
            let own = (0.5 * (low + high) / SAME).round() * SAME;
            return Fact::summed(
                "degree",
                own,
                "paths of gradients of sizes 1/64, 1 and 64, and four times them",
            );
        }
        Some([low, high]) => format!(
            "no power: from {low:.3} to {high:.3} along paths of gradients of sizes 1/64, 1 and 64, and four times them"
        ),
        None if rule.sees() => SEES.into(),
        None => "none: it does not move, or its updates are no numbers".into(),
    };
    Fact::none("degree", &why)
}

/// How many numbers change the updates that follow, when they are changed themselves.
fn memory(subject: &Subject, rule: &dyn Optimizer) -> Fact {
    const STEPS: usize = 24;
    if let Some(linear) = subject.linear {
        let how = "rank of the Hankel matrix of its impulse response";
        return Fact::exact("memory", super::exact::order(&linear.filter()), how);
    }
    let gradient = |t: usize| (1.0 + 2.3 * t as f64).sin();
    let mut trajectory = Trajectory::new(vec![rule.group(vec![0])]);
    let mut theta = [0.0];
    (0..STEPS).for_each(|t| trajectory.step(&mut theta, &[gradient(t)]));
    let (memory, taken) = (trajectory.memory(), trajectory.taken());
    let onwards = |memory: &[f64]| -> Option<Vec<f64>> {
        let mut trajectory = Trajectory::new(vec![rule.group(vec![0])]);
        trajectory.resume(taken, memory)?;
        let mut theta = theta;
        let step = |t: usize| {
            trajectory.step(&mut theta, &[gradient(STEPS + t)]);
            theta[0]
        };
        Some((0..STEPS).map(step).collect())
    };
    let changes = |k: &usize| {
        let mut changed = memory.clone();
        changed[*k] = 1.5 * changed[*k] + 0.1;
        onwards(&changed) != onwards(&memory)
    };
    let count = (0..memory.len()).filter(changes).count();
    Fact::exact(
        "memory",
        count as f64,
        "each changed, and what follows looked at",
    )
}
