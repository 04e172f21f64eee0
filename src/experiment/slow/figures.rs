//! The figures, as data: the mean and the distance of laws against η, and the law at the smallest η.

use super::observation::QUANTILES;
use super::problem::{Kind, Problem};
use super::run::Outcome;
use super::spec::SlowSpec;
use base::error::Result;
use measurement::Estimate;
use report::figure::{Axis, Figure, Mark, Panel, Series};

/// All figures of an experiment; `made` says how.
///
/// # Errors
/// The slow law is not defined.
pub fn figures(spec: &SlowSpec, outcomes: &[Outcome], made: &str) -> Result<Vec<Figure>> {
    let mut problems: Vec<Problem> = outcomes.iter().map(|(c, _)| c.problem).collect();
    problems.dedup();
    let (mut means, mut distances, mut laws) = (Vec::new(), Vec::new(), Vec::new());
    for problem in &problems {
        let own: Vec<&Outcome> = outcomes
            .iter()
            .filter(|o| o.0.problem == *problem)
            .collect();
        let limit = problem.mean(spec.tau)?;
        let symbol = match problem.kind {
            Kind::Ring => "E cos φ",
            _ => "E Y",
        };
        let seen = by_series(&own, &|o| Some(o.1.mean.clone()));
        means.push(against_eta(problem, symbol, false, seen, &own, Some(limit)));
        if let Some(cdf) = problem.law(spec.tau)? {
            let seen = by_series(&own, &|o| o.1.distance.clone());
            distances.push(against_eta(
                problem,
                "Kolmogorov distance",
                true,
                seen,
                &own,
                None,
            ));
            laws.push(law(problem, &own, &*cdf));
        }
    }
    let figure = |name: &str, caption: String, panels| Figure {
        name: name.into(),
        caption,
        panels,
    };
    let steps = "after τ/η² steps";
    let mut all = vec![figure(
        "slow-mean",
        format!(
            "Mean of the slow variable {steps}, against η. Markers: measured; dashed: the slow SDE of Theorem 5.5. {made}."
        ),
        means,
    )];
    if !laws.is_empty() {
        all.push(figure(
            "slow-distance",
            format!("Distance of the slow variable's law {steps} from that of the slow SDE, against η; dotted: in proportion to η. {made}."),
            distances,
        ));
        all.push(figure(
            "slow-law",
            format!("Distribution of the slow variable {steps} at the smallest η: markers, quantiles; dashed: the slow SDE's. {made}."),
            laws,
        ));
    }
    Ok(all)
}

fn names<'a>(own: &[&Outcome<'a>]) -> Vec<&'a str> {
    let mut all: Vec<&str> = Vec::new();
    for (cell, _) in own {
        if !all.contains(&cell.series.as_str()) {
            all.push(&cell.series);
        }
    }
    all
}

/// Measured points of every series; at each η they stand beside each other.
fn by_series(own: &[&Outcome], of: &dyn Fn(&Outcome) -> Option<Estimate>) -> Vec<Series> {
    let names = names(own);
    let middle = (names.len() as f64 - 1.0) / 2.0;
    let points = |(colour, name): (usize, &&str)| {
        let shift = 1.0 + 0.05 * (colour as f64 - middle);
        let seen = own.iter().filter(|o| o.0.series == **name).filter_map(|o| {
            let e = of(o)?;
            Some((o.0.eta * shift, e.value?, e.ci_low, e.ci_high))
        });
        Series::measured(name, colour, seen.collect())
    };
    names.iter().enumerate().map(points).collect()
}

fn against_eta(
    problem: &Problem,
    label: &str,
    log: bool,
    seen: Vec<Series>,
    own: &[&Outcome],
    limit: Option<f64>,
) -> Panel {
    let least = own.iter().map(|o| o.0.eta).fold(f64::INFINITY, f64::min);
    let most = own.iter().map(|o| o.0.eta).fold(0.0, f64::max);
    let guide = match limit {
        Some(limit) => Series::curve(
            "slow SDE",
            Mark::Dashed,
            7,
            vec![(least, limit), (most, limit)],
        ),
        // Through the first series at the greatest η.
        None => {
            let first = seen
                .first()
                .and_then(|s| s.y.first())
                .copied()
                .unwrap_or(1.0);
            let low = first * least / most;
            Series::curve("∝ η", Mark::Dotted, 7, vec![(least, low), (most, first)])
        }
    };
    let mut all = vec![guide];
    all.extend(seen);
    Panel {
        title: problem.name().into(),
        x: Axis::new("η", true),
        y: Axis::new(label, log),
        series: all,
        map: None,
    }
}

/// The distribution function at the smallest η.
fn law(problem: &Problem, own: &[&Outcome], cdf: &dyn Fn(f64) -> f64) -> Panel {
    let names = names(own);
    let mut all = Vec::new();
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for (colour, name) in names.iter().enumerate() {
        let Some(last) = own.iter().rfind(|o| o.0.series == **name) else {
            continue;
        };
        let share = |i: usize| (i as f64 + 0.5) / QUANTILES as f64;
        // The series take turns, so that none covers another.
        let turn = |i: &usize| i % names.len() == colour;
        let points: Vec<(f64, f64)> = (0..QUANTILES)
            .filter(turn)
            .filter_map(|i| Some((*last.1.quantiles.get(i)?, share(i))))
            .collect();
        for (y, _) in &points {
            (low, high) = (low.min(*y), high.max(*y));
        }
        all.push(Series::curve(name, Mark::Points, colour, points));
    }
    let at = |k: u32| low + (high - low) * f64::from(k) / 200.0;
    let curve = (0..=200).map(|k| (at(k), cdf(at(k)))).collect();
    all.insert(0, Series::curve("slow SDE", Mark::Dashed, 7, curve));
    let variable = match problem.kind {
        Kind::Ring => "φ",
        _ => "Y",
    };
    Panel {
        title: problem.name().into(),
        x: Axis::new(variable, false),
        y: Axis::new("distribution function", false),
        series: all,
        map: None,
    }
}
