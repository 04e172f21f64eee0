//! The table of estimates: a row per reading, its axes columns of their own.

use std::path::Path;

use crate::record::damaged;
use crate::schema::{ESTIMATES, Field, about};
use crate::table::{self, Column, Table};
use base::error::{Error, Result};
use base::value::Value;
use measurement::Estimate;
use measurement::reading::{Exact, Facts, Reading};

/// Under what name Parquet keeps the columns' units and meanings.
const NOTE: &str = "kramers:columns";

/// The axis that every table has a column for, filled or not: which part of a quantity of several parts was read.
pub const COMPONENT: &str = "component";

/// Names of the axes that some of the readings have.
pub(super) fn columns(readings: &[Reading]) -> Vec<&str> {
    Facts::names(readings.iter().map(|reading| &reading.axes))
}

/// The bytes of a table of readings, which say what its columns are.
///
/// # Errors
/// An axis has the name of another column.
pub(super) fn encode(readings: &[Reading]) -> Result<Vec<u8>> {
    let table = to_table(readings)?;
    let columns: Vec<Field> = table.columns.iter().map(|(name, _)| about(name)).collect();
    let columns = serde_json::to_string(&columns)
        .map_err(|reason| Error::Failed(format!("cannot encode the schema: {reason}")))?;
    table::encode_with(&table, &[(NOTE.to_owned(), columns)])
}

/// The readings as a table.
///
/// # Errors
/// An axis has the name of another column.
pub fn to_table(readings: &[Reading]) -> Result<Table> {
    let mut axes = columns(readings);
    axes.retain(|name| *name != COMPONENT);
    if let Some(taken) = axes.iter().find(|axis| ESTIMATES.has(axis)) {
        return Err(Error::Input(format!(
            "an axis cannot be called `{taken}`: every table of estimates has a column of that name; give it another"
        )));
    }
    let text = |of: &dyn Fn(&Reading) -> String| Column::Text(readings.iter().map(of).collect());
    let measured = |of: fn(&Estimate) -> f64| {
        let of = |reading: &Reading| reading.measured.as_ref().map_or(f64::NAN, of);
        Column::F64(readings.iter().map(of).collect())
    };
    let exact = |of: fn(&Exact) -> f64| {
        let of = |reading: &Reading| reading.exact.as_ref().map_or(f64::NAN, of);
        Column::F64(readings.iter().map(of).collect())
    };
    let word = |value: Option<&Value>| value.map(Value::to_string).unwrap_or_default();
    let axis = |name: &str| {
        let values = || readings.iter().map(|reading| reading.axes.get(name));
        if values().flatten().all(|value| value.number().is_some()) {
            let number = |value: Option<&Value>| value.and_then(Value::number);
            Column::F64(values().map(|v| number(v).unwrap_or(f64::NAN)).collect())
        } else {
            Column::Text(values().map(word).collect())
        }
    };
    let mut columns = vec![("cell", text(&|r| r.cell.clone()))];
    columns.extend(axes.iter().map(|name| (*name, axis(name))));
    columns.extend([
        ("quantity", text(&|r| r.quantity.clone())),
        (COMPONENT, text(&|r| word(r.axes.get(COMPONENT)))),
        ("value", measured(|e| e.value.unwrap_or(f64::NAN))),
        (
            "standard_error",
            measured(|e| e.standard_error.unwrap_or(f64::NAN)),
        ),
        ("ci_low", measured(|e| e.ci_low)),
        ("ci_high", measured(|e| e.ci_high)),
        ("confidence", measured(|e| e.confidence)),
        (
            "n",
            Column::U64(
                readings
                    .iter()
                    .map(|r| r.measured.as_ref().map_or(0, |e| e.n))
                    .collect(),
            ),
        ),
        (
            "method",
            text(&|r| r.measured.as_ref().map_or("", |e| &e.method).into()),
        ),
        ("exact", exact(|e| e.value)),
        ("exact_error", exact(|e| e.error)),
        (
            "exact_method",
            text(&|r| r.exact.as_ref().map_or("", |e| &e.method).into()),
        ),
    ]);
    Ok(Table {
        columns: columns
            .into_iter()
            .map(|(name, column)| (name.to_owned(), column))
            .collect(),
    })
}

