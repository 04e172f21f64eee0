//! Cards: those of formulas against those of the lab's own rules, numbers that are known by hand, and the command.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kramers::experiment::card::{Card, ETA, FACTS};
use kramers::experiment::optimizer::Tuned;
use kramers::experiment::rules::read;
use kramers::simulation::optimizer::registry::find;
use kramers::simulation::optimizer::{Entry, Values};

/// The rules of the files in a folder.
fn rules(folder: &str) -> Vec<&'static Entry> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().flat_map(|file| read(file).unwrap()).collect()
}

fn card(entry: &'static Entry, values: Values) -> Card {
    Card::of(&Tuned { entry, values }).unwrap()
}

fn of(name: &str, hyper: &[(&str, f64)]) -> Card {
    let published = || {
        rules("experiments/rules")
            .into_iter()
            .find(|e| e.name == name)
    };
    let entry = find(name).or_else(published).unwrap();
    let values = Values::defaults(entry, ETA);
    card(
        entry,
        hyper.iter().fold(values, |v, (key, x)| v.with(key, *x)),
    )
}

/// A formula and the lab's rule of that name, at the same hyper-parameters.
fn pair(own: &'static Entry) -> (Card, Card) {
    let name = if ["sgd", "sgdm"].contains(&own.name) {
        "momentum"
    } else {
        own.name
    };
    let lab = find(name).unwrap();
    let values = Values::defaults(own, ETA);
    let mut theirs = Values::defaults(lab, ETA);
    for (key, value) in &mut theirs.numbers {
        *value = values.numbers.get(key).copied().unwrap_or(*value);
    }
    if own.name == "yogi" {
        theirs = theirs.with("m_init", values["v_init"]);
    }
    (card(own, values), card(lab, theirs))
}

/// What a card says, but for the rule's own text.
fn said(card: &Card) -> String {
    serde_json::to_string_pretty(&(&card.facts, &card.curves)).unwrap()
}

/// Facts, intervals and curves are the same to the byte.
#[test]
fn cards_of_linear_formulas_are_those_of_the_labs_own() {
    let mut linear = 0;
    for own in rules("tests/rules") {
        let values = Values::defaults(own, ETA);
        if (Tuned { entry: own, values }).linear().is_none() {
            continue;
        }
        let (mine, theirs) = pair(own);
        assert_eq!(said(&mine), said(&theirs), "{}", own.name);
        linear += 1;
    }
    assert!(linear >= 4, "{linear}");
}

/// The same of rules of which most is measured.
#[test]
fn cards_of_other_formulas_are_those_of_the_labs_own() {
    for own in rules("tests/rules") {
        if ["adam", "adai", "rmsprop"].contains(&own.name) {
            let (mine, theirs) = pair(own);
            assert_eq!(said(&mine), said(&theirs), "{}", own.name);
        }
    }
}

#[test]
#[ignore = "slow: a minute"]
fn cards_of_all_formulas_are_those_of_the_labs_own() {
    for own in rules("tests/rules") {
        let (mine, theirs) = pair(own);
        assert_eq!(said(&mine), said(&theirs), "{}", own.name);
    }
}

/// Every fact stands on every card once, as a number or as a sentence why there is none.
#[test]
fn every_card_has_every_fact() {
    for name in ["sgd", "pnm", "lion", "sgd-schedule-free"] {
        let card = of(name, &[]);
        let names: Vec<&str> = card.facts.iter().map(|fact| fact.name).collect();
        let all: Vec<&str> = FACTS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, all, "{name}");
        for fact in &card.facts {
            assert!(fact.value.is_none_or(f64::is_finite), "{name} {fact:?}");
            assert!(
                !fact.how.is_empty() && !fact.meaning().is_empty(),
                "{name} {fact:?}"
            );
            assert_eq!(fact.interval.is_some(), fact.confidence.is_some());
        }
    }
}

/// A rule, its hyper-parameters, and numbers of facts.
type Known = (
    &'static str,
    &'static [(&'static str, f64)],
    &'static [(&'static str, f64)],
);

