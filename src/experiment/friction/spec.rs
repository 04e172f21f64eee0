//! The experiment file of the protocol `friction`.

use serde::Serialize;

use super::cell::Cell;
use crate::claim::Stated;
use crate::confidence::confidence;
use crate::spec::Section;
use crate::surface::Surface;
use crate::well;
use base::error::Result;
use simulation::landscape::{Kind, Way, lowest};

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct FrictionSpec {
    /// Every cell: exits, then steps, then dampings.
    pub cells: Vec<Cell>,
    /// The minimum that is left.
    pub minimum: f64,
    /// The saddle on the way.
    pub saddle: f64,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

/// One thing to decide, at every damping on its own: the time to an exit over the paper's.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// The exit.
    pub exit: f64,
    /// What the time to it is in units of the paper's τ.
    pub share: f64,
    /// Relative tolerance δ.
    pub tolerance: f64,
}

impl FrictionSpec {
    /// Resolves the sections of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str) -> Result<Self> {
        let landscape = root.required_section("landscape")?;
        let surface = Surface::read(&landscape)?;
        let found = surface.build()?;
        let none = |why: &str| {
            let what = format!(
                "{} has no barrier in one coordinate{why}; use double-well or styblinski-tang",
                surface.name
            );
            landscape.error("name", what)
        };
        let deepest = lowest(&*found, Kind::Minimum)
            .filter(|_| found.dim() == 1)
            .ok_or_else(|| none(""))?;
        // Particles leave the deepest minimum upwards.
        let way = Way::to_saddle(&*found, &deepest.theta, None, true)
            .map_err(|why| none(&format!(" that particles could leave over upwards: {why}")))?;
        let barrier = well::barrier(&way).map_err(|why| landscape.error("name", why))?;
        let (minimum, saddle) = (deepest.theta[0], way.boundary.at);

        let particle = root.required_section("particle")?;
        let why = "T, at least a twentieth of the barrier, so that particles leave, and at most all of it";
        let heights = 0.05 * barrier.height..=barrier.height;
        let temperature = particle.number("temperature", None, heights, why)?;
        let why = "γ of a particle of mass 1";
        let dampings = particle.sweep("damping", None, 0.02..=50.0, why)?;
        let why = "h, the time of a step: below 2/√L″ at the minimum, or the rule diverges";
        let steps = particle.sweep("step", None, 1e-4..=1.0 / barrier.h_min.sqrt(), why)?;
        if let Some(damping) = dampings
            .iter()
            .find(|d| steps.iter().any(|h| *d * h >= 2.0))
        {
            let what =
                format!("γh reaches 2 at γ = {damping}, where β₁ would be negative; lower step");
            return Err(particle.error("step", what));
        }
        particle.finish()?;

        let ensemble = root.required_section("ensemble")?;
        let why = "particles of a cell";
        let particles = ensemble.integer("particles", None, 2..=100_000_000, why)?;
        let why = "steps after which a particle is censored";
        let max_steps =
            ensemble.integer("max_steps", Some(1_000_000_000), 1..=1_000_000_000_000, why)?;
        let why = "a place at or beyond the saddle where particles end";
        let exits = ensemble.sweep("exit", None, saddle..=1e6, why)?;
        let confidence = confidence(&ensemble)?;
        ensemble.finish()?;

        let mut cells = Vec::new();
        for &exit in &exits {
            for &step in &steps {
                for &damping in &dampings {
                    cells.push(Cell {
                        label: format!("{name}/exit={exit}/h={step}/γ={damping}"),
                        landscape: surface.clone(),
                        temperature,
                        damping,
                        step,
                        start: minimum,
                        exit,
                        particles,
                        max_steps,
                    });
                }
            }
        }
        let claims = root
            .sections("claim")?
            .iter()
            .map(|section| ClaimSpec::read(section, &exits))
            .collect::<Result<Vec<_>>>()?;
        Ok(FrictionSpec {
            cells,
            minimum,
            saddle,
            confidence,
            claims,
        })
    }
}

impl ClaimSpec {
    fn read(section: &Section<'_>, exits: &[f64]) -> Result<Self> {
        let stated = Stated::read(section)?;
        let exit = section.number(
            "exit",
            exits.first().copied(),
            -1e6..=1e6,
            "one of the exits",
        )?;
        if !exits.contains(&exit) {
            return Err(section.error("exit", format!("{exit} is none of the exits {exits:?}")));
        }
        let why = "the time to this exit in units of the paper's τ: ½ where a particle at the saddle is held to go either way";
        let share = section.number("share", Some(1.0), 0.01..=1.0, why)?;
        let tolerance =
            section.number("tolerance", None, 1e-6..=1.0, "the tolerance δ, relative")?;
        section.finish()?;
        Ok(ClaimSpec {
            stated,
            exit,
            share,
            tolerance,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::refusal::refused;

    const SHIPPED: &str = include_str!("../../../experiments/adai/thm3-friction.toml");

    #[test]
    fn impossible_files_are_refused_with_the_reason() {
        refused(
            SHIPPED,
            &[
                ("\"double-well\"", "\"ring\"", "no barrier"),
                ("\"double-well\"", "\"quadratic\"", "no barrier"),
                (
                    "temperature = 0.05",
                    "temperature = 2.0",
                    "at most all of it",
                ),
                ("damping     = [0.2,", "damping     = [0.0,", "mass 1"),
                (
                    "step        = [0.05, 0.025]",
                    "step        = 0.9",
                    "diverges",
                ),
                (
                    "step        = [0.05, 0.025]",
                    "step        = 0.5",
                    "γh reaches 2",
                ),
                (
                    "exit      = [1.0, 0.0]",
                    "exit      = [-0.5]",
                    "beyond the saddle",
                ),
                ("exit = 1.0", "exit = 2.0", "none of the exits"),
                ("tolerance = ", "tolerence = ", "tolerance"),
            ],
        );
    }
}
