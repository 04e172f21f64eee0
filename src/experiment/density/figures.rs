//! The figure, as data: histograms on the steady states.

use super::cell::Noise;
use super::run::Outcome;
use super::spec::Reading;
use report::figure::{Axis, Figure, Mark, Panel, Point, Series};

/// Bins of a histogram.
const BINS: usize = 40;
/// Colour of exact curves.
const NEUTRAL: usize = 7;

/// A panel for each process; `made` says how.
pub fn figures(outcomes: &[Outcome<'_>], made: &str) -> Vec<Figure> {
    vec![Figure {
        name: "stationary-density".into(),
        caption: format!(
            "Density of particles in the long run. Markers: histogram, bars two standard errors; solid: the steady state of the Fokker–Planck equation, the noise read in Itô's sense; dashed and dotted: the other readings, where the noise depends on θ. {made}."
        ),
        panels: outcomes.iter().enumerate().map(panel).collect(),
    }]
}

fn panel((colour, outcome): (usize, &Outcome<'_>)) -> Panel {
    let constant = matches!(outcome.cell.noise, Noise::Constant { .. });
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for x in outcome.theta.iter().filter(|x| x.is_finite()) {
        (low, high) = (low.min(*x), high.max(*x));
    }
    let mut series = Vec::new();
    for (reading, law) in &outcome.laws {
        let mark = match reading {
            Reading::Ito => Mark::Line,
            Reading::Stratonovich => Mark::Dashed,
            Reading::AntiIto => Mark::Dotted,
        };
        if constant && *reading != Reading::Ito {
            continue;
        }
        let label = if constant {
            "Fokker–Planck (Gibbs)"
        } else {
            reading.words()
        };
        let inside = law.nodes.iter().filter(|[x, ..]| (low..=high).contains(x));
        let points = inside.map(|[x, p, _]| (*x, *p)).collect();
        series.push(Series::curve(label, mark, NEUTRAL, points));
    }
    let measured = histogram(&outcome.theta, low, high);
    series.push(Series::measured(&outcome.cell.series, colour, measured));
    Panel {
        title: outcome.cell.series.clone(),
        x: Axis::new("θ", false),
        y: Axis::new("p(θ)", false),
        map: None,
        series,
    }
}

fn histogram(theta: &[f64], low: f64, high: f64) -> Vec<Point> {
    let width = (high - low) / BINS as f64;
    if !(width.is_finite() && width > 0.0) {
        return Vec::new();
    }
    let mut counts = [0u64; BINS];
    for x in theta.iter().filter(|x| x.is_finite()) {
        counts[(((x - low) / width) as usize).min(BINS - 1)] += 1;
    }
    let n = theta.len() as f64;
    let unit = 1.0 / (n * width);
    counts
        .iter()
        .enumerate()
        .map(|(i, count)| {
            let count = *count as f64;
            let error = (count * (1.0 - count / n)).sqrt();
            (
                low + width * (i as f64 + 0.5),
                count * unit,
                (count - 2.0 * error) * unit,
                (count + 2.0 * error) * unit,
            )
        })
        .collect()
}
