//! Every update rule of the registry runs by its name in an escape experiment, with a schedule.

use std::fmt::Write;

use kramers::experiment::context::{Context, Quiet};
use kramers::experiment::load::Experiment;
use kramers::simulation::optimizer::registry::ENTRIES;

#[test]
fn an_escape_experiment_takes_every_rule() {
    let mut text = String::from(
        "name = 'all'\nprotocol = 'escape'\n[landscape]\nname = 'double-well'\n\
         [noise]\nname = 'gaussian'\nvariance = 30.0\n[ensemble]\nparticles = 40\nmax_steps = 2000\n",
    );
    for entry in ENTRIES {
        writeln!(text, "[[optimizer]]\nname = '{}'\neta = 0.05", entry.name).unwrap();
        text.push_str("schedule = { name = 'step', at = [1500], factor = 0.5, warmup = 10 }\n");
    }
    let folder = tempfile::tempdir().unwrap();
    let experiment = Experiment::parse("all.toml", &text, "smoke", &[]).unwrap();
    let context = Context::new(1, "smoke", folder.path().to_path_buf(), 2).unwrap();
    let record = experiment.run(&context, &Quiet).unwrap();
    for entry in ENTRIES {
        let series = format!("all/{}/", entry.name);
        let exits = record
            .estimates
            .iter()
            .find(|row| row.cell.starts_with(&series))
            .unwrap_or_else(|| panic!("{} has no estimate", entry.name));
        assert!(
            exits.measured.as_ref().unwrap().n > 0,
            "{}: no particle left",
            entry.name
        );
    }
    assert_eq!(record.manifest.diverged, 0);
    assert_eq!(
        record.manifest.spec["cells"][0]["driver"]["rule"]["schedule"]["name"],
        "step"
    );
}
