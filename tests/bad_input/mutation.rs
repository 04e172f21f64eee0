//! Random damage to a valid file: the reader accepts or refuses, and never panics.

use kramers::experiment::load::Experiment;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Every section that an escape experiment may have.
const ESCAPE: &str = r#"name = "mutated"
protocol = "escape"
source = "β"
cites = ["adai"]
[landscape]
name = "styblinski-tang"
dim = 3
sharpness = [1.0, 2.0]
[noise]
name = "minibatch"
samples = 500
batch = 5
variance = 4.0
law = "student"
replacement = false
[[optimizer]]
name = "sgd"
eta = 1e-3
[[optimizer]]
name = "adam"
label = "Adam"
eta = 0.1
[ensemble]
particles = 64
max_steps = 1_000
start = "minimum"
exit = 1.5
direction = "above"
[measure]
truncate = 10
confidence = 0.99
[[claim]]
id = "adai.fig6"
series = "sgd"
case = "c"
role = "decides"
kind = "form"
law = "inverse"
margin = 10.0
[scale.smoke]
ensemble.particles = 32
optimizer.adam.eta = 0.2
"#;

const SDE: &str = r#"name = "mutated"
protocol = "escape"
[landscape]
name = "two-temperature"
ha = 2.0
[sde]
noise = "hessian"
eta_over_batch = [0.3, 0.4]
floor = 0.1
dt = 0.005
[ensemble]
particles = 300
max_steps = 1e6
start = 0.0
exit = 4.3
"#;

const SCALING: &str = r#"name = "mutated"
protocol = "scaling-identity"
[landscape]
name = "styblinski-tang"
sharpness = [4.0, 3.0]
[noise]
name = "minibatch"
samples = 100
batch = 10
variance = 4.0
[[optimizer]]
name = "pnm"
eta = 1e-4
"#;

/// What a person or a broken editor may leave in place of a word.
const TOKENS: &[&str] = &[
    "",
    "=",
    "[",
    "]",
    "[]",
    "{}",
    "\"",
    "\"\"",
    "0",
    "-1",
    "1e400",
    "nan",
    "-inf",
    "true",
    ",",
    ".",
    "#",
    "1979-05-27",
    "[[1, 2], [3]]",
    "{ a = 1 }",
    "\"saddle\"",
    "\"quadratic\"",
    "\"ring\"",
    "\"gaussian\"",
    "\"hessian\"",
    "\"fresh\"",
    "\"adai\"",
    "covariance",
    "hessian",
    "h0",
    "\u{0}",
    "é",
    "9223372036854775807",
    "1e-320",
    "1e15",
    "\n",
    "[sde]",
    "[scale]",
    "scale",
    "name = 3\n",
    "'''",
];

#[derive(Clone, Debug)]
enum Damage {
    Replace(usize, usize),
    Insert(usize, usize),
    Delete(usize),
    DropLine(usize),
    RepeatLine(usize, usize),
    Cut(usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let any = || 0..10_000usize;
    prop_oneof![
        (any(), any()).prop_map(|(at, with)| Damage::Replace(at, with)),
        (any(), any()).prop_map(|(at, with)| Damage::Insert(at, with)),
        any().prop_map(Damage::Delete),
        any().prop_map(Damage::DropLine),
        (any(), any()).prop_map(|(from, to)| Damage::RepeatLine(from, to)),
        any().prop_map(Damage::Cut),
    ]
}

/// Splits after every blank and line end, so that joining gives the text back.
fn words(text: &str) -> Vec<String> {
    text.split_inclusive([' ', '\n'])
        .map(String::from)
        .collect()
}

fn apply(text: &str, damage: &Damage) -> String {
    let (mut words, mut lines) = (words(text), Vec::from_iter(text.split_inclusive('\n')));
    if words.is_empty() {
        return String::new();
    }
    let token = |with: usize| format!("{} ", TOKENS[with % TOKENS.len()]);
    match *damage {
        Damage::Replace(at, with) => {
            let at = at % words.len();
            let end = if words[at].ends_with('\n') { "\n" } else { " " };
            words[at] = TOKENS[with % TOKENS.len()].to_string() + end;
        }
        Damage::Insert(at, with) => words.insert(at % words.len(), token(with)),
        Damage::Delete(at) => drop(words.remove(at % words.len())),
        Damage::DropLine(at) => {
            lines.remove(at % lines.len());
            return lines.concat();
        }
        Damage::RepeatLine(from, to) => {
            let line = lines[from % lines.len()];
            lines.insert(to % lines.len(), line);
            return lines.concat();
        }
        Damage::Cut(at) => {
            let cut = text
                .char_indices()
                .map(|(i, _)| i)
                .nth(at % text.chars().count());
            return text[..cut.unwrap_or(0)].to_string();
        }
    }
    words.concat()
}

proptest! {
    // No case is kept in a file: the seed makes it again.
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_is_accepted_or_refused_with_its_name(
        base in 0..3usize,
        wounds in prop::collection::vec(damage(), 1..4),
        scale in prop::sample::select(vec!["smoke", "standard", "paper"]),
    ) {
        let whole = [ESCAPE, SDE, SCALING][base];
        let text = wounds.iter().fold(whole.to_string(), |text, wound| apply(&text, wound));
        if let Err(error) = Experiment::parse("mutated.toml", &text, scale, &[]) {
            prop_assert_eq!(error.exit_code(), 2, "{}", error);
            prop_assert!(error.to_string().starts_with("mutated.toml:"), "{error}\n{text}");
        }
    }

    #[test]
    fn any_setting_is_accepted_or_refused(path in "[a-z0-9.]{0,12}|optimizer\\.(0|1|sgd)\\.eta|noise", with in 0..1000usize, more in ".{0,8}") {
        let assignment = format!("{path}={}{more}", TOKENS[with % TOKENS.len()]);
        if let Err(error) = Experiment::parse("mutated.toml", ESCAPE, "smoke", &[assignment]) {
            prop_assert_eq!(error.exit_code(), 2, "{}", error);
        }
    }
}

#[test]
fn the_undamaged_files_are_accepted() {
    for text in [ESCAPE, SDE, SCALING] {
        Experiment::parse("whole.toml", text, "smoke", &[]).unwrap();
    }
}

/// No matrix of 100,000 × 100,000 is made to learn whether η is stable.
#[test]
fn a_separable_surface_may_have_many_coordinates() {
    let many = ["landscape.dim=100_000".to_string()];
    Experiment::parse("many.toml", ESCAPE, "smoke", &many).unwrap();
}
