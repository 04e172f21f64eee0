//! From divergences to rulings.

use super::divergence::Divergence;
use super::spec::{ClaimSpec, Criterion, PacBayesSpec};
use measurement::{Estimate, Sampled};
use prediction::exact::pac_bayes::bound;
use prediction::theory::pnm::Divergence as Theory;
use verdict::decide::{self, Side};
use verdict::{Ruling, SelfCheck};

/// Relative rounding allowed between two forms of one formula.
const ROUNDING: f64 = 1e-12;

/// Measured divergences against exact ones.
pub fn self_checks(all: &[Divergence]) -> Vec<SelfCheck> {
    all.iter()
        .filter_map(|d| {
            let id = format!("{}: KL", d.cell);
            let measured = Sampled::student(d.measured, d.standard_error, d.n);
            Some(decide::self_check(&id, &measured, d.exact?, 0.0))
        })
        .collect()
}

/// The rulings, in the order of the file.
pub fn rulings(spec: &PacBayesSpec, all: &[Divergence]) -> Vec<Ruling> {
    spec.claims
        .iter()
        .map(|claim| {
            let ruling = match claim.criterion {
                Criterion::Algebra => algebra(spec, claim, all),
                Criterion::Tighter => tighter(spec, claim, all),
            };
            claim.stated.explained(ruling)
        })
        .collect()
}

/// KL(γ) of the paper against the divergence of the Gaussians that it names, and its fall up to γ*.
fn algebra(spec: &PacBayesSpec, claim: &ClaimSpec, all: &[Divergence]) -> Ruling {
    let mut ruling = claim.stated.open(
        "largest relative deviation of KL(γ), or rise on [1, γ*]",
        0.0,
    );
    let Some(first) = all.iter().find(|d| d.series == claim.series) else {
        return ruling;
    };
    // B of C = H/B, from a cell's own prediction: γη/(2B) is the variance.
    let dim = spec.posterior.cells[0].dim() as f64;
    let cell = &spec.posterior.cells[0];
    let batch = cell.hessian[0][0] / cell.noise[0][0];
    let theory = Theory {
        eta: first.eta,
        batch,
        lambda: spec.lambda,
        dim,
        theta_norm2: spec.theta_norm2,
    };
    let best = theory.best_gamma();
    let grid: Vec<f64> = (0..=400).map(|k| best.powf(f64::from(k) / 400.0)).collect();
    let (mut worst, mut before) = (0.0f64, f64::INFINITY);
    for gamma in &grid {
        // ½[tr(P⁻¹Q) − n − ln det(P⁻¹Q) + λ|θ*|²], written out, for Q of the variance γη/(2B).
        let ratio = spec.lambda * (gamma * first.eta / (2.0 * batch));
        let exact = 0.5 * (dim * ratio - dim - dim * ratio.ln() + spec.lambda * spec.theta_norm2);
        let Ok(stated) = theory.kl(*gamma) else {
            return ruling;
        };
        worst = worst.max((stated - exact).abs() / exact.abs().max(f64::MIN_POSITIVE));
        let rise = (exact - before) / exact.abs().max(f64::MIN_POSITIVE);
        worst = worst.max(rise);
        before = exact;
    }
    (ruling.verdict, ruling.why) = decide::identity(worst, ROUNDING);
    ruling.exact = Some(best);
    ruling.why = format!(
        "Over [1, γ*], γ* = 2B/(ηλ) = {best:.6}, at {} points: {}.",
        grid.len(),
        ruling.why.trim_end_matches('.')
    );
    ruling
}

/// KL of the series minus SGD's at the same η, in the cell where it is greatest.
fn tighter(spec: &PacBayesSpec, claim: &ClaimSpec, all: &[Divergence]) -> Ruling {
    let mut ruling = claim
        .stated
        .open("KL minus SGD's at the same η, where it is greatest", 0.0);
    let confidence = spec.posterior.confidence;
    let pairs = all
        .iter()
        .filter(|d| d.series == claim.series)
        .filter_map(|d| {
            let sgd = all.iter().find(|s| s.beta0.is_none() && s.eta == d.eta)?;
            Some((d, sgd))
        });
    let greatest = pairs
        .max_by(|a, b| (a.0.measured - a.1.measured).total_cmp(&(b.0.measured - b.1.measured)));
    let Some((d, sgd)) = greatest else {
        ruling.why = "There is no cell of SGD at the same η to compare with.".into();
        return ruling;
    };
    let error = d.standard_error.hypot(sgd.standard_error);
    let how = "difference of two divergences, normal interval";
    let gap = Estimate::normal(d.measured - sgd.measured, error, d.n, confidence, how);
    (ruling.verdict, ruling.why) = decide::bound(&gap, 0.0, Side::AtMost);
    ruling.paper = d.paper.zip(sgd.paper).map(|(a, b)| a - b);
    ruling.exact = d.exact.zip(sgd.exact).map(|(a, b)| a - b);
    let limits: Vec<String> = [d.measured, sgd.measured]
        .iter()
        .map(|kl| bound(*kl, spec.samples, spec.delta).map_or("–".into(), |b| format!("{b:.4}")))
        .collect();
    ruling.why = format!(
        "{} has KL = {:.4} and the bound {}, SGD {:.4} and {}: {}.",
        d.cell,
        d.measured,
        limits[0],
        sgd.measured,
        limits[1],
        ruling.why.trim_end_matches('.')
    );
    ruling.measured = Some(gap);
    ruling
}
