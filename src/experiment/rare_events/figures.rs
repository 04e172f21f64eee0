//! The figures of a rare-events experiment, as data.

use super::checks::SPREAD;
use super::outcome::{Outcome, series, work_line};
use report::figure::{Axis, Figure, Mark, Panel, Series};

/// Colour of what belongs to no series.
const BLACK: usize = 6;
/// Colour of exits by waiting.
const GREY: usize = 5;

/// Estimate over exact, the times themselves, the work, and the spread of the runs.
pub fn figures(outcomes: &[Outcome<'_>], scale: &str) -> Vec<Figure> {
    let heights: Vec<f64> = outcomes.iter().map(|o| o.cell.height()).collect();
    let low = heights.iter().copied().fold(f64::INFINITY, f64::min);
    let high = heights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let margin = 0.05 * (high - low).max(0.1 * high);
    let ends = (low - margin, high + margin);
    let level = |label: &str, mark, y: f64| {
        Series::curve(label, mark, BLACK, vec![(ends.0, y), (ends.1, y)])
    };
    let mut ratios = vec![level("exact", Mark::Line, 1.0)];
    let mut times = Vec::new();
    let mut work = Vec::new();
    let mut spread = vec![
        level("√(−ln p/N), the least there is", Mark::Line, 1.0),
        level("accepted", Mark::Dotted, SPREAD.0),
        level("accepted", Mark::Dotted, SPREAD.1),
    ];
    for (colour, name) in series(outcomes).into_iter().enumerate() {
        let own = || outcomes.iter().filter(move |o| o.cell.cell.series == name);
        let exact: Vec<(f64, f64)> = own()
            .filter_map(|o| Some((o.cell.height(), o.reference.steps?)))
            .collect();
        let law: Vec<(f64, f64)> = own()
            .filter_map(|o| Some((o.cell.height(), o.reference.law_steps?)))
            .collect();
        for (label, mark, points) in [
            ("exact", Mark::Line, exact),
            ("Kramers–Langer", Mark::Dotted, law),
        ] {
            if !points.is_empty() {
                let label = format!("{name}, {label}");
                times.push(Series::curve(&label, mark, colour, points));
            }
        }
        let points = own().map(|o| {
            let mean = o.mean();
            (
                o.cell.height(),
                mean.value.unwrap_or(f64::NAN),
                mean.ci_low,
                mean.ci_high,
            )
        });
        times.push(Series::measured(name, colour, points.collect()));
        let against: Vec<_> = own()
            .filter_map(|o| {
                let exact = o.reference.steps?;
                let mean = o.mean();
                let ratio = mean.value? / exact;
                Some((
                    o.cell.height(),
                    ratio,
                    mean.ci_low / exact,
                    mean.ci_high / exact,
                ))
            })
            .collect();
        if !against.is_empty() {
            ratios.push(Series::measured(name, colour, against));
        }
        let brute: Vec<_> = own()
            .filter_map(|o| {
                let brute = o.done.brute.as_ref()?;
                let ratio = o.mean().value? * brute.rate();
                let rate = o.rate.value?;
                let relative = (o.error / rate).hypot(brute.relative_error());
                let half = 3.29 * ratio * relative;
                Some((o.cell.height(), ratio, ratio - half, ratio + half))
            })
            .collect();
        if !brute.is_empty() {
            let label = format!("{name}, over brute force");
            ratios.push(Series::measured(&label, colour + 2, brute));
        }
        let steps = own().map(|o| (o.cell.height(), o.work)).collect();
        let label = format!("{name}: a run of splitting");
        work.push(Series::curve(&label, Mark::Points, colour, steps));
        if let Some(line) = work_line(outcomes, name) {
            let at = |x: f64| (x, line.level + line.slope * x);
            let points = (0..=40).map(|i| at(low + (high - low) * f64::from(i) / 40.0));
            let label = format!("{name}: a + b ΔL/T");
            work.push(Series::curve(&label, Mark::Line, colour, points.collect()));
        }
        let waiting = own().map(|o| (o.cell.height(), o.mean().value.unwrap_or(f64::NAN)));
        let label = if colour == 0 {
            "one exit by waiting"
        } else {
            ""
        };
        work.push(Series::curve(label, Mark::Dotted, GREY, waiting.collect()));
        let spreads = own()
            .map(|o| (o.cell.height(), o.spread / o.ideal))
            .collect();
        spread.push(Series::curve(name, Mark::Points, colour, spreads));
    }
    let panel = |title: &str, y: &str, log: bool, series: Vec<Series>| Panel {
        title: title.into(),
        x: Axis::new("barrier ΔL/T", false),
        y: Axis::new(y, log),
        map: None,
        series,
    };
    let mut panels = vec![
        panel("mean exit step", "⟨n⟩ (steps)", true, times),
        panel("work", "steps", true, work),
        panel(
            "spread of the runs",
            "relative sd over √(−ln p/N)",
            false,
            spread,
        ),
    ];
    if ratios.len() > 1 {
        let title = "measured over exact";
        panels.insert(1, panel(title, "⟨n⟩ over the reference", false, ratios));
    }
    let (replicas, runs) = outcomes
        .first()
        .map_or((0, 0), |o| (o.cell.plan.replicas, o.cell.plan.runs));
    vec![Figure {
        name: "splitting".into(),
        caption: format!(
            "Exits by adaptive multilevel splitting: (a) mean exit step, (b) over the reference, with intervals from the spread of independent runs, (c) steps of a run beside the steps that one exit takes, (d) relative standard deviation of a run over the least possible. {runs} runs of {replicas} replicas a cell, scale {scale}."
        ),
        panels,
    }]
}
