//! References computed without random numbers, each with the accuracy that it reached.
//!
//! | wanted | ask |
//! |---|---|
//! | covariance of θ and m near a minimum | [`linear::Recursion::stationary`] |
//! | law of θ after n steps, on a minimum, a saddle or a flat direction | [`linear::Recursion::after`] |
//! | variance and spectrum of an update's noise | [`linear::Filter`] |
//! | largest stable learning rate | [`linear::stability::largest_eta`] |
//! | the same for the diffusions in their place | [`OrnsteinUhlenbeck`], [`Langevin`] |
//! | distance of SGD and SGDM in common noise, and its limit at α = 1 | [`CommonNoise`], [`InertialLimit`] |
//! | moments under SVAG | [`Svag`] |
//! | slow motion along a valley or a ring | [`slow_manifold`] |
//! | change of a quadratic loss in a step | [`descent::expected_change`] |
//! | PAC-Bayes divergence and bound | [`pac_bayes`] |
//! | moments of SGD and of its modified equations | [`ModifiedEquation`] |
//! | first passage of an SDE in one dimension | [`FirstPassage`] |
//! | stationary law of an SDE in one dimension | [`StationaryLine`] |
//! | the first of d such passages | [`mod@first_of_many`] |
//! | densities, passage times and rates in one dimension and two, on a grid | [`fokker_planck`] |
//! | passage times and stationary means in two coordinates, whatever drift and noise | [`plane`] |
//! | rates and passage times of a particle with inertia | [`klein_kramers`], [`melnikov_meshkov`] |
//! | expectations of a diffusion or a chain on a circle | [`Circle`] |
//! | expectation over a normal | [`GaussHermite`] |
//! | exit of the discrete chain, of one coordinate and of d | [`DiscreteChain`], [`Survival`] |
//! | exit of SGD with momentum in one coordinate | [`MomentumChain`] |
//! | exit and law of a chain with finitely many moves | [`FiniteChain`], [`FiniteLaw`] |

mod chain_grid;
mod dead_zone;
mod function;
mod gaussian;
mod left_edge;
mod legendre;
mod normal_mean;
mod panels;
mod passage_integrals;
mod subtraction_free;

pub mod action;
pub mod averaged_loss;
pub mod chain_law;
pub mod circle;
pub mod common_noise;
pub mod descent;
pub mod discrete_chain;
pub mod finite_chain;
pub mod first_of_many;
pub mod first_passage;
pub mod fokker_planck;
pub mod gauss_hermite;
pub mod inertial_limit;
pub mod interpretation;
pub mod klein_kramers;
pub mod kramers_law;
pub mod langevin;
pub mod linear;
pub mod melnikov_meshkov;
pub mod minimum_of_d;
pub mod modified_equation;
pub mod moments;
pub mod momentum_chain;
pub mod ornstein_uhlenbeck;
pub mod pac_bayes;
pub mod plane;
pub mod slow_manifold;
pub mod stationary_line;
pub mod svag;
pub mod two_temperature;

pub use action::action;
pub use averaged_loss::AveragedStyblinskiTang;
pub use chain_law::{ChainDensity, ChainLaw};
pub use circle::Circle;
pub use common_noise::{Apart, CommonNoise};
pub use discrete_chain::{DiscreteChain, ExitSteps};
pub use finite_chain::{ExitStep, FiniteChain, FiniteLaw, FreeChain, Watched};
pub use first_of_many::first_of_many;
pub use first_passage::{FirstPassage, Passage, PassageTime};
pub use function::Function;
pub use gauss_hermite::GaussHermite;
pub use inertial_limit::InertialLimit;
pub use interpretation::Interpretation;
pub use langevin::{Langevin, Velocity};
pub use left_edge::cut_short;
pub use minimum_of_d::Survival;
pub use modified_equation::ModifiedEquation;
pub use moments::Moments;
pub use momentum_chain::{MeanExit, MomentumChain};
pub use normal_mean::normal_mean;
pub use ornstein_uhlenbeck::OrnsteinUhlenbeck;
pub use panels::{Breaks, Marks, smooth};
pub use plane::{Plane, PlaneLaw};
pub use stationary_line::StationaryLine;
pub use svag::Svag;
pub use two_temperature::TwoTemperature;
