//! The lab against exact references: the trace of H, its top, its density, and the Fisher information.

use super::look::{Against, Look, Model};
use super::spec::CovarianceSpec;
use crate::model::registry::Architecture;
use crate::protocol::points::Seen;
use measurement::Sampled;
use measurement::mean::Moments;
use verdict::SelfCheck;
use verdict::decide::{exact_check, self_check};

/// What Lanczos may be off by, relative to the largest eigenvalue: its residuals are below 1e-6 of it, and an
/// eigenvalue of a symmetric matrix lies within the residual.
const LANCZOS: f64 = 2e-6;
/// What rounding may do to a trace of a thousand second derivatives, relative to it.
const ROUNDING: f64 = 1e-9;

/// The self-checks of every point.
pub fn self_checks(spec: &CovarianceSpec, seen: &[Seen<Look>]) -> Vec<SelfCheck> {
    let task = &spec.points.task;
    // Linear in every single weight wherever it is differentiable, so that no output has a second derivative on the
    // diagonal: tr H = tr F, whatever the labels.
    let multilinear = matches!(task.model, Architecture::Linear | Architecture::Mlp { .. });
    let mut checks = Vec::new();
    for Seen { point, each } in seen {
        let named = |what: &str| format!("{}: {what}", point.name);
        let traces = each.iter().map(|look| look.trace);
        checks.push(together(
            &named("tr H by random vectors"),
            traces,
            spec.measure.probes,
        ));
        let worst = each.iter().map(|look| look.lanczos).fold(0.0, f64::max);
        let what = named("largest eigenvalues by Lanczos, worst difference over λ₁");
        checks.push(exact_check(&what, worst, LANCZOS));
        let densities = each.iter().filter_map(|look| look.density.as_ref());
        let seconds: Vec<Against> = densities.map(|drawn| drawn.second).collect();
        if let Some(density) = spec
            .measure
            .density
            .as_ref()
            .filter(|_| !seconds.is_empty())
        {
            let what = named("∫λ²ρ of the spectral density by quadrature");
            checks.push(together(&what, seconds.into_iter(), density.probes));
        }
        let models: Vec<&Model> = each.iter().filter_map(|look| look.model.as_ref()).collect();
        if models.is_empty() {
            continue;
        }
        if multilinear && task.l2 == 0.0 {
            let ratios = each.iter().filter_map(|look| {
                let fisher = look.model.as_ref()?.fisher;
                Some((fisher / look.data.trace_h - 1.0).abs())
            });
            let what = named(
                "tr F of the network's labels over tr H of the data's, worst difference from 1",
            );
            checks.push(exact_check(&what, ratios.fold(0.0, f64::max), ROUNDING));
        }
        type Sets = fn(&Model) -> &[f64];
        let ratios: [(&str, Sets); 2] = [
            (
                "tr C₁ over its mean (1 − 1/n) tr F, labels drawn from the network",
                |model| &model.traces,
            ),
            (
                "u₁ᵀC₁u₁ over its mean (1 − 1/n) u₁ᵀFu₁, labels drawn from the network",
                |model| &model.tops,
            ),
        ];
        for (what, of) in ratios {
            let all: Moments = models.iter().flat_map(|model| of(model)).copied().collect();
            checks.push(self_check(&named(what), &Sampled::mean(&all), 1.0, 0.0));
        }
    }
    checks
}

/// The mean of independent measurements by `probes` random vectors each, with their exact values and errors.
fn together(id: &str, all: impl ExactSizeIterator<Item = Against>, probes: u64) -> SelfCheck {
    let vectors = all.len() as u64 * probes;
    let n = all.len() as f64;
    let (mut measured, mut exact, mut variance) = (0.0, 0.0, 0.0);
    for one in all {
        measured += one.measured / n;
        exact += one.exact / n;
        variance += (one.error / n).powi(2);
    }
    let measured = Sampled::normal(measured, variance.sqrt(), vectors);
    self_check(id, &measured, exact, 0.0)
}
