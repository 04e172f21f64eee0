//! Points at which the diffusion vanishes: whether the process can ever pass them.

use super::first_passage::Passage;
use super::panels::Coefficients;
use base::error::{Error, Result};

/// Decide what a point that no panel resolves means, from D ~ |θ − at|^p as it is approached.
///
/// For p ≥ 1 and U' > 0 there, Φ → +∞ from the left (never crossed to the right); on the far side
/// of the start, the process crosses once and does not return.
pub(super) fn never_or_unknown(
    of: &Coefficients<'_>,
    at: f64,
    start: f64,
    sign: f64,
) -> Result<Passage> {
    let barrier = sign * at;
    let side = if at > start { -1.0 } else { 1.0 };
    let near = of.diffusion.at(at + side * 1e-7 * of.scale);
    let far = of.diffusion.at(at + side * 1e-6 * of.scale);
    let vanishes = of.diffusion.at(at) <= 1e-5 * near || near == 0.0;
    let power = if near == 0.0 {
        f64::INFINITY
    } else {
        (far / near).log10()
    };
    let drift = of.drift.at(at);
    if vanishes && power > 0.99 && drift > 0.0 {
        return Ok(Passage::Never { barrier });
    }
    Err(Error::Failed(if vanishes {
        format!(
            "the diffusion vanishes at θ = {barrier} (like |θ − {barrier}|^{power:.2}) where the \
             drift is {}; no time is given for that case: add a floor to D",
            -sign * drift
        )
    } else {
        format!(
            "U'/D is not resolved near θ = {barrier}: a pole of the loss, the end of its domain, or a jump; keep the process away from it by a \
             reflecting boundary"
        )
    }))
}

/// Where D is smallest on [left, right]: the best of 4096 equidistant points, refined by golden
/// section, which closes in on a kink as well.
pub(super) fn narrowest_noise(of: &Coefficients<'_>, left: f64, right: f64) -> f64 {
    let pitch = (right - left) / 4096.0;
    let mut best = left;
    for i in 1..=4096 {
        let theta = left + pitch * f64::from(i);
        if of.diffusion.at(theta) < of.diffusion.at(best) {
            best = theta;
        }
    }
    let (mut a, mut b) = ((best - pitch).max(left), (best + pitch).min(right));
    let golden = 0.5 * (5f64.sqrt() - 1.0);
    for _ in 0..80 {
        let (c, d) = (b - golden * (b - a), a + golden * (b - a));
        if of.diffusion.at(c) < of.diffusion.at(d) {
            b = d;
        } else {
            a = c;
        }
    }
    0.5 * (a + b)
}