/// A rule is known by what it does: Adam's equation is that of a formula with its steps, and not that of AMSGrad.
#[test]
fn equations_go_by_what_a_rule_does() {
    let says = |card: &Card| card.fact("sde").unwrap().how.clone();
    let own = rules("tests/rules")
        .into_iter()
        .find(|own| own.name == "adam")
        .unwrap();
    let adam = card(own, Values::defaults(own, ETA));
    assert!(says(&adam).contains("Definition 4.4"), "{}", says(&adam));
    let card = of("adam", &[("amsgrad", 1.0)]);
    assert!(says(&card).contains("none is known"), "{}", says(&card));
}

/// Numbers that follow by hand.
#[test]
fn known_numbers() {
    let cases: &[Known] = &[
        (
            "sgd",
            &[],
            &[
                ("memory", 0.0),
                ("degree", 1.0),
                ("first_update", 1.0),
                ("steady_update", 1.0),
                ("impulse", 1.0),
                ("coasting", 0.0),
                ("zero_gradient", 0.0),
                ("effective_rate", 1.0),
                ("effective_momentum", 0.0),
                ("noise_power", 1.0),
                ("stability_limit", 2.0),
                ("stationary_variance", 1.0),
                ("saddle_growth", 1.0),
                ("saddle_spread", 1.0),
            ],
        ),
        // 2(1 + β)/(1 − β), and a lag of β/(1 − β); a step's end coasts by that lag.
        (
            "sgdm",
            &[("beta1", 0.8)],
            &[
                ("memory", 1.0),
                ("first_update", 0.2),
                ("coasting", 4.0),
                ("effective_rate", 1.0),
                ("effective_momentum", 0.8),
                ("stability_limit", 18.0),
            ],
        ),
        (
            "heavy-ball",
            &[("beta1", 0.5), ("beta3", 1.0)],
            &[
                ("impulse", 2.0),
                ("effective_rate", 2.0),
                ("noise_power", 4.0),
                ("stability_limit", 3.0),
            ],
        ),
        // The gain 1/√5, twice in a power.
        ("pnm", &[], &[("memory", 2.0), ("noise_power", 0.2)]),
        (
            "adam",
            &[],
            &[("memory", 2.0), ("degree", 0.0), ("first_update", 1.0)],
        ),
        (
            "lion",
            &[],
            &[("memory", 1.0), ("degree", 0.0), ("steady_update", 1.0)],
        ),
    ];
    for (name, hyper, known) in cases {
        let card = of(name, hyper);
        for (fact, value) in *known {
            let found = card.fact(fact).unwrap();
            let off = (found.value.unwrap() - value).abs();
            // Digits that are kept: ten, or six where a path is summed up.
            assert!(
                off <= 1e-5 * value.abs() && (*value != 0.0 || off < 1e-6),
                "{name} {found:?}"
            );
        }
    }
}

/// Seed 1, α = 0.001 each. SGD's mean exit is the exact chain's; Adai in one coordinate is the average of β = 1 − β₀ with a
/// bias correction that has long faded, so that what is measured of it is that average's, known exactly.
#[test]
fn what_is_measured_is_what_is_exact() {
    let sgd = of("sgd", &[]);
    let (found, exact) = (
        sgd.fact("escape").unwrap(),
        sgd.fact("escape_exact").unwrap(),
    );
    let [low, high] = found.interval.unwrap();
    assert!(
        (low..=high).contains(&exact.value.unwrap()),
        "{found:?} {exact:?}"
    );
    let (adai, average) = (of("adai", &[]), of("sgdm", &[]));
    for name in [
        "effective_rate",
        "effective_momentum",
        "noise_power",
        "stationary_variance",
    ] {
        let (found, exact) = (adai.fact(name).unwrap(), average.fact(name).unwrap());
        let [low, high] = found.interval.unwrap();
        assert!(
            (low..=high).contains(&exact.value.unwrap()),
            "{found:?} {exact:?}"
        );
    }
    let limit = |card: &Card| card.fact("stability_limit").unwrap().value.unwrap();
    assert!((limit(&adai) / limit(&average) - 1.0).abs() < 1e-5);
}

fn kramers(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kramers"));
    command
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

fn printed(folder: &Path, arguments: &[&str]) -> String {
    let done = kramers(folder, arguments);
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).unwrap()
}

