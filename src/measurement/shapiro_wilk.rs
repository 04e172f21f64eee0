//! The Shapiro–Wilk test: could these numbers be normal?

use super::quantile::{normal_tail, normal_two_sided};
use base::error::{Error, Result};

/// The fewest numbers that the test takes.
pub const FEWEST: usize = 3;
/// The most numbers for which the p-value's approximation was made.
pub const MOST: usize = 5000;

/// The outcome of the test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShapiroWilk {
    /// W, at most 1; close to 1 for normal numbers.
    pub w: f64,
    /// P(W at most this | the numbers are independent draws of one normal law).
    pub p_value: f64,
    /// How many numbers.
    pub n: usize,
}

/// W = (Σ aᵢ x₍ᵢ₎)²/Σ (xᵢ − x̄)², a being the weights of the sorted numbers that fit a straight line through normal
/// scores, and its p-value by Royston's approximation (exact at n = 3).
///
/// It does not depend on location or scale. Many ties make it reject.
///
/// Source: Shapiro & Wilk, Biometrika 52 (1965) 591; Royston, Applied Statistics 44 (1995) 547 (algorithm AS R94).
///
/// # Errors
/// Fewer than 3 or more than 5000 numbers, one that is not finite, or all of them equal.
pub fn shapiro_wilk(sample: &[f64]) -> Result<ShapiroWilk> {
    let n = sample.len();
    if !(FEWEST..=MOST).contains(&n) {
        return Err(Error::Failed(format!(
            "the Shapiro–Wilk test was made for {FEWEST} to {MOST} numbers, here {n}; take a random part of a \
             larger sample"
        )));
    }
    if let Some(x) = sample.iter().find(|x| !x.is_finite()) {
        return Err(Error::Failed(format!(
            "the Shapiro–Wilk test was given {x}: leave out what is not finite"
        )));
    }
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    // Halves, so that a range near the largest double does not overflow.
    let (middle, half_range) = (0.5 * sorted[n / 2], 0.5 * sorted[n - 1] - 0.5 * sorted[0]);
    if half_range == 0.0 {
        return Err(Error::Failed(format!(
            "the Shapiro–Wilk test was given {n} times {}: equal numbers have no shape",
            sorted[0]
        )));
    }
    for x in &mut sorted {
        *x = (0.5 * *x - middle) / half_range;
    }
    let lack = one_less_w(&sorted, &weights(n));
    Ok(ShapiroWilk {
        w: 1.0 - lack,
        p_value: p_value(lack, n),
        n,
    })
}

/// Σ cₖ xᵏ.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// The weights of the upper half of the sorted numbers, largest first; those of the lower half are their negatives.
fn weights(n: usize) -> Vec<f64> {
    if n == 3 {
        return vec![0.5f64.sqrt()];
    }
    // Blom's scores, the upper half: their tails are (i − 3/8)/(n + 1/4).
    let scores: Vec<f64> = (1..=n / 2)
        .map(|i| normal_two_sided(2.0 * (i as f64 - 0.375) / (n as f64 + 0.25)))
        .collect();
    let squares = 2.0 * scores.iter().map(|m| m * m).sum::<f64>();
    let (root, u) = (squares.sqrt(), 1.0 / (n as f64).sqrt());
    const FIRST: [f64; 6] = [0.0, 0.221157, -0.147981, -2.071190, 4.434685, -2.706056];
    const SECOND: [f64; 6] = [0.0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633];
    // The outermost weights have fits of their own; the others share what is left.
    let fits: &[[f64; 6]] = if n > 5 { &[FIRST, SECOND] } else { &[FIRST] };
    let mut weights: Vec<f64> = fits
        .iter()
        .zip(&scores)
        .map(|(fit, m)| polynomial(fit, u) + m / root)
        .collect();
    let taken: f64 = scores[..weights.len()].iter().map(|m| m * m).sum();
    let given: f64 = weights.iter().map(|a| a * a).sum();
    let scale = ((squares - 2.0 * taken) / (1.0 - 2.0 * given)).sqrt();
    weights.extend(scores[weights.len()..].iter().map(|m| m / scale));
    weights
}

/// 1 − W, by a difference of roots that keeps its digits where W is close to 1.
fn one_less_w(sorted: &[f64], upper: &[f64]) -> f64 {
    let n = sorted.len();
    let mean = sorted.iter().sum::<f64>() / n as f64;
    let x: f64 = sorted.iter().map(|x| (x - mean).powi(2)).sum();
    let a = 2.0 * upper.iter().map(|a| a * a).sum::<f64>();
    let product: f64 = upper
        .iter()
        .enumerate()
        .map(|(i, a)| a * (sorted[n - 1 - i] - sorted[i]))
        .sum();
    let root = (a * x).sqrt();
    ((root - product) * (root + product) / (a * x)).max(0.0)
}

