//! From outcomes to rulings: each `[[claim]]` of the file, by its criterion.

use super::claim::{ClaimSpec, Criterion, Law};
use super::forms;
use super::outcome::{Bias, Outcome};
use super::paper::PaperTime;
use super::spec::EscapeSpec;
use base::error::Result;
use measurement::exit_rate::mean_time;
use measurement::forms::Form;
use measurement::mean::Moments;
use measurement::{ErrorLaw, Estimate, Sampled, regression};
use simulation::sde::EulerMaruyama;
use verdict::decide::{self, Side, Tolerance};
use verdict::{Range, Ruling, SelfCheck, Verdict};

/// Part of the SDE's time below which the time of a scheme is not held against it.
const LEAST_OF_SDE: f64 = 0.1;
/// Goodness of fit below which a form is rejected.
const ALPHA: f64 = 1e-3;

/// Every cell that has an exact reference and no censoring, held against it.
///
/// An SDE's cell is held against two: the exact mean of the scheme that was simulated, and that of
/// the SDE itself, from which the scheme's own bias, computed without random numbers, is allowed. Where half the step
/// was run too, the mean less the bias that this shows is held against the SDE.
pub fn self_checks(outcomes: &[Outcome]) -> Vec<SelfCheck> {
    let mut checks = Vec::new();
    for o in outcomes {
        let (Some(exact), Some(moments)) = (o.reference.steps, &o.moments) else {
            continue;
        };
        let scheme = o.reference.scheme_steps;
        let measured = mean_exit(moments, scheme.unwrap_or(exact), o.reference.spread);
        match scheme {
            None if o.cell.driver.scheme().is_some() => {}
            None => checks.push(decide::self_check(&o.cell.label, &measured, exact, 0.0)),
            Some(scheme) => {
                let id = format!("{} (scheme)", o.cell.label);
                checks.push(decide::self_check(&id, &measured, scheme, 0.0));
                let bias = scheme / exact - 1.0;
                let allowed = (scheme - exact).abs();
                let mut sde = decide::self_check(&o.cell.label, &measured, exact, allowed);
                if scheme < LEAST_OF_SDE * exact {
                    // Any time up to twice the SDE's would do.
                    sde = SelfCheck {
                        passed: None,
                        z: None,
                        p: None,
                        ..sde
                    };
                }
                sde.why += &format!(
                    "; the scheme's own bias at this dt is {:+.3} %",
                    100.0 * bias
                );
                checks.push(sde);
            }
        }
        if let Some(bias) = &o.step_bias
            && let Some(without) = bias.without.value
        {
            let id = format!("{} (bias by half the step)", o.cell.label);
            let error = bias.standard_error.hypot(measured.standard_error);
            let unbiased = Sampled::normal(without, error, bias.without.n);
            checks.push(decide::self_check(&id, &unbiased, exact, 0.0));
        }
    }
    checks
}

/// The mean exit step, to be held against `exact`. Its standard error is that which it would have if the reference
/// were right, from the exact spread where that is known: a low mean comes with a low spread, and would look worse
/// than it is. Exit times are skewed by 2cv where they are exponential or a mixture of short and exponential ones, cv their
/// coefficient of variation, and otherwise as the sample is.
fn mean_exit(moments: &Moments, exact: f64, spread: Option<f64>) -> Sampled {
    let own = Sampled::mean(moments);
    let Some(spread) = spread else {
        return own;
    };
    let root = (moments.n().max(1) as f64).sqrt();
    let sample = moments.skewness().unwrap_or(0.0);
    Sampled {
        standard_error: if moments.variance() > Some(0.0) {
            spread / root
        } else {
            0.0
        },
        law: ErrorLaw::Skewed(2.0 * spread / exact / root, sample / root),
        ..own
    }
}

