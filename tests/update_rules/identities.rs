//! What must hold between a rule and itself, or between two rules.

use kramers::simulation::optimizer::registry::ENTRIES;
use kramers::simulation::optimizer::{Entry, Values};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{Moving, noise, rule, values};

const START: [f64; 3] = [1.0, -2.0, 0.5];
const LANES: usize = 9;

/// The entry's defaults with nothing that has a scale of its own: no decay, no ε beside a root, averages
/// that start at 0. Adai's ε bounds 1 − β₁ and stays.
fn scale_free(entry: &Entry, eta: f64) -> Values {
    let mut v = values(entry, eta, &[]);
    for (key, value) in &mut v.numbers {
        let own_scale = key.ends_with("_decay") || key.ends_with("_init") || key == "l2";
        if own_scale || (key == "epsilon" && !entry.name.starts_with("adai")) {
            *value = 0.0;
        }
    }
    v
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::with_cases(64) })]

    /// A rule sees gradients only, so the same gradients from θ₀ + c give the same path shifted by c: to
    /// the roundings of 30 additions to numbers below 1e3.
    #[test]
    fn the_origin_does_not_matter(index in 0..ENTRIES.len(), shift in -100.0..100.0f64) {
        let entry = &ENTRIES[index];
        let v = scale_free(entry, 0.01);
        let moved = START.map(|x| x + shift);
        let (mut here, mut there) = (
            Moving::new((entry.build)(&v), &START, LANES),
            Moving::new((entry.build)(&v), &moved, LANES),
        );
        for gradient in noise(3, LANES, 30) {
            here.step(&gradient);
            there.step(&gradient);
        }
        for (x, y) in here.theta.iter().zip(&there.theta) {
            prop_assert!((x + shift - y).abs() <= 30.0 * 1e3 * f64::EPSILON, "{}", entry.name);
        }
    }

    /// u(sg) = sᵖu(g), p the degree of the rule: to rounding at any s, and in every bit where s is a power
    /// of two and p is 0 or 1.
    #[test]
    fn scaled_gradients_scale_the_update(index in 0..ENTRIES.len(), log2 in -20..20i32, by in 1.0..2.0f64) {
        let entry = &ENTRIES[index];
        let v = scale_free(entry, 0.01);
        let Some(degree) = (entry.degree)(&v) else { return Ok(()) };
        for (s, exact) in [(f64::powi(2.0, log2), true), (by * f64::powi(2.0, log2), false)] {
            let (mut plain, mut scaled) = (
                Moving::new((entry.build)(&v), &[0.0; 3], LANES),
                Moving::new((entry.build)(&v), &[0.0; 3], LANES),
            );
            for gradient in noise(3, LANES, 40) {
                plain.step(&gradient);
                let larger: Vec<f64> = gradient.iter().map(|g| g * s).collect();
                scaled.step(&larger);
            }
            let whole = degree == 0.0 || degree == 1.0;
            for (x, y) in plain.theta.iter().zip(&scaled.theta) {
                let expected = x * s.powf(degree);
                if exact && whole {
                    prop_assert_eq!(expected.to_bits(), y.to_bits(), "{}", entry.name);
                } else {
                    // θ adds up 40 updates of either sign; cancellation among them is of order 1.
                    let size = s.powf(degree);
                    prop_assert!((expected - y).abs() <= 1e-11 * size, "{}: {} {}", entry.name, expected, y);
                }
            }
        }
    }

    /// Sharpness k at η is sharpness 1 at k^{(1+p)/2}η on y = √k θ: on Styblinski–Tang's gradient with noise,
    /// bit for bit at powers of 4.
    #[test]
    fn sharpness_is_a_learning_rate(index in 0..ENTRIES.len(), log4 in -3..4i32) {
        let entry = &ENTRIES[index];
        let v = scale_free(entry, 1e-3);
        let Some(degree) = (entry.degree)(&v).filter(|p| *p == 0.0 || *p == 1.0) else {
            return Ok(());
        };
        let (k, root) = (f64::powi(4.0, log4), f64::powi(2.0, log4));
        let slope = |y: f64| 2.0 * y * y * y - 16.0 * y + 2.5;
        let start = START.map(|y| y / root);
        let faster = v.clone().with("eta", v["eta"] * if degree == 0.0 { root } else { k });
        let (mut sharp, mut plain) = (
            Moving::new((entry.build)(&v), &start, LANES),
            Moving::new((entry.build)(&faster), &START, LANES),
        );
        for gradient in noise(3, LANES, 100) {
            let on = |theta: &[f64], to_y: f64| -> Vec<f64> {
                theta.iter().zip(&gradient).map(|(x, xi)| to_y * (slope(to_y * x) + xi)).collect()
            };
            let (left, right) = (on(&sharp.theta, root), on(&plain.theta, 1.0));
            sharp.step(&left);
            plain.step(&right);
        }
        for (theta, y) in sharp.theta.iter().zip(&plain.theta) {
            prop_assert_eq!((root * theta).to_bits(), y.to_bits(), "{} k = {}", entry.name, k);
        }
    }

    /// The auxiliary sequence of Wang et al., Lemma A.2: y = x − ηβ/(1 − β)·m obeys y ← y − ηg exactly.
    #[test]
    fn the_auxiliary_sequence_is_sgd(beta1 in 0.0..0.99f64, eta in 1e-3..0.5f64) {
        let mut sgdm = Moving::new(rule("sgdm", eta, &[("beta1", beta1)]), &START, LANES);
        let mut sgd = Moving::new(rule("sgd", eta, &[]), &START, LANES);
        for gradient in noise(3, LANES, 100) {
            sgdm.step(&gradient);
            sgd.step(&gradient);
            let lag = eta * beta1 / (1.0 - beta1);
            for ((x, m), y) in sgdm.theta.iter().zip(&sgdm.memory).zip(&sgd.theta) {
                // 100 roundings of numbers up to 1e2.
                prop_assert!((x - lag * m - y).abs() <= 1e-12);
            }
        }
    }

    /// β₀ = −β₁/(1 + β₁) interleaves the two averages of PNM into one: the heavy ball with β₃ = 1 − β₁ at η,
    /// where PNM has η√γ and γ = (1 + β₀)² + β₀². Rounding only.
    #[test]
    fn pnm_contains_the_heavy_ball(beta1 in 0.0..0.99f64, eta in 1e-3..0.5f64) {
        let beta0 = -beta1 / (1.0 + beta1);
        let gamma: f64 = (1.0 + beta0) * (1.0 + beta0) + beta0 * beta0;
        let changed = [("beta1", beta1), ("beta0", beta0)];
        let averaged = [("beta1", beta1), ("beta3", 1.0 - beta1)];
        let mut pnm = Moving::new(rule("pnm", eta * gamma.sqrt(), &changed), &START, LANES);
        let mut ball = Moving::new(rule("heavy-ball", eta, &averaged), &START, LANES);
        for gradient in noise(3, LANES, 100) {
            pnm.step(&gradient);
            ball.step(&gradient);
            for (x, y) in pnm.theta.iter().zip(&ball.theta) {
                prop_assert!((x - y).abs() <= 1e-13 * (1.0 + y.abs()), "{} {}", x, y);
            }
        }
        prop_assert!(pnm.theta[..LANES].iter().all(|x| *x != START[0]));
    }
}

