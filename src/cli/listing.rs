//! `kramers claims`, `kramers list` and `kramers schema`.

use super::stdout::say;
use std::path::Path;

use serde_json::json;

use super::args::Kind;
use super::papers::{path, with_folder};
use super::{Program, describe, named};
use base::error::Result;
use report::schema::{self, Field};
use simulation::{landscape, noise, optimizer, sde};
use verdict::Status;

/// Prints every claim that the program carries, or those of a folder's paper.
///
/// # Errors
/// A paper cannot be read.
pub fn claims(program: &Program, folder: Option<&Path>, as_json: bool) -> Result<()> {
    let papers = program.papers()?;
    let here = folder
        .map(|folder| with_folder(papers.clone(), folder))
        .transpose()?;
    let claims: Vec<_> = match &here {
        Some(here) => here.paper.claims.iter().collect(),
        None => papers.claims().collect(),
    };
    if as_json {
        say!("{:#}", json!(claims));
        return Ok(());
    }
    for claim in claims {
        say!("{:14} {}", claim.id, claim.statement);
        for file in claim.files() {
            say!("{:14} {}", "", path(here.as_ref(), file));
        }
        if claim.status != Status::Decided {
            say!("{:14} {}: {}", "", claim.status.words(), claim.why);
        }
    }
    Ok(())
}

/// Prints what files may name.
///
/// # Errors
/// An experiment that the program carries cannot be read.
pub fn list(program: &Program, what: Kind, as_json: bool) -> Result<()> {
    let catalogue = &program.catalogue()?;
    let kind = match what {
        Kind::Protocols => "protocols",
        Kind::Observables => "observables",
        Kind::Reductions => "reductions",
        Kind::Facts => "facts",
        Kind::Experiments => "experiments",
        Kind::Landscapes => "landscapes",
        Kind::Noises => "noises",
        Kind::Optimizers => "optimizers",
        Kind::Integrators => "integrators",
        Kind::Papers => return describe::list(program, as_json),
    };
    if as_json {
        let document = match what {
            Kind::Landscapes => json!(landscape::registry::ENTRIES),
            Kind::Noises => json!(noise::registry::ENTRIES),
            Kind::Optimizers => json!(optimizer::registry::ENTRIES),
            Kind::Integrators => json!(sde::registry::ENTRIES),
            _ => json!(named::group(catalogue, kind)?.names),
        };
        say!("{document:#}");
        return Ok(());
    }
    for entry in named::group(catalogue, kind)?.names {
        say!("{:18} {}", entry.name, entry.meaning);
        // Of a protocol the keys are many: `describe` has them.
        if what != Kind::Protocols {
            describe::details(&entry);
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
