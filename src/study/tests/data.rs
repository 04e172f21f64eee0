//! A loss of one example by formula, over tables of the user's own.

use std::fs;

use nalgebra::Matrix3;

use super::{one, readings, refused, study, value};

const LOGISTIC: &str = r#"[landscape]
loss = "log(1 + exp(-y*(a*x1 + b*x2))) + 0.5*lambda*(a^2 + b^2)"
variables = ["a", "b"]
data = { rows = 50, seed = 3, columns = { x1 = "normal(0, 1)", x2 = "uniform(-1, 1)", y = "sign(x1 - 0.5*x2 + normal(0, 0.5))" } }
[define]
lambda = 0.01
[start]
at = [0.5, 0.0]
[noise]
name = "minibatch"
batch = 8
[[process]]
optimizer = "sgd"
eta = 0.1
[[observe]]
label = "m"
name = "moment"
of = ["a", "loss"]
steps = [0, 200]
"#;

#[test]
fn what_is_wrong_with_a_loss_or_its_data_is_said_at_its_place() {
    let changes = [
        (
            "a*x1 + b*x2",
            "a*x1 + b*x3",
            "f.toml:2:34",
            "unknown name `x3`",
        ),
        (
            "variables = [\"a\", \"b\"]",
            "",
            "f.toml:",
            "`landscape.variables`: is missing",
        ),
        (
            "variables = [\"a\", \"b\"]",
            "variables = [\"a\", \"a\"]",
            "f.toml:3:",
            "twice",
        ),
        (
            "variables = [\"a\", \"b\"]",
            "variables = [\"a\", \"x1\"]",
            "f.toml:",
            "variable and a column",
        ),
        ("rows = 50", "rows = 0", "f.toml:4:", "whole number from 1"),
        (
            "rows = 50",
            "rows = 1.5",
            "f.toml:4:",
            "whole number from 1",
        ),
        (
            "rows = 50, ",
            "",
            "f.toml:4:",
            "`landscape.data.rows`: is missing",
        ),
        (
            "rows = 50",
            "rows = \"fersh\"",
            "f.toml:4:",
            "unknown name `fersh`",
        ),
        ("seed = 3", "sead = 3", "f.toml:4:", "did you mean `seed`"),
        (
            "rows = 50",
            "rows = \"fresh\"",
            "f.toml:4:",
            "take the seed out",
        ),
        (
            "uniform(-1, 1)",
            "unifrom(-1, 1)",
            "f.toml:4:",
            "did you mean `uniform`",
        ),
        (
            "uniform(-1, 1)",
            "uniform(1, z)",
            "f.toml:4:",
            "unknown name `z`",
        ),
        ("uniform(-1, 1)", "log(0)", "f.toml:4:", "comes to -inf"),
        (
            "sign(x1 - 0.5*x2",
            "sign(x1 - 0.5*y",
            "f.toml:4:",
            "unknown name `y`",
        ),
        (
            "data = { rows = 50",
            "data = { file = \"points.csv\", rows = 50",
            "f.toml:4:",
            "beside `file`",
        ),
        ("data = {", "search = -1\ndata = {", "f.toml:4:", "above 0"),
        (
            "data = {",
            "name = \"quadratic\"\ndata = {",
            "f.toml:4:",
            "unknown key of a loss per example",
        ),
        (
            "batch = 8",
            "batch = 51",
            "f.toml:11:",
            "51 is outside [1, 50]",
        ),
        (
            "batch = 8",
            "batch = 8\nsamples = 10",
            "f.toml:12:",
            "unknown key",
        ),
        (
            "\"minibatch\"",
            "\"fresh\"",
            "f.toml:10:",
            "rows = \"fresh\" there",
        ),
        ("batch = 8", "batch = 8\nsvag = 0.5", "f.toml:12:", "svag"),
    ];
    refused(LOGISTIC, &changes);
}

#[test]
fn what_is_wrong_with_a_file_is_said_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("points.csv");
    let text = format!(
        r#"[landscape]
loss = "0.5*(w*x + b - y)^2"
variables = ["w", "b"]
data = {{ file = "{}" }}
[noise]
name = "minibatch"
batch = 2
[[process]]
optimizer = "sgd"
eta = 0.1
[[observe]]
name = "moment"
of = "w"
steps = 10
"#,
        path.display()
    );
    for (data, what) in [
        ("x,z\n1,2\n2,3\n", "unknown name `y`"),
        ("x,y\n1,2\n2,three\n", "line 3, column `y`: `three`"),
        ("x,y\n1,2\nNaN,3\n", "line 3, column `x`: `NaN`"),
        ("x,y\n1,2\n2\n", "line: 3"),
        ("x,y\n", "no rows"),
        ("x,y\n1,2\n", "2 is outside [1, 1]"),
        ("x,y,w\n1,2,3\n2,3,4\n", "rename one"),
    ] {
        fs::write(&path, data).unwrap();
        let said = study(&text).unwrap_err().to_string();
        assert!(
            said.contains(what) && said.contains("f.toml:"),
            "{data:?}: {said}"
        );
    }
    fs::remove_file(&path).unwrap();
    let said = study(&text).unwrap_err().to_string();
    assert!(said.contains("points.csv"), "{said}");
}

