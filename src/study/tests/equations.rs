//! SDEs by formula: against the built-in ones, against known laws, and what is said of those that are wrong.

use experiment::context::{Context, Quiet};
use measurement::reading::Reading;

use super::{one, readings, refused, study};

/// Whether what was measured is within so many standard errors of a number.
fn near(
    all: &[Reading],
    cell: &str,
    quantity: &str,
    axes: &[(&str, &str)],
    (right, n): (f64, f64),
) {
    let found = one(all, cell, quantity, axes).measured.clone().unwrap();
    let apart = (found.value.unwrap() - right).abs();
    let allowed = n * found.standard_error.unwrap();
    assert!(apart < allowed, "{cell} {axes:?}: {found:?}, {right}");
}

/// Langevin's equation on a quadratic, built in and by formula, on the same random numbers: the same bits, of looks and of exits,
/// and the same exact values to their error. T = ½, so that σ²/2 is T to the last digit.
#[test]
fn ornstein_and_uhlenbeck_by_formula() {
    let text = |process: &str| {
        format!(
            r#"
[landscape]
name = "quadratic"
h = 2.0
[start]
at = 1.0
[[process]]
label = "p"
dt = 0.01
{process}
[[observe]]
label = "m"
name = "moment"
of = ["x", "x^2"]
time = [0.1, 1.0]
[[observe]]
label = "out"
name = "exit"
until = "x < 0"
[ensemble]
particles = 1000
"#
        )
    };
    let built = readings(&text("sde = \"overdamped\"\ntemperature = 0.5"));
    let written = readings(&text(
        "sde = \"ou\"\nk = 2.0\n[[sde]]\nname = \"ou\"\nhyper = { k = 1.0, s = 1.0 }\ndrift = \"x = -k*x\"\nnoise = \"x = s\"",
    ));
    assert_eq!(built.len(), written.len());
    for (a, b) in built.iter().zip(&written) {
        let bits = |r: &Reading| r.measured.as_ref().and_then(|e| e.value).map(f64::to_bits);
        assert_eq!(bits(a), bits(b), "{} {:?}", a.quantity, a.axes);
        let (a, b) = (a.exact.as_ref().unwrap(), b.exact.as_ref().unwrap());
        let allowed = a.error + b.error + 1e-9 * a.value.abs();
        assert!((a.value - b.value).abs() <= allowed, "{a:?} {b:?}");
    }
}

/// Seed 7. dx = −ax dt + sx ∘ dW has ln x = −at + sW: its mean and variance within 4.5 standard errors of 20,000 particles (two
/// numbers of each reading, α = 3e-5), Itô's mean lower by ½s²t. Heun's scheme is off by O(dt), which is a hundredth of the errors.
#[test]
fn a_multiplicative_noise_in_two_readings() {
    let text = r#"
[landscape]
name = "quadratic"
[start]
at = 1.0
[[sde]]
name = "geometric"
hyper = { a = 0.5 }
drift = "x = -a*x"
noise = "x = s*x"
reading = ["stratonovich", "ito"]
[define]
s = 0.6
[[process]]
sde = "geometric"
integrator = "heun"
dt = 0.005
[[observe]]
label = "m"
name = "moment"
of = "log(x)"
stat = ["mean", "variance"]
time = 1.0
[ensemble]
particles = 20_000
"#;
    let all = readings(text);
    for (reading, mean) in [("stratonovich", -0.5), ("ito", -0.5 - 0.18)] {
        let cell = format!("geometric, reading = {reading}");
        near(&all, &cell, "m", &[("stat", "mean")], (mean, 4.5));
        near(&all, &cell, "m", &[("stat", "variance")], (0.36, 4.5));
    }
}

