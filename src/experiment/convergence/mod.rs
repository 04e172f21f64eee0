//! The protocol `convergence`: min over k ≤ t of E‖∇L(θ_k)‖² at η = C/√t, against t and against a bound.
//!
//! The theorems of the papers state O(1/√t) under an L-Lipschitz gradient, noise of bounded variance σ² and
//! gradients bounded by G. Their constants are not at hand; `bound.rs` proves one of the same form.

mod bound;
mod rulings;
mod run;
mod spec;

pub use spec::ConvergenceSpec;