/// The rulings of an experiment.
pub fn rulings(spec: &EscapeSpec, outcomes: &[Outcome]) -> Vec<Ruling> {
    spec.claims
        .iter()
        .map(|claim| {
            let of = |series: &str| -> Vec<&Outcome> {
                let all = outcomes.iter();
                all.filter(|o| o.cell.series == series).collect()
            };
            let own = of(&claim.series);
            if claim.criterion != Criterion::ExactTime
                && let Some(why) = own.iter().find_map(|o| unstable(o))
            {
                let ruling = claim.open("");
                return claim.stated.explained(Ruling {
                    verdict: Verdict::OutOfScope,
                    why,
                    ..ruling
                });
            }
            let ruling = match claim.criterion {
                Criterion::Form {
                    law,
                    margin,
                    least_steps,
                } => {
                    let slow = slow(&own, least_steps);
                    form(claim, law, margin, &slow, spec.confidence)
                }
                Criterion::Weaker { ref against } => {
                    weaker(claim, &own, &of(against), spec.confidence)
                }
                Criterion::Exponent => exponent(claim, &own, spec.confidence),
                Criterion::Prefactor => prefactor(claim, &own),
                Criterion::WhiteNoise => white_noise(claim, &own, spec.confidence),
                Criterion::ExactTime => exact_time(claim, &own),
            };
            claim.stated.explained(known_bias(ruling, claim, &own))
        })
        .collect()
}

/// Not decided where nothing tells what the time step of a scheme does to exits.
fn known_bias(ruling: Ruling, claim: &ClaimSpec, own: &[&Outcome]) -> Ruling {
    let decided = [Verdict::Confirmed, Verdict::Refuted].contains(&ruling.verdict);
    let unknown = |o: &&&Outcome| {
        let scheme = o.cell.driver.scheme();
        scheme.is_some_and(|s| s.integrator != EulerMaruyama::NAME) && o.bias().is_none()
    };
    match own.iter().find(unknown) {
        Some(o) if decided && claim.criterion != Criterion::ExactTime => Ruling {
            verdict: Verdict::Inconclusive,
            why: format!(
                "What the time step does to the exits of {} is not known; give halved = true, which measures it. \
                 Without it: {}",
                o.cell.label, ruling.why
            ),
            ..ruling
        },
        _ => ruling,
    }
}

/// Why a cell of an SDE says nothing of it: the scheme is not stable even where particles start.
pub(super) fn unstable(o: &Outcome) -> Option<String> {
    o.cell.driver.scheme()?;
    let step = o.cell.step().ok()??;
    step.unstable.then(|| {
        format!(
            "The scheme is not stable at the start of {}: {}, of which less than {:.4} is needed.",
            o.cell.label, step.words, step.limit
        )
    })
}

/// The forms that state a law.
fn family(law: Law) -> [Form; 2] {
    match law {
        Law::Inverse => [Form::Inverse, Form::LogAndInverse],
        Law::InverseRoot => [Form::InverseRoot, Form::HalfLogAndInverseRoot],
    }
}

/// The cells that are left after `least` steps or later, in the mean.
fn slow<'a>(own: &[&'a Outcome], least: f64) -> Vec<&'a Outcome> {
    let slow = |o: &&&Outcome| {
        o.log_rate(Bias::Kept)
            .is_none_or(|(rate, _)| (-rate).exp() >= least)
    };
    own.iter().filter(slow).copied().collect()
}

/// The difference of the slopes of ln Γ against ln k of two series, which share no particles.
fn weaker(claim: &ClaimSpec, own: &[&Outcome], other: &[&Outcome], confidence: f64) -> Ruling {
    let mut ruling = claim.open("d ln Γ / d ln k, less that of the other series");
    let of = |series: &[&Outcome]| slope(series, |bias| on_sharpness(series, bias), confidence);
    match (of(own), of(other)) {
        (Ok(a), Ok(b)) => {
            let difference = apart(&a, &b);
            (ruling.verdict, ruling.why) = decide::bound(&difference, 0.0, Side::AtMost);
            ruling.measured = Some(difference);
        }
        (Err(error), _) | (_, Err(error)) => ruling.why = error.to_string(),
    }
    ruling
}