/// Seed 7. A rotation at rate w in a well, dx = (−x + wy)dt + √(2d) dW, dy = (−y − wx)dt: Lyapunov's equation gives
/// Σ₁₁ + Σ₂₂ = d, Σ₁₁ − Σ₂₂ = d/(1 + w²), Σ₁₂ = −½w(Σ₁₁ − Σ₂₂). Three numbers of 20,000 particles within 4.5 standard errors
/// (α = 2e-5); the same by a matrix of one column.
#[test]
fn a_drift_that_is_no_gradient() {
    for noise in [
        "noise = \"x = sqrt(2*d)\"",
        "noise = [[\"sqrt(2*d)\"], [0]]",
    ] {
        let text = format!(
            r#"
[landscape]
expression = "0.5*(x^2 + y^2)"
[define]
w = 1.5
d = 0.8
[start]
at = [0.0, 0.0]
[[sde]]
name = "rotation"
drift = ["-x + w*y", "-y.grad - w*x"]
{noise}
[[process]]
sde = "rotation"
integrator = "heun"
dt = 0.02
[[observe]]
label = "c"
name = "covariance"
time = 8.0
[ensemble]
particles = 20_000
"#
        );
        let all = readings(&text);
        let apart = 0.8 / (1.0 + 1.5 * 1.5);
        for (i, j, right) in [
            ("1", "1", 0.4 + 0.5 * apart),
            ("2", "2", 0.4 - 0.5 * apart),
            ("1", "2", -0.75 * apart),
        ] {
            near(&all, "rotation", "c", &[("i", i), ("j", j)], (right, 4.5));
        }
    }
}

/// Seed 7. Langevin's equation on ½hx² at T = ½/(1 + t): Var x = ∫ 2T(s) e^{−2h(t−s)} ds from a point, by Simpson's rule; 4.5
/// standard errors of 20,000 particles.
#[test]
fn a_temperature_that_falls() {
    let text = r#"
[landscape]
name = "quadratic"
h = 1.5
[start]
at = 0.0
[[process]]
sde = "overdamped"
temperature = "0.5/(1 + time)"
integrator = "heun"
dt = 0.02
[[observe]]
label = "m"
name = "moment"
of = "x^2"
time = [0.4, 2.0]
[ensemble]
particles = 20_000
"#;
    let all = readings(text);
    for t in [0.4, 2.0] {
        let f = |s: f64| 1.0 / (1.0 + s) * (-3.0 * (t - s)).exp();
        let n = 1000;
        let part = |k: usize| {
            let weight = if k == 0 || k == n {
                1.0
            } else if k % 2 == 1 {
                4.0
            } else {
                2.0
            };
            weight * f(t * k as f64 / n as f64)
        };
        let right = (0..=n).map(part).sum::<f64>() * t / n as f64 / 3.0;
        near(
            &all,
            "overdamped",
            "m",
            &[("time", &t.to_string())],
            (right, 4.5),
        );
    }
}

