//! Whole paths, and paths made of singles.

use ndarray::Axis;

use super::{readings, refused, study, value};
use crate::{Outcome, Study};

/// A double well whose particles are looked at, leave, and come to a condition.
const WELL: &str = r#"
[landscape]
expression = "0.25*(x^2 - 1)^2 + 0.5*(y - x)^2"
[noise]
name = "gaussian"
variance = 8.0
[start]
x = "normal(-1, 0.05)"
y = -1.0
[[process]]
optimizer = "sgdm"
eta = 0.05
beta1 = 0.5
[[observe]]
label = "m"
name = "moment"
of = ["x", "x*y"]
steps = [6, 40]
[[observe]]
label = "e"
name = "exit"
until = "x > 0"
[[observe]]
label = "f"
name = "moment"
of = ["step", "y"]
until = "loss < 0.002"
max_steps = 60
[ensemble]
particles = 30
keep = "paths"
paths = 7
every = 2
"#;

fn run(text: &str) -> Outcome {
    Study::parse(text).unwrap().run(7).unwrap()
}

#[test]
fn whole_paths_are_those_that_observables_see() {
    let outcome = run(WELL);
    let [looks, exits, ends] = &outcome.trajectories[..] else {
        panic!("{:?}", outcome.trajectories);
    };
    assert_eq!(looks.coordinates, ["x", "y"]);
    let steps: Vec<u64> = (0..=20).map(|k| 2 * k).collect();
    assert_eq!((&looks.observable, &looks.steps), (&None, &steps));
    assert!((looks.times[1] - 0.1).abs() < 1e-15);
    // Particles of the looks, number for number.
    let seen = outcome.paths_of("m").unwrap();
    for (look, step) in [(0, 6), (1, 40)] {
        let own = steps.iter().position(|n| *n == step).unwrap();
        for p in 0..7 {
            let (x, y) = (looks.values[[p, 0, own]], looks.values[[p, 1, own]]);
            assert_eq!(x, seen.values[[0, look, p, 0]]);
            assert_eq!(x * y, seen.values[[0, look, p, 1]]);
        }
    }
    // An exit is seen by the first place beyond it, and nothing after.
    assert_eq!(exits.observable.as_deref(), Some("e"));
    assert!(exits.values.iter().any(|x| x.is_nan()));
    for path in exits.values.outer_iter() {
        let x = path.index_axis(Axis(0), 0);
        let known = x.iter().take_while(|x| x.is_finite()).count();
        assert!(x.iter().skip(known).all(|x| x.is_nan()));
        assert!(x.iter().take(known - 1).all(|x| *x <= 0.0));
    }
    // Where a condition holds, or after so many steps, the path ends.
    assert_eq!(ends.observable.as_deref(), Some("f"));
    assert!(*ends.steps.last().unwrap() <= 60);
}

/// With a place of each step the last one is beyond the boundary, and not sooner.
#[test]
fn a_path_ends_with_its_exit() {
    let text = WELL.replace("every = 2", "every = 1");
    let outcome = run(&text);
    let exits = &outcome.trajectories[1];
    let mut steps = Vec::new();
    for path in exits.values.outer_iter() {
        let x = path.index_axis(Axis(0), 0);
        let known = x.iter().take_while(|x| x.is_finite()).count();
        assert!(x[known - 1] > 0.0);
        steps.push(known as f64 - 1.0);
    }
    // Fewer particles are the same particles.
    let fewer = run(&text.replace("paths = 7", "paths = 3"));
    let few = &fewer.trajectories[1];
    for ((p, i, look), x) in few.values.indexed_iter() {
        let same = exits.values[[p, i, look]];
        assert!(x.to_bits() == same.to_bits() || x.is_nan() && same.is_nan());
    }
    assert_eq!(few.values.dim().0, 3);
    let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
    let whole = run(&text.replace("particles = 30", "particles = 7"));
    let measured = whole
        .readings_of("e.exit_step")
        .next()
        .and_then(|r| r.measured.as_ref()?.value)
        .unwrap();
    assert!((measured - mean(&steps)).abs() < 1e-9, "{measured}");
}

