//! The protocol `network-escape`: how fast minibatch noise drives a network out of a minimum over a saddle, against
//! the exit of the very chain that its weight follows.

mod cell;
mod figures;
mod neuron;
mod outcome;
mod run;
mod spec;
mod text;

pub use neuron::Neuron;
pub use spec::EscapeSpec;
