//! A plan says what a run will: how wide its intervals are, how probable each verdict is, what cannot be decided.

use std::path::{Path, PathBuf};
use std::process::Command;

use kramers::cli::network::vocabulary;
use kramers::experiment::context::{Context, Quiet};
use kramers::experiment::load::Experiment;
use kramers::experiment::pilot::{self, Ask, Pilot};
use kramers::verdict::Verdict;
use kramers::verdict::forecast::Truth;

/// SGD on a parabola, whose second moment is known: 0.1·1/(2 − 0.1)·(1 − 0.9^400).
const PARABOLA: &str = r#"
name = "parabola"
protocol = "study"
landscape = { name = "quadratic", h = 1.0 }
noise = { name = "gaussian", variance = 1.0 }
start = { at = 0.0 }
process = { optimizer = "sgd", eta = 0.1 }
observe = { label = "square", name = "moment", of = "x^2", steps = 200 }
ensemble = { particles = 2000 }

[[claim]]
id = "near"
quantity = "square"
predicts = "eta*noise_variance/(h*(2 - eta*h))"
rival = "eta*noise_variance/h"
within = "14 %"

[[claim]]
id = "edge"
quantity = "2*square"
predicts = "2*square.exact/1.05"
within = "5 %"

[[claim]]
id = "side"
quantity = "square"
at_most = 0.06
"#;

/// The same, its particles chosen.
fn by_power() -> String {
    PARABOLA.replace("particles = 2000", "power = 0.9, budget = 100_000")
}

fn read(text: &str) -> Experiment {
    Experiment::parse_with("parabola.toml", text, "standard", &[], &vocabulary()).unwrap()
}

fn context(seed: u64) -> Context {
    let mut context = Context::new(seed, "standard", PathBuf::new(), 2).unwrap();
    context.keep = false;
    context
}

fn planned(particles: Option<u64>) -> Result<Pilot, String> {
    let ask = Ask {
        particles,
        power: 0.9,
        unit: 1e-9,
    };
    let found = Pilot::run(&read(PARABOLA), &context(pilot::seed(1)), ask);
    found.map_err(|error| error.to_string())
}

/// 200 runs of seeds 1 to 200 confirm as often as the plan says, within 5 binomial standard errors (0.035 each) and what the plan's own
/// standard error is off by: that of the mean of 2000 squares of normals is known to √(14/8000) = 4 %, which moves the chance
/// by 0.06.
#[test]
fn runs_decide_as_often_as_planned() {
    let plan = planned(Some(2000)).unwrap();
    let near = &plan.forecasts[0];
    let of = |truth: Truth| near.cases.iter().find(|case| case.truth == truth).unwrap();
    let exact = of(Truth::Exact);
    assert!((exact.value - 0.1 / 1.9).abs() < 1e-12, "{exact:?}");
    assert!((0.3..0.9).contains(&exact.chances.confirmed), "{exact:?}");
    assert!(of(Truth::Rival).chances.refuted > 0.999, "{near:?}");
    let experiment = read(PARABOLA);
    const RUNS: u64 = 200;
    let (mut confirmed, mut widths) = (0.0, 0.0);
    for seed in 1..=RUNS {
        let made = experiment
            .make(&context(seed), &Quiet, Path::new(""))
            .unwrap();
        let ruling = &made.record.verdicts.claims[0];
        let measured = ruling.measured.as_ref().unwrap();
        confirmed += f64::from(u8::from(ruling.verdict == Verdict::Confirmed)) / RUNS as f64;
        widths += (measured.ci_high - measured.ci_low) / RUNS as f64;
    }
    let p = exact.chances.confirmed;
    assert!(
        (confirmed - p).abs() < 5.0 * 0.035 + 0.06,
        "{confirmed} {p}"
    );
    assert!(
        (near.width.unwrap() / widths - 1.0).abs() < 0.2,
        "{near:?} {widths}"
    );
}

/// The pilot's particles change what is planned by its own error alone: 400 know a standard error to 9 %.
#[test]
fn errors_fall_as_the_root_of_the_particles() {
    let (small, whole) = (planned(Some(400)).unwrap(), planned(Some(2000)).unwrap());
    let width = |plan: &Pilot| plan.forecasts[0].width.unwrap();
    assert!((width(&small) / width(&whole) - 1.0).abs() < 0.4);
    assert_eq!(
        (small.particles, small.of, small.steps),
        (400, 2000, 400 * 200)
    );
    assert_eq!(small.expected_steps, whole.steps as f64);
    let again = planned(Some(400)).unwrap();
    assert_eq!(
        width(&small),
        width(&again),
        "a pilot is a function of file and seed"
    );
}

#[test]
fn what_no_number_decides_is_said() {
    let plan = planned(None).unwrap();
    let [near, edge, side] = &plan.forecasts[..] else {
        panic!("{:?}", plan.forecasts);
    };
    assert_eq!(plan.undecidable(near), None);
    let why = plan.undecidable(edge).unwrap();
    assert!(
        why.contains("undecidable here: the exact value 0.105263"),
        "{why}"
    );
    // A bound predicts no number.
    let truths: Vec<Truth> = side.cases.iter().map(|case| case.truth).collect();
    assert_eq!(truths, [Truth::Exact]);
    let larger = planned(Some(2001)).unwrap_err();
    assert!(
        larger.contains("a pilot of 2001 particles is larger than the run, which has 2000"),
        "{larger}"
    );
}

