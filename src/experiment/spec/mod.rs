//! The experiment file: parse, override, validate, resolve.

mod reader;
mod tree;

pub use reader::{Section, nearest};
pub use tree::{Document, Node, Value};
