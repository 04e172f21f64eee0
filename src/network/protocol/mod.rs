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

use experiment::vocabulary::{Read, Vocabulary};

/// Every protocol by its name in experiment files.
pub const PROTOCOLS: &[(&str, Read)] = &[
    ("network-covariance", |root, name, rules| {
        Ok(Arc::new(covariance::CovarianceSpec::read(
            root, name, rules,
        )?))
    }),
    ("network-escape", |root, name, rules| {
        Ok(Arc::new(escape::EscapeSpec::read(root, name, rules)?))
    }),
    ("network-noise", |root, name, rules| {
        Ok(Arc::new(noise::NoiseSpec::read(root, name, rules)?))
    }),
    ("network-posterior", |root, name, rules| {
        Ok(Arc::new(posterior::PosteriorSpec::read(root, name, rules)?))
    }),
    ("network-svag", |root, name, rules| {
        Ok(Arc::new(svag::SvagSpec::read(root, name, rules)?))
    }),
    ("network-training", |root, name, rules| {
        Ok(Arc::new(training::TrainingSpec::read(root, name, rules)?))
    }),
];

/// What files may name where there are networks.
pub fn vocabulary() -> Vocabulary {
    Vocabulary::default().with_protocols(PROTOCOLS)
}
