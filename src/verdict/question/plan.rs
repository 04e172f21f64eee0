//! How a claim is decided: its joint cells, which of them make a ruling, and what each is held against.

use std::cell::RefCell;

use formula::{Kind, Mistake, Node, Tree};

use super::Question;
use super::column::Column;
use super::condition;
use super::draws::Draws;
use super::evaluate::{Evaluation, Stop};
use super::form;
use super::frame::{Axes, Frame};
use super::leaf::Table;
use crate::decide::Tolerance;

/// A claim over its joint cells.
pub(super) struct Plan<'a> {
    pub question: &'a Question,
    /// The quantity's cells, with the readings of what it is held against.
    pub frame: Frame<'a>,
    /// Cells of each condition of the theory; their `base` is a cell of the quantity.
    pub conditions: Vec<Frame<'a>>,
    /// The axes that are left.
    pub left: Axes,
    /// The cells of each ruling.
    pub groups: Vec<Vec<usize>>,
}

/// An evaluation of these cells.
pub(super) fn evaluation<'f, 'a>(
    frame: &'f Frame<'a>,
    cells: Vec<usize>,
    draws: Option<&'f Draws>,
    confidence: f64,
) -> Evaluation<'f, 'a> {
    Evaluation {
        frame,
        cells,
        draws,
        confidence,
        free: Vec::new(),
        notes: RefCell::default(),
    }
}

impl<'a> Plan<'a> {
    pub fn of(question: &'a Question, table: &'a Table<'a>) -> Result<Self, Mistake> {
        for tree in question.trees() {
            if depth(&tree.root) > DEEPEST {
                let what =
                    format!("nested more than {DEEPEST} deep; name parts of it under [define]");
                return Err(tree.mistake(0, what));
            }
        }
        for tree in question.over.iter().chain(&question.holds) {
            if !matches!(tree.root.kind, Kind::Compared(..)) {
                return Err(tree.mistake(tree.root.at, "expected a comparison, such as k > 0"));
            }
        }
        let mut quantity = Frame::of(table, &question.quantity)?;
        for tree in &question.over {
            let kept = counted(&quantity, tree)?;
            quantity.keep(&kept);
        }
        let frame = quantity.extended(question.targets())?;
        let conditions: Vec<Frame<'a>> = question
            .holds
            .iter()
            .map(|tree| quantity.extended([tree]))
            .collect::<Result<_, _>>()?;
        let all: Vec<usize> = (0..frame.cells.len()).collect();
        let whole = evaluation(&frame, all.clone(), None, question.confidence);
        let mut left = whole.axes(&question.quantity, &question.quantity.root, &whole.own())?;
        if let Some(forms) = &question.forms {
            let fitted = form::axes(&whole, forms)?;
            left = left.difference(&fitted).copied().collect();
        }
        for tree in question.targets() {
            let own = whole.axes(tree, &tree.root, &whole.own())?;
            if let Some(axis) = own.difference(&left).next() {
                let what = format!(
                    "varies along `{}`, which the quantity does not any more: reduce it in the same way",
                    frame.axes[*axis]
                );
                return Err(tree.mistake(0, what));
            }
        }
        let groups = frame.classes(&all, &left);
        Ok(Plan {
            question,
            frame,
            conditions,
            left,
            groups,
        })
    }

    /// Refuses what no numbers could decide.
    pub fn check(&self) -> Result<(), Mistake> {
        let question = self.question;
        let wrong = |tree: &Tree, what: &str| Err(tree.mistake(0, what));
        if question.forms.is_none() && question.targets().count() == question.rivals.len() {
            let what =
                "claims nothing: say what it `predicts`, or that it is `at_most` or `at_least`";
            return wrong(&question.quantity, what);
        }
        for group in &self.groups {
            let here = evaluation(&self.frame, group.clone(), None, question.confidence);
            let value = |tree: &Tree| match here.value(tree, &tree.root, group[0], &here.own()) {
                Ok(column) => Ok(column),
                Err(Stop::Wrong(mistake) | Stop::Few(mistake)) => Err(mistake),
                Err(Stop::Open(_)) => Ok(Column::constant(f64::NAN)),
            };
            match &question.forms {
                Some(forms) => form::check(&here, forms, question, group)?,
                None => {
                    value(&question.quantity)?;
                }
            }
            for tree in question.targets() {
                let found = value(tree)?.point;
                let known = self.frame.table.first_leaf(tree)?.is_none();
                if known && !found.is_finite() {
                    return wrong(tree, &format!("comes to {found} {}", self.place(group)));
                }
                let relative = matches!(&question.predicts, Some((own, Tolerance::Relative(_))) if own == tree);
                if known && relative && found == 0.0 {
                    return wrong(
                        tree,
                        "a relative tolerance of 0 allows nothing: give an absolute one",
                    );
                }
            }
            if let (Some(least), Some(most)) = (&question.at_least, &question.at_most) {
                let (low, high) = (value(least)?.point, value(most)?.point);
                if low > high {
                    return wrong(
                        most,
                        &format!("nothing is at least {low} and at most {high}"),
                    );
                }
            }
        }
        self.rivals()?;
        for (tree, frame) in question.holds.iter().zip(&self.conditions) {
            condition::check(tree, frame, question.confidence)?;
            known(tree, frame)?;
        }
        let mut own = std::iter::once(&question.quantity).chain(question.targets());
        own.try_for_each(|tree| known(tree, &self.frame))
    }

