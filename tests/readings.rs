//! The table of readings: every row has the axes that its experiment sweeps, by their names in the file, and no two rows
//! say the same.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use kramers::experiment::context::{Context, Quiet};
use kramers::experiment::load::Experiment;
use kramers::experiment::plan::no_axes;
use kramers::experiment::vocabulary::Vocabulary;
use kramers::measurement::reading::Reading;
use kramers::report::record::Record;
use kramers::report::schema::{AXES, SAMPLES, Sheet};
use kramers::simulation::optimizer::registry::ENTRIES;

/// The record of a shipped file at smoke scale, few particles where it may be told so.
fn run(file: &str) -> (Experiment, Record) {
    let few = ["ensemble.particles=64".to_string()];
    let path = Path::new("experiments").join(file);
    let known = Vocabulary::default().with_protocols(&[kramers::study::PROTOCOL]);
    let experiment = Experiment::read_with(&path, "smoke", &few, &known)
        .or_else(|_| Experiment::read_with(&path, "smoke", &[], &known))
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let context = Context::new(1, "smoke", folder.path().to_path_buf(), 0).unwrap();
    let record = experiment.run(&context, &Quiet).unwrap();
    (experiment, record)
}

fn readings(file: &str) -> Vec<Reading> {
    run(file).1.estimates
}

/// The axes of the first row of a quantity, as they are printed.
fn axes(rows: &[Reading], quantity: &str) -> Vec<String> {
    let row = rows.iter().find(|row| row.quantity == quantity);
    let row = row.unwrap_or_else(|| panic!("no {quantity}"));
    row.axes
        .0
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}

/// Every cell's axes are those of its rows, and no two rows agree in all that names them.
fn hold(file: &str) {
    let (experiment, record) = run(file);
    let rows = &record.estimates;
    let cells = experiment.protocol.plan();
    let alike = no_axes(cells.iter().map(|cell| &cell.known));
    for row in rows {
        let Some(cell) = cells.iter().find(|cell| cell.label == row.cell) else {
            continue;
        };
        for (name, value) in cell
            .known
            .0
            .iter()
            .filter(|(name, _)| !alike.contains(name))
        {
            let found = row.axes.get(name).or(row.facts.get(name));
            assert_eq!(found, Some(value), "{file}: {name} of {}", row.cell);
        }
    }
    let known = |name: &str| {
        let parameters = ENTRIES.iter().flat_map(|entry| entry.parameters);
        AXES.iter().any(|axis| axis.name == name) || parameters.into_iter().any(|p| p.name == name)
    };
    for (name, _) in rows.iter().flat_map(|row| &row.axes.0) {
        assert!(
            name == "component" || known(name),
            "{file}: the schema has no axis {name}"
        );
    }
    let of = |sheet: &&Sheet| sheet.protocols.contains(&experiment.kind);
    let sheet = SAMPLES
        .iter()
        .find(of)
        .unwrap_or_else(|| panic!("no sheet of {}", experiment.kind));
    let wanted: Vec<&str> = sheet.columns.iter().map(|field| field.name).collect();
    let found: Vec<&str> = record
        .samples
        .columns
        .iter()
        .map(|(name, _)| &**name)
        .collect();
    assert_eq!(found, wanted, "{file}");
    let mut seen = HashSet::new();
    for row in rows {
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
fn axes_have_the_names_of_the_file_and_its_values() {
    let rows = readings("pnm/posterior-momentum.toml");
    let first = axes(&rows, "Var θ");
    assert!(first[0].starts_with("process="), "{first:?}");
    for (file, quantity, wanted) in [
        (
            "adai/exact-chain.toml",
            "mean exit step",
            &["sharpness=1.25"][..],
        ),
        (
            "adai/langevin-double-well.toml",
            "mean exit step",
            &["temperature=0.0625"],
        ),
        (
            "marginal-value/descent-quadratic.toml",
            "E ΔL",
            &["eta=0.00625"],
        ),
        (
            "marginal-value/svag.toml",
            "variance of the gradient",
            &["l=1"],
        ),
        (
            "modified-equations/weak-error.toml",
            "E θ of SGD",
            &["surface=quadratic", "eta=0.125"],
        ),
        (
            "lab/loss-noise.toml",
            "mean exit step",
            &["eta_over_batch=0.5"],
        ),
        (
            "lab/integrator-order.toml",
            "order",
            &["integrator=euler-maruyama"],
        ),
        (
            "pnm/convergence.toml",
            "g2",
            &["process=pnm", "t=104", "step=13"],
        ),
    ] {
        let rows = readings(file);
        let found = axes(&rows, quantity);
        for axis in wanted {
            assert!(
                found.iter().any(|own| own == axis),
                "{file}: {axis} in {found:?}"
            );
        }
        assert!(rows.iter().all(|row| row.axes.get("precision").is_none()));
    }
    // What is exact stands beside what was measured.
    let rows = readings("pnm/pac-bayes.toml");
    let both = rows
        .iter()
        .filter(|row| row.measured.is_some() && row.exact.is_some());
    assert!(both.count() > 4);
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
