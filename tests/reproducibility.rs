//! The same seed gives the same bytes, whatever the threads, the block size or an interruption.

#[path = "program/mod.rs"]
mod program;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use kramers::error::Error;
use kramers::experiment::context::{Context, Progress, Quiet};
use kramers::experiment::load::Experiment;
use kramers::experiment::vocabulary::Vocabulary;
use kramers::report::record::Record;
use kramers::report::table::{Column, EXTENSION};
use program::{SMALL, kramers};
use tempfile::TempDir;

/// Runs `text` in a folder of its own, which it returns.
fn run(text: &str, extra: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.toml"), text).unwrap();
    kramers(folder.path())
        .args(["run", "file.toml", "--out", "out"])
        .args(extra)
        .assert()
        .success();
    folder
}

fn record(folder: &TempDir) -> PathBuf {
    folder.path().join("out/small")
}

fn samples(folder: &TempDir) -> Vec<u8> {
    std::fs::read(record(folder).join(format!("samples.{EXTENSION}"))).unwrap()
}

/// Same samples, estimates, verdicts and figures under other threads and blocks; other samples under
/// another seed.
fn check(text: &str) {
    let first = run(text, &["--threads", "1"]);
    let files = [
        format!("samples.{EXTENSION}"),
        format!("estimates.{EXTENSION}"),
        "verdicts.json".into(),
        "figures.json".into(),
    ];
    for extra in [
        &["--threads", "2"][..],
        &["--threads", "1", "--block", "8"],
        &["--threads", "2", "--block", "24"],
    ] {
        let other = run(text, extra);
        for name in &files {
            let read = |folder| std::fs::read(record(folder).join(name)).unwrap();
            assert!(
                read(&first) == read(&other),
                "{name} differs under {extra:?}"
            );
        }
    }
    assert!(samples(&first) != samples(&run(text, &["--seed", "2"])));
}

fn minibatch(replacement: bool) -> String {
    let noise = format!(
        "\"minibatch\"\nsamples = 500\nbatch = 7\nvariance = 4.0\nreplacement = {replacement}"
    );
    SMALL
        .replace("tang\"", "tang\"\ndim = 10\nsharpness = 2.0")
        .replace("\"gaussian\"\nvariance = 20_000.0", &noise)
        .replace("0.003", "0.002")
}

#[test]
fn gaussian_noise_in_one_coordinate() {
    check(SMALL);
}

#[test]
fn a_formula_in_ten_coordinates() {
    let formula = "expression = \"0.5*(x^4 - 16*x^2 + 5*x) + 0.1*cos(a*x)\"\ndim = 10\nparameters = { a = 2.0 }";
    check(&SMALL.replace("name = \"styblinski-tang\"", formula));
}

#[test]
fn splitting_of_a_process_with_memory() {
    let (before, _) = SMALL.split_once("[ensemble]").unwrap();
    let text = before
        .replace("\"escape\"", "\"rare-events\"")
        .replace("name = \"sgd\"", "name = \"sgdm\"\nbeta1 = 0.9");
    check(&format!(
        "{text}[splitting]\nreplicas = 40\nruns = 6\nbrute_particles = 50\n"
    ));
}

#[test]
fn minibatches_with_replacement_in_ten_coordinates() {
    check(&minibatch(true));
}

/// 7 does not divide 500, so batches straddle epochs.
#[test]
fn minibatches_without_replacement_in_ten_coordinates() {
    check(&minibatch(false));
}

#[test]
fn adam() {
    check(&SMALL.replace("\"sgd\"", "\"adam\"").replace("0.003", "0.1"));
}

#[test]
fn fresh_samples_of_students_law_under_adai() {
    let noise = "\"fresh\"\nbatch = 3\nvariance = 4.0\nlaw = \"student\"";
    let text = SMALL
        .replace("tang\"", "tang\"\ndim = 3\nsharpness = 2.0")
        .replace("\"gaussian\"\nvariance = 20_000.0", noise)
        .replace("\"sgd\"", "\"adai\"");
    check(&text);
}

/// An odd number of normals a step, and the uniforms of the Brownian bridge beside them.
#[test]
fn an_sde_with_the_brownian_bridge() {
    let (head, rest) = SMALL.split_once("[noise]").unwrap();
    let tail = rest.split_once("[ensemble]").unwrap().1;
    let sde = "[sde]\ntemperature = [0.2, 0.3]\ndt = 0.01\n[ensemble]";
    let head = head.replace("styblinski-tang", "double-well");
    check(&format!("{head}{sde}{tail}"));
}

