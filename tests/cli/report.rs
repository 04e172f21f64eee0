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
        .stderr(predicates::str::is_empty());
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

/// Pages, pictures and tables of others, wherever the program would put its own: refused by name, nothing written; its
/// own are replaced.
#[test]
fn files_of_a_user_are_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("small.toml"), SMALL).unwrap();
    let run = |out: &'static str| ["run", "small.toml", "--out", out];
    kramers(at).args(run("out")).assert().success();
    let report = ["report", "out", "--out", "page", "--gallery", "site"];
    let refused = |command: &[&str], name: &str| {
        std::fs::create_dir_all(at.join(name).parent().unwrap()).unwrap();
        let before = std::fs::read(at.join(name)).ok();
        std::fs::write(at.join(name), "mine").unwrap();
        let assert = kramers(at)
            .args(command)
            .assert()
            .code(2)
            .stdout(predicates::str::is_empty());
        let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(
            said.contains(&format!("{name} is there already")) && said.contains("--force"),
            "{said}"
        );
        assert_eq!(std::fs::read(at.join(name)).unwrap(), b"mine");
        // What stood there before, if anything, is the program's own again.
        match before {
            Some(own) => std::fs::write(at.join(name), own).unwrap(),
            None => std::fs::remove_file(at.join(name)).unwrap(),
        }
    };
    for name in [
        "site/README.md",
        "site/small-exit-time.svg",
        "site/small-self-check.png",
        "page/report.md",
        "page/report.html",
        "page/small/exit-time.svg",
        "page/small/exit-time.png",
    ] {
        refused(&report, name);
        let beside = std::fs::read_dir(at.join(name).parent().unwrap()).unwrap();
        assert_eq!(beside.count(), 0, "nothing is written beside {name}");
        let folder = name.split('/').next().unwrap();
        std::fs::remove_dir_all(at.join(folder)).unwrap();
    }
    kramers(at).args(report).assert().success();
    kramers(at).args(report).assert().success();
    refused(&report, "site/small-exit-time.png");
    refused(&report, "page/report.html");
    refused(&["report", "out"], "out/small/exit-time.png");
    kramers(at).args(report).assert().success();
    std::fs::write(at.join("site/README.md"), "mine").unwrap();
    kramers(at).args(report).arg("--force").assert().success();
    assert_ne!(std::fs::read(at.join("site/README.md")).unwrap(), b"mine");
    for resume in [None, Some("--resume")] {
        for name in [
            "new/report.md",
            "new/small/exit-time.svg",
            "new/small/text.json",
        ] {
            let command: Vec<&str> = run("new").into_iter().chain(resume).collect();
            refused(&command, name);
        }
    }
    // Figures that `report` drew there are the program's own, and go with the run.
    kramers(at).args(run("page")).assert().success();
}
