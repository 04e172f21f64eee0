//! Which examples every member sees at every step.

use tch::{Kind, Tensor};

use super::set::{Batch, Examples};
use base::error::Result;
use simulation::data::Augmentation;
use simulation::random::{Permutation, Purpose, Stream};

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
    augmented: Option<(Augmentation, Stream)>,
}

impl Minibatches {
    /// Batches for these members, each of which has its own, whoever its neighbours are.
    pub fn new(examples: Examples, draw: Draw, stream: Stream, members: &[u64]) -> Self {
        Minibatches {
            examples,
            draw,
            stream,
            members: members.to_vec(),
            augmented: None,
        }
    }

    /// With images that are cropped and mirrored anew whenever they are used.
    ///
    /// # Errors
    /// The examples are no images, or the frame is too wide for them.
    pub fn augmented(mut self, how: Augmentation, stream: Stream) -> Result<Self> {
        let shape = self.examples.shape();
        let blank = vec![0.0; shape.iter().product()];
        how.apply(&shape, &blank, &stream, 0, 0, &mut blank.clone())?;
        self.augmented = Some((how, stream));
        Ok(self)
    }

    /// Batch number `turn` of every member.
    pub fn batch(&self, turn: u64) -> Batch {
        match self.draw {
            Draw::All => {
                let members = self.members.len() as i64;
                self.examples.span(0, self.examples.len(), members)
            }
            Draw::Epochs(batch) => {
                self.picked(batch, turn, |member| self.walked(member, batch, turn))
            }
            Draw::Anew(batch) => self.picked(batch, turn, |member| {
                anew(&self.stream, member, batch, turn, self.examples.len())
            }),
        }
    }

    fn picked(&self, batch: u64, turn: u64, of: impl Fn(u64) -> Vec<i64>) -> Batch {
        let indices: Vec<i64> = self.members.iter().flat_map(|m| of(*m)).collect();
        let mut picked = self.examples.pick(&indices, batch as i64);
        if let Some((how, stream)) = &self.augmented {
            picked.inputs = self.varied(&picked.inputs, how, stream, turn);
        }
        picked
    }

    /// Every image cropped and mirrored by itself, by draws of its member, its place in the batch and the turn.
    fn varied(&self, inputs: &Tensor, how: &Augmentation, stream: &Stream, turn: u64) -> Tensor {
        let shape = self.examples.shape();
        let width: usize = shape.iter().product();
        let images = inputs.to_device(tch::Device::Cpu).to_kind(Kind::Float);
        let mut values = vec![0.0f32; images.numel()];
        images.contiguous().copy_data(&mut values, images.numel());
        let mut out = values.clone();
        let each = values.len() / width / self.members.len();
        let images = values.chunks(width).zip(out.chunks_mut(width));
        for (place, (image, out)) in images.enumerate() {
            let own = (self.members[place / each] as usize) * each + place % each;
            // The shape was tried when the augmentation was set.
            let _ = how.apply(&shape, image, stream, turn, own, out);
        }
        Tensor::from_slice(&out)
            .reshape(inputs.size())
            .to_kind(inputs.kind())
            .to_device(inputs.device())
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
}

/// `batch` of `n` examples, each drawn by itself: batch number `turn` of `member`. By multiply–shift from 64 random
/// bits each; the bias is n/2⁶⁴.
pub fn anew(stream: &Stream, member: u64, batch: u64, turn: u64, n: i64) -> Vec<i64> {
    let below = |word: u64| ((u128::from(word) * u128::from(n.unsigned_abs())) >> 64) as i64;
    let pairs = (0..batch.div_ceil(2)).flat_map(|pair| {
        let (a, b) = stream.bits(Purpose::Batch, member, turn, pair);
        [below(a), below(b)]
    });
    pairs.take(batch as usize).collect()
}
