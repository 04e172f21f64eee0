//! First-passage times against closed forms, thirty-digit arithmetic and independent integrations.

use super::*;
use crate::exact::action::action;
use crate::exact::averaged_loss::{AveragedStyblinskiTang, Wells};
use crate::exact::kramers_law;
use crate::exact::panels::{Marks, smooth};

fn passage<'a>(
    drift: &'a dyn Function,
    diffusion: &'a dyn Function,
    start: f64,
    exit: f64,
) -> FirstPassage<'a> {
    let interpretation = Interpretation::Ito;
    FirstPassage {
        drift,
        diffusion,
        start,
        exit,
        reflecting: None,
        breaks: &smooth,
        interpretation,
    }
}

fn mean(drift: &dyn Function, temperature: f64, start: f64, exit: f64) -> f64 {
    let time = passage(drift, &|_: f64| temperature, start, exit)
        .solve()
        .unwrap()
        .time()
        .unwrap();
    assert!(time.relative_error <= 1e-10, "{}", time.relative_error);
    time.mean
}

/// Half a unit of the last of `digits` significant digits, and rounding.
fn agrees(value: f64, expected: f64, digits: i32) {
    let error = (value / expected - 1.0).abs();
    let allowed = 5.5 * 10f64.powi(-digits) + 1e-13;
    assert!(error < allowed, "{value:.15e} {expected:.15e}: {error:.1e}");
}

#[test]
fn ornstein_uhlenbeck() {
    // √(2π) ∫ e^{u²/2} N(u) du, by 30-digit arithmetic.
    for (start, exit, expected) in [
        (0.0, 1.0, 2.093_406_649_678_322),
        (0.0, 2.0, 10.428_409_397_995_995),
        (-1.0, 2.0, 11.330_317_410_648_756),
        (0.0, 4.0, 2_018.392_383_646_646_5),
    ] {
        let value = mean(&|x: f64| x, 1.0, start, exit);
        assert!((value / expected - 1.0).abs() < 1e-12, "{value} {expected}");
    }
    let time = passage(&|x: f64| x, &|_: f64| 1.0, 0.0, 2.0)
        .solve()
        .unwrap()
        .time()
        .unwrap();
    assert!((time.second_moment / 214.026_926_121_029 - 1.0).abs() < 1e-11);
}

#[test]
fn mirrored_and_walled() {
    let forward = mean(&|x: f64| x * x * x - x, 0.05, -1.0, 0.0);
    assert_eq!(mean(&|x: f64| x * x * x - x, 0.05, 1.0, 0.0), forward);
    // Drift v towards the exit at b from a wall at 0: b/v − (D/v²)(1 − e^{−vb/D}).
    let (v, d, b) = (2.0, 0.5, 3.0f64);
    let expected = b / v - d / (v * v) * (1.0 - (-v * b / d).exp());
    for sign in [1.0, -1.0] {
        let drift = |_: f64| -sign * v;
        let walled = FirstPassage {
            reflecting: Some(0.0),
            ..passage(&drift, &|_: f64| 0.5, 0.0, sign * b)
        };
        let value = walled.solve().unwrap().time().unwrap().mean;
        assert!((value / expected - 1.0).abs() < 1e-13);
    }
}

#[test]
fn quartic_to_the_saddle_and_to_the_other_well() {
    for (temperature, saddle, well) in [
        (0.01, 1.624787715691e+11, 3.249575431467e+11),
        (0.02, 6.160638509767e+05, 1.232135009276e+06),
        (0.025, 5.105070250860e+04, 1.021083654572e+05),
        (0.03, 9.739570990580e+03, 1.948581802005e+04),
        (0.04, 1.238401198728e+03, 2.483025449331e+03),
        (0.05, 3.619037595009e+02, 7.296706919423e+02),
        (0.0625, 1.357829771507e+02, 2.770545790433e+02),
        (0.1, 3.082130247267e+01, 6.626862636492e+01),
        (0.25, 5.743437068035e+00, 1.427773663651e+01),
    ] {
        agrees(
            mean(&|x: f64| x * x * x - x, temperature, -1.0, 0.0),
            saddle,
            13,
        );
        agrees(
            mean(&|x: f64| x * x * x - x, temperature, -1.0, 1.0),
            well,
            13,
        );
    }
}

