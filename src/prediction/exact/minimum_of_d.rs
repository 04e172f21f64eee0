//! The first of d independent exits: survival function of a Gaussian chain, and its powers.

use super::discrete_chain::{DiscreteChain, Discretised, ExitSteps};
use base::error::{Error, Result};

/// S(n), the probability that the chain is still inside after n steps.
///
/// A separable loss with independent noise per coordinate leaves when the first coordinate does,
/// so its exit step is the minimum of d independent ones: ⟨min⟩ = Σ_n S(n)^d.
pub struct Survival {
    /// S(0) = 1, S(1), … up to where the decay is geometric or nothing is left.
    until_geometric: Vec<f64>,
    /// 1 − S(n + 1)/S(n) from there on; zero where nothing is left to follow.
    hazard: f64,
    chain: ExitSteps,
}

/// Spread of the hazard over all nodes at which the decay counts as geometric.
const GEOMETRIC: f64 = 1e-11;
/// Steps between two looks at the spread.
const LOOK_EVERY: usize = 32;
/// The survival function is followed no further than this.
const MOST_STEPS: usize = 300_000;
/// A survival probability below this adds nothing to any moment.
const NOTHING_LEFT: f64 = 1e-25;
/// How far the sum of S may differ from the directly solved mean.
const CONSISTENCY: f64 = 1e-8;

impl Survival {
    /// Follow the chain until its exits are geometric: the hazard is then the same at every node.
    ///
    /// The result is checked: Σ_n S(n) must be the mean exit step of [`DiscreteChain::solve`].
    ///
    /// # Errors
    /// As [`DiscreteChain::solve`]; [`Error::Failed`] when the decay is not geometric after
    /// 300 000 steps, or the check fails.
    pub fn of(chain: &DiscreteChain<'_>) -> Result<Self> {
        let (discretised, chain) = chain.refined()?;
        let rows = Rows::new(&discretised);
        // P^n 1 and P^n q: still inside, and leaving in the step after, from every node.
        let mut inside = vec![1.0; discretised.exit.len()];
        let mut leaving = discretised.exit.clone();
        let mut next = vec![0.0; inside.len()];
        let dot = |x: &[f64]| -> f64 {
            discretised
                .from_start
                .iter()
                .zip(x)
                .map(|(p, x)| p * x)
                .sum()
        };
        let mut survival = vec![1.0, 1.0 - discretised.exit_from_start];
        let mut hazard = 0.0;
        loop {
            let (remaining, leaves) = (dot(&inside), dot(&leaving));
            if remaining < NOTHING_LEFT {
                break;
            }
            if survival.len() % LOOK_EVERY == 0 && spread(&leaving, &inside) < GEOMETRIC {
                hazard = leaves / remaining;
                break;
            }
            if survival.len() > MOST_STEPS {
                return Err(Error::Failed(format!(
                    "the exits are not geometric after {MOST_STEPS} steps (the chain relaxes too \
                     slowly inside its well); raise η, or simulate"
                )));
            }
            rows.apply(&inside, &mut next);
            std::mem::swap(&mut inside, &mut next);
            rows.apply(&leaving, &mut next);
            std::mem::swap(&mut leaving, &mut next);
            survival.push(dot(&inside));
        }
        let result = Self {
            until_geometric: survival,
            hazard,
            chain,
        };
        let mean = result.minimum(1)?.mean;
        let difference = (mean / chain.mean - 1.0).abs();
        if difference.is_nan() || difference > CONSISTENCY {
            return Err(Error::Failed(format!(
                "the survival function sums to {mean}, the mean exit step is {}: they differ by \
                 {difference:.1e}, more than {CONSISTENCY:.0e}",
                chain.mean
            )));
        }
        Ok(result)
    }

    /// Moments of one chain's exit step, solved directly.
    pub fn chain(&self) -> ExitSteps {
        self.chain
    }

    /// S(n).
    pub fn at(&self, n: u64) -> f64 {
        let last = self.until_geometric.len() - 1;
        match usize::try_from(n) {
            Ok(n) if n <= last => self.until_geometric[n],
            _ if self.hazard == 0.0 => 0.0,
            _ => {
                let beyond = (n - last as u64) as f64;
                self.until_geometric[last] * (beyond * (-self.hazard).ln_1p()).exp()
            }
        }
    }

