//! Runs the cells, keeping each on disk as soon as it is finished.

use std::path::Path;
use std::sync::atomic::AtomicU64;

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

use super::cumulants::{Cumulants, NAMES};
use super::figures::figures;
use super::rulings::{exact, rulings, self_checks};
use super::spec::SvagSpec;
use crate::context::{Context, Progress};
use crate::finding::Finding;
use crate::kept::{Come, Piece, each, kept_from};
use crate::memory;
use crate::plan::Planned;
use crate::protocol::Protocol;
use base::error::{Error, Result};
use measurement::Estimate;
use measurement::reading::{Exact, Reading};
use report::record::Section;
use report::table::{Column, Table};
use report::verdicts::Verdicts;
use simulation::ensemble::{Begun, Course, Optimizing};
use simulation::landscape::double_well::DoubleWell;
use simulation::landscape::quadratic::Quadratic;
use simulation::noise::{Fresh, Gaussian, Law, Oracle, Shape, svag};
use simulation::optimizer::entry::Values;
use simulation::optimizer::sgd::SGD;
use simulation::random::{Stream, cell_key};

/// What was found at one l.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Finished {
    /// l.
    pub l: u64,
    /// Of single gradients.
    pub gradient: Cumulants,
    /// Of θ after l·K steps on the quadratic.
    pub end: Cumulants,
    /// Particles × steps.
    pub particle_steps: u64,
}

/// From where, how far and how fast SGD goes.
#[derive(Clone, Copy)]
struct Way {
    eta: f64,
    from: f64,
    steps: u64,
}

