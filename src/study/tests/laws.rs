//! Laws and exits against exact ones, and what processes of one stream share.

use super::{one, readings, value};

/// Seed 7. The law of Euler–Maruyama at dt = 1e-3 lies within the band of 4000 particles of the exact one (99.9 %), of twice
/// the temperature far outside; the exact mean square is that of the particles within four standard errors (α = 6e-5).
#[test]
fn the_law_of_an_sde_is_its_exact_law() {
    let text = r#"
[landscape]
name = "double-well"
[start]
at = 0.3
[[process]]
label = "run"
sde = "overdamped"
temperature = 0.3
dt = 0.001
[[process]]
label = "hot"
sde = "overdamped"
temperature = 0.6
dt = 0.001
[[process]]
label = "limit"
sde = "overdamped"
temperature = 0.3
dt = 0.001
reference = true
[[observe]]
name = "law"
of = "x"
to = "limit"
time = [0.2, 1.0]
[[observe]]
label = "m"
name = "moment"
of = ["x", "x^2"]
time = 1.0
"#;
    let all = readings(text);
    for time in ["0.2", "1"] {
        let law = |cell| {
            one(&all, cell, "law", &[("time", time)])
                .measured
                .clone()
                .unwrap()
        };
        assert_eq!(law("run").ci_low, 0.0, "{:?}", law("run"));
        assert!(law("hot").ci_low > 0.01, "{:?}", law("hot"));
    }
    for of in ["x", "x^2"] {
        let reading = one(&all, "run", "m", &[("of", of)]);
        let (found, exact) = (
            reading.measured.as_ref().unwrap(),
            reading.exact.as_ref().unwrap(),
        );
        let apart = (found.value.unwrap() - exact.value).abs();
        assert!(
            apart < 4.0 * found.standard_error.unwrap() + exact.error,
            "{found:?} {exact:?}"
        );
        assert!(exact.error < 1e-4, "{exact:?}");
        let limit = one(&all, "limit", "m", &[("of", of)]);
        assert!(limit.measured.is_none() && limit.exact.as_ref().unwrap().value == exact.value);
    }
}

/// Seed 7. Exits by a boundary, by a formula and by splitting are of one process: their rates agree within the exact one's
/// intervals of 99.9 % each.
#[test]
fn exits_agree_however_they_are_found() {
    let text = r#"
[landscape]
name = "double-well"
[noise]
name = "gaussian"
variance = 4.0
[[process]]
optimizer = "sgd"
eta = 0.05
[[observe]]
label = "line"
name = "exit"
until = "x_saddle < x"
[[observe]]
label = "formula"
name = "exit"
until = "x^3 > 0"
[[observe]]
label = "rare"
name = "exit"
until = "x > 0"
method = "splitting"
"#;
    let all = readings(text);
    let exact = one(&all, "sgd", "line.exit_step", &[])
        .exact
        .as_ref()
        .unwrap()
        .value;
    for label in ["line", "formula", "rare"] {
        let steps = one(&all, "sgd", &format!("{label}.exit_step"), &[])
            .measured
            .clone()
            .unwrap();
        assert!(
            steps.ci_low < exact && exact < steps.ci_high,
            "{label}: {steps:?} {exact}"
        );
        let time = value(&all, "sgd", &format!("{label}.exit_time"), &[]);
        let rate = value(&all, "sgd", &format!("{label}.rate"), &[]);
        assert!(
            (time - 0.05 * steps.value.unwrap()).abs() < 1e-9 * time
                && (rate * time - 1.0).abs() < 1e-9
        );
    }
}

