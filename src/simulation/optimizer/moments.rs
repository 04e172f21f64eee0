//! What adaptive rules share: exponential averages and the weights by which their start at 0 is corrected.

use super::Real;

/// a ← βa + (1 − β)x.
///
/// Written as a step from the nearer end, so that neither β next to 1 nor 1 − β next to 1 is rounded to it in
/// single precision.
#[inline(always)]
pub fn average<N: Real>(a: &mut N, x: N, beta: f64) {
    *a = if beta > 0.5 {
        a.clone() + (x - a.clone()).scale(1.0 - beta)
    } else {
        x.clone() + (a.clone() - x).scale(beta)
    };
}

/// v ← βv + (1 − β)g².
#[inline(always)]
pub fn average_square<N: Real>(v: &mut N, gradient: N, beta: f64) {
    average(v, gradient.clone() * gradient, beta);
}

/// βa, as precise next to β = 1 as [`average`].
#[inline(always)]
pub fn decayed<N: Real>(a: N, beta: f64) -> N {
    if beta > 0.5 {
        a.clone() - a.scale(1.0 - beta)
    } else {
        a.scale(beta)
    }
}

/// 1 − βᵗ⁻¹ → 1 − βᵗ: the total weight w of an average that started at 0. Accumulated, since of βᵗ next to 1 the
/// difference from 1 would have lost its digits.
#[inline(always)]
pub fn weigh<N: Real>(weight: &mut N, beta: f64) {
    *weight = weight.clone().scale(beta).offset(1.0 - beta);
}

/// 1/w, by which an average of total weight w is corrected for its start at 0.
#[inline(always)]
pub fn correction<N: Real>(weight: &N) -> N {
    weight.like(1.0) / weight.clone()
}

/// Both weights a step on, and what the averages are multiplied by: the slots 1 − β₁ᵗ, 1 − β₂ᵗ, 1/(1 − β₁ᵗ),
/// 1/(1 − β₂ᵗ).
#[inline(always)]
pub fn correct<N: Real>(
    [weight1, weight2, correction1, correction2]: &mut [N; 4],
    beta1: f64,
    beta2: f64,
) {
    weigh(weight1, beta1);
    weigh(weight2, beta2);
    *correction1 = correction(weight1);
    *correction2 = correction(weight2);
}

/// √(v · correction) + ε.
#[inline(always)]
pub fn root<N: Real>(v: &N, correction: &N, epsilon: f64) -> N {
    (v.clone() * correction.clone()).sqrt().offset(epsilon)
}
