//! A text as numbers, and the windows that a language model is trained on.

use crate::error::{Error, Result};

/// A text as token numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Which words, by their places in the vocabulary.
    pub tokens: Vec<u32>,
    /// The words.
    pub vocabulary: Vec<String>,
}

/// A text cut into equally long columns that are read side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// One column after another.
    tokens: Vec<u32>,
    batch: usize,
    length: usize,
}

/// Consecutive tokens of every column and the tokens that follow each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Tokens, time-major: `inputs[t * batch + column]`.
    pub inputs: Vec<u32>,
    /// The next token after each, in the same order.
    pub targets: Vec<u32>,
    /// Times.
    pub length: usize,
    /// Columns.
    pub batch: usize,
}

impl Text {
    /// The text in `batch` contiguous columns of ⌊n/batch⌋ tokens; what is left over at the end is not used.
    ///
    /// # Errors
    /// `batch` is 0, or a column has fewer than two tokens, so that nothing follows anything.
    pub fn columns(&self, batch: usize) -> Result<Columns> {
        let length = self.tokens.len().checked_div(batch).unwrap_or(0);
        if length < 2 {
            return Err(Error::Input(format!(
                "a text of {} tokens in {batch} columns: there must be a column at least, of two tokens or more",
                self.tokens.len()
            )));
        }
        Ok(Columns {
            tokens: self.tokens[..batch * length].to_vec(),
            batch,
            length,
        })
    }
}

impl Columns {
    /// How many columns.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// Tokens in each.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Windows of `bptt` ≥ 1 times, one after another without overlap, so that the state after one is that before
    /// the next; the last may be shorter. Every token but a column's first is a target once.
    ///
    /// # Errors
    /// `bptt` is 0.
    pub fn windows(&self, bptt: usize) -> Result<impl Iterator<Item = Window>> {
        if bptt == 0 {
            return Err(Error::Input(
                "windows of 0 tokens: back-propagation through time needs one at least, 35 is usual".into(),
            ));
        }
        let last = self.length - 1;
        Ok((0..last).step_by(bptt).map(move |start| {
            let length = bptt.min(last - start);
            Window {
                inputs: self.rows(start, length),
                targets: self.rows(start + 1, length),
                length,
                batch: self.batch,
            }
        }))
    }

    fn rows(&self, start: usize, length: usize) -> Vec<u32> {
        let row = |t: usize| (0..self.batch).map(move |b| self.tokens[b * self.length + t]);
        (start..start + length).flat_map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(n: u32) -> Text {
        Text {
            tokens: (0..n).collect(),
            vocabulary: (0..n).map(|i| i.to_string()).collect(),
        }
    }

    /// Columns 0..5, 5..10, 10..15 of 0..17: the tokens 15 and 16 are left over.
    #[test]
    fn columns_are_contiguous_and_targets_follow() {
        let columns = counted(17).columns(3).unwrap();
        assert_eq!((columns.batch(), columns.length()), (3, 5));
        let windows: Vec<Window> = columns.windows(3).unwrap().collect();
        assert_eq!(windows.len(), 2);
        assert_eq!(windows[0].inputs, [0, 5, 10, 1, 6, 11, 2, 7, 12]);
        assert_eq!(windows[0].targets, [1, 6, 11, 2, 7, 12, 3, 8, 13]);
        assert_eq!((windows[1].length, windows[1].batch), (1, 3));
        assert_eq!(windows[1].inputs, [3, 8, 13]);
        assert_eq!(windows[1].targets, [4, 9, 14]);
    }

    #[test]
    fn every_token_but_the_first_is_a_target_once() {
        let columns = counted(103).columns(4).unwrap();
        for bptt in [1, 7, 24, 25, 1000] {
            let mut targets: Vec<u32> = columns
                .windows(bptt)
                .unwrap()
                .flat_map(|window| window.targets)
                .collect();
            targets.sort_unstable();
            let expected: Vec<u32> = (0..100).filter(|i| i % 25 != 0).collect();
            assert_eq!(targets, expected, "{bptt}");
        }
    }

    #[test]
    fn what_cannot_be_cut_is_refused() {
        assert!(counted(17).columns(0).is_err());
        assert!(counted(17).columns(9).is_err());
        assert!(counted(0).columns(1).is_err());
        assert!(counted(4).columns(2).unwrap().windows(0).is_err());
    }
}
