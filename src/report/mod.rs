//! Record, figures and report: the only part of the lab that touches files.
//!
//! A [`record::Record`] is what one experiment leaves behind. Everything a reader sees is made from
//! loaded records alone: figures by [`draw`], the page by [`html`], the table for a pull request by
//! [`markdown`], and the gallery by [`gallery`].

pub mod atomic;
//bibliography
#[cfg(not(feature = "parquet"))]
mod csv;
pub mod draw;
pub mod figure;
#[cfg(test)]
mod fixture;
//gallery
//html
pub mod manifest;
//markdown
pub mod number;
#[cfg(feature = "parquet")]
mod parquet;
pub mod record;
mod seal;
//summary
pub mod table;
pub mod verdicts;
