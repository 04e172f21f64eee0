//! The experiment file of the protocol `svag`.

use serde::Serialize;

use crate::claim::Stated;
use crate::confidence::confidence;
use crate::spec::Section;
use base::error::Result;

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct SvagSpec {
    /// Its name, which begins the names of its cells.
    pub name: String,
    /// θ at which single gradients are drawn, on the double well with fresh data.
    pub theta: f64,
    /// Variance of the data.
    pub data: f64,
    /// h of the quadratic ½hθ².
    pub h: f64,
    /// Variance of one gradient on it.
    pub variance: f64,
    /// η.
    pub eta: f64,
    /// K: l·K steps at η/l.
    pub steps: u64,
    /// θ₀ on the quadratic.
    pub start: f64,
    /// The values of l.
    pub l: Vec<u64>,
    /// Gradients drawn, and particles on the quadratic.
    pub particles: u64,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

/// How a claim is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// The mean is that of one gradient.
    Mean,
    /// The covariance is l times that of one gradient.
    Covariance,
    /// The skewness is (3l − 1)/(2l^{3/2}) of one gradient's.
    Skewness,
    /// The excess kurtosis is (l² + 2l − 1)/(2l²) of one gradient's.
    Kurtosis,
    /// On the quadratic the variance tends to that of the diffusion.
    Diffusion,
}

/// One thing to decide.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// Relative tolerance.
    pub tolerance: f64,
    /// How.
    pub criterion: Criterion,
}

/// Particles × steps beyond which an experiment is refused before it starts.
const MOST_WORK: f64 = 1e14;

impl SvagSpec {
    /// Resolves the sections of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown or out of range.
    pub fn read(root: &Section<'_>, name: &str) -> Result<Self> {
        let gradient = root.required_section("gradient")?;
        let why = "θ where single gradients are drawn, not at 0, where they are symmetric";
        let theta = gradient.number("theta", None, 0.01..=2.0, why)?;
        let why = "variance of the data of the double well";
        let data = gradient.number("variance", None, 1e-4..=1.0, why)?;
        gradient.finish()?;
        let quadratic = root.required_section("quadratic")?;
        let h = quadratic.number("h", Some(1.0), 1e-3..=1.0, "the curvature h of ½hθ²")?;
        let why = "the variance of one gradient, positive";
        let variance = quadratic.number("variance", None, 1e-12..=1e6, why)?;
        let eta = quadratic.number("eta", None, 1e-6..=1.0, "η, below 2/h")?;
        let why = "K steps of the original, l·K of SVAG";
        let steps = quadratic.integer("steps", None, 1..=1_000_000, why)?;
        let start = quadratic.number("start", None, 0.1..=10.0, "θ₀, not 0")?;
        quadratic.finish()?;
        let why = "l, whole numbers from 1 on";
        let values = root.required_section("svag")?;
        let given = values.sweep("l", None, 1.0..=1e4, why)?;
        if given.iter().any(|l| l.fract() != 0.0) {
            return Err(values.error("l", why));
        }
        values.finish()?;
        let ensemble = root.required_section("ensemble")?;
        let why = "gradients drawn, and particles on the quadratic";
        let particles = ensemble.integer("particles", None, 1000..=100_000_000, why)?;
        let confidence = confidence(&ensemble)?;
        ensemble.finish()?;
        let work = particles as f64 * steps as f64 * given.iter().sum::<f64>();
        if work > MOST_WORK {
            let what = format!("{work:.1e} particle-steps; fewer particles, steps or a smaller l");
            return Err(ensemble.error("particles", what));
        }
        let claims = root.sections("claim")?;
        Ok(SvagSpec {
            name: name.to_string(),
            theta,
            data,
            h,
            variance,
            eta,
            steps,
            start,
            l: given.into_iter().map(|l| l as u64).collect(),
            particles,
            confidence,
            claims: claims.iter().map(ClaimSpec::read).collect::<Result<_>>()?,
        })
    }
}

impl ClaimSpec {
    fn read(section: &Section<'_>) -> Result<Self> {
        let kinds = ["mean", "covariance", "skewness", "kurtosis", "diffusion"];
        let claim = ClaimSpec {
            stated: Stated::read(section)?,
            tolerance: section.number("tolerance", None, 1e-9..=1.0, "relative tolerance")?,
            criterion: match section.choice("kind", None, &kinds)? {
                "mean" => Criterion::Mean,
                "covariance" => Criterion::Covariance,
                "skewness" => Criterion::Skewness,
                "kurtosis" => Criterion::Kurtosis,
                _ => Criterion::Diffusion,
            },
        };
        section.finish()?;
        Ok(claim)
    }
}

#[cfg(test)]
mod tests {
    use crate::refusal::refused;

    const SHIPPED: &str = include_str!("../../../experiments/marginal-value/svag.toml");

    #[test]
    fn impossible_files_are_refused_with_the_reason() {
        refused(
            SHIPPED,
            &[
                ("theta = 1.0", "theta = 0.0", "symmetric"),
                ("l = [1,", "l = [1.5,", "whole numbers"),
                ("l = [1,", "l = [0,", "whole numbers"),
                ("eta = 0.2", "eta = 3.0", "below 2/h"),
                ("steps = 10\n", "steps = 1000000000\n", "K steps"),
                ("kind = \"mean\"", "kind = \"median\"", "median"),
            ],
        );
    }
}
