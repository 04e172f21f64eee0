//! Tables as Parquet, through polars: zstd-compressed, one thread, so that bytes never vary.

use std::io::Cursor;

use polars_core::prelude::{Column as Polars, DataFrame, DataType, NamedFrom, Series};
use polars_io::prelude::{
    KeyValueMetadata, ParallelStrategy, ParquetCompression, ParquetReader, ParquetWriter, SerReader,
};

use crate::seal;
use crate::table::{Column, Table};

pub(super) const EXTENSION: &str = "parquet";

/// Rows per group: small enough for a reader to skip through, large enough to compress well.
const ROW_GROUP: usize = 1 << 18;

pub(super) fn encode(table: &Table, notes: &[(String, String)]) -> Result<Vec<u8>, String> {
    let columns: Vec<Polars> = table
        .columns
        .iter()
        .map(|(name, column)| to_polars(name, column))
        .collect();
    let mut frame = DataFrame::new(table.rows(), columns).map_err(|e| e.to_string())?;
    let mut stamp = notes.to_vec();
    stamp.push(("seal".to_owned(), seal::BLANK.to_owned()));
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Zstd(None))
        .with_row_group_size(Some(ROW_GROUP))
        .with_key_value_metadata(Some(KeyValueMetadata::from_static(stamp)))
        .set_parallel(false)
        .finish(&mut frame)
        .map_err(|e| e.to_string())?;
    Ok(bytes)
}

pub(super) fn decode(bytes: Vec<u8>) -> Result<Table, String> {
    let frame = ParquetReader::new(Cursor::new(bytes))
        .read_parallel(ParallelStrategy::None)
        .finish()
        .map_err(|e| e.to_string())?;
    let columns: Result<Vec<_>, String> = frame
        .columns()
        .iter()
        .map(|column| Ok((column.name().to_string(), from_polars(column)?)))
        .collect();
    Ok(Table { columns: columns? })
}

fn to_polars(name: &str, column: &Column) -> Polars {
    let name = name.into();
    let series = match column {
        Column::F64(values) => {
            let nullable: Vec<Option<f64>> = values
                .iter()
                .map(|&value| (!value.is_nan()).then_some(value))
                .collect();
            Series::new(name, nullable)
        }
        Column::U64(values) => Series::new(name, values),
        Column::Bool(values) => Series::new(name, values),
        Column::Text(values) => Series::new(name, values),
    };
    series.into()
}

fn from_polars(column: &Polars) -> Result<Column, String> {
    let missing = || format!("column `{}` has missing values", column.name());
    let read = |e: polars_core::prelude::PolarsError| e.to_string();
    match column.dtype() {
        DataType::Float64 => {
            let values = column.f64().map_err(read)?;
            Ok(Column::F64(
                values
                    .iter()
                    .map(|value| value.unwrap_or(f64::NAN))
                    .collect(),
            ))
        }
        DataType::UInt64 => {
            let values: Option<Vec<u64>> = column.u64().map_err(read)?.iter().collect();
            values.map(Column::U64).ok_or_else(missing)
        }
        DataType::Boolean => {
            let values: Option<Vec<bool>> = column.bool().map_err(read)?.iter().collect();
            values.map(Column::Bool).ok_or_else(missing)
        }
        DataType::String => {
            let values = column.str().map_err(read)?.iter();
            let values: Option<Vec<String>> = values.map(|v| v.map(str::to_owned)).collect();
            values.map(Column::Text).ok_or_else(missing)
        }
        other => Err(format!(
            "column `{}` holds {other}, which no record does",
            column.name()
        )),
    }
}
