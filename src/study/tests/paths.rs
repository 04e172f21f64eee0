//! What is computed along paths, against sums by hand.

use experiment::context::{Context, Quiet};
use ndarray::Axis;

use super::{one, readings, study, value};

/// Gradient descent on ½hx² from 1 is (1 − ηh)ⁿ: every formula of its path is known.
const DESCENT: &str = r#"
[landscape]
name = "quadratic"
h = 2.0
[noise]
name = "none"
[start]
at = 1.0
[[process]]
optimizer = "sgd"
eta = 0.1
[ensemble]
particles = 40
"#;

fn close(found: f64, wanted: f64) {
    assert!(
        (found - wanted).abs() <= 1e-12 * wanted.abs().max(1.0),
        "{found} for {wanted}"
    );
}

#[test]
fn formulas_of_a_path_are_what_they_say() {
    let observe = r#"
[[observe]]
label = "m"
name = "moment"
of = ["x", "x.prev", "x.u", "x.start", "x.grad", "loss", "h_top", "step", "time", "avg(x)", "avg(x^2, 0.2)", "where(x > 0.5, 1, 0)"]
steps = [3, 7]
[[observe]]
label = "s"
name = "moment"
memory = { a = 0, b = "2*eta" }
each = "a = a + x.prev*x; b = b + a"
of = ["a", "b/time"]
steps = 7
"#;
    let all = readings(&format!("{DESCENT}{observe}"));
    let x = |n: i32| 0.8f64.powi(n);
    for n in [3, 7] {
        let step = n.to_string();
        let of = |formula: &str| value(&all, "sgd", "m", &[("of", formula), ("step", &step)]);
        close(of("x"), x(n));
        close(of("x.prev"), x(n - 1));
        close(of("x.u"), x(n - 1) - x(n));
        close(of("x.start"), 1.0);
        close(of("x.grad"), 2.0 * x(n));
        close(of("loss"), x(n) * x(n));
        close(of("h_top"), 2.0);
        close(of("step"), f64::from(n));
        close(of("time"), 0.1 * f64::from(n));
        close(of("avg(x)"), (1..=n).map(x).sum::<f64>() / f64::from(n));
        // The steps after time 0.2: from the third on.
        close(
            of("avg(x^2, 0.2)"),
            (3..=n).map(|k| x(2 * k)).sum::<f64>() / f64::from(n - 2),
        );
        close(of("where(x > 0.5, 1, 0)"), f64::from(u8::from(x(n) > 0.5)));
    }
    let (mut a, mut b) = (0.0, 0.2);
    for n in 1..=7 {
        a += x(n - 1) * x(n);
        b += a;
    }
    close(value(&all, "sgd", "s", &[("of", "a")]), a);
    close(value(&all, "sgd", "s", &[("of", "b/time")]), b / 0.7);
    // Nothing is left to chance, and the law is known.
    let certain = one(&all, "sgd", "m", &[("of", "x"), ("step", "7")]);
    let (found, exact) = (
        certain.measured.as_ref().unwrap(),
        certain.exact.as_ref().unwrap(),
    );
    assert_eq!(
        (found.standard_error, found.ci_low),
        (Some(0.0), found.ci_high)
    );
    close(exact.value, x(7));
}

