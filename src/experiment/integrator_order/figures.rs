//! The figure, as data: every error against the step, with the declared order through the finest step.

use super::problem::Kind;
use super::run::Curve;
use report::figure::{Axis, Figure, Mark, Panel, Series};
use simulation::sde::registry::ENTRIES;

/// One panel a problem.
pub fn figures(curves: &[Curve]) -> Vec<Figure> {
    vec![Figure {
        name: "integrator-order".into(),
        caption: "Error of every integrator at a fixed time against its step dt, without random numbers: on the circle by quadrature over the normals of a step, on the quadratic by the recursion of mean and covariance, of paths by the joint law with the exact one. Dashed: the declared order through the smallest step. In additive noise Milstein is Euler–Maruyama and Platen is Heun, so that one covers the other. The exact sampler's error is rounding and not drawn.".into(),
        panels: Kind::ALL.map(|kind| panel(kind, curves)).into(),
    }]
}

fn panel(kind: Kind, curves: &[Curve]) -> Panel {
    let mut series = Vec::new();
    for (colour, entry) in ENTRIES.iter().enumerate() {
        let own = curves
            .iter()
            .find(|c| c.kind == kind && c.entry.name == entry.name && c.order.is_some());
        let Some(curve) = own else { continue };
        let (Some(h), Some(e)) = (curve.steps.last(), curve.errors.last()) else {
            continue;
        };
        let line = |label: String, mark, y| Series {
            label,
            mark,
            colour,
            x: curve.steps.clone(),
            y,
            low: Vec::new(),
            high: Vec::new(),
        };
        let declared = kind.declared(entry);
        let law = |step: &f64| e * (step / h).powf(declared);
        let law = curve.steps.iter().map(law).collect();
        series.push(line(String::new(), Mark::Dashed, law));
        let mut points = line(entry.name.into(), Mark::Points, curve.errors.clone());
        points.low.clone_from(&curve.errors);
        points.high.clone_from(&curve.errors);
        series.push(points);
    }
    let axis = |label: &str| Axis {
        label: label.into(),
        log: true,
    };
    Panel {
        title: kind.title().into(),
        x: axis("dt"),
        y: axis("error"),
        series,
        map: None,
    }
}
