//! Trains, looks at every point, and concludes.

use std::path::Path;

use super::checks::self_checks;
use super::compare::Comparison;
use super::figures::figures;
use super::look::{Look, look};
use super::quantity::{Labels, Quantity};
use super::rulings::{estimate, rulings};
use super::spec::CovarianceSpec;
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

impl Protocol for CovarianceSpec {
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
        let made = format!("{seeds} seeds, scale {}", context.scale);
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

/// A row per point, seed, set of labels and eigenvalue.
fn samples(seen: &[Seen<Look>]) -> Table {
    struct Row<'a> {
        point: &'a str,
        seed: u64,
        labels: &'static str,
        index: usize,
        of: &'a Comparison,
    }
    let mut rows = Vec::new();
    for Seen { point, each } in seen {
        for (seed, look) in (0..).zip(each) {
            for (labels, name, _) in Labels::ALL {
                let Some(of) = labels.of(look) else { continue };
                rows.extend((0..of.eigenvalues.len()).map(|index| Row {
                    point: &point.name,
                    seed,
                    labels: name,
                    index,
                    of,
                }));
            }
        }
    }
    let text = |of: fn(&Row<'_>) -> String| Column::Text(rows.iter().map(of).collect());
    let whole = |of: fn(&Row<'_>) -> u64| Column::U64(rows.iter().map(of).collect());
    let number = |of: fn(&Row<'_>) -> f64| Column::F64(rows.iter().map(of).collect());
    Table {
        columns: vec![
            ("point".into(), text(|row| row.point.to_string())),
            ("seed".into(), whole(|row| row.seed)),
            ("labels".into(), text(|row| row.labels.to_string())),
            ("index".into(), whole(|row| row.index as u64)),
            (
                "eigenvalue".into(),
                number(|row| row.of.eigenvalues[row.index]),
            ),
            ("diagonal".into(), number(|row| row.of.diagonal[row.index])),
        ],
    }
}

/// A row per point, set of labels and quantity.
fn estimates(spec: &CovarianceSpec, seen: &[Seen<Look>]) -> Vec<Reading> {
    let mut rows = Vec::new();
    for point in seen {
        for (labels, name, _) in Labels::ALL {
            let cell = format!("{}/labels={name}", point.point.name);
            for (quantity, _, words) in Quantity::ALL {
                if let Ok(estimate) = estimate(spec, point, labels, quantity) {
                    let mut row = Reading::measured(&cell, words, estimate);
                    row.axes = spec.points.axes(&point.point);
                    rows.push(row.at("labels", name));
                }
            }
        }
        let mut more = |quantity: &str, values: Vec<f64>| {
            if let Ok(estimate) = over_seeds(values.into_iter(), spec.confidence) {
                let mut row = Reading::measured(&point.point.name, quantity, estimate);
                row.axes = spec.points.axes(&point.point);
                rows.push(row);
            }
        };
        more("training loss", point.each.iter().map(|l| l.loss).collect());
        let fisher = |look: &Look| Some(look.model.as_ref()?.fisher / look.data.trace_h);
        more(
            "tr F / tr H, labels of the data",
            point.each.iter().filter_map(fisher).collect(),
        );
    }
    rows
}
