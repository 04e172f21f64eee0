//! What is exact of a rule that is linear in its gradients.

use nalgebra::{DMatrix, DVector};

use super::Curves;
use super::fact::{Fact, drawn};
use prediction::exact::linear::{Filter, LinearRule, Memory, Recursion};
use report::number::short;

/// Abscissae of a curve.
const POINTS: u32 = 80;
/// Why most of it may be missing.
const UNSTABLE: &str = "it is not stable on ½θ² at this η";

/// Why there is no mean and no power of the updates.
pub const LASTS: &str = "its memory of a gradient does not fade: under steady gradients its updates do not settle, and their noise has no power that lasts";

/// Effective rate and momentum, noise power, stability, stationary variance and saddles.
pub fn facts(rule: LinearRule, eta: f64, curves: &mut Curves) -> Vec<Fact> {
    let filter = rule.filter();
    let rate = rule.steady() * filter.gain;
    let fades = filter.fades();
    let rates = rule.stable_rates();
    let power = |omega: f64| filter.spectrum(omega) * filter.gain.powi(2);
    let share = |k: u32| f64::from(k) / f64::from(POINTS);
    curves.power = (0..=POINTS)
        .map(|k| std::f64::consts::PI * share(k))
        .filter(|_| fades)
        .map(|omega| (drawn(omega), drawn(power(omega))))
        .collect();
    // Both must be stable: SGD's limit is 2.
    let least = rates.map_or(0.0, |[_, to]| to.min(2.0));
    curves.variance = (0..POINTS)
        .filter_map(|k| {
            let rate = least * 1e-3f64.powf(1.0 - share(k));
            Some((
                drawn(rate),
                drawn(variance(rule, rate)? / sgd_variance(rate)),
            ))
        })
        .collect();
    let linear = "from the rule's own matrices";
    let or = |name, value: Option<f64>, why: &str| match value {
        Some(value) => Fact::exact(name, value, linear),
        None => Fact::none(name, why),
    };
    let stability = match rates {
        Some([from, to]) if from > 0.0 => Fact::exact(
            "stability_limit",
            to,
            &format!("{linear}; below ηh = {} it is unstable too", short(from, 6)),
        ),
        Some([_, to]) => Fact::exact("stability_limit", to, linear),
        None => Fact::none("stability_limit", "no ηh is stable"),
    };
    let lag = lag(&filter).filter(|_| fades);
    let equal = (eta < 2.0).then(|| variance(rule, eta)).flatten();
    let growth = |rule| Some(Recursion::scalar(rule, eta, -1.0, 1.0).ok()?.growth());
    let saddle = growth(rule).zip(growth(LinearRule::Sgd));
    vec![
        or("effective_rate", fades.then_some(rate), LASTS),
        or("lag", lag, if fades { SUMS_TO_0 } else { LASTS }),
        or(
            "effective_momentum",
            lag.and_then(momentum),
            match lag {
                Some(_) => LEADS,
                None if fades => SUMS_TO_0,
                None => LASTS,
            },
        ),
        or("noise_power", fades.then_some(rate * rate), LASTS),
        stability,
        or(
            "stationary_variance",
            equal.map(|own| own / sgd_variance(eta)),
            UNSTABLE,
        ),
        or(
            "saddle_growth",
            saddle.map(|(own, sgd)| own / sgd),
            "its growth is no number",
        ),
        or(
            "saddle_spread",
            spread(rule, eta)
                .zip(spread(LinearRule::Sgd, eta))
                .map(|(own, sgd)| own / sgd),
            "it is no number",
        ),
    ]
}

const SUMS_TO_0: &str = "its response to one gradient sums up to 0";

/// Of SGD at ηh, h = C = 1.
pub fn sgd_variance(rate: f64) -> f64 {
    rate / (2.0 - rate)
}

/// Steps after which particles have spread from a saddle.
pub fn spreading(eta: f64) -> u64 {
    (2.0 / eta).ceil().clamp(1.0, 1e6) as u64
}

