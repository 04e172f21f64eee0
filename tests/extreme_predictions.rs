//! Predictions at numbers of extreme size: each answer is finite or says why not, and each refusal names a key that was set.

use kramers::cli::predict::{Figure, QUANTITIES, predict};

/// What is put in for every key that takes a number; the last is no number of use anywhere.
const EXTREMES: [&str; 8] = [
    "1e300", "1e-300", "-1e300", "-1e-300", "1e154", "0", "-1", "1e301",
];

/// Settings of each quantity at which every key is tried: the rules, and the noises.
fn settings(quantity: &str) -> Vec<Vec<&'static str>> {
    let rules = |names: &[&'static str]| names.iter().map(|name| vec![*name]).collect();
    match quantity {
        "stationary" | "stability" | "saddle" => rules(&[
            "optimizer=sgd",
            "optimizer=sgdm",
            "optimizer=heavy-ball",
            "optimizer=momentum",
            "optimizer=pnm",
            "optimizer=two-batch",
            "optimizer=adam",
            "optimizer=adapnm",
            "optimizer=adai",
        ]),
        "noise" => rules(&[
            "optimizer=sgdm",
            "optimizer=heavy-ball",
            "optimizer=momentum",
            "optimizer=pnm",
            "optimizer=two-batch",
        ]),
        "escape" => rules(&["optimizer=sgd", "optimizer=heavy-ball"]),
        // What follows every step takes long at the defaults.
        "weak" => vec![vec!["eta=0.1", "alpha=0.5"]],
        _ => vec![vec![]],
    }
}

/// The longest row of digits and points in a text.
fn longest_number(text: &str) -> usize {
    let numbers = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    numbers.map(str::len).max().unwrap_or(0)
}

/// Whether a text has a word for a number that is none, outside of what was given.
fn has_no_number(text: &str) -> bool {
    let words = text.split_whitespace();
    words.into_iter().any(|word| {
        ["inf", "-inf", "NaN", "nan", "∞", "−∞", "infinite;", "n/a"]
            .contains(&word.trim_matches([',', '.', ';', ':', '(', ')', '[', ']']))
    })
}

/// What is wrong with the answer to a call.
fn check(quantity: &str, setting: &[&str], assignment: &str) -> Vec<String> {
    let given = setting.iter().copied().chain([assignment]);
    let given: Vec<String> = given.map(String::from).collect();
    let mut wrong = Vec::new();
    let mut hold = |holds: bool, why: String| {
        if !holds {
            wrong.push(format!("{quantity} {}: {why}", given.join(" ")));
        }
    };
    let text = match predict(quantity, &given) {
        Ok(answer) => {
            let sides = [&answer.paper, &answer.exact].into_iter().flatten();
            for (name, figure) in sides.flat_map(|side| &side.values) {
                let told = matches!(figure, Figure::Beyond(_));
                hold(figure.is_finite() || told, format!("{name} {figure:?}"));
                let by = |note: &String| note.contains(name) || note.contains("infinite");
                hold(
                    !told || answer.notes.iter().any(by),
                    format!("{name} is not told of"),
                );
            }
            let silent =
                answer.paper.is_none() && answer.exact.is_none() && answer.notes.is_empty();
            hold(!silent, "nothing is said".into());
            answer.to_string()
        }
        Err(error) => {
            let text = error.to_string();
            hold(error.exit_code() == 2, format!("not refused: {text}"));
            let names = |a: &String| text.contains(a.split_once('=').map_or("", |(key, _)| key));
            hold(given.iter().any(names), format!("no key is named: {text}"));
            text
        }
    };
    hold(
        !has_no_number(&text),
        format!("a word for no number: {text}"),
    );
    hold(
        longest_number(&text) <= 25,
        format!("a number that is too long: {text}"),
    );
    wrong
}

fn sweep(quantities: &[&str]) {
    let mut tried = 0;
    let mut wrong = Vec::new();
    for quantity in QUANTITIES.iter().filter(|q| quantities.contains(&q.name)) {
        for setting in settings(quantity.name) {
            for key in quantity.keys.iter().copied().flatten() {
                let own = format!("{}=", key.name);
                if setting.iter().any(|s| s.starts_with(&own)) {
                    continue;
                }
                for extreme in EXTREMES {
                    wrong.extend(check(quantity.name, &setting, &format!("{own}{extreme}")));
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 50 * quantities.len(), "{tried}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn linear_rules_at_every_extreme() {
    sweep(&["stationary", "noise", "stability", "saddle"]);
}

#[test]
fn closed_forms_at_every_extreme() {
    sweep(&["weak", "pac-bayes", "escape"]);
}

/// `cargo test --release --test extreme_predictions -- --ignored`
#[test]
#[ignore = "slow: minutes, since what cannot be resolved is found out by trying"]
fn passages_at_every_extreme() {
    sweep(&["mfpt", "exit-steps", "escape-rate", "stationary-density"]);
}

/// Numbers at which what lies between overflows, or vanishes, and the result does not: by hand.
#[test]
fn extreme_numbers_by_hand() {
    let exact = |quantity: &str, text: &str, name: &str| {
        let given: Vec<String> = text.split(' ').map(String::from).collect();
        let answer = predict(quantity, &given).unwrap();
        let values = answer.exact.unwrap().values;
        match values.iter().find(|(n, _)| *n == name) {
            Some((_, Figure::Number(x))) => *x,
            other => panic!("{quantity} {text} {name}: {other:?}"),
        }
    };
    // ηC/(h(2 − ηh)); a momentum's variance (1 − β)/(1 + β) C; Adam's η/√C; 2(1 + β)/(1 − β); 361.90… over the sharpness.
    for (quantity, text, name, value) in [
        (
            "stationary",
            "optimizer=sgd eta=1e-300 h=1e-300",
            "var_theta",
            0.5,
        ),
        (
            "stationary",
            "optimizer=sgdm eta=1e-300 h=1e-300 noise_variance=1e300",
            "var_m",
            1e299 / 1.9,
        ),
        (
            "stationary",
            "optimizer=adam eta=1e-300 noise_variance=1e300",
            "var_theta",
            5e-151,
        ),
        (
            "stability",
            "optimizer=sgdm beta1=0.5 h=1e-300",
            "eta_max",
            6e300,
        ),
        (
            "stability",
            "optimizer=sgdm beta1=0.9375 h=1e-300",
            "eta_h_max",
            62.0,
        ),
        (
            "noise",
            "optimizer=pnm beta0=1e10",
            "zero_frequency_normalised",
            1.0 / (2e20 + 2e10 + 1.0),
        ),
        (
            "noise",
            "optimizer=pnm beta0=1e300",
            "per_step_normalised",
            0.19 / 1.81,
        ),
        ("mfpt", "sharpness=1e300", "mean", 361.9037595e-300),
        ("mfpt", "sharpness=1e-300", "mean", 361.9037595e300),
    ] {
        let found = exact(quantity, text, name);
        assert!(
            (found / value - 1.0).abs() < 1e-9,
            "{quantity} {text}: {found:e} {value:e}"
        );
    }
}
