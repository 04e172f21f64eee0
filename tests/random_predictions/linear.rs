//! Linear rules: the simulator's own update, given one unit of noise, in place of matrices.

use super::chance::Chance;
use super::{Expected, Outcome};
use kramers::simulation::optimizer::trajectory::Trajectory;
use kramers::simulation::optimizer::{Values, registry};

/// A rule by its name in `predict`, the keys, and what the simulator calls it.
fn rule(chance: &mut Chance) -> (&'static str, Vec<(&'static str, f64)>) {
    let beta = chance.rounded(0.0, 0.97);
    match chance.below(4) {
        0 => ("sgd", vec![]),
        1 => ("sgdm", vec![("beta1", beta)]),
        2 => (
            "heavy-ball",
            vec![("beta1", beta), ("beta3", chance.scale(0.1, 2.0))],
        ),
        _ => (
            "momentum",
            vec![
                ("mu", beta),
                ("tau", chance.rounded(0.0, 0.9)),
                ("nesterov", chance.below(2) as f64),
            ],
        ),
    }
}

/// θ after every step from one unit of noise in a gradient, on ½hθ²; u_k/η where h = 0.
fn impulse(
    name: &str,
    keys: &[(&str, f64)],
    eta: f64,
    h: f64,
    most: usize,
    warm: usize,
) -> Vec<f64> {
    let entry = registry::find(name).unwrap();
    let mut values = Values::defaults(entry, eta).with("eta", eta);
    for (key, x) in keys {
        assert!(values.numbers.contains_key(*key), "{name} {key}");
        values = values.with(key, *x);
    }
    let rule = (entry.build)(&values);
    let mut trajectory: Trajectory<f64> = Trajectory::new(vec![rule.group(vec![0])]);
    let mut theta = [0.0];
    let mut all = Vec::new();
    let mut size: f64 = 0.0;
    // The first step of some rules is another one.
    for _ in 0..warm {
        trajectory.step(&mut theta, &[0.0]);
    }
    for k in 0..most {
        let gradient = h * theta[0] + f64::from(u8::from(k == 0));
        trajectory.step(&mut theta, &[gradient]);
        all.push(theta[0]);
        size = size.max(theta[0].abs());
        // Whatever is left has decayed for good.
        if h > 0.0 && k > 100 && all[k - 50..].iter().all(|x| x.abs() < 1e-17 * size) {
            break;
        }
    }
    all
}

fn given(name: &str, keys: &[(&str, f64)], more: &[(&str, f64)]) -> Vec<String> {
    let mut all = vec![format!("optimizer={name}")];
    all.extend(keys.iter().chain(more).map(|(key, x)| format!("{key}={x}")));
    all
}

pub fn stationary(chance: &mut Chance) -> Outcome {
    let (name, keys) = rule(chance);
    let (eta, h, c) = (
        chance.scale(1e-3, 0.5),
        chance.scale(0.1, 3.0),
        chance.scale(0.1, 10.0),
    );
    let response = impulse(name, &keys, eta, h, 2_000_000, 3);
    if response.last().is_some_and(|x| x.abs() > 1e-12) {
        return Outcome::Undecided("it does not settle".into());
    }
    let variance: f64 = c * response.iter().map(|x| x * x).sum::<f64>();
    Expected {
        quantity: "stationary",
        given: given(
            name,
            &keys,
            &[("eta", eta), ("h", h), ("noise_variance", c)],
        ),
        values: vec![("var_theta", variance, 0.0)],
        rounding: 1e-10,
        units: Vec::new(),
    }
    .judged()
}

pub fn noise(chance: &mut Chance) -> Outcome {
    let (name, keys) = rule(chance);
    let c = chance.scale(0.1, 10.0);
    let places = impulse(name, &keys, 1.0, 0.0, 20_000, 3);
    let updates: Vec<f64> = (0..places.len())
        .map(|k| places[k] - if k > 0 { places[k - 1] } else { 0.0 })
        .collect();
    let sum: f64 = updates.iter().sum();
    let alternating: f64 = updates
        .iter()
        .rev()
        .enumerate()
        .map(|(k, u)| if k % 2 == 0 { *u } else { -u })
        .sum();
    Expected {
        quantity: "noise",
        given: given(name, &keys, &[("noise_variance", c)]),
        values: vec![
            (
                "per_step",
                c * updates.iter().map(|u| u * u).sum::<f64>(),
                0.0,
            ),
            ("zero_frequency", c * sum * sum, 0.0),
            ("nyquist", c * alternating * alternating, 0.0),
        ],
        rounding: 1e-10,
        units: Vec::new(),
    }
    .judged()
}

pub fn stability(chance: &mut Chance) -> Outcome {
    let (name, keys) = rule(chance);
    let h = chance.scale(0.1, 3.0);
    let grows = |eta: f64| {
        let response = impulse(name, &keys, eta, h, 60_000, 3);
        let last = response
            .iter()
            .rev()
            .take(50)
            .fold(0.0f64, |m, x| m.max(x.abs()));
        response.iter().any(|x| !x.is_finite())
            || last > 1e3 * response.iter().take(50).fold(0.0f64, |m, x| m.max(x.abs()))
    };
    let (mut low, mut high) = (1e-3, 1e4);
    if grows(low) || !grows(high) {
        return Outcome::Undecided("no limit".into());
    }
    for _ in 0..45 {
        let middle = (low * high).sqrt();
        if grows(middle) {
            high = middle
        } else {
            low = middle
        }
    }
    Expected {
        quantity: "stability",
        given: given(name, &keys, &[("h", h)]),
        // Growth by 1000 within 60,000 steps is a rate of 1.2e-4 a step.
        values: vec![("eta_max", low, 0.0)],
        rounding: 5e-3,
        units: Vec::new(),
    }
    .judged()
}