/// ln k, ln Γ and the standard error of that, of the cells that have one.
fn on_sharpness(own: &[&Outcome], bias: Bias) -> Vec<(f64, f64, f64)> {
    let used = own.iter().filter_map(|o| {
        let (y, sigma) = o.log_rate(bias)?;
        Some((o.cell.sharpness.ln(), y, sigma))
    });
    used.collect()
}

/// a − b, with the interval that both of theirs allow.
fn apart(a: &Estimate, b: &Estimate) -> Estimate {
    Estimate {
        standard_error: None,
        value: a.value.zip(b.value).map(|(a, b)| a - b),
        ci_low: a.ci_low - b.ci_high,
        ci_high: a.ci_high - b.ci_low,
        confidence: a.confidence,
        n: a.n.min(b.n),
        method: format!("{}; what both intervals allow", a.method),
    }
}

/// The best form of the stated law against the best form of any other law; not decided where the time step's bias
/// decides it.
fn form(claim: &ClaimSpec, law: Law, margin: f64, own: &[&Outcome], confidence: f64) -> Ruling {
    let ways = Bias::ways(own).iter();
    let mut rulings = ways.map(|bias| form_with(claim, law, margin, (own, *bias), confidence));
    let Some(ruling) = rulings.next() else {
        return claim.open("");
    };
    match rulings.find(|other| other.verdict != ruling.verdict) {
        None => ruling,
        Some(other) => Ruling {
            verdict: Verdict::Inconclusive,
            why: format!(
                "The bias of the time step decides; lower dt. With it: {} Without: {}",
                ruling.why, other.why
            ),
            ..ruling
        },
    }
}

fn form_with(
    claim: &ClaimSpec,
    law: Law,
    margin: f64,
    (own, bias): (&[&Outcome], Bias),
    confidence: f64,
) -> Ruling {
    let quantity = format!("ΔAIC of the stated law over the best other law (margin {margin})");
    let mut ruling = claim.open(&quantity);
    let all = || own.iter().copied();
    let seen = forms::cells(all(), &claim.series, bias).len();
    let Some(comparison) = forms::comparison(all(), &claim.series, bias, confidence) else {
        ruling.why = format!(
            "Not enough data: {seen} cells saw exits enough, of which 3 are needed to tell forms apart."
        );
        return ruling;
    };
    let stated = family(law);
    let Some((own, rival)) = comparison.against(&stated) else {
        return ruling;
    };
    let lead = rival.aic - own.aic;
    ruling.measured = Some(Estimate {
        standard_error: None,
        value: Some(lead),
        ci_low: lead,
        ci_high: lead,
        confidence,
        n: seen as u64,
        method: "weighted least squares of ln Γ, AIC".into(),
    });
    let (verdict, why) = decide::form(&comparison, &stated, margin, ALPHA);
    ruling.verdict = verdict;
    ruling.why = format!(
        "{why}. A = {:.3} in {:.3} … {:.3}, χ²/dof {:.2} against {:.2}.",
        own.coefficient.value.unwrap_or(f64::NAN),
        own.coefficient.ci_low,
        own.coefficient.ci_high,
        own.chi2_per_dof,
        rival.chi2_per_dof
    );
    ruling
}

/// ln τ in units of time, with its standard error, beside the paper's.
fn log_times(own: &[&Outcome], bias: Bias) -> Vec<(f64, f64, PaperTime)> {
    own.iter()
        .filter_map(|o| {
            let (log_rate, sigma) = o.log_rate(bias)?;
            Some((
                -log_rate + o.cell.time_step().ln(),
                sigma,
                o.paper.clone().ok()?,
            ))
        })
        .collect()
}

/// The ruling where the paper has no time for the cells.
fn without_law(mut ruling: Ruling, own: &[&Outcome]) -> Ruling {
    let why = own.iter().find_map(|o| o.paper.as_ref().err());
    ruling.verdict = Verdict::OutOfScope;
    ruling.why = why.cloned().unwrap_or_default();
    ruling
}

