//! The figure, as data: exit times against B/η.

use super::outcome::Outcome;
use super::run::series;
use super::spec::EscapeSpec;
use report::figure::{Axis, Figure, Mark, Panel, Series};

/// All figures of an experiment; `made` says how.
pub fn figures(spec: &EscapeSpec, outcomes: &[Outcome<'_>], made: &str) -> Vec<Figure> {
    let mut panels: Vec<Panel> = Vec::new();
    let mut rates: Vec<f64> = Vec::new();
    for o in outcomes {
        if !rates.contains(&o.cell.eta()) {
            rates.push(o.cell.eta());
        }
    }
    for eta in rates {
        let mut drawn = Vec::new();
        let groups = series(outcomes);
        let own = groups.iter().filter(|own| own[0].cell.eta() == eta);
        for (colour, own) in own.enumerate() {
            let name = &own[0].cell.series;
            let curve = |label: &str, mark, of: &dyn Fn(&Outcome<'_>) -> Option<f64>| {
                let points = own.iter();
                let points = points.filter_map(|o| Some((o.inverse_temperature(), 1.0 / of(o)?)));
                Series::curve(label, mark, colour, points.collect())
            };
            if own[0].cell.is_sgd() {
                let label = |what: &str| format!("{name}, {what}");
                drawn.push(curve(&label("exact chain"), Mark::Line, &|o| {
                    Some(o.chain?.rate())
                }));
                let words = label("diffusion with the same C(θ)");
                drawn.push(curve(&words, Mark::Dotted, &|o| Some(o.diffusion)));
                let words = label("Kramers with C = |H|/B");
                drawn.push(curve(&words, Mark::Dashed, &|o| Some(o.paper)));
            }
            let seen = own.iter().filter_map(|o| {
                let time = 1.0 / o.rate.value?;
                let ends = (1.0 / o.rate.ci_high, 1.0 / o.rate.ci_low);
                Some((o.inverse_temperature(), time, ends.0, ends.1))
            });
            drawn.push(Series::measured(name, colour, seen.collect()));
        }
        panels.push(Panel {
            title: format!("η = {eta}"),
            x: Axis::new("B/η", false),
            y: Axis::new("mean exit time τ (steps)", true),
            map: None,
            series: drawn,
        });
    }
    vec![Figure {
        name: "escape".into(),
        caption: format!(
            "Mean time until a neuron that has learned is driven over the saddle by minibatch noise, against B/η. Markers: measured, {} % intervals; solid: the exact chain of SGD; dotted: its diffusion; dashed: the escape time of the diffusion theory. {made}.",
            100.0 * spec.confidence
        ),
        panels,
    }]
}
