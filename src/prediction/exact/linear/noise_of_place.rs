//! A linear optimizer on a quadratic in noise that depends on where it is: the first two moments of θ are known where C(θ) is a
//! polynomial of degree 2, whatever the law of the noise.

use nalgebra::{DMatrix, DVector};

use super::last_step::LastStep;
use super::recursion::{Memory, Recursion};
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

    /// C at the minimum.
    pub fn at_minimum(&self) -> &DMatrix<f64> {
        &self.constant
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

    /// Σ Qᵢⱼ Σᵢⱼ, what a spread around the minimum adds.
    fn fed_back(&self, covariance: &DMatrix<f64>) -> DMatrix<f64> {
        let rest = DVector::zeros(covariance.nrows());
        self.at(&rest, Some(covariance)) - self.at_minimum()
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
            if step % 1024 == 0 && interrupt::requested() {
                return Err(Error::Interrupted("stopped".into()));
            }
            let next = self
                .in_noise(&noise.over(&self.theta_of(&law)))
                .carried(1, &law);
            if next == law {
                break;
            }
            law = next;
        }
        let last = self.in_noise(&noise.over(&self.theta_of(&law)));
        Ok(last.last_from(&law, Some(steps), memory))
    }

    /// E C(θ) in the long run: that of the covariance which it makes itself.
    fn settled_noise(&self, noise: &QuadraticNoise) -> Result<DMatrix<f64>> {
        let unstable = || Error::Failed("the rule is unstable there".into());
        let d = noise.constant.nrows();
        let pairs: Vec<(usize, usize)> = (0..d).flat_map(|i| (i..d).map(move |j| (i, j))).collect();
        let entries =
            |c: &DMatrix<f64>| DVector::from_iterator(pairs.len(), pairs.iter().map(|p| c[*p]));
        // C ↦ Cov θ ↦ ΣQᵢⱼ Cov(θᵢ, θⱼ) is a linear map K of the entries of C; its values on a basis of covariances tell it.
        let (mut basis, mut fed_back) = (Vec::new(), Vec::new());
        for (i, j) in &pairs {
            let axis = DVector::from_fn(d, |k, _| f64::from(u8::from(k == *i || k == *j)));
            let own = &axis * axis.transpose();
            let law = self.in_noise(&own).stationary().ok_or_else(unstable)?;
            fed_back.push(entries(&noise.fed_back(&law.theta)));
            basis.push(entries(&own));
        }
        let (basis, fed_back) = (
            DMatrix::from_columns(&basis),
            DMatrix::from_columns(&fed_back),
        );
        let inverse = basis.clone().try_inverse().ok_or_else(unstable)?;
        let feedback = &fed_back * inverse;
        // Covariances settle where what a covariance makes of itself shrinks: K is a positive map.
        let grows = feedback
            .complex_eigenvalues()
            .iter()
            .any(|x| x.norm() >= 1.0);
        let rest = (DMatrix::identity(pairs.len(), pairs.len()) - feedback).lu();
        let solved = rest.solve(&entries(&noise.constant)).filter(|_| !grows);
        let solved = solved.ok_or_else(|| {
            Error::Failed(
                "the second moments grow without bound there, since the noise grows with them"
                    .into(),
            )
        })?;
        let mut found = DMatrix::zeros(d, d);
        for ((i, j), x) in pairs.iter().zip(solved.iter()) {
            found[(*i, *j)] = *x;
            found[(*j, *i)] = *x;
        }
        Ok(found)
    }

    /// How fast the deviations of θ grow in the long run, a step: half the logarithm of what a step makes of the second moments in noise that
    /// these make, to a thousandth.
    pub fn growth_in(&self, noise: &QuadraticNoise) -> f64 {
        let d = noise.constant.nrows();
        let start = Gaussian {
            mean: DVector::zeros(d),
            covariance: DMatrix::identity(d, d),
        };
        let Ok(mut law) = self.start_from(&start, Memory::Zero) else {
            return f64::NAN;
        };
        let mut last = f64::NAN;
        // Means over ever longer stretches: what rotates has no growth of its own at each step.
        for doubling in 8..18 {
            let steps = 1_u32 << doubling;
            let mut sum = 0.0;
            for _ in 0..steps {
                let spread = self.theta_of(&law).covariance;
                let own = self.in_noise(&noise.fed_back(&spread));
                law = own.carried(1, &law);
                let size = law.covariances.norm();
                if size == 0.0 {
                    return f64::NEG_INFINITY;
                }
                law.covariances.scale(1.0 / size);
                sum += 0.5 * size.ln();
            }
            let mean = sum / f64::from(steps);
            if (mean - last).abs() <= 1e-3 * mean.abs() {
                return mean;
            }
            last = mean;
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::super::{LinearOptimizer, LinearRule, Quadratic};
    use super::*;

    fn scalar(eta: f64, constant: f64) -> Result<(Recursion, QuadraticNoise)> {
        let optimizer = LinearOptimizer::uniform(LinearRule::Sgd, 1)?;
        let quadratic = Quadratic::scalar(2.5, constant)?;
        let noise = QuadraticNoise::of(1, 1.0, &|x| {
            Ok(DMatrix::from_element(1, 1, constant + 2.25 * x[0] * x[0]))
        })?;
        Ok((Recursion::new(&optimizer, eta, &quadratic)?, noise))
    }

    /// Least squares ½a²θ² with a² = 1 or 4: E θ² is multiplied by E(1 − ηa²)² = 1 − 5η + 8.5η² at every step, and E θ by 1 − 2.5η.
    #[test]
    fn second_moments_of_least_squares() -> Result<()> {
        let (eta, start) = (0.3, Gaussian::at(DVector::from_element(1, 2.0)));
        let (recursion, noise) = scalar(eta, 0.0)?;
        let factor = 1.0 - 5.0 * eta + 8.5 * eta * eta;
        for steps in [0, 1, 2, 40] {
            let step = recursion.last_step_in(&noise, Some(steps), &start, Memory::Zero)?;
            let (mean, variance) = (step.after.mean[0], step.after.covariance[(0, 0)]);
            let second = 4.0 * factor.powi(steps as i32);
            assert!((mean - 2.0 * (1.0 - 2.5 * eta).powi(steps as i32)).abs() < 1e-14);
            assert!((mean * mean + variance - second).abs() < 1e-13 * second);
        }
        let rate = 0.5 * f64::ln(factor);
        assert!((recursion.growth_in(&noise) / rate - 1.0).abs() < 1e-3);
        Ok(())
    }

    /// With noise of its own beside it Var θ = η²C₀/(5η − 8.5η²), until η = 10/17: from there the mean settles still (η < 0.8), and the second
    /// moment does not.
    #[test]
    fn where_second_moments_settle() -> Result<()> {
        let start = Gaussian::at(DVector::from_element(1, 2.0));
        for eta in [0.01, 0.3, 0.58] {
            let (recursion, noise) = scalar(eta, 0.7)?;
            let step = recursion.last_step_in(&noise, None, &start, Memory::Zero)?;
            let expected = eta * 0.7 / (5.0 - 8.5 * eta);
            assert!((step.after.covariance[(0, 0)] / expected - 1.0).abs() < 1e-11);
        }
        let (recursion, noise) = scalar(0.6, 0.7)?;
        let error = recursion.last_step_in(&noise, None, &start, Memory::Zero);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("grow without bound"), "{error}");
        assert!(recursion.growth_in(&noise) > 0.0);
        Ok(())
    }

    /// A covariance that is no polynomial of degree 2 is none.
    #[test]
    fn other_covariances_are_refused() {
        let error = QuadraticNoise::of(1, 1.0, &|x| Ok(DMatrix::from_element(1, 1, x[0].powi(4))));
        assert!(error.is_err());
    }
}
