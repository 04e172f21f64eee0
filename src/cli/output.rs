//! What `reproduce` and `run` print: the verdict table, or one JSON document.

use std::path::Path;

use serde_json::json;

use super::args::Common;
use crate::report::record::Record;
use crate::report::{markdown, summary};
use crate::verdict::overall::overall;

/// The verdict table and where everything lies, or the JSON document of the contract.
pub fn summary(records: &[Record], common: &Common, seconds: f64) {
    if common.json {
        println!("{:#}", document(records, common, seconds));
        return;
    }
    println!("{}", markdown::terminal(records));
    println!("{}", where_it_lies(&common.out));
    let steps: u64 = records.iter().map(|r| r.manifest.particle_steps).sum();
    println!("{steps:.3e} particle-steps in {seconds:.1} s, seed {}", common.seed);
}

/// Where report and figures lie.
pub fn where_it_lies(out: &Path) -> String {
    format!(
        "report:  {}\ntable:   {}\nfigures: {}",
        out.join("report.html").display(),
        out.join("report.md").display(),
        out.join("*/*.svg").display()
    )
}

fn document(records: &[Record], common: &Common, seconds: f64) -> serde_json::Value {
    let claims: Vec<serde_json::Value> = summary::claims(records)
        .iter()
        .map(|claim| {
            let found = overall(claim.rulings.iter().copied());
            // The row whose numbers speak for the claim: the first deciding one of its verdict.
            let speaker = claim
                .rulings
                .iter()
                .find(|r| r.decides && r.verdict == found.verdict)
                .or(claim.rulings.first());
            json!({
                "id": claim.id,
                "verdict": found.verdict,
                "why": found.why,
                "tolerance": speaker.map(|r| r.tolerance),
                "paper": speaker.and_then(|r| r.paper),
                "exact": speaker.and_then(|r| r.exact),
                "measured": speaker.and_then(|r| r.measured.as_ref()),
                "cells": claim.rulings,
            })
        })
        .collect();
    let checks: Vec<serde_json::Value> = summary::self_checks(records)
        .iter()
        .map(|check| json!(check))
        .collect();
    json!({
        "claims": claims,
        "self_checks": checks,
        "seconds": seconds,
        "particle_steps": records.iter().map(|r| r.manifest.particle_steps).sum::<u64>(),
        "seed": common.seed,
        "out": common.out,
    })
}
