//! The update rules against trajectories recorded from their reference implementations.

use std::path::PathBuf;

use kramers::experiment::replay::{replay, replay_own};
use kramers::experiment::rules::read;

fn recorded(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

#[test]
fn every_recorded_trajectory_is_reproduced_to_rounding() {
    let (mut files, mut cases) = (0, 0);
    for entry in std::fs::read_dir(recorded("")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        files += 1;
        for case in replay(&path).unwrap() {
            assert!(
                case.passed,
                "{} {}: deviation {:e}",
                case.file, case.id, case.worst
            );
            cases += 1;
        }
    }
    assert_eq!((files, cases), (23, 385));
}

/// A changed digit in a stored iterate must be seen, or the test above proves nothing.
#[test]
fn a_deviation_is_noticed() {
    let text = std::fs::read_to_string(recorded("sgd.json")).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let x = json["cases"][0]["theta"][5][0].as_f64().unwrap();
    json["cases"][0]["theta"][5][0] = (x * (1.0 + 1e-11) + 1e-11).into();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.json");
    std::fs::write(&path, json.to_string()).unwrap();
    let cases = replay(&path).unwrap();
    assert!(!cases[0].passed && cases[1..].iter().all(|c| c.passed));
}

#[test]
fn another_format_and_a_missing_key_are_refused_by_name_and_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.json");
    for (text, wanted) in [
        ("not json", "not a JSON document"),
        ("{}", "lacks the key `format`"),
        (r#"{"format": "other/2"}"#, "format `other/2`"),
        (
            r#"{"format": "kramers-golden/1"}"#,
            "missing field `optimizer`",
        ),
    ] {
        std::fs::write(&path, text).unwrap();
        let message = replay(&path).unwrap_err().to_string();
        assert!(message.contains(wanted), "{message}");
        assert!(message.contains("file.json"), "{message}");
    }
}

/// What a file of rules lacks of a recording: the rule of its name, and a hyper-parameter; and a file that cannot be read.
#[test]
fn rules_that_do_not_fit_a_recording() {
    let recorded = r#"{"format": "kramers-golden/1", "optimizer": "sgd", "steps": [0, 1],
        "problems": {"p": {"kind": "quadratic", "dim": 1, "diag": [1.0]}}, "noise": {},
        "cases": [{"id": "a", "problem": "p", "theta0": [1.0], "noise": null,
        "paper": {"eta": 0.1, "weight_decay_kind": "none", "lambda": 0.0}, "lr_schedule": [],
        "groups": [{"tensors": [[0]]}], "theta": [[1.0], [0.9]]}]}"#;
    let folder = tempfile::tempdir().unwrap();
    let (path, rules) = (
        folder.path().join("file.json"),
        folder.path().join("r.toml"),
    );
    std::fs::write(&path, recorded).unwrap();
    let run = |text: &str| {
        std::fs::write(&rules, text).unwrap();
        let own = kramers::experiment::rules::read(&rules).unwrap();
        replay_own(&path, &own).map_err(|error| error.to_string())
    };
    let plain = "[[rule]]\nname = \"sgd\"\nstep = \"update = eta*g\"\n";
    assert!(run(plain).unwrap()[0].passed);
    let said = run(&plain.replace("sgd", "mine")).unwrap_err();
    assert!(said.contains("none of that name: it has `mine`"), "{said}");
    let hyper = "hyper = { lambda = { range = [0, 1] } }\nstep = \"update = eta*lambda*g\"\n";
    let said = run(&format!("[[rule]]\nname = \"sgd\"\n{hyper}")).unwrap_err();
    assert!(
        said.contains("lacks the key `lambda`, a hyper-parameter of `sgd`"),
        "{said}"
    );
    assert!(
        said.contains("recorded are `eta`, `lambda` (of weight decay)"),
        "{said}"
    );
    let missing = kramers::experiment::rules::read(&folder.path().join("none.toml"));
    let said = missing.unwrap_err().to_string();
    assert!(said.contains("cannot read the file of rules"), "{said}");
}

