//! The experiment file of the protocol `modified-equations`.

use serde::Serialize;

use super::claim::ClaimSpec;
use crate::confidence::confidence;
use crate::spec::Section;
use base::error::Result;
use prediction::exact::ModifiedEquation;

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct ModifiedSpec {
    /// Its name, which begins the names of its cells.
    pub name: String,
    /// h of the parabola.
    pub h: f64,
    /// κ of C = κ(L + δ).
    pub kappa: f64,
    /// δ.
    pub floor: f64,
    /// θ₀ on the parabola, and of the simulations.
    pub start: f64,
    /// T = ηk at which the laws are compared.
    pub horizon: f64,
    /// η = T/2ᵖ of the exact laws, coarse to fine.
    pub exact: Vec<u32>,
    /// η = T/2ᵖ of the simulations.
    pub simulated: Vec<u32>,
    /// N.
    pub particles: u64,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

/// The surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Surface {
    /// ½hθ².
    Quadratic,
    /// 1 − cos θ.
    Cosine,
}

impl Surface {
    /// Both.
    pub const ALL: [Surface; 2] = [Surface::Quadratic, Surface::Cosine];

    /// Its name in files and records.
    pub fn name(self) -> &'static str {
        match self {
            Surface::Quadratic => "quadratic",
            Surface::Cosine => "cosine",
        }
    }
}

impl ModifiedSpec {
    /// Resolves the sections of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown or out of range.
    pub fn read(root: &Section<'_>, name: &str) -> Result<Self> {
        let section = root.required_section("problem")?;
        let h = section.number("h", None, 0.1..=2.0, "the curvature h of ½hθ²")?;
        let kappa = section.number("kappa", None, 0.0..=10.0, "κ of C = κ(L + δ)")?;
        let floor = section.number("floor", None, 1e-3..=10.0, "δ of C = κ(L + δ)")?;
        let start = section.number("start", None, -3.0..=3.0, "where θ starts")?;
        let why = "T, the time ηk at which the laws are compared";
        let horizon = section.number("horizon", None, 0.1..=10.0, why)?;
        section.finish()?;
        let section = root.required_section("eta")?;
        let exact = powers(&section, 3..=14)?;
        let confidence = confidence(&section)?;
        section.finish()?;
        if exact.len() < 4 {
            return Err(root.error("eta", "an order needs at least four η"));
        }
        let section = root.required_section("ensemble")?;
        let simulated = powers(&section, 3..=14)?;
        let why = "particles that move by SGD";
        let particles = section.integer("particles", None, 100..=1_000_000_000, why)?;
        section.finish()?;
        let claims = root
            .sections("claim")?
            .iter()
            .map(ClaimSpec::read)
            .collect::<Result<Vec<_>>>()?;
        Ok(ModifiedSpec {
            name: name.to_string(),
            h,
            kappa,
            floor,
            start,
            horizon,
            exact,
            simulated,
            particles,
            confidence,
            claims,
        })
    }

    /// η = T/2ᵖ.
    pub fn eta(&self, power: u32) -> f64 {
        self.horizon * 0.5f64.powi(power as i32)
    }

    /// SGD and its equations on the parabola.
    pub fn parabola(&self, power: u32) -> ModifiedEquation {
        ModifiedEquation {
            h: self.h,
            kappa: self.kappa,
            floor: self.floor,
            start: self.start,
            eta: self.eta(power),
        }
    }
}

/// p of η = T/2ᵖ from `coarsest` to `finest`.
fn powers(section: &Section<'_>, range: std::ops::RangeInclusive<u64>) -> Result<Vec<u32>> {
    let why = "p of the greatest η = T/2ᵖ";
    let coarsest = section.integer("coarsest", None, range.clone(), why)?;
    let why = "p of the smallest η = T/2ᵖ";
    let finest = section.integer("finest", None, coarsest..=*range.end(), why)?;
    Ok((coarsest..=finest).map(|p| p as u32).collect())
}

#[cfg(test)]
mod tests {
    use crate::refusal::refused;

    const FILE: &str = include_str!("../../../experiments/modified-equations/weak-error.toml");

    #[test]
    fn impossible_files_are_refused_with_the_reason() {
        refused(
            FILE,
            &[
                ("finest   = 10", "finest = 5", "at least four η"),
                ("kappa   = 2.0", "kappa = -1.0", "C = κ(L + δ)"),
                ("surface = \"cosine\"", "surface = \"ring\"", "quadratic"),
                ("order   = 1", "order = 3", "order 1 or 2"),
            ],
        );
    }
}
