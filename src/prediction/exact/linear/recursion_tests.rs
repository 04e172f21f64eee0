//! Tests of the recursion: against closed forms, against steps taken one by one, and between rules.

use super::super::step::LinearStep;
use super::super::{LinearRule, gamma};
use super::*;

fn close(value: f64, expected: f64, relative: f64) {
    assert!(
        (value / expected - 1.0).abs() < relative,
        "{value} {expected}"
    );
}

/// Var θ and Var m of each rule on ½hθ², solved by hand from their ARMA form.
fn closed_form(rule: LinearRule, eta: f64, h: f64, s2: f64) -> (f64, Option<f64>) {
    let ball = |alpha: f64, b: f64| {
        alpha * (1.0 + b) * s2 / ((1.0 - b) * h * (2.0 * (1.0 + b) - alpha * h))
    };
    match rule {
        LinearRule::Sgd => (eta * s2 / (h * (2.0 - eta * h)), None),
        LinearRule::Sgdm { beta1 } => (ball(eta * (1.0 - beta1), beta1), None),
        LinearRule::HeavyBall { beta1, beta3 } => (ball(eta * beta3, beta1), None),
        LinearRule::Torch { mu: 0.0, .. } => (ball(eta, 0.0), None),
        LinearRule::Torch { mu, tau, .. } => (ball(eta * (1.0 - tau), mu), None),
        LinearRule::TwoBatch { beta0 } => (
            gamma(beta0).value() * eta * s2 / (h * (2.0 - eta * h)),
            None,
        ),
        LinearRule::Pnm { beta1, beta0 } => {
            let (e, q) = (eta / gamma(beta0).sqrt().value(), beta1 * beta1);
            let u = e * h;
            let pair = (1.0 + q) + u * (beta0 * (1.0 + q) + q);
            let alternating = 2.0 - (1.0 + 2.0 * beta0) * u;
            let top =
                (1.0 + q) + u * (2.0 * beta0 * beta0 * (1.0 - q) + beta0 * (1.0 - 3.0 * q) - q);
            (
                e * s2 * top / (h * alternating * pair),
                Some(2.0 * s2 * (1.0 - q) / (alternating * pair)),
            )
        }
        LinearRule::Derived(_) => unreachable!("it has no closed form"),
    }
}

#[test]
fn stationary_variances_are_the_closed_forms() {
    let mut rules = vec![LinearRule::Sgd];
    for beta1 in [0.0, 0.5, 0.9, 0.99] {
        rules.push(LinearRule::Sgdm { beta1 });
        for beta3 in [1.0 - beta1, 1.0] {
            rules.push(LinearRule::HeavyBall { beta1, beta3 });
        }
        rules.push(LinearRule::Torch {
            mu: beta1,
            tau: 0.3,
            nesterov: false,
        });
        for beta0 in [-0.5, 0.0, 1.0, 2.0] {
            rules.push(LinearRule::Pnm { beta1, beta0 });
            rules.push(LinearRule::TwoBatch { beta0 });
        }
    }
    for eta in [1e-7, 1e-4, 1e-2, 0.1] {
        for h in [0.1, 1.0, 10.0] {
            for &rule in &rules {
                if eta * h >= rule.stability_limit() {
                    continue;
                }
                let law = Recursion::scalar(rule, eta, h, 0.7).unwrap();
                let law = law.stationary().unwrap();
                let (theta, momentum) = closed_form(rule, eta, h, 0.7);
                // A hundred roundings, and the closed form's own near the edge of stability.
                close(law.theta[(0, 0)], theta, 2e-13);
                if let Some(momentum) = momentum {
                    close(law.momentum[(0, 0)], momentum, 2e-13);
                }
            }
        }
    }
}

#[test]
fn pnm_with_the_right_beta0_is_an_average() {
    // β₀ = −β₁/(1 + β₁) and η√γ: the same law at every step from zero memory.
    for beta1 in [0.3, 0.9, 0.99] {
        let beta0 = -beta1 / (1.0 + beta1);
        let pnm = LinearRule::Pnm { beta1, beta0 };
        let pnm = Recursion::scalar(pnm, 0.1 * gamma(beta0).sqrt().value(), 2.0, 0.5).unwrap();
        let average = Recursion::scalar(LinearRule::Sgdm { beta1 }, 0.1, 2.0, 0.5).unwrap();
        for steps in [0, 1, 2, 3, 10, 501] {
            let a = pnm.after(steps, &[1.5], Memory::Zero).unwrap();
            let b = average.after(steps, &[1.5], Memory::Zero).unwrap();
            assert!((a.mean[0] - b.mean[0]).abs() < 2e-15, "{steps}");
            assert!((a.covariance[0] - b.covariance[0]).abs() < 1e-15, "{steps}");
        }
    }
}

