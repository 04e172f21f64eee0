//! Absorbing Markov chains solved without a subtraction, so that 1e17 steps come out as exactly as 10.

/// (I − P) factorised, P the off-diagonal transition probabilities and `exit` the absorption.
///
/// The diagonal of I − P is Σ_{j≠i} P_ij + exit_i by conservation; taking it so instead of as
/// 1 − P_ii makes every pivot a sum of positive numbers (Grassmann, Taksar and Heyman, Oper. Res.
/// 33, 1985), and each entry of a solution with a positive right side comes out with a relative
/// error of order n ε whatever the condition number (O'Cinneide, Numer. Math. 65, 1993).
/// Quadrature errors in the row sums of P are thereby moved to the diagonal, where they cost a
/// relative error of their own size, not that size times the number of steps.
pub(super) struct Elimination {
    states: usize,
    /// Above the diagonal the multipliers, below it the reduced transitions, row-major.
    entries: Vec<f64>,
    pivots: Vec<f64>,
}

/// States that are eliminated together, so that what is left is gone over once for all of them; the columns of which that is
/// done at a time; and how many of the states a number there is read for.
const BLOCK: usize = 64;
const TILE: usize = 256;
const ABREAST: usize = 4;

impl Elimination {
    /// Factorise; `transitions` is n × n row-major, its diagonal is not read.
    ///
    /// `None` if some state can neither leave nor be absorbed.
    pub fn new(mut transitions: Vec<f64>, mut exit: Vec<f64>) -> Option<Self> {
        let n = exit.len();
        let mut pivots = vec![0.0; n];
        let mut end = n;
        while end > 0 {
            let begin = end.saturating_sub(BLOCK);
            let (above, rows) = transitions.split_at_mut(begin * n);
            for k in (begin..end).rev() {
                let (before, row) = rows.split_at_mut((k - begin) * n);
                let row = &row[..k];
                let pivot = exit[k] + row.iter().sum::<f64>();
                if !(pivot > 0.0 && pivot.is_finite()) {
                    return None;
                }
                pivots[k] = pivot;
                for (i, target) in before.chunks_exact_mut(n).enumerate() {
                    let share = target[k] / pivot;
                    target[k] = share;
                    add(&mut target[..k], share, row);
                    exit[begin + i] += share * exit[k];
                }
            }
            for (i, target) in above.chunks_exact_mut(n).enumerate() {
                for k in (begin..end).rev() {
                    let share = target[k] / pivots[k];
                    target[k] = share;
                    let row = &rows[(k - begin) * n..][begin..k];
                    add(&mut target[begin..k], share, row);
                    exit[i] += share * exit[k];
                }
            }
            // What is left of every row above, in tiles that stay in the cache.
            for left in (0..begin).step_by(TILE) {
                let right = (left + TILE).min(begin);
                for target in above.chunks_exact_mut(n) {
                    let (target, shares) = target.split_at_mut(begin);
                    let target = &mut target[left..right];
                    let shares = shares[..end - begin].chunks(ABREAST);
                    for (rows, shares) in rows.chunks(ABREAST * n).zip(shares) {
                        if let &[a, b, c, d] = shares {
                            let row = |k: usize| &rows[k * n..][left..right];
                            let four = row(0).iter().zip(row(1)).zip(row(2).iter().zip(row(3)));
                            for (t, ((p, q), (r, s))) in target.iter_mut().zip(four) {
                                *t += (a * p + b * q) + (c * r + d * s);
                            }
                        } else {
                            for (share, row) in shares.iter().zip(rows.chunks_exact(n)) {
                                add(target, *share, &row[left..right]);
                            }
                        }
                    }
                }
            }
            end = begin;
        }
        Some(Self {
            states: n,
            entries: transitions,
            pivots,
        })
    }

    /// x with (I − P) x = `right`, `right` ≥ 0.
    pub fn solve(&self, mut right: Vec<f64>) -> Vec<f64> {
        let n = self.states;
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        for k in (0..n).rev() {
            let row = &self.entries[k * n..][..n];
            right[k] += dot(&row[k + 1..], &right[k + 1..]);
        }
        for k in 0..n {
            let row = &self.entries[k * n..][..k];
            right[k] = (right[k] + dot(row, &right[..k])) / self.pivots[k];
        }
        right
    }

