//! `predict pac-bayes`: the divergence and the bound of an optimizer's posterior.

use super::Quantity;
use super::answer::{Answer, Prediction, numbers};
use super::inputs::Inputs;
use super::key::{Key, Range};
use super::stationary::ETA;
use base::error::Result;
use prediction::condition::Condition;
use prediction::exact::linear::gamma;
use prediction::exact::pac_bayes::bound;
use prediction::scaled::Scaled;
use prediction::theory::pnm::Divergence;

const BATCH: Key = Key::new("batch", "4", Range::Positive, "B, with C = H/B");
const LAMBDA: Key = Key::new("lambda", "2", Range::Positive, "λ of the prior N(0, I/λ)");
const DIM: Key = Key::new("dim", "10", Range::Whole, "n, the number of parameters");
const SAMPLES: Key = Key::new("samples", "1000", Range::Whole, "N, the number of samples");
const DELTA: Key = Key::new(
    "delta",
    "0.05",
    Range::Inside,
    "δ: the bound holds with probability 1 − δ",
);
const THETA_NORM2: Key = Key::new("theta_norm2", "4.07", Range::NotNegative, "|θ*|²");
const BETA0: Key = Key::new("beta0", "1", Range::Finite, "β₀ of pnm; 0 is SGD");

/// The quantity.
pub const PAC_BAYES: Quantity = Quantity {
    name: "pac-bayes",
    summary: "KL(Q‖P) of PNM's posterior from the prior N(0, I/λ), and the bound on the generalisation gap",
    keys: &[&[ETA, BATCH, LAMBDA, DIM, SAMPLES, DELTA, THETA_NORM2, BETA0]],
    answer,
};

fn answer(mut inputs: Inputs) -> Result<Answer> {
    inputs.only(&PAC_BAYES.names())?;
    let divergence = Divergence {
        eta: inputs.number(&ETA)?,
        batch: inputs.number(&BATCH)?,
        lambda: inputs.number(&LAMBDA)?,
        dim: inputs.number(&DIM)?,
        theta_norm2: 0.0,
    };
    let samples = inputs.number(&SAMPLES)?;
    let delta = inputs.number(&DELTA)?;
    let divergence = Divergence {
        theta_norm2: inputs.number(&THETA_NORM2)?,
        ..divergence
    };
    let stated = gamma(inputs.number(&BETA0)?);
    let best = divergence.best_gamma();
    let values = |factor: Scaled| {
        let kl = divergence.kl(factor)?;
        Ok(numbers([
            ("kl", kl),
            ("bound", bound(kl, samples, delta)?),
            ("gamma_star", best),
            ("gamma", factor.value()),
        ]))
    };
    let keys = [LAMBDA.name, ETA.name, BATCH.name, BETA0.name];
    let paper = inputs.among(&keys, values(stated))?;
    let exact = inputs.among(&keys, values(Scaled::of(1.0) / stated.sqrt()))?;
    Ok(Answer {
        quantity: PAC_BAYES.name,
        summary: PAC_BAYES.summary,
        inputs: inputs.resolved(),
        paper: Some(Prediction {
            values: paper,
            unit: "",
            formula: "KL = (n/2)(−ln γk + γk − 1) + (λ/2)|θ*|², k = λη/(2B), γ = (1 + β₀)² + β₀²; \
                      4√((KL + ln(2N/δ))/N); γ* = 2B/(ηλ)"
                .into(),
            source: "Xie et al., Positive-Negative Momentum, ICML 2021, eqs. 20 to 23 and Theorem 4.3",
            validity: vec![
                Condition::at_most("γηλ/(2B)", (stated / best).value(), 1.0).to_string(),
            ],
        }),
        exact: Some(Prediction {
            values: exact,
            unit: "",
            formula:
                "the same with the covariance that Algorithm 2 has for ηh → 0, γ^(−1/2) η/(2B) I"
                    .into(),
            source: "discrete Lyapunov equation of the update rule for ηh → 0",
            validity: Vec::new(),
        }),
        notes: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::asked::{answered, close, named, refused};

    /// |θ*|² of ten coordinates from −1 to 1.
    const NORM: &str = "theta_norm2=4.0740740740740735";

    #[test]
    fn the_example_to_its_digits() {
        for (beta0, kl, bound, exact) in [
            ("-0.5", 21.04670724744348, 0.7115430216709547, 15.962380),
            ("0", 17.643471344643753, 0.6721917116744577, 17.643471),
            ("1", 10.096281782473252, 0.5754013071319087, 21.597968),
            ("2", 6.318724557336071, 0.5202362431116409, 23.965514),
        ] {
            let answer = answered("pac-bayes", &format!("beta0={beta0} {NORM}"));
            let paper = answer.paper.unwrap();
            close(named(&paper, "kl"), kl, 1e-13);
            close(named(&paper, "bound"), bound, 1e-13);
            close(named(&paper, "gamma_star"), 40.0, 1e-13);
            close(answer.exact.unwrap().number(), exact, 4e-8);
        }
    }

    #[test]
    fn what_makes_no_sense_is_one_sentence() {
        for (text, message) in [
            ("delta=1", "delta = 1: must be above 0 and below 1"),
            ("delta=0", "delta = 0: must be above 0 and below 1"),
            ("dim=0.5", "must be a whole number"),
            ("lamda=1", "did you mean `lambda`?"),
            ("batch=0", "must be positive"),
        ] {
            let refusal = refused("pac-bayes", text);
            assert!(refusal.starts_with("predict pac-bayes: "), "{refusal}");
            assert!(refusal.contains(message), "{refusal}");
        }
    }
}
