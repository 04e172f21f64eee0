//! The largest learning rate at which a linear optimizer is stable on a quadratic.

use super::optimizer::LinearOptimizer;
use super::quadratic::Quadratic;
use super::recursion::Recursion;
use super::rule::LinearRule;
use base::error::{Error, Result};

/// The learning rate below which every mode decays.
///
/// In closed form where all coordinates share one rule, [`limit / h_max`](super::LinearRule::stability_limit);
/// by [`bisection`] otherwise.
///
/// # Errors
/// [`Error::Input`] unless H is positive definite: a flat or falling direction never settles.
pub fn largest_eta(optimizer: &LinearOptimizer, quadratic: &Quadratic) -> Result<f64> {
    let rate = largest_rate(optimizer, quadratic)?;
    Ok(rate / quadratic.curvatures().1)
}

/// That learning rate times h_max, which is a double where the rate itself may be none.
///
/// # Errors
/// As [`largest_eta`].
pub fn largest_rate(optimizer: &LinearOptimizer, quadratic: &Quadratic) -> Result<f64> {
    let (least, _) = quadratic.curvatures();
    if least <= 0.0 {
        return Err(Error::Input(format!(
            "no learning rate is stable: H has the eigenvalue {least}, and along it nothing pulls θ \
             back; all eigenvalues must be positive"
        )));
    }
    match optimizer.single_rule() {
        Some(rule) => rule.stable_rates().map(|[_, limit]| limit).ok_or_else(|| {
            Error::Input(
                "no learning rate is stable: at each of them some mode grows, or never fades"
                    .into(),
            )
        }),
        None => bisection(optimizer, quadratic),
    }
}