/// At step 0 every particle is at the start, so that the mean loss of the table is seen; the pool itself is made by its seed, so that
/// another seed is another pool.
#[test]
fn the_loss_is_the_mean_over_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("points.csv");
    fs::write(&path, "y, x\n1, 0\n2.5, 1\n3, 2\n").unwrap();
    let text = format!(
        r#"[landscape]
loss = "0.5*(w*x + b - y)^2"
variables = ["w", "b"]
data = {{ file = "{}" }}
[start]
at = [0.5, 1.0]
[noise]
name = "minibatch"
batch = 3
replacement = false
[[process]]
optimizer = "sgd"
eta = 0.1
[[observe]]
label = "m"
name = "moment"
of = ["loss", "w", "w_min", "b_min", "h_max", "samples"]
steps = [0, 1]
[ensemble]
particles = 10
"#,
        path.display()
    );
    let all = readings(&text);
    let at = |of: &str, step: &str| value(&all, "sgd", "m", &[("of", of), ("step", step)]);
    // Residuals 0, −1, −1: the whole table is a batch, and its gradient is that of the mean.
    assert_eq!(at("loss", "0"), 1.0 / 3.0);
    assert!((at("w", "1") - (0.5 + 0.1)).abs() < 1e-15);
    // Least squares by the normal equations: w = 1, b = 7/6; H = ((5, 3), (3, 3))/3.
    assert!((at("w_min", "0") - 1.0).abs() < 1e-9 && (at("b_min", "0") - 7.0 / 6.0).abs() < 1e-9);
    let top = (8.0 + 40f64.sqrt()) / 6.0;
    assert!(
        (at("h_max", "0") - top).abs() < 1e-9,
        "{}",
        at("h_max", "0")
    );
    assert_eq!(at("samples", "0"), 3.0);

    let start = |text: &str| {
        value(
            &readings(text),
            "sgd",
            "m",
            &[("of", "loss"), ("step", "0")],
        )
    };
    let other = LOGISTIC.replace("seed = 3", "seed = 4");
    assert_ne!(start(LOGISTIC), start(&other));
    assert_eq!(start(LOGISTIC), start(LOGISTIC));
    assert!(
        one(
            &readings(LOGISTIC),
            "sgd",
            "m",
            &[("of", "loss"), ("step", "200")]
        )
        .measured
        .is_some()
    );
}

/// Least squares over four examples, one a step, from a normal start: mean, second moment and E θ·u of the recursion over all
/// examples, which is made here without the covariance C(θ): E zzᵀ ← ¼ Σ Aᵢ E zzᵀ Aᵢᵀ, z = (1, θ). Those of the study's exact
/// values are the same to 1e-10, of SGD after 1 and 30 steps and in the long run; of SGD and of the heavy ball the particles' are, by the
/// study's own checks (20,000 particles, seed 7). A table without replacement has none.
#[test]
fn second_moments_of_least_squares_are_exact() {
    let rows = [
        (1.0, 0.5, 1.0),
        (0.5, -1.0, 0.2),
        (-0.7, 0.3, -1.0),
        (0.2, 1.2, 0.4),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("points.csv");
    let lines = rows.iter().map(|(x1, x2, y)| format!("{x1}, {x2}, {y}\n"));
    let table: String = std::iter::once("x1, x2, y\n".to_string())
        .chain(lines)
        .collect();
    fs::write(&path, table).unwrap();
    let text = |replacement: bool| {
        format!(
            r#"[landscape]
loss = "0.5*(a*x1 + b*x2 - y)^2"
variables = ["a", "b"]
data = {{ file = "{}" }}
[start]
a = 1.0
b = "normal(-1, 0.5)"
[noise]
name = "minibatch"
batch = 1
replacement = {replacement}
[[process]]
optimizer = "sgd"
eta = 0.3
[[process]]
optimizer = "heavy-ball"
beta1 = 0.7
eta = 0.1
[[observe]]
label = "m"
name = "moment"
of = ["a", "a*b", "b^2", "a*b.u"]
steps = [1, 30]
[[observe]]
label = "s"
name = "moment"
of = ["a", "a*b", "b^2", "a*b.u"]
time = "stationary"
[ensemble]
particles = 20_000
"#,
            path.display()
        )
    };
    let all = readings(&text(true));
    let eta = 0.3;
    let step = |(x1, x2, y): (f64, f64, f64)| {
        Matrix3::new(
            1.0,
            0.0,
            0.0,
            eta * y * x1,
            1.0 - eta * x1 * x1,
            -eta * x1 * x2,
            eta * y * x2,
            -eta * x1 * x2,
            1.0 - eta * x2 * x2,
        )
    };
    let steps = rows.map(step);
    let start = Matrix3::new(1.0, 1.0, -1.0, 1.0, 1.0, -1.0, -1.0, -1.0, 1.25);
    let mut before = start;
    for n in 1..=2000 {
        // E of after·beforeᵀ, and of after·afterᵀ.
        let across = steps.iter().map(|a| a * before).sum::<Matrix3<f64>>() / 4.0;
        let after = steps
            .iter()
            .map(|a| a * before * a.transpose())
            .sum::<Matrix3<f64>>()
            / 4.0;
        // a·b.u = a(b₋ − b).
        let with_update = across[(1, 2)] - after[(1, 2)];
        let expected = [after[(0, 1)], after[(1, 2)], after[(2, 2)], with_update];
        for (of, right) in ["a", "a*b", "b^2", "a*b.u"].iter().zip(expected) {
            let (label, axes) = match n {
                1 | 30 => (
                    "m",
                    vec![("of", *of), ("step", if n == 1 { "1" } else { "30" })],
                ),
                2000 => ("s", vec![("of", *of)]),
                _ => continue,
            };
            let found = one(&all, "sgd", label, &axes).exact.clone().unwrap();
            assert!(
                (found.value - right).abs() < 1e-10,
                "{n} {of}: {found:?} {right}"
            );
        }
        before = after;
    }
    let without = text(false).replace("time = \"stationary\"", "steps = 50");
    let without = readings(&without);
    assert!(without.iter().all(|reading| reading.exact.is_none()));
}
