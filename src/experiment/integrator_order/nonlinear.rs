//! Weak errors on the circle: the scheme's expectation by quadrature over its normals, the exact one by the
//! generator.

use nalgebra::DMatrix;

use super::problem::{Kind, Problem};
use crate::kernel::transition;
use base::error::Result;
use prediction::exact::Circle;
use simulation::sde::registry::{Dynamics, Entry};

/// Nodes of the circle: the laws' Fourier coefficients are below rounding beyond half of them.
const NODES: usize = 41;

/// Root-mean-square error, over all starts, of E cos θ and E sin θ at the horizon, for steps horizon/2ᵖ; `None`
/// where `entry` does not integrate the problem, or remembers more than θ.
///
/// # Errors
/// A number is out of range, or the scheme leaves the finite.
pub fn errors(
    problem: &Problem,
    kind: Kind,
    entry: &Entry,
    powers: &[u32],
) -> Result<Option<Vec<f64>>> {
    let Ok(scheme) = (entry.build)(Dynamics::Diffusion(problem.on_circle(kind)?)) else {
        return Ok(None);
    };
    if !scheme.start(&[0.0]).is_empty() {
        return Ok(None);
    }
    let circle = Circle::new(NODES);
    let exact = exact(problem, kind, &circle)?;
    let of = |power: &u32| {
        let n = 1 << power;
        let step = transition(&*scheme, &circle, problem.horizon / f64::from(n))?;
        let mut law = observables(&circle);
        for _ in 0..n {
            law = &step * law;
        }
        Ok((law - &exact).norm() / (exact.len() as f64).sqrt())
    };
    powers.iter().map(of).collect::<Result<_>>().map(Some)
}

/// cos θ and sin θ at the nodes.
fn observables(circle: &Circle) -> DMatrix<f64> {
    DMatrix::from_fn(circle.nodes().len(), 2, |i, j| {
        let (sin, cos) = circle.nodes()[i].sin_cos();
        [cos, sin][j]
    })
}

