//! Additive Gaussian noise against its covariance.

use kramers::simulation::noise::{Gaussian, Shape};
use kramers::simulation::random::Stream;
use nalgebra::DMatrix;

use super::{agree, gradients, slope, surface};

/// Seed 81, 192,000 gradients in three coordinates at an even and an odd step, which share their draws'
/// round.
#[test]
fn a_full_covariance_is_reproduced() {
    let covariance =
        DMatrix::from_row_slice(3, 3, &[2.0, -0.6, 0.3, -0.6, 1.0, 0.5, 0.3, 0.5, 0.8]);
    let theta = [-1.0, 0.2, 2.0];
    let f = surface("styblinski-tang", &[("dim", 3.0)]);
    let mean = slope(&*f, &theta);
    let shape = Shape::from_covariance(covariance.clone()).unwrap();
    let oracle = Gaussian::new(f, shape);
    for step in [6, 7] {
        let found = gradients(&oracle, &theta, &Stream::new(81, 0), 192_000, step);
        agree(&found, &mean, &covariance);
    }
}

/// Seed 82: one standard deviation for all coordinates.
#[test]
fn an_isotropic_covariance_is_reproduced() {
    let theta = [-1.0, 0.2];
    let f = surface("styblinski-tang", &[("dim", 2.0)]);
    let mean = slope(&*f, &theta);
    let oracle = Gaussian::new(f, Shape::Isotropic(1.3));
    let found = gradients(&oracle, &theta, &Stream::new(82, 0), 192_000, 0);
    agree(&found, &mean, &(DMatrix::identity(2, 2) * 1.69));
}

#[test]
fn a_matrix_that_is_no_covariance_is_refused() {
    for (entries, wanted) in [
        ([1.0, 0.5, 0.4, 1.0], "symmetric"),
        ([1.0, 2.0, 2.0, 1.0], "not ≥ 0: an eigenvalue is -1.0"),
        ([0.0, 0.0, 0.0, -1e-3], "not ≥ 0: an eigenvalue is -0.001"),
        ([f64::NAN, 0.0, 0.0, 1.0], "symmetric"),
    ] {
        let matrix = DMatrix::from_row_slice(2, 2, &entries);
        assert!(Shape::from_covariance(matrix).unwrap_err().contains(wanted));
    }
}

/// C = vvᵀ is a covariance, though not of full rank.
#[test]
fn a_covariance_of_rank_one_is_reproduced() {
    let theta = [-1.0, 0.2];
    let f = surface("styblinski-tang", &[("dim", 2.0)]);
    let mean = slope(&*f, &theta);
    let c = DMatrix::from_row_slice(2, 2, &[0.25, -0.5, -0.5, 1.0]);
    let oracle = Gaussian::new(f, Shape::from_covariance(c.clone()).unwrap());
    let found = gradients(&oracle, &theta, &Stream::new(82, 1), 192_000, 0);
    agree(&found, &mean, &c);
}
