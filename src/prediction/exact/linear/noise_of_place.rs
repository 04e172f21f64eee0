//! A linear optimizer on a quadratic in noise that depends on where it is: the first two moments of θ are known where C(θ) is a
//! polynomial of degree 2, whatever the law of the noise.

use nalgebra::{DMatrix, DVector};

use super::last_step::LastStep;
use super::recursion::{Law, Memory, Recursion};
use super::step::Gaussian;
use base::error::{Error, Result};
use base::interrupt;

/// C(θ) = C₀ + Σᵢ θᵢ Lᵢ + Σᵢⱼ θᵢ θⱼ Qᵢⱼ, the covariance of a gradient at θ; θ from the minimum.
#[derive(Clone, Debug, PartialEq)]
pub struct QuadraticNoise {
    constant: DMatrix<f64>,
    linear: Vec<DMatrix<f64>>,
    /// Qᵢⱼ for i ≤ j, row by row; those off the diagonal twice.
    square: Vec<DMatrix<f64>>,
}

/// How far a covariance may be from the polynomial through some of its values, relative to the largest of these.
const ROUNDING: f64 = 1e-11;

impl QuadraticNoise {
    /// The polynomial that `covariance` is, θ from the minimum and of a size like `reach`.
    ///
    /// # Errors
    /// What `covariance` says, or it is no polynomial of degree 2: [`Error::Failed`].
    pub fn of(
        dim: usize,
        reach: f64,
        covariance: &dyn Fn(&DVector<f64>) -> Result<DMatrix<f64>>,
    ) -> Result<Self> {
        let axis = |i: usize| DVector::from_fn(dim, |k, _| if k == i { reach } else { 0.0 });
        let constant = covariance(&DVector::zeros(dim))?;
        let (mut linear, mut bends, mut largest) = (Vec::new(), Vec::new(), constant.amax());
        for i in 0..dim {
            let (up, down) = (covariance(&axis(i))?, covariance(&-axis(i))?);
            largest = largest.max(up.amax()).max(down.amax());
            linear.push((&up - &down) / (2.0 * reach));
            bends.push((up + down - &constant * 2.0) / (2.0 * reach * reach));
        }
        let mut square = Vec::new();
        for i in 0..dim {
            square.push(bends[i].clone());
            for j in i + 1..dim {
                let both = covariance(&(axis(i) + axis(j)))?;
                largest = largest.max(both.amax());
                let own = &linear[i] + &linear[j] + (&bends[i] + &bends[j]) * reach;
                square.push((both - &constant - own * reach) / (reach * reach));
            }
        }
        let found = QuadraticNoise {
            constant,
            linear,
            square,
        };
        // Elsewhere it tells a polynomial of degree 2 from anything else.
        for side in [-1.0, 1.0] {
            let place = DVector::from_fn(dim, |k, _| side * reach * (0.3 + 0.4 / (k + 1) as f64));
            let off = (found.at(&place, None) - covariance(&place)?).amax();
            if off.is_nan() || off > ROUNDING * largest {
                return Err(Error::Failed(
                    "the covariance of the noise is no polynomial of degree 2".into(),
                ));
            }
        }
        Ok(found)
    }

    /// C(m) + Σ Qᵢⱼ Σᵢⱼ, its mean over a law of mean m and covariance Σ.
    fn at(&self, mean: &DVector<f64>, covariance: Option<&DMatrix<f64>>) -> DMatrix<f64> {
        let mut sum = self.constant.clone();
        for (x, matrix) in mean.iter().zip(&self.linear) {
            sum += matrix * *x;
        }
        let d = mean.len();
        let pairs = (0..d).flat_map(|i| (i..d).map(move |j| (i, j)));
        for ((i, j), matrix) in pairs.zip(&self.square) {
            let spread = covariance.map_or(0.0, |c| c[(i, j)]);
            sum += matrix * (mean[i] * mean[j] + spread);
        }
        sum
    }

    fn over(&self, law: &Gaussian) -> DMatrix<f64> {
        self.at(&law.mean, Some(&law.covariance))
    }
}

