//! Claims of one's own: formulas over a table of readings, decided by the one rule of [`crate::decide`].
//!
//! A formula's readings are joined on the axes that they share. Reductions take axes away; of what is left, every joint cell
//! is a ruling.

mod column;
mod condition;
mod drawn;
mod draws;
mod evaluate;
mod form;
mod frame;
mod leaf;
mod plan;
mod reduction;
mod ruling;
#[cfg(test)]
mod tests;

use formula::{Mistake, Tree};
use measurement::reading::Reading;

use crate::Role;
use crate::decide::Tolerance;
use leaf::Table;
use plan::Plan;

pub use drawn::{Drawn, drawn};
pub use reduction::REDUCTIONS;
pub use ruling::{Decided, decide};

/// A claim as a file states it.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// E.g. `mine.order`.
    pub id: String,
    /// Which part of the claim this is; with the id it is unique.
    pub case: String,
    /// What is claimed, in words.
    pub statement: String,
    /// What is measured.
    pub quantity: Tree,
    /// Which cells count: conditions on axes and facts.
    pub over: Vec<Tree>,
    /// Where the theory holds: conditions that may use readings.
    pub holds: Vec<Tree>,
    /// What it is claimed to be, and how far off it may be.
    pub predicts: Option<(Tree, Tolerance)>,
    /// What it is claimed not to exceed.
    pub at_most: Option<Tree>,
    /// What it is claimed to reach.
    pub at_least: Option<Tree>,
    /// What else it might be.
    pub rivals: Vec<Tree>,
    /// Functional forms that it may follow.
    pub forms: Option<Forms>,
    /// What the rulings are for.
    pub role: Role,
    /// Coverage of every interval.
    pub confidence: f64,
    /// What holds in its place, and where.
    pub instead: String,
}

/// Functional forms, and which are claimed.
#[derive(Clone, Debug, PartialEq)]
pub struct Forms {
    /// Every form, by its name.
    pub named: Vec<(String, Tree)>,
    /// Parameters that are fitted.
    pub free: Vec<String>,
    /// The names of those that are claimed.
    pub claimed: Vec<String>,
    /// By how much the best of the claimed must beat the best of the others, in AIC.
    pub margin: f64,
}

impl Question {
    /// What tells it from all others.
    pub fn name(&self) -> String {
        match self.case.as_str() {
            "" => self.id.clone(),
            case => format!("{}, {case}", self.id),
        }
    }

    /// Every formula in it.
    fn trees(&self) -> impl Iterator<Item = &Tree> {
        let forms = self.forms.iter().flat_map(|forms| &forms.named);
        let forms = forms.map(|(_, tree)| tree);
        let conditions = self.over.iter().chain(&self.holds);
        let own = std::iter::once(&self.quantity);
        own.chain(conditions).chain(self.targets()).chain(forms)
    }

    /// Everything that the quantity is held against.
    fn targets(&self) -> impl Iterator<Item = &Tree> {
        let predicted = self.predicts.iter().map(|(tree, _)| tree);
        let bounds = self.at_most.iter().chain(&self.at_least);
        predicted.chain(bounds).chain(&self.rivals)
    }
}

/// Refuses what no numbers could decide, on readings that have none yet: only their axes and facts count.
///
/// # Errors
/// What is wrong, at its character of the formula that is wrong.
pub fn check(question: &Question, readings: &[Reading]) -> Result<(), Mistake> {
    let table = Table::new(readings);
    Plan::of(question, &table)?.check()
}
