//! The figure, as data: the change of the loss, and how the lemma misses it, against η.

use super::run::Outcome;
use super::spec::DescentSpec;
use report::figure::{Axis, Figure, Mark, Panel, Series};

/// All figures of an experiment; `made` says how.
pub fn figures(spec: &DescentSpec, outcomes: &[Outcome], made: &str) -> Vec<Figure> {
    let curve = |of: fn(&Outcome) -> f64| outcomes.iter().map(|o| (o.eta, of(o))).collect();
    let seen = outcomes.iter().map(|o| {
        let e = spec.estimate(o.found.change);
        (o.eta, o.found.change.mean, e.ci_low, e.ci_high)
    });
    let change = vec![
        Series::curve("exact", Mark::Line, 5, curve(|o| o.exact)),
        Series::curve("Lemma 3.4", Mark::Dashed, 7, curve(|o| o.stated)),
        Series::curve("first order, −η|∇L|²", Mark::Dotted, 6, curve(|o| -o.first)),
        Series::measured("measured", 0, seen.collect()),
    ];
    let ratio = |o: &Outcome, y: f64| y / (o.stated + o.first);
    let seen = outcomes.iter().map(|o| {
        let e = spec.estimate(o.found.second);
        let y = [o.found.second.mean, e.ci_low, e.ci_high].map(|y| ratio(o, y));
        (o.eta, y[0], y[1].min(y[2]), y[1].max(y[2]))
    });
    let exact = outcomes
        .iter()
        .map(|o| (o.eta, ratio(o, o.exact + o.first)));
    let second = vec![
        Series::curve("exact", Mark::Line, 5, exact.collect()),
        Series::curve("Lemma 3.4", Mark::Dashed, 7, curve(|_| 1.0)),
        Series::measured("measured", 0, seen.collect()),
    ];
    let panel = |title: &str, y: &str, series| Panel {
        title: title.into(),
        x: Axis::new("η", true),
        y: Axis::new(y, false),
        map: None,
        series,
    };
    vec![Figure {
        name: "descent".into(),
        caption: format!(
            "Change of the loss in one step of SGD on {}. Left: its mean. Right: what is of second order, E ΔL + η|∇L|², over ½η²(tr HC + ∇LᵀH∇L). {} % intervals. {made}.",
            spec.landscape.name,
            100.0 * spec.confidence
        ),
        panels: vec![
            panel("change of the loss", "E ΔL", change),
            panel("second order", "(E ΔL + η|∇L|²) over the lemma's", second),
        ],
    }]
}
