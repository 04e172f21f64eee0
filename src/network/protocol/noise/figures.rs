//! The figures: how Gaussian the noise is against B, and the central limit theorem at work.

use super::look::Look;
use super::quantity::{Over, Quantity};
use super::rulings::{estimate, of_size};
use super::spec::NoiseSpec;
use crate::protocol::points::Seen;
use measurement::mean::over_seeds;
use report::figure::{Axis, Figure, Mark, Panel, Series};

/// Colour of what belongs to no point.
const BLACK: usize = 6;
/// How far apart points of the same B stand, as a ratio.
const APART: f64 = 1.06;

/// A measure of normality, and where Gaussian samples lie.
struct Measured {
    quantity: Quantity,
    figure: &'static str,
    label: &'static str,
    gaussian: f64,
    words: &'static str,
}

const MEASURED: [Measured; 2] = [
    Measured {
        quantity: Quantity::Tail,
        figure: "tail",
        label: "tail index α̂",
        gaussian: 2.0,
        words: "Gaussian: α = 2",
    },
    Measured {
        quantity: Quantity::Pass,
        figure: "test",
        label: "share that passes Shapiro–Wilk",
        gaussian: 0.95,
        words: "Gaussian: 95 % pass",
    },
];

/// All figures; `made` says how.
pub fn figures(spec: &NoiseSpec, seen: &[Seen<Look>], made: &str) -> Vec<Figure> {
    let figure = |what: &Measured| Figure {
        name: what.figure.into(),
        caption: format!(
            "Noise of minibatches against their size B: {}, median over samples, mean over seeds with {} % intervals. The samples are {}. {made}.",
            what.label,
            100.0 * spec.confidence,
            Over::ALL.map(|(_, _, words)| words).join("; "),
        ),
        panels: Over::ALL
            .map(|(over, ..)| against_batch(spec, seen, over, what))
            .into(),
    };
    let mut all: Vec<Figure> = MEASURED.iter().map(figure).collect();
    all.push(clt(spec, seen, made));
    all
}

fn place(spec: &NoiseSpec, batch: u64, of: usize, all: usize) -> f64 {
    let middle = (all.max(1) - 1) as f64 / 2.0;
    let apart = if spec.measure.batches.len() > 1 {
        APART
    } else {
        1.0
    };
    batch as f64 * apart.powf(of as f64 - middle)
}

fn reach(spec: &NoiseSpec) -> [f64; 2] {
    let all = || spec.measure.batches.iter().map(|b| *b as f64);
    let ends = [
        all().fold(f64::INFINITY, f64::min),
        all().fold(0.0, f64::max),
    ];
    [0.7 * ends[0], 1.4 * ends[1]]
}

fn against_batch(spec: &NoiseSpec, seen: &[Seen<Look>], over: Over, what: &Measured) -> Panel {
    let level = reach(spec).map(|x| (x, what.gaussian)).to_vec();
    let mut series = vec![Series::curve(what.words, Mark::Dashed, BLACK, level)];
    for (colour, point) in seen.iter().enumerate() {
        let points = spec.measure.batches.iter().filter_map(|&batch| {
            let found = estimate(spec, point, batch, over, what.quantity).ok()?;
            let x = place(spec, batch, colour, seen.len());
            Some((x, found.value?, found.ci_low, found.ci_high))
        });
        series.push(Series::measured(
            &point.point.name,
            colour,
            points.collect(),
        ));
    }
    Panel {
        title: over.words().into(),
        x: Axis::new("B, size of a minibatch", true),
        y: Axis::new(what.label, false),
        map: None,
        series,
    }
}

/// B times the excess kurtosis, which the central limit theorem with finite variance keeps at κ₁.
fn clt(spec: &NoiseSpec, seen: &[Seen<Look>], made: &str) -> Figure {
    let panel = |over: Over| {
        let mut series = Vec::new();
        for (colour, point) in seen.iter().enumerate() {
            let batches = &spec.measure.batches;
            let exact: Vec<(f64, f64)> = batches
                .first()
                .map(|&batch| {
                    let all = of_size(point, batch).filter_map(|own| over.fourth(own));
                    let (sum, n) = all.fold((0.0, 0.0), |(s, n), f| (s + f.exact, n + 1.0));
                    reach(spec).map(|x| (x, batch as f64 * sum / n)).to_vec()
                })
                .unwrap_or_default();
            series.push(Series::curve(
                &format!("κ₁ exactly, {}", point.point.name),
                Mark::Line,
                colour,
                exact,
            ));
            let measured = batches.iter().filter_map(|&batch| {
                let all = of_size(point, batch).filter_map(|own| over.fourth(own));
                let scaled = all.map(|fourth| batch as f64 * fourth.mean);
                let found = over_seeds(scaled, spec.confidence).ok()?;
                let x = place(spec, batch, colour, seen.len());
                Some((x, found.value?, found.ci_low, found.ci_high))
            });
            series.push(Series::measured(
                &point.point.name,
                colour,
                measured.collect(),
            ));
        }
        Panel {
            title: over.words().into(),
            x: Axis::new("B, size of a minibatch", true),
            y: Axis::new("B × mean excess kurtosis", over == Over::Minibatches),
            map: None,
            series,
        }
    };
    Figure {
        name: "kurtosis".into(),
        caption: format!(
            "B times the mean excess kurtosis of the noise across minibatches drawn with replacement, with {} % intervals over seeds, against κ₁, the kurtosis of one example's gradient (lines, exact): the noise is a mean of B independent numbers of finite variance. For a stable law of α < 2 the kurtosis would not exist, and sample kurtoses would not fall with B. {made}.",
            100.0 * spec.confidence
        ),
        panels: vec![panel(Over::Minibatches), panel(Over::Projections)],
    }
}
