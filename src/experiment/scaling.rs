//! The scaling-identity protocol: sharpness k at η must be sharpness 1 at another η, to the bit.
//!
//! With y = √k θ the gradient with respect to θ is √k times that with respect to y, so a rule whose update
//! is of degree p in the gradients moves y at (k, η) exactly as at (1, k^{(1+p)/2} η): kη for SGD, momentum,
//! PNM and Adai, √k η for Adam with ε = 0. Where k is a power of 4, √k and k are powers of two and the
//! identity holds in every bit. Hence the sharpness sweep of Adaptive Inertia's Fig. 6 is a
//! learning-rate sweep, whatever the noise: it cannot test C = H/B.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::context::{Context, Progress};
use crate::finding::Finding;
use crate::kept::{Piece, each, kept};
use crate::memory;
use crate::optimizer::Tuned;
use crate::plan::Planned;
use crate::protocol::Protocol;
use crate::spec::Section;
use base::error::{Error, Result};
use measurement::Estimate;
use measurement::reading::{Exact, Reading};
use report::record::Section as Words;
use report::table::{Column, Table};
use report::verdicts::Verdicts;
use simulation::ensemble::{Optimizing, Process, Workspace};
use simulation::landscape::registry::{Settings, build};
use simulation::noise::{Law, Minibatch, Pool, Replacement};
use simulation::optimizer::registry::Rules;
use simulation::random::{Stream, cell_key};
use verdict::{Role, Ruling, Verdict, decide};

const STEPS: u64 = 2000;

/// Relative deviation that rounding may cause where k is no power of 4: the paths are compared while
/// they are of order 1 and stay stable, so errors do not grow beyond a few hundred roundings.
const ROUNDING: f64 = 1e-10;

/// A resolved scaling experiment.
#[derive(Clone, Debug, Serialize)]
pub struct ScalingSpec {
    /// d.
    pub dim: usize,
    /// The values of k.
    pub sharpness: Vec<f64>,
    /// Pool size.
    pub samples: u64,
    /// B.
    pub batch: u64,
    /// Variance of the data.
    pub variance: f64,
    /// Rules with their hyper-parameters at k = 1.
    pub optimizers: Vec<Tuned>,
}

/// The degree of a rule's update in the gradients, where it is 0 or 1 and the identity can hold in every bit.
fn degree(rule: &Tuned) -> Option<f64> {
    (rule.entry.degree)(&rule.values).filter(|p| *p == 0.0 || *p == 1.0)
}

/// The worst deviation of one rule at one k.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Compared {
    optimizer: String,
    sharpness: f64,
    /// max |√k θ − y|/(1 + |y|) over all steps and coordinates.
    worst: f64,
    /// Whether every bit agreed.
    bitwise: bool,
}

impl Protocol for ScalingSpec {
    fn plan(&self) -> Vec<Planned> {
        let cell = |rule: &Tuned| {
            let plan = Planned::new(rule.entry.name).under(rule);
            plan.runs(2 * self.sharpness.len() as u64, STEPS)
        };
        self.optimizers.iter().map(cell).collect()
    }

    fn memory(&self) -> u64 {
        memory::numbers(&[self.samples, self.dim as u64, 2])
    }

    fn counted(&self) -> &'static str {
        "noise.samples"
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let rows = each(&self.optimizers, |rule| -> Result<Vec<Compared>> {
            let name = rule.entry.name;
            let label = format!("scaling-identity/{name}");
            let piece = Piece::of(&label, self, 1);
            kept(piece, context, progress, folder, |_| {
                let found = self.compare(rule, context.seed);
                found.map(Some).map_err(Error::Failed)
            })
        })?;
        Ok(self.conclude(&rows.concat()))
    }
}

