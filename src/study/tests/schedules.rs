//! Numbers of a process that are formulas of the step and of the time.

use super::{one, readings, study, value};

/// Seed 7. SGD at η_t = 0.5 t^−0.6 on ½hx² with noise of variance C: E x ← (1 − η_t h) E x and
/// Var x ← (1 − η_t h)² Var x + η_t² C. The means of 20,000 particles within 4.5 of their standard errors, eight numbers
/// (α = 6e-5 together).
#[test]
fn sgd_at_a_rate_that_falls() {
    let text = r#"
[landscape]
name = "quadratic"
h = 1.5
[noise]
name = "gaussian"
variance = 0.8
[start]
at = 1.0
[define]
p = 0.6
[[process]]
optimizer = "sgd"
eta = "0.5*step^(-p)"
[[observe]]
label = "m"
name = "moment"
of = ["x", "x^2"]
steps = [1, 2, 17, 400]
[ensemble]
particles = 20_000
"#;
    let all = readings(text);
    let (mut mean, mut variance) = (1.0f64, 0.0);
    for step in 1..=400u32 {
        let eta = 0.5 * f64::from(step).powf(-0.6);
        let kept = 1.0 - eta * 1.5;
        mean *= kept;
        variance = kept * kept * variance + eta * eta * 0.8;
        if [1, 2, 17, 400].contains(&step) {
            for (of, exact) in [("x", mean), ("x^2", mean * mean + variance)] {
                let axes = [("of", of), ("step", &*step.to_string())];
                let found = one(&all, "sgd", "m", &axes).measured.clone().unwrap();
                let apart = (found.value.unwrap() - exact).abs();
                let allowed = 4.5 * found.standard_error.unwrap();
                assert!(apart < allowed, "{of}, {step}: {found:?}, {exact}");
            }
        }
    }
}

/// Without noise, to the last digits but a few: SGDM whose β and η both change, one of them with the time, and name one another.
#[test]
fn every_hyper_parameter_may_change() {
    let text = r#"
[landscape]
name = "quadratic"
h = 2.0
[noise]
name = "none"
[start]
at = 1.0
[[process]]
optimizer = "sgdm"
eta = "0.3/(1 + time)"
beta1 = "1 - 2*eta"
clock = 0.5
[[observe]]
label = "m"
name = "moment"
of = "x"
steps = [1, 2, 9]
[ensemble]
particles = 2
"#;
    let all = readings(text);
    let (mut x, mut m) = (1.0f64, 0.0);
    for step in 1..=9 {
        let eta = 0.3 / (1.0 + 0.5 * f64::from(step - 1));
        let beta = 1.0 - 2.0 * eta;
        m = beta * m + (1.0 - beta) * 2.0 * x;
        x -= eta * m;
        if [1, 2, 9].contains(&step) {
            let found = value(&all, "sgdm", "m", &[("step", &step.to_string())]);
            assert!((found - x).abs() < 1e-14, "{step}: {found}, {x}");
        }
    }
}

/// A formula that is the same at every step gives the bits of the number, looks and exits (whose lanes are refilled, and so at
/// steps of their own) alike; and a study of one thread those of two.
#[test]
fn a_formula_that_does_not_change_gives_the_same_bits() {
    let text = |eta: &str, beta: &str| {
        format!(
            r#"
[landscape]
name = "double-well"
[noise]
name = "gaussian"
variance = 4.0
[[process]]
label = "p"
optimizer = "adam"
eta = {eta}
beta1 = {beta}
[[observe]]
label = "m"
name = "moment"
of = ["x", "x^2"]
steps = [3, 100]
[[observe]]
label = "out"
name = "exit"
until = "x > 0"
[ensemble]
particles = 500
"#
        )
    };
    let plain = readings(&text("0.3", "0.8"));
    let driven = readings(&text("\"0.3 + 0*step\"", "\"0.8 + 0*time\"\nclock = 0.3"));
    for (a, b) in plain.iter().zip(&driven) {
        let of = |r: &measurement::reading::Reading| {
            let found = r.measured.clone().unwrap();
            (found.value.map(f64::to_bits), found.ci_low.to_bits())
        };
        assert_eq!(of(a), of(b), "{} {}", a.cell, a.quantity);
    }
}

#[test]
fn schedules_that_are_wrong() {
    let text = |eta: &str| {
        format!(
            "[landscape]\nname = \"quadratic\"\n[noise]\nname = \"none\"\n[start]\nat = 1.0\n[[process]]\noptimizer = \"sgd\"\neta = {eta}\n[[observe]]\nname = \"moment\"\nof = \"x\"\nsteps = 50\n"
        )
    };
    for (eta, place, what) in [
        ("\"0.5*stp^(-0.6)\"", "f.toml:9:12", "did you mean `step`"),
        ("\"0.5/(step - 1)\"", "f.toml:9:7", "comes to inf at step 1"),
        ("\"-step\"", "f.toml:9:7", "`process.eta`: -1 is outside"),
        ("\"0.5 - 0.01*step + 0*q\"", "f.toml:9:", "unknown name `q`"),
        ("\"0.25 - 0.01*step\"", "f.toml:9:7", "`eta` comes to -0.01"),
        (
            "\"0.1/(1 + time)\"",
            "f.toml:7:",
            "`process.clock`: is missing",
        ),
    ] {
        let error = study(&text(eta)).expect_err(eta).to_string();
        assert!(error.contains(place) && error.contains(what), "{error}");
    }
}
