//! Training: the same trajectory on tensors and on plain numbers, whatever runs beside it, and after a restart.

use kramers::network::convert::{numbers, tensor};
use kramers::network::minibatch::{Draw, Minibatches};
use kramers::network::model::Statistics;
use kramers::network::objective::Objective;
use kramers::network::set::Examples;
use kramers::network::tch::Tensor;
use kramers::network::training::{Gradient, Training};
use kramers::simulation::optimizer::registry::find;
use kramers::simulation::optimizer::trajectory::Trajectory;
use kramers::simulation::optimizer::{Optimizer, Values};
use kramers::simulation::random::Stream;

use super::{small, start};

fn rule(name: &str) -> Box<dyn Optimizer> {
    let entry = find(name).unwrap();
    (entry.build)(&Values::defaults(entry, 0.05))
}

fn training<'a>(
    objective: &'a Objective,
    examples: Examples,
    rule: &dyn Optimizer,
    members: &[u64],
) -> Training<'a> {
    let batches = Minibatches::new(examples, Draw::Epochs(7), Stream::new(9, 0), members);
    let theta = start(objective, members);
    Training::new(objective, rule, batches, Gradient::Plain, theta).unwrap()
}

/// 30 steps of minibatches by tensors, and by plain numbers given the same gradients: apart by rounding only, for
/// every rule. 1e-10 of 1 + |θ| leaves room for the few hundred roundings of a rule that divides by small numbers.
#[test]
fn every_rule_trains_alike_on_tensors_and_on_plain_numbers() {
    let (objective, examples) = small(0.0, 50);
    for entry in kramers::simulation::optimizer::registry::ENTRIES {
        let optimizer = rule(entry.name);
        let mut on_tensors = training(&objective, examples.member(0), &*optimizer, &[3]);
        let mut theta = numbers(on_tensors.theta());
        let all = (0..theta.len()).collect();
        let mut plain = Trajectory::new(vec![optimizer.group(all)]);
        for step in 0..30 {
            let batch = on_tensors.batches.batch(step);
            let at = tensor(&theta, &[1, 722], on_tensors.theta());
            let gradient = objective.gradient(&at, &batch, &Statistics::default());
            plain.step(&mut theta, &numbers(&gradient));
            on_tensors.step();
        }
        for (a, b) in numbers(on_tensors.theta()).iter().zip(&theta) {
            let gap = (a - b).abs() / (1.0 + b.abs());
            assert!(gap < 1e-10, "{}: {gap:e}", entry.name);
        }
    }
}

#[test]
fn training_brings_the_loss_down() {
    let (objective, examples) = small(0.0, 300);
    let first = examples.member(0);
    let optimizer = rule("sgdm");
    let mut training = training(&objective, examples, &*optimizer, &[0, 1]);
    let loss = |theta: &Tensor| {
        objective
            .evaluate(theta, &first, &Statistics::default(), 64)
            .loss
    };
    let before = loss(training.theta());
    for _ in 0..1500 {
        training.step();
    }
    for (before, after) in before.iter().zip(loss(training.theta())) {
        assert!(after < 0.5 * before, "{before} {after}");
    }
}

/// Two members side by side, and each alone: 1e-9 of θ after 40 steps, which differ by the order of summation in the
/// library's kernels at most.
#[test]
fn neighbours_make_no_difference() {
    let (objective, examples) = small(0.0, 50);
    let optimizer = rule("adam");
    let run = |members: &[u64]| {
        let mut training = training(&objective, examples.member(0), &*optimizer, members);
        for _ in 0..40 {
            training.step();
        }
        numbers(training.theta())
    };
    let alone = [run(&[4]), run(&[8])].concat();
    for (a, b) in run(&[4, 8]).iter().zip(&alone) {
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }
}

/// A training that was kept and taken up again ends at the very bits of one that never stopped: for a rule with memory
/// of every kind, and with batch normalisation.
#[test]
fn a_training_taken_up_again_is_the_same_to_the_bit() {
    let (objective, examples) = small(0.0, 50);
    for name in ["sgd", "pnm", "adam", "adai", "amsgrad"] {
        let optimizer = rule(name);
        let begin = || training(&objective, examples.member(0), &*optimizer, &[1, 2]);
        let mut whole = begin();
        for _ in 0..11 {
            whole.step();
        }
        let state = whole.state().unwrap();
        for _ in 0..12 {
            whole.step();
        }
        let mut rest = begin();
        rest.resume(&state).unwrap();
        assert_eq!(rest.taken(), 11);
        for _ in 0..12 {
            rest.step();
        }
        let bits = |t: &Training<'_>| {
            numbers(t.theta())
                .iter()
                .map(|x| x.to_bits())
                .collect::<Vec<_>>()
        };
        assert_eq!(bits(&whole), bits(&rest), "{name}");
        let other = rule("heavy-ball");
        let mut other = training(&objective, examples.member(0), &*other, &[1]);
        assert!(other.resume(&state).unwrap_err().contains("another"));
        assert!(other.resume(&[1, 2, 3]).is_err());
    }
}

/// SVAG's weights: they add up to 1, and their squares to l.
#[test]
fn svag_keeps_the_mean_and_scales_the_covariance() {
    let (objective, examples) = small(0.0, 60);
    let optimizer = rule("sgd");
    let members = [0];
    for l in [1.0, 2.0, 8.0] {
        let batches = Minibatches::new(
            examples.member(0),
            Draw::Anew(5),
            Stream::new(9, 0),
            &members,
        );
        let theta = start(&objective, &members);
        let mut training =
            Training::new(&objective, &*optimizer, batches, Gradient::Svag(l), theta).unwrap();
        let before = training.theta().shallow_clone();
        let root: f64 = (2.0 * l - 1.0_f64).sqrt();
        let weights = [0.5 * (1.0 + root), 0.5 * (1.0 - root)];
        assert!((weights[0].powi(2) + weights[1].powi(2) - l).abs() < 1e-14);
        let mut expected = before.zeros_like();
        for (turn, weight) in weights.into_iter().enumerate() {
            let batch = training.batches.batch(turn as u64);
            expected += objective.gradient(&before, &batch, &Statistics::default()) * weight;
        }
        training.step();
        let moved = (&before - training.theta()) / 0.05;
        assert!((moved - expected).abs().max().double_value(&[]) < 1e-12);
    }
}
