//! The protocol `stationary-density`: the law of particles in the long run against the Fokker–Planck equation's.

mod cell;
mod figures;
mod law;
mod rulings;
mod run;
mod spec;
mod text;

pub use spec::DensitySpec;
