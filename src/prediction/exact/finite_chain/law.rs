//! The law of a chain with finitely many moves.

use nalgebra::{DMatrix, RowDVector};

use base::error::{Error, Result};

use super::{LOOKED, MOST_WIDENINGS, WIDENED, check};

/// Where a chain with finitely many moves is after some steps, θ' = move_k(θ) with probability p_k.
///
/// With E f(θ_n) = u_n(start), u_{n+1}(θ) = Σ_k p_k u_n(move_k(θ)): u_n is kept on equal nodes and a cubic between them, which is
/// the same as to share each place out over four nodes, so that moments to the third are kept.
#[derive(Clone, Debug)]
pub struct FiniteLaw {
    /// Of each grid the nodes, and what each counts.
    grids: Vec<(Vec<f64>, Vec<f64>)>,
}

/// A chain that nothing stops.
#[derive(Clone, Copy)]
pub struct FreeChain<'a> {
    /// Writes move_k(θ) of every k.
    pub moves: &'a dyn Fn(f64, &mut [f64]),
    /// p_k, which add up to 1.
    pub chances: &'a [f64],
    /// Where it starts.
    pub start: f64,
}

/// Nodes of three grids, of which the last is the finest and none is a part of another.
const NODES: [usize; 3] = [211, 307, 419];
/// What of the start is left where it is forgotten, e⁻²⁰.
const FADED: f64 = 2e-9;
/// Steps, as a power of two, after which a chain that has not forgotten its start is held never to.
const MOST_DOUBLINGS: u32 = 40;
/// Steps up to which a law is followed one by one.
const FEW: u64 = 1000;

impl FiniteLaw {
    /// The law after so many steps; in the long run where there is no number of them.
    ///
    /// # Errors
    /// [`Error::Input`] for chances that are none, or moves that lead away without end; [`Error::Failed`] where a move leads to no
    /// number, or the start is never forgotten.
    pub fn of(chain: FreeChain<'_>, steps: Option<u64>) -> Result<Self> {
        check(chain.chances, chain.start)?;
        let ends = chain.ends()?;
        let grids = NODES.iter().map(|count| {
            let grid = Nodes::of(&chain, ends, *count)?;
            let law = match steps {
                Some(steps) => grid.after(chain.start, steps),
                None => grid.settled()?.1,
            };
            Ok((grid.places(), law))
        });
        Ok(FiniteLaw {
            grids: grids.collect::<Result<_>>()?,
        })
    }

    /// Steps after which no more than e⁻²⁰ of the start is left, a power of two.
    ///
    /// # Errors
    /// As [`FiniteLaw::of`].
    pub fn settles(chain: FreeChain<'_>) -> Result<u64> {
        check(chain.chances, chain.start)?;
        Ok(Nodes::of(&chain, chain.ends()?, NODES[0])?.settled()?.0)
    }

    /// The mean of a function of θ, and how far the three grids are apart.
    pub fn mean(&self, f: &dyn Fn(f64) -> f64) -> (f64, f64) {
        let over = |(nodes, law): &(Vec<f64>, Vec<f64>)| -> f64 {
            nodes.iter().zip(law).map(|(x, p)| p * f(*x)).sum()
        };
        let all: Vec<f64> = self.grids.iter().map(over).collect();
        let finest = all.last().copied().unwrap_or(f64::NAN);
        let apart = all.iter().map(|x| (x - finest).abs()).fold(0.0, f64::max);
        let size = self.grids.last().map_or(0.0, |(nodes, law)| {
            nodes.iter().zip(law).map(|(x, p)| (p * f(*x)).abs()).sum()
        });
        (finest, apart + ROUNDING * size)
    }
}

/// Of a sum of what each node counts.
const ROUNDING: f64 = 1e-13;