/// On common streams SGD and its SDE of order 2 see one Brownian path: their difference scatters less by far than either.
#[test]
fn processes_of_one_stream_see_one_path() {
    let text = |streams: &str| {
        format!(
            r#"
[landscape]
name = "double-well"
[noise]
name = "gaussian"
variance = 1.0
[start]
at = 0.5
[[process]]
optimizer = "sgd"
eta = 0.05
[[process]]
label = "sme"
sde = {{ of = "sgd", order = 2 }}
eta = 0.05
integrator = "heun"
dt = "eta/16"
[[observe]]
label = "m"
name = "moment"
of = "x"
time = 1.0
[ensemble]
streams = "{streams}"
"#
        )
    };
    let scatter = |streams: &str| {
        let all = readings(&text(streams));
        let [a, b] =
            ["sgd", "sme"].map(|cell| one(&all, cell, "m", &[]).influence.clone().unwrap());
        assert_eq!(a.group == b.group, streams == "common");
        let square =
            |of: &dyn Fn(usize) -> f64| (0..a.values.len()).map(|i| of(i).powi(2)).sum::<f64>();
        square(&|i| a.values[i] - b.values[i]) / square(&|i| a.values[i])
    };
    assert!(
        scatter("common") < 0.01 && scatter("own") > 1.0,
        "{} {}",
        scatter("common"),
        scatter("own")
    );
}

/// Variances and quantiles of a Gaussian stationary law, within their intervals of 99.9 % (seed 7).
#[test]
fn statistics_have_their_values() {
    let text = r#"
[landscape]
name = "quadratic"
[noise]
name = "gaussian"
variance = 1.0
[start]
x = "normal(0, 1)"
[[process]]
optimizer = "sgd"
eta = 0.5
[[observe]]
label = "v"
name = "moment"
of = "x"
stat = "variance"
steps = 60
[[observe]]
label = "q"
name = "moment"
of = "x"
stat = "quantile(0.9)"
steps = 60
"#;
    let all = readings(text);
    let variance = 0.25 / (1.0 - 0.25);
    for (label, wanted) in [
        ("v", variance),
        ("q", 1.281_551_565_5 * f64::sqrt(variance)),
    ] {
        let found = one(&all, "sgd", label, &[]).measured.clone().unwrap();
        assert!(
            found.ci_low < wanted && wanted < found.ci_high,
            "{label}: {found:?}"
        );
        assert!(found.ci_high - found.ci_low < 0.2 * wanted && found.standard_error.is_some());
    }
}

/// Seed 7. In the long run the law is the stationary one, whatever the start; where a formula's mean is known it is checked.
#[test]
fn the_long_run_forgets_its_start() {
    let text = r#"
[landscape]
name = "quadratic"
h = 2.0
[noise]
name = "gaussian"
variance = 1.0
[start]
at = 5.0
[[process]]
optimizer = "sgd"
eta = 0.1
[[process]]
label = "ball"
optimizer = "heavy-ball"
eta = 0.05
beta1 = 0.5
[[process]]
label = "sde"
sde = "overdamped"
temperature = 0.5
dt = 0.01
clock = 0.02
[[process]]
label = "limit"
sde = "overdamped"
temperature = 0.5
dt = 0.01
reference = true
[[observe]]
label = "v"
name = "moment"
of = "x^2"
time = "stationary"
[[observe]]
label = "now"
name = "moment"
of = "where(x > 2, 1, 0)"
time = 1.0
[[observe]]
name = "law"
of = "x"
to = "limit"
time = "stationary"
"#;
    let all = readings(text);
    // η C/(h (2 − ηh)), and T/h.
    let exact = |cell: &str| one(&all, cell, "v", &[]).exact.as_ref().unwrap().value;
    assert!((exact("sgd") - 0.1 / (2.0 * 1.8)).abs() < 1e-12);
    assert!((exact("sde") - 0.25).abs() < 1e-4, "{}", exact("sde"));
    for cell in ["sgd", "ball"] {
        let found = one(&all, cell, "v", &[("time", "stationary")])
            .measured
            .clone()
            .unwrap();
        assert!(
            found.ci_low < exact(cell) && exact(cell) < found.ci_high,
            "{cell}: {found:?}"
        );
    }
    // A clock that runs twice as fast as the equation: at time 1 half of it is over, θ ~ N(5/e, (1 − e⁻²)/4); and a formula
    // that jumps, of SGD after ten steps, θ ~ N(5·0.8¹⁰, Σ 0.01·0.64ᵏ). Values by the error function.
    for (cell, wanted, within) in [("sde", 0.364_885_8, 2e-4), ("sgd", 1.0e-17, 1e-12)] {
        let exact = one(&all, cell, "now", &[]).exact.as_ref().unwrap();
        assert!((exact.value - wanted).abs() < within, "{cell}: {exact:?}");
        // The error that is said has room for what a grid's own shows too little of.
        assert!(exact.error < 2.0 * within, "{cell}: {exact:?}");
    }
    let law = |cell: &str| one(&all, cell, "law", &[]).measured.clone().unwrap();
    assert_eq!(law("sde").ci_low, 0.0);
    assert!(law("sgd").ci_low > 0.1);
}

