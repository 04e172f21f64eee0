//! Update rules by formula: blocks against single trajectories, exact laws against the lab's own rules, and what is refused.

use std::path::{Path, PathBuf};

use kramers::experiment::load::Experiment;
use kramers::experiment::optimizer::Tuned;
use kramers::experiment::rules::read;
use kramers::prediction::exact::linear::{Memory, Recursion};
use kramers::simulation::optimizer::registry::find;
use kramers::simulation::optimizer::trajectory::Trajectory;
use kramers::simulation::optimizer::{Entry, Moves, Optimizer, Rows, Schedule, Values};

const DIM: usize = 3;
const STEPS: usize = 60;

/// The rules of a file below `experiments/rules/`.
fn published(name: &str) -> Vec<&'static Entry> {
    read(&published_file(name)).unwrap()
}

fn published_file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("experiments/rules");
    folder.join(format!("{name}.toml"))
}

fn shipped() -> Vec<&'static Entry> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    let mut own = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        own.extend(read(&entry.unwrap().path()).unwrap());
    }
    assert!(own.len() >= 21);
    own
}

/// A rule that is written in one text.
fn written(text: &str) -> &'static Entry {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.toml");
    std::fs::write(&path, text).unwrap();
    read(&path).unwrap()[0]
}

/// The gradient of lane l at step t in coordinate i.
fn gradient(t: usize, i: usize, lane: usize) -> f64 {
    (1.0 + t as f64 * 2.3 + i as f64 * 0.7 + lane as f64 * 1.9).sin() * (i as f64 + 0.5)
}

/// θ of all lanes after some steps from where lane l starts at l/7 − 1, coordinate-major.
fn block<F>(rule: &(dyn Optimizer + 'static), lanes: usize, of: impl Fn(f64) -> F) -> Vec<F>
where
    F: Copy,
    dyn Optimizer: Moves<F>,
{
    let start = |lane: usize| lane as f64 / 7.0 - 1.0;
    let columns: Vec<Vec<f64>> = (0..lanes)
        .map(|lane| rule.start(&[start(lane); DIM]))
        .collect();
    let rows = columns[0].len();
    let split = rows - rule.scalars();
    let row = |k: usize| columns.iter().map(move |column| column[k]);
    let mut memory: Vec<F> = (0..split).flat_map(row).map(&of).collect();
    let mut scalars: Vec<f64> = (split..rows).flat_map(row).collect();
    let places = (0..DIM).flat_map(|_| (0..lanes).map(start));
    let mut theta: Vec<F> = places.map(&of).collect();
    for t in 0..STEPS {
        let each = (0..DIM).flat_map(|i| (0..lanes).map(move |lane| gradient(t, i, lane)));
        let gradient: Vec<F> = each.map(&of).collect();
        let rows = Rows {
            coordinates: &mut memory,
            scalars: &mut scalars,
            fresh: &[],
        };
        rule.step(&mut theta, &gradient, lanes, &vec![t as u64; lanes], rows);
    }
    theta
}

fn single(rule: &dyn Optimizer, lane: usize) -> Vec<f64> {
    let mut trajectory = Trajectory::new(vec![rule.group((0..DIM).collect())]);
    let mut theta = vec![lane as f64 / 7.0 - 1.0; DIM];
    for t in 0..STEPS {
        let g: Vec<f64> = (0..DIM).map(|i| gradient(t, i, lane)).collect();
        trajectory.step(&mut theta, &g);
    }
    theta
}

/// Blocks of whole registers, of odd size, and longer than a row are the single trajectory, bit for bit; in single precision
/// they are near it. 60 steps of some twenty roundings of 6e-8 are 7e-5 of a path that is a few units long.
#[test]
fn blocks_are_single_trajectories() {
    for entry in shipped() {
        let mut values = Values::defaults(entry, 0.01);
        values.schedule = Schedule::steps(vec![(20, 0.5)]);
        for decay in ["l2", "decoupled_decay", "fixed_decay"] {
            let values = values.clone().with(decay, 0.01);
            let rule = (entry.build)(&values);
            for lanes in [1, 16, 37, 300] {
                let all = block(&*rule, lanes, |x| x);
                let narrow = block(&*rule, lanes, |x| x as f32);
                for lane in [0, lanes / 2, lanes - 1] {
                    let one = single(&*rule, lane);
                    for (i, x) in one.iter().enumerate() {
                        let place = i * lanes + lane;
                        let same = all[place].to_bits() == x.to_bits();
                        assert!(same, "{} {decay} {lanes}: {} {x}", entry.name, all[place]);
                        let off = (f64::from(narrow[place]) - x).abs();
                        assert!(off < 1e-3 * (1.0 + x.abs()), "{} {off}", entry.name);
                    }
                }
            }
        }
    }
}

/// The same blocks by the lab's own rules: rounding apart, they go the same way.
#[test]
fn blocks_are_those_of_the_lab() {
    for own in shipped() {
        let name = if ["sgd", "sgdm"].contains(&own.name) {
            "momentum"
        } else {
            own.name
        };
        let lab = find(name).unwrap();
        let mut values = Values::defaults(own, 0.01);
        let mut theirs = Values::defaults(lab, 0.01);
        for (key, value) in &mut theirs.numbers {
            *value = values.numbers.get(key).copied().unwrap_or(*value);
        }
        if own.name == "yogi" {
            theirs = theirs.with("m_init", values["v_init"]);
        }
        values.schedule = Schedule::steps(vec![(20, 0.5)]);
        theirs.schedule = values.schedule.clone();
        let own_way = block(&*(own.build)(&values), 16, |x| x);
        let their_way = block(&*(lab.build)(&theirs), 16, |x| x);
        for (x, y) in own_way.iter().zip(&their_way) {
            assert!(
                (x - y).abs() <= 1e-12 * (1.0 + y.abs()),
                "{}: {x} {y}",
                own.name
            );
        }
    }
}

/// The lab's name of a rule, the rule as a formula, and hyper-parameters.
type Pair = (&'static str, &'static str, &'static [(&'static str, f64)]);

