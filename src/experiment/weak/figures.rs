//! The figures, as data: distances against η, and over the lag.

use super::distance::{Distance, Quantity};
use super::spec::{Family, WeakSpec, eta};
use prediction::theory::marginal_value::weak_order;
use report::figure::{Axis, Figure, Mark, Panel, Series};

/// All figures of an experiment; `made` says how.
pub fn figures(spec: &WeakSpec, distances: &[Distance], made: &str) -> Vec<Figure> {
    let mut all = vec![errors(spec, distances, made)];
    if !spec.exact.is_empty() {
        all.push(over_lag(spec, distances, made));
    }
    all
}

/// One family's distances in a unit that may depend on η, measured or exact.
fn drawn(own: &[&Distance], mark: Mark, colour: usize, unit: &dyn Fn(f64) -> f64) -> Series {
    let points = own.iter().map(|d| {
        let e = &d.estimate;
        let [y, low, high] =
            [e.value.unwrap_or(f64::NAN), e.ci_low, e.ci_high].map(|y| y / unit(eta(d.power)));
        (eta(d.power), y, low, high)
    });
    match mark {
        Mark::Points => Series::measured("", colour, points.collect()),
        _ => Series::curve("", mark, colour, points.map(|p| (p.0, p.1)).collect()),
    }
}

fn of_family(all: &[Distance], family: Family, quantity: Quantity, exact: bool) -> Vec<&Distance> {
    all.iter()
        .filter(|d| d.family == family && d.quantity == quantity && d.exact == exact)
        .collect()
}

/// Every distance against η, with the paper's order as a dashed line through the smallest η.
fn errors(spec: &WeakSpec, distances: &[Distance], made: &str) -> Figure {
    let panels = Quantity::ALL.map(|quantity| {
        let mut series = Vec::new();
        for (colour, &family) in spec.families.iter().enumerate() {
            let exact = of_family(distances, family, quantity, true);
            let seen = of_family(distances, family, quantity, false);
            let reference = if exact.is_empty() { &seen } else { &exact };
            if let (Ok(order), Some(finest)) = (weak_order(family.alpha), reference.last()) {
                let at = finest.estimate.value.unwrap_or(f64::NAN);
                let law = |x: f64| (x, at * (x / eta(finest.power)).powf(order));
                let points = reference.iter().map(|d| law(eta(d.power))).collect();
                series.push(Series::curve("", Mark::Dashed, colour, points));
            }
            if !exact.is_empty() {
                series.push(drawn(&exact, Mark::Line, colour, &|_| 1.0));
            }
            let mut points = drawn(&seen, Mark::Points, colour, &|_| 1.0);
            points.label = format!("α = {}", family.alpha);
            series.push(points);
        }
        Panel {
            title: match quantity {
                Quantity::Mean => "mean (weak)".into(),
                Quantity::Second => "second moment (weak)".into(),
                Quantity::Strong => "distance of the paths (strong)".into(),
            },
            x: Axis::new("η", true),
            y: Axis::new(quantity.symbol(), true),
            series,
            map: None,
        }
    });
    let solid = if spec.exact.is_empty() {
        ""
    } else {
        "solid: exact recursion; "
    };
    Figure {
        name: "weak-errors".into(),
        caption: format!(
            "Distance of SGDM (x, β = 1 − cη^α) from SGD (z) in common noise, at worst over T/η steps. Markers: simulated; {solid}dashed: the slope (1 − α)/2 of Theorem 4.5 through the smallest η. {made}."
        ),
        panels: panels.into(),
    }
}

/// Exact distances over the lag (its root for the strong one), for α below 1.
fn over_lag(spec: &WeakSpec, distances: &[Distance], made: &str) -> Figure {
    let panels = Quantity::ALL.map(|quantity| {
        let mut series = Vec::new();
        for (colour, &family) in spec.families.iter().enumerate() {
            if family.alpha == 1.0 {
                continue;
            }
            let unit = |step: f64| {
                let lag = spec.pair(family, step).map_or(f64::NAN, |pair| pair.lag());
                match quantity {
                    Quantity::Strong => lag.sqrt(),
                    _ => lag,
                }
            };
            let exact = of_family(distances, family, quantity, true);
            series.push(drawn(&exact, Mark::Line, colour, &unit));
            let seen = of_family(distances, family, quantity, false);
            let mut points = drawn(&seen, Mark::Points, colour, &unit);
            points.label = format!("α = {}", family.alpha);
            series.push(points);
        }
        let (title, unit) = match quantity {
            Quantity::Mean => ("mean", "/ lag"),
            Quantity::Second => ("second moment", "/ lag"),
            Quantity::Strong => ("distance of the paths", "/ √lag"),
        };
        Panel {
            title: title.into(),
            x: Axis::new("η", true),
            y: Axis::new(&format!("{} {unit}", quantity.symbol()), false),
            series,
            map: None,
        }
    });
    Figure {
        name: "over-lag".into(),
        caption: format!(
            "The distances over the lag ηβ/(1 − β) = η^(1−α)/c − η: constants for small η, so that the weak order is 1 − α and the strong one (1 − α)/2. Markers: simulated; solid: exact recursion. {made}."
        ),
        panels: panels.into(),
    }
}
