//! The points that a claimed slope is fitted to, for a figure.

use formula::{Kind, Node, Tree};
use measurement::reading::Reading;

use super::Question;
use super::draws::Draws;
use super::evaluate::Evaluation;
use super::leaf::Table;
use super::plan::{Plan, evaluation};

/// What a slope is taken of, point by point.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The formula along the abscissa.
    pub x: String,
    /// The formula along the ordinate.
    pub y: String,
    /// Which ruling of the claim it is, where there are several.
    pub place: String,
    /// x, y and the interval of y.
    pub points: Vec<(f64, f64, f64, f64)>,
    /// The same reduction's points of what is predicted, where that is one.
    pub predicted: Vec<(f64, f64)>,
    /// Whether y is computed from exact values alone.
    pub exact: bool,
}

/// y and x of `slope(y, x)`, and how they are written.
fn slope(tree: &Tree) -> Option<([&Node; 2], [String; 2])> {
    let Kind::Call(name, arguments) = &tree.root.kind else {
        return None;
    };
    let (("slope", [y, x]), Some((_, inner))) = (
        (name.as_str(), &arguments[..]),
        tree.text.trim().strip_suffix(')')?.split_once('('),
    ) else {
        return None;
    };
    let mut depth = 0;
    let comma = inner.find(|c| {
        depth += match c {
            '(' | '[' => 1,
            ')' | ']' => -1,
            _ => 0,
        };
        c == ',' && depth == 0
    })?;
    let parts = [&inner[..comma], &inner[comma + 1..]];
    Some(([y, x], parts.map(|part| part.trim().to_string())))
}

/// The points of a claim whose quantity is a slope, a series for each of its rulings; none of any other claim.
pub fn drawn(question: &Question, readings: &[Reading]) -> Vec<Drawn> {
    let Some(([y, x], texts)) = slope(&question.quantity) else {
        return Vec::new();
    };
    let table = Table::new(readings);
    let Ok(plan) = Plan::of(question, &table) else {
        return Vec::new();
    };
    let of = |group: &Vec<usize>| {
        let leaves: Vec<usize> = (0..plan.frame.leaves.len()).collect();
        let sources = Evaluation::sources(&plan.frame, &leaves, group);
        let draws = Draws::new(readings, &sources, question.confidence, "drawn");
        let here = evaluation(
            &plan.frame,
            group.clone(),
            Some(&draws),
            question.confidence,
        );
        let at =
            |tree: &Tree, node: &Node, cell: usize| here.value(tree, node, cell, &here.own()).ok();
        let quantity = &question.quantity;
        let target = question.predicts.as_ref().map(|(tree, _)| tree);
        let target = target.and_then(|tree| Some((tree, slope(tree)?.0)));
        let mut drawn = Drawn {
            x: texts[1].clone(),
            y: texts[0].clone(),
            place: match plan.groups.len() {
                1 => String::new(),
                _ => plan.place(group),
            },
            points: Vec::new(),
            predicted: Vec::new(),
            exact: sources.iter().all(|source| source.exact),
        };
        for cell in group {
            if let (Some(x), Some(y)) = (at(quantity, x, *cell), at(quantity, y, *cell)) {
                let (low, high) = y.interval(question.confidence);
                drawn.points.push((x.point, y.point, low, high));
            }
            if let Some((tree, [y, x])) = &target
                && let (Some(x), Some(y)) = (at(tree, x, *cell), at(tree, y, *cell))
            {
                drawn.predicted.push((x.point, y.point));
            }
        }
        drawn.points.sort_by(|a, b| a.0.total_cmp(&b.0));
        drawn.predicted.sort_by(|a, b| a.0.total_cmp(&b.0));
        drawn
    };
    plan.groups.iter().map(of).collect()
}
