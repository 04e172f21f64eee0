//! Adaptive Inertia: Disentangling the Effects of Adaptive Learning Rate and Momentum (Z. Xie,
//! X. Wang, H. Zhang, I. Sato and M. Sugiyama, ICML 2022).

mod escape;
mod inertia;
pub mod saddle;

pub use escape::{
    Escape, EscapeTime, adai_log_order, adam_log_order, high_barriers, momentum, momentum_validity,
    sgd, small_steps, validity,
};
pub use inertia::Inertia;
