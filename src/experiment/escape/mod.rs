//! The escape protocol: first exits from a valley, their rate, and what theory says of it.

pub mod cell;
mod claim;
mod course;
mod drivers;
mod figures;
mod forms;
mod leaving;
pub mod noise;
mod outcome;
mod paper;
pub mod process;
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
pub(crate) use course::Course;
pub use drivers::NOISES;
pub(crate) use drivers::read as read_drivers;
pub use reference::solved;
pub use spec::{Axis, EscapeSpec};
pub(crate) use surface::SurfaceSpec;
