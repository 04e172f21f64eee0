//! Claims of a file over the readings of its study: sections `[[claim]]`, read into questions.

mod places;
mod read;
#[cfg(test)]
mod tests;

pub use places::Places;
pub use read::read_all;
