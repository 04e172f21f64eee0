//! What the protocols on quadratics refuse, and where they say so.

use kramers::experiment::load::Experiment;

const POSTERIOR: &str = r#"name = "p"
protocol = "posterior"
[landscape]
hessian = [[1.0, 0.0], [0.0, 10.0]]
[noise]
batch = 1.0
[[optimizer]]
name = "sgd"
eta = [0.01, 0.1]
[ensemble]
particles = 100
[[claim]]
id = "pnm.eq15"
case = "all"
tolerance = 0.1
"#;

/// The sentence with which the changed file is refused.
fn refused(changes: &[(&str, &str)]) -> String {
    let mut text = POSTERIOR.to_string();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    match Experiment::parse("p.toml", &text, "standard", &[]) {
        Ok(_) => panic!("accepted: {changes:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_whole_file_is_taken() {
    Experiment::parse("p.toml", POSTERIOR, "standard", &[]).unwrap();
}

#[test]
fn a_ground_that_does_not_fit_is_refused() {
    let bowl = "[[1.0, 0.0], [0.0, 10.0]]";
    for (protocol, hessian, wanted) in [
        (
            "posterior",
            "[[1.0, 0.0], [0.0, -1.0]]",
            "every eigenvalue of H positive",
        ),
        ("saddle", bowl, "every diagonal entry of H negative"),
        ("noise-variance", bowl, "every entry of H zero"),
        ("posterior", "[[1.0, 2.0], [0.0, 1.0]]", "symmetric"),
        ("posterior", "[[1.0, 0.0]]", "must be square"),
    ] {
        let protocol = format!("protocol = \"{protocol}\"");
        let steps = if protocol.contains("posterior") {
            "particles = 100"
        } else {
            "particles = 100\nsteps = 10"
        };
        let said = refused(&[
            ("protocol = \"posterior\"", &protocol),
            (bowl, hessian),
            ("batch = 1.0", "variance = 1.0"),
            ("particles = 100", steps),
        ]);
        assert!(said.contains(wanted) && said.contains("p.toml:"), "{said}");
    }
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    for (old, new, wanted) in [
        ("eta = [0.01, 0.1]", "eta = 0.3", "diverges"),
        (
            "name = \"sgd\"",
            "name = \"sgd\"\nfrozen = true",
            "only adam and adai",
        ),
        (
            "name = \"sgd\"",
            "name = \"sgd\"\nmomentum = \"stationary\"",
            "sgdm and heavy-ball",
        ),
        ("name = \"sgd\"", "name = \"adam\"", "give ensemble.steps"),
        ("batch = 1.0", "batch = 1.0\nvariance = 1.0", "give one of"),
        (
            "batch = 1.0",
            "covariance = [[1.0, 2.0], [2.0, 1.0]]",
            "positive definite",
        ),
        (
            "case = \"all\"",
            "case = \"all\"\nseries = \"SDG\"",
            "no series `SDG`",
        ),
        (
            "case = \"all\"",
            "case = \"all\"\neta_h = [2.0, 1.0]",
            "ascending",
        ),
        (
            "particles = 100",
            "particles = 100\nsteps = [20, 10]",
            "ascending",
        ),
        (
            "particles = 100",
            "particles = 100\nrelaxation = 2.0",
            "did you mean `relaxations`",
        ),
    ] {
        let said = refused(&[(old, new)]);
        assert!(
            said.contains(wanted) && said.contains("p.toml:"),
            "{new}: {said}"
        );
    }
}

#[test]
fn the_other_protocols_name_what_they_miss() {
    for (protocol, wanted) in [
        ("gradient-noise", "`model` is missing"),
        ("calibration", "`calibration` is missing"),
        ("posteriors", "did you mean `posterior`?"),
    ] {
        let said = refused(&[(
            "protocol = \"posterior\"",
            &format!("protocol = \"{protocol}\""),
        )]);
        assert!(said.contains(wanted), "{protocol}: {said}");
    }
}

const RARE: &str = r#"name = "r"
protocol = "rare-events"
[landscape]
name = "double-well"
[sde]
dt = 0.01
temperature = [0.05, 0.0125]
[splitting]
replicas = 100
"#;

#[test]
fn splitting_that_cannot_be_is_refused() {
    let parse = |text: &str| Experiment::parse("r.toml", text, "standard", &[]);
    parse(RARE).unwrap();
    for (old, new, wanted) in [
        ("replicas = 100", "replicas = 1", "outside [2, "),
        ("replicas = 100", "replicas = 9\nkill = 9", "outside [1, 8]"),
        ("replicas = 100", "runs = 2", "outside [3, "),
        (
            "replicas = 100",
            "basin = 2.0\nsurface = 1.0",
            "not beyond the basin",
        ),
        ("replicas = 100", "surface = 50.0", "this exit is not rare"),
        (
            "replicas = 100",
            "start = 0.2\nexit = 0.0",
            "already beyond the exit",
        ),
        (
            "replicas = 100",
            "start = 0.2",
            "no saddle lies above the minimum of the start's well, θ = 1",
        ),
        ("replicas = 100", "start = -0.1", "this exit is not rare"),
        (
            "replicas = 100",
            "repicas = 100",
            "did you mean `replicas`?",
        ),
        ("replicas = 100", "coordinate = \"x\"", "there are 0 to 0"),
        ("replicas = 100", "coordinate = 3", "there are 0 to 0"),
        (
            "replicas = 100",
            "start = [-1.0, 2.0]",
            "2 numbers for 1 coordinates",
        ),
        ("replicas = 100", "exit = [0.0, 1.0]", "one number"),
        (
            "name = \"double-well\"",
            "name = \"cubic\"\nsharpness = [1.0, 2.0]",
            "a sweep of k",
        ),
        ("[splitting]", "[spliting]", "did you mean `splitting`?"),
        (
            "[sde]\ndt = 0.01\ntemperature = [0.05, 0.0125]",
            "[noise]\nname = \"fresh\"\nbatch = 1\nvariance = 1.0\n[[optimizer]]\nname = \"sgd\"\neta = 0.01",
            "not known beforehand",
        ),
        (
            "[sde]\ndt = 0.01\ntemperature = [0.05, 0.0125]",
            "[noise]\nname = \"gaussian\"\nvariance = 1.0\n[[optimizer]]\nname = \"sgd\"\neta = 0.01\nschedule = { name = \"step\", at = [10] }",
            "a schedule has no meaning",
        ),
    ] {
        assert!(RARE.contains(old), "{old}");
        match parse(&RARE.replacen(old, new, 1)) {
            Ok(_) => panic!("accepted: {new}"),
            Err(error) => assert!(error.to_string().contains(wanted), "{new}: {error}"),
        }
    }
}
