//! A course that is stopped and taken up again, and experiments that do not depend on the number of workers.

use std::sync::atomic::Ordering;

use kramers::experiment::context::{Context, Quiet};
use kramers::experiment::load::Experiment;
use kramers::network::convert::numbers;
use kramers::network::minibatch::{Draw, Minibatches};
use kramers::network::protocol::course::Course;
use kramers::network::protocol::vocabulary;
use kramers::network::training::{Gradient, Training};
use kramers::simulation::optimizer::Values;
use kramers::simulation::optimizer::registry::find;
use kramers::simulation::random::Stream;

use super::{small, start};

const TEXT: &str = r#"
name = "small"
protocol = "network-training"
[data]
name = "digits"
train = 200
label_noise = { kind = "symmetric", rate = 0.2 }
[model]
name = "mlp"
hidden = [8]
[training]
seeds = 4
together = 2
batch = 20
epochs = 2
[end.curvature]
probes = 2
draws = 2
[[optimizer]]
name = "adam"
eta = [0.01, 0.03]
[[claim]]
id = "pnm.fig4"
case = "any"
series = "adam"
quantity = "memorised"
at_most = 0.5
"#;

/// Ctrl-C in the middle; what was kept goes on to the same bits, and then leaves nothing behind.
#[test]
fn a_course_that_was_stopped_ends_as_if_it_had_not_been() {
    let folder = tempfile::tempdir().unwrap();
    let (objective, examples) = small(0.0, 60);
    let entry = find("adai").unwrap();
    let rule = (entry.build)(&Values::defaults(entry, 0.05));
    let begin = || {
        let batches = Minibatches::new(
            examples.member(0),
            Draw::Epochs(9),
            Stream::new(1, 1),
            &[0, 1],
        );
        Training::new(
            &objective,
            &*rule,
            batches,
            Gradient::Plain,
            start(&objective, &[0, 1]),
        )
        .unwrap()
    };
    let marks = [0, 5, 10, 15, 20];
    let follow = |training: &mut Training<'_>, stop_at: Option<u64>, resume: bool| {
        let mut context = Context::new(1, "smoke", folder.path().into(), 1).unwrap();
        context.resume = resume;
        let course = Course {
            context: &context,
            folder: folder.path(),
            label: "a/course".into(),
            settings: serde_json::json!({ "any": 1 }),
        };
        course
            .follow(
                training,
                &marks,
                |training, _| {
                    if Some(training.taken()) == stop_at {
                        context.stop.store(true, Ordering::Relaxed);
                    }
                    numbers(training.theta())[0]
                },
                |_| false,
            )
            .unwrap()
    };
    let mut whole = begin();
    let expected = follow(&mut whole, None, false).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let mut first = begin();
    assert_eq!(follow(&mut first, Some(10), false), None);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    let mut second = begin();
    let found = follow(&mut second, None, true).unwrap();
    assert_eq!(found.len(), 5);
    assert!(
        expected
            .iter()
            .zip(&found)
            .all(|(a, b)| a.to_bits() == b.to_bits())
    );
    assert_eq!(numbers(whole.theta()), numbers(second.theta()));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn records_do_not_depend_on_the_number_of_workers() {
    let run = |threads| {
        let folder = tempfile::tempdir().unwrap();
        let context = Context::new(5, "standard", folder.path().into(), threads).unwrap();
        let experiment =
            Experiment::parse_with("small.toml", TEXT, "standard", &[], &vocabulary()).unwrap();
        experiment.run(&context, &Quiet).unwrap();
        let record = folder.path().join("small");
        let samples = ["samples.parquet", "samples.csv"].map(|name| record.join(name));
        let samples = samples.iter().find(|path| path.is_file()).unwrap();
        (
            std::fs::read(samples).unwrap(),
            std::fs::read(record.join("verdicts.json")).unwrap(),
        )
    };
    assert!(run(1) == run(2));
}

/// Whatever is wrong with a file is said with its place, and nothing is trained.
#[test]
fn impossible_files_are_refused_with_the_reason() {
    for (wrong, right, reason) in [
        (
            "name = \"digits\"",
            "name = \"digit\"",
            "did you mean `digits`",
        ),
        ("train = 200", "train = 1797", "outside [1, 1796]"),
        (
            "name = \"mlp\"\nhidden = [8]",
            "name = \"cubic\"",
            "the cubic network learns patches",
        ),
        (
            "name = \"mlp\"\nhidden = [8]",
            "name = \"lstm\"",
            "the lstm learns nothing else",
        ),
        ("hidden = [8]", "hidden = [8.5]", "whole numbers from 1 on"),
        ("rate = 0.2", "rate = 1.2", "outside"),
        (
            "kind = \"symmetric\"",
            "kind = \"some\"",
            "unknown name `some`",
        ),
        (
            "epochs = 2",
            "epochs = 2\nsteps = 5",
            "give steps or epochs",
        ),
        ("seeds = 4", "seeds = 1", "an interval over them needs two"),
        (
            "quantity = \"memorised\"",
            "quantity = \"memory\"",
            "did you mean `memorised`",
        ),
        (
            "quantity = \"memorised\"",
            "quantity = \"faint-accuracy\"",
            "is not measured here",
        ),
        ("at_most = 0.5", "at_most = 0.5\nwithin = 1", "give one of"),
        ("series = \"adam\"", "series = \"sgd\"", "no series `sgd`"),
        ("probes = 2", "probes = 0", "random vectors for the trace"),
    ] {
        let text = TEXT.replacen(wrong, right, 1);
        assert_ne!(text, TEXT, "{wrong}");
        let message = Experiment::parse_with("small.toml", &text, "standard", &[], &vocabulary())
            .map(|_| String::new())
            .unwrap_or_else(|e| e.to_string());
        assert!(
            message.contains(reason) && message.contains("small.toml:"),
            "{right}: {message}"
        );
    }
}
