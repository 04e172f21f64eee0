//! The experiments, papers and rules that ship with the lab, carried in the program so that it runs from any folder.

use cli::Program;
use cli::catalogue::Shipped;

/// Every file below `experiments/`: the build makes the list.
pub const SHIPPED: &[Shipped] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// The program, wherever it is run from.
pub const PROGRAM: Program = Program {
    revision: option_env!("KRAMERS_GIT_REVISION"),
    shipped: SHIPPED,
};
