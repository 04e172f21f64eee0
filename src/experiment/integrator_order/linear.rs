//! Mean and covariance of a scheme on a linear process, by its recursion.

use nalgebra::{DMatrix, DVector};

use super::problem::Problem;
use base::error::Result;
use prediction::exact::linear::{Gaussian, LinearStep};
use simulation::sde::registry::Entry;
use simulation::sde::{Increment, Integrator, Moved};

/// Where θ starts, at rest.
const START: f64 = 1.0;

/// A step of a scheme on a linear process: z ← (1 + A)z + Nξ with z = (θ, memory).
pub struct Linear {
    /// A.
    pub change: DMatrix<f64>,
    /// N.
    pub noise: DMatrix<f64>,
}

impl Linear {
    /// Reads A and N off one step of a block with a lane for every unit of θ, memory and normals.
    pub fn of(scheme: &dyn Integrator, dt: f64) -> Self {
        let memory_rows = scheme.start(&[0.0]).len();
        let (rows, normals) = (1 + memory_rows, scheme.normals());
        let lanes = rows + normals;
        let mut theta = vec![0.0; lanes];
        let mut memory = vec![0.0; memory_rows * lanes];
        let mut given = vec![0.0; normals * lanes];
        theta[0] = 1.0;
        for row in 0..memory_rows {
            memory[row * lanes + 1 + row] = 1.0;
        }
        for row in 0..normals {
            given[row * lanes + rows + row] = 1.0;
        }
        let (mut drift, mut variance) = (vec![0.0; lanes], vec![0.0; lanes]);
        let mut scratch = vec![0.0; scheme.scratch_rows() * lanes];
        let by = Increment {
            dt,
            lanes,
            normals: &given,
            taken: &[],
            live: &[],
        };
        let block = Moved {
            theta: &mut theta,
            memory: &mut memory,
            drift: &mut drift,
            variance: &mut variance,
            scratch: &mut scratch,
        };
        scheme.step(by, block);
        let at = |row: usize, lane: usize| match row {
            0 => theta[lane],
            _ => memory[(row - 1) * lanes + lane],
        };
        Linear {
            change: DMatrix::from_fn(rows, rows, at) - DMatrix::identity(rows, rows),
            noise: DMatrix::from_fn(rows, normals, |row, k| at(row, rows + k)),
        }
    }

    /// The same as mean and covariance move.
    pub fn law(&self) -> LinearStep {
        LinearStep {
            change: self.change.clone(),
            noise: &self.noise * self.noise.transpose(),
        }
    }
}

/// Drift F and noise N of the exact process, dz = Fz dt + N^{1/2} dW: z = θ, or (θ, v).
pub fn generator(problem: &Problem, entry: &Entry) -> (DMatrix<f64>, DMatrix<f64>) {
    let Problem {
        temperature,
        friction,
        h,
        ..
    } = *problem;
    if Problem::inert(entry) {
        let drift = DMatrix::from_row_slice(2, 2, &[0.0, 1.0, -h, -friction]);
        let kicks = 2.0 * friction * temperature;
        return (
            drift,
            DMatrix::from_row_slice(2, 2, &[0.0, 0.0, 0.0, kicks]),
        );
    }
    (
        DMatrix::from_element(1, 1, -h),
        DMatrix::from_element(1, 1, 2.0 * temperature),
    )
}

/// Where a scheme starts: θ = 1, at rest.
pub fn start(scheme: &dyn Integrator) -> DVector<f64> {
    let mut z = vec![START];
    z.extend(scheme.start(&[START]));
    DVector::from_vec(z)
}

