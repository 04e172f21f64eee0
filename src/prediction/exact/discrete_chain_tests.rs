//! Exit steps of Gaussian chains against tables and against closed forms.

use super::*;
use crate::prediction::exact::averaged_loss::{AveragedStyblinskiTang, Wells};
use crate::prediction::exact::first_passage::FirstPassage;
use crate::prediction::exact::passage_integrals::Interpretation;

/// Half a unit of the last of `digits` significant digits, and the solver's own 1e-10.
fn agrees(value: f64, expected: f64, digits: i32) {
    let error = (value / expected - 1.0).abs();
    assert!(
        error < 5.5 * 10f64.powi(-digits) + 1e-10,
        "{value:.13e} {expected:.13e}: {error:.1e}"
    );
}

/// Styblinski–Tang, its minimum and its saddle.
fn styblinski_tang() -> (AveragedStyblinskiTang, f64, f64) {
    let loss = AveragedStyblinskiTang::new(0.0).unwrap();
    let Wells::Double { deep, saddle, .. } = loss.wells() else {
        panic!("two wells")
    };
    (loss, deep, saddle)
}

fn steps(
    drift: &dyn Fn(f64) -> f64,
    variance: &dyn Fn(f64) -> f64,
    eta: f64,
    start: f64,
    exit: f64,
    breaks: &[f64],
) -> ExitSteps {
    DiscreteChain {
        drift,
        variance,
        eta,
        start,
        exit,
        breaks,
        bridge: false,
    }
    .solve()
    .unwrap()
}

#[test]
fn white_noise_leaves_geometrically() {
    // θ' = θ − ηL' with ηL' = θ: every step is a fresh normal, n is geometric.
    let chain = steps(&|x| x, &|_| 1.0, 1.0, 0.3, 1.5, &[]);
    let p = upper_tail(1.5);
    assert!((chain.mean * p - 1.0).abs() < 1e-12);
    assert!((chain.variance * p * p / (1.0 - p) - 1.0).abs() < 1e-11);
    let mirrored = steps(&|x| x, &|_| 1.0, 1.0, -0.3, -1.5, &[]);
    assert!((mirrored.mean / chain.mean - 1.0).abs() < 1e-14);
}

#[test]
fn additive_noise() {
    let (loss, deep, saddle) = styblinski_tang();
    for (k, expected) in [
        (1.0, 1.372567706781e+05),
        (1.25, 2.329605641444e+04),
        (1.5, 6.945710963733e+03),
        (2.0, 1.451334671345e+03),
        (2.5, 5.389723294467e+02),
        (3.0, 2.674669679266e+02),
    ] {
        let chain = steps(
            &|y| loss.gradient(y),
            &|_| 1e4 / 3.0,
            0.003 * k,
            deep,
            saddle,
            &[],
        );
        agrees(chain.mean, expected, 10);
    }
}

#[test]
fn shifting_the_boundary_leaves_a_linear_bias() {
    // T = 5, D constant: exact discrete/exact continuous, and with the boundary of the chain
    // brought in by 0.5826 √(2Tε) (Broadie, Glasserman and Kou, Math. Finance 7, 1997).
    let (loss, deep, saddle) = styblinski_tang();
    let gradient = |y: f64| loss.gradient(y);
    let continuous = FirstPassage {
        drift: &gradient,
        diffusion: &|_| 5.0,
        start: deep,
        exit: saddle,
        reflecting: None,
        breaks: &[],
        interpretation: Interpretation::Ito,
    };
    let exact = continuous.solve().unwrap().time().unwrap().mean;
    let mut residuals = Vec::new();
    for (eps, plain, shifted, digits) in [
        (0.012, 1.1306, 0.8855, 1e-4),
        (0.006, 1.1464, 0.9571, 1e-4),
        (0.003, 1.1201, 0.9821, 1e-4),
        (0.0015, 1.0908, 0.99196, 1e-5),
    ] {
        let ratio = |exit| {
            let chain = steps(&gradient, &|_| 10.0 / eps, eps, deep, exit, &[]);
            chain.mean * eps / exact
        };
        assert!((ratio(saddle) - plain).abs() < 5.1e-5);
        let moved = ratio(saddle - 0.5826 * (10.0 * eps).sqrt());
        assert!((moved - shifted).abs() < 0.51 * digits, "{eps}: {moved}");
        residuals.push(1.0 - moved);
    }
    for pair in residuals.windows(2) {
        assert!((1.9..3.0).contains(&(pair[0] / pair[1])), "{residuals:?}");
    }
}

#[test]
fn floored_hessian_noise() {
    let (loss, deep, saddle) = styblinski_tang();
    let kink = [-(8.0f64 / 3.0).sqrt()];
    for (k, floor, expected, digits) in [
        (1.0, 1.0, 2.92005e4, 6),
        (1.0, 0.3, 7.1069e4, 5),
        (1.0, 0.1, 9.069e4, 4),
        (1.0, 0.03, 9.829e4, 4),
        (3.0, 0.03, 34.65, 4),
    ] {
        let variance = |y: f64| 509.0 * (loss.hessian(y).abs() + floor);
        let chain = steps(
            &|y| loss.gradient(y),
            &variance,
            0.003 * k,
            deep,
            saddle,
            &kink,
        );
        agrees(chain.mean, expected, digits);
    }
    // A floor of 0.01 still resolves, and lies where the limit of no floor is approached.
    let variance = |y: f64| 509.0 * (loss.hessian(y).abs() + 0.01);
    let chain = steps(&|y| loss.gradient(y), &variance, 0.003, deep, saddle, &kink);
    assert!((9.829e4..1.1e5).contains(&chain.mean), "{}", chain.mean);
}

