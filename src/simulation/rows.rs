//! Products of small matrices with long rows, one row per feature and one lane per example.
//!
//! Plain loops over lanes, to be called inside `vectorised!`. Sums run in a fixed order and fused multiply–adds
//! are explicit, so the bits do not depend on the width of the registers.

/// Rows are a multiple of this long: enough sums side by side to hide the latency of one.
pub const LANES: usize = 16;

/// The length of a row for `n` lanes: an odd multiple of [`LANES`], so that the rows of a matrix do not fall on
/// the same lines of the cache.
pub fn row_length(n: usize) -> usize {
    (n.div_ceil(LANES) | 1) * LANES
}

/// Rows of a result that are computed together, so that a row of the input is read once for all of them.
const BLOCK: usize = 4;

/// How far apart the numbers of a matrix are, from row to row and from term to term.
struct Steps {
    row: usize,
    term: usize,
}

/// y_f ← y_f + Σ_k w_fk x_k, with rows of `length` lanes in `x` and `y`, and w by rows of as many as `x` has.
#[inline(always)]
pub fn combine(w: &[f64], x: &[f64], y: &mut [f64], length: usize) {
    let steps = Steps {
        row: x.len() / length,
        term: 1,
    };
    mix(w, &steps, x, y, length);
}

/// x_k ← x_k + Σ_f w_fk y_f: the transpose of [`combine`].
#[inline(always)]
pub fn spread(w: &[f64], y: &[f64], x: &mut [f64], length: usize) {
    let steps = Steps {
        row: 1,
        term: x.len() / length,
    };
    mix(w, &steps, y, x, length);
}

#[inline(always)]
fn mix(w: &[f64], steps: &Steps, x: &[f64], y: &mut [f64], length: usize) {
    let mut blocks = y.chunks_exact_mut(BLOCK * length);
    let mut row = 0;
    for y in &mut blocks {
        mix_block::<BLOCK, { LANES / 2 }>(&w[row * steps.row..], steps, x, y, length);
        row += BLOCK;
    }
    for y in blocks.into_remainder().chunks_exact_mut(length) {
        mix_block::<1, LANES>(&w[row * steps.row..], steps, x, y, length);
        row += 1;
    }
}

/// `ROWS` rows of the result, `WIDTH` lanes at a time.
#[inline(always)]
fn mix_block<const ROWS: usize, const WIDTH: usize>(
    w: &[f64],
    steps: &Steps,
    x: &[f64],
    y: &mut [f64],
    length: usize,
) {
    for start in (0..length).step_by(WIDTH) {
        let mut sums = [[0.0; WIDTH]; ROWS];
        for (sum, y) in sums.iter_mut().zip(y.chunks_exact(length)) {
            sum.copy_from_slice(&y[start..][..WIDTH]);
        }
        for (term, x) in x.chunks_exact(length).enumerate() {
            let x = &x[start..][..WIDTH];
            for (row, sum) in sums.iter_mut().enumerate() {
                let w = w[row * steps.row + term * steps.term];
                for l in 0..WIDTH {
                    sum[l] = w.mul_add(x[l], sum[l]);
                }
            }
        }
        for (sum, y) in sums.iter().zip(y.chunks_exact_mut(length)) {
            y[start..][..WIDTH].copy_from_slice(sum);
        }
    }
}

/// g_fk ← g_fk + Σ_lanes y_f x_k: what [`combine`] makes of a gradient with respect to y.
#[inline(always)]
pub fn correlate(y: &[f64], x: &[f64], g: &mut [f64], length: usize) {
    let terms = x.len() / length;
    let mut targets = g.chunks_exact_mut(BLOCK * terms);
    let mut blocks = y.chunks_exact(BLOCK * length);
    for (g, y) in (&mut targets).zip(&mut blocks) {
        correlate_block::<BLOCK, { LANES / 2 }>(y, x, g, length);
    }
    let rest = targets.into_remainder().chunks_exact_mut(terms);
    for (g, y) in rest.zip(blocks.remainder().chunks_exact(length)) {
        correlate_block::<1, LANES>(y, x, g, length);
    }
}

/// `ROWS` rows of the result, summed over `WIDTH` lanes side by side.
#[inline(always)]
fn correlate_block<const ROWS: usize, const WIDTH: usize>(
    y: &[f64],
    x: &[f64],
    g: &mut [f64],
    length: usize,
) {
    let terms = x.len() / length;
    for (term, x) in x.chunks_exact(length).enumerate() {
        let mut sums = [[0.0; WIDTH]; ROWS];
        for (chunk, x) in x.chunks_exact(WIDTH).enumerate() {
            for (sum, y) in sums.iter_mut().zip(y.chunks_exact(length)) {
                let y = &y[chunk * WIDTH..][..WIDTH];
                for l in 0..WIDTH {
                    sum[l] = y[l].mul_add(x[l], sum[l]);
                }
            }
        }
        for (row, sum) in sums.iter().enumerate() {
            g[row * terms + term] += sum.iter().sum::<f64>();
        }
    }
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