/// Without noise the limits of SGDM (β = 1 − cη, at times kη) and of the heavy ball (β = 1 − c√η, at times k√η) are off by the order
/// of a step: half of it at half the step, to a tenth. In noise both come to rest at the variance ηC/(2h) and √ηC/(2ch) (seed 7, 4.5 standard
/// errors of 20,000 particles; Heun's bias is below a tenth of them).
#[test]
fn the_limits_of_momentum() {
    let text = |noise: &str, what: &str, observe: &str| {
        format!(
            r#"
[landscape]
name = "quadratic"
[noise]
{noise}
[start]
at = 1.0
[[process]]
label = "a"
optimizer = "{what}"
[[process]]
label = "b"
sde = {{ of = "{what}" }}
integrator = "heun"
[[sweep]]
{observe}
"#
        )
    };
    let observe = "[[observe]]\nlabel = \"m\"\nname = \"moment\"\nof = \"x\"\ntime = 1.6\n[ensemble]\nparticles = 2";
    for (what, swept) in [
        (
            "sgdm",
            "zip = { eta = [0.04, 0.02], beta1 = [0.92, 0.96], clock = [0.04, 0.02], dt = [0.0025, 0.00125] }",
        ),
        (
            "heavy-ball",
            "zip = { eta = [0.0016, 0.0004], beta1 = [0.92, 0.96], clock = [0.04, 0.02], dt = [0.0025, 0.00125] }",
        ),
    ] {
        let file = text("name = \"none\"", what, &format!("{swept}\n{observe}"));
        let file = file.replace(
            &format!("optimizer = \"{what}\""),
            &format!("optimizer = \"{what}\"\nclock = \"clock\""),
        );
        let all = readings(&file);
        let apart = |eta: &str| {
            let of = |process: &str| {
                let own = |r: &&Reading| {
                    let is =
                        |axis: &str, value: &str| r.axes.get(axis).is_some_and(|v| v.is(value));
                    is("process", process) && is("eta", eta)
                };
                let found = all.iter().find(own).unwrap().measured.clone().unwrap();
                found.value.unwrap()
            };
            (of("a") - of("b")).abs()
        };
        let (coarse, fine) = if what == "sgdm" {
            ("0.04", "0.02")
        } else {
            ("0.0016", "0.0004")
        };
        let ratio = apart(coarse) / apart(fine);
        assert!((ratio - 2.0).abs() < 0.2, "{what}: {ratio}");
    }
    let observe = "eta = [0.04]\nbeta1 = [0.92]\n[[observe]]\nlabel = \"m\"\nname = \"moment\"\nof = \"x^2\"\ntime = 20\n[ensemble]\nparticles = 20_000";
    for (what, right) in [("sgdm", 0.04 / 2.0), ("heavy-ball", 0.04 / (2.0 * 0.08))] {
        let file = text("variance = 1.0", what, observe).replace(
            "[[process]]\nlabel = \"a\"",
            "[[process]]\nreference = true\nlabel = \"a\"",
        );
        let all = readings(&file);
        let own = |r: &&Reading| r.axes.get("process").is_some_and(|v| v.is("b"));
        let found = all.iter().find(own).unwrap().measured.clone().unwrap();
        let apart = (found.value.unwrap() - right).abs();
        assert!(
            apart < 4.5 * found.standard_error.unwrap(),
            "{what}: {found:?}, {right}"
        );
    }
    let refused = |process: &str, what: &str| {
        let file = text(
            "variance = 1.0",
            "sgdm",
            "eta = [0.1]\n[[observe]]\nname = \"moment\"\nof = \"x\"\nsteps = 5",
        );
        let file = file.replace("sde = { of = \"sgdm\" }", process);
        let error = study(&file).expect_err(process).to_string();
        assert!(error.contains(what), "{error}");
    };
    refused(
        "sde = { of = \"adamw\" }",
        "the modified equation of `adamw` is not known here, of sgd, sgdm, heavy-ball, rmsprop, adam it is; did you mean `adam`?",
    );
    refused("sde = { of = \"sgdm\", order = 2 }", "known to order 1");
}

/// Seed 7. Where noise dominates, RMSprop and Adam come to rest on a quadratic at Var θ = ησ/(2h), of their equations to the error that is told (RMSprop's,
/// one coordinate) and within 4.5 standard errors of 20,000 particles (Adam's); the rules themselves within these and what is left out,
/// ηh/σ and 1 − α, 1 − β₂: 3 %.
#[test]
fn the_limits_of_adaptive_rules() {
    let text = r#"
[landscape]
name = "quadratic"
h = 2.0
[noise]
variance = 4.0
[[process]]
label = "rms"
optimizer = "rmsprop"
alpha = 0.98
eta = 0.02
clock = "eta^2"
[[process]]
label = "rms-sde"
sde = { of = "rmsprop" }
eta = 0.02
dt = "eta^2"
[[process]]
label = "adam"
optimizer = "adam"
eta = 0.02
clock = "eta^2"
[[process]]
label = "adam-sde"
sde = { of = "adam" }
eta = 0.02
dt = "eta^2/4"
[[observe]]
label = "m"
name = "moment"
of = "x^2"
time = 0.4
[ensemble]
particles = 20_000
"#;
    let all = readings(text);
    let right = 0.02 * 2.0 / (2.0 * 2.0);
    for (process, left_out) in [
        ("rms", 0.03),
        ("rms-sde", 0.03),
        ("adam", 0.03),
        ("adam-sde", 0.03),
    ] {
        let own = |r: &&Reading| r.axes.get("process").is_some_and(|v| v.is(process));
        let found = all.iter().find(own).unwrap();
        let measured = found.measured.clone().unwrap();
        let apart = (measured.value.unwrap() - right).abs();
        let allowed = 4.5 * measured.standard_error.unwrap() + left_out * right;
        assert!(apart < allowed, "{process}: {measured:?}, {right}");
        if process == "rms-sde" {
            let exact = found.exact.clone().unwrap();
            let apart = (exact.value - right).abs();
            assert!(
                apart <= exact.error && exact.error < 1e-4 * right,
                "{exact:?}"
            );
        }
    }
}