/// The same from the recursion alone: the smallest ηh_max, to 1e-12 relative, at which ρ(A) reaches one.
///
/// The search starts at a thousandth of the learning rate at which SGD with the largest
/// preconditioner is unstable, and doubles; it takes the stable rates to be an interval.
///
/// # Errors
/// [`Error::Input`] where no bracket is found within the doubles; as [`Recursion::new`].
pub fn bisection(optimizer: &LinearOptimizer, quadratic: &Quadratic) -> Result<f64> {
    let (unit, _) = quadratic.of_unit_curvature();
    let stable =
        |eta: f64| -> Result<bool> { Ok(Recursion::new(optimizer, eta, &unit)?.growth() < 0.0) };
    let (_, greatest) = unit.curvatures();
    let mut low = 2e-3 / (optimizer.largest_gain() * greatest);
    if !(low.is_finite() && stable(low)?) {
        return Err(Error::Input(format!(
            "no stable learning rate is found from ηh = {low} on; rescale H or the second moments"
        )));
    }
    let mut high = 2.0 * low;
    while stable(high)? {
        low = high;
        high *= 2.0;
        if !high.is_finite() {
            return Err(Error::Input(
                "every learning rate up to the largest double is stable; rescale H".into(),
            ));
        }
    }
    while high - low > 1e-12 * high {
        let middle = 0.5 * (low + high);
        if stable(middle)? {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(0.5 * (low + high) * greatest)
}

/// Halvings and doublings of the rate of [`bisection`]'s start between which stable rates are looked for, and looks in each.
const OCTAVES: [i32; 2] = [-40, 60];
const LOOKS: i32 = 4;
/// What the growth over ηh, up to 1, must be below: a mode that neither grows nor fades has that of its rounding.
const GROWTH: f64 = -1e-13;

/// The first interval of ηh in which a rule is stable on ½hθ², to 1e-12 relative, from the spectral radius alone: of rates a
/// factor 2^¼ apart. It begins at 0 where the least of them is stable.
pub fn stable_rates(rule: LinearRule) -> Option<[f64; 2]> {
    let growth = |rate: f64| Some(Recursion::scalar(rule, rate, 1.0, 1.0).ok()?.growth());
    let stable = |rate: f64| growth(rate).is_some_and(|own| own < GROWTH * rate.min(1.0));
    let unit = 2e-3 / rule.filter().reach();
    let rate = |look: i32| unit * 2f64.powf(f64::from(look) / f64::from(LOOKS));
    let [least, most] = OCTAVES.map(|octave| octave * LOOKS);
    let first = (least..=most).find(|look| stable(rate(*look)))?;
    let edge = |mut inside: f64, mut outside: f64| {
        while (outside - inside).abs() > 1e-12 * outside.max(inside) {
            let middle = 0.5 * (inside + outside);
            *(if stable(middle) {
                &mut inside
            } else {
                &mut outside
            }) = middle;
        }
        0.5 * (inside + outside)
    };
    let from = match first == least {
        true => 0.0,
        false => edge(rate(first), rate(first - 1)),
    };
    let beyond = (first..=most).find(|look| !stable(rate(*look)))?;
    Some([from, edge(rate(beyond - 1), rate(beyond))])
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};

    use super::super::Filter;
    use super::*;

    #[test]
    fn closed_forms_are_where_the_spectral_radius_reaches_one() {
        let quadratic = Quadratic::new(
            DMatrix::from_row_slice(2, 2, &[2.0, 0.5, 0.5, 1.0]),
            DMatrix::identity(2, 2),
        )
        .unwrap();
        let mut rules = vec![LinearRule::Sgd, LinearRule::TwoBatch { beta0: 2.0 }];
        for beta1 in [0.0, 0.5, 0.9, 0.99] {
            rules.push(LinearRule::Sgdm { beta1 });
            rules.push(LinearRule::HeavyBall { beta1, beta3: 0.3 });
            for beta0 in [-3.0, -1.0, -0.7, -0.5, -0.3, -0.05, 0.0, 1.0, 6.0] {
                rules.push(LinearRule::Pnm { beta1, beta0 });
            }
            for tau in [0.0, 0.5] {
                for nesterov in [false, true] {
                    let mu = beta1;
                    rules.push(LinearRule::Torch { mu, tau, nesterov });
                }
            }
        }
        for rule in rules {
            let optimizer = LinearOptimizer::uniform(rule, 2).unwrap();
            let closed = largest_rate(&optimizer, &quadratic).unwrap();
            let searched = bisection(&optimizer, &quadratic).unwrap();
            assert!(
                (closed / searched - 1.0).abs() < 1e-10,
                "{rule:?} {closed} {searched}"
            );
        }
    }

    fn derived(memory: f64, through: f64, output: f64, ahead: f64) -> LinearRule {
        let own = |x: f64| DVector::from_element(1, x);
        let filter = Filter {
            transition: DMatrix::from_element(1, 1, memory),
            output: own(output),
            ahead: own(ahead),
            through,
            ..Filter::average(0.0, 1.0)
        };
        LinearRule::derived(filter.clone(), filter)
    }

    /// By hand, from Jury's conditions on z² − (1 + F − at)z + F(1 − at) + ao, a = ηh, t = through, o = output: integral control
    /// s ← s + g, d = g + s/100 is stable to a = 4/2.01; s alone never is; F = 1.1, t = 1.3, o = 0.3 from 0.1/1.13 on; and a memory
    /// that only grows never.
    #[test]
    fn rules_that_remember_for_ever() {
        let rates = |memory, through, output| derived(memory, through, output, 0.0).stable_rates();
        let [from, to] = rates(1.0, 1.01, 0.01).unwrap();
        assert!(
            from == 0.0 && (to / (4.0 / 2.01) - 1.0).abs() < 1e-11,
            "{to}"
        );
        assert_eq!(rates(1.0, 1.0, 1.0), None);
        assert_eq!(rates(1.1, 1.0, 1.1), None);
        let [from, to] = rates(1.1, 1.3, 0.3).unwrap();
        assert!((from / (0.1 / 1.13) - 1.0).abs() < 1e-11, "{from}");
        // z = −1: 2 + F − at + F(1 − at) + ao = 0.
        assert!((to / (4.2 / 2.43) - 1.0).abs() < 1e-11, "{to}");
        let optimizer = LinearOptimizer::uniform(derived(1.1, 1.0, 1.1, 0.0), 1).unwrap();
        let error = largest_eta(&optimizer, &Quadratic::scalar(1.0, 1.0).unwrap());
        assert!(
            error
                .unwrap_err()
                .to_string()
                .contains("no learning rate is stable")
        );
    }

    /// Nesterov's momentum as he wrote it, gradients at θ − ημv, is torch's of φ = θ − ημv: both are stable to
    /// 2(1 + μ)/(1 + 2μ), and φ has the same law.
    #[test]
    fn a_gradient_ahead() {
        let mu = 0.9;
        let ahead = derived(mu, 1.0, mu, -mu);
        let nesterov = LinearRule::Torch {
            mu,
            tau: 0.0,
            nesterov: true,
        };
        let limit = ahead.stability_limit();
        assert!(
            (limit / nesterov.stability_limit() - 1.0).abs() < 1e-11,
            "{limit}"
        );
        for rate in [0.01, 0.5, 1.3] {
            let [own, theirs] =
                [ahead, nesterov].map(|rule| Recursion::scalar(rule, rate, 1.0, 1.0).unwrap());
            assert!((own.growth() / theirs.growth() - 1.0).abs() < 1e-9);
        }
        // z = (θ, v) ← (θ − η(μv + g), μv + g), g = θ − ημv + ξ, step by step.
        let (eta, steps) = (0.3, 12);
        let recursion = Recursion::scalar(ahead, eta, 1.0, 1.0).unwrap();
        let law = recursion
            .after(steps, &[2.0], crate::exact::linear::Memory::Zero)
            .unwrap();
        let (mut mean, mut covariance) = ([2.0, 0.0], [[0.0; 2]; 2]);
        let own = [
            [1.0 - eta, -eta * mu * (1.0 - eta)],
            [1.0, mu * (1.0 - eta)],
        ];
        let entry = [-eta, 1.0];
        for _ in 0..steps {
            mean = own.map(|row| row[0] * mean[0] + row[1] * mean[1]);
            let mut next = [[0.0; 2]; 2];
            for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                next[i][j] = entry[i] * entry[j];
                for (k, l) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    next[i][j] += own[i][k] * covariance[k][l] * own[j][l];
                }
            }
            covariance = next;
        }
        assert!(
            (law.mean[0] - mean[0]).abs() < 1e-13,
            "{} {mean:?}",
            law.mean[0]
        );
        let variance = law.covariance[(0, 0)];
        assert!(
            (variance / covariance[0][0] - 1.0).abs() < 1e-12,
            "{variance}"
        );
    }

    #[test]
    fn frozen_rules_are_searched() {
        // On a diagonal H the modes decouple: the least of 2(1 + β₁)/((1 − β₁)h).
        let hessian = DMatrix::from_row_slice(2, 2, &[0.1, 0.0, 0.0, 1.0]);
        let quadratic = Quadratic::hessian_shaped(hessian, 1.0).unwrap();
        let optimizer = LinearOptimizer::frozen_inertia(&[0.5, 0.9]).unwrap();
        let limit = largest_eta(&optimizer, &quadratic).unwrap();
        assert!((limit / 38.0 - 1.0).abs() < 1e-10, "{limit}");
    }

    #[test]
    fn nothing_settles_on_a_saddle() {
        let saddle = Quadratic::scalar(-1.0, 1.0).unwrap();
        let optimizer = LinearOptimizer::uniform(LinearRule::Sgd, 1).unwrap();
        let error = largest_eta(&optimizer, &saddle).unwrap_err().to_string();
        assert!(error.contains("eigenvalue -1"), "{error}");
        assert!(bisection(&optimizer, &saddle).is_err());
    }
}
