//! A table that a user brings: columns of numbers from CSV, whose first line names them, or from Parquet.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use csv::{Reader, ReaderBuilder, StringRecord};

use base::error::{Error, Result};

/// The columns of these names, in their order; what else the file holds is not kept.
///
/// # Errors
/// A file that cannot be read, a column that is not there, a cell that is no finite number, rows of different lengths, no rows: each
/// with its line or row.
pub fn read(path: &Path, wanted: &[String]) -> Result<Vec<Vec<f64>>> {
    let columns = match is_parquet(path) {
        true => of_parquet(path, wanted),
        false => of_csv(path, wanted),
    };
    let columns = columns.map_err(|what| refused(path, &what))?;
    if columns.first().is_some_and(Vec::is_empty) {
        return Err(refused(path, "it has no rows"));
    }
    Ok(columns)
}

/// The names of a file's columns, in their order.
///
/// # Errors
/// A file that cannot be read.
pub fn names(path: &Path) -> Result<Vec<String>> {
    let names = match is_parquet(path) {
        true => parquet_names(path),
        false => csv_names(path),
    };
    names.map_err(|what| refused(path, &what))
}

/// How many rows a file has, at most.
///
/// # Errors
/// A file that cannot be read.
pub fn rows(path: &Path) -> Result<u64> {
    let rows = match is_parquet(path) {
        true => parquet_rows(path),
        false => csv_rows(path),
    };
    rows.map_err(|what| refused(path, &what))
}

/// By which columns are known again: over the bits of their numbers, in their order.
pub fn checksum(columns: &[Vec<f64>]) -> String {
    let mut sum = crc32fast::Hasher::new();
    for x in columns.iter().flatten() {
        sum.update(&x.to_le_bytes());
    }
    format!("{:08x}", sum.finalize())
}

fn refused(path: &Path, what: &str) -> Error {
    Error::Input(format!("{}: {what}", path.display()))
}

fn is_parquet(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("parquet"))
}

/// Where each wanted name stands among those there are.
fn places<'a>(
    wanted: &[String],
    there: impl Iterator<Item = &'a str> + Clone,
) -> std::result::Result<Vec<usize>, String> {
    let place = |name: &String| {
        let mut own = there.clone().enumerate().filter(|(_, known)| known == name);
        match (own.next(), own.next()) {
            (Some((at, _)), None) => Ok(at),
            (Some(_), Some(_)) => Err(format!("it has two columns `{name}`")),
            (None, _) => {
                let known: Vec<&str> = there.clone().take(20).collect();
                Err(format!(
                    "it has no column `{name}`; there are {}",
                    known.join(", ")
                ))
            }
        }
    };
    wanted.iter().map(place).collect()
}

fn csv_reader(path: &Path) -> std::result::Result<Reader<File>, String> {
    let reader = ReaderBuilder::new()
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_path(path);
    reader.map_err(|e| e.to_string())
}

fn csv_names(path: &Path) -> std::result::Result<Vec<String>, String> {
    let mut reader = csv_reader(path)?;
    let names = reader.headers().map_err(|e| e.to_string())?;
    Ok(names.iter().map(ToString::to_string).collect())
}

fn csv_rows(path: &Path) -> std::result::Result<u64, String> {
    let file = File::open(path).map_err(|e| e.to_string())?;
    let mut lines = 1;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    loop {
        let block = reader.fill_buf().map_err(|e| e.to_string())?;
        if block.is_empty() {
            return Ok(lines);
        }
        lines += block.iter().filter(|byte| **byte == b'\n').count() as u64;
        let read = block.len();
        reader.consume(read);
    }
}

fn of_csv(path: &Path, wanted: &[String]) -> std::result::Result<Vec<Vec<f64>>, String> {
    let mut reader = csv_reader(path)?;
    let names = reader.headers().map_err(|e| e.to_string())?.clone();
    let places = places(wanted, names.iter())?;
    let mut columns = vec![Vec::new(); wanted.len()];
    let mut row = StringRecord::new();
    while reader.read_record(&mut row).map_err(|e| e.to_string())? {
        let line = row.position().map_or(0, csv::Position::line);
        for ((column, at), name) in columns.iter_mut().zip(&places).zip(wanted) {
            let cell = row.get(*at).unwrap_or_default();
            match cell.parse::<f64>() {
                Ok(x) if x.is_finite() => column.push(x),
                _ => {
                    let shown: String = cell.chars().take(40).collect();
                    return Err(format!(
                        "line {line}, column `{name}`: `{shown}` is no finite number; take the row out, or mend it"
                    ));
                }
            }
        }
    }
    Ok(columns)
}

#[cfg(not(feature = "parquet"))]
const WITHOUT: &str = "this build reads CSV; Parquet takes the default features";

#[cfg(not(feature = "parquet"))]
fn of_parquet(_: &Path, _: &[String]) -> std::result::Result<Vec<Vec<f64>>, String> {
    Err(WITHOUT.into())
}

#[cfg(not(feature = "parquet"))]
fn parquet_names(_: &Path) -> std::result::Result<Vec<String>, String> {
    Err(WITHOUT.into())
}