impl FreeChain<'_> {
    fn moved(&self, theta: f64, to: &mut [f64]) -> Result<()> {
        (self.moves)(theta, to);
        if to.iter().any(|x| x.is_nan()) {
            let what = format!("from θ = {theta} a move leads to no number");
            return Err(Error::Failed(what));
        }
        Ok(())
    }

    /// Two places about the start that no move from between them passes.
    fn ends(&self) -> Result<[f64; 2]> {
        let mut to = vec![0.0; self.chances.len()];
        let [mut low, mut high] = [self.start; 2];
        for _ in 0..MOST_WIDENINGS {
            let [mut least, mut most] = [low, high];
            for i in 0..=LOOKED {
                self.moved(low + (high - low) * i as f64 / LOOKED as f64, &mut to)?;
                least = to.iter().copied().fold(least, f64::min);
                most = to.iter().copied().fold(most, f64::max);
            }
            if least >= low && most <= high {
                return Ok([low, high]);
            }
            let wider = 0.5 * (WIDENED - 1.0) * (high - low);
            if least < low {
                low = least.min(low - wider);
            }
            if most > high {
                high = most.max(high + wider);
            }
            if !(high - low).is_finite() {
                break;
            }
        }
        Err(Error::Input(format!(
            "moves lead away without end from {}; a smaller learning rate keeps the chain",
            self.start
        )))
    }
}

/// The chain over the nodes of a grid.
struct Nodes {
    low: f64,
    spacing: f64,
    /// One step: rows are where from.
    step: DMatrix<f64>,
}

impl Nodes {
    fn of(chain: &FreeChain<'_>, [low, high]: [f64; 2], count: usize) -> Result<Self> {
        let spacing = ((high - low) / (count - 1) as f64).max(f64::MIN_POSITIVE);
        let mut nodes = Nodes {
            low,
            spacing,
            step: DMatrix::zeros(count, count),
        };
        let mut to = vec![0.0; chain.chances.len()];
        for i in 0..count {
            chain.moved(low + spacing * i as f64, &mut to)?;
            for (x, chance) in to.iter().zip(chain.chances) {
                let (first, shares) = nodes.shares(*x);
                for (j, share) in shares.into_iter().enumerate() {
                    nodes.step[(i, first + j)] += chance * share;
                }
            }
        }
        Ok(nodes)
    }

    fn count(&self) -> usize {
        self.step.nrows()
    }

    fn places(&self) -> Vec<f64> {
        (0..self.count())
            .map(|i| self.low + self.spacing * i as f64)
            .collect()
    }

    /// The four nodes about a place, from the first, and what each counts: Lagrange's cubic.
    fn shares(&self, x: f64) -> (usize, [f64; 4]) {
        let last = (self.count() - 1) as f64;
        let at = ((x - self.low) / self.spacing).clamp(0.0, last);
        let first = (at.floor() - 1.0).clamp(0.0, last - 3.0);
        let t = at - first;
        let shares = [
            -(t - 1.0) * (t - 2.0) * (t - 3.0) / 6.0,
            0.5 * t * (t - 2.0) * (t - 3.0),
            -0.5 * t * (t - 1.0) * (t - 3.0),
            t * (t - 1.0) * (t - 2.0) / 6.0,
        ];
        (first as usize, shares)
    }

    /// What each node counts after so many steps from a place.
    fn after(&self, start: f64, steps: u64) -> Vec<f64> {
        let mut law = RowDVector::zeros(self.count());
        let (first, shares) = self.shares(start);
        for (j, share) in shares.into_iter().enumerate() {
            law[first + j] = share;
        }
        for _ in 0..steps.min(FEW) {
            law = &law * &self.step;
        }
        let mut left = steps.saturating_sub(FEW);
        let mut power = self.step.clone();
        while left > 0 {
            if left % 2 == 1 {
                law = &law * &power;
            }
            left /= 2;
            if left > 0 {
                power = squared(&power);
            }
        }
        law.iter().copied().collect()
    }

    /// Steps after which it does not matter where it started, and what each node counts then.
    fn settled(&self) -> Result<(u64, Vec<f64>)> {
        let mut power = self.step.clone();
        for doublings in 0..MOST_DOUBLINGS {
            let middle = power.row(self.count() / 2).into_owned();
            let apart = power.row_iter().map(|row| (row - &middle).abs().sum());
            if apart.fold(0.0, f64::max) <= FADED {
                // A few more, so that the law itself has all digits.
                let law = squared(&squared(&power)).row(self.count() / 2).into_owned();
                return Ok((1 << doublings, law.iter().copied().collect()));
            }
            power = squared(&power);
        }
        Err(Error::Failed(
            "where the chain is in the long run depends on where it starts".into(),
        ))
    }
}

/// The square of a step, whose chances add up to 1 whatever rounding does.
fn squared(step: &DMatrix<f64>) -> DMatrix<f64> {
    let mut square = step * step;
    for mut row in square.row_iter_mut() {
        let sum = row.sum();
        row /= sum;
    }
    square
}
