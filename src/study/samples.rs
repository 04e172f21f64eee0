//! The table of samples: a row for each particle of an exit, and of a law at each look.

use report::table::{Column, Table};

use crate::observe::Kind;
use crate::readings::Results;
use crate::run::Left;
use crate::spec::StudySpec;

/// The rows of all cells that were run.
pub fn table(study: &StudySpec, results: &Results) -> Table {
    let (mut cell, mut observable, mut particle) = (Vec::new(), Vec::new(), Vec::new());
    let (mut step, mut value) = (Vec::new(), Vec::new());
    let (mut censored, mut diverged) = (Vec::new(), Vec::new());
    let mut row = |c: &str, o: &str, p: u64, n: u64, x: f64, cut: bool, lost: bool| {
        cell.push(c.to_string());
        observable.push(o.to_string());
        particle.push(p);
        step.push(n);
        value.push(x);
        censored.push(cut);
        diverged.push(lost);
    };
    for (i, own) in study.run_cells() {
        for ((observable, _), left) in study.exits(own).into_iter().zip(results.exits(i)) {
            let Left::Direct(exits) = left else {
                continue;
            };
            for (p, n) in exits.ends.iter().enumerate() {
                let steps = n.unsigned_abs();
                let time = steps as f64 * own.system.clock;
                row(
                    &own.label,
                    &observable.label,
                    p as u64,
                    steps,
                    time,
                    *n < 0,
                    *n == 0,
                );
            }
        }
        for (observable, k) in study.observed(own) {
            if !matches!(observable.kind, Kind::Law(_)) {
                continue;
            }
            for (at, look) in results.looks(i, k).iter().enumerate() {
                for (p, x) in results
                    .column(i, k, at, 0)
                    .unwrap_or_default()
                    .into_iter()
                    .enumerate()
                {
                    let lost = !x.is_finite();
                    row(
                        &own.label,
                        &observable.label,
                        p as u64,
                        look.steps,
                        x,
                        false,
                        lost,
                    );
                }
            }
        }
    }
    let columns = vec![
        ("cell".into(), Column::Text(cell)),
        ("observable".into(), Column::Text(observable)),
        ("particle".into(), Column::U64(particle)),
        ("step".into(), Column::U64(step)),
        ("value".into(), Column::F64(value)),
        ("censored".into(), Column::Bool(censored)),
        ("diverged".into(), Column::Bool(diverged)),
    ];
    Table { columns }
}