#[test]
fn cubic_to_its_saddle() {
    for (temperature, expected) in [
        (0.01, 5.838517107902e+07),
        (0.02, 1.468096142837e+04),
        (0.05, 1.094730655005e+02),
        (0.1, 2.043892495468e+01),
    ] {
        agrees(
            mean(&|x: f64| x - x * x, temperature, 0.0, 1.0),
            expected,
            13,
        );
    }
}

#[test]
fn styblinski_tang_to_its_saddle() {
    let loss = AveragedStyblinskiTang::new(0.0).unwrap();
    let Wells::Double { deep, saddle, .. } = loss.wells() else {
        panic!("two wells")
    };
    let barrier = kramers_law::Barrier {
        h_min: loss.hessian(deep),
        h_saddle: loss.hessian(saddle),
        height: loss.value(saddle) - loss.value(deep),
    };
    for (temperature, expected, ratio) in [
        (2.0, 4.784264678152e+07, 1.01122),
        (3.0, 6.836697845498e+04, 1.02089),
        (4.0, 2.599977551356e+03, 1.03193),
        (5.0, 3.676191481022e+02, 1.04426),
        (6.0, 1.002322820830e+02, 1.05740),
        (8.0, 1.991144061603e+01, 1.08295),
        (10.0, 7.581470461670e+00, 1.10313),
        (15.0, 2.072284856153e+00, 1.11980),
    ] {
        let value = mean(&|y: f64| loss.gradient(y), temperature, deep, saddle);
        agrees(value, expected, 13);
        let half = 0.5 * kramers_law::overdamped(&barrier, temperature).unwrap();
        agrees(value / half, ratio, 6);
    }
    // The same at T = 4 by 30-digit arithmetic.
    let value = mean(&|y: f64| loss.gradient(y), 4.0, deep, saddle);
    assert!(
        (value / 2_599.977_551_355_811_6 - 1.0).abs() < 1e-12,
        "{value}"
    );
}

#[test]
fn minibatch_noise_on_the_averaged_loss() {
    let loss = AveragedStyblinskiTang::new(1.0).unwrap();
    let Wells::Double { deep, saddle, .. } = loss.wells() else {
        panic!("two wells")
    };
    let gradient = |y: f64| loss.gradient(y);
    let variance = |y: f64| loss.gradient_variance(y);
    let exponent = action(&gradient, &variance, deep, saddle, &smooth).unwrap();
    assert!((exponent - 0.12118786272).abs() < 1e-11, "{exponent}");
    // The upper two rows to the digits given, the second column's first by 30-digit arithmetic. The
    // lower four by Runge–Kutta integration of J' = Φ'J + 1/D from −1e7, good to 1e-11: C ~ y⁴ leaves
    // a tail like a power, and a nearer cut costs up to 3e-7 at η/B = 0.06.
    for (ratio, to_saddle, over_laplace, to_the_loss_saddle, digits) in [
        (0.01, 2.645336568392e+09, 1.0540, 1.8503132418065e+09, 12),
        (0.015, 8.402379452944e+05, 1.0802, 6.318761786146e+05, 12),
        (0.02, 1.5158949403956e+04, 1.1070, 1.1883498634462e+04, 11),
        (0.03, 2.80532536986e+02, 1.1637, 2.30699420737e+02, 11),
        (0.04, 3.91193263111e+01, 1.2230, 3.30699734095e+01, 11),
        (0.06, 5.62819655901e+00, 1.3261, 4.90265273664e+00, 11),
    ] {
        let diffusion = |y: f64| 0.5 * ratio * loss.gradient_variance(y);
        let time = |exit| {
            passage(&gradient, &diffusion, deep, exit)
                .solve()
                .unwrap()
                .time()
                .unwrap()
                .mean
        };
        agrees(time(saddle), to_saddle, digits);
        agrees(time(0.156731256780), to_the_loss_saddle, digits);
        let laplace = 0.5
            * kramers_law::ito(
                loss.hessian(deep),
                loss.hessian(saddle),
                diffusion(deep),
                diffusion(saddle),
                2.0 * exponent / ratio,
            )
            .unwrap();
        agrees(time(saddle) / laplace, over_laplace, 5);
    }
}

