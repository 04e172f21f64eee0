//! How the update of a rule scales with its gradients.

use super::block::Optimizer;
use super::trajectory::Trajectory;

/// What the gradients are multiplied by.
const SCALE: f64 = 4.0;
/// Sizes of the gradients: a rule may clip what is long, or add something to what is short.
const SIZES: [f64; 3] = [0.015625, 1.0, 64.0];

/// Least and greatest p of u(sg) = sᵖu(g), s = 4, along paths of gradients of sizes 1/64, 1 and 64 in three coordinates, where
/// nothing that moves acts around the rule.
///
/// `None` where updates depend on more than the gradients, nothing moves, or an update is no number.
pub fn degrees(rule: &dyn Optimizer) -> Option<[f64; 2]> {
    if rule.sees() || rule.draws() {
        return None;
    }
    let mut found: Option<[f64; 2]> = None;
    for size in SIZES {
        let (one, other) = (path(rule, size), path(rule, SCALE * size));
        for (u, scaled) in one.iter().zip(&other) {
            if *u == 0.0 && *scaled == 0.0 {
                continue;
            }
            let own = (scaled / u).ln() / SCALE.ln();
            if own.is_nan() {
                return None;
            }
            let [low, high] = found.unwrap_or([own; 2]);
            found = Some([low.min(own), high.max(own)]);
        }
    }
    found
}

/// Where gradients of that size take three coordinates, step by step.
fn path(rule: &dyn Optimizer, size: f64) -> Vec<f64> {
    let mut trajectory = Trajectory::new(vec![rule.group((0..3).collect())]);
    let mut updates = Vec::new();
    for t in 0..32 {
        let gradient = [1.0, 2.0, 3.0].map(|i: f64| size * (i + 2.3 * f64::from(t)).sin());
        let mut theta = [0.0; 3];
        trajectory.step(&mut theta, &gradient);
        updates.extend(theta);
    }
    updates
}