/// Where descent first comes below a loss, and exits of particles that begin anywhere: with noise none both are known.
#[test]
fn conditions_and_exits_from_any_start() {
    let text = r#"
[landscape]
name = "quadratic"
[noise]
name = "none"
[start]
x = "uniform(1, 2)"
[[process]]
optimizer = "sgd"
eta = 0.5
[[observe]]
label = "m"
name = "moment"
of = ["step", "x", "x.prev"]
until = "x < 0.1"
[[observe]]
label = "never"
name = "moment"
of = "x"
until = "x < 0"
max_steps = 10
[[observe]]
name = "exit"
until = "x < 0.1"
"#;
    let all = readings(text);
    // 2⁻ⁿ u < 0.1 for u in (1, 2): n = 4 for u < 1.6, 5 above.
    let steps = one(&all, "sgd", "m", &[("of", "step")])
        .measured
        .clone()
        .unwrap();
    assert!(
        steps.ci_low < 4.4 && 4.4 < steps.ci_high && steps.ci_high - steps.ci_low < 0.1,
        "{steps:?}"
    );
    let ratio =
        value(&all, "sgd", "m", &[("of", "x.prev")]) / value(&all, "sgd", "m", &[("of", "x")]);
    assert!((ratio - 2.0).abs() < 1e-12);
    let exit = one(&all, "sgd", "exit.exit_step", &[])
        .measured
        .clone()
        .unwrap();
    assert!(exit.ci_low < 4.4 && 4.4 < exit.ci_high, "{exit:?}");
    let never = one(&all, "sgd", "never", &[]).measured.clone().unwrap();
    assert!(!never.has_interval() && never.value.is_none());
}

/// Seed 7. The law of SGD in the long run against its normal density, as a formula that needs no factor, in three metrics: of the right
/// variance within the bounds of 99.9 %, of twice the variance outside. The coordinate may be left out. Exactly, the total variation of
/// N(0, 1) and N(0, 2) is 0.166, and over 32 cells no more.
#[test]
fn a_law_against_a_formula_for_its_density() {
    let text = r#"
[landscape]
name = "quadratic"
h = 1.0
[noise]
name = "gaussian"
variance = 1.0
[start]
at = 0.0
[define]
spread = "eta/(2 - eta)"
[[process]]
optimizer = "sgd"
eta = 0.1
[ensemble]
particles = 20_000
[[observe]]
label = "right"
name = "law"
to = "exp(-x^2/(2*spread))"
metric = ["kolmogorov", "wasserstein", "total-variation"]
steps = 300
[[observe]]
label = "wide"
name = "law"
of = "x"
to = "exp(-x^2/(4*spread))"
metric = ["kolmogorov", "wasserstein", "total-variation"]
steps = 300
[[observe]]
label = "uneven"
name = "law"
to = "where(x > 0, 1, 0)*exp(-x^2/(2*spread))"
steps = 300
"#;
    let all = readings(text);
    for metric in ["kolmogorov", "wasserstein", "total-variation"] {
        let of = |label| {
            let reading = one(&all, "sgd", label, &[("metric", metric)]);
            reading.measured.clone().unwrap()
        };
        assert_eq!(of("right").ci_low, 0.0, "{:?}", of("right"));
        assert!(of("wide").ci_low > 0.01, "{:?}", of("wide"));
        if metric == "total-variation" {
            let found = of("wide");
            assert!(
                found.ci_low < 0.166 && found.value.unwrap() > 0.14,
                "{found:?}"
            );
        }
    }
    let uneven = value(&all, "sgd", "uneven", &[]);
    assert!((uneven - 0.5).abs() < 0.02, "{uneven}");
}