/// With 80 seeds: the shares of runs that decide rightly are 0.9 by plan. A pilot of 1000 knows a standard error to √(14/4000) = 6 %, which takes up to 0.06 off
/// the chance on average; 5 binomial standard errors of 80 runs are 0.17. The claim on the edge takes no more particles, since none decide it.
#[test]
fn a_power_chooses_the_particles() {
    let experiment = read(&by_power());
    const RUNS: u64 = 80;
    let mut right = [0.0; 2];
    for seed in 1..=RUNS {
        let record = experiment
            .make(&context(seed), &Quiet, Path::new(""))
            .unwrap()
            .record;
        let chosen = record.manifest.particles.unwrap();
        assert!((1200..8000).contains(&chosen), "{chosen}");
        assert_eq!(record.manifest.particle_steps, chosen * 200);
        for (share, claim) in right.iter_mut().zip([0, 2]) {
            let verdict = record.verdicts.claims[claim].verdict;
            *share += f64::from(u8::from(verdict == Verdict::Confirmed)) / RUNS as f64;
        }
    }
    let most = right.iter().copied().fold(0.0, f64::max);
    assert!(
        right.iter().all(|share| *share >= 0.9 - 0.17 - 0.06),
        "{right:?}"
    );
    assert!(most > 0.8, "{right:?}");
}

#[test]
fn what_is_chosen_depends_on_file_and_seed_alone() {
    let experiment = read(&by_power());
    let with = |threads: usize, seed: u64| {
        let mut context = Context::new(seed, "standard", PathBuf::new(), threads).unwrap();
        context.keep = false;
        let made = experiment.make(&context, &Quiet, Path::new("")).unwrap();
        (made.record.manifest.particles, made.record.verdicts)
    };
    assert_eq!(with(1, 3), with(2, 3));
    assert_ne!(with(1, 3).0, with(1, 4).0);
}

#[test]
fn a_power_that_cannot_be_meant_is_refused() {
    let claims = &PARABOLA[PARABOLA.find("\n[[claim]]").unwrap()..];
    for (text, wanted) in [
        (
            by_power().replace("0.9", "1"),
            "`ensemble.power`: 1 is outside",
        ),
        (
            by_power().replace("0.9", "0"),
            "`ensemble.power`: 0 is outside",
        ),
        (
            by_power().replace(", budget = 100_000", ""),
            "by how many particles at most?",
        ),
        (
            by_power().replace("power = 0.9, ", ""),
            "at most of which power?",
        ),
        (
            by_power().replace("budget", "particles = 10, budget"),
            "leave out either",
        ),
        (by_power().replace(claims, ""), "Nothing is claimed"),
    ] {
        let read = Experiment::parse_with("f.toml", &text, "standard", &[], &vocabulary());
        let message = read.unwrap_err().to_string();
        assert!(message.contains(wanted), "{message}");
    }
    let text = by_power().replace("name = \"parabola\"\n", "");
    let message = kramers::Study::parse(&text).unwrap_err().to_string();
    assert!(message.contains("give particles here"), "{message}");
}

/// A run that leaves its claim open says how many particles decide it.
#[test]
fn an_open_claim_says_what_it_takes() {
    let experiment = read(PARABOLA).with_particles(300).unwrap();
    let made = experiment.make(&context(1), &Quiet, Path::new("")).unwrap();
    let near = &made.record.verdicts.claims[0];
    assert_eq!(near.verdict, Verdict::Inconclusive);
    for words in [
        "At this margin about",
        "times those of this run",
        "is confirmed already",
    ] {
        assert!(near.why.contains(words), "{}", near.why);
    }
}

#[test]
fn the_command_writes_nothing_and_is_that_of_run() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("parabola.toml"), PARABOLA).unwrap();
    let kramers = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kramers"));
        command.args(words).current_dir(&folder).output().unwrap()
    };
    let text = |words: &[&str]| {
        let out = kramers(words);
        assert!(
            out.status.success(),
            "{}",
            String::from_utf8_lossy(&out.stderr)
        );
        serde_json::from_slice::<serde_json::Value>(&out.stdout).unwrap()
    };
    let plan = text(&["plan", "parabola.toml", "--json"]);
    let same = text(&["run", "parabola.toml", "--plan", "--json"]);
    let claims = |all: &serde_json::Value| all["experiments"][0]["plan"]["claims"].clone();
    let first = &claims(&plan)[0];
    assert_eq!(first["cases"].as_array().unwrap().len(), 3);
    assert!(first["cases"][0]["particles"].as_f64().unwrap() > 1.0);
    let decided = |claims: serde_json::Value| claims[0]["width"].clone();
    assert_eq!(decided(claims(&plan)), decided(claims(&same)));
    for (words, wanted) in [
        (
            &["plan", "parabola.toml", "--power", "1"][..],
            "above 0 and below 1",
        ),
        (
            &["plan", "parabola.toml", "--pilot", "5000"],
            "larger than the run",
        ),
        (
            &["plan", ".", "--set", "ensemble.particles=1"],
            "is a folder",
        ),
    ] {
        let out = kramers(words);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(
            out.status.code() == Some(2) && said.contains(wanted),
            "{said}"
        );
    }
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}
