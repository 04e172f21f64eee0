//! Forms that no recorded trajectory covers, against the papers' pseudo-code written out plainly.

use super::{Moving, noise, rule};

const START: f64 = 0.5;
const STEPS: u64 = 120;
const ETA: f64 = 0.02;
const BETA1: f64 = 0.9;
const BETA2: f64 = 0.99;

/// One coordinate's path under `step(t, g) → u`, beside the lab's rule.
fn agrees(name: &str, changed: &[(&str, f64)], mut step: impl FnMut(f64, f64, f64) -> f64) {
    let mut moving = Moving::new(rule(name, ETA, changed), &[START], 1);
    let mut theta = START;
    for (t, gradient) in (1..).zip(noise(1, 1, STEPS)) {
        moving.step(&gradient);
        theta = step(f64::from(t), gradient[0], theta);
        let deviation = (moving.theta[0] - theta).abs() / (1.0 + theta.abs());
        assert!(deviation <= 1e-13, "{name}, step {t}: {deviation:e}");
    }
    assert!(theta != START);
}

#[test]
fn amsgrad_of_the_paper() {
    let (mut m, mut v, mut largest) = (0.0, 0.0, 0.0f64);
    agrees("amsgrad-paper", &[("beta2", BETA2)], |_, g, theta| {
        m = BETA1 * m + (1.0 - BETA1) * g;
        v = BETA2 * v + (1.0 - BETA2) * g * g;
        largest = largest.max(v);
        theta - ETA * m / largest.sqrt()
    });
}

#[test]
fn adamw_of_the_paper() {
    let (mut m, mut v, lambda) = (0.0, 0.0, 1e-3);
    let changed = [
        ("beta2", BETA2),
        ("scheduled_decay", lambda),
        ("decoupled_decay", 0.0),
    ];
    agrees("adamw", &changed, |t, g, theta| {
        m = BETA1 * m + (1.0 - BETA1) * g;
        v = BETA2 * v + (1.0 - BETA2) * g * g;
        let (first, second) = (m / (1.0 - BETA1.powf(t)), v / (1.0 - BETA2.powf(t)));
        theta - (ETA * first / (second.sqrt() + 1e-8) + lambda * theta)
    });
}

#[test]
fn adabound_of_the_paper() {
    let (mut m, mut v, gamma) = (0.0, 0.0, 0.01);
    let changed = [("beta2", BETA2), ("gamma", gamma)];
    agrees("adabound-paper", &changed, |t, g, theta| {
        m = BETA1 * m + (1.0 - BETA1) * g;
        v = BETA2 * v + (1.0 - BETA2) * g * g;
        let low = 0.1 * (1.0 - 1.0 / (gamma * t + 1.0));
        let high = 0.1 * (1.0 + 1.0 / (gamma * t));
        theta - (ETA / v.sqrt()).clamp(low, high) / t.sqrt() * m
    });
}

#[test]
fn padam_of_the_paper() {
    let (mut m, mut v, mut largest, p) = (0.0, 0.0, 0.0f64, 0.2);
    agrees(
        "padam-paper",
        &[("beta2", BETA2), ("p", p)],
        |_, g, theta| {
            m = BETA1 * m + (1.0 - BETA1) * g;
            v = BETA2 * v + (1.0 - BETA2) * g * g;
            largest = largest.max(v);
            theta - ETA * m / largest.powf(p)
        },
    );
}

#[test]
fn yogi_of_the_paper() {
    let (mut m, mut v) = (0.0, 0.25);
    agrees(
        "yogi-paper",
        &[("beta2", BETA2), ("v_init", v)],
        |_, g, theta| {
            m = BETA1 * m + (1.0 - BETA1) * g;
            v -= (1.0 - BETA2) * (v - g * g).signum() * g * g;
            theta - ETA * m / (v.sqrt() + 1e-3)
        },
    );
}

#[test]
fn radam_of_the_paper() {
    let (mut m, mut v) = (0.0, 0.0);
    let mut plain = 0;
    agrees("radam-paper", &[("beta2", BETA2)], |t, g, theta| {
        m = BETA1 * m + (1.0 - BETA1) * g;
        v = BETA2 * v + (1.0 - BETA2) * g * g;
        let limit = 2.0 / (1.0 - BETA2) - 1.0;
        let power = BETA2.powf(t);
        let rho = limit - 2.0 * t * power / (1.0 - power);
        let first = m / (1.0 - BETA1.powf(t));
        if rho > 4.0 {
            let adapted = ((1.0 - power) / v).sqrt();
            let r =
                ((rho - 4.0) * (rho - 2.0) * limit / ((limit - 4.0) * (limit - 2.0) * rho)).sqrt();
            theta - ETA * r * first * adapted
        } else {
            plain += 1;
            theta - ETA * first
        }
    });
    assert_eq!(plain, 4, "steps before the adaptive phase");
}