    /// x with x (I − P) = `left`, `left` ≥ 0: how often each state is visited from where `left` begins.
    pub fn visits(&self, mut left: Vec<f64>) -> Vec<f64> {
        let n = self.states;
        for k in (0..n).rev() {
            let visits = left[k] / self.pivots[k];
            left[k] = visits;
            add(&mut left[..k], visits, &self.entries[k * n..][..k]);
        }
        for k in 0..n {
            let (before, after) = left.split_at_mut(k + 1);
            let row = &self.entries[k * n..][k + 1..n];
            add(after, before[k], row);
        }
        left
    }
}

fn add(target: &mut [f64], share: f64, row: &[f64]) {
    if share != 0.0 {
        for (t, p) in target.iter_mut().zip(row) {
            *t += share * p;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A walk on 0..n, reflecting at 0, absorbed beyond n − 1; down with probability `down`.
    fn walk(n: usize, down: f64) -> Vec<f64> {
        let mut transitions = vec![0.0; n * n];
        let mut exit = vec![0.0; n];
        for i in 0..n {
            if i > 0 {
                transitions[i * n + i - 1] = down;
            }
            if i + 1 < n {
                transitions[i * n + i + 1] = 1.0 - down;
            } else {
                exit[i] = 1.0 - down;
            }
        }
        Elimination::new(transitions, exit)
            .unwrap()
            .solve(vec![1.0; n])
    }

    #[test]
    fn the_symmetric_walk_takes_n_squared_steps() {
        // From 0, staying with probability 1/2 there: n (n + 1) steps.
        let times = walk(40, 0.5);
        assert!((times[0] / (40.0 * 41.0) - 1.0).abs() < 1e-13);
    }

    #[test]
    fn a_steep_walk_keeps_every_digit() {
        // Up u, down v: τ₀ = Σ_{k=0}^{n−1} Σ_{j=0}^{k} v^j / u^{j+1}, here about 1e30, where the
        // condition number would leave a solution by LU without a single digit.
        let (n, up, down) = (30, 0.1f64, 0.9f64);
        let mut expected = 0.0;
        for k in 0..n {
            for j in 0..=k {
                expected += down.powi(j) / up.powi(j + 1);
            }
        }
        let times = walk(30, down);
        assert!(expected > 1e28);
        assert!(
            (times[0] / expected - 1.0).abs() < 1e-13,
            "{} {expected}",
            times[0]
        );
    }

    /// More states than a block has, and not a multiple of it: from n states in a ring, out of any with chance c; the rest
    /// to any state alike. By symmetry the time is 1/c from everywhere.
    #[test]
    fn blocks_are_no_bounds() {
        let n = 2 * BLOCK + 7;
        let chance = 1e-9;
        let entries = vec![(1.0 - chance) / n as f64; n * n];
        let solved = Elimination::new(entries, vec![chance; n]).unwrap();
        for time in solved.solve(vec![1.0; n]) {
            assert!((time * chance - 1.0).abs() < 1e-13, "{time}");
        }
        let times = walk(n, 0.5);
        let count = n as f64;
        assert!((times[0] / (count * (count + 1.0)) - 1.0).abs() < 1e-12);
    }

    /// Σ visits is the time, from every state; and each visit is a step, x = e + xP.
    #[test]
    fn visits_add_up_to_the_time() {
        let n = 2 * BLOCK + 7;
        let at = |i: usize, j: usize| ((i * 7 + j * 13) % 11) as f64;
        let mut transitions = vec![0.0; n * n];
        let mut exit = vec![0.0; n];
        for i in 0..n {
            let sum: f64 = (0..n).map(|j| at(i, j)).sum();
            for j in 0..n {
                transitions[i * n + j] = 0.99 * at(i, j) / sum;
            }
            exit[i] = 0.01;
        }
        let solved = Elimination::new(transitions.clone(), exit).unwrap();
        let mut begin = vec![0.0; n];
        begin[5] = 1.0;
        let visits = solved.visits(begin.clone());
        assert!((visits.iter().sum::<f64>() - 100.0).abs() < 1e-9);
        for j in 0..n {
            let into: f64 = (0..n).map(|i| visits[i] * transitions[i * n + j]).sum();
            assert!((visits[j] - begin[j] - into).abs() < 1e-11);
        }
    }

    #[test]
    fn a_state_without_a_way_out_is_refused() {
        assert!(Elimination::new(vec![0.0; 4], vec![0.0, 1.0]).is_none());
    }
}
