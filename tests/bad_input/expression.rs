//! A surface written down by the user, and what may be wrong with it.

use super::program::{SMALL, kramers};

/// Runs [`SMALL`] with another `[landscape]` and wants a refusal of status 2; returns it.
fn refusal(landscape: &str) -> String {
    let (before, rest) = SMALL.split_once("[landscape]").unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap_or(("", rest));
    let after = &after[after.find('[').unwrap()..];
    let text = format!("{before}[landscape]\n{landscape}\n\n{after}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.toml"), text).unwrap();
    let assert = kramers(folder.path())
        .args(["run", "file.toml", "--out", "out"])
        .assert()
        .code(2)
        .stdout(predicates::str::is_empty());
    let stderr = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(!folder.path().join("out").exists(), "nothing is written");
    stderr
}

#[test]
fn a_syntax_error_is_shown_with_line_column_and_caret() {
    let found = refusal("expression = \"0.25*(x^2-1)^2 + 2*\"");
    let line = SMALL
        .split_once("[landscape]")
        .unwrap()
        .0
        .matches('\n')
        .count()
        + 2;
    let place = format!("file.toml:{line}:34: `landscape.expression`: ");
    assert!(found.contains(&place), "{found}");
    assert!(found.contains("found the end"), "{found}");
    let shown = "\n    0.25*(x^2-1)^2 + 2*\n                       ^";
    assert!(found.contains(shown), "{found}");
}

#[test]
fn everything_else_that_makes_no_surface_is_told() {
    for (landscape, what) in [
        ("expression = \"x^2 + a*x\"", "unknown name `a`"),
        ("expression = \"max(x)\"", "max takes two arguments, not 1"),
        ("expression = \"3\"", "no variable"),
        ("expression = \"\"", "no variable"),
        ("expression = 3", "a string"),
        ("expression = \"x\"\nname = \"cubic\"", "not both"),
        ("name = \"expression\"", "not both"),
        (
            "expression = \"x^2\"\nvariables = [\"y\"]",
            "unknown name `x`",
        ),
        ("expression = \"x^2\"\ndim = 1000000", "outside [1, 100000]"),
        ("expression = \"x*y\"\ndim = 3", "dim = 3"),
        (
            "expression = \"x^2\"",
            "no saddle lies above the minimum of the start's well, θ = 0; give a number",
        ),
        ("expression = \"x^3+x\"", "no minimum within |θᵢ| ≤ 10"),
        (
            "expression = \"a*x\"\n[landscape.parameters]\na = nan",
            "finite",
        ),
        (
            "expression = \"a*x\"\n[landscape.parameters]\na = \"b\"",
            "a number",
        ),
        (
            "expression = \"x^4-x^2\"\n[landscape.parameters]\na = 1",
            "`a` does not occur",
        ),
        ("expression = \"x^4-x^2\"\nsearch = 0", "positive"),
        ("expression = \"ln(x-5)\"", "no minimum within |θᵢ| ≤ 10"),
    ] {
        let found = refusal(landscape);
        assert!(found.contains(what), "{landscape}: {found}");
    }
}
