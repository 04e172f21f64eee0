//! One definition of each rule: a block is its single trajectories bit for bit.

use kramers::simulation::optimizer::registry::ENTRIES;
use kramers::simulation::optimizer::{Course, Entry, Schedule, Values};

use super::{Moving, noise, trajectory, values};

/// Coordinates, and lanes that fill one register, more than one, and a part of one.
const DIM: usize = 5;
const LANES: usize = 13;
const STEPS: u64 = 50;
const START: [f64; DIM] = [1.0, -2.0, 0.5, 0.0, 3.0];

/// Every setting of an entry that takes another path through its rule.
fn settings(entry: &Entry) -> Vec<Values> {
    let plain = values(entry, 0.01, &[]);
    let mut all = vec![plain.clone()];
    for (key, value) in [
        ("l2", 0.03),
        ("decoupled_decay", 0.05),
        ("stable_decay", 0.02),
        ("scheduled_decay", 0.01),
        ("fixed_decay", 0.001),
        ("nesterov", 1.0),
        (
            "amsgrad",
            1.0 - plain.numbers.get("amsgrad").unwrap_or(&0.0),
        ),
        ("amsbound", 1.0),
        ("centered", 1.0),
        ("rectify", 1.0),
        ("degenerated_to_sgd", 1.0),
        ("mu", 0.0),
        ("mu", 0.5),
        ("tau", 0.3),
        ("beta1", 0.0),
        ("beta2", 0.6),
        ("beta0", 1.7),
        ("epsilon", 0.0),
        ("p", 0.5),
    ] {
        if plain.numbers.contains_key(key) {
            all.push(plain.clone().with(key, value));
        }
    }
    for course in [
        Course::Constant,
        Course::Step {
            steps: vec![(10, 0.5), (30, 0.05)],
        },
        Course::Cosine {
            steps: 40,
            floor: 0.1,
        },
    ] {
        let mut changed = plain.clone();
        changed.schedule = Schedule { warmup: 7, course };
        all.push(changed);
    }
    all
}

#[test]
fn a_block_is_its_trajectories_bit_for_bit() {
    for entry in ENTRIES {
        for values in &settings(entry) {
            let case = format!("{} {values:?}", entry.name);
            let mut moving = Moving::new((entry.build)(values), &START, LANES);
            let rule = (entry.build)(values);
            let mut alone: Vec<_> = (0..LANES)
                .map(|_| (START, trajectory(&*rule, DIM)))
                .collect();
            for (t, gradient) in noise(DIM, LANES, STEPS).iter().enumerate() {
                moving.step(gradient);
                for (lane, (theta, single)) in alone.iter_mut().enumerate() {
                    let own: Vec<f64> = (0..DIM).map(|i| gradient[i * LANES + lane]).collect();
                    single.step(theta, &own);
                    for (i, x) in theta.iter().enumerate() {
                        let same = moving.theta[i * LANES + lane].to_bits() == x.to_bits();
                        assert!(same, "{case}: step {t}, lane {lane}, coordinate {i}");
                        assert!(x.is_finite(), "{case}: step {t}");
                    }
                }
            }
            let still = alone.iter().all(|(theta, _)| *theta == START);
            // With β₂ = 0.6, ρ_∞ = 4: the authors' RAdam waits for ever.
            let waits = entry.name == "radam-authors"
                && values["beta2"] == 0.6
                && !values.on("degenerated_to_sgd");
            assert_eq!(still, waits, "{case}");
            assert!(waits || alone[0].0 != alone[1].0, "{case}");
        }
    }
}

/// Lanes may stand at different steps: one whose particle started ten steps later is ten steps behind.
#[test]
fn a_refilled_lane_follows_its_own_schedule() {
    for entry in ENTRIES {
        let mut tuned = values(entry, 0.01, &[]);
        tuned.schedule = Schedule {
            warmup: 5,
            course: Course::Step {
                steps: vec![(12, 0.1)],
            },
        };
        let gradients = noise(DIM, 1, 40);
        let mut early = Moving::new((entry.build)(&tuned), &START, 1);
        let mut both = Moving::new((entry.build)(&tuned), &START, 2);
        let start = both.rule.start(&[0.0; DIM]);
        for t in 0..40 {
            if t == 10 {
                // The second lane gets a fresh particle.
                for (i, x) in START.iter().enumerate() {
                    both.theta[2 * i + 1] = *x;
                }
                let rows = both.memory.len() / 2;
                for (row, x) in start.iter().enumerate() {
                    if row < rows {
                        both.memory[2 * row + 1] = *x;
                    } else {
                        both.scalars[2 * (row - rows) + 1] = *x;
                    }
                }
                both.taken[1] = 0;
            }
            let of = |lane: usize| &gradients[if lane == 1 && t >= 10 { t - 10 } else { t }];
            let pair: Vec<f64> = (0..DIM).flat_map(|i| [of(0)[i], of(1)[i]]).collect();
            both.step(&pair);
        }
        for gradient in &gradients[..30] {
            early.step(gradient);
        }
        for i in 0..DIM {
            let (late, expected) = (both.theta[2 * i + 1], early.theta[i]);
            assert_eq!(late.to_bits(), expected.to_bits(), "{} {i}", entry.name);
        }
    }
}
