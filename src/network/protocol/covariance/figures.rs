//! The figures: C in H's eigenbasis, the constant in the course of training, and the spectrum.

use super::look::Look;
use super::quantity::{Labels, Quantity};
use super::rulings::estimate;
use super::spec::CovarianceSpec;
use crate::protocol::points::Seen;
use measurement::Estimate;
use report::figure::{Axis, Figure, Mark, Panel, Series};

/// Colour of what belongs to no point.
const BLACK: usize = 6;
/// Decades of |λ| that a scatter shows.
const SHOWN: f64 = 1e-7;
/// The most points whose scatters are shown side by side.
const SCATTERS: usize = 4;

/// All figures; `made` says how.
pub fn figures(spec: &CovarianceSpec, seen: &[Seen<Look>], made: &str) -> Vec<Figure> {
    let mut all = vec![scatters(seen, made), courses(spec, seen, made)];
    all.extend(spectra(spec, seen, made));
    all
}

/// d against |λ| of the first seed.
fn scatters(seen: &[Seen<Look>], made: &str) -> Figure {
    let panel = |seen: &Seen<Look>| {
        let comparison = seen.each.first()?.data.clone();
        let pairs = || comparison.eigenvalues.iter().zip(&comparison.diagonal);
        let top = pairs().fold(0.0, |a: f64, (l, _)| a.max(l.abs()));
        let side = |sign: f64| {
            let own = pairs().filter(|(l, d)| sign * **l > SHOWN * top && **d > 0.0);
            own.map(|(l, d)| (l.abs(), *d)).collect::<Vec<_>>()
        };
        let (up, down) = (side(1.0), side(-1.0));
        let least = up.iter().chain(&down).fold(top, |a, (l, _)| a.min(*l));
        Some(Panel {
            title: seen.point.name.clone(),
            x: Axis::new("|λ|, eigenvalue of H", true),
            y: Axis::new("d, diagonal of UᵀC₁U", true),
            map: None,
            series: vec![
                Series::curve("λ > 0", Mark::Points, 0, up),
                Series::curve("λ < 0", Mark::Points, 1, down),
                Series::curve(
                    "C₁ = H",
                    Mark::Dashed,
                    BLACK,
                    vec![(least, least), (top, top)],
                ),
            ],
        })
    };
    Figure {
        name: "eigenbasis".into(),
        caption: format!(
            "The covariance C₁ of one example's gradient in the eigenbasis of the Hessian H, at points of a training, first seed, labels of the data. Dashed: the papers' C₁ = H. {made}."
        ),
        panels: seen.iter().take(SCATTERS).filter_map(panel).collect(),
    }
}

/// How far apart points of the same step stand, as a ratio.
const APART: f64 = 1.15;

fn point(step: u64, place: usize, found: &Estimate) -> Option<(f64, f64, f64, f64)> {
    // The start stands at 1 on a logarithmic axis.
    Some((
        step.max(1) as f64 * APART.powi(place as i32),
        found.value?,
        found.ci_low,
        found.ci_high,
    ))
}

