//! `kramers predict QUANTITY key=value…`: closed forms and exact references, without a simulation.

mod answer;
#[cfg(test)]
mod asked;
mod catalogue;
mod course;
mod escape;
mod escape_rate;
mod exit_steps;
mod inputs;
mod key;
mod law;
mod mfpt;
mod noise;
mod noise_power;
mod optimizer;
mod pac_bayes;
mod quadratic;
mod saddle;
mod stability;
mod stationary;
mod stationary_density;
mod text;
mod weak;

use super::stdout::say;
use serde::Serialize;

pub use answer::{Answer, Beyond, Figure, Prediction};
pub use catalogue::{help, overview};
pub use key::{Key, Range};

use base::error::{Error, Result};
use experiment::spec::{did_you_mean, nearest};
use inputs::Inputs;
use simulation::optimizer::registry::Rules;

/// Something that can be predicted.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Quantity {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is.
    pub summary: &'static str,
    /// Its keys, in groups. Quantities on a landscape take that landscape's parameters too.
    pub keys: &'static [&'static [Key]],
    #[serde(skip)]
    answer: fn(Inputs) -> Result<Answer>,
}

/// Every quantity.
pub const QUANTITIES: &[Quantity] = &[
    stationary::STATIONARY,
    noise_power::NOISE,
    stability::STABILITY,
    saddle::SADDLE,
    weak::WEAK,
    pac_bayes::PAC_BAYES,
    escape::ESCAPE,
    mfpt::MFPT,
    exit_steps::EXIT_STEPS,
    escape_rate::ESCAPE_RATE,
    stationary_density::STATIONARY_DENSITY,
];

impl Quantity {
    /// The names of its keys.
    fn names(&self) -> Vec<&'static str> {
        self.keys
            .iter()
            .copied()
            .flatten()
            .map(|k| k.name)
            .collect()
    }
}

/// Prints the prediction, or what can be predicted when no quantity is named, or a quantity's keys
/// when the only assignment is `help`.
///
/// # Errors
/// An unknown quantity or key, or a value that cannot be used.
pub fn command(
    quantity: Option<&str>,
    assignments: &[String],
    rules: &Rules,
    json: bool,
) -> Result<()> {
    let Some(name) = quantity else {
        if json {
            say!("{:#}", serde_json::json!(QUANTITIES));
        } else {
            say!("{}", overview());
        }
        return Ok(());
    };
    if assignments == ["help"] {
        say!("{}", help(name)?);
        return Ok(());
    }
    let answer = predict_with(name, assignments, rules)?;
    if json {
        say!("{:#}", serde_json::json!(answer));
    } else {
        say!("{answer}");
    }
    Ok(())
}

/// The prediction of `quantity` at the given `key=value` assignments, every other key at its default.
///
/// ```
/// let answer = kramers_cli::predict::predict("mfpt", &["temperature=0.05".to_string()])?;
/// let exact = answer.exact.expect("the quartic well has an exact answer");
/// assert!((exact.number() - 361.9037595).abs() < 1e-6);
/// # Ok::<(), base::error::Error>(())
/// ```
///
/// # Errors
/// [`Error::Input`]: an unknown quantity or key (with the nearest known name), a value that is not a
/// number or out of range, or values that make no sense together. Where no exact value can be had,
/// that is no error: `exact` is `None` and a note says why.
pub fn predict(quantity: &str, assignments: &[String]) -> Result<Answer> {
    predict_with(quantity, assignments, &Rules::none())
}

/// The same, where `optimizer` may be one of the rules by formula among `rules`.
///
/// # Errors
/// As [`predict`], and a rule that is not linear.
pub fn predict_with(quantity: &str, assignments: &[String], rules: &Rules) -> Result<Answer> {
    let quantity = find(quantity)?;
    let inputs = Inputs::new(quantity.name, assignments)?.with_rules(rules);
    let given = inputs.assignments();
    let answer = (quantity.answer)(inputs)?;
    Ok(answer.representable(&given))
}

fn find(name: &str) -> Result<&'static Quantity> {
    let known = || QUANTITIES.iter().map(|q| q.name);
    known()
        .zip(QUANTITIES)
        .find_map(|(n, quantity)| (n == name).then_some(quantity))
        .ok_or_else(|| {
            let guess = nearest(name, known()).map_or_else(String::new, did_you_mean);
            Error::Input(format!(
                "predict: unknown quantity `{name}`{guess} (quantities: {})",
                known().collect::<Vec<_>>().join(", ")
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_a_quantity_is_resolved_and_has_a_meaning() {
        for quantity in QUANTITIES {
            let answer = predict(quantity.name, &[]).unwrap();
            assert_eq!(answer.quantity, quantity.name);
            for name in quantity.names() {
                let count = answer.inputs.iter().filter(|(key, _)| *key == name).count();
                assert_eq!(count, 1, "{} {name}", quantity.name);
            }
            for key in quantity.keys.iter().copied().flatten() {
                assert!(!key.meaning.is_empty(), "{}", key.name);
            }
            assert!(answer.exact.is_some());
            // Of stability no paper speaks, and the closed form of a density on a line is exact.
            let alone = ["stability", "stationary-density"].contains(&quantity.name);
            assert_eq!(answer.paper.is_none(), alone, "{}", quantity.name);
        }
    }

    #[test]
    fn defaults_spelt_out_give_the_same_answer() {
        for quantity in QUANTITIES {
            let answer = predict(quantity.name, &[]).unwrap();
            let spelt: Vec<String> = answer
                .inputs
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| match value.as_str() {
                    Some(word) => format!("{key}={word}"),
                    None => format!("{key}={value}"),
                })
                .collect();
            assert_eq!(predict(quantity.name, &spelt).unwrap(), answer);
        }
    }

    #[test]
    fn an_unknown_quantity_gets_the_nearest() {
        let error = predict("mftp", &[]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert_eq!(
            error.to_string(),
            "predict: unknown quantity `mftp`; did you mean `mfpt`? (quantities: stationary, noise, stability, saddle, weak, pac-bayes, escape, mfpt, exit-steps, escape-rate, stationary-density)"
        );
    }
}
