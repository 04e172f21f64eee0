//! A laboratory for the diffusion theory of stochastic optimizers.
//!
//! An **experiment** runs a **simulation**, takes **measurements**, holds them against
//! **predictions**, reaches **verdicts** and writes a **report**. Each of these words is a room, a crate of its own;
//! data moves from left to right only.
//!
//! A study is composed of text, as in a file, and run in memory: SGD on a parabola, the variance that it comes to, and a claim
//! about it.
//!
//! ```
//! use kramers::prelude::*;
//!
//! fn main() -> Result<()> {
//!     let study = Study::parse(
//!         r#"
//!         landscape = { name = "quadratic", h = 1.0 }
//!         noise = { name = "gaussian", variance = 1.0 }
//!         start = { at = 0.0 }
//!         process = { optimizer = "sgd", eta = [0.1, 0.2] }
//!         observe = { label = "square", name = "moment", of = "x^2", steps = 200 }
//!
//!         [[claim]]
//!         id = "posterior"
//!         quantity = "square"
//!         predicts = "eta*noise_variance/(h*(2 - eta*h))"
//!         within = "20 %"
//!         "#,
//!     )?;
//!     let outcome = study.run(1)?;
//!     for square in outcome.readings_of("square") {
//!         let (measured, exact) = (square.measured.as_ref(), square.exact.as_ref());
//!         println!("{}: {measured:?}, exactly {exact:?}", square.cell);
//!     }
//!     assert!(outcome.rulings.iter().all(|r| r.verdict == Verdict::Confirmed));
//!     Ok(())
//! }
//! ```
//!
//! What every particle did is an array, by which an observable of one's own is computed: `examples/custom_observable.rs`. A
//! rule of one's own is a page: `examples/custom_optimizer.rs`.

pub mod prelude;
mod shipped;

pub use base::{self, error};
pub use cli;
pub use experiment;
pub use measurement;
#[cfg(feature = "torch")]
pub use network;
pub use prediction;
pub use report;
pub use shipped::{PROGRAM, SHIPPED};
pub use simulation;
pub use study::{self, Study, ndarray};
pub use verdict;
