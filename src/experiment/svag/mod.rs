//! The protocol `svag`: what SVAG makes of one gradient's cumulants, and SGD with SVAG on a quadratic against
//! the diffusion that it is to approach.

mod cumulants;
mod figures;
mod rulings;
mod run;
mod spec;

pub use spec::SvagSpec;
