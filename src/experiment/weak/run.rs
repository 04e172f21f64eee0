//! Runs the cells, keeping each on disk as soon as it is finished.

use std::path::Path;

use super::distance::{Distance, Quantity};
use super::figures::figures;
use super::rulings::{rulings, self_checks};
use super::simulate::{Finished, Look, Simulation};
use super::spec::{WeakSpec, eta};
use super::text::sections;
use crate::context::{Context, Progress};
use crate::finding::Finding;
use crate::kept::{Piece, each, kept_from};
use crate::memory;
use crate::plan::Planned;
use crate::protocol::Protocol;
use base::error::Result;
use measurement::Estimate;
use measurement::reading::{Exact, Reading};
use report::table::{Column, Table};
use report::verdicts::Verdicts;
use simulation::random::{Stream, cell_key};

impl Protocol for WeakSpec {
    fn plan(&self) -> Vec<Planned> {
        let cell = |power: &u32| {
            let steps = (self.horizon / eta(*power)) as u64;
            let particles = self.particles * (1 + self.families.len() as u64);
            let plan = Planned::new(&self.label(*power)).with("eta", eta(*power));
            plan.runs(particles, steps).in_coordinates(1)
        };
        self.simulated.iter().map(cell).collect()
    }

    fn memory(&self) -> u64 {
        memory::numbers(&[self.particles, 2, super::simulate::LOOKS])
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let finished = each(&self.simulated, |&power| {
            self.finish(power, context, progress, folder)
        })?;
        let cells: Vec<(u32, &Finished)> = self.simulated.iter().copied().zip(&finished).collect();
        let mut distances = self.exact_distances()?;
        for (power, done) in &cells {
            distances.extend(self.largest(*power, done));
        }
        let made = format!("{} particles, scale {}", self.particles, context.scale);
        let steps = finished.iter().map(|f| f.particle_steps).sum();
        Ok(Finding {
            samples: samples(self, &cells),
            estimates: estimates(self, &distances),
            verdicts: Verdicts {
                claims: rulings(self, &distances),
                self_checks: self_checks(self, &cells),
            },
            figures: figures(self, &distances, &made),
            sections: sections(self),
            particle_steps: steps,
            lane_steps: steps,
            diverged: finished
                .iter()
                .filter_map(|f| f.looks.iter().map(|l| l.diverged).max())
                .sum(),
        })
    }
}

impl WeakSpec {
    fn label(&self, power: u32) -> String {
        format!("{}/eta=2^-{power}", self.name)
    }

    fn finish(
        &self,
        power: u32,
        context: &Context,
        progress: &dyn Progress,
        folder: &Path,
    ) -> Result<Finished> {
        let label = self.label(power);
        let piece = Piece {
            label: &label,
            settings: serde_json::json!({
                "surface": self.surface, "sigma": self.sigma, "x0": self.x0,
                "horizon": self.horizon, "families": self.families, "particles": self.particles,
            }),
            parts: self.particles * (1 + self.families.len() as u64),
        };
        kept_from(piece, context, progress, folder, |begun, counter| {
            let stream = Stream::new(context.seed, cell_key(&label));
            let simulation = Simulation {
                spec: self,
                power,
                stream: &stream,
                lanes: context.lanes,
            };
            let run = || simulation.run(begun, &context.stop, counter);
            context.pool.install(run)
        })
    }

    /// Suprema by the recursion.
    fn exact_distances(&self) -> Result<Vec<Distance>> {
        let mut all = Vec::new();
        for &family in &self.families {
            for &power in &self.exact {
                let Some(pair) = self.pair(family, eta(power)) else {
                    continue;
                };
                let apart = pair.apart(self.horizon)?;
                all.extend(Quantity::ALL.map(|quantity| {
                    let value = quantity.of(&apart);
                    Distance {
                        family,
                        power,
                        quantity,
                        exact: true,
                        standard_error: 0.0,
                        estimate: Estimate::exact(value, "joint recursion of both, over all steps"),
                    }
                }));
            }
        }
        Ok(all)
    }

    /// The largest distance over the times looked at, of every family and quantity.
    fn largest(&self, power: u32, done: &Finished) -> Vec<Distance> {
        let mut all = Vec::new();
        for &family in &self.families {
            for quantity in Quantity::ALL {
                let own = done.looks.iter().filter(|l| is(l, family.alpha, quantity));
                let Some(look) = own.max_by(|a, b| a.value.abs().total_cmp(&b.value.abs())) else {
                    continue;
                };
                let method =
                    "at the time, of those looked at, where it is largest; normal interval";
                let (size, error) = (look.value.abs(), look.standard_error);
                all.push(Distance {
                    family,
                    power,
                    quantity,
                    exact: false,
                    standard_error: error,
                    estimate: Estimate::normal(size, error, look.n, self.confidence, method),
                });
            }
        }
        all
    }
}

/// Whether a look is of this α and quantity.
pub fn is(look: &Look, alpha: f64, quantity: Quantity) -> bool {
    look.alpha == alpha && look.quantity == quantity
}

/// A row per η, family, time and quantity.
fn samples(spec: &WeakSpec, cells: &[(u32, &Finished)]) -> Table {
    let rows: Vec<(u32, &Look)> = cells
        .iter()
        .flat_map(|(power, done)| done.looks.iter().map(|look| (*power, look)))
        .collect();
    let number = |of: &dyn Fn(u32, &Look) -> f64| {
        Column::F64(rows.iter().map(|(p, look)| of(*p, look)).collect())
    };
    let count = |of: fn(&Look) -> u64| Column::U64(rows.iter().map(|(_, l)| of(l)).collect());
    let text = |of: &dyn Fn(u32, &Look) -> String| {
        Column::Text(rows.iter().map(|(p, look)| of(*p, look)).collect())
    };
    Table {
        columns: vec![
            ("cell".into(), text(&|p, _| spec.label(p))),
            ("eta".into(), number(&|p, _| eta(p))),
            ("alpha".into(), number(&|_, l| l.alpha)),
            ("step".into(), count(|l| l.step)),
            (
                "quantity".into(),
                text(&|_, l| format!("{:?}", l.quantity).to_lowercase()),
            ),
            ("value".into(), number(&|_, l| l.value)),
            ("standard_error".into(), number(&|_, l| l.standard_error)),
            ("particles".into(), count(|l| l.n)),
            ("diverged".into(), count(|l| l.diverged)),
        ],
    }
}

/// A row per η, family and quantity: what was simulated, what the recursion says, or both.
fn estimates(spec: &WeakSpec, distances: &[Distance]) -> Vec<Reading> {
    let same = |d: &Distance, other: &Distance| {
        (d.family, d.power, d.quantity) == (other.family, other.power, other.quantity)
    };
    let mut rows = Vec::new();
    for (k, d) in distances.iter().enumerate() {
        let mut before = distances.iter().take(k);
        if before.any(|other| same(d, other)) {
            continue;
        }
        let all = || distances.iter().filter(|other| same(d, other));
        let measured = all().find(|d| !d.exact).map(|d| d.estimate.clone());
        let exact = all().find(|d| d.exact).and_then(|d| {
            let value = d.estimate.value?;
            Some(Exact::by(&d.estimate.method, value))
        });
        let row = Reading::of(&spec.label(d.power), d.quantity.symbol(), measured, exact);
        rows.push(row.at("alpha", d.family.alpha).at("eta", eta(d.power)));
    }
    rows
}
