//! Exact values of what is read: no random numbers here. One file for each kind of system whose law is known.

pub mod batches;
pub mod density;
pub mod gaussian;
pub mod line;
pub mod momentum;
mod noise_of_place;
pub mod passage;
pub mod plane;
mod polynomial;
pub mod relaxation;
pub mod state;
