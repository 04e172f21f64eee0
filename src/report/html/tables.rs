//! The tables of the page: claims, their cases, and self-checks.

use std::fmt::Write;

use crate::html::claim::target;
use crate::html::{anchor, badge, escape};
use crate::number::{estimate, predicted, short, significant};
use crate::summary::Claim;
use measurement::Estimate;
use verdict::{Ruling, SelfCheck};

/// A claim's cases are folded away beyond this many.
const OPEN_CASES: usize = 12;

/// Each claim once: the numbers of the case that speaks for it, its verdict, and why.
pub(super) fn verdict_table(claims: &[Claim]) -> String {
    let mut html = String::from(
        "<section id=\"verdicts\">\n<h2>Verdicts</h2>\n<p>The numbers are those of the case that speaks for the \
         claim: the first that decides with its verdict.</p>\n<div class=\"wide\"><table class=\"verdicts\">\n\
         <thead><tr><th>Claim</th><th>Paper</th><th>Exact</th><th>Measured</th><th>Verdict</th><th>Why</th></tr></thead>\n<tbody>\n",
    );
    for claim in claims {
        let says = claim.statement.map_or("", |s| s.statement.as_str());
        let speaker = claim.overall.speaker;
        let _ = writeln!(
            html,
            "<tr><td><a href=\"#{}\"><code>{}</code></a><br>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            target(claim.id),
            escape(claim.id),
            escape(says),
            speaker.map_or("–".to_owned(), predicted),
            number(speaker.and_then(|r| r.exact)),
            measured(speaker.and_then(|r| r.measured.as_ref())),
            badge(claim.overall.verdict, claim.overall.word()),
            escape(&claim.overall.why)
        );
    }
    html.push_str("</tbody></table></div>\n</section>\n");
    html
}

/// Links to the experiments that decide a claim.
pub(super) fn experiments(claim: &Claim) -> String {
    let link = |name: &&str| {
        let target = anchor("experiment", name);
        format!("<a href=\"#{target}\">{}</a>", escape(name))
    };
    let links: Vec<String> = claim.experiments.iter().map(link).collect();
    links.join(", ")
}

/// A row per case of a claim.
pub(super) fn case_table(claim: &Claim) -> String {
    let count = claim.rulings.len();
    let open = if count <= OPEN_CASES { " open" } else { "" };
    let noun = if count == 1 { "case" } else { "cases" };
    let aside = if claim.rulings.iter().all(|r| r.decides()) {
        ""
    } else {
        "; those in grey are controls and analogues, which do not count"
    };
    let mut html = format!(
        "<details{open}><summary>{count} {noun}{aside}</summary>\n\
         <div class=\"wide\"><table class=\"numbers cases\">\n<thead><tr><th>Case</th><th>Paper</th>\
         <th>Exact</th><th>Measured</th><th>Tolerance</th><th>Verdict</th><th>Why</th></tr></thead>\n<tbody>\n",
    );
    for ruling in &claim.rulings {
        html.push_str(&case(ruling));
    }
    html.push_str("</tbody></table></div></details>\n");
    html
}

fn number(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |v| significant(v, 4))
}

fn measured(found: Option<&Estimate>) -> String {
    found.map_or("–".to_owned(), |m| {
        let confidence = short(100.0 * m.confidence, 4);
        let how = format!("{confidence} % interval, n = {}: {}", m.n, m.method);
        format!(
            "<span title=\"{}\">{}</span>",
            escape(&how),
            escape(&estimate(m))
        )
    })
}

fn case(ruling: &Ruling) -> String {
    let case = if ruling.case.is_empty() {
        "the claim as a whole"
    } else {
        &ruling.case
    };
    let class = if ruling.decides() {
        ""
    } else {
        " class=\"aside\""
    };
    format!(
        "<tr{class}><td>{}<br><small>{}</small></td><td>{}</td><td>{}</td><td>{}</td>\
         <td>{}</td><td>{}</td><td>{}</td></tr>\n",
        escape(case),
        escape(&ruling.quantity),
        predicted(ruling),
        number(ruling.exact),
        measured(ruling.measured.as_ref()),
        short(ruling.tolerance, 3),
        badge(ruling.verdict, ruling.verdict.word()),
        escape(&ruling.why)
    )
}

/// The self-checks, failed ones first.
pub(super) fn check_table(checks: &[&SelfCheck], sentence: &str) -> String {
    let mut html = format!(
        "<section id=\"self-checks\">\n<h2>Self-checks</h2>\n<p>The lab against exact references; \
         <i>z</i> is the difference in standard errors. {}. One that fails is a bug of the lab.</p>\n",
        escape(sentence)
    );
    // The failed ones first: they put every verdict in doubt.
    let (failed, others): (Vec<&SelfCheck>, Vec<&SelfCheck>) =
        checks.iter().copied().partition(|check| check.failed());
    let open = if checks.len() <= OPEN_CASES || !failed.is_empty() {
        " open"
    } else {
        ""
    };
    let _ = write!(
        html,
        "<details{open}><summary>{} checks, {} failed</summary>\n<div class=\"wide\"><table class=\"numbers\">\n\
         <thead><tr><th>Check</th><th><i>z</i></th><th>Result</th><th>Why</th></tr></thead>\n<tbody>\n",
        checks.len(),
        failed.len()
    );
    for check in failed.into_iter().chain(others) {
        let (class, result) = match check.passed {
            Some(true) => ("confirmed", "passed"),
            Some(false) => ("refuted", "failed"),
            None => ("inconclusive", "not enough data"),
        };
        let _ = writeln!(
            html,
            "<tr><td>{}</td><td>{}</td><td><span class=\"badge {class}\">{result}</span></td><td>{}</td></tr>",
            escape(&check.id),
            check.z.map_or_else(|| "–".into(), |z| short(z, 3)),
            escape(&check.why)
        );
    }
    html.push_str("</tbody></table></div></details>\n</section>\n");
    html
}
