//! Property tests that every surface must pass: derivatives, blocks, critical points.

use nalgebra::DMatrix;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::cosine::Cosine;
use super::cubic::Cubic;
use super::double_well::DoubleWell;
use super::expression::{Expression, Formula};
use super::quadratic::Quadratic;
use super::ring::Ring;
use super::rosenbrock::Rosenbrock;
use super::sharpened::Sharpened;
use super::styblinski_tang::StyblinskiTang;
use super::two_temperature::{TwoTemperature, WellAndTop};
use super::valley::Valley;
use super::vectorised::Vectorised;
use super::{Kind, Landscape};

/// Step of the central differences; powers of 2 keep θ ± h nearly exact.
const STEP: f64 = 1.0 / 1024.0;

/// Every function and operation of a formula, none at a kink or a pole within |x|, |y| ≤ 3.
const EVERY_FUNCTION: &str =
    "0.3*exp(-x^2/4)*sin(y) + cos(x*y)/(2 + sin(x)) + ln(4 + x) + sqrt(5 - y)
    + tan(x/4) + asin(x/4) - acos(y/5) + atan(x - y) + sinh(y/3) + cosh(x/2) + tanh(x + y)
    + (4 + x)^1.7 + 2^y + (5 + x)^(y/3) + (5+x)^-2 + abs(x^2 + 1) + (x^2 + y^2)^2/9 - x^3*y^5/81";

fn surfaces() -> Vec<(Box<dyn Landscape>, Box<dyn Landscape>)> {
    fn pair<L: Landscape + Clone + 'static>(l: L) -> (Box<dyn Landscape>, Box<dyn Landscape>) {
        (Box::new(l.clone()), Box::new(Vectorised::new(l)))
    }
    let coupled = DMatrix::from_row_slice(3, 3, &[2.0, 0.5, 0.1, 0.5, 1.0, -0.3, 0.1, -0.3, 0.7]);
    let diagonal = DMatrix::from_diagonal_element(2, 2, 3.0);
    let well = WellAndTop::new(2.0, 1.0, 1.0).unwrap();
    let written = |text: &str, dim| Expression::new(&Formula::new(text), dim).unwrap();
    vec![
        pair(written("0.25*(x^2-1)^2 + 0.1*x", Some(2))),
        pair(written(EVERY_FUNCTION, None)),
        pair(Sharpened::new(written("cosh(x-y) + (x*y-1)^2", None), 1.7).unwrap()),
        pair(StyblinskiTang::new(3).unwrap()),
        pair(DoubleWell::new(2).unwrap()),
        pair(Cosine::new(2).unwrap()),
        pair(Cubic::new(2).unwrap()),
        pair(Quadratic::new(coupled).unwrap()),
        pair(Quadratic::new(diagonal).unwrap()),
        pair(Rosenbrock::new(1.3, 10.0, 0.5, 4).unwrap()),
        pair(Ring::new(3.0, 0.6).unwrap()),
        pair(Valley::new(0.5, 2.0).unwrap()),
        pair(TwoTemperature::with_profile(well, 2).unwrap()),
        pair(Sharpened::new(StyblinskiTang::new(2).unwrap(), 1.7).unwrap()),
        pair(Sharpened::new(TwoTemperature::with_profile(well, 1).unwrap(), 3.0).unwrap()),
    ]
}

fn slope(surface: &dyn Landscape, theta: &[f64]) -> Vec<f64> {
    let mut gradient = vec![f64::NAN; theta.len()];
    surface.gradient(theta, 1, &mut gradient);
    gradient
}

