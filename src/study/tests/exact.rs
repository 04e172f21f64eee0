//! Exact values beside what was measured: `readings` holds every one of a rule against its particles, all together at 1 %.

use measurement::reading::Reading;

use super::{one, readings};

fn exact(all: &[Reading], cell: &str, quantity: &str, axes: &[(&str, &str)]) -> Option<f64> {
    let exact = one(all, cell, quantity, axes).exact.as_ref()?;
    assert!(exact.error <= 1e-9 * (1.0 + exact.value.abs()), "{exact:?}");
    Some(exact.value)
}

/// Heavy ball and PNM on a rotated quadratic, written as a formula with its minimum elsewhere and with random starts: means, variances,
/// quantiles and covariances, of positions and of updates, follow from the recursion; where a formula is neither of one number nor a
/// polynomial of degree 3, none is claimed.
#[test]
fn linear_rules_on_formulas_that_are_quadratic() {
    let text = r#"
[landscape]
expression = "(x - 1)^2 + 0.5*a*y^2 + 0.3*x*y"
a = 1.0
[noise]
name = "gaussian"
variance = 0.5
[start]
x = "normal(2, 0.5)"
y = "normal(-1, 0.3)"
[[process]]
optimizer = "heavy-ball"
beta1 = 0.7
beta3 = 0.3
eta = 0.1
[[process]]
optimizer = "pnm"
eta = 0.05
[[observe]]
label = "c"
name = "covariance"
steps = [0, 1, 7, 300]
[[observe]]
label = "noise"
name = "update_noise"
steps = [1, 7, 300]
[[observe]]
label = "m"
name = "moment"
of = ["x", "x*y", "loss", "x.prev*x.u", "0.5*x.u^2", "cos(x)", "cos(x*y)", "cos(x.u)"]
stat = ["mean", "variance"]
steps = 7
[[observe]]
label = "q"
name = "moment"
of = ["x", "y.u"]
stat = "quantile(0.9)"
steps = 300
"#;
    let all = readings(text);
    for cell in ["heavy-ball", "pnm"] {
        for (i, j) in [("1", "1"), ("1", "2"), ("2", "2")] {
            assert!(exact(&all, cell, "c", &[("i", i), ("j", j), ("step", "7")]).is_some());
        }
        let start = [("i", "1"), ("j", "1"), ("step", "0")];
        let begun = exact(&all, cell, "c", &start).unwrap();
        assert!((begun - 0.25).abs() < 1e-15, "{begun}");
        // A random start is part of Var(θ − θ₀), which is then none of the law of θ alone.
        let spread = exact(&all, cell, "noise.at_zero", &[("i", "2"), ("step", "7")]);
        assert!(spread.is_none());
        assert!(exact(&all, cell, "noise.per_step", &[("i", "2"), ("step", "7")]).is_some());
        for (of, mean, variance) in [
            ("x", true, true),
            ("x*y", true, false),
            ("loss", true, false),
            ("x.prev*x.u", true, false),
            ("0.5*x.u^2", true, true),
            ("cos(x)", true, true),
            ("cos(x*y)", false, false),
            ("cos(x.u)", true, true),
        ] {
            let known = |stat| exact(&all, cell, "m", &[("of", of), ("stat", stat)]).is_some();
            assert_eq!((known("mean"), known("variance")), (mean, variance), "{of}");
        }
        assert!(exact(&all, cell, "q", &[("of", "y.u")]).is_some());
    }
}

/// In the long run E θ₋u = ½ E u² of every linear rule, and the noise of an SGD update is C + h²Var θ with Var θ = ηC/(h(2 − ηh)).
#[test]
fn the_long_run_of_sgd() {
    let text = r#"
[landscape]
name = "quadratic"
h = 2.0
[noise]
name = "gaussian"
variance = 0.5
[start]
at = 1.0
[[process]]
optimizer = "sgd"
eta = 0.2
[[observe]]
label = "m"
name = "moment"
of = ["x.prev*x.u", "0.5*x.u^2"]
time = "stationary"
[[observe]]
label = "noise"
name = "update_noise"
time = "stationary"
"#;
    let all = readings(text);
    let m = |of| exact(&all, "sgd", "m", &[("of", of)]).unwrap();
    assert!((m("x.prev*x.u") - m("0.5*x.u^2")).abs() < 1e-15);
    let spread = 0.2 * 0.5 / (2.0 * (2.0 - 0.4));
    let per_step = exact(&all, "sgd", "noise.per_step", &[]).unwrap();
    assert!(
        (per_step - (0.5 + 4.0 * spread)).abs() < 1e-13,
        "{per_step}"
    );
}

