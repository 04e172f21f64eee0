//! The figures of an escape experiment, as data.

use super::forms::comparison;
use super::outcome::{Bias, Outcome, series_names};
use super::spec::{Axis as Swept, EscapeSpec};
use crate::well;
use measurement::forms::FormFit;
use prediction::exact::kramers_law;
use report::figure::{Axis, Figure, Mark, Panel, Point, Series};

/// From k to the abscissa.
type Scale = fn(f64) -> f64;

/// Colour of what belongs to no series.
const BOUNDS: usize = 7;

/// Points on a drawn curve.
const CURVE: usize = 60;

/// All figures of an experiment; `made` says how, e.g. `1000 particles a cell, scale standard`.
pub fn figures(spec: &EscapeSpec, outcomes: &[Outcome], made: &str) -> Vec<Figure> {
    let mut figures = vec![match spec.axis {
        Swept::Sharpness => rates(spec, outcomes, made),
        _ => times(spec, outcomes, made),
    }];
    figures.extend(ratios(spec, outcomes, made));
    figures
}

/// −ln Γ against 1/k and 1/√k, with every series' best form.
fn rates(spec: &EscapeSpec, outcomes: &[Outcome], made: &str) -> Figure {
    let scales: [(&str, Scale); 2] = [("1/k", |k| 1.0 / k), ("1/√k", |k| 1.0 / k.sqrt())];
    let panels = scales
        .into_iter()
        .map(|(label, scale)| {
            let mut series = Vec::new();
            for (colour, name) in series_names(outcomes).iter().enumerate() {
                let own: Vec<&Outcome> =
                    outcomes.iter().filter(|o| o.cell.series == *name).collect();
                if let Some(found) = comparison(outcomes, name, Bias::Kept, spec.confidence) {
                    series.extend(fitted(found.winner(), name, &own, colour, scale));
                }
                let exact: Vec<(f64, f64)> = own
                    .iter()
                    .filter_map(|o| Some((scale(o.cell.x), o.reference.steps?.ln())))
                    .collect();
                if !exact.is_empty() {
                    let label = format!("{name}: exact");
                    series.push(Series::curve(&label, Mark::Line, colour, exact));
                }
                let stand_in: Vec<(f64, f64)> = own
                    .iter()
                    .filter_map(|o| Some((scale(o.cell.x), o.reference.gaussian_stand_in?.ln())))
                    .collect();
                if !stand_in.is_empty() {
                    let label = format!("{name}: Gaussian noise of the same variance");
                    series.push(Series::curve(&label, Mark::Dotted, colour, stand_in));
                }
                let seen = points(name, colour, &own, |o| {
                    let (y, sigma) = o.log_rate(Bias::Kept)?;
                    Some((scale(o.cell.x), -y, -y - 2.0 * sigma, -y + 2.0 * sigma))
                });
                if !seen.x.is_empty() {
                    series.push(seen);
                }
            }
            let bounds: Vec<(f64, f64)> = outcomes
                .iter()
                .filter(|o| o.rate.value.is_none())
                .map(|o| (scale(o.cell.x), -o.rate.ci_high.ln()))
                .collect();
            if !bounds.is_empty() {
                let label = "no exit seen: at least this".to_string();
                series.push(Series::curve(&label, Mark::Points, BOUNDS, bounds));
            }
            Panel {
                title: format!("escape rate against {label}"),
                x: Axis::new(label, false),
                y: Axis::new("−ln Γ (Γ per iteration)", false),
                map: None,
                series,
            }
        })
        .collect();
    Figure {
        name: "escape-rate".into(),
        caption: format!(
            "Escape rate against sharpness k. Markers: measured, bars two standard errors; dashed: each series' best functional form with its {} % band; solid: exact values, joined.{} {made}.",
            100.0 * spec.confidence,
            if spec.truncate > 0 {
                format!(" Exits before step {} are dropped.", spec.truncate)
            } else {
                String::new()
            }
        ),
        panels,
    }
}