const MINE: &str = "[[rule]]\nname = \"mine\"\nhyper = { beta1 = 0.9 }\nstate = { m = 0 }\nstep = \"\"\"\nm = beta1*m + (1 - beta1)*g\nupdate = eta*m\n\"\"\"\n";

/// A rule of one's own beside the lab's: on the terminal, as JSON, as a page with figures that nothing else overwrites.
#[test]
fn two_rules_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.toml"), MINE).unwrap();
    let both = [
        "card",
        "mine",
        "beta1=0.5",
        "sgdm",
        "beta1=0.5",
        "--rules",
        "mine.toml",
    ];
    let text = printed(folder.path(), &both);
    for (name, _) in FACTS {
        assert!(text.contains(name), "{name}");
    }
    let json = printed(folder.path(), &[&both[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["cards"][0]["facts"], json["cards"][1]["facts"]);
    assert_eq!(json["cards"][0]["hyper"]["beta1"], 0.5);
    let page = [&both[..], &["--out", "out"]].concat();
    printed(folder.path(), &page);
    let out = folder.path().join("out");
    let html = std::fs::read_to_string(out.join("card.html")).unwrap();
    assert_eq!(html.matches("<svg ").count(), 3);
    for name in ["response", "noise", "escape"] {
        assert!(
            out.join(format!("{name}.svg")).is_file() && out.join(format!("{name}.png")).is_file()
        );
    }
    printed(folder.path(), &page);
    std::fs::write(out.join("card.html"), "mine").unwrap();
    let done = kramers(folder.path(), &page);
    assert_eq!(done.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&done.stderr).contains("card.html is there already"));
}

/// A prediction takes a linear rule by formula as it takes the lab's own.
#[test]
fn predictions_take_rules_by_formula() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.toml"), MINE).unwrap();
    for (quantity, more) in [
        ("noise", ""),
        ("stability", "h=2"),
        ("stationary", "eta=0.2"),
        ("saddle", "steps=50"),
    ] {
        let ask = |rule: &str, rules: &[&str]| {
            let optimizer = format!("optimizer={rule}");
            let mut arguments = vec!["predict", quantity, &optimizer, "beta1=0.7", "--json"];
            arguments.extend(more.split_whitespace());
            arguments.extend(rules);
            let answer: serde_json::Value =
                serde_json::from_str(&printed(folder.path(), &arguments)).unwrap();
            answer["exact"]["values"].clone()
        };
        let (mine, lab) = (ask("mine", &["--rules", "mine.toml"]), ask("sgdm", &[]));
        let numbers = |values: &serde_json::Value| -> Vec<f64> {
            let values = values.as_object().unwrap().values();
            values.filter_map(serde_json::Value::as_f64).collect()
        };
        let (mine, lab) = (numbers(&mine), numbers(&lab));
        assert!(!mine.is_empty() && mine.len() == lab.len(), "{quantity}");
        for (a, b) in mine.iter().zip(&lab) {
            assert!((a - b).abs() <= 1e-9 * b.abs(), "{quantity}: {a} {b}");
        }
    }
    let refused = |arguments: &[&str], what: &str| {
        let done = kramers(folder.path(), arguments);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert!(said.contains(what), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    };
    let rules = ["--rules", "mine.toml"];
    let with = |arguments: &[&'static str]| [arguments, &rules[..]].concat();
    refused(
        &with(&["predict", "noise", "optimizer=mine", "beta0=1"]),
        "mine has none",
    );
    refused(
        &with(&["predict", "noise", "optimizer=mine", "beta=1"]),
        "did you mean `beta1`?",
    );
    refused(
        &with(&["predict", "noise", "optimizer=mines"]),
        "did you mean \"mine\"?",
    );
    refused(
        &["predict", "noise", "optimizer=lion"],
        "not linear in the gradients",
    );
    refused(&["card", "lyon"], "did you mean `lion`?");
    refused(&["card", "beta1=0.9"], "before any rule");
    refused(&["card", "sgd", "sgdm", "pnm"], "3 rules");
    refused(&["card", "sgdm", "beta1=2"], "must be in [0, 0.9");
    refused(&["card", "sgd", "eta=0"], "nothing moves");
    refused(&["card", "sgd", "--rules", "none.toml"], "none.toml");
}
