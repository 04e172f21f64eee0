//! The estimators under test, each with data of a law whose answer is known.

use rand_distr::{Distribution, Exp1, StandardNormal};
use serde::Serialize;

use base::error::Result;
use measurement::covariance::{Numbers, SecondMoment};
use measurement::exit_rate::ExitRate;
use measurement::mean::Moments;
use measurement::rate::Observation;
use measurement::{Estimate, regression};
use simulation::random::Sequence;

/// What is estimated, from what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Estimator {
    /// The rate of exponential exit times, exact chi-square interval.
    Rate,
    /// The mean of normal numbers, Student's interval.
    Mean,
    /// The second moment of normal numbers, its interval by the skewness of their squares.
    SecondMoment,
    /// The slope of a line through five points of known normal error.
    Slope,
}

/// Abscissae of the slope.
const ABSCISSAE: [f64; 5] = [-2.0, -1.0, 0.0, 1.0, 2.0];

impl Estimator {
    /// Every estimator.
    pub const ALL: [Estimator; 4] = [
        Estimator::Rate,
        Estimator::Mean,
        Estimator::SecondMoment,
        Estimator::Slope,
    ];

    /// Its name in files and figures.
    pub fn name(self) -> &'static str {
        match self {
            Estimator::Rate => "rate",
            Estimator::Mean => "mean",
            Estimator::SecondMoment => "second-moment",
            Estimator::Slope => "slope",
        }
    }

    /// The standard error over the truth, at `n` numbers.
    pub fn relative_error(self, n: u64) -> f64 {
        let root = (n as f64).sqrt();
        match self {
            Estimator::Rate | Estimator::Mean => 1.0 / root,
            Estimator::SecondMoment => std::f64::consts::SQRT_2 / root,
            // Σx² = 10, and each point has the error of a mean of n numbers.
            Estimator::Slope => 1.0 / (root * 10f64.sqrt()),
        }
    }

    /// The estimate from `n` fresh numbers whose law has the answer `truth` > 0.
    ///
    /// # Errors
    /// The estimator refuses the data.
    pub fn estimate(
        self,
        truth: f64,
        n: u64,
        confidence: f64,
        draws: &mut Sequence<'_>,
    ) -> Result<Estimate> {
        match self {
            Estimator::Rate => {
                let times: Vec<Observation> = (0..n)
                    .map(|_| {
                        let unit: f64 = Exp1.sample(draws);
                        Observation {
                            time: unit / truth,
                            exited: true,
                        }
                    })
                    .collect();
                Ok(ExitRate::of(&times, confidence)?.estimate)
            }
            Estimator::Mean => {
                // Standard deviation 1 where the claim is of a mean of 1.
                let numbers = (0..n).map(|_| truth + normal(draws));
                numbers.collect::<Moments>().estimate(confidence)
            }
            Estimator::SecondMoment => {
                let numbers: Vec<f64> = (0..n).map(|_| truth.sqrt() * normal(draws)).collect();
                let moment = SecondMoment::of(&numbers, 1, 0, 0, false);
                Ok(moment.estimate(Numbers::Gaussian, confidence))
            }
            Estimator::Slope => {
                let sigma = 1.0 / (n as f64).sqrt();
                let y = ABSCISSAE.map(|x| truth * x + sigma * normal(draws));
                regression::line(&ABSCISSAE, &y, &[sigma; 5])?.coefficient(1, confidence)
            }
        }
    }
}

fn normal(draws: &mut Sequence<'_>) -> f64 {
    StandardNormal.sample(draws)
}
