//! The protocol `integrator-order`: how the error of every integrator falls with its step, without random numbers.
//!
//! Four problems, each solved exactly: a nonlinear diffusion on a circle in additive noise and in noise that
//! depends on θ, where the expectation over a scheme's normals is a quadrature; a linear process, where mean and
//! covariance of a scheme follow a recursion; and paths in common noise. Every number comes from the integrators
//! that simulate.

mod figures;
mod linear;
mod nonlinear;
mod paths;
mod problem;
mod run;
mod spec;
mod text;

pub use spec::OrderSpec;
