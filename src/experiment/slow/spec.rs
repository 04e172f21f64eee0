//! The experiment file of the protocol `slow-manifold`.

use serde::Serialize;

use super::claim::ClaimSpec;
use super::problem::Problem;
use crate::confidence::confidence;
use crate::spec::Section;
use crate::whole::whole_steps;
use base::error::Result;

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct SlowSpec {
    /// Every cell.
    pub cells: Vec<Cell>,
    /// τ: there are τ/η² steps.
    pub tau: f64,
    /// N.
    pub particles: u64,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

/// A problem, β and η.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// Its name, which keys its random numbers.
    pub label: String,
    /// The surface and its noise.
    pub problem: Problem,
    /// The series it belongs to.
    pub series: String,
    /// η.
    pub eta: f64,
    /// β; 0 is SGD.
    pub beta: f64,
    /// ⌊τ/η²⌉.
    pub steps: u64,
}

/// What β is.
#[derive(Clone, Copy, Debug)]
enum Inertia {
    Fixed(f64),
    /// β = 1 − η^α.
    Power(f64),
}

/// Particles × steps beyond which an experiment is refused before it starts.
const MOST_WORK: f64 = 1e14;

impl SlowSpec {
    /// Resolves the sections of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str) -> Result<Self> {
        let mut problems: Vec<Problem> = Vec::new();
        for section in root.sections("problem")? {
            let problem = Problem::read(&section)?;
            if problems.iter().any(|p| p.kind == problem.kind) {
                return Err(section.error("name", "this problem occurs twice"));
            }
            problems.push(problem);
        }
        if problems.is_empty() {
            return Err(root.error("problem", "give at least one [[problem]]"));
        }
        let course = root.required_section("course")?;
        let why = "τ = kη², the slow time at which the law is compared";
        let tau = course.number("tau", Some(1.0), 0.1..=100.0, why)?;
        let why = "η, at most 0.3, where the walls are steep";
        let mut etas = course.sweep("eta", None, 1e-3..=0.3, why)?;
        etas.sort_by(|a, b| b.total_cmp(a));
        course.finish()?;
        let mut series: Vec<(String, Inertia)> = Vec::new();
        for section in root.sections("series")? {
            let label = section.label("label", None)?;
            let inertia = match section.get("alpha") {
                Some(_) => {
                    let why = "α of β = 1 − η^α, below 1";
                    Inertia::Power(section.number("alpha", None, 0.0..=0.999, why)?)
                }
                None => {
                    let why = "β, at least 0 and below 1; 0 is SGD";
                    Inertia::Fixed(section.number("beta", Some(0.0), 0.0..=0.999, why)?)
                }
            };
            section.finish()?;
            if series.iter().any(|(known, _)| *known == label) {
                return Err(section.error("label", format!("`{label}` occurs twice")));
            }
            series.push((label, inertia));
        }
        if series.is_empty() {
            return Err(root.error("series", "give at least one [[series]]"));
        }
        let ensemble = root.required_section("ensemble")?;
        let why = "particles of a cell";
        let particles = ensemble.integer("particles", None, 100..=1_000_000_000, why)?;
        let confidence = confidence(&ensemble)?;
        ensemble.finish()?;
        let mut cells = Vec::new();
        for problem in &problems {
            for (label, inertia) in &series {
                for &eta in &etas {
                    let whole = whole_steps(tau, eta * eta).map_err(|why| {
                        course.error("eta", format!("at η = {eta}, η² a step, {why}"))
                    })?;
                    let steps = whole as f64;
                    if steps * particles as f64 > MOST_WORK {
                        let what = format!("{steps} steps at η = {eta}; fewer particles");
                        return Err(ensemble.error("particles", what));
                    }
                    cells.push(Cell {
                        label: format!("{name}/{}/{label}/eta={eta}", problem.name()),
                        problem: *problem,
                        series: label.clone(),
                        eta,
                        beta: match inertia {
                            Inertia::Fixed(beta) => *beta,
                            Inertia::Power(alpha) => 1.0 - eta.powf(*alpha),
                        },
                        steps: whole,
                    });
                }
            }
        }
        let claims = root
            .sections("claim")?
            .iter()
            .map(|section| ClaimSpec::read(section, &cells))
            .collect::<Result<Vec<_>>>()?;
        Ok(SlowSpec {
            cells,
            tau,
            particles,
            confidence,
            claims,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::refusal::refused;

    const SHIPPED: &str = include_str!("../../../experiments/marginal-value/slow-manifold.toml");

    #[test]
    fn impossible_files_are_refused_with_the_reason() {
        refused(
            SHIPPED,
            &[
                (
                    "name = \"ring\"",
                    "name = \"label-noise\"\nalong = 1.0",
                    "occurs twice",
                ),
                ("along = 0.25", "along = 0.0", "noise along the valley"),
                ("tau = 1.0 ", "tau = -1.0 ", "slow time"),
                ("eta = [0.2,", "eta = [2.0,", "walls are steep"),
                ("eta = [0.2,", "eta = [0.3,", "no whole number"),
                ("alpha = 0.5", "alpha = 1.0", "below 1"),
                ("beta = 0.9\n", "beta = 1.0\n", "below 1"),
                (
                    "label = \"SGDM, β = 0.9\"",
                    "label = \"SGD\"",
                    "occurs twice",
                ),
                (
                    "problem = \"ring\"",
                    "problem = \"constant-noise\"",
                    "a point",
                ),
                ("margin = 0.03", "margin = 0.0", "the margin"),
                (
                    "margin = 0.03",
                    "margin = 0.03\nseries = [\"Adam\"]",
                    "no series `Adam`",
                ),
            ],
        );
    }
}