const LINEAR: &[Pair] = &[
    (
        "sgd",
        "[[rule]]\nname = \"a\"\nstep = \"update = eta*g\"",
        &[],
    ),
    (
        "sgdm",
        "[[rule]]\nname = \"a\"\nhyper = { beta1 = 0.9 }\nstate = { m = 0 }\nstep = \"\"\"\nm = beta1*m + (1 - beta1)*g\nupdate = eta*m\n\"\"\"",
        &[("beta1", 0.8)],
    ),
    (
        "heavy-ball",
        "[[rule]]\nname = \"a\"\nhyper = { beta1 = 0.9, beta3 = 0.3 }\nstate = { b = 0 }\nstep = \"\"\"\nb = beta1*b + beta3*eta*g\nupdate = b\n\"\"\"",
        &[("beta1", 0.6), ("beta3", 0.7)],
    ),
    (
        "pnm",
        "[[rule]]\nname = \"a\"\nhyper = { beta1 = 0.9, beta0 = 1.0 }\nstate = { older = 0, newer = 0 }\nstep = \"\"\"\nfresh = beta1^2*older + (1 - beta1^2)*g\nolder = newer\nnewer = fresh\nupdate = eta*((1 + beta0)*newer - beta0*older)/sqrt((1 + beta0)^2 + beta0^2)\n\"\"\"",
        &[("beta1", 0.9), ("beta0", 1.0)],
    ),
    (
        "momentum",
        "[[rule]]\nname = \"a\"\nhyper = { mu = 0.9, tau = 0.2, nesterov = true }\nstate = { b = 0 }\nstep = \"\"\"\nb = mu*b + where(t > 1, 1 - tau, 1)*g\nupdate = eta*where(nesterov, g + mu*b, b)\n\"\"\"",
        &[("mu", 0.7), ("tau", 0.4), ("nesterov", 1.0)],
    ),
];

