//! What examples hold, one after another.

/// How many numbers are read at once.
pub const FOUR: usize = 4;

/// Examples, each of as many numbers as the loss has inputs, which lie together.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// And a few behind the last, so that four can be read wherever one begins.
    numbers: Vec<f64>,
    rows: usize,
    width: usize,
    weights: Option<Vec<f64>>,
}

impl Table {
    /// Of columns of equal length, one for each input of the loss; without `weights` all examples count alike, else these, which add up
    /// to 1. Columns are given up one by one, so that no more than one is held twice.
    pub fn new(columns: Vec<Vec<f64>>, weights: Option<Vec<f64>>) -> Self {
        let width = columns.len();
        let rows = match (&weights, columns.first()) {
            (Some(weights), _) => weights.len(),
            (None, first) => first.map_or(0, Vec::len),
        };
        let mut numbers = vec![0.0; rows * width + FOUR];
        for (k, column) in columns.into_iter().enumerate() {
            for (row, x) in numbers.chunks_exact_mut(width.max(1)).zip(column) {
                row[k] = x;
            }
        }
        Table {
            numbers,
            rows,
            width,
            weights,
        }
    }

    /// Numbers of an example.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How many examples.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// What example j counts; all together 1.
    pub fn weight(&self, j: usize) -> f64 {
        match &self.weights {
            Some(weights) => weights[j],
            None => 1.0 / self.rows as f64,
        }
    }

    /// What each counts, where they do not count alike.
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// Example j.
    pub fn row(&self, j: usize) -> &[f64] {
        &self.numbers[j * self.width..][..self.width]
    }

    /// Column k, from example `first` on.
    pub fn column(&self, k: usize, first: usize) -> impl Iterator<Item = &f64> {
        let all = &self.numbers[..self.rows * self.width];
        all[first * self.width..]
            .iter()
            .skip(k)
            .step_by(self.width.max(1))
    }

    /// All numbers, one example after another, and a few more.
    pub fn numbers(&self) -> &[f64] {
        &self.numbers
    }

    /// What follows the k-th number of every example.
    pub fn fours(&self, k: usize) -> Fours<'_> {
        Fours(self.numbers.get(k..).unwrap_or_default())
    }
}

/// Four numbers from any place on.
#[derive(Clone, Copy)]
pub struct Fours<'a>(&'a [f64]);

impl<'a> Fours<'a> {
    /// Those of the example that begins at `place`; those beyond its last have no meaning.
    #[inline(always)]
    pub fn at(self, place: usize) -> &'a [f64; FOUR] {
        const NONE: [f64; FOUR] = [f64::NAN; FOUR];
        let own = self.0.get(place..place + FOUR);
        own.and_then(<[f64]>::first_chunk).unwrap_or(&NONE)
    }
}
