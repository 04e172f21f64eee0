//! Gradients that are exactly zero, and rules that become one another.

use kramers::simulation::optimizer::{adai::Adai, adam::Adam, pnm::Pnm, sgdm::Sgdm};

use super::{Moving, block, noise};

const START: [f64; 3] = [1.0, -2.0, 0.5];
const LANES: usize = 9;

#[test]
fn adai_stays_in_place_while_every_gradient_is_zero() {
    for epsilon in [1e-3, 0.0] {
        let rule = block(
            Adai {
                beta0: 0.1,
                beta2: 0.99,
                epsilon,
            },
            0.1,
        );
        let mut moving = Moving::new(&rule, &START, LANES);
        let start = moving.theta.clone();
        for _ in 0..100 {
            moving.step(&[0.0; 3 * LANES]);
            assert_eq!(moving.theta, start);
            assert!(moving.memory.iter().all(|x| x.is_finite()));
        }
        // And moves, finitely, once there is one.
        for gradient in noise(3, LANES, 20) {
            moving.step(&gradient);
            assert!(moving.theta.iter().all(|x| x.is_finite()));
        }
        assert!(moving.theta.iter().zip(&start).all(|(x, y)| x != y));
    }
}

/// A coordinate whose gradient is always 0 has v̂ = 0, so β₁ = 1 − ε and m = 0: with ε = 0 that is 0/0,
/// and no step.
#[test]
fn a_component_without_gradient_stays_and_the_others_move() {
    let adai = block(
        Adai {
            beta0: 0.1,
            beta2: 0.99,
            epsilon: 0.0,
        },
        0.1,
    );
    let adam = block(
        Adam {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 0.0,
            amsgrad: false,
        },
        0.1,
    );
    for mut moving in [
        Moving::new(&adai, &START, LANES),
        Moving::new(&adam, &START, LANES),
    ] {
        for mut gradient in noise(3, LANES, 60) {
            gradient[LANES..2 * LANES].fill(0.0);
            moving.step(&gradient);
            assert!(moving.theta.iter().all(|x| x.is_finite()));
            assert!(
                moving.theta[LANES..2 * LANES]
                    .iter()
                    .all(|x| *x == START[1])
            );
        }
        assert!(moving.theta[..LANES].iter().all(|x| *x != START[0]));
    }
}

/// β₀ = −β₁/(1 + β₁) interleaves the two averages of PNM into one: SGDM at η, where PNM has η√γ and
/// γ = (1 + β₀)² + β₀². Rounding only: 100 steps of 1e-16 each, relative to 1 + |θ|.
#[test]
fn pnm_contains_sgdm() {
    for beta1 in [0.0, 0.5, 0.9, 0.99] {
        let beta0 = -beta1 / (1.0 + beta1);
        let gamma: f64 = (1.0 + beta0) * (1.0 + beta0) + beta0 * beta0;
        let (pnm, sgdm) = (
            block(Pnm { beta1, beta0 }, 0.1 * gamma.sqrt()),
            block(Sgdm { beta1 }, 0.1),
        );
        let (mut left, mut right) = (
            Moving::new(&pnm, &START, LANES),
            Moving::new(&sgdm, &START, LANES),
        );
        for gradient in noise(3, LANES, 100) {
            left.step(&gradient);
            right.step(&gradient);
            for (x, y) in left.theta.iter().zip(&right.theta) {
                assert!(
                    (x - y).abs() <= 1e-14 * (1.0 + y.abs()),
                    "β₁ = {beta1}: {x} {y}"
                );
            }
        }
        assert!(left.theta != Moving::new(&pnm, &START, LANES).theta);
    }
}
