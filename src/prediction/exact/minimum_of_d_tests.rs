//! First exits among d coordinates against tables and closed forms.

use super::*;
use crate::exact::averaged_loss::{AveragedStyblinskiTang, Wells};
use crate::exact::function::Function;
use crate::exact::panels::smooth;

fn survival(
    drift: &dyn Function,
    variance: &dyn Function,
    eta: f64,
    start: f64,
    exit: f64,
) -> Survival {
    Survival::of(&DiscreteChain {
        drift,
        variance,
        eta,
        start,
        exit,
        breaks: &smooth,
        bridge: false,
    })
    .unwrap()
}

#[test]
fn geometric_exits_have_a_geometric_minimum() {
    // Each step is a fresh normal: the minimum of d is geometric with 1 − (1 − p)^d.
    let of = survival(&|x: f64| x, &|_: f64| 1.0, 1.0, 0.3, 1.0);
    let p = 0.158_655_253_931_457_05;
    for d in [1, 3, 10] {
        let q = 1.0 - (1.0f64 - p).powi(d);
        let minimum = of.minimum(d as u32).unwrap();
        assert!((minimum.mean * q - 1.0).abs() < 1e-10);
        assert!((minimum.variance * q * q / (1.0 - q) - 1.0).abs() < 1e-9);
    }
    assert!((of.at(5) - (1.0 - p).powi(5)).abs() < 1e-13);
    assert!((of.at(1000).ln() / 1000.0 - (1.0 - p).ln()).abs() < 1e-12);
    assert!(of.minimum(0).is_err());
}

#[test]
fn ten_coordinates_of_styblinski_tang() {
    let loss = AveragedStyblinskiTang::new(0.0).unwrap();
    let Wells::Double { deep, saddle, .. } = loss.wells() else {
        panic!("two wells")
    };
    for (k, expected) in [
        (1.0, 1.37660886e4),
        (1.25, 2.35909609e3),
        (1.5, 717.108021),
        (2.0, 159.523802),
        (2.5, 63.8668765),
        (3.0, 34.070_682_04),
    ] {
        let of = survival(
            &|y: f64| loss.gradient(y),
            &|_: f64| 1e4 / 3.0,
            0.003 * k,
            deep,
            saddle,
        );
        let minimum = of.minimum(10).unwrap();
        // The table has nine digits.
        assert!(
            (minimum.mean / expected - 1.0).abs() < 5e-9,
            "{k}: {}",
            minimum.mean
        );
        let (one, direct) = (of.minimum(1).unwrap(), of.chain());
        assert!((one.mean / direct.mean - 1.0).abs() < 1e-9);
        assert!((one.variance / direct.variance - 1.0).abs() < 1e-8);
    }
}

#[test]
fn minibatch_noise_in_the_single_well() {
    // s² = 4, B = 10, η = 0.001 k: chain of one coordinate, and the first of ten, by an independent
    // Nyström solve and iteration on [−60, exit].
    let loss = AveragedStyblinskiTang::new(4.0).unwrap();
    for (k, one, ten) in [
        (1.0, 1.4808073149e6, 1.485464982e5),
        (2.0, 8.8004563845e3, 1.0654469392e3),
        (4.0, 6.00660828112e2, 1.2516948341e2),
    ] {
        let variance = |y: f64| loss.gradient_variance(y) / 10.0;
        let of = survival(
            &|y: f64| loss.gradient(y),
            &variance,
            0.001 * k,
            -2.903534027771177,
            0.15673125678034,
        );
        assert!(
            (of.chain().mean / one - 1.0).abs() < 1e-9,
            "{k}: {}",
            of.chain().mean
        );
        let minimum = of.minimum(10).unwrap().mean;
        assert!((minimum / ten - 1.0).abs() < 1e-8, "{k}: {minimum}");
    }
}
