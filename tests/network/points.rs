//! What the protocols at points of a training refuse, and where they say so.

use kramers::experiment::load::Experiment;
use kramers::network::protocol::vocabulary;

const HEAD: &str = r#"name = "p"
protocol = "PROTOCOL"
[data]
name = "digits"
[model]
name = "linear"
[training]
steps = 100
[[optimizer]]
name = "sgd"
label = "SGD"
eta = 0.1
at = [0, 100]
[measure]
"#;

const COVARIANCE: &str = r#"
model_labels = ["random start"]
[[claim]]
id = "adai.fig1"
case = "all"
quantity = "constant"
value = 1.0
within = 0.1
"#;

const NOISE: &str = r#"
batches = [10, 50]
[[claim]]
id = "adai.fig8"
case = "all"
quantity = "pass"
at_least = 0.9
"#;

fn parsed(protocol: &str, rest: &str, changes: &[(&str, &str)]) -> Result<(), String> {
    let mut text = HEAD.replace("PROTOCOL", protocol) + rest;
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    let read = Experiment::parse_with("p.toml", &text, "standard", &[], &vocabulary());
    read.map(|_| ()).map_err(|error| error.to_string())
}

fn covariance(changes: &[(&str, &str)]) -> Result<(), String> {
    parsed("network-covariance", COVARIANCE, changes)
}

fn noise(changes: &[(&str, &str)]) -> Result<(), String> {
    parsed("network-noise", NOISE, changes)
}

#[test]
fn whole_files_are_taken() {
    covariance(&[]).unwrap();
    noise(&[]).unwrap();
}

#[test]
fn points_that_are_not_there_are_refused() {
    for (old, new, wanted) in [
        ("at = [0, 100]", "at = [0, 200]", "outside"),
        ("at = [0, 100]", "at = [0.5]", "not whole numbers"),
        ("at = [0, 100]", "at = []", "empty"),
        (
            "at = [0, 100]",
            "at = [0, 100]\n[[optimizer]]\nname = \"sgd\"\neta = 1\nat = [0]",
            "name 0 once",
        ),
        (
            "at = [0, 100]",
            "at = [0, 100]\n[[optimizer]]\nname = \"adam\"\nlabel = \"SGD\"\neta = 1\nat = [10]",
            "two series",
        ),
        (
            "within = 0.1",
            "within = 0.1\nfrom = 5\nto = 99",
            "no such number",
        ),
        (
            "[\"random start\"]",
            "[\"the end\"]",
            "there are “random start”, “SGD, step 100”",
        ),
        (
            "value = 1.0",
            "labels = \"model\"\nfrom = 1\nvalue = 1.0",
            "none of these points",
        ),
        ("value = 1.0\nwithin = 0.1", "", "at_most, at_least"),
        ("\"constant\"", "\"constnat\"", "did you mean `constant`"),
        ("[measure]", "[measure]\ndecades = 0.0", "decades"),
        ("[measure]", "[measure]\ndraws = 1", "draws"),
    ] {
        let said = covariance(&[(old, new)]).unwrap_err();
        assert!(said.contains(wanted), "{old} → {new}: {said}");
        assert!(said.starts_with("p.toml"), "{said}");
    }
}

#[test]
fn noise_that_is_not_measured_is_refused() {
    for (old, new, wanted) in [
        ("[10, 50]", "[10.5]", "not a whole number"),
        ("[10, 50]", "[10, 10]", "twice"),
        (
            "[measure]",
            "[measure]\nminibatches = 499",
            "fourth moments",
        ),
        ("[measure]", "[measure]\nwithin = 1001", "within"),
        (
            "at_least",
            "batches = [20]\nat_least",
            "no minibatches of 20",
        ),
        (
            "\"pass\"",
            "\"clt\"\nover = \"parameters\"",
            "κ₁/B is the kurtosis across minibatches",
        ),
        ("\"pass\"", "\"pas\"", "did you mean `pass`"),
        (
            "at_least = 0.9",
            "at_least = 0.9\nat_most = 1",
            "at_most, at_least",
        ),
    ] {
        let said = noise(&[(old, new)]).unwrap_err();
        assert!(said.contains(wanted), "{old} → {new}: {said}");
        assert!(said.starts_with("p.toml"), "{said}");
    }
}
