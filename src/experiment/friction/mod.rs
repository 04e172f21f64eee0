//! The protocol `friction`: a momentum rule's first passage over a barrier, from weak to strong damping.
//!
//! Every time is held against the Klein–Kramers equation's, with Theorem 3 of Adaptive Inertia beside it.

mod cell;
mod figures;
mod reference;
mod rulings;
mod run;
mod spec;
mod text;

pub use spec::FrictionSpec;
