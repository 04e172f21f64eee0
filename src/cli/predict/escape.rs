//! `predict escape`: the escape times that the diffusion theory's papers give.

use super::Quantity;
use super::answer::{Answer, Prediction, RELATIVE_ERROR, numbers};
use super::inputs::{Inputs, WordOrNumber};
use super::key::{Key, Range};
use super::optimizer::BETA3;
use base::error::Result;
use prediction::condition::Condition;
use prediction::exact::Interpretation;
use prediction::exact::two_temperature::TwoTemperature;
use prediction::theory::adai::{self, Escape, EscapeTime, Inertia};

const OPTIMIZER: Key = Key::new(
    "optimizer",
    "sgd",
    Range::Name,
    "sgd, sgdm, heavy-ball, adam or adai",
);
const ETA: Key = Key::new("eta", "0.05", Range::Positive, "η, the learning rate");
const BATCH: Key = Key::new("batch", "1", Range::Positive, "B, with C(θ) = |H(θ)|/B");
const H_MIN: Key = Key::new(
    "h_min",
    "2",
    Range::Positive,
    "H_a, curvature at the minimum along the way out",
);
const H_SADDLE: Key = Key::new(
    "h_saddle",
    "1",
    Range::NotZero,
    "H_b, curvature at the saddle along it; only the magnitude enters",
);
const BARRIER: Key = Key::new("barrier", "1", Range::Positive, "ΔL, the barrier");
const S: Key = Key::new(
    "s",
    "matched",
    Range::Share,
    "share of the way with the minimum's noise, or matched: |H_b|/(H_a + |H_b|), where two parabolas join smoothly",
);
const BETA1: Key = Key::new("beta1", "0.9", Range::BelowOne, "β₁ of sgdm and heavy-ball");

/// The quantity.
pub const ESCAPE: Quantity = Quantity {
    name: "escape",
    summary: "mean escape time over a saddle as the papers give it, under C(θ) = |H(θ)|/B",
    keys: &[&[
        OPTIMIZER, ETA, BATCH, H_MIN, H_SADDLE, BARRIER, S, BETA1, BETA3,
    ]],
    answer,
};

const UNIT: &str = "(dynamical time: iterations × η)";
/// Standard deviations beyond the top after which a return is out of question.
const BEYOND: f64 = 8.0;
/// How far s may lie from the matched one and still be it.
const SAME_S: f64 = 1e-9;

fn answer(mut inputs: Inputs) -> Result<Answer> {
    inputs.only(&ESCAPE.names())?;
    let rules = ["sgd", "sgdm", "heavy-ball", "adam", "adai"];
    let optimizer = inputs.choice(&OPTIMIZER, &rules)?;
    let mut escape = Escape {
        eta: inputs.number(&ETA)?,
        batch: inputs.number(&BATCH)?,
        h_min: inputs.number(&H_MIN)?,
        h_saddle: inputs.number(&H_SADDLE)?,
        barrier: inputs.number(&BARRIER)?,
        s: 0.0,
    };
    let matched = escape.h_saddle.abs() / (escape.h_min + escape.h_saddle.abs());
    escape.s = match inputs.word_or_number(&S, &["matched"])? {
        WordOrNumber::Word(_) => matched,
        WordOrNumber::Number(s) => s,
    };
    inputs.record(S.name, escape.s);
    let inertia = inertia(&mut inputs, optimizer, escape.eta)?;

    let mut notes = Vec::new();
    let paper = match (&inertia, optimizer) {
        (Some(inertia), _) => timed(
            adai::momentum(&escape, inertia)?,
            "π[√(1 + 4|H_b|/(γ²M)) + 1]/|H_b| exp[(2γMBΔL/η)(s/H_a + (1 − s)/|H_b|)], γ = (1 − β₁)/η, M = η/β₃",
            "Xie et al., Adaptive Inertia, ICML 2022, Theorem 3",
            &adai::momentum_validity(&escape, inertia)?,
        ),
        (None, "adam") => ordered(
            adai::adam_log_order(&escape)?,
            "ln τ = O(2√B ΔL/(η√H_a))",
            "Xie et al., Adaptive Inertia, ICML 2022, Proposition 2",
            &mut notes,
        ),
        (None, "adai") => ordered(
            adai::adai_log_order(&escape)?,
            "ln τ = O(2BΔL/(ηH_a))",
            "Xie et al., Adaptive Inertia, ICML 2022, Proposition 4",
            &mut notes,
        ),
        (None, _) => timed(
            adai::sgd(&escape)?,
            "2π/|H_b| exp[(2BΔL/η)(s/H_a + (1 − s)/|H_b|)]",
            "Xie, Sato and Sugiyama, ICLR 2021, Theorem 3.2",
            &adai::validity(&escape)?,
        ),
    };
    let exact = if optimizer != "sgd" {
        Err(format!(
            "the state of {optimizer} is more than θ, and its escape has no closed reference"
        ))
    } else if (escape.s - matched).abs() > SAME_S {
        Err(format!(
            "two parabolas that join smoothly have s = |H_b|/(H_a + |H_b|) = {matched}, not {}; \
             leave s out for that",
            escape.s
        ))
    } else {
        exact(&escape).map_err(|error| error.to_string())
    };
    Ok(Answer {
        quantity: ESCAPE.name,
        summary: ESCAPE.summary,
        inputs: inputs.resolved(),
        paper: Some(paper),
        exact: exact
            .map_err(|why| notes.push(format!("no exact value: {why}")))
            .ok(),
        notes,
    })
}