    /// Mean and variance of the smallest of `d` independent exit steps:
    /// Σ_n S(n)^d and Σ_n (2n + 1) S(n)^d − mean², the geometric tail summed in closed form.
    ///
    /// Relative accuracy about 1e-9, limited by rounding over the steps followed; `relative_error`
    /// is the larger of that of one chain and of the check of Σ_n S(n) against it.
    ///
    /// # Errors
    /// [`Error::Input`] for d = 0.
    pub fn minimum(&self, d: u32) -> Result<ExitSteps> {
        if d == 0 {
            return Err(Error::Input(
                "the minimum of d = 0 exits does not exist; d ≥ 1".to_owned(),
            ));
        }
        let (mean, second) = self.moments(f64::from(d));
        let check = (self.moments(1.0).0 / self.chain.mean - 1.0).abs();
        Ok(ExitSteps {
            mean,
            variance: second - mean * mean,
            relative_error: check.max(self.chain.relative_error),
            looked: self.chain.looked,
        })
    }

    fn moments(&self, d: f64) -> (f64, f64) {
        let (mut mean, mut second) = (0.0, 0.0);
        let last = self.until_geometric.len() - 1;
        for (n, s) in self.until_geometric[..last].iter().enumerate() {
            let power = s.powf(d);
            mean += power;
            second += (2.0 * n as f64 + 1.0) * power;
        }
        let first = self.until_geometric[last].powf(d);
        if self.hazard > 0.0 {
            // r = (1 − h)^d and 1 − r without cancellation.
            let log_ratio = d * (-self.hazard).ln_1p();
            let lost = -log_ratio.exp_m1();
            mean += first / lost;
            second +=
                first * ((2.0 * last as f64 + 1.0) / lost + 2.0 * log_ratio.exp() / (lost * lost));
        } else {
            mean += first;
            second += (2.0 * last as f64 + 1.0) * first;
        }
        (mean, second)
    }
}

/// (max − min)/max of the hazard over all nodes.
fn spread(leaving: &[f64], inside: &[f64]) -> f64 {
    let (mut least, mut most) = (f64::INFINITY, 0.0f64);
    for (l, i) in leaving.iter().zip(inside) {
        let hazard = l / i;
        least = least.min(hazard);
        most = most.max(hazard);
    }
    if most > 0.0 {
        (most - least) / most
    } else {
        f64::INFINITY
    }
}

/// The transition matrix as the part of each row that is not negligible.
struct Rows {
    /// First column and entries of every row.
    rows: Vec<(usize, Vec<f64>)>,
}

impl Rows {
    /// The diagonal is set by conservation, Σ_j P_ij = 1 − exit_i, as in the elimination.
    fn new(of: &Discretised) -> Self {
        let n = of.exit.len();
        let rows = (0..n)
            .map(|i| {
                let mut row = of.transitions[i * n..(i + 1) * n].to_vec();
                row[i] = 0.0;
                row[i] = 1.0 - of.exit[i] - row.iter().sum::<f64>();
                let matters = |p: &f64| p.abs() > 1e-60;
                let first = row.iter().position(matters).unwrap_or(i);
                let end = row.iter().rposition(matters).map_or(i, |last| last + 1);
                (first, row[first..end.max(first)].to_vec())
            })
            .collect();
        Self { rows }
    }

    fn apply(&self, x: &[f64], to: &mut [f64]) {
        for (value, (first, row)) in to.iter_mut().zip(&self.rows) {
            // Four partial sums, so that the additions need not wait for one another.
            let from = &x[*first..*first + row.len()];
            let mut sums = [0.0; 4];
            let (blocks, rest) = (row.chunks_exact(4), row.len() / 4 * 4);
            for (p, v) in blocks.zip(from.chunks_exact(4)) {
                for k in 0..4 {
                    sums[k] += p[k] * v[k];
                }
            }
            let tail: f64 = row[rest..]
                .iter()
                .zip(&from[rest..])
                .map(|(p, v)| p * v)
                .sum();
            *value = sums[0] + sums[1] + sums[2] + sums[3] + tail;
        }
    }
}

#[cfg(test)]
#[path = "minimum_of_d_tests.rs"]
mod tests;