/// P(1 − W at least `lack`).
fn p_value(lack: f64, n: usize) -> f64 {
    let w = 1.0 - lack;
    if n == 3 {
        // The law of W is known: P(W ≤ w) = 6/π (asin √w − asin √¾).
        let limit = 0.75f64.sqrt().asin();
        return (6.0 / std::f64::consts::PI * (w.sqrt().asin() - limit)).clamp(0.0, 1.0);
    }
    let (log, size) = (lack.ln(), n as f64);
    let (z, mean, log_deviation) = if n <= 11 {
        // W has a least value for each n, of which g is the fit.
        let g = polynomial(&[-2.273, 0.459], size);
        if log >= g {
            return 0.0;
        }
        (
            -(g - log).ln(),
            polynomial(&[0.5440, -0.39978, 0.025054, -6.714e-4], size),
            polynomial(&[1.3822, -0.77857, 0.062767, -0.0020322], size),
        )
    } else {
        let size = size.ln();
        (
            log,
            polynomial(&[-1.5861, -0.31082, -0.083751, 0.0038915], size),
            polynomial(&[-0.4803, -0.082676, 0.0030302], size),
        )
    };
    normal_tail((z - mean) / log_deviation.exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use rand_distr::{Distribution, StandardNormal};

    /// The fractional parts of (i + ½)/φ: even on (0, 1), and the same in every language.
    fn even(i: usize) -> f64 {
        ((i as f64 + 0.5) * 0.618_033_988_749_894_9).fract()
    }

    fn bell(i: usize) -> f64 {
        even(i) + even(i + 1000) + even(3 * i + 7) + even(7 * i + 3)
    }

    fn exponential(i: usize) -> f64 {
        -(-even(i)).ln_1p()
    }

    /// W and p of scipy.stats.shapiro (SciPy 1.17.1) on these numbers.
    #[test]
    fn known_values_come_out() {
        type Law = fn(usize) -> f64;
        let cases: [(Law, usize, f64, f64); 21] = [
            (bell, 3, 0.9897853981940602, 0.8066455192723022),
            (bell, 4, 0.9807995421345, 0.9066933995307944),
            (bell, 5, 0.9726815150043614, 0.8921690003814796),
            (bell, 6, 0.938995330691982, 0.651114415551812),
            (bell, 11, 0.9574300515793818, 0.7392709320259834),
            (bell, 12, 0.9566713883398218, 0.7354717663663508),
            (bell, 50, 0.9738836805035727, 0.330540463494715),
            (bell, 1000, 0.9763893563255345, 1.1296482966665694e-11),
            (even, 3, 0.9817627457812104, 0.7412918697654969),
            (even, 7, 0.9715661953567455, 0.9094992198378897),
            (even, 20, 0.9547490109762194, 0.44494444043426895),
            (even, 50, 0.9563835006372451, 0.06273719954156745),
            (even, 5000, 0.9548965206696985, 9.34690981519813e-37),
            (exponential, 3, 0.8837577062728331, 0.33552160551298094),
            (exponential, 5, 0.9105936439213411, 0.47116606592554183),
            (exponential, 7, 0.8583727387746809, 0.14638437754178174),
            (exponential, 11, 0.8890188531457888, 0.13519538524028718),
            (exponential, 12, 0.8693137771849673, 0.06405359974918391),
            (exponential, 20, 0.862054168765302, 0.008544188440160283),
            (
                exponential,
                1000,
                0.8126083510562345,
                1.5734223891748656e-32,
            ),
            (exponential, 5000, 0.8163617361299471, 5.485394783813393e-60),
        ];
        for (law, n, w, p) in cases {
            let sample: Vec<f64> = (0..n).map(law).collect();
            let found = shapiro_wilk(&sample).unwrap();
            assert!((found.w - w).abs() < 1e-6, "{n}: {found:?}");
            assert!((found.p_value - p).abs() < 1e-6, "{n}: {found:?}");
            // The tiny ones relative to themselves.
            assert!((found.p_value / p - 1.0).abs() < 1e-5, "{n}: {found:?}");
        }
    }

    /// The weights of men of Shapiro & Wilk's paper, table 1 (W = 0.79).
    #[test]
    fn the_papers_example_comes_out() {
        let weights = [
            148.0, 154.0, 158.0, 160.0, 161.0, 162.0, 166.0, 170.0, 182.0, 195.0, 236.0,
        ];
        let found = shapiro_wilk(&weights).unwrap();
        assert!((found.w - 0.788_814_694_863).abs() < 1e-6);
        assert!((found.p_value - 0.006_703_814_062).abs() < 1e-6);
        let moved: Vec<f64> = weights.iter().rev().map(|x| 3.0 - 1e300 * x).collect();
        assert!((shapiro_wilk(&moved).unwrap().w - found.w).abs() < 1e-12);
    }

    /// Share of normal samples that a 5 % test rejects: seed 5, 4000 trials, four standard errors 0.0138.
    #[test]
    fn normal_numbers_are_rejected_as_often_as_the_level_says() {
        let mut rng = SmallRng::seed_from_u64(5);
        for n in [8, 30, 200] {
            let rejected = (0..4000)
                .filter(|_| {
                    let sample: Vec<f64> =
                        (0..n).map(|_| StandardNormal.sample(&mut rng)).collect();
                    shapiro_wilk(&sample).unwrap().p_value < 0.05
                })
                .count();
            let size = rejected as f64 / 4000.0;
            assert!((size - 0.05).abs() < 0.0138, "n = {n}: {size}");
        }
    }

    #[test]
    fn what_has_no_answer_is_refused() {
        assert!(shapiro_wilk(&[1.0, 2.0]).is_err());
        assert!(shapiro_wilk(&vec![1.0; 5001]).is_err());
        assert!(shapiro_wilk(&[2.0; 10]).is_err());
        assert!(shapiro_wilk(&[1.0, f64::NAN, 2.0, 3.0]).is_err());
    }
}
