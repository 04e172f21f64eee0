//! One definition of each rule: in a block, in a single trajectory, in single precision.

use kramers::simulation::optimizer::registry::{ENTRIES, Entry, Values};
use kramers::simulation::optimizer::{
    Rule, WeightDecay, adai::Adai, adam::Adam, heavy_ball::HeavyBall, momentum::Momentum, pnm::Pnm,
    sgd::Sgd, sgdm::Sgdm,
};

use super::{Moving, noise, trajectory};

/// Coordinates, and lanes that fill one register, more than one, and a part of one.
const DIM: usize = 5;
const LANES: usize = 13;
const STEPS: u64 = 50;
const START: [f64; DIM] = [1.0, -2.0, 0.5, 0.0, 3.0];

/// Every setting of an entry that takes another path through its rule.
fn settings(entry: &Entry) -> Vec<Values> {
    let mut plain = Values::new();
    for p in entry.parameters {
        plain.insert(p.name.to_string(), p.default.unwrap_or(0.01));
    }
    let mut all = vec![plain.clone()];
    for (key, value) in [
        ("l2", 0.03),
        ("decoupled_decay", 0.05),
        ("nesterov", 1.0),
        ("amsgrad", 1.0),
        ("mu", 0.0),
        ("tau", 0.3),
        ("beta1", 0.0),
        ("beta0", 1.7),
        ("epsilon", 0.0),
    ] {
        if plain.contains_key(key) {
            let mut changed = plain.clone();
            changed.insert(key.into(), value);
            all.push(changed);
        }
    }
    all
}

/// Hands `check` the rule that the entry's name and values stand for.
fn with_rule(name: &str, v: &Values, check: impl Check) {
    match name {
        "sgd" => check.rule(Sgd),
        "sgdm" => check.rule(Sgdm { beta1: v["beta1"] }),
        "heavy-ball" => check.rule(HeavyBall {
            beta1: v["beta1"],
            beta3: v["beta3"],
        }),
        "momentum" => check.rule(Momentum {
            mu: v["mu"],
            tau: v["tau"],
            nesterov: v["nesterov"] != 0.0,
        }),
        "pnm" => check.rule(Pnm {
            beta1: v["beta1"],
            beta0: v["beta0"],
        }),
        "adam" => check.rule(Adam {
            beta1: v["beta1"],
            beta2: v["beta2"],
            epsilon: v["epsilon"],
            amsgrad: v["amsgrad"] != 0.0,
        }),
        "adai" => check.rule(Adai {
            beta0: v["beta0"],
            beta2: v["beta2"],
            epsilon: v["epsilon"],
        }),
        other => panic!("this test does not know the rule {other}"),
    }
}

trait Check {
    fn rule<R: Rule>(self, rule: R);
}

/// The settings of one case beside its rule.
struct Case<'a> {
    entry: &'a Entry,
    values: &'a Values,
}

impl Case<'_> {
    fn decay(&self) -> WeightDecay {
        match (self.values["l2"], self.values["decoupled_decay"]) {
            (l2, _) if l2 > 0.0 => WeightDecay::L2(l2),
            (_, decoupled) if decoupled > 0.0 => WeightDecay::Decoupled(decoupled),
            _ => WeightDecay::None,
        }
    }
}

struct Bitwise<'a>(Case<'a>);

impl Check for Bitwise<'_> {
    fn rule<R: Rule>(self, rule: R) {
        let Bitwise(case) = self;
        let optimizer = case.entry.build(case.values);
        let eta = case.values["eta"];
        let mut moving = Moving::new(&*optimizer, &START, LANES);
        let mut alone: Vec<_> = (0..LANES)
            .map(|_| {
                (
                    START,
                    trajectory(rule.clone(), eta, case.decay(), DIM, &0.0f64),
                )
            })
            .collect();
        for (t, gradient) in noise(DIM, LANES, STEPS).iter().enumerate() {
            moving.step(gradient);
            for (lane, (theta, single)) in alone.iter_mut().enumerate() {
                let own: Vec<f64> = (0..DIM).map(|i| gradient[i * LANES + lane]).collect();
                single.step(theta, &own, 1.0);
                for (i, x) in theta.iter().enumerate() {
                    let same = moving.theta[i * LANES + lane].to_bits() == x.to_bits();
                    assert!(
                        same,
                        "{} {:?}: step {t}, lane {lane}, coordinate {i}",
                        case.entry.name, case.values
                    );
                    assert!(x.is_finite());
                }
            }
        }
        assert!(alone[0].0 != alone[1].0 && alone[0].0 != START);
    }
}

#[test]
fn a_block_is_its_trajectories_bit_for_bit() {
    for entry in ENTRIES {
        for values in &settings(entry) {
            with_rule(entry.name, values, Bitwise(Case { entry, values }));
        }
    }
}

struct Single<'a>(Case<'a>);

impl Check for Single<'_> {
    fn rule<R: Rule>(self, rule: R) {
        let Single(case) = self;
        let eta = case.values["eta"];
        let mut wide = trajectory(rule.clone(), eta, case.decay(), DIM, &0.0f64);
        let mut narrow = trajectory(rule, eta, case.decay(), DIM, &0.0f32);
        let (mut x, mut y) = (START, START.map(|x| x as f32));
        for gradient in noise(DIM, 1, STEPS) {
            // Both see the rounded gradient, so that only the arithmetic differs.
            let rounded: Vec<f32> = gradient.iter().map(|g| *g as f32).collect();
            let gradient: Vec<f64> = rounded.iter().map(|g| f64::from(*g)).collect();
            wide.step(&mut x, &gradient, 1.0);
            narrow.step(&mut y, &rounded, 1.0);
        }
        for (x, y) in x.iter().zip(y) {
            let deviation = (x - f64::from(y)).abs() / (1.0 + x.abs());
            assert!(
                deviation < 1e-5,
                "{} {:?}: {deviation:e}",
                case.entry.name,
                case.values
            );
        }
    }
}

/// 50 steps of a few roundings of 6e-8 each: 1e-5 of 1 + |θ| leaves a factor of three.
#[test]
fn single_precision_follows_double() {
    for entry in ENTRIES {
        for values in &settings(entry) {
            with_rule(entry.name, values, Single(Case { entry, values }));
        }
    }
}