/// Two phases: θ goes on from where the first ended, and memory is kept for the same rule only, and not where it is emptied.
#[test]
fn a_second_phase_begins_where_the_first_ended() {
    let phases = r#"
[[process]]
label = "warm"
optimizer = "sgd"
eta = 0.05
start = { after = "sgd", steps = 5 }
[[process]]
label = "ball"
optimizer = "heavy-ball"
eta = 0.1
beta1 = 0.5
[[process]]
label = "kept"
optimizer = "heavy-ball"
eta = 0.1
beta1 = 0.5
start = { after = "ball", steps = 5 }
[[process]]
label = "emptied"
optimizer = "heavy-ball"
eta = 0.1
beta1 = 0.5
start = { after = "ball", steps = 5, keep = "theta" }
[[observe]]
label = "m"
name = "moment"
of = ["x", "x.start"]
steps = [1, 2, 3, 5, 6, 8]
"#;
    let all = readings(&format!("{DESCENT}{phases}"));
    let at =
        |cell: &str, of: &str, step: &str| value(&all, cell, "m", &[("of", of), ("step", step)]);
    close(at("warm", "x.start", "3"), 0.8f64.powi(5));
    close(at("warm", "x", "3"), 0.8f64.powi(5) * 0.9f64.powi(3));
    close(at("kept", "x.start", "1"), at("ball", "x", "5"));
    close(at("kept", "x", "1"), at("ball", "x", "6"));
    close(at("kept", "x", "3"), at("ball", "x", "8"));
    // Without its memory the ball begins like gradient descent.
    let begin = at("ball", "x", "5");
    close(at("emptied", "x", "1"), begin * (at("ball", "x", "1")));
    assert!((at("emptied", "x", "3") - at("kept", "x", "3")).abs() > 1e-3);
}

/// Lists sweep, zipped ones in step, blocks unite, and a key that names itself means the outer one.
#[test]
fn sweeps_multiply_and_unite() {
    let text = r#"
[landscape]
name = "quadratic"
h = "k"
[noise]
name = "gaussian"
variance = "c"
[define]
c = 1.0
k = 1.0
eta = 0.1
twice = "2*eta"
[[sweep]]
name = "both"
zip = { k = [1.0, 2.0], c = [3.0, 4.0] }
[[sweep]]
name = "eta"
eta = [0.1, 0.2]
[start]
at = 0.0
[[process]]
optimizer = "sgd"
[[process]]
label = "hb"
optimizer = "heavy-ball"
eta = "eta*(1 - beta1)"
beta1 = [0.5, 0.9]
[[observe]]
label = "m"
name = "moment"
of = "twice"
steps = 1
[ensemble]
particles = 40
"#;
    let study = super::study(text).unwrap();
    let labels: Vec<&str> = study.cells.iter().map(|cell| cell.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "sgd, k = 1, c = 3",
            "sgd, k = 2, c = 4",
            "sgd, eta = 0.1",
            "sgd, eta = 0.2",
            "hb, k = 1, c = 3, beta1 = 0.5",
            "hb, k = 1, c = 3, beta1 = 0.9",
            "hb, k = 2, c = 4, beta1 = 0.5",
            "hb, k = 2, c = 4, beta1 = 0.9",
            "hb, eta = 0.1, beta1 = 0.5",
            "hb, eta = 0.1, beta1 = 0.9",
            "hb, eta = 0.2, beta1 = 0.5",
            "hb, eta = 0.2, beta1 = 0.9",
        ]
    );
    let fact = |cell: usize, name: &str| {
        study.cells[cell]
            .facts
            .get(name)
            .and_then(base::value::Value::number)
    };
    assert_eq!(fact(1, "noise_variance"), Some(4.0));
    assert_eq!(fact(1, "h_max"), Some(2.0));
    close(fact(9, "eta").unwrap(), 0.01);
    // A define is evaluated where it is used: 2η of the process's own η would need its block.
    let all = readings(text);
    close(value(&all, "sgd, eta = 0.2", "m", &[]), 0.4);
}

/// One of the lists in step may say a number twice; all of them together may not.
#[test]
fn zipped_values_repeat_but_not_together() {
    let file = |c: &str| {
        format!(
            "[landscape]\nname = \"quadratic\"\nh = \"k\"\n[noise]\nname = \"gaussian\"\nvariance = \"c\"\n\
             [[sweep]]\nzip = {{ k = [1.0, 2.0, 2.0], c = {c} }}\n[[process]]\noptimizer = \"sgd\"\neta = 0.1\n\
             [[observe]]\nname = \"moment\"\nof = \"x\"\nsteps = 1\n[ensemble]\nparticles = 40\n"
        )
    };
    assert_eq!(
        super::study(&file("[3.0, 3.0, 4.0]")).unwrap().cells.len(),
        3
    );
    let said = super::study(&file("[3.0, 4.0, 4.0]"))
        .unwrap_err()
        .to_string();
    assert!(said.contains("place 3 occur twice"), "{said}");
}

