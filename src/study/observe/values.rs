//! Whether a formula comes to 0 or 1 and nothing else, whatever the state is: then its mean is a probability of hits.

use std::collections::BTreeMap;

use formula::{Function, Kind, Node, Tree, called_function};

use super::Moment;

/// The values that a part may come to; `None` where they are too many to tell.
type Values = Option<Vec<f64>>;

/// The most values that are told apart.
const MOST: usize = 16;

impl Moment {
    /// Whether a formula of it comes to 0 or 1 alone. What a particle remembers is looked at until no statement adds a value.
    pub fn binary(&self, tree: &Tree) -> bool {
        let mut known = BTreeMap::new();
        for (name, begin) in &self.memory {
            let begin = Tree::parse(begin).ok();
            let values = begin.and_then(|tree| values(&tree.root, &known));
            known.insert(name.as_str(), values);
        }
        loop {
            let before = known.clone();
            for (name, statement) in &self.each {
                let next = values(&statement.root, &known);
                let all = known.get(name.as_str()).cloned().flatten();
                known.insert(name, both(all, next));
            }
            if known == before {
                break;
            }
        }
        let found = values(&tree.root, &known);
        found.is_some_and(|all| all.iter().all(|x| *x == 0.0 || *x == 1.0))
    }
}

fn values(node: &Node, known: &BTreeMap<&str, Values>) -> Values {
    let of = |node: &Node| values(node, known);
    match &node.kind {
        Kind::Number(x) => Some(vec![*x]),
        Kind::Name(name) => known.get(name.as_str()).cloned().flatten(),
        Kind::Negative(a) => map(of(a), |x| -x),
        Kind::Two(operation, a, b) => pairs(of(a), of(b), |a, b| operation.of(a, b)),
        Kind::Compared(..) => Some(vec![0.0, 1.0]),
        Kind::Call(name, arguments) => match (name.as_str(), called_function(name), &arguments[..])
        {
            ("where", _, [_, a, b]) => both(of(a), of(b)),
            ("min", _, [first, rest @ ..]) => rest
                .iter()
                .fold(of(first), |all, next| pairs(all, of(next), f64::min)),
            ("max", _, [first, rest @ ..]) => rest
                .iter()
                .fold(of(first), |all, next| pairs(all, of(next), f64::max)),
            ("sign", _, [a]) => of(a).map_or(Some(vec![-1.0, 0.0, 1.0]), |all| {
                map(Some(all), |x| Function::Sign.of(x))
            }),
            (_, Some(function), [a]) => map(of(a), |x| function.of(x)),
            _ => None,
        },
        Kind::Word(_) | Kind::Member(..) | Kind::Narrowed(..) => None,
    }
}

fn map(all: Values, f: impl Fn(f64) -> f64) -> Values {
    distinct(all?.into_iter().map(f))
}

fn pairs(a: Values, b: Values, f: impl Fn(f64, f64) -> f64) -> Values {
    let (a, b) = (a?, b?);
    distinct(a.iter().flat_map(|a| b.iter().map(|b| f(*a, *b))))
}

fn both(a: Values, b: Values) -> Values {
    distinct(a?.into_iter().chain(b?))
}

/// Each value once, in order.
fn distinct(all: impl Iterator<Item = f64>) -> Values {
    let mut all: Vec<f64> = all.collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    (all.len() <= MOST && all.iter().all(|x| x.is_finite())).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::When;
    use crate::observe::moment::{Read, Statistic};

    fn moment(memory: &[(&str, &str)], each: &[(&str, &str)]) -> Moment {
        let tree = |text: &str| Tree::parse(text).unwrap();
        Moment {
            read: Read::Formulas(Vec::new(), vec![("mean".into(), Statistic::Mean)]),
            memory: memory
                .iter()
                .map(|(a, b)| ((*a).into(), (*b).into()))
                .collect(),
            each: each.iter().map(|(a, b)| ((*a).into(), tree(b))).collect(),
            when: When::Steps(Vec::new()),
        }
    }

    #[test]
    fn what_is_0_or_1_is_told_from_what_is_not() {
        let plain = moment(&[], &[]);
        let binary = |text: &str| plain.binary(&Tree::parse(text).unwrap());
        for text in [
            "x > 0",
            "where(x > 0, 1, 0)",
            "1 - where(x > y, where(y > 0, 1, 0), 0)",
            "where(x > 0, 1, 0)*where(y > 0, 1, 0)",
            "max(where(x > 0, 1, 0), where(y > 0, 1, 0))",
            "abs(sign(x))",
            "0.5*(1 + where(x > 0, 1, -1))",
            "sign(x)^2",
        ] {
            assert!(binary(text), "{text}");
        }
        for text in [
            "x",
            "sign(x)",
            "where(x > 0, 1, x)",
            "where(x > 0, 1, -1)",
            "max(x, 1)",
            "where(x > 0, 2, 0)",
        ] {
            assert!(!binary(text), "{text}");
        }
    }

    #[test]
    fn memory_is_followed_until_it_adds_nothing() {
        let been = moment(
            &[("ever", "0")],
            &[("ever", "max(ever, where(x > 1, 1, 0))")],
        );
        assert!(been.binary(&Tree::parse("ever").unwrap()));
        let counted = moment(
            &[("n", "0"), ("hit", "0")],
            &[
                ("n", "n + where(x > 1, 1, 0)"),
                ("hit", "where(n > 3, 1, hit)"),
            ],
        );
        assert!(!counted.binary(&Tree::parse("n").unwrap()));
        assert!(counted.binary(&Tree::parse("hit").unwrap()));
        assert!(counted.binary(&Tree::parse("where(n > 2, 1, 0)").unwrap()));
    }
}
