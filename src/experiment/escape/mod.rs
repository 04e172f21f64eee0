//! The escape protocol: first exits from a valley, their rate, and what theory says of it.

mod cell;
mod claim;
mod drivers;
mod process;
mod spec;
mod surface;

pub use cell::{Cell, Driver, Noise};
pub use drivers::NOISES;
pub use spec::{Axis, EscapeSpec};
