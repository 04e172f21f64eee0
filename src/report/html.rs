//! The report: one self-contained page, verdicts first.

use std::fmt::Write;

use crate::error::Result;
use crate::report::bibliography::Citation;
use crate::report::draw;
use crate::report::figure::Figure;
use crate::report::number::{duration, estimate, short, significant};
use crate::report::record::Record;
use crate::report::summary::{Claim, claims, self_checks, sentence, word};
use crate::verdict::{Ruling, SelfCheck, Verdict};

const STYLE: &str = include_str!("page.css");

/// A drawing longer than this (thousands of points) goes into the page as a picture instead.
const LONGEST_DRAWING: usize = 400_000;

/// A claim's cases are folded away beyond this many.
const OPEN_CASES: usize = 12;

/// The whole of `report.html`. Of `works`, those that the records cite are listed.
///
/// # Errors
/// If a figure cannot be drawn.
pub fn page(records: &[Record], works: &[Citation]) -> Result<String> {
    let claims = claims(records);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Verdicts on the diffusion theory of stochastic optimizers</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>Verdicts on the diffusion theory of stochastic optimizers</h1>\n\
         <p class=\"lead\">{}</p>\n",
        escape(&sentence(records))
    );
    html.push_str(&verdict_table(&claims));
    html.push_str(&case_tables(&claims));
    html.push_str(&check_table(&self_checks(records)));
    for record in records {
        html.push_str(&experiment(record)?);
    }
    html.push_str(&bibliography(records, works));
    html.push_str("</main>\n</body>\n</html>\n");
    Ok(html)
}

