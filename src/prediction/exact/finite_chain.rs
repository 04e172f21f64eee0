//! Exit from an interval of a chain with finitely many moves, followed backwards on a grid.

use base::error::{Error, Result};

/// The chain θ' = move_k(θ) with probability p_k, stopped at its first step to below `exit`.
///
/// The probability S_n(θ) of being inside still after n steps obeys S_{n+1}(θ) = Σ_k p_k S_n(move_k(θ)), S = 0 below the
/// exit. It is kept on equally spaced nodes, linear between them; the number of nodes is doubled until the rate of exits
/// changes little. Of a network this is SGD where a batch is one of finitely many kinds.
pub struct FiniteChain<'a> {
    /// move_k(θ), inside or below the exit.
    pub moves: &'a dyn Fn(f64, usize) -> f64,
    /// p_k, which add up to 1.
    pub chances: &'a [f64],
    /// Where the chain starts, above the exit.
    pub start: f64,
    /// The exit.
    pub exit: f64,
}

/// A chain watched for a number of steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watched {
    /// P(τ ≤ n).
    pub exited: f64,
    /// E min(τ, n), in steps.
    pub time: f64,
    /// Relative change of their ratio at the last doubling of the nodes.
    pub relative_error: f64,
}

impl Watched {
    /// P(τ ≤ n)/E min(τ, n): what the maximum-likelihood rate of chains watched for n steps tends to.
    pub fn rate(&self) -> f64 {
        self.exited / self.time
    }
}

const FIRST_NODES: usize = 500;
const MOST_NODES: usize = 16_000;
/// Relative change of the rate at which doubling stops, and beyond which the result is refused.
const TARGET_ERROR: f64 = 2e-3;
const WORST_ERROR: f64 = 2e-2;
/// Widenings of the grid until no move leads out above.
const MOST_WIDENINGS: usize = 200;

