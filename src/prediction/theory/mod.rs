//! The papers' closed forms, exactly as stated, with the conditions that they state.

pub mod adai;
pub mod feature_learning;
