//! Data sets to train networks on: read from files in the formats in which they are published, or shipped.
//!
//! Whatever is random about a set (its split, its wrong labels, its crops) is a pure function of a stream and of the
//! example's number, so that it does not depend on the order in which examples are used.

pub mod augment;
pub mod cifar;
pub mod digits;
mod draw;
mod file;
pub mod idx;
pub mod label_noise;
pub mod labelled;
pub mod margin;
pub mod ptb;

pub use augment::Augmentation;
pub use label_noise::LabelNoise;
pub use labelled::{Labelled, Split};
pub use ptb::{Corpus, Text};
