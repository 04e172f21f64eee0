//! The figures of a training experiment, as data.

use super::cell::symbol;
use super::claim::ClaimSpec;
use super::outcome::{Look, Outcome};
use super::quantity::Quantity;
use super::rulings::{compared, pairs};
use super::spec::TrainingSpec;
use measurement::mean::{Moments, over_seeds};
use report::figure::{Axis, Figure, Map, Mark, Panel, Series};

/// Colour of what belongs to no series.
const BLACK: usize = 6;
/// The most cells whose courses can be told apart in one panel.
const MOST_COURSES: usize = 8;
/// The most panels of a figure.
const MOST_PANELS: usize = 4;

/// All figures of an experiment; `made` says how.
pub fn figures(spec: &TrainingSpec, outcomes: &[Outcome<'_>], made: &str) -> Vec<Figure> {
    [
        courses(spec, outcomes, made),
        ends(spec, outcomes, made),
        differences(spec, outcomes, made),
        map(spec, outcomes, made),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Every series once, in the order of the file; its place is its colour.
fn series<'a>(outcomes: &[Outcome<'a>]) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for o in outcomes {
        if !names.contains(&o.cell.series.as_str()) {
            names.push(&o.cell.series);
        }
    }
    names
}

/// What claims speak of, each once.
fn quantities(spec: &TrainingSpec) -> Vec<Quantity> {
    let mut all: Vec<Quantity> = Vec::new();
    for claim in &spec.claims {
        if !all.contains(&claim.quantity) {
            all.push(claim.quantity);
        }
    }
    all.truncate(MOST_PANELS);
    all
}