/// What follows from the matrices of a formula is what the lab says of its own rule: to rounding of 1e-11, and to that of the
/// search for the stability limit.
#[test]
fn a_linear_rule_has_the_exact_values_of_the_labs_own() {
    for (name, text, hyper) in LINEAR {
        let own = written(text);
        let lab = find(name).unwrap();
        let tuned = |entry: &'static Entry| {
            let values = Values::defaults(entry, 0.1);
            let with = |values: Values, (key, value): &(&str, f64)| values.with(key, *value);
            let values = hyper.iter().fold(values, with);
            Tuned { entry, values }
        };
        let (own, lab) = (tuned(own), tuned(lab));
        let (mine, theirs) = (own.linear().unwrap(), lab.linear().unwrap());
        let near = |a: f64, b: f64, what: &str| {
            assert!((a - b).abs() <= 1e-11 * b.abs(), "{name} {what}: {a} {b}");
        };
        let gain = theirs.filter().gain;
        near(mine.steady(), gain * theirs.steady(), "steady");
        near(
            mine.alternating(),
            gain * theirs.alternating(),
            "alternating",
        );
        let power = mine.filter().spectrum(0.0);
        near(power, gain * gain * theirs.filter().spectrum(0.0), "S(0)");
        near(mine.stability_limit(), theirs.stability_limit(), "limit");
        near(
            own.stability_limit().unwrap(),
            theirs.stability_limit(),
            "limit",
        );
        let recursion = |rule| Recursion::scalar(rule, 0.1, 1.3, 0.7).unwrap();
        let (mine, theirs) = (recursion(mine), recursion(theirs));
        let variance = |recursion: &Recursion| recursion.stationary().unwrap().theta[(0, 0)];
        near(variance(&mine), variance(&theirs), "stationary");
        for steps in [1, 2, 3, 10] {
            let law = |recursion: &Recursion| recursion.after(steps, &[2.0], Memory::Zero).unwrap();
            let (a, b) = (law(&mine), law(&theirs));
            near(a.covariance[(0, 0)], b.covariance[(0, 0)], "covariance");
            near(a.mean[0], b.mean[0], "mean");
        }
    }
}

#[test]
fn what_is_not_linear_has_no_matrices_and_degrees_are_found() {
    let of = |name: &str, hyper: &[(&str, f64)]| {
        let entry = shipped().into_iter().find(|own| own.name == name).unwrap();
        let values = Values::defaults(entry, 0.1);
        let values = hyper.iter().fold(values, |v, (key, x)| v.with(key, *x));
        let tuned = Tuned { entry, values };
        (tuned.linear().is_some(), (entry.degree)(&tuned.values))
    };
    assert_eq!(of("adam", &[("epsilon", 0.0)]), (false, Some(0.0)));
    assert_eq!(of("adam", &[]), (false, None));
    assert_eq!(of("adai", &[]), (false, Some(1.0)));
    assert_eq!(of("sgds", &[]), (true, Some(1.0)));
    assert_eq!(of("pnm", &[]), (true, Some(1.0)));
    assert_eq!(of("adabound", &[]), (false, None));
    assert_eq!(of("padam", &[("epsilon", 0.0)]), (false, Some(0.75)));
    assert_eq!(of("rmsprop", &[("epsilon", 0.0)]), (false, Some(0.0)));
}

const EXPERIMENT: &str = r#"name = "bad"
protocol = "posterior"
[landscape]
name = "quadratic"
hessian = [[1.0]]
[noise]
covariance = [[1.0]]
[[optimizer]]
name = "mine"
eta = 0.1
beta = 0.5
[[rule]]
name = "mine"
hyper = { beta = { default = 0.9, range = [0, 1] } }
state = { m = 0 }
step = """
m = beta*m + (1 - beta)*g
update = eta*m
"""
"#;

