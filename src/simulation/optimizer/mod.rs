//! Update rules: one file each, its arithmetic written once over any [`Real`].
//!
//! A rule maps a stochastic gradient to an update u; the parameters then move by θ ← θ − u. The rule
//! never sees θ, so translation invariance holds by construction. Weight decay and the learning-rate
//! schedule act around the rule, in [`block`] and [`trajectory`].

pub mod adabelief;
pub mod adabound;
pub mod adai;
pub mod adaiv2;
pub mod adam;
pub mod adams;
pub mod adapnm;
pub mod amsgrad;
pub mod block;
pub mod degree;
pub mod entry;
mod field;
pub mod frozen;
pub mod heavy_ball;
pub mod moments;
pub mod momentum;
pub mod nadam;
pub mod padam;
pub mod pnm;
pub mod radam;
mod rate;
mod real;
pub mod registry;
pub mod rmsprop;
mod rule;
mod schedule;
pub mod sgd;
pub mod sgdm;
pub mod sgds;
pub mod trajectory;
mod weight_decay;
mod wide;
pub mod written;
pub mod yogi;

pub use block::{Configured, Moves, Optimizer, Rows};
pub use entry::{Entry, Parameter, Values};
pub use field::{Array, Each, Field, Pair};
pub use rate::Rate;
pub use real::Real;
pub use rule::{Rule, Slots};
pub use schedule::{Course, Schedule};
pub use weight_decay::WeightDecay;
pub(crate) use wide::Wide;
