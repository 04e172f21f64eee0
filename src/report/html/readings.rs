//! The table of what was read in one experiment, folded away.

use std::fmt::Write;

use crate::estimates::columns;
use crate::html::escape;
use crate::number::{estimate, short, significant};
use base::value::Value;
use measurement::reading::Reading;

/// Rows that the page has; the record has all.
const MOST: usize = 200;

/// A row per reading, its axes first.
pub(super) fn table(rows: &[Reading]) -> String {
    let axes = columns(rows);
    let head: String = axes
        .iter()
        .map(|axis| format!("<th>{}</th>", escape(axis)))
        .collect();
    let count = match rows.len() {
        all @ 0..=MOST => format!("{all}"),
        all => format!("the first {MOST} of {all}"),
    };
    let mut html = format!(
        "<details><summary>What was read: {count} rows</summary>\n<div class=\"wide\"><table class=\"numbers\">\n\
         <thead><tr>{head}<th>Quantity</th><th>n</th><th>Measured</th><th>Exact</th></tr></thead>\n<tbody>\n"
    );
    for row in rows.iter().take(MOST) {
        html.push_str("<tr>");
        for axis in &axes {
            let value = match row.axes.get(axis) {
                None => "–".into(),
                Some(Value::Number(x)) => short(*x, 6),
                Some(Value::Word(word)) => escape(word),
            };
            let _ = write!(html, "<td>{value}</td>");
        }
        let measured = row.measured.as_ref();
        let _ = writeln!(
            html,
            "<td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&row.quantity),
            measured.map_or("–".into(), |e| e.n.to_string()),
            measured.map_or("–".into(), |e| escape(&estimate(e))),
            row.exact
                .as_ref()
                .map_or("–".into(), |e| significant(e.value, 4))
        );
    }
    html.push_str("</tbody></table></div></details>\n");
    html
}
