//! A wrong update rule must turn a self-check red: fourteen planted errors, each run through shipped
//! protocols with its own name, against the exact law of the right rule.
//!
//! Every plant is at least 5 % off in a second moment whose standard error at 20 000 particles is 1 %. Of eight
//! self-checks together the least p fails below 1e-4/8, at 4.37 standard errors, so that one of them misses an error of
//! 5 % with a chance of 0.26, and the ones that are that close are measured in several places; seed 1.

use kramers::experiment::context::{Context, Quiet};
use kramers::experiment::load::Experiment;
use kramers::experiment::vocabulary::Vocabulary;
use kramers::simulation::optimizer::entry::{BETA1, ETA, L2, Parameter, Values, configured};
use kramers::simulation::optimizer::{Entry, Optimizer, Rate, Real, Rule};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Plant {
    Nothing,
    WrongSign,
    GradientTwice,
    GradientFivePercentOff,
    RateSquared,
    MomentumWithoutOneMinusBeta,
    MomentumForgets,
    MomentumLags,
    NesterovAdded,
    FreshWeightIgnored,
    BetaForBetaSquared,
    NormalisationMissing,
    NegativeMomentumAdded,
    OlderAverageTwoStepsOld,
    PositiveWeightWithoutOne,
}

/// The four linear rules, with one thing wrong.
#[derive(Clone, Copy, Debug)]
struct Planted {
    name: &'static str,
    plant: Plant,
    beta1: f64,
    beta3: f64,
    beta0: f64,
}

impl Rule for Planted {
    /// m or m_{t−2}, m_{t−1}, m_{t−2} of the step before.
    type Coordinate<N: Real> = [N; 3];
    type Particle<N: Real> = [N; 0];

    fn update<N: Real>(&self, g: N, [a, b, c]: &mut [N; 3], _: &[N; 0], _: N, rate: &Rate<N>) -> N {
        use Plant::*;
        let g = match self.plant {
            WrongSign => -g,
            GradientTwice => g.scale(2.0),
            GradientFivePercentOff => g.scale(0.95),
            _ => g,
        };
        let direction = match self.name {
            "sgd" => g,
            "sgdm" | "heavy-ball" => {
                let fresh = match (self.plant, self.name) {
                    (MomentumWithoutOneMinusBeta | FreshWeightIgnored, _) => 1.0,
                    (_, "sgdm") => 1.0 - self.beta1,
                    _ => self.beta3,
                };
                let before = a.clone();
                let decay = if self.plant == MomentumForgets {
                    0.9 * self.beta1
                } else {
                    self.beta1
                };
                *a = a.clone().scale(decay) + g.clone().scale(fresh);
                match self.plant {
                    MomentumLags => before,
                    NesterovAdded => g.scale(1.0 - self.beta1) + a.clone().scale(self.beta1),
                    _ => a.clone(),
                }
            }
            _ => {
                let q = if self.plant == BetaForBetaSquared {
                    self.beta1
                } else {
                    self.beta1 * self.beta1
                };
                let fresh = a.clone().scale(q) + g.scale(1.0 - q);
                let older = if self.plant == OlderAverageTwoStepsOld {
                    c.clone()
                } else {
                    b.clone()
                };
                *c = b.clone();
                *a = b.clone();
                *b = fresh.clone();
                let gamma = (1.0 + self.beta0).powi(2) + self.beta0 * self.beta0;
                let norm = if self.plant == NormalisationMissing {
                    1.0
                } else {
                    gamma.sqrt()
                };
                let positive = if self.plant == PositiveWeightWithoutOne {
                    self.beta0
                } else {
                    1.0 + self.beta0
                };
                let negative = if self.plant == NegativeMomentumAdded {
                    self.beta0
                } else {
                    -self.beta0
                };
                (fresh.scale(positive) + older.scale(negative)).scale(1.0 / norm)
            }
        };
        let eta = rate.eta.clone();
        if self.plant == RateSquared {
            direction * eta.clone() * eta
        } else {
            direction * eta
        }
    }
}

const BETA3: Parameter = Parameter::new("beta3", Some(1.0), 0.0, 1e6, "β₃");
const BETA0: Parameter = Parameter::new("beta0", Some(1.0), -1.0, 1e3, "β₀");