#[cfg(not(feature = "parquet"))]
fn parquet_rows(_: &Path) -> std::result::Result<u64, String> {
    Err(WITHOUT.into())
}

#[cfg(feature = "parquet")]
fn parquet_rows(path: &Path) -> std::result::Result<u64, String> {
    use polars_io::prelude::{ParquetReader, SerReader};
    let file = File::open(path).map_err(|e| e.to_string())?;
    let mut reader = ParquetReader::new(file);
    let metadata = reader.get_metadata().map_err(|e| e.to_string())?;
    Ok(metadata.num_rows as u64)
}

#[cfg(feature = "parquet")]
fn parquet_names(path: &Path) -> std::result::Result<Vec<String>, String> {
    use polars_io::prelude::{ParquetReader, SerReader};
    let file = File::open(path).map_err(|e| e.to_string())?;
    let schema = ParquetReader::new(file)
        .schema()
        .map_err(|e| e.to_string())?;
    Ok(schema.iter_names().map(ToString::to_string).collect())
}

#[cfg(feature = "parquet")]
fn of_parquet(path: &Path, wanted: &[String]) -> std::result::Result<Vec<Vec<f64>>, String> {
    use polars_core::prelude::DataType;
    use polars_io::prelude::{ParallelStrategy, ParquetReader, SerReader};
    let names = parquet_names(path)?;
    places(wanted, names.iter().map(String::as_str))?;
    let file = File::open(path).map_err(|e| e.to_string())?;
    let frame = ParquetReader::new(file)
        .read_parallel(ParallelStrategy::None)
        .with_columns(Some(wanted.to_vec()))
        .finish()
        .map_err(|e| e.to_string())?;
    let number = |name: &String| {
        let column = frame.column(name).map_err(|e| e.to_string())?;
        if !column.dtype().is_primitive_numeric() {
            return Err(format!(
                "column `{name}` holds {}, and no numbers",
                column.dtype()
            ));
        }
        let column = column.cast(&DataType::Float64).map_err(|e| e.to_string())?;
        let values = column.f64().map_err(|e| e.to_string())?;
        let mut found = Vec::with_capacity(values.len());
        for (row, value) in values.iter().enumerate() {
            match value {
                Some(x) if x.is_finite() => found.push(x),
                _ => {
                    let what = value.map_or("nothing".to_string(), |x| x.to_string());
                    return Err(format!(
                        "row {}, column `{name}`: {what} is no finite number; take the row out, or mend it",
                        row + 1
                    ));
                }
            }
        }
        Ok(found)
    };
    wanted.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, wanted: &[&str]) -> std::result::Result<Vec<Vec<f64>>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points.csv");
        std::fs::write(&path, text).unwrap();
        let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        read(&path, &wanted).map_err(|e| e.to_string())
    }

    #[test]
    fn columns_of_a_file_and_what_is_wrong_with_others() {
        let good = "# points\nx, name, y\n1, a, 2e-3\n-0.5, b, 7\n";
        assert_eq!(
            of(good, &["y", "x"]),
            Ok(vec![vec![2e-3, 7.0], vec![1.0, -0.5]])
        );
        for (text, wanted, what) in [
            (
                good,
                "name",
                "line 3, column `name`: `a` is no finite number",
            ),
            (good, "z", "it has no column `z`; there are x, name, y"),
            ("x,x\n1,2\n", "x", "two columns `x`"),
            ("x,y\n1,2\n3\n", "x", "line: 3"),
            ("x\nNaN\n", "x", "line 2, column `x`: `NaN`"),
            ("x\ninf\n", "x", "`inf`"),
            ("x,y\n1,\n", "y", "line 2, column `y`: ``"),
            ("x,y\n", "x", "it has no rows"),
            ("", "x", "it has no column `x`"),
        ] {
            let said = of(text, &[wanted]).unwrap_err();
            assert!(said.contains(what) && said.contains("points.csv"), "{said}");
        }
        let missing = read(Path::new("/nowhere/points.csv"), &["x".into()]);
        assert!(
            missing
                .unwrap_err()
                .to_string()
                .contains("/nowhere/points.csv")
        );
    }

    #[cfg(feature = "parquet")]
    #[test]
    fn columns_of_parquet() {
        use crate::table::{Column, Table};
        let table = Table {
            columns: vec![
                ("x".into(), Column::F64(vec![1.0, -2.5])),
                ("n".into(), Column::U64(vec![3, 4])),
                ("hole".into(), Column::F64(vec![1.0, f64::NAN])),
                ("word".into(), Column::Text(vec!["a".into(), "b".into()])),
            ],
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points.parquet");
        std::fs::write(&path, crate::parquet::encode(&table, &[]).unwrap()).unwrap();
        let of = |name: &str| read(&path, &[name.to_string()]).map_err(|e| e.to_string());
        assert_eq!(of("n"), Ok(vec![vec![3.0, 4.0]]));
        assert_eq!(of("x"), Ok(vec![vec![1.0, -2.5]]));
        assert!(
            of("hole")
                .unwrap_err()
                .contains("row 2, column `hole`: nothing")
        );
        assert!(of("word").unwrap_err().contains("no numbers"));
        assert!(of("z").unwrap_err().contains("there are x, n, hole, word"));
    }
}
