//! Products of small matrices with long rows, one row per feature and one lane per example.
//!
//! In explicit registers: the compiler keeps plain loops over several rows in registers in one place and not in
//! another. Sums run in a fixed order and fused multiply–adds are explicit, so the bits do not depend on the
//! width of the registers.

use pulp::{Arch, Simd, WithSimd};

/// Rows are a multiple of this long: two of the widest registers.
pub const LANES: usize = 16;

/// Rows of a result that are computed together, so that a row of the input is read once for all of them.
const BLOCK: usize = 4;

/// Registers of a row that are computed together: enough sums side by side, with [`BLOCK`], to hide the latency
/// of one.
const ABREAST: usize = 2;

/// Partial sums of a product of two rows, one for every so many lanes, whatever the registers.
const PARTS: usize = 8;

/// The length of a row for `n` lanes: an odd multiple of [`LANES`], so that the rows of a matrix do not fall on
/// the same lines of the cache.
pub fn row_length(n: usize) -> usize {
    (n.div_ceil(LANES) | 1) * LANES
}

/// y_f ← y_f + Σ_k w_fk x_k, with rows of `length` lanes in `x` and `y`, and w by rows of as many as `x` has.
pub fn combine(w: &[f64], x: &[f64], y: &mut [f64], length: usize) {
    let (row, term) = (x.len() / length, 1);
    Arch::new().dispatch(Mix {
        w,
        row,
        term,
        x,
        y,
        length,
    });
}

/// x_k ← x_k + Σ_f w_fk y_f: the transpose of [`combine`].
pub fn spread(w: &[f64], y: &[f64], x: &mut [f64], length: usize) {
    let (row, term) = (1, x.len() / length);
    Arch::new().dispatch(Mix {
        w,
        row,
        term,
        x: y,
        y: x,
        length,
    });
}

/// g_fk ← g_fk + Σ_lanes y_f x_k: what [`combine`] makes of a gradient with respect to y.
pub fn correlate(y: &[f64], x: &[f64], g: &mut [f64], length: usize) {
    Arch::new().dispatch(Correlate { y, x, g, length });
}

/// Σ_lanes y, of one row.
pub fn total(y: &[f64]) -> f64 {
    let (whole, rest) = y.as_chunks::<PARTS>();
    let mut parts = [0.0; PARTS];
    for y in whole {
        for (sum, y) in parts.iter_mut().zip(y) {
            *sum += y;
        }
    }
    parts.iter().chain(rest).sum()
}

/// y_r ← y_r + Σ_k w[r · row + k · term] x_k.
struct Mix<'a> {
    w: &'a [f64],
    row: usize,
    term: usize,
    x: &'a [f64],
    y: &'a mut [f64],
    length: usize,
}

impl WithSimd for Mix<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Mix {
            w,
            row,
            term,
            x,
            y,
            length,
        } = self;
        let (x, _) = S::as_simd_f64s(x);
        let (y, _) = S::as_mut_simd_f64s(y);
        let length = length / lanes::<S>();
        let mut first = 0;
        let mut blocks = y.chunks_exact_mut(BLOCK * length);
        for y in &mut blocks {
            mix::<S, BLOCK>(simd, &w[first * row..], (row, term), x, y, length);
            first += BLOCK;
        }
        for y in blocks.into_remainder().chunks_exact_mut(length) {
            mix::<S, 1>(simd, &w[first * row..], (row, term), x, y, length);
            first += 1;
        }
    }
}

/// `ROWS` rows of the result; `length` counts registers.
#[inline(always)]
fn mix<S: Simd, const ROWS: usize>(
    simd: S,
    w: &[f64],
    (row, term): (usize, usize),
    x: &[S::f64s],
    y: &mut [S::f64s],
    length: usize,
) {
    for start in (0..length).step_by(ABREAST) {
        let mut sums = [[simd.splat_f64s(0.0); ABREAST]; ROWS];
        for (r, sums) in sums.iter_mut().enumerate() {
            sums.copy_from_slice(&y[r * length + start..][..ABREAST]);
        }
        for (k, x) in x.chunks_exact(length).enumerate() {
            let x = &x[start..][..ABREAST];
            for (r, sums) in sums.iter_mut().enumerate() {
                let w = simd.splat_f64s(w[r * row + k * term]);
                for (sum, x) in sums.iter_mut().zip(x) {
                    *sum = simd.mul_add_f64s(w, *x, *sum);
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            y[r * length + start..][..ABREAST].copy_from_slice(sums);
        }
    }
}

/// g_fk ← g_fk + Σ_lanes y_f x_k.
struct Correlate<'a> {
    y: &'a [f64],
    x: &'a [f64],
    g: &'a mut [f64],
    length: usize,
}

impl WithSimd for Correlate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Correlate { y, x, g, length } = self;
        let terms = x.len() / length;
        let (x, _) = S::as_simd_f64s(x);
        let (y, _) = S::as_simd_f64s(y);
        let length = length / lanes::<S>();
        let mut targets = g.chunks_exact_mut(BLOCK * terms);
        let mut blocks = y.chunks_exact(BLOCK * length);
        for (g, y) in (&mut targets).zip(&mut blocks) {
            correlate_rows::<S, BLOCK>(simd, y, x, g, length);
        }
        let rest = targets.into_remainder().chunks_exact_mut(terms);
        for (g, y) in rest.zip(blocks.remainder().chunks_exact(length)) {
            correlate_rows::<S, 1>(simd, y, x, g, length);
        }
    }
}

