//! What single precision does to a trajectory: nothing that is seen where a step's noise is larger than an ulp of θ,
//! and everything below.

use std::f64::consts::SQRT_2;
use std::sync::atomic::{AtomicBool, AtomicU64};

use kramers::simulation::ensemble::{Course, Optimizing, Precision};
use kramers::simulation::float::Float;
use kramers::simulation::landscape::double_well::DoubleWell;
use kramers::simulation::landscape::line::slope_at;
use kramers::simulation::landscape::sharpened::Sharpened;
use kramers::simulation::noise::{Gaussian, Oracle, Shape};
use kramers::simulation::optimizer::sgd::Sgd;
use kramers::simulation::optimizer::{Moves, Optimizer};
use kramers::simulation::random::Drawn;
use kramers::simulation::vector::Vector;

/// An ulp of a single between 1 and 2. The well L(θ/√2) has its minimum √2 there, with L″ = 1.
const ULP: f64 = 1.0 / 8_388_608.0;

fn well() -> Sharpened<DoubleWell> {
    Sharpened::new(DoubleWell::new(1).unwrap(), 0.5).unwrap()
}

/// θ of `particles` particles of SGD in the double well, from `start`, after `steps` steps.
fn sgd<F: Vector + Drawn>(
    precision: Precision,
    (eta, sigma): (f64, f64),
    start: f64,
    particles: u64,
    steps: u64,
) -> Vec<f64>
where
    Gaussian: Oracle<F>,
    dyn Optimizer: Moves<F>,
{
    let process = Optimizing::<F> {
        oracle: Box::new(Gaussian::new(Box::new(well()), Shape::Isotropic(sigma))),
        optimizer: Box::new(Sgd::new(eta)),
    };
    let course = Course {
        process: &process,
        stream: &precision.stream(17, 0),
        particles,
        start: &|_, theta, _| theta.fill(start),
        at: &[steps],
        lanes: None,
    };
    let seen = course.run(&AtomicBool::new(false), &AtomicU64::new(0));
    seen.unwrap().theta.concat()
}

fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    (mean, squares / (n - 1.0))
}

/// A step ηL′ below half an ulp is lost: θ rests where η|L′| = ulp/2, and at a start beyond that it never moves.
#[test]
fn without_noise_singles_rest_where_the_step_is_half_an_ulp() {
    let eta = 1e-5;
    let single = sgd::<f32>(Precision::F32, (eta, 0.0), 1.3, 1, 2_000_000)[0];
    let double = sgd::<f64>(Precision::F64, (eta, 0.0), 1.3, 1, 2_000_000)[0];
    println!("η = {eta}: singles rest at {single}, doubles at {double}");
    // exp(−ηn) is 2e-9.
    assert!((double - SQRT_2).abs() < 1e-8, "{double}");
    let lost = eta * slope_at(&well(), single).abs() / (0.5 * ULP);
    assert!((lost - 1.0).abs() < 0.01, "{single}: {lost}");
    let stuck = sgd::<f32>(Precision::F32, (1e-7, 0.0), 1.3, 1, 100_000)[0];
    assert_eq!(stuck, f32::of(1.3).wide());
}

/// Noise of ησ = r ulp a step. From r = 1 on, rounding adds a variance of ulp²/12 a step to (ησ)² and no bias: the
/// drift, r/50 ulp a step at one standard deviation, is carried by it. Far below, most of the drift is lost.
/// Seed 17, 4096 particles, five standard errors (variance 2.2 %, α = 6e-7).
#[test]
fn noise_beyond_an_ulp_carries_what_rounding_would_lose() {
    let (eta, particles, steps) = (1e-3, 4096, 6000);
    let five = 5.0 / (particles as f64).sqrt();
    for r in [1.0, 4.0] {
        let sigma = r * ULP / eta;
        // The law of the linear recursion: ησ²/(L″(2 − ηL″)).
        let exact = eta * sigma * sigma / (2.0 - eta);
        let start = SQRT_2 - 3.0 * exact.sqrt();
        for (precision, rounding) in [
            (Precision::F64, 0.0),
            (Precision::F32Noise, 0.0),
            (Precision::F32, 1.0 / (12.0 * r * r)),
        ] {
            let theta = match precision {
                Precision::F32 => sgd::<f32>(precision, (eta, sigma), start, particles, steps),
                _ => sgd::<f64>(precision, (eta, sigma), start, particles, steps),
            };
            let (mean, variance) = mean_and_variance(&theta);
            let expected = exact * (1.0 + rounding);
            let (off, ratio) = ((mean - SQRT_2) / expected.sqrt(), variance / exact);
            println!("{precision:?}, r = {r}: bias {off:.3} sd, variance {ratio:.4} of the exact");
            // (1 − η)ⁿ of the start's three standard deviations is left.
            let left = 3.0 * (-eta * steps as f64).exp();
            assert!((off + left).abs() < five, "{precision:?} {r}: {off}");
            let error = ratio / (1.0 + rounding) - 1.0;
            assert!(error.abs() < five * SQRT_2, "{precision:?} {r}: {ratio}");
        }
    }
    // A drift of a sixth of an ulp a step: noise lifts it over the half in one step of 200.
    let (noise, start) = ((eta, ULP / 8.0 / eta), SQRT_2 - 2e-5);
    let went = |theta: Vec<f64>| (mean_and_variance(&theta).0 - f32::of(start).wide()) / 2e-5;
    let single = went(sgd::<f32>(Precision::F32, noise, start, 512, 500));
    let double = went(sgd::<f64>(Precision::F64, noise, start, 512, 500));
    println!(
        "r = 1/8: in half a relaxation time singles go {single:.3}, doubles {double:.3} of the way"
    );
    // 1 − e^{−½} = 0.393.
    assert!(single < 0.1 * double && (double - 0.393).abs() < 0.01);
}
