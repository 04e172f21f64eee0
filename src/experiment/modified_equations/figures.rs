//! The figure, as data: both distances against η.

use super::run::Curve;
use super::spec::Surface;
use report::figure::{Axis, Figure, Mark, Panel, Series};

/// A panel a surface.
pub fn figures(curves: &[Curve]) -> Vec<Figure> {
    vec![Figure {
        name: "modified-equations".into(),
        caption: "Distance of the laws of SGD and of its modified equations at time T against η, without random numbers: on the parabola of E θ and E θ², on 1 − cos θ of E cos θ and E sin θ, from one start on the slope. Dashed: slopes 1 and 2 through the smallest η (Li, Tai and E 2019).".into(),
        panels: Surface::ALL.map(|surface| panel(surface, curves)).into(),
    }]
}

fn panel(surface: Surface, curves: &[Curve]) -> Panel {
    let mut series = Vec::new();
    for curve in curves.iter().filter(|c| c.surface == surface) {
        let colour = curve.order as usize - 1;
        let points = || {
            curve
                .eta
                .iter()
                .copied()
                .zip(curve.distance.iter().copied())
        };
        if let Some((eta, least)) = points().next_back() {
            let law = |x: f64| least * (x / eta).powi(curve.order as i32);
            let law = curve.eta.iter().map(|x| (*x, law(*x))).collect();
            series.push(Series::curve("", Mark::Dashed, colour, law));
        }
        let label = format!("equation of order {}", curve.order);
        let points = points().map(|(x, y)| (x, y, y, y)).collect();
        series.push(Series::measured(&label, colour, points));
    }
    Panel {
        title: match surface {
            Surface::Quadratic => "½hθ², C = κ(L + δ)".into(),
            Surface::Cosine => "1 − cos θ, C = κ(L + δ)".into(),
        },
        x: Axis::new("η", true),
        y: Axis::new("distance of the laws", true),
        series,
        map: None,
    }
}