/// `ROWS` rows of the result; `length` counts registers.
#[inline(always)]
fn correlate_rows<S: Simd, const ROWS: usize>(
    simd: S,
    y: &[S::f64s],
    x: &[S::f64s],
    g: &mut [f64],
    length: usize,
) {
    // Registers that hold the partial sums, at most one for each.
    let registers = PARTS / lanes::<S>();
    let terms = x.len() / length;
    for (k, x) in x.chunks_exact(length).enumerate() {
        let mut sums = [[simd.splat_f64s(0.0); PARTS]; ROWS];
        for start in (0..length).step_by(registers) {
            let x = &x[start..][..registers];
            for (r, sums) in sums.iter_mut().enumerate() {
                let y = &y[r * length + start..][..registers];
                for ((sum, y), x) in sums.iter_mut().zip(y).zip(x) {
                    *sum = simd.mul_add_f64s(*y, *x, *sum);
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            let mut parts = [0.0; PARTS];
            S::as_mut_simd_f64s(&mut parts)
                .0
                .copy_from_slice(&sums[..registers]);
            g[r * terms + k] += parts.iter().sum::<f64>();
        }
    }
}

/// Lanes in a register.
const fn lanes<S: Simd>() -> usize {
    size_of::<S::f64s>() / size_of::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_odd_multiples() {
        assert_eq!(
            [1, 16, 17, 500, 512].map(row_length),
            [16, 16, 48, 528, 528]
        );
    }

    #[test]
    fn a_total_is_the_sum_of_all_lanes() {
        let y: Vec<f64> = (0..48 + 3).map(f64::from).collect();
        assert_eq!(total(&y), 50.0 * 51.0 / 2.0);
    }

    #[test]
    fn sums_do_not_depend_on_the_width_of_the_registers() {
        let (filters, terms, length) = (5, 6, 48);
        let number = |i: usize| (i as f64 * 0.7).sin();
        let w: Vec<f64> = (0..filters * terms).map(number).collect();
        let x: Vec<f64> = (0..terms * length).map(|i| number(i + 5)).collect();
        let all = |arch: Arch| {
            let (mut y, mut g) = (vec![0.5; filters * length], vec![2.0; filters * terms]);
            let (row, term) = (terms, 1);
            arch.dispatch(Mix {
                w: &w,
                row,
                term,
                x: &x,
                y: &mut y,
                length,
            });
            arch.dispatch(Correlate {
                y: &y,
                x: &x,
                g: &mut g,
                length,
            });
            y.iter().chain(&g).map(|v| v.to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(all(Arch::Scalar), all(Arch::new()));
    }

    #[test]
    fn products_are_those_of_the_definition() {
        // Five rows: a block and one more.
        let (filters, terms, length) = (5, 6, 48);
        let number = |i: usize| (i as f64 * 0.7).sin();
        let w: Vec<f64> = (0..filters * terms).map(number).collect();
        let x: Vec<f64> = (0..terms * length).map(|i| number(i + 5)).collect();
        let mut y = vec![0.5; filters * length];
        combine(&w, &x, &mut y, length);
        let (mut back, mut g) = (vec![0.25; terms * length], vec![2.0; filters * terms]);
        spread(&w, &y, &mut back, length);
        correlate(&y, &x, &mut g, length);
        for f in 0..filters {
            for l in 0..length {
                let sum: f64 = (0..terms)
                    .map(|k| w[f * terms + k] * x[k * length + l])
                    .sum();
                assert!((y[f * length + l] - 0.5 - sum).abs() < 1e-14);
            }
        }
        for k in 0..terms {
            for l in 0..length {
                let sum: f64 = (0..filters)
                    .map(|f| w[f * terms + k] * y[f * length + l])
                    .sum();
                assert!((back[k * length + l] - 0.25 - sum).abs() < 1e-14);
            }
            for f in 0..filters {
                let sum: f64 = (0..length)
                    .map(|l| y[f * length + l] * x[k * length + l])
                    .sum();
                // Sums of 48 products of order 1.
                assert!((g[f * terms + k] - 2.0 - sum).abs() < 1e-13);
            }
        }
    }
}
