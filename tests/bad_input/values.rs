//! A file that is TOML but says something impossible.

use super::program::SMALL;
use super::{place, refusal};

/// Replaces `old` by `new` in [`SMALL`], and wants a refusal at `new`'s last word with every word of `wanted`.
fn at(old: &str, new: &str, value: &str, wanted: &[&str]) {
    assert!(SMALL.contains(old), "{old}");
    let text = SMALL.replacen(old, new, 1);
    let sentence = refusal(&text, &[]);
    let from = SMALL.find(old).unwrap();
    let value = from + new.rfind(value).unwrap();
    let marked = format!("{}\u{1}{}", &text[..value], &text[value..]);
    let place = place(&marked, "\u{1}");
    assert!(
        sentence.starts_with(&format!("{place}: ")),
        "{place} | {sentence}"
    );
    for word in wanted {
        assert!(sentence.contains(word), "{word} | {sentence}");
    }
}

/// Wherever a text of the file is shown.
#[test]
fn what_cannot_be_seen_is_refused_in_names() {
    for c in [
        '\u{1b}',
        '\u{200b}',
        '\u{ad}',
        '\u{202e}',
        '\u{2066}',
        '\u{fff9}',
        '\u{feff}',
        '\u{fe0f}',
        '\u{e0041}',
    ] {
        let code = c.escape_unicode().to_string();
        let value = format!("\"a\\U{:08x}b\"", c as u32);
        at(
            "\"a test\"",
            &value,
            &value,
            &["source", &code, "cannot be seen"],
        );
        at(
            "\"sgd\"\n",
            &format!("\"sgd\"\nlabel = {value}\n"),
            &value,
            &["label", &code],
        );
        let set = format!("source={value}");
        let sentence = refusal(SMALL, &["--set", &set]);
        assert!(sentence.contains(&code), "{sentence}");
    }
}

#[test]
fn an_unknown_key_gets_the_nearest() {
    let typo = "particels = 64";
    at(
        "particles = 64",
        typo,
        "64",
        &[
            "`ensemble.particels`: unknown key",
            "did you mean `particles`?",
        ],
    );
    at(
        "eta = 0.003",
        "eta = 0.003\nbeta1 = 0.9",
        "0.9",
        &["unknown key `optimizer.beta1`"],
    );
    at(
        "[ensemble]",
        "[ensembel]\n[ensemble]",
        "ensembel",
        &["did you mean `ensemble`?"],
    );
    at(
        "[ensemble]",
        "[ensembel]",
        "ensembel",
        &["`ensembel`: unknown key; did you mean `ensemble`?"],
    );
}

#[test]
fn single_precision_is_refused_where_it_is_not_written() {
    at(
        "particles = 64",
        "particles = 64\nprecision = \"f16\"",
        "\"f16\"",
        &["f32-noise"],
    );
    let text = SMALL
        .replacen("particles = 64", "particles = 64\nprecision = \"f32\"", 1)
        .replacen(
            "name = \"gaussian\"",
            "name = \"hessian\"\nbatch = 1.0\nfloor = 1.0",
            1,
        );
    let kept = text.lines().filter(|line| !line.starts_with("variance"));
    let sentence = refusal(&kept.collect::<Vec<_>>().join("\n"), &[]);
    assert!(
        sentence.contains("\"f32\" is for Gaussian noise"),
        "{sentence}"
    );
}

