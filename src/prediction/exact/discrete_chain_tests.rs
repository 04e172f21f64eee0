//! Exit steps of Gaussian chains against tables and against closed forms.

use super::*;
use crate::exact::averaged_loss::{AveragedStyblinskiTang, Wells};
use crate::exact::first_passage::FirstPassage;
use crate::exact::interpretation::Interpretation;
use crate::exact::panels::{Marks, smooth};

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
    drift: &dyn Function,
    variance: &dyn Function,
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
        breaks: &|_, _| Ok(Marks::kinks(breaks)),
        bridge: false,
    }
    .solve()
    .unwrap()
}

#[test]
fn white_noise_leaves_geometrically() {
    // θ' = θ − ηL' with ηL' = θ: every step is a fresh normal, n is geometric.
    let chain = steps(&|x: f64| x, &|_: f64| 1.0, 1.0, 0.3, 1.5, &[]);
    let p = upper_tail(1.5);
    assert!((chain.mean * p - 1.0).abs() < 1e-12);
    assert!((chain.variance * p * p / (1.0 - p) - 1.0).abs() < 1e-11);
    let mirrored = steps(&|x: f64| x, &|_: f64| 1.0, 1.0, -0.3, -1.5, &[]);
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
        (3.0, 2.674669810429e+02),
    ] {
        let chain = steps(
            &|y: f64| loss.gradient(y),
            &|_: f64| 1e4 / 3.0,
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
    // T = 5, D constant: exact discrete/exact continuous, and the same with the chain's boundary
    // carried over to the diffusion, 0.5826 √(2Tε) further out (Broadie, Glasserman and Kou, Math.
    // Finance 7, 1997).
    let (loss, deep, saddle) = styblinski_tang();
    let gradient = |y: f64| loss.gradient(y);
    let continuous = |exit| {
        let passage = FirstPassage {
            drift: &gradient,
            diffusion: &|_: f64| 5.0,
            start: deep,
            exit,
            reflecting: None,
            breaks: &smooth,
            interpretation: Interpretation::Ito,
        };
        passage.solve().unwrap().time().unwrap().mean
    };
    let mut residuals = Vec::new();
    for (eps, plain, shifted, digit) in [
        (0.012, 1.1306, 0.8855, 1e-4),
        (0.006, 1.1464, 0.9571, 1e-4),
        (0.003, 1.1201, 0.9821, 1e-4),
        (0.0015, 1.0908, 0.99196, 1e-5),
        (0.00075, 1.0665, 0.99624, 1e-5),
    ] {
        let chain = eps * steps(&gradient, &|_: f64| 10.0 / eps, eps, deep, saddle, &[]).mean;
        let ratio = chain / continuous(saddle);
        assert!((ratio - plain).abs() < 5.1e-5, "{eps}: {ratio}");
        let moved = chain / continuous(saddle + 0.5826 * (10.0 * eps).sqrt());
        assert!((moved - shifted).abs() < 0.51 * digit, "{eps}: {moved}");
        residuals.push(1.0 - moved);
    }
    for pair in residuals.windows(2) {
        // Tending to 2; the coarsest step is still above it.
        assert!((1.9..2.8).contains(&(pair[0] / pair[1])), "{residuals:?}");
    }
}

#[test]
fn floored_hessian_noise() {
    let (loss, deep, saddle) = styblinski_tang();
    let kink = [-(8.0f64 / 3.0).sqrt()];
    // By an independent Nyström solve with LU on [−300, saddle]. The noise grows with the curvature,
    // so the far side matters: cut at −8, the first of these would be 2.92e4.
    for (k, floor, expected) in [
        (1.0, 1.0, 32_219.400_177_05),
        (1.0, 0.3, 90_843.078_930_69),
        (1.0, 0.1, 124_941.531_140_48),
        (1.0, 0.03, 139_556.903_500_0),
        (2.0, 0.3, 231.652_014_775_2),
        (3.0, 0.03, 35.496_059_394_51),
    ] {
        let variance = |y: f64| 509.0 * (loss.hessian(y).abs() + floor);
        let chain = steps(
            &|y: f64| loss.gradient(y),
            &variance,
            0.003 * k,
            deep,
            saddle,
            &kink,
        );
        agrees(chain.mean, expected, 10);
    }
    // A floor of 0.01 still resolves, and lies where the limit of no floor is approached.
    let variance = |y: f64| 509.0 * (loss.hessian(y).abs() + 0.01);
    let chain = steps(
        &|y: f64| loss.gradient(y),
        &variance,
        0.003,
        deep,
        saddle,
        &kink,
    );
    assert!((1.395e5..1.5e5).contains(&chain.mean), "{}", chain.mean);
}

#[test]
fn steps_that_overshoot_the_minimum() {
    // θ' = (1 − η)θ + ηξ with η > 1 changes sides at every step, and leaves from far on the left. By an
    // independent Nyström solve with LU, whose rounding leaves nine digits of the first.
    for (eta, expected, digits) in [
        (1.5, 9_830_512.11, 9),
        (1.9, 105.873_341_483_25, 12),
        (2.1, 14.686_313_385_86, 12),
    ] {
        agrees(
            steps(&|x: f64| x, &|_: f64| 1.0, eta, 0.0, 9.0, &[]).mean,
            expected,
            digits,
        );
    }
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
            steps(
                &|y: f64| loss.gradient(y),
                &variance,
                eta,
                deep,
                saddle,
                &[],
            )
            .mean,
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
    // By an independent Nyström solve with LU on [−300, saddle]: C ~ y⁴ gives the density a tail
    // like a power, which must not be cut short.
    for (eta, expected) in [
        (0.024, 62.460_985_128_22),
        (0.028, 35.041_689_529_39),
        (0.032, 22.719_476_400_92),
        (0.036, 16.194_284_696_06),
        (0.042, 10.971_501_944_37),
    ] {
        let variance = |y: f64| loss.gradient_variance(y);
        agrees(
            steps(
                &|y: f64| loss.gradient(y),
                &variance,
                eta,
                deep,
                saddle,
                &[],
            )
            .mean,
            expected,
            10,
        );
    }
}

#[test]
fn any_number_of_steps_keeps_its_accuracy() {
    // Euler–Maruyama of the quartic at Δt = 0.01, far beyond what I − K in double precision solves.
    let quartic = |x: f64| x * x * x - x;
    // But for the first, by Nyström solves with LU in 34-digit arithmetic (44 digits for the last).
    for (temperature, expected) in [
        (0.05, 383.632_934),
        (0.025, 54_181.535_978_747_5),
        (0.0125, 1.167_432_213_098_98e9),
        (0.01, 1.725_597_272_768_63e11),
        (0.00625, 5.607_389_736_166_02e17),
    ] {
        let chain = steps(
            &quartic,
            &|_: f64| 200.0 * temperature,
            0.01,
            -1.0,
            0.0,
            &[],
        );
        let digits = if temperature == 0.05 { 9 } else { 13 };
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
            variance: &|_: f64| 2.0 * temperature / dt,
            eta: dt,
            start: -1.0,
            exit: 0.0,
            breaks: &smooth,
            bridge,
        };
        chain.solve().unwrap().mean * dt / 361.9037595009 - 1.0
    };
    let orders = |bridge| (bias(0.005, bridge) / bias(0.00125, bridge)).log2() / 2.0;
    let (with, without) = (orders(true), orders(false));
    assert!((0.9..1.1).contains(&with), "{with}");
    assert!((0.35..0.6).contains(&without), "{without}");
    assert!(bias(0.005, true).abs() < 0.1 * bias(0.005, false).abs());
}