impl FiniteChain<'_> {
    /// The chain watched for `steps` steps.
    ///
    /// # Errors
    /// [`Error::Input`] for a start that is not above the exit, chances that are none, or moves that lead up without
    /// end; [`Error::Failed`] where the grid's error stays above 2 %.
    pub fn watched(&self, steps: u64) -> Result<Watched> {
        let sum: f64 = self.chances.iter().sum();
        let fair = self.chances.iter().all(|p| *p >= 0.0) && (sum - 1.0).abs() < 1e-9;
        if !(fair && self.start.is_finite() && self.exit.is_finite() && self.start > self.exit) {
            return Err(Error::Input(format!(
                "a chain from {} to an exit at {} with chances that add up to {sum}: the start lies above the exit, and chances add up to 1",
                self.start, self.exit
            )));
        }
        let top = self.top()?;
        let mut nodes = FIRST_NODES;
        let mut last: Option<Watched> = None;
        loop {
            let (exited, time) = self.followed(nodes, top, steps);
            let change = |before: Watched| (exited / time / before.rate() - 1.0).abs();
            let found = Watched {
                exited,
                time,
                relative_error: last.map_or(f64::INFINITY, change),
            };
            if found.relative_error <= TARGET_ERROR {
                return Ok(found);
            }
            if 2 * nodes > MOST_NODES {
                if found.relative_error <= WORST_ERROR {
                    return Ok(found);
                }
                return Err(Error::Failed(format!(
                    "the exit of a chain with {} moves is not resolved by {nodes} nodes: its rate still changes by {:.1e}",
                    self.chances.len(),
                    found.relative_error
                )));
            }
            last = Some(found);
            nodes *= 2;
        }
    }

    /// A place above the start that no move from below it passes.
    fn top(&self) -> Result<f64> {
        let mut width = 2.0 * (self.start - self.exit);
        for _ in 0..MOST_WIDENINGS {
            let at = |i: usize| self.exit + width * i as f64 / FIRST_NODES as f64;
            let highest = (0..=FIRST_NODES)
                .flat_map(|i| (0..self.chances.len()).map(move |k| (i, k)))
                .map(|(i, k)| (self.moves)(at(i), k))
                .fold(f64::NEG_INFINITY, f64::max);
            if highest <= self.exit + width {
                return Ok(self.exit + width);
            }
            width *= 1.1;
        }
        Err(Error::Input(format!(
            "moves lead up without end from {}; a smaller learning rate keeps the chain",
            self.start
        )))
    }

    /// P(τ ≤ n) and E min(τ, n) on that many nodes.
    fn followed(&self, nodes: usize, top: f64, steps: u64) -> (f64, f64) {
        let spacing = (top - self.exit) / (nodes - 1) as f64;
        // Where each move leads to from each node: the node on the left, and the share of the one on the right.
        let place = |theta: f64| -> Option<(usize, f64)> {
            let at = (theta - self.exit) / spacing;
            let left = (at.max(0.0) as usize).min(nodes - 2);
            (theta >= self.exit).then(|| (left, (at - left as f64).min(1.0)))
        };
        let mut ways: Vec<(usize, f64, f64)> = Vec::new();
        let mut ends = Vec::with_capacity(nodes);
        for i in 0..nodes {
            let theta = self.exit + spacing * i as f64;
            for (k, chance) in self.chances.iter().enumerate() {
                if let Some((left, share)) = place((self.moves)(theta, k)) {
                    ways.push((left, chance * (1.0 - share), chance * share));
                }
            }
            ends.push(ways.len());
        }
        let start = place(self.start).unwrap_or((0, 0.0));
        let at_start = |inside: &[f64]| {
            let (left, share) = start;
            (1.0 - share) * inside[left] + share * inside[left + 1]
        };
        let mut inside = vec![1.0; nodes];
        let mut next = inside.clone();
        let mut time = 0.0;
        for _ in 0..steps {
            time += at_start(&inside);
            let mut first = 0;
            for (value, end) in next.iter_mut().zip(&ends) {
                let own = ways[first..*end].iter();
                *value = own
                    .map(|(i, a, b)| a * inside[*i] + b * inside[i + 1])
                    .sum();
                first = *end;
            }
            std::mem::swap(&mut inside, &mut next);
        }
        (1.0 - at_start(&inside), time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A walk on 0, 1, 2, … from 3, up with p = 0.3 and down with 0.7, thrown back to 5 from 6: the mean time to 0 from
    /// T(k) = 1 + 0.3 T(k + 1) + 0.7 T(k − 1), solved by hand for T(5) = 1 + 0.3 T(5) + 0.7 T(4).
    #[test]
    fn a_walk_by_hand() {
        let moves = |theta: f64, k: usize| {
            if k == 0 {
                (theta + 1.0).min(5.0)
            } else {
                theta - 1.0
            }
        };
        let chain = FiniteChain {
            moves: &moves,
            chances: &[0.3, 0.7],
            start: 3.0,
            exit: 0.5,
        };
        // D_k = T(k) − T(k − 1): D_5 = 1/0.7, D_k = (1 + 0.3 D_{k+1})/0.7; T(3) = D_1 + D_2 + D_3, where T(0) = 0.
        let mut d = [0.0; 7];
        for k in (1..=5).rev() {
            d[k] = (1.0 + 0.3 * d[k + 1]) / 0.7;
        }
        let expected = d[1] + d[2] + d[3];
        let found = chain.watched(2000).unwrap();
        assert!((found.exited - 1.0).abs() < 1e-12);
        // The nodes do not fall on whole numbers; the grid smears a place over less than a spacing, 0.4 % of a step.
        assert!(
            (found.time / expected - 1.0).abs() < 5e-3,
            "{} {expected}",
            found.time
        );
    }

    /// From everywhere out with chance 0.1: S_n = 0.9ⁿ, without any error of the grid.
    #[test]
    fn a_constant_chance() {
        let moves = |_: f64, k: usize| if k == 0 { -1.0 } else { 1.0 };
        let chain = FiniteChain {
            moves: &moves,
            chances: &[0.1, 0.9],
            start: 1.0,
            exit: 0.0,
        };
        let found = chain.watched(20).unwrap();
        let left = 0.9f64.powi(20);
        assert!((found.exited - (1.0 - left)).abs() < 1e-13);
        assert!((found.time - 10.0 * (1.0 - left)).abs() < 1e-12);
        assert!((found.rate() - 0.1).abs() < 1e-13);
    }

    #[test]
    fn what_is_no_chain_is_refused() {
        let up = |theta: f64, _: usize| theta + 1.0;
        let of = |chances: &'static [f64], start| FiniteChain {
            moves: &up,
            chances,
            start,
            exit: 0.0,
        };
        assert!(of(&[1.0], -1.0).watched(3).is_err());
        assert!(of(&[0.4, 0.4], 1.0).watched(3).is_err());
        let error = of(&[1.0], 1.0).watched(3).unwrap_err().to_string();
        assert!(error.contains("without end"), "{error}");
    }
}
