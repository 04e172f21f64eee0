//! The figures of a feature-learning experiment, as data.

use super::cell::{AtFit, Cell, Varied};
use super::course::along;
use super::outcome::{Outcome, Point, Quantity};
use super::rulings::case;
use super::spec::FeatureSpec;
use report::figure::{Axis, Figure, Map, Mark, Panel, Series};
use verdict::{Ruling, Verdict};

/// Colour of what belongs to no series.
const BLACK: usize = 6;

/// β·√(2 log 2 η/(1 − γ)), the feature that coasting gives to a small margin: from about here on the second
/// phase of training takes up the feature rather than the noise.
const ENOUGH: f64 = 0.6;

/// All figures of an experiment; `made` says how.
pub fn figures(
    spec: &FeatureSpec,
    outcomes: &[Outcome<'_>],
    rulings: &[Ruling],
    made: &str,
) -> Vec<Figure> {
    [
        map(spec, outcomes, rulings, made),
        courses(spec, outcomes, made),
        energy(outcomes, made),
        dimensions(spec, outcomes, made),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// 1/(1 − γ): the memory of the buffer in steps.
fn memory(cell: &Cell) -> f64 {
    1.0 / (1.0 - cell.gamma().unwrap_or(f64::NAN))
}

/// Maps over η and 1/(1 − γ), where the experiment is such a grid; where σ₀ differs, over η/(1 − γ) and σ₀α.
fn map(
    spec: &FeatureSpec,
    outcomes: &[Outcome<'_>],
    rulings: &[Ruling],
    made: &str,
) -> Option<Figure> {
    let grid: Vec<&Outcome<'_>> = outcomes.iter().filter(|o| o.cell.is_plain()).collect();
    let several = |of: fn(&Cell) -> f64| {
        let first = grid.first().map(|o| of(o.cell));
        grid.iter().any(|o| Some(of(o.cell)) != first)
    };
    let varied = spec.varied();
    if varied.dim || !several(Cell::eta) || !several(memory) {
        return None;
    }
    let place = |cell: &Cell| match varied.init {
        true => (cell.eta() * memory(cell), cell.init * cell.law.alpha),
        false => (cell.eta(), memory(cell)),
    };
    let mean = |o: &Outcome<'_>, quantity| {
        let found = o.estimate(quantity, spec.confidence);
        found.ok().and_then(|e| e.value).unwrap_or(f64::NAN)
    };
    let tiles = |of: &dyn Fn(&Outcome<'_>) -> (f64, String)| {
        let (shade, text) = grid.iter().map(|o| of(o)).unzip();
        Some(Map {
            x: grid.iter().map(|o| place(o.cell).0).collect(),
            y: grid.iter().map(|o| place(o.cell).1).collect(),
            shade,
            text,
        })
    };
    let beta = grid.first().map_or(f64::NAN, |o| o.cell.law.beta);
    let enough = (ENOUGH / beta).powi(2) / (2.0 * std::f64::consts::LN_2);
    let ends = |of: &dyn Fn(&Cell) -> f64| {
        let all = grid.iter().map(|o| of(o.cell));
        all.fold((f64::INFINITY, 0.0f64), |(l, h), x| (l.min(x), h.max(x)))
    };
    let ((least, most), (low, high)) = (ends(&|cell| place(cell).0), ends(&|cell| place(cell).1));
    let coasting = match varied.init {
        true => [(enough, low), (enough, high)],
        false => [low, high].map(|m| {
            let eta = (enough / m).clamp(least, most);
            (eta, enough / eta)
        }),
    };
    let mut series = vec![Series::curve(
        &format!("β√(2 log 2 η/(1 − γ)) = {ENOUGH}: coasting alone reaches the small margin"),
        Mark::Dotted,
        BLACK,
        coasting.to_vec(),
    )];
    if let Some(law) = grid.first().filter(|_| varied.init).map(|o| &o.cell.law) {
        let stated = law.alpha / (law.dim as f64).sqrt();
        series.push(Series::curve(
            "σ₀ = 1/√d, the least of Parametrization 2.1",
            Mark::Dashed,
            BLACK,
            vec![(least, stated), (most, stated)],
        ));
    }
    let (x, y) = match varied.init {
        true => ("η/(1 − γ)", "σ₀α"),
        false => ("learning rate η", "1/(1 − γ) (1: plain GD)"),
    };
    let panel = |title: &str, map: Option<Map>| Panel {
        title: title.into(),
        x: Axis::new(x, true),
        y: Axis::new(y, true),
        map,
        series: series.clone(),
    };
    let mut panels = vec![
        panel(
            "test accuracy on small-margin data",
            tiles(&|o| {
                let value = mean(o, Quantity::SmallMarginAccuracy);
                (2.0 * value - 1.0, format!("{value:.3}"))
            }),
        ),
        panel(
            "feature learned, β max_r ⟨w_r, w*⟩",
            tiles(&|o| {
                let value = mean(o, Quantity::Feature);
                (value / 2.0, format!("{value:.2}"))
            }),
        ),
    ];
    let mut ids: Vec<&str> = spec
        .claims
        .iter()
        .map(|claim| claim.stated.id.as_str())
        .collect();
    ids.dedup();
    for id in ids {
        panels.push(panel(
            &format!("{id} cell by cell"),
            tiles(&|o| verdict(spec, id, o.cell, rulings)),
        ));
    }
    Some(Figure {
        name: "map".into(),
        caption: format!(
            "Every setting, mean over seeds at the end of training. Verdicts: ✓ every case of the claim holds in the cell, ✗ one is refuted, ? the interval straddles a limit. Dotted: where coasting on the buffer alone reaches the small margin. {made}."
        ),
        panels,
    })
}

/// The worst verdict on a cell among the cases of a claim.
fn verdict(spec: &FeatureSpec, id: &str, cell: &Cell, rulings: &[Ruling]) -> (f64, String) {
    let cases: Vec<String> = spec
        .claims
        .iter()
        .filter(|claim| claim.stated.id == id && claim.speaks_of(cell))
        .map(|claim| case(claim, cell, spec.varied()))
        .collect();
    let own: Vec<Verdict> = rulings
        .iter()
        .filter(|ruling| ruling.id == id && cases.contains(&ruling.case))
        .map(|ruling| ruling.verdict)
        .collect();
    if own.is_empty() {
        (f64::NAN, String::new())
    } else if own.contains(&Verdict::Refuted) {
        (0.0, "✗".into())
    } else if own.iter().all(|verdict| *verdict == Verdict::Confirmed) {
        (1.0, "✓".into())
    } else {
        (0.5, "?".into())
    }
}

/// The course of training, where the experiment has save points.
fn courses(spec: &FeatureSpec, outcomes: &[Outcome<'_>], made: &str) -> Option<Figure> {
    let several = spec.varied();
    let shown: Vec<&Outcome<'_>> = outcomes
        .iter()
        .filter(|o| o.cell.marks_per_decade > 0)
        .collect();
    if shown.is_empty() {
        return None;
    }
    type Of = fn(&Point) -> f64;
    // Title, axis, whether it is logarithmic, and what it cannot exceed.
    let free = f64::INFINITY;
    let panels: [(&str, &str, bool, f64, Of); 8] = [
        (
            "large-margin training data",
            "mean loss on Z₁",
            true,
            free,
            |p| p.loss_large,
        ),
        (
            "small-margin training data",
            "mean loss on Z₂",
            true,
            free,
            |p| p.loss_small,
        ),
        (
            "all training data",
            "share classified rightly",
            false,
            1.0,
            |p| p.training_accuracy,
        ),
        (
            "fresh large-margin data",
            "test accuracy",
            false,
            1.0,
            |p| p.large_accuracy,
        ),
        (
            "fresh small-margin data",
            "test accuracy",
            false,
            1.0,
            |p| p.small_accuracy,
        ),
        ("the feature", "max_r ⟨w_r, w*⟩", false, free, |p| {
            p.feature
        }),
        (
            "the noise of Z₂",
            "yΞ, mean over Z₂",
            false,
            free,
            |p| p.memorised,
        ),
        (
            "the largest noise projection",
            "max |⟨w_r, X[j]⟩|",
            false,
            free,
            |p| p.noise,
        ),
    ];
    let panels = panels
        .into_iter()
        .map(|(title, y, log, most, of)| {
            let mut series = Vec::new();
            for (colour, o) in shown.iter().enumerate() {
                let course = along(o, of, spec.confidence);
                let mut mean =
                    Series::curve(&o.cell.short(several), Mark::Line, colour, Vec::new());
                for point in course.iter().filter(|point| point.step > 0) {
                    mean.x.push(point.step as f64);
                    mean.y.push(point.mean);
                    mean.low.push(point.low);
                    mean.high.push(point.high.min(most));
                }
                // On a logarithmic axis an interval that reaches 0 has no lower end.
                if !log {
                    series.push(Series {
                        label: String::new(),
                        mark: Mark::Band,
                        ..mean.clone()
                    });
                }
                mean.low.clear();
                mean.high.clear();
                series.push(mean);
            }
            Panel {
                title: title.into(),
                x: Axis::new("steps", true),
                y: Axis::new(y, log),
                map: None,
                series,
            }
        })
        .collect();
    Some(Figure {
        name: "course".into(),
        caption: format!(
            "The course of training: means over seeds, bands {} % intervals. {made}.",
            100.0 * spec.confidence
        ),
        panels,
    })
}

/// ‖Δc‖ by coasting against what conservation of energy predicts, run by run, where γ sweeps.
fn energy(outcomes: &[Outcome<'_>], made: &str) -> Option<Figure> {
    let momentum: Vec<&Outcome<'_>> = outcomes
        .iter()
        .filter(|o| o.cell.is_plain() && o.cell.gamma() > Some(0.0))
        .collect();
    let first = momentum.first()?.cell.gamma();
    if momentum.iter().all(|o| o.cell.gamma() == first) {
        return None;
    }
    let mut ends = (f64::INFINITY, 0.0f64);
    let mut series = Vec::new();
    let mut gammas: Vec<f64> = momentum.iter().filter_map(|o| o.cell.gamma()).collect();
    gammas.sort_by(f64::total_cmp);
    gammas.dedup();
    for (colour, gamma) in gammas.iter().enumerate() {
        let own = momentum.iter().filter(|o| o.cell.gamma() == Some(*gamma));
        let points: Vec<(f64, f64)> = own
            .flat_map(|o| o.runs)
            .filter_map(|run| run.coast.as_ref())
            .map(|coast| (coast.predicted, coast.moved))
            .collect();
        for (x, _) in &points {
            ends = (ends.0.min(*x), ends.1.max(*x));
        }
        series.push(Series::curve(
            &format!("γ = {gamma}"),
            Mark::Points,
            colour,
            points,
        ));
    }
    let law = Series::curve(
        "conservation of energy",
        Mark::Line,
        BLACK,
        vec![(ends.0, ends.0), (ends.1, ends.1)],
    );
    series.insert(0, law);
    Some(Figure {
        name: "coasting".into(),
        caption: format!(
            "How far the feature moves on what the buffer holds when the large-margin data are fitted, one marker a run, against √(2 L₀ η/(1 − γ)), the distance that a particle of mass η/(1 − γ) coasts after falling from the loss L₀. No parameter is fitted. {made}."
        ),
        panels: vec![Panel {
            title: "the feature coasts on its energy".into(),
            x: Axis::new("√(2 L₀ η/(1 − γ))", true),
            y: Axis::new("‖Δc‖", true),
            map: None,
            series,
        }],
    })
}

/// Small-margin accuracy against d, where d sweeps.
fn dimensions(spec: &FeatureSpec, outcomes: &[Outcome<'_>], made: &str) -> Option<Figure> {
    if !spec.varied().dim {
        return None;
    }
    let mut series: Vec<Series> = Vec::new();
    for o in outcomes.iter().filter(|o| o.cell.at_fit == AtFit::GoOn) {
        let name = o.cell.short(Varied::default());
        let Ok(found) = o.estimate(Quantity::SmallMarginAccuracy, spec.confidence) else {
            continue;
        };
        let colour = series.len();
        let own = match series.iter().position(|s| s.label == name) {
            Some(at) => &mut series[at],
            None => {
                series.push(Series::curve(&name, Mark::Points, colour, Vec::new()));
                &mut series[colour]
            }
        };
        own.x.push(o.cell.law.dim as f64);
        own.y.push(found.value.unwrap_or(f64::NAN));
        own.low.push(found.ci_low);
        own.high.push(found.ci_high);
    }
    let joined: Vec<Series> = series
        .iter()
        .map(|s| Series {
            mark: Mark::Dotted,
            label: String::new(),
            low: Vec::new(),
            high: Vec::new(),
            ..s.clone()
        })
        .collect();
    Some(Figure {
        name: "dimension".into(),
        caption: format!(
            "Test accuracy on small-margin data against the dimension d of a patch, α = d^0.49, with {} % intervals; ½ is a coin toss. {made}.",
            100.0 * spec.confidence
        ),
        panels: vec![Panel {
            title: "test accuracy on small-margin data".into(),
            x: Axis::new("d", true),
            y: Axis::new("test accuracy", false),
            map: None,
            series: joined.into_iter().chain(series).collect(),
        }],
    })
}