/// Central difference of `f` along coordinate `i`, and what it may be off by.
///
/// Truncation: D(h) = f′ + h²f‴/6 + O(h⁴), so D(2h) − D(h) is three times the error of D(h); the
/// whole of it is allowed. Rounding: f is computed as if its input and result were off by a few ε,
/// that is by ε (|f| + |θ||f′| + |θ|²|f″| + 1), which the quotient divides by h; `size` is that sum
/// and 32 covers the operations of the longest formula.
fn difference(f: impl Fn(&[f64]) -> f64, theta: &[f64], i: usize, size: f64) -> (f64, f64) {
    let quotient = |h: f64| {
        let (mut up, mut down) = (theta.to_vec(), theta.to_vec());
        up[i] += h;
        down[i] -= h;
        (f(&up) - f(&down)) / (up[i] - down[i])
    };
    let (near, far) = (quotient(STEP), quotient(2.0 * STEP));
    (near, (far - near).abs() + 32.0 * f64::EPSILON * size / STEP)
}

fn check_derivatives(surface: &dyn Landscape, theta: &[f64]) {
    let gradient = slope(surface, theta);
    let hessian = surface.hessian(theta);
    let norm = theta.iter().map(|x| x.abs()).sum::<f64>() + 1.0;
    let steepness = gradient.iter().map(|g| g.abs()).sum::<f64>();
    let bend = hessian.iter().map(|h| h.abs()).sum::<f64>();
    let size = 1.0 + surface.value(theta).abs() + norm * steepness + norm * norm * bend;
    for i in 0..theta.len() {
        let (found, allowance) = difference(|t| surface.value(t), theta, i, size);
        assert!(
            (found - gradient[i]).abs() <= allowance,
            "{}: gradient {i} is {} but differences give {found} ± {allowance:e} at {theta:?}",
            surface.name(),
            gradient[i]
        );
        for j in 0..theta.len() {
            let (found, allowance) = difference(|t| slope(surface, t)[j], theta, i, size * norm);
            assert!(
                (found - hessian[(i, j)]).abs() <= allowance,
                "{}: hessian ({i}, {j}) is {} but differences give {found} ± {allowance:e} at {theta:?}",
                surface.name(),
                hessian[(i, j)]
            );
        }
    }
}

fn check_blocks(surface: &dyn Landscape, vectorised: &dyn Landscape, points: &[f64]) {
    let dim = surface.dim();
    for lanes in [1, 3, 8, 64] {
        let block: Vec<f64> = (0..dim * lanes).map(|n| points[n % points.len()]).collect();
        let mut whole = vec![f64::NAN; dim * lanes];
        let mut wide = whole.clone();
        surface.gradient(&block, lanes, &mut whole);
        vectorised.gradient(&block, lanes, &mut wide);
        assert_eq!(whole, wide, "{} vectorised", surface.name());
        let (mut diagonal, mut wide_diagonal) = (whole.clone(), whole.clone());
        surface.hessian_diagonal(&block, lanes, &mut diagonal);
        vectorised.hessian_diagonal(&block, lanes, &mut wide_diagonal);
        assert_eq!(diagonal, wide_diagonal, "{} vectorised", surface.name());
        for lane in 0..lanes {
            let theta: Vec<f64> = (0..dim).map(|i| block[i * lanes + lane]).collect();
            let alone = slope(surface, &theta);
            let hessian = surface.hessian(&theta);
            for i in 0..dim {
                let at = i * lanes + lane;
                assert_eq!(
                    alone[i].to_bits(),
                    whole[at].to_bits(),
                    "{}",
                    surface.name()
                );
                assert_eq!(hessian[(i, i)], diagonal[at], "{}", surface.name());
            }
        }
    }
}

