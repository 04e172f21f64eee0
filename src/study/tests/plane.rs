//! SDEs in two coordinates, or in one with what is remembered of it: their passages and long runs against what is known otherwise.

use experiment::context::{Context, Quiet};
use measurement::reading::{Exact, Reading};
use prediction::exact::klein_kramers::{Arrival, Particle};

use super::{one, readings, study, value};

fn exact<'a>(all: &'a [Reading], cell: &str, quantity: &str, axes: &[(&str, &str)]) -> &'a Exact {
    let reading = one(all, cell, quantity, axes);
    reading
        .exact
        .as_ref()
        .unwrap_or_else(|| panic!("{reading:?}"))
}

fn holds(found: &Exact, right: f64, most: f64) {
    assert!(
        (found.value - right).abs() <= found.error && found.error <= most * (1.0 + right.abs()),
        "{found:?} {right}"
    );
}

/// What turns and is driven by a matrix: AΣ + ΣAᵀ = BBᵀ for A = ((1, −2), (2, 1.5)), BBᵀ = ((0.4, 0.2), (0.2, 0.5)). Its entries 2s₁ − 4s₁₂ = 0.4,
/// 2s₁ + 2.5s₁₂ − 2s₂ = 0.2 and 4s₁₂ + 3s₂ = 0.5 are solved by hand. The particles of a scheme of small step agree with it.
#[test]
fn a_rotation_in_correlated_noise() {
    let text = r#"[landscape]
expression = "0*x + 0*y"
[start]
at = [1.0, 0.0]
[[sde]]
name = "turned"
drift = ["-x + 2*y", "-2*x - 1.5*y"]
noise = [["0.6", "0.2"], ["0.5", "-0.5"]]
[[process]]
sde = "turned"
dt = 0.005
[[observe]]
label = "m"
name = "moment"
of = ["x^2", "x*y", "y^2", "cos(x)"]
time = "stationary"
[ensemble]
particles = 4000
"#;
    let all = readings(text);
    // s₁ = 0.2 + 2s₁₂ and s₂ = (0.5 − 4s₁₂)/3 in the second.
    let mixed = (0.2 - 0.4 + 1.0 / 3.0) / (4.0 + 2.5 + 8.0 / 3.0);
    let (first, second) = (0.2 + 2.0 * mixed, (0.5 - 4.0 * mixed) / 3.0);
    let m = |of: &str| exact(&all, "turned", "m", &[("of", of)]);
    holds(m("x^2"), first, 1e-3);
    holds(m("x*y"), mixed, 1e-3);
    holds(m("y^2"), second, 1e-3);
    holds(m("cos(x)"), (-0.5 * first).exp(), 1e-3);
    let seen = one(&all, "turned", "m", &[("of", "x^2")])
        .measured
        .clone()
        .unwrap();
    assert!(
        (seen.value.unwrap() - first).abs() < 5.0 * seen.standard_error.unwrap() + 0.01 * first
    );
}

/// Noise by a matrix in one coordinate, of two Brownian motions: Var θ = (0.3² + 0.4²)/2 = 0.125, which was taken for ½.
#[test]
fn a_matrix_in_one_coordinate() {
    let text = r#"[landscape]
name = "quadratic"
h = 1.0
[[sde]]
name = "two"
drift = ["-x"]
noise = [["0.3", "0.4"]]
[[process]]
sde = "two"
dt = 0.01
reference = true
[[observe]]
label = "m"
name = "moment"
of = "x^2"
time = "stationary"
"#;
    holds(exact(&readings(text), "two", "m", &[]), 0.125, 1e-4);
}

/// The exit of x alone, whose other coordinate knows nothing of it, is that of the SDE in x: over a number, and as a region.
#[test]
fn an_exit_of_one_coordinate_alone() {
    let text = |variables: &str, more: &str, until: &str| {
        format!(
            r#"[landscape]
expression = "0.25*(x^2 - 1)^2{variables}"
[start]
x = -1.0
{more}
[[process]]
sde = "overdamped"
temperature = 0.1
dt = 0.01
reference = true
[[observe]]
label = "out"
name = "exit"
until = "{until}"
"#
        )
    };
    let line = readings(&text("", "", "x > 0.2"));
    let right = exact(&line, "overdamped", "out.exit_time", &[]).value;
    for until in ["x > 0.2", "x^3 > 0.008"] {
        let plane = readings(&text(" + y^2", "y = 0.1", until));
        holds(
            exact(&plane, "overdamped", "out.exit_time", &[]),
            right,
            1e-2,
        );
        holds(
            exact(&plane, "overdamped", "out.rate", &[]),
            1.0 / right,
            1e-2,
        );
    }
}

