//! What is still inside, at times that grow geometrically.

use nalgebra::Complex;

use super::Generator;
use base::error::{Error, Result};

/// Growth of the time from one look to the next, in logarithms.
const GROWTH: f64 = 0.02;
/// Looks at most: the time then has grown by e⁴⁰⁰.
const MOST_LOOKS: usize = 10_000;

/// S at times t₀, t₀e^g, t₀e^{2g}, …; before t₀ nothing has left.
#[derive(Clone, Debug)]
pub struct Survival {
    first: f64,
    shares: Vec<f64>,
}

impl Survival {
    /// ⟨τ⟩ and ⟨τ²⟩ of the first of d independent exits, ∫S^d dt and 2∫t S^d dt: the trapezoidal rule in ln t,
    /// which is accurate beyond all powers of the step, since both ends vanish.
    pub fn moments(&self, d: f64) -> (f64, f64) {
        // From −∞ on, where S = 1: a geometric series.
        let before = |power: f64| 1.0 / -(-power * GROWTH).exp_m1() - 1.0;
        let (mut mean, mut second) = (self.first * before(1.0), self.first.powi(2) * before(2.0));
        for (k, share) in self.shares.iter().enumerate() {
            let t = self.first * (GROWTH * k as f64).exp();
            let left = (d * share.ln()).exp();
            mean += t * left;
            second += t * t * left;
        }
        (GROWTH * mean, 2.0 * GROWTH * second)
    }
}

impl Generator {
    /// S from a node of a chain on one axis, until the first of `d` such chains has left for certain.
    ///
    /// u' = Qu from u = 1, by Padé's approximant of order (2, 3) to the exponential, which is that of the Radau
    /// method of fifth order: what is fast is damped however long the step, and a step that is a fixed part
    /// of the time passed follows what is slow to 1e-9.
    ///
    /// # Errors
    /// [`Error::Failed`] where nothing is absorbed, or what is left never ends.
    pub fn survival(&self, node: usize, d: f64) -> Result<Survival> {
        if self.closed() {
            return Err(Error::Failed(
                "no particle ever leaves: no end of the grid absorbs, or the rates to it underflow"
                    .into(),
            ));
        }
        let n = self.len();
        let (mut up, mut down) = (vec![0.0; n], vec![0.0; n]);
        for &(from, to, rate) in &self.jumps {
            if to > from {
                up[from] = rate;
            } else {
                down[from] = rate;
            }
        }
        let fastest = self.leaving.iter().copied().fold(0.0, f64::max);
        let first = 1e-2 / fastest;
        let mut u = vec![1.0; n];
        let mut shares = Vec::new();
        let (mut t, mut before) = (first, 0.0);
        while shares.len() < MOST_LOOKS {
            u = stepped(&up, &down, &self.leaving, t - before, &u);
            let share = u[node].clamp(0.0, 1.0);
            shares.push(share);
            let left = d * share.ln();
            // t² S^d has vanished against what came before.
            if left < -90.0 {
                return Ok(Survival { first, shares });
            }
            (before, t) = (t, t * GROWTH.exp());
        }
        Err(Error::Failed(
            "the survival function does not end: the time is too long for the arithmetic".into(),
        ))
    }
}

/// The poles of the approximant (1 + 2z/5 + z²/20)/(1 − 3z/5 + 3z²/20 − z³/60), one real and one of a pair.
fn poles() -> [Complex<f64>; 2] {
    [Complex::new(3.64, 0.0), Complex::new(2.68, 3.05)].map(|mut z| {
        for _ in 0..20 {
            let value = Complex::new(1.0, 0.0) - z * 0.6 + z * z * 0.15 - z * z * z / 60.0;
            let slope = Complex::new(-0.6, 0.0) + z * 0.3 - z * z * 0.05;
            z -= value / slope;
        }
        z
    })
}

fn stepped(up: &[f64], down: &[f64], leaving: &[f64], dt: f64, u: &[f64]) -> Vec<f64> {
    let [real, complex] = poles();
    let all = [real, complex, complex.conj()];
    let one = Complex::new(1.0, 0.0);
    let mut next = vec![0.0; u.len()];
    for (j, pole) in [(0, real), (1, complex)] {
        let above = one + pole * 0.4 + pole * pole * 0.05;
        let others = (0..3).filter(|m| *m != j);
        let below = others.fold(one, |product, m| product * (one - pole / all[m]));
        // What a pair of conjugate poles adds is twice the real part of one.
        let weight = above / below * if j == 0 { 1.0 } else { 2.0 };
        let solved = solve(up, down, leaving, one * dt / pole, u);
        for (x, y) in next.iter_mut().zip(solved) {
            *x += (weight * y).re;
        }
    }
    next
}

/// x with (1 − sQ)x = u on one axis.
fn solve(
    up: &[f64],
    down: &[f64],
    leaving: &[f64],
    s: Complex<f64>,
    u: &[f64],
) -> Vec<Complex<f64>> {
    let n = u.len();
    let one = Complex::new(1.0, 0.0);
    let mut ratio = vec![Complex::new(0.0, 0.0); n];
    let mut right = vec![Complex::new(0.0, 0.0); n];
    for i in 0..n {
        let mut pivot = one + s * leaving[i];
        let mut value = Complex::new(u[i], 0.0);
        if i > 0 {
            pivot -= s * down[i] * ratio[i - 1];
            value += s * down[i] * right[i - 1];
        }
        ratio[i] = s * up[i] / pivot;
        right[i] = value / pivot;
    }
    for i in (0..n.saturating_sub(1)).rev() {
        let beyond = ratio[i] * right[i + 1];
        right[i] += beyond;
    }
    right
}

#[cfg(test)]
mod tests {
    use super::super::{Axis, End, Equation};
    use crate::exact::Interpretation;

    #[test]
    fn one_walker_takes_the_mean_of_its_chain() {
        // A drift up a slope of 1 and a free one: ∫S dt and 2∫tS dt are the chain's own moments.
        for slope in [1.0, 0.0] {
            let axis = Axis::through(&[0.0, 2.0], 80, End::Reflecting, End::Absorbing).unwrap();
            let equation = Equation {
                slope: &|_, _| slope,
                diffusion: &|_, _| 0.3,
                interpretation: Interpretation::Ito,
            };
            let chain = super::Generator::new(&[axis], &equation).unwrap();
            let (mean, second) = chain.passage_moments().unwrap();
            let survival = chain.survival(0, 1.0).unwrap();
            let found = survival.moments(1.0);
            assert!(
                (found.0 / mean[0] - 1.0).abs() < 1e-9,
                "{} {}",
                found.0,
                mean[0]
            );
            assert!((found.1 / second[0] - 1.0).abs() < 1e-9);
        }
    }
}
