//! Spreading on a saddle to its printed digits: SGD, momentum, Adam and Adai, and their diffusions.

use nalgebra::DMatrix;

use super::super::{Langevin, OrnsteinUhlenbeck, Velocity};
use super::{LinearOptimizer, LinearRule, Memory, Quadratic, Recursion, adai_inertia};
use crate::printed::printed;

/// ⟨θ²⟩ after `steps` steps from θ = 0 at H = −a, C = a.
fn spread(rule: LinearRule, eta: f64, a: f64, steps: u64, memory: Memory) -> f64 {
    let recursion = Recursion::scalar(rule, eta, -a, a).unwrap();
    recursion.after(steps, &[0.0], memory).unwrap().covariance[0]
}

#[test]
fn sgd_and_its_diffusion() {
    for (eta, a, steps, exact, sde, ratio, first_order) in [
        (
            0.01,
            0.1,
            100,
            1.1058506014e-03,
            1.1070137908e-03,
            1.00105,
            0.90428,
        ),
        (
            0.01,
            0.1,
            1000,
            3.1892432052e-02,
            3.1945280495e-02,
            1.00166,
            0.31355,
        ),
        (
            0.1,
            1.0,
            10,
            2.7273809283e-01,
            3.1945280495e-01,
            1.17128,
            0.36665,
        ),
        (
            0.1,
            1.0,
            100,
            9.0431083553e+06,
            2.4258259720e+07,
            2.68251,
            0.0,
        ),
        (
            0.01,
            10.0,
            50,
            6.5617201618e+01,
            1.1012732897e+02,
            1.67833,
            0.0,
        ),
    ] {
        let value = spread(LinearRule::Sgd, eta, a, steps, Memory::Zero);
        printed(value, exact, 11);
        let saddle = Quadratic::scalar(-a, a).unwrap();
        let t = eta * steps as f64;
        let diffusion = OrnsteinUhlenbeck::new(&saddle, eta).covariance(t)[0];
        printed(diffusion, sde, 11);
        printed(diffusion / value, ratio, 6);
        if first_order > 0.0 {
            printed(a * eta * t / value, first_order, 5);
        }
        // In closed form: η² s2 ((1 + ηa)^{2T} − 1)/((1 + ηa)² − 1).
        let factor = (2.0 * (eta * a).ln_1p()).exp_m1();
        let closed = eta * eta * a * (2.0 * steps as f64 * (eta * a).ln_1p()).exp_m1() / factor;
        assert!((value / closed - 1.0).abs() < 1e-13);
    }
}

#[test]
fn momentum_spreads_less_than_sgd() {
    for (eta, a, beta1, steps, rest, settled, sgd) in [
        (0.1, 0.01, 0.9, 1, 1.00000e-06, 5.26316e-06, 1.00000e-04),
        (0.1, 0.01, 0.9, 10, 2.02522e-04, 3.83992e-04, 1.00905e-03),
        (0.1, 0.01, 0.9, 100, 9.33756e-03, 9.83825e-03, 1.10585e-02),
        (0.1, 0.01, 0.9, 1000, 3.02990e-01, 3.05969e-01, 3.18924e-01),
        (0.1, 0.1, 0.9, 1000, 3.86661e+06, 4.16703e+06, 2.18550e+07),
        (0.1, 1.0, 0.9, 100, 4.88503e+03, 7.33780e+03, 9.04311e+06),
        (0.1, 0.01, 0.99, 1000, 1.94211e-01, 2.16236e-01, 3.18924e-01),
        (0.1, 1.0, 0.99, 100, 1.01201e+00, 3.71375e+00, 9.04311e+06),
    ] {
        let average = LinearRule::Sgdm { beta1 };
        printed(spread(average, eta, a, steps, Memory::Zero), rest, 6);
        printed(
            spread(average, eta, a, steps, Memory::Stationary),
            settled,
            6,
        );
        printed(spread(LinearRule::Sgd, eta, a, steps, Memory::Zero), sgd, 6);
    }
    for (eta, a, beta1, steps, expected) in [
        (0.1, 0.1, 0.9, 100, 0.2001741801),
        (0.1, 0.01, 0.99, 100, 1.7446412370e-3),
        (0.1, 1.0, 0.9, 50, 9.2364894484),
    ] {
        let rule = LinearRule::HeavyBall {
            beta1,
            beta3: 1.0 - beta1,
        };
        let digits = if steps == 100 && a == 0.1 { 10 } else { 11 };
        printed(spread(rule, eta, a, steps, Memory::Zero), expected, digits);
    }
    // On every cell, from rest and from stationary momentum.
    for beta1 in [0.1, 0.5, 0.9, 0.99, 0.999] {
        for ea in [1e-6, 1e-4, 1e-3, 1e-2, 0.1, 1.0] {
            for steps in [1, 2, 3, 10, 30, 100, 300, 1000, 3000] {
                let sgd = spread(LinearRule::Sgd, 1.0, ea, steps, Memory::Zero);
                if !sgd.is_finite() {
                    continue;
                }
                for memory in [Memory::Zero, Memory::Stationary] {
                    let average = spread(LinearRule::Sgdm { beta1 }, 1.0, ea, steps, memory);
                    assert!(average < sgd, "{beta1} {ea} {steps} {memory:?}");
                }
            }
        }
    }
}

