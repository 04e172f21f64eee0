//! Second moments of an ensemble, each with its standard error.

use super::mean::Moments;

/// Numbers x_p y_p over particles, whose mean is a second moment. With `centred` the means of x and y are
/// taken off first and the products scaled by n/(n − 1), so that the mean is the unbiased covariance.
///
/// The standard error comes from the products themselves (fourth moments), so no law is assumed. Rows are
/// particles of `dim` coordinates; a particle with a coordinate that is not finite counts as diverged.
pub fn product(rows: &[f64], dim: usize, i: usize, j: usize, centred: bool) -> Moments {
    let pairs = || rows.chunks_exact(dim).map(|row| (row[i], row[j]));
    let finite = |pair: &(f64, f64)| pair.0.is_finite() && pair.1.is_finite();
    let (x, y): (Moments, Moments) = (
        pairs().filter(finite).map(|pair| pair.0).collect(),
        pairs().filter(finite).map(|pair| pair.1).collect(),
    );
    let n = x.n() as f64;
    let (x0, y0, scale) = if centred && n > 1.0 {
        let mean = |m: &Moments| m.mean().unwrap_or(0.0);
        (mean(&x), mean(&y), n / (n - 1.0))
    } else {
        (0.0, 0.0, 1.0)
    };
    pairs().map(|(a, b)| (a - x0) * (b - y0) * scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_particles_by_hand() {
        let rows = [1.0, 2.0, 3.0, 6.0, 5.0, 4.0, f64::NAN, 0.0, 7.0, 0.0];
        let raw = product(&rows, 2, 0, 1, false);
        assert_eq!((raw.n(), raw.diverged()), (4, 1));
        // (2 + 18 + 20 + 0)/4.
        assert_eq!(raw.mean(), Some(10.0));
        let centred = product(&rows, 2, 0, 1, true);
        // Means 4 and 3: (3·1 − 1·3 + 1·1 − 3·3)/3 = −8/3.
        assert!((centred.mean().unwrap() + 8.0 / 3.0).abs() < 1e-15);
        let variance = product(&rows, 2, 0, 0, true);
        assert!((variance.mean().unwrap() - 20.0 / 3.0).abs() < 1e-14);
    }
}