#[test]
fn smooth_multiplicative_noise() {
    let (loss, deep, saddle) = styblinski_tang();
    let variance = |y: f64| 2000.0 * (1.0 + 2.0 / (1.0 + (4.0 * (y + 1.4)).exp()));
    for (eta, expected) in [
        (0.003, 4.365753e4),
        (0.0035, 1.357000e4),
        (0.0042, 4140.389),
        (0.005, 1569.971),
    ] {
        agrees(
            steps(&|y| loss.gradient(y), &variance, eta, deep, saddle, &[]).mean,
            expected,
            7,
        );
    }
}

#[test]
fn minibatch_noise_with_steps_as_large_as_the_well() {
    let loss = AveragedStyblinskiTang::new(1.0).unwrap();
    let Wells::Double { deep, saddle, .. } = loss.wells() else {
        panic!("two wells")
    };
    for (eta, expected) in [
        (0.024, 62.45188691),
        (0.028, 35.03184209),
        (0.032, 22.70774386),
        (0.036, 16.18010936),
        (0.042, 10.95310318),
    ] {
        let variance = |y: f64| loss.gradient_variance(y);
        agrees(
            steps(&|y| loss.gradient(y), &variance, eta, deep, saddle, &[]).mean,
            expected,
            10,
        );
    }
}

#[test]
fn any_number_of_steps_keeps_its_accuracy() {
    // Euler–Maruyama of the quartic at Δt = 0.01, far beyond what I − K in double precision solves.
    let quartic = |x: f64| x * x * x - x;
    for (temperature, expected, digits) in [
        (0.05, 383.632934, 9),
        (0.025, 5.41815e4, 6),
        (0.0125, 1.16743863e9, 9),
        (0.01, 1.7263e11, 5),
        (0.00625, 5.61e17, 3),
    ] {
        let chain = steps(&quartic, &|_| 200.0 * temperature, 0.01, -1.0, 0.0, &[]);
        agrees(0.01 * chain.mean, expected, digits);
    }
}

#[test]
fn the_bridge_leaves_a_bias_of_first_order() {
    // Exits of a discretised path are counted at the end of their step and the drift is frozen
    // within it, so ⟨n⟩Δt − T is O(Δt) with the bridge, O(√Δt) without.
    let quartic = |x: f64| x * x * x - x;
    let temperature = 0.05;
    let bias = |dt: f64, bridge: bool| {
        let chain = DiscreteChain {
            drift: &quartic,
            variance: &|_| 2.0 * temperature / dt,
            eta: dt,
            start: -1.0,
            exit: 0.0,
            breaks: &[],
            bridge,
        };
        chain.solve().unwrap().mean * dt / 361.9037595009 - 1.0
    };
    let orders = |bridge| (bias(0.02, bridge) / bias(0.005, bridge)).log2() / 2.0;
    let (with, without) = (orders(true), orders(false));
    assert!((0.9..1.1).contains(&with), "{with}");
    assert!((0.35..0.6).contains(&without), "{without}");
    assert!(bias(0.005, true).abs() < 0.1 * bias(0.005, false).abs());
}

#[test]
fn a_bridge_without_drift_counts_crossings_of_a_brownian_path() {
    // From 0 one step of unit variance: the chance to cross b on the way is 2 P(ξ > b).
    let chain = DiscreteChain {
        drift: &|x| x,
        variance: &|_| 1.0,
        eta: 1e-2,
        start: 0.0,
        exit: 0.02,
        breaks: &[],
        bridge: true,
    };
    let first = chain.discretise(4.0, 45.0).unwrap().exit_from_start;
    assert!((first / (2.0 * upper_tail(2.0)) - 1.0).abs() < 1e-13);
}

#[test]
fn unusable_input_is_refused() {
    let say = |drift: &dyn Fn(f64) -> f64, variance: &dyn Fn(f64) -> f64, eta, start| {
        DiscreteChain {
            drift,
            variance,
            eta,
            start,
            exit: 1.0,
            breaks: &[],
            bridge: false,
        }
        .solve()
        .unwrap_err()
        .to_string()
    };
    assert!(say(&|x| x, &|_| 1.0, 0.0, 0.0).contains("eta = 0"));
    assert!(say(&|x| x, &|_| 1.0, 0.1, 1.0).contains("starts at its exit"));
    assert!(say(&|x| x, &|_| 0.0, 0.1, 0.0).contains("noise vanishes"));
    assert!(say(&|x| x, &|_| f64::NAN, 0.1, 0.0).contains("finite"));
    assert!(say(&|x| x, &|_| 1e-6, 0.1, 0.0).contains("nodes"));
    assert!(say(&|x| -x, &|_| 1.0, 0.1, 0.0).contains("confines"));
}
