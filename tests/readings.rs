//! The table of readings: every row has the axes that its experiment sweeps, by their names in the file, and no two rows
//! say the same.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use kramers::experiment::context::{Context, Quiet};
use kramers::experiment::load::Experiment;
use kramers::experiment::plan::no_axes;
use kramers::measurement::reading::{Facts, Reading};

/// The readings of a shipped file at smoke scale, few particles where it may be told so.
fn readings(file: &str) -> (Experiment, Vec<Reading>) {
    let few = ["ensemble.particles=64".to_string()];
    let path = Path::new("experiments").join(file);
    let experiment = Experiment::read(&path, "smoke", &few)
        .or_else(|_| Experiment::read(&path, "smoke", &[]))
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let context = Context::new(1, "smoke", folder.path().to_path_buf(), 0).unwrap();
    let record = experiment.run(&context, &Quiet).unwrap();
    (experiment, record.estimates)
}

/// The axes of the first row of a cell whose label ends so, as they are printed.
fn axes(rows: &[Reading], cell: &str, quantity: &str) -> Vec<String> {
    let row = rows
        .iter()
        .find(|row| row.cell.ends_with(cell) && row.quantity == quantity)
        .unwrap_or_else(|| panic!("no {quantity} of {cell}"));
    let shown = |(name, value): &(String, _)| format!("{name}={value}", value = shown(value));
    row.axes.0.iter().map(shown).collect()
}

fn shown(value: &impl std::fmt::Display) -> String {
    value.to_string()
}

/// Every cell's axes are those of its rows, and no two rows agree in all that names them.
fn hold(file: &str) {
    let (experiment, rows) = readings(file);
    let cells = experiment.protocol.plan();
    let alike = no_axes(cells.iter().map(|cell| &cell.known));
    for cell in &cells {
        let swept = |facts: &Facts, name: &String| facts.get(name).cloned();
        for row in rows.iter().filter(|row| row.cell == cell.label) {
            for (name, value) in cell
                .known
                .0
                .iter()
                .filter(|(name, _)| !alike.contains(name))
            {
                let found = swept(&row.axes, name).or(swept(&row.facts, name));
                assert_eq!(
                    found.as_ref(),
                    Some(value),
                    "{file}: {name} of {}",
                    row.cell
                );
            }
        }
    }
    let mut seen = HashSet::new();
    for row in &rows {
        let name = format!("{} {:?} {}", row.cell, row.axes, row.quantity);
        assert!(seen.insert(name.clone()), "{file}: twice {name}");
        assert!(
            row.measured.is_some() || row.exact.is_some(),
            "{file}: nothing read of {name}"
        );
    }
    assert!(!rows.is_empty(), "{file}: no reading");
}

/// Every file below `experiments/` that the default build runs.
fn files() -> Vec<PathBuf> {
    let folders = list(Path::new("experiments"));
    let mut all: Vec<PathBuf> = folders.iter().flat_map(|folder| list(folder)).collect();
    all.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    all.retain(|path| Experiment::read(path, "smoke", &[]).is_ok());
    all.sort();
    all
}

fn list(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

#[test]
#[ignore = "slow: minutes"]
fn every_shipped_experiment_has_its_axes() {
    let all = files();
    assert!(all.len() > 30, "{} files", all.len());
    for path in all {
        hold(path.strip_prefix("experiments").unwrap().to_str().unwrap());
    }
}
