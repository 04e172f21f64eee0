//! Runs the synthetic data through the estimators and the decision rule.

use std::path::Path;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use super::estimator::Estimator;
use super::spec::CalibrationSpec;
use crate::context::{Context, Progress};
use crate::finding::Finding;
use crate::kept::{Come, Piece, each, kept_parts};
use crate::memory;
use crate::plan::Planned;
use crate::protocol::Protocol;
use base::error::Result;
use measurement::reading::Reading;
use measurement::{ErrorLaw, Estimate, Sampled};
use report::figure::{Axis, Figure, Mark, Panel, Series};
use report::record::Section;
use report::table::{Column, Table};
use report::verdicts::Verdicts;
use simulation::random::{Purpose, Sequence, Stream, cell_key};
use verdict::Verdict;
use verdict::decide::{self, Tolerance};

/// Parts that the repetitions at one effect are computed, and kept, in.
const BATCHES: u64 = 100;

/// Verdicts of one estimator at one effect.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Counts {
    confirmed: u64,
    refuted: u64,
    inconclusive: u64,
}

impl Counts {
    fn of(verdict: Verdict) -> Self {
        let mut counts = Counts::default();
        match verdict {
            Verdict::Confirmed => counts.confirmed = 1,
            Verdict::Refuted => counts.refuted = 1,
            _ => counts.inconclusive = 1,
        }
        counts
    }

    fn and(self, other: Self) -> Self {
        Counts {
            confirmed: self.confirmed + other.confirmed,
            refuted: self.refuted + other.refuted,
            inconclusive: self.inconclusive + other.inconclusive,
        }
    }
}

impl Protocol for CalibrationSpec {
    fn plan(&self) -> Vec<Planned> {
        let cell = |estimator: &Estimator| {
            let name = estimator.name();
            Planned::new(&label(*estimator)).with("estimator", name)
        };
        self.estimators.iter().map(cell).collect()
    }

    fn memory(&self) -> u64 {
        memory::numbers(&[self.n, 3, memory::workers(0)])
    }

    fn counted(&self) -> &'static str {
        "n"
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let found = each(&self.estimators, |&estimator| {
            let label = label(estimator);
            let stream = Stream::new(context.seed, cell_key(&label));
            let effects = self.effects.len();
            let piece = Piece::of(&label, self, effects as u64 * BATCHES);
            let part = |i: u64| {
                self.counts(estimator, &stream, (i / BATCHES) as usize, i % BATCHES)
                    .map(Some)
            };
            let counts = kept_parts(piece, context, progress, folder, part, |parts| {
                let batches = parts.chunks(BATCHES as usize);
                let sum = |all: &[Counts]| all.iter().fold(Counts::default(), |a, b| a.and(*b));
                Ok(Come::Whole(batches.map(sum).collect::<Vec<Counts>>()))
            })?;
            Ok((estimator, counts))
        })?;
        Ok(self.conclude(&found, &context.scale))
    }
}

/// The name of a cell.
fn label(estimator: Estimator) -> String {
    format!("calibration/{}", estimator.name())
}

impl CalibrationSpec {
    /// Verdicts at the k-th effect, over a batch of the repetitions: the claim says 1 ± δ, and the truth lies beyond
    /// 1 + δ.
    fn counts(
        &self,
        estimator: Estimator,
        stream: &Stream,
        k: usize,
        batch: u64,
    ) -> Result<Counts> {
        let error = estimator.relative_error(self.n);
        let truth = (1.0 + self.tolerance) * (1.0 + self.effects[k] * error);
        let claim = Tolerance::Relative(self.tolerance);
        let mut counts = Counts::default();
        for repetition in (batch..self.repetitions).step_by(BATCHES as usize) {
            let mut draws = Sequence::new(stream, Purpose::Fresh, repetition, k as u64);
            let estimate = estimator.estimate(truth, self.n, self.confidence, &mut draws)?;
            counts = counts.and(Counts::of(decide::value(&estimate, 1.0, claim).0));
        }
        Ok(counts)
    }

