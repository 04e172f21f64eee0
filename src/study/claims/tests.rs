use experiment::spec::{Document, Section};
use measurement::reading::Reading;
use verdict::Role;
use verdict::decide::Tolerance;
use verdict::question::{Question, check};

use super::{Places, read_all};

fn claims(text: &str) -> Result<Vec<(Question, Places)>, String> {
    let document = Document::parse("f", text).unwrap();
    let root = Section::new("", &document.root).unwrap();
    read_all(&root).map_err(|error| error.to_string())
}

const LEAST: &str = "[[claim]]\nid = \"a\"\nquantity = \"slope(log(m[sgd]), log(k))\"\n";

#[test]
fn every_key_is_read() {
    let text = "[[claim]]\nid = \"mine.order\"\ncase = \"quadratic\"\nstatement = \"order 2\"\n\
                quantity = \"slope(log(m), log(eta))\"\nover = [\"sweep == 'eta'\", \"eta <= 0.1\"]\nholds = \"eta*h <= 0.1\"\n\
                predicts = 2\nwithin = \"5 %\"\nat_least = \"1 + eta\"\nrival = \"eta\"\nrivals = [1, \"3/2\"]\nrole = \"control\"\n\
                confidence = 0.99\ninstead = \"1 elsewhere\"\n\
                [[claim]]\nid = \"mine.form\"\nquantity = \"log(rate)\"\nforms = { power = \"a - p*log(k)\", arrhenius = \"a - p/k\" }\n\
                free = [\"a\", \"p\"]\npredicts = \"power\"\nmargin = 6\n";
    let found = claims(text).unwrap();
    let (one, _) = &found[0];
    assert_eq!(
        (one.id.as_str(), one.case.as_str()),
        ("mine.order", "quadratic")
    );
    assert_eq!(
        (one.over.len(), one.holds.len(), one.rivals.len()),
        (2, 1, 3)
    );
    let (predicted, within) = one.predicts.as_ref().unwrap();
    assert_eq!(
        (predicted.text.as_str(), *within),
        ("2", Tolerance::Relative(0.05))
    );
    assert_eq!(one.at_least.as_ref().unwrap().text, "1 + eta");
    assert_eq!((one.role, one.confidence), (Role::Control, 0.99));
    assert_eq!(
        (one.statement.as_str(), one.instead.as_str()),
        ("order 2", "1 elsewhere")
    );
    let forms = found[1].0.forms.as_ref().unwrap();
    assert_eq!((forms.named.len(), forms.margin), (2, 6.0));
    assert_eq!(
        (&forms.free[..], &forms.claimed[..]),
        (
            &["a".to_string(), "p".into()][..],
            &["power".to_string()][..]
        )
    );
    assert_eq!(found[1].0.confidence, 0.999);
}

#[test]
fn what_cannot_be_meant_is_told_at_its_place() {
    for (more, wanted) in [
        ("within = 0.1\n", "f:4:10: `claim.within`: within of what?"),
        ("predicts = 1\n", "f:4:12: `claim.predicts`: how close?"),
        ("", "f:3:12: `claim.quantity`: claims nothing"),
        (
            "predicts = 1\nwithin = -0.1\n",
            "f:5:10: `claim.within`: expected a number above 0",
        ),
        (
            "predicts = 1\nwithin = \"0 %\"\n",
            "f:5:10: `claim.within`: no interval keeps to a margin of 0",
        ),
        ("predicts = 1\nwithin = \"5\"\n", "a share as in \"5 %\""),
        (
            "predicts = \"1 +\"\nwithin = 1\n",
            "f:4:16: `claim.predicts`: expected a number",
        ),
        (
            "predicts = [1]\nwithin = 1\n",
            "expected a number, or a formula in quotes, not an array",
        ),
        (
            "at_most = 1\nover = [\"eta > 1\", \"eta <\"]\n",
            "f:5:26: `claim.over`: expected a number",
        ),
        (
            "at_most = 1\nhold = \"eta > 1\"\n",
            "unknown key `claim.hold`; did you mean `holds`?",
        ),
        (
            "at_most = 1\nrole = \"controls\"\n",
            "did you mean `control`?",
        ),
        (
            "at_most = 1\nconfidence = 1\n",
            "f:5:14: `claim.confidence`: 1 is outside",
        ),
        (
            "forms = { a = \"p*k\", b = \"p\" }\n",
            "which of them is claimed?",
        ),
        (
            "forms = { power = \"p*k\", flat = \"p\" }\npredicts = \"powr\"\n",
            "no form `powr`; did you mean `power`?",
        ),
        (
            "forms = { a = \"p*k\" }\npredicts = \"a\"\n",
            "none is left",
        ),
        (
            "forms = { a = \"p*\", b = \"p\" }\npredicts = \"a\"\n",
            "f:4:18: `claim.forms.a`: expected a number",
        ),
        (
            "forms = { a = \"p*k\", b = \"p\" }\npredicts = \"a\"\nwithin = 1\n",
            "must win by a `margin`",
        ),
        (
            "at_most = 1\nrival = [2]\n",
            "`claim.rival`: expected a number, or a formula in quotes, not an array",
        ),
        ("free = [\"a\"]\nat_most = 1\n", "unknown key `claim.free`"),
        (
            "at_most = 1\n[[claim]]\nid = \"a\"\nquantity = \"m\"\nat_most = 1\n",
            "f:6:6: `claim.id`: there is a claim a already",
        ),
    ] {
        let message = claims(&format!("{LEAST}{more}")).unwrap_err();
        assert!(message.contains(wanted), "{message}\nwanted {wanted}");
    }
    assert!(
        claims("[[claim]]\nid = \"a\"\n")
            .unwrap_err()
            .contains("`claim.quantity` is missing")
    );
}

#[test]
fn a_mistake_over_readings_is_told_at_its_character_of_the_file() {
    let reading = |k: f64| Reading {
        cell: String::new(),
        axes: measurement::reading::Facts(vec![
            ("k".into(), base::value::Value::Number(k)),
            ("process".into(), base::value::Value::Word("sgd".into())),
        ]),
        facts: Default::default(),
        quantity: "m".into(),
        measured: None,
        exact: None,
        influence: None,
    };
    let table = [reading(1.0), reading(2.0)];
    let message = |text: &str| {
        let (question, places) = claims(text).unwrap().remove(0);
        places
            .error(&check(&question, &table).unwrap_err())
            .to_string()
    };
    let found = message(&format!(
        "{}at_most = 1\n",
        LEAST.replace("log(k)", "log(kk)")
    ));
    assert!(
        found.contains("f:3:36: `claim.quantity`: unknown name `kk`; did you mean `k`?"),
        "{found}"
    );
    let found = message(&format!(
        "{LEAST}at_most = 1\nover = [\"k > 0\", \"kapa > 1\"]\n"
    ));
    assert!(
        found.contains("f:5:19: `claim.over`: unknown name `kapa`"),
        "{found}"
    );
}
