//! A file that is absent or not TOML, and a folder that cannot be written.

use super::program::SMALL;
use super::{place, refusal, refused};

#[test]
fn what_is_not_toml_is_refused_at_its_place() {
    for (old, new, mark) in [
        ("variance = 20_000.0", "variance = ", "variance = \n"),
        ("[noise]", "[noise", "[noise\n"),
        ("\"gaussian\"", "\"gaussian", "\"gaussian\n"),
    ] {
        let text = SMALL.replacen(old, new, 1);
        let sentence = refusal(&text, &[]);
        assert!(sentence.contains("not TOML"), "{sentence}");
        let line = place(&text, mark);
        let line = line.rsplit_once(':').unwrap().0;
        assert!(sentence.starts_with(line), "{line} | {sentence}");
    }
    let twice = SMALL.replacen("eta = 0.003", "eta = 0.003\neta = 0.004", 1);
    assert!(refusal(&twice, &[]).contains("not TOML: duplicate key"));
    for text in ["\u{7f}ELF", "{\"name\": 3}", "name"] {
        assert!(refusal(text, &[]).contains("not TOML"));
    }
    assert!(refusal("", &[]).contains("`name` is missing"));
    let other = SMALL.replace("[scale.smoke]", "[scale.small]");
    let sentence = refusal(&other, &[]);
    assert!(sentence.contains("smoke, standard, paper"), "{sentence}");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let sentence = refused(folder.path(), &["run", "absent.toml"]);
    assert!(sentence.contains("absent.toml"), "{sentence}");
    let sentence = refused(folder.path(), &["run", "."]);
    assert!(
        sentence.contains("cannot read the experiment file"),
        "{sentence}"
    );
    std::fs::write(folder.path().join("bytes.toml"), [0xFF, 0xFE, 0x00]).unwrap();
    let sentence = refused(folder.path(), &["run", "bytes.toml"]);
    assert!(
        sentence.contains("bytes.toml") && sentence.contains("UTF-8"),
        "{sentence}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// A path below a regular file cannot be made by anyone, the superuser included.
#[test]
fn a_folder_that_cannot_be_written_is_refused_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.toml"), SMALL).unwrap();
    for arguments in [
        &["run", "file.toml", "--out", "file.toml/out"][..],
        &["reproduce", "--out", "file.toml/out", "--only", "*fig6*"],
    ] {
        let sentence = refused(folder.path(), arguments);
        assert!(sentence.contains("file.toml/out"), "{sentence}");
        assert!(sentence.contains("--out"), "{sentence}");
    }
    let text = std::fs::read_to_string(folder.path().join("file.toml")).unwrap();
    assert_eq!(text, SMALL);
}
