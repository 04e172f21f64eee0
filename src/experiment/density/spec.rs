//! The experiment file of the protocol `stationary-density`.

use serde::Serialize;

use super::cell::{Cell, Mover, Noise};
use crate::claim::{Stated, series};
use crate::confidence::confidence;
use crate::spec::Section;
use crate::surface::Surface;
use crate::whole::whole_steps;
use base::error::Result;
use prediction::exact::Interpretation;
use simulation::landscape::Kind;
use simulation::landscape::line::curvature_at;

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct DensitySpec {
    /// Every cell.
    pub cells: Vec<Cell>,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

/// The equality of a series' law with the steady state in one reading.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// The series.
    pub series: String,
    /// How the noise is read.
    pub reading: Reading,
    /// Largest Kolmogorov distance that counts as equal.
    pub margin: f64,
}

/// A reading by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// The beginning of a step.
    Ito,
    /// Its middle.
    Stratonovich,
    /// Its end.
    AntiIto,
}

impl Reading {
    /// All of them.
    pub const ALL: [Reading; 3] = [Reading::Ito, Reading::Stratonovich, Reading::AntiIto];

    /// As the solver knows it.
    pub fn interpretation(self) -> Interpretation {
        match self {
            Reading::Ito => Interpretation::Ito,
            Reading::Stratonovich => Interpretation::Stratonovich,
            Reading::AntiIto => Interpretation::AntiIto,
        }
    }

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Reading::Ito => "ito",
            Reading::Stratonovich => "stratonovich",
            Reading::AntiIto => "anti-ito",
        }
    }

    /// Its name in words.
    pub fn words(self) -> &'static str {
        match self {
            Reading::Ito => "Itô",
            Reading::Stratonovich => "Stratonovich",
            Reading::AntiIto => "anti-Itô",
        }
    }
}

/// Particles × steps beyond which an experiment is refused before it starts.
const MOST_WORK: f64 = 1e14;

impl DensitySpec {
    /// Resolves the sections of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str) -> Result<Self> {
        let section = root.required_section("landscape")?;
        let landscape = Surface::read(&section)?;
        let surface = landscape.build()?;
        if surface.dim() != 1 {
            let what = format!(
                "{} has {} coordinates; the law is compared in one",
                landscape.name,
                surface.dim()
            );
            return Err(section.error("name", what));
        }
        let points = surface.critical_points();
        let mut minima: Vec<_> = points.iter().filter(|p| p.kind == Kind::Minimum).collect();
        minima.sort_by(|a, b| a.value.total_cmp(&b.value));
        let starts: Vec<f64> = minima.iter().map(|p| p.theta[0]).collect();
        let curvatures: Vec<f64> = starts.iter().map(|x| curvature_at(&*surface, *x)).collect();

        let noise = read_noise(&root.required_section("noise")?)?;
        let ensemble = root.required_section("ensemble")?;
        let why = "particles of a cell";
        let particles = ensemble.integer("particles", None, 100..=100_000_000, why)?;
        let why = "the time after which the law is compared, long enough to forget the start";
        let time = ensemble.number("time", None, 1e-3..=1e9, why)?;
        let confidence = confidence(&ensemble)?;
        ensemble.finish()?;