/// The readings of a table that [`to_table`] made and `path` holds, without what it does not: their facts, and how
/// each particle moves them.
///
/// # Errors
/// A column is missing, as in the records of an earlier form, or is none that such a table has.
pub(super) fn from_table(table: &Table, path: &Path) -> Result<Vec<Reading>> {
    let lacks = |name: &str| {
        Error::Input(format!(
            "{} has no column `{name}` of the kind that this kramers writes: the record is of an earlier form; run the experiment again with --force, which replaces it",
            path.display()
        ))
    };
    let text = |name| match table.column(name) {
        Some(Column::Text(values)) => Ok(values),
        _ => Err(lacks(name)),
    };
    let real = |name| match table.column(name) {
        Some(Column::F64(values)) => Ok(values),
        _ => Err(lacks(name)),
    };
    let (cell, quantity, component) = (text("cell")?, text("quantity")?, text(COMPONENT)?);
    let (value, standard_error) = (real("value")?, real("standard_error")?);
    let (ci_low, ci_high, confidence) = (real("ci_low")?, real("ci_high")?, real("confidence")?);
    let Some(Column::U64(n)) = table.column("n") else {
        return Err(lacks("n"));
    };
    let (method, exact_method) = (text("method")?, text("exact_method")?);
    let (exact, exact_error) = (real("exact")?, real("exact_error")?);
    let axes: Vec<&(String, Column)> = table
        .columns
        .iter()
        .filter(|(name, _)| !ESTIMATES.has(name))
        .collect();
    let known = |x: f64| Some(x).filter(|x| !x.is_nan());
    let axis = |column: &Column, row: usize| match column {
        Column::F64(values) => Ok(known(values[row]).map(Value::Number)),
        Column::Text(values) => {
            let word = Some(&values[row]).filter(|word| !word.is_empty());
            Ok(word.map(|word| Value::Word(word.clone())))
        }
        _ => Err(damaged(path, "an axis is neither numbers nor words")),
    };
    (0..table.rows())
        .map(|row| {
            let mut at = Facts::default();
            for (name, column) in &axes {
                if let Some(value) = axis(column, row)? {
                    at.set(name, value);
                }
            }
            if !component[row].is_empty() {
                at.set(COMPONENT, Value::Word(component[row].clone()));
            }
            // Every estimate has its coverage.
            let measured = known(confidence[row]).map(|confidence| Estimate {
                value: known(value[row]),
                ci_low: ci_low[row],
                ci_high: ci_high[row],
                standard_error: known(standard_error[row]),
                confidence,
                n: n[row],
                method: method[row].clone(),
            });
            let exact = known(exact[row]).map(|value| Exact {
                value,
                error: exact_error[row],
                method: exact_method[row].clone(),
            });
            Ok(Reading {
                axes: at,
                ..Reading::of(&cell[row], &quantity[row], measured, exact)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn axes_are_columns_between_cell_and_quantity() {
        let table = to_table(&fixture::record().estimates).unwrap();
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names[..4], ["cell", "process", "sharpness", "quantity"]);
        let own = ESTIMATES.columns.iter().map(|field| field.name);
        let fixed = names.into_iter().filter(|name| ESTIMATES.has(name));
        assert!(
            fixed.eq(own),
            "the schema has the same columns in the same order"
        );
        let words = |column: &[&str]| Column::Text(column.iter().map(|w| w.to_string()).collect());
        assert_eq!(table.column("process"), Some(&words(&["Adam", "", ""])));
        assert_eq!(table.column("component"), Some(&words(&["", "", "h = 1"])));
        assert_eq!(
            from_table(&table, Path::new("x")).unwrap(),
            fixture::record().estimates
        );
    }

    #[cfg(feature = "parquet")]
    #[test]
    fn parquet_says_what_its_columns_are() {
        let bytes = encode(&fixture::record().estimates).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains(NOTE) && text.contains("coverage of the interval"));
        assert!(text.contains("what the surface's curvature is multiplied by"));
    }

    #[test]
    fn an_axis_of_numbers_and_words_is_words() {
        let row = Reading::known("a", "x", Exact::by("by hand", 1.0));
        let rows = [row.clone().at("batch", 4.0), row.at("batch", "all")];
        let table = to_table(&rows).unwrap();
        assert_eq!(
            table.column("batch"),
            Some(&Column::Text(vec!["4".into(), "all".into()]))
        );
    }

    #[test]
    fn an_axis_with_the_name_of_a_column_is_refused() {
        let row = Reading::known("a", "x", Exact::by("by hand", 1.0)).at("n", 4.0);
        let message = to_table(&[row]).unwrap_err().to_string();
        assert!(
            message.contains("`n`") && message.contains("give it another"),
            "{message}"
        );
    }

    #[test]
    fn a_table_of_an_earlier_form_is_refused() {
        let mut table = to_table(&fixture::record().estimates).unwrap();
        table.columns.retain(|(name, _)| name != "exact");
        let error = from_table(&table, Path::new("out/estimates.parquet")).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("out/estimates.parquet has no column `exact`"),
            "{message}"
        );
        assert!(
            message.contains("earlier form") && message.contains("--force"),
            "{message}"
        );
        assert_eq!(error.exit_code(), 2);
    }
}
