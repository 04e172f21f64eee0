//! A rule without memory over minibatches of a pool, in one coordinate: a chain with finitely many moves, one for each kind of batch.

use std::collections::BTreeMap;

use base::error::{Error, Result};
use experiment::escape::cell::Noise as Known;
use experiment::optimizer::Tuned;
use measurement::reading::Exact;
use prediction::exact::{FiniteChain, FiniteLaw, FreeChain};
use simulation::landscape::examples::{MeanLoss, Origin};
use simulation::optimizer::{Optimizer, Rows};
use statrs::function::factorial::ln_factorial;

use crate::cell::Cell;
use crate::observe::exit::Boundary;
use crate::system::{Motion, Noise};

/// Kinds of batches beyond which there is no reference.
const MOST: usize = 20_000;

/// Whether a cell is such a chain.
pub fn applies(cell: &Cell) -> bool {
    let system = &cell.system;
    let pool = system.landscape.data.as_ref();
    let pool = pool.is_some_and(|data| *data.mean.origin() == Origin::Table);
    let batches = matches!(
        system.noise,
        Noise::Known(Known::Examples { ramp: None, .. })
    );
    let forgets = matches!(&system.motion, Motion::Rule(rule) if is_without_memory(rule));
    system.dim() == 1 && pool && batches && forgets && system.start.point().is_some()
}

/// Whether a rule remembers nothing, and does the same at every step.
fn is_without_memory(rule: &Tuned) -> bool {
    if !rule.values.is_steady() {
        return false;
    }
    let optimizer = rule.build();
    let keeps = !optimizer.start(&[0.0]).is_empty() || optimizer.draws() || optimizer.aims();
    let at = |taken: u64| {
        let mut theta: Vec<f64> = (0..8).map(|k| 0.37 * f64::from(k) - 1.3).collect();
        let gradient: Vec<f64> = theta.iter().map(|x| 0.7 - x * x).collect();
        step(&*optimizer, &mut theta, &gradient, &[taken; 8]);
        theta
    };
    !keeps && at(0) == at(1_000_003)
}

fn step(optimizer: &dyn Optimizer, theta: &mut [f64], gradient: &[f64], taken: &[u64]) {
    let nothing = Rows {
        coordinates: &mut [],
        scalars: &mut [],
        fresh: &[],
    };
    optimizer.step(theta, gradient, theta.len(), taken, nothing);
}

/// The kinds of batches: how probable each is, and how often it holds each kind of example.
struct Kinds {
    chances: Vec<f64>,
    /// What multiplies the gradients of the kinds of examples, kind by kind of batch.
    shares: Vec<Vec<(usize, f64)>>,
}

impl Kinds {
    /// Batches of `batch` out of kinds of examples that are as probable as `examples`.
    fn of(examples: &[f64], batch: u64, wanted: usize) -> Option<Self> {
        // C(K + B − 1, B) multisets, by factors that each leave a whole number.
        let (kinds, mut count) = (examples.len() as u64, 1u64);
        let (many, few) = (kinds - 1 + batch, (kinds - 1).min(batch));
        for k in 0..few {
            count = count.checked_mul(many - k)? / (k + 1);
            if count > wanted as u64 {
                return None;
            }
        }
        let mut found = Kinds {
            chances: Vec::new(),
            shares: Vec::new(),
        };
        let all = ln_factorial(batch);
        found.fill(examples, batch, (0, all), &mut Vec::new(), batch as f64);
        let sum: f64 = found.chances.iter().sum();
        found.chances.iter_mut().for_each(|p| *p /= sum);
        Some(found)
    }

    fn fill(
        &mut self,
        examples: &[f64],
        left: u64,
        (first, log): (usize, f64),
        held: &mut Vec<(usize, f64)>,
        batch: f64,
    ) {
        let log_of = |n: u64| n as f64 * examples[first].ln() - ln_factorial(n);
        if first + 1 == examples.len() {
            let mut share = held.clone();
            if left > 0 {
                share.push((first, left as f64 / batch));
            }
            self.shares.push(share);
            self.chances.push((log + log_of(left)).exp());
            return;
        }
        for n in 0..=left {
            if n > 0 {
                held.push((first, n as f64 / batch));
            }
            self.fill(
                examples,
                left - n,
                (first + 1, log + log_of(n)),
                held,
                batch,
            );
            if n > 0 {
                held.pop();
            }
        }
    }

    /// Two batches of one step, r₊g₁ + r₋g₂ with r± = (1 ± √(2l − 1))/2.
    fn of_two(&self, svag: f64) -> Self {
        let root = (2.0 * svag - 1.0).sqrt();
        let times = |share: &[(usize, f64)], r: f64| -> Vec<(usize, f64)> {
            share.iter().map(|(j, s)| (*j, r * s)).collect()
        };
        let mut both = Kinds {
            chances: Vec::new(),
            shares: Vec::new(),
        };
        for (p, a) in self.chances.iter().zip(&self.shares) {
            for (q, b) in self.chances.iter().zip(&self.shares) {
                both.chances.push(p * q);
                let mut share = times(a, 0.5 * (1.0 + root));
                share.extend(times(b, 0.5 * (1.0 - root)));
                both.shares.push(share);
            }
        }
        both
    }
}

