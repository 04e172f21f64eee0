//! The rate of exits, with an interval that holds whether exits are exponential or not.

use statrs::function::gamma::digamma;

use super::estimate::{Estimate, miss};
use super::exponentiality::{Exponentiality, FEWEST_EXITS, cox_oakes};
use super::forms::trigamma;
use super::mean::{Moments, not_enough};
use super::quantile::chi_square;
use super::rate::{Exposure, Observation, maximum_likelihood};
use base::error::Result;

/// The level of the Cox–Oakes test below which exits are not taken to be exponential.
pub const EXPONENTIAL_LEVEL: f64 = 0.05;

/// Γ with what its uncertainty rests on.
#[derive(Clone, Debug)]
pub struct ExitRate {
    /// Γ̂ = exits/time at risk, with its interval.
    pub estimate: Estimate,
    /// The number of exponential exits that would tell Γ as well: that of the exits where the exponential law is not
    /// rejected. `None` where there are too few exits to say.
    pub effective: Option<f64>,
    /// The test, where there are enough exits for it.
    pub exponentiality: Option<Exponentiality>,
}

impl ExitRate {
    /// From times to exit, some of them cut short.
    ///
    /// * The Cox–Oakes test does not reject the exponential law, or most particles were still inside and exits are
    ///   few: [`maximum_likelihood`], whose interval is then exact.
    /// * It rejects, and all left: 1/Γ is the mean time, with Hall's interval.
    /// * It rejects, and some were cut short: the gamma interval of as many exits as the scatter of δ − Γt over
    ///   particles is worth, n_eff = n²/Σ(δ − Γ̂t)², δ = 1 for an exit (the sandwich variance of a rate). Γ is then
    ///   exits per time at risk up to this horizon.
    /// * Fewer than 20 exits, of which most particles took part: no interval, since nothing says what law they follow.
    ///
    /// # Errors
    /// No time at risk, or a `confidence` outside (0, 1).
    pub fn of(observations: &[Observation], confidence: f64) -> Result<Self> {
        let exposure = Exposure::of(observations)?;
        let n = exposure.exits as f64;
        let exponential = maximum_likelihood(&exposure, confidence)?;
        if exposure.exits < FEWEST_EXITS {
            let rare = exposure.censored > exposure.exits || exposure.exits == 0;
            let few = || not_enough(exposure.exits);
            return Ok(ExitRate {
                estimate: match (rare, exponential.value) {
                    (false, Some(value)) => {
                        Estimate::without_interval(value, exposure.exits, &few())
                    }
                    _ => exponential,
                },
                effective: rare.then_some(n),
                exponentiality: None,
            });
        }
        let test = cox_oakes(observations)?;
        let rate = n / exposure.time_at_risk;
        if test.p_value >= EXPONENTIAL_LEVEL {
            return Ok(ExitRate {
                estimate: exponential,
                effective: Some(n),
                exponentiality: Some(test),
            });
        }
        let scatter: f64 = observations
            .iter()
            .map(|seen| (f64::from(u8::from(seen.exited)) - rate * seen.time).powi(2))
            .sum();
        let effective = n * n / scatter;
        let estimate = if scatter == 0.0 {
            Estimate::without_interval(rate, exposure.exits, &not_enough(exposure.exits))
        } else if exposure.censored == 0 {
            let times: Moments = observations.iter().map(|seen| seen.time).collect();
            let mean = times.skewed_estimate(confidence)?;
            Estimate {
                standard_error: mean.standard_error.map(|error| error * rate * rate),
                value: Some(rate),
                ci_low: 1.0 / mean.ci_high,
                // A mean time is positive.
                ci_high: if mean.ci_low > 0.0 { 1.0 / mean.ci_low } else { f64::INFINITY },
                method: "exits / time at risk; times are not exponential (Cox–Oakes): Hall's interval of their mean"
                    .into(),
                ..mean
            }
        } else {
            Estimate {
                method: "exits / time at risk; times are not exponential (Cox–Oakes): gamma interval of the scatter \
                         over particles"
                    .into(),
                ..of_effective(&exposure, effective, confidence)?
            }
        };
        Ok(ExitRate {
            estimate,
            effective: (scatter > 0.0).then_some(effective),
            exponentiality: Some(test),
        })
    }

    /// ln Γ with its standard error, of a Γ̂ that is gamma distributed with the effective number of exits: unbiased,
    /// ln Γ̂ + ψ(n) − ln n, with standard deviation √ψ′(n). `None` without an exit or too few to say.
    pub fn log(&self) -> Option<(f64, f64)> {
        let (value, n) = (self.estimate.value?, self.effective?);
        Some((value.ln() + digamma(n) - n.ln(), trigamma(n).sqrt()))
    }

    /// The relative standard error of Γ̂, √(1/n).
    pub fn relative_error(&self) -> Option<f64> {
        Some(1.0 / self.effective?.sqrt())
    }
}

/// Γ̂ = exits/time at risk where it is known as well as from `effective` exponential exits, with the gamma interval of that
/// many; a bound from above where nobody left.
///
/// # Errors
/// As [`maximum_likelihood`].
pub fn of_effective(exposure: &Exposure, effective: f64, confidence: f64) -> Result<Estimate> {
    let exponential = maximum_likelihood(exposure, confidence)?;
    let Some(rate) = exponential.value else {
        return Ok(exponential);
    };
    let alpha = miss(confidence)?;
    let end = |p: f64, shape: f64| rate * chi_square(p, shape) / (2.0 * effective);
    Ok(Estimate {
        standard_error: Some(rate / effective.sqrt()),
        ci_low: end(0.5 * alpha, effective),
        ci_high: end(1.0 - 0.5 * alpha, effective + 1.0),
        method: "exits / time at risk, gamma interval".into(),
        ..exponential
    })
}