#[test]
fn torch_takes_its_first_gradient_whole() {
    // b₁ = g₁, then b ← μb + (1 − τ)g: three steps by hand from θ = 1 without noise, h = 2, η = 0.1.
    let rule = |nesterov| LinearRule::Torch {
        mu: 0.5,
        tau: 0.25,
        nesterov,
    };
    for nesterov in [false, true] {
        let (mut theta, mut b) = (1.0, 0.0);
        for step in 0..3 {
            let g = 2.0 * theta;
            b = if step == 0 { g } else { 0.5 * b + 0.75 * g };
            theta -= 0.1 * if nesterov { g + 0.5 * b } else { b };
        }
        let recursion = Recursion::scalar(rule(nesterov), 0.1, 2.0, 1.0).unwrap();
        let law = recursion.after(3, &[1.0], Memory::Zero).unwrap();
        assert!((law.mean[0] - theta).abs() < 1e-15);
        // From a settled memory the first step is like every other.
        let (mut theta, mut b) = (1.0, 0.75 * 2.0 / 0.5);
        for _ in 0..3 {
            let g = 2.0 * theta;
            b = 0.5 * b + 0.75 * g;
            theta -= 0.1 * if nesterov { g + 0.5 * b } else { b };
        }
        let law = recursion.after(3, &[1.0], Memory::Gradient).unwrap();
        assert!((law.mean[0] - theta).abs() < 1e-15);
    }
    // Without a buffer it is SGD.
    let none = LinearRule::Torch {
        mu: 0.0,
        tau: 0.9,
        nesterov: true,
    };
    let sgd = Recursion::scalar(LinearRule::Sgd, 0.1, 2.0, 1.0).unwrap();
    let none = Recursion::scalar(none, 0.1, 2.0, 1.0).unwrap();
    for memory in [Memory::Zero, Memory::Stationary] {
        let a = none.after(7, &[1.0], memory).unwrap();
        let b = sgd.after(7, &[1.0], memory).unwrap();
        assert!((a.mean[0] - b.mean[0]).abs() < 1e-15);
        assert!((a.covariance[0] - b.covariance[0]).abs() < 1e-15);
    }
}

#[test]
fn a_settled_memory_stays_settled() {
    // On a flat direction the memory's law is that of the start after any number of steps.
    let rule = LinearRule::Pnm {
        beta1: 0.8,
        beta0: 1.5,
    };
    let recursion = Recursion::scalar(rule, 0.1, 0.0, 2.0).unwrap();
    let start = recursion.start(&[3.0], Memory::Stationary).unwrap();
    let later = recursion.carried(5, &start);
    let slots = |law: &Law| [1, 2].map(|i| recursion.modes.slot(&law.covariances, i)[0]);
    for (a, b) in slots(&start).into_iter().zip(slots(&later)) {
        assert!((a - b).abs() < 1e-15);
    }
    close(slots(&start)[1], 2.0 * 0.36 / 1.64, 1e-14);
}

#[test]
fn end_points_of_a_walk() {
    // Wang et al. 2024, section 4.1: gradients N(c, s2), that is h = 0; in units of η² s2,
    // n − 2b(1 − bⁿ)/(1 − b²) from stationary momentum, and from zero momentum
    // n − 2b(1 − bⁿ)/(1 − b) + b²(1 − b²ⁿ)/(1 − b²).
    for (beta1, table) in [
        (
            0.9,
            [
                5.2631578947e-4,
                3.8295852220e-2,
                9.0526567424e-1,
                9.9052631579,
            ],
        ),
        (
            0.99,
            [
                5.0251256281e-5,
                4.8625670942e-3,
                3.6921810840e-1,
                9.0050680799,
            ],
        ),
    ] {
        let walk = Recursion::scalar(LinearRule::Sgdm { beta1 }, 0.1, 0.0, 1.0).unwrap();
        for (n, expected) in [1, 10, 100, 1000].into_iter().zip(table) {
            let after = |memory| walk.after(n, &[0.0], memory).unwrap().covariance[0];
            let b: f64 = beta1;
            let steps = n as f64;
            let power = b.powf(steps);
            let settled = steps - 2.0 * b * (1.0 - power) / (1.0 - b * b);
            close(after(Memory::Stationary), 0.01 * settled, 2e-12);
            close(after(Memory::Stationary), expected, 5.1e-11);
            let from_rest = steps - 2.0 * b * (1.0 - power) / (1.0 - b)
                + b * b * (1.0 - power * power) / (1.0 - b * b);
            // The closed form cancels: 1000 of 1 for n = 1.
            close(after(Memory::Zero), 0.01 * from_rest, 2e-11);
        }
    }
    // The deficit from zero momentum tends to 2b/(1 − b) − b²/(1 − b²) = 13.74 at b = 0.9.
    let walk = Recursion::scalar(LinearRule::Sgdm { beta1: 0.9 }, 1.0, 0.0, 1.0).unwrap();
    let end = walk.after(10_000, &[0.0], Memory::Zero).unwrap().covariance[0];
    assert!((10_000.0 - end - 13.7368421).abs() < 1e-6);
}