#[test]
fn floored_hessian_noise_in_iterations() {
    // D = ηC/2, C = 509 (|L''| + δ), η = 0.003; iterations to the digits given.
    let slope = |y: f64| 2.0 * y * y * y - 16.0 * y + 2.5;
    let loss = AveragedStyblinskiTang::new(0.0).unwrap();
    let Wells::Double { deep, saddle, .. } = loss.wells() else {
        panic!("two wells")
    };
    let kink = -(8.0f64 / 3.0).sqrt();
    for (k, floor, expected, digits) in [
        (1.0, 1.0, 9.702e4, 4),
        (1.0, 0.3, 2.152e6, 4),
        (1.0, 0.1, 3.889e7, 4),
        (1.0, 0.03, 9.49e8, 3),
        (3.0, 0.03, 3300.0, 3),
    ] {
        let eta = 0.003 * k;
        let diffusion = |y: f64| 0.5 * eta * 509.0 * ((6.0 * y * y - 16.0).abs() + floor);
        let floored = FirstPassage {
            breaks: &|_, _| Ok(Marks::kinks(&[kink])),
            ..passage(&slope, &diffusion, deep, saddle)
        };
        let time = floored.solve().unwrap().time().unwrap();
        agrees(time.mean / eta, expected, digits);
        // Without the break, panels find the kink themselves.
        let unannounced = passage(&slope, &diffusion, deep, saddle)
            .solve()
            .unwrap()
            .time()
            .unwrap();
        assert!((unannounced.mean / time.mean - 1.0).abs() < 1e-9);
    }
}

#[test]
fn noise_that_vanishes_on_the_way_is_never_passed() {
    // C = |L''|/B: at the inflection point D = 0 and the drift points back into the well.
    let slope = |y: f64| 2.0 * y * y * y - 16.0 * y + 2.5;
    let inflection = -(8.0f64 / 3.0).sqrt();
    for breaks in [vec![], vec![inflection]] {
        for height in [1e-7, 0.1, 3.0] {
            let diffusion = |y: f64| height * (6.0 * y * y - 16.0).abs();
            let bare = FirstPassage {
                breaks: &|_, _| Ok(Marks::kinks(&breaks)),
                ..passage(&slope, &diffusion, -2.9, 0.15)
            };
            let outcome = bare.solve().unwrap();
            let Passage::Never { barrier } = outcome else {
                panic!("{outcome:?}")
            };
            assert!((barrier - inflection).abs() < 1e-11);
            assert!(outcome.time().unwrap_err().to_string().contains("infinite"));
        }
    }
    // The same seen in a mirror: from the right, towards the left.
    let mirrored = passage(&|_: f64| -1.0, &|x: f64| (x - 0.5).abs(), 1.0, 0.0)
        .solve()
        .unwrap();
    assert!(matches!(mirrored, Passage::Never { barrier } if (barrier - 0.5).abs() < 1e-12));
    // Left of the start with the drift pointing out: lost with positive probability.
    let trap = passage(&|_: f64| 1.0, &|x: f64| (x + 1.0).abs(), 0.0, 1.0)
        .solve()
        .unwrap();
    assert!(matches!(trap, Passage::Never { barrier } if (barrier + 1.0).abs() < 1e-12));
    // Carried through towards the exit: finite, but not a case that is solved.
    let carried = passage(&|_: f64| -1.0, &|x: f64| (x - 0.5).abs(), 0.0, 1.0).solve();
    assert!(
        carried
            .unwrap_err()
            .to_string()
            .contains("vanishes at θ = 0.5")
    );
    // Integrable: √ is not a barrier.
    let root = passage(&|_: f64| 1.0, &|x: f64| (x - 0.5).abs().sqrt(), 0.0, 1.0).solve();
    assert!(!matches!(root, Ok(Passage::Never { .. })));
}

#[test]
fn unusable_input_is_refused() {
    let say = |of: FirstPassage<'_>| of.solve().unwrap_err().to_string();
    assert!(say(passage(&|x: f64| x, &|_: f64| 1.0, 1.0, 1.0)).contains("starts at its exit"));
    assert!(say(passage(&|x: f64| x, &|_: f64| 1.0, f64::NAN, 1.0)).contains("finite"));
    assert!(say(passage(&|x: f64| x, &|_: f64| -1.0, 0.0, 1.0)).contains("D to -1"));
    assert!(
        say(passage(&|_: f64| f64::NAN, &|_: f64| 1.0, 0.0, 1.0)).contains("U' comes to no number")
    );
    assert!(say(passage(&|x: f64| -x, &|_: f64| 1.0, 0.0, 1.0)).contains("confines"));
    let wall = FirstPassage {
        reflecting: Some(0.5),
        ..passage(&|x: f64| x, &|_: f64| 1.0, 0.0, 1.0)
    };
    assert!(say(wall).contains("wall"));
    assert!(say(passage(&|x: f64| x, &|_: f64| 1e-4, 0.0, 1.0)).contains("largest double"));
}
