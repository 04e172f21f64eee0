//! What adaptive rules share: exponential averages and their bias corrections.

use super::Real;

/// Below this a power βᵗ is set to 0: it has long ceased to matter beside 1.
pub const NEGLIGIBLE: f64 = 1e-30;

/// a ← βa + (1 − β)x.
#[inline(always)]
pub fn average<N: Real>(a: &mut N, x: N, beta: f64) {
    *a = a.clone().scale(beta) + x.scale(1.0 - beta);
}

/// v ← βv + (1 − β)g².
#[inline(always)]
pub fn average_square<N: Real>(v: &mut N, gradient: N, beta: f64) {
    average(v, gradient.clone() * gradient, beta);
}

/// βᵗ⁻¹ → βᵗ.
#[inline(always)]
pub fn advance<N: Real>(power: &mut N, beta: f64) {
    *power = power.clone().scale(beta).zero_below(NEGLIGIBLE);
}

/// 1/(1 − βᵗ), by which an average that started at 0 is divided by its total weight.
#[inline(always)]
pub fn correction<N: Real>(power: &N) -> N {
    power.like(1.0) / (-power.clone()).offset(1.0)
}