/// Of an SDE, which leaves between grid points, the path goes on to the step in which it does; of processes on one stream
/// there is a place for each common step.
#[test]
fn paths_of_equations_and_of_common_streams() {
    let text = r#"
[landscape]
expression = "0.25*(x^2 - 1)^2"
[noise]
name = "gaussian"
variance = 4.0
[[process]]
optimizer = "sgd"
eta = 0.1
[[process]]
label = "fine"
optimizer = "sgd"
eta = 0.05
[[process]]
sde = "overdamped"
temperature = 0.2
dt = 0.05
[[observe]]
label = "m"
name = "moment"
of = "x"
time = 1.0
[[observe]]
label = "e"
name = "exit"
until = "x > 0"
[ensemble]
particles = 20
streams = "common"
keep = "paths"
paths = 5
"#;
    let outcome = run(text);
    let of = |cell: &str, observable: Option<&str>| {
        let mut all = outcome.trajectories.iter();
        all.find(|t| t.cell == cell && t.observable.as_deref() == observable)
            .unwrap()
    };
    assert_eq!(of("sgd", None).steps.len(), 11);
    let fine: Vec<u64> = (0..=10).map(|k| 2 * k).collect();
    assert_eq!(of("fine", None).steps, fine);
    assert!((of("fine", None).times[10] - 1.0).abs() < 1e-12);
    let exits = of("overdamped", Some("e"));
    assert!(exits.steps.windows(2).all(|w| w[1] == w[0] + 1));
    assert!(exits.values.iter().any(|x| *x < 0.0));
}

