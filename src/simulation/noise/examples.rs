//! Minibatches of examples whose loss is a formula: g = (1/B) Σ_{j ∈ batch} ∇f(θ; xⱼ).

use std::sync::Arc;

use pulp::bytemuck::cast_slice_mut;
use pulp::{Arch, Scalar};

use super::minibatch::draw_indices;
use super::prefetch::prefetch;
use super::{Oracle, Place, Replacement};
use crate::driven::Driven;
use crate::landscape::examples::{ExampleLoss, FOUR, Fours, Standard, Table};
use crate::lanes::{Lanes, WithLanes, dispatch};
use crate::random::{Address, Purpose, fill_words, open_uniform};
use crate::vectorised::vectorised;

/// Doubles that the examples of one go take, at most, so that they stay in the first-level cache.
const CACHED: usize = 3072;
/// How many lanes ahead examples are asked for.
const AHEAD: usize = 16;

/// Where examples come from.
#[derive(Clone, Debug)]
pub enum Examples {
    /// A table, with or without replacement.
    Pool(Arc<Table>, Replacement),
    /// Every example of every batch is new, made of numbers of these laws.
    Fresh(Vec<Standard>),
}

/// The stochastic gradient of a mean over examples.
///
/// With l > 1 a step takes two batches and combines their gradients as r₊g₁ + r₋g₂, r± = (1 ± √(2l − 1))/2, so that the covariance is
/// l times that of one (SVAG: Li, Malladi and Arora 2021).
#[derive(Clone, Debug)]
pub struct ExampleBatch {
    loss: Arc<ExampleLoss>,
    examples: Examples,
    batch: usize,
    svag: f64,
    /// B of each step, where it is not the same at all of them; the batch above is the largest.
    ramp: Option<Driven>,
    arch: Arch,
}

impl ExampleBatch {
    /// Batches of `batch` ≥ 1 examples, combined with l = `svag` ≥ 1.
    pub fn new(loss: Arc<ExampleLoss>, examples: Examples, batch: usize, svag: f64) -> Self {
        ExampleBatch {
            loss,
            examples,
            batch,
            svag,
            ramp: None,
            arch: Arch::new(),
        }
    }

    /// The same where a step takes as many examples as `ramp`, rounded down, says: at least one, and at most a whole batch.
    #[must_use]
    pub fn with_ramp(self, ramp: Option<Driven>) -> Self {
        ExampleBatch { ramp, ..self }
    }

    /// B of the next step of each path.
    fn sizes(&self, taken: &[u64]) -> Option<Vec<f64>> {
        let ramp = self.ramp.as_ref()?;
        let mut sizes = vec![0.0; taken.len()];
        ramp.at(taken, &mut sizes);
        let within = |b: &mut f64| *b = b.floor().clamp(1.0, self.batch as f64);
        sizes.iter_mut().for_each(within);
        Some(sizes)
    }

    /// Examples of a step, in the one batch or the two.
    fn drawn(&self) -> usize {
        self.batch * if self.svag > 1.0 { 2 } else { 1 }
    }

    /// Normal and uniform numbers of an example.
    fn numbers(&self) -> [usize; 2] {
        match &self.examples {
            Examples::Pool(..) => [0, 0],
            Examples::Fresh(laws) => {
                let normal = laws.iter().filter(|law| **law == Standard::Normal).count();
                [normal, laws.len() - normal]
            }
        }
    }

    /// Rows of random words of a step: indices, or uniform numbers; an even number.
    fn words(&self) -> usize {
        let each = match &self.examples {
            Examples::Pool(..) => 1,
            Examples::Fresh(_) => self.numbers()[1],
        };
        (each * self.drawn()).next_multiple_of(2)
    }

    /// Rows of what examples hold, in whole fours.
    fn rows(&self) -> usize {
        self.loss.inputs.next_multiple_of(FOUR)
    }

    /// Examples of a step that go through the program together.
    fn together(&self, lanes: usize) -> usize {
        match self.loss.gradient.is_repeated() {
            // Coordinates make the row long.
            true => 1,
            false => (CACHED / ((self.loss.dim + self.rows()) * lanes)).clamp(1, self.drawn()),
        }
    }

