//! What a run leaves on disk: every file of the record, and divergence counted apart.

use kramers::report::record::Record;
use kramers::report::table::{Column, EXTENSION};

use super::kramers;
use super::program::SMALL;

#[test]
fn every_file_of_the_record_is_there_and_nothing_unfinished() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("small.toml"), SMALL).unwrap();
    let run = ["run", "small.toml", "--out", "out"];
    kramers(folder.path()).args(run).assert().success();
    let record = folder.path().join("out/small");
    let mut names: Vec<String> = std::fs::read_dir(&record)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let wanted = [
        format!("estimates.{EXTENSION}"),
        "exit-time.png".into(),
        "exit-time.svg".into(),
        "figures.json".into(),
        "manifest.json".into(),
        format!("samples.{EXTENSION}"),
        "self-check.png".into(),
        "self-check.svg".into(),
        "text.json".into(),
        "verdicts.json".into(),
    ];
    assert_eq!(names, wanted);
}

/// Beyond the top of the cubic particles run away to +∞ or fall back below 0: the former are counted
/// as diverged, and enter neither the mean nor the rate.
#[test]
fn diverged_particles_are_counted_and_never_averaged() {
    let folder = tempfile::tempdir().unwrap();
    let text = SMALL
        .replace("styblinski-tang", "cubic")
        .replace("20_000.0", "400.0")
        .replace("0.003", "0.02")
        .replace(
            "max_steps = 10_000",
            "max_steps = 10_000\nstart = 1.2\nexit = 0.0\ndirection = \"below\"",
        );
    std::fs::write(folder.path().join("runaway.toml"), text).unwrap();
    let run = ["run", "runaway.toml", "--out", "out"];
    kramers(folder.path()).args(run).assert().success();
    let record = Record::load(&folder.path().join("out/small")).unwrap();
    let flags = |name: &str| match record.samples.column(name) {
        Some(Column::Bool(flags)) => flags.clone(),
        other => panic!("{name}: {other:?}"),
    };
    let (censored, diverged) = (flags("censored"), flags("diverged"));
    let Some(Column::U64(steps)) = record.samples.column("exit_step") else {
        panic!("no exit steps");
    };
    let lost = diverged.iter().filter(|flag| **flag).count();
    assert_eq!(record.manifest.diverged, lost as u64);
    assert!(lost > 10 && lost < 54, "{lost} of 64: both ends are common");
    assert!(censored.iter().all(|flag| !flag));
    let left: Vec<f64> = (0..steps.len())
        .filter(|&i| !diverged[i])
        .map(|i| steps[i] as f64)
        .collect();
    let mean = left.iter().sum::<f64>() / left.len() as f64;
    let estimate = record
        .estimates
        .iter()
        .find(|row| row.quantity == "mean exit step")
        .and_then(|row| row.measured.clone())
        .unwrap();
    assert_eq!(estimate.n, left.len() as u64);
    assert!((estimate.value.unwrap() - mean).abs() <= 1e-12 * mean);
}
