//! Many particles in blocks, on all cores: until each has ended, or for a number of steps.
//!
//! Whatever the number of threads, the size of a block or the order in which lanes are refilled, a
//! particle's path is the same to the bit, since its random numbers are keyed by its own index and
//! step. No statistics and no theory here.

mod block;
mod bundled;
mod exit;
mod first_exit;
mod observed;
mod precision;
mod process;
mod retuned;
mod single;
mod snapshots;
pub mod splitting;

pub use block::Block;
pub use bundled::Bundled;
pub use exit::{Crossing, Exit, SHIFT};
pub use first_exit::{End, Ensemble, FirstExits, Plan};
pub use observed::{Formulas, Observed, Observer, Row, Scatter};
pub use precision::Precision;
pub use process::{Diffusing, Optimizing, Process, Workspace};
pub use retuned::Retuned;
pub use single::{Single, single};
pub use snapshots::{Begun, Course, Snapshots, Start};
