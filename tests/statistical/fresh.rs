//! Fresh samples against the averaged loss of Styblinski–Tang, whose gradient variance is known exactly.

use kramers::prediction::exact::averaged_loss::AveragedStyblinskiTang;
use kramers::simulation::noise::{Fresh, Law};
use kramers::simulation::random::Stream;
use nalgebra::{DMatrix, DVector};

use super::{agree, gradients, surface};

/// E g = L′(y) of the averaged loss and Var g = C(y)/B, coordinates independent. Seed 71, 320,000
/// batches; B d odd and even.
#[test]
fn mean_and_variance_are_those_of_the_averaged_loss() {
    let data_variance = 1.5;
    let exact = AveragedStyblinskiTang::new(data_variance).unwrap();
    for (batch, theta) in [(1, &[-2.9][..]), (3, &[-1.0]), (2, &[0.4, -2.0])] {
        let f = surface("styblinski-tang", &[("dim", theta.len() as f64)]);
        let oracle = Fresh::new(f, Law::Normal, data_variance, batch);
        let found = gradients(&oracle, theta, &Stream::new(71, 0), 320_000, 5);
        let mean = DVector::from_iterator(theta.len(), theta.iter().map(|y| exact.gradient(*y)));
        let variance = theta
            .iter()
            .map(|y| exact.gradient_variance(*y) / batch as f64);
        let variance = DVector::from_iterator(theta.len(), variance);
        agree(&found, &mean, &DMatrix::from_diagonal(&variance));
    }
}

/// On a quadratic ∇f(θ − x) is linear in x, so that any law of variance s² gives mean hθ and variance
/// h²s²/B. Seed 72, 128,000 batches.
#[test]
fn every_law_has_the_variance_it_was_given() {
    for law in [Law::Normal, Law::Uniform, Law::Student(12.0)] {
        let oracle = Fresh::new(surface("quadratic", &[("h", 2.0)]), law, 0.7, 5);
        let found = gradients(&oracle, &[0.3], &Stream::new(72, 0), 128_000, 0);
        let (mean, variance) = (
            DVector::from_element(1, 0.6),
            DMatrix::from_element(1, 1, 0.56),
        );
        agree(&found, &mean, &variance);
    }
}
