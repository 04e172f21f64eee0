//! From the symbols of a recording to an update rule of the lab.

use super::recording::{Case, CaseGroup, Symbols};
use crate::spec::written;
use base::error::{Error, Result};
use base::shown::interval;
use simulation::optimizer::entry::is_decay;
use simulation::optimizer::registry::find;
use simulation::optimizer::{Course, Entry, Schedule, Values};

/// The lab's name for what a recording calls `optimizer`: recorded SGD is torch's, with momentum or
/// without, and RAdam comes in torch's form and in its authors', which has a switch that torch's lacks.
fn built_in(optimizer: &str, symbols: &Symbols) -> Option<&'static Entry> {
    find(match optimizer {
        "sgd" | "sgdm" => "momentum",
        "radam" if symbols.contains_key("degenerated_to_sgd") => "radam-authors",
        other => other,
    })
}

/// The parameter that a kind of weight decay sets to λ.
fn decay_key(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "l2" => "l2",
        "decoupled" | "decoupled_only_when_updating" => "decoupled_decay",
        "stable" => "stable_decay",
        "fixed" => "fixed_decay",
        _ => return None,
    })
}

/// A second parameter that a recorded symbol stands for: Yogi's accumulator starts both moments.
fn also(symbol: &str) -> Option<&'static str> {
    (symbol == "v_init").then_some("m_init")
}

/// The rule of a group, one of `own` where there are such, and its hyper-parameters: the case's, with the group's on top.
pub fn resolve(
    optimizer: &str,
    case: &Case,
    group: &CaseGroup,
    own: Option<&[&'static Entry]>,
    place: &str,
) -> Result<(&'static Entry, Values)> {
    let bad = |what: String| Error::Input(format!("{place}: {what}"));
    let mut symbols = case.paper.clone();
    symbols.extend(group.paper.clone());
    let entry = match own {
        Some(own) => own.iter().copied().find(|entry| entry.name == optimizer),
        None => built_in(optimizer, &symbols),
    };
    let entry = entry.ok_or_else(|| {
        bad(match own {
            None => format!("no update rule is called `{optimizer}`"),
            Some(own) => {
                let names: Vec<String> = own.iter().map(|e| format!("`{}`", e.name)).collect();
                format!(
                    "`{optimizer}` is recorded, and the file of rules has none of that name: it has {}",
                    names.join(", ")
                )
            }
        })
    })?;
    let kind = symbols
        .get("weight_decay_kind")
        .and_then(|kind| kind.as_str())
        .ok_or_else(|| bad("`paper` lacks the key `weight_decay_kind`".into()))?
        .to_string();
    let mut values = Values::defaults(entry, 0.0);
    for (key, value) in &mut values.numbers {
        if is_decay(key) {
            *value = 0.0;
        }
    }
    let mut given = Vec::new();
    for (symbol, value) in &symbols {
        if symbol == "weight_decay_kind" {
            continue;
        }
        let number = match value {
            serde_json::Value::Bool(on) => Some(f64::from(u8::from(*on))),
            other => other.as_f64(),
        };
        let number = number.ok_or_else(|| bad(format!("`paper.{symbol}` is not a number")))?;
        let key = if symbol == "lambda" {
            match decay_key(&kind) {
                Some(key) => key,
                None if kind == "none" && number == 0.0 => continue,
                None => return Err(bad(format!("weight decay `{kind}` with λ = {number}"))),
            }
        } else {
            symbol
        };
        let mut known = false;
        for key in also(symbol).into_iter().chain([key]) {
            if let Some(slot) = values.numbers.get_mut(key) {
                in_range(entry, key, number).map_err(|w| bad(format!("`paper.{symbol}` {w}")))?;
                *slot = number;
                given.push(key.to_string());
                known = true;
            }
        }
        // What a rule does not have must be off in the recording.
        let off = number == 0.0 || implied(entry.name, symbol);
        if !known && !off {
            return Err(bad(format!("{} has no `{symbol}`", entry.name)));
        }
    }
    for p in entry.parameters {
        // A rule of one's own may know more than the recording does.
        let needed = own.is_none() || p.default.is_none();
        if needed && !is_decay(p.name) && !given.iter().any(|key| key == p.name) {
            let recorded = symbols.keys().filter(|key| *key != "weight_decay_kind");
            let recorded = recorded.map(|key| match key.as_str() {
                "lambda" => "`lambda` (of weight decay)".to_string(),
                key => format!("`{key}`"),
            });
            let recorded = recorded.collect::<Vec<_>>().join(", ");
            return Err(bad(format!(
                "`paper` lacks the key `{}`, a hyper-parameter of `{}`; recorded are {recorded}",
                p.name, entry.name
            )));
        }
    }
    values.schedule = Schedule {
        warmup: 0,
        course: if case.lr_schedule.is_empty() {
            Course::Constant
        } else {
            Course::Step {
                steps: case.lr_schedule.clone(),
            }
        },
    };
    Ok((entry, values))
}

/// Whether a parameter takes this value; if not, what it takes.
fn in_range(entry: &Entry, key: &str, value: f64) -> std::result::Result<(), String> {
    let Some(p) = entry.parameters.iter().find(|p| p.name == key) else {
        return Ok(());
    };
    if p.switch && value.fract() != 0.0 || !(p.low..=p.high).contains(&value) {
        return Err(format!(
            "is {}, outside {}: {}",
            written(value),
            interval(p.low, p.high),
            p.meaning
        ));
    }
    Ok(())
}

/// Switches that are on in a rule by its name alone.
fn implied(name: &str, symbol: &str) -> bool {
    (name, symbol) == ("amsgrad", "amsgrad")
}
