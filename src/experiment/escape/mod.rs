//! The escape protocol: first exits from a valley, their rate, and what theory says of it.

mod cell;
mod claim;
mod course;
mod drivers;
mod figures;
mod forms;
mod leaving;
mod outcome;
mod paper;
mod process;
mod reference;
mod rulings;
mod run;
mod sde;
mod spec;
mod stability;
mod step_bias;
mod surface;
mod text;

pub use cell::{Cell, Driver, Noise, Shape};
pub(in crate::experiment) use course::Course;
pub use drivers::NOISES;
pub(in crate::experiment) use drivers::read as read_drivers;
pub use spec::{Axis, EscapeSpec};
pub(in crate::experiment) use surface::SurfaceSpec;
