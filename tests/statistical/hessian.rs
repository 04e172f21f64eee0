//! Hessian-shaped noise against C = (|H| + δI)/B.

use kramers::simulation::noise::HessianShaped;
use kramers::simulation::random::Stream;
use nalgebra::DMatrix;

use super::{agree, gradients, slope, surface};

/// |H| of a symmetric 2 × 2 matrix without its eigenvectors: the root of M = H² by Cayley–Hamilton,
/// √M = (M + √det M I)/√(tr M + 2√det M).
fn absolute(hessian: &DMatrix<f64>) -> DMatrix<f64> {
    let square = hessian * hessian;
    let root = square.determinant().sqrt();
    let scale = (square.trace() + 2.0 * root).sqrt();
    (square + DMatrix::identity(2, 2) * root) / scale
}

/// Seed 91, 192,000 gradients a point; on a separable surface, and on two that are not, where H has
/// eigenvalues of both signs.
#[test]
fn the_covariance_is_the_absolute_hessian_over_the_batch() {
    let (batch, floor) = (2.5, 0.4);
    for (name, parameters, theta) in [
        ("styblinski-tang", &[("dim", 2.0)][..], [-2.5, 0.3]),
        ("rosenbrock", &[("b", 2.0)], [0.3, 1.4]),
        ("ring", &[("a", 0.4)], [0.5, 0.45]),
    ] {
        let f = surface(name, parameters);
        let mean = slope(&*f, &theta);
        let hessian = f.hessian(&theta);
        assert!(
            hessian.determinant() < 0.0,
            "{name}: both signs at the point"
        );
        assert_eq!(f.separable(), hessian[(0, 1)] == 0.0, "{name}");
        let covariance = (absolute(&hessian) + DMatrix::identity(2, 2) * floor) / batch;
        let oracle = HessianShaped::new(f, batch, floor);
        let found = gradients(&oracle, &theta, &Stream::new(91, 0), 192_000, 3);
        agree(&found, &mean, &covariance);
    }
}

/// On a separable surface of three coordinates: an odd number of normals a step. Seed 92.
#[test]
fn each_coordinate_of_a_separable_surface_has_its_own_curvature() {
    let theta = [-2.9, 1.1, 0.0];
    let f = surface("styblinski-tang", &[("dim", 3.0)]);
    let mean = slope(&*f, &theta);
    let covariance = f.hessian(&theta).map(f64::abs) / 8.0;
    let oracle = HessianShaped::new(f, 8.0, 0.0);
    let found = gradients(&oracle, &theta, &Stream::new(92, 0), 192_000, 3);
    agree(&found, &mean, &covariance);
}

/// A particle that is no longer finite gets no noise, and its neighbours keep theirs.
#[test]
fn a_diverged_particle_disturbs_no_other() {
    use kramers::simulation::noise::{Oracle, Place};
    let oracle = HessianShaped::new(surface("rosenbrock", &[]), 1.0, 0.1);
    let gradient = |theta: [f64; 4]| {
        let mut out = [0.0; 4];
        let place = Place {
            lanes: 2,
            theta: &theta,
            particle: &[0, 1],
            step: &[0, 0],
            stream: &Stream::new(93, 0),
            normals: &[0.5, -0.2, 1.0, 0.3],
            live: &[],
        };
        oracle.gradient(place, &mut out, &mut [0.0; 4]);
        [out[1], out[3]]
    };
    assert_eq!(
        gradient([0.1, 0.5, 0.2, 0.4]),
        gradient([f64::NAN, 0.5, f64::INFINITY, 0.4])
    );
}
