//! The protocol `modified-equations`: how far SGD is from the diffusions that follow it to order 1 and 2 in η, and
//! how that falls with η.
//!
//! On a parabola in noise that follows the loss the moments of both are closed; on 1 − cos θ the step of SGD and the
//! equations are operators on functions of a circle. SGD is also simulated, and held against these.

mod circle;
mod claim;
mod figures;
mod rulings;
mod run;
mod simulate;
mod spec;

pub use spec::ModifiedSpec;
