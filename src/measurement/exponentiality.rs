//! Are exit times exponential? A rate means little where they are not.

use super::mean::Moments;
use super::quantile::normal_tail_two_sided;
use super::rate::Observation;
use base::error::{Error, Result};

/// The outcome of the check.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponentiality {
    /// The Cox–Oakes statistic in standard errors, about N(0, 1) if times are exponential: positive
    /// where the hazard rises with time (a dead time, travel before the first exits), negative where it
    /// falls (an initial burst, a mixture of rates).
    pub statistic: f64,
    /// P(|N(0, 1)| > |statistic|).
    pub p_value: f64,
    /// The coefficient of variation of the times, 1 for an exponential; `None` where some particles
    /// were cut short, since the times beyond are not known.
    pub cv: Option<f64>,
    /// n, the number of exits.
    pub n: u64,
}

/// The fewest exits for which the p-value is trusted; the calibration test holds it to that.
pub const FEWEST_EXITS: u64 = 20;

/// Tests the exponential law of unknown rate against a hazard that rises or falls with time.
///
/// The score test of shape κ = 1 in the Weibull family, with right censoring. With d exits, sums over
/// exits (Σ_d) or over all times (Σ), and T = Σt:
///
/// U = d + Σ_d ln t − (d/T) Σ t ln t,  V = d + (d/T) Σ t ln²t − (d/T²) (Σ t ln t)²,  z = U/√V,
///
/// V the observed information left after the rate is estimated (d π²/6 in the mean for a complete
/// sample). It does not depend on the unit of time. Validity: z is normal for many exits; with at
/// least 20 of them a nominal 5 % test rejects between 4 % and 6 % of truly exponential samples,
/// complete or censored. Times counted in whole steps are fine while the mean is some tens of steps.
///
/// Source: Cox & Oakes, Analysis of Survival Data (1984), sec. 3.7.
///
/// # Errors
/// Fewer than 20 exits, or a time that is not positive and finite.
pub fn cox_oakes(observations: &[Observation]) -> Result<Exponentiality> {
    let unusable = |seen: &&Observation| !(seen.time.is_finite() && seen.time > 0.0);
    if let Some(seen) = observations.iter().find(unusable) {
        return Err(Error::Failed(format!(
            "an observation lasted {}: the check takes logarithms, so times must be positive and \
             finite; leave diverged particles out",
            seen.time
        )));
    }
    let exits = observations.iter().filter(|seen| seen.exited);
    let n = exits.clone().count() as u64;
    if n < FEWEST_EXITS {
        return Err(Error::Failed(format!(
            "{n} exits are too few to tell whether times are exponential; {FEWEST_EXITS} are needed"
        )));
    }
    let d = n as f64;
    let total: f64 = observations.iter().map(|seen| seen.time).sum();
    // Times in units of T/d, so that large times do not cancel in U and V.
    let log = |seen: &Observation| (seen.time * d / total).ln();
    let early: f64 = exits.map(log).sum();
    let weighted = |power: i32| -> f64 {
        observations
            .iter()
            .map(|seen| seen.time / total * log(seen).powi(power))
            .sum()
    };
    let (first, second) = (weighted(1), weighted(2));
    let score = d + early - d * first;
    let information = d * (1.0 + second - first * first);
    let statistic = score / information.sqrt();
    let complete = n as usize == observations.len();
    let cv = complete
        .then(|| observations.iter().map(|seen| seen.time).collect())
        .and_then(|moments: Moments| Some(moments.variance()?.sqrt() / moments.mean()?));
    Ok(Exponentiality {
        statistic,
        p_value: normal_tail_two_sided(statistic),
        cv,
        n,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use rand_distr::{Distribution, Exp1};

    fn sample(
        rng: &mut SmallRng,
        n: usize,
        horizon: f64,
        law: impl Fn(f64) -> f64,
    ) -> Vec<Observation> {
        (0..n)
            .map(|_| {
                let time = law(Exp1.sample(rng));
                Observation {
                    time: time.min(horizon),
                    exited: time <= horizon,
                }
            })
            .collect()
    }

    /// Share of samples of exponentials that a 5 % test rejects; seed 11.
    fn size(n: usize, horizon: f64, trials: u32) -> f64 {
        let mut rng = SmallRng::seed_from_u64(11);
        let rejected = (0..trials)
            .filter(|_| {
                let times = sample(&mut rng, n, horizon, |t| t);
                cox_oakes(&times).unwrap().p_value < 0.05
            })
            .count();
        rejected as f64 / f64::from(trials)
    }

    #[test]
    fn exponential_times_are_rejected_as_often_as_stated() {
        // The stated band is [0.04, 0.06]. One Monte Carlo standard error is 0.0015 over 20 000 trials and
        // 0.0034 over 4 000, so a true size at the middle of the band passes by three at the least.
        for (n, horizon) in [
            (20, f64::INFINITY),
            (100, f64::INFINITY),
            (1000, f64::INFINITY),
            (100, 1.0),
            (400, 0.2),
        ] {
            let trials = if n == 1000 { 4_000 } else { 20_000 };
            let found = size(n, horizon, trials);
            assert!(
                (0.04..0.06).contains(&found),
                "n = {n}, horizon {horizon}: {found}"
            );
        }
    }

    #[test]
    fn a_dead_time_and_a_burst_are_told_apart() {
        let mut rng = SmallRng::seed_from_u64(12);
        let late = cox_oakes(&sample(&mut rng, 300, f64::INFINITY, |t| 0.3 + t)).unwrap();
        assert!(late.statistic > 4.0 && late.cv.unwrap() < 0.9, "{late:?}");
        let burst = cox_oakes(&sample(&mut rng, 300, f64::INFINITY, |t| t.powf(1.4))).unwrap();
        assert!(
            burst.statistic < -4.0 && burst.cv.unwrap() > 1.1,
            "{burst:?}"
        );
        assert!(burst.p_value < 1e-4 && late.p_value < 1e-4);
    }

    #[test]
    fn the_unit_of_time_does_not_matter() {
        let mut rng = SmallRng::seed_from_u64(13);
        let times = sample(&mut rng, 50, 1.5, |t| t);
        let scaled: Vec<Observation> = times
            .iter()
            .map(|seen| Observation {
                time: seen.time * 1e12,
                ..*seen
            })
            .collect();
        let (here, there) = (cox_oakes(&times).unwrap(), cox_oakes(&scaled).unwrap());
        assert!((here.statistic - there.statistic).abs() < 1e-10);
        assert_eq!(here.cv, None);
    }

    #[test]
    fn too_few_exits_and_impossible_times_are_refused() {
        let good = Observation {
            time: 1.0,
            exited: true,
        };
        assert!(cox_oakes(&[good; 19]).is_err());
        for time in [0.0, -1.0, f64::NAN] {
            let bad = Observation { time, exited: true };
            assert!(cox_oakes(&[[good; 30].as_slice(), &[bad]].concat()).is_err());
        }
    }
}
