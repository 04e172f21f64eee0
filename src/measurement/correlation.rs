//! Pearson's and Spearman's correlations.

use super::estimate::{Estimate, miss};
use super::quantile::normal_two_sided;
use base::error::{Error, Result};

/// Pearson's r with Fisher's interval tanh(atanh r ± z/√(n − 3)).
///
/// The interval is right for pairs that are independent and bivariate normal, to O(1/n); for other laws it is a
/// guide only. At |r| = 1 it has no width.
///
/// Source: Fisher, Metron 1 (1921) 3.
///
/// # Errors
/// Lengths differ, fewer than 4 pairs, a number that is not finite, a side that does not vary, or a `confidence`
/// outside (0, 1).
pub fn pearson(x: &[f64], y: &[f64], confidence: f64) -> Result<Estimate> {
    let r = checked(x, y, coefficient(x, y))?;
    let method = "Pearson's correlation, Fisher's interval";
    fisher(r, 1.0, x.len(), confidence, method)
}

/// Spearman's ρ, Pearson's r of the ranks, with the interval tanh(atanh ρ ± z√((1 + ρ²/2)/(n − 3))).
///
/// Ties share their mean rank. The interval is an approximation for continuous laws, good for |ρ| below 0.95 and n
/// from about 25 on; at |ρ| = 1 it has no width.
///
/// Source: Bonett & Wright, Psychometrika 65 (2000) 23.
///
/// # Errors
/// As [`pearson`].
pub fn spearman(x: &[f64], y: &[f64], confidence: f64) -> Result<Estimate> {
    let rho = checked(x, y, rank_coefficient(x, y))?;
    let method = "Spearman's rank correlation, Bonett and Wright's interval";
    fisher(rho, 1.0 + 0.5 * rho * rho, x.len(), confidence, method)
}

/// Pearson's r alone; `None` where lengths differ, a number is not finite, or a side does not vary.
pub fn coefficient(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() != y.len() {
        return None;
    }
    let (x, y) = (centred(x)?, centred(y)?);
    let product = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let r = product(&x, &y) / (product(&x, &x) * product(&y, &y)).sqrt();
    Some(r.clamp(-1.0, 1.0))
}

/// Spearman's ρ alone; `None` where [`coefficient`] has none.
pub fn rank_coefficient(x: &[f64], y: &[f64]) -> Option<f64> {
    let finite = |side: &[f64]| side.iter().all(|x| x.is_finite());
    (finite(x) && finite(y)).then(|| coefficient(&ranks(x), &ranks(y)))?
}

/// Ranks 1..=n; equal numbers share the mean of theirs.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|i, j| values[*i].total_cmp(&values[*j]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|i, j| values[*i] == values[*j]) {
        let shared = before as f64 + 0.5 * (equal.len() as f64 + 1.0);
        for index in equal {
            ranks[*index] = shared;
        }
        before += equal.len();
    }
    ranks
}

/// Deviations from the mean, in units of the largest number; `None` where they are all 0 or not finite.
fn centred(values: &[f64]) -> Option<Vec<f64>> {
    let largest = values.iter().fold(0.0, |a: f64, x| a.max(x.abs()));
    let scaled: Vec<f64> = values.iter().map(|x| x / largest).collect();
    let mean = scaled.iter().sum::<f64>() / values.len() as f64;
    let deviations: Vec<f64> = scaled.iter().map(|x| x - mean).collect();
    // NaN fails the comparison; a spread of less than rounding is none.
    let spread = deviations.iter().map(|d| d * d).sum::<f64>();
    let rounding = values.len() as f64 * (4.0 * f64::EPSILON * mean).powi(2);
    (spread > rounding).then_some(deviations)
}

fn checked(x: &[f64], y: &[f64], found: Option<f64>) -> Result<f64> {
    if x.len() != y.len() || x.len() < 4 {
        return Err(Error::Failed(format!(
            "a correlation with its interval needs at least 4 pairs, here {} and {} numbers",
            x.len(),
            y.len()
        )));
    }
    found.ok_or_else(|| {
        Error::Failed(
            "a correlation was asked of numbers that are not all finite, or of a side that does not vary; leave \
             out what diverged"
                .into(),
        )
    })
}