/// Pairs of names for one map at these settings, to rounding.
#[test]
fn rules_that_are_the_same_agree() {
    type Setting = (&'static str, &'static [(&'static str, f64)]);
    let pairs: [(Setting, Setting); 8] = [
        (("adaiw", &[]), ("adais", &[])),
        (("adai", &[("l2", 0.0)]), ("adaiv2", &[("tau", 1.0)])),
        (
            ("heavy-ball", &[("beta1", 0.9), ("beta3", 0.1)]),
            ("sgdm", &[("beta1", 0.9)]),
        ),
        (
            ("heavy-ball", &[("beta1", 0.9)]),
            ("momentum", &[("mu", 0.9)]),
        ),
        (("adam", &[("amsgrad", 1.0)]), ("amsgrad", &[])),
        (
            ("adam", &[("epsilon", 0.0)]),
            (
                "adapnm",
                &[
                    ("beta1", 0.0),
                    ("beta0", 0.0),
                    ("amsgrad", 0.0),
                    ("epsilon", 0.0),
                ],
            ),
        ),
        (
            ("padam", &[("p", 0.5), ("epsilon", 0.0)]),
            ("amsgrad", &[("epsilon", 0.0)]),
        ),
        (("padam-paper", &[("p", 0.5)]), ("amsgrad-paper", &[])),
    ];
    for ((left, a), (right, b)) in pairs {
        // Adam's own momentum is off where AdaPNM's is.
        let a: Vec<_> = match (left, right) {
            ("adam", "adapnm") => a.iter().copied().chain([("beta1", 0.0)]).collect(),
            _ => a.to_vec(),
        };
        let mut x = Moving::new(rule(left, 0.01, &a), &START, LANES);
        let mut y = Moving::new(rule(right, 0.01, b), &START, LANES);
        for gradient in noise(3, LANES, 100) {
            x.step(&gradient);
            y.step(&gradient);
            for (x, y) in x.theta.iter().zip(&y.theta) {
                assert!((x - y).abs() <= 1e-13 * (1.0 + y.abs()), "{left} {right}");
            }
        }
    }
}
