//! The experiment file of the protocol `weak-approximation`.

use serde::Serialize;

use super::claim::ClaimSpec;
use crate::confidence::confidence;
use crate::spec::Section;
use crate::whole::whole_steps;
use base::error::Result;
use prediction::exact::{CommonNoise, InertialLimit};

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct WeakSpec {
    /// Its name, which begins the names of its cells.
    pub name: String,
    /// The surface.
    pub surface: Surface,
    /// Σ: the variance of one gradient is Σ/η.
    pub sigma: f64,
    /// Where both start; m₀ = ∇L(x₀).
    pub x0: f64,
    /// T: there are T/η steps.
    pub horizon: f64,
    /// α and c of every β = 1 − cη^α.
    pub families: Vec<Family>,
    /// η = 2⁻ᵖ of the exact recursion, coarse to fine; none where there is no exact recursion.
    pub exact: Vec<u32>,
    /// η = 2⁻ᵖ of the simulations, coarse to fine.
    pub simulated: Vec<u32>,
    /// N.
    pub particles: u64,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

/// One dimension.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Surface {
    /// ½hx².
    Quadratic {
        /// h.
        h: f64,
    },
    /// (x² − 1)²/4.
    DoubleWell,
}

/// β = 1 − cη^α.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Family {
    /// α.
    pub alpha: f64,
    /// c.
    pub c: f64,
}

/// η = 2⁻ᵖ.
pub fn eta(power: u32) -> f64 {
    0.5f64.powi(power as i32)
}

impl Family {
    /// β at η.
    ///
    /// # Errors
    /// It lies outside [0, 1).
    pub fn beta(&self, eta: f64) -> Result<f64> {
        CommonNoise::beta(eta, self.alpha, self.c)
    }
}

/// Particles × steps beyond which an experiment is refused before it starts.
const MOST_WORK: f64 = 1e14;

impl WeakSpec {
    /// Resolves the sections of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str) -> Result<Self> {
        let landscape = root.required_section("landscape")?;
        let surface = match landscape.choice("name", None, &["quadratic", "double-well"])? {
            "quadratic" => Surface::Quadratic {
                h: landscape.number("h", Some(1.0), 1e-3..=1.0, "the curvature h of ½hx²")?,
            },
            _ => Surface::DoubleWell,
        };
        landscape.finish()?;
        let noise = root.required_section("noise")?;
        let why = "Σ, positive: the variance of one gradient is Σ/η";
        let sigma = noise.number("sigma", None, 1e-12..=1e3, why)?;
        noise.finish()?;
        let course = root.required_section("course")?;
        let x0 = course.number("x0", None, -2.0..=2.0, "where both start")?;
        let why = "T, the time ηk up to which they are compared";
        let horizon = course.number("horizon", None, 0.5..=100.0, why)?;
        let mut families: Vec<Family> = Vec::new();
        for section in root.sections("family")? {
            let alpha = section.number("alpha", None, 0.0..=1.0, "α of β = 1 − cη^α")?;
            let c = section.number("c", None, 1e-6..=1e6, "c of β = 1 − cη^α")?;
            section.finish()?;
            if families.iter().any(|f| f.alpha == alpha) {
                return Err(section.error("alpha", format!("α = {alpha} occurs twice")));
            }
            families.push(Family { alpha, c });
        }
        if families.is_empty() {
            return Err(root.error("family", "give at least one [[family]] with α and c"));
        }
        let exact = match (surface, root.section("exact")?) {
            (Surface::Quadratic { .. }, Some(section)) => {
                let powers = powers(&section, 2..=22)?;
                section.finish()?;
                powers
            }
            (Surface::DoubleWell, Some(section)) => {
                let why = "only a quadratic has an exact recursion; leave [exact] out";
                return Err(section.error("coarsest", why));
            }
            (_, None) => Vec::new(),
        };
        let ensemble = root.required_section("ensemble")?;
        let simulated = powers(&ensemble, 4..=16)?;
        let why = "particles that move by SGD and by every SGDM";
        let particles = ensemble.integer("particles", None, 100..=1_000_000_000, why)?;
        let confidence = confidence(&ensemble)?;
        ensemble.finish()?;
        let finest = simulated.last().copied().unwrap_or(0);
        let work = particles as f64 * horizon / eta(finest) * (1 + families.len()) as f64;
        if work > MOST_WORK {
            let what = format!("{work:.1e} particle-steps at the finest η; fewer of them");
            return Err(ensemble.error("particles", what));
        }
        for family in &families {
            for &power in exact.iter().chain(&simulated) {
                family
                    .beta(eta(power))
                    .map_err(|e| root.error("family", format!("at η = 2^−{power}: {e}")))?;
            }
        }
        for &power in exact.iter().chain(&simulated) {
            whole_steps(horizon, eta(power))
                .map_err(|why| course.error("horizon", format!("at η = 2^−{power}, {why}")))?;
        }
        course.finish()?;
        let mut spec = WeakSpec {
            name: name.to_string(),
            surface,
            sigma,
            x0,
            horizon,
            families,
            exact,
            simulated,
            particles,
            confidence,
            claims: Vec::new(),
        };
        spec.claims = root
            .sections("claim")?
            .iter()
            .map(|section| ClaimSpec::read(section, &spec))
            .collect::<Result<Vec<_>>>()?;
        Ok(spec)
    }

    /// The pair of SGD and SGDM on the quadratic; `None` on another surface.
    pub fn pair(&self, family: Family, eta: f64) -> Option<CommonNoise> {
        let Surface::Quadratic { h } = self.surface else {
            return None;
        };
        Some(CommonNoise {
            eta,
            beta: family.beta(eta).ok()?,
            h,
            sigma: self.sigma,
            x0: self.x0,
            momentum_at_gradient: true,
        })
    }

    /// The process that α = 1 tends to, on the quadratic.
    pub fn limit(&self, family: Family) -> Option<InertialLimit> {
        let Surface::Quadratic { h } = self.surface else {
            return None;
        };
        (family.alpha == 1.0).then_some(InertialLimit {
            c: family.c,
            h,
            sigma: self.sigma,
            x0: self.x0,
            momentum_at_gradient: true,
        })
    }
}

