//! Record, figures and report: the only part of the lab that touches files.
//!
//! A [`record::Record`] is what one experiment leaves behind. Everything a reader sees is made from
//! loaded records alone: figures by [`draw`], the page by [`html`], the table for a pull request by
//! [`markdown`], the gallery by [`gallery`]. [`folder`] reads and writes a whole folder of records.

pub mod atomic;
pub mod bibliography;
pub mod checkpoint;
pub mod clock;
pub mod columns;
#[cfg(not(feature = "parquet"))]
mod csv;
pub mod draw;
pub mod estimates;
pub mod figure;
#[cfg(test)]
mod fixture;
pub mod folder;
pub mod gallery;
pub mod html;
mod lock;
pub mod manifest;
pub mod markdown;
pub mod name;
mod npy;
pub mod npz;
pub mod number;
pub mod own;
#[cfg(feature = "parquet")]
mod parquet;
pub mod place;
pub mod record;
pub mod schema;
mod seal;
pub mod shard;
pub mod summary;
pub mod table;
pub mod verdicts;
mod zip;