/// Training loss, test accuracy and memorised labels against steps.
fn courses(spec: &TrainingSpec, outcomes: &[Outcome<'_>], made: &str) -> Option<Figure> {
    let first = outcomes.first()?;
    if outcomes.len() > MOST_COURSES || first.cell.schooling.marks().len() < 3 {
        return None;
    }
    let panel = |title: &str, log: bool, of: fn(&Look) -> f64| {
        let mut drawn = Vec::new();
        for (colour, o) in outcomes.iter().enumerate() {
            let mut points = Vec::new();
            for (at, step) in o.cell.schooling.marks().into_iter().enumerate() {
                // A seed whose training has ended stays where it was.
                let here = o.runs.iter().filter_map(|run| {
                    let last = run.looks.len().checked_sub(1)?;
                    Some(of(&run.looks[at.min(last)]))
                });
                let going = o.runs.iter().any(|run| at < run.looks.len());
                if let (true, Ok(found)) = (going, over_seeds(here, spec.confidence)) {
                    let value = found.value.unwrap_or(f64::NAN);
                    let low = if log {
                        found.ci_low.max(value / 10.0)
                    } else {
                        found.ci_low
                    };
                    points.push((step as f64, value, low, found.ci_high));
                }
            }
            let mut band = Series::measured("", colour, points.clone());
            band.mark = Mark::Band;
            let line = points.iter().map(|p| (p.0, p.1)).collect();
            drawn.push(band);
            drawn.push(Series::curve(&o.cell.short(), Mark::Line, colour, line));
        }
        Panel {
            title: title.into(),
            x: Axis::new("steps", false),
            y: Axis::new(title, log),
            map: None,
            series: drawn,
        }
    };
    let mut panels = vec![
        panel("training loss L(θ)", true, |look| look.train_loss),
        panel("test accuracy", false, |look| look.test_accuracy),
    ];
    if first.cell.task.label_noise.is_some() {
        let words = Quantity::Memorised.words();
        panels.push(panel(words, false, |look| look.memorised));
    }
    if first.cell.task.faint.is_some() {
        let words = Quantity::FaintAccuracy.words();
        panels.push(panel(words, false, |look| look.faint_accuracy));
    }
    Some(Figure {
        name: "courses".into(),
        caption: format!(
            "The course of training, mean over seeds with {} % intervals. {made}.",
            100.0 * spec.confidence
        ),
        panels,
    })
}

/// Where the cells of a series stand on the horizontal axis: at what sweeps in it, or at their number.
fn places(outcomes: &[Outcome<'_>]) -> (Vec<f64>, String, bool) {
    let mut key: Option<&str> = None;
    let mut one = true;
    for o in outcomes {
        match &o.cell.swept[..] {
            [] => {}
            [(own, _)] => {
                one &= key.is_none_or(|key| key == own);
                key = Some(own);
            }
            _ => one = false,
        }
    }
    let swept = |o: &Outcome<'_>| o.cell.swept.first().map(|(_, value)| *value);
    if let (true, Some(key)) = (one, key)
        && outcomes.iter().all(|o| swept(o).is_some())
    {
        let x: Vec<f64> = outcomes.iter().filter_map(swept).collect();
        let log = x.iter().all(|x| *x > 0.0);
        return (x, symbol(key).to_string(), log);
    }
    let x = (1..=outcomes.len()).map(|k| k as f64).collect();
    let named = outcomes.iter().enumerate();
    let named = named.map(|(k, o)| format!("{} {}", k + 1, o.cell.short()));
    (x, named.collect::<Vec<_>>().join("; "), false)
}

/// What every cell came to, in the quantities that claims speak of.
fn ends(spec: &TrainingSpec, outcomes: &[Outcome<'_>], made: &str) -> Option<Figure> {
    let (x, what, log) = places(outcomes);
    let numbered = what.contains(';');
    let label = if numbered { "cell" } else { what.as_str() };
    let panels: Vec<Panel> = quantities(spec)
        .into_iter()
        .map(|quantity| {
            let drawn = series(outcomes)
                .into_iter()
                .enumerate()
                .map(|(colour, name)| {
                    let own = outcomes
                        .iter()
                        .zip(&x)
                        .filter(|(o, _)| o.cell.series == name);
                    let points = own.filter_map(|(o, x)| {
                        let found = o.estimate(quantity, spec.confidence).ok()?;
                        Some((*x, found.value?, found.ci_low, found.ci_high))
                    });
                    Series::measured(name, colour, points.collect())
                });
            Panel {
                title: quantity.words().into(),
                x: Axis::new(label, log),
                y: Axis::new(quantity.words(), false),
                map: None,
                series: drawn.collect(),
            }
        })
        .collect();
    let cells = if numbered {
        format!(" Cells: {what}.")
    } else {
        String::new()
    };
    (!panels.is_empty()).then(|| Figure {
        name: "ends".into(),
        caption: format!(
            "What trainings come to, mean over seeds with {} % intervals.{cells} {made}.",
            100.0 * spec.confidence
        ),
        panels,
    })
}

/// Comparisons seed by seed, claim by claim, with what they are held against.
fn differences(spec: &TrainingSpec, outcomes: &[Outcome<'_>], made: &str) -> Option<Figure> {
    use super::claim::Compare;
    use experiment::limit::Limit;
    let shown: Vec<&ClaimSpec> = spec.claims.iter().filter(|c| c.against.is_some()).collect();
    let mut panels: Vec<Panel> = Vec::new();
    let mut said = Vec::new();
    for (quantity, compare) in shown.iter().fold(Vec::new(), |mut all, claim| {
        if !all.contains(&(claim.quantity, claim.compare)) {
            all.push((claim.quantity, claim.compare));
        }
        all
    }) {
        let own = shown
            .iter()
            .filter(|claim| (claim.quantity, claim.compare) == (quantity, compare));
        let (mut cases, mut limits, mut count) = (Vec::new(), Vec::new(), 0);
        for claim in own {
            let mut points = Vec::new();
            for (o, other) in pairs(claim, outcomes) {
                let Ok(found) = compared(claim, o, other, spec.confidence) else {
                    continue;
                };
                let Some(value) = found.value else { continue };
                count += 1;
                points.push((f64::from(count), value, found.ci_low, found.ci_high));
                let against = other.map_or(String::new(), |o| o.cell.short());
                said.push(format!(
                    "({}) {count}: {} against {against}",
                    (b'a' + panels.len() as u8) as char,
                    o.cell.short()
                ));
                match claim.limit {
                    Limit::AtMost(limit) | Limit::AtLeast(limit) => limits.push(limit),
                    Limit::Within(margin) => limits.extend([margin, -margin]),
                }
            }
            let colour = place(spec, claim);
            cases.push(Series::measured(&claim.stated.case, colour, points));
        }
        let ends = (0.5, f64::from(count) + 0.5);
        limits.sort_by(f64::total_cmp);
        limits.dedup();
        let same = if compare == Compare::Ratio { 1.0 } else { 0.0 };
        let level = |y: f64, mark, label: &str| {
            Series::curve(label, mark, BLACK, vec![(ends.0, y), (ends.1, y)])
        };
        let mut drawn = vec![level(same, Mark::Line, "no difference")];
        let other = limits.into_iter().filter(|limit| *limit != same);
        drawn.extend(other.map(|limit| level(limit, Mark::Dotted, "limit of a claim")));
        drawn.append(&mut cases);
        let how = match compare {
            Compare::Difference => "difference",
            Compare::Ratio => "ratio",
        };
        panels.push(Panel {
            title: quantity.words().into(),
            x: Axis::new("comparison", false),
            y: Axis::new(&format!("{}, {how}", quantity.words()), false),
            map: None,
            series: drawn,
        });
        if panels.len() == MOST_PANELS {
            break;
        }
    }
    (!panels.is_empty()).then(|| Figure {
        name: "comparisons".into(),
        caption: format!(
            "Comparisons seed by seed, with {} % intervals. {}. {made}.",
            100.0 * spec.confidence,
            said.join("; ")
        ),
        panels,
    })
}

/// The colour of a claim's case: equal cases of a file share it.
fn place(spec: &TrainingSpec, claim: &ClaimSpec) -> usize {
    let mut cases: Vec<&str> = Vec::new();
    for other in spec.claims.iter().filter(|c| c.against.is_some()) {
        if !cases.contains(&other.stated.case.as_str()) {
            cases.push(&other.stated.case);
        }
    }
    let own = cases.iter().position(|case| *case == claim.stated.case);
    // Black is what measurements are compared with.
    own.map_or(0, |place| if place < BLACK { place } else { place + 1 })
}

/// Maps over two hyper-parameters, where a series sweeps both.
fn map(spec: &TrainingSpec, outcomes: &[Outcome<'_>], made: &str) -> Option<Figure> {
    let grid: Vec<&Outcome<'_>> = outcomes
        .iter()
        .filter(|o| o.cell.swept.len() == 2)
        .collect();
    let first = grid.first()?;
    let swept = first.cell.swept.iter();
    let mut keys: Vec<&str> = swept.map(|(key, _)| key.as_str()).collect();
    keys.sort_by_key(|key| *key != "eta");
    // A momentum shows as its memory in steps; plain gradient descent has one of 1.
    let shown = |key: &str, value: f64| match key {
        "beta1" | "mu" => 1.0 / (1.0 - value),
        _ => value,
    };
    let axis = |key: &str| match key {
        "beta1" | "mu" => Axis::new(&format!("1/(1 − {})", symbol(key)), true),
        _ => Axis::new(symbol(key), true),
    };
    let at = |o: &Outcome<'_>, key: &str| o.cell.rule.values.numbers.get(key).copied();
    // Rules without one of the parameters, such as SGD without β₁, stand at 0.
    let inside: Vec<(&Outcome<'_>, f64, f64)> = outcomes
        .iter()
        .map(|o| {
            let of = |key: &str| shown(key, at(o, key).unwrap_or(0.0));
            (o, of(keys[0]), of(keys[1]))
        })
        .collect();
    let panels = quantities(spec).into_iter().map(|quantity| {
        let mean = |o: &Outcome<'_>| o.values(quantity).collect::<Moments>().mean();
        let values: Vec<f64> = inside
            .iter()
            .map(|(o, ..)| mean(o).unwrap_or(f64::NAN))
            .collect();
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let range = (high - low).max(f64::MIN_POSITIVE);
        Panel {
            title: quantity.words().into(),
            x: axis(keys[0]),
            y: axis(keys[1]),
            map: Some(Map {
                x: inside.iter().map(|place| place.1).collect(),
                y: inside.iter().map(|place| place.2).collect(),
                shade: values.iter().map(|v| (v - low) / range).collect(),
                text: values.iter().map(|v| format!("{v:.3}")).collect(),
            }),
            series: Vec::new(),
        }
    });
    Some(Figure {
        name: "map".into(),
        caption: format!(
            "Every learning rate and momentum, mean over seeds; 1/(1 − β₁) = 1 is plain gradient descent. Blue is large, orange small. {made}."
        ),
        panels: panels.collect(),
    })
}