impl Recursion {
    /// The last of `steps` steps from a start, θ from the minimum, in noise that depends on the place; in the long run where there is
    /// no number of them. Of every law the mean and the covariance are meant.
    ///
    /// # Errors
    /// As [`Recursion::last_step`]; in the long run also where the second moments grow without bound.
    pub fn last_step_in(
        &self,
        noise: &QuadraticNoise,
        steps: Option<u64>,
        start: &Gaussian,
        memory: Memory,
    ) -> Result<LastStep> {
        let Some(steps) = steps else {
            let settled = self.in_noise(&self.settled_noise(noise)?);
            return settled.last_step(None, start, memory);
        };
        let here = self.in_noise(&noise.over(start));
        let mut law = here.start_from(start, memory)?;
        if steps > 1 {
            law = here.stepped(1, law, memory);
        }
        for step in 2..steps {
            if step % 1024 == 0 {
                interrupt::check()?;
            }
            let next = self.in_noise(&noise.over(&self.theta_of(&law))).carried(1, &law);
            if next == law {
                break;
            }
            law = next;
        }
        let last = self.in_noise(&noise.over(&self.theta_of(&law)));
        last.last_from(law, (steps > 0).then_some(steps), memory)
    }

    /// E C(θ) in the long run: that of the covariance which it makes itself.
    fn settled_noise(&self, noise: &QuadraticNoise) -> Result<DMatrix<f64>> {
        let growth = self.growth_in(noise);
        if growth.is_nan() || growth >= 0.0 {
            return Err(Error::Failed(
                "the second moments grow without bound there, so that there is no stationary covariance"
                    .into(),
            ));
        }
        let d = noise.constant.nrows();
        let rest = DVector::zeros(d);
        // C ↦ Σ(C) ↦ ΣQᵢⱼΣᵢⱼ(C) is linear, so that C = C₀ + K C is a system of the entries of C, i ≤ j. A basis of covariances tells K.
        let pairs: Vec<(usize, usize)> = (0..d).flat_map(|i| (i..d).map(move |j| (i, j))).collect();
        let entries = |c: &DMatrix<f64>| pairs.iter().map(|p| c[*p]).collect::<Vec<f64>>();
        let n = pairs.len();
        let (mut basis, mut made) = (DMatrix::zeros(n, n), DMatrix::zeros(n, n));
        for (k, (i, j)) in pairs.iter().enumerate() {
            let mut axis = DVector::zeros(d);
            axis[*i] += 1.0;
            axis[*j] += if i == j { 0.0 } else { 1.0 };
            let own = &axis * axis.transpose();
            let law = self.in_noise(&own).stationary();
            let law = law.ok_or_else(|| Error::Failed("the rule is unstable there".into()))?;
            let fed_back = noise.at(&rest, Some(&law.theta)) - &noise.constant;
            basis.set_column(k, &DVector::from_vec(entries(&own)));
            made.set_column(k, &DVector::from_vec(entries(&fed_back)));
        }
        // C = B w with (B − KB) w = C₀.
        let weights = (&basis - made)
            .lu()
            .solve(&DVector::from_vec(entries(&noise.constant)));
        let weights = weights.ok_or_else(|| {
            Error::Failed("the second moments neither fade nor grow there".into())
        })?;
        let solved = basis * weights;
        let mut found = DMatrix::zeros(d, d);
        for ((i, j), x) in pairs.iter().zip(solved.iter()) {
            found[(*i, *j)] = *x;
            found[(*j, *i)] = *x;
        }
        Ok(found)
    }

    /// The growth of the second moments of z a step in the long run, as a logarithm: that of a covariance in the noise that it makes.
    pub fn growth_in(&self, noise: &QuadraticNoise) -> f64 {
        const MOST: usize = 200_000;
        let d = noise.constant.nrows();
        let rest = DVector::zeros(d);
        let start = Gaussian {
            mean: rest.clone(),
            covariance: DMatrix::identity(d, d),
        };
        let Ok(mut law) = self.start_from(&start, Memory::Zero) else {
            return f64::NAN;
        };
        let (mut growth, mut steady) = (f64::NAN, 0);
        for _ in 0..MOST {
            let spread = self.theta_of(&law).covariance;
            let own = noise.at(&rest, Some(&spread)) - &noise.constant;
            law = self.in_noise(&own).carried(1, &law);
            let size = law.covariances.norm();
            if size == 0.0 {
                return f64::NEG_INFINITY;
            }
            law.covariances.scale(1.0 / size);
            let found = size.ln();
            steady = if (found - growth).abs() <= 1e-12 { steady + 1 } else { 0 };
            growth = found;
            if steady > 20 {
                break;
            }
        }
        growth
    }
}
