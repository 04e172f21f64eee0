//! `predict weak`: how far SGD and SGDM are apart when the same noise drives both.

use super::Quantity;
use super::answer::{Answer, Prediction, numbers};
use super::inputs::Inputs;
use super::key::{Key, Range};
use base::error::Result;
use prediction::exact::{CommonNoise, InertialLimit};
use prediction::theory::marginal_value;

const ALPHA: Key = Key::new("alpha", "0.5", Range::Share, "α in β = 1 − cη^α");
const C: Key = Key::new("c", "0.5", Range::Positive, "c in β = 1 − cη^α");
const ETA: Key = Key::new("eta", "0.0039", Range::Positive, "η, the learning rate");
const H: Key = Key::new("h", "1", Range::Finite, "h, the curvature of ½hx²");
const X0: Key = Key::new("x0", "1.5", Range::Finite, "x₀, where both start");
const HORIZON: Key = Key::new(
    "horizon",
    "2",
    Range::Positive,
    "T, the dynamical time: T/η steps, 1e8 at most",
);
const NOISE_VARIANCE: Key = Key::new(
    "noise_variance",
    "1",
    Range::NotNegative,
    "Σ, where one stochastic gradient has the variance Σ/η",
);
const MOMENTUM: Key = Key::new(
    "momentum",
    "gradient",
    Range::Name,
    "gradient: m₀ = ∇L(x₀); or zero",
);

/// The quantity.
pub const WEAK: Quantity = Quantity {
    name: "weak",
    summary: "largest distance of SGD and SGDM over T/η steps in common noise: of E x, of E x², and root mean square",
    keys: &[&[ALPHA, C, ETA, H, X0, HORIZON, NOISE_VARIANCE, MOMENTUM]],
    answer,
};

fn answer(mut inputs: Inputs) -> Result<Answer> {
    inputs.only(&WEAK.names())?;
    let alpha = inputs.number(&ALPHA)?;
    let c = inputs.number(&C)?;
    let eta = inputs.number(&ETA)?;
    let beta = inputs.among(
        &[C.name, ETA.name, ALPHA.name],
        CommonNoise::beta(eta, alpha, c),
    )?;
    let pair = CommonNoise {
        eta,
        beta,
        h: inputs.number(&H)?,
        x0: inputs.number(&X0)?,
        sigma: 0.0,
        momentum_at_gradient: true,
    };
    let horizon = inputs.number(&HORIZON)?;
    let pair = CommonNoise {
        sigma: inputs.number(&NOISE_VARIANCE)?,
        momentum_at_gradient: inputs.choice(&MOMENTUM, &["gradient", "zero"])? == "gradient",
        ..pair
    };
    let apart = inputs.among(&[HORIZON.name, ETA.name], pair.apart(horizon))?;
    let mut values = numbers([
        ("sup_mean", apart.mean),
        ("sup_second", apart.second),
        ("sup_strong", apart.strong),
        ("lag", pair.lag()),
        ("beta", beta),
    ]);
    let mut notes = Vec::new();
    let last = pair.last_step(horizon);
    if (last * eta - horizon).abs() > 1e-9 * horizon {
        notes.push(format!(
            "T/η = {} is no whole number: the last step is k = {last}, at the time kη = {}",
            horizon / eta,
            last * eta
        ));
    }
    // At twice the learning rate, where that leaves a momentum and a step.
    let coarse = CommonNoise::beta(2.0 * eta, alpha, c).and_then(|beta| {
        let coarse = CommonNoise {
            eta: 2.0 * eta,
            beta,
            ..pair
        };
        coarse.apart(horizon)
    });
    match coarse {
        Ok(coarse) => {
            for (name, fine, coarse) in [
                ("order_mean", apart.mean, coarse.mean),
                ("order_second", apart.second, coarse.second),
                ("order_strong", apart.strong, coarse.strong),
            ] {
                // Where one is 0 the two are the same at every step, and where one is no number a note says so.
                if coarse > 0.0 && fine > 0.0 && coarse.is_finite() && fine.is_finite() {
                    values.push((name, (coarse / fine).log2().into()));
                } else {
                    let why = if coarse == 0.0 {
                        "at 2η the two do not differ"
                    } else if fine == 0.0 {
                        "at η the two do not differ"
                    } else {
                        "one of the distances exceeds the largest double"
                    };
                    notes.push(format!("no {name} between η and 2η: {why}"));
                }
            }
        }
        Err(why) => notes.push(format!("no order between η and 2η: {why}")),
    }
    let paper = marginal_value::weak_order(alpha).map(|order| Prediction {
        values: numbers([("order", order)]),
        unit: "(weak order in η, at least)",
        formula: "(1 − α)/2".into(),
        source: "Wang et al., The Marginal Value of Momentum, ICLR 2024, Theorem 4.5",
        validity: marginal_value::weak_validity(&pair)
            .iter()
            .map(ToString::to_string)
            .collect(),
    });
    if let Err(why) = &paper {
        notes.push(format!("no order of the paper: {why}"));
        let limit = InertialLimit {
            c,
            h: pair.h,
            sigma: pair.sigma,
            x0: pair.x0,
            momentum_at_gradient: pair.momentum_at_gradient,
        };
        let (mean, second) = inputs.among(
            &[HORIZON.name, C.name, H.name, ETA.name],
            limit.apart(horizon),
        )?;
        values.extend(numbers([("limit_mean", mean), ("limit_second", second)]));
    }
    Ok(Answer {
        quantity: WEAK.name,
        summary: WEAK.summary,
        inputs: inputs.resolved(),
        paper: paper.ok(),
        exact: Some(Prediction {
            values,
            unit: "(|E x − E z|)",
            formula: "sup over k ≤ T/η of |E x_k − E z_k|, |E x_k² − E z_k²| and √E(x_k − z_k)²; lag = ηβ/(1 − β); \
                      orders between η and 2η"
                .into(),
            source: "joint first and second moments of both recursions, step by step",
            validity: Vec::new(),
        }),
        notes,
    })
}

