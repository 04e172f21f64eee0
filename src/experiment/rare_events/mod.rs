//! The rare-events protocol: exits that brute force would wait for in vain, by adaptive multilevel
//! splitting, against the exact chain where there is one and against brute force where it still reaches.

pub mod cell;
mod checks;
mod claim;
mod figures;
mod outcome;
mod reference;
mod run;
mod spec;
mod text;

pub use spec::RareSpec;
