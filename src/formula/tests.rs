use std::collections::BTreeMap;

use base::value::Value;

use crate::{Kind, Scope, Tree};

struct Known(BTreeMap<&'static str, Value>);

impl Scope for Known {
    fn value(&self, name: &str) -> Result<Option<Value>, String> {
        if name == "barrier" {
            return Err("there is no barrier here".into());
        }
        Ok(self.0.get(name).cloned())
    }

    fn known(&self) -> Vec<String> {
        self.0.keys().map(|name| name.to_string()).collect()
    }
}

fn known() -> Known {
    Known(BTreeMap::from([
        ("eta", Value::Number(0.5)),
        ("x.prev", Value::Number(3.0)),
        ("sweep", Value::Word("kappa".into())),
    ]))
}

fn number(text: &str) -> f64 {
    Tree::parse(text).unwrap().number(&known()).unwrap()
}

fn mistake(text: &str) -> (usize, String) {
    let found = Tree::parse(text).and_then(|tree| tree.evaluate(&known()));
    let mistake = found.unwrap_err();
    (mistake.at, mistake.what)
}

#[test]
fn formulas_come_to_their_numbers() {
    for (text, expected) in [
        ("2*x.prev - eta", 5.5),
        ("(-2)^2", 4.0),
        ("20_000/1e4", 2.0),
        ("max(1, 4, 3) - min(2, 1)", 3.0),
        ("where(eta < 1, 10, 1/0)", 10.0),
        ("sweep == 'kappa'", 1.0),
        ("sweep != \"kappa\"", 0.0),
        ("1 + 1 <= 2", 1.0),
        ("sign(-eta)*log(exp(2))", -2.0),
    ] {
        assert_eq!(number(text), expected, "{text}");
    }
}

#[test]
fn mistakes_are_told_at_their_characters() {
    for (text, at, what) in [
        ("2*etta", 2, "unknown name `etta`; did you mean `eta`?"),
        ("1 + barrier", 4, "no barrier here"),
        ("sweep + 1", 0, "is a word"),
        ("sweep < 'a'", 6, "equal or not"),
        ("sweep == 1", 6, "a word with a number"),
        ("1 < 2 < 3", 6, "two conditions"),
        ("m[a", 1, "never closed"),
        ("m[]", 2, "expected a process"),
        ("m[a]", 0, "there is none here"),
        ("'kappa", 0, "never closed"),
        ("eta = 1", 4, "written with =="),
        ("slope(eta, eta)", 0, "no function"),
        ("1 + max(eta)", 4, "max takes two arguments, not 1"),
        ("where(eta, 1)", 0, "a condition and two values"),
        ("eta ≤ 1", 4, "written with <="),
        ("(1).x", 1, "only a name"),
    ] {
        let (found, said) = mistake(text);
        assert!(said.contains(what), "{text}: {said}");
        assert_eq!(found, at, "{text}: {said}");
    }
    let long = ["1"; 3000].join("+");
    assert!(mistake(&long).1.contains("terms"));
}

#[test]
fn brackets_hold_words_as_they_are_written() {
    let tree = Tree::parse("p[heavy-ball, reading=anti-ito, step = 1e4].exact").unwrap();
    let Kind::Member(of, member) = &tree.root.kind else {
        panic!("{tree:?}");
    };
    let Kind::Narrowed(_, conditions) = &of.kind else {
        panic!("{of:?}");
    };
    let found: Vec<_> = conditions
        .iter()
        .map(|c| (c.axis.as_deref(), c.value.as_str()))
        .collect();
    assert_eq!(member, "exact");
    let expected = [
        (None, "heavy-ball"),
        (Some("reading"), "anti-ito"),
        (Some("step"), "1e4"),
    ];
    assert_eq!(found, expected);
    assert!(Value::Number(10_000.0).is("1e4") && !Value::Number(1.0).is("1e4"));
}