/// The lab's own check that each scheme has its declared order for these formulas; of a drift that bends at the start nothing is said.
#[test]
fn schemes_have_their_orders() {
    let orders = |drift: &str, noise: &str, schemes: &str| {
        let text = format!(
            r#"
[landscape]
expression = "0.5*(x^2 + 2*y^2)"
[start]
at = [0.6, -0.4]
[[sde]]
name = "own"
drift = {drift}
noise = {noise}
[[process]]
sde = "own"
integrator = {schemes}
dt = 0.05
[[observe]]
name = "moment"
of = "x"
steps = 1
[ensemble]
particles = 2
"#
        );
        let study = study(&text).unwrap();
        study
            .cells
            .iter()
            .map(crate::order::check)
            .collect::<Vec<_>>()
    };
    let curved = "[\"sin(y) - x^3\", \"cos(x)*y - g\"]";
    let driven = "[\"sin(y) - x^3 + cos(3*time)\", \"cos(x)*y - g\"]";
    let all = "[\"euler-maruyama\", \"heun\", \"platen\", \"milstein\"]";
    for (drift, noise, schemes) in [
        (curved, "[\"0.5\", \"0.3\"]", all),
        (driven, "[\"0.5/(1 + time)\", \"0.3\"]", all),
        (curved, "[\"0.5*cos(x)\", \"0.3*y\"]", all),
        (
            curved,
            "[[\"0.5*y\", \"0.1\"], [\"0.2*x*y\", \"0.3*y\"]]",
            "\"euler-maruyama\"",
        ),
    ] {
        let found = orders(drift, noise, schemes);
        assert!(found.len() == 4 || schemes.len() < 20);
        for check in found {
            let check = check.unwrap();
            assert_eq!(check.passed, Some(true), "{drift}, {noise}: {check:?}");
        }
    }
    let bent = "[\"abs(x - 0.6)\", \"-y\"]";
    let found = orders(bent, "[\"0.5\", \"0.3\"]", "\"platen\"");
    assert_eq!(found[0].as_ref().and_then(|check| check.passed), None);
}

/// Seed 7, 20,000 particles. A reference needs no time step: the law of particles at T = ½ is that of a reference at T = ½, up to the
/// Kolmogorov distance that one of 1000 samples exceeds (1.95/√n) and the scheme's bias (below 2e-4 at dt = 1e-3); a reference at
/// T = 0.7 is told from it: the distance of normal laws of variance 0.25 and 0.35 is 0.04.
#[test]
fn a_reference_needs_no_time_step() {
    let text = r#"
[landscape]
name = "quadratic"
h = 2.0
[[sde]]
name = "ou"
hyper = { temperature = 0.5 }
drift = "theta = -g"
noise = "theta = sqrt(2*temperature)"
[[process]]
label = "p"
sde = "overdamped"
temperature = 0.5
dt = 0.001
[[process]]
label = "right"
sde = "ou"
reference = true
[[process]]
label = "warm"
sde = "ou"
temperature = 0.7
reference = true
[[observe]]
label = "right-law"
name = "law"
of = "x"
to = "right"
time = 2.0
[[observe]]
label = "warm-law"
name = "law"
of = "x"
to = "warm"
time = 2.0
[ensemble]
particles = 20_000
"#;
    let all = readings(text);
    let distance = |label: &str| {
        let found = all.iter().find(|r| r.quantity == label).unwrap();
        found.measured.as_ref().unwrap().value.unwrap()
    };
    assert!(
        distance("right-law") < 0.0138 + 2e-4,
        "{}",
        distance("right-law")
    );
    assert!(distance("warm-law") > 0.025, "{}", distance("warm-law"));
}

