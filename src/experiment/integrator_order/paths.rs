//! Strong errors: √E(path of the scheme − exact path)² at the horizon, both driven by the same noise.

use nalgebra::{DMatrix, DVector};

use super::linear::{Linear, generator, start};
use super::problem::Problem;
use base::error::{Error, Result};
use prediction::exact::GaussHermite;
use prediction::exact::linear::{Gaussian, LinearStep};
use simulation::sde::registry::{Dynamics, Entry};
use simulation::sde::{Increment, Moved, Noise};

/// Points of the quadrature over one normal.
const NORMALS: usize = 40;

/// The errors for steps horizon/2ᵖ, on geometric Brownian motion where `entry` takes it, on the linear process
/// otherwise; `None` for a scheme without error.
///
/// # Errors
/// A number is out of range.
pub fn errors(problem: &Problem, entry: &Entry, powers: &[u32]) -> Result<Option<Vec<f64>>> {
    if entry.strong_order.is_infinite() {
        return Ok(None);
    }
    let of = |power: &u32| match (entry.build)(Dynamics::Diffusion(problem.geometric()?)) {
        Ok(_) => geometric(problem, entry, *power),
        Err(_) => linear(problem, entry, *power),
    };
    powers.iter().map(of).collect::<Result<_>>().map(Some)
}

/// A step multiplies the scheme by R(ξ) and the exact path by Q(ξ) = exp((−h − σ²/2)dt + σ√dt ξ), so that
/// E(X − Y)² = (E R²)ⁿ − 2(E RQ)ⁿ + (E Q²)ⁿ.
fn geometric(problem: &Problem, entry: &Entry, power: u32) -> Result<f64> {
    let sde = problem.geometric()?;
    if sde.noise() != Noise::Own {
        return Err(Error::Failed(
            "geometric Brownian motion has one coordinate".into(),
        ));
    }
    let scheme = (entry.build)(Dynamics::Diffusion(sde))?;
    let n = 1u32 << power;
    let dt = problem.horizon / f64::from(n);
    let rule = GaussHermite::new(NORMALS);
    let (mut theta, mut drift, mut variance) =
        (vec![1.0; NORMALS], vec![0.0; NORMALS], vec![0.0; NORMALS]);
    let mut scratch = vec![0.0; scheme.scratch_rows() * NORMALS];
    scheme.step(
        Increment {
            dt,
            lanes: NORMALS,
            normals: &rule.nodes,
            taken: &[],
            live: &[],
        },
        Moved {
            theta: &mut theta,
            memory: &mut [],
            drift: &mut drift,
            variance: &mut variance,
            scratch: &mut scratch,
        },
    );
    let square = problem.h * problem.scale;
    let exact = |xi: f64| ((-problem.h - 0.5 * square) * dt + (square * dt).sqrt() * xi).exp();
    let mut of = [0.0; 3];
    for ((r, xi), w) in theta.iter().zip(&rule.nodes).zip(&rule.weights) {
        let q = exact(*xi);
        for (sum, product) in of.iter_mut().zip([r * r, r * q, q * q]) {
            *sum += w * product;
        }
    }
    let [rr, rq, qq] = of.map(|mean: f64| mean.powi(n as i32));
    Ok((rr - 2.0 * rq + qq).sqrt())
}

/// What a normal of a scheme is of the path: ξ ∝ ∫ e^{−r(to − s)} dW over part of a step.
struct Share {
    /// Begin, as a fraction of the step.
    from: f64,
    /// End, as a fraction of the step.
    to: f64,
    /// r.
    rate: f64,
}

fn shares(problem: &Problem, entry: &Entry, normals: usize) -> Vec<Share> {
    let rate = if Problem::inert(entry) {
        problem.friction
    } else {
        0.0
    };
    let part = |k: usize| k as f64 / normals as f64;
    (0..normals)
        .map(|k| Share {
            from: part(k),
            to: part(k + 1),
            rate,
        })
        .collect()
}