    /// What fresh examples of index b in the step hold, into rows of `width` from `begin` on.
    fn made(
        &self,
        laws: &[Standard],
        b: usize,
        at: &Place<'_>,
        words: &[u64],
        rows: &mut [f64],
        (begin, width): (usize, usize),
    ) {
        let lanes = at.lanes;
        let [normals, uniforms] = self.numbers();
        let (mut normal, mut uniform) = (b * normals, b * uniforms);
        for (row, law) in rows.chunks_exact_mut(width).zip(laws) {
            let row = &mut row[begin..][..lanes];
            match law {
                Standard::Normal => {
                    row.copy_from_slice(&at.normals[normal * lanes..][..lanes]);
                    normal += 1;
                }
                Standard::Uniform => {
                    let own = &words[uniform * lanes..][..lanes];
                    for (x, word) in row.iter_mut().zip(own) {
                        // (0, 1): open_uniform is on (0, 1) reversed, which is as uniform.
                        *x = open_uniform(*word);
                    }
                    uniform += 1;
                }
            }
        }
    }
}

/// Brings what examples hold together: a row for each of their numbers, a lane for each of the first places.
struct Gather<'a> {
    table: &'a Table,
    /// Where those asked for begin, and behind them those that come next.
    places: &'a [u64],
    width: usize,
    rows: &'a mut [f64],
}

impl WithLanes for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn with_lanes<S: Lanes>(self, simd: S) {
        let (width, last) = (self.width, self.table.width().saturating_sub(1));
        let whole = width - width % S::WIDTH;
        for place in self.places[width.min(AHEAD)..].iter().take(width) {
            prefetch(self.table.numbers(), *place as usize);
            prefetch(self.table.numbers(), *place as usize + last);
        }
        for (c, four) in self.rows.chunks_exact_mut(FOUR * width).enumerate() {
            let table = self.table.fours(FOUR * c);
            gather(simd, table, &self.places[..whole], 0, four);
            gather(Scalar, table, &self.places[whole..width], whole, four);
        }
    }
}

/// Four numbers of each of these places as columns of four rows, from lane `first` on.
#[inline(always)]
fn gather<S: Lanes>(simd: S, table: Fours<'_>, places: &[u64], first: usize, rows: &mut [f64]) {
    let (y0, rest) = rows.split_at_mut(rows.len() / FOUR);
    let (y1, rest) = rest.split_at_mut(y0.len());
    let (y2, y3) = rest.split_at_mut(y0.len());
    let [y0, y1, y2, y3] = [y0, y1, y2, y3].map(|y| S::as_mut_simd_f64s(&mut y[first..]).0);
    let to = y0.iter_mut().zip(y1).zip(y2.iter_mut().zip(y3));
    for (((y0, y1), (y2, y3)), own) in to.zip(places.chunks_exact(S::WIDTH)) {
        [*y0, *y1, *y2, *y3] = simd.columns(
            #[inline(always)]
            |l| table.at(own[l] as usize),
        );
    }
}

fn add(sum: &mut [f64], weight: f64, row: &[f64]) {
    vectorised!(|sum| for (g, x) in sum.iter_mut().zip(row) {
        *g += weight * x;
    });
}

/// The same of example `member` of a batch, r of two batches, where the sizes of batches differ.
fn add_shared(sum: &mut [f64], (member, r): (usize, f64), sizes: &[f64], row: &[f64]) {
    let member = member as f64;
    for ((g, x), b) in sum.iter_mut().zip(row).zip(sizes) {
        if member < *b {
            *g += r / b * x;
        }
    }
}

impl Oracle for ExampleBatch {
    fn dim(&self) -> usize {
        self.loss.dim
    }

    fn normals(&self) -> usize {
        self.drawn() * self.numbers()[0]
    }

    fn scratch(&self, lanes: usize) -> usize {
        let points = self.loss.dim + self.rows();
        (self.words() + points * self.together(lanes)) * lanes
    }

