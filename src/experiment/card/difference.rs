//! Two rules side by side, over the same gradients.

use rand_distr::{Distribution, StandardNormal};

use super::given::updates;
use crate::optimizer::Tuned;
use base::error::{Error, Result};
use simulation::random::{Purpose, Sequence, Stream, cell_key};

/// Root seed of the gradients.
const SEED: u64 = 1;
/// Most steps, which are kept.
const MOST: usize = 10_000_000;

/// By how much the updates of two rules differ over `steps` steps of one coordinate from θ = 0, whose gradients are the same normals of
/// variance 1 for both: the largest difference, over the largest update of either.
///
/// # Errors
/// No step, or too many to keep; a rule that draws normals of its own.
pub fn difference(one: &Tuned, other: &Tuned, steps: usize) -> Result<f64> {
    if !(1..=MOST).contains(&steps) {
        return Err(Error::Input(format!(
            "steps = {steps}: rules are compared over 1 to {MOST} steps"
        )));
    }
    let stream = Stream::new(SEED, cell_key("difference"));
    let normals = Sequence::new(&stream, Purpose::Process, 0, 0);
    let gradients: Vec<f64> = StandardNormal.sample_iter(normals).take(steps).collect();
    let path = |rule: &Tuned| -> Result<Vec<f64>> {
        let built = rule.build();
        if built.draws() {
            let name = rule.entry.name;
            return Err(Error::Input(format!(
                "{name} draws normals of its own (`xi`), so that its answer to given gradients is random; compare rules without `xi`"
            )));
        }
        Ok(updates(&*built, &|t| gradients[t], steps))
    };
    let (one, other) = (path(one)?, path(other)?);
    // A difference that is no number is the answer.
    let larger = |a: f64, b: f64| {
        if a.is_nan() || b > a || b.is_nan() {
            b
        } else {
            a
        }
    };
    let largest = one.iter().chain(&other).map(|u| u.abs()).fold(0.0, larger);
    let apart = one.iter().zip(&other).map(|(u, v)| (u - v).abs());
    let apart = apart.fold(0.0, larger);
    Ok(if apart == 0.0 { 0.0 } else { apart / largest })
}

#[cfg(test)]
mod tests {
    use super::*;
    use simulation::optimizer::Values;
    use simulation::optimizer::registry::find;

    fn tuned(name: &str, numbers: &[(&str, f64)]) -> Tuned {
        let entry = find(name).unwrap();
        let values = Values::defaults(entry, 0.1);
        let values = numbers
            .iter()
            .fold(values, |values, (key, x)| values.with(key, *x));
        Tuned { entry, values }
    }

    #[test]
    fn equal_rules_differ_in_nothing_and_others_by_what_they_do() {
        let momentum = tuned("momentum", &[("mu", 0.0)]);
        let sgd = tuned("sgd", &[]);
        assert_eq!(difference(&momentum, &sgd, 100).unwrap(), 0.0);
        // Updates that are twice as large differ by half of the larger.
        let twice = tuned("sgd", &[("eta", 0.2)]);
        assert!((difference(&sgd, &twice, 100).unwrap() - 0.5).abs() < 1e-15);
        let refused = difference(&sgd, &twice, 0).unwrap_err().to_string();
        assert!(refused.contains("steps = 0"), "{refused}");
    }
}
