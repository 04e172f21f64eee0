//! Numbers of a process that are formulas of the step and of the time.

use super::{one, readings, refused, study, value};

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
        (
            "\"-step\"",
            "f.toml:9:7",
            "`process.eta`: `eta` comes to -1 at step 1",
        ),
        (
            "\"0.1/(step - 3)\"",
            "f.toml:9:7",
            "`eta` comes to -0.05 at step 1, outside [0, 1",
        ),
        (
            "\"0.1/(step - 3)^2\"",
            "f.toml:9:7",
            "`eta` comes to inf at step 3, outside [0, 1",
        ),
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

/// A well that is carried to and fro, and stiffens with the steps: without noise each step is the one by hand, to rounding, of SGD and of the
/// heavy ball; with noise of a size that changes too the mean is the same (seed 7, 4.5 standard errors of 20,000 particles, two numbers:
/// α = 1.4e-5).
#[test]
fn landscapes_that_change() {
    let text = |noise: &str, particles: u32| {
        format!(
            r#"[landscape]
expression = "0.5*k*(1 + 0.01*step)*(x - a*sin(omega*time))^2"
[define]
k = 2.0
a = 0.5
omega = 3.0
{noise}
[start]
at = 1.0
[[process]]
optimizer = "sgd"
eta = 0.1
[[process]]
optimizer = "heavy-ball"
eta = 0.02
beta1 = 0.7
clock = 0.25
[[observe]]
label = "m"
name = "moment"
of = ["x", "x.u"]
steps = 30
[ensemble]
particles = {particles}
"#
        )
    };
    let by_hand = |eta: f64, beta: f64, clock: f64| {
        let (mut x, mut m) = (1.0f64, 0.0);
        for taken in 0..30 {
            let stiff = 2.0 * (1.0 + 0.01 * f64::from(taken + 1));
            let slope = stiff * (x - 0.5 * (3.0 * clock * f64::from(taken)).sin());
            m = beta * m + slope;
            x -= eta * m;
        }
        (x, eta * m)
    };
    let still = readings(&text("[noise]\nname = \"none\"", 2));
    let noisy = "[noise]\nstd = \"0.3/(1 + 0.1*time)\"";
    let moved = readings(&text(noisy, 20_000));
    for (process, (x, u)) in [
        ("sgd", by_hand(0.1, 0.0, 0.1)),
        ("heavy-ball", by_hand(0.02, 0.7, 0.25)),
    ] {
        for (of, right) in [("x", x), ("x.u", u)] {
            let found = value(&still, process, "m", &[("of", of)]);
            assert!(
                (found - right).abs() < 1e-14,
                "{process} {of}: {found} {right}"
            );
            let found = one(&moved, process, "m", &[("of", of)])
                .measured
                .clone()
                .unwrap();
            let apart = (found.value.unwrap() - right).abs();
            assert!(
                apart < 4.5 * found.standard_error.unwrap(),
                "{process} {of}: {found:?}"
            );
        }
    }
    refused(
        &text("[noise]\nvariance = 1.0", 20),
        &[
            (
                "of = [\"x\", \"x.u\"]",
                "of = \"loss\"",
                "f.toml:2",
                "unknown name `loss`",
            ),
            (
                "of = [\"x\", \"x.u\"]",
                "of = \"x.grad\"",
                "f.toml:2",
                "not .grad",
            ),
            (
                "optimizer = \"sgd\"\neta = 0.1",
                "sde = \"overdamped\"\ntemperature = 1.0\ndt = 0.1",
                "f.toml:1",
                "write the drift as [[sde]]",
            ),
            (
                "variance = 1.0",
                "name = \"hessian\"\nbatch = 2",
                "f.toml:1",
                "landscape that stands still",
            ),
            (
                "variance = 1.0",
                "std = \"sqrt(loss)\"",
                "f.toml:8",
                "write their formulas",
            ),
            (
                "steps = 30",
                "time = \"stationary\"",
                "f.toml:2",
                "has no long run",
            ),
            (
                "[define]",
                "dim = 2\n[define]",
                "f.toml:3",
                "`landscape.dim`",
            ),
            (
                "a*sin(omega*time)",
                "b*sin(omega*time)",
                "f.toml:2:42",
                "unknown name `b`",
            ),
        ],
    );
}

