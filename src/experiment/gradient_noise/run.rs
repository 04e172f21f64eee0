//! Trains the model for every seed and compares C with H at every look.

use std::path::Path;

use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use super::measure::{Comparison, compare};
use super::rulings::{rulings, self_checks};
use super::spec::{GradientNoiseSpec, Source};
use crate::context::{Context, Progress};
use crate::finding::Finding;
use crate::kept::{Come, Piece, kept_parts};
use crate::memory;
use crate::plan::Planned;
use crate::protocol::Protocol;
use base::error::Result;
use measurement::Estimate;
use measurement::mean::Moments;
use measurement::reading::{Exact, Reading};
use report::figure::{Axis, Figure, Mark, Panel, Series};
use report::record::Section;
use report::table::{Column, Table};
use report::verdicts::Verdicts;
use simulation::optimizer::trajectory::Trajectory;
use simulation::random::{Purpose, Sequence, Stream, cell_key};
use simulation::softmax::{Data, Labels, Model};

/// One comparison of one seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Look {
    /// Repetition.
    pub seed: u64,
    /// Steps of training.
    pub step: u64,
    /// Whether the labels were drawn from the model.
    pub drawn: bool,
    /// What was seen.
    pub seen: Comparison,
}

impl Protocol for GradientNoiseSpec {
    fn plan(&self) -> Vec<Planned> {
        let last = self.steps.last().copied().unwrap_or(0);
        vec![Planned::new("gradient-noise").runs(self.seeds, last)]
    }

    fn memory(&self) -> u64 {
        let threads = memory::workers(0);
        memory::numbers(&[self.examples, self.features + 2 * self.classes, threads])
    }

    fn counted(&self) -> &'static str {
        "model.examples"
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let piece = Piece::of("gradient-noise", self, self.seeds);
        let train = |seed| Ok(Some(self.train(context.seed, seed)));
        let looks: Vec<Look> = kept_parts(piece, context, progress, folder, train, |all| {
            Ok(Come::Whole(all.concat()))
        })?;
        let steps = self.seeds * self.steps.last().copied().unwrap_or(0);
        let made = format!("{} seeds, scale {}", self.seeds, context.scale);
        Ok(Finding {
            samples: samples(&looks),
            estimates: self.estimates(&looks),
            verdicts: Verdicts {
                claims: rulings(self, &looks),
                self_checks: self_checks(self, &looks),
            },
            figures: vec![self.figure(&looks, &made)],
            sections: vec![self.words()],
            particle_steps: steps,
            lane_steps: steps,
            diverged: 0,
        })
    }
}

/// A statistic over seeds, with Student's interval.
pub fn over_seeds(
    looks: &[Look],
    step: u64,
    labels: Source,
    confidence: f64,
    of: impl Fn(&Comparison) -> f64,
) -> Result<Estimate> {
    let own = looks
        .iter()
        .filter(|look| look.step == step && look.drawn == (labels == Source::Model));
    own.map(|look| of(&look.seen))
        .collect::<Moments>()
        .estimate(confidence)
}

impl GradientNoiseSpec {
    /// One repetition: a teacher labels the examples, the model learns them.
    fn train(&self, root: u64, seed: u64) -> Vec<Look> {
        let stream = Stream::new(root, cell_key(&format!("gradient-noise/seed={seed}")));
        let (features, classes) = (self.features as usize, self.classes as usize);
        let mut draws = Sequence::new(&stream, Purpose::Start, 0, 0);
        let teacher = Model {
            features,
            weights: (0..features * classes)
                .map(|_| {
                    let unit: f64 = StandardNormal.sample(&mut draws);
                    self.teacher * unit
                })
                .collect(),
        };
        let examples = Data::unlabelled(&stream, self.examples as usize, features, self.least);
        let data = examples
            .clone()
            .labelled(Labels::Best(&teacher), &stream, 0);
        let mut model = Model {
            features,
            weights: vec![0.0; features * classes],
        };
        let all = (0..model.weights.len()).collect();
        let mut trajectory = Trajectory::new(vec![self.rule.build().group(all)]);
        let (mut looks, mut taken) = (Vec::new(), 0);
        for &step in &self.steps {
            while taken < step {
                let aimed = trajectory
                    .aim(&model.weights)
                    .map(|weights| Model { features, weights });
                let gradient = aimed.as_ref().unwrap_or(&model).gradient(&data);
                trajectory.step(&mut model.weights, &gradient);
                taken += 1;
            }
            let own = examples
                .clone()
                .labelled(Labels::Drawn(&model), &stream, 1 + step);
            for (drawn, data) in [(false, &data), (true, &own)] {
                let seen = compare(&model.curvature(data));
                looks.push(Look {
                    seed,
                    step,
                    drawn,
                    seen,
                });
            }
        }
        looks
    }

    fn estimates(&self, looks: &[Look]) -> Vec<Reading> {
        let mut rows = Vec::new();
        for &step in &self.steps {
            for (labels, whose) in [(Source::Data, "data"), (Source::Model, "model")] {
                let cell = format!("gradient-noise/labels={whose}/step={step}");
                // Of labels that are drawn from the model, C has the mean H(1 − 1/n).
                let own = (labels == Source::Model)
                    .then(|| Exact::by("the model's own labels", 1.0 - 1.0 / self.examples as f64));
                let mut push = |quantity: &str, of: fn(&Comparison) -> f64, exact| {
                    if let Ok(found) = over_seeds(looks, step, labels, self.confidence, of) {
                        let row = Reading::of(&cell, quantity, Some(found), exact);
                        rows.push(row.at("labels", whose).at("step", step));
                    }
                };
                push("tr C / tr H", |c| c.ratio, own);
                push(
                    "rank correlation of C's diagonal with H's eigenvalues",
                    |c| c.rank,
                    None,
                );
                push("mean loss", |c| c.loss, None);
            }
        }
        rows
    }

