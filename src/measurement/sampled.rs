//! A measured number held against a true one: how surprising is the difference?

use super::mean::Moments;
use super::quantile::{gamma_lower, gamma_upper, normal_density, normal_tail, student_tail};

/// The law of an estimate's error in units of its standard error, if what it is held against is true.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ErrorLaw {
    /// Normal: the standard error is known, or comes from very many numbers.
    Normal,
    /// Student's, of this many degrees of freedom: the standard error was estimated from near-normal numbers.
    Student(u64),
    /// Student's after Hall's correction for skewed numbers: `skew` is γ/√n of n = `dof` + 1 numbers of skewness γ.
    Hall {
        /// γ/√n.
        skew: f64,
        /// n − 1.
        dof: u64,
    },
    /// Pearson's type III (a shifted gamma law) of a skewness that is only known to lie between two: exact for the
    /// mean of exponential times, and right to second order for any other mean. Each tail is taken as the larger of
    /// the two.
    Skewed(f64, f64),
    /// That of the mean of `dof` products of two standard normals of correlation `rho`: a sample covariance of
    /// Gaussian numbers, and for `rho` = 1 a sample variance, whose law is χ².
    Products {
        /// Correlation of the two.
        rho: f64,
        /// Independent products in the mean.
        dof: f64,
    },
}

impl ErrorLaw {
    /// P(error beyond `z` standard errors, on the side of `z`).
    pub fn tail(self, z: f64) -> f64 {
        let tail = match self {
            ErrorLaw::Normal => normal_tail(z.abs()),
            ErrorLaw::Student(dof) => student_tail(z.abs(), dof),
            ErrorLaw::Hall { skew, dof } => {
                let q = skew / 3.0;
                student_tail(
                    (z + q * z * z + q * q * z.powi(3) / 3.0 + 0.5 * q).abs(),
                    dof,
                )
            }
            ErrorLaw::Skewed(a, b) => pearson_tail(z, a).max(pearson_tail(z, b)),
            ErrorLaw::Products { rho, dof } => product_tail(z, rho, dof),
        };
        tail.clamp(0.0, 1.0)
    }

    /// P(|error| at least so surprising): twice the tail on the side of `z`.
    pub fn p_value(self, z: f64) -> f64 {
        (2.0 * self.tail(z)).min(1.0)
    }
}

/// A number that was measured, with what is needed to hold it against a truth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampled {
    /// The estimate; NaN where there is none.
    pub value: f64,
    /// Its standard error: that which it would have if the truth that it is held against holds, where that is known,
    /// otherwise that of the sample. NaN or 0 where the sample shows no spread.
    pub standard_error: f64,
    /// The law of the error.
    pub law: ErrorLaw,
    /// Independent numbers that it rests on.
    pub n: u64,
}

impl Sampled {
    /// A mean of numbers, whatever their law.
    pub fn mean(moments: &Moments) -> Self {
        let nan = f64::NAN;
        let error = moments.standard_error().unwrap_or(nan);
        let n = moments.n();
        Sampled {
            law: ErrorLaw::Hall {
                skew: moments.skewness().unwrap_or(0.0) / (n.max(1) as f64).sqrt(),
                dof: n.saturating_sub(1).max(1),
            },
            ..Self::student(moments.mean().unwrap_or(nan), error, n)
        }
    }

    /// A value whose standard error was estimated from `n` numbers.
    pub fn student(value: f64, standard_error: f64, n: u64) -> Self {
        Sampled {
            value,
            standard_error,
            law: ErrorLaw::Student(n.saturating_sub(1).max(1)),
            n,
        }
    }

    /// A value whose error is normal and its standard error known.
    pub fn normal(value: f64, standard_error: f64, n: u64) -> Self {
        Sampled {
            value,
            standard_error,
            law: ErrorLaw::Normal,
            n,
        }
    }
}

/// Tail of the standardised Pearson III law of skewness γ: of (G − k)/√k, G gamma of shape k = 4/γ².
fn pearson_tail(z: f64, skewness: f64) -> f64 {
    // Below, the tail at 6 standard errors differs from the normal's by less than 4 %.
    if skewness.abs() < 1e-3 {
        return normal_tail(z.abs());
    }
    let shape = 4.0 / (skewness * skewness);
    // In the direction of the long tail.
    let along = z * skewness.signum();
    let x = shape + shape.sqrt() * along;
    if along >= 0.0 {
        gamma_upper(shape, x)
    } else if x > 0.0 {
        gamma_lower(shape, x)
    } else {
        0.0
    }
}

