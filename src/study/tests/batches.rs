//! SGD over the minibatches of a pool in one coordinate: a chain with finitely many moves, whose exits and law are exact.

use measurement::reading::{Exact, Reading};

use super::{one, readings, study};

fn exact<'a>(all: &'a [Reading], quantity: &str, axes: &[(&str, &str)]) -> &'a Exact {
    one(all, "sgd", quantity, axes).exact.as_ref().unwrap()
}

/// The double well ¼(w² − 1)² + xw over examples x, from −1 over −0.4.
fn well(noise: &str, rows: &str, rest: &str) -> String {
    format!(
        r#"[landscape]
loss = "0.25*(w^2 - 1)^2 + x*w"
variables = ["w"]
data = {rows}
[start]
at = -1.0
[noise]
name = "minibatch"
{noise}
[[process]]
optimizer = "sgd"
eta = 0.1
{rest}
[ensemble]
particles = 4000
"#
    )
}

const EXIT: &str = r#"[[observe]]
label = "out"
name = "exit"
until = "w > -0.4"
"#;

/// A pool of 7 examples, of which two are the same, one at a time, three at a time, and two times two in SVAG; with decay too. The particles'
/// exits are held against the exact ones by the study's own checks (4,000 particles, seed 7); for one at a time the time is that of a
/// dense chain over 1,200 places solved here, to 2 %, and the rate and the time say the same.
#[test]
fn exits_over_the_batches_of_a_pool() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    let pool = [-1.7, -0.9, 0.4, 0.4, 1.1, 1.6, -0.9];
    let lines: String = pool.iter().map(|x| format!("{x}\n")).collect();
    std::fs::write(&path, format!("x\n{lines}")).unwrap();
    let rows = format!("{{ file = \"{}\" }}", path.display());
    for (noise, decay, kinds) in [
        ("batch = 1", "", 5),
        ("batch = 1", "l2 = 0.1", 5),
        ("batch = 2", "", 15),
        ("batch = 1\nsvag = 2", "", 25),
    ] {
        let text = well(noise, &rows, &format!("{decay}\n{EXIT}"));
        let all = readings(&text);
        let step = exact(&all, "out.exit_step", &[]);
        assert!(
            step.method.contains(&format!("{kinds} kinds")),
            "{}",
            step.method
        );
        assert!(
            step.error > 0.0 && step.error < 1e-3 * step.value,
            "{step:?}"
        );
        let (rate, time) = (
            exact(&all, "out.rate", &[]),
            exact(&all, "out.exit_time", &[]),
        );
        assert!(
            (rate.value * time.value - 1.0).abs() < 1e-12
                && (time.value / step.value - 0.1).abs() < 1e-12
        );
        if kinds == 5 && decay.is_empty() {
            let right = dense(&pool);
            assert!((step.value / right - 1.0).abs() < 0.02, "{step:?} {right}");
        }
    }
}

/// T = 1 + PT over 1,200 equal places from −2.6 to −0.4, each move to the place nearest to its end, by Gauss–Seidel.
fn dense(pool: &[f64]) -> f64 {
    let (n, low, exit) = (1200usize, -2.6, -0.4);
    let width = (exit - low) / n as f64;
    let moves = |w: f64| pool.iter().map(move |x| w - 0.1 * (w * w * w - w + x));
    let place = |w: f64| (w <= exit).then(|| (((w - low) / width).max(0.0) as usize).min(n - 1));
    let mut times = vec![0.0; n];
    for _ in 0..20_000 {
        let mut change = 0.0f64;
        for i in (0..n).rev() {
            let from = low + width * (i as f64 + 0.5);
            let sum: f64 = moves(from).filter_map(place).map(|j| times[j]).sum();
            let next = 1.0 + sum / pool.len() as f64;
            change = change.max((next - times[i]).abs() / next);
            times[i] = next;
        }
        if change < 1e-9 {
            break;
        }
    }
    let sum: f64 = moves(-1.0).filter_map(place).map(|j| times[j]).sum();
    1.0 + sum / pool.len() as f64
}