/// Damping and mass of the rules with momentum; refuses the βs that a rule does not have.
fn inertia(inputs: &mut Inputs, optimizer: &str, eta: f64) -> Result<Option<Inertia>> {
    let why = format!("the escape time of {optimizer} does not depend on it; leave it out");
    if !["sgdm", "heavy-ball"].contains(&optimizer) {
        inputs.without(BETA1.name, &why)?;
        inputs.without(BETA3.name, &why)?;
        return Ok(None);
    }
    let beta1 = inputs.number(&BETA1)?;
    let beta3 = if optimizer == "sgdm" {
        let why = "sgdm is the exponential average, with β₃ = 1 − β₁; ask heavy-ball for another";
        inputs.without(BETA3.name, why)?;
        1.0 - beta1
    } else {
        inputs.number(&BETA3)?
    };
    Inertia::of_rule(eta, beta1, beta3).map(Some)
}

fn timed(
    time: EscapeTime,
    formula: &str,
    source: &'static str,
    validity: &[Condition],
) -> Prediction {
    Prediction {
        values: numbers([
            ("tau", time.time),
            ("iterations", time.iterations),
            ("exponent", time.exponent),
            ("prefactor", time.prefactor),
        ]),
        unit: UNIT,
        formula: formula.into(),
        source,
        validity: validity.iter().map(ToString::to_string).collect(),
    }
}

fn ordered(order: f64, formula: &str, source: &'static str, notes: &mut Vec<String>) -> Prediction {
    notes.push("the paper gives the order of ln τ, a scale up to a constant, and no τ".into());
    Prediction {
        values: numbers([("log_order", order)]),
        unit: "(the order of ln τ)",
        formula: formula.into(),
        source,
        validity: Vec::new(),
    }
}

/// The Itô time of the two-temperature well to where nothing returns.
fn exact(escape: &Escape) -> Result<Prediction> {
    let Escape {
        eta,
        batch,
        h_min,
        h_saddle,
        barrier,
        ..
    } = *escape;
    let well = TwoTemperature::new(h_min, h_saddle, barrier, eta / batch)?;
    let beyond = |reading| well.time_beyond_top(BEYOND, reading);
    let ito = beyond(Interpretation::Ito)?;
    Ok(Prediction {
        values: numbers([
            ("tau", ito.mean),
            ("iterations", ito.mean / eta),
            ("to_top", well.time_to_top(Interpretation::Ito)?.mean),
            ("stratonovich", beyond(Interpretation::Stratonovich)?.mean),
            ("anti_ito", beyond(Interpretation::AntiIto)?.mean),
            (RELATIVE_ERROR, ito.relative_error),
        ]),
        unit: UNIT,
        formula: "Itô's first passage, 8 standard deviations √(η/(2B)) beyond the top of the well whose two parabolas join smoothly".into(),
        source: "quadrature (Gardiner, Handbook of Stochastic Methods, section 5.2.7)",
        validity: Vec::new(),
    })
}

#[cfg(test)]
#[path = "escape_tests.rs"]
mod tests;
