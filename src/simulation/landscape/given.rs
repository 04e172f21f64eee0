//! Surfaces that a program brings: a gradient of its own over blocks of particles, lent to whatever is read meanwhile.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use nalgebra::DMatrix;

use super::{CriticalPoint, Gradient, Landscape};

/// A gradient of a program's own.
pub trait Field: Send + Sync {
    /// d, the number of coordinates.
    fn dim(&self) -> usize;

    /// ∇L over a block of `lanes` particles, coordinate-major: coordinate `i` of lane `l` is `theta[i * lanes + l]`.
    fn gradient(&self, theta: &[f64], lanes: usize, gradient: &mut [f64]);

    /// L over a block; false where it is not known.
    fn values(&self, theta: &[f64], lanes: usize, values: &mut [f64]) -> bool {
        let _ = (theta, lanes, values);
        false
    }
}

/// The fields that are lent, by what files name them by.
static LENT: LazyLock<Mutex<HashMap<u64, Arc<dyn Field>>>> = LazyLock::new(Mutex::default);

/// A field that files may name as long as this is kept.
#[derive(Debug)]
pub struct Lent(u64);

impl Lent {
    /// Lends it, under a name of 52 random bits: that of another program or another day is nobody's here.
    pub fn new(field: Arc<dyn Field>) -> Self {
        let mut lent = LENT.lock().unwrap_or_else(PoisonError::into_inner);
        let mut id = RandomState::new().hash_one(lent.len()) >> 12;
        while lent.contains_key(&id) {
            id = RandomState::new().hash_one(id) >> 12;
        }
        lent.insert(id, field);
        Lent(id)
    }

    /// What `[landscape] given` names it by.
    pub fn id(&self) -> u64 {
        self.0
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut lent = LENT.lock().unwrap_or_else(PoisonError::into_inner);
        let field = lent.remove(&self.0);
        // What it drops may lend or drop others.
        drop(lent);
        drop(field);
    }
}

/// The surface of a field that is lent.
pub fn find(id: u64) -> Option<Given> {
    let lent = LENT.lock().unwrap_or_else(PoisonError::into_inner);
    lent.get(&id).cloned().map(Given)
}

/// The surface of a field; its Hessian is ∇L differenced, and nothing is known of its critical points.
pub struct Given(Arc<dyn Field>);

/// Part of a coordinate by which ∇L is differenced: the error is about its square, beside rounding over it.
const STEP: f64 = 6e-6;

impl Gradient<f64> for Given {
    fn gradient(&self, theta: &[f64], lanes: usize, gradient: &mut [f64]) {
        self.0.gradient(theta, lanes, gradient);
    }
}

impl Gradient<f32> for Given {
    fn gradient(&self, theta: &[f32], lanes: usize, gradient: &mut [f32]) {
        let theta: Vec<f64> = theta.iter().map(|x| f64::from(*x)).collect();
        let mut found = vec![f64::NAN; theta.len()];
        self.0.gradient(&theta, lanes, &mut found);
        for (narrow, wide) in gradient.iter_mut().zip(found) {
            *narrow = wide as f32;
        }
    }
}

impl Landscape for Given {
    fn name(&self) -> &'static str {
        "given"
    }

    fn dim(&self) -> usize {
        self.0.dim()
    }

    fn value(&self, theta: &[f64]) -> f64 {
        let mut value = [f64::NAN];
        self.values(theta, 1, &mut value);
        value[0]
    }

    fn values(&self, theta: &[f64], lanes: usize, values: &mut [f64]) {
        if !self.0.values(theta, lanes, values) {
            values.fill(f64::NAN);
        }
    }

    fn hessian(&self, theta: &[f64]) -> DMatrix<f64> {
        let (d, lanes) = (theta.len(), 2 * theta.len());
        let step = |i: usize| STEP * (1.0 + theta[i].abs());
        // Lanes 2i and 2i + 1 are moved along coordinate i.
        let mut block: Vec<f64> = theta.iter().flat_map(|x| vec![*x; lanes]).collect();
        for i in 0..d {
            block[i * lanes + 2 * i] += step(i);
            block[i * lanes + 2 * i + 1] -= step(i);
        }
        let mut slopes = vec![f64::NAN; block.len()];
        self.0.gradient(&block, lanes, &mut slopes);
        let bend = |i: usize, j: usize| {
            let moved = block[j * lanes + 2 * j] - block[j * lanes + 2 * j + 1];
            (slopes[i * lanes + 2 * j] - slopes[i * lanes + 2 * j + 1]) / moved
        };
        DMatrix::from_fn(d, d, |i, j| 0.5 * (bend(i, j) + bend(j, i)))
    }

    fn is_known(&self) -> bool {
        false
    }

    fn critical_points(&self) -> Vec<CriticalPoint> {
        Vec::new()
    }

    fn sought(&self) -> Option<String> {
        Some("of a gradient that a program brings none are sought".into())
    }

    fn outside(&self, theta: &[f64]) -> Option<String> {
        let mut slope = vec![f64::NAN; theta.len()];
        self.0.gradient(theta, 1, &mut slope);
        let broken = slope.iter().position(|g| !g.is_finite())?;
        Some(format!(
            "coordinate {} of the gradient comes to {} at θ = {theta:?}",
            broken + 1,
            base::shown::number(slope[broken])
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ∇ of x²y + y⁴.
    struct Quartic;

    impl Field for Quartic {
        fn dim(&self) -> usize {
            2
        }

        fn gradient(&self, theta: &[f64], lanes: usize, gradient: &mut [f64]) {
            for l in 0..lanes {
                let (x, y) = (theta[l], theta[lanes + l]);
                gradient[l] = 2.0 * x * y;
                gradient[lanes + l] = x * x + 4.0 * y.powi(3);
            }
        }
    }

    #[test]
    fn a_field_is_a_surface_as_long_as_it_is_lent() {
        let lent = Lent::new(Arc::new(Quartic));
        let other = Lent::new(Arc::new(Quartic));
        assert_ne!(lent.id(), other.id());
        assert!(lent.id() < 1 << 52);
        let surface = find(lent.id()).unwrap();
        let hessian = surface.hessian(&[0.5, -2.0]);
        let exact = [-4.0, 1.0, 1.0, 48.0];
        // Central differences of a cubic with steps of 2e-5: 4·h² = 2e-9, and rounding of 40 · 1e-16/2e-5.
        for (found, exact) in hessian.iter().zip(exact) {
            assert!((found - exact).abs() < 1e-8, "{found} {exact}");
        }
        let mut single = [0.0f32; 2];
        surface.gradient(&[0.5f32, -2.0], 1, &mut single);
        assert_eq!(single, [-2.0, -31.75]);
        assert!(surface.value(&[0.5, -2.0]).is_nan());
        assert!(surface.outside(&[0.5, -2.0]).is_none());
        assert!(surface.outside(&[f64::INFINITY, 0.0]).is_some());
        let id = lent.id();
        drop(lent);
        assert!(find(id).is_none() && find(other.id()).is_some());
    }
}
