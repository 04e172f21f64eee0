//! Update rules: one file each, its arithmetic written once over any [`Real`].
//!
//! A rule maps a stochastic gradient to an update u; the parameters then move by θ ← θ − u. The rule
//! never sees θ, so translation invariance holds by construction. Weight decay (L2 or decoupled) and
//! the learning-rate schedule act around the rule, in [`step`](block) and [`trajectory`].

pub mod adai;
pub mod adam;
pub mod block;
pub mod heavy_ball;
pub mod momentum;
pub mod pnm;
mod real;
pub mod registry;
mod rule;
pub mod sgd;
pub mod sgdm;
pub mod trajectory;
mod weight_decay;
mod wide;

pub use block::BlockOptimizer;
pub use real::Real;
pub use rule::{Rule, Slots};
pub use weight_decay::WeightDecay;