#[test]
fn a_bridge_without_drift_counts_crossings_of_a_brownian_path() {
    // From 0 one step of unit variance: the chance to cross b on the way is 2 P(ξ > b).
    let chain = DiscreteChain {
        drift: &|x: f64| x,
        variance: &|_: f64| 1.0,
        eta: 1e-2,
        start: 0.0,
        exit: 0.02,
        breaks: &smooth,
        bridge: true,
    };
    let first = chain.discretise(4.0, 0.5, 45.0).unwrap().exit_from_start;
    assert!((first / (2.0 * upper_tail(2.0)) - 1.0).abs() < 1e-13);
}

#[test]
fn unusable_input_is_refused() {
    let say = |drift: &dyn Function, variance: &dyn Function, eta, start| {
        DiscreteChain {
            drift,
            variance,
            eta,
            start,
            exit: 1.0,
            breaks: &smooth,
            bridge: false,
        }
        .solve()
        .unwrap_err()
        .to_string()
    };
    assert!(say(&|x: f64| x, &|_: f64| 1.0, 0.0, 0.0).contains("eta = 0"));
    assert!(say(&|x: f64| x, &|_: f64| 1.0, 0.1, 1.0).contains("starts at its exit"));
    assert!(say(&|x: f64| x, &|_: f64| 0.0, 0.1, 0.0).contains("noise vanishes"));
    assert!(say(&|x: f64| x, &|_: f64| f64::NAN, 0.1, 0.0).contains("finite"));
    assert!(say(&|x: f64| x, &|_: f64| 1e-6, 0.1, 0.0).contains("nodes"));
    assert!(say(&|x: f64| -x, &|_: f64| 1.0, 0.1, 0.0).contains("confines"));
}