/// Each change is refused in a sentence with the file, the line and the character.
#[test]
fn mistakes_are_told_at_their_places() {
    let said = |text: &str| {
        let read = Experiment::parse("bad.toml", text, "standard", &[]);
        read.map(drop).unwrap_err().to_string()
    };
    let mut missed = Vec::new();
    for (from, to, place, what) in [
        (
            "update = eta*m",
            "update = eta*mm",
            "bad.toml:18:14",
            "did you mean `m`?",
        ),
        (
            "update = eta*m",
            "update = etta*m",
            "bad.toml:18:10",
            "did you mean `eta`?",
        ),
        (
            "update = eta*m",
            "updat = eta*m",
            "bad.toml:18:1",
            "no line sets `update`",
        ),
        (
            "update = eta*m",
            "update = eta*m\nrest = 2*m",
            "bad.toml:19:1",
            "nothing reads `rest`",
        ),
        (
            "m = beta*m +",
            "m = later + beta*m +",
            "bad.toml:17:5",
            "unknown name `later`",
        ),
        (
            "update = eta*m",
            "update = eta*a\na = b\nb = a",
            "bad.toml:18:14",
            "lines run in order",
        ),
        (
            "m = beta*m +",
            "g = beta*m +",
            "bad.toml:17:1",
            "`g` is the gradient",
        ),
        (
            "m = beta*m +",
            "beta = beta*m +",
            "bad.toml:17:1",
            "stays as it is",
        ),
        (
            "state = { m = 0 }",
            "state = { m = 0, beta = 0 }",
            "bad.toml:15:25",
            "name of `hyper` already",
        ),
        (
            "state = { m = 0 }",
            "state = { m = 0, n = 0 }",
            "bad.toml:15:22",
            "nothing reads `n`",
        ),
        (
            "state = { m = 0 }",
            "state = { m = \"n\" }",
            "bad.toml:15:16",
            "made of hyper-parameters",
        ),
        (
            "name = \"mine\"\nhyper",
            "name = \"adam\"\nhyper",
            "bad.toml:13:8",
            "a rule `adam` already",
        ),
        (
            "default = 0.9",
            "default = 1.9",
            "bad.toml:14:30",
            "outside [0, ",
        ),
        (
            "eta*m",
            "eta*mean(m, m)",
            "bad.toml:17:10",
            "mean takes 1 arguments",
        ),
        (
            "eta*m",
            "eta*tanhh(m)",
            "bad.toml:17:10",
            "did you mean `tanh`?",
        ),
        ("eta*m", "eta*theta", "bad.toml:17:10", "does not see θ"),
        ("eta*m", "eta*(m", "bad.toml:17:10", "never closed"),
        (
            "update = eta*m",
            "update",
            "bad.toml:18:1",
            "name = formula",
        ),
    ] {
        assert!(EXPERIMENT.contains(from), "{from}");
        let message = said(&EXPERIMENT.replacen(from, to, 1));
        if !(message.contains(place) && message.contains(what)) {
            missed.push(format!("{to}: {message}"));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Every rule that is shipped as a formula moves particles, and stays where numbers are.
#[test]
fn shipped_rules_move_particles() {
    let names = [
        "adafactor",
        "adopt",
        "lion",
        "schedule-free",
        "sgd-clipped",
        "signum",
    ];
    for entry in names.into_iter().flat_map(published) {
        let rule = (entry.build)(&Values::defaults(entry, 0.01));
        let all = block(&*rule, 16, |x| x);
        for lane in [0, 15] {
            let one = single(&*rule, lane);
            let start = lane as f64 / 7.0 - 1.0;
            assert!(one.iter().any(|x| *x != start), "{}", entry.name);
            for (i, x) in one.iter().enumerate() {
                assert_eq!(all[i * 16 + lane].to_bits(), x.to_bits(), "{}", entry.name);
                assert!(x.is_finite(), "{}", entry.name);
            }
        }
    }
}

/// The program in a folder; what it says when it succeeds, or its status and what it says when it does not.
fn kramers(folder: &Path, arguments: &[&str]) -> Result<String, (i32, String)> {
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_kramers"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    if done.status.success() {
        return Ok(String::from_utf8(done.stdout).unwrap());
    }
    let said = String::from_utf8(done.stderr).unwrap();
    Err((done.status.code().unwrap_or(-1), said))
}

/// A recorded trajectory has no normals for a rule either.
#[test]
fn rules_with_normals_are_not_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let rule = "[[rule]]\nname = \"adam\"\nhyper = { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad = false }\nstep = \"update = eta*g + (beta1 + beta2 + epsilon + amsgrad)*xi\"\n";
    std::fs::write(folder.path().join("noisy.toml"), rule).unwrap();
    let recorded = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/adam.json");
    let arguments = ["replay", "--rules", "noisy.toml", recorded];
    let (status, said) = kramers(folder.path(), &arguments).unwrap_err();
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("`adam` draws normals of its own"), "{said}");
}

/// A folder with a study of rules by formula, and the files of rules that it names.
fn study() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["schedule-free", "sgd-clipped"] {
        let file = format!("{name}.toml");
        std::fs::copy(published_file(name), folder.path().join(file)).unwrap();
    }
    std::fs::write(folder.path().join("study.toml"), STUDY).unwrap();
    folder
}

/// The files of its record, but for the manifest, which says how many threads there were.
fn record(out: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(out.join("study")).unwrap() {
        let file = file.unwrap().path();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if name != "manifest.json" && file.is_file() {
            found.push((name, std::fs::read(&file).unwrap()));
        }
    }
    found.sort();
    assert!(!found.is_empty());
    found
}