fn fisher(r: f64, inflation: f64, n: usize, confidence: f64, method: &str) -> Result<Estimate> {
    let half = normal_two_sided(miss(confidence)?) * (inflation / (n as f64 - 3.0)).sqrt();
    Ok(Estimate {
        standard_error: None,
        value: Some(r),
        ci_low: (r.atanh() - half).tanh(),
        ci_high: (r.atanh() + half).tanh(),
        confidence,
        n: n as u64,
        method: method.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use rand_distr::{Distribution, StandardNormal};

    const A: [f64; 10] = [2.1, 3.5, 1.0, 4.4, 5.0, 3.3, 7.2, 6.1, 0.4, 9.9];
    const B: [f64; 10] = [1.0, 2.9, 1.2, 5.1, 4.0, 2.2, 6.6, 8.0, 1.5, 7.7];

    /// scipy.stats.pearsonr with its confidence_interval, SciPy 1.17.1.
    #[test]
    fn pearsons_known_values_come_out() {
        for (confidence, low, high) in [
            (0.95, 0.644_802_912_874_179, 0.977_936_615_751_869_7),
            (0.999, 0.257_515_923_881_777_4, 0.991_873_502_778_430_4),
        ] {
            let found = pearson(&A, &B, confidence).unwrap();
            assert!((found.value.unwrap() - 0.906_431_668_062_700_7).abs() < 1e-14);
            assert!((found.ci_low - low).abs() < 1e-10 && (found.ci_high - high).abs() < 1e-10);
        }
        let large: Vec<f64> = A.iter().map(|a| 1e300 * a).collect();
        let found = pearson(&large, &B, 0.95).unwrap().value.unwrap();
        assert!((found - 0.906_431_668_062_700_7).abs() < 1e-14);
    }

    /// scipy.stats.spearmanr and rankdata, SciPy 1.17.1; the interval from its formula in NumPy.
    #[test]
    fn spearmans_known_values_come_out() {
        let a = [1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 4.0, 5.0, 6.0, 7.0];
        let b = [2.0, 1.0, 3.0, 3.0, 3.0, 5.0, 4.0, 4.0, 7.0, 6.0];
        assert_eq!(
            ranks(&a),
            [1.0, 2.5, 2.5, 4.0, 6.0, 6.0, 6.0, 8.0, 9.0, 10.0]
        );
        let found = spearman(&a, &b, 0.95).unwrap();
        assert!((found.value.unwrap() - 0.8875).abs() < 1e-14);
        assert!((found.ci_low - 0.489_527_923_252_624).abs() < 1e-9);
        assert!((found.ci_high - 0.979_480_863_050_581).abs() < 1e-9);
    }

    #[test]
    fn ranks_by_hand() {
        assert_eq!(
            rank_coefficient(&[1.0, 2.0, 3.0], &[10.0, 20.0, 1e9]),
            Some(1.0)
        );
        assert_eq!(rank_coefficient(&[1.0, 2.0], &[5.0, 4.0]), Some(-1.0));
        // 1 − 6·(1 + 1)/(4·15).
        let rank = rank_coefficient(&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 4.0, 3.0]);
        assert!((rank.unwrap() - 0.8).abs() < 1e-15);
    }

    /// Bivariate normal of correlation 0.6, for which Spearman's is 6/π · asin 0.3 = 0.581 943. Seed 17, 6000
    /// samples of 40 pairs: four standard errors of a coverage of 0.95 are 0.0113, and 0.01 is allowed for what the
    /// transformation leaves out at this n.
    #[test]
    fn intervals_cover_as_they_say() {
        let mut rng = SmallRng::seed_from_u64(17);
        let (mut plain, mut ranked) = (0, 0);
        let exact = 6.0 / std::f64::consts::PI * 0.3f64.asin();
        for _ in 0..6000 {
            let (mut x, mut y) = (vec![], vec![]);
            for _ in 0..40 {
                let u: f64 = StandardNormal.sample(&mut rng);
                let v: f64 = StandardNormal.sample(&mut rng);
                x.push(u);
                y.push(0.6 * u + 0.8 * v);
            }
            let covers = |found: Estimate, r: f64| found.ci_low < r && r < found.ci_high;
            plain += u32::from(covers(pearson(&x, &y, 0.95).unwrap(), 0.6));
            ranked += u32::from(covers(spearman(&x, &y, 0.95).unwrap(), exact));
        }
        for covered in [plain, ranked] {
            let share = f64::from(covered) / 6000.0;
            assert!((share - 0.95).abs() < 0.0113 + 0.01, "{plain} {ranked}");
        }
    }

    #[test]
    fn a_line_has_no_width_and_what_has_no_answer_is_refused() {
        let found = pearson(&A, &A.map(|a| -2.0 * a), 0.95).unwrap();
        assert!(found.value.unwrap() < -1.0 + 1e-15 && found.ci_high < -1.0 + 1e-6);
        let ordered = spearman(&A, &A.map(f64::exp), 0.95).unwrap();
        assert_eq!((ordered.ci_low, ordered.ci_high), (1.0, 1.0));
        assert!(pearson(&A, &B[..9], 0.95).is_err());
        assert!(pearson(&A[..3], &B[..3], 0.95).is_err());
        assert!(pearson(&A, &[0.1; 10], 0.95).is_err());
        assert!(spearman(&A, &[0.1; 10], 0.95).is_err());
        assert!(pearson(&A, &B, 0.0).is_err());
        let mut lost = B;
        lost[3] = f64::NAN;
        assert!(pearson(&A, &lost, 0.95).is_err());
        assert!(spearman(&A, &lost, 0.95).is_err());
    }
}
