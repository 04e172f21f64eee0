//! `predict stationary`: the covariance that an optimizer settles into near a minimum.

use super::Quantity;
use super::answer::{Answer, Prediction};
use super::inputs::Inputs;
use super::key::{Key, Range};
use super::optimizer::{self, Asked, Form, OPTIMIZER};
use super::quadratic::{self, Curvature, HESSIAN, figure};
use super::stability::DECISIVE;
use base::error::Result;
use experiment::spec::written;
use prediction::exact::linear::stability::largest_rate;
use prediction::exact::linear::{LinearRule, Recursion};
use prediction::theory::pnm::Posterior;
use report::number::decimals;

/// η.
pub const ETA: Key = Key::new("eta", "0.1", Range::Positive, "η, the learning rate");
/// h > 0.
pub const MINIMUM: Key = Key::new("h", "1", Range::Positive, "h, the curvature of ½hθ²");
/// C.
pub const NOISE_VARIANCE: Key = Key::new(
    "noise_variance",
    "1",
    Range::Positive,
    "C, the variance of one stochastic gradient, where neither batch nor noise_covariance is given",
);

/// The quantity.
pub const STATIONARY: Quantity = Quantity {
    name: "stationary",
    summary: "stationary covariance of θ, and of the momentum, on a quadratic with additive noise",
    keys: &[
        &[OPTIMIZER, ETA, MINIMUM, HESSIAN, NOISE_VARIANCE],
        quadratic::NOISE_KEYS,
        optimizer::RULE_KEYS,
        optimizer::FROZEN_KEYS,
    ],
    answer,
};

fn answer(mut inputs: Inputs) -> Result<Answer> {
    inputs.only(&STATIONARY.names())?;
    let asked = Asked::any(&mut inputs)?;
    let eta = inputs.number(&ETA)?;
    let curvature = minimum(&mut inputs)?;
    let matrix = curvature.matrix;
    let quadratic = curvature.with_noise(&mut inputs, &NOISE_VARIANCE)?;
    let optimizer = inputs.among(&DECISIVE, asked.on(&quadratic))?;
    let rate = inputs.among(&DECISIVE, largest_rate(&optimizer, &quadratic))?;
    let largest = quadratic.curvatures().1;
    let limit = rate / largest;
    let keys = [&[ETA.name][..], &DECISIVE].concat();
    let recursion = inputs.among(&keys, Recursion::new(&optimizer, eta, &quadratic))?;
    let law = inputs
        .among(&keys, Recursion::long_run(&optimizer, eta, &quadratic))?
        .filter(|_| eta < limit)
        .ok_or_else(|| {
            let named = asked.name;
            let what = if eta < limit && recursion.growth() > 0.0 {
                format!("{named} on this quadratic diverges at so small an eta (ask stability)")
            } else if eta < limit {
                format!(
                    "{named} on this quadratic settles too slowly for its law to be computed, eta·h = {}",
                    eta * largest
                )
            } else {
                format!(
                    "{named} on this quadratic diverges for eta ≥ {}, that is eta·h ≥ {} with the largest h = {}; \
                     eta must be above 0 and below that",
                    decimals(limit, 6),
                    decimals(rate, 6),
                    written(largest),
                )
            };
            inputs.error(inputs.culprit(&keys), &what)
        })?;

    let mut notes = Vec::new();
    let paper = posterior(&asked)
        .map(|(posterior, formula, source)| {
            let covariance = posterior.covariance(&quadratic, eta)?;
            let validity = posterior.validity(&quadratic, eta);
            Ok(Prediction {
                values: vec![("var_theta", figure(&covariance, matrix))],
                unit: "(θ²)",
                formula: formula.into(),
                source,
                validity: validity.iter().map(ToString::to_string).collect(),
            })
        })
        .transpose()?;
    if paper.is_none() {
        notes.push(format!("no paper states the posterior of {}", asked.name));
    }
    if asked.is_frozen() {
        notes.push(format!(
            "{} with its second moments frozen at v = C, the variances of the noise, and without bias \
             corrections",
            asked.name
        ));
    }
    Ok(Answer {
        quantity: STATIONARY.name,
        summary: STATIONARY.summary,
        inputs: inputs.resolved(),
        paper,
        exact: Some(Prediction {
            values: vec![
                ("var_theta", figure(&law.theta, matrix)),
                ("var_m", figure(&law.momentum, matrix)),
            ],
            unit: "(θ²)",
            formula: "Σ = AΣAᵀ + BCBᵀ for z ← Az + Bξ, z = (θ, m)".into(),
            source: "discrete Lyapunov equation of the update rule, by doubling",
            validity: Vec::new(),
        }),
        notes,
    })
}

/// A curvature whose every eigenvalue is positive.
///
/// # Errors
/// As [`Curvature::read`], or one is not.
pub fn minimum(inputs: &mut Inputs) -> Result<Curvature> {
    let curvature = Curvature::read(inputs, &MINIMUM)?;
    let least = curvature.noiseless().curvatures().0;
    if least > 0.0 {
        return Ok(curvature);
    }
    let what = format!(
        "H has the eigenvalue {least}; near a minimum all are above 0, and along another direction \
         nothing settles (ask saddle)"
    );
    Err(curvature.error(inputs, &MINIMUM, &what))
}

/// What the paper says of the rule, its equation and where it stands.
fn posterior(asked: &Asked) -> Option<(Posterior, &'static str, &'static str)> {
    let Form::Rule(rule) = asked.form else {
        return None;
    };
    let (beta1, beta3) = match rule {
        LinearRule::Pnm { beta0, .. } | LinearRule::TwoBatch { beta0 } => {
            return Some((
                Posterior::Pnm { beta0 },
                "ΣH + HΣ = γηC, γ = (1 + β₀)² + β₀²; γη/(2B) I for C = H/B",
                "Xie et al., Positive-Negative Momentum, ICML 2021, eqs. 18 and 19",
            ));
        }
        rule => rule.heavy_ball()?,
    };
    Some(if beta1 == 0.0 && beta3 == 1.0 {
        (
            Posterior::Sgd,
            "ΣH + HΣ = ηC; η/(2B) I for C = H/B",
            "Xie et al., Positive-Negative Momentum, ICML 2021, Theorem 4.1 and eq. 15",
        )
    } else {
        (
            Posterior::HeavyBall { beta1, beta3 },
            "ΣH + HΣ = β₃/(1 − β₁) ηC; β₃/(1 − β₁) η/(2B) I for C = H/B",
            "Xie et al., Positive-Negative Momentum, ICML 2021, eq. 17",
        )
    })
}

#[cfg(test)]
#[path = "stationary_tests.rs"]
mod tests;
