//! What every room stands on.

pub mod error;
pub mod interrupt;
pub mod shown;
pub mod value;
