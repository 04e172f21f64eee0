//! Linear optimizers on quadratics: everything about them is a rational function of their parameters.
//!
//! ```
//! use kramers_prediction::exact::linear::{LinearRule, Recursion};
//!
//! // The stationary variance of PNM, against the paper's γη/(2B) = 0.25 at h = 1, B = 1.
//! let rule = LinearRule::Pnm { beta1: 0.9, beta0: 1.0 };
//! let law = Recursion::scalar(rule, 0.1, 1.0, 1.0)?.stationary().expect("ηh is below 1.49");
//! assert!((law.theta[(0, 0)] - 0.0214767304).abs() < 1e-10);
//! # Ok::<(), base::error::Error>(())
//! ```

mod filter;
mod last_step;
mod modes;
mod noise_of_place;
mod optimizer;
mod quadratic;
mod recursion;
mod rule;
pub mod stability;
mod step;

pub use filter::Filter;
pub use last_step::LastStep;
pub use noise_of_place::QuadraticNoise;
pub use optimizer::{LinearOptimizer, adai_inertia};
pub use quadratic::Quadratic;
pub use recursion::{Memory, Recursion, Stationary};
pub use rule::{LinearRule, gamma};
pub use step::{Gaussian, LinearStep};

#[cfg(test)]
mod posterior_tests;
#[cfg(test)]
mod saddle_tests;
