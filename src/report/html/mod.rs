//! The report: one self-contained page, verdicts first.

mod base64;
mod claim;
mod experiment;
mod figure;
mod readings;
pub mod sheet;
mod tables;

use std::fmt::Write;

use crate::bibliography::Work;
use crate::record::Record;
use crate::summary::{claims, self_check_sentence, self_checks, sentence};
use base::error::Result;
use base::shown;
use verdict::Verdict;

const STYLE: &str = include_str!("page.css");

/// The whole of `report.html`. Of `works`, and of those that the records carry, the ones that are cited are listed.
///
/// # Errors
/// If a figure cannot be drawn.
pub fn page(records: &[Record], works: &[Work]) -> Result<String> {
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
    html.push_str(&tables::verdict_table(&claims));
    html.push_str(&claim::sections(&claims, records)?);
    html.push_str(&tables::check_table(
        &self_checks(records),
        &self_check_sentence(records),
    ));
    for record in records {
        html.push_str(&experiment::section(record)?);
    }
    html.push_str(&bibliography(records, works));
    html.push_str("</main>\n</body>\n</html>\n");
    Ok(html)
}

fn bibliography(records: &[Record], works: &[Work]) -> String {
    let carried = records.iter().flat_map(|record| &record.text.works);
    let mut missing: Vec<&str> = Vec::new();
    for key in records.iter().flat_map(|record| &record.manifest.cites) {
        if !missing.contains(&key.as_str()) {
            missing.push(key);
        }
    }
    let mut html = String::from("<section id=\"works\">\n<h2>Works cited</h2>\n");
    for work in works.iter().chain(carried) {
        if let Some(at) = missing.iter().position(|key| *key == work.key) {
            missing.remove(at);
            let _ = writeln!(html, "<pre>{}</pre>", escape(&work.bibtex()));
        }
    }
    for key in missing {
        let _ = writeln!(
            html,
            "<p>{}: cited, but not in the bibliography.</p>",
            escape(key)
        );
    }
    html.push_str("</section>\n");
    html
}

/// A word in the colour of a verdict.
fn badge(verdict: Verdict, word: &str) -> String {
    let class = verdict.word().replace(' ', "-");
    format!("<span class=\"badge {class}\">{word}</span>")
}

/// The name of a thing of that kind as the target of a link.
fn anchor(kind: &str, name: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    format!("{kind}-{}", name.chars().map(safe).collect::<String>())
}

/// Text that stays text, in an element or an attribute.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in shown::lines(text).chars() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn verdicts_come_first_and_everything_is_on_the_page() {
        let record = fixture::record();
        let html = page(std::slice::from_ref(&record), &fixture::works()).unwrap();
        let at = |text: &str| {
            html.find(text)
                .unwrap_or_else(|| panic!("`{text}` is missing"))
        };
        assert!(at("id=\"verdicts\"") < at("id=\"claim-adai_prop2\""));
        assert!(at("id=\"claim-adai_prop2\"") < at("What is exact"));
        assert!(at("What is exact") < at("id=\"self-checks\""));
        assert!(at("id=\"self-checks\"") < at("id=\"experiment-escape-styblinski-tang\""));
        assert!(at("id=\"experiment-escape-styblinski-tang\"") < at("@inproceedings{adai"));
        assert!(!html.contains("@inproceedings{pnm"), "only what is cited");
        at("<span class=\"badge refuted\">refuted</span>");
        at("<td>Adam</td><td>1</td>");
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
        record.estimates[0].quantity = evil.into();
        record.estimates[0].axes.set("process", evil.into());
        record.verdicts.claims[0].case = evil.into();
        record.text.sections[0].heading = evil.into();
        record.figures[0].caption = evil.into();
        record.figures[0].panels[0].title = evil.into();
        if let Some(measured) = &mut record.verdicts.claims[0].measured {
            measured.method = "\" onmouseover=\"alert()".into();
        }
        let html = page(&[record], &fixture::works()).unwrap();
        assert!(!html.contains("<script"), "an element");
        assert!(!html.contains("\" onmouseover"), "an attribute");
        assert_eq!(
            escape(evil),
            "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;"
        );
    }

    /// In the page's own words and in its drawings, which must stay well-formed XML.
    #[test]
    fn control_characters_are_shown() {
        let mut record = fixture::record();
        let evil = "\u{1b}]0;x\u{7}\u{0}\u{202e}";
        record.verdicts.claims[0].case = evil.into();
        record.figures[0].panels[0].title = evil.into();
        record.figures[0].panels[0].series[0].label = evil.into();
        record.text.sections[0].paragraphs[0] = evil.into();
        let html = page(&[record], &fixture::works()).unwrap();
        let raw = |c: char| shown::acts(c) && c != '\n';
        assert!(!html.contains(raw), "{:?}", html.find(raw));
        assert!(html.contains("\\u001b]0;x\\u0007\\u0000\\u202e"));
    }

    #[test]
    fn elements_are_closed() {
        let html = page(&[fixture::record()], &fixture::works()).unwrap();
        for element in [
            "section", "table", "thead", "tbody", "tr", "td", "th", "details", "figure", "svg",
            "p", "pre", "dl", "dt", "dd", "div", "span", "a",
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
        let html = page(&[record], &fixture::works()).unwrap();
        assert!(html.contains("src=\"data:image/png;base64,iVBORw0KGgo"));
        assert!(html.len() < 1_500_000, "{}", html.len());
    }
}