fn points(
    name: &str,
    colour: usize,
    own: &[&Outcome],
    of: impl Fn(&Outcome) -> Option<Point>,
) -> Series {
    Series::measured(name, colour, own.iter().filter_map(|o| of(o)).collect())
}

/// The band and the curve of a fitted form.
fn fitted(fit: &FormFit, name: &str, own: &[&Outcome], colour: usize, scale: Scale) -> Vec<Series> {
    let ks = own
        .iter()
        .filter(|o| o.log_rate(Bias::Kept).is_some())
        .map(|o| o.cell.x);
    let (low, high) = ks.fold((f64::INFINITY, 0.0f64), |(l, h), k| (l.min(k), h.max(k)));
    if !(low > 0.0 && low < high) {
        return Vec::new();
    }
    let covariance = &fit.fit.covariance;
    let half_width = (fit.coefficient.ci_high - fit.coefficient.ci_low) / 2.0;
    // The interval of A over its standard error: the normal quantile of the confidence.
    let z = half_width / covariance[(0, 0)].sqrt();
    let mut band = Series::curve("", Mark::Band, colour, Vec::new());
    for i in 0..=CURVE {
        let k = low * (high / low).powf(i as f64 / CURVE as f64);
        let (known, term) = fit.form.terms(k);
        let y = known + fit.fit.coefficients[0] * term + fit.fit.coefficients[1];
        let variance =
            covariance[(0, 0)] * term * term + 2.0 * covariance[(0, 1)] * term + covariance[(1, 1)];
        band.x.push(scale(k));
        band.y.push(-y);
        band.low.push(-y - z * variance.sqrt());
        band.high.push(-y + z * variance.sqrt());
    }
    let curve = Series {
        label: format!("{name}: {}", fit.form.name()),
        mark: Mark::Dashed,
        low: Vec::new(),
        high: Vec::new(),
        ..band.clone()
    };
    vec![band, curve]
}

/// Mean exit time against what is swept, with exact references, Kramers' law and the paper's formula.
fn times(spec: &EscapeSpec, outcomes: &[Outcome], made: &str) -> Figure {
    let inverse = spec.axis == Swept::Temperature;
    let scale = |x: f64| if inverse { 1.0 / x } else { x };
    let in_time = |o: &Outcome, steps: f64| {
        if inverse {
            steps * o.cell.time_step()
        } else {
            steps
        }
    };
    let curve = |own: &[&Outcome], of: &dyn Fn(&Outcome) -> Option<f64>| -> Vec<(f64, f64)> {
        own.iter()
            .filter_map(|o| Some((scale(o.cell.x), of(o).filter(|y| y.is_finite())?)))
            .collect()
    };
    let mut series = Vec::new();
    for (colour, name) in series_names(outcomes).iter().enumerate() {
        let own: Vec<&Outcome> = outcomes.iter().filter(|o| o.cell.series == *name).collect();
        let mut add = |label: String, mark: Mark, points: Vec<(f64, f64)>| {
            if !points.is_empty() {
                series.push(Series::curve(&label, mark, colour, points));
            }
        };
        add(
            format!("{name}: exact"),
            Mark::Line,
            curve(&own, &|o| Some(in_time(o, o.reference.steps?))),
        );
        add(
            format!("{name}: its SDE, exact"),
            Mark::Dotted,
            curve(&own, &|o| {
                let sde = o.reference.sde_steps?;
                let is_itself = o.reference.steps == Some(sde);
                (!is_itself).then(|| in_time(o, sde))
            }),
        );
        add(
            format!("{name}: the paper's τ"),
            Mark::Dashed,
            curve(&own, &|o| {
                Some(in_time(o, o.paper.as_ref().ok()?.iterations))
            }),
        );
        add(
            "Kramers' law".into(),
            Mark::Dashed,
            curve(&own, &|o| kramers(o).filter(|_| inverse)),
        );
        series.push(points(name, colour, &own, |o| {
            let to_time = |rate: f64| in_time(o, 1.0 / rate);
            let r = &o.rate;
            Some((
                scale(o.cell.x),
                to_time(r.value?),
                to_time(r.ci_high),
                to_time(r.ci_low),
            ))
        }));
    }
    let symbol = spec.axis.symbol();
    let (x, log) = match spec.axis {
        Swept::Temperature => (format!("1/{symbol}"), false),
        Swept::Floor => (format!("floor {symbol}"), true),
        _ => (symbol.to_string(), false),
    };
    let unit = if inverse { "time" } else { "iterations" };
    Figure {
        name: "exit-time".into(),
        caption: format!(
            "Mean exit time against {x}. Markers: measured, with {} % intervals; solid: exact values, joined. {made}.",
            100.0 * spec.confidence
        ),
        panels: vec![Panel {
            title: "mean exit time".into(),
            x: Axis::new(&x, log),
            y: Axis::new(&format!("τ ({unit})"), true),
            map: None,
            series,
        }],
    }
}