/// Adam on ½θ², two steps; each change makes a file that could not fail, or that no rule can have made.
#[test]
fn a_recording_that_proves_nothing_is_refused_by_name() {
    let sound = r#"{"format": "kramers-golden/1", "optimizer": "adam", "steps": [0, 1, 2],
        "problems": {"p": {"kind": "quadratic", "dim": 1, "diag": [1.0]}}, "noise": {},
        "cases": [{"id": "a", "problem": "p", "theta0": [1.0], "noise": null,
        "paper": {"eta": 0.1, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-08, "amsgrad": false,
        "weight_decay_kind": "none", "lambda": 0.0}, "lr_schedule": [],
        "groups": [{"tensors": [[0]]}], "theta": [[1.0], [0.9], [0.8]]}]}"#;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.json");
    let run = |text: &str| {
        std::fs::write(&path, text).unwrap();
        replay(&path)
    };
    assert!(run(sound).is_ok());
    assert!(
        run(&format!("\u{feff}{sound}")).is_ok(),
        "a byte-order mark"
    );
    for (old, new, wanted) in [
        ("[0, 1, 2]", "[]", "`steps` must be"),
        ("[0, 1, 2]", "[0]", "`steps` must be"),
        ("[0, 1, 2]", "[0, 1, 1]", "`steps` must be"),
        ("[0, 1, 2]", "[0, 2, 1]", "`steps` must be"),
        ("0.999", "1.0", "`paper.beta2` is 1, outside [0, 0.99"),
        (
            "\"eta\": 0.1",
            "\"eta\": -0.1",
            "`paper.eta` is -0.1, outside",
        ),
        (
            "\"eta\": 0.1",
            "\"eta\": 1e300",
            "`paper.eta` is 1e300, outside",
        ),
        (
            "\"lr_schedule\": []",
            "\"lr_schedule\": [[2, 0.1], [1, 10.0]]",
            "`lr_schedule` must be",
        ),
        (
            "\"lr_schedule\": []",
            "\"lr_schedule\": [[1, -0.1]]",
            "`lr_schedule` must be",
        ),
        ("[1.0], \"noise\"", "[], \"noise\"", "`theta0` is empty"),
    ] {
        assert!(sound.contains(old), "{old}");
        let message = run(&sound.replacen(old, new, 1)).unwrap_err().to_string();
        assert!(message.contains(wanted), "{new}: {message}");
        assert!(message.contains("file.json"), "{message}");
    }
    let none = sound.split("\"cases\"").next().unwrap().to_string() + "\"cases\": []}";
    let message = run(&none).unwrap_err().to_string();
    assert!(message.contains("`cases` is empty"), "{message}");
    let twice = sound.replacen("\"cases\": [", "\"cases\": [CASE, ", 1);
    let case = sound.split("\"cases\": [").nth(1).unwrap();
    let case = case.strip_suffix("]}").unwrap();
    let message = run(&twice.replacen("CASE", case, 1))
        .unwrap_err()
        .to_string();
    assert!(message.contains("two cases have the id `a`"), "{message}");
}

/// The same by rules that are written as formulas, hyper-parameters and all.
#[test]
fn rules_by_formula_reproduce_every_recorded_trajectory() {
    let rules = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    let mut own = Vec::new();
    for entry in std::fs::read_dir(rules).unwrap() {
        own.extend(read(&entry.unwrap().path()).unwrap());
    }
    let (mut files, mut cases) = (0, 0);
    for entry in std::fs::read_dir(recorded("")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_none_or(|e| e != "json") || !own.iter().any(|rule| rule.name == name)
        {
            continue;
        }
        files += 1;
        for case in replay_own(&path, &own).unwrap() {
            assert!(
                case.passed,
                "{} {}: deviation {:e}",
                case.file, case.id, case.worst
            );
            cases += 1;
        }
    }
    assert_eq!((files, cases), (21, 383));
}