/// The variance, a quantile and the loss of Langevin's equation in a double well, against the integrals of its Boltzmann law; T = 0.3.
#[test]
fn statistics_of_a_diffusion() {
    let text = r#"
[landscape]
name = "double-well"
[[process]]
sde = "overdamped"
temperature = 0.3
dt = 0.001
reference = true
[[observe]]
label = "m"
name = "moment"
of = ["x", "loss"]
stat = ["mean", "variance", "quantile(0.25)"]
time = "stationary"
"#;
    let all = readings(text);
    let loss = |x: f64| 0.25 * x.powi(4) - 0.5 * x * x;
    let weight = |x: f64| (-loss(x) / 0.3).exp();
    let integral = |f: &dyn Fn(f64) -> f64| -> f64 {
        let n = 200_000;
        (0..n)
            .map(|k| f(-5.0 + 10.0 * (k as f64 + 0.5) / n as f64) * 10.0 / n as f64)
            .sum()
    };
    let mean = |f: &dyn Fn(f64) -> f64| integral(&|x| f(x) * weight(x)) / integral(&weight);
    let is = |of: &str, stat: &str| {
        let found = one(&all, "overdamped", "m", &[("of", of), ("stat", stat)]);
        found.exact.as_ref().map(|exact| (exact.value, exact.error))
    };
    let close = |found: Option<(f64, f64)>, right: f64| {
        let (value, error) = found.unwrap();
        assert!(
            (value - right).abs() <= error + 1e-12 && error < 1e-4,
            "{value} ± {error}, {right}"
        );
    };
    let average = mean(&loss);
    close(is("x", "variance"), mean(&|x| x * x));
    close(is("loss", "mean"), average);
    close(
        is("loss", "variance"),
        mean(&|x| (loss(x) - average).powi(2)),
    );
    let (quarter, error) = is("x", "quantile(0.25)").unwrap();
    let below = mean(&|x| f64::from(u8::from(x < quarter)));
    assert!((below - 0.25).abs() < 1e-4 + error, "{quarter}: {below}");
    // Of a reference there is nothing to read where nothing is known.
    let loss = |r: &&Reading| r.axes.get("of").is_some_and(|of| of.is("loss"));
    assert_eq!(all.iter().filter(loss).count(), 2);
}

/// A memory that has seen the start for long, without noise and with it: exact of linear rules from the first step on, whose self-checks
/// hold it against the particles. Without noise the momentum is ∇L at the start, so that the first step of SGDM is SGD's; the exits of
/// a heavy ball that rolls already are sooner.
#[test]
fn a_memory_that_has_seen_the_start() {
    for momentum in ["gradient", "stationary"] {
        let text = format!(
            r#"
[landscape]
name = "quadratic"
hessian = [[2.0, 0.3], [0.3, 1.0]]
[noise]
name = "gaussian"
variance = 0.5
[start]
x = "normal(1, 0.2)"
y = -1.0
momentum = "{momentum}"
[[process]]
optimizer = "sgdm"
beta1 = 0.9
eta = 0.1
[[process]]
optimizer = "pnm"
eta = 0.05
[[process]]
optimizer = "momentum"
mu = 0.8
tau = 0.5
eta = 0.05
[[observe]]
name = "covariance"
steps = [1, 2, 9]
[[observe]]
name = "update_noise"
steps = [1, 3]
[[observe]]
label = "u"
name = "moment"
of = ["x.u/eta", "y.u/eta", "x", "y"]
steps = [1, 2, 9]
"#
        );
        let all = readings(&text);
        assert!(all.iter().filter(|r| r.exact.is_some()).count() > 70);
        let u = |of| exact(&all, "sgdm", "u", &[("of", of), ("step", "1")]).unwrap();
        assert!((u("x.u/eta") - (2.0 - 0.3)).abs() < 1e-9);
        assert!((u("y.u/eta") - (0.3 - 1.0)).abs() < 1e-9);
    }
    let exits = |momentum: &str| {
        let text = format!(
            r#"
[landscape]
name = "double-well"
[noise]
name = "gaussian"
variance = 4.0
[start]
at = -2.0
momentum = "{momentum}"
[[process]]
optimizer = "sgdm"
beta1 = 0.95
eta = 0.05
[[observe]]
label = "out"
name = "exit"
until = "x > -1.5"
"#
        );
        super::value(&readings(&text), "sgdm", "out.exit_step", &[])
    };
    assert!(exits("gradient") < 0.8 * exits("zero"));
}

