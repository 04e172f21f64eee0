//! Full-batch training of the cubic network by any of the crate's update rules.

use std::sync::atomic::{AtomicBool, Ordering};

use super::data::Examples;
use super::network::{CubicNetwork, Pass, loss};
use crate::optimizer::Optimizer;
use crate::optimizer::trajectory::Trajectory;

/// The large-margin data count as fitted when the mean of S(−y f) over them, the weight that they still have
/// in the gradient, falls below this.
pub const FITTED: f64 = 0.05;

/// Steps between two looks at the stop flag.
const LOOK: u64 = 256;

/// How to train.
pub struct Plan<'a> {
    /// The network.
    pub network: CubicNetwork,
    /// The training data.
    pub examples: &'a Examples,
    /// The update rule.
    pub rule: &'a dyn Optimizer,
    /// The rule that takes over, with an empty memory, when the large-margin data are fitted.
    pub then: Option<&'a dyn Optimizer>,
    /// Training ends when the mean loss on Z₁ and that on Z₂ are both below this.
    pub stop: f64,
    /// Training ends after this many steps at the latest.
    pub max_steps: u64,
    /// Steps after the fit of the large-margin data at which the weights are kept, if any.
    pub coast: Option<u64>,
    /// Steps at which the weights are kept, ascending.
    pub marks: &'a [u64],
}

/// Weights at a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Steps taken.
    pub step: u64,
    /// The weights, by neuron.
    pub weights: Vec<f64>,
}

/// What training came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// The last weights.
    pub last: Kept,
    /// Whether both mean losses fell below the limit.
    pub converged: bool,
    /// Mean losses on Z₁ and Z₂ at the last weights; NaN of no examples.
    pub losses: [f64; 2],
    /// What Z₁ contributes to the loss at the start, (1/N) Σ_{Z₁} log(1 + exp(−y f)).
    pub initial_loss: f64,
    /// The step at which the large-margin data were fitted.
    pub fitted: Option<u64>,
    /// The weights `coast` steps later, or the last ones if training ended before.
    pub coasted: Option<Kept>,
    /// The weights at the marks that were reached.
    pub marks: Vec<Kept>,
}

/// Trains from `weights`; `None` when `stop` was set before the end.
pub fn train(plan: &Plan<'_>, mut weights: Vec<f64>, stop: &AtomicBool) -> Option<Trained> {
    let (network, examples) = (plan.network, plan.examples);
    let everything = || (0..weights.len()).collect::<Vec<_>>();
    let mut trajectory = Trajectory::new(vec![plan.rule.group(everything())]);
    let mut taken_over = plan.then.map(|rule| rule.group(everything()));
    let mut gradient = vec![0.0; weights.len()];
    let mut pass = Pass::new(network, examples);
    let mut initial_loss = f64::NAN;
    let (mut fitted, mut coasted): (Option<u64>, Option<Kept>) = (None, None);
    let mut marks: Vec<Kept> = Vec::new();
    let mut step = 0;
    loop {
        if step % LOOK == 0 && stop.load(Ordering::Relaxed) {
            return None;
        }
        pass.outputs(&weights, examples);
        let kept = |weights: &[f64]| Kept {
            step,
            weights: weights.to_vec(),
        };
        if step == 0 {
            let share = examples.large() as f64 / examples.len() as f64;
            initial_loss = share * losses(&pass, examples)[0];
        }
        if plan.marks.get(marks.len()) == Some(&step) {
            marks.push(kept(&weights));
        }
        let weight = means(pass.weights(), examples);
        if fitted.is_none() && weight[0] < FITTED {
            fitted = Some(step);
            if let Some(group) = taken_over.take() {
                trajectory = Trajectory::new(vec![group]);
            }
        }
        if coasted.is_none() && fitted.zip(plan.coast).is_some_and(|(t, c)| step == t + c) {
            coasted = Some(kept(&weights));
        }
        // The loss log(1 + e^(−x)) is at least S(−x), which is at hand.
        let below = |of: [f64; 2]| of.iter().all(|mean| mean.is_nan() || *mean < plan.stop);
        let finite = weights.iter().all(|w| w.is_finite());
        let converged = finite && below(weight) && below(losses(&pass, examples));
        if converged || !finite || step == plan.max_steps {
            let last = kept(&weights);
            if plan.coast.is_some() && fitted.is_some() && coasted.is_none() {
                coasted = Some(last.clone());
            }
            return Some(Trained {
                converged,
                losses: losses(&pass, examples),
                last,
                initial_loss,
                fitted,
                coasted,
                marks,
            });
        }
        if let Some(at) = trajectory.aim(&weights) {
            pass.outputs(&at, examples);
        }
        pass.gradient(examples, &mut gradient);
        trajectory.step(&mut weights, &gradient);
        step += 1;
    }
}

/// Means over Z₁ and Z₂; NaN of no examples.
fn means(values: &[f64], examples: &Examples) -> [f64; 2] {
    let (large, small) = values.split_at(examples.large());
    [large, small].map(|part| part.iter().sum::<f64>() / part.len() as f64)
}

