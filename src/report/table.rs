//! Columns of numbers and words, as records keep them: Parquet, or CSV in the lean build.

use std::path::{Path, PathBuf};

use crate::record::damaged;
use crate::{atomic, seal};
use base::error::{Error, Result};

#[cfg(not(feature = "parquet"))]
use crate::csv as format;
#[cfg(feature = "parquet")]
use crate::parquet as format;

/// Suffix of the tables that this build writes: `parquet`, or `csv` without the feature.
pub const EXTENSION: &str = format::EXTENSION;

/// A column. Missing numbers are NaN in memory and null (an empty cell in CSV) on disk, so that a
/// notebook's averages skip them; infinities are kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Real numbers; NaN stands for a missing one.
    F64(Vec<f64>),
    /// Counts and indices.
    U64(Vec<u64>),
    /// Flags.
    Bool(Vec<bool>),
    /// Words.
    Text(Vec<String>),
}

impl Column {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Column::F64(values) => values.len(),
            Column::U64(values) => values.len(),
            Column::Bool(values) => values.len(),
            Column::Text(values) => values.len(),
        }
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Named columns of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Names and columns, in file order.
    pub columns: Vec<(String, Column)>,
}

impl Table {
    /// Number of rows: that of the first column.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, column)| column)
    }

    fn check(&self) -> Result<()> {
        for (at, (name, column)) in self.columns.iter().enumerate() {
            if column.len() != self.rows() {
                return Err(Error::Failed(format!(
                    "column `{name}` has {} rows where the table has {}",
                    column.len(),
                    self.rows()
                )));
            }
            if self
                .columns
                .iter()
                .take(at)
                .any(|(earlier, _)| earlier == name)
            {
                return Err(Error::Failed(format!(
                    "column `{name}` is in the table twice"
                )));
            }
        }
        Ok(())
    }
}

/// Writes `stem.parquet` (or `stem.csv`) whole or not at all; the same table gives the same bytes.
///
/// # Errors
/// If columns differ in length or share a name, or the file cannot be written.
pub fn write_table(stem: &Path, table: &Table) -> Result<PathBuf> {
    let path = path_of(stem);
    let bytes = encode(table)?;
    atomic::write(&path, &bytes)?;
    Ok(path)
}

/// Reads what [`write_table`] wrote.
///
/// # Errors
/// If the file cannot be read, or is damaged in any byte: nothing of it is then used.
pub fn read_table(stem: &Path) -> Result<Table> {
    let path = path_of(stem);
    let bytes = atomic::read(&path)?;
    decode(&path, bytes)
}

/// Where [`write_table`] puts the table of that stem.
pub fn path_of(stem: &Path) -> PathBuf {
    let mut name = stem.as_os_str().to_os_string();
    name.push(".");
    name.push(EXTENSION);
    PathBuf::from(name)
}

pub(super) fn encode(table: &Table) -> Result<Vec<u8>> {
    encode_with(table, &[])
}

/// With notes, by name, beside the columns, where the format has a place for them.
pub(super) fn encode_with(table: &Table, notes: &[(String, String)]) -> Result<Vec<u8>> {
    table.check()?;
    let bytes = format::encode(table, notes).map_err(|reason| {
        Error::Failed(format!("cannot encode a table as {EXTENSION}: {reason}"))
    })?;
    seal::close(bytes).ok_or_else(|| {
        Error::Failed(format!(
            "the {EXTENSION} encoder left no room for a checksum"
        ))
    })
}

pub(super) fn decode(path: &Path, bytes: Vec<u8>) -> Result<Table> {
    seal::check(&bytes).map_err(|what| damaged(path, what))?;
    let table = format::decode(bytes).map_err(|what| damaged(path, what))?;
    table.check().map_err(|what| damaged(path, what))?;
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table {
            columns: vec![
                (
                    "exit step, τ".into(),
                    Column::F64(vec![1.0 / 3.0, f64::NAN, f64::INFINITY, -1e-300]),
                ),
                ("particle".into(), Column::U64(vec![0, 1, u64::MAX, 3])),
                (
                    "censored".into(),
                    Column::Bool(vec![true, false, false, true]),
                ),
                (
                    "cell".into(),
                    Column::Text(vec![
                        "".into(),
                        "a,\"b\"\nc".into(),
                        "12".into(),
                        "β₁ = 0.9".into(),
                    ]),
                ),
            ],
        }
    }

    /// Equality that takes NaN for equal to itself, bit for bit.
    fn same(a: &Table, b: &Table) -> bool {
        a.columns.len() == b.columns.len()
            && a.columns
                .iter()
                .zip(&b.columns)
                .all(|((name, x), (other, y))| {
                    name == other
                        && match (x, y) {
                            (Column::F64(x), Column::F64(y)) => {
                                x.len() == y.len()
                                    && x.iter().zip(y).all(|(x, y)| x.to_bits() == y.to_bits())
                            }
                            _ => x == y,
                        }
                })
    }

    #[test]
    fn a_table_comes_back_as_it_was_and_its_bytes_are_always_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let stem = folder.path().join("samples.v1");
        let path = write_table(&stem, &table()).unwrap();
        assert_eq!(path.extension().unwrap(), EXTENSION);
        assert!(same(&read_table(&stem).unwrap(), &table()));
        assert_eq!(encode(&table()).unwrap(), std::fs::read(path).unwrap());
    }

    #[test]
    fn long_and_empty_tables_come_back() {
        let rows = 600_000;
        let long = Table {
            columns: vec![
                (
                    "x".into(),
                    Column::F64((0..rows).map(|i| (i as f64).sqrt()).collect()),
                ),
                ("n".into(), Column::U64((0..rows).collect())),
            ],
        };
        let bytes = encode(&long).unwrap();
        assert_eq!(bytes, encode(&long).unwrap());
        assert!(same(&decode(Path::new("x"), bytes).unwrap(), &long));

        let mut empty = table();
        for (_, column) in &mut empty.columns {
            match column {
                Column::F64(values) => values.clear(),
                Column::U64(values) => values.clear(),
                Column::Bool(values) => values.clear(),
                Column::Text(values) => values.clear(),
            }
        }
        for table in [empty, Table::default()] {
            let bytes = encode(&table).unwrap();
            assert!(same(&decode(Path::new("x"), bytes).unwrap(), &table));
        }
    }

    #[test]
    fn a_damaged_table_is_named_and_refused() {
        let folder = tempfile::tempdir().unwrap();
        let stem = folder.path().join("samples");
        let path = write_table(&stem, &table()).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 3] ^= 1;
        for bytes in [
            &whole[..whole.len() - 1],
            &whole[..whole.len() / 2],
            b"",
            &flipped,
        ] {
            std::fs::write(&path, bytes).unwrap();
            let message = read_table(&stem).unwrap_err().to_string();
            assert!(message.contains("samples"), "{message}");
            assert!(message.contains("is damaged: "), "{message}");
            assert!(
                message.ends_with("with --force, which replaces the record"),
                "{message}"
            );
        }
    }

    #[test]
    fn ragged_columns_and_repeated_names_are_refused() {
        let mut ragged = table();
        ragged.columns.push(("short".into(), Column::U64(vec![1])));
        assert!(
            encode(&ragged)
                .unwrap_err()
                .to_string()
                .contains("`short` has 1 rows")
        );
        let mut twice = table();
        twice
            .columns
            .push(("cell".into(), Column::U64(vec![1, 2, 3, 4])));
        assert!(encode(&twice).unwrap_err().to_string().contains("twice"));
    }
}
