//! The same arithmetic in single precision.

use kramers::simulation::optimizer::registry::ENTRIES;
use kramers::simulation::optimizer::trajectory::{Coordinate, Group, Member, Trajectory};
use kramers::simulation::optimizer::{
    Configured, Moves, Optimizer, Rows, Rule, adabelief::AdaBelief, adabound::AdaBound, adai::Adai,
    adaiv2::AdaiV2, adam::Adam, adams::AdamS, adapnm::AdaPnm, amsgrad::Amsgrad,
    heavy_ball::HeavyBall, momentum::Momentum, nadam::NAdam, padam::Padam, pnm::Pnm, radam::Before,
    radam::RAdam, rmsprop::RmsProp, sgd::Sgd, sgdm::Sgdm, sgds::Sgds, yogi::Yogi,
};

use super::{noise, values};

const DIM: usize = 5;
const START: [f64; DIM] = [1.0, -2.0, 0.5, 0.0, 3.0];

fn single<R: Rule, N: Coordinate + 'static>(rule: R, like: &N) -> Trajectory<N> {
    let optimizer = Configured::plain(rule, 0.01);
    let group: Box<dyn Group<N>> = Box::new(Member::new(optimizer, (0..DIM).collect(), like));
    Trajectory::new(vec![group])
}

/// 50 steps of a few roundings of 6e-8 each, in numbers up to 10: 1e-5 of 1 + |θ| leaves a factor of three.
fn follows<R: Rule>(name: &str, rule: R) {
    let mut wide = single(rule.clone(), &0.0f64);
    let mut narrow = single(rule, &0.0f32);
    let (mut x, mut y) = (START, START.map(|x| x as f32));
    for gradient in noise(DIM, 1, 50) {
        // Both see the rounded gradient, so that only the arithmetic differs.
        let rounded: Vec<f32> = gradient.iter().map(|g| *g as f32).collect();
        let gradient: Vec<f64> = rounded.iter().map(|g| f64::from(*g)).collect();
        wide.step(&mut x, &gradient);
        narrow.step(&mut y, &rounded);
    }
    for (x, y) in x.iter().zip(y) {
        let deviation = (x - f64::from(y)).abs() / (1.0 + x.abs());
        assert!(deviation < 1e-5, "{name}: {deviation:e}");
    }
}

#[test]
fn single_precision_follows_double() {
    let (beta1, beta2, epsilon) = (0.9, 0.99, 1e-6);
    let adam = Adam {
        beta1,
        beta2,
        epsilon,
    };
    let momentum = Momentum {
        mu: 0.9,
        tau: 0.1,
        nesterov: true,
    };
    let adai = Adai {
        beta0: 0.1,
        beta2,
        epsilon: 1e-3,
    };
    let pnm = Pnm { beta1, beta0: 1.0 };
    follows("sgd", Sgd);
    follows("sgdm", Sgdm { beta1 });
    follows("heavy-ball", HeavyBall { beta1, beta3: 1.0 });
    follows("momentum", momentum);
    follows("sgds", Sgds { momentum });
    follows("pnm", pnm);
    follows("adam", adam);
    follows("adai", adai);
    follows("adaiv2", AdaiV2 { adai, tau: 0.5 });
    let amsgrad = true;
    let bias_correction = true;
    follows(
        "adapnm",
        AdaPnm {
            momentum: pnm,
            beta2,
            epsilon,
            amsgrad,
        },
    );
    follows(
        "amsgrad",
        Amsgrad {
            adam,
            bias_correction,
        },
    );
    follows("adams", AdamS { adam, amsgrad });
    follows(
        "rmsprop",
        RmsProp {
            alpha: 0.99,
            mu: 0.5,
            epsilon,
            centered: false,
        },
    );
    follows(
        "nadam",
        NAdam {
            beta1,
            beta2,
            epsilon,
            psi: 0.004,
        },
    );
    follows(
        "radam",
        RAdam {
            beta1,
            beta2,
            epsilon,
            before: Before::Torch,
        },
    );
    follows(
        "adabound",
        AdaBound {
            beta1,
            beta2,
            epsilon,
            alpha_star: 0.1,
            gamma: 1e-3,
            amsbound: true,
            paper: false,
        },
    );
    follows(
        "padam",
        Padam {
            beta1,
            beta2,
            epsilon,
            p: 0.125,
            amsgrad,
            bias_correction,
        },
    );
    follows(
        "yogi",
        Yogi {
            beta1,
            beta2,
            epsilon,
            m_init: 0.0,
            v_init: 1e-6,
            bias_correction,
        },
    );
    follows(
        "adabelief",
        AdaBelief {
            beta1,
            beta2,
            epsilon,
            amsgrad: false,
            rectify: true,
            degenerated_to_sgd: true,
        },
    );
}

