//! A formula that was read: what stands in it, as a tree.

use crate::function::{Comparison, Operation};
use crate::mistake::Mistake;
use crate::{parse, reserved, token};

/// A formula that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// As it was written.
    pub text: String,
    /// What it says.
    pub root: Node,
}

/// A part of a formula.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Characters before it, or before its sign.
    pub at: usize,
    /// What it is.
    pub kind: Kind,
}

/// What a part of a formula is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A number.
    Number(f64),
    /// A word in quotes.
    Word(String),
    /// A name.
    Name(String),
    /// `of.name`.
    Member(Box<Node>, String),
    /// `of[word, axis=value]`.
    Narrowed(Box<Node>, Vec<Narrowing>),
    /// −a.
    Negative(Box<Node>),
    /// a ∘ b.
    Two(Operation, Box<Node>, Box<Node>),
    /// a compared with b.
    Compared(Comparison, Box<Node>, Box<Node>),
    /// A name with arguments.
    Call(String, Vec<Node>),
}

/// A condition in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowing {
    /// Characters before it.
    pub at: usize,
    /// What is narrowed; a bare word names a process.
    pub axis: Option<String>,
    /// To what, as it was written.
    pub value: String,
}

impl Tree {
    /// Reads a formula: numbers (2, 0.5, 1e-3), names, words in quotes, + − * / ^ with their usual order (^ binds tightest and
    /// to the right, so that −x^2 = −(x²) and 2^3^2 = 2⁹), comparisons (which bind least), parentheses, calls, `a.b` and
    /// `a[b, c=d]`.
    ///
    /// # Errors
    /// What stands where it cannot.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        Ok(Tree {
            text: text.to_string(),
            root: parse::parse(text)?,
        })
    }

    /// What is wrong at a character.
    pub fn mistake(&self, at: usize, what: impl Into<String>) -> Mistake {
        Mistake {
            at,
            what: what.into(),
            text: self.text.clone(),
        }
    }

    /// The names in it that are not called and have no meaning of their own, each once, in the order of appearance; members
    /// with their dot.
    pub fn names(&self) -> Vec<(usize, String)> {
        let mut found: Vec<(usize, String)> = Vec::new();
        self.root.visit(&mut |node| {
            if let Some(name) = node.dotted()
                && !reserved(&name)
                && !found.iter().any(|(_, known)| *known == name)
            {
                found.push((node.at, name));
            }
            node.dotted().is_none()
        });
        found
    }
}

impl Node {
    /// A name, or a member of one, with its dots.
    pub fn dotted(&self) -> Option<String> {
        match &self.kind {
            Kind::Name(name) => Some(name.clone()),
            Kind::Member(of, name) => Some(format!("{}.{name}", of.dotted()?)),
            _ => None,
        }
    }

    /// What it is made of.
    pub fn parts(&self) -> Vec<&Node> {
        match &self.kind {
            Kind::Number(_) | Kind::Word(_) | Kind::Name(_) => Vec::new(),
            Kind::Member(a, _) | Kind::Narrowed(a, _) | Kind::Negative(a) => vec![a],
            Kind::Two(_, a, b) | Kind::Compared(_, a, b) => vec![a, b],
            Kind::Call(_, arguments) => arguments.iter().collect(),
        }
    }

    /// Shows it and its parts, from left to right, as long as `look` wants to see a part's own parts.
    pub fn visit(&self, look: &mut dyn FnMut(&Node) -> bool) {
        if look(self) {
            self.parts().into_iter().for_each(|part| part.visit(look));
        }
    }
}

/// A name in a text that may not be a formula yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LooseName {
    /// The name.
    pub name: String,
    /// Whether it is called somewhere.
    pub called: bool,
}

/// The names in a text that have no meaning of their own, each once, in the order of appearance.
///
/// # Errors
/// A character that cannot occur.
pub fn loose_names(text: &str) -> Result<Vec<LooseName>, Mistake> {
    let tokens = token::tokens(text)?;
    let mut found: Vec<LooseName> = Vec::new();
    for ((_, token), (_, next)) in tokens.iter().zip(&tokens[1..]) {
        let token::Token::Name(name) = token else {
            continue;
        };
        let called = *next == token::Token::Sign("(");
        match found.iter_mut().find(|known| known.name == *name) {
            Some(known) => known.called |= called,
            None if reserved(name) => {}
            None => found.push(LooseName {
                name: name.clone(),
                called,
            }),
        }
    }
    Ok(found)
}