impl ScalingSpec {
    /// Reads the sections of a scaling experiment on Styblinski–Tang with minibatches.
    ///
    /// # Errors
    /// Anything missing, unknown or out of range.
    pub fn read(root: &Section<'_>, rules: &Rules) -> Result<Self> {
        let landscape = root.required_section("landscape")?;
        landscape.choice("name", None, &["styblinski-tang"])?;
        let dim = landscape.integer("dim", Some(10), 1..=10_000, "the number of coordinates")?;
        let why = "the sharpness factor k is positive";
        let sharpness = landscape.sweep("sharpness", None, 1e-3..=1e3, why)?;
        landscape.finish()?;
        let noise = root.required_section("noise")?;
        noise.choice("name", None, &["minibatch"])?;
        let samples = noise.integer("samples", None, 1..=10_000_000, "the size of the pool")?;
        let batch = noise.integer("batch", None, 1..=samples, "at most the pool's size")?;
        let why = "the variance of a coordinate of a sample";
        let variance = noise.number("variance", None, f64::MIN_POSITIVE..=1e6, why)?;
        noise.finish()?;
        let mut optimizers = Vec::new();
        for section in root.sections("optimizer")? {
            let rule = Tuned::read(&section, rules)?;
            section.finish()?;
            if degree(&rule).is_none() {
                return Err(section.error(
                    "name",
                    format!(
                        "the update of {} is not of degree 0 or 1 in the gradients, so nothing is known to scale",
                        rule.entry.name
                    ),
                ));
            }
            optimizers.push(rule);
        }
        if optimizers.is_empty() {
            return Err(root.error("optimizer", "give at least one [[optimizer]]"));
        }
        Ok(ScalingSpec {
            dim: dim as usize,
            sharpness,
            samples,
            batch,
            variance,
            optimizers,
        })
    }

    fn compare(&self, rule: &Tuned, seed: u64) -> std::result::Result<Vec<Compared>, String> {
        let mut rows = Vec::new();
        for &k in &self.sharpness {
            let scale = if degree(rule) == Some(0.0) {
                k.sqrt()
            } else {
                k
            };
            let eta = rule.values["eta"] * scale;
            let values = rule.values.clone().with("eta", eta);
            let scaled = Tuned { values, ..*rule };
            let (left, right) = (self.path(rule, k, seed)?, self.path(&scaled, 1.0, seed)?);
            let (mut worst, mut bitwise) = (0.0f64, true);
            for (theta, y) in left.iter().zip(&right) {
                let deviation = (k.sqrt() * theta - y).abs() / (1.0 + y.abs());
                worst = if deviation <= worst { worst } else { deviation };
                bitwise &= (k.sqrt() * theta).to_bits() == y.to_bits();
            }
            rows.push(Compared {
                optimizer: rule.entry.name.to_string(),
                sharpness: k,
                worst,
                bitwise,
            });
        }
        Ok(rows)
    }

    /// θ after every step of one particle, coordinates one after another.
    fn path(&self, rule: &Tuned, k: f64, seed: u64) -> std::result::Result<Vec<f64>, String> {
        let scalars = [
            ("dim".to_string(), self.dim as f64),
            ("sharpness".into(), k),
        ];
        let surface = build(
            "styblinski-tang",
            &Settings {
                scalars: scalars.into(),
                ..Settings::default()
            },
        )?;
        let stream = Stream::new(seed, cell_key("scaling-identity"));
        let n = self.samples as usize;
        let pool = Pool::draw(&stream, Law::Normal, self.variance, k, n, self.dim);
        let batch = self.batch as usize;
        let process = Optimizing {
            oracle: Box::new(Minibatch::new(surface, pool, batch, Replacement::With)),
            optimizer: rule.build(),
        };
        let start = vec![-2.903_534_027_771_177 / k.sqrt(); self.dim];
        let memory = process.start(&start);
        let mut block = process.idle(1);
        block.place(0, 0, &start, &memory);
        let mut work = Workspace::new(&process, 1);
        let mut path = Vec::with_capacity(STEPS as usize * self.dim);
        for _ in 0..STEPS {
            process.step(&mut block, &stream, &[], &mut work);
            block.step[0] += 1;
            path.extend_from_slice(&block.theta);
        }
        Ok(path)
    }

