//! Cards of rules by formula whose numbers are known by hand.

use simulation::optimizer::Values;
use simulation::optimizer::registry::{Rules, find};

use super::{Card, ETA};
use crate::optimizer::Tuned;
use crate::rules::carried;

fn card(rule: &str) -> Card {
    let text = format!("[[rule]]\nname = \"own\"\n{rule}");
    let rules = carried("own.toml", &text, Rules::none()).unwrap();
    let entry = rules.find("own").unwrap();
    let values = Values::defaults(entry, ETA);
    Card::of(&Tuned { entry, values }).unwrap()
}

fn value(card: &Card, name: &str) -> Option<f64> {
    card.fact(name).unwrap().value
}

fn close(card: &Card, name: &str, expected: f64) {
    let fact = card.fact(name).unwrap();
    let found = fact.value.unwrap_or_else(|| panic!("{fact:?}"));
    assert!((found / expected - 1.0).abs() < 1e-9, "{name} {found}");
}

/// Integral control, d = g + Σg/100: with a = ηh it is stable where |z² − (2 − 1.01a)z + 1 − a| has its roots inside the unit circle, to
/// a = 4/2.01, and Var θ follows from the two weights. A sum of gradients never fades: no mean, no power.
#[test]
fn a_sum_of_gradients() {
    let card = card("state = { d = 0 }\nstep = \"d = d + g\\nupdate = eta*(g + 0.01*d)\"");
    close(&card, "stability_limit", 4.0 / 2.01);
    let ratio = value(&card, "stationary_variance").unwrap();
    assert!((ratio - 1.20515).abs() < 5e-6, "{ratio}");
    for name in [
        "effective_rate",
        "lag",
        "effective_momentum",
        "noise_power",
        "temperature",
    ] {
        let fact = card.fact(name).unwrap();
        assert!(
            fact.value.is_none() && fact.how.contains("does not fade"),
            "{fact:?}"
        );
    }
}

/// A memory that grows has no mean, lag or power, whatever its formulas come to there.
#[test]
fn a_memory_that_grows() {
    let card = card("state = { p = 0 }\nstep = \"p = 1.1*p + g\\nupdate = eta*p\"");
    for name in [
        "effective_rate",
        "lag",
        "effective_momentum",
        "noise_power",
        "stability_limit",
        "stationary_variance",
    ] {
        assert_eq!(value(&card, name), None, "{name}");
    }
    assert!(card.curves.power.is_empty());
}

/// Nesterov's momentum with gradients at θ − ημv: its updates are those of an average, and at θ − ημv it is torch's. Both are linear, and
/// homogeneous.
#[test]
fn gradients_ahead() {
    let ahead = card(
        "hyper = { mu = 0.9 }\nstate = { v = 0 }\nat = \"theta - eta*mu*v\"\nstep = \"v = mu*v + g\\nupdate = eta*v\"",
    );
    let entry = find("momentum").unwrap();
    let values = Values::defaults(entry, ETA)
        .with("mu", 0.9)
        .with("nesterov", 1.0);
    let torch = Card::of(&Tuned { entry, values }).unwrap();
    for name in [
        "stability_limit",
        "saddle_growth",
        "effective_rate",
        "noise_power",
        "degree",
        "memory",
    ] {
        close(&ahead, name, value(&torch, name).unwrap());
    }
    close(&ahead, "degree", 1.0);
    close(&ahead, "lag", 9.0);
    let sde = &ahead.fact("sde").unwrap().how;
    assert!(!sde.contains("inertia"), "{sde}");
}

/// A rule that takes twice the negative gradients: u has the mean −E|g|/2 and the variance 5/2 − 1/(2π), which is its power, and a drift
/// of all is no noise. Nor is the place where it settles.
#[test]
fn drifts_are_no_noise() {
    let card = card("step = \"update = eta*where(g > 0, g, 2*g)\"");
    let power = card.fact("noise_power").unwrap();
    let expected = 2.5 - 0.5 / std::f64::consts::PI;
    let [low, high] = power.interval.unwrap();
    assert!(
        low < expected && expected < high && high - low < 1.0,
        "{power:?}"
    );
    let settled = card.fact("stationary_variance").unwrap();
    let [low, high] = settled.interval.unwrap();
    assert!(low < 1.47 && 1.47 < high && high - low < 0.3, "{settled:?}");
}

/// Steps that shrink for ever take no card's time.
#[test]
fn steps_that_shrink() {
    let card = card("step = \"update = eta*g/t\"");
    let escape = card.fact("escape").unwrap();
    assert!(
        escape.value.is_none() && escape.how.contains("steps"),
        "{escape:?}"
    );
}
