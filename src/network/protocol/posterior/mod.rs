//! The protocol `network-posterior`: where trainings with a constant learning rate settle about a minimum of a
//! network, against Lyapunov equations with the Hessian and the gradient noise of that minimum.

mod cell;
mod claim;
mod figures;
mod ground;
mod outcome;
mod rulings;
mod run;
mod spec;
mod text;

pub use spec::PosteriorSpec;
