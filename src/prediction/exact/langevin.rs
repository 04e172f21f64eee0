//! The underdamped diffusion of momentum on a quadratic: dθ = v dt, M dv = −Hθ dt − γMv dt + √(ηC) dW.

use nalgebra::{DMatrix, DVector};

use super::linear::{Gaussian, LinearStep, Quadratic};
use base::error::{Error, Result};

/// A Newtonian particle with damping γ and mass M in the noise of a gradient with covariance C.
///
/// Momentum m ← β₁m + β₃g, θ ← θ − ηm is read so with one step per time η, γ = (1 − β₁)/η and
/// M = η/β₃ (Xie et al. 2022, Adaptive Inertia, section 3); then v = −m.
#[derive(Clone, Debug)]
pub struct Langevin {
    drift: DMatrix<f64>,
    noise: DMatrix<f64>,
    damping: f64,
}

/// The velocity that the particle starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Velocity {
    /// At rest.
    Zero,
    /// What the gradient of the start drives without noise: v = −Hθ/(γM).
    Terminal,
    /// That, and the noise of a particle held at the start: variance ηC/(2γM²).
    Equilibrium,
}

impl Langevin {
    /// The particle of a quadratic with learning rate η.
    ///
    /// # Errors
    /// [`Error::Input`] unless η, γ and M are positive and finite.
    pub fn new(quadratic: &Quadratic, eta: f64, damping: f64, mass: f64) -> Result<Self> {
        if ![eta, damping, mass]
            .iter()
            .all(|x| x.is_finite() && *x > 0.0)
        {
            return Err(Error::Input(format!(
                "a Langevin particle needs η > 0, γ > 0 and M > 0; got {eta}, {damping} and {mass}"
            )));
        }
        let d = quadratic.dim();
        let mut drift = DMatrix::zeros(2 * d, 2 * d);
        let mut noise = DMatrix::zeros(2 * d, 2 * d);
        let force = -quadratic.hessian() / mass;
        drift.view_range_mut(..d, d..).fill_diagonal(1.0);
        drift.view_range_mut(d.., ..d).copy_from(&force);
        drift.view_range_mut(d.., d..).fill_diagonal(-damping);
        let kicks = quadratic.noise() * (eta / mass / mass);
        noise.view_range_mut(d.., d..).copy_from(&kicks);
        Ok(Self {
            drift,
            noise,
            damping,
        })
    }

    /// The law of (θ, v) at time t from θ = `theta`.
    ///
    /// Exact to about 1e-14 of its largest entry at any γt; entries that exceed the largest double
    /// are not finite.
    ///
    /// # Errors
    /// [`Error::Input`] unless t ≥ 0 and `theta` has d finite coordinates.
    pub fn at(&self, t: f64, theta: &[f64], velocity: Velocity) -> Result<Gaussian> {
        let d = self.dim();
        if theta.len() != d || !theta.iter().all(|x| x.is_finite()) {
            return Err(Error::Input(format!(
                "the start {theta:?} must have {d} finite coordinates"
            )));
        }
        let mut start = Gaussian::at(DVector::zeros(2 * d));
        let theta = DVector::from_column_slice(theta);
        if velocity != Velocity::Zero {
            let force = self.drift.view_range(d.., ..d) * &theta;
            start.mean.rows_mut(d, d).copy_from(&(force / self.damping));
        }
        if velocity == Velocity::Equilibrium {
            let kicks = self.noise.view_range(d.., d..) / (2.0 * self.damping);
            start.covariance.view_range_mut(d.., d..).copy_from(&kicks);
        }
        start.mean.rows_mut(0, d).copy_from(&theta);
        Ok(LinearStep::of_sde(&self.drift, &self.noise, t)?.apply(&start))
    }

    /// Cov θ at time t from θ = 0.
    ///
    /// # Errors
    /// As [`Langevin::at`].
    pub fn covariance(&self, t: f64, velocity: Velocity) -> Result<DMatrix<f64>> {
        let d = self.dim();
        let law = self.at(t, &vec![0.0; d], velocity)?;
        Ok(law.covariance.view_range(..d, ..d).into_owned())
    }

    /// Cov (θ, v) in the long run; `None` where θ does not settle.
    pub fn stationary(&self) -> Option<DMatrix<f64>> {
        let slowest = 1.0 / self.drift.norm();
        let step = LinearStep::of_sde(&self.drift, &self.noise, slowest);
        step.ok()?.stationary()
    }

    fn dim(&self) -> usize {
        self.drift.nrows() / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64, relative: f64) {
        assert!(
            (value / expected - 1.0).abs() < relative,
            "{value} {expected}"
        );
    }