#[test]
fn dimensions_and_starts_are_checked() {
    let optimizer = LinearOptimizer::uniform(LinearRule::Sgd, 2).unwrap();
    let one = Quadratic::scalar(1.0, 1.0).unwrap();
    assert!(Recursion::new(&optimizer, 0.1, &one).is_err());
    assert!(Recursion::scalar(LinearRule::Sgd, 0.0, 1.0, 1.0).is_err());
    let recursion = Recursion::scalar(LinearRule::Sgd, 0.1, 1.0, 1.0).unwrap();
    assert!(recursion.after(3, &[1.0, 2.0], Memory::Zero).is_err());
    assert!(recursion.after(3, &[f64::NAN], Memory::Zero).is_err());
    assert!(
        Recursion::scalar(LinearRule::Sgd, 2.0, 1.0, 1.0)
            .unwrap()
            .stationary()
            .is_none()
    );
}

/// H and C of `d` coordinates that do not commute, made of sines.
fn tangled(d: usize) -> Quadratic {
    let wave = |k: f64| {
        DMatrix::from_fn(d, d, |i, j| {
            (k + 1.7 * i as f64 + 0.9 * (j * j) as f64).sin()
        })
    };
    let square = |m: DMatrix<f64>| &m * m.transpose() / d as f64;
    let hessian = square(wave(0.3)) + DMatrix::identity(d, d) * 0.2;
    Quadratic::new(hessian, square(wave(2.0))).unwrap()
}

/// The law in the axes of H against that of all coordinates at once, which is composed from D and Q as they stand.
#[test]
fn the_axes_of_the_hessian_do_not_change_the_law() {
    let rules = [
        LinearRule::Sgd,
        LinearRule::Sgdm { beta1: 0.9 },
        LinearRule::Torch {
            mu: 0.8,
            tau: 0.1,
            nesterov: true,
        },
        LinearRule::Pnm {
            beta1: 0.8,
            beta0: 1.0,
        },
    ];
    let quadratic = tangled(6);
    let p = [0.5, 2.0, 1.0, 3.0, 0.7, 1.3];
    for rule in rules {
        for optimizer in [
            LinearOptimizer::uniform(rule, 6).unwrap(),
            LinearOptimizer::preconditioned(rule, &p)
                .unwrap()
                .decoupled(0.3),
        ] {
            let recursion = Recursion::new(&optimizer, 0.05, &quadratic).unwrap();
            assert_eq!(recursion.modes.blocks.len(), 6);
            let coordinates: Vec<(Filter, f64)> = optimizer
                .coordinates()
                .iter()
                .map(|(rule, p)| (rule.filter(), 0.05 * p * rule.filter().gain))
                .collect();
            let whole = assemble(&coordinates, quadratic.hessian(), 0.05 * optimizer.pull());
            let step = LinearStep {
                noise: &whole.entry * quadratic.noise() * whole.entry.transpose(),
                change: whole.change,
            };
            let expected = step.stationary().unwrap();
            let law = recursion.stationary().unwrap();
            let last = expected.nrows() - 6;
            for (found, first) in [(&law.theta, 0), (&law.momentum, last)] {
                let expected = expected.view((first, first), (6, 6)).into_owned();
                assert!(
                    (found - &expected).amax() < 1e-12 * expected.amax(),
                    "{rule:?}"
                );
            }
            let start = [1.0, -2.0, 0.5, 0.0, 3.0, 1.0];
            for memory in [Memory::Gradient, Memory::Stationary] {
                let law = recursion.after(37, &start, memory).unwrap();
                let mut z = Gaussian::at(DVector::zeros(step.change.nrows()));
                z.mean.rows_mut(0, 6).copy_from_slice(&start);
                let own = LinearStep {
                    change: step.change.view_range(6.., 6..).into_owned(),
                    noise: step.noise.view_range(6.., 6..).into_owned(),
                };
                let drive = step.change.view_range(6.., ..6) * z.mean.rows(0, 6);
                let settled = (-&own.change).lu().solve(&drive).unwrap();
                z.mean.rows_range_mut(6..).copy_from(&settled);
                if memory == Memory::Stationary {
                    z.covariance
                        .view_range_mut(6.., 6..)
                        .copy_from(&own.stationary().unwrap());
                }
                let expected = step.times(37).apply(&z);
                let mean = expected.mean.rows(0, 6) - &law.mean;
                assert!(mean.amax() < 1e-12, "{rule:?} {memory:?}");
                let own = expected.covariance.view((0, 0), (6, 6)).into_owned();
                assert!((&own - &law.covariance).amax() < 1e-12 * own.amax());
            }
            assert!(
                (recursion.growth() - step.growth()).abs() < 1e-12,
                "{rule:?}"
            );
        }
    }
    // Inertia that differs from coordinate to coordinate has no such axes.
    let adai = LinearOptimizer::frozen_inertia(&[0.9, 0.5, 0.1, 0.99, 0.7, 0.0]).unwrap();
    let recursion = Recursion::new(&adai, 0.05, &quadratic).unwrap();
    assert_eq!(recursion.modes.blocks.len(), 1);
}

