//! 1797 handwritten digits of 8 × 8 pixels, which are part of the program.
//!
//! The test part of *Optical Recognition of Handwritten Digits*, E. Alpaydin and C. Kaynak (1998), UCI Machine
//! Learning Repository, CC BY 4.0.

use super::labelled::{Labelled, Split};
use crate::random::{Permutation, Stream};
use base::error::{Error, Result};

const DIGITS: &str = include_str!("digits.csv");
const PIXELS: usize = 64;
/// Pixels count from 0 to this.
const BRIGHTEST: u8 = 16;
/// The epoch under which the split is drawn: no training gets there, so its minibatches are drawn apart.
const SPLIT: u64 = (1 << 48) - 1;

/// All digits in the order of the file: shape `[64]`, pixels divided by 16, ten classes.
///
/// # Errors
/// None, as long as the program is whole.
pub fn all() -> Result<Labelled> {
    parse(DIGITS)
}

/// A random split into `train` digits and the rest; `replicate` chooses independent splits under one `stream`.
///
/// # Errors
/// `train` is 0, or leaves none to test on.
pub fn split(stream: &Stream, replicate: u64, train: usize) -> Result<Split> {
    let all = all()?;
    if train == 0 || train >= all.len() {
        return Err(Error::Input(format!(
            "train = {train}: of the {} digits at least one must be trained on and one left to test; 1200 is usual",
            all.len()
        )));
    }
    let permutation = Permutation::new(stream, replicate, SPLIT, all.len() as u64);
    let order: Vec<usize> = (0..all.len() as u64)
        .map(|i| permutation.at(i) as usize)
        .collect();
    let (train, test) = order.split_at(train);
    Ok(Split {
        train: all.subset(train),
        test: all.subset(test),
    })
}

fn parse(text: &str) -> Result<Labelled> {
    let (mut inputs, mut labels) = (vec![], vec![]);
    for (i, line) in text.lines().enumerate() {
        let damaged = || Error::Failed(format!("line {} of the digits is damaged", i + 1));
        let numbers: Vec<u8> = line
            .split(',')
            .map(|number| number.parse().map_err(|_| damaged()))
            .collect::<Result<_>>()?;
        let [pixels @ .., label] = &numbers[..] else {
            return Err(damaged());
        };
        if pixels.len() != PIXELS || pixels.iter().any(|pixel| *pixel > BRIGHTEST) {
            return Err(damaged());
        }
        let bright = pixels
            .iter()
            .map(|pixel| f32::from(*pixel) / f32::from(BRIGHTEST));
        inputs.extend(bright);
        labels.push(u32::from(*label));
    }
    Labelled::new(vec![PIXELS], inputs, labels, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The class counts that scikit-learn lists for this set, and its first digit, a nought.
    #[test]
    fn the_digits_are_whole() {
        let all = all().unwrap();
        let mut counts = [0; 10];
        for label in &all.labels {
            counts[*label as usize] += 1;
        }
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        assert_eq!((all.len(), all.width()), (1797, 64));
        assert_eq!(all.labels[0], 0);
        assert_eq!(
            all.example(0)[..8],
            [0.0, 0.0, 0.3125, 0.8125, 0.5625, 0.0625, 0.0, 0.0]
        );
        // The sum of all pixels, 561 718, by NumPy.
        let sum: f64 = all.inputs.iter().map(|x| 16.0 * f64::from(*x)).sum();
        assert_eq!(sum, 561_718.0);
        let pooled = all.pooled(2).unwrap();
        assert_eq!(pooled.width(), 16);
        assert_eq!(all.as_image().unwrap().shape, [1, 8, 8]);
    }

    #[test]
    fn splits_hold_every_digit_once_and_depend_on_the_replicate() {
        let stream = Stream::new(3, 1);
        let split = |replicate| split(&stream, replicate, 1200).unwrap();
        let first = split(0);
        assert_eq!((first.train.len(), first.test.len()), (1200, 597));
        let sorted = |set: &[&Labelled]| {
            let mut rows: Vec<(Vec<u32>, u32)> = set
                .iter()
                .flat_map(|set| (0..set.len()).map(|i| (set.example(i), set.labels[i])))
                .map(|(x, y)| (x.iter().map(|x| x.to_bits()).collect(), y))
                .collect();
            rows.sort();
            rows
        };
        assert_eq!(
            sorted(&[&first.train, &first.test]),
            sorted(&[&all().unwrap()])
        );
        assert_eq!(first, split(0));
        assert_ne!(first, split(1));
        // Seed 3: of class 0, 178 · 1200/1797 = 118.9 are expected in the training part, standard deviation 6.0
        // (hypergeometric); five of them.
        let noughts = first.train.labels.iter().filter(|y| **y == 0).count() as f64;
        assert!((noughts - 118.9).abs() < 30.0, "{noughts}");
    }

    #[test]
    fn bad_sizes_and_damaged_lines_are_refused() {
        let stream = Stream::new(3, 1);
        for train in [0, 1797, 5000] {
            assert!(split(&stream, 0, train).is_err());
        }
        let line = DIGITS.lines().next().unwrap();
        assert_eq!(parse(line).unwrap().len(), 1);
        let bad = [
            "1,2,3".to_owned(),
            line.replacen("13", "17", 1),
            line.replacen("13", "x", 1),
            format!("{line},1"),
            format!("{line}\n\n{line}"),
        ];
        for text in bad {
            assert!(parse(&text).is_err(), "{text}");
        }
    }
}