/// l, of what, which cumulant of them.
type Row = (u64, &'static str, usize, Cumulants);

impl Protocol for SvagSpec {
    fn plan(&self) -> Vec<Planned> {
        let cell = |l: &u64| {
            let plan = Planned::new(&self.label(*l)).with("l", *l);
            plan.runs(self.particles, 1 + self.steps * l)
                .in_coordinates(1)
        };
        self.l.iter().map(cell).collect()
    }

    fn memory(&self) -> u64 {
        memory::numbers(&[self.particles, 2])
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let finished = each(&self.l, |&l| self.finish(l, context, progress, folder))?;
        let steps = finished.iter().map(|f| f.particle_steps).sum();
        let made = format!("{} particles, scale {}", self.particles, context.scale);
        Ok(Finding {
            samples: self.samples(&finished),
            estimates: self.estimates(&finished)?,
            verdicts: Verdicts {
                claims: rulings(self, &finished)?,
                self_checks: self_checks(self, &finished)?,
            },
            figures: figures(self, &finished, &made)?,
            sections: vec![self.words()],
            particle_steps: steps,
            lane_steps: steps,
            diverged: 0,
        })
    }
}

impl SvagSpec {
    fn label(&self, l: u64) -> String {
        format!("{}/l={l}", self.name)
    }

    fn finish(
        &self,
        l: u64,
        context: &Context,
        progress: &dyn Progress,
        folder: &Path,
    ) -> Result<Finished> {
        let label = self.label(l);
        let mut settings = self.clone();
        settings.claims.clear();
        settings.l.clear();
        let piece = Piece::of(&label, &settings, 2 * self.particles);
        kept_from(piece, context, progress, folder, |begun, counter| {
            // Of the gradients and of the steps; the gradients, one step each, are drawn again for the steps' sake.
            let (first, second): (Option<Begun>, Option<Begun>) = begun.unwrap_or_default();
            let factor = l as f64;
            let course = |label: &str, oracle, at: Way, begun| {
                self.course(label, oracle, at, begun, context, counter)
            };
            let well = Box::new(DoubleWell::new(1)?);
            let fresh = Fresh::new(well, Law::Normal, self.data, 1);
            let gradient = Box::new(svag(fresh, factor).map_err(Error::Failed)?);
            // One step at η = 1 moves by the gradient itself.
            let one = Way {
                eta: 1.0,
                from: self.theta,
                steps: 1,
            };
            let moved = match course(&label, gradient, one, first) {
                Ok(moved) => moved,
                Err(part) => return Ok(Come::Stopped(Some((Some(part), second)))),
            };
            let drawn: Vec<f64> = moved.into_iter().map(|end| self.theta - end).collect();
            let surface = Quadratic::symmetric(DMatrix::from_element(1, 1, self.h))?;
            let shape = Shape::Isotropic(self.variance.sqrt());
            let noise = svag(Gaussian::new(Box::new(surface), shape), factor);
            let noise = Box::new(noise.map_err(Error::Failed)?);
            let many = Way {
                eta: self.eta / factor,
                from: self.start,
                steps: self.steps * l,
            };
            let ends = course(&format!("{label}/quadratic"), noise, many, second);
            let whole = ends.map(|ends| Finished {
                l,
                gradient: Cumulants::of(&drawn),
                end: Cumulants::of(&ends),
                particle_steps: self.particles * (1 + many.steps),
            });
            Ok(Come::of(whole.map_err(|part| (None, Some(part)))))
        })
    }

    /// Where SGD is after its steps, or what was finished when it was stopped.
    fn course(
        &self,
        label: &str,
        oracle: Box<dyn Oracle>,
        at: Way,
        begun: Option<Begun>,
        context: &Context,
        counter: &AtomicU64,
    ) -> std::result::Result<Vec<f64>, Begun> {
        let process = Optimizing {
            oracle,
            optimizer: (SGD.build)(&Values::defaults(&SGD, 0.0).with("eta", at.eta)),
        };
        let stream = Stream::new(context.seed, cell_key(label));
        let start = |_: u64, theta: &mut [f64], _: &mut [f64]| theta.fill(at.from);
        let course = Course {
            process: &process,
            stream: &stream,
            particles: self.particles,
            start: &start,
            at: &[at.steps],
            lanes: context.lanes,
        };
        let run = || course.run_from(begun, &context.stop, counter);
        let seen = context.pool.install(run)?;
        Ok(seen.theta.into_iter().next_back().unwrap_or_default())
    }

    /// A row per l and quantity.
    fn samples(&self, finished: &[Finished]) -> Table {
        let rows: Vec<Row> = finished
            .iter()
            .flat_map(|f| {
                let both = [("gradient", f.gradient), ("end point", f.end)];
                both.into_iter()
                    .flat_map(move |(of, c)| (0..4).map(move |k| (f.l, of, k, c)))
            })
            .collect();
        let text = |of: &dyn Fn(&Row) -> String| Column::Text(rows.iter().map(of).collect());
        let number = |of: &dyn Fn(&Row) -> f64| Column::F64(rows.iter().map(of).collect());
        Table {
            columns: vec![
                ("cell".into(), text(&|r| self.label(r.0))),
                ("l".into(), Column::U64(rows.iter().map(|r| r.0).collect())),
                ("of".into(), text(&|r| r.1.into())),
                ("quantity".into(), text(&|r| NAMES[r.2].into())),
                ("value".into(), number(&|r| r.3.value[r.2])),
                ("standard_error".into(), number(&|r| r.3.error[r.2])),
            ],
        }
    }

    /// One cumulant with its interval.
    pub fn estimate(&self, found: &Cumulants, k: usize) -> Estimate {
        let how = "sample cumulant, normal interval by the delta method";
        let (value, error) = (found.value[k], found.error[k]);
        Estimate::normal(value, error, self.particles, self.confidence, how)
    }

    fn estimates(&self, finished: &[Finished]) -> Result<Vec<Reading>> {
        let mut rows = Vec::new();
        for f in finished {
            let known = exact(self, f.l)?;
            for (of, found, known) in [
                ("gradient", &f.gradient, &known.0[..]),
                ("end point", &f.end, &known.1[..]),
            ] {
                rows.extend(
                    known
                        .iter()
                        .zip(NAMES)
                        .enumerate()
                        .map(|(k, (known, name))| {
                            let quantity = format!("{name} of the {of}");
                            let measured = Some(self.estimate(found, k));
                            let exact = Some(Exact::by("closed form", *known));
                            Reading::of(&self.label(f.l), &quantity, measured, exact)
                        }),
                );
            }
        }
        Ok(rows)
    }

    fn words(&self) -> Section {
        Section {
            heading: "What was run".into(),
            paragraphs: vec![
                format!(
                    "SVAG combines two gradients at the same θ, g = r₊g₁ + r₋g₂ with r± = (1 ± √(2l − 1))/2. Single gradients are drawn on the double well x⁴/4 − x²/2 at θ = {} with a fresh normal sample of variance {}, so that g = (θ − x)³ − (θ − x) is skewed; their exact cumulants are integrals of a polynomial.",
                    self.theta, self.data
                ),
                format!(
                    "On ½hθ², h = {}, with gradients of variance {}, SGD with SVAG makes l·{} steps at η/l, η = {}, from θ = {}. Its law after every number of steps is known; as l grows it tends to the diffusion dθ = −hθ dt + √(η·variance) dW at time ηK.",
                    self.h, self.variance, self.steps, self.eta, self.start
                ),
                "A cumulant of order n is multiplied by r₊ⁿ + r₋ⁿ. The skewness of one SVAG gradient tends to 0, its excess kurtosis to half of what it was: only the sum of many becomes Gaussian.".into(),
            ],
        }
    }
}
