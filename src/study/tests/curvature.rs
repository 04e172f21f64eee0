//! The observables `curvature` and `gradient_noise`, and what rules remember in formulas.

use nalgebra::{DMatrix, Matrix2, SymmetricEigen, Vector2};

use super::{one, readings, refused, value};
use crate::study::Study;

/// ½(ax₁ + bx₂ − y)² over four examples, and a logistic loss over the same.
const EXAMPLES: [[f64; 3]; 4] = [
    [1.0, 0.5, 1.0],
    [0.5, -1.0, -1.0],
    [-0.7, 0.3, -1.0],
    [0.2, 1.2, 1.0],
];

fn text(loss: &str, path: &std::path::Path) -> String {
    let lines = EXAMPLES
        .iter()
        .map(|[x1, x2, y]| format!("{x1}, {x2}, {y}\n"));
    let table: String = std::iter::once("x1, x2, y\n".to_string())
        .chain(lines)
        .collect();
    std::fs::write(path, table).unwrap();
    format!(
        r#"[landscape]
loss = "{loss}"
variables = ["a", "b"]
data = {{ file = "{}" }}
[start]
at = [0.4, -0.3]
[noise]
name = "minibatch"
batch = 2
[[process]]
optimizer = "sgd"
eta = 0.1
[[observe]]
label = "h"
name = "curvature"
steps = [0, 5]
[[observe]]
label = "c"
name = "gradient_noise"
steps = [0, 5]
[[observe]]
label = "m"
name = "moment"
of = "loss"
steps = [0, 5]
[ensemble]
particles = 50
"#,
        path.display()
    )
}

/// At the start, which all particles share, H and C are those of the four examples, made here from the slopes and bends of each by hand; of least
/// squares H is the same after 5 steps, C is not.
#[test]
fn curvature_and_scatter_of_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("points.csv");
    let at = Vector2::new(0.4, -0.3);
    // f = φ(ax₁ + bx₂; y), with φ′ and φ″.
    type Bend = fn(f64, f64) -> (f64, f64);
    let square: Bend = |s, y| (s - y, 1.0);
    let logistic: Bend = |s, y| {
        let p = 1.0 / (1.0 + (y * s).exp());
        (-y * p, p * (1.0 - p))
    };
    for (loss, bend) in [
        ("0.5*(a*x1 + b*x2 - y)^2", square),
        ("log(1 + exp(-y*(a*x1 + b*x2)))", logistic),
    ] {
        let all = readings(&text(loss, &path));
        let (mut h, mut mean, mut second) = (Matrix2::zeros(), Vector2::zeros(), Matrix2::zeros());
        for [x1, x2, y] in EXAMPLES {
            let x = Vector2::new(x1, x2);
            let (first, bent) = bend(at.dot(&x), y);
            h += x * x.transpose() * (bent / 4.0);
            mean += x * (first / 4.0);
            second += x * x.transpose() * (first * first / 4.0);
        }
        let c = second - mean * mean.transpose();
        let top = |m: Matrix2<f64>| SymmetricEigen::new(m).eigenvalues.max();
        let close = |label: &str, axes: &[(&str, &str)], right: f64| {
            let axes = [axes, &[("step", "0")]].concat();
            let found = value(&all, "sgd", label, &axes);
            assert!(
                (found - right).abs() < 1e-13,
                "{loss} {label}: {found} {right}"
            );
        };
        close("h.top", &[], top(h));
        close("h.trace_h", &[], h.trace());
        close("h.diagonal", &[("i", "1")], h[(0, 0)]);
        close("h.diagonal", &[("i", "2")], h[(1, 1)]);
        close("c.trace_c", &[], c.trace());
        close("c.top", &[], top(c));
        close("c.alignment", &[], (c * h).trace() / (c.norm() * h.norm()));
        let later = |label: &str| value(&all, "sgd", label, &[("step", "5")]);
        let still = loss.starts_with("0.5");
        assert_eq!((later("h.trace_h") - h.trace()).abs() < 1e-13, still);
        assert!((later("c.trace_c") - c.trace()).abs() > 1e-3);
        // Nobody knows the mean of these over particles.
        assert!(one(&all, "sgd", "c.top", &[("step", "5")]).exact.is_none());
    }
}

/// Of any landscape there is a curvature: of ½(x² + 3y²) + xy the matrix ((1, 1), (1, 3)).
#[test]
fn curvature_without_data() {
    let all = readings(
        r#"[landscape]
expression = "0.5*x^2 + 1.5*y^2 + x*y"
[[process]]
optimizer = "sgd"
eta = 0.1
[[observe]]
name = "curvature"
steps = 3
[ensemble]
particles = 4
"#,
    );
    let h = DMatrix::from_row_slice(2, 2, &[1.0, 1.0, 1.0, 3.0]);
    let top = value(&all, "sgd", "curvature.top", &[]);
    let right: f64 = h.symmetric_eigenvalues().max();
    assert!((top - right).abs() < 1e-14);
    assert_eq!(value(&all, "sgd", "curvature.trace_h", &[]), 4.0);
    assert_eq!(value(&all, "sgd", "curvature.diagonal", &[("i", "2")]), 3.0);
}

