//! The exact mean exit step of the very chain that is split, where there is one: no random numbers here.

use serde::{Deserialize, Serialize};

use super::cell::RareCell;
use crate::escape::{Driver, Noise, Shape};
use crate::marks::{Slope, marks};
use crate::well;
use prediction::exact::Interpretation;
use prediction::exact::discrete_chain::DiscreteChain;
use prediction::exact::first_passage::{FirstPassage, Passage};
use prediction::exact::kramers_law;
use prediction::exact::minimum_of_d::Survival;
use simulation::landscape::line::curvature_at;
use simulation::sde::{EulerMaruyama, Reading};

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
        let mut bends = false;
        let curvature = |x: f64| curvature_at(&*line, x).abs();
        // C of one step, and the step.
        let (variance, eta): (Box<dyn Fn(f64) -> f64>, f64) = match &cell.driver {
            Driver::Langevin {
                temperature,
                scheme,
            } if scheme.integrator == EulerMaruyama::NAME => {
                let c = 2.0 * temperature / scheme.dt;
                (Box::new(move |_| c), scheme.dt)
            }
            Driver::Shaped {
                shape: Shape::Hessian,
                eta_over_batch,
                floor,
                reading: Reading::Ito,
                scheme,
            } if scheme.integrator == EulerMaruyama::NAME => {
                bends = true;
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
                        bends = true;
                        (Box::new(move |x| (curvature(x) + floor) / batch), eta)
                    }
                    _ => return none("no exact reference for this noise"),
                }
            }
        };
        let slope = Slope(&*line);
        let breaks = |low: f64, high: f64| marks(&*line, low, high, bends);
        let chain = DiscreteChain {
            drift: &slope,
            variance: &variance,
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
                diffusion: &|x: f64| 0.5 * eta * variance(x),
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

#[cfg(test)]
mod tests {
    use super::super::spec::RareSpec;
    use super::*;
    use crate::spec::{Document, Section};
    use simulation::optimizer::registry::Rules;

    fn cell(formula: &str, noise: (f64, f64), start: &str, exit: f64) -> RareCell {
        let (eta, variance) = noise;
        let text = format!(
            "[landscape]\nexpression = \"{formula}\"\nsearch = 3.0\n\
             [noise]\nname = \"gaussian\"\nvariance = {variance}\n\
             [[optimizer]]\nname = \"sgd\"\neta = {eta}\n\
             [splitting]\nstart = {start}\nexit = {exit}\ncoordinate = \"x\"\nreplicas = 20\nkill = 2\nruns = 3\n"
        );
        let document = Document::parse("file.toml", &text).unwrap();
        let root = Section::new("", &document.root).unwrap();
        let spec = RareSpec::read(&root, "rare", &Rules::default()).unwrap();
        spec.cells[0].clone()
    }

    const BENT: &str = "0.25*(x^2-1)^2+0.1*x+0.5*(y-0.5*x^2)^2";

    #[test]
    fn the_law_is_that_of_the_minimum_wherever_in_its_basin_the_start_is() {
        // T = 0.025. From the minimum (−1.0467, 0.5478) to the saddle (0.1010, 0.0051): L of one coordinate, since
        // y follows; the determinants are 2.2866 and −0.9694 · 1.
        for start in ["[-1.1, 0.3]", "[-1.046681, 0.54777]", "[-0.7, 0.9]"] {
            let own = cell(BENT, (0.1, 0.5), start, 0.2);
            assert!(
                (own.height() - 14.297).abs() < 5e-3,
                "{start}: {}",
                own.height()
            );
            let law = own.reference().unwrap().law_steps.unwrap();
            assert!((law / 6.87e7 - 1.0).abs() < 2e-3, "{start}: {law:e}");
        }
    }

    #[test]
    fn the_saddle_is_the_one_on_the_way() {
        let three = "0.03*x^2*(x^2-4)^2 - 0.1*x + 0.5*(y-0.3*x)^2";
        let own = cell(three, (0.05, 2.0), "[-1.97226, -0.59168]", -0.5);
        assert!((own.height() - 4.102).abs() < 5e-4, "{}", own.height());
        // Behind the well in the middle there is no law of one barrier.
        let far = cell(three, (0.05, 2.0), "[-1.97226, -0.59168]", 1.8);
        assert_eq!(far.reference().unwrap().law_steps, None);
    }
}
