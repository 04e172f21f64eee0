//! Files that are wrong: a sentence at its place, and nothing run.

use super::{refused, study};

const FILE: &str = r#"[landscape]
expression = "0.25*(x^2 - 1)^2 + a*x"
[define]
a = 0.1
eta = 0.05
[noise]
name = "gaussian"
variance = 1.0
[[process]]
optimizer = "sgd"
[[observe]]
label = "m"
name = "moment"
of = "x^2"
time = 0.5
[[observe]]
name = "exit"
until = "x > 0"
"#;

#[test]
fn what_is_wrong_is_said_at_its_place() {
    let changes = [
        ("a*x\"", "b*x\"", "f.toml:2:", "unknown name `b`"),
        (
            "eta = 0.05",
            "eta = \"0.05*tau\"",
            "f.toml:5:",
            "unknown name `tau`",
        ),
        ("eta = 0.05", "eta = \"sqrt(-1)\"", "f.toml:5:", "NaN"),
        (
            "eta = 0.05",
            "eta = \"2*eta\"",
            "f.toml:5:",
            "unknown name `eta`",
        ),
        ("eta = 0.05", "", "f.toml:", "`process.eta` is missing"),
        (
            "variance = 1.0",
            "variance = \"1/batch\"",
            "f.toml:8:15",
            "the noise has no batch",
        ),
        (
            "variance = 1.0",
            "varience = 1.0",
            "f.toml:8:1",
            "did you mean `variance`",
        ),
        (
            "name = \"gaussian\"",
            "name = \"gausian\"",
            "f.toml:7:8",
            "did you mean `gaussian`",
        ),
        ("\"sgd\"", "\"sdg\"", "f.toml:10:13", "did you mean `sgd`"),
        ("\"sgd\"", "\"sgd\"\nclock = 0", "f.toml:11:9", "positive"),
        (
            "\"sgd\"",
            "\"sgd\"\nstart = { after = \"adam\", steps = 3 }",
            "f.toml:11:1",
            "no process `adam`",
        ),
        (
            "of = \"x^2\"",
            "of = \"y^2\"",
            "f.toml:14:7",
            "unknown name `y`",
        ),
        (
            "of = \"x^2\"",
            "of = \"x.v\"",
            "f.toml:14:7",
            ".start, .prev, .u",
        ),
        (
            "of = \"x^2\"",
            "of = \"avg(x, 1, 2)\"",
            "f.toml:14:7",
            "avg takes",
        ),
        (
            "of = \"x^2\"",
            "of = \"h_sadle\"",
            "f.toml:14:7",
            "did you mean `h_saddle`",
        ),
        (
            "time = 0.5",
            "time = 0.51",
            "f.toml:15:8",
            "no whole number",
        ),
        (
            "time = 0.5",
            "time = [0.5, 0.5]",
            "f.toml:15:8",
            "the same moment twice",
        ),
        (
            "time = 0.5",
            "time = 0.5\nsteps = 10",
            "f.toml:15:8",
            "keep one",
        ),
        ("time = 0.5", "", "f.toml:11:", "when to look"),
        (
            "time = 0.5",
            "time = 0.5\nstat = \"mode\"",
            "f.toml:16:8",
            "mean, variance and quantile",
        ),
        (
            "time = 0.5",
            "time = 0.5\nmemory = { s = 0 }\neach = \"t = s + x\"",
            "f.toml:17:8",
            "is not in memory",
        ),
        (
            "until = \"x > 0\"",
            "until = \"x\"",
            "f.toml:18:10",
            "a comparison",
        ),
        (
            "until = \"x > 0\"",
            "until = \"x > -3\"",
            "f.toml:18:9",
            "beyond",
        ),
        (
            "until = \"x > 0\"",
            "until = \"x*x > 4\"\nmethod = \"splitting\"",
            "f.toml:18:9",
            "splitting goes towards",
        ),
        (
            "name = \"exit\"",
            "name = \"exits\"",
            "f.toml:17:8",
            "did you mean `exit`",
        ),
        (
            "[[observe]]\nname",
            "[[observe]]\nlabel = \"m\"\nname",
            "f.toml:17:9",
            "two observables",
        ),
        (
            "[[process]]",
            "[[process]]\noptimizer = \"sgd\"\n[[process]]",
            "f.toml:",
            "two processes",
        ),
        (
            "[[process]]",
            "[[sweep]]\neta = []\n[[process]]",
            "f.toml:10:7",
            "empty sweep",
        ),
        (
            "[[process]]",
            "[[sweep]]\nzip = { eta = [1, 2], a = [1] }\n[[process]]",
            "f.toml:10:1",
            "go in step",
        ),
        (
            "[[process]]",
            "[[sweep]]\neta = 0.1\n[[process]]",
            "f.toml:10:7",
            "a list of values",
        ),
        (
            "[noise]",
            "[start]\nat = [0.0, 1.0]\n[noise]",
            "f.toml:7:6",
            "2 numbers for 1",
        ),
        (
            "[noise]",
            "[start]\nmomentum = \"warm\"\n[noise]",
            "f.toml:7:12",
            "\"gradient\" and \"stationary\"",
        ),
        (
            "[noise]",
            "[start]\nmomentum = \"gradient\"\nafter = \"sgd\"\nsteps = 3\n[noise]",
            "f.toml:7:12",
            "keep one of momentum and after",
        ),
        (
            "of = \"x^2\"",
            "of = \"x^2\"\nstat = [\"mean\", \"mode\"]",
            "f.toml:15:8",
            "unknown statistic `mode`",
        ),
        (
            "of = \"x^2\"",
            "of = \"x^2\"\nstat = [\"mean\", \"mean\"]",
            "f.toml:15:8",
            "stands in it twice",
        ),
        (
            "name = \"moment\"\nof = \"x^2\"",
            "name = \"covariance\"\nstat = \"mean\"",
            "f.toml:14:8",
            "unknown key `observe.stat`",
        ),
        (
            "name = \"moment\"\nof = \"x^2\"\ntime = 0.5",
            "name = \"update_noise\"\nuntil = \"x > 0\"",
            "f.toml:14:9",
            "give steps or a time",
        ),
        (
            "[[observe]]\nname = \"exit\"",
            "[[claim]]\nid = \"c\"\nquantity = \"m - m.exact\"\npredicts = 0\nwithin = 0.1\n[[observe]]\nname = \"exit\"",
            "f.toml:18:17",
            "m of sgd is not known exactly",
        ),
        (
            "[noise]",
            "[start]\nx = \"normal(0, -1)\"\n[noise]",
            "f.toml:7:5",
            "no law",
        ),
        (
            "[noise]",
            "[start]\nat = \"sadle\"\n[noise]",
            "f.toml:7:7",
            "unknown name `sadle`",
        ),
    ];
    refused(FILE, &changes);
    let many: Vec<String> = (0..400).map(|i| format!("{i}.5")).collect();
    let sweep = format!(
        "[[sweep]]\na = [{0}]\neta = [{0}]\n[[process]]",
        many.join(",")
    );
    let said = study(&FILE.replacen("[[process]]", &sweep, 1))
        .unwrap_err()
        .to_string();
    assert!(said.contains("160000 cells or more"), "{said}");
}

