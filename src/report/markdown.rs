//! The verdict table in Markdown, for a terminal or a pull request.

use std::fmt::Write;

use crate::number;
use crate::record::Record;
use crate::summary::{claims, self_check_sentence, self_checks, sentence};
use base::shown;
use measurement::Estimate;
use verdict::Ruling;

/// The whole of `report.md`: claims, then their cases, then self-checks.
pub fn page(records: &[Record]) -> String {
    let claims = claims(records);
    let mut text = format!("# Verdicts\n\n{}\n", sentence(records));
    text.push_str("\n| claim | paper | exact | measured | verdict | why |\n| :-- | --: | --: | --: | :-- | :-- |\n");
    for claim in &claims {
        let speaker = claim.overall.speaker;
        let cells = [
            escape(claim.id),
            speaker.map_or("–".to_owned(), number::predicted),
            numeral(speaker.and_then(|r| r.exact)),
            measured(speaker.and_then(|r| r.measured.as_ref())),
            format!("**{}**", claim.overall.word()),
            escape(&claim.overall.why),
        ];
        row(&mut text, &cells);
    }
    text.push_str("\n## Cases\n\nMeasured values stand with their intervals. ");
    text.push_str("A case in parentheses is a control or an analogue, and does not decide.\n\n");
    text.push_str(
        "| claim | case | quantity | paper | exact | measured | tolerance | verdict | why |\n",
    );
    text.push_str("| :-- | :-- | :-- | --: | --: | --: | --: | :-- | :-- |\n");
    for ruling in claims.iter().flat_map(|claim| &claim.rulings) {
        row(&mut text, &cells(ruling));
    }
    let apart = records.iter().filter(|r| !r.text.departures.is_empty());
    for (nth, record) in apart.enumerate() {
        if nth == 0 {
            text.push_str("\n## Unlike the papers\n\n");
        }
        let _ = writeln!(
            text,
            "- {}: {}.",
            escape(&record.manifest.name),
            escape(&record.text.departures.join("; "))
        );
    }
    let found = self_check_sentence(records);
    let _ = write!(
        text,
        "\n## Self-checks\n\nThe lab against exact references; z is the difference in standard errors. {found}.\n\n"
    );
    text.push_str("| check | z | result | why |\n| :-- | --: | :-- | :-- |\n");
    for check in self_checks(records) {
        let result = match check.passed {
            Some(true) => "passed",
            Some(false) => "**failed**",
            None => "not enough data",
        };
        let z = check.z.map_or_else(|| "–".into(), |z| number::short(z, 3));
        row(
            &mut text,
            &[escape(&check.id), z, result.to_owned(), escape(&check.why)],
        );
    }
    text
}

fn cells(ruling: &Ruling) -> [String; 9] {
    let case = escape(&ruling.case);
    [
        escape(&ruling.id),
        if ruling.decides() {
            case
        } else {
            format!("({case})")
        },
        escape(&ruling.quantity),
        number::predicted(ruling),
        numeral(ruling.exact),
        measured(ruling.measured.as_ref()),
        number::short(ruling.tolerance, 3),
        ruling.verdict.word().to_owned(),
        escape(&ruling.why),
    ]
}

fn numeral(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |v| number::significant(v, 4))
}

fn measured(found: Option<&Estimate>) -> String {
    found.map_or("–".to_owned(), number::estimate)
}

fn row(text: &mut String, cells: &[String]) {
    text.push_str("| ");
    text.push_str(&cells.join(" | "));
    text.push_str(" |\n");
}

/// Text that neither ends a cell nor turns into markup: of CommonMark, of its tables and strikethrough, of mathematics
/// between dollars. In all of them a backslash makes a punctuation mark plain.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let text = shown::lines(text);
    for word in text.split_whitespace() {
        if !safe.is_empty() {
            safe.push(' ');
        }
        let first = safe.is_empty();
        // What begins a block at the beginning of a line: a heading, a list, an underline, a quotation.
        let opens = |at: usize, c: char| match c {
            '#' | '+' | '-' | '=' => word.chars().all(|other| other == c),
            '.' | ')' => {
                at > 0 && at + 1 == word.len() && word[..at].bytes().all(|b| b.is_ascii_digit())
            }
            '>' => at == 0,
            _ => false,
        };
        for (at, c) in word.char_indices() {
            if r"\`*_[]<&|$~".contains(c) || first && opens(at, c) {
                safe.push('\\');
            }
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn every_row_has_its_cells_and_its_verdict() {
        let text = page(&[fixture::record()]);
        assert!(text.contains("| **refuted** | Adam, d = 10: The interval lies wholly above"));
        assert!(text.contains(
            "| 1.234 × 10⁵ | 1.250 × 10⁵ | 1.247 [1.210, 1.284] × 10⁵ | 0.2 | confirmed |"
        ));
        assert!(text.contains("≥ 410"), "a one-sided bound");
        assert!(text.contains("| escape/k=2 | 9.1 | **failed** |"));
        let mut columns = 0;
        for line in text.lines() {
            let bars = line.replace("\\|", "").matches('|').count();
            if bars == 0 {
                columns = 0;
            } else {
                assert!(columns == 0 || columns == bars, "{line}");
                columns = bars;
            }
        }
    }

    #[test]
    fn control_characters_are_shown() {
        let text = escape("a\u{1b}[2Jb\u{0}");
        assert_eq!(text, "a\\\\u001b\\[2Jb\\\\u0000");
    }

    #[test]
    fn markup_in_a_sentence_stays_text() {
        assert_eq!(escape("a|b <c>\n *d* [e]"), r"a\|b \<c> \*d\* \[e\]");
        assert_eq!(
            escape(r"$x$ &lt; _y_ ~~z~~ `q` \(a\)"),
            r"\$x\$ \&lt; \_y\_ \~\~z\~\~ \`q\` \\(a\\)"
        );
        for (text, wanted) in [
            ("# a", r"\# a"),
            ("- a - b", r"\- a - b"),
            ("12. a 3. b", r"12\. a 3. b"),
            ("1) a", r"1\) a"),
            ("=== a", r"\=\=\= a"),
            ("> a", r"\> a"),
            ("-0.5 and β₁ = 0.9, d > 10", "-0.5 and β₁ = 0.9, d > 10"),
            ("0.5 - 1 = -0.5", "0.5 - 1 = -0.5"),
        ] {
            assert_eq!(escape(text), wanted);
        }
    }
}
