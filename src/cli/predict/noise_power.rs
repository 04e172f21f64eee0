//! `predict noise`: the noise of one update, and what of it lasts.

use super::Quantity;
use super::answer::{Answer, Prediction, numbers};
use super::inputs::Inputs;
use super::key::Key;
use super::optimizer::{self, Asked};
use super::stationary::NOISE_VARIANCE;
use base::error::Result;
use prediction::exact::linear::LinearRule;
use prediction::scaled::Scaled;
use prediction::theory::pnm;
use report::number::decimals;

const OPTIMIZER: Key = Key {
    meaning: "sgd, sgdm, heavy-ball, momentum, pnm or two-batch (PNM's eq. 5), whose directions are linear in the gradients",
    ..optimizer::OPTIMIZER
};
const VARIANCE: Key = Key {
    meaning: "σ², the variance of one stochastic gradient",
    ..NOISE_VARIANCE
};

/// The quantity.
pub const NOISE: Quantity = Quantity {
    name: "noise",
    summary: "variance of the noise in one update direction, and its power at zero frequency, which alone diffuses",
    keys: &[&[OPTIMIZER, VARIANCE], optimizer::RULE_KEYS],
    answer,
};

fn answer(mut inputs: Inputs) -> Result<Answer> {
    inputs.only(&NOISE.names())?;
    let (name, rule) = Asked::linear(&mut inputs)?;
    let variance = inputs.number(&VARIANCE)?;
    let filter = rule.filter();
    let fades = || inputs.error(OPTIMIZER.name, "its memory does not fade");
    let per_step = filter.per_step().ok_or_else(fades)?;
    let normalised = filter.normalised();
    let per_step_normalised = normalised.per_step().ok_or_else(fades)?;
    let power = |response: f64| (Scaled::of(variance) * response * response).value();
    let mut notes = Vec::new();
    let paper = stated(rule, variance).map(|(value, formula, source)| Prediction {
        values: numbers([("per_step", value)]),
        unit: "(gradient²)",
        formula: formula.into(),
        source,
        validity: Vec::new(),
    });
    if paper.is_none() {
        notes.push(format!(
            "no paper states the noise of {name} with these numbers"
        ));
    }
    if filter.gain != 1.0 {
        notes.push(format!(
            "{name} also multiplies the learning rate by {}; the normalised values contain its square",
            decimals(filter.gain, 6)
        ));
    }
    Ok(Answer {
        quantity: NOISE.name,
        summary: NOISE.summary,
        inputs: inputs.resolved(),
        paper,
        exact: Some(Prediction {
            values: numbers([
                ("per_step", per_step * variance),
                ("zero_frequency", power(rule.steady())),
                ("nyquist", power(rule.alternating())),
                ("per_step_normalised", per_step_normalised * variance),
                (
                    "zero_frequency_normalised",
                    power(rule.steady() * filter.gain),
                ),
            ]),
            unit: "(gradient²)",
            formula: "S(ω) = σ²|out·(e^iω − F)⁻¹in + through|²: its mean, S(0) and S(π)".into(),
            source: "the update rule as a linear filter of its gradients",
            validity: Vec::new(),
        }),
        notes,
    })
}

/// What the paper says of the rule, its equation and where it stands.
fn stated(rule: LinearRule, variance: f64) -> Option<(f64, &'static str, &'static str)> {
    let averaged = |beta1: f64, beta3: f64| (beta3 - (1.0 - beta1)).abs() < 1e-12;
    match rule {
        LinearRule::Pnm { beta0, .. } | LinearRule::TwoBatch { beta0 } => Some((
            pnm::pnm_noise(variance, beta0),
            "γσ², γ = (1 + β₀)² + β₀²",
            "Xie et al., Positive-Negative Momentum, ICML 2021, eq. 9",
        )),
        rule => {
            let (beta1, beta3) = rule.heavy_ball()?;
            averaged(beta1, beta3).then(|| {
                (
                    pnm::momentum_noise(variance),
                    "σ², for β₃ = 1 − β₁",
                    "Xie et al., Positive-Negative Momentum, ICML 2021, eq. 4",
                )
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::asked::{answered, close, named, refused};

    #[test]
    fn pnm_beside_the_paper() {
        // 5 · 0.19/1.81 per step; at zero frequency 1; (1 + 2)² at the Nyquist frequency.
        let answer = answered("noise", "optimizer=pnm beta1=0.9 beta0=1");
        close(answer.paper.unwrap().number(), 5.0, 1e-15);
        let exact = answer.exact.unwrap();
        close(exact.number(), 0.95 / 1.81, 1e-13);
        close(named(&exact, "per_step"), exact.number(), 1e-15);
        close(named(&exact, "zero_frequency"), 1.0, 1e-13);
        close(named(&exact, "nyquist"), 9.0, 1e-12);
        // Nothing of γ is left after the normalisation.
        close(named(&exact, "per_step_normalised"), 0.19 / 1.81, 1e-13);
        close(named(&exact, "zero_frequency_normalised"), 0.2, 1e-13);
        let double = answered("noise", "optimizer=pnm noise_variance=2");
        close(double.exact.unwrap().number(), 1.9 / 1.81, 1e-13);
        assert!(answer.notes[0].contains("0.447214"), "{:?}", answer.notes);
    }

    #[test]
    fn momentum_beside_the_paper() {
        let answer = answered("noise", "optimizer=sgdm beta1=0.9");
        close(answer.paper.clone().unwrap().number(), 1.0, 1e-15);
        close(answer.exact.unwrap().number(), 0.1 / 1.9, 1e-13);
        let same = answered("noise", "optimizer=heavy-ball beta3=0.1");
        assert_eq!(same.paper, answer.paper);
        let ball = answered("noise", "optimizer=heavy-ball");
        assert!(ball.paper.is_none() && ball.notes[0].contains("no paper"));
        close(named(&ball.exact.unwrap(), "zero_frequency"), 100.0, 1e-12);
        let two = answered("noise", "optimizer=two-batch beta0=2");
        close(
            two.exact.unwrap().number(),
            two.paper.unwrap().number(),
            1e-13,
        );
    }

    #[test]
    fn what_makes_no_sense_is_one_sentence() {
        for (text, message) in [
            (
                "optimizer=adam",
                "optimizer = adam: its direction is not linear",
            ),
            ("optimizer=pmn", "did you mean \"pnm\"?"),
            ("optimizer=sgd beta1=0.5", "beta1 = 0.5: sgd has none"),
            ("beta1=1", "must be at least 0 and below 1"),
            ("eta=1", "unknown key `eta`"),
            (
                "optimizer=momentum nesterov=2",
                "must be 0 or 1, false or true",
            ),
        ] {
            let refusal = refused("noise", text);
            assert!(refusal.starts_with("predict noise: "), "{refusal}");
            assert!(refusal.contains(message), "{refusal}");
        }
    }
}
