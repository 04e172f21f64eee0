//! Minibatches of examples whose loss is a formula: g = (1/B) Σ_{j ∈ batch} ∇f(θ; xⱼ).

use std::sync::Arc;

use pulp::bytemuck::cast_slice_mut;

use super::minibatch::draw_indices;
use super::{Oracle, Place, Replacement};
use crate::landscape::examples::{ExampleLoss, Standard, Table};
use crate::random::{Address, Purpose, fill_words, open_uniform};
use crate::vectorised::vectorised;

/// Points that go through the program together: enough that what an instruction costs beside its arithmetic is paid for many.
const TOGETHER: usize = 512;

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
    /// A pool row by row, so that what an example holds lies together.
    rows: Vec<f64>,
    batch: usize,
    svag: f64,
}

impl ExampleBatch {
    /// Batches of `batch` ≥ 1 examples, combined with l = `svag` ≥ 1.
    pub fn new(loss: Arc<ExampleLoss>, examples: Examples, batch: usize, svag: f64) -> Self {
        let rows = match &examples {
            Examples::Pool(table, _) => {
                let row = |j: usize| table.columns.iter().map(move |column| column[j]);
                (0..table.rows).flat_map(row).collect()
            }
            Examples::Fresh(_) => Vec::new(),
        };
        ExampleBatch {
            loss,
            examples,
            rows,
            batch,
            svag,
        }
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

    /// Examples of a step that go through the program together.
    fn together(&self, lanes: usize) -> usize {
        (TOGETHER / lanes).clamp(1, self.drawn())
    }

    /// What examples of index b in the step hold, into rows of `width` from `begin` on.
    fn inputs(
        &self,
        b: usize,
        at: &Place<'_>,
        words: &[u64],
        rows: &mut [f64],
        (begin, width): (usize, usize),
    ) {
        let lanes = at.lanes;
        match &self.examples {
            Examples::Pool(..) => {
                let indices = &words[b * lanes..][..lanes];
                let inputs = self.loss.inputs;
                for (lane, index) in indices.iter().enumerate() {
                    let own = &self.rows[*index as usize * inputs..][..inputs];
                    for (k, x) in own.iter().enumerate() {
                        rows[k * width + begin + lane] = *x;
                    }
                }
            }
            Examples::Fresh(laws) => {
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
        let points = 2 * self.loss.dim + self.loss.inputs;
        (self.words() + points * self.together(lanes)) * lanes
    }

    fn gradient(&self, at: Place<'_>, gradient: &mut [f64], scratch: &mut [f64]) {
        let lanes = at.lanes;
        let (words, scratch) = scratch.split_at_mut(self.words() * lanes);
        let words: &mut [u64] = cast_slice_mut(words);
        match &self.examples {
            Examples::Pool(table, replacement) => {
                draw_indices(&at, table.rows as u64, self.drawn(), *replacement, words);
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
        let (from, own) =
            scratch.split_at_mut((self.loss.dim + self.loss.inputs) * together * lanes);
        gradient.fill(0.0);
        let root = (2.0 * self.svag - 1.0).sqrt();
        let weights = [0.5 * (1.0 + root), 0.5 * (1.0 - root)].map(|r| r / self.batch as f64);
        for first in (0..self.drawn()).step_by(together) {
            let count = together.min(self.drawn() - first);
            let width = count * lanes;
            let (theta, inputs) = from.split_at_mut(self.loss.dim * width);
            for (to, own) in theta.chunks_exact_mut(lanes).zip(0..) {
                to.copy_from_slice(&at.theta[own / count * lanes..][..lanes]);
            }
            for k in 0..count {
                self.inputs(first + k, &at, words, inputs, (k * lanes, width));
            }
            let own = &mut own[..self.loss.dim * width];
            let from = &from[..(self.loss.dim + self.loss.inputs) * width];
            self.loss.gradient.run_wide(from, width, own);
            for k in 0..count {
                let weight = weights[(first + k) / self.batch];
                for (sum, own) in gradient
                    .chunks_exact_mut(lanes)
                    .zip(own.chunks_exact(width))
                {
                    let own = &own[k * lanes..][..lanes];
                    vectorised!(|sum| for (g, x) in sum.iter_mut().zip(own) {
                        *g += weight * x;
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use formula::Tree;
    use nalgebra::DMatrix;

    use super::*;
    use crate::landscape::examples::{Inputs, MeanLoss};
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
        let table = Table {
            columns: vec![
                vec![-2.0, -1.0, 0.0, 1.0, 3.0],
                vec![1.0, 0.5, 0.0, 2.0, -1.0],
            ],
            rows: 5,
            weights: None,
        };
        MeanLoss::new(Arc::new(loss.unwrap()), Arc::new(table), 10.0)
    }

    #[test]
    fn the_mean_loss_is_that_of_the_table() {
        let mean = regression();
        let (x, y) = (&mean.table().columns[0], &mean.table().columns[1]);
        let average = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
            x.iter().zip(y).map(|(x, y)| f(*x, *y)).sum::<f64>() / 5.0
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
