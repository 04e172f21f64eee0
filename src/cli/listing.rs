//! `kramers claims`, `kramers list` and `kramers schema`.

use super::stdout::say;
use serde_json::json;

use super::args::Kind;
use super::{Program, describe};
use base::error::Result;
use report::schema::{self, Field};
use simulation::{landscape, noise, optimizer, sde};

/// Prints every claim.
///
/// # Errors
/// A paper that the program carries cannot be read.
pub fn claims(program: &Program, as_json: bool) -> Result<()> {
    let papers = program.papers()?;
    let claims: Vec<_> = papers.claims().collect();
    if as_json {
        say!("{:#}", json!(claims));
        return Ok(());
    }
    for claim in claims {
        say!("{:14} {}", claim.id, claim.statement);
        match &claim.experiment {
            Some(file) => say!("{:14} experiments/{file}", ""),
            None => say!("{:14} {}: {}", "", claim.status.words(), claim.why),
        }
    }
    Ok(())
}

/// Prints what experiment files may name.
///
/// # Errors
/// As [`claims`].
pub fn list(program: &Program, what: Kind, as_json: bool) -> Result<()> {
    let document = match what {
        Kind::Landscapes => json!(landscape::registry::ENTRIES),
        Kind::Noises => json!(noise::registry::ENTRIES),
        Kind::Optimizers => json!(optimizer::registry::ENTRIES),
        Kind::Integrators => json!(sde::registry::ENTRIES),
        Kind::Papers => return describe::list(program, as_json),
    };
    if as_json {
        say!("{document:#}");
        return Ok(());
    }
    for entry in document.as_array().into_iter().flatten() {
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_string();
        say!("{:18} {}", text("name"), text("formula"));
        say!("{:18} {}", "", text("source"));
        if let Some(scope) = entry["scope"].as_str() {
            say!("{:18} {scope}", "");
            say!("{:18} {}", "", orders(entry));
        }
        for p in entry["parameters"].as_array().into_iter().flatten() {
            let default = match &p["default"] {
                serde_json::Value::Null => "no default".to_string(),
                value if p["switch"] == true => {
                    format!("default {}", if value == 1.0 { "true" } else { "false" })
                }
                value => format!("default {value}"),
            };
            say!(
                "{:20} {:18} {:16} {}",
                "",
                p["name"].as_str().unwrap_or_default(),
                default,
                p["meaning"].as_str().unwrap_or_default()
            );
        }
    }
    Ok(())
}

/// Prints what the columns of every table are.
///
/// # Errors
/// None; the signature is that of every command.
pub fn schema(as_json: bool) -> Result<()> {
    let mut rules: Vec<Field<'_>> = Vec::new();
    let parameters = optimizer::registry::ENTRIES.iter();
    for parameter in parameters.flat_map(|entry| entry.parameters) {
        let mut known = schema::AXES.iter().chain(&rules);
        if known.all(|known| known.name != parameter.name) {
            rules.push(Field {
                name: parameter.name,
                unit: "",
                meaning: parameter.meaning,
            });
        }
    }
    let axes = || schema::AXES.iter().chain(&rules);
    if as_json {
        let tables: Vec<_> = schema::sheets().collect();
        let axes: Vec<_> = axes().collect();
        say!("{:#}", json!({ "tables": tables, "axes": axes }));
        return Ok(());
    }
    let print = |field: &Field<'_>| {
        say!("  {:28} {:16} {}", field.name, field.unit, field.meaning);
    };
    for sheet in schema::sheets() {
        let of = match sheet.protocols {
            [] => String::new(),
            protocols => format!(" of {}", protocols.join(", ")),
        };
        say!("{}{of}: a row is {}", sheet.name, sheet.row);
        sheet.columns.iter().for_each(print);
        say!("");
    }
    say!("axes of estimates: columns where they differ among the rows");
    axes().for_each(print);
    Ok(())
}

/// The declared orders of an integrator; JSON has no infinity, which an exact one declares.
fn orders(entry: &serde_json::Value) -> String {
    let order = |value: &serde_json::Value| match value.as_f64() {
        Some(order) => order.to_string(),
        None => "∞".to_string(),
    };
    let additive = &entry["additive"];
    format!(
        "weak order {}, strong {}; in additive noise {} and {}",
        order(&entry["weak_order"]),
        order(&entry["strong_order"]),
        order(&additive["weak"]),
        order(&additive["strong"])
    )
}