fn verdict_table(claims: &[Claim]) -> String {
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

fn case_tables(claims: &[Claim]) -> String {
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
             <div class=\"wide\"><table class=\"numbers\">\n<thead><tr><th>Case</th><th>Paper</th>\
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
    let class = if ruling.decides {
        ""
    } else {
        " class=\"aside\""
    };
    format!(
        "<tr{class}><td>{}<br><small>{}</small></td><td>{}</td><td>{}</td><td>{measured}</td>\
         <td>{}</td><td>{}</td><td>{}</td></tr>\n",
        escape(&ruling.case),
        escape(&ruling.quantity),
        number(ruling.paper),
        number(ruling.exact),
        short(ruling.tolerance, 3),
        badge(ruling.verdict),
        escape(&ruling.why)
    )
}

fn check_table(checks: &[&SelfCheck]) -> String {
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

fn experiment(record: &Record) -> Result<String> {
    let manifest = &record.manifest;
    let mut html = format!(
        "<section id=\"{}\">\n<h2>{}</h2>\n<p class=\"source\">{}</p>\n",
        anchor(&manifest.name),
        escape(&manifest.name),
        escape(&manifest.source)
    );
    for claim in claims(std::slice::from_ref(record)) {
        let statement = claim.statement.map_or("", |statement| &statement.statement);
        let _ = writeln!(
            html,
            "<p class=\"claim\">{} <code>{}</code> {}</p>",
            badge(claim.overall.verdict),
            escape(claim.id),
            escape(statement)
        );
    }
    for section in &record.text.sections {
        let _ = writeln!(html, "<h3>{}</h3>", escape(&section.heading));
        for paragraph in &section.paragraphs {
            let _ = writeln!(html, "<p>{}</p>", escape(paragraph));
        }
    }
    for figure in &record.figures {
        let drawing = embedded(figure)?;
        let caption = escape(&figure.caption);
        let _ = writeln!(
            html,
            "<figure><div class=\"paper\">{drawing}</div><figcaption>{caption}</figcaption></figure>"
        );
    }
    html.push_str(&facts(record));
    html.push_str("</section>\n");
    Ok(html)
}

fn embedded(figure: &Figure) -> Result<String> {
    let drawing = draw::svg(figure)?;
    if drawing.len() <= LONGEST_DRAWING {
        return Ok(drawing);
    }
    let picture = base64(&draw::png(figure)?);
    Ok(format!(
        "<img alt=\"{}\" src=\"data:image/png;base64,{picture}\">",
        escape(&figure.name)
    ))
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
    for (name, value) in rows {
        let _ = writeln!(html, "<dt>{name}</dt><dd>{}</dd>", escape(&value));
    }
    let spec = serde_json::to_string_pretty(&manifest.spec).unwrap_or_default();
    let _ = write!(html, "</dl>\n<pre>{}</pre>\n</details>\n", escape(&spec));
    html
}

fn bibliography(records: &[Record], works: &[Citation]) -> String {
    let cited = |key: &str| {
        records
            .iter()
            .any(|r| r.manifest.cites.iter().any(|c| c == key))
    };
    let mut keys: Vec<&str> = Vec::new();
    for key in records.iter().flat_map(|record| &record.manifest.cites) {
        if !keys.contains(&key.as_str()) && works.iter().all(|work| work.key != key) {
            keys.push(key);
        }
    }
    let mut html = String::from("<section id=\"works\">\n<h2>Works cited</h2>\n");
    for work in works.iter().filter(|work| cited(work.key)) {
        let _ = writeln!(html, "<pre>{}</pre>", escape(work.bibtex));
    }
    for key in keys {
        let _ = writeln!(
            html,
            "<p>{}: cited, but not in the bibliography.</p>",
            escape(key)
        );
    }
    html.push_str("</section>\n");
    html
}

fn badge(verdict: Verdict) -> String {
    let word = word(verdict);
    format!(
        "<span class=\"badge {}\">{word}</span>",
        word.replace(' ', "-")
    )
}

/// A name as the target of a link.
fn anchor(name: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    format!("experiment-{}", name.chars().map(safe).collect::<String>())
}

/// Text that stays text, in an element or an attribute.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |i: usize| chunk.get(i).map_or(0, |&byte| usize::from(byte));
        let word = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let shown = digit <= chunk.len();
            let value = word >> (18 - 6 * digit) & 63;
            text.push(if shown {
                DIGITS.get(value).map_or('=', |&d| char::from(d))
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::bibliography::WORKS;
    use crate::report::fixture;

    #[test]
    fn verdicts_come_first_and_everything_is_on_the_page() {
        let record = fixture::record();
        let html = page(std::slice::from_ref(&record), WORKS).unwrap();
        let at = |text: &str| {
            html.find(text)
                .unwrap_or_else(|| panic!("`{text}` is missing"))
        };
        assert!(at("id=\"verdicts\"") < at("id=\"cases\""));
        assert!(at("id=\"cases\"") < at("id=\"self-checks\""));
        assert!(at("id=\"self-checks\"") < at("id=\"experiment-escape-styblinski-tang\""));
        assert!(at("id=\"experiment-escape-styblinski-tang\"") < at("@inproceedings{adai"));
        assert!(!html.contains("@inproceedings{pnm"), "only what is cited");
        at("<span class=\"badge refuted\">refuted</span>");
        at("1.247 [1.210, 1.284] × 10⁵");
        at("1.235 × 10⁹ (6.7 × 10⁶ per second)");
        assert_eq!(html.matches("<svg ").count(), record.figures.len());
        for figure in &record.figures {
            at(&escape(&figure.caption));
        }
    }

    #[test]
    fn text_never_becomes_markup() {
        let mut record = fixture::record();
        let evil = "<script>alert(\"x\")</script> & 'y'";
        record.manifest.name = evil.into();
        record.manifest.cites.push(evil.into());
        record.verdicts.self_checks[0].id = evil.into();
        record.verdicts.claims[0].case = evil.into();
        record.text.sections[0].heading = evil.into();
        record.figures[0].caption = evil.into();
        record.figures[0].panels[0].title = evil.into();
        if let Some(measured) = &mut record.verdicts.claims[0].measured {
            measured.method = "\" onmouseover=\"alert()".into();
        }
        let html = page(&[record], WORKS).unwrap();
        assert!(!html.contains("<script"), "an element");
        assert!(!html.contains("\" onmouseover"), "an attribute");
        assert_eq!(
            escape(evil),
            "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;"
        );
    }

    #[test]
    fn elements_are_closed() {
        let html = page(&[fixture::record()], WORKS).unwrap();
        for element in [
            "section", "table", "thead", "tbody", "tr", "td", "th", "details", "figure", "svg",
            "p", "pre", "dl", "div", "span",
        ] {
            let opened = html.matches(&format!("<{element}>")).count()
                + html.matches(&format!("<{element} ")).count();
            assert_eq!(
                opened,
                html.matches(&format!("</{element}>")).count(),
                "{element}"
            );
        }
        assert!(
            !html.contains("http://")
                || html.matches("http://").count()
                    == html.matches("xmlns=\"http://www.w3.org/2000/svg\"").count(),
            "nothing is fetched"
        );
    }

    #[test]
    fn a_drawing_of_thousands_of_points_becomes_a_picture() {
        let mut record = fixture::record();
        record.figures.truncate(1);
        let series = &mut record.figures[0].panels[0].series[3];
        series.x = (0..4000).map(|i| f64::from(i) / 4000.0).collect();
        series.y = series.x.clone();
        series.low.clear();
        series.high.clear();
        let html = page(&[record], WORKS).unwrap();
        assert!(html.contains("src=\"data:image/png;base64,iVBORw0KGgo"));
        assert!(html.len() < 1_500_000, "{}", html.len());
    }

    #[test]
    fn base64_of_the_standard() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, coded) in vectors {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
