//! What was measured, as a table for a terminal: the same for every protocol, made from the readings alone.

use std::collections::HashMap;
use std::path::Path;

use super::columns::{Column, NONE, cut, layout};
use base::shown;
use base::value::Value;
use measurement::reading::{Facts, Reading};
use report::number;
use report::record::Record;
use report::schema::ESTIMATES;
use report::table;
use serde_json::{Value as Json, json};

/// Rows that a table prints, and of one quantity however many there are.
const MOST: usize = 60;
const AT_LEAST: usize = 4;

/// Columns of the terminal; 80 where there is none.
pub fn width() -> usize {
    let size = console::Term::stdout().size_checked();
    size.map_or(80, |(_, columns)| usize::from(columns).max(40))
}

/// The table of a record in the folder `out`, no line wider than `width`: under each quantity a row per reading.
pub fn table(record: &Record, out: &Path, width: usize) -> String {
    let rows = &record.estimates;
    let axes = telling(rows.iter().map(|row| &row.axes));
    let mut quantities: Vec<&str> = Vec::new();
    for row in rows {
        if !quantities.contains(&row.quantity.as_str()) {
            quantities.push(&row.quantity);
        }
    }
    let most = (MOST / quantities.len().max(1)).max(AT_LEAST);
    let (mut text, mut left) = (String::new(), 0);
    for quantity in quantities {
        let own: Vec<&Reading> = rows.iter().filter(|r| r.quantity == quantity).collect();
        left += own.len().saturating_sub(most);
        let shown = &own[..own.len().min(most)];
        text += &cut(&shown::line(quantity), width);
        text.push('\n');
        for line in lines(shown, &axes, width) {
            text += &line;
            text.push('\n');
        }
    }
    if left > 0 {
        let file = table::path_of(&out.join(&record.manifest.name).join(ESTIMATES.name));
        text += &format!("{left} more rows: {}, or --json\n", file.display());
    }
    text
}

/// Names of the axes that tell rows apart which all those before them do not.
pub fn telling<'a>(rows: impl Iterator<Item = &'a Facts>) -> Vec<&'a str> {
    let rows: Vec<&Facts> = rows.collect();
    let mut names = Facts::names(rows.iter().copied());
    let mut group = vec![0; rows.len()];
    names.retain(|name| {
        let mut numbers = HashMap::new();
        let finer: Vec<usize> = rows
            .iter()
            .zip(&group)
            .map(|(row, group)| {
                let next = numbers.len();
                *numbers
                    .entry((*group, row.get(name).map(Value::to_string)))
                    .or_insert(next)
            })
            .collect();
        let coarser = group.iter().max();
        let tells = finer.iter().max() > coarser;
        group = finer;
        tells
    });
    names
}

/// A header and a line for each reading of one quantity.
fn lines(rows: &[&Reading], axes: &[&str], width: usize) -> Vec<String> {
    let mut columns = of_axes(axes, &rows.iter().map(|row| &row.axes).collect::<Vec<_>>());
    let column = |header: &str, cell: &dyn Fn(&Reading) -> String| {
        Column::numbers(header, rows.iter().map(|row| cell(row)).collect())
    };
    if columns.is_empty() {
        let labels = rows.iter().map(|row| shown::line(&row.cell).into());
        columns.push(Column::words("cell", labels.collect()));
    }
    columns.extend([
        column("n", &|row| {
            row.measured
                .as_ref()
                .map_or(NONE.into(), |e| e.n.to_string())
        }),
        column("measured", &|row| {
            row.measured.as_ref().map_or(NONE.into(), number::estimate)
        }),
        column("exact", &|row| {
            numeral(row.exact.as_ref().map(|e| e.value), 4)
        }),
        column("ratio", &|row| numeral(ratio(row), 3)),
    ]);
    layout(columns, width)
}

