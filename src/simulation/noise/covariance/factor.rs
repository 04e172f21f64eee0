//! C = FFᵀ of a matrix for each lane, F lower triangular.

use nalgebra::DMatrix;

use crate::vectorised::vectorised;

/// What a pivot may lack, of the variance that it is left of: rounding of a matrix without full rank.
const LEFT: f64 = 1e-12;

/// Where a row of the lower triangle's entry (i, j) begins.
fn row(i: usize, j: usize) -> usize {
    i * (i + 1) / 2 + j
}

/// Overwrites the lower triangles of C, rows of `lanes`, by those of F (Cholesky). Where C is not ≥ 0 the diagonal has a
/// NaN. A pivot of 0 leaves a column of 0, as in any C ≥ 0. `variances` is memory for `dim` rows.
pub fn factor(dim: usize, lanes: usize, lower: &mut [f64], variances: &mut [f64]) {
    for (i, to) in variances.chunks_exact_mut(lanes).enumerate().take(dim) {
        to.copy_from_slice(&lower[row(i, i) * lanes..][..lanes]);
    }
    let variances = &*variances;
    vectorised!(|lower| {
        for j in 0..dim {
            for i in j..dim {
                for k in 0..j {
                    let (before, own) = lower.split_at_mut(row(i, j) * lanes);
                    let left = &before[row(i, k) * lanes..][..lanes];
                    // For i = j the two are the same row.
                    let right = &before[row(j, k) * lanes..][..lanes];
                    for ((c, a), b) in own[..lanes].iter_mut().zip(left).zip(right) {
                        *c -= a * b;
                    }
                }
            }
            let scale = &variances[j * lanes..][..lanes];
            let pivot = &mut lower[row(j, j) * lanes..][..lanes];
            for (p, v) in pivot.iter_mut().zip(scale) {
                let left = LEFT * v.abs();
                *p = if *p > left {
                    p.sqrt()
                } else if *p >= -left {
                    0.0
                } else {
                    f64::NAN
                };
            }
            for i in j + 1..dim {
                let (before, own) = lower.split_at_mut(row(i, j) * lanes);
                let pivot = &before[row(j, j) * lanes..][..lanes];
                let other = &variances[i * lanes..][..lanes];
                for (((c, p), v), w) in own[..lanes].iter_mut().zip(pivot).zip(scale).zip(other) {
                    // |Cᵢⱼ|² ≤ CᵢᵢCⱼⱼ of what is left.
                    let most = 4.0 * LEFT * v.abs() * w.abs();
                    *c = if *p > 0.0 {
                        *c / p
                    } else if *p == 0.0 && *c * *c <= most {
                        0.0
                    } else {
                        f64::NAN
                    };
                }
            }
        }
        // A NaN of a column is one of its own row's variance too.
        for i in 0..dim {
            for j in 0..i {
                let (before, own) = lower.split_at_mut(row(i, i) * lanes);
                let entry = &before[row(i, j) * lanes..][..lanes];
                for (d, c) in own[..lanes].iter_mut().zip(entry) {
                    *d = if c.is_nan() { f64::NAN } else { *d };
                }
            }
        }
    });
}

/// F of a matrix that may lack full rank; `None` where it is not ≥ 0, or not finite.
pub fn semidefinite_factor(covariance: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let dim = covariance.nrows();
    let pairs = (0..dim).flat_map(|i| (0..=i).map(move |j| (i, j)));
    let mut lower: Vec<f64> = pairs.map(|at| covariance[at]).collect();
    factor(dim, 1, &mut lower, &mut vec![0.0; dim]);
    let own = DMatrix::from_fn(dim, dim, |i, j| if j <= i { lower[row(i, j)] } else { 0.0 });
    own.iter().all(|x| x.is_finite()).then_some(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: a positive matrix, one of rank 1, one whose second row is free of noise, and two that are not ≥ 0.
    #[test]
    fn factors_are_those_of_hand() {
        let matrices = [
            [4.0, 2.0, 5.0],
            [4.0, 2.0, 1.0],
            [0.0, 0.0, 9.0],
            [1.0, 2.0, 1.0],
            [0.0, 1.0, 1.0],
        ];
        let lanes = matrices.len();
        let mut lower: Vec<f64> = (0..3)
            .flat_map(|entry| matrices.iter().map(move |m| m[entry]))
            .collect();
        factor(2, lanes, &mut lower, &mut vec![0.0; 2 * lanes]);
        let of = |lane: usize| [lower[lane], lower[lanes + lane], lower[2 * lanes + lane]];
        assert_eq!(of(0), [2.0, 1.0, 2.0]);
        assert_eq!(of(1), [2.0, 1.0, 0.0]);
        assert_eq!(of(2), [0.0, 0.0, 3.0]);
        assert!(of(3)[2].is_nan() && of(4)[2].is_nan());
    }
}
