//! Runs every rule for every number of steps, and looks at E‖∇L‖² on the way.

use std::path::Path;

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::bound::{self, Response, Setting};
use super::rulings::{rulings, self_checks};
use super::spec::ConvergenceSpec;
use crate::context::{Context, Progress};
use crate::finding::Finding;
use crate::kept::{Come, Piece, each, kept_from};
use crate::memory;
use crate::optimizer::Tuned;
use crate::plan::Planned;
use crate::protocol::Protocol;
use crate::surface::matrix;
use base::error::{Error, Result};
use measurement::Estimate;
use measurement::mean::Moments;
use measurement::reading::{Exact, Reading};
use prediction::exact::linear::{LinearOptimizer, Memory, Quadratic, Recursion};
use report::figure::{Axis, Figure, Mark, Panel, Series};
use report::record::Section;
use report::table::{Column, Table};
use report::verdicts::Verdicts;
use simulation::ensemble::{Course, Optimizing};
use simulation::landscape::quadratic::Quadratic as Surface;
use simulation::noise::{Gaussian, Shape};
use simulation::random::{Stream, cell_key};

/// Looks between the start and the last step.
const LOOKS: u32 = 60;

/// E‖∇L‖² at one step.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Look {
    /// The step.
    pub step: u64,
    /// The mean over particles.
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// One rule run for one number of steps.
pub struct Outcome {
    /// The series.
    pub series: String,
    /// t.
    pub steps: u64,
    /// The least of the looks.
    pub least: Look,
    /// Its exact value, for a linear rule.
    pub exact: Option<f64>,
    /// The bound, for a linear rule.
    pub bound: Option<f64>,
    /// Particles.
    pub n: u64,
}

impl Outcome {
    /// min E‖∇L‖² with a normal interval.
    pub fn estimate(&self, confidence: f64) -> Estimate {
        let how = "mean over particles at the look where it is least";
        Estimate::normal(
            self.least.mean,
            self.least.standard_error,
            self.n,
            confidence,
            how,
        )
    }
}

impl Protocol for ConvergenceSpec {
    fn plan(&self) -> Vec<Planned> {
        let cell = |(series, rule, steps): (&String, &Tuned, u64)| {
            Planned::of(&label(series, steps), series)
                .under(rule)
                .with("eta", self.eta(steps))
                .with("steps", steps)
                .runs(self.particles, steps)
                .in_coordinates(self.start.len())
        };
        self.each().map(cell).collect()
    }

    fn memory(&self) -> u64 {
        let looks = u64::from(LOOKS) + 1;
        memory::numbers(&[self.particles, self.start.len() as u64, looks])
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let cells = self.each();
        let looks = each(cells.clone(), |(series, rule, steps)| {
            let label = label(series, steps);
            self.cell(&label, rule, steps, context, progress, folder)
        })?;
        let mut outcomes = Vec::new();
        let mut table: Vec<(String, u64, Look)> = Vec::new();
        for ((series, rule, steps), looks) in cells.zip(&looks) {
            outcomes.push(self.outcome(series, rule, steps, looks)?);
            table.extend(looks.iter().map(|look| (series.clone(), steps, *look)));
        }
        let work: u64 = self.steps.iter().sum::<u64>() * self.particles * self.rules.len() as u64;
        let made = format!(
            "{} particles a cell, scale {}",
            self.particles, context.scale
        );
        Ok(Finding {
            samples: samples(&table),
            estimates: outcomes
                .iter()
                .map(|o| {
                    let exact = o.exact.map(|least| Exact::by("linear recursion", least));
                    let measured = Some(o.estimate(self.confidence));
                    Reading::of(&label(&o.series, o.steps), "min E‖∇L‖²", measured, exact)
                })
                .collect(),
            verdicts: Verdicts {
                claims: rulings(self, &outcomes),
                self_checks: self_checks(&outcomes),
            },
            figures: vec![figure(self, &outcomes, &made)],
            sections: vec![self.words()],
            particle_steps: work,
            lane_steps: work,
            diverged: 0,
        })
    }
}

