//! Self-checks: the estimate against the exact chain and against brute force, its spread against theory.

use super::outcome::Outcome;
use measurement::Sampled;
use verdict::SelfCheck;
use verdict::decide::self_check;

/// The spread of the runs over the least that splitting can have: below it the runs would not be
/// independent, far above it the reaction coordinate would be a bad one.
pub const SPREAD: (f64, f64) = (0.6, 1.8);

/// Every self-check of every cell.
pub fn self_checks(outcomes: &[Outcome<'_>]) -> Vec<SelfCheck> {
    outcomes.iter().flat_map(checks).collect()
}

fn checks(o: &Outcome<'_>) -> Vec<SelfCheck> {
    let label = &o.cell.cell.label;
    let rate = o.rate.value.unwrap_or(f64::NAN);
    let runs = o.done.runs.len() as u64;
    let mut checks = Vec::new();
    if let Some(steps) = o.reference.steps {
        let id = format!("{label}: exit rate × exact mean exit step");
        let relative = Sampled::student(rate * steps, o.error * steps, runs);
        checks.push(self_check(&id, &relative, 1.0, 0.0));
        let id = format!("{label}: spread of the runs over √(−ln p/N)");
        let (low, high) = SPREAD;
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        let ratio = o.spread / o.ideal;
        let spread = Sampled::student(ratio, ratio * o.spread_error, runs);
        checks.push(self_check(&id, &spread, middle, half));
    }
    if let Some(brute) = &o.done.brute {
        let id = format!("{label}: exit rate over that of brute force");
        let ratio = rate / brute.rate();
        let relative = (o.error / rate).hypot(brute.relative_error());
        let ratio = Sampled::student(ratio, ratio * relative, runs.min(brute.exits));
        checks.push(self_check(&id, &ratio, 1.0, 0.0));
    }
    checks
}