/// The mean time 1/Γ with the interval of Γ; `None` where nothing is known of either.
pub fn mean_time(rate: &Estimate) -> Option<Estimate> {
    if !rate.has_interval() {
        let value = 1.0 / rate.value?;
        return Some(Estimate::without_interval(value, rate.n, &rate.method));
    }
    Some(Estimate {
        standard_error: rate
            .standard_error
            .zip(rate.value)
            .map(|(error, rate)| error / (rate * rate)),
        value: rate.value.map(|rate| 1.0 / rate),
        ci_low: 1.0 / rate.ci_high,
        ci_high: if rate.ci_low > 0.0 {
            1.0 / rate.ci_low
        } else {
            f64::INFINITY
        },
        method: format!("1/Γ; Γ = {}", rate.method),
        ..rate.clone()
    })
}

/// `observations` from `start` on: who had left or was lost by then is dropped, and `start` taken off the others' times.
pub fn after(observations: &[Observation], start: f64) -> Vec<Observation> {
    let late = observations.iter().filter(|seen| seen.time > start);
    late.map(|seen| Observation {
        time: seen.time - start,
        ..*seen
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};
    use rand_distr::{Distribution, Exp1};

    /// Of which a share is long: coefficient of variation √(2/share − 1) or so.
    fn mixed(rng: &mut SmallRng, share: f64) -> f64 {
        let (u, time): (f64, f64) = (rng.random(), Exp1.sample(rng));
        if u < share { time } else { 0.01 * time }
    }

    fn seen(time: f64, horizon: f64) -> Observation {
        Observation {
            time: time.min(horizon),
            exited: time <= horizon,
        }
    }

    /// How often 95 % intervals hold the truth, over `trials` samples; seed 41.
    fn coverage(n: u32, share: f64, horizon: f64, truth: f64, trials: u32) -> f64 {
        let mut rng = SmallRng::seed_from_u64(41);
        let covered = (0..trials)
            .filter(|_| {
                let sample: Vec<Observation> = (0..n)
                    .map(|_| seen(mixed(&mut rng, share), horizon))
                    .collect();
                let found = ExitRate::of(&sample, 0.95).unwrap().estimate;
                (found.ci_low..=found.ci_high).contains(&truth)
            })
            .count();
        covered as f64 / f64::from(trials)
    }

    /// 4000 samples each: four Monte Carlo standard errors are 0.014, and the laws behind the intervals are right to
    /// order 1/n. The exact chi-square interval covers 0.63 of the samples with a coefficient of variation of 2.5.
    #[test]
    fn the_interval_covers_whether_exits_are_exponential_or_not() {
        for n in [20, 100, 400] {
            let found = coverage(n, 1.0, f64::INFINITY, 1.0, 4000);
            assert!((0.933..0.967).contains(&found), "exponential, {n}: {found}");
            let mean = 0.265 + 0.735 * 0.01;
            let found = coverage(n, 0.265, f64::INFINITY, 1.0 / mean, 4000);
            assert!((0.93..0.97).contains(&found), "mixed, {n}: {found}");
        }
    }

    /// Cut at 1: P(exit) and ⟨min(t, 1)⟩ of the mixture in closed form, their ratio the truth at this horizon.
    #[test]
    fn under_censoring_the_scatter_widens_the_interval() {
        let share = 0.265;
        let long = 1.0 - (-1.0f64).exp();
        let short = 1.0 - (-100.0f64).exp();
        let exits = share * long + (1.0 - share) * short;
        let time = share * long + (1.0 - share) * 0.01 * short;
        let found = coverage(200, share, 1.0, exits / time, 4000);
        assert!((0.93..0.97).contains(&found), "{found}");
    }

    #[test]
    fn few_exits_give_no_interval_unless_most_particles_stay() {
        let few = ExitRate::of(&[seen(3.0, 9.0); 5], 0.999).unwrap();
        assert_eq!(few.estimate.value, Some(1.0 / 3.0));
        assert!(!few.estimate.has_interval() && few.log().is_none());
        assert!(few.estimate.method.contains("5 numbers, of which 20"));
        let mut rare = vec![seen(9.0, 3.0); 100];
        rare.push(seen(1.0, 3.0));
        let rare = ExitRate::of(&rare, 0.999).unwrap();
        assert!(rare.estimate.has_interval() && rare.log().is_some());
        let equal = ExitRate::of(&[seen(3.0, 9.0); 50], 0.999).unwrap();
        assert!(!equal.estimate.has_interval(), "{equal:?}");
        assert!(equal.estimate.method.contains("no spread"));
    }

    #[test]
    fn truncation_shortens_the_late_and_drops_the_early() {
        let all = [seen(1.0, 9.0), seen(5.0, 9.0), seen(12.0, 9.0)];
        let late = after(&all, 2.0);
        assert_eq!(late.iter().map(|o| o.time).collect::<Vec<_>>(), [3.0, 7.0]);
    }
}