/// An equation with a state of its own, a temperature and a rate that change, on streams that they share: the bytes of one thread are
/// those of two, and of blocks of any width.
#[test]
fn the_same_bytes_whatever_runs_them() {
    let text = r#"
[landscape]
name = "double-well"
[noise]
name = "gaussian"
variance = 1.0
[[sde]]
name = "thermostat"
state = { v = 0 }
drift = "theta = v; v = -g - v"
noise = "v = 0.8/sqrt(1 + time)"
[[process]]
sde = "thermostat"
dt = 0.05
[[process]]
optimizer = "sgd"
eta = "0.1/(1 + time)"
clock = 0.1
[[observe]]
label = "m"
name = "moment"
of = ["x", "x^2"]
time = [1.0, 3.0]
[[observe]]
name = "exit"
until = "x > -0.5"
max_steps = 2000
[ensemble]
particles = 300
"#;
    let study = study(text).unwrap();
    let came = |threads: usize, lanes: Option<usize>| {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().to_path_buf();
        let mut context = Context::new(7, "standard", out, threads).unwrap();
        context.lanes = lanes;
        let results = study.results(&context, &Quiet, folder.path()).unwrap();
        let (readings, _) = results.readings(&study).unwrap();
        let value = |r: &Reading| r.measured.as_ref().and_then(|e| e.value).map(f64::to_bits);
        readings.iter().map(value).collect::<Vec<_>>()
    };
    let first = came(1, None);
    assert!(first.iter().flatten().count() > 8);
    assert_eq!(first, came(2, None));
    assert_eq!(first, came(2, Some(8)));
}

const FILE: &str = r#"[landscape]
expression = "0.5*(x^2 + y^2)"
[start]
at = [1.0, 0.0]
[[sde]]
name = "turn"
hyper = { w = 1.0 }
state = { v = 0 }
drift = """
theta = v
v = -g - w*v
"""
noise = "v = sqrt(w)"
[[process]]
sde = "turn"
dt = 0.1
[[observe]]
name = "moment"
of = "x"
steps = 5
"#;

#[test]
fn what_is_wrong_is_said_at_its_place() {
    let changes = [
        ("- w*v\n", "- w*vv\n", "f.toml:11:", "did you mean `v`"),
        ("- w*v\n", "- w*(v\n", "f.toml:11:", "never closed"),
        ("v = -g", "p = -g", "f.toml:11:1", "nothing reads `p`"),
        (
            "theta = v\n",
            "theta = v\ntheta = 1\n",
            "f.toml:11:1",
            "has one already",
        ),
        ("theta = v\n", "x = v\n", "f.toml:10:1", "`y` has none"),
        ("theta = v\n", "theta v\n", "f.toml:10:1", "name = formula"),
        (
            "v = sqrt(w)",
            "v = sqrt(w)*sqrt(x - 2)",
            "f.toml:13:9",
            "comes to NaN at x = 1, y = 0, x.v = 0",
        ),
        (
            "noise = \"v = sqrt(w)\"",
            "noise = [[1]]",
            "f.toml:13:9",
            "1 rows of 1 formulas, and the drift has 2 coordinates",
        ),
        (
            "w = 1.0 }",
            "w = 1.0, k = 2 }",
            "f.toml:7:1",
            "no line of the SDE reads `k`",
        ),
        (
            "sde = \"turn\"",
            "sde = \"trun\"",
            "f.toml:15:7",
            "did you mean `turn`",
        ),
        ("dt = 0.1", "dt = 0.1\nomega = 2.0", "f.toml:17:9", "omega"),
        (
            "dt = 0.1",
            "dt = 0.1\nintegrator = \"baoab\"",
            "f.toml:17:",
            "another kind of SDE",
        ),
        (
            "dt = 0.1",
            "dt = 0.1\nreading = \"itos\"",
            "f.toml:17:",
            "did you mean `ito`",
        ),
        (
            "sqrt(w)\"",
            "sqrt(w)*x\"\nnois = 1",
            "f.toml:14:8",
            "did you mean `noise`",
        ),
        (
            "v = sqrt(w)\"",
            "v = 0.1*x\"\nreading = \"ito\"\n[[sde]]\nname = \"turn\"\ndrift = \"x = 1\"",
            "f.toml:16:",
            "two SDEs are called",
        ),
    ];
    refused(FILE, &changes);
}