/// Weight decay around a linear rule is linear too: an L2 penalty adds to H, and decay beside the update multiplies θ. Beside particles, and
/// by hand: SGD on ½(x − 1)² at η = 0.1 with λ = 0.3 rests at 1/1.3 under either, and E x goes there by a factor 0.87 a step.
#[test]
fn weight_decay_around_linear_rules() {
    let text = r#"
[landscape]
expression = "0.5*(x - 1)^2"
[noise]
name = "gaussian"
variance = 0.5
[start]
x = 3.0
[[process]]
label = "l2"
optimizer = "sgd"
l2 = 0.3
eta = 0.1
[[process]]
label = "decoupled"
optimizer = "sgd"
decoupled_decay = 0.3
eta = 0.1
[[process]]
label = "average"
optimizer = "sgdm"
decoupled_decay = 0.3
eta = 0.1
[[process]]
label = "penalised"
optimizer = "pnm"
l2 = 0.2
eta = 0.1
[[process]]
label = "stable"
optimizer = "sgds"
stable_decay = 0.02
eta = 0.1
[[observe]]
label = "m"
name = "moment"
of = ["x", "x.prev*x.u"]
stat = ["mean", "variance"]
steps = [1, 7, 300]
"#;
    let all = readings(text);
    for cell in ["l2", "decoupled", "average", "penalised", "stable"] {
        for step in ["1", "7", "300"] {
            for stat in ["mean", "variance"] {
                let axes = [("of", "x"), ("stat", stat), ("step", step)];
                let found = exact(&all, cell, "m", &axes);
                let found = found.unwrap_or_else(|| panic!("{cell} {step} {stat}"));
                if ["l2", "decoupled"].contains(&cell) && stat == "mean" {
                    let steps: i32 = step.parse().unwrap();
                    let rest = 1.0 / 1.3;
                    let expected = rest + (3.0 - rest) * 0.87f64.powi(steps);
                    assert!((found - expected).abs() < 1e-12, "{cell} {step} {found}");
                }
            }
        }
    }
}

/// Rules by formula that remember for ever, and that take their gradients ahead of θ, have their law at every step too.
#[test]
fn linear_rules_by_formula() {
    let text = r#"
[[rule]]
name = "sum"
state = { x = 0 }
step = """
x = x + g
update = eta*x
"""
[[rule]]
name = "integral"
state = { d = 0 }
step = """
d = d + g
update = eta*(g + 0.01*d)
"""
[[rule]]
name = "ahead"
state = { v = 0 }
at = "theta - 0.9*eta*v"
step = """
v = 0.9*v + g
update = eta*v
"""
[landscape]
expression = "0.5*(x - 1)^2 + 0.3*x*y + y^2"
[noise]
name = "gaussian"
variance = 0.5
[start]
x = 3.0
y = 1.0
[[process]]
optimizer = "sum"
eta = 0.1
[[process]]
optimizer = "integral"
eta = 0.1
[[process]]
optimizer = "ahead"
decoupled_decay = 0.1
eta = 0.05
[[observe]]
label = "m"
name = "moment"
of = ["x", "x*y"]
stat = "mean"
steps = [1, 7]
[[observe]]
label = "v"
name = "moment"
of = "x"
stat = "variance"
steps = [1, 7]
"#;
    let all = readings(text);
    for cell in ["sum", "integral", "ahead"] {
        for step in ["1", "7"] {
            for of in ["x", "x*y"] {
                let axes = [("of", of), ("step", step)];
                assert!(
                    exact(&all, cell, "m", &axes).is_some(),
                    "{cell} {step} {of}"
                );
            }
            assert!(
                exact(&all, cell, "v", &[("step", step)]).is_some(),
                "{cell} {step}"
            );
        }
    }
}

/// Exits of SGD with momentum in noise that depends on the place have an exact value, which `readings` holds paths and splitting against; that of a
/// reference is not lost to splitting. What a slope is fitted to is drawn: a series for each case, a point for each cell.
#[test]
fn exits_with_momentum() {
    let text = r#"
[landscape]
expression = "0.25*(x^2 - 1)^2"
[define]
c = 2.0
[[sweep]]
c = [2.0, 3.0]
[noise]
std = "sqrt(c*(1 + 0.5*x^2))"
[start]
at = -1.0
[[process]]
label = "sgdm"
optimizer = "sgdm"
eta = 0.1
beta1 = 0.8
[[process]]
label = "ball"
optimizer = "heavy-ball"
eta = 0.02
beta1 = 0.8
[[process]]
label = "resting"
sde = { of = "sgd" }
eta = 0.1
dt = 0.1
reference = true
[[observe]]
label = "split"
name = "exit"
until = "x > 0.2"
method = "splitting"
runs = 12
replicas = 100
[[claim]]
id = "mine.c"
quantity = "slope(log(split.exit_time[sgdm]), 1/c)"
predicts = "slope(log(split.exit_time[sgdm].exact), 1/c)"
within = 10
"#;
    let all = readings(text);
    let exact = |process: &str, c: &str| {
        let cell = format!("{process}, c = {c}");
        let reading = one(&all, &cell, "split.exit_step", &[]);
        let exact = reading.exact.as_ref().unwrap();
        assert!(exact.error <= 2e-3 * exact.value, "{exact:?}");
        exact.value
    };
    // η(1 − β) of one is η of the other.
    assert!((exact("sgdm", "2") / exact("ball", "2") - 1.0).abs() < 1e-9);
    assert!(exact("sgdm", "2") > 1.5 * exact("sgdm", "3"));
    assert!(exact("resting", "2") > 0.0);
    let figures = crate::figures::figures(&super::study(text).unwrap(), &all, "standard");
    let slopes = figures
        .iter()
        .find(|figure| figure.name == "slopes")
        .unwrap();
    let counts: Vec<usize> = slopes.panels[0].series.iter().map(|s| s.x.len()).collect();
    assert_eq!(counts, [2, 2]);
    assert_eq!(slopes.panels[0].x.label, "1/c");
}