/// The rows of the samples that belong to cells of `series`.
fn ends(folder: &Path, series: &str) -> Vec<(String, u64, u64, bool)> {
    let record = Record::load(&folder.join("out/small")).unwrap();
    let column = |name: &str| record.samples.column(name).unwrap().clone();
    let (Column::Text(cell), Column::U64(particle), Column::U64(step), Column::Bool(censored)) = (
        column("cell"),
        column("particle"),
        column("exit_step"),
        column("censored"),
    ) else {
        panic!("columns of other kinds");
    };
    let wanted = format!("small/{series}/");
    (0..cell.len())
        .filter(|&i| cell[i].starts_with(&wanted))
        .map(|i| (cell[i].clone(), particle[i], step[i], censored[i]))
        .collect()
}

#[test]
fn a_second_optimizer_changes_no_number_of_the_first() {
    let alone = run(SMALL, &[]);
    let second = "[[optimizer]]\nname = \"sgdm\"\neta = 0.004\n[[optimizer]]\nname = \"sgd\"";
    let both = run(&SMALL.replace("[[optimizer]]\nname = \"sgd\"", second), &[]);
    let first = ends(alone.path(), "sgd");
    assert_eq!(first.len(), 64);
    assert_eq!(first, ends(both.path(), "sgd"));
    let other = ends(both.path(), "sgdm");
    let steps = |rows: &[(String, u64, u64, bool)]| Vec::from_iter(rows.iter().map(|r| r.2));
    assert_ne!(steps(&first), steps(&other), "cells do not share numbers");
}

/// A value more in the sweep changes no number of the others.
#[test]
fn a_further_cell_changes_no_number_of_the_others() {
    let one = run(SMALL, &[]);
    let two = run(&SMALL.replace("20_000.0", "[30_000.0, 20_000.0]"), &[]);
    let last = |rows: Vec<_>| rows[rows.len() - 64..].to_vec();
    assert_eq!(last(ends(one.path(), "sgd")), last(ends(two.path(), "sgd")));
}