/// At a saddle, with h = −a < 0 and ηa far below ε: to first order in ηa every rule whose averages have weight 1 grows
/// by ηa times its gain; the next term is (ηa)² times the length of its memory.
#[test]
fn growth_below_the_rounding_of_one_keeps_its_digits() {
    for ea in [1e-9, 1e-17, 3e-30, 1e-200] {
        for (rule, gain) in [
            (LinearRule::Sgd, 1.0),
            (LinearRule::Sgdm { beta1: 0.9 }, 1.0),
            (
                LinearRule::HeavyBall {
                    beta1: 0.9,
                    beta3: 1.0,
                },
                10.0,
            ),
            (
                LinearRule::Torch {
                    mu: 0.5,
                    tau: 0.0,
                    nesterov: true,
                },
                2.0,
            ),
            (
                LinearRule::Pnm {
                    beta1: 0.9,
                    beta0: 1.0,
                },
                1.0 / 5f64.sqrt(),
            ),
        ] {
            let recursion = Recursion::scalar(rule, 1.0, -ea, 1.0).unwrap();
            close(recursion.growth(), gain * ea, 1e-12 + 200.0 * ea);
            // In several directions the steepest wins, whatever the axes.
            let turn = DMatrix::from_row_slice(2, 2, &[0.6, -0.8, 0.8, 0.6]);
            let h = DMatrix::from_diagonal(&DVector::from_vec(vec![-ea, -0.5 * ea]));
            let turned = &turn * h * turn.transpose();
            let quadratic = Quadratic::new(turned, DMatrix::identity(2, 2)).unwrap();
            let optimizer = LinearOptimizer::uniform(rule, 2).unwrap();
            let recursion = Recursion::new(&optimizer, 1.0, &quadratic).unwrap();
            close(recursion.growth(), gain * ea, 1e-12 + 200.0 * ea);
        }
    }
    // One block: averages of several lengths on a Hessian that is not diagonal, of which −1 is the only eigenvalue below 0.
    let h = DMatrix::from_row_slice(3, 3, &[0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 2.0]);
    for ea in [1e-9, 1e-17, 1e-200] {
        let quadratic = Quadratic::new(&h * ea, DMatrix::identity(3, 3)).unwrap();
        let adai = LinearOptimizer::frozen_inertia(&[0.9, 0.5, 0.1]).unwrap();
        let recursion = Recursion::new(&adai, 1.0, &quadratic).unwrap();
        assert_eq!(recursion.modes.blocks.len(), 1);
        close(recursion.growth(), ea, 1e-12 + 200.0 * ea);
    }
    // A^(k+1) = 0.
    let gone = Recursion::scalar(LinearRule::Sgd, 0.5, 2.0, 1.0).unwrap();
    assert_eq!((gone.growth(), gone.order()), (f64::NEG_INFINITY, 1));
}

/// d = 200 costs 200 blocks of a few numbers each, θ and what a coordinate remembers, with one decomposition of H: O(d³).
/// What settles fulfils Σ = (I − ηH)Σ(I − ηH) + η²C for SGD, which no block is asked for.
#[test]
fn two_hundred_coordinates_are_two_hundred_blocks() {
    let (d, eta) = (200, 0.01);
    let quadratic = tangled(d);
    for rule in [
        LinearRule::Sgd,
        LinearRule::Sgdm { beta1: 0.9 },
        LinearRule::Pnm {
            beta1: 0.9,
            beta0: 1.0,
        },
    ] {
        let optimizer = LinearOptimizer::uniform(rule, d).unwrap();
        let recursion = Recursion::new(&optimizer, eta, &quadratic).unwrap();
        let blocks = &recursion.modes.blocks;
        assert_eq!(blocks.len(), d);
        let largest = blocks.iter().map(|block| block.change.nrows()).max();
        assert!(largest <= Some(4), "{rule:?}: {largest:?}");
        let law = recursion.stationary().unwrap();
        if rule == LinearRule::Sgd {
            let step = DMatrix::identity(d, d) - quadratic.hessian() * eta;
            let again = &step * &law.theta * &step + quadratic.noise() * (eta * eta);
            assert!((again - &law.theta).amax() < 1e-12 * law.theta.amax());
        }
    }
}
