//! Down the gradient flow θ̇ = −∇L, in several coordinates.
//!
//! On the quadratic that L is near a point the flow is known: θ(t) = θ − V φ(Λ, t) Vᵀ∇L with φ(λ, t) =
//! (1 − e^{−λt})/λ (Page and McIver, J. Chem. Phys. 88 (1988) 922). A step goes along it as far as the slope
//! at its end is the one that the quadratic has there, so that the basin is the flow's own, stiff or not; near the end
//! it is Newton's.

use nalgebra::{DMatrix, DVector};

use super::super::Landscape;
use base::interrupt;

/// What searches may still cost, in multiplications.
pub struct Budget {
    left: f64,
}

impl Budget {
    /// About so many multiplications.
    pub fn new(multiplications: f64) -> Self {
        Budget {
            left: multiplications,
        }
    }

    /// Takes the cost of a step in d coordinates, an eigendecomposition; false where it is used up, or where the
    /// program was asked to stop.
    pub fn step(&mut self, d: usize) -> bool {
        let d = d as f64;
        self.left -= 25.0 * d * d * d + 100.0 * d * d + 1000.0;
        self.left > 0.0 && !interrupt::requested()
    }

    /// Whether nothing is left.
    pub fn is_used_up(&self) -> bool {
        self.left <= 0.0
    }
}

/// Where a descent ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// At rest in a minimum.
    Minimum(Vec<f64>),
    /// At rest where L falls in some direction.
    Ridge(Vec<f64>),
    /// Out of bounds, at this height.
    Left(f64),
    /// Nowhere: L falls without end, or its slope is not continuous.
    Lost,
}

/// Steps of one descent.
const MOST_STEPS: usize = 2000;
/// How far the slope at the end of a step may lie from the quadratic's, as a part of the slope at its beginning.
const TOLERANCE: f64 = 0.03;
/// Lengths beyond this many times the start's are no way to a minimum.
const FAR: f64 = 1e6;

/// Follows the flow from `start` until it rests or `left`.
pub fn descend(
    surface: &dyn Landscape,
    start: &[f64],
    left: &dyn Fn(&[f64]) -> bool,
    budget: &mut Budget,
) -> End {
    let d = start.len();
    let slope = |theta: &DVector<f64>| {
        let mut g = vec![0.0; d];
        surface.gradient(theta.as_slice(), 1, &mut g);
        DVector::from_vec(g)
    };
    let mut theta = DVector::from_column_slice(start);
    let mut gradient = slope(&theta);
    let far = FAR * (1.0 + theta.amax());
    let mut radius = 0.05 * (1.0 + theta.amax());
    let mut last = f64::INFINITY;
    let mut modes = None;
    for _ in 0..MOST_STEPS {
        if !budget.step(d) {
            return End::Lost;
        }
        if left(theta.as_slice()) {
            return End::Left(surface.value(theta.as_slice()));
        }
        let hessian = || surface.hessian(theta.as_slice());
        let (values, vectors) = match modes.take() {
            Some(known) => known,
            None => {
                let hessian = hessian();
                if !gradient.iter().chain(hessian.iter()).all(|x| x.is_finite()) {
                    return End::Lost;
                }
                ascending(hessian)
            }
        };
        let along = vectors.tr_mul(&gradient);
        let scale = values.amax().max(f64::MIN_POSITIVE);
        let flat = 1e-9 * scale;
        let newton = DVector::from_iterator(
            d,
            values
                .iter()
                .zip(along.iter())
                .map(|(l, c)| c / l.abs().max(flat)),
        );
        let length = newton.norm();
        let size = 1.0 + theta.norm();
        if length <= 1e-9 * size && length >= last || length <= 2e-15 * size {
            let theta = theta.as_slice().to_vec();
            return match values[0] < -flat {
                true => End::Ridge(theta),
                false => End::Minimum(theta),
            };
        }
        let time = time(&values, &along, radius);
        let flow = |n: usize| -along[n] * growth(values[n], time);
        let step = &vectors * DVector::from_fn(d, |n, _| flow(n));
        let there = &theta + &step;
        let seen = slope(&there);
        let expected = &vectors * DVector::from_fn(d, |n, _| along[n] * (-values[n] * time).exp());
        let off = (&seen - expected).norm() / gradient.norm();
        // Where a step is rounding itself its end cannot be told better.
        let fine = length <= 1e-7 * (1.0 + theta.norm());
        if fine || off <= TOLERANCE {
            last = length;
            theta = there;
            gradient = seen;
            if off <= 0.3 * TOLERANCE {
                radius *= 2.0;
            }
            if theta.amax() > far {
                return End::Lost;
            }
        } else {
            radius = 0.4 * radius.min(step.norm());
            modes = Some((values, vectors));
            if radius <= 1e-13 * (1.0 + theta.norm()) {
                return End::Lost;
            }
        }
    }
    End::Lost
}

/// φ(λ, t) = (1 − e^{−λt})/λ.
fn growth(value: f64, time: f64) -> f64 {
    if time.is_infinite() {
        return 1.0 / value;
    }
    let x = value * time;
    if x == 0.0 {
        time
    } else {
        -(-x).exp_m1() / value
    }
}

/// The time after which the quadratic's flow has gone as far as `radius`; infinite where it rests before.
fn time(values: &DVector<f64>, along: &DVector<f64>, radius: f64) -> f64 {
    let length = |t: f64| {
        let parts = values.iter().zip(along.iter());
        parts
            .map(|(l, c)| (c * growth(*l, t)).powi(2))
            .sum::<f64>()
            .sqrt()
    };
    if values[0] > 0.0 && length(f64::INFINITY) <= radius {
        return f64::INFINITY;
    }
    let mut high = radius / along.norm().max(f64::MIN_POSITIVE);
    while length(high) < radius && high < 1e300 {
        high *= 2.0;
    }
    let mut low = 0.0;
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if length(middle) < radius {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Eigenvalues in ascending order, with their eigenvectors.
pub fn ascending(matrix: DMatrix<f64>) -> (DVector<f64>, DMatrix<f64>) {
    let eigen = matrix.symmetric_eigen();
    let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*a].total_cmp(&eigen.eigenvalues[*b]));
    let values = DVector::from_iterator(order.len(), order.iter().map(|i| eigen.eigenvalues[*i]));
    (values, eigen.eigenvectors.select_columns(&order))
}
