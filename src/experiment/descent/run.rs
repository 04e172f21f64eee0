//! Takes one step of SGD with many particles, at every η.

use std::path::Path;

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

use super::figures::figures;
use super::rulings::{rulings, self_checks};
use super::spec::DescentSpec;
use crate::context::{Context, Progress};
use crate::finding::Finding;
use crate::kept::{Come, Piece, each, kept_from};
use crate::memory;
use crate::plan::Planned;
use crate::protocol::Protocol;
use base::error::{Error, Result};
use measurement::Estimate;
use measurement::mean::Moments;
use measurement::reading::{Exact, Reading};
use prediction::exact::descent::averaged_change;
use prediction::exact::linear::Quadratic;
use prediction::theory::marginal_value::descent;
use report::record::Section;
use report::table::{Column, Table};
use report::verdicts::Verdicts;
use simulation::ensemble::{Course, Optimizing};
use simulation::noise::{Gaussian, Shape};
use simulation::optimizer::entry::Values;
use simulation::optimizer::sgd::SGD;
use simulation::random::{Stream, cell_key};

/// A mean over particles with its standard error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The mean.
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// What was found at one η.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// ΔL.
    pub change: Measured,
    /// ΔL − ∇L·Δθ, whose mean is E ΔL + η|∇L|², since a stochastic gradient has the mean ∇L. The noise of first
    /// order is gone from it.
    pub second: Measured,
    /// Particles that diverged.
    pub diverged: u64,
}

/// One η with all that is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// η.
    pub eta: f64,
    /// What was measured.
    pub found: Finished,
    /// η|∇L|², the descent of first order.
    pub first: f64,
    /// E ΔL by the lemma.
    pub stated: f64,
    /// E ΔL exactly.
    pub exact: f64,
}

impl Protocol for DescentSpec {
    fn plan(&self) -> Vec<Planned> {
        let cell = |eta: &f64| {
            let plan = Planned::new(&self.label(*eta)).with("eta", *eta);
            plan.runs(self.particles, 1)
                .in_coordinates(self.start.len())
        };
        self.eta.iter().map(cell).collect()
    }

    fn memory(&self) -> u64 {
        memory::numbers(&[self.particles, self.start.len() as u64])
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let outcomes = each(&self.eta, |&eta| {
            let found = self.finish(eta, context, progress, folder)?;
            self.outcome(eta, found)
        })?;
        let made = format!("{} particles, scale {}", self.particles, context.scale);
        let steps = self.particles * self.eta.len() as u64;
        Ok(Finding {
            samples: self.samples(&outcomes),
            estimates: self.estimates(&outcomes),
            verdicts: Verdicts {
                claims: rulings(self, &outcomes),
                self_checks: self_checks(self, &outcomes),
            },
            figures: figures(self, &outcomes, &made),
            sections: vec![self.words()],
            particle_steps: steps,
            lane_steps: steps,
            diverged: outcomes.iter().map(|o| o.found.diverged).sum(),
        })
    }
}

impl DescentSpec {
    /// The name of a cell.
    pub fn label(&self, eta: f64) -> String {
        format!("{}/eta={eta}", self.name)
    }

    fn finish(
        &self,
        eta: f64,
        context: &Context,
        progress: &dyn Progress,
        folder: &Path,
    ) -> Result<Finished> {
        let label = self.label(eta);
        let piece = Piece {
            label: &label,
            settings: serde_json::json!({
                "landscape": self.landscape, "noise": self.noise, "start": self.start,
                "particles": self.particles,
            }),
            parts: self.particles,
        };
        kept_from(piece, context, progress, folder, |begun, counter| {
            let surface = self.landscape.build()?;
            let shape = Shape::from_covariance(self.covariance()).map_err(Error::Failed)?;
            let process = Optimizing::<f64> {
                oracle: Box::new(Gaussian::new(self.landscape.build()?, shape)),
                optimizer: (SGD.build)(&Values::defaults(&SGD, 0.0).with("eta", eta)),
            };
            let stream = Stream::new(context.seed, cell_key(&label));
            let start =
                |_: u64, theta: &mut [f64], _: &mut [f64]| theta.copy_from_slice(&self.start);
            let course = Course {
                process: &process,
                stream: &stream,
                particles: self.particles,
                start: &start,
                at: &[1],
                lanes: context.lanes,
            };
            let run = || course.run_from(begun, &context.stop, counter);
            let seen = match context.pool.install(run) {
                Ok(seen) => seen,
                Err(part) => return Ok(Come::Stopped(Some(part))),
            };
            let (gradient, before) = (self.gradient()?, surface.value(&self.start));
            let (mut change, mut second) = (Moments::default(), Moments::default());
            for end in seen
                .theta
                .iter()
                .flat_map(|ends| ends.chunks_exact(seen.dim))
            {
                let rise = surface.value(end) - before;
                let moved = end.iter().zip(&self.start).map(|(end, start)| end - start);
                let along: f64 = moved.zip(&gradient).map(|(moved, g)| moved * g).sum();
                change.push(rise);
                second.push(rise - along);
            }
            Ok(Come::Whole(Finished {
                change: measured(&change),
                second: measured(&second),
                diverged: change.diverged(),
            }))
        })
    }

