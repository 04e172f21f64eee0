//! The averaged loss against Gauss–Hermite averages and tabulated critical points.

use super::*;
use crate::exact::action::action;
use crate::exact::first_passage::FirstPassage;
use crate::exact::interpretation::Interpretation;
use crate::exact::panels::smooth;

/// E g(ξ), ξ ~ N(0, 1), exact for polynomials of degree ≤ 9: five-point Gauss–Hermite.
fn normal_average(g: impl Fn(f64) -> f64) -> f64 {
    let root = 10f64.sqrt();
    let (inner, outer) = ((5.0 - root).sqrt(), (5.0 + root).sqrt());
    let (near, far) = ((7.0 + 2.0 * root) / 60.0, (7.0 - 2.0 * root) / 60.0);
    8.0 / 15.0 * g(0.0) + near * (g(inner) + g(-inner)) + far * (g(outer) + g(-outer))
}

#[test]
fn averages_over_the_data() {
    let f = |u: f64| 0.5 * (u.powi(4) - 16.0 * u * u + 5.0 * u);
    let slope = |u: f64| 2.0 * u.powi(3) - 16.0 * u + 2.5;
    for s2 in [0.3f64, 1.0, 4.0] {
        let loss = AveragedStyblinskiTang::new(s2).unwrap();
        for y in [-3.0, -0.4, 0.0, 1.7] {
            let at = |xi: f64| y - s2.sqrt() * xi;
            // A few ulp of the largest term, u^6 ~ 1e5 at the outer nodes.
            let close =
                |a: f64, b: f64| assert!((a - b).abs() < 1e-12 * (1e2 + b.abs()), "{a} {b}");
            close(normal_average(|xi| f(at(xi))), loss.value(y));
            let mean = normal_average(|xi| slope(at(xi)));
            close(mean, loss.gradient(y));
            close(
                normal_average(|xi| (slope(at(xi)) - mean).powi(2)),
                loss.gradient_variance(y),
            );
            let h = 1e-5;
            let numeric = (loss.gradient(y + h) - loss.gradient(y - h)) / (2.0 * h);
            // Central differences of a cubic: h² L''''/6 plus rounding 1e-16·|L'|/h.
            assert!((numeric - loss.hessian(y)).abs() < 1e-8);
        }
    }
}

#[test]
fn critical_points() {
    let wells = |s2| AveragedStyblinskiTang::new(s2).unwrap().wells();
    let Wells::Double {
        deep,
        saddle,
        shallow,
    } = wells(0.0)
    else {
        panic!("two wells")
    };
    assert!((deep + 2.903_534_027_771_177).abs() < 1e-15);
    assert!((saddle - 0.156_731_256_780_340_1).abs() < 1e-15);
    assert!((shallow - 2.746_802_770_990_837).abs() < 1e-15);
    let f = AveragedStyblinskiTang::new(0.0).unwrap();
    assert!((f.hessian(deep) - 34.583059).abs() < 5e-7);
    assert!((f.hessian(saddle) + 15.852612).abs() < 5e-7);
    assert!((f.value(saddle) - f.value(deep) - 39.361_778_062_827).abs() < 1e-12);

    let Wells::Double { deep, saddle, .. } = wells(1.0) else {
        panic!("two wells")
    };
    assert!((deep + 2.351910461335).abs() < 1e-12 && (saddle - 0.253248404858).abs() < 1e-12);
    let one = AveragedStyblinskiTang::new(1.0).unwrap();
    assert!((one.value(saddle) - one.value(deep) - 18.553043).abs() < 5e-7);
    assert!((one.gradient_variance(deep) - 960.0).abs() < 0.05);
    assert!((one.gradient_variance(saddle) - 121.07).abs() < 0.005);

    let Wells::Single { minimum } = wells(4.0) else {
        panic!("one well")
    };
    assert!((minimum + 0.305380279061).abs() < 1e-12);
    let four = AveragedStyblinskiTang::new(4.0).unwrap();
    assert!((four.hessian(minimum) - 8.559543).abs() < 5e-7);
    assert!((four.value(0.156731256780) - four.value(minimum) - 0.876462).abs() < 5e-7);
}

#[test]
fn the_barrier_disappears_at_a_variance_of_1_93567() {
    let critical = AveragedStyblinskiTang::largest_variance_with_a_barrier();
    assert!((critical - 1.93567).abs() < 1e-5, "{critical}");
    let wells = |s2| AveragedStyblinskiTang::new(s2).unwrap().wells();
    assert!(matches!(wells(critical - 1e-6), Wells::Double { .. }));
    assert!(matches!(wells(critical + 1e-6), Wells::Single { .. }));
    assert!(AveragedStyblinskiTang::new(-1.0).is_err());
}

#[test]
fn the_single_well_in_iterations_of_the_diffusion() {
    // s² = 4, B = 10, η = 0.001 k, from −2.9035… to 0.1567…
    let loss = AveragedStyblinskiTang::new(4.0).unwrap();
    let (start, exit) = (-2.903_534_027_771_177, 0.156_731_256_780_34);
    let gradient = |y: f64| loss.gradient(y);
    let Wells::Single { minimum } = loss.wells() else {
        panic!("one well")
    };
    let exponent = action(
        &gradient,
        &|y: f64| loss.gradient_variance(y),
        minimum,
        exit,
        &smooth,
    )
    .unwrap();
    assert!((exponent - 0.000_484_184_832).abs() < 5.1e-13, "{exponent}");
    for (k, expected, digits) in [
        (1.0, 1.133054603379e+06, 13),
        (1.25, 1.488625e+05, 7),
        (1.5, 3.8183413850e+04, 11),
        (2.0, 6.9084371866e+03, 11),
        (3.0, 1.2190615090e+03, 11),
        (4.0, 4.9114762230e+02, 11),
    ] {
        let eta = 0.001 * k;
        let passage = FirstPassage {
            drift: &gradient,
            diffusion: &|y: f64| 0.5 * eta * loss.gradient_variance(y) / 10.0,
            start,
            exit,
            reflecting: None,
            breaks: &smooth,
            interpretation: Interpretation::Ito,
        };
        let value = passage.solve().unwrap().time().unwrap().mean / eta;
        // Half a unit of the last digit given.
        let error = (value / expected - 1.0).abs();
        assert!(
            error < 5.5 * 10f64.powi(-digits) + 1e-13,
            "{k}: {value:.13e} {error:.1e}"
        );
    }
}
