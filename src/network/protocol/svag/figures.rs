//! The figures, as data: courses in continuous time for every l, and the gap against l.

use super::outcome::{Outcome, Pair, pairs};
use super::spec::SvagSpec;
use measurement::mean::over_seeds;
use report::figure::{Axis, Figure, Mark, Panel, Point, Series};

/// Colour of what belongs to no series.
const BLACK: usize = 6;
/// The most panels of a figure.
const MOST_PANELS: usize = 4;

/// All figures of an experiment; `made` says how.
pub fn figures(spec: &SvagSpec, outcomes: &[Outcome<'_>], made: &str) -> Vec<Figure> {
    let all = pairs(outcomes);
    let mut figures: Vec<Figure> = [spec.eta.last(), spec.eta.iter().rev().nth(1)]
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(k, eta)| courses(spec, &all, *eta, k, made))
        .collect();
    figures.push(gaps(spec, &all, made));
    figures
}

/// log₁₀ of the training loss over seeds, back in units of the loss.
fn course(spec: &SvagSpec, outcome: &Outcome<'_>) -> Vec<Point> {
    let looks = outcome.runs.first().map_or(0, |run| run.looks.len());
    let at = |k: usize| {
        let logs = outcome
            .runs
            .iter()
            .map(|run| run.looks[k].train_loss.log10());
        let found = over_seeds(logs, spec.confidence).ok()?;
        let time = outcome.cell.time(outcome.runs.first()?.looks[k].step);
        let back = |x: f64| 10f64.powf(x);
        Some((
            time,
            back(found.value?),
            back(found.ci_low),
            back(found.ci_high),
        ))
    };
    (0..looks).filter_map(at).collect()
}

fn courses(spec: &SvagSpec, all: &[Pair<'_>], eta: f64, number: usize, made: &str) -> Figure {
    let own = all.iter().filter(|pair| pair.eta == eta);
    let panels = own.take(MOST_PANELS).map(|pair| {
        let mut drawn = Vec::new();
        for (colour, outcome) in [pair.plain, pair.momentum].into_iter().enumerate() {
            let points = course(spec, outcome);
            let middle = points.iter().map(|p| (p.0, p.1)).collect();
            // A band of seeds that go different ways would hide all else.
            let near = |p: &Point| (p.0, p.1, p.2.max(0.1 * p.1), p.3.min(10.0 * p.1));
            let mut band = Series::measured("", colour, points.iter().map(near).collect());
            band.mark = Mark::Band;
            drawn.push(band);
            drawn.push(Series::curve(
                &outcome.cell.series,
                Mark::Line,
                colour,
                middle,
            ));
        }
        Panel {
            title: format!("η = {eta}, l = {}", pair.l),
            x: Axis::new("t = ηk/l", false),
            y: Axis::new("training loss L(θ)", true),
            map: None,
            series: drawn,
        }
    });
    Figure {
        name: if number == 0 {
            "courses".into()
        } else {
            format!("courses-{}", number + 1)
        },
        caption: format!(
            "Training loss under SVAG at η = {eta} against continuous time, geometric mean over seeds; bands: {} % intervals, cut at a factor of 10. {made}.",
            100.0 * spec.confidence
        ),
        panels: panels.collect(),
    }
}

/// The gap and the difference of test accuracies against l, a series for each η.
fn gaps(spec: &SvagSpec, all: &[Pair<'_>], made: &str) -> Figure {
    let (mut gaps, mut accuracies) = (Vec::new(), Vec::new());
    let ends = (
        spec.l.first().map_or(1.0, |l| *l as f64),
        spec.l.last().map_or(1.0, |l| *l as f64),
    );
    accuracies.push(Series::curve(
        "",
        Mark::Line,
        BLACK,
        vec![(ends.0, 0.0), (ends.1, 0.0)],
    ));
    for (colour, &eta) in spec.eta.iter().enumerate() {
        let own = || all.iter().filter(|pair| pair.eta == eta);
        let chance = own()
            .filter_map(|pair| Some((pair.l as f64, pair.chance(spec.confidence).ok()?.value?)));
        let label = if colour == 0 { "by chance" } else { "" };
        gaps.push(Series::curve(label, Mark::Dashed, colour, chance.collect()));
        // Neighbouring η stand side by side.
        let x = |l: u64| l as f64 * 1.03f64.powf(colour as f64 - 0.5 * (spec.eta.len() - 1) as f64);
        let seen = own().filter_map(|pair| {
            let found = pair.gap(spec.confidence).ok()?;
            let value = found.value?;
            let low = found.ci_low.max(0.1 * value);
            Some((x(pair.l), value, low, found.ci_high))
        });
        gaps.push(Series::measured(
            &format!("η = {eta}"),
            colour,
            seen.collect(),
        ));
        let seen = own().filter_map(|pair| {
            let found = pair.accuracy(spec.confidence).ok()?;
            Some((x(pair.l), found.value?, found.ci_low, found.ci_high))
        });
        accuracies.push(Series::measured(
            &format!("η = {eta}"),
            colour,
            seen.collect(),
        ));
    }
    let panel = |title: &str, label: &str, log, series| Panel {
        title: title.into(),
        x: Axis::new("l", true),
        y: Axis::new(label, log),
        map: None,
        series,
    };
    let [plain, momentum] = &spec.series;
    let ratio = format!("mean |log₁₀ L({plain})/L({momentum})|");
    let points = format!("test accuracy, {momentum} less {plain} (points)");
    Figure {
        name: "gap".into(),
        caption: format!(
            "How far {plain} and {momentum} are apart under SVAG: (a) the gap of their training losses over the second half, dashed that of two trainings by {plain} on different batches, (b) the difference of their final test accuracies, with {} % intervals over seeds (lower ends cut at a tenth). {made}.",
            100.0 * spec.confidence
        ),
        panels: vec![
            panel("training loss", &ratio, true, gaps),
            panel("test accuracy", &points, false, accuracies),
        ],
    }
}
