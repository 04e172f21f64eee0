//! The experiment file of the protocol `integrator-order`.

use serde::Serialize;

use super::problem::Problem;
use crate::confidence::confidence;
use crate::spec::Section;
use base::error::Result;

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct OrderSpec {
    /// Its name, which begins the names of its rows.
    pub name: String,
    /// The numbers of the problems.
    pub problem: Problem,
    /// p of the steps horizon/2ᵖ, coarse to fine.
    pub powers: Vec<u32>,
    /// Coverage of the intervals of fitted orders.
    pub confidence: f64,
    /// Width beyond which such an interval decides nothing.
    pub widest: f64,
}

impl OrderSpec {
    /// Resolves the sections of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown or out of range.
    pub fn read(root: &Section<'_>, name: &str) -> Result<Self> {
        let section = root.required_section("problem")?;
        let range = 0.05..=5.0;
        let number = |key, why| section.number(key, None, range.clone(), why);
        let problem = Problem {
            temperature: number("temperature", "T of the additive noise")?,
            scale: section.number(
                "scale",
                None,
                0.05..=0.5,
                "s of D = s(L + δ); beyond 0.5 the coarse steps of a geometric Brownian motion change sign",
            )?,
            floor: number("floor", "δ of D = s(L + δ)")?,
            friction: number("friction", "γ of the dynamics with inertia")?,
            h: number("h", "the curvature h of ½hθ²")?,
            horizon: number("horizon", "the time after which laws are compared")?,
        };
        section.finish()?;
        let section = root.required_section("steps")?;
        let why =
            "p of the greatest step horizon/2ᵖ, small enough that the next order is a correction";
        let coarsest = section.integer("coarsest", None, 2..=9, why)?;
        let why = "p of the smallest step horizon/2ᵖ: an order needs four, and rounding leaves them their digits";
        let finest = section.integer("finest", None, coarsest + 3..=12, why)?;
        let confidence = confidence(&section)?;
        let why = "width beyond which an interval says nothing of an order";
        let widest = section.number("widest", Some(0.3), 1e-3..=1.0, why)?;
        section.finish()?;
        Ok(OrderSpec {
            name: name.to_string(),
            problem,
            powers: (coarsest..=finest).map(|p| p as u32).collect(),
            confidence,
            widest,
        })
    }
}
