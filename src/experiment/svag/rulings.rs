//! From cumulants to rulings.

use super::cumulants::{Cumulants, NAMES};
use super::run::Finished;
use super::spec::{ClaimSpec, Criterion, SvagSpec};
use base::error::Result;
use measurement::{Estimate, Sampled};
use prediction::exact::linear::{LinearRule, Memory};
use prediction::exact::{Moments, Svag};
use verdict::decide::{self, Tolerance};
use verdict::{Ruling, SelfCheck};

/// Cumulants of one gradient at l = 1.
pub fn single(spec: &SvagSpec) -> Cumulants {
    let sigma = spec.data.sqrt();
    Cumulants::of_normal(|xi| {
        let y = spec.theta - sigma * xi;
        y * y * y - y
    })
}

/// What l multiplies each of the four by.
pub fn factors(l: u64) -> Result<[f64; 4]> {
    let svag = Svag::new(l as f64)?;
    Ok([
        svag.cumulant_factor(1),
        svag.cumulant_factor(2),
        svag.skewness_factor(),
        svag.kurtosis_factor(),
    ])
}

/// The law of θ after l·K steps.
pub fn end(spec: &SvagSpec, l: u64) -> Result<Moments> {
    let quadratic = (spec.h, spec.variance);
    let start = (spec.start, Memory::Zero);
    Svag::new(l as f64)?.on_quadratic(LinearRule::Sgd, spec.eta, quadratic, spec.steps, start)
}

/// Variance of the diffusion at time ηK.
pub fn diffusion(spec: &SvagSpec) -> f64 {
    let time = spec.eta * spec.steps as f64;
    -0.5 * spec.eta * spec.variance / spec.h * (-2.0 * spec.h * time).exp_m1()
}

/// The four cumulants of one gradient at l, and mean and variance of θ after l·K steps.
///
/// # Errors
/// A law is not defined.
pub fn exact(spec: &SvagSpec, l: u64) -> Result<([f64; 4], [f64; 2])> {
    let (one, factors) = (single(spec).value, factors(l)?);
    let law = end(spec, l)?;
    let gradient = std::array::from_fn(|k| one[k] * factors[k]);
    Ok((gradient, [law.mean, law.variance]))
}

/// Everything measured, against what is exact.
pub fn self_checks(spec: &SvagSpec, finished: &[Finished]) -> Result<Vec<SelfCheck>> {
    let mut checks = Vec::new();
    for f in finished {
        let (gradient, end) = exact(spec, f.l)?;
        for (k, exact) in gradient.into_iter().enumerate() {
            let id = format!("{}/l={}: {} of the gradient", spec.name, f.l, NAMES[k]);
            let (value, error) = (f.gradient.value[k], f.gradient.error[k]);
            let measured = Sampled::student(value, error, spec.particles);
            checks.push(decide::self_check(&id, &measured, exact, 0.0));
        }
        for (k, exact) in end.into_iter().enumerate() {
            let id = format!("{}/l={}: {} on the quadratic", spec.name, f.l, NAMES[k]);
            let (value, error) = (f.end.value[k], f.end.error[k]);
            let measured = Sampled::student(value, error, spec.particles);
            checks.push(decide::self_check(&id, &measured, exact, 0.0));
        }
    }
    Ok(checks)
}

/// The rulings, in the order of the file, at every l above 1; of the diffusion at the largest.
///
/// # Errors
/// A law is not defined.
pub fn rulings(spec: &SvagSpec, finished: &[Finished]) -> Result<Vec<Ruling>> {
    let one = single(spec);
    let mut all = Vec::new();
    for claim in &spec.claims {
        let k = match claim.criterion {
            Criterion::Mean => 0,
            Criterion::Covariance => 1,
            Criterion::Skewness => 2,
            Criterion::Kurtosis => 3,
            Criterion::Diffusion => {
                if let Some(f) = finished.iter().max_by_key(|f| f.l) {
                    let measured = spec.estimate(&f.end, 1);
                    let exact = end(spec, f.l)?.variance;
                    all.push(ruling(claim, f.l, measured, diffusion(spec), exact));
                }
                continue;
            }
        };
        for f in finished.iter().filter(|f| f.l > 1) {
            let predicted = one.value[k] * factors(f.l)?[k];
            let measured = spec.estimate(&f.gradient, k);
            all.push(ruling(claim, f.l, measured, predicted, predicted));
        }
    }
    Ok(all)
}

fn ruling(claim: &ClaimSpec, l: u64, measured: Estimate, paper: f64, exact: f64) -> Ruling {
    let quantity = match claim.criterion {
        Criterion::Mean => "mean of the gradient",
        Criterion::Covariance => "variance of the gradient",
        Criterion::Skewness => "skewness of the gradient",
        Criterion::Kurtosis => "excess kurtosis of the gradient",
        Criterion::Diffusion => "Var θ after l·K steps at η/l",
    };
    let mut ruling = claim.stated.open(quantity, claim.tolerance);
    ruling.case += &format!(", l = {l}");
    let tolerance = Tolerance::Relative(claim.tolerance);
    (ruling.verdict, ruling.why) = decide::value(&measured, paper, tolerance);
    // The definition speaks of mean and covariance; the higher cumulants follow from it.
    ruling.paper = match claim.criterion {
        Criterion::Skewness | Criterion::Kurtosis => None,
        _ => Some(paper),
    };
    ruling.exact = Some(exact);
    ruling.measured = Some(measured);
    claim.stated.explained(ruling)
}