/// The first condition of the theory that fails in every cell, if there is one.
fn failed_condition(times: &[(f64, f64, PaperTime)]) -> Option<String> {
    let conditions = &times.first()?.2.validity;
    conditions.iter().enumerate().find_map(|(i, _)| {
        let everywhere = times.iter().all(|(_, _, paper)| !paper.validity[i].holds());
        everywhere.then(|| times[0].2.validity[i].to_string())
    })
}

/// Slope of ln τ against the paper's exponent.
fn exponent(claim: &ClaimSpec, own: &[&Outcome], confidence: f64) -> Ruling {
    let mut ruling = claim.open("d ln τ / d(exponent of the paper's formula)");
    ruling.paper = Some(1.0);
    if own.iter().all(|o| o.paper.is_err()) {
        return without_law(ruling, own);
    }
    let times = log_times(own, Bias::Kept);
    if let Some(condition) = failed_condition(&times) {
        ruling.verdict = Verdict::OutOfScope;
        ruling.why = format!("A condition of the theory fails in every cell: {condition}.");
        return ruling;
    }
    let exact: Vec<(f64, f64)> = own
        .iter()
        .filter_map(|o| Some((o.paper.as_ref().ok()?.exponent, o.reference.steps?.ln())))
        .collect();
    if exact.len() == own.len() && own.len() > 1 {
        let (ex, ey): (Vec<f64>, Vec<f64>) = exact.into_iter().unzip();
        ruling.exact = regression::line(&ex, &ey, &vec![1.0; ex.len()])
            .ok()
            .and_then(|fit| fit.coefficients.get(1).copied());
    }
    let points = |bias| {
        let times = log_times(own, bias).into_iter();
        times
            .map(|(y, sigma, paper)| (paper.exponent, y, sigma))
            .collect()
    };
    match slope(own, points, confidence) {
        Ok(slope) => {
            ruling.allowed = about_one(claim, own);
            (ruling.verdict, ruling.why) =
                decide::value(&slope, 1.0, Tolerance::Relative(claim.tolerance));
            ruling.measured = Some(slope);
        }
        Err(error) => ruling.why = error.to_string(),
    }
    ruling
}

/// What is allowed about 1, where chance alone makes the interval, and no bias of a time step.
fn about_one(claim: &ClaimSpec, own: &[&Outcome]) -> Option<Range> {
    let chance = Bias::ways(own).len() == 1;
    chance.then(|| Range::about(1.0, Tolerance::Absolute(claim.tolerance)))
}

/// The slope of a line through `points` (x, y, σ), with the interval that it has whether the bias of the time step is
/// taken off or not.
fn slope(
    own: &[&Outcome],
    points: impl Fn(Bias) -> Vec<(f64, f64, f64)>,
    confidence: f64,
) -> Result<Estimate> {
    let fitted = |bias: Bias| {
        let points = points(bias);
        let of = |pick: fn(&(f64, f64, f64)) -> f64| points.iter().map(pick).collect::<Vec<f64>>();
        regression::line(&of(|p| p.0), &of(|p| p.1), &of(|p| p.2))?.coefficient(1, confidence)
    };
    let ways = Bias::ways(own);
    let mut found = fitted(Bias::Kept)?;
    for bias in &ways[1..] {
        found = found.or(&fitted(*bias)?);
    }
    if ways.len() > 1 {
        found.method += ", with and without the bias of the time step";
    }
    Ok(found)
}

