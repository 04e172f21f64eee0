//! What theory says: the papers' closed forms, and exact references without random numbers.
//!
//! Nothing here knows of the simulation: a process enters as closures, L'(θ) and D(θ) or C(θ).

pub mod condition;
pub mod exact;
#[cfg(test)]
mod printed;
pub mod scaled;
pub mod theory;

pub use condition::Condition;
pub use scaled::Scaled;