/// Where a block of one particle from the origin is after each of `steps` steps, in the arithmetic of F.
fn path<F>(
    rule: &(dyn Optimizer + 'static),
    of: impl Fn(f64) -> F,
    wide: impl Fn(F) -> f64,
    steps: &[Vec<f64>],
) -> Vec<f64>
where
    F: Copy,
    dyn Optimizer: Moves<F>,
{
    let rows = rule.start(&[0.0; DIM]);
    let (memory, scalars) = rows.split_at(rows.len() - rule.scalars());
    let mut memory: Vec<F> = memory.iter().map(|x| of(*x)).collect();
    let mut scalars = scalars.to_vec();
    let mut theta = vec![of(0.0); DIM];
    let mut seen = Vec::new();
    for (taken, gradient) in steps.iter().enumerate() {
        let gradient: Vec<F> = gradient.iter().map(|g| of(*g)).collect();
        let memory = Rows {
            coordinates: &mut memory,
            scalars: &mut scalars,
            fresh: &[],
        };
        rule.step(&mut theta, &gradient, 1, &[taken as u64], memory);
        seen.extend(theta.iter().map(|x| wide(*x)));
    }
    seen
}

/// Decays next to 1, whose distance from it single precision cannot hold: every scalar of a rule, and every weight
/// of an average, must be that of double precision.
///
/// From the origin all numbers scale with the path, which 200 steps of some ten roundings of 6e-8 each change by at
/// most 1.2e-4 of its length; decays of θ are of 1e-9 a step, far below an ulp of 1 − ηλ.
#[test]
fn decays_next_to_one_in_single_precision() {
    let steps: Vec<Vec<f64>> = noise(DIM, 1, 200)
        .into_iter()
        .map(|row| row.into_iter().map(|g| f64::from(g as f32)).collect())
        .collect();
    let mut held = 0;
    for entry in ENTRIES {
        for distance in [1e-3, 1e-4, 1e-6, 1e-8, 1e-12] {
            let mut v = values(entry, 0.01, &[]);
            for (key, value) in &mut v.numbers {
                match key.as_str() {
                    "beta1" | "beta2" | "alpha" | "mu" => *value = 1.0 - distance,
                    "decoupled_decay" => *value = 1e-7,
                    // Scaled by 1/(1 − μ) in SGDS.
                    "stable_decay" => *value = 1e-7 * distance,
                    _ => {}
                }
            }
            let rule = (entry.build)(&v);
            let exact = path::<f64>(&*rule, |x| x, |x| x, &steps);
            let single = path::<f32>(&*rule, |x| x as f32, f64::from, &steps);
            let length = exact.iter().fold(0.0f64, |most, x| most.max(x.abs()));
            assert!(length > 0.0, "{} {distance:e}", entry.name);
            for (x, y) in exact.iter().zip(&single) {
                let deviation = (x - y).abs() / length;
                assert!(deviation < 1.2e-4, "{} {distance:e}: {x} {y}", entry.name);
            }
            held += 1;
        }
    }
    assert_eq!(held, 5 * ENTRIES.len());
}
