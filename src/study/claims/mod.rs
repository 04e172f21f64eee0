//! Claims of a file over the readings of its study: sections `[[claim]]`, read into [`Question`]s.

mod places;
mod read;
#[cfg(test)]
mod tests;

pub use places::Places;
pub use read::{read, read_all};
pub use verdict::question::Question;