/// Steps of ±0.1 on a lattice, from median regression: the chain comes to few places, and its time is that of the walk solved by hand. Of
/// |w| with examples −1 and 2 the steps are ∓η where both pull to one side and either with chance ½ between them; from 0 to above
/// 1.05 it walks between −1 and 1.05 freely: 22 places, thrown back below −1.
#[test]
fn a_walk_on_a_lattice() {
    let text = well(
        "batch = 1",
        "{ rows = 2, seed = 1, columns = { x = \"normal(0, 1)\" } }",
        EXIT,
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    std::fs::write(&path, "x\n-1.04\n2\n").unwrap();
    let text = text
        .replace("0.25*(w^2 - 1)^2 + x*w", "abs(w - x)")
        .replace(
            "{ rows = 2, seed = 1, columns = { x = \"normal(0, 1)\" } }",
            &format!("{{ file = \"{}\" }}", path.display()),
        )
        .replace("at = -1.0", "at = 0.0")
        .replace("w > -0.4", "w > 1.05");
    let all = readings(&text);
    let step = exact(&all, "out.exit_step", &[]);
    // Places −11 … 10 in steps of 0.1; from −11 always up: T(k) = T(k+1) + 1 + 2(k + 11) from below, T(11) = 0.
    let right: f64 = (0..11).map(|k| 1.0 + 2.0 * f64::from(k + 11)).sum();
    assert!((step.value - right).abs() < 1e-9, "{step:?} {right}");
}

/// What a chain does not do is said in place of a number: batches without replacement, too many kinds of batches, a rule that
/// remembers.
#[test]
fn what_is_no_chain_says_why() {
    let rows = "{ rows = 60, seed = 1, columns = { x = \"normal(0, 1)\" } }";
    for (noise, why) in [
        (
            "batch = 1\nreplacement = false",
            "without replacement depend on those before",
        ),
        ("batch = 8", "of more than 20000 kinds"),
    ] {
        let text = well(noise, rows, EXIT).replace("particles = 4000", "particles = 50");
        let text = text.replace("until =", "max_steps = 1000\nuntil =");
        let study = study(&text).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let context =
            experiment::context::Context::new(7, "standard", folder.path().into(), 2).unwrap();
        let results = study
            .results(&context, &experiment::context::Quiet, folder.path())
            .unwrap();
        let (readings, notes) = results.readings(&study).unwrap();
        assert!(readings.iter().all(|reading| reading.exact.is_none()));
        assert!(notes.iter().any(|note| note.contains(why)), "{notes:?}");
    }
    let text = well("batch = 1", rows, EXIT).replace("\"sgd\"", "\"heavy-ball\"\nbeta1 = 0.5");
    let text = text.replace("particles = 4000", "particles = 50");
    let text = text.replace("until =", "max_steps = 1000\nuntil =");
    assert!(
        readings(&text)
            .iter()
            .all(|reading| reading.exact.is_none())
    );
}

/// Means and variances of formulas after 3 and 200 steps and in the long run, of a logistic regression in one weight: those of the particles
/// are, by the study's own checks (20,000 particles, seed 7), and those after 3 steps are the means over all 6³ ways.
#[test]
fn laws_over_the_batches_of_a_pool() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    let pool = [
        (-1.0, -1.0),
        (0.5, 1.0),
        (1.5, -1.0),
        (2.0, 1.0),
        (-0.3, -1.0),
        (0.9, 1.0),
    ];
    let lines: String = pool.iter().map(|(x, y)| format!("{x}, {y}\n")).collect();
    std::fs::write(&path, format!("x, y\n{lines}")).unwrap();
    let text = format!(
        r#"[landscape]
loss = "log(1 + exp(-y*w*x)) + 0.05*w^2"
variables = ["w"]
data = {{ file = "{}" }}
[start]
at = 0.5
[noise]
name = "minibatch"
batch = 1
[[process]]
optimizer = "sgd"
eta = 0.5
[[observe]]
label = "m"
name = "moment"
of = ["w", "cos(w)", "loss"]
stat = ["mean", "variance"]
steps = [3, 200]
[[observe]]
label = "s"
name = "moment"
of = ["w", "w^3"]
time = "stationary"
[ensemble]
particles = 20_000
"#,
        path.display()
    );
    let all = readings(&text);
    let slope = |w: f64, (x, y): (f64, f64)| -y * x / (1.0 + (y * w * x).exp()) + 0.1 * w;
    let mut places = vec![0.5];
    for _ in 0..3 {
        places = places
            .iter()
            .flat_map(|w| {
                pool.iter()
                    .map(move |example| w - 0.5 * slope(*w, *example))
            })
            .collect();
    }
    let mean =
        |f: &dyn Fn(f64) -> f64| places.iter().map(|w| f(*w)).sum::<f64>() / places.len() as f64;
    let at = |of: &str, stat: &str| exact(&all, "m", &[("of", of), ("stat", stat), ("step", "3")]);
    let average = mean(&|w| w);
    for (found, right) in [
        (at("w", "mean"), average),
        (at("cos(w)", "mean"), mean(&f64::cos)),
        (at("w", "variance"), mean(&|w| (w - average).powi(2))),
    ] {
        assert!(
            (found.value - right).abs() <= found.error + 1e-13 && found.error < 1e-5,
            "{found:?} {right}"
        );
    }
    for reading in &all {
        let exact = reading.exact.as_ref().unwrap();
        assert!(exact.error < 1e-5 * (1.0 + exact.value.abs()), "{exact:?}");
    }
}
