//! Which examples every member sees at every step.

use super::set::{Batch, Examples};
use crate::simulation::random::{Permutation, Purpose, Stream};

/// How batches are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// All examples at every step.
    All,
    /// Epochs: every member walks through its own permutation, a new one each epoch. Where B does not divide the
    /// number of examples, a batch straddles two epochs.
    Epochs(u64),
    /// Every example of every batch is drawn anew.
    Anew(u64),
}

/// The batches of an ensemble: a pure function of (stream, member, step).
pub struct Minibatches {
    /// What they are drawn from.
    pub examples: Examples,
    draw: Draw,
    stream: Stream,
    members: Vec<u64>,
}

impl Minibatches {
    /// Batches for these members, each of which has its own, whoever its neighbours are.
    pub fn new(examples: Examples, draw: Draw, stream: Stream, members: &[u64]) -> Self {
        Minibatches {
            examples,
            draw,
            stream,
            members: members.to_vec(),
        }
    }

    /// Batch number `turn` of every member.
    pub fn batch(&self, turn: u64) -> Batch {
        match self.draw {
            Draw::All => {
                let members = self.members.len() as i64;
                self.examples.span(0, self.examples.len(), members)
            }
            Draw::Epochs(batch) => self.picked(batch, |member| self.walked(member, batch, turn)),
            Draw::Anew(batch) => self.picked(batch, |member| self.drawn(member, batch, turn)),
        }
    }

    fn picked(&self, batch: u64, of: impl Fn(u64) -> Vec<i64>) -> Batch {
        let indices: Vec<i64> = self.members.iter().flat_map(|m| of(*m)).collect();
        self.examples.pick(&indices, batch as i64)
    }

    fn walked(&self, member: u64, batch: u64, turn: u64) -> Vec<i64> {
        let n = self.examples.len() as u64;
        let mut all = Vec::with_capacity(batch as usize);
        let mut permutation: Option<(u64, Permutation)> = None;
        for position in turn * batch..(turn + 1) * batch {
            let epoch = position / n;
            let current = match permutation.take() {
                Some((at, current)) if at == epoch => current,
                _ => Permutation::new(&self.stream, member, epoch, n),
            };
            all.push(current.at(position % n) as i64);
            permutation = Some((epoch, current));
        }
        all
    }

    /// By multiply–shift from 64 random bits each; the bias is n/2⁶⁴.
    fn drawn(&self, member: u64, batch: u64, turn: u64) -> Vec<i64> {
        let n = self.examples.len() as u64;
        let below = |word: u64| ((u128::from(word) * u128::from(n)) >> 64) as i64;
        let pairs = (0..batch.div_ceil(2)).flat_map(|pair| {
            let (a, b) = self.stream.bits(Purpose::Batch, member, turn, pair);
            [below(a), below(b)]
        });
        pairs.take(batch as usize).collect()
    }
}
