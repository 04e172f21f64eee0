//! The bits of every shipped experiment of the default build: what its cells are called, which streams they draw from, how far they run, and how
//! 64 particles of them end. A change of the laboratory's shape changes none of it.
//!
//! `streams.json` holds what was. Where a change of bits is meant, and said, it is written anew by
//! `STREAMS=experiments cargo test --release --test streams -- --include-ignored --test-threads 1`, or with the path of a folder or a file in place of all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use kramers::experiment::context::{Context, Progress};
use kramers::experiment::load::Experiment;
use kramers::experiment::vocabulary::Vocabulary;
use kramers::simulation::trace::{self, Noted};
use serde_json::{Value, json};

/// Particles of an ensemble, where the file may say.
const PARTICLES: &str = "ensemble.particles=64";

/// What is held fixed, cell by cell.
#[derive(Default)]
struct Cells(Mutex<Vec<Value>>);

impl Cells {
    /// Gives what was noted since then to the cell that began last.
    fn close(&self) {
        let mut cells = self.0.lock().unwrap();
        let noted = trace::take();
        if let Some(cell) = cells.last_mut() {
            *cell = json!({ "cell": cell["cell"], "noted": noted.iter().map(shown).collect::<Vec<_>>() });
        }
    }
}

impl Progress for Cells {
    fn cell(&self, label: &str, _: u64, _: &Arc<AtomicU64>) {
        self.close();
        self.0.lock().unwrap().push(json!({ "cell": label }));
    }

    fn cell_done(&self) {}
}

fn shown(noted: &Noted) -> String {
    match noted {
        Noted::Stream(key) => format!("stream {key:016x}"),
        Noted::Run {
            driver,
            stream,
            particles,
            steps,
            normals,
            end,
        } => format!(
            "{driver}: stream {stream:016x}, {particles} particles, steps {steps:?}, {normals} normals, end {end:016x}"
        ),
    }
}

/// Every file below `experiments/` that the default build runs, in order.
fn files() -> Vec<PathBuf> {
    let mut folders: Vec<_> = list(Path::new("experiments"));
    folders.sort();
    let mut all: Vec<_> = folders.iter().flat_map(|folder| list(folder)).collect();
    all.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    all.sort();
    all
}

fn list(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// The cells of a file at a scale; nothing for a file that needs libtorch.
fn cells(path: &Path, scale: &str) -> Option<Vec<Value>> {
    let few = [PARTICLES.to_string()];
    let known = Vocabulary::default().with_protocols(&[kramers::study::PROTOCOL]);
    let experiment = Experiment::read_with(path, scale, &few, &known)
        .or_else(|_| Experiment::read_with(path, scale, &[], &known))
        .ok()?;
    let folder = tempfile::tempdir().unwrap();
    let context = Context::new(1, scale, folder.path().to_path_buf(), 0).unwrap();
    trace::take();
    let cells = Cells::default();
    experiment.run(&context, &cells).unwrap();
    cells.close();
    Some(cells.0.into_inner().unwrap())
}

/// Holds the experiments whose path begins so.
fn hold(scale: &str, under: &str) {
    trace::begin();
    let at = Path::new("tests/streams.json");
    let text = std::fs::read_to_string(at).unwrap_or("{}".into());
    let mut held: BTreeMap<String, BTreeMap<String, Vec<Value>>> =
        serde_json::from_str(&text).unwrap();
    let written = std::env::var("STREAMS").ok();
    let meant = written.as_deref().unwrap_or(under);
    let now: BTreeMap<String, Vec<Value>> = files()
        .iter()
        .filter(|path| path.starts_with(under) && path.starts_with(meant))
        .filter_map(|path| Some((path.display().to_string(), cells(path, scale)?)))
        .collect();
    if written.is_some() {
        held.entry(scale.into()).or_default().extend(now);
        std::fs::write(at, serde_json::to_string_pretty(&held).unwrap() + "\n").unwrap();
        return;
    }
    let then = held[scale].iter();
    let then: Vec<_> = then
        .filter(|(file, _)| Path::new(file).starts_with(under))
        .collect();
    for (file, cells) in &then {
        let own = now.get(*file).unwrap_or_else(|| panic!("{file} is gone"));
        for (a, b) in cells.iter().zip(own) {
            assert_eq!(a, b, "{file} at {scale}");
        }
        assert_eq!(cells.len(), own.len(), "{file} at {scale}");
    }
    assert_eq!(then.len(), now.len(), "files that are not held");
    assert!(then.len() >= 8, "{scale} holds {} files only", then.len());
}

/// One paper at every run, all of them before a change of shape lands.
#[test]
fn smoke_of_one_paper() {
    hold("smoke", "experiments/pnm");
}

#[test]
#[ignore = "slow: minutes"]
fn smoke() {
    hold("smoke", "experiments");
}

#[test]
#[ignore = "slow: many minutes"]
fn standard() {
    hold("standard", "experiments");
}