/// A column for each of the axes that the rows have.
pub fn of_axes(axes: &[&str], rows: &[&Facts]) -> Vec<Column> {
    let column = |axis: &&str| {
        let cells = rows.iter().map(|row| match row.get(axis) {
            None => NONE.into(),
            Some(Value::Number(x)) => number::short(*x, 6),
            Some(Value::Word(word)) => shown::line(word).into(),
        });
        let word = |row: &&Facts| matches!(row.get(axis), Some(Value::Word(_)));
        if rows.iter().any(word) {
            Column::words(axis, cells.collect())
        } else {
            Column::numbers(axis, cells.collect())
        }
    };
    let has = |axis: &&&str| rows.iter().any(|row| row.get(axis).is_some());
    axes.iter().filter(has).map(column).collect()
}

fn numeral(value: Option<f64>, digits: usize) -> String {
    value.map_or(NONE.into(), |value| number::significant(value, digits))
}

/// What was measured over what it is.
fn ratio(row: &Reading) -> Option<f64> {
    let (measured, exact) = (row.measured.as_ref()?.value?, row.exact.as_ref()?.value);
    Some(measured / exact).filter(|ratio| ratio.is_finite())
}

/// A number, or a word.
pub fn value(value: &Value) -> Json {
    let word = || json!(value.to_string());
    value.number().map_or_else(word, Json::from)
}

/// Every reading of some records, under the names of the columns of their tables.
pub fn document(records: &[Record]) -> Vec<Json> {
    let rows = records.iter().flat_map(|record| {
        let rows = record.estimates.iter();
        rows.map(|row| (&record.manifest.name, row))
    });
    rows.map(|(experiment, row)| {
        let axes = row.axes.0.iter().map(|(name, v)| (name.clone(), value(v)));
        let (measured, exact) = (row.measured.as_ref(), row.exact.as_ref());
        json!({
            "experiment": experiment,
            "cell": row.cell,
            "axes": axes.collect::<serde_json::Map<_, _>>(),
            "quantity": row.quantity,
            "value": measured.and_then(|e| e.value),
            "standard_error": measured.and_then(|e| e.standard_error),
            "ci_low": measured.map(|e| e.ci_low),
            "ci_high": measured.map(|e| e.ci_high),
            "confidence": measured.map(|e| e.confidence),
            "n": measured.map_or(0, |e| e.n),
            "method": measured.map(|e| &e.method),
            "exact": exact.map(|e| e.value),
            "exact_error": exact.map(|e| e.error),
            "exact_method": exact.map(|e| &e.method),
            "ratio": ratio(row),
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use measurement::Estimate;
    use measurement::reading::Exact;

    fn rows() -> Vec<Reading> {
        let row = |process: &str, eta: f64, rule: &str| {
            let found = Estimate::normal(eta, 0.01 * eta, 400, 0.999, "by hand");
            let exact = Exact::by("by hand", 2.0 * eta);
            Reading::of("a cell", "Var θ", Some(found), Some(exact))
                .at("process", process)
                .at("optimizer", rule)
                .at("eta", eta)
        };
        let long = "a heavy ball with a very long name of its own";
        vec![
            row("SGD", 0.1, "sgd"),
            row("SGD", 0.2, "sgd"),
            row(long, 0.2, "heavy-ball"),
        ]
    }

    #[test]
    fn an_axis_is_shown_where_those_before_it_do_not_tell_rows_apart() {
        let rows = rows();
        assert_eq!(
            telling(rows.iter().map(|row| &row.axes)),
            ["process", "eta"]
        );
        let all: Vec<&Reading> = rows.iter().collect();
        let lines = lines(&all, &["process", "eta"], 200).join("\n");
        assert!(
            lines.contains("SGD") && lines.contains("0.1  400"),
            "{lines}"
        );
        assert!(
            lines.contains("0.500"),
            "the ratio to what is exact: {lines}"
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let rows = rows();
        let all: Vec<&Reading> = rows.iter().collect();
        for width in [40, 70, 90] {
            let lines = lines(&all, &["process", "eta"], width);
            assert_eq!(lines.len(), 4);
            assert!(
                lines.iter().all(|l| l.chars().count() <= width),
                "{lines:#?}"
            );
            assert!(
                width < 90 || lines[3].contains("…") && lines[3].ends_with("0.500"),
                "{lines:#?}"
            );
        }
    }
}
