//! Conditions of a theory, decided cell by cell.

use formula::{Comparison, Kind, Mistake, Node, Tree};

use super::column::Column;
use super::draws::Draws;
use super::evaluate::{Evaluation, Stop};
use super::frame::Frame;
use super::plan::evaluation;
use super::reduction::reduction;
use crate::decide::number;

/// Whether a condition holds at a cell.
pub(super) enum State {
    Holds,
    Fails,
    /// Why that is not known.
    Open(String),
}

/// Refuses a condition that could hold nowhere.
pub(super) fn check(tree: &Tree, frame: &Frame<'_>, confidence: f64) -> Result<(), Mistake> {
    let here = evaluation(frame, (0..frame.cells.len()).collect(), None, confidence);
    for cell in 0..frame.cells.len() {
        match sides(&here, tree, cell) {
            Ok(_) | Err(Stop::Open(_)) => {}
            Err(Stop::Wrong(mistake) | Stop::Few(mistake)) => return Err(mistake),
        }
    }
    Ok(())
}

/// Whether a condition holds at cell `base` of the quantity, which is decided together with `group`.
pub(super) fn state(
    tree: &Tree,
    frame: &Frame<'_>,
    (base, group): (usize, &[usize]),
    confidence: f64,
    seed: &str,
) -> State {
    let of = |bases: &[usize]| -> Vec<usize> {
        let cells = 0..frame.cells.len();
        cells
            .filter(|cell| bases.contains(&frame.cells[*cell].base))
            .collect()
    };
    let own = of(&[base]);
    let cells = if reduces(frame, &tree.root) {
        of(group)
    } else {
        own.clone()
    };
    let leaves = match frame.scope(tree, &[&tree.root], &[]) {
        Ok(leaves) => leaves,
        Err(mistake) => return State::Open(mistake.what),
    };
    let sources = Evaluation::sources(frame, &leaves, &cells);
    let seed = format!("{seed}/{}/{base}", tree.text);
    let draws = Draws::new(frame.table.readings, &sources, confidence, &seed);
    let here = evaluation(frame, cells, Some(&draws), confidence);
    let mut open = None;
    for cell in own {
        let (comparison, difference) = match sides(&here, tree, cell) {
            Ok(found) => found,
            Err(Stop::Wrong(mistake) | Stop::Few(mistake)) => return State::Open(mistake.what),
            Err(Stop::Open(what)) => return State::Open(what),
        };
        let (low, high) = difference.interval(confidence);
        let holds = comparison.of(low, 0.0) && comparison.of(high, 0.0);
        let (holds, fails) = match comparison {
            Comparison::Less | Comparison::AtMost => (holds, !comparison.of(low, 0.0)),
            Comparison::Greater | Comparison::AtLeast => (holds, !comparison.of(high, 0.0)),
            Comparison::Equal => (holds, low > 0.0 || high < 0.0),
            Comparison::Unequal => (low > 0.0 || high < 0.0, low == 0.0 && high == 0.0),
        };
        if low.is_nan() || high.is_nan() || !(holds || fails) {
            let off = format!("its sides differ by {} to {}", number(low), number(high));
            open = open.or(Some(format!("`{}` is not settled: {off}", tree.text)));
        } else if fails {
            return State::Fails;
        }
    }
    open.map_or(State::Holds, State::Open)
}

/// How a condition compares, and the difference of its sides. What compares nothing holds where it is not 0.
fn sides(
    here: &Evaluation<'_, '_>,
    tree: &Tree,
    cell: usize,
) -> Result<(Comparison, Column), Stop> {
    let value = |node: &Node| here.value(tree, node, cell, &here.own());
    if let Kind::Compared(comparison, a, b) = &tree.root.kind
        && here.word(tree, a, cell, &here.own())?.is_none()
        && here.word(tree, b, cell, &here.own())?.is_none()
    {
        return Ok((
            *comparison,
            value(a)?.two(formula::Operation::Sub, value(b)?),
        ));
    }
    Ok((Comparison::Unequal, value(&tree.root)?))
}

fn reduces(frame: &Frame<'_>, node: &Node) -> bool {
    reduction(frame, node).is_some() || node.parts().into_iter().any(|part| reduces(frame, part))
}
