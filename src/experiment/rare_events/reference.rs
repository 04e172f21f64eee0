//! The exact mean exit step of the very chain that is split, where there is one: no random numbers here.

use serde::{Deserialize, Serialize};

use super::cell::RareCell;
use crate::experiment::escape::{Driver, Noise, Shape};
use crate::experiment::well;
use crate::prediction::exact::Interpretation;
use crate::prediction::exact::discrete_chain::DiscreteChain;
use crate::prediction::exact::first_passage::{FirstPassage, Passage};
use crate::prediction::exact::kramers_law;
use crate::prediction::exact::minimum_of_d::Survival;
use crate::simulation::landscape::line::{curvature_at, inflections, slope_at};
use crate::simulation::sde::Reading;

/// The scheme whose chain is known.
const EULER_MARUYAMA: &str = "euler-maruyama";

/// What a cell must come to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// Mean number of steps of the discrete chain.
    pub steps: Option<f64>,
    /// The same of the SDE behind it, in one coordinate.
    pub sde_steps: Option<f64>,
    /// What the Kramers–Langer law makes of a surface of several coupled coordinates, for high barriers.
    pub law_steps: Option<f64>,
    /// Why there is no exact value.
    pub note: Option<String>,
}

impl RareCell {
    /// The exact references of this cell.
    ///
    /// # Errors
    /// The surface refuses its parameters.
    pub fn reference(&self) -> Result<Reference, String> {
        let cell = &self.cell;
        let surface = cell.surface()?;
        let none = |note: &str| {
            Ok(Reference {
                note: Some(note.into()),
                law_steps: self.langer(),
                ..Reference::default()
            })
        };
        if !surface.separable() || cell.coordinate.is_some() {
            return none(
                "no exact reference: the surface is not a sum over its coordinates, or one of them alone leaves",
            );
        }
        let line = cell.surface_of(1)?;
        let (start, exit) = (cell.start_towards_exit(), cell.exit);
        let mut breaks = line.kinks();
        let curvature = |x: f64| curvature_at(&*line, x).abs();
        // C of one step, and the step.
        let (variance, eta): (Box<dyn Fn(f64) -> f64>, f64) = match &cell.driver {
            Driver::Langevin {
                temperature,
                scheme,
            } if scheme.integrator == EULER_MARUYAMA => {
                let c = 2.0 * temperature / scheme.dt;
                (Box::new(move |_| c), scheme.dt)
            }
            Driver::Shaped {
                shape: Shape::Hessian,
                eta_over_batch,
                floor,
                reading: Reading::Ito,
                scheme,
            } if scheme.integrator == EULER_MARUYAMA => {
                breaks.extend(inflections(&*line, start, exit));
                let scale = eta_over_batch / scheme.dt;
                (Box::new(move |x| scale * (curvature(x) + floor)), scheme.dt)
            }
            Driver::Langevin { .. } | Driver::Shaped { .. } | Driver::Inert { .. } => {
                return none(
                    "no exact reference: it is known for Euler–Maruyama with constant or Hessian-shaped noise in Itô's reading",
                );
            }
            Driver::Optimizer { rule, noise } => {
                if rule.entry.name != "sgd" || !rule.values.is_plain() {
                    return none("no exact reference: the state is more than θ, or decays");
                }
                let eta = rule.values["eta"];
                match noise {
                    Noise::Gaussian { variance } => {
                        let c = *variance;
                        (Box::new(move |_| c), eta)
                    }
                    Noise::Hessian { batch, floor } => {
                        breaks.extend(inflections(&*line, start, exit));
                        (Box::new(move |x| (curvature(x) + floor) / batch), eta)
                    }
                    _ => return none("no exact reference for this noise"),
                }
            }
        };
        let slope = |x: f64| slope_at(&*line, x);
        let chain = DiscreteChain {
            drift: &slope,
            variance: &*variance,
            eta,
            start,
            exit,
            breaks: &breaks,
            bridge: false,
        };
        let solved = if cell.dim == 1 {
            chain.solve()
        } else {
            Survival::of(&chain).and_then(|s| s.minimum(cell.dim as u32))
        };
        let mut reference = Reference::default();
        match solved {
            Ok(steps) => reference.steps = Some(steps.mean),
            Err(error) => reference.note = Some(format!("no exact reference: {error}")),
        }
        if cell.dim == 1 {
            let passage = FirstPassage {
                drift: &slope,
                diffusion: &|x| 0.5 * eta * variance(x),
                start,
                exit,
                reflecting: None,
                breaks: &breaks,
                interpretation: Interpretation::Ito,
            };
            if let Ok(Passage::After(time)) = passage.solve() {
                reference.sde_steps = Some(time.mean / eta);
            }
        }
        Ok(reference)
    }

    /// Kramers' and Langer's law of the start's well, half of it where the exit is at the saddle, in steps of SGD or of
    /// a scheme of constant noise. `None` for other drivers, or where the exit does not lie behind one barrier.
    fn langer(&self) -> Option<f64> {
        let cell = &self.cell;
        let constant = match &cell.driver {
            Driver::Langevin { .. } => true,
            Driver::Optimizer { rule, noise } => {
                rule.entry.name == "sgd"
                    && rule.values.is_plain()
                    && matches!(noise, Noise::Gaussian { .. })
            }
            Driver::Shaped { .. } | Driver::Inert { .. } => false,
        };
        let leaving = cell.leaving().ok()?;
        if !constant || leaving.way.wells > 0 {
            return None;
        }
        let law = well::barrier(&leaving.way).ok()?;
        let beyond = kramers_law::overdamped(&law, self.temperature).ok()?;
        let share = if leaving.way.ends_at_saddle { 0.5 } else { 1.0 };
        Some(share * beyond / leaving.coordinates as f64 / cell.time_step())
    }
}
