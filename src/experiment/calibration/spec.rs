//! The experiment file of the protocol `calibration`.

use serde::Serialize;

use super::estimator::Estimator;
use crate::spec::Section;
use base::error::Result;

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct CalibrationSpec {
    /// What is put to the test.
    pub estimators: Vec<Estimator>,
    /// Data sets for each estimator and effect.
    pub repetitions: u64,
    /// Numbers in a data set.
    pub n: u64,
    /// Coverage of the intervals.
    pub confidence: f64,
    /// δ of the synthetic claim.
    pub tolerance: f64,
    /// How far beyond the edge of the tolerance the truth lies, in standard errors; 0 comes first.
    pub effects: Vec<f64>,
}

impl CalibrationSpec {
    /// Reads the section `[calibration]`.
    ///
    /// # Errors
    /// Anything missing, unknown or out of range.
    pub fn read(root: &Section<'_>) -> Result<Self> {
        let section = root.required_section("calibration")?;
        let why = "data sets for each estimator and effect; 2000 tell a chance of 0.5 % to a third";
        let repetitions = section.integer("repetitions", None, 100..=100_000_000, why)?;
        let n = section.integer("n", None, 10..=100_000_000, "numbers in a data set")?;
        let why = "coverage of the intervals";
        let confidence = section.number("confidence", Some(0.99), 0.5..=0.999_999, why)?;
        let why = "the tolerance δ of the synthetic claim, relative";
        let tolerance = section.number("tolerance", None, 1e-6..=1.0, why)?;
        let why = "the truth's distance beyond the edge of the tolerance, in standard errors";
        let effects = section.sweep("effects", None, 0.0..=100.0, why)?;
        if effects[0] != 0.0 || effects.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(section.error("effects", "must ascend from 0, which is the edge itself"));
        }
        section.finish()?;
        Ok(CalibrationSpec {
            estimators: Estimator::ALL.to_vec(),
            repetitions,
            n,
            confidence,
            tolerance,
            effects,
        })
    }
}