#[test]
fn an_unknown_name_gets_the_nearest_and_the_list() {
    let name = "\"styblinski-tang\"";
    at(
        name,
        "\"styblinsky-tang\"",
        "\"styb",
        &["did you mean `styblinski-tang`?", "rosenbrock"],
    );
    at(
        "\"sgd\"",
        "\"sgmd\"",
        "\"sgmd",
        &["unknown name `sgmd`", "did you mean `sgdm`?"],
    );
    at(
        "\"sgd\"",
        "\"zzz\"",
        "\"zzz",
        &["`zzz`. There are sgd, sgdm"],
    );
    at(
        "\"gaussian\"",
        "\"gausian\"",
        "\"gaus",
        &["did you mean `gaussian`?", "minibatch"],
    );
    at(
        "\"escape\"",
        "\"escap\"",
        "\"esc",
        &["did you mean `escape`?", "scaling-identity"],
    );
    at("\"small\"", "\"../small\"", "\"../", &["letters, digits"]);
    let claim = "max_steps = 10_000\n[[claim]]\nid = \"adai.fgi6\"";
    at(
        "max_steps = 10_000",
        claim,
        "\"adai",
        &["`claim.id`", "did you mean `adai.fig"],
    );
}

#[test]
fn a_wrong_type_says_what_was_expected() {
    at(
        "= 64",
        "= \"many\"",
        "\"many",
        &["is a string; expected a whole number"],
    );
    at("= 64", "= 6.5", "6.5", &["expected a whole number"]);
    at("0.003", "true", "true", &["expected a number"]);
    at(
        "\"sgd\"",
        "7",
        "7",
        &["is a whole number; expected a string"],
    );
    at("= 64", "= 1979-05-27", "1979", &["a date has no meaning"]);
    at("20_000.0", "[1.0, \"a\"]", "\"a\"", &["expected a number"]);
    let list = "[[landscape]]";
    at(
        "[landscape]",
        list,
        list,
        &["must be a table, not an array"],
    );
}

#[test]
fn a_value_out_of_range_says_the_range_and_why() {
    at("20_000.0", "-1.0", "-1.0", &["outside", "variance"]);
    at("0.003", "-0.003", "-0.003", &["outside", "learning rate"]);
    at("0.003", "nan", "nan", &["must be finite"]);
    at("20_000.0", "inf", "inf", &["must be finite"]);
    at("= 64", "= 1", "1", &["outside [2, "]);
    at("= 64", "= inf", "inf", &["expected a whole number"]);
    at("= 64", "= 9_000_000_000_000", "9_000", &["outside"]);
    at("= 10_000", "= 0", "0", &["outside [1, "]);
    at(
        "= 10_000",
        "= 9_223_372_036_854_775_807",
        "9_223",
        &["outside"],
    );
    at(
        "= 10_000",
        "= 99_223_372_036_854_775_807",
        "99_223",
        &["64 bits"],
    );
    for (sharpness, wanted) in [
        ("0.0", "k is positive"),
        ("-1", "k is positive"),
        ("[]", "an empty sweep"),
    ] {
        let new = format!("tang\"\nsharpness = {sharpness}");
        at(
            "tang\"",
            &new,
            sharpness,
            &["`landscape.sharpness`", wanted],
        );
    }
    at(
        "tang\"",
        "tang\"\nsharpness = [1.0, 2.0, 1.0]",
        "[",
        &["1 occurs twice"],
    );
    at("tang\"", "tang\"\ndim = 0", "0", &["outside [1, "]);
    at(
        "tang\"",
        "tang\"\ndim = 1_000_000_000",
        "1_000",
        &["outside [1, "],
    );
    at(
        "\"styblinski-tang\"",
        "\"quadratic\"\ndim = 90_000",
        "90_000",
        &["outside [1, 1000]"],
    );
}

#[test]
fn temperatures_are_positive() {
    let sde = "[sde]\ntemperature = -0.1\ndt = 0.01\n";
    let (head, rest) = SMALL.split_once("[noise]").unwrap();
    let tail = rest.split_once("[ensemble]").unwrap().1;
    let text = format!("{head}{sde}[ensemble]{tail}");
    let sentence = refusal(&text, &[]);
    assert!(sentence.starts_with(&place(&text, "-0.1")), "{sentence}");
    assert!(sentence.contains("a temperature is positive"), "{sentence}");
}

