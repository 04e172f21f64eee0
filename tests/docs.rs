//! The book is true: its reference is what the program prints, and its examples can be read.

mod program;

use std::path::Path;

use program::kramers;

fn book(page: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(page);
    std::fs::read_to_string(path).unwrap()
}

/// `kramers describe reference > docs/reference.md` makes it anew, in the default build.
#[test]
#[cfg(not(feature = "torch"))]
fn the_reference_is_what_the_program_prints() {
    let folder = tempfile::tempdir().unwrap();
    let ended = kramers(folder.path())
        .args(["describe", "reference"])
        .assert();
    let ended = ended.success();
    let printed = String::from_utf8_lossy(&ended.get_output().stdout);
    let page = book("reference.md");
    let stale = page.lines().zip(printed.lines()).position(|(a, b)| a != b);
    assert!(
        page == printed,
        "docs/reference.md is stale from line {stale:?} on; write it anew: kramers describe reference > docs/reference.md"
    );
}

/// The study of the guide is checked as its reader would check it.
#[test]
fn the_example_of_the_guide_can_be_read() {
    let page = book("studies.md");
    let example = page.split("```toml\n").nth(1).unwrap();
    let example = example.split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("valley.toml"), example).unwrap();
    let ended = kramers(folder.path())
        .args(["check", "valley.toml"])
        .assert();
    ended
        .success()
        .stdout(predicates::str::contains("sgd, k = 8"));
}