#[test]
fn what_cannot_be_kept_is_refused() {
    refused(
        WELL,
        &[
            ("paths = 7", "paths = 31", "f.toml:32:9", "30"),
            ("paths = 7", "paths = 0", "f.toml:32:9", "outside [1, 30]"),
            (
                "paths = 7",
                "pathes = 7",
                "f.toml:31:8",
                "how many particles",
            ),
            (
                "keep = \"paths\"\n",
                "",
                "f.toml:31:9",
                "write keep = \"paths\"",
            ),
            (
                "\"paths\"",
                "\"path\"",
                "f.toml:31:8",
                "did you mean `paths`",
            ),
            ("every = 2", "every = 0", "f.toml:33:9", "every"),
        ],
    );
    let split = r#"
[landscape]
expression = "0.25*(x^2 - 1)^2"
[noise]
name = "gaussian"
variance = 1.0
[[process]]
optimizer = "sgd"
eta = 0.05
[[observe]]
name = "exit"
until = "x > 0"
[ensemble]
keep = "paths"
paths = 7
"#;
    refused(
        split,
        &[(
            "until = \"x > 0\"",
            "until = \"x > 0\"\nmethod = \"splitting\"",
            "f.toml:15:8",
            "splitting copies paths",
        )],
    );
    let named = split
        .replace("x^2", "particle^2")
        .replace("x > 0", "particle > 0");
    let error = study(&named.replace("[landscape]", "[landscape]\nvariables = [\"particle\"]"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("a column `particle`"), "{error}");
}

/// The law of SGD and of Adam on a quadratic, in singles and in doubles with the normals of singles: the same within rounding,
/// and not the same bits.
#[test]
fn singles_are_singles_in_every_number() {
    let text = r#"
[landscape]
name = "quadratic"
h = 1.0
dim = 2
[noise]
name = "gaussian"
variance = 1.0
[start]
x = "normal(0.5, 0.1)"
[[process]]
optimizer = "sgd"
eta = 0.1
[[process]]
optimizer = "adam"
eta = 0.1
[[observe]]
label = "m"
name = "moment"
of = ["x", "x^2", "x.start"]
steps = [0, 50]
[[observe]]
name = "exit"
until = "x < 0"
[ensemble]
particles = 500
keep = "paths"
paths = 500
precision = "f32"
"#;
    let singles = run(text);
    let doubles = run(&text.replace("\"f32\"", "\"f32-noise\""));
    assert!(singles.self_checks.is_empty() && !doubles.self_checks.is_empty());
    let is_single = |x: f64| x.is_nan() || f64::from(x as f32) == x;
    let all = singles.trajectories.iter().zip(&doubles.trajectories);
    let mut differ = 0;
    for (own, other) in all {
        assert!(own.values.iter().all(|x| is_single(*x)), "{}", own.cell);
        assert!(!other.values.iter().all(|x| is_single(*x)));
        if own.observable.is_none() {
            for (x, y) in own.values.iter().zip(&other.values) {
                assert!((x - y).abs() < 1e-4, "{} {x} {y}", own.cell);
                differ += usize::from(x != y);
            }
        }
    }
    assert!(differ > 1000);
    let file = |precision: &str| text.replace("\"f32\"", precision);
    let of =
        |precision: &str, quantity: &str| value(&readings(&file(precision)), "sgd", quantity, &[]);
    let (one, other) = (
        of("\"f32\"", "exit.exit_step"),
        of("\"f32-noise\"", "exit.exit_step"),
    );
    assert!((one - other).abs() < 0.01 * other, "{one} {other}");
}

#[test]
fn what_is_not_made_of_singles_is_refused() {
    let file = r#"
[landscape]
name = "double-well"
[noise]
name = "gaussian"
variance = 1.0
[[process]]
optimizer = "sgd"
eta = 0.1
[[observe]]
name = "moment"
of = "x"
steps = 5
[ensemble]
precision = "f32"
"#;
    refused(
        file,
        &[
            (
                "optimizer = \"sgd\"\neta = 0.1",
                "sde = \"overdamped\"\ntemperature = 0.1\ndt = 0.01",
                "f.toml:7:1",
                "an SDE takes \"f32-noise\"",
            ),
            (
                "name = \"gaussian\"",
                "name = \"laplace\"",
                "f.toml:7:1",
                "other noises take \"f32-noise\"",
            ),
            (
                "eta = 0.1",
                "eta = \"0.1/step\"",
                "f.toml:7:1",
                "schedules take \"f32-noise\"",
            ),
            ("\"f32\"", "\"f23\"", "f.toml:15:13", "did you mean `f32`"),
        ],
    );
}

/// Blocks, lists and processes multiply: what comes to more than 10⁵ cells must be meant.
#[test]
fn very_many_cells_must_be_meant() {
    let numbers = |n: usize| {
        let all: Vec<String> = (1..=n).map(|k| format!("{k}e-6")).collect();
        format!("[{}]", all.join(", "))
    };
    let file = format!(
        "[landscape]\nname = \"quadratic\"\n[noise]\nname = \"none\"\n[[sweep]]\neta = {}\n\
         [[process]]\noptimizer = \"sgd\"\n[[observe]]\nname = \"moment\"\nof = \"x\"\nsteps = 1\n",
        numbers(300)
    );
    for (old, new, place) in [
        (
            "[[process]]",
            format!("h = {}\n[[process]]", numbers(334)),
            "f.toml:5:",
        ),
        (
            "optimizer = \"sgd\"",
            format!("optimizer = \"sgdm\"\nbeta1 = {}", numbers(334)),
            "f.toml:7:",
        ),
    ] {
        let many = file.replacen(old, &new, 1);
        let error = study(&many).unwrap_err();
        let said = error.to_string();
        assert_eq!(error.exit_code(), 2);
        assert!(
            said.contains(place) && said.contains("100200 cells"),
            "{said}"
        );
        assert!(said.contains("--yes"), "{said}");
    }
    // Meant, it is read, and has room.
    let meant = file.replacen(
        "[[process]]",
        &format!("h = {}\n[[process]]", numbers(334)),
        1,
    );
    assert_eq!(
        study(&format!("yes = true\n{meant}")).unwrap().cells.len(),
        100_200
    );
    let error = study(&format!("yes = 3\n{file}")).unwrap_err().to_string();
    assert!(error.contains("f.toml:1:7"), "{error}");
}