#[test]
fn growth_per_step() {
    // ln of [(1 + b + αa) + √((1 + b + αa)² − 4b)]/2 at η = 0.1, a = 1.
    let growth = |rule| Recursion::scalar(rule, 0.1, -1.0, 1.0).unwrap().growth();
    printed(growth(LinearRule::Sgd), 0.09531018, 7);
    for (beta1, expected) in [
        (0.5, 0.0882072303072),
        (0.9, 0.0626541477557),
        (0.99, 0.0270715879075),
    ] {
        printed(growth(LinearRule::Sgdm { beta1 }), expected, 12);
        let sum = 1.0 + beta1 + 0.1 * (1.0 - beta1);
        let largest = 0.5 * (sum + (sum * sum - 4.0 * beta1).sqrt());
        assert!((growth(LinearRule::Sgdm { beta1 }) / largest.ln() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn the_underdamped_diffusion_tracks_the_algorithm() {
    // Ratio diffusion/algorithm; γ = (1 − β)/η, M = η/(1 − β).
    let ratio = |a: f64, beta1: f64, steps: u64, velocity| {
        let saddle = Quadratic::scalar(-a, a).unwrap();
        let (damping, mass) = ((1.0 - beta1) / 0.1, 0.1 / (1.0 - beta1));
        let particle = Langevin::new(&saddle, 0.1, damping, mass).unwrap();
        let memory = if velocity == Velocity::Zero {
            Memory::Zero
        } else {
            Memory::Stationary
        };
        let t = 0.1 * steps as f64;
        particle.covariance(t, velocity).unwrap()[0]
            / spread(LinearRule::Sgdm { beta1 }, 0.1, a, steps, memory)
    };
    for (beta1, steps, velocity, expected, digits) in [
        (0.9, 10, Velocity::Zero, 0.83, 2),
        (0.9, 100, Velocity::Zero, 0.967, 3),
        (0.9, 1000, Velocity::Zero, 0.913, 3),
        (0.99, 100, Velocity::Zero, 0.979, 3),
        (0.99, 1000, Velocity::Zero, 0.9745, 4),
        (0.9, 10, Velocity::Equilibrium, 0.96, 2),
        (0.9, 100, Velocity::Equilibrium, 0.983, 3),
        (0.9, 1000, Velocity::Equilibrium, 0.925, 3),
    ] {
        printed(ratio(0.1, beta1, steps, velocity), expected, digits);
    }
    // After one step from rest the diffusion has barely begun.
    for (beta1, low, high) in [(0.5, 0.225, 0.235), (0.99, 0.325, 0.335)] {
        let value = ratio(0.1, beta1, 1, Velocity::Zero);
        assert!((low..high).contains(&value), "{value}");
    }
    // The rate of growth at a = 1: 0.06180 against 0.06265.
    let (damping, mass) = (1.0, 1.0);
    let saddle = Quadratic::scalar(-1.0, 1.0).unwrap();
    let particle = Langevin::new(&saddle, 0.1, damping, mass).unwrap();
    let at = |t| particle.covariance(t, Velocity::Zero).unwrap()[0];
    printed(0.05 * (at(61.0) / at(60.0)).ln(), 0.06180, 4);
}

#[test]
fn a_thousand_million_steps_keep_their_digits() {
    // The moments' recursions and the diffusion's equations in sixty digits.
    for (eta, a, variance, beta1, steps, algorithm, diffusion) in [
        (
            1e-6,
            1.0,
            1.0,
            0.999,
            10_000_000,
            237.0808196977972,
            237.0778674231573,
        ),
        (
            1e-8,
            1e-3,
            1.0,
            0.5,
            1_000_000_000,
            1.010066999620469e-7,
            1.010066998256783e-7,
        ),
    ] {
        let saddle = Quadratic::scalar(-a, variance).unwrap();
        let average = LinearRule::Sgdm { beta1 };
        let recursion = Recursion::scalar(average, eta, -a, variance).unwrap();
        let law = recursion.after(steps, &[0.0], Memory::Zero).unwrap();
        assert!((law.covariance[0] / algorithm - 1.0).abs() < 2e-14);
        let particle =
            Langevin::new(&saddle, eta, (1.0 - beta1) / eta, eta / (1.0 - beta1)).unwrap();
        let spread = particle
            .covariance(eta * steps as f64, Velocity::Zero)
            .unwrap();
        assert!((spread[0] / diffusion - 1.0).abs() < 2e-14);
    }
}

#[test]
fn frozen_adam_hardly_sees_the_curvature() {
    for (steps, expected) in [
        (10, [2.0211108003e-06, 2.0214839659e-06, 2.0252193603e-06]),
        (100, [8.6331439471e-05, 8.6944597175e-05, 9.3375619637e-05]),
        (1000, [9.9596038268e-04, 1.0891358750e-03, 3.0299023745e-03]),
    ] {
        for (a, expected) in [1e-4, 1e-2, 1.0].into_iter().zip(expected) {
            let adam =
                LinearOptimizer::frozen_second_moment(LinearRule::Sgdm { beta1: 0.9 }, &[a], 0.0)
                    .unwrap();
            let saddle = Quadratic::scalar(-a, a).unwrap();
            let recursion = Recursion::new(&adam, 1e-3, &saddle).unwrap();
            let law = recursion.after(steps, &[0.0], Memory::Zero).unwrap();
            printed(law.covariance[0], expected, 11);
        }
    }
}

#[test]
fn frozen_adai_lags_most_where_it_is_flattest() {
    let hessian = DMatrix::from_row_slice(3, 3, &[-0.01, 0.0, 0.0, 0.0, -0.1, 0.0, 0.0, 0.0, -1.0]);
    let saddle = Quadratic::hessian_shaped(hessian, 1.0).unwrap();
    let inertia = adai_inertia(&[0.01, 0.1, 1.0], 0.1, 1e-3).unwrap();
    let adai = LinearOptimizer::frozen_inertia(&inertia).unwrap();
    let sgd = LinearOptimizer::uniform(LinearRule::Sgd, 3).unwrap();
    let spread = |optimizer, steps| {
        let recursion = Recursion::new(optimizer, 0.1, &saddle).unwrap();
        let law = recursion.after(steps, &[0.0; 3], Memory::Zero).unwrap();
        law.covariance.diagonal()
    };
    for (steps, adai_expected, digits) in [
        (
            10,
            [2.7608742391e-07, 2.3570051007e-04, 9.7210435123e-02],
            11,
        ),
        (
            100,
            [2.0419565459e-04, 7.6738247611e-02, 2.4428437071e+05],
            11,
        ),
    ] {
        let value = spread(&adai, steps);
        for (value, expected) in value.iter().zip(adai_expected) {
            printed(*value, expected, digits);
        }
    }
    for (value, expected) in spread(&sgd, 10)
        .iter()
        .zip([1.00905e-03, 1.09547e-02, 2.72738e-01])
    {
        printed(*value, expected, 6);
    }
    printed(spread(&sgd, 100)[0] / spread(&adai, 100)[0], 54.0, 2);
}