    fn words(&self) -> Section {
        Section {
            heading: "What was run".into(),
            paragraphs: vec![
                format!(
                    "Softmax regression on {} Gaussian examples of {} features, whose standard deviations fall from 1 to {}, and {} classes, labelled by the best class of a teacher, is trained from θ = 0 with {} {}. C₁, the covariance of one example's gradient, is compared with the Hessian H of the mean loss, both in closed form. At every look the same is done with labels drawn from the model itself.",
                    self.examples,
                    self.features,
                    self.least,
                    self.classes,
                    self.rule.entry.name,
                    self.rule.describe()
                ),
                "With labels drawn from the model, the expectation of C₁ over the labels is H(1 − 1/n): C₁ is then the Fisher information. With the labels of the data it is the empirical Fisher information, which vanishes with the loss, while H vanishes later.".into(),
            ],
        }
    }

    fn figure(&self, looks: &[Look], made: &str) -> Figure {
        // The scatter of one seed, at every look.
        let (mut scatter, mut range) = (Vec::new(), (f64::INFINITY, 0.0f64));
        for (colour, step) in self.steps.iter().enumerate() {
            let own = looks
                .iter()
                .find(|look| look.seed == 0 && look.step == *step && !look.drawn);
            let Some(look) = own else { continue };
            let (x, y) = (look.seen.eigenvalues.iter(), look.seen.diagonal.iter());
            let pairs: Vec<(f64, f64)> = x.copied().zip(y.copied()).collect();
            for (x, _) in &pairs {
                range = (range.0.min(*x), range.1.max(*x));
            }
            let label = format!("step {step}");
            scatter.push(Series::curve(&label, Mark::Points, colour, pairs));
        }
        let equal = vec![(range.0, range.0), (range.1, range.1)];
        scatter.insert(0, Series::curve("C = H", Mark::Dashed, 7, equal));
        let mut ratios = Vec::new();
        for (colour, (labels, name)) in [
            (Source::Data, "labels of the data"),
            (Source::Model, "labels drawn from the model"),
        ]
        .into_iter()
        .enumerate()
        {
            let seen = self.steps.iter().filter_map(|step| {
                let e = over_seeds(looks, *step, labels, self.confidence, |c| c.ratio).ok()?;
                // The start stands at 1 on a logarithmic axis.
                Some(((*step).max(1) as f64, e.value?, e.ci_low, e.ci_high))
            });
            ratios.push(Series::measured(name, colour, seen.collect()));
        }
        let last = self.steps.last().map_or(1.0, |s| *s as f64);
        let stated = vec![(1.0, 1.0), (last, 1.0)];
        ratios.insert(0, Series::curve("C = H/B", Mark::Dashed, 7, stated));
        Figure {
            name: "gradient-noise".into(),
            caption: format!(
                "Noise covariance C₁ (B = 1) against the Hessian H of softmax regression as it is trained. Left: the diagonal of C₁ in H's eigenbasis against H's eigenvalues, one seed, labels of the data. Right: tr C₁/tr H against the steps of training (the start stands at 1), {} % intervals over seeds. {made}.",
                100.0 * self.confidence
            ),
            panels: vec![
                Panel {
                    title: "C in H's eigenbasis".into(),
                    x: Axis::new("eigenvalue λ of H", true),
                    y: Axis::new("diagonal of UᵀC₁U", true),
                    map: None,
                    series: scatter,
                },
                Panel {
                    title: "the constant".into(),
                    x: Axis::new("steps of training", true),
                    y: Axis::new("tr C₁ / tr H", true),
                    map: None,
                    series: ratios,
                },
            ],
        }
    }
}

fn samples(looks: &[Look]) -> Table {
    let number = |of: fn(&Look) -> f64| Column::F64(looks.iter().map(of).collect());
    Table {
        columns: vec![
            (
                "seed".into(),
                Column::U64(looks.iter().map(|l| l.seed).collect()),
            ),
            (
                "step".into(),
                Column::U64(looks.iter().map(|l| l.step).collect()),
            ),
            (
                "labels_drawn".into(),
                Column::Bool(looks.iter().map(|l| l.drawn).collect()),
            ),
            ("loss".into(), number(|l| l.seen.loss)),
            ("trace_ratio".into(), number(|l| l.seen.ratio)),
            ("rank_correlation".into(), number(|l| l.seen.rank)),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{LATE, of};
    use crate::spec::{Document, Section};
    use simulation::optimizer::registry::Rules;

    const MODEL: &str =
        "[model]\nfeatures = 3\nclasses = 3\nexamples = 50\n[training]\nsteps = [5]\nseeds = 3\n";

    /// Gradients of a rule that takes them elsewhere are taken there: after step 5 it stands where SGD does.
    #[test]
    fn gradients_are_taken_where_the_rule_says() {
        let loss = |name: &str| {
            let text = format!("{MODEL}[[optimizer]]\nname = \"{name}\"\neta = 0.7\n{LATE}");
            let document = Document::parse("test.toml", &text).unwrap();
            let root = Section::new("", &document.root).unwrap();
            let rules = of(&root, &Rules::default()).unwrap();
            let spec = GradientNoiseSpec::read(&root, &rules).unwrap();
            spec.train(1, 0)[0].seen.loss
        };
        let (late, sgd) = (loss("late"), loss("sgd"));
        assert!((late - sgd).abs() < 1e-12, "{late} {sgd}");
    }
}
