//! The tables of the page: claims, their cases, and self-checks.

use std::fmt::Write;

use crate::report::html::{anchor, badge, escape};
use crate::report::number::{estimate, short, significant};
use crate::report::summary::Claim;
use crate::verdict::{Ruling, SelfCheck};

/// A claim's cases are folded away beyond this many.
const OPEN_CASES: usize = 12;

/// Each claim once: its words, its verdict, and why.
pub(super) fn verdict_table(claims: &[Claim]) -> String {
    let mut html = String::from(
        "<section id=\"verdicts\">\n<h2>Verdicts</h2>\n<div class=\"wide\"><table>\n\
         <thead><tr><th>Claim</th><th>Verdict</th><th>Why</th></tr></thead>\n<tbody>\n",
    );
    for claim in claims {
        let source = claim.statement.map_or(String::new(), |statement| {
            format!(
                "<br>{} <small>({})</small>",
                escape(&statement.statement),
                escape(&statement.paper)
            )
        });
        let links: Vec<String> = claim
            .experiments
            .iter()
            .map(|name| format!("<a href=\"#{}\">{}</a>", anchor(name), escape(name)))
            .collect();
        let _ = writeln!(
            html,
            "<tr><td><code>{}</code>{source}</td><td>{}</td><td>{}<br><small>{}</small></td></tr>",
            escape(claim.id),
            badge(claim.overall.verdict),
            escape(&claim.overall.why),
            links.join(", ")
        );
    }
    html.push_str("</tbody></table></div>\n</section>\n");
    html
}

/// A table per claim, a row per case.
pub(super) fn case_tables(claims: &[Claim]) -> String {
    let mut html = String::from(
        "<section id=\"cases\">\n<h2>Cases</h2>\n<p>The paper’s prediction and the exact value \
         beside what was measured, with its interval. Cases in grey lie outside the regime that the \
         paper states; they do not count in the claim’s verdict.</p>\n",
    );
    for claim in claims {
        let open = if claim.rulings.len() <= OPEN_CASES {
            " open"
        } else {
            ""
        };
        let count = claim.rulings.len();
        let noun = if count == 1 { "case" } else { "cases" };
        let _ = write!(
            html,
            "<details{open}><summary><code>{}</code> {} <small>{count} {noun}</small></summary>\n\
             <div class=\"wide\"><table class=\"numbers cases\">\n<thead><tr><th>Case</th><th>Paper</th>\
             <th>Exact</th><th>Measured</th><th>Tolerance</th><th>Verdict</th><th>Why</th></tr></thead>\n<tbody>\n",
            escape(claim.id),
            badge(claim.overall.verdict)
        );
        for ruling in &claim.rulings {
            html.push_str(&case(ruling));
        }
        html.push_str("</tbody></table></div></details>\n");
    }
    html.push_str("</section>\n");
    html
}

fn case(ruling: &Ruling) -> String {
    let number = |value: Option<f64>| value.map_or("–".to_owned(), |v| significant(v, 4));
    let measured = ruling.measured.as_ref().map_or("–".to_owned(), |m| {
        let confidence = short(100.0 * m.confidence, 4);
        let how = format!("{confidence} % interval, n = {}: {}", m.n, m.method);
        format!(
            "<span title=\"{}\">{}</span>",
            escape(&how),
            escape(&estimate(m))
        )
    });
    let case = if ruling.case.is_empty() {
        "the claim as a whole"
    } else {
        &ruling.case
    };
    let class = if ruling.decides {
        ""
    } else {
        " class=\"aside\""
    };
    format!(
        "<tr{class}><td>{}<br><small>{}</small></td><td>{}</td><td>{}</td><td>{measured}</td>\
         <td>{}</td><td>{}</td><td>{}</td></tr>\n",
        escape(case),
        escape(&ruling.quantity),
        number(ruling.paper),
        number(ruling.exact),
        short(ruling.tolerance, 3),
        badge(ruling.verdict),
        escape(&ruling.why)
    )
}

/// The self-checks, failed ones first.
pub(super) fn check_table(checks: &[&SelfCheck]) -> String {
    let mut html = String::from(
        "<section id=\"self-checks\">\n<h2>Self-checks</h2>\n<p>The lab against exact references; \
         <i>z</i> is the difference in standard errors. One that fails is a bug of the lab.</p>\n",
    );
    // The failed ones first: they put every verdict in doubt.
    let (passed, failed): (Vec<&SelfCheck>, Vec<&SelfCheck>) =
        checks.iter().copied().partition(|check| check.passed);
    let open = if checks.len() <= OPEN_CASES || !failed.is_empty() {
        " open"
    } else {
        ""
    };
    let _ = write!(
        html,
        "<details{open}><summary>{} passed, {} failed</summary>\n<div class=\"wide\"><table class=\"numbers\">\n\
         <thead><tr><th>Check</th><th><i>z</i></th><th>Result</th><th>Why</th></tr></thead>\n<tbody>\n",
        passed.len(),
        failed.len()
    );
    for check in failed.into_iter().chain(passed) {
        let (class, result) = if check.passed {
            ("confirmed", "passed")
        } else {
            ("refuted", "failed")
        };
        let _ = writeln!(
            html,
            "<tr><td>{}</td><td>{}</td><td><span class=\"badge {class}\">{result}</span></td><td>{}</td></tr>",
            escape(&check.id),
            short(check.z, 3),
            escape(&check.why)
        );
    }
    html.push_str("</tbody></table></div></details>\n</section>\n");
    html
}
