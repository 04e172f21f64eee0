//! Wrong labels, made on purpose.

use super::draw::{Decision, below, probability, uniforms};
use super::labelled::Labelled;
use crate::random::Stream;
use base::error::{Error, Result};

/// Which labels become wrong, and what becomes of them. Each example decides for itself with probability p, so the
/// number of wrong labels is binomial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LabelNoise {
    /// With probability p a label becomes one of the other K − 1, each equally likely.
    Symmetric {
        /// The probability.
        p: f64,
    },
    /// With probability p class i becomes i + 1 mod K (the asymmetric noise of Xie et al. 2021, Figure 4).
    PairFlip {
        /// The probability.
        p: f64,
    },
}

impl LabelNoise {
    /// Makes labels of `set` wrong and says which. The draws of an example depend on the stream, the replicate and
    /// the example's place in `set`, so the wrong labels at a smaller p are among those at a larger one.
    ///
    /// # Errors
    /// p is not a probability, or there is no other class to choose.
    pub fn apply(self, set: &mut Labelled, stream: &Stream, replicate: u64) -> Result<Vec<bool>> {
        let (LabelNoise::Symmetric { p } | LabelNoise::PairFlip { p }) = self;
        probability("p", p)?;
        let classes = set.classes;
        if classes < 2 && p > 0.0 {
            return Err(Error::Input(format!(
                "wrong labels among {classes} classes: it takes two at least"
            )));
        }
        let mut wrong = Vec::with_capacity(set.len());
        for (i, label) in set.labels.iter_mut().enumerate() {
            let (chance, which) = uniforms(stream, Decision::Label, replicate, i);
            wrong.push(chance < p);
            if chance < p {
                let shift = match self {
                    LabelNoise::Symmetric { .. } => 1 + below(classes - 1, which),
                    LabelNoise::PairFlip { .. } => 1,
                };
                *label = ((*label as usize + shift) % classes) as u32;
            }
        }
        Ok(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: usize = 50_000;

    fn set(classes: usize) -> Labelled {
        let labels = (0..N).map(|i| (i % classes) as u32).collect();
        Labelled::new(vec![1], vec![0.0; N], labels, classes).unwrap()
    }

    fn noisy(noise: LabelNoise, classes: usize, replicate: u64) -> (Labelled, Vec<bool>) {
        let mut set = set(classes);
        let stream = Stream::new(6, 0);
        let wrong = noise.apply(&mut set, &stream, replicate).unwrap();
        (set, wrong)
    }

    /// Seed 6: the share of wrong labels to five standard errors, √(0.24/50 000) each, α = 6e-7.
    #[test]
    fn as_many_labels_are_wrong_as_asked_and_exactly_those_named() {
        for noise in [
            LabelNoise::Symmetric { p: 0.4 },
            LabelNoise::PairFlip { p: 0.4 },
        ] {
            let (found, wrong) = noisy(noise, 5, 0);
            let changed: Vec<bool> = found
                .labels
                .iter()
                .zip(set(5).labels)
                .map(|(a, b)| *a != b)
                .collect();
            assert_eq!(changed, wrong);
            let share = wrong.iter().filter(|wrong| **wrong).count() as f64 / N as f64;
            assert!(
                (share - 0.4).abs() < 5.0 * (0.24 / N as f64).sqrt(),
                "{share}"
            );
            assert_ne!(noisy(noise, 5, 1).1, wrong);
            assert_eq!(noisy(noise, 5, 0), (found, wrong));
        }
    }

    #[test]
    fn pairs_flip_to_the_next_class() {
        let (found, wrong) = noisy(LabelNoise::PairFlip { p: 0.3 }, 7, 0);
        for (i, (label, wrong)) in found.labels.iter().zip(wrong).enumerate() {
            assert_eq!(*label as usize, (i + usize::from(wrong)) % 7);
        }
    }

    /// Seed 6: all labels of 5 classes wrong, the four shifts equally likely by χ² with three degrees of freedom,
    /// critical value 30.7 at α = 1e-6.
    #[test]
    fn symmetric_noise_reaches_every_other_class_alike() {
        let (found, _) = noisy(LabelNoise::Symmetric { p: 1.0 }, 5, 0);
        let mut counts = [0.0; 5];
        for (i, label) in found.labels.iter().enumerate() {
            counts[(*label as usize + 5 - i % 5) % 5] += 1.0;
        }
        assert_eq!(counts[0], 0.0);
        let expected = N as f64 / 4.0;
        let chi2: f64 = counts[1..]
            .iter()
            .map(|count| (count - expected).powi(2) / expected)
            .sum();
        assert!(chi2 < 30.7, "{counts:?}");
    }

    #[test]
    fn less_noise_is_a_part_of_more() {
        let less = noisy(LabelNoise::Symmetric { p: 0.1 }, 10, 0);
        let more = noisy(LabelNoise::Symmetric { p: 0.2 }, 10, 0);
        for i in (0..N).filter(|i| less.1[*i]) {
            assert_eq!((more.1[i], more.0.labels[i]), (true, less.0.labels[i]));
        }
        let none = noisy(LabelNoise::PairFlip { p: 0.0 }, 1, 0);
        assert_eq!(none.0, set(1));
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        for p in [-0.1, 1.1, f64::NAN] {
            let noise = LabelNoise::Symmetric { p };
            assert!(noise.apply(&mut set(3), &Stream::new(1, 1), 0).is_err());
        }
        let noise = LabelNoise::PairFlip { p: 0.1 };
        assert!(noise.apply(&mut set(1), &Stream::new(1, 1), 0).is_err());
    }
}
