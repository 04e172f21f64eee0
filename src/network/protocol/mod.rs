//! Experiments on real networks.

pub mod architecture;
pub mod course;
pub mod covariance;
pub mod criterion;
pub mod escape;
pub mod members;
pub mod noise;
pub mod points;
pub mod posterior;
pub mod schooling;
pub mod source;
pub mod svag;
pub mod task;
pub mod training;

use std::sync::Arc;

use experiment::vocabulary::{Entry, Vocabulary};

/// Every protocol by its name in experiment files.
pub const PROTOCOLS: &[Entry] = &[
    (
        "network-covariance",
        "the covariance of a network's gradient noise against its Hessian, along a training",
        |root, name, rules| {
            Ok(Arc::new(covariance::CovarianceSpec::read(
                root, name, rules,
            )?))
        },
    ),
    (
        "network-escape",
        "escapes of networks from a minimum that a sharper one borders",
        |root, name, rules| Ok(Arc::new(escape::EscapeSpec::read(root, name, rules)?)),
    ),
    (
        "network-noise",
        "tails of the gradient noise of networks across minibatches and parameters",
        |root, name, rules| Ok(Arc::new(noise::NoiseSpec::read(root, name, rules)?)),
    ),
    (
        "network-posterior",
        "the stationary law of the last layer around a minimum of a network",
        |root, name, rules| Ok(Arc::new(posterior::PosteriorSpec::read(root, name, rules)?)),
    ),
    (
        "network-svag",
        "SGD on a network against its SVAG scalings",
        |root, name, rules| Ok(Arc::new(svag::SvagSpec::read(root, name, rules)?)),
    ),
    (
        "network-training",
        "trainings of networks by several optimizers over seeds: accuracy, sharpness, margins",
        |root, name, rules| Ok(Arc::new(training::TrainingSpec::read(root, name, rules)?)),
    ),
];

/// What files may name where there are networks.
pub fn vocabulary() -> Vocabulary {
    Vocabulary::default().with_protocols(PROTOCOLS)
}
