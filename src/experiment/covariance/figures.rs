//! The figures, as data: exact laws as lines between the measured points.

use super::cell::Cell;
use super::exact::{Exact, linear_rule};
use super::observation::{Observation, Quantity};
use super::run::Outcome;
use super::spec::{CovarianceSpec, Kind};
use prediction::exact::linear::Recursion;
use report::figure::{Axis, Figure, Mark, Panel, Point, Series};

/// Points on a drawn curve.
const CURVE: usize = 80;

/// Largest η|h|T that the figure of a saddle shows: e¹⁰ is far enough.
const MOST_FALL: f64 = 10.0;

/// All figures of an experiment; `made` says how.
pub fn figures(spec: &CovarianceSpec, outcomes: &[Outcome], made: &str) -> Vec<Figure> {
    match spec.kind {
        Kind::Posterior => posterior(spec, outcomes, made),
        Kind::Saddle => vec![saddle(spec, outcomes, made)],
        Kind::NoiseVariance => vec![noise(spec, outcomes, made)],
    }
}

/// What the paper says of an observation, by the first claim on its series.
fn stated(spec: &CovarianceSpec, cell: &Cell, o: &Observation) -> Option<f64> {
    let claim = spec.claims.iter().find(|c| c.series == cell.series)?;
    claim.predicted(cell, o)
}

/// A number with a true minus sign.
fn shown(x: f64) -> String {
    x.to_string().replace('-', "−")
}

/// Points that a line joins.
type Curve = Vec<(f64, f64)>;

/// Log-spaced numbers from `low` to `high`.
fn spaced(low: f64, high: f64) -> Vec<f64> {
    let step = (high / low).ln() / (CURVE - 1) as f64;
    (0..CURVE).map(|k| low * (step * k as f64).exp()).collect()
}

/// What distinguishes the cells of one panel of the posterior figure.
fn variant(cell: &Cell) -> String {
    match (cell.two_batch, cell.value("beta0")) {
        (Some(beta0), _) | (None, Some(beta0)) => format!("{}, β₀ = {}", cell.series, shown(beta0)),
        _ => cell.series.clone(),
    }
}