    fn outcome(&self, eta: f64, found: Finished) -> Result<Outcome> {
        let (surface, gradient) = (self.landscape.build()?, self.gradient()?);
        let here = Quadratic::new(surface.hessian(&self.start), self.covariance())?;
        let factor = match Shape::from_covariance(self.covariance()).map_err(Error::Failed)? {
            Shape::Full(factor) => factor,
            Shape::Isotropic(sigma) => DMatrix::identity(gradient.len(), gradient.len()) * sigma,
        };
        let loss = |theta: &[f64]| surface.value(theta);
        Ok(Outcome {
            eta,
            found,
            first: eta * gradient.iter().map(|g| g * g).sum::<f64>(),
            stated: descent(&here, eta, &gradient)?,
            exact: averaged_change(&loss, eta, &self.start, &gradient, &factor)?,
        })
    }

    /// A mean with its normal interval.
    pub fn estimate(&self, of: Measured) -> Estimate {
        let how = "mean over particles, normal interval";
        Estimate::normal(
            of.mean,
            of.standard_error,
            self.particles,
            self.confidence,
            how,
        )
    }

    fn samples(&self, outcomes: &[Outcome]) -> Table {
        let number = |of: fn(&Outcome) -> f64| Column::F64(outcomes.iter().map(of).collect());
        let labels = outcomes.iter().map(|o| self.label(o.eta)).collect();
        Table {
            columns: vec![
                ("cell".into(), Column::Text(labels)),
                ("eta".into(), number(|o| o.eta)),
                ("change".into(), number(|o| o.found.change.mean)),
                (
                    "change_standard_error".into(),
                    number(|o| o.found.change.standard_error),
                ),
                ("second_order".into(), number(|o| o.found.second.mean)),
                (
                    "second_order_standard_error".into(),
                    number(|o| o.found.second.standard_error),
                ),
                ("change_stated".into(), number(|o| o.stated)),
                ("change_exact".into(), number(|o| o.exact)),
            ],
        }
    }

    fn estimates(&self, outcomes: &[Outcome]) -> Vec<Reading> {
        let rows = |o: &Outcome| {
            let exact = |value| Some(Exact::by("quadrature", value));
            let all = [
                ("E ΔL", o.found.change, o.exact),
                ("E ΔL + η|∇L|²", o.found.second, o.exact + o.first),
            ];
            let label = self.label(o.eta);
            all.map(|(quantity, found, value)| {
                Reading::of(&label, quantity, Some(self.estimate(found)), exact(value))
            })
        };
        outcomes.iter().flat_map(rows).collect()
    }

    fn words(&self) -> Section {
        Section {
            heading: "What was run".into(),
            paragraphs: vec![
                format!(
                    "One step θ − η(∇L + ξ) of SGD on {} from θ = {:?}, with Gaussian noise of covariance {:?}, {} particles at each η. The lemma says E ΔL = −η|∇L|² + ½η²(tr HC + ∇LᵀH∇L) up to smaller terms.",
                    self.landscape.name, self.start, self.noise, self.particles
                ),
                "The exact change is the average of L over the Gaussian step. What is of second order is measured as the mean of ΔL − ∇L·Δθ, which has the mean E ΔL + η|∇L|² since the gradient is unbiased, and little noise.".into(),
            ],
        }
    }
}

fn measured(moments: &Moments) -> Measured {
    Measured {
        mean: moments.mean().unwrap_or(f64::NAN),
        standard_error: moments.standard_error().unwrap_or(f64::NAN),
    }
}