    /// ⟨θ²⟩ at time t in units of 2D/(γM)² on a flat direction.
    fn free(damping: f64, t: f64, velocity: Velocity) -> f64 {
        let gone = -(-damping * t).exp_m1();
        if velocity == Velocity::Equilibrium {
            t - gone / damping
        } else {
            t - 2.0 * gone / damping - 0.5 * (-2.0 * damping * t).exp_m1() / damping
        }
    }

    #[test]
    fn a_free_particle_at_every_time() {
        let flat = Quadratic::scalar(0.0, 3.0).unwrap();
        for (damping, mass) in [(1.0, 1.0), (1e-3, 10.0), (1e4, 1e-4)] {
            let particle = Langevin::new(&flat, 0.1, damping, mass).unwrap();
            for t in [1.0, 100.0, 1e6] {
                if damping * t < 0.1 {
                    // The closed form cancels like (γt)³.
                    continue;
                }
                for velocity in [Velocity::Zero, Velocity::Equilibrium] {
                    let variance = particle.covariance(t, velocity).unwrap()[0];
                    let unit = 0.3 / (damping * mass).powi(2);
                    close(variance, unit * free(damping, t, velocity), 2e-12);
                }
            }
        }
    }

    #[test]
    fn in_the_long_run_the_position_is_that_of_the_overdamped_particle() {
        // ηC/(2γMh) where C and H commute, for every γ and M; the velocity has ηC/(2γM²).
        let quadratic = Quadratic::scalar(2.0, 0.7).unwrap();
        for (damping, mass) in [(1.0, 1.0), (1e-2, 3.0), (1e3, 1e-3), (1e8, 1e-8)] {
            let particle = Langevin::new(&quadratic, 0.1, damping, mass).unwrap();
            let law = particle.stationary().unwrap();
            close(law[(0, 0)], 0.07 / (4.0 * damping * mass), 1e-13);
            close(law[(1, 1)], 0.07 / (2.0 * damping * mass * mass), 1e-13);
            let late = particle.covariance(1e5, Velocity::Zero).unwrap();
            close(late[0], law[(0, 0)], 1e-12);
        }
        let saddle = Quadratic::scalar(-1.0, 1.0).unwrap();
        assert!(
            Langevin::new(&saddle, 0.1, 1.0, 1.0)
                .unwrap()
                .stationary()
                .is_none()
        );
    }

    #[test]
    fn rotated_noise_in_the_long_run() {
        // FΣ + ΣFᵀ + N = 0, where position and velocity correlate as H and C do not commute.
        let matrix = |x: [f64; 4]| DMatrix::from_row_slice(2, 2, &x);
        let quadratic =
            Quadratic::new(matrix([2.0, 0.5, 0.5, 1.0]), matrix([1.0, -0.3, -0.3, 0.5])).unwrap();
        let particle = Langevin::new(&quadratic, 0.1, 0.5, 0.8).unwrap();
        let sigma = particle.stationary().unwrap();
        let flow = &particle.drift * &sigma;
        let left = &flow + flow.transpose() + &particle.noise;
        assert!(left.amax() < 1e-14 * sigma.amax());
        assert!(sigma[(0, 3)].abs() > 1e-3);
        // A finite time by many short ones.
        let short = LinearStep::of_sde(&particle.drift, &particle.noise, 0.01).unwrap();
        let long = particle.covariance(7.0, Velocity::Zero).unwrap();
        let composed = short.times(700).noise;
        let error = composed.view_range(..2, ..2) - &long;
        assert!(error.amax() < 1e-13 * long.amax());
    }

    #[test]
    fn growth_on_a_saddle_at_late_times() {
        // e^{2κt} with κ = (γ/2)(√(1 + 4a/(γ²M)) − 1), at γt = 200.
        let saddle = Quadratic::scalar(-0.1, 1.0).unwrap();
        let (damping, mass) = (2.0, 0.5);
        let particle = Langevin::new(&saddle, 0.1, damping, mass).unwrap();
        let rate = 0.5 * damping * ((1.0 + 0.4 / (damping * damping * mass)).sqrt() - 1.0);
        let variance = |t| particle.covariance(t, Velocity::Zero).unwrap()[0];
        close((variance(101.0) / variance(100.0)).ln(), 2.0 * rate, 1e-7);
        assert!(!variance(1e5).is_finite());
    }

    #[test]
    fn nonsense_is_refused() {
        let quadratic = Quadratic::scalar(1.0, 1.0).unwrap();
        assert!(Langevin::new(&quadratic, 0.1, 0.0, 1.0).is_err());
        let particle = Langevin::new(&quadratic, 0.1, 1.0, 1.0).unwrap();
        assert!(particle.at(f64::INFINITY, &[0.0], Velocity::Zero).is_err());
        assert!(particle.at(1.0, &[], Velocity::Zero).is_err());
    }
}