/// Laws that cannot be held against one another.
#[test]
fn laws_without_another_are_refused() {
    let law = |more: &str| {
        format!(
            "{FILE}[[observe]]\nlabel = \"l\"\nname = \"law\"\nof = \"x\"\ntime = 0.5\n{more}\n"
        )
    };
    study(&law("")).unwrap();
    for (more, what) in [
        ("to = \"sdg\"", "did you mean `sgd`"),
        ("to = \"sgd\"", "held against itself"),
        ("to = \"sgd[time=0.25]\"", "is not looked at"),
        ("to = \"sgd[k=1]\"", "no cell of sgd"),
        ("to = \"sgd[time\"", "axis=value"),
        ("metric = \"hellinger\"", "kolmogorov"),
        (
            "metric = [\"kolmogorov\", \"hellinger\"]",
            "expected a list of",
        ),
        ("metric = []", "an empty list"),
        ("to = \"exp(-x^2/tempe)\"", "unknown name `tempe`"),
        ("to = \"exp(-x.prev^2)\"", "depends on that alone"),
    ] {
        let said = study(&law(more)).unwrap_err().to_string();
        assert!(said.contains(what), "{more}: {said}");
    }
    let plane = FILE.replace("0.25*(x^2 - 1)^2 + a*x", "0.25*(x^2 - 1)^2 + y^2")
        + "[[observe]]\nlabel = \"l\"\nname = \"law\"\ntime = 0.5\n";
    let said = study(&plane).unwrap_err().to_string();
    assert!(
        said.contains("`observe.of`") && said.contains("x, y"),
        "{said}"
    );
}

/// Names of an SDE by formula that mean something else: a key of the process that takes it, a name of the state, and what formulas have
/// for a coordinate.
#[test]
fn names_of_equations_that_clash() {
    let file = r#"[landscape]
expression = "0.5*x^2"
[start]
at = 1.0
[[sde]]
name = "own"
hyper = { k = 1.0 }
state = { r = 1.0 }
drift = """
theta = -k*g
r = -r
"""
noise = "theta = r"
[[process]]
sde = "own"
dt = 0.01
[[observe]]
name = "moment"
of = "x"
time = 0.5
"#;
    let mut changes = Vec::new();
    for name in ["dt", "clock", "start", "integrator"] {
        changes.push((
            "{ k = 1.0 }",
            format!("{{ {name} = 1.0 }}"),
            "f.toml:7:",
            "a key or a name of its own",
        ));
    }
    for name in ["g", "time"] {
        changes.push((
            "{ k = 1.0 }",
            format!("{{ {name} = 1.0 }}"),
            "f.toml:7:",
            "a name of the state already",
        ));
    }
    changes.push((
        "{ k = 1.0 }",
        "{ x = 1.0 }".into(),
        "f.toml:7:",
        "a coordinate already",
    ));
    for name in ["u", "prev", "start", "grad"] {
        changes.push((
            "{ r = 1.0 }",
            format!("{{ {name} = 1.0 }}"),
            "f.toml:8:",
            "a name of each coordinate already",
        ));
    }
    let changes: Vec<(&str, &str, &str, &str)> = changes
        .iter()
        .map(|(old, new, place, what)| (*old, new.as_str(), *place, *what))
        .collect();
    refused(file, &changes);
}

/// What a process has beside the hyper-parameters of a rule is a name of none.
#[test]
fn keys_of_a_process_are_no_names_of_hyper_parameters() {
    for key in crate::spec::OWN {
        assert!(experiment::rules::BESIDE.contains(key), "{key}");
    }
}