/// A particle with inertia by formula, whose state has a velocity: over the saddle as the solver of the Klein–Kramers equation has it, and as
/// the built-in SDE; E x² in the long run by Boltzmann. The particles' exits agree but for the bias of their grid points.
#[test]
fn inertia_by_formula() {
    let text = r#"[landscape]
name = "double-well"
[start]
at = -1.0
[[sde]]
name = "inert"
state = { v = 0 }
hyper = { gamma = 1.0, temperature = 0.2 }
drift = """
theta = v
v = -g - gamma*v
"""
noise = "v = sqrt(2*gamma*temperature)"
[[process]]
sde = "inert"
dt = 0.01
[[process]]
sde = "underdamped"
temperature = 0.2
damping = 1.0
dt = 0.01
reference = true
[[observe]]
label = "out"
name = "exit"
until = "x > 0.4"
[[observe]]
label = "m"
name = "moment"
of = "x^2"
time = "stationary"
[ensemble]
particles = 2000
"#;
    let all = readings(text);
    let particle = Particle {
        loss: &|x| 0.25 * x.powi(4) - 0.5 * x * x,
        slope: &|x| x * x * x - x,
        temperature: 0.2,
        damping: 1.0,
        mass: 1.0,
    };
    let right = particle
        .passage(Arrival {
            start: -1.0,
            exit: 0.4,
        })
        .unwrap();
    let boltzmann = |f: &dyn Fn(f64) -> f64| -> f64 {
        let at = |k: i32| -4.0 + 0.001 * f64::from(k);
        (0..8000)
            .map(|k| f(at(k)) * (-5.0 * (particle.loss)(at(k))).exp())
            .sum()
    };
    let second = boltzmann(&|x| x * x) / boltzmann(&|_| 1.0);
    for cell in ["inert", "underdamped"] {
        let time = exact(&all, cell, "out.exit_time", &[]);
        let error = time.error + right.value * right.relative_error;
        assert!(
            (time.value - right.value).abs() <= error && error < 0.02 * right.value,
            "{time:?} {right:?}"
        );
        holds(exact(&all, cell, "m", &[]), second, 1e-3);
    }
    let seen = value(&all, "inert", "out.exit_time", &[]);
    assert!((seen / right.value - 1.0).abs() < 0.15, "{seen} {right:?}");
}

/// Brownian motion out of a disc of radius 1 with D = ½ from 0.3 of its centre: (1 − 0.09)/2; where nothing confines the process, or noise acts on one
/// coordinate alone and the exit is no number, a sentence.
#[test]
fn regions_and_what_has_no_answer() {
    let text = |drift: &str, noise: &str, until: &str| {
        format!(
            r#"[landscape]
expression = "0*x + 0*y"
[start]
at = [0.3, 0.0]
[[sde]]
name = "free"
drift = {drift}
noise = {noise}
[[process]]
sde = "free"
dt = 0.001
[[observe]]
label = "out"
name = "exit"
max_steps = 10
until = "{until}"
[ensemble]
particles = 10
"#
        )
    };
    let disc = text("[\"0\", \"0\"]", "[\"1\", \"1\"]", "x^2 + y^2 > 1");
    holds(
        exact(&readings(&disc), "free", "out.exit_time", &[]),
        0.455,
        1e-2,
    );
    for (drift, noise, until, why) in [
        (
            "[\"0\", \"0\"]",
            "[\"1\", \"1\"]",
            "x > 1",
            "nothing confines",
        ),
        (
            "[\"y\", \"-x - y\"]",
            "[\"0\", \"1\"]",
            "x + y > 1",
            "one coordinate alone",
        ),
    ] {
        let study = study(&text(drift, noise, until)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let context = Context::new(7, "standard", folder.path().into(), 2).unwrap();
        let results = study.results(&context, &Quiet, folder.path()).unwrap();
        let (readings, notes) = results.readings(&study).unwrap();
        assert!(
            readings.iter().all(|reading| reading.exact.is_none()),
            "{why}: {readings:?}"
        );
        assert!(notes.iter().any(|note| note.contains(why)), "{notes:?}");
    }
}