/// p of η = 2⁻ᵖ from `coarsest` to `finest`.
fn powers(section: &Section<'_>, range: std::ops::RangeInclusive<u64>) -> Result<Vec<u32>> {
    let why = "p of the greatest η = 2⁻ᵖ";
    let coarsest = section.integer("coarsest", None, range.clone(), why)?;
    let why = "p of the smallest η = 2⁻ᵖ, beyond `coarsest`, since an order needs two";
    let finest = section.integer("finest", None, coarsest + 1..=*range.end(), why)?;
    Ok((coarsest..=finest).map(|p| p as u32).collect())
}

#[cfg(test)]
mod tests {
    use crate::refusal::refused;

    const QUADRATIC: &str =
        include_str!("../../../experiments/marginal-value/weak-approximation.toml");
    const WELL: &str =
        include_str!("../../../experiments/marginal-value/weak-approximation-double-well.toml");

    #[test]
    fn impossible_files_are_refused_with_the_reason() {
        refused(
            QUADRATIC,
            &[
                ("horizon = 2.0", "horizon = 0.0", "the time ηk"),
                ("horizon = 2.0", "horizon = 0.7", "no whole number"),
                ("c = 0.5", "c = 1.5", "at η = 2^−4"),
                ("alpha = 0.25\nc", "alpha = 0.0\nc", "occurs twice"),
                ("finest = 20", "finest = 4", "an order needs two"),
                ("coarsest = 10", "coarsest = 20", "one that was run"),
                ("kind = \"limit\"", "kind = \"bound\"", "α below 1"),
                ("alpha = [0.0, 0.25", "alpha = [0.1, 0.25", "no [[family]]"),
            ],
        );
        refused(
            WELL,
            &[
                (
                    "[ensemble]",
                    "[exact]\ncoarsest = 4\nfinest = 9\n[ensemble]",
                    "leave [exact] out",
                ),
                (
                    "from = \"simulated\"",
                    "from = \"exact\"",
                    "there is no [exact]",
                ),
                ("kind = \"stays\"", "kind = \"limit\"", "on a quadratic"),
            ],
        );
    }
}
