//! Tables as CSV, for the build without polars. The first line is a comment with the column types
//! and the checksum (`skip_rows=1` in a notebook); after it, a plain header and plain rows.

use csv::{ReaderBuilder, WriterBuilder};

use crate::seal;
use crate::table::{Column, Table};

pub(super) const EXTENSION: &str = "csv";

/// CSV has no place for notes.
pub(super) fn encode(table: &Table, _: &[(String, String)]) -> Result<Vec<u8>, String> {
    let types: Vec<&str> = table
        .columns
        .iter()
        .map(|(_, column)| type_of(column))
        .collect();
    let mut bytes = format!(
        "# {} types:{} rows:{}\n",
        seal::BLANK,
        types.join(","),
        table.rows()
    )
    .into_bytes();
    if table.columns.is_empty() {
        return Ok(bytes);
    }
    let mut writer = WriterBuilder::new().from_writer(&mut bytes);
    let names = table.columns.iter().map(|(name, _)| name);
    writer.write_record(names).map_err(|e| e.to_string())?;
    for row in 0..table.rows() {
        let cells = table.columns.iter().map(|(_, column)| cell(column, row));
        writer.write_record(cells).map_err(|e| e.to_string())?;
    }
    writer.flush().map_err(|e| e.to_string())?;
    drop(writer);
    Ok(bytes)
}

pub(super) fn decode(bytes: Vec<u8>) -> Result<Table, String> {
    let end = bytes
        .iter()
        .position(|&byte| byte == b'\n')
        .ok_or("it has no first line")?;
    let (first, rest) = bytes.split_at(end + 1);
    let first = String::from_utf8_lossy(first);
    let types = first
        .split_whitespace()
        .find_map(|word| word.strip_prefix("types:"))
        .ok_or("its first line does not name the column types")?;
    if types.is_empty() {
        return Ok(Table::default());
    }
    let mut reader = ReaderBuilder::new().from_reader(rest);
    let names = reader.headers().map_err(|e| e.to_string())?.clone();
    let mut columns: Vec<(String, Column)> = Vec::new();
    for (name, kind) in names.iter().zip(types.split(',')) {
        columns.push((name.to_owned(), empty(kind)?));
    }
    if columns.len() != names.len() {
        return Err(format!(
            "it has {} columns but {} types",
            names.len(),
            columns.len()
        ));
    }
    for row in reader.records() {
        let row = row.map_err(|e| e.to_string())?;
        for ((name, column), cell) in columns.iter_mut().zip(&row) {
            push(column, cell).ok_or_else(|| format!("`{cell}` in column `{name}`"))?;
        }
    }
    Ok(Table { columns })
}

fn type_of(column: &Column) -> &'static str {
    match column {
        Column::F64(_) => "f64",
        Column::U64(_) => "u64",
        Column::Bool(_) => "bool",
        Column::Text(_) => "text",
    }
}

fn empty(kind: &str) -> Result<Column, String> {
    match kind {
        "f64" => Ok(Column::F64(Vec::new())),
        "u64" => Ok(Column::U64(Vec::new())),
        "bool" => Ok(Column::Bool(Vec::new())),
        "text" => Ok(Column::Text(Vec::new())),
        other => Err(format!("`{other}` is no column type")),
    }
}

fn cell(column: &Column, row: usize) -> String {
    let text = match column {
        // The shortest text that parses back to the same bits.
        Column::F64(values) => values
            .get(row)
            .filter(|v| !v.is_nan())
            .map(|v| format!("{v:?}")),
        Column::U64(values) => values.get(row).map(u64::to_string),
        Column::Bool(values) => values.get(row).map(bool::to_string),
        Column::Text(values) => values.get(row).cloned(),
    };
    text.unwrap_or_default()
}

fn push(column: &mut Column, cell: &str) -> Option<()> {
    match column {
        Column::F64(values) if cell.is_empty() => values.push(f64::NAN),
        Column::F64(values) => values.push(cell.parse().ok()?),
        Column::U64(values) => values.push(cell.parse().ok()?),
        Column::Bool(values) => values.push(cell.parse().ok()?),
        Column::Text(values) => values.push(cell.to_owned()),
    }
    Some(())
}