/// The joint recursion of the exact (θ, v) and the scheme's z, driven by one Brownian path.
fn linear(problem: &Problem, entry: &Entry, power: u32) -> Result<f64> {
    let scheme = problem.linear(entry)?;
    let (drift, noise) = generator(problem, entry);
    let n = 1u64 << power;
    let dt = problem.horizon / n as f64;
    let own = Linear::of(&*scheme, dt);
    let exact = LinearStep::of_sde(&drift, &noise, dt)?;
    let (seen, rows) = (drift.nrows(), own.change.nrows());
    // Column of the amplitude: the noise acts on the last coordinate alone.
    let mut kick = DVector::zeros(seen);
    kick[seen - 1] = noise[(seen - 1, seen - 1)].sqrt();
    let mut cross = DMatrix::zeros(seen, own.noise.ncols());
    for (k, share) in shares(problem, entry, own.noise.ncols()).iter().enumerate() {
        let length = (share.to - share.from) * dt;
        let mut decay = drift.clone();
        for i in 0..seen {
            decay[(i, i)] -= share.rate;
        }
        let integral = integral(&decay, &kick, length);
        let size = match share.rate {
            0.0 => length,
            r => -(-2.0 * r * length).exp_m1() / (2.0 * r),
        };
        let later = (&drift * ((1.0 - share.to) * dt)).exp();
        cross.set_column(k, &(later * integral / size.sqrt()));
    }
    let mut joint = LinearStep::none(seen + rows);
    joint
        .change
        .view_mut((0, 0), (seen, seen))
        .copy_from(&exact.change);
    joint
        .change
        .view_mut((seen, seen), (rows, rows))
        .copy_from(&own.change);
    joint
        .noise
        .view_mut((0, 0), (seen, seen))
        .copy_from(&exact.noise);
    let scattered = &own.noise * own.noise.transpose();
    joint
        .noise
        .view_mut((seen, seen), (rows, rows))
        .copy_from(&scattered);
    let common = cross * own.noise.transpose();
    joint
        .noise
        .view_mut((0, seen), (seen, rows))
        .copy_from(&common);
    joint
        .noise
        .view_mut((seen, 0), (rows, seen))
        .copy_from(&common.transpose());
    let mut origin = DVector::zeros(seen + rows);
    let begin = start(&*scheme);
    origin[0] = begin[0];
    origin.rows_mut(seen, rows).copy_from(&begin);
    let second = joint.times(n).apply(&Gaussian::at(origin)).second_moment();
    let apart =
        |i: usize| second[(i, i)] - 2.0 * second[(i, seen + i)] + second[(seen + i, seen + i)];
    Ok((0..seen).map(apart).sum::<f64>().max(0.0).sqrt())
}

/// ∫₀ᵗ e^{Gu} du · k, from the exponential of (G, k; 0, 0).
fn integral(decay: &DMatrix<f64>, kick: &DVector<f64>, t: f64) -> DVector<f64> {
    let d = decay.nrows();
    let mut bordered = DMatrix::zeros(d + 1, d + 1);
    bordered.view_mut((0, 0), (d, d)).copy_from(decay);
    bordered.view_mut((0, d), (d, 1)).copy_from(kick);
    (bordered * t)
        .exp()
        .view((0, d), (d, 1))
        .column(0)
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use measurement::order::order;
    use simulation::sde::registry::ENTRIES;

    const PROBLEM: Problem = Problem {
        temperature: 0.6,
        scale: 0.25,
        floor: 0.5,
        friction: 0.7,
        h: 1.5,
        horizon: 1.0,
    };

    /// The declared strong order in additive noise, of every scheme that has an error: no random numbers.
    #[test]
    fn the_strong_order_in_additive_noise_is_met() {
        let steps: Vec<f64> = (4..10).map(|p| 0.5f64.powi(p)).collect();
        for entry in ENTRIES.iter().filter(|e| e.strong_order.is_finite()) {
            let errors: Vec<f64> = (4..10)
                .map(|p| linear(&PROBLEM, entry, p).unwrap())
                .collect();
            let (fitted, declared) = (
                order(&steps, &errors, 0.999).unwrap(),
                entry.additive.strong,
            );
            assert!(
                fitted.ci_low <= declared && declared <= fitted.ci_high,
                "{}: {fitted:?}",
                entry.name
            );
            assert!(
                fitted.ci_high - fitted.ci_low < 0.3,
                "{}: {fitted:?}",
                entry.name
            );
        }
    }

    /// The exact sampler in the same Brownian path would be exact if its normal were the path's own integral
    /// ∫ e^{−h(dt − s)} dW; driven by it the joint recursion gives no error, which checks the coupling itself.
    #[test]
    fn the_exact_sampler_follows_its_path() {
        let entry = simulation::sde::registry::find("exact-ou").unwrap();
        let scheme = PROBLEM.linear(entry).unwrap();
        let dt = 0.1;
        let own = Linear::of(&*scheme, dt);
        let (drift, noise) = generator(&PROBLEM, entry);
        let exact = LinearStep::of_sde(&drift, &noise, dt).unwrap();
        let kick = DVector::from_element(1, noise[(0, 0)].sqrt());
        // ∫ e^{−2hu} du · √(2T) over its own root, against the amplitude of the scheme.
        let mut decay = drift.clone();
        decay[(0, 0)] -= PROBLEM.h;
        let cross = integral(&decay, &kick, dt)[0];
        let size = -(-2.0 * PROBLEM.h * dt).exp_m1() / (2.0 * PROBLEM.h);
        assert!((cross / size.sqrt() / own.noise[(0, 0)] - 1.0).abs() < 1e-12);
        assert!((own.noise[(0, 0)].powi(2) / exact.noise[(0, 0)] - 1.0).abs() < 1e-12);
        assert!((own.change[(0, 0)] / exact.change[(0, 0)] - 1.0).abs() < 1e-12);
    }
}
