//! Self-checks: without noise the network is a recursion in c alone, which is computed beside it.

use std::sync::atomic::AtomicBool;

use super::cell::Cell;
use super::run::setting;
use super::spec::FeatureSpec;
use prediction::theory::feature_learning::signal_recursion;
use simulation::feature::{PatchLaw, Plan, train};
use simulation::random::Stream;
use verdict::{SelfCheck, decide};

/// Steps of the comparison.
const STEPS: u64 = 1000;

/// Relative deviation that rounding may cause: the sums of the two run in different orders, and a step as
/// long as that of GD past saturation turns a rounding of c into 3α³c³ of them, 10³ to 10⁵ here.
const ROUNDING: f64 = 1e-9;

/// Every GD and GD+M cell on data without noise, against the recursion of c.
pub fn self_checks(spec: &FeatureSpec, seed: u64) -> Vec<SelfCheck> {
    let several = spec.varied();
    spec.cells
        .iter()
        .filter(|cell| cell.is_plain())
        .filter_map(|cell| {
            let worst = deviation(cell, seed)?;
            Some(decide::sure(
                &format!("{}: feature alone", cell.short(several)),
                worst <= ROUNDING,
                format!(
                    "c_r after {STEPS} steps of the network on data without noise against its scalar recursion: worst relative deviation {worst:.1e}, rounding allows {ROUNDING:.0e}"
                ),
            ))
        })
        .collect()
}

fn deviation(cell: &Cell, seed: u64) -> Option<f64> {
    let law = PatchLaw {
        sigma: 0.0,
        ..cell.law
    };
    // All of one label and margin, so that c is driven by one number.
    let examples = law.draw(&Stream::new(seed, 0), 0, 16, 0);
    let (_, weights) = setting(cell, seed, 0);
    let start: Vec<f64> = weights.iter().step_by(law.dim).copied().collect();
    let rule = cell.rule.build();
    let plan = Plan {
        network: cell.network(),
        examples: &examples,
        rule: &*rule,
        then: None,
        stop: 0.0,
        max_steps: STEPS,
        coast: None,
        marks: &[],
    };
    let trained = train(&plan, weights, &AtomicBool::new(false))?;
    let known = signal_recursion(&start, law.alpha, cell.eta(), cell.gamma()?, STEPS as usize);
    let own = trained.last.weights.iter().step_by(law.dim);
    let worst = own
        .zip(&known)
        .map(|(c, k)| (c - k).abs() / (1.0 + k.abs()));
    Some(worst.fold(0.0, f64::max))
}
