//! Gradients that are zero, tiny or huge; decays of 0 and next to 1; a learning rate of 0.

use kramers::simulation::optimizer::entry::is_decay;
use kramers::simulation::optimizer::registry::ENTRIES;
use kramers::simulation::optimizer::{Entry, Values};

use super::{Moving, noise, values};

const START: [f64; 3] = [1.0, -2.0, 0.5];
const LANES: usize = 9;

/// The entry's defaults without weight decay, its averages starting at 0.
fn undecayed(entry: &Entry, eta: f64) -> Values {
    let mut v = values(entry, eta, &[]);
    for (key, value) in &mut v.numbers {
        if is_decay(key) || key.ends_with("_init") {
            *value = 0.0;
        }
    }
    v
}

/// With and without ε.
fn with_and_without_epsilon(v: &Values) -> Vec<Values> {
    let mut all = vec![v.clone()];
    if v.numbers.contains_key("epsilon") {
        all.push(v.clone().with("epsilon", 0.0));
    }
    all
}

#[test]
fn nothing_moves_while_every_gradient_is_zero() {
    for entry in ENTRIES {
        for v in with_and_without_epsilon(&undecayed(entry, 0.1)) {
            let mut moving = Moving::new((entry.build)(&v), &START, LANES);
            let start = moving.theta.clone();
            for _ in 0..100 {
                moving.step(&[0.0; 3 * LANES]);
                assert_eq!(moving.theta, start, "{} {v:?}", entry.name);
            }
            // And moves, finitely, once there is one.
            for gradient in noise(3, LANES, 20) {
                moving.step(&gradient);
                let finite = moving.theta.iter().all(|x| x.is_finite());
                assert!(finite, "{} {v:?}", entry.name);
            }
            let moved = moving.theta.iter().zip(&start).all(|(x, y)| x != y);
            assert!(moved, "{} {v:?}", entry.name);
        }
    }
}

/// With ε = 0 such a coordinate is 0/0 in most rules, which is no step.
#[test]
fn a_component_without_gradient_stays_and_the_others_move() {
    for entry in ENTRIES {
        for v in with_and_without_epsilon(&undecayed(entry, 0.1)) {
            let mut moving = Moving::new((entry.build)(&v), &START, LANES);
            for mut gradient in noise(3, LANES, 60) {
                gradient[LANES..2 * LANES].fill(0.0);
                moving.step(&gradient);
                let case = format!("{} {v:?}", entry.name);
                assert!(moving.theta.iter().all(|x| x.is_finite()), "{case}");
                let still = &moving.theta[LANES..2 * LANES];
                assert!(still.iter().all(|x| *x == START[1]), "{case}");
            }
            assert!(moving.theta[..LANES].iter().all(|x| *x != START[0]));
        }
    }
}

/// At 1e-162 the square of a gradient is subnormal, at 1e-200 it is 0.
#[test]
fn tiny_gradients_give_finite_steps() {
    for entry in ENTRIES {
        for v in with_and_without_epsilon(&undecayed(entry, 0.1)) {
            for size in [1e-155, 1e-162, 1e-200, 1e-310] {
                let mut moving = Moving::new((entry.build)(&v), &START, LANES);
                for gradient in noise(3, LANES, 60) {
                    let tiny: Vec<f64> = gradient.iter().map(|g| g * size).collect();
                    moving.step(&tiny);
                    let finite = moving.theta.iter().all(|x| x.is_finite());
                    assert!(finite, "{} {v:?} at {size:e}", entry.name);
                }
            }
        }
    }
}

#[test]
fn decays_of_zero_and_next_to_one_give_finite_steps() {
    for entry in ENTRIES {
        let plain = undecayed(entry, 0.01);
        for key in ["beta1", "beta2", "alpha", "mu"] {
            let Some(parameter) = entry.parameters.iter().find(|p| p.name == key) else {
                continue;
            };
            for value in [parameter.low, parameter.high] {
                let v = plain.clone().with(key, value);
                let mut moving = Moving::new((entry.build)(&v), &START, LANES);
                for gradient in noise(3, LANES, 60) {
                    moving.step(&gradient);
                    let finite = moving.theta.iter().all(|x| x.is_finite());
                    assert!(finite, "{} {key} = {value}", entry.name);
                }
            }
        }
    }
}

/// AdaBound moves at η = 0 all the same: its rates are clipped to a lower bound that is made of α*.
#[test]
fn a_learning_rate_of_zero_moves_nothing() {
    for entry in ENTRIES {
        let v = undecayed(entry, 0.0);
        let mut moving = Moving::new((entry.build)(&v), &START, LANES);
        let start = moving.theta.clone();
        for gradient in noise(3, LANES, 20) {
            moving.step(&gradient);
        }
        let bounded_below = entry.name.starts_with("adabound");
        assert_eq!(moving.theta != start, bounded_below, "{}", entry.name);
    }
}

/// One particle meets a gradient of 1e200, whose square is infinite, in one step. It must be seen to
/// diverge or go on finitely, and the particles beside it must not notice.
#[test]
fn a_huge_gradient_stays_with_its_particle() {
    for entry in ENTRIES {
        let v = undecayed(entry, 0.01);
        let mut moving = Moving::new((entry.build)(&v), &START, LANES);
        let mut calm = Moving::new((entry.build)(&v), &START, LANES);
        for (t, gradient) in noise(3, LANES, 60).iter().enumerate() {
            let mut huge = gradient.clone();
            if t == 20 {
                huge[LANES + 4] = 1e200;
            }
            moving.step(&huge);
            calm.step(gradient);
        }
        for (k, (x, y)) in moving.theta.iter().zip(&calm.theta).enumerate() {
            if k % LANES != 4 {
                assert_eq!(x.to_bits(), y.to_bits(), "{}", entry.name);
            }
        }
        let struck: Vec<f64> = (0..3).map(|i| moving.theta[i * LANES + 4]).collect();
        // A second moment that overflows makes the particle not finite, so that it counts as diverged. Rules without
        // one take it far away, AdaBound by its least rate; Yogi's, moved by ±(1 − β₂)g², stays infinite and holds it.
        let averages_squares = ["beta2", "alpha"]
            .iter()
            .any(|key| v.numbers.contains_key(*key));
        let bounded = ["yogi", "adabound"]
            .iter()
            .any(|name| entry.name.starts_with(name));
        let diverges = averages_squares && !bounded;
        let finite = struck.iter().all(|x| x.is_finite());
        assert_eq!(finite, !diverges, "{}: {struck:?}", entry.name);
    }
}