/// What rules remember by its name: the update is ηm of the heavy ball and of SGDM, η(m/w₁)/(√(v/w₂) + ε) of Adam with wᵢ = 1 − βᵢᵗ, η·(what the line says) of a rule by
/// formula; an inertial SDE has its velocity, E v² = T, by formula and built in.
#[test]
fn what_is_remembered_has_its_name() {
    let text = r#"[landscape]
expression = "0.5*x^2 + y^2"
[start]
at = [1.0, -0.5]
[noise]
name = "gaussian"
variance = 0.3
[[process]]
optimizer = "heavy-ball"
beta1 = 0.8
eta = 0.1
[[process]]
optimizer = "sgdm"
beta1 = 0.8
eta = 0.1
[[observe]]
label = "off"
name = "moment"
of = ["abs(x.u - eta*x.m)", "abs(y.u - eta*y.m)", "x.m^2"]
steps = [1, 7]
[ensemble]
particles = 100
"#;
    let all = readings(text);
    for cell in ["heavy-ball", "sgdm"] {
        for (of, step) in [("abs(x.u - eta*x.m)", "7"), ("abs(y.u - eta*y.m)", "1")] {
            assert!(value(&all, cell, "off", &[("of", of), ("step", step)]) < 1e-15);
        }
        assert!(value(&all, cell, "off", &[("of", "x.m^2"), ("step", "7")]) > 1e-3);
    }
    let adam = text
        .replace(
            "\"heavy-ball\"\nbeta1 = 0.8",
            "\"adam\"\nbeta1 = 0.8\nbeta2 = 0.9\nepsilon = 0.1",
        )
        .replace(
            "[[process]]\noptimizer = \"sgdm\"\nbeta1 = 0.8\neta = 0.1\n",
            "",
        )
        .replace(
            "abs(x.u - eta*x.m)",
            "abs(x.u - eta*x.m/(1 - 0.8^step)/(sqrt(x.v/(1 - 0.9^step)) + 0.1))",
        )
        .replace("\"abs(y.u - eta*y.m)\", ", "");
    let of = "abs(x.u - eta*x.m/(1 - 0.8^step)/(sqrt(x.v/(1 - 0.9^step)) + 0.1))";
    assert!(
        value(
            &readings(&adam),
            "adam",
            "off",
            &[("of", of), ("step", "7")]
        ) < 1e-14
    );

    let inert = r#"[landscape]
name = "quadratic"
h = 1.0
[start]
at = 0.0
[[sde]]
name = "inert"
state = { v = 0 }
drift = """
theta = v
v = -g - v
"""
noise = "v = sqrt(2*0.4)"
[[process]]
sde = "inert"
dt = 0.02
[[process]]
sde = "underdamped"
temperature = 0.4
damping = 1.0
dt = 0.02
[[observe]]
label = "m"
name = "moment"
of = "x.v^2"
time = 20.0
[ensemble]
particles = 4000
"#;
    let all = readings(inert);
    for cell in ["inert", "underdamped"] {
        let seen = one(&all, cell, "m", &[]).measured.clone().unwrap();
        let (mean, error) = (seen.value.unwrap(), seen.standard_error.unwrap());
        // 5 standard errors, and the bias of Euler–Maruyama, O(dt).
        assert!(
            (mean - 0.4).abs() < 5.0 * error + 0.02,
            "{cell}: {mean} ± {error}"
        );
    }
}

/// A rule by formula has the names that it gives; of two that it remembers the second moves it, and what moves nothing is not kept.
#[test]
fn what_a_rule_by_formula_remembers() {
    let text = r#"[landscape]
expression = "0.5*x^2 + y^2"
[start]
at = [1.0, -0.5]
[[rule]]
name = "own"
hyper = { beta1 = 0.9 }
state = { idle = 0, slow = 0 }
step = """
idle = idle + g
slow = beta1*slow + g
update = eta*slow
"""
[[process]]
optimizer = "own"
eta = 0.1
[[observe]]
label = "off"
name = "moment"
of = ["abs(x.u - eta*x.slow)", "abs(y.u - eta*y.slow)", "y.slow^2"]
steps = [1, 7]
[ensemble]
particles = 10
"#;
    let all = Study::parse(text).unwrap().run(7).unwrap().readings;
    for (of, step) in [
        ("abs(x.u - eta*x.slow)", "7"),
        ("abs(y.u - eta*y.slow)", "1"),
    ] {
        assert!(value(&all, "own", "off", &[("of", of), ("step", step)]) < 1e-15);
    }
    assert!(value(&all, "own", "off", &[("of", "y.slow^2"), ("step", "7")]) > 1e-3);
    let error = Study::parse(&text.replace("y.slow^2", "y.idle^2"))
        .unwrap_err()
        .to_string();
    assert!(error.contains(".slow, not .idle"), "{error}");
}

#[test]
fn what_there_is_not_is_refused_at_its_place() {
    let file = r#"[landscape]
name = "quadratic"
h = 1.0
[[process]]
optimizer = "sgdm"
eta = 0.1
[[observe]]
name = "curvature"
steps = 2
[[observe]]
name = "moment"
of = "x.m"
steps = 2
"#;
    refused(
        file,
        &[
            (
                "\"curvature\"",
                "\"gradient_noise\"",
                "f.toml:8:",
                "no examples",
            ),
            ("\"curvature\"", "\"curvatures\"", "f.toml:8:", "curvature"),
            (
                "steps = 2\n[[observe]]",
                "until = \"x > 1\"\n[[observe]]",
                "f.toml:9:",
                "at a moment",
            ),
            ("\"x.m\"", "\"x.v\"", "f.toml:12:", ".grad, .m, not .v"),
            ("\"x.m\"", "\"y.m\"", "f.toml:12:", "no coordinate"),
            ("\"sgdm\"", "\"sgd\"", "f.toml:12:", "not .m"),
            (
                "name = \"quadratic\"\nh = 1.0",
                "expression = \"(1 + 0.1*step)*x^2\"",
                "f.toml:7:",
                "changes with step or time",
            ),
        ],
    );
}
