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

impl Elimination {
    /// Factorise; `transitions` is n × n row-major, its diagonal is not read.
    ///
    /// `None` if some state can neither leave nor be absorbed.
    pub fn new(mut transitions: Vec<f64>, mut exit: Vec<f64>) -> Option<Self> {
        let n = exit.len();
        let mut pivots = vec![0.0; n];
        for k in (0..n).rev() {
            let (above, rest) = transitions.split_at_mut(k * n);
            let row = &rest[..k];
            let pivot = exit[k] + row.iter().sum::<f64>();
            if !(pivot > 0.0 && pivot.is_finite()) {
                return None;
            }
            pivots[k] = pivot;
            for (i, target) in above.chunks_exact_mut(n).enumerate() {
                let share = target[k] / pivot;
                target[k] = share;
                if share == 0.0 {
                    continue;
                }
                for (t, p) in target[..k].iter_mut().zip(row) {
                    *t += share * p;
                }
                exit[i] += share * exit[k];
            }
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
        for k in (0..n).rev() {
            let value = right[k];
            for (x, row) in right[..k].iter_mut().zip(self.entries.chunks_exact(n)) {
                *x += row[k] * value;
            }
        }
        for k in 0..n {
            let row = &self.entries[k * n..k * n + k];
            let reached: f64 = row.iter().zip(&right).map(|(p, x)| p * x).sum();
            right[k] = (right[k] + reached) / self.pivots[k];
        }
        right
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

    #[test]
    fn a_state_without_a_way_out_is_refused() {
        assert!(Elimination::new(vec![0.0; 4], vec![0.0, 1.0]).is_none());
    }
}