/// ∇L in single precision: what it is in double precision at the same θ, to the rounding of a few dozen operations on
/// numbers as large as the gradient's terms, which θ and the Hessian bound.
fn check_single(surface: &dyn Landscape, points: &[f64]) {
    let theta: Vec<f32> = points.iter().map(|x| *x as f32).collect();
    let wide: Vec<f64> = theta.iter().map(|x| f64::from(*x)).collect();
    let mut single = vec![f32::NAN; theta.len()];
    surface.gradient(&theta, 1, &mut single);
    let norm = wide.iter().map(|x| x.abs()).sum::<f64>() + 1.0;
    let bend = surface.hessian(&wide).iter().map(|h| h.abs()).sum::<f64>();
    let double = slope(surface, &wide);
    let steepness = double.iter().map(|g| g.abs()).sum::<f64>();
    let size = 1.0 + steepness + norm * bend;
    for (i, (x, exact)) in single.iter().zip(double).enumerate() {
        let error = (f64::from(*x) - exact).abs();
        let allowance = 32.0 * f64::from(f32::EPSILON) * size;
        assert!(error <= allowance, "{} {i}: {x} {exact}", surface.name());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn derivatives_match_finite_differences(theta in prop::collection::vec(-3.0..3.0f64, 4)) {
        for (surface, _) in surfaces() {
            let point = &theta[..surface.dim()];
            // A difference that reaches over a kink measures neither side.
            let kinked = surface
                .structure(-4.0, 4.0)
                .kinks
                .iter()
                .any(|c| point.iter().any(|x| (x - c).abs() <= 2.0 * STEP));
            if !kinked {
                check_derivatives(surface.as_ref(), point);
            }
        }
    }

    #[test]
    fn single_precision_is_the_same_surface(theta in prop::collection::vec(-3.0..3.0f64, 4)) {
        for (surface, vectorised) in surfaces() {
            let point = &theta[..surface.dim()];
            // On either side of a kink θ may be rounded to the other.
            let near = |c: &f64| point.iter().any(|x| (x - c).abs() <= STEP);
            if !surface.structure(-4.0, 4.0).kinks.iter().any(near) {
                check_single(surface.as_ref(), point);
                check_single(vectorised.as_ref(), point);
            }
        }
    }

    #[test]
    fn a_block_is_its_lanes_bit_for_bit(points in prop::collection::vec(-3.0..3.0f64, 97)) {
        for (surface, vectorised) in surfaces() {
            check_blocks(surface.as_ref(), vectorised.as_ref(), &points);
        }
    }
}

#[test]
fn critical_points_rest_and_have_their_signature() {
    for (surface, vectorised) in surfaces() {
        let points = surface.critical_points();
        assert!(!points.is_empty(), "{}", surface.name());
        assert_eq!(points, vectorised.critical_points());
        for point in points {
            let hessian = surface.hessian(&point.theta);
            let bend = hessian.amax();
            // A critical point is known to a few ε of itself, which the curvature turns into slope.
            let reach = point.theta.iter().fold(1.0f64, |m, x| m.max(x.abs()));
            let allowance = 16.0 * f64::EPSILON * bend * reach;
            for g in slope(surface.as_ref(), &point.theta) {
                assert!(g.abs() <= allowance, "{} {point:?}: {g:e}", surface.name());
            }
            let settled = surface.value(&point.theta);
            let size = 1.0 + settled.abs() + bend * reach * reach;
            assert!((point.value - settled).abs() <= 16.0 * f64::EPSILON * size);
            let eigenvalues = hessian.symmetric_eigenvalues();
            let negative = eigenvalues.iter().filter(|&&l| l < -allowance).count();
            let expected = match point.kind {
                Kind::Minimum => 0,
                Kind::Saddle => 1,
            };
            assert_eq!(negative, expected, "{} {point:?}", surface.name());
        }
    }
}

#[test]
fn a_separable_surface_has_a_diagonal_hessian() {
    for (surface, _) in surfaces().iter().filter(|(surface, _)| surface.separable()) {
        let theta: Vec<f64> = (0..surface.dim()).map(|i| 0.7 - 0.9 * i as f64).collect();
        let hessian = surface.hessian(&theta);
        let off: f64 = (&hessian - DMatrix::from_diagonal(&hessian.diagonal())).amax();
        assert_eq!(off, 0.0, "{}", surface.name());
    }
}
