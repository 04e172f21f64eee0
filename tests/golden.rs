//! The update rules against trajectories recorded from their reference implementations.

use std::path::PathBuf;

use kramers::experiment::replay::replay;

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
