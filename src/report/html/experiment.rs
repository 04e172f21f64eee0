//! The page's section on one experiment.

use std::fmt::Write;

use crate::html::claim::target;
use crate::html::figure::figure;
use crate::html::{anchor, badge, escape, readings};
use crate::number::{duration, short};
use crate::record::Record;
use crate::summary::claims;
use base::error::Result;

/// Statements with their verdicts, the words, the facts of the run, and the figures where no claim has them.
///
/// # Errors
/// If a figure cannot be drawn.
pub(super) fn section(record: &Record) -> Result<String> {
    let manifest = &record.manifest;
    let mut html = format!(
        "<section id=\"{}\">\n<h2>{}</h2>\n<p class=\"source\">{}</p>\n",
        anchor("experiment", &manifest.name),
        escape(&manifest.name),
        escape(&manifest.source)
    );
    for claim in claims(std::slice::from_ref(record)) {
        let statement = claim.statement.map_or("", |statement| &statement.statement);
        let _ = writeln!(
            html,
            "<p class=\"claim\">{} <a href=\"#{}\"><code>{}</code></a> {}</p>",
            badge(claim.overall.verdict, claim.overall.word()),
            target(claim.id),
            escape(claim.id),
            escape(statement)
        );
    }
    let departures = record.text.departures.join("; ");
    if !departures.is_empty() {
        let departures = escape(&departures);
        let _ = writeln!(html, "<p>Unlike the paper: {departures}.</p>");
    }
    for section in &record.text.sections {
        let _ = writeln!(html, "<h3>{}</h3>", escape(&section.heading));
        for paragraph in &section.paragraphs {
            let _ = writeln!(html, "<p>{}</p>", escape(paragraph));
        }
    }
    if record.verdicts.claims.is_empty() {
        for drawing in &record.figures {
            html.push_str(&figure(drawing)?);
        }
    }
    html.push_str(&readings::table(&record.estimates));
    html.push_str(&facts(record));
    html.push_str("</section>\n");
    Ok(html)
}

fn facts(record: &Record) -> String {
    let manifest = &record.manifest;
    let revision = manifest
        .git_revision
        .as_deref()
        .unwrap_or("unknown revision");
    let speed = manifest.particle_steps as f64 / manifest.seconds;
    let rows = [
        (
            "protocol, scale",
            format!("{}, {}", manifest.protocol, manifest.scale),
        ),
        ("seed", manifest.seed.to_string()),
        (
            "particle-steps",
            format!(
                "{} ({} per second)",
                short(manifest.particle_steps as f64, 4),
                short(speed, 2)
            ),
        ),
        (
            "useful lanes",
            format!("{} %", short(100.0 * manifest.useful_lane_fraction, 3)),
        ),
        ("diverged particles", manifest.diverged.to_string()),
        (
            "wall time",
            format!(
                "{}, {} threads",
                duration(manifest.seconds),
                manifest.threads
            ),
        ),
        (
            "started, ended",
            format!("{}, {}", manifest.started, manifest.ended),
        ),
        ("version", format!("{} ({revision})", manifest.version)),
        ("generator", manifest.generator.clone()),
        ("processor", manifest.host_features.join(", ")),
    ];
    let mut html = String::from("<details class=\"facts\"><summary>The run</summary>\n<dl>\n");
    let chosen = manifest.particles;
    let chosen = chosen.map(|n| ("particles, chosen by a pilot", n.to_string()));
    for (name, value) in rows.into_iter().chain(chosen) {
        let _ = writeln!(html, "<dt>{name}</dt><dd>{}</dd>", escape(&value));
    }
    let spec = serde_json::to_string_pretty(&manifest.spec).unwrap_or_default();
    let _ = write!(html, "</dl>\n<pre>{}</pre>\n</details>\n", escape(&spec));
    html
}