/// E θ² at that step, from θ = 0.
pub fn spread(rule: LinearRule, eta: f64) -> Option<f64> {
    let saddle = Recursion::scalar(rule, eta, -1.0, 1.0).ok()?;
    let law = saddle.after(spreading(eta), &[0.0], Memory::Zero).ok()?;
    Some(law.covariance[(0, 0)])
}

fn variance(rule: LinearRule, rate: f64) -> Option<f64> {
    let law = Recursion::scalar(rule, rate, 1.0, 1.0).ok()?.stationary()?;
    Some(law.theta[(0, 0)])
}

/// ℓ = Σ j w_j/Σ w_j of the weights of past gradients.
fn lag(filter: &Filter) -> Option<f64> {
    let k = filter.order();
    let lu = (DMatrix::identity(k, k) - &filter.transition).lu();
    let once = lu.solve(&filter.input)?;
    let twice = lu.solve(&once)?;
    let all = filter.through + filter.output.dot(&once);
    let lag = filter.output.dot(&twice) / all;
    lag.is_finite().then_some(lag)
}

/// Why there is no effective momentum.
pub const LEADS: &str = "no average lags so little";

/// β of the average that lags by ℓ.
pub fn momentum(lag: f64) -> Option<f64> {
    (lag >= 0.0).then(|| lag / (1.0 + lag))
}

/// The order of the least memory that answers in the same way: the rank of the Hankel matrix of the weights.
pub fn order(filter: &Filter) -> f64 {
    let k = filter.order();
    let weights = weights(filter, 2 * k);
    // What it puts out, and where it takes its gradients.
    let hankel = DMatrix::from_fn(2 * k, k, |i, j| weights[i / 2 + j + 1][i % 2]);
    let values = hankel.singular_values();
    let least = 1e-10 * values.max();
    values.iter().filter(|value| **value > least).count() as f64
}

/// β₁ and β₃ where it is m ← β₁m + β₃g, d = m, β₁ > 0.
pub fn average(filter: &Filter) -> Option<(f64, f64)> {
    let [fresh, one, two] = [0, 1, 2].map(|k| weights(filter, 2)[k][0]);
    let beta1 = one / fresh;
    let same = (two - beta1 * one).abs() <= 1e-10 * one.abs();
    (order(filter) == 1.0 && !filter.looks_ahead() && beta1 > 0.0 && same).then_some((beta1, fresh))
}

/// The weights of the present gradient and of those before it, the gain included: in the direction, and in how far ahead the next
/// gradient is taken.
fn weights(filter: &Filter, past: usize) -> Vec<[f64; 2]> {
    let mut weights = vec![[filter.gain * filter.through, 0.0]];
    let mut memory: DVector<f64> = filter.input.clone();
    for _ in 0..past {
        weights.push([&filter.output, &filter.ahead].map(|own| filter.gain * own.dot(&memory)));
        memory = &filter.transition * memory;
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Orders and lags by hand: an average lags by β/(1 − β); PNM's average over every other step by 2q/(1 − q), q = β₁²,
    /// less the β₀ steps that its negative part leads.
    #[test]
    fn memories_by_hand() {
        for (rule, k, lag) in [
            (LinearRule::Sgd, 0.0, 0.0),
            (LinearRule::Sgdm { beta1: 0.9 }, 1.0, 9.0),
            (
                LinearRule::HeavyBall {
                    beta1: 0.5,
                    beta3: 2.0,
                },
                1.0,
                1.0,
            ),
            (
                LinearRule::Pnm {
                    beta1: 0.9,
                    beta0: 1.0,
                },
                2.0,
                1.62 / 0.19 - 1.0,
            ),
            (LinearRule::Sgdm { beta1: 0.0 }, 0.0, 0.0),
        ] {
            assert_eq!(order(&rule.filter()), k, "{rule:?}");
            let found = super::lag(&rule.filter()).unwrap();
            assert!((found - lag).abs() < 1e-12, "{rule:?} {found}");
        }
    }
}