/// The name of a cell.
fn label(series: &str, steps: u64) -> String {
    format!("convergence/{series}/t={steps}")
}

impl ConvergenceSpec {
    /// Every series with its rule and each of its numbers of steps.
    fn each(&self) -> impl Iterator<Item = (&String, &Tuned, u64)> + Clone {
        self.rules
            .iter()
            .flat_map(|(series, rule)| self.steps.iter().map(move |steps| (series, rule, *steps)))
    }

    fn hessian(&self) -> DMatrix<f64> {
        matrix(&self.hessian)
    }

    fn eta(&self, steps: u64) -> f64 {
        self.c / (steps as f64).sqrt()
    }

    /// The steps at which θ is looked at: spaced by a ratio, the last among them.
    fn at(&self, steps: u64) -> Vec<u64> {
        let ratio = |k: u32| (steps as f64).powf(f64::from(k) / f64::from(LOOKS)).round() as u64;
        let mut at: Vec<u64> = (0..=LOOKS).map(ratio).collect();
        at.dedup();
        at
    }

    fn cell(
        &self,
        label: &str,
        rule: &Tuned,
        steps: u64,
        context: &Context,
        progress: &dyn Progress,
        folder: &Path,
    ) -> Result<Vec<Look>> {
        let piece = Piece::of(label, self, self.particles);
        kept_from(piece, context, progress, folder, |begun, counter| {
            let values = rule.values.clone().with("eta", self.eta(steps));
            let surface = Surface::symmetric(self.hessian())?;
            let shape = Shape::Isotropic(self.variance.sqrt());
            let process = Optimizing::<f64> {
                oracle: Box::new(Gaussian::new(Box::new(surface), shape)),
                optimizer: Tuned { values, ..*rule }.build(),
            };
            let stream = Stream::new(context.seed, cell_key(label));
            let at = self.at(steps);
            let start =
                |_: u64, theta: &mut [f64], _: &mut [f64]| theta.copy_from_slice(&self.start);
            let course = Course {
                process: &process,
                stream: &stream,
                particles: self.particles,
                start: &start,
                at: &at,
                lanes: context.lanes,
            };
            let run = || course.run_from(begun, &context.stop, counter);
            let seen = match context.pool.install(run) {
                Ok(seen) => seen,
                Err(part) => return Ok(Come::Stopped(Some(part))),
            };
            let hessian = self.hessian();
            let looks: Vec<Look> = at
                .iter()
                .zip(&seen.theta)
                .map(|(step, theta)| {
                    let squares = theta
                        .chunks_exact(seen.dim)
                        .map(|row| (&hessian * DVector::from_column_slice(row)).norm_squared());
                    let moments: Moments = squares.collect();
                    Look {
                        step: *step,
                        mean: moments.mean().unwrap_or(f64::NAN),
                        standard_error: moments.standard_error().unwrap_or(f64::NAN),
                    }
                })
                .collect();
            Ok(Come::Whole(looks))
        })
    }

