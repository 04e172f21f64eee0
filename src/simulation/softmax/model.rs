//! p(k|x) ∝ exp(w_k·x), its loss, gradient, Hessian and the covariance of its per-example gradients.

use nalgebra::{DMatrix, DVector};

use super::data::Data;

/// Weights θ = (w₁, …, w_K), K rows of d numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// d.
    pub features: usize,
    /// θ, class after class.
    pub weights: Vec<f64>,
}

/// Curvature and noise at one θ.
#[derive(Clone, Debug)]
pub struct Curvature {
    /// H, the Hessian of the mean loss: (1/n) Σ (diag p − ppᵀ) ⊗ xxᵀ, whatever the labels.
    pub hessian: DMatrix<f64>,
    /// C₁, the covariance of one example's gradient (B = 1, drawn with replacement).
    pub noise: DMatrix<f64>,
    /// The mean loss −ln p(y|x).
    pub loss: f64,
}

impl Model {
    /// K.
    pub fn classes(&self) -> usize {
        self.weights.len() / self.features
    }

    /// p(k|x) for every class k.
    pub fn probabilities(&self, x: &[f64]) -> Vec<f64> {
        let scores: Vec<f64> = self
            .weights
            .chunks_exact(self.features)
            .map(|w| w.iter().zip(x).map(|(w, x)| w * x).sum())
            .collect();
        // The largest score is taken off, so that nothing overflows.
        let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = scores.iter().map(|s| (s - top).exp()).collect();
        let total: f64 = weights.iter().sum();
        weights.iter().map(|w| w / total).collect()
    }

    /// ∇ of one example's loss: (p − e_y) ⊗ x, added to `gradient` times `weight`; returns its loss.
    pub fn add_gradient(&self, x: &[f64], y: usize, weight: f64, gradient: &mut [f64]) -> f64 {
        let p = self.probabilities(x);
        for (k, row) in gradient.chunks_exact_mut(self.features).enumerate() {
            let residual = p[k] - f64::from(u8::from(k == y));
            for (g, x) in row.iter_mut().zip(x) {
                *g += weight * residual * x;
            }
        }
        -p[y].ln()
    }

    /// ∇ of the mean loss.
    pub fn gradient(&self, data: &Data) -> Vec<f64> {
        let mut gradient = vec![0.0; self.weights.len()];
        for i in 0..data.len() {
            let (x, y) = data.example(i);
            self.add_gradient(x, y, 1.0 / data.len() as f64, &mut gradient);
        }
        gradient
    }

    /// H, C₁ and the loss.
    pub fn curvature(&self, data: &Data) -> Curvature {
        let (dim, n, d) = (self.weights.len(), data.len() as f64, self.features);
        let (mut hessian, mut second) = (DMatrix::zeros(dim, dim), DMatrix::zeros(dim, dim));
        let mut mean = DVector::zeros(dim);
        let mut loss = 0.0;
        for i in 0..data.len() {
            let (x, y) = data.example(i);
            let p = self.probabilities(x);
            let mut own = vec![0.0; dim];
            loss += self.add_gradient(x, y, 1.0, &mut own) / n;
            let own = DVector::from_vec(own);
            second.ger(1.0 / n, &own, &own, 1.0);
            mean.axpy(1.0 / n, &own, 1.0);
            for a in 0..p.len() {
                for b in 0..p.len() {
                    let weight = (f64::from(u8::from(a == b)) * p[a] - p[a] * p[b]) / n;
                    for (j, xj) in x.iter().enumerate() {
                        for (k, xk) in x.iter().enumerate() {
                            hessian[(a * d + j, b * d + k)] += weight * xj * xk;
                        }
                    }
                }
            }
        }
        second.ger(-1.0, &mean, &mean, 1.0);
        Curvature {
            hessian,
            noise: second,
            loss,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Labels;
    use super::*;
    use crate::random::Stream;

    fn setting() -> (Model, Data) {
        let stream = Stream::new(5, 5);
        let model = Model {
            features: 3,
            weights: (0..9).map(|k| (f64::from(k) * 1.7).sin()).collect(),
        };
        let data =
            Data::unlabelled(&stream, 40, 3, 0.5).labelled(Labels::Drawn(&model), &stream, 0);
        (model, data)
    }

    /// Central differences of step 1e-5: truncation 1e-10, rounding 1e-11 of numbers near 1.
    #[test]
    fn gradient_and_hessian_are_those_of_the_loss() {
        let (model, data) = setting();
        let loss = |model: &Model| {
            let mut scratch = vec![0.0; 9];
            let losses = (0..data.len()).map(|i| {
                let (x, y) = data.example(i);
                model.add_gradient(x, y, 1.0, &mut scratch)
            });
            losses.sum::<f64>() / data.len() as f64
        };
        let gradient = model.gradient(&data);
        let curvature = model.curvature(&data);
        let h = 1e-5;
        for (k, expected) in gradient.iter().enumerate() {
            let at = |step: f64| {
                let mut moved = model.clone();
                moved.weights[k] += step;
                moved
            };
            let slope = (loss(&at(h)) - loss(&at(-h))) / (2.0 * h);
            assert!((slope - expected).abs() < 1e-9, "{k}");
            let (up, down) = (at(h).gradient(&data), at(-h).gradient(&data));
            for j in 0..9 {
                let second = (up[j] - down[j]) / (2.0 * h);
                assert!((second - curvature.hessian[(j, k)]).abs() < 1e-9, "{j} {k}");
            }
        }
        assert!((curvature.loss - loss(&model)).abs() < 1e-14);
    }

    #[test]
    fn the_noise_is_the_covariance_of_the_examples_gradients() {
        let (model, data) = setting();
        let rows: Vec<Vec<f64>> = (0..data.len())
            .map(|i| {
                let (x, y) = data.example(i);
                let mut own = vec![0.0; 9];
                model.add_gradient(x, y, 1.0, &mut own);
                own
            })
            .collect();
        let n = rows.len() as f64;
        let mean = |k: usize| rows.iter().map(|r| r[k]).sum::<f64>() / n;
        let noise = model.curvature(&data).noise;
        for (i, j) in [(0, 0), (1, 5), (8, 3)] {
            let products = rows.iter().map(|r| (r[i] - mean(i)) * (r[j] - mean(j)));
            assert!((products.sum::<f64>() / n - noise[(i, j)]).abs() < 1e-13);
        }
    }
}
