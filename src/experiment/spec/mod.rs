//! The experiment file: parse, override, validate, resolve.

mod heard;
mod reader;
mod setting;
mod synonyms;
mod tree;

pub use formula::did_you_mean;
pub use heard::{Heard, Key, listening};
pub use reader::{Section, nearest, written};
pub use setting::{Setting, given};
pub use tree::{Document, EXPERIMENT, Node, Value, shortened, text_of};
