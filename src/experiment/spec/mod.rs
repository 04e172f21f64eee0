//! The experiment file: parse, override, validate, resolve.

mod reader;
mod setting;
mod synonyms;
mod tree;

pub use reader::{Section, nearest, written};
pub use setting::{Setting, given};
pub use tree::{Document, Node, Value, shortened, text_of};
