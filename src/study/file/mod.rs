//! What a file says: its blocks, its sweep, and what its names stand for.

pub mod block;
pub mod names;
pub mod sweep;

pub use block::Block;
pub use names::{Known, Names, Nothing};