    fn outcome(&self, series: &str, rule: &Tuned, steps: u64, looks: &[Look]) -> Result<Outcome> {
        let eta = self.eta(steps);
        let least = looks.iter().min_by(|a, b| a.mean.total_cmp(&b.mean));
        let least = *least.ok_or_else(|| Error::Failed("nothing was looked at".into()))?;
        let hessian = self.hessian();
        let dim = hessian.nrows();
        let quadratic =
            Quadratic::new(hessian.clone(), DMatrix::identity(dim, dim) * self.variance)?;
        let values = rule.values.clone().with("eta", eta);
        let linear = if rule.values.is_plain() {
            rule.linear_at(eta)
        } else {
            None
        };
        let exact_at = |recursion: &Recursion, step: u64| -> Option<f64> {
            let law = recursion.after(step, &self.start, Memory::Zero).ok()?;
            let gradient = &hessian * &law.mean;
            Some(
                (&hessian * law.covariance * hessian.transpose()).trace() + gradient.norm_squared(),
            )
        };
        let (mut exact, mut limit) = (None, None);
        if let Some(linear) = linear {
            let optimizer = LinearOptimizer::uniform(linear, dim)?;
            let recursion = Recursion::new(&optimizer, eta, &quadratic)?;
            exact = exact_at(&recursion, least.step);
            let start = DVector::from_column_slice(&self.start);
            let response: Option<Response> =
                bound::response(&*Tuned { values, ..*rule }.build(), eta);
            let at = self.at(steps);
            let largest = at.iter().filter_map(|step| exact_at(&recursion, *step));
            let gradient2 = largest.fold((&hessian * &start).norm_squared(), f64::max);
            limit = response.and_then(|response| {
                bound::bound(
                    response,
                    Setting {
                        eta,
                        steps: steps as f64,
                        gap: 0.5 * start.dot(&(&hessian * &start)),
                        smoothness: quadratic.curvatures().1,
                        variance: self.variance * dim as f64,
                        gradient2,
                    },
                )
            });
        }
        Ok(Outcome {
            series: series.into(),
            steps,
            least,
            exact,
            bound: limit,
            n: self.particles,
        })
    }

    fn words(&self) -> Section {
        Section {
            heading: "What was run".into(),
            paragraphs: vec![
                format!(
                    "Every rule runs for t steps at η = C/√t, C = {}, on a quadratic with additive noise of variance {} a coordinate, from θ₀ = {:?}. E‖∇L‖² is taken over {} particles at some sixty steps; the least of them is what the theorems bound.",
                    self.c, self.variance, self.start, self.particles
                ),
                "The papers' own constants are not at hand, so the bound is one of the same form with constants proved here: 4(L₀ − L*)/(ηWt) + 2ηWLσ² + 2η²L²A²(G² + σ²), where W is the sum of the rule's weights on past gradients and A that of their absolute tails.".into(),
            ],
        }
    }
}

fn samples(rows: &[(String, u64, Look)]) -> Table {
    Table {
        columns: vec![
            (
                "series".into(),
                Column::Text(rows.iter().map(|r| r.0.clone()).collect()),
            ),
            ("t".into(), Column::U64(rows.iter().map(|r| r.1).collect())),
            (
                "step".into(),
                Column::U64(rows.iter().map(|r| r.2.step).collect()),
            ),
            (
                "mean".into(),
                Column::F64(rows.iter().map(|r| r.2.mean).collect()),
            ),
            (
                "standard_error".into(),
                Column::F64(rows.iter().map(|r| r.2.standard_error).collect()),
            ),
        ],
    }
}

fn figure(spec: &ConvergenceSpec, outcomes: &[Outcome], made: &str) -> Figure {
    let mut series = Vec::new();
    for (colour, (name, _)) in spec.rules.iter().enumerate() {
        let own: Vec<&Outcome> = outcomes.iter().filter(|o| o.series == *name).collect();
        let of = |value: fn(&Outcome) -> Option<f64>| -> Vec<(f64, f64)> {
            let points = own.iter().filter_map(|o| Some((o.steps as f64, value(o)?)));
            points.collect()
        };
        series.push(Series::curve("", Mark::Line, colour, of(|o| o.exact)));
        series.push(Series::curve("", Mark::Dashed, colour, of(|o| o.bound)));
        let seen = own.iter().map(|o| {
            let e = o.estimate(spec.confidence);
            (o.steps as f64, o.least.mean, e.ci_low, e.ci_high)
        });
        series.push(Series::measured(name, colour, seen.collect()));
    }
    Figure {
        name: "convergence".into(),
        caption: format!(
            "min over k ≤ t of E‖∇L(θ_k)‖² at η = C/√t against t. Markers: measured; solid: exact, joined; dashed: the bound of the theorems' form that is proved here. {made}."
        ),
        panels: vec![Panel {
            title: "convergence".into(),
            x: Axis::new("steps t", true),
            y: Axis::new("min E‖∇L‖²", true),
            map: None,
            series,
        }],
    }
}