/// Mean losses on Z₁ and Z₂ at the weights of the last pass.
pub fn losses(pass: &Pass, examples: &Examples) -> [f64; 2] {
    let each: Vec<f64> = pass.margins(examples).map(loss).collect();
    means(&each, examples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::data::PatchLaw;
    use crate::feature::projections::Projections;
    use crate::optimizer::Values;
    use crate::optimizer::registry::Rules;
    use crate::random::Stream;

    const FEATURE: [f64; 5] = [0.10, -0.05, 0.02, 0.15, -0.10];

    fn rule(eta: f64, gamma: f64) -> Box<dyn Optimizer> {
        let entry = Rules::default().find("sgdm").unwrap();
        (entry.build)(&Values::defaults(entry, eta).with("beta1", gamma))
    }

    /// Data without noise: the network is a function of c alone.
    fn signal_only() -> Examples {
        let law = PatchLaw {
            dim: 30,
            patches: 2,
            alpha: 30f64.powf(0.49),
            beta: 0.3,
            sigma: 0.0,
        };
        law.draw(&Stream::new(1, 1), 0, 8, 0)
    }

    fn start() -> Vec<f64> {
        let mut weights = vec![0.0; 150];
        for (r, c) in FEATURE.iter().enumerate() {
            weights[r * 30] = *c;
        }
        weights
    }

    /// max_r c_r at steps 1, 5, 20, 100, 2000 of c ← c − ηg, g ← γg − (1 − γ) 3α³c² S(−α³ Σc³), computed
    /// elsewhere to ten digits.
    #[test]
    fn without_noise_it_is_the_recursion_of_the_feature() {
        let examples = signal_only();
        let network = CubicNetwork {
            neurons: 5,
            dim: 30,
        };
        for (eta, gamma, known) in [
            (
                0.03,
                0.0,
                [
                    0.2646110866,
                    0.324692546,
                    0.3550528398,
                    0.3847772659,
                    0.4295249104,
                ],
            ),
            (
                0.03,
                0.9,
                [
                    0.1614611087,
                    0.2926829644,
                    0.5879330982,
                    0.6646090617,
                    0.6646258171,
                ],
            ),
            (
                0.03,
                0.99,
                [
                    0.1511461109,
                    0.167144653,
                    0.3478263093,
                    1.104217953,
                    1.716933187,
                ],
            ),
            (
                0.1,
                0.97,
                [
                    0.1614611087,
                    0.3057386225,
                    0.8522099599,
                    1.713484005,
                    1.796015823,
                ],
            ),
        ] {
            let marks = [1, 5, 20, 100, 2000];
            let plan = Plan {
                network,
                examples: &examples,
                rule: &*rule(eta, gamma),
                then: None,
                stop: 0.0,
                max_steps: 2000,
                coast: None,
                marks: &marks,
            };
            let trained = train(&plan, start(), &AtomicBool::new(false)).unwrap();
            let mut pass = Pass::new(network, &examples);
            for (kept, known) in trained.marks.iter().zip(known) {
                let c =
                    Projections::of(network, &kept.weights, &examples, &mut pass).largest_feature();
                assert!(
                    (c - known).abs() < 6e-10 * known.max(1.0),
                    "η = {eta}, γ = {gamma}, step {}: {c}",
                    kept.step
                );
            }
            assert_eq!(trained.marks.len(), 5);
            assert!(!trained.converged && trained.last.step == 2000);
        }
    }

    #[test]
    fn another_rule_takes_over_at_the_fit_with_an_empty_memory() {
        let examples = signal_only();
        let network = CubicNetwork {
            neurons: 5,
            dim: 30,
        };
        let (momentum, plain) = (rule(0.03, 0.99), rule(0.03, 0.0));
        let run = |then: Option<&dyn Optimizer>, max_steps: u64| {
            let plan = Plan {
                network,
                examples: &examples,
                rule: &*momentum,
                then,
                stop: 0.0,
                max_steps,
                coast: Some(400),
                marks: &[],
            };
            train(&plan, start(), &AtomicBool::new(false)).unwrap()
        };
        let whole = run(None, 2000);
        let fitted = whole.fitted.unwrap();
        assert_eq!(whole.coasted.as_ref().unwrap().step, fitted + 400);
        let (until, beyond) = (run(Some(&*plain), fitted), run(Some(&*plain), fitted + 1));
        assert_eq!(
            until.last.weights,
            run(None, fitted).last.weights,
            "nothing changes before"
        );
        // One plain step from the weights at the fit.
        let mut expected = until.last.weights.clone();
        let mut pass = Pass::new(network, &examples);
        let mut gradient = vec![0.0; 150];
        pass.outputs(&expected, &examples);
        pass.gradient(&examples, &mut gradient);
        for (w, g) in expected.iter_mut().zip(&gradient) {
            *w -= 0.03 * g;
        }
        assert_eq!(beyond.last.weights, expected);
        let emptied = run(Some(&*momentum), 2000);
        assert!(emptied.last.weights[90] < 0.6 * whole.last.weights[90]);
    }

    #[test]
    fn it_stops_when_told_and_when_it_diverges() {
        let examples = signal_only();
        let plan = Plan {
            network: CubicNetwork {
                neurons: 5,
                dim: 30,
            },
            examples: &examples,
            rule: &*rule(0.03, 0.0),
            then: None,
            stop: 0.0,
            max_steps: 10,
            coast: None,
            marks: &[],
        };
        assert_eq!(train(&plan, start(), &AtomicBool::new(true)), None);
        let broken = vec![f64::NAN; 150];
        let trained = train(&plan, broken, &AtomicBool::new(false)).unwrap();
        assert!(!trained.converged && trained.last.step == 0);
    }
}