#[cfg(test)]
mod tests {
    use super::super::asked::{answered, close, named, refused};

    #[test]
    fn the_default_is_a_row_of_the_table() {
        // α = c = 1/2 at η = 2⁻⁸.
        let answer = answered(
            "weak",
            "alpha=0.5 c=0.5 eta=0.00390625 h=1 x0=1.5 horizon=2",
        );
        let exact = answer.exact.unwrap();
        close(exact.number(), 7.1079667147e-2, 1e-10);
        close(named(&exact, "sup_mean"), 7.1079667147e-2, 1e-10);
        close(named(&exact, "sup_second"), 1.6811628995e-1, 1e-10);
        close(named(&exact, "sup_strong"), 2.4679792880e-1, 1e-10);
        for (name, order) in [
            ("order_mean", 0.511),
            ("order_second", 0.396),
            ("order_strong", 0.247),
        ] {
            assert!((named(&exact, name) - order).abs() < 6e-4, "{name}");
        }
        let paper = answer.paper.unwrap();
        assert_eq!(paper.number(), 0.25);
        assert!(paper.source.contains("Theorem 4.5"));
    }

    #[test]
    fn with_alpha_one_there_is_another_limit() {
        let answer = answered("weak", "alpha=1 c=2 eta=0.00006103515625");
        assert!(answer.paper.is_none());
        assert!(answer.notes[0].contains("different limits"));
        let exact = answer.exact.unwrap();
        close(exact.number(), 0.31178538, 2e-8);
        close(named(&exact, "limit_mean"), 0.31182, 2e-5);
        close(named(&exact, "limit_second"), 0.45576, 2e-5);
    }

    #[test]
    fn an_order_may_be_missing() {
        // At 2η β would be negative.
        let answer = answered("weak", "alpha=0 c=0.9 eta=0.01");
        assert!(named(&answer.exact.unwrap(), "order_mean").is_finite());
        let answer = answered("weak", "alpha=0.5 c=3 eta=0.1");
        assert!(answer.notes[0].contains("no order"), "{:?}", answer.notes);
    }

    #[test]
    fn what_makes_no_sense_is_one_sentence() {
        for (text, message) in [
            ("alpha=2", "alpha = 2: must be from 0 to 1"),
            ("c=100", "c = 100: β = 1 − cη^α = -5.24"),
            ("eta=1e-9", "eta = 1e-9: the horizon 2 at η"),
            ("horizon=0.0001", "is 0 steps"),
            ("momentum=one", "expected gradient or zero"),
            ("horizont=1", "did you mean `horizon`?"),
        ] {
            let refusal = refused("weak", text);
            assert!(refusal.starts_with("predict weak: "), "{refusal}");
            assert!(refusal.contains(message), "{refusal}");
        }
    }
}