/// Norm of the errors of mean and covariance of θ, or of (θ, v), at the horizon, for steps horizon/2ᵖ.
///
/// # Errors
/// A number is out of range.
pub fn errors(problem: &Problem, entry: &Entry, powers: &[u32]) -> Result<Vec<f64>> {
    let scheme = problem.linear(entry)?;
    let (drift, noise) = generator(problem, entry);
    let seen = drift.nrows();
    let mut origin = DVector::zeros(seen);
    origin[0] = START;
    let exact = LinearStep::of_sde(&drift, &noise, problem.horizon)?.apply(&Gaussian::at(origin));
    let of = |power: &u32| {
        let n = 1u64 << power;
        let step = Linear::of(&*scheme, problem.horizon / n as f64).law();
        let law = step.times(n).apply(&Gaussian::at(start(&*scheme)));
        let mean = law.mean.rows(0, seen) - &exact.mean;
        let covariance = law.covariance.view((0, 0), (seen, seen)) - &exact.covariance;
        (mean.norm_squared() + covariance.norm_squared()).sqrt()
    };
    Ok(powers.iter().map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use simulation::sde::registry::{ENTRIES, find};

    const PROBLEM: Problem = Problem {
        temperature: 0.4,
        scale: 0.1,
        floor: 1.0,
        friction: 0.7,
        h: 3.0,
        horizon: 1.0,
    };

    fn stationary(name: &str, dt: f64) -> DMatrix<f64> {
        let scheme = PROBLEM.linear(find(name).unwrap()).unwrap();
        Linear::of(&*scheme, dt).law().stationary().unwrap()
    }

    /// Which observable of the harmonic oscillator each splitting gets right, at steps up to near the stability
    /// limit h dt² < 4, to rounding (Leimkuhler and Matthews 2013; OBABO keeps the energy of Verlet's shadow,
    /// v²/2 + h(1 − h dt²/4)θ²/2): and none has a correlation of θ and v.
    #[test]
    fn what_each_splitting_gets_right_on_a_quadratic() {
        let Problem {
            temperature: t, h, ..
        } = PROBLEM;
        for dt in [0.05, 0.3, 0.8, 1.1] {
            let s = 1.0 - h * dt * dt / 4.0;
            for (name, theta, velocity) in [
                ("baoab", t / h, t * s),
                ("aboba", t / h, t / s),
                ("obabo", t / h / s, t),
            ] {
                let law = stationary(name, dt);
                assert!((law[(0, 0)] / theta - 1.0).abs() < 1e-12, "{name} {dt}");
                assert!((law[(1, 1)] / velocity - 1.0).abs() < 1e-12, "{name} {dt}");
                assert!(law[(0, 1)].abs() < 1e-13, "{name} {dt}");
            }
        }
    }

    /// Var θ of the overdamped schemes: exact for Leimkuhler–Matthews and the exact sampler at any step;
    /// (T/h)/(1 − h dt/2) for Euler–Maruyama and Milstein; with ρ = 1 − x + x²/2, x = h dt, the second-order
    /// schemes have 2T dt (1 − x/2)²/(1 − ρ²).
    #[test]
    fn the_stationary_variance_of_the_overdamped_schemes() {
        let Problem {
            temperature: t, h, ..
        } = PROBLEM;
        for dt in [0.02, 0.2, 0.5] {
            let x = h * dt;
            let rho = 1.0 - x + 0.5 * x * x;
            let second = 2.0 * t * dt * (1.0 - 0.5 * x).powi(2) / (1.0 - rho * rho);
            for (name, variance) in [
                ("leimkuhler-matthews", t / h),
                ("exact-ou", t / h),
                ("euler-maruyama", t / h / (1.0 - 0.5 * x)),
                ("milstein", t / h / (1.0 - 0.5 * x)),
                ("heun", second),
                ("platen", second),
            ] {
                let found = stationary(name, dt)[(0, 0)];
                assert!(
                    (found / variance - 1.0).abs() < 1e-12,
                    "{name} {dt}: {found}"
                );
            }
        }
    }

    /// The limit: after a long time the fine steps of every scheme have T/h, and T for v, within three times what the
    /// declared order leaves at dt = 2⁻⁸.
    #[test]
    fn every_scheme_tends_to_the_gibbs_law() {
        let Problem {
            temperature: t, h, ..
        } = PROBLEM;
        let dt = 0.5f64.powi(8);
        for entry in ENTRIES {
            let law = stationary(entry.name, dt);
            let allowed = match entry.additive.weak {
                order if order.is_finite() => 3.0 * (h * dt).powf(order),
                _ => 1e-12,
            };
            assert!(
                (law[(0, 0)] * h / t - 1.0).abs() < allowed,
                "{}",
                entry.name
            );
            if Problem::inert(entry) {
                assert!((law[(1, 1)] / t - 1.0).abs() < allowed, "{}", entry.name);
            }
        }
    }
}