/// Tail of the sum W of ν products of standard normals of correlation ρ, at ⟨W⟩ + z σ(W), ⟨W⟩ = νρ and
/// σ² = ν(1 + ρ²), by the saddlepoint formula with K(t) = −(ν/2) ln(1 − 2ρt − (1 − ρ²)t²). Its error, relative to
/// the tail itself, is of order 1/ν at every distance.
///
/// Source: Lugannani & Rice, Adv. Appl. Probab. 12 (1980) 475.
fn product_tail(z: f64, rho: f64, dof: f64) -> f64 {
    // Closer to the mean the formula is 0/0, and nothing is decided there.
    if z.abs() < 1e-2 {
        return 0.5;
    }
    let x = rho + z * ((1.0 + rho * rho) / dof).sqrt();
    let c = 1.0 - rho * rho;
    let t = 2.0 * (x - rho) / (c + 2.0 * rho * x + (c * c + 4.0 * x * x).sqrt());
    let inside = 1.0 - 2.0 * rho * t - c * t * t;
    if !(t.is_finite() && inside > 0.0) {
        // Beyond what the law can reach: a variance below 0.
        return 0.0;
    }
    let slope = rho + c * t;
    let curvature = dof * (c * inside + 2.0 * slope * slope) / (inside * inside);
    let exponent = t * dof * x + 0.5 * dof * inside.ln();
    let r = (2.0 * exponent.max(0.0)).sqrt();
    let u = t.abs() * curvature.sqrt();
    normal_tail(r) + normal_density(r) * (1.0 / u - 1.0 / r)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantile::chi_square;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use rand_distr::{Distribution, StandardNormal};

    fn close(found: f64, exact: f64, relative: f64) {
        assert!((found / exact - 1.0).abs() < relative, "{found} {exact}");
    }

    /// The mean of 30 exponential times: n·mean is gamma of shape 30, of skewness 2/√30.
    #[test]
    fn the_mean_of_exponential_times_has_its_exact_tails() {
        let n: f64 = 30.0;
        let skewness = 2.0 / n.sqrt();
        for p in [0.2, 1e-3, 1e-7] {
            let high = (chi_square(1.0 - p, n) / (2.0 * n) - 1.0) * n.sqrt();
            let low = (chi_square(p, n) / (2.0 * n) - 1.0) * n.sqrt();
            close(ErrorLaw::Skewed(skewness, skewness).tail(high), p, 1e-6);
            close(ErrorLaw::Skewed(skewness, skewness).tail(low), p, 1e-6);
            // Of an uncertain skewness the larger tail counts, and a mirrored law mirrors.
            assert!(ErrorLaw::Skewed(0.0, skewness).tail(low) >= p * (1.0 - 1e-6));
            close(ErrorLaw::Skewed(-skewness, -skewness).tail(-high), p, 1e-6);
        }
        assert_eq!(ErrorLaw::Skewed(2.0, 2.0).tail(-1.01), 0.0);
    }

    /// Correlation 1 is a variance: χ² to 2 % of the tail at 9 degrees of freedom (the formula's error is of order
    /// 1/ν, 0.015 here at worst), to 0.1 % at 199.
    #[test]
    fn a_sample_variance_has_the_tails_of_chi_square() {
        for (dof, relative) in [(9.0, 0.02), (199.0, 1e-3)] {
            let law = ErrorLaw::Products { rho: 1.0, dof };
            for p in [0.1, 1e-3, 1e-8] {
                let z = |x: f64| (x / dof - 1.0) * (0.5 * dof).sqrt();
                close(law.tail(z(chi_square(1.0 - p, 0.5 * dof))), p, relative);
                close(law.tail(z(chi_square(p, 0.5 * dof))), p, relative);
            }
        }
    }

    /// Seed 21, 200 000 sums of 12 products of correlation ρ: the share beyond z is the tail stated, to four of its
    /// Monte Carlo standard errors √(p/200 000) and the formula's own 2 %.
    #[test]
    fn a_sample_covariance_has_the_tails_of_a_sum_of_products() {
        let mut rng = SmallRng::seed_from_u64(21);
        let (dof, trials) = (12, 200_000);
        for rho in [-0.5, 0.0, 0.9] {
            let beyond = [-3.0, -1.5, 1.0, 4.0];
            let mut counts = [0u32; 4];
            for _ in 0..trials {
                let mut sum = 0.0;
                for _ in 0..dof {
                    let x: f64 = StandardNormal.sample(&mut rng);
                    let e: f64 = StandardNormal.sample(&mut rng);
                    sum += x * (rho * x + (1.0f64 - rho * rho).sqrt() * e);
                }
                let n = f64::from(dof);
                let z = (sum - n * rho) / (n * (1.0 + rho * rho)).sqrt();
                for (count, at) in counts.iter_mut().zip(beyond) {
                    *count += u32::from(if at < 0.0 { z < at } else { z > at });
                }
            }
            let dof = f64::from(dof);
            for (count, at) in counts.into_iter().zip(beyond) {
                let stated = ErrorLaw::Products { rho, dof }.tail(at);
                let seen = f64::from(count) / f64::from(trials);
                let allowed = 4.0 * (stated / f64::from(trials)).sqrt() + 0.02 * stated;
                assert!(
                    (seen - stated).abs() < allowed,
                    "{rho} {at}: {seen} {stated}"
                );
            }
        }
    }

    /// The mean is high by chance when its spread is; Hall's T of an exponential sample is normal to order 1/n.
    /// Seed 22, 100 000 samples of 100: the shares beyond ±2.5 of his statistic lie within a fifth of Student's tail
    /// (four Monte Carlo standard errors are 0.16 of it), where those of T itself are a third and three times as large.
    #[test]
    fn a_skewed_mean_is_surprising_on_both_sides_alike() {
        use rand_distr::Exp1;
        let mut rng = SmallRng::seed_from_u64(22);
        let trials = 100_000;
        let level = student_tail(2.5, 99);
        let (mut low, mut high) = (0, 0);
        for _ in 0..trials {
            let moments: Moments = (0..100).map(|_| -> f64 { Exp1.sample(&mut rng) }).collect();
            let measured = Sampled::mean(&moments);
            let z = (measured.value - 1.0) / measured.standard_error;
            if measured.law.tail(z) < level {
                if z < 0.0 { low += 1 } else { high += 1 }
            }
        }
        for seen in [low, high] {
            let ratio = f64::from(seen) / f64::from(trials) / level;
            assert!((ratio - 1.0).abs() < 0.3, "{low} {high} {level}");
        }
    }

    #[test]
    fn few_numbers_have_students_tails() {
        // t₄: P(T > 4.604095) = 0.005.
        close(ErrorLaw::Student(4).tail(-4.604_094_871), 0.005, 1e-6);
        close(ErrorLaw::Normal.p_value(1.959_963_985), 0.05, 1e-8);
        assert_eq!(ErrorLaw::Normal.p_value(0.0), 1.0);
    }
}
