//! Lines `name = formula`.

use std::sync::Arc;

use formula::{Mistake, Tree};

/// A formula, and where in a longer text it stands.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The formula.
    pub tree: Tree,
    /// The text that it stands in.
    text: Arc<str>,
    /// Characters of the text before it.
    before: usize,
}

impl Placed {
    /// A formula that is a text of its own.
    ///
    /// # Errors
    /// It is none.
    pub fn whole(text: &str) -> Result<Self, Mistake> {
        Ok(Placed {
            tree: Tree::parse(text)?,
            text: text.into(),
            before: 0,
        })
    }

    /// What is wrong at a character of the formula.
    pub fn mistake(&self, at: usize, what: impl Into<String>) -> Mistake {
        Mistake {
            at: self.before + at,
            what: what.into(),
            text: self.text.to_string(),
        }
    }
}

/// A line `name = formula`.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What it sets.
    pub name: String,
    /// Characters of the text before the name.
    pub at: usize,
    /// To what.
    pub formula: Placed,
}

impl Statement {
    /// What is wrong with the name.
    pub fn mistake(&self, what: impl Into<String>) -> Mistake {
        Mistake {
            at: self.at,
            what: what.into(),
            text: self.formula.text.to_string(),
        }
    }
}

/// The statements of a text, a line each; what stands behind a `#` is a remark.
///
/// # Errors
/// A line that is no statement, or whose formula is none.
pub fn statements(text: &str) -> Result<Vec<Statement>, Mistake> {
    let whole: Arc<str> = text.into();
    let mut found = Vec::new();
    let mut begin = 0;
    for line in text.split('\n') {
        let said = line.split('#').next().unwrap_or("");
        if !said.trim().is_empty() {
            found.push(statement(&whole, said, begin)?);
        }
        begin += line.chars().count() + 1;
    }
    Ok(found)
}

fn statement(text: &Arc<str>, said: &str, begin: usize) -> Result<Statement, Mistake> {
    let at = begin + said.chars().take_while(|c| c.is_whitespace()).count();
    let wrong = |at: usize, what: String| Mistake {
        at,
        what,
        text: text.to_string(),
    };
    let Some((name, formula)) = said.split_once('=') else {
        return Err(wrong(at, "expected a line `name = formula`".into()));
    };
    let before = begin + name.chars().count() + 1;
    let name = name.trim();
    if !is_name(name) {
        let what = format!("`{name}` is no name; use letters, digits and _");
        return Err(wrong(at, what));
    }
    let tree = Tree::parse(formula).map_err(|m| wrong(before + m.at, m.what))?;
    let formula = Placed {
        tree,
        text: text.clone(),
        before,
    };
    Ok(Statement {
        name: name.to_string(),
        at,
        formula,
    })
}

/// Whether a word may be a name.
pub fn is_name(name: &str) -> bool {
    let first = name.chars().next();
    first.is_some_and(|c| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}