#[test]
fn settings_that_cannot_go_together_are_refused() {
    let noise = "\"minibatch\"\nsamples = 100\nvariance = 4.0\nbatch = 101";
    let text = SMALL.replace("\"gaussian\"\nvariance = 20_000.0", noise);
    let sentence = refusal(&text, &[]);
    assert!(
        sentence.contains("101 is larger than the pool of 100"),
        "{sentence}"
    );
    assert!(sentence.starts_with(&place(&text, "101")), "{sentence}");

    at(
        "= 10_000",
        "= 10_000\nexit = 0.0\nstart = 1.0",
        "1.0",
        &["already beyond the exit", "direction"],
    );
    at(
        "0.003",
        "1.0",
        "1.0",
        &["eta * h", "diverges from 2.0000 on"],
    );
    let both = ["tang\"\nsharpness = [1.0, 2.0]", "[1.0, 20.0]"];
    let text = SMALL
        .replace("tang\"", both[0])
        .replace("20_000.0", both[1]);
    let sentence = refusal(&text, &[]);
    assert!(
        sentence.contains("`sharpness` and `variance` both sweep"),
        "{sentence}"
    );
    assert!(
        sentence.starts_with(&place(&text, "[1.0, 2.0]")),
        "{sentence}"
    );

    let twice = "0.003\n[[optimizer]]\nname = \"sgd\"\neta = 0.001";
    at(
        "0.003",
        twice,
        "\"sgd\"",
        &["two optimizers are called `sgd`", "label"],
    );
    let absurd = "particles = 100_000_000\nmax_steps = 1_000_000_000_000";
    at(
        "particles = 64\nmax_steps = 10_000",
        absurd,
        "1_000_000_000_000",
        &["core-years"],
    );
}

/// What is missing is refused at the table that lacks it.
#[test]
fn a_missing_key_is_named() {
    for (line, key) in [
        ("eta = 0.003\n", "`optimizer.eta`"),
        ("particles = 64\n", "`ensemble.particles`"),
        ("variance = 20_000.0\n", "`noise.variance`"),
        ("protocol = \"escape\"\n", "`protocol`"),
    ] {
        let text = SMALL.replacen(line, "", 1);
        let sentence = refusal(&text, &[]);
        assert!(
            sentence.contains(&format!("{key} is missing; expected ")),
            "{sentence}"
        );
        assert!(sentence.starts_with("file.toml:"), "{sentence}");
    }
}

#[test]
fn a_setting_is_refused_by_the_option_that_made_it() {
    for (assignment, wanted) in [
        ("ensemble.particles", "expected key=value"),
        ("ensemble.particels=3", "did you mean `particles`?"),
        ("optimizer.adam.eta=1", "no element `adam`"),
        ("ensemble.particles=-3", "outside"),
        ("landscape=3", "must be a table"),
        ("optimizer=[]", "give at least one"),
        ("=1", "unknown key ``. Known here"),
        ("noise.variance=[", "not TOML"),
    ] {
        let sentence = refusal(SMALL, &["--set", assignment]);
        assert!(
            sentence.starts_with(&format!("--set {assignment}: ")),
            "{sentence}"
        );
        assert!(sentence.contains(wanted), "{sentence}");
    }
}

#[test]
fn a_schedule_and_the_switches_of_a_rule_are_checked() {
    for (line, value, wanted) in [
        (
            "schedule = { name = 'step', at = [20, 10] }",
            "[20, 10]",
            "in ascending order",
        ),
        (
            "schedule = { name = 'cosine' }",
            "schedule",
            "`optimizer.schedule.steps` is missing",
        ),
        (
            "schedule = { name = 'cosin', steps = 10 }",
            "'cosin'",
            "did you mean `cosine`?",
        ),
        ("l2 = 0.1\ndecoupled_decay = 0.1", "0.1", "both l2 and"),
    ] {
        let changed = format!("eta = 0.003\n{line}");
        at("eta = 0.003", &changed, value, &[wanted]);
    }
    let momentum = "name = \"momentum\"\nnesterov = 0.5";
    let wanted = ["`optimizer.nesterov`", "expected true or false"];
    at("name = \"sgd\"", momentum, "0.5", &wanted);
}
