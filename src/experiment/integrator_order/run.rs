//! Runs every integrator on every problem that it takes.

use std::path::Path;

use super::figures::figures;
use super::problem::Kind;
use super::spec::OrderSpec;
use super::text::sections;
use super::{linear, nonlinear, paths};
use crate::context::{Context, Progress};
use crate::finding::Finding;
use crate::plan::Planned;
use crate::protocol::Protocol;
use base::error::Result;
use measurement::Estimate;
use measurement::order::order;
use measurement::reading::Reading;
use report::table::{Column, Table};
use report::verdicts::Verdicts;
use simulation::sde::registry::{ENTRIES, Entry};
use verdict::SelfCheck;
use verdict::decide;

/// Error of an exact scheme that rounding explains: an ε for each of 2¹² steps.
const ROUNDING: f64 = 1e-12;

/// How the error of one integrator falls on one problem.
pub struct Curve {
    /// The integrator.
    pub entry: &'static Entry,
    /// The problem.
    pub kind: Kind,
    /// Steps, coarse to fine.
    pub steps: Vec<f64>,
    /// Errors.
    pub errors: Vec<f64>,
    /// The fitted order; `None` for an exact scheme.
    pub order: Option<Estimate>,
}

impl OrderSpec {
    /// Every integrator on every problem that it takes.
    ///
    /// # Errors
    /// A number that a process refuses, or an error that has no order.
    pub fn curves(&self) -> Result<Vec<Curve>> {
        let mut curves = Vec::new();
        for kind in Kind::ALL {
            for entry in ENTRIES {
                let (problem, powers) = (&self.problem, &self.powers);
                let errors = match kind {
                    Kind::Additive | Kind::Shaped => {
                        nonlinear::errors(problem, kind, entry, powers)?
                    }
                    Kind::Linear => Some(linear::errors(problem, entry, powers)?),
                    Kind::Strong => paths::errors(problem, entry, powers)?,
                };
                let Some(errors) = errors else { continue };
                let step = |p: &u32| problem.horizon * 0.5f64.powi(*p as i32);
                let steps: Vec<f64> = powers.iter().map(step).collect();
                let order = match kind.declared(entry).is_finite() {
                    true => Some(order(&steps, &errors, self.confidence)?),
                    false => None,
                };
                curves.push(Curve {
                    entry,
                    kind,
                    steps,
                    errors,
                    order,
                });
            }
        }
        Ok(curves)
    }

    /// The declared order against the fitted one; an exact scheme against rounding.
    pub fn check(&self, curve: &Curve) -> SelfCheck {
        let id = format!("{}, {}", curve.entry.name, curve.kind.title());
        match &curve.order {
            Some(fitted) => {
                decide::declared_order(&id, fitted, curve.kind.declared(curve.entry), self.widest)
            }
            None => {
                let worst = curve.errors.iter().copied().fold(0.0, f64::max);
                decide::exact_check(&id, worst, ROUNDING)
            }
        }
    }
}

impl Protocol for OrderSpec {
    fn plan(&self) -> Vec<Planned> {
        vec![Planned::new(&self.name)]
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, _: &Context, progress: &dyn Progress, _: &Path) -> Result<Finding> {
        let curves = self.curves()?;
        progress.cell_done();
        Ok(Finding {
            samples: samples(&curves),
            estimates: curves
                .iter()
                .filter_map(|curve| {
                    let cell = format!("{}/{}", self.name, curve.entry.name);
                    let reading = Reading::measured(&cell, "order", curve.order.clone()?);
                    Some(
                        reading
                            .at("integrator", curve.entry.name)
                            .at("problem", curve.kind.title()),
                    )
                })
                .collect(),
            verdicts: Verdicts {
                claims: Vec::new(),
                self_checks: curves.iter().map(|curve| self.check(curve)).collect(),
            },
            figures: figures(&curves),
            sections: sections(self),
            particle_steps: 0,
            lane_steps: 0,
            diverged: 0,
        })
    }
}

/// A row per integrator, problem and step.
fn samples(curves: &[Curve]) -> Table {
    let rows = || {
        curves
            .iter()
            .flat_map(|c| c.steps.iter().zip(&c.errors).map(move |(h, e)| (c, *h, *e)))
    };
    let text = |of: fn(&Curve) -> &str| Column::Text(rows().map(|(c, ..)| of(c).into()).collect());
    Table {
        columns: vec![
            ("integrator".into(), text(|c| c.entry.name)),
            ("problem".into(), text(|c| c.kind.title())),
            (
                "dt".into(),
                Column::F64(rows().map(|(_, h, _)| h).collect()),
            ),
            (
                "error".into(),
                Column::F64(rows().map(|(.., e)| e).collect()),
            ),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::refused;

    const FILE: &str = include_str!("../../../experiments/lab/integrator-order.toml");

    fn spec() -> OrderSpec {
        let document = crate::spec::Document::parse("file.toml", FILE).unwrap();
        let root = crate::spec::Section::new("", &document.root).unwrap();
        OrderSpec::read(&root, "integrator-order").unwrap()
    }

    /// Every order that the registry declares, on every problem that the scheme takes: within its 99.9 % interval,
    /// which is no wider than 0.3. No random numbers: what fails here fails always.
    #[test]
    fn every_declared_order_is_met() {
        let spec = spec();
        assert_eq!((spec.confidence, spec.widest), (0.999, 0.3));
        let curves = spec.curves().unwrap();
        for curve in &curves {
            let check = spec.check(curve);
            assert!(
                !check.failed(),
                "{}: {}\n{:?}",
                check.id,
                check.why,
                curve.errors
            );
        }
        // Four diffusions on the circle in additive noise and in D(θ), all nine schemes on the linear
        // processes, all but the exact one as paths.
        let count = |kind| curves.iter().filter(|c| c.kind == kind).count();
        assert_eq!(Kind::ALL.map(count), [4, 4, 9, 8]);
    }

    #[test]
    fn impossible_files_are_refused_with_the_reason() {
        refused(
            FILE,
            &[
                ("friction    = 0.7", "friction = 0.0", "γ of the dynamics"),
                ("finest   = 9", "finest = 5", "an order needs four"),
                ("scale       = 0.25", "scale = 2.0", "change sign"),
            ],
        );
    }
}