/// The record of a study of rules by formula, one with an evaluation point and one with normals of its own, is the same to the
/// byte on one thread and on two, put together from shares, and taken up behind a finished cell.
#[test]
fn records_are_the_same_however_they_are_made() {
    let folder = study();
    let at = |name: &str| folder.path().join(name);
    let run = |arguments: &[&str]| kramers(folder.path(), arguments).unwrap();
    run(&["run", "study.toml", "--threads", "1", "--out", "one"]);
    let one = record(&at("one"));
    run(&["run", "study.toml", "--threads", "2", "--out", "two"]);
    assert!(one == record(&at("two")), "threads");
    for (index, out) in [("0", "first"), ("1", "second")] {
        run(&[
            "shard",
            "study.toml",
            "--index",
            index,
            "--of",
            "2",
            "--out",
            out,
        ]);
    }
    run(&["merge", "first", "second", "--out", "whole"]);
    assert!(one == record(&at("whole")), "shares");
    // Without its note a share is what a run leaves that was stopped behind some of its cells.
    std::fs::remove_file(at("first").join("study/shard.json")).unwrap();
    run(&["run", "study.toml", "--out", "first", "--resume"]);
    assert!(one == record(&at("first")), "taken up");
}

/// What is wrong with a rule is told at its place in the file that it stands in, with status 2, before anything runs.
#[test]
fn mistakes_in_a_file_of_rules_are_told_there() {
    let folder = study();
    let whole = std::fs::read_to_string(folder.path().join("schedule-free.toml")).unwrap();
    for (from, to, what) in [
        ("z - eta*g", "z - etta*g", "did you mean `eta`?"),
        (
            "update = (theta - z)/t",
            "update = (theta - z)/t\nrest = z",
            "nothing reads `rest`",
        ),
        (
            "z = z - eta*g",
            "a = b\nb = a\nz = z - eta*g*a",
            "lines run in order",
        ),
    ] {
        std::fs::write(
            folder.path().join("schedule-free.toml"),
            whole.replacen(from, to, 1),
        )
        .unwrap();
        let arguments = ["run", "study.toml", "--out", "out"];
        let (status, said) = kramers(folder.path(), &arguments).unwrap_err();
        assert_eq!(status, 2, "{said}");
        assert!(
            said.contains("schedule-free.toml:") && said.contains(what),
            "{said}"
        );
        assert!(!folder.path().join("out").exists());
    }
}

const STUDY: &str = r#"name = "study"
protocol = "study"
seed = 3
rules = ["schedule-free.toml", "sgd-clipped.toml"]
[landscape]
expression = "0.5*x^2 + y^2"
[noise]
name = "gaussian"
variance = 1.0
[start]
at = [1.0, 0.5]
[[process]]
optimizer = "sgd-schedule-free"
eta = 0.05
[[process]]
optimizer = "sgd-clipped"
eta = 0.05
[[process]]
optimizer = "langevin"
eta = 0.05
[[rule]]
name = "langevin"
hyper = { temp = 0.1 }
step = "update = eta*g - sqrt(2*eta*temp)*xi"
[ensemble]
particles = 2000
[[observe]]
label = "m"
name = "moment"
of = ["x", "x*y"]
steps = [1, 10, 50]
"#;

/// A single trajectory has no normals for a rule that draws its own: refused at the optimizer, before anything runs.
#[test]
fn rules_with_normals_train_no_single_trajectory() {
    const RULE: &str = "[[optimizer]]\nname = \"langevin\"\neta = 0.1\n[[rule]]\nname = \"langevin\"\nstep = \"update = eta*g + xi\"\n";
    for (protocol, sections) in [
        (
            "gradient-noise",
            "[model]\nfeatures = 3\nclasses = 3\nexamples = 50\n[training]\nsteps = [5]\nseeds = 3\n",
        ),
        ("feature-learning", "[data]\n[network]\n[training]\n"),
        (
            "teacher-student",
            "[data]\n[teacher]\narchitectures = [\"linear\"]\n[[student]]\nname = \"1-mlp\"\nwidth = 3\n[training]\n",
        ),
    ] {
        let text = format!("name = \"a\"\nprotocol = \"{protocol}\"\n{sections}{RULE}");
        let error = Experiment::parse("bad.toml", &text, "standard", &[]).unwrap_err();
        let line = text.lines().position(|line| line == "name = \"langevin\"");
        let place = format!("bad.toml:{}:8", line.unwrap() + 1);
        let message = error.to_string();
        assert_eq!(error.exit_code(), 2);
        assert!(message.contains(&place), "{message}");
        assert!(
            message.contains("`langevin` draws normals of its own"),
            "{message}"
        );
    }
}
