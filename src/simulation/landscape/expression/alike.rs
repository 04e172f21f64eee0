//! Outputs that are one function, each of variables of its own.

use std::collections::HashMap;

use ::formula::{Function, Operation};

use super::graph::{Choice, Graph, Node};

/// What a node is, its arguments by the number of their own form.
#[derive(PartialEq, Eq, Hash)]
enum Form {
    Constant(u64),
    /// Counted from that of the output.
    Variable(usize),
    One(Function, usize),
    Two(Operation, usize, usize),
    Choice([usize; 4]),
}

/// Whether output j is output 0 with every variable i in the place of i + j. A program of output 0 then serves them all, since rows
/// of variables that follow each other are one row. Variables below `part` lie apart from those above.
pub fn alike(graph: &Graph, outputs: &[usize], part: usize) -> bool {
    let many = outputs.len();
    let mut known = HashMap::new();
    let mut form = |j: usize, output: usize| {
        let needed = graph.needed(&[output]);
        let mut forms = vec![0; output + 1];
        for at in (0..=output).filter(|&at| needed[at]) {
            let own = match graph.nodes()[at] {
                Node::Constant(bits) => Form::Constant(bits),
                Node::Variable(i) => {
                    let first = i.checked_sub(j)?;
                    // A row of all of them may not begin in one part and end in the other.
                    if first < part && first + many > part {
                        return None;
                    }
                    Form::Variable(first)
                }
                Node::One(f, a) => Form::One(f, forms[a]),
                Node::Two(operation, a, b) => {
                    let (a, b) = (forms[a], forms[b]);
                    match operation {
                        // What commutes has its arguments in an order of no meaning.
                        Operation::Add | Operation::Mul => Form::Two(operation, a.min(b), a.max(b)),
                        _ => Form::Two(operation, a, b),
                    }
                }
                Node::Choice(Choice {
                    compared: [p, q],
                    taken: [a, b],
                }) => Form::Choice([p, q, a, b].map(|at| forms[at])),
            };
            let next = known.len();
            forms[at] = *known.entry(own).or_insert(next);
        }
        Some(forms[output])
    };
    let mut each = outputs.iter().enumerate();
    let Some(first) = each.next().and_then(|(j, output)| form(j, *output)) else {
        return false;
    };
    many > 1 && each.all(|(j, output)| form(j, *output) == Some(first))
}