    /// Refuses a rival that says the same as the claim, wherever it is decided.
    fn rivals(&self) -> Result<(), Mistake> {
        let Some((predicted, _)) = &self.question.predicts else {
            return Ok(());
        };
        let number = |tree: &Tree, group: &[usize]| {
            let here = evaluation(&self.frame, group.to_vec(), None, self.question.confidence);
            let found = here.value(tree, &tree.root, group[0], &here.own());
            found.map_or(f64::NAN, |column| column.point)
        };
        for rival in &self.question.rivals {
            let same = |group: &Vec<usize>| number(rival, group) == number(predicted, group);
            if rival.text == predicted.text || self.groups.iter().all(same) {
                let what = "the rival is what is predicted, and nothing could tell them apart: give another, or none";
                return Err(rival.mistake(0, what));
            }
        }
        Ok(())
    }

    /// Where the cells of a ruling lie, in words.
    pub fn place(&self, group: &[usize]) -> String {
        self.frame.place(group[0], &self.left)
    }
}

/// Refuses what asks for an exact value that no cell, or not every cell, will have.
fn known(tree: &Tree, frame: &Frame<'_>) -> Result<(), Mistake> {
    let mut found = Ok(());
    tree.root.visit(&mut |node| {
        let leaf = frame.table.leaf(tree, node).ok().flatten();
        let Some(leaf) = leaf else {
            return found.is_ok();
        };
        let place = frame.leaves.iter().position(|own| *own == leaf);
        if let Some(place) = place.filter(|_| leaf.exact && found.is_ok()) {
            let members = frame.cells.iter().map(|cell| cell.members[place]);
            let mut readings = members.map(|member| &frame.table.readings[member]);
            if let Some(reading) = readings.find(|reading| reading.exact.is_none()) {
                let what = format!(
                    "{} of {} is not known exactly: narrow it to what is, as in {}[process], or predict a formula",
                    leaf.quantity, reading.cell, leaf.quantity
                );
                found = Err(tree.mistake(node.at, what));
            }
        }
        false
    });
    found
}

/// The cells that a condition on axes and facts leaves. A cell without what it asks is none of them.
fn counted(frame: &Frame<'_>, tree: &Tree) -> Result<Vec<usize>, Mistake> {
    if let Some((at, leaf)) = frame.table.first_leaf(tree)? {
        let what = format!(
            "`over` tells cells apart by axes and facts, and {} is a reading; conditions on readings stand in `holds`",
            leaf.quantity
        );
        return Err(tree.mistake(at, what));
    }
    let here = evaluation(frame, (0..frame.cells.len()).collect(), None, 0.5);
    let mut kept = Vec::new();
    let mut lost = None;
    for cell in 0..frame.cells.len() {
        match here.value(tree, &tree.root, cell, &here.own()) {
            Ok(found) if found.point != 0.0 && !found.point.is_nan() => kept.push(cell),
            Ok(_) => {}
            Err(Stop::Wrong(mistake) | Stop::Few(mistake)) => lost = lost.or(Some(mistake)),
            Err(Stop::Open(what)) => return Err(tree.mistake(0, what)),
        }
    }
    match (kept.is_empty(), lost) {
        (false, _) => Ok(kept),
        (true, Some(mistake)) => Err(mistake),
        (true, None) => Err(tree.mistake(0, "no cell is left: this holds for none of them")),
    }
}

/// Deepest nesting of a formula: each level takes some of the stack wherever the formula is walked.
const DEEPEST: usize = 100;

/// How deep a formula is nested, as far as it matters.
fn depth(node: &Node) -> usize {
    let (mut level, mut depth) = (vec![node], 0);
    while !level.is_empty() && depth <= DEEPEST {
        level = level.into_iter().flat_map(Node::parts).collect();
        depth += 1;
    }
    depth
}