/// An inertial particle on ½x² whose damping and temperature change: ⟨x²⟩, ⟨xv⟩ and ⟨v²⟩ by their own equations, d⟨v²⟩ = −2⟨xv⟩ − 2γ⟨v²⟩ + 2γT, in steps of Runge and
/// Kutta made here. 20,000 particles (seed 7) agree to 5 standard errors and the bias of Euler–Maruyama, which is O(dt); and they are those of the
/// same SDE by formula, to the bit.
#[test]
fn a_damping_that_changes() {
    let text = r#"[landscape]
name = "quadratic"
h = 1.0
[start]
at = 1.0
[define]
rise = 0.3
[[sde]]
name = "written"
state = { v = 0 }
drift = """
theta = v
v = -g - (0.2 + rise*time)*v
"""
noise = "v = sqrt(2*(0.2 + rise*time)*(0.5*exp(-0.2*time)))"
[[process]]
label = "annealed"
sde = "underdamped"
damping = "0.2 + rise*time"
temperature = "0.5*exp(-0.2*time)"
dt = 0.005
[[process]]
sde = "written"
dt = 0.005
[[process]]
label = "damped"
sde = "underdamped"
damping = "0.2 + rise*time"
temperature = 0.5
dt = 0.005
[[observe]]
label = "m"
name = "moment"
of = ["x^2", "x.v^2", "x*x.v"]
time = [1.0, 4.0]
[ensemble]
particles = 20_000
streams = "common"
"#;
    let all = readings(text);
    for (cell, temperature) in [
        (
            "annealed",
            (|t: f64| 0.5 * (-0.2 * t).exp()) as fn(f64) -> f64,
        ),
        ("damped", |_| 0.5),
    ] {
        let slope = |t: f64, [xx, vv, xv]: [f64; 3]| {
            let damping = 0.2 + 0.3 * t;
            [
                2.0 * xv,
                -2.0 * xv - 2.0 * damping * vv + 2.0 * damping * temperature(t),
                vv - xx - damping * xv,
            ]
        };
        let (mut m, h) = ([1.0, 0.0, 0.0], 1e-3);
        for n in 0..4000 {
            let t = h * f64::from(n);
            let add = |m: [f64; 3], k: [f64; 3], s: f64| [0, 1, 2].map(|i| m[i] + s * k[i]);
            let a = slope(t, m);
            let b = slope(t + 0.5 * h, add(m, a, 0.5 * h));
            let c = slope(t + 0.5 * h, add(m, b, 0.5 * h));
            let d = slope(t + h, add(m, c, h));
            m = [0, 1, 2].map(|i| m[i] + h / 6.0 * (a[i] + 2.0 * b[i] + 2.0 * c[i] + d[i]));
            let at = match n {
                999 => "1",
                3999 => "4",
                _ => continue,
            };
            for (of, right) in ["x^2", "x.v^2", "x*x.v"].into_iter().zip(m) {
                let axes = [("of", of), ("time", at)];
                let seen = one(&all, cell, "m", &axes).measured.clone().unwrap();
                let (value, error) = (seen.value.unwrap(), seen.standard_error.unwrap());
                assert!(
                    (value - right).abs() < 5.0 * error + 0.01,
                    "{cell} {of} {at}: {value} ± {error} {right}"
                );
                if cell == "annealed" {
                    let written = one(&all, "written", "m", &axes).measured.clone().unwrap();
                    assert_eq!(written.value, seen.value);
                }
            }
        }
    }
    refused(
        text,
        &[
            ("temperature = 0.5\n", "", "f.toml:", "temperature"),
            (
                "temperature = 0.5\n",
                "temperature = -1.0\n",
                "f.toml:",
                "temperature",
            ),
            (
                "label = \"damped\"\nsde = \"underdamped\"",
                "label = \"damped\"\nsde = \"overdamped\"",
                "f.toml:",
                "no number of this SDE",
            ),
            (
                "temperature = 0.5\n",
                "temperature = 0.5\nintegrator = \"baoab\"\n",
                "f.toml:",
                "that stay",
            ),
        ],
    );
}

/// Batches of min(k, 3) examples at step k, of w against ±1 each: Var w takes on (1 − η)² Var + η²/B_k at every step, seed 7, 20,000
/// particles, within 5 standard errors (α = 6e-7); after the first step w² is the same for all. A batch has at least one example and at
/// most all.
#[test]
fn batches_by_formula_of_the_step() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("z.csv");
    std::fs::write(&path, "z\n-1\n1\n1\n-1\n").unwrap();
    let text = format!(
        "[landscape]\nloss = \"0.5*(w - z)^2\"\nvariables = [\"w\"]\ndata = {{ file = \"{}\" }}\n[noise]\nname = \"minibatch\"\nbatch = \"min(step, 3)\"\n[start]\nat = [0.0]\n[[process]]\noptimizer = \"sgd\"\neta = 0.3\n[[observe]]\nlabel = \"v\"\nname = \"moment\"\nof = \"w^2\"\nsteps = [1, 2, 3, 6]\n[ensemble]\nparticles = 20_000\n",
        path.display()
    );
    let all = readings(&text);
    let mut variance = 0.0;
    for step in 1..=6u32 {
        variance = 0.49 * variance + 0.09 / f64::from(step.min(3));
        if [1, 2, 3, 6].contains(&step) {
            let reading = one(&all, "sgd", "v", &[("step", &step.to_string())]);
            assert!(reading.exact.is_none());
            let seen = reading.measured.clone().unwrap();
            let (value, error) = (seen.value.unwrap(), seen.standard_error.unwrap_or(0.0));
            assert!(
                (value - variance).abs() <= 5.0 * error + 1e-12,
                "{step}: {value} ± {error}, {variance}"
            );
        }
    }
    refused(
        &text,
        &[
            (
                "min(step, 3)",
                "step",
                "f.toml:7:",
                "comes to 5 at step 5, where it must be from 1 to 4",
            ),
            (
                "min(step, 3)",
                "0.5*step",
                "f.toml:7:",
                "comes to 0.5 at step 1",
            ),
            (
                "min(step, 3)",
                "min(stp, 3)",
                "f.toml:7:",
                "unknown name `stp`",
            ),
            (
                "min(step, 3)\"",
                "min(step, 3)\"\nreplacement = false",
                "f.toml:8:",
                "batches of one size",
            ),
        ],
    );
}
