//! `report`: the page and the table again, from the record alone.

use super::kramers;
use super::program::SMALL;

#[test]
fn a_report_is_remade_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("small.toml"), SMALL).unwrap();
    let run = ["run", "small.toml", "--out", "out"];
    kramers(folder.path()).args(run).assert().success();
    let made = [
        "report.html",
        "report.md",
        "small/exit-time.svg",
        "small/exit-time.png",
    ];
    let read = |base: &str| made.map(|name| std::fs::read(at(base).join(name)).unwrap());
    let first = read("out");
    for name in made {
        std::fs::remove_file(at("out").join(name)).unwrap();
    }
    let before = std::fs::read(at("out/small/manifest.json")).unwrap();
    let again = ["report", "out"];
    kramers(folder.path())
        .args(again)
        .assert()
        .success()
        .stderr("");
    assert!(read("out") == first, "in place");
    assert_eq!(
        std::fs::read(at("out/small/manifest.json")).unwrap(),
        before
    );
    let elsewhere = ["report", "out", "--out", "elsewhere"];
    kramers(folder.path()).args(elsewhere).assert().success();
    assert!(read("elsewhere") == first, "in another folder");
}

#[test]
fn a_folder_without_a_record_is_unusable() {
    let folder = tempfile::tempdir().unwrap();
    let assert = kramers(folder.path())
        .args(["report", "."])
        .assert()
        .code(2);
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(stderr.contains("holds no record"), "{stderr}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Claims stand in the order in which `reproduce` runs their experiments, not in that of the folders' names.
#[test]
fn a_report_keeps_the_order_of_reproduce() {
    let folder = tempfile::tempdir().unwrap();
    let chosen = ["scaling-identities", "posterior-sgd", "formulations"];
    let mut arguments = vec!["reproduce", "--scale", "smoke", "--out", "out"];
    for name in &chosen {
        arguments.extend(["--only", name]);
    }
    kramers(folder.path()).args(arguments).assert().success();
    let table = folder.path().join("out/report.md");
    let first = std::fs::read(&table).unwrap();
    std::fs::remove_file(&table).unwrap();
    kramers(folder.path())
        .args(["report", "out"])
        .assert()
        .success();
    assert!(std::fs::read(&table).unwrap() == first);
}