/// Quantities against the steps of training.
fn courses(spec: &CovarianceSpec, seen: &[Seen<Look>], made: &str) -> Figure {
    let mut series: Vec<&str> = Vec::new();
    for s in seen {
        if !series.contains(&s.point.series.as_str()) {
            series.push(&s.point.series);
        }
    }
    let last = seen.iter().map(|s| s.point.step).max().unwrap_or(1);
    let panel = |quantity: Quantity, title: &str, log: bool, sets: &[Labels]| {
        let level = vec![(1.0, 1.0), (last.max(2) as f64, 1.0)];
        let mut drawn = vec![Series::curve("C₁ = H", Mark::Dashed, BLACK, level)];
        for labels in sets {
            for (place, name) in series.iter().enumerate() {
                let own = seen.iter().filter(|s| s.point.series == *name);
                let colour = match labels {
                    Labels::Data => place,
                    Labels::Model => series.len() + place,
                };
                let points: Vec<_> = own
                    .filter_map(|s| {
                        let found = estimate(spec, s, *labels, quantity).ok()?;
                        point(s.point.step, colour, &found)
                    })
                    .collect();
                if points.is_empty() {
                    continue;
                }
                let label = format!("{name}, {}", labels.words());
                drawn.push(Series::measured(&label, colour, points));
            }
        }
        Panel {
            title: title.into(),
            x: Axis::new("steps of training", true),
            y: Axis::new(quantity.words(), log),
            map: None,
            series: drawn,
        }
    };
    let both = [Labels::Data, Labels::Model];
    let data = [Labels::Data];
    Figure {
        name: "course".into(),
        caption: format!(
            "C₁ against H in the course of training, mean over seeds with {} % intervals: (a) the constant, (b) the order of d among the |λ|, (c) the exponent of d ∝ λˢ over the {} decades below λ₁, (d) how much of C₁ is diagonal in H's eigenbasis. The start stands at step 1. {made}.",
            100.0 * spec.confidence,
            spec.decades
        ),
        panels: vec![
            panel(Quantity::Constant, "the constant", true, &both),
            panel(Quantity::Rank, "the order", false, &data),
            panel(Quantity::Exponent, "the exponent", false, &data),
            panel(Quantity::Share, "the diagonal", false, &data),
        ],
    }
}

/// The spectral density by quadrature over the exact one, where it was taken.
fn spectra(spec: &CovarianceSpec, seen: &[Seen<Look>], made: &str) -> Option<Figure> {
    let how = spec.measure.density.as_ref()?;
    let panel = |seen: &Seen<Look>| {
        let first = seen.each.first()?;
        let drawn = first.density.as_ref()?;
        // The height of half an eigenvalue's bump: below it there is nothing to see.
        let floor = {
            let size = first.data.eigenvalues.len() as f64;
            let step = drawn.at.get(1)? - drawn.at.first()?;
            let mass: f64 = drawn.exact.iter().sum::<f64>() * step;
            let range = drawn.at.last()? - drawn.at.first()?;
            0.5 * mass / size / (0.025 * range)
        };
        let above = |y: f64| if y > floor { y } else { f64::NAN };
        let ends = |sign: f64| -> Vec<f64> {
            let pairs = drawn.mean.iter().zip(&drawn.error);
            pairs
                .map(|(mean, error)| (mean + sign * 2.0 * error).max(floor))
                .collect()
        };
        let band = Series {
            low: ends(-1.0),
            high: ends(1.0),
            ..Series::curve(
                "quadrature, ± 2 standard errors",
                Mark::Band,
                0,
                drawn
                    .at
                    .iter()
                    .copied()
                    .zip(drawn.mean.iter().map(|y| y.max(floor)))
                    .collect(),
            )
        };
        let curve = |ys: &[f64]| -> Vec<(f64, f64)> {
            let points = drawn.at.iter().zip(ys);
            points.map(|(x, y)| (*x, above(*y))).collect()
        };
        Some(Panel {
            title: seen.point.name.clone(),
            x: Axis::new("λ, eigenvalue of H", false),
            y: Axis::new("density of eigenvalues", true),
            map: None,
            series: vec![
                band,
                Series::curve("all eigenvalues", Mark::Line, BLACK, curve(&drawn.exact)),
            ],
        })
    };
    let panels: Vec<Panel> = seen.iter().filter_map(panel).take(SCATTERS).collect();
    (!panels.is_empty()).then(|| Figure {
        name: "spectrum".into(),
        caption: format!(
            "The spectral density of the Hessian, smoothed by a Gaussian of 1 % of the spectrum's width, first seed: from all eigenvalues, and from {} Lanczos steps from each of {} random vectors. {made}.",
            how.steps, how.probes
        ),
        panels,
    })
}
