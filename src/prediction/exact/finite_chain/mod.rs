//! A chain with finitely many moves: its exit over a boundary, and its law.
//!
//! | wanted | ask |
//! |---|---|
//! | mean exit step | [`FiniteChain::mean`] |
//! | exits and time within a number of steps | [`FiniteChain::watched`] |
//! | law after a number of steps or in the long run, and how fast it forgets its start | [`FiniteLaw`] |

mod law;
mod mean;
mod states;

use base::error::{Error, Result};

pub use law::{FiniteLaw, FreeChain};
pub use mean::ExitStep;

/// The chain θ' = move_k(θ) with probability p_k, stopped at its first step beyond `exit`.
///
/// SGD is such a chain where a batch is one of finitely many kinds.
pub struct FiniteChain<'a> {
    /// Writes move_k(θ) of every k.
    pub moves: &'a dyn Fn(f64, &mut [f64]),
    /// p_k, which add up to 1.
    pub chances: &'a [f64],
    /// Where the chain starts.
    pub start: f64,
    /// The exit, on the side that the start is not.
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
/// Widenings of the grid until no move leads out above, and places that are looked at for it.
const MOST_WIDENINGS: usize = 400;
const WIDENED: f64 = 1.05;
const LOOKED: usize = 500;

/// p_k are chances, and add up to 1.
fn check(chances: &[f64], start: f64) -> Result<()> {
    let sum: f64 = chances.iter().sum();
    if chances.iter().all(|p| *p >= 0.0) && (sum - 1.0).abs() < 1e-9 && start.is_finite() {
        return Ok(());
    }
    Err(Error::Input(format!(
        "a chain from {start} with chances that add up to {sum}: a start is finite, and chances are at least 0 and add up to 1"
    )))
}

/// The chain seen from its exit: s ≥ 0 inside.
struct Inside<'a> {
    chain: &'a FiniteChain<'a>,
    sign: f64,
    start: f64,
}

impl<'a> Inside<'a> {
    fn of(chain: &'a FiniteChain<'a>) -> Result<Self> {
        check(chain.chances, chain.start)?;
        if !chain.exit.is_finite() || chain.start == chain.exit {
            return Err(Error::Input(format!(
                "a chain from {} to an exit at {}: an exit is finite, and no start",
                chain.start, chain.exit
            )));
        }
        Ok(Inside {
            chain,
            sign: (chain.start - chain.exit).signum(),
            start: (chain.start - chain.exit).abs(),
        })
    }

    /// Where each move leads from s.
    fn moved(&self, s: f64, to: &mut [f64]) -> Result<()> {
        let theta = self.chain.exit + self.sign * s;
        (self.chain.moves)(theta, to);
        for x in &mut *to {
            *x = self.sign * (*x - self.chain.exit);
            if x.is_nan() {
                return Err(Error::Failed(format!(
                    "from θ = {theta} a move leads to no number"
                )));
            }
        }
        Ok(())
    }

    /// Why there is no mean exit step.
    fn never(&self) -> Error {
        Error::Failed(format!(
            "from {} the chain may come to where it stays for ever, so that its mean exit step over {} is infinite",
            self.chain.start, self.chain.exit
        ))
    }

    /// A place that no move from below it, and above the exit, passes.
    fn top(&self) -> Result<f64> {
        let mut top = self.start;
        let mut to = vec![0.0; self.chain.chances.len()];
        for _ in 0..MOST_WIDENINGS {
            let mut highest = top;
            for i in 0..=LOOKED {
                self.moved(top * i as f64 / LOOKED as f64, &mut to)?;
                highest = to.iter().copied().fold(highest, f64::max);
            }
            if highest <= top {
                return Ok(top);
            }
            top = highest.max(WIDENED * top);
            if !top.is_finite() {
                break;
            }
        }
        Err(Error::Input(format!(
            "moves lead away from the exit without end from {}; a smaller learning rate keeps the chain",
            self.chain.start
        )))
    }
}

impl FiniteChain<'_> {
    /// The chain watched for `steps` steps.
    ///
    /// The probability S_n(θ) of being inside still after n steps obeys S_{n+1}(θ) = Σ_k p_k S_n(move_k(θ)), S = 0 beyond the
    /// exit. It is kept on equally spaced nodes, linear between them; the number of nodes is doubled until the rate of exits
    /// changes little.
    ///
    /// # Errors
    /// [`Error::Input`] for a start at the exit, chances that are none, or moves that lead away without end;
    /// [`Error::Failed`] where the grid's error stays above 2 %.
    pub fn watched(&self, steps: u64) -> Result<Watched> {
        let inside = Inside::of(self)?;
        let top = inside.top()?;
        let mut nodes = FIRST_NODES;
        let mut last: Option<Watched> = None;
        loop {
            let (exited, time) = inside.followed(nodes, top, steps)?;
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
}

impl Inside<'_> {
    /// P(τ ≤ n) and E min(τ, n) on that many nodes.
    fn followed(&self, nodes: usize, top: f64, steps: u64) -> Result<(f64, f64)> {
        let spacing = top / (nodes - 1) as f64;
        // Where each move leads to from each node: the node on the left, and the share of the one on the right.
        let place = |s: f64| -> Option<(usize, f64)> {
            let at = s / spacing;
            let left = (at.max(0.0) as usize).min(nodes - 2);
            (s >= 0.0).then(|| (left, (at - left as f64).min(1.0)))
        };
        let chances = self.chain.chances;
        let mut to = vec![0.0; chances.len()];
        let mut ways: Vec<(usize, f64, f64)> = Vec::new();
        let mut ends = Vec::with_capacity(nodes);
        for i in 0..nodes {
            self.moved(spacing * i as f64, &mut to)?;
            for (s, chance) in to.iter().zip(chances) {
                if let Some((left, share)) = place(*s) {
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
        Ok((1.0 - at_start(&inside), time))
    }
}

#[cfg(test)]
mod tests;