/// The chain of a cell.
struct Chain {
    optimizer: Box<dyn Optimizer>,
    mean: MeanLoss,
    /// What the kinds of examples hold, input by input.
    inputs: Vec<f64>,
    examples: usize,
    kinds: Kinds,
    start: f64,
}

impl Chain {
    fn of(cell: &Cell) -> Result<Self> {
        let missing = || Error::Failed("the process is no chain over batches of a pool".into());
        let system = &cell.system;
        let Motion::Rule(rule) = &system.motion else {
            return Err(missing());
        };
        let Noise::Known(Known::Examples {
            batch,
            replacement,
            svag,
            ..
        }) = &system.noise
        else {
            return Err(missing());
        };
        let mean = system
            .landscape
            .data
            .as_ref()
            .ok_or_else(missing)?
            .mean
            .clone();
        let start = system
            .start
            .point()
            .and_then(|point| point.first().copied());
        let start = start.ok_or_else(missing)?;
        if !replacement {
            return Err(Error::Failed(
                "batches without replacement depend on those before them in their epoch, so that θ alone is no chain".into(),
            ));
        }
        // Examples of which every column is the same are drawn together.
        let table = mean.table();
        let mut known: BTreeMap<Vec<u64>, u64> = BTreeMap::new();
        for j in 0..table.rows() {
            let held = table.row(j).iter().map(|x| x.to_bits());
            *known.entry(held.collect()).or_default() += 1;
        }
        let examples = known.len();
        let chances: Vec<f64> = known
            .values()
            .map(|n| *n as f64 / table.rows() as f64)
            .collect();
        let twice = *svag > 1.0;
        let wanted = if twice {
            (MOST as f64).sqrt() as usize
        } else {
            MOST
        };
        let mut kinds = Kinds::of(&chances, *batch, wanted).ok_or_else(|| {
            let what = if twice { "pairs of batches" } else { "batches" };
            Error::Failed(format!(
                "the {what} of {batch} out of {examples} different examples are of more than {MOST} kinds, each a move of the chain; take fewer examples or a smaller batch"
            ))
        })?;
        if twice {
            kinds = kinds.of_two(*svag);
        }
        let column = |k: usize| known.keys().map(move |held| f64::from_bits(held[k]));
        Ok(Chain {
            optimizer: rule.build(),
            inputs: (0..table.width()).flat_map(column).collect(),
            mean,
            examples,
            kinds,
            start,
        })
    }

    /// Where each kind of batch moves θ.
    fn moves(&self, theta: f64, to: &mut [f64]) {
        let mut rows = vec![theta; self.examples];
        rows.extend(&self.inputs);
        let mut slopes = vec![0.0; self.examples];
        let program = &self.mean.loss().gradient;
        program.run(&rows, self.examples, &mut slopes);
        let shares = self.kinds.shares.iter();
        let gradient: Vec<f64> = shares
            .map(|share| share.iter().map(|(j, s)| s * slopes[*j]).sum())
            .collect();
        to.fill(theta);
        step(&*self.optimizer, to, &gradient, &vec![0; to.len()]);
    }

    fn describe(&self) -> String {
        let n = self.kinds.chances.len();
        format!("{n} kinds of batches")
    }
}

/// The mean exit step over a boundary.
///
/// # Errors
/// It is not known: the message says why.
pub fn mean_step(cell: &Cell, boundary: Boundary) -> Result<Exact> {
    let chain = Chain::of(cell)?;
    let found = FiniteChain {
        moves: &|theta, to| chain.moves(theta, to),
        chances: &chain.kinds.chances,
        start: chain.start,
        exit: boundary.at,
    }
    .mean()?;
    Ok(Exact {
        value: found.mean,
        error: found.relative_error * found.mean,
        method: format!("discrete chain of {} over cells", chain.describe()),
    })
}

/// The law after so many steps; in the long run where there is no number of them.
///
/// # Errors
/// It is not known: the message says why.
pub fn law(cell: &Cell, steps: Option<u64>) -> Result<FiniteLaw> {
    free(cell, |chain| FiniteLaw::of(chain, steps))
}

/// Steps after which nothing of the start is left.
///
/// # Errors
/// It is never forgotten, or not known how fast.
pub fn relaxation(cell: &Cell) -> Result<u64> {
    free(cell, FiniteLaw::settles)
}

fn free<T>(cell: &Cell, with: impl FnOnce(FreeChain<'_>) -> Result<T>) -> Result<T> {
    let chain = Chain::of(cell)?;
    with(FreeChain {
        moves: &|theta, to| chain.moves(theta, to),
        chances: &chain.kinds.chances,
        start: chain.start,
    })
}
