//! The figures, as data: the turnover of the rate with friction, and the self-check.

use super::reference::Rates;
use super::run::Outcome;
use super::spec::FrictionSpec;
use report::figure::{Axis, Figure, Mark, Panel, Point, Series};

/// Colour of what belongs to no series.
const NEUTRAL: usize = 7;

/// All figures; `made` says how.
pub fn figures(
    spec: &FrictionSpec,
    outcomes: &[Outcome<'_>],
    rates: &[Rates],
    made: &str,
) -> Vec<Figure> {
    vec![
        turnover(spec, outcomes, rates, made),
        ratios(spec, outcomes, made),
    ]
}

/// The exits, in the order of the file.
fn exits(spec: &FrictionSpec) -> Vec<f64> {
    let mut exits: Vec<f64> = Vec::new();
    for cell in &spec.cells {
        if !exits.contains(&cell.exit) {
            exits.push(cell.exit);
        }
    }
    exits
}

fn steps(spec: &FrictionSpec) -> Vec<f64> {
    let mut steps: Vec<f64> = Vec::new();
    for cell in &spec.cells {
        if !steps.contains(&cell.step) {
            steps.push(cell.step);
        }
    }
    steps
}

fn at<'a, 'b>(
    outcomes: &'a [Outcome<'b>],
    exit: f64,
    step: f64,
) -> impl Iterator<Item = &'a Outcome<'b>> {
    outcomes
        .iter()
        .filter(move |o| o.cell.exit == exit && o.cell.step == step)
}

fn turnover(spec: &FrictionSpec, outcomes: &[Outcome<'_>], rates: &[Rates], made: &str) -> Figure {
    let law = |label: &str, mark: Mark, colour: usize, of: fn(&Rates) -> f64| {
        let points = rates.iter().map(|r| (r.damping, of(r))).collect();
        Series::curve(label, mark, colour, points)
    };
    let mut series = vec![
        law("Klein–Kramers: λ₁/2", Mark::Line, NEUTRAL, |r| r.hop),
        law("Theorem 3 (Kramers)", Mark::Dashed, 1, |r| r.kramers),
        law("Mel'nikov–Meshkov", Mark::Dotted, 2, |r| r.bridged),
    ];
    let finest = steps(spec).into_iter().fold(f64::INFINITY, f64::min);
    for (k, exit) in exits(spec).into_iter().enumerate() {
        // Half of them come back from the saddle.
        let at_saddle = (exit - spec.saddle).abs() < 1e-9;
        let (factor, name) = if at_saddle {
            (0.5, format!("heavy ball: 1/2T to the saddle θ = {exit}"))
        } else {
            (1.0, format!("heavy ball: 1/T to θ = {exit}"))
        };
        let colour = if k == 0 { 0 } else { 2 + k };
        let exact = at(outcomes, exit, finest)
            .map(|o| (o.cell.damping, factor / o.exact.value))
            .collect();
        series.push(Series::curve("", Mark::Line, colour, exact));
        let seen: Vec<Point> = at(outcomes, exit, finest)
            .filter_map(|o| {
                let mean = o.mean.as_ref()?;
                Some((
                    o.cell.damping,
                    factor / mean.value?,
                    factor / mean.ci_high,
                    factor / mean.ci_low,
                ))
            })
            .collect();
        series.push(Series::measured(&name, colour, seen));
    }
    let temperature = spec.cells.first().map_or(f64::NAN, |cell| cell.temperature);
    Figure {
        name: "turnover".into(),
        caption: format!(
            "Escape rate of the heavy ball against friction at T = {temperature}, h = {finest}. Markers: measured, with {} % intervals; solid: exact, of Klein–Kramers (grey the slowest eigenvalue, coloured the passage time, joined); dashed: the paper's law at one temperature; dotted: Mel'nikov and Meshkov's. {made}.",
            100.0 * spec.confidence
        ),
        panels: vec![Panel {
            title: "escape rate against friction".into(),
            x: Axis::new("γ", true),
            y: Axis::new("rate (per unit of time)", true),
            map: None,
            series,
        }],
    }
}

/// Measured over exact, cell by cell.
fn ratios(spec: &FrictionSpec, outcomes: &[Outcome<'_>], made: &str) -> Figure {
    let panels = exits(spec)
        .into_iter()
        .map(|exit| {
            let mut series = Vec::new();
            let ends = spec.cells.iter().map(|c| c.damping);
            let ends = ends.fold((f64::INFINITY, 0.0f64), |(l, h), x| (l.min(x), h.max(x)));
            let one = vec![(ends.0, 1.0), (ends.1, 1.0)];
            series.push(Series::curve("exact", Mark::Line, NEUTRAL, one));
            for (colour, step) in steps(spec).into_iter().enumerate() {
                // Beside each other.
                let shift = 1.04f64.powi(colour as i32);
                let seen: Vec<Point> = at(outcomes, exit, step)
                    .filter_map(|o| {
                        let (mean, exact) = (o.mean.as_ref()?, o.exact.value);
                        Some((
                            o.cell.damping * shift,
                            mean.value? / exact,
                            mean.ci_low / exact,
                            mean.ci_high / exact,
                        ))
                    })
                    .collect();
                series.push(Series::measured(&format!("h = {step}"), colour, seen));
            }
            Panel {
                title: format!("to θ = {exit}"),
                x: Axis::new("γ", true),
                y: Axis::new("mean passage time, measured ÷ exact", false),
                map: None,
                series,
            }
        })
        .collect();
    Figure {
        name: "self-check".into(),
        caption: format!(
            "The lab against the exact reference: measured over exact mean passage time, with {} % intervals. {made}.",
            100.0 * spec.confidence
        ),
        panels,
    }
}
