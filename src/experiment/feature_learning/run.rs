//! Runs the cells of a feature-learning experiment, keeping each on disk as soon as it is finished.

use std::path::Path;

use super::cell::{AtFit, Cell};
use super::figures::figures;
use super::outcome::{Coast, Outcome, Point, Quantity, Run};
use super::reference::self_checks;
use super::rulings::rulings;
use super::spec::FeatureSpec;
use super::text::sections;
use crate::context::{Context, Progress};
use crate::finding::Finding;
use crate::kept::{each, finite};
use crate::plan::Planned;
use crate::protocol::Protocol;
use crate::replicates::{Replicated, runs};
use base::error::Result;
use measurement::reading::Reading;
use prediction::theory::feature_learning::coasting;
use rand_distr::{Distribution, StandardNormal};
use report::table::{Column, Table};
use report::verdicts::Verdicts;
use simulation::feature::training::losses;
use simulation::feature::{Examples, Kept, Pass, Plan, Projections, Trained, train};
use simulation::optimizer::registry::Rules;
use simulation::optimizer::{Optimizer, Values};
use simulation::random::{Purpose, Sequence, Stream, cell_key};

/// Relaxation times 1/(1 − γ) after the fit at which the buffer counts as spent.
const COAST: f64 = 4.0;

impl Protocol for FeatureSpec {
    fn plan(&self) -> Vec<Planned> {
        self.cells.iter().map(Cell::plan).collect()
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let finished = each(&self.cells, |cell| runs(cell, context, progress, folder))?;
        self.conclude(&finished, context)
    }
}

impl FeatureSpec {
    fn conclude(&self, finished: &[Vec<Run>], context: &Context) -> Result<Finding> {
        let outcomes: Vec<Outcome<'_>> = self
            .cells
            .iter()
            .zip(finished)
            .map(|(cell, runs)| Outcome { cell, runs })
            .collect();
        let claims = rulings(self, &outcomes);
        let seeds = self.cells.first().map_or(0, |cell| cell.seeds);
        let made = format!("{seeds} seeds a cell, scale {}", context.scale);
        let ends = || outcomes.iter().flat_map(|o| o.runs).filter_map(Run::end);
        let steps = ends().map(|end| end.step).sum();
        Ok(Finding {
            samples: samples(&outcomes),
            estimates: estimates(&outcomes, self.confidence),
            figures: figures(self, &outcomes, &claims, &made),
            sections: sections(self, &outcomes),
            verdicts: Verdicts {
                claims,
                self_checks: self_checks(self, context.seed),
            },
            particle_steps: steps,
            lane_steps: steps,
            diverged: ends().filter(|end| !end.feature.is_finite()).count() as u64,
        })
    }
}

impl Replicated for Cell {
    type Run = Run;

    fn label(&self) -> &str {
        &self.label
    }

    fn seeds(&self) -> u64 {
        self.seeds
    }

    fn run(&self, context: &Context, replicate: u64) -> Option<Run> {
        training_run(self, context, replicate)
    }
}

/// The training data and first weights of a replicate: those of every cell with the same data and network, so
/// that cells are compared seed by seed.
pub fn setting(cell: &Cell, seed: u64, replicate: u64) -> (Examples, Vec<f64>) {
    let stream = Stream::new(seed, cell_key("patch-data/training"));
    let examples = cell.law.draw(&stream, replicate, cell.large, cell.small);
    let stream = Stream::new(seed, cell_key("patch-data/weights"));
    let normals = Sequence::new(&stream, Purpose::Pool, replicate, 0);
    let first = StandardNormal
        .sample_iter(normals)
        .map(|normal: f64| cell.init * normal);
    (examples, first.take(cell.neurons * cell.law.dim).collect())
}

/// One training run; `None` where Ctrl-C was pressed.
fn training_run(cell: &Cell, context: &Context, replicate: u64) -> Option<Run> {
    let (examples, weights) = setting(cell, context.seed, replicate);
    let rule = cell.rule.build();
    let then: Option<Box<dyn Optimizer>> = match cell.at_fit {
        AtFit::GoOn => None,
        AtFit::EmptyMemory => Some(cell.rule.build()),
        AtFit::PlainGd => Rules::default()
            .find("sgd")
            .map(|entry| (entry.build)(&Values::defaults(entry, cell.eta()))),
    };
    let marks = cell.marks();
    let relaxation = cell
        .gamma()
        .map(|gamma| (COAST / (1.0 - gamma)).ceil() as u64);
    let plan = Plan {
        network: cell.network(),
        examples: &examples,
        rule: &*rule,
        then: then.as_deref(),
        stop: cell.stop,
        max_steps: cell.max_steps,
        coast: relaxation,
        marks: &marks,
    };
    let start: Vec<f64> = weights.iter().step_by(cell.law.dim).copied().collect();
    let trained = train(&plan, weights, &context.stop)?;
    let stream = Stream::new(context.seed, cell_key("patch-data/test"));
    let test = cell.law.draw(&stream, replicate, cell.test, 0);
    let mut ruler = Ruler {
        cell,
        examples: &examples,
        test: &test,
        pass: Pass::new(cell.network(), &examples),
        test_pass: Pass::new(cell.network(), &test),
    };
    let mut points: Vec<Point> = trained.marks.iter().map(|kept| ruler.point(kept)).collect();
    if points
        .last()
        .is_none_or(|point| point.step < trained.last.step)
    {
        points.push(ruler.point(&trained.last));
    }
    Some(Run {
        points,
        converged: trained.converged,
        fitted: trained.fitted,
        coast: coast(cell, &trained, &start),
    })
}

