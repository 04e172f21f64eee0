//! Momentum whose rate and inertia differ from coordinate to coordinate and never change: what Adam and
//! Adai become where their second moment stands still.

use super::block::{Configured, Moves, Optimizer, Rows};
use super::trajectory::{Group, Member};
use super::{Rate, Real, Rule};
use crate::vector::Vector;

/// m ← βᵢm + (1 − βᵢ)g, θ ← θ − ηpᵢm, with βᵢ and pᵢ in each coordinate's memory.
#[derive(Clone, Copy, Debug)]
struct Inertia;

impl Rule for Inertia {
    /// m, βᵢ, pᵢ.
    type Coordinate<N: Real> = [N; 3];
    type Particle<N: Real> = [N; 0];

    const MEMORY: &'static [&'static str] = &["m", "beta", "p"];

    #[inline(always)]
    fn update<N: Real>(
        &self,
        g: N,
        [m, beta, p]: &mut [N; 3],
        _: &[N; 0],
        _: N,
        rate: &Rate<N>,
    ) -> N {
        let fresh = (-beta.clone()).offset(1.0);
        *m = m.clone() * beta.clone() + g * fresh;
        m.clone() * p.clone() * rate.eta.clone()
    }
}

/// An optimizer with frozen second moments.
///
/// Adam with v = C has βᵢ = β₁ and pᵢ = 1/√Cᵢ (Xie et al. 2022, Proposition 1); Adai with v = C has
/// βᵢ = 1 − β₀Cᵢ/C̄ and pᵢ = 1 (Proposition 3).
pub struct Frozen {
    inner: Configured<Inertia>,
    beta: Vec<f64>,
    p: Vec<f64>,
}

impl Frozen {
    /// At learning rate η, with one βᵢ and pᵢ for each coordinate.
    pub fn new(eta: f64, beta: Vec<f64>, p: Vec<f64>) -> Self {
        let inner = Configured::plain(Inertia, eta);
        Frozen { inner, beta, p }
    }
}

impl Optimizer for Frozen {
    fn scalars(&self) -> usize {
        self.inner.scalars()
    }

    fn start(&self, theta: &[f64]) -> Vec<f64> {
        let mut rows = vec![0.0; theta.len()];
        rows.extend(&self.beta);
        rows.extend(&self.p);
        rows
    }

    fn remembered(&self) -> Vec<String> {
        self.inner.remembered()
    }

    fn group(&self, coordinates: Vec<usize>) -> Box<dyn Group<f64>> {
        let slots = |i: &usize| [0.0, self.beta[*i], self.p[*i]];
        let slots = coordinates.iter().map(slots).collect();
        Box::new(Member::with_memory(self.inner.clone(), coordinates, slots))
    }
}

impl<F: Vector> Moves<F> for Frozen {
    fn step(
        &self,
        theta: &mut [F],
        gradient: &[F],
        lanes: usize,
        taken: &[u64],
        memory: Rows<'_, F>,
    ) {
        self.inner.step(theta, gradient, lanes, taken, memory);
    }
}
