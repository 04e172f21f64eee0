//! The figures, as data: factors of the cumulants, and the variance on the quadratic, against l.

use super::cumulants::Cumulants;
use super::rulings::{diffusion, end, factors, single};
use super::run::Finished;
use super::spec::SvagSpec;
use base::error::Result;
use report::figure::{Axis, Figure, Mark, Panel, Series};

/// All figures of an experiment; `made` says how.
///
/// # Errors
/// A law is not defined.
pub fn figures(spec: &SvagSpec, finished: &[Finished], made: &str) -> Result<Vec<Figure>> {
    let one = single(spec);
    let most = finished.iter().map(|f| f.l).max().unwrap_or(1);
    let ls: Vec<u64> = (1..=most).collect();
    let names = ["mean", "covariance / l", "skewness", "excess kurtosis"];
    let mut ratios = Vec::new();
    for (k, name) in names.iter().enumerate() {
        let unit = |l: u64| one.value[k] * if k == 1 { l as f64 } else { 1.0 };
        let mut exact = Vec::with_capacity(ls.len());
        for &l in &ls {
            exact.push((l as f64, factors(l)?[k] * one.value[k] / unit(l)));
        }
        ratios.push(Series::curve("", Mark::Line, k, exact));
        let of = |f: &Finished| (f.gradient, unit(f.l));
        ratios.push(points(spec, name, k, finished, k, &of));
    }
    let mut exact = Vec::with_capacity(ls.len());
    for &l in &ls {
        exact.push((l as f64, end(spec, l)?.variance));
    }
    let limit = diffusion(spec);
    let flat = vec![(1.0, limit), (most as f64, limit)];
    let ends = vec![
        Series::curve("diffusion", Mark::Dashed, 7, flat),
        Series::curve("", Mark::Line, 5, exact),
        points(spec, "SGD with SVAG", 5, finished, 1, &|f| (f.end, 1.0)),
    ];
    let panel = |title: &str, label: &str, series| Panel {
        title: title.into(),
        x: Axis::new("l", true),
        y: Axis::new(label, false),
        series,
        map: None,
    };
    Ok(vec![Figure {
        name: "svag".into(),
        caption: format!(
            "What SVAG makes of one gradient's cumulants, and the variance of SGD with SVAG on a quadratic at time ηK, against l. Markers: measured; solid: exact; dashed: the diffusion. {made}."
        ),
        panels: vec![
            panel("single gradients", "ratio to l = 1", ratios),
            panel("end point on a quadratic", "Var θ", ends),
        ],
    }])
}

/// Cumulant `k` in a unit, both as `of` says.
fn points(
    spec: &SvagSpec,
    label: &str,
    colour: usize,
    finished: &[Finished],
    k: usize,
    of: &dyn Fn(&Finished) -> (Cumulants, f64),
) -> Series {
    let seen = finished.iter().map(|f| {
        let (found, unit) = of(f);
        let estimate = spec.estimate(&found, k);
        let (a, b) = (estimate.ci_low / unit, estimate.ci_high / unit);
        (f.l as f64, found.value[k] / unit, a.min(b), a.max(b))
    });
    Series::measured(label, colour, seen.collect())
}
