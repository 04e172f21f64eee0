//! A bound of the theorems' form for any linear rule, with its constants.
//!
//! A linear rule moves θ by −η Σⱼ wⱼ g_{t−j}. With W = Σ wⱼ and tails aⱼ = Σ_{k>j} w_k the sequence
//! y_t = θ_t − η Σⱼ aⱼ g_{t−1−j} obeys y ← y − ηW g exactly. The descent lemma along y, Young's inequality for
//! ∇L(y) against ∇L(θ), and ηWL ≤ ½ give, summed over t steps,
//!
//! ```text
//! min E‖∇L‖² ≤ 4(L₀ − L*)/(ηWt) + 2ηWLσ² + 2η²L²A²(G² + σ²),   A = Σ |aⱼ|.
//! ```

use simulation::optimizer::Optimizer;
use simulation::optimizer::trajectory::Trajectory;

/// Gradients after which an impulse response is taken to have ended.
const LONGEST: usize = 100_000;

/// What the bound needs of a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    /// W, the sum of the weights.
    pub total: f64,
    /// A, the sum of the absolute tails.
    pub lag: f64,
}

/// The response of a linear rule at learning rate η, read off its updates after a gradient of 1 and then none.
///
/// `None` where the response does not fade, or the rule answers to more than the gradients at θ.
pub fn response(rule: &dyn Optimizer, eta: f64) -> Option<Response> {
    if rule.aims() || rule.draws() {
        return None;
    }
    let mut trajectory = Trajectory::new(vec![rule.group(vec![0])]);
    let mut weights = Vec::new();
    let (mut theta, mut quiet) = ([0.0], 0);
    for step in 0..LONGEST {
        let before = theta[0];
        trajectory.step(&mut theta, &[if step == 0 { 1.0 } else { 0.0 }]);
        let weight = (before - theta[0]) / eta;
        weights.push(weight);
        // A rule may pause for a step or two, as PNM's interleaved averages do.
        quiet = if weight.abs() < 1e-17 { quiet + 1 } else { 0 };
        if quiet > 4 {
            let total: f64 = weights.iter().sum();
            let mut left = total;
            let lag = weights.iter().map(|w| {
                left -= w;
                left.abs()
            });
            let lag = lag.sum();
            return Some(Response { total, lag });
        }
    }
    None
}

/// The setting of a run.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// η.
    pub eta: f64,
    /// t.
    pub steps: f64,
    /// L₀ − L*.
    pub gap: f64,
    /// L, the Lipschitz constant of ∇L.
    pub smoothness: f64,
    /// σ² = E‖ξ‖².
    pub variance: f64,
    /// G², the largest E‖∇L‖² on the way.
    pub gradient2: f64,
}

/// The bound; `None` where ηWL > ½.
pub fn bound(response: Response, s: Setting) -> Option<f64> {
    let rate = s.eta * response.total;
    let spread = s.gradient2 + s.variance;
    (rate * s.smoothness <= 0.5).then(|| {
        4.0 * s.gap / (rate * s.steps)
            + 2.0 * rate * s.smoothness * s.variance
            + 2.0 * (s.eta * s.smoothness * response.lag).powi(2) * spread
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::of;
    use crate::spec::{Document, Section};
    use simulation::optimizer::Values;
    use simulation::optimizer::registry::{Rules, find};

    #[test]
    fn responses_by_hand() {
        let of = |name: &str, changed: &[(&str, f64)]| {
            let entry = find(name).unwrap();
            let mut values = Values::defaults(entry, 0.1);
            for (key, value) in changed {
                values = values.with(key, *value);
            }
            response(&*(entry.build)(&values), 0.1).unwrap()
        };
        let sgd = of("sgd", &[]);
        assert!((sgd.total - 1.0).abs() < 1e-14 && sgd.lag.abs() < 1e-14);
        // Weights (1 − β)βʲ, tails βʲ⁺¹.
        let sgdm = of("sgdm", &[("beta1", 0.9)]);
        assert!((sgdm.total - 1.0).abs() < 1e-13 && (sgdm.lag - 9.0).abs() < 1e-11);
        // Each gradient enters with total weight 1/√γ.
        let pnm = of("pnm", &[("beta0", 1.0)]);
        assert!((pnm.total - 1.0 / 5f64.sqrt()).abs() < 1e-13);
    }

    /// Such a rule has no response to a given gradient, and hence no bound.
    #[test]
    fn rules_that_answer_to_more_than_gradients_have_none() {
        for rule in [
            "at = \"2*z\"\nstate = { z = 0 }\nstep = \"z = z + g\\nupdate = eta*g\"",
            "step = \"update = eta*g + 0*xi\"",
        ] {
            let text = format!("[[rule]]\nname = \"a\"\n{rule}");
            let document = Document::parse("test.toml", &text).unwrap();
            let root = Section::new("", &document.root).unwrap();
            let rules = of(&root, &Rules::none()).unwrap();
            let entry = rules.find("a").unwrap();
            let built = (entry.build)(&Values::defaults(entry, 0.1));
            assert_eq!(response(&*built, 0.1), None, "{rule}");
        }
    }
}
