//! Counter-based random numbers. Nothing else in the crate draws a number.
//!
//! Every draw is a pure function of (root seed, cell, purpose, particle, step, index), computed by
//! Philox4x32-10 from integers. There is no state to carry, so results do not depend on the number
//! of threads, the block size, the order of particles, or where a run was resumed.

mod box_muller;
mod normals;
mod permutation;
mod philox;
mod sequence;
mod single;
mod stream;

pub(crate) use box_muller::open_uniform;
pub use normals::{Address, Drawn, FRESH_ROWS, fill_fresh, fill_normals, fill_words, period};
pub use permutation::Permutation;
pub use sequence::Sequence;
pub use stream::{Grain, Purpose, Stream, cell_key};