        let mut cells: Vec<Cell> = Vec::new();
        for section in root.sections("process")? {
            let mover = match section.choice("name", None, &["sgd", "sgdm", "euler-maruyama"])? {
                "sgd" => Mover::Sgd,
                "sgdm" => {
                    let why = "β₁, at least 0 and below 1";
                    let beta1 = section.number("beta1", Some(0.9), 0.0..=0.999, why)?;
                    Mover::Sgdm { beta1 }
                }
                _ => Mover::EulerMaruyama,
            };
            let series = section.label("label", None)?;
            let why = "η, or dt: the time of a step";
            let step = section.number("step", None, 1e-6..=1.0, why)?;
            let whole = whole_steps(time, step).map_err(|why| section.error("step", why))?;
            let steps = whole as f64;
            if steps * particles as f64 > MOST_WORK {
                return Err(
                    section.error("step", format!("{steps} steps; raise step or lower time"))
                );
            }
            if cells.iter().any(|cell| cell.series == series) {
                return Err(section.error("label", format!("`{series}` occurs twice")));
            }
            section.finish()?;
            let limit = match mover {
                Mover::Sgd | Mover::EulerMaruyama => 2.0,
                Mover::Sgdm { beta1 } => 2.0 * (1.0 + beta1) / (1.0 - beta1),
            };
            if let Some(h) = curvatures.iter().find(|h| step * *h >= limit) {
                let what = format!(
                    "step * h = {:.4} at a minimum of curvature {h:.4}: it diverges from {limit:.4} on and has no steady state; lower step below {:.4e}",
                    step * h,
                    limit / h
                );
                return Err(section.error("step", what));
            }
            cells.push(Cell {
                label: format!("{name}/{series}"),
                series,
                landscape: landscape.clone(),
                mover,
                step,
                noise,
                starts: starts.clone(),
                particles,
                steps: whole,
            });
        }
        if cells.is_empty() {
            return Err(root.error("process", "give at least one [[process]]"));
        }
        let labels: Vec<&str> = cells.iter().map(|cell| cell.series.as_str()).collect();
        let claims = root
            .sections("claim")?
            .iter()
            .map(|section| read_claim(section, &labels))
            .collect::<Result<Vec<_>>>()?;
        Ok(DensitySpec {
            cells,
            confidence,
            claims,
        })
    }
}

fn read_noise(section: &Section<'_>) -> Result<Noise> {
    let noise = match section.choice("name", None, &["constant", "hessian"])? {
        "constant" => Noise::Constant {
            temperature: section.number("temperature", None, 1e-9..=1e9, "T = D, positive")?,
        },
        _ => Noise::Hessian {
            scale: section.number("scale", None, 1e-9..=1e9, "s of D = s(|L″| + δ), positive")?,
            floor: section.number("floor", None, 1e-6..=1e9, "δ of D = s(|L″| + δ), positive")?,
        },
    };
    section.finish()?;
    Ok(noise)
}

fn read_claim(section: &Section<'_>, labels: &[&str]) -> Result<ClaimSpec> {
    let stated = Stated::read(section)?;
    let series = series(section, "series", labels)?;
    let names = Reading::ALL.map(Reading::name);
    let name = section.choice("reading", Some("ito"), &names)?;
    let reading = Reading::ALL.into_iter().find(|r| r.name() == name);
    let why = "the Kolmogorov distance within which laws count as equal";
    let margin = section.number("margin", None, 1e-4..=0.5, why)?;
    section.finish()?;
    Ok(ClaimSpec {
        stated,
        series,
        reading: reading.unwrap_or(Reading::Ito),
        margin,
    })
}

#[cfg(test)]
mod tests {
    use crate::refusal::refused;

    const SHIPPED: &str = include_str!("../../../experiments/pnm/density-state-dependent.toml");

    #[test]
    fn impossible_files_are_refused_with_the_reason() {
        refused(
            SHIPPED,
            &[
                ("\"double-well\"", "\"ring\"", "2 coordinates"),
                ("\"hessian\"", "\"hesian\"", "hessian"),
                ("floor = 0.5", "floor = 0.0", "positive"),
                ("step  = 0.01", "step  = 0.03", "no whole number"),
                ("step  = 0.01", "step  = 1.0", "diverges from 2.0000 on"),
                ("label = \"SGDM\"", "label = \"SGD\"", "occurs twice"),
                ("series = \"SGD\"", "series = \"Adam\"", "no series `Adam`"),
                (
                    "reading = \"stratonovich\"",
                    "reading = \"stratonovic\"",
                    "stratonovich",
                ),
                ("margin = ", "margins = ", "margin"),
                ("time      = ", "time      = -", "forget the start"),
            ],
        );
    }
}