fn coast(cell: &Cell, trained: &Trained, start: &[f64]) -> Option<Coast> {
    let kept = trained.coasted.as_ref()?;
    let now = kept.weights.iter().step_by(cell.law.dim);
    let moved = now
        .zip(start)
        .map(|(c, s)| (c - s).powi(2))
        .sum::<f64>()
        .sqrt();
    Some(Coast {
        moved: finite(moved),
        predicted: coasting(trained.initial_loss, cell.eta(), cell.gamma()?),
    })
}

/// Measures weights on training and fresh data.
struct Ruler<'a> {
    cell: &'a Cell,
    examples: &'a Examples,
    test: &'a Examples,
    pass: Pass,
    test_pass: Pass,
}

impl Ruler<'_> {
    fn point(&mut self, kept: &Kept) -> Point {
        let (network, law) = (self.cell.network(), &self.cell.law);
        let weights = &kept.weights;
        let own = Projections::of(network, weights, self.examples, &mut self.pass);
        let [loss_large, loss_small] = losses(&self.pass, self.examples);
        let right = self
            .pass
            .margins(self.examples)
            .filter(|margin| *margin > 0.0);
        let training_accuracy = right.count() as f64 / self.examples.len() as f64;
        let fresh = Projections::of(network, weights, self.test, &mut self.test_pass);
        let small = &own.noise_margins[self.examples.large()..];
        Point {
            step: kept.step,
            loss_large: finite(loss_large),
            loss_small: finite(loss_small),
            training_accuracy,
            large_accuracy: fresh.accuracy(law.alpha),
            small_accuracy: fresh.accuracy(law.beta),
            feature: finite(own.largest_feature()),
            memorised: finite(small.iter().sum::<f64>() / small.len() as f64),
            noise: finite(own.largest_noise),
        }
    }
}

/// A row per run and save point; the last of a run is its end.
fn samples(outcomes: &[Outcome<'_>]) -> Table {
    let rows: Vec<(&str, u64, &Point)> = outcomes
        .iter()
        .flat_map(|o| {
            (0..).zip(o.runs).flat_map(|(seed, run)| {
                let label = o.cell.label.as_str();
                run.points.iter().map(move |point| (label, seed, point))
            })
        })
        .collect();
    let number = |of: fn(&Point) -> f64| Column::F64(rows.iter().map(|row| of(row.2)).collect());
    let labels = rows.iter().map(|row| row.0.to_string()).collect();
    Table {
        columns: vec![
            ("cell".into(), Column::Text(labels)),
            (
                "seed".into(),
                Column::U64(rows.iter().map(|row| row.1).collect()),
            ),
            (
                "step".into(),
                Column::U64(rows.iter().map(|row| row.2.step).collect()),
            ),
            ("loss_large".into(), number(|p| p.loss_large)),
            ("loss_small".into(), number(|p| p.loss_small)),
            ("training_accuracy".into(), number(|p| p.training_accuracy)),
            ("large_accuracy".into(), number(|p| p.large_accuracy)),
            ("small_accuracy".into(), number(|p| p.small_accuracy)),
            ("feature".into(), number(|p| p.feature)),
            ("memorised".into(), number(|p| p.memorised)),
            ("noise".into(), number(|p| p.noise)),
        ],
    }
}

/// A row per cell and quantity that at least two of its runs have.
fn estimates(outcomes: &[Outcome<'_>], confidence: f64) -> Vec<Reading> {
    let mut rows = Vec::new();
    for o in outcomes {
        for (quantity, _, words) in Quantity::ALL {
            if let Ok(estimate) = o.estimate(quantity, confidence) {
                rows.push(Reading::measured(&o.cell.label, words, estimate));
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::rules::{LATE, of};
    use crate::spec::{Document, Section};

    const DATA: &str =
        "[data]\ndim = 10\nlarge = 6\nsmall = 2\n[network]\n[training]\nmax_steps = 5\nseeds = 2\n";

    /// Gradients of a rule that takes them elsewhere are taken there: after step 5 it stands where SGD does.
    #[test]
    fn gradients_are_taken_where_the_rule_says() {
        let weights = |name: &str| {
            let text = format!("{DATA}[[optimizer]]\nname = \"{name}\"\neta = 0.1\n{LATE}");
            let document = Document::parse("test.toml", &text).unwrap();
            let root = Section::new("", &document.root).unwrap();
            let rules = of(&root, &Rules::default()).unwrap();
            let spec = FeatureSpec::read(&root, "test", &rules).unwrap();
            let cell = &spec.cells[0];
            let (examples, first) = setting(cell, 1, 0);
            let plan = Plan {
                network: cell.network(),
                examples: &examples,
                rule: &*cell.rule.build(),
                then: None,
                stop: 0.0,
                max_steps: cell.max_steps,
                coast: None,
                marks: &[],
            };
            train(&plan, first, &AtomicBool::new(false))
                .unwrap()
                .last
                .weights
        };
        for (late, sgd) in weights("late").iter().zip(weights("sgd")) {
            assert!((late - sgd).abs() < 1e-12, "{late} {sgd}");
        }
    }
}
