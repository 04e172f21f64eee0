//! A study in a program: the numbers of its file, and the refusals.

use crate::Study;

const TEXT: &str = r#"
landscape = { name = "quadratic", h = 1.0 }
noise = { name = "gaussian", variance = 1.0 }
process = { optimizer = "sgd", eta = [0.1, 0.2] }
observe = { label = "m", name = "moment", of = "x^2", steps = [0, 5] }
ensemble = { particles = 300 }

[[claim]]
id = "own"
quantity = "m"
predicts = 0.1
within = 0.2
"#;

#[test]
fn a_program_has_the_numbers_of_the_file() {
    let outcome = Study::parse(&format!("name = \"t\"\n{TEXT}"))
        .unwrap()
        .run(7)
        .unwrap();
    let readings = super::readings(TEXT);
    let own: Vec<_> = outcome.readings_of("m").cloned().collect();
    assert_eq!(own, readings);
    assert_eq!(outcome.rulings.len(), readings.len());
    assert_eq!(outcome.paths_of("m").unwrap().values.dim(), (2, 2, 300, 1));
    assert!(outcome.paths_of("n").is_none());
}

/// A claim over the readings of a run is what it is in the study's own file, and the file's seed is the program's.
#[test]
fn a_claim_is_decided_after_the_run() {
    let (system, claim) = TEXT.split_at(TEXT.find("[[claim]]").unwrap());
    let outcome = Study::parse(system).unwrap().run(7).unwrap();
    assert!(outcome.rulings.is_empty());
    let whole = Study::parse(&format!("seed = 3\n{system}{claim}")).unwrap();
    let rulings = whole.decide(&outcome.readings);
    assert_eq!(rulings, whole.run(7).unwrap().rulings);
    assert!(!rulings.is_empty());
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    for (key, wanted) in [
        ("protocol = \"escape\"", "study:1:12: `protocol`"),
        ("nonsense = 1", "study:1:12: unknown key `nonsense`"),
        ("name = 3", "study:1:8: "),
        ("seed = -1", "study:1:8: `seed`"),
    ] {
        let error = Study::parse(&format!("{key}\n{TEXT}"))
            .unwrap_err()
            .to_string();
        assert!(error.contains(wanted), "{error}");
    }
}
