//! The figures of one card, or of several beside one another.

use super::Card;
use report::figure::{Axis, Figure, Mark, Panel, Series};

/// What a curve of a card is: its points.
type Points = Vec<(f64, f64)>;

/// The figures of cards, of which each has a name.
pub fn figures(cards: &[(String, &Card)]) -> Vec<Figure> {
    let by_step = |updates: &[f64]| -> Points {
        (1..)
            .zip(updates)
            .map(|(t, u)| (f64::from(t), *u))
            .collect()
    };
    let drawn = |mark: Mark, of: &dyn Fn(&Card) -> Points| -> Vec<Series> {
        let own = cards.iter().enumerate();
        let series = own.map(|(colour, (name, card))| Series::curve(name, mark, colour, of(card)));
        series
            .filter(|series| series.y.iter().any(|y| y.is_finite()))
            .collect()
    };
    let panel = |title: &str, x: Axis, y: Axis, series: Vec<Series>| Panel {
        title: title.into(),
        x,
        y,
        map: None,
        series,
    };
    let steps = || Axis::new("step", false);
    let response = Figure {
        name: "response".into(),
        caption: "Updates over η. Left: gradients are 1 from the first step on. Right: the first gradient is 1, the others are 0.".into(),
        panels: vec![
            panel("a step", steps(), Axis::new("u/η", false), drawn(Mark::Points, &|card| by_step(&card.curves.step))),
            panel("an impulse", steps(), Axis::new("u/η", false), drawn(Mark::Points, &|card| by_step(&card.curves.impulse))),
        ],
    };
    let flat = |series: &mut Vec<Series>, ends: [f64; 2]| {
        let line = ends.map(|x| (x, 1.0)).to_vec();
        series.push(Series::curve("SGD", Mark::Dashed, 7, line));
    };
    let mut power = drawn(Mark::Line, &|card| card.curves.power.clone());
    let mut variance = drawn(Mark::Line, &|card| card.curves.variance.clone());
    let linear = (!power.is_empty()).then(|| {
        flat(&mut power, [0.0, std::f64::consts::PI]);
        let ends = variance.iter().flat_map(|series| &series.x);
        let ends = ends.fold([f64::INFINITY, 0.0], |[a, b]: [f64; 2], x| [a.min(*x), b.max(*x)]);
        flat(&mut variance, ends);
        Figure {
            name: "noise".into(),
            caption: "Exact, for rules that are linear in their gradients. Left: power of u/η for white gradients of variance 1. Right: stationary variance of θ on ½hθ² over that of SGD at equal ηh.".into(),
            panels: vec![
                panel("power", Axis::new("ω (radians per step)", false), Axis::new("S(ω)", true), power),
                panel("stationary variance", Axis::new("ηh", true), Axis::new("Var θ / Var θ of SGD", true), variance),
            ],
        }
    });
    let mut survival = drawn(Mark::Points, &|card| {
        let points = card.curves.survival.iter();
        points.filter(|(_, share)| *share > 0.0).copied().collect()
    });
    let escape = (!survival.is_empty()).then(|| {
        let law = (0..=40).map(|k| 0.1 * f64::from(k)).map(|t| (t, (-t).exp()));
        survival.push(Series::curve("exponential law of the SDE's mean time", Mark::Dashed, 7, law.collect()));
        Figure {
            name: "escape".into(),
            caption: "Share of 1,000 particles that have not come from −1 to 1 in the double well θ⁴/4 − θ²/2, against time over the exact mean time of the overdamped SDE at equal temperature.".into(),
            panels: vec![panel(
                "escape",
                Axis::new("t/τ, t = ηsn", false),
                Axis::new("still inside", true),
                survival,
            )],
        }
    });
    [Some(response), linear, escape]
        .into_iter()
        .flatten()
        .collect()
}