/// Kramers' time (Langer's, where coordinates are coupled) from the start's well to the exit: half of the law when
/// particles are absorbed at the saddle; `None` where no one barrier lies between.
fn kramers(o: &Outcome) -> Option<f64> {
    let super::cell::Driver::Langevin { temperature, .. } = o.cell.driver else {
        return None;
    };
    let leaving = o.cell.leaving().ok()?;
    // Over several barriers the time is another's.
    if leaving.way.wells > 0 {
        return None;
    }
    let law = well::barrier(&leaving.way).ok()?;
    let beyond = kramers_law::overdamped(&law, temperature).ok()?;
    let share = if leaving.way.ends_at_saddle { 0.5 } else { 1.0 };
    Some(share * beyond / leaving.coordinates as f64)
}

/// Measured mean over exact mean: the lab's self-check, cell by cell.
fn ratios(spec: &EscapeSpec, outcomes: &[Outcome], made: &str) -> Option<Figure> {
    let inverse = spec.axis == Swept::Temperature;
    let scale = |x: f64| if inverse { 1.0 / x } else { x };
    let mut series = Vec::new();
    let mut ends = (f64::INFINITY, f64::NEG_INFINITY);
    for (colour, name) in series_names(outcomes).iter().enumerate() {
        let own: Vec<&Outcome> = outcomes.iter().filter(|o| o.cell.series == *name).collect();
        let found = points(name, colour, &own, |o| {
            let (exact, mean) = (o.reference.steps?, o.mean.as_ref()?);
            Some((
                scale(o.cell.x),
                mean.value? / exact,
                mean.ci_low / exact,
                mean.ci_high / exact,
            ))
        });
        for x in &found.x {
            ends = (ends.0.min(*x), ends.1.max(*x));
        }
        let scheme: Vec<(f64, f64)> = own
            .iter()
            .filter_map(|o| Some((scale(o.cell.x), 1.0 + o.reference.scheme_bias()?)))
            .collect();
        if !scheme.is_empty() {
            let label = "the simulated scheme, exact".to_string();
            series.push(Series::curve(&label, Mark::Dotted, colour, scheme));
        }
        if !found.x.is_empty() {
            series.push(found);
        }
    }
    if series.is_empty() {
        return None;
    }
    let one = vec![(ends.0, 1.0), (ends.1, 1.0)];
    series.insert(0, Series::curve("exact", Mark::Line, BOUNDS, one));
    let symbol = spec.axis.symbol();
    let label = if inverse {
        format!("1/{symbol}")
    } else {
        symbol.to_string()
    };
    Some(Figure {
        name: "self-check".into(),
        caption: format!(
            "The lab against the exact reference: measured over exact mean exit time, with {} % intervals. {made}.",
            100.0 * spec.confidence
        ),
        panels: vec![Panel {
            title: "measured ÷ exact".into(),
            x: Axis::new(&label, spec.axis == Swept::Floor),
            y: Axis::new("mean exit time, measured ÷ exact", false),
            map: None,
            series,
        }],
    })
}
