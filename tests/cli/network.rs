//! Real networks, where the build does not know of them.

use predicates::str::contains;

use super::kramers;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/pnm/fig4.toml");

#[test]
fn a_network_experiment_says_how_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["run", FILE][..], &["reproduce", "--only", "pnm/fig4"]] {
        kramers(folder.path())
            .args(arguments)
            .assert()
            .code(2)
            .stderr(contains("real networks"))
            .stderr(contains("--features torch"))
            .stdout(predicates::str::is_empty());
    }
}

#[test]
fn a_gpu_is_refused_before_anything_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let run = |device: &str| {
        let arguments = ["reproduce", "--only", "loss-noise", "--device", device];
        let mut command = kramers(folder.path());
        command.args(arguments).args(["--scale", "smoke"]);
        command
    };
    run("cuda")
        .assert()
        .code(2)
        .stderr(contains("--device cuda:0"));
    run("gpu").assert().code(2).stderr(contains("cuda:N"));
    assert!(!folder.path().join("results").exists());
    run("auto").assert().success();
}

#[test]
fn a_table_on_cifar_is_no_part_of_reproduce() {
    let folder = tempfile::tempdir().unwrap();
    kramers(folder.path())
        .args(["reproduce", "--only", "pnm/table1"])
        .assert()
        .code(2)
        .stderr(contains("needs a data set of yours"));
}