/// τ over the paper's τ, where the exponent is highest.
fn prefactor(claim: &ClaimSpec, own: &[&Outcome]) -> Ruling {
    let mut ruling = claim.open("τ / τ of the paper's formula");
    ruling.paper = Some(1.0);
    let deepest = own
        .iter()
        .filter_map(|o| Some((o, o.paper.as_ref().ok()?)))
        .max_by(|a, b| a.1.exponent.total_cmp(&b.1.exponent));
    let Some((outcome, paper)) = deepest else {
        return without_law(ruling, own);
    };
    if let Some(condition) = paper.validity.iter().find(|c| !c.holds()) {
        ruling.verdict = Verdict::OutOfScope;
        ruling.why = format!("A condition of the theory fails: {condition}.");
        return ruling;
    }
    let steps = paper.iterations;
    ruling.exact = outcome.reference.steps.map(|n| n / steps);
    let rate = outcome.late_rate.as_ref().unwrap_or(&outcome.rate);
    let Some(ratio) = mean_time(rate).map(|time| time.over(steps)) else {
        ruling.why = format!("Nothing is measured: {}.", rate.method);
        return ruling;
    };
    let biases = Bias::ways(&[outcome]).iter().map(|way| way.of(outcome));
    let measured = biases.fold(ratio.clone(), |all, bias| {
        all.or(&ratio.clone().over(1.0 + bias))
    });
    ruling.allowed = about_one(claim, &[outcome]);
    (ruling.verdict, ruling.why) =
        decide::value(&measured, 1.0, Tolerance::Relative(claim.tolerance));
    if let Some((least, most)) = outcome.bias() {
        let percent = |bias: f64| format!("{:+.2}", 100.0 * bias);
        let (least, most) = (percent(least), percent(most));
        let range = if least == most {
            least
        } else {
            format!("{least} to {most}")
        };
        ruling.why += &format!(
            "; the bias of the time step, {range} %, lies in the interval, which a smaller dt narrows"
        );
    }
    ruling.measured = Some(measured);
    ruling
}

/// Slope of ln Γ against ln k under noise that does not know of k.
fn white_noise(claim: &ClaimSpec, own: &[&Outcome], confidence: f64) -> Ruling {
    let mut ruling = claim.open("d ln Γ / d ln k");
    ruling.paper = Some(1.0);
    let points = |bias| on_sharpness(own, bias);
    let x: Vec<f64> = points(Bias::Kept).iter().map(|p| p.0).collect();
    let exact: Vec<f64> = own
        .iter()
        .filter_map(|o| o.reference.steps.map(|n| -n.ln()))
        .collect();
    if exact.len() == x.len() {
        ruling.exact = regression::line(&x, &exact, &vec![1.0; x.len()])
            .ok()
            .and_then(|fit| fit.coefficients.get(1).copied());
    }
    match slope(own, points, confidence) {
        Ok(slope) => {
            ruling.allowed = about_one(claim, own);
            (ruling.verdict, ruling.why) = decide::order(&slope, 1.0, claim.tolerance);
            ruling.measured = Some(slope);
        }
        Err(error) => ruling.why = error.to_string(),
    }
    ruling
}

/// The SDE's exact time over the paper's, in the last cell of the sweep: nothing is measured.
fn exact_time(claim: &ClaimSpec, own: &[&Outcome]) -> Ruling {
    let mut ruling = claim.open("exact τ of the SDE / τ of the paper's formula");
    ruling.paper = Some(1.0);
    let last = own
        .last()
        .and_then(|o| Some((&o.reference, o.paper.as_ref().ok()?)));
    let Some((reference, paper)) = last else {
        return without_law(ruling, own);
    };
    // No barrier is high enough to make an infinite time finite.
    if reference.sde_never_leaves {
        ruling.verdict = Verdict::Refuted;
        ruling.exact = Some(f64::INFINITY);
        ruling.why = format!(
            "The SDE never leaves (its mean time is infinite), where the paper's formula gives {:.3e} iterations.",
            paper.iterations
        );
        return ruling;
    }
    if let Some(condition) = paper.validity.iter().find(|c| !c.holds()) {
        ruling.verdict = Verdict::OutOfScope;
        ruling.why = format!("A condition of the theory fails: {condition}.");
        return ruling;
    }
    let Some(sde) = reference.sde_steps else {
        ruling.why = "The exact time of the SDE could not be computed.".into();
        return ruling;
    };
    let ratio = sde / paper.iterations;
    ruling.exact = Some(ratio);
    let within = (ratio - 1.0).abs() <= claim.tolerance;
    ruling.verdict = if within {
        Verdict::Confirmed
    } else {
        Verdict::Refuted
    };
    ruling.why = format!(
        "The SDE needs {sde:.4e} iterations, the paper's formula gives {:.4e}: a factor of {ratio:.3e}.",
        paper.iterations
    );
    ruling
}