/// Stopped by Ctrl-C after its first cell of seven, resumed with other threads: the same bytes as without
/// the interruption.
#[cfg(unix)]
#[test]
fn an_interrupted_run_resumes_to_the_same_bytes() {
    let sweep = "[4000.0, 4100.0, 4200.0, 4300.0, 4400.0, 4500.0, 4600.0]";
    let text = SMALL
        .replace("20_000.0", sweep)
        .replace("= 64", "= 4000")
        .replace("= 10_000", "= 1_000_000");
    let whole = run(&text, &[]);

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.toml"), &text).unwrap();
    let arguments = ["run", "file.toml", "--out", "out"];
    let child = std::process::Command::new(env!("CARGO_BIN_EXE_kramers"))
        .args(arguments)
        .current_dir(folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let cells = record(&folder).join("cells");
    let finished = || {
        let entries = std::fs::read_dir(&cells).into_iter().flatten().flatten();
        entries
            // Sixteen digits and the suffix; one that was only begun has more to its name.
            .filter(|e| e.file_name().len() == "0123456789abcdef.json".len())
            .count()
    };
    while finished() == 0 {
        assert!(
            !record(&folder).join("manifest.json").exists(),
            "it ended before its first cell was seen"
        );
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let kill = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(75), "{stderr}");
    assert!(output.stdout.is_empty());
    assert!(stderr.contains("--resume"), "{stderr}");
    assert!((1..7).contains(&finished()), "{} cells kept", finished());
    assert!(!record(&folder).join("manifest.json").exists());
    assert!(!folder.path().join("out/report.html").exists());

    kramers(folder.path())
        .args(arguments)
        .args(["--resume", "--threads", "1"])
        .assert()
        .success();
    assert!(samples(&folder) == samples(&whole));
    assert!(!cells.exists(), "the kept cells are cleared away");
}

/// Sets the flag of Ctrl-C once so many thirds of a cell are finished.
struct Stopping(Arc<AtomicBool>, u64);

impl Progress for Stopping {
    fn cell(&self, _: &str, parts: u64, finished: &Arc<AtomicU64>) {
        let (stop, finished, enough) = (self.0.clone(), finished.clone(), self.1 * parts / 3);
        std::thread::spawn(move || {
            // Nobody else has the counter once the cell is through.
            while Arc::strong_count(&finished) > 1 {
                if finished.load(Ordering::Relaxed) >= enough.max(1) {
                    stop.store(true, Ordering::Relaxed);
                }
                std::thread::sleep(Duration::from_micros(100));
            }
        });
    }
    fn cell_done(&self) {}
}

/// Holds that two runs left the same, but for what the manifest says of the machine.
fn alike(experiment: &Experiment, folders: [&Path; 2]) {
    let [a, b] = folders.map(|out| {
        let record = Record::load(&out.join(&experiment.name)).unwrap();
        record.manifest
    });
    let name = &experiment.name;
    assert_eq!(a.files, b.files, "{name}");
    assert_eq!(a.particle_steps, b.particle_steps, "{name}");
    assert_eq!(a.diverged, b.diverged, "{name}");
}

/// Sets the flag of Ctrl-C once so many cells are done.
struct StoppingBetween(Arc<AtomicBool>, AtomicU64);

impl Progress for StoppingBetween {
    fn cell(&self, _: &str, _: u64, _: &Arc<AtomicU64>) {}
    fn cell_done(&self) {
        if self.1.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

/// A study with an SDE by formula, stopped behind its first, second and third cell: what was finished is taken up.
#[test]
fn a_stopped_study_goes_on() {
    let known = Vocabulary::default().with_protocols(&[kramers::study::PROTOCOL]);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/studies/rmsprop-weak.toml");
    let experiment = Experiment::read_with(&file, "smoke", &[], &known).unwrap();
    let context = |out: &Path| Context::new(1, "smoke", out.to_path_buf(), 2).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (whole, stopped) = (folder.path().join("whole"), folder.path().join("stopped"));
    experiment.run(&context(&whole), &Quiet).unwrap();
    for cells in 1..=3 {
        let mut context = context(&stopped);
        context.resume = true;
        let stopping = StoppingBetween(context.stop.clone(), AtomicU64::new(cells));
        match experiment.run(&context, &stopping) {
            Err(Error::Interrupted(said)) => {
                assert!(said.contains("what is finished is in"), "{said}");
            }
            other => panic!("{other:?}"),
        }
    }
    let mut context = context(&stopped);
    context.resume = true;
    experiment.run(&context, &Quiet).unwrap();
    alike(&experiment, [&whole, &stopped]);
}

/// Stopped after a third of a cell, and again after two: what was finished is taken up, and all files but the manifest
/// have the checksums of a run without stops.
#[test]
fn a_stopped_cell_goes_on_whatever_the_protocol() {
    let cases: [(&str, &[&str]); 5] = [
        (
            "marginal-value/svag",
            &["svag.l=[16]", "ensemble.particles=50000"],
        ),
        (
            "marginal-value/weak-approximation-double-well",
            &["ensemble.particles=10000"],
        ),
        (
            "modified-equations/weak-error",
            &["ensemble.particles=40000"],
        ),
        ("lab/calibration", &["calibration.repetitions=300"]),
        ("lab/rare-events", &["sde.temperature=[0.05]"]),
    ];
    let mut parts = 0;
    for (name, set) in cases {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("experiments/{name}.toml"));
        let set: Vec<String> = set.iter().map(|s| s.to_string()).collect();
        let experiment = Experiment::read(&file, "smoke", &set).unwrap();
        let context = |out: &Path| Context::new(1, "smoke", out.to_path_buf(), 2).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (whole, stopped) = (folder.path().join("whole"), folder.path().join("stopped"));
        experiment.run(&context(&whole), &Quiet).unwrap();
        for thirds in 1..=2 {
            let mut context = context(&stopped);
            context.resume = true;
            let stopping = Stopping(context.stop.clone(), thirds);
            match experiment.run(&context, &stopping) {
                Err(Error::Interrupted(said)) => {
                    assert!(said.contains("what is finished is in"), "{said}");
                    parts += usize::from(said.contains(" parts; "));
                }
                other => panic!("{name}: {other:?}"),
            }
        }
        let mut context = context(&stopped);
        context.resume = true;
        experiment.run(&context, &Quiet).unwrap();
        alike(&experiment, [&whole, &stopped]);
    }
    // A machine that is busy elsewhere may finish a cell before it is stopped.
    assert!(parts >= 5, "{parts} of 12 stops kept a part of a cell");
}
