//! Trains, looks at every point, and concludes.

use std::path::Path;

use super::figures::figures;
use super::look::{Look, OfBatch, look};
use super::quantity::{Over, Quantity};
use super::rulings::{estimate, of_size, rulings, self_checks};
use super::spec::NoiseSpec;
use super::text::sections;
use crate::protocol::points::Seen;
use base::error::Result;
use experiment::context::{Context, Progress};
use experiment::finding::Finding;
use experiment::plan::Planned;
use experiment::protocol::Protocol;
use measurement::mean::over_seeds;
use measurement::reading::Reading;
use report::table::{Column, Table};
use report::verdicts::Verdicts;

impl Protocol for NoiseSpec {
    fn plan(&self) -> Vec<Planned> {
        self.points.plan()
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let at = (context, progress, folder);
        let seen = self
            .points
            .visit(at, &self.measure, |place| look(&self.measure, place))?;
        let seeds = self.points.schooling.seeds;
        let made = format!(
            "{seeds} seeds, {} minibatches of each size, scale {}",
            self.measure.minibatches, context.scale
        );
        let looks = || seen.iter().flat_map(|point| &point.each);
        Ok(Finding {
            samples: samples(&seen),
            estimates: estimates(self, &seen),
            verdicts: Verdicts {
                claims: rulings(self, &seen),
                self_checks: self_checks(self, &seen),
            },
            figures: figures(self, &seen, &made),
            sections: sections(self, &seen),
            particle_steps: self.points.steps(),
            lane_steps: self.points.steps(),
            diverged: looks().filter(|look| !look.loss.is_finite()).count() as u64,
        })
    }
}

/// A row per point, seed, B and kind of sample.
fn samples(seen: &[Seen<Look>]) -> Table {
    struct Row<'a> {
        point: &'a str,
        seed: u64,
        over: (Over, &'static str),
        of: &'a OfBatch,
    }
    let mut rows = Vec::new();
    for Seen { point, each } in seen {
        for (seed, look) in (0..).zip(each) {
            for of in &look.batches {
                rows.extend(Over::ALL.map(|(over, key, _)| Row {
                    point: &point.name,
                    seed,
                    over: (over, key),
                    of,
                }));
            }
        }
    }
    let text = |of: fn(&Row<'_>) -> String| Column::Text(rows.iter().map(of).collect());
    let whole = |of: fn(&Row<'_>) -> u64| Column::U64(rows.iter().map(of).collect());
    let number = |quantity: Quantity| {
        Column::F64(
            rows.iter()
                .map(|row| quantity.of(row.over.0, row.of))
                .collect(),
        )
    };
    let exact = rows.iter().map(|row| {
        let fourth = row.over.0.fourth(row.of);
        fourth.map_or(f64::NAN, |fourth| fourth.exact)
    });
    Table {
        columns: vec![
            ("point".into(), text(|row| row.point.to_string())),
            ("seed".into(), whole(|row| row.seed)),
            ("batch".into(), whole(|row| row.of.batch)),
            ("over".into(), text(|row| row.over.1.to_string())),
            ("pass".into(), number(Quantity::Pass)),
            ("kurtosis".into(), number(Quantity::Kurtosis)),
            ("tail_index".into(), number(Quantity::Tail)),
            ("clt".into(), number(Quantity::Clt)),
            ("exact_kurtosis".into(), Column::F64(exact.collect())),
        ],
    }
}

/// A row per point, B, kind of sample and quantity.
fn estimates(spec: &NoiseSpec, seen: &[Seen<Look>]) -> Vec<Reading> {
    let mut rows = Vec::new();
    for point in seen {
        for &batch in &spec.measure.batches {
            for (over, key, _) in Over::ALL {
                let cell = format!("{}/B={batch}/{key}", point.point.name);
                let mut push = |quantity: &str, found: Result<_>| {
                    if let Ok(estimate) = found {
                        let mut row = Reading::measured(&cell, quantity, estimate);
                        row.axes = spec.points.axes(&point.point);
                        rows.push(row.at("batch", batch).at("over", key));
                    }
                };
                for (quantity, _, words) in Quantity::ALL {
                    push(words, estimate(spec, point, batch, over, quantity));
                }
                let scaled = of_size(point, batch).filter_map(|own| over.fourth(own));
                let scaled = scaled.map(|fourth| batch as f64 * fourth.mean);
                push(
                    "B times the mean excess kurtosis",
                    over_seeds(scaled, spec.confidence),
                );
            }
        }
    }
    rows
}
