//! The experiment file of the protocol `descent`.

use nalgebra::DMatrix;
use serde::Serialize;

use crate::claim::Stated;
use crate::confidence::confidence;
use crate::spec::Section;
use crate::surface::{Surface, matrix, rows};
use base::error::Result;
use simulation::noise::Shape;

/// Coordinates up to which the exact change is integrated.
const MOST_COORDINATES: usize = 2;

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct DescentSpec {
    /// Its name, which begins the names of its cells.
    pub name: String,
    /// The surface.
    pub landscape: Surface,
    /// C, the covariance of one gradient, row by row.
    pub noise: Vec<Vec<f64>>,
    /// θ.
    pub start: Vec<f64>,
    /// The values of η, ascending.
    pub eta: Vec<f64>,
    /// Particles at each η.
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
    /// E ΔL is the lemma's, at every η.
    Change,
    /// E ΔL + η|∇L|² is the lemma's second order, at every η.
    SecondOrder,
    /// What the lemma leaves out falls at least as fast as a power of η above the second.
    Remainder,
}

/// One thing to decide.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// How.
    pub criterion: Criterion,
    /// Relative tolerance; of a remainder, the least order.
    pub margin: f64,
    /// Only η up to this.
    pub eta_to: f64,
}

impl DescentSpec {
    /// Resolves the sections of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str) -> Result<Self> {
        let section = root.required_section("landscape")?;
        let landscape = Surface::read(&section)?;
        let surface = landscape.build()?;
        let dim = surface.dim();
        if dim > MOST_COORDINATES {
            let why = format!(
                "the exact change is integrated for {MOST_COORDINATES} coordinates at most, not {dim}"
            );
            return Err(section.error("name", why));
        }
        let noise = root.required_section("noise")?;
        noise.choice("name", Some("gaussian"), &["gaussian"])?;
        let why = "the variance of a gradient in every coordinate, positive";
        let covariance = match noise.matrix("covariance")? {
            Some(matrix) => matrix,
            None => {
                DMatrix::identity(dim, dim)
                    * noise.number("variance", None, f64::MIN_POSITIVE..=1e12, why)?
            }
        };
        noise.finish()?;
        if covariance.shape() != (dim, dim) {
            let why = format!("the covariance must have {dim} rows and columns");
            return Err(noise.error("covariance", why));
        }
        Shape::from_covariance(covariance.clone()).map_err(|e| noise.error("covariance", e))?;
        let step = root.required_section("step")?;
        let start = step.sweep(
            "start",
            None,
            -1e6..=1e6,
            "θ, a number for every coordinate",
        )?;
        if start.len() != dim {
            let why = format!("θ must have {dim} coordinates, not {}", start.len());
            return Err(step.error("start", why));
        }
        let why = "the values of η, positive and ascending";
        let eta = step.sweep("eta", None, f64::MIN_POSITIVE..=1e3, why)?;
        if eta.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(step.error("eta", why));
        }
        step.finish()?;
        let ensemble = root.required_section("ensemble")?;
        let particles = ensemble.integer("particles", None, 100..=1_000_000_000, "their number")?;
        let confidence = confidence(&ensemble)?;
        ensemble.finish()?;
        let claims = root.sections("claim")?;
        let read = |section| ClaimSpec::read(section, &eta);
        Ok(DescentSpec {
            name: name.to_string(),
            landscape,
            noise: rows(&covariance),
            start,
            particles,
            confidence,
            claims: claims.iter().map(read).collect::<Result<_>>()?,
            eta,
        })
    }

    /// C.
    pub fn covariance(&self) -> DMatrix<f64> {
        matrix(&self.noise)
    }

    /// ∇L(θ).
    ///
    /// # Errors
    /// None for a specification that was read.
    pub fn gradient(&self) -> Result<Vec<f64>> {
        let mut gradient = vec![0.0; self.start.len()];
        self.landscape
            .build()?
            .gradient(&self.start, 1, &mut gradient);
        Ok(gradient)
    }
}

impl ClaimSpec {
    fn read(section: &Section<'_>, eta: &[f64]) -> Result<Self> {
        let stated = Stated::read(section)?;
        let kinds = ["change", "second-order", "remainder"];
        let (criterion, range, why) = match section.choice("kind", None, &kinds)? {
            "change" => (Criterion::Change, 1e-9..=1.0, "relative tolerance"),
            "second-order" => (Criterion::SecondOrder, 1e-9..=1.0, "relative tolerance"),
            _ => (Criterion::Remainder, 2.0..=10.0, "the least order in η"),
        };
        let most = eta.last().copied().unwrap_or(f64::NAN);
        let least = if criterion == Criterion::Remainder {
            1
        } else {
            0
        };
        let least = eta.get(least).copied().unwrap_or(most);
        let why_to = "the largest η of the case, not below those that were run";
        let claim = ClaimSpec {
            stated,
            criterion,
            margin: section.number("margin", None, range, why)?,
            eta_to: section.number("eta_to", Some(most), least..=1e3, why_to)?,
        };
        section.finish()?;
        Ok(claim)
    }
}

#[cfg(test)]
mod tests {
    use crate::refusal::refused;

    const SHIPPED: &str =
        include_str!("../../../experiments/marginal-value/descent-quadratic.toml");

    #[test]
    fn impossible_files_are_refused_with_the_reason() {
        refused(
            SHIPPED,
            &[
                ("start = [1.0, -2.0]", "start = [1.0]", "2 coordinates"),
                (
                    "covariance = [[4.0,",
                    "covariance = [[-4.0,",
                    "not ≥ 0: an eigenvalue is -4.2",
                ),
                ("eta = [0.00625,", "eta = [0.5,", "ascending"),
                ("kind = \"change\"", "kind = \"chance\"", "change"),
                ("name = \"quadratic\"", "name = \"quadratik\"", "quadratic"),
            ],
        );
    }
}