    fn gradient(&self, at: Place<'_>, gradient: &mut [f64], scratch: &mut [f64]) {
        let lanes = at.lanes;
        let (words, scratch) = scratch.split_at_mut(self.words() * lanes);
        let words: &mut [u64] = cast_slice_mut(words);
        match &self.examples {
            Examples::Pool(table, replacement) => {
                draw_indices(&at, table.rows() as u64, self.drawn(), *replacement, words);
                let places = words.iter_mut().take(self.drawn() * lanes);
                places.for_each(|w| *w *= table.width() as u64);
            }
            Examples::Fresh(_) if words.is_empty() => {}
            Examples::Fresh(_) => {
                let address = Address {
                    particle: at.particle,
                    step: at.step,
                };
                fill_words(at.stream, Purpose::Fresh, address, words);
            }
        }
        let together = self.together(lanes);
        let (repeated, held) = scratch.split_at_mut(self.loss.dim * together * lanes);
        gradient.fill(0.0);
        let root = (2.0 * self.svag - 1.0).sqrt();
        let both = [0.5 * (1.0 + root), 0.5 * (1.0 - root)];
        let weights = both.map(|r| r / self.batch as f64);
        let sizes = self.sizes(at.step);
        for first in (0..self.drawn()).step_by(together) {
            let count = together.min(self.drawn() - first);
            let width = count * lanes;
            let held = &mut held[..self.rows() * width];
            match &self.examples {
                Examples::Pool(table, _) => dispatch(
                    self.arch,
                    Gather {
                        table,
                        places: &words[first * lanes..self.drawn() * lanes],
                        width,
                        rows: held,
                    },
                ),
                Examples::Fresh(laws) => {
                    for k in 0..count {
                        self.made(laws, first + k, &at, words, held, (k * lanes, width));
                    }
                }
            }
            // One after another they find θ where it is.
            let theta = if count == 1 {
                at.theta
            } else {
                let all = &mut repeated[..self.loss.dim * width];
                for (to, own) in all.chunks_exact_mut(lanes).zip(0..) {
                    to.copy_from_slice(&at.theta[own / count * lanes..][..lanes]);
                }
                &*all
            };
            self.loss.gradient.each(
                [theta, held],
                width,
                #[inline(always)]
                |at, mut row| {
                    if count == 1 && sizes.is_none() {
                        let sum = &mut gradient[at..][..row.len()];
                        add(sum, weights[first / self.batch], row);
                        return;
                    }
                    let (i, mut at) = (at / width, at % width);
                    while !row.is_empty() {
                        let (k, lane) = (at / lanes, at % lanes);
                        let (own, rest) = row.split_at(row.len().min(lanes - lane));
                        let sum = &mut gradient[i * lanes + lane..][..own.len()];
                        let (batch, member) = ((first + k) / self.batch, (first + k) % self.batch);
                        match &sizes {
                            None => add(sum, weights[batch], own),
                            Some(all) => add_shared(sum, (member, both[batch]), &all[lane..], own),
                        }
                        at += own.len();
                        row = rest;
                    }
                },
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use formula::Tree;
    use nalgebra::DMatrix;

    use super::*;
    use crate::landscape::examples::{Inputs, MeanLoss, Origin};
    use crate::landscape::{Gradient, Kind, Landscape};
    use crate::random::Stream;

    /// ½(wx + b − y)² over five points: the parabola of least squares, by its normal equations.
    fn regression() -> MeanLoss {
        let tree = Tree::parse("0.5*(w*x + b - y)^2").unwrap();
        let names = |all: [&str; 2]| all.map(String::from);
        let inputs = names(["x", "y"]);
        let loss = ExampleLoss::new(
            &tree,
            &names(["w", "b"]),
            Inputs::Columns(&inputs),
            &BTreeMap::new(),
        );
        let columns = vec![
            vec![-2.0, -1.0, 0.0, 1.0, 3.0],
            vec![1.0, 0.5, 0.0, 2.0, -1.0],
        ];
        let table = Arc::new(Table::new(columns, None));
        MeanLoss::new(Arc::new(loss.unwrap()), table, Origin::Table, 10.0)
    }

    #[test]
    fn the_mean_loss_is_that_of_the_table() {
        let mean = regression();
        let table = mean.table();
        let average = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
            (0..5)
                .map(|j| f(table.row(j)[0], table.row(j)[1]))
                .sum::<f64>()
                / 5.0
        };
        let h = DMatrix::from_row_slice(
            2,
            2,
            &[
                average(&|x, _| x * x),
                average(&|x, _| x),
                average(&|x, _| x),
                1.0,
            ],
        );
        let right = nalgebra::DVector::from_vec(vec![average(&|x, y| x * y), average(&|_, y| y)]);
        let best = h.clone().lu().solve(&right).unwrap();
        let points = mean.critical_points();
        assert_eq!(points.len(), 1);
        assert_eq!(points[0].kind, Kind::Minimum);
        assert!((points[0].theta[0] - best[0]).abs() < 1e-12);
        assert!((points[0].theta[1] - best[1]).abs() < 1e-12);
        assert!((mean.hessian(&[0.3, 0.1]) - &h).amax() < 1e-14);
        let value = average(&|x, y| 0.5 * (0.3 * x + 0.1 - y).powi(2));
        assert!((mean.value(&[0.3, 0.1]) - value).abs() < 1e-14);
        // C of a batch of one is that of the rows of the gradient.
        let g = |w: f64, b: f64, k: usize| {
            average(&|x, y| {
                let r = w * x + b - y;
                let g = [r * x, r];
                g[k / 2] * g[k % 2]
            })
        };
        let slope = |k: usize| average(&|x, y| (0.3 * x + 0.1 - y) * if k == 0 { x } else { 1.0 });
        let c = mean.covariance(&[0.3, 0.1]);
        for k in 0..4 {
            let right = g(0.3, 0.1, k) - slope(k / 2) * slope(k % 2);
            assert!((c[(k / 2, k % 2)] - right).abs() < 1e-13);
        }
    }

    /// Stream (3, 4), 20,000 lanes. The mean gradient of batches, whatever their kind, is ∇L within 5 standard errors of √(C/BN) each
    /// (α = 6e-7 a number), and its variance is C/B, l·C/B under SVAG, within 5 standard errors √(κ/N) of its own, κ from the draws;
    /// an epoch without replacement sums to 5 times ∇L exactly.
    #[test]
    fn batches_have_the_mean_and_the_variance_of_the_table() {
        let mean = regression();
        let stream = Stream::new(3, 4);
        let lanes = 20_000;
        let particle: Vec<u64> = (0..lanes as u64).collect();
        let step = vec![7; lanes];
        let theta: Vec<f64> = [0.3, 0.1].iter().flat_map(|x| vec![*x; lanes]).collect();
        let mut slope = vec![0.0; 2];
        mean.gradient(&[0.3, 0.1], 1, &mut slope);
        let c = mean.covariance(&[0.3, 0.1]);
        for (batch, svag) in [(1, 1.0), (3, 1.0), (2, 4.0)] {
            let pool = Examples::Pool(mean.table().clone(), Replacement::With);
            let oracle = ExampleBatch::new(mean.loss().clone(), pool, batch, svag);
            let mut gradient = vec![0.0; 2 * lanes];
            let mut scratch = vec![0.0; oracle.scratch(lanes)];
            let at = Place {
                lanes,
                theta: &theta,
                particle: &particle,
                step: &step,
                stream: &stream,
                normals: &[],
                live: &[],
            };
            oracle.gradient(at, &mut gradient, &mut scratch);
            for i in 0..2 {
                let own = &gradient[i * lanes..][..lanes];
                let n = lanes as f64;
                let average = own.iter().sum::<f64>() / n;
                let squares: Vec<f64> = own.iter().map(|g| (g - slope[i]).powi(2)).collect();
                let variance = squares.iter().sum::<f64>() / n;
                let fourth = squares.iter().map(|s| (s - variance).powi(2)).sum::<f64>() / n;
                let right = svag * c[(i, i)] / batch as f64;
                assert!(
                    (average - slope[i]).abs() < 5.0 * (right / n).sqrt(),
                    "{batch} {svag} {i}"
                );
                assert!(
                    (variance - right).abs() < 5.0 * (fourth / n).sqrt(),
                    "{batch} {svag} {i}"
                );
            }
        }
        let pool = Examples::Pool(mean.table().clone(), Replacement::Without);
        let oracle = ExampleBatch::new(mean.loss().clone(), pool, 1, 1.0);
        let mut sum = [0.0; 2];
        for step in 0..5 {
            let at = Place {
                lanes: 1,
                theta: &[0.3, 0.1],
                particle: &[9],
                step: &[step],
                stream: &stream,
                normals: &[],
                live: &[],
            };
            let mut gradient = [0.0; 2];
            oracle.gradient(at, &mut gradient, &mut vec![0.0; oracle.scratch(1)]);
            sum[0] += gradient[0];
            sum[1] += gradient[1];
        }
        assert!((sum[0] - 5.0 * slope[0]).abs() < 1e-13 && (sum[1] - 5.0 * slope[1]).abs() < 1e-13);
    }

    /// Stream (3, 4), 40,000 lanes, as many after 0, 1, 2 and 3 steps: batches of 1, 2, 3 and 3 have the variance C/B, within 5 of its
    /// standard errors (α = 6e-7 a number); a ramp that stays is no ramp, to the bit.
    #[test]
    fn batches_that_grow() {
        let mean = regression();
        let stream = Stream::new(3, 4);
        let lanes = 40_000;
        let particle: Vec<u64> = (0..lanes as u64).collect();
        let step: Vec<u64> = particle.iter().map(|k| k % 4).collect();
        let theta: Vec<f64> = [0.3, 0.1].iter().flat_map(|x| vec![*x; lanes]).collect();
        let mut slope = vec![0.0; 2];
        mean.gradient(&[0.3, 0.1], 1, &mut slope);
        let c = mean.covariance(&[0.3, 0.1]);
        let gradient = |ramp: Option<&str>| {
            let pool = Examples::Pool(mean.table().clone(), Replacement::With);
            let formula = |text: &str| {
                let formulas = BTreeMap::from([("batch".to_string(), text.to_string())]);
                Driven::new(formulas, BTreeMap::new(), 1.0).unwrap()
            };
            let oracle = ExampleBatch::new(mean.loss().clone(), pool, 3, 1.0);
            let oracle = oracle.with_ramp(ramp.map(formula));
            let mut gradient = vec![0.0; 2 * lanes];
            let mut scratch = vec![0.0; oracle.scratch(lanes)];
            let at = Place {
                lanes,
                theta: &theta,
                particle: &particle,
                step: &step,
                stream: &stream,
                normals: &[],
                live: &[],
            };
            oracle.gradient(at, &mut gradient, &mut scratch);
            gradient
        };
        assert_eq!(gradient(None), gradient(Some("3 + 0*step")));
        let found = gradient(Some("step"));
        for (taken, b) in [(0, 1.0), (1, 2.0), (2, 3.0), (3, 3.0)] {
            for i in 0..2 {
                let own = found[i * lanes..][..lanes].iter().skip(taken).step_by(4);
                let squares: Vec<f64> = own.map(|g| (g - slope[i]).powi(2)).collect();
                let n = squares.len() as f64;
                let variance = squares.iter().sum::<f64>() / n;
                let fourth = squares.iter().map(|s| (s - variance).powi(2)).sum::<f64>() / n;
                let right = c[(i, i)] / b;
                assert!(
                    (variance - right).abs() < 5.0 * (fourth / n).sqrt(),
                    "{taken} {i}: {variance} {right}"
                );
            }
        }
    }

    /// Stream (5, 6), 40,000 lanes: label noise ½(θ − t)², t = 1 + 0.3 z + u, drawn anew: the gradient θ − t has mean θ − 1.5 and
    /// variance 0.09 + 1/12, within 5 standard errors.
    #[test]
    fn fresh_examples_have_the_law_of_their_columns() {
        use crate::landscape::examples::{Column, Standard};
        use crate::random::{Address, fill_normals};
        let mut drawn = Vec::new();
        let column = Tree::parse("normal(1, 0.3) + uniform(0, 1)").unwrap();
        let column = Column::new("t", &column, &mut drawn).unwrap();
        assert_eq!(drawn, [Standard::Normal, Standard::Uniform]);
        let tree = Tree::parse("0.5*(x - t)^2").unwrap();
        let inputs = Inputs::Draws(std::slice::from_ref(&column), drawn.len());
        let loss = ExampleLoss::new(&tree, &["x".to_string()], inputs, &BTreeMap::new()).unwrap();
        let oracle = ExampleBatch::new(Arc::new(loss), Examples::Fresh(drawn), 1, 1.0);
        let (stream, lanes) = (Stream::new(5, 6), 40_000);
        let particle: Vec<u64> = (0..lanes as u64).collect();
        let step = vec![2; lanes];
        // An odd number of normals a step is drawn for two steps together.
        let mut normals = vec![0.0; 2 * oracle.normals() * lanes];
        let address = Address {
            particle: &particle,
            step: &step,
        };
        fill_normals::<f64>(&stream, address, oracle.normals(), &mut normals);
        let theta = vec![2.0; lanes];
        let at = Place {
            lanes,
            theta: &theta,
            particle: &particle,
            step: &step,
            stream: &stream,
            normals: &normals,
            live: &[],
        };
        let mut gradient = vec![0.0; lanes];
        oracle.gradient(at, &mut gradient, &mut vec![0.0; oracle.scratch(lanes)]);
        let n = lanes as f64;
        let mean = gradient.iter().sum::<f64>() / n;
        let variance = gradient.iter().map(|g| (g - 0.5).powi(2)).sum::<f64>() / n;
        let right = 0.09 + 1.0 / 12.0;
        assert!((mean - 0.5).abs() < 5.0 * (right / n).sqrt(), "{mean}");
        // The sum of a normal and a uniform number has a fourth moment below that of a normal one.
        assert!(
            (variance - right).abs() < 5.0 * right * (2.0 / n).sqrt(),
            "{variance}"
        );
    }
}