/// Values of a key over the cells, in order, each once.
fn each<T: PartialEq>(outcomes: &[Outcome], of: impl Fn(&Cell) -> T) -> Vec<T> {
    let mut all = Vec::new();
    for outcome in outcomes {
        let value = of(outcome.cell);
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

fn inertia(cell: &Cell) -> Option<f64> {
    cell.value("beta1").or(cell.value("mu"))
}

/// Σᵢᵢ over that of SGD's SDE, ηCᵢᵢ/(2Hᵢᵢ), against ηh. Entries of a matrix that is not diagonal have no h.
fn posterior(spec: &CovarianceSpec, outcomes: &[Outcome], made: &str) -> Vec<Figure> {
    let diagonal = spec.cells.iter().all(|cell| {
        let off =
            |m: &[Vec<f64>]| (0..m.len()).all(|i| (0..m.len()).all(|j| i == j || m[i][j] == 0.0));
        off(&cell.hessian) && off(&cell.noise)
    });
    if !diagonal {
        return vec![entries(spec, outcomes, made)];
    }
    let variants = each(outcomes, variant);
    let sde = |cell: &Cell, i: usize| cell.eta() * cell.noise[i][i] / (2.0 * cell.hessian[i][i]);
    let mut panels = Vec::new();
    for beta in each(outcomes, inertia) {
        let mut series = Vec::new();
        for (colour, name) in variants.iter().enumerate() {
            let own: Vec<&Outcome> = outcomes
                .iter()
                .filter(|o| inertia(o.cell) == beta && variant(o.cell) == *name)
                .collect();
            let Some(first) = own.first() else { continue };
            let mut seen: Vec<Point> = Vec::new();
            for outcome in &own {
                let cell = outcome.cell;
                for (o, e, _) in &outcome.seen {
                    let unit = sde(cell, o.i);
                    let x = cell.eta() * cell.hessian[o.i][o.i];
                    seen.push((x, o.mean / unit, e.ci_low / unit, e.ci_high / unit));
                }
            }
            let low = seen.iter().map(|p| p.0).fold(f64::INFINITY, f64::min);
            let high = seen.iter().map(|p| p.0).fold(0.0, f64::max);
            // Over ηh alone, which a penalty would add to.
            let plain = linear_rule(first.cell).filter(|_| first.cell.rule.values.is_plain());
            if let Some(rule) = plain {
                let exact = spaced(low / 2.0, high * 1.5).into_iter().filter_map(|u| {
                    let law = Recursion::scalar(rule, u, 1.0, 1.0).ok()?.stationary()?;
                    Some((u, law.theta[(0, 0)] * 2.0 / u))
                });
                series.push(Series::curve("", Mark::Line, colour, exact.collect()));
            }
            let stated = first
                .seen
                .first()
                .and_then(|(o, _, _)| Some(stated(spec, first.cell, o)? / sde(first.cell, o.i)));
            if let Some(y) = stated {
                let ends = vec![(low / 2.0, y), (high * 1.5, y)];
                series.push(Series::curve("", Mark::Dashed, colour, ends));
            }
            series.push(Series::measured(name, colour, seen));
        }
        let title = beta.map_or("no momentum".to_string(), |b| format!("β₁ = {b}"));
        panels.push(Panel {
            title,
            x: Axis::new("ηh", true),
            y: Axis::new("Var θ / (ηC/2h)", true),
            map: None,
            series,
        });
    }
    // Four panels fit on a figure.
    panels
        .chunks(4)
        .enumerate()
        .map(|(k, panels)| Figure {
            name: if k == 0 { "posterior".into() } else { format!("posterior-{}", k + 1) },
            caption: format!(
                "Stationary variance over that of SGD's SDE, against ηh. Markers: measured, {} % intervals; solid: the exact law of the discrete rule; dashed: the paper's prediction. {made}.",
                100.0 * spec.confidence
            ),
            panels: panels.to_vec(),
        })
        .collect()
}

/// How far every entry lies from the paper's and from the exact law, in units of √(ΣᵢᵢΣⱼⱼ): an entry may well be 0.
fn entries(spec: &CovarianceSpec, outcomes: &[Outcome], made: &str) -> Figure {
    let mut panels = Vec::new();
    let kinds: [(&str, bool); 2] = [
        ("measured − paper's prediction", true),
        ("measured − exact", false),
    ];
    for (title, paper) in kinds {
        let mut series = Vec::new();
        for (colour, name) in each(outcomes, |c| c.series.clone()).iter().enumerate() {
            let own = outcomes.iter().filter(|o| o.cell.series == *name);
            let mut seen = Vec::new();
            for outcome in own {
                let x = outcome.cell.eta() / (1.0 - inertia(outcome.cell).unwrap_or(0.0));
                for (o, e, exact) in &outcome.seen {
                    let from = if paper {
                        stated(spec, outcome.cell, o)
                    } else {
                        *exact
                    };
                    let unit = variance(outcome, o.i).zip(variance(outcome, o.j));
                    if let (Some(from), Some((ii, jj))) = (from, unit) {
                        let unit = (ii * jj).sqrt();
                        let y = |value: f64| (value - from) / unit;
                        seen.push((x, y(o.mean), y(e.ci_low), y(e.ci_high)));
                    }
                }
            }
            if !seen.is_empty() {
                series.push(Series::measured(name, colour, seen));
            }
        }
        // Where no claim is made there is no prediction to hold it against.
        if series.is_empty() {
            continue;
        }
        panels.push(Panel {
            title: title.into(),
            x: Axis::new("η/(1 − β₁)", true),
            y: Axis::new("entry of Σ, over √(ΣᵢᵢΣⱼⱼ)", false),
            map: None,
            series,
        });
    }
    Figure {
        name: "posterior".into(),
        caption: format!(
            "Every entry of the stationary covariance with H and C that do not commute, against the lag η/(1 − β₁): its distance from a law over the exact √(ΣᵢᵢΣⱼⱼ), with {} % intervals. {made}.",
            100.0 * spec.confidence
        ),
        panels,
    }
}

/// The exact Σᵢᵢ.
fn variance(outcome: &Outcome, i: usize) -> Option<f64> {
    let own = outcome.seen.iter().find(|(o, _, _)| o.i == i && o.j == i);
    own.and_then(|(_, _, exact)| *exact)
}

/// ⟨θ²⟩ against T, a panel for each curvature.
fn saddle(spec: &CovarianceSpec, outcomes: &[Outcome], made: &str) -> Figure {
    let dim = outcomes.first().map_or(0, |o| o.cell.dim());
    let mut exact: Vec<Option<Exact>> = outcomes.iter().map(|o| Exact::of(o.cell)).collect();
    let panels = (0..dim.min(4))
        .map(|i| {
            let mut series = Vec::new();
            for (colour, outcome) in outcomes.iter().enumerate() {
                let cell = outcome.cell;
                let fall = cell.eta() * cell.hessian[i][i].abs();
                let early = |step: u64| fall * step as f64 <= MOST_FALL;
                let own = outcome
                    .seen
                    .iter()
                    .filter(|(o, _, _)| o.i == i && early(o.step));
                let seen: Vec<Point> = own
                    .map(|(o, e, _)| (o.step as f64, o.mean, e.ci_low, e.ci_high))
                    .collect();
                let last = cell.steps.iter().rfind(|n| early(**n));
                let last = last.map_or(1.0, |n| *n as f64);
                let mut grid: Vec<u64> =
                    spaced(1.0, last).iter().map(|t| t.round() as u64).collect();
                grid.dedup();
                let at = |step: u64| Observation {
                    quantity: Quantity::MeanSquare,
                    i,
                    j: i,
                    step,
                    scale: 1.0,
                    mean: 0.0,
                    standard_error: 0.0,
                    skewness: 0.0,
                    squares: (0.0, 0.0),
                    dof: 0.0,
                    n: 0,
                    diverged: 0,
                };
                if let Some(exact) = &mut exact[colour] {
                    let line = grid
                        .iter()
                        .filter_map(|t| Some((*t as f64, exact.value(&at(*t))?)));
                    series.push(Series::curve("", Mark::Line, colour, line.collect()));
                }
                let paper: Vec<(f64, f64)> = grid
                    .iter()
                    .filter_map(|t| Some((*t as f64, stated(spec, cell, &at(*t))?)))
                    .collect();
                if !paper.is_empty() {
                    series.push(Series::curve("", Mark::Dashed, colour, paper));
                }
                let name = cell.label.split_once('/').map_or("", |(_, rest)| rest);
                series.push(Series::measured(name, colour, seen));
            }
            let h = outcomes.first().map_or(0.0, |o| o.cell.hessian[i][i]);
            Panel {
                title: format!("h = {}", shown(h)),
                x: Axis::new("steps T", true),
                y: Axis::new("⟨θ²⟩", true),
                map: None,
                series,
            }
        })
        .collect();
    Figure {
        name: "saddle".into(),
        caption: format!(
            "Mean square along each falling direction of a saddle, from θ = 0. Markers: measured; solid: the exact law of the discrete rule; dashed: the paper's prediction. {made}."
        ),
        panels,
    }
}

/// Variance per step and spread in the long run, against β₁.
fn noise(spec: &CovarianceSpec, outcomes: &[Outcome], made: &str) -> Figure {
    let kinds = [
        (Quantity::PerStep, "one update", "Var / σ²"),
        (Quantity::Spread, "in the long run", "⟨θ²⟩/(η²nσ²)"),
    ];
    let variants = each(outcomes, variant);
    let panels = kinds
        .into_iter()
        .map(|(quantity, title, label)| {
            let mut series = Vec::new();
            for (colour, name) in variants.iter().enumerate() {
                let mut seen: Vec<Point> = Vec::new();
                let own: Vec<&Outcome> = outcomes
                    .iter()
                    .filter(|o| variant(o.cell) == *name)
                    .collect();
                for outcome in &own {
                    let x = inertia(outcome.cell).unwrap_or(0.0);
                    let last = outcome.cell.steps.last().copied();
                    for (o, e, _) in &outcome.seen {
                        if o.quantity == quantity && Some(o.step) == last {
                            let unit = outcome.cell.noise[o.i][o.i];
                            seen.push((x, o.mean / unit, e.ci_low / unit, e.ci_high / unit));
                        }
                    }
                }
                let (exact, paper) = noise_curves(spec, &own, quantity);
                series.push(Series::curve("", Mark::Line, colour, exact));
                if !paper.is_empty() {
                    series.push(Series::curve("", Mark::Dashed, colour, paper));
                }
                series.push(Series::measured(name, colour, seen));
            }
            Panel {
                title: title.into(),
                x: Axis::new("β₁", false),
                y: Axis::new(label, true),
                map: None,
                series,
            }
        })
        .collect();
    Figure {
        name: "noise-variance".into(),
        caption: format!(
            "Variance of an update's noise on flat ground, of one update and per step in the long run. Markers: measured; solid: exact, joined; dashed: the paper's. {made}."
        ),
        panels,
    }
}

/// Exact and predicted values over β₁, from the first cell with other values of it.
fn noise_curves(spec: &CovarianceSpec, own: &[&Outcome], quantity: Quantity) -> (Curve, Curve) {
    let most = own
        .iter()
        .filter_map(|o| inertia(o.cell))
        .fold(0.0, f64::max);
    let (mut exact, mut paper) = (Vec::new(), Vec::new());
    let Some(first) = own.first() else {
        return (exact, paper);
    };
    let last = first.cell.steps.last().copied();
    let looked = first
        .seen
        .iter()
        .find(|(o, _, _)| o.quantity == quantity && Some(o.step) == last);
    let Some((o, _, _)) = looked else {
        return (exact, paper);
    };
    let unit = first.cell.noise[o.i][o.i];
    for k in 0..CURVE {
        let beta1 = most * k as f64 / (CURVE - 1) as f64;
        let mut cell = first.cell.clone();
        if cell.value("beta1").is_some() {
            cell.rule.values = cell.rule.values.with("beta1", beta1);
        }
        if let Some(mut known) = Exact::of(&cell) {
            exact.extend(known.value(o).map(|v| (beta1, v / unit)));
        }
        paper.extend(stated(spec, &cell, o).map(|v| (beta1, v / unit)));
    }
    (exact, paper)
}
