//! The patch data of the paper: a shared feature in one patch, at a large or a small margin, and noise in the others.

use rand_distr::{Distribution, StandardNormal};

use crate::data::Labelled;
use crate::random::{Purpose, Sequence, Stream};
use crate::rows::LANES;
use base::error::Result;

/// The distribution of an example (Jelassi and Li 2022, section 2).
///
/// y = ±1 with equal chances. One patch is the signal, α y w* where the margin is large and β y w* where it is
/// small; the others are N(0, σ²(I − w*w*ᵀ)). The network is a sum over patches and everything else is
/// invariant under rotations, so without loss of generality the signal is patch 0 and w* the first unit vector.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct PatchLaw {
    /// d, the length of a patch.
    pub dim: usize,
    /// P, the number of patches.
    pub patches: usize,
    /// α, the large margin.
    pub alpha: f64,
    /// β, the small margin.
    pub beta: f64,
    /// σ, the standard deviation of a coordinate of the noise.
    pub sigma: f64,
}

/// Labelled examples: those of large margin (Z₁) first, then those of small margin (Z₂).
#[derive(Clone, Debug, PartialEq)]
pub struct Examples {
    law: PatchLaw,
    /// Coordinate, then patch, then example, each row of examples filled up with zeros.
    values: Vec<f64>,
    labels: Vec<f64>,
    large: usize,
}

impl PatchLaw {
    /// `large` and `small` examples; `replicate` chooses independent sets under one `stream`.
    pub fn draw(&self, stream: &Stream, replicate: u64, large: usize, small: usize) -> Examples {
        let n = large + small;
        let lanes = n.next_multiple_of(LANES);
        let columns = self.patches * lanes;
        let mut values = vec![0.0; self.dim * columns];
        let mut labels = Vec::with_capacity(n);
        for example in 0..n {
            let coin = stream.bits(Purpose::Batch, replicate, example as u64, 0).0;
            let y = if coin & 1 == 0 { 1.0 } else { -1.0 };
            labels.push(y);
            let margin = if example < large {
                self.alpha
            } else {
                self.beta
            };
            values[example] = margin * y;
            let mut normals = Sequence::new(stream, Purpose::Pool, replicate, example as u64);
            for patch in 1..self.patches {
                for coordinate in 1..self.dim {
                    let normal: f64 = StandardNormal.sample(&mut normals);
                    values[coordinate * columns + patch * lanes + example] = self.sigma * normal;
                }
            }
        }
        Examples {
            law: *self,
            values,
            labels,
            large,
        }
    }
}

impl Examples {
    /// The same examples one after another, each as patches of d numbers; class 1 is y = 1.
    ///
    /// # Errors
    /// None, as long as every number is finite.
    pub fn labelled(&self) -> Result<Labelled> {
        let (dim, patches, columns) = (self.law.dim, self.patches(), self.columns());
        let number = |example: usize, patch: usize, coordinate: usize| {
            self.values[coordinate * columns + patch * self.lanes() + example] as f32
        };
        let inputs = (0..self.len()).flat_map(|example| {
            (0..patches).flat_map(move |patch| {
                (0..dim).map(move |coordinate| number(example, patch, coordinate))
            })
        });
        let labels = self.labels.iter().map(|y| u32::from(*y > 0.0)).collect();
        Labelled::new(vec![patches, dim], inputs.collect(), labels, 2)
    }

    /// N, how many there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// N₁, how many of them have the large margin; they come first.
    pub fn large(&self) -> usize {
        self.large
    }

    /// y of every example.
    pub fn labels(&self) -> &[f64] {
        &self.labels
    }

    /// Where they come from.
    pub fn law(&self) -> &PatchLaw {
        &self.law
    }

    /// P.
    pub fn patches(&self) -> usize {
        self.law.patches
    }

    /// Examples with those that only fill up the last register.
    pub fn lanes(&self) -> usize {
        self.len().next_multiple_of(LANES)
    }

    /// Patches of all lanes: the length of a coordinate's row.
    pub fn columns(&self) -> usize {
        self.patches() * self.lanes()
    }

    /// A row for each coordinate: patch, then example.
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_have_the_stated_law() {
        let law = PatchLaw {
            dim: 30,
            patches: 5,
            alpha: 5.0,
            beta: 0.3,
            sigma: 0.2,
        };
        let stream = Stream::new(5, 8);
        let examples = law.draw(&stream, 2, 900, 100);
        let rows: Vec<&[f64]> = examples.values().chunks_exact(examples.columns()).collect();
        let (lanes, n) = (examples.lanes(), examples.len());
        let mut squares = 0.0;
        for (example, y) in examples.labels().iter().enumerate() {
            let margin = if example < 900 { 5.0 } else { 0.3 };
            assert_eq!(rows[0][example], margin * y, "the signal lies along w*");
            for patch in 1..5 {
                assert_eq!(
                    rows[0][patch * lanes + example],
                    0.0,
                    "noise has no part along w*"
                );
                squares += rows[1..]
                    .iter()
                    .map(|row| row[patch * lanes + example].powi(2))
                    .sum::<f64>();
            }
        }
        assert!(
            rows.iter()
                .all(|row| row[n..lanes].iter().all(|x| *x == 0.0))
        );
        // Seed 5: 116 000 squares of variance 2σ⁴; four standard errors.
        let count = 29.0 * 4.0 * n as f64;
        assert!((squares / count / 0.04 - 1.0).abs() < 4.0 * (2.0 / count).sqrt());
        // 1000 fair coins: four standard deviations are 63.
        let heads = examples.labels().iter().filter(|y| **y > 0.0).count();
        assert!(heads.abs_diff(500) < 64, "{heads}");
        assert_ne!(
            examples,
            law.draw(&stream, 3, 900, 100),
            "replicates differ"
        );
        assert_eq!(
            examples.labels()[..10],
            law.draw(&stream, 2, 10, 0).labels()[..]
        );
    }
}