pub fn saddle(chance: &mut Chance) -> Outcome {
    let (name, keys) = rule(chance);
    let (eta, h, c) = (
        chance.scale(1e-3, 0.3),
        -chance.scale(0.05, 2.0),
        chance.scale(0.1, 10.0),
    );
    let steps = 1 + chance.below(400);
    // The kick of the first step, and those of all later ones.
    let first = impulse(name, &keys, eta, h, steps, 0)[steps - 1];
    let later = impulse(name, &keys, eta, h, steps, 3);
    let msd: f64 = c * (first * first + later[..steps - 1].iter().map(|x| x * x).sum::<f64>());
    let more = [
        ("eta", eta),
        ("h", h),
        ("noise_variance", c),
        ("steps", steps as f64),
    ];
    Expected {
        quantity: "saddle",
        given: given(name, &keys, &more),
        values: vec![("msd", msd, 0.0)],
        rounding: 1e-10,
        units: Vec::new(),
    }
    .judged()
}

pub fn weak(chance: &mut Chance) -> Outcome {
    let (alpha, c, eta) = (
        chance.rounded(0.1, 0.9),
        chance.rounded(0.2, 1.0),
        chance.scale(2e-3, 5e-2),
    );
    let (h, x0, sigma) = (
        chance.rounded(0.3, 1.5),
        chance.rounded(-2.0, 2.0),
        chance.scale(0.1, 2.0),
    );
    let steps = (2.0 / eta) as usize;
    let horizon = steps as f64 * eta;
    let beta = 1.0 - c * eta.powf(alpha);
    // Both are linear in the noise: responses to one unit of it, and the way without any.
    let walk = |x0: f64, noise: f64| {
        let (mut x, mut z, mut m) = (x0, x0, h * x0);
        let mut pairs = vec![(x, z)];
        for k in 0..steps {
            let xi = if k == 0 { noise } else { 0.0 };
            x -= eta * (h * x + xi);
            m = beta * m + (1.0 - beta) * (h * z + xi);
            z -= eta * m;
            pairs.push((x, z));
        }
        pairs
    };
    let (way, kick) = (walk(x0, 0.0), walk(0.0, 1.0));
    let variance = sigma / eta;
    let (mut mean, mut second, mut strong) = (0.0f64, 0.0f64, 0.0f64);
    let (mut vx, mut vz, mut vd) = (0.0, 0.0, 0.0);
    for k in 0..=steps {
        let (x, z) = way[k];
        if k > 0 {
            let (a, b) = kick[k];
            vx += variance * a * a;
            vz += variance * b * b;
            vd += variance * (a - b) * (a - b);
        }
        mean = mean.max((x - z).abs());
        second = second.max((x * x + vx - z * z - vz).abs());
        strong = strong.max(((x - z).powi(2) + vd).sqrt());
    }
    let given = [
        ("alpha", alpha),
        ("c", c),
        ("eta", eta),
        ("h", h),
        ("x0", x0),
        ("horizon", horizon),
        ("noise_variance", sigma),
    ];
    Expected {
        quantity: "weak",
        given: given.iter().map(|(key, x)| format!("{key}={x}")).collect(),
        values: vec![
            ("sup_mean", mean, 0.0),
            ("sup_second", second, 0.0),
            ("sup_strong", strong, 0.0),
        ],
        rounding: 1e-9,
        units: Vec::new(),
    }
    .judged()
}

pub fn pac_bayes(chance: &mut Chance) -> Outcome {
    let (eta, batch, lambda) = (
        chance.scale(1e-3, 0.3),
        chance.scale(1.0, 64.0),
        chance.scale(0.1, 5.0),
    );
    let (dim, norm, beta0) = (
        1 + chance.below(1000),
        chance.scale(0.1, 50.0),
        chance.rounded(0.0, 3.0),
    );
    let samples = 100 + chance.below(10_000);
    // Σ of Algorithm 2: variance σ² of N(0, σ²) against N(0, 1/λ), coordinate by coordinate.
    let gamma = (1.0 + beta0).powi(2) + beta0 * beta0;
    let variance = eta / (2.0 * batch) / gamma.sqrt();
    let ratio = variance * lambda;
    let kl = 0.5 * dim as f64 * (ratio - 1.0 - ratio.ln()) + 0.5 * lambda * norm;
    let bound = 4.0 * ((kl + (2.0 * samples as f64 / 0.05).ln()) / samples as f64).sqrt();
    let given = [
        ("eta", eta),
        ("batch", batch),
        ("lambda", lambda),
        ("dim", dim as f64),
        ("samples", samples as f64),
        ("theta_norm2", norm),
        ("beta0", beta0),
    ];
    Expected {
        quantity: "pac-bayes",
        given: given.iter().map(|(key, x)| format!("{key}={x}")).collect(),
        values: vec![("kl", kl, 0.0), ("bound", bound, 0.0)],
        rounding: 1e-10,
        units: Vec::new(),
    }
    .judged()
}