    fn conclude(&self, rows: &[Compared]) -> Finding {
        let power_of_four = |k: f64| k.sqrt().log2().fract() == 0.0;
        let self_checks = rows
            .iter()
            .map(|row| {
                let exact = power_of_four(row.sharpness);
                let passed = if exact {
                    row.bitwise
                } else {
                    row.worst <= ROUNDING
                };
                decide::sure(
                    &format!("scaling-identities/{}/k={}", row.optimizer, row.sharpness),
                    passed,
                    format!(
                        "{STEPS} steps at sharpness k = {} against sharpness 1 at the scaled η: {}",
                        row.sharpness,
                        if exact {
                            format!(
                                "every bit must agree, {}",
                                if row.bitwise {
                                    "and does"
                                } else {
                                    "and does not"
                                }
                            )
                        } else {
                            format!(
                                "worst relative deviation {:.1e}, rounding allows {ROUNDING:.0e}",
                                row.worst
                            )
                        }
                    ),
                )
            })
            .collect();
        let worst = rows.iter().map(|r| r.worst).fold(0.0, f64::max);
        let column = |pick: &dyn Fn(&Compared) -> f64| Column::F64(rows.iter().map(pick).collect());
        Finding {
            samples: Table {
                columns: vec![
                    (
                        "optimizer".into(),
                        Column::Text(rows.iter().map(|r| r.optimizer.clone()).collect()),
                    ),
                    ("sharpness".into(), column(&|r| r.sharpness)),
                    ("worst_deviation".into(), column(&|r| r.worst)),
                    (
                        "bitwise".into(),
                        Column::Bool(rows.iter().map(|r| r.bitwise).collect()),
                    ),
                ],
            },
            estimates: rows
                .iter()
                .map(|r| {
                    let cell = format!("{}/k={}", r.optimizer, r.sharpness);
                    let worst = Exact::by("maximum over all steps and coordinates", r.worst);
                    Reading::known(&cell, "worst relative deviation of √k θ from y", worst)
                        .at("optimizer", &*r.optimizer)
                        .at("sharpness", r.sharpness)
                })
                .collect(),
            verdicts: Verdicts {
                claims: vec![self.ruling(worst)],
                self_checks,
            },
            figures: Vec::new(),
            sections: vec![Words {
                heading: "What was run".into(),
                paragraphs: vec![
                    format!(
                        "Each rule for {STEPS} steps on Styblinski–Tang in {} coordinates with minibatches of {} from {} samples of variance {}, once at sharpness k and η, once at sharpness 1 and the scaled η, with the same batches.",
                        self.dim, self.batch, self.samples, self.variance
                    ),
                    "With y = √k θ: SGD, momentum, PNM and Adai at (k, η) are the same map as at (1, kη); Adam with ε = 0 at (1, √k η). A sweep of k is a sweep of η, for any loss and any noise of this form, so a rate that is linear in 1/k (in 1/√k for Adam) says nothing of how C depends on H.".into(),
                ],
            }],
            particle_steps: rows.len() as u64 * 2 * STEPS,
            lane_steps: rows.len() as u64 * 2 * STEPS,
            diverged: 0,
        }
    }

    /// That Fig. 6's sweep tests C = H/B is what the identity rules out.
    fn ruling(&self, worst: f64) -> Ruling {
        Ruling {
            id: "adai.fig6".into(),
            case: "k-sweep as a test of C = H/B".into(),
            role: Role::Control,
            verdict: if worst <= ROUNDING {
                Verdict::Refuted
            } else {
                Verdict::Inconclusive
            },
            why: format!(
                "The sweep of k is a sweep of η: paths agree to {worst:.1e} over {STEPS} steps, so linearity in 1/k follows from scaling, for any noise, and cannot test C = H/B."
            ),
            tolerance: ROUNDING,
            quantity: "worst relative deviation of √k θ(k, η) from y(1, scaled η)".into(),
            paper: None,
            rivals: Vec::new(),
            exact: Some(0.0),
            measured: Some(Estimate::exact(
                worst,
                "identity, compared number by number",
            )),
            allowed: None,
        }
    }
}
