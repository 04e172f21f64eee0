//! The words of a feature-learning experiment's report.

use super::cell::{AtFit, Cell, Varied};
use super::outcome::{Outcome, Quantity};
use super::spec::FeatureSpec;
use prediction::theory::feature_learning::overshoot_free;
use report::number::{estimate, short};
use report::record::Section;

/// The sections of the report.
pub fn sections(spec: &FeatureSpec, outcomes: &[Outcome<'_>]) -> Vec<Section> {
    let mut sections = Vec::new();
    if let Some(first) = outcomes.first() {
        sections.push(Section {
            heading: "What was run".into(),
            paragraphs: run(first.cell, outcomes),
        });
    }
    sections.push(Section {
        heading: "What was seen".into(),
        paragraphs: outcomes.iter().map(|o| seen(spec, o)).collect(),
    });
    let what_follows = follows(outcomes);
    if !what_follows.is_empty() {
        sections.push(Section {
            heading: "Why, and where it would hold".into(),
            paragraphs: what_follows,
        });
    }
    sections
}

fn run(cell: &Cell, outcomes: &[Outcome<'_>]) -> Vec<String> {
    let law = &cell.law;
    let end = if cell.stop > 0.0 {
        format!(
            "Training ends when the mean losses on both margins are below {}, or after {} steps.",
            cell.stop, cell.max_steps
        )
    } else {
        format!("Training ends after {} steps.", cell.max_steps)
    };
    let mut said = vec![
        format!(
            "A network f(X) = Σ_r Σ_j ⟨w_r, X[j]⟩³ of {} neurons, trained full batch with the logistic loss on {} examples of {} patches in d = {}: one patch is the feature w* at margin α = {} in {} examples and β = {} in {}; the others are noise of standard deviation σ = {} a coordinate. First weights N(0, {}²).",
            cell.neurons,
            cell.large + cell.small,
            law.patches,
            law.dim,
            short(law.alpha, 4),
            cell.large,
            law.beta,
            cell.small,
            short(law.sigma, 3),
            short(cell.init, 3),
        ),
        format!(
            "{} seeds a cell: every seed has its own data, test data ({} fresh examples) and first weights, the same in every cell of the same d. {end}",
            cell.seeds, cell.test
        ),
    ];
    let mut series: Vec<&str> = Vec::new();
    for o in outcomes {
        let name = o.cell.series.as_str();
        if series.contains(&name) {
            continue;
        }
        series.push(name);
        let rule = o.cell.rule.entry;
        let then = match o.cell.at_fit {
            AtFit::GoOn => "",
            AtFit::EmptyMemory => {
                "; its memory is emptied once, when the large-margin data are fitted"
            }
            AtFit::PlainGd => {
                "; plain GD of the same η takes over when the large-margin data are fitted"
            }
        };
        said.push(format!("{name}: {} ({}){then}.", rule.name, rule.formula));
    }
    said
}

fn seen(spec: &FeatureSpec, o: &Outcome<'_>) -> String {
    let mut said = Vec::new();
    for (quantity, words) in [
        (Quantity::LargeMarginAccuracy, "large-margin test accuracy"),
        (Quantity::SmallMarginAccuracy, "small-margin test accuracy"),
        (Quantity::TrainingAccuracy, "training accuracy"),
        (Quantity::Feature, "β max c"),
        (Quantity::Memorised, "yΞ on Z₂"),
        (Quantity::Steps, "steps"),
    ] {
        if let Ok(found) = o.estimate(quantity, spec.confidence) {
            said.push(format!("{words} {}", estimate(&found)));
        }
    }
    let converged = o.runs.iter().filter(|run| run.converged).count();
    let ended = if o.cell.stop > 0.0 {
        format!("; {converged} of {} runs converged", o.runs.len())
    } else {
        String::new()
    };
    format!(
        "{}: {}{ended}.",
        o.cell.short(spec.varied()),
        said.join(", ")
    )
}

/// What the numbers mean, in the terms of the particle of mass η/(1 − γ).
fn follows(outcomes: &[Outcome<'_>]) -> Vec<String> {
    let mut said = Vec::new();
    let gd: Vec<&Outcome<'_>> = outcomes
        .iter()
        .filter(|o| o.cell.is_plain() && o.cell.gamma() == Some(0.0))
        .collect();
    let several_etas = gd.iter().any(|o| o.cell.eta() != gd[0].cell.eta());
    if let Some(first) = gd.first().filter(|_| several_etas) {
        let alpha = first.cell.law.alpha;
        said.push(format!(
            "Plain GD. The last step before the large-margin data saturate moves the feature by 3ηα³c²S, at most 3ηα at αc = 1. It cannot leave c = O(1/α) while η ≤ 1/(3α²) = {} (at d = {}); above that the feature it lands on depends on the luck of the first weights, and at η of order 1 it jumps beyond 1/β in one step, so that plain GD classifies small margins too. With α = d^0.49 the range shrinks like 1/d, so no bound of the form η = Õ(1) can be right: the theorem needs η = O(1/α²).",
            short(overshoot_free(alpha), 2),
            first.cell.law.dim
        ));
    }
    let momentum: Vec<&Outcome<'_>> = outcomes
        .iter()
        .filter(|o| o.cell.is_plain() && o.cell.gamma() > Some(0.0))
        .collect();
    if momentum.len() > 1 {
        said.push(
            "GD+M is a particle of mass η/(1 − γ) with unit friction in time kη. It falls from the loss L₀ of the large-margin data and coasts ‖Δc‖ = √(2 L₀ η/(1 − γ)), whatever α: Lemma 5.3's 1/√(1 − γ) with its constant. The small margins are learned from the feature when β‖Δc‖ is of order 0.6 or more, so what matters is η/(1 − γ) and not γ alone.".into(),
        );
    }
    said.extend(momentum.iter().filter_map(|o| luckless(o)));
    said
}

/// Why GD+M fails on its worst seed, where most seeds succeed: it starts with little energy.
fn luckless(o: &Outcome<'_>) -> Option<String> {
    const SUCCESS: f64 = 0.9;
    let gamma = o.cell.gamma()?;
    let mut seeds: Vec<(f64, f64)> = o
        .runs
        .iter()
        .filter_map(|run| {
            let energy = run.coast.as_ref()?.predicted.powi(2) / 2.0;
            let initial_loss = energy * (1.0 - gamma) / o.cell.eta();
            Some((run.end()?.small_accuracy, initial_loss))
        })
        .collect();
    seeds.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (worst, initial_loss) = *seeds.first()?;
    let middle = seeds.get(seeds.len() / 2)?.0;
    if worst >= SUCCESS || middle < SUCCESS {
        return None;
    }
    let mut losses: Vec<f64> = seeds.iter().map(|seed| seed.1).collect();
    losses.sort_by(f64::total_cmp);
    Some(format!(
        "{}: the seed of the lowest small-margin accuracy, {}, starts with a loss of L₀ = {} on the large-margin data; the median of the seeds is {}. First weights that fit the large margins leave nothing to coast on.",
        o.cell.short(Varied::default()),
        short(worst, 3),
        short(initial_loss, 2),
        short(losses[losses.len() / 2], 2)
    ))
}