    fn conclude(&self, found: &[(Estimator, Vec<Counts>)], scale: &str) -> Finding {
        let nominal = 0.5 * (1.0 - self.confidence);
        let n = self.repetitions as f64;
        let error = (nominal * (1.0 - nominal) / n).sqrt();
        let self_checks = found
            .iter()
            .map(|(estimator, counts)| {
                let rate = counts[0].refuted as f64 / n;
                let id = format!("calibration/{}/false refutations", estimator.name());
                // The count is binomial at the nominal chance.
                let skewness = (1.0 - 2.0 * nominal) / (n * error);
                let measured = Sampled {
                    law: ErrorLaw::Skewed(skewness, skewness),
                    ..Sampled::normal(rate, error, self.repetitions)
                };
                decide::self_check(&id, &measured, nominal, 0.0)
            })
            .collect();
        Finding {
            samples: self.table(found),
            estimates: self.estimates(found),
            verdicts: Verdicts {
                claims: Vec::new(),
                self_checks,
            },
            figures: vec![self.figure(found, nominal, scale)],
            sections: vec![Section {
                heading: "What was run".into(),
                paragraphs: vec![format!(
                    "A claim says 1 within δ = {}. Data of a law whose answer is 1 + δ, the edge, or lies beyond it by some standard errors go through an estimator ({} numbers each, {} % intervals) and the rule that decides every value claim of this lab, {} times for each estimator and effect. At the edge a refutation is false; it happens with the chance {nominal} that an interval lies wholly on one side.",
                    self.tolerance,
                    self.n,
                    100.0 * self.confidence,
                    self.repetitions
                )],
            }],
            particle_steps: 0,
            lane_steps: 0,
            diverged: 0,
        }
    }

    fn table(&self, found: &[(Estimator, Vec<Counts>)]) -> Table {
        let rows = || {
            found.iter().flat_map(|(estimator, counts)| {
                let effects = self.effects.iter().zip(counts);
                effects.map(move |(effect, counts)| (*estimator, *effect, *counts))
            })
        };
        let count = |of: fn(Counts) -> u64| Column::U64(rows().map(|(_, _, c)| of(c)).collect());
        let names = rows().map(|(e, _, _)| e.name().to_string()).collect();
        Table {
            columns: vec![
                ("estimator".into(), Column::Text(names)),
                (
                    "effect".into(),
                    Column::F64(rows().map(|(_, effect, _)| effect).collect()),
                ),
                ("confirmed".into(), count(|c| c.confirmed)),
                ("refuted".into(), count(|c| c.refuted)),
                ("inconclusive".into(), count(|c| c.inconclusive)),
            ],
        }
    }

    /// The chance of a refutation, with its normal interval.
    fn chance(&self, counts: Counts) -> Estimate {
        let n = self.repetitions as f64;
        let p = counts.refuted as f64 / n;
        let error = (p * (1.0 - p) / n).sqrt();
        Estimate::normal(p, error, self.repetitions, 0.99, "share of refutations")
    }

    fn estimates(&self, found: &[(Estimator, Vec<Counts>)]) -> Vec<Reading> {
        let mut rows = Vec::new();
        for (estimator, counts) in found {
            for (effect, counts) in self.effects.iter().zip(counts) {
                let quantity = "chance of refutation";
                let row = Reading::measured(&label(*estimator), quantity, self.chance(*counts));
                rows.push(row.at("effect", *effect));
            }
        }
        rows
    }

    fn figure(&self, found: &[(Estimator, Vec<Counts>)], nominal: f64, scale: &str) -> Figure {
        let mut series: Vec<Series> = Vec::new();
        if let Ok(normal) = Normal::new(0.0, 1.0) {
            let z = -normal.inverse_cdf(nominal);
            let last = self.effects.last().copied().unwrap_or(0.0);
            let x: Vec<f64> = (0..=100).map(|k| last * f64::from(k) / 100.0).collect();
            let power = x.iter().map(|x| (*x, normal.cdf(x - z))).collect();
            let label = "a normal estimate of known error";
            series.push(Series::curve(label, Mark::Line, 7, power));
        }
        for (colour, (estimator, counts)) in found.iter().enumerate() {
            let seen = self.effects.iter().zip(counts).map(|(effect, counts)| {
                let e = self.chance(*counts);
                (*effect, e.value.unwrap_or(f64::NAN), e.ci_low, e.ci_high)
            });
            series.push(Series::measured(estimator.name(), colour, seen.collect()));
        }
        Figure {
            name: "power".into(),
            caption: format!(
                "Power of the rule that decides value claims: the share of refutations against the truth's distance beyond the edge of the tolerance. Markers: measured over {} data sets each, 99 % intervals. At 0 a refutation is false; its nominal chance is {nominal:.4}. Scale {scale}.",
                self.repetitions
            ),
            panels: vec![Panel {
                title: "power".into(),
                x: Axis::new("distance beyond the edge (standard errors)", false),
                y: Axis::new("share of refutations", false),
                map: None,
                series,
            }],
        }
    }
}
