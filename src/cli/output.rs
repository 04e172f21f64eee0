//! What `reproduce` and `run` print: the verdict table, or one JSON document.

use super::stdout::say;
use std::path::Path;

use serde_json::json;

use super::args::Common;
use super::measured;
use report::record::Record;
use report::{number, summary};
use verdict::Ruling;

/// What was measured where there is one experiment, the verdict table, and where everything lies; or the JSON document
/// of the contract.
pub fn summary(records: &[Record], common: &Common, seconds: f64) {
    if common.json {
        say!("{:#}", document(records, common, seconds));
        return;
    }
    if let [record] = records {
        say!(
            "{}",
            measured::table(record, &common.out, measured::width())
        );
    }
    say!("{}", table(records).trim_end_matches('\n'));
    say!("");
    say!("{}", where_it_lies(&common.out));
    let steps: u64 = records.iter().map(|r| r.manifest.particle_steps).sum();
    say!(
        "{steps:.3e} particle-steps in {seconds:.1} s, seed {}",
        common.seed()
    );
}

/// The verdict table for a terminal: each claim with its verdict and why, its cases, the self-checks.
fn table(records: &[Record]) -> String {
    let mut text = String::new();
    for claim in summary::claims(records) {
        let word = claim.overall.word();
        text += &format!(
            "{:12} {:14} {}\n",
            claim.id,
            word.to_uppercase(),
            claim.overall.why
        );
        for ruling in &claim.rulings {
            text += &row(ruling);
        }
        text.push('\n');
    }
    let checks = summary::self_checks(records);
    if !checks.is_empty() {
        text += &format!("self-checks  {}\n", summary::self_check_sentence(records));
        for check in &checks {
            match check.passed {
                Some(true) => {}
                Some(false) => text += &format!("  FAILED {}: {}\n", check.id, check.why),
                None => text += &format!("  {}: {}\n", check.id, check.why),
            }
        }
        text.push('\n');
    }
    text
}

fn row(ruling: &Ruling) -> String {
    let measured = ruling
        .measured
        .as_ref()
        .map_or_else(|| "–".to_string(), number::estimate);
    let value = |x: Option<f64>| x.map_or_else(|| "–".to_string(), |x| number::short(x, 4));
    let rivals: String = ruling
        .rivals
        .iter()
        .map(|rival| format!("  rival {:>9}", number::short(rival.value, 4)))
        .collect();
    format!(
        "  {} {:13} {:52} paper {:>9}{rivals}  exact {:>9}  measured {measured}\n",
        if ruling.decides() { "•" } else { " " },
        ruling.verdict.word(),
        ruling.case,
        value(ruling.paper),
        value(ruling.exact)
    )
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
            let found = &claim.overall;
            let speaker = found.speaker.or(claim.rulings.first().copied());
            json!({
                "id": claim.id,
                "verdict": found.verdict,
                "role": found.role,
                "why": found.why,
                "tolerance": speaker.map(|r| r.tolerance),
                "paper": speaker.and_then(|r| r.paper),
                "rivals": speaker.map_or(&[][..], |r| &r.rivals),
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
        "estimates": measured::document(records),
        "claims": claims,
        "self_checks": checks,
        "seconds": seconds,
        "particle_steps": records.iter().map(|r| r.manifest.particle_steps).sum::<u64>(),
        "seed": common.seed(),
        "out": common.out,
    })
}