/// Cells that differ in nothing that they know are one.
#[test]
fn equal_cells_run_once() {
    let text = r#"
[landscape]
name = "quadratic"
[noise]
name = "gaussian"
variance = 1.0
[[sweep]]
beta1 = [0.5, 0.9]
[[process]]
optimizer = "sgd"
eta = 0.1
[[process]]
optimizer = "sgdm"
eta = 0.1
[[observe]]
label = "m"
name = "moment"
of = "x^2"
steps = 5
[ensemble]
particles = 40
"#;
    let study = super::study(text).unwrap();
    assert_eq!((study.cells.len(), study.simulated().count()), (4, 3));
    let all = readings(text);
    let of = |cell: &str| value(&all, cell, "m", &[]);
    assert_eq!(of("sgd, beta1 = 0.5"), of("sgd, beta1 = 0.9"));
    assert_ne!(of("sgdm, beta1 = 0.5"), of("sgdm, beta1 = 0.9"));
}

#[test]
fn the_arrays_are_the_numbers_that_readings_are_made_of() {
    let text = r#"
name = "f"
protocol = "study"
[landscape]
name = "quadratic"
h = 1.0
[noise]
name = "gaussian"
variance = 1.0
[[process]]
optimizer = "sgd"
eta = [0.1, 0.2]
[[process]]
label = "same"
optimizer = "sgd"
eta = 0.1
reference = true
[[observe]]
label = "m"
name = "moment"
of = ["x", "x^2"]
time = [2, 4]
[ensemble]
particles = 300
"#;
    let study = study(text).unwrap();
    let context = Context::new(7, "standard", "out".into(), 2).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let results = study.results(&context, &Quiet, folder.path()).unwrap();
    let paths: Vec<_> = results.paths(&study).collect();
    assert_eq!(paths.len(), 1);
    let paths = &paths[0];
    assert_eq!(paths.values.dim(), (2, 2, 300, 2));
    assert_eq!(paths.numbers, ["x", "x^2"]);
    assert_eq!(paths.moments, ndarray::array![[2.0, 4.0], [2.0, 4.0]]);
    let squares = paths.values.map(|x| x * x);
    let (x2, of) = (
        squares.index_axis(Axis(3), 0),
        paths.values.index_axis(Axis(3), 1),
    );
    assert_eq!(x2, of);
    let (readings, _) = results.readings(&study).unwrap();
    let means = paths.values.mean_axis(Axis(2)).unwrap();
    for ((cell, look, k), mean) in means.indexed_iter() {
        let at = [
            ("time", ["2", "4"][look]),
            ("of", paths.numbers[k].as_str()),
        ];
        let read = value(&readings, &paths.cells[cell], "m", &at);
        assert!((mean - read).abs() <= 1e-12 * read.abs(), "{mean} {read}");
    }
}

/// Of particles that diverge no share of any kind is known: a comparison with what is no number is no miss. Of those that stay it is.
#[test]
fn what_has_diverged_is_no_miss() {
    let text = |surface: &str| {
        format!(
            r#"[landscape]
expression = "{surface}"
[noise]
variance = 1.0
[start]
at = 0.5
[[process]]
optimizer = "sgd"
eta = 0.1
[[observe]]
label = "p"
name = "moment"
of = ["where(x > 0, 1, 0)", "where(abs(x) < 1, 1, 0)"]
steps = 60
[ensemble]
particles = 100
"#
        )
    };
    for (surface, known) in [("-x^4 + 0.1*x^2", false), ("x^2", true)] {
        for reading in readings(&text(surface)) {
            let value = reading.measured.as_ref().and_then(|found| found.value);
            let finite = value.is_some_and(f64::is_finite);
            assert_eq!(finite, known, "{surface}: {reading:?}");
        }
    }
}
