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

/// Both powers a step on, and their corrections: the slots β₁ᵗ, β₂ᵗ, 1/(1 − β₁ᵗ), 1/(1 − β₂ᵗ).
#[inline(always)]
pub fn correct<N: Real>(
    [power1, power2, correction1, correction2]: &mut [N; 4],
    beta1: f64,
    beta2: f64,
) {
    advance(power1, beta1);
    advance(power2, beta2);
    *correction1 = correction(power1);
    *correction2 = correction(power2);
}

/// √(v · correction) + ε.
#[inline(always)]
pub fn root<N: Real>(v: &N, correction: &N, epsilon: f64) -> N {
    (v.clone() * correction.clone()).sqrt().offset(epsilon)
}
