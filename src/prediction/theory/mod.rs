//! The papers' closed forms, exactly as stated, with the conditions that they state.

pub mod adai;
pub mod feature_learning;
pub mod marginal_value;
pub mod pnm;