/// The entry of a rule with an error, under the right rule's name.
fn entry(name: &'static str, plant: Plant) -> &'static Entry {
    // The plant travels in the parameters' defaults, so that a record tells it.
    let index = Parameter::new(
        "plant",
        Some(plant as i32 as f64),
        0.0,
        1e2,
        "what is wrong",
    );
    let parameters: &'static [Parameter] = match name {
        "sgd" => vec![ETA, L2, index].leak(),
        "sgdm" => vec![ETA, BETA1, L2, index].leak(),
        "heavy-ball" => vec![ETA, BETA1, BETA3, L2, index].leak(),
        _ => vec![ETA, BETA1, BETA0, L2, index].leak(),
    };
    Box::leak(Box::new(Entry {
        name,
        formula: "planted",
        source: "this test",
        parameters,
        build: Box::leak(Box::new(move |v: &Values| build(name, v))),
        stability_limit: None,
        degree: &|_| None,
        written: None,
    }))
}

fn build(name: &'static str, v: &Values) -> Box<dyn Optimizer> {
    let plant = PLANTS[v["plant"] as usize].1;
    let number = |key: &str| v.numbers.get(key).copied().unwrap_or(0.0);
    let rule = Planted {
        name,
        plant,
        beta1: number("beta1"),
        beta3: number("beta3"),
        beta0: number("beta0"),
    };
    configured(rule, v)
}

/// Each error with the rule it is planted in, in the order of [`Plant`].
const PLANTS: [(&str, Plant); 15] = [
    ("sgd", Plant::Nothing),
    ("sgd", Plant::WrongSign),
    ("sgd", Plant::GradientTwice),
    ("sgd", Plant::GradientFivePercentOff),
    ("sgd", Plant::RateSquared),
    ("sgdm", Plant::MomentumWithoutOneMinusBeta),
    ("sgdm", Plant::MomentumForgets),
    ("sgdm", Plant::MomentumLags),
    ("sgdm", Plant::NesterovAdded),
    ("heavy-ball", Plant::FreshWeightIgnored),
    ("pnm", Plant::BetaForBetaSquared),
    ("pnm", Plant::NormalisationMissing),
    ("pnm", Plant::NegativeMomentumAdded),
    ("pnm", Plant::OlderAverageTwoStepsOld),
    ("pnm", Plant::PositiveWeightWithoutOne),
];

/// Self-checks that failed, of how many, over a posterior, a saddle and flat ground.
fn failures(name: &'static str, plant: Plant) -> (usize, usize) {
    let settings = match name {
        "sgd" => "eta = 0.1",
        "sgdm" => "eta = 0.1\nbeta1 = 0.9",
        "heavy-ball" => "eta = 0.1\nbeta1 = 0.9\nbeta3 = 0.3",
        _ => "eta = 0.1\nbeta1 = 0.7\nbeta0 = 1.0",
    };
    let grounds = [
        ("posterior", "[[1.0, 0.0], [0.0, 5.0]]", "relaxations = 4.0"),
        (
            "saddle",
            "[[-0.1, 0.0], [0.0, -1.0]]",
            "steps = [1, 2, 10, 40]",
        ),
        ("noise-variance", "[[0.0]]", "steps = [3, 100]"),
    ];
    let vocabulary = Vocabulary::default().with_rule(entry(name, plant));
    let folder = tempfile::tempdir().unwrap();
    let context = Context::new(1, "standard", folder.path().to_path_buf(), 2).unwrap();
    let (mut failed, mut all) = (0, 0);
    for (protocol, hessian, steps) in grounds {
        let text = format!(
            "name = '{protocol}'\nprotocol = '{protocol}'\n[landscape]\nhessian = {hessian}\n[noise]\nvariance = 1.0\n[[optimizer]]\nname = '{name}'\n{settings}\n[ensemble]\nparticles = 20000\n{steps}\n"
        );
        let experiment = Experiment::parse_with("plant.toml", &text, "standard", &[], &vocabulary);
        let record = experiment.unwrap().run(&context, &Quiet).unwrap();
        let checks = &record.verdicts.self_checks;
        assert!(
            !checks.is_empty(),
            "{protocol} of {name} has an exact reference"
        );
        all += checks.len();
        failed += checks.iter().filter(|check| check.failed()).count();
    }
    (failed, all)
}

#[test]
fn every_planted_error_turns_a_self_check_red() {
    for (index, (name, plant)) in PLANTS.into_iter().enumerate() {
        assert_eq!(plant as usize, index);
        let (failed, all) = failures(name, plant);
        let right = plant == Plant::Nothing;
        assert_eq!(
            failed == 0,
            right,
            "{plant:?} in {name}: {failed} of {all} checks failed"
        );
    }
}

/// The same rules without an error pass every check.
#[test]
fn the_right_rules_pass() {
    for name in ["sgdm", "heavy-ball", "pnm"] {
        let (failed, all) = failures(name, Plant::Nothing);
        assert_eq!(failed, 0, "{name}: {failed} of {all} checks failed");
    }
}
