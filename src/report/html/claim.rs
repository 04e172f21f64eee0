//! The page's section on one claim: what the paper says, what is exact, what was measured, what it shows.

use std::fmt::Write;

use crate::html::figure::figure;
use crate::html::{anchor, badge, escape, tables};
use crate::record::Record;
use crate::summary::Claim;
use base::error::Result;

/// Where the section on a claim is.
pub(super) fn target(id: &str) -> String {
    anchor("claim", id)
}

/// All sections. A figure that serves several claims stands under the first; the others point to it.
///
/// # Errors
/// If a figure cannot be drawn.
pub(super) fn sections(claims: &[Claim], records: &[Record]) -> Result<String> {
    let mut html = String::new();
    let mut drawn: Vec<(&str, &str)> = Vec::new();
    for claim in claims {
        let _ = write!(
            html,
            "<section id=\"{}\">\n<h2><code>{}</code> {}</h2>\n",
            target(claim.id),
            escape(claim.id),
            badge(claim.overall.verdict, claim.overall.word())
        );
        html.push_str(&words(claim, records));
        html.push_str(&tables::case_table(claim));
        for record in records.iter().filter(|r| claim.is_of(r)) {
            let name = record.manifest.name.as_str();
            if let Some((_, first)) = drawn.iter().find(|(shown, _)| *shown == name) {
                let _ = writeln!(
                    html,
                    "<p class=\"source\">Figures of {}: see <a href=\"#{}\"><code>{}</code></a>.</p>",
                    escape(name),
                    target(first),
                    escape(first)
                );
                continue;
            }
            for drawing in &record.figures {
                html.push_str(&figure(drawing)?);
            }
            drawn.push((name, claim.id));
        }
        html.push_str("</section>\n");
    }
    Ok(html)
}

/// Statement, what is exact, where it holds, what was run, how that is not the paper's, what follows.
fn words(claim: &Claim, records: &[Record]) -> String {
    let mut html = String::from("<dl class=\"words\">\n");
    let mut term = |name: &str, text: &str| {
        if !text.is_empty() {
            let _ = writeln!(html, "<dt>{name}</dt><dd>{text}</dd>");
        }
    };
    if let Some(statement) = claim.statement {
        let place = match statement.place.as_str() {
            "" => &statement.paper,
            place => place,
        };
        let says = match statement.derived.as_str() {
            "" => "The paper says",
            _ => "What follows from the paper",
        };
        term(
            says,
            &format!(
                "{} <small>({})</small>",
                escape(&statement.statement),
                escape(place)
            ),
        );
        term("How it follows", &escape(&statement.derived));
        term("What is exact", &escape(&statement.exact));
        term("Where it holds", &escape(&statement.holds));
    }
    term("What was run", &tables::experiments(claim));
    for record in records.iter().filter(|r| claim.is_of(r)) {
        let departures = record.text.departures.join("; ");
        if !departures.is_empty() {
            let name = escape(&record.manifest.name);
            let departures = escape(&departures);
            let said = format!("<code>{name}</code>: {departures}");
            term("Unlike the paper", &said);
        }
    }
    term("What follows", &escape(&claim.overall.why));
    html.push_str("</dl>\n");
    html
}