/// Their expectations at the horizon from every node.
fn exact(problem: &Problem, kind: Kind, circle: &Circle) -> Result<DMatrix<f64>> {
    let sde = problem.on_circle(kind)?;
    let n = circle.nodes().len();
    let (mut drift, mut diffusion) = (vec![0.0; n], vec![0.0; n]);
    sde.drift(circle.nodes(), n, &mut drift);
    sde.diffusion(circle.nodes(), n, &mut diffusion);
    Ok(circle.semigroup(&drift, &diffusion, problem.horizon)? * observables(circle))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::NORMALS;
    use measurement::order::order;
    use prediction::exact::GaussHermite;
    use simulation::sde::registry::find;
    use simulation::sde::{Increment, Moved};

    const PROBLEM: Problem = Problem {
        temperature: 0.6,
        scale: 0.25,
        floor: 0.5,
        friction: 1.0,
        h: 1.0,
        horizon: 1.0,
    };

    /// The average of cos θ under the Gibbs density e^{cos θ/T}.
    fn gibbs(temperature: f64) -> f64 {
        let circle = Circle::new(101);
        let weight = |x: &f64| (x.cos() / temperature).exp();
        let all: f64 = circle.nodes().iter().map(weight).sum();
        let mean: f64 = circle.nodes().iter().map(|x| weight(x) * x.cos()).sum();
        mean / all
    }

    /// E cos θ under the stationary law of the chain with that transition matrix, 2¹⁶ steps on.
    fn settled(mut step: DMatrix<f64>, circle: &Circle) -> f64 {
        for _ in 0..16 {
            step = &step * &step;
        }
        (step * observables(circle))[(0, 0)]
    }

    /// Transition of Leimkuhler–Matthews in y = θ − √(2T dt) ξ/2, which is a Markov chain: the scheme with the
    /// normal 0 takes (θ, ξ) to the next y. And what reads f at θ from f of y.
    fn leimkuhler_matthews(circle: &Circle, dt: f64) -> (DMatrix<f64>, DMatrix<f64>) {
        let sde = PROBLEM.on_circle(Kind::Additive).unwrap();
        let entry = find("leimkuhler-matthews").unwrap();
        let scheme = (entry.build)(Dynamics::Diffusion(sde)).unwrap();
        let rule = GaussHermite::new(NORMALS);
        let half = 0.5 * (2.0 * PROBLEM.temperature * dt).sqrt();
        let mut memory = rule.nodes.repeat(circle.nodes().len());
        let lanes = memory.len();
        let mut theta: Vec<f64> = (0..lanes)
            .map(|l| circle.nodes()[l / NORMALS] + half * memory[l])
            .collect();
        let read = circle.transition(&theta, &rule.weights).unwrap();
        let (mut drift, mut scratch) = (vec![0.0; lanes], vec![0.0; lanes]);
        let by = Increment {
            dt,
            lanes,
            normals: &vec![0.0; lanes],
            taken: &[],
            live: &[],
        };
        let block = Moved {
            theta: &mut theta,
            memory: &mut memory,
            drift: &mut drift,
            variance: &mut [],
            scratch: &mut scratch,
        };
        scheme.step(by, block);
        (circle.transition(&theta, &rule.weights).unwrap(), read)
    }

    /// Stationary averages on a surface that is no quadratic: order 1 for Euler–Maruyama and Milstein, 2 for Heun
    /// and Platen, and 2 for Leimkuhler–Matthews with one gradient a step.
    #[test]
    fn stationary_averages_tend_to_gibbs_at_their_orders() {
        let (circle, exact) = (Circle::new(NODES), gibbs(PROBLEM.temperature));
        let steps: Vec<f64> = (3..9).map(|p| 0.5f64.powi(p)).collect();
        for (name, expected) in [
            ("euler-maruyama", 1.0),
            ("milstein", 1.0),
            ("heun", 2.0),
            ("platen", 2.0),
            ("leimkuhler-matthews", 2.0),
        ] {
            let error = |dt: &f64| {
                let found = if name == "leimkuhler-matthews" {
                    let (mut step, read) = leimkuhler_matthews(&circle, *dt);
                    for _ in 0..16 {
                        step = &step * &step;
                    }
                    (step * read * observables(&circle))[(0, 0)]
                } else {
                    let sde = PROBLEM.on_circle(Kind::Additive).unwrap();
                    let scheme = (find(name).unwrap().build)(Dynamics::Diffusion(sde)).unwrap();
                    settled(transition(&*scheme, &circle, *dt).unwrap(), &circle)
                };
                (found - exact).abs()
            };
            let errors: Vec<f64> = steps.iter().map(error).collect();
            let fitted = order(&steps, &errors, 0.999).unwrap();
            assert!(
                fitted.ci_low <= expected && expected <= fitted.ci_high,
                "{name}: {fitted:?} {errors:?}"
            );
            assert!(fitted.ci_high - fitted.ci_low < 0.3, "{name}: {fitted:?}");
        }
    }

    /// The reading of the noise decides the stationary density, ∝ e^{Φ}/D^{1 − λ}, Φ′ = −L′/D: with D = s(L + δ) it
    /// is (L + δ)^{−1/s − 1 + λ}. The exact semigroup and Platen's scheme both tend to it.
    #[test]
    fn each_reading_has_its_own_stationary_density() {
        use simulation::landscape::cosine::Cosine;
        use simulation::sde::{Diffusion, Overdamped, Platen, Reading, Sde};
        let circle = Circle::new(61);
        let (scale, floor) = (0.5, 0.5);
        for reading in [Reading::Ito, Reading::Stratonovich, Reading::AntiIto] {
            let sde = || {
                let diffusion = Diffusion::LossShaped { scale, floor };
                Overdamped::read(Box::new(Cosine::new(1).unwrap()), diffusion, reading)
            };
            let power = -1.0 / scale - 1.0 + reading.share();
            let weight = |x: &f64| (1.0 - x.cos() + floor).powf(power);
            let all: f64 = circle.nodes().iter().map(weight).sum();
            let mean: f64 = circle.nodes().iter().map(|x| weight(x) * x.cos()).sum();
            let n = circle.nodes().len();
            let (mut drift, mut diffusion) = (vec![0.0; n], vec![0.0; n]);
            sde().drift(circle.nodes(), n, &mut drift);
            sde().diffusion(circle.nodes(), n, &mut diffusion);
            let law = circle.semigroup(&drift, &diffusion, 100.0).unwrap();
            let exact = (law * observables(&circle))[(0, 0)];
            assert!((exact - mean / all).abs() < 1e-8, "{reading:?}: {exact}");
            let scheme = Platen::new(Box::new(sde())).unwrap();
            let found = settled(transition(&scheme, &circle, 0.01).unwrap(), &circle);
            assert!((found - exact).abs() < 1e-4, "{reading:?}: {found} {exact}");
        }
    }
}
