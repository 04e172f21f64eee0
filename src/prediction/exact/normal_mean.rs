//! Means over a normal number of functions that need not be smooth.

use std::cell::Cell;
use std::f64::consts::PI;

use super::legendre::GaussLegendre;

/// Standard deviations beyond which nothing counts: e^(−½·12²) = 5e-32.
const REACH: f64 = 12.0;

/// The mean of f over a standard normal number, and how far it may be off: by panels that are halved where f bends or jumps,
/// once for each of two numbers of panels that have no edge in common but the ends.
pub fn normal_mean(f: &dyn Fn(f64) -> f64) -> (f64, f64) {
    let (coarse, fine) = (over_normal(f, 401), over_normal(f, 577));
    // What grows faster than the law falls has no mean, and is as large at the ends as anywhere.
    let density = (-0.5 * REACH * REACH).exp();
    let ends = [-REACH, REACH].map(|z| (f(z) * density).abs());
    let beyond = ends.into_iter().fold(0.0, f64::max);
    (fine, (fine - coarse).abs() + 1e-14 * fine.abs() + beyond)
}

fn over_normal(f: &dyn Fn(f64) -> f64, panels: usize) -> f64 {
    let weighed = |z: f64| f(z) * (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
    let edge = |k: usize| REACH * (2.0 * k as f64 / panels as f64 - 1.0);
    let most = Cell::new(MOST);
    (0..panels)
        .map(|k| halved(&weighed, edge(k), edge(k + 1), f64::NAN, (40, &most)))
        .sum()
}

/// Halvings of all panels together. Where rounding keeps halves from being the whole, as it does where a formula is very large, each
/// halving makes two.
const MOST: u32 = 100_000;

/// The integral over a panel, halved until both halves together are the whole; NaN where they never are.
fn halved(
    f: &dyn Fn(f64) -> f64,
    low: f64,
    high: f64,
    whole: f64,
    (left, most): (u32, &Cell<u32>),
) -> f64 {
    let Some(rest) = most.get().checked_sub(1) else {
        return f64::NAN;
    };
    most.set(rest);
    let rule = GaussLegendre::rule();
    let over = |low: f64, high: f64| -> f64 {
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        let nodes = rule.nodes.iter().zip(&rule.weights);
        nodes.map(|(x, w)| half * w * f(middle + half * x)).sum()
    };
    let whole = if whole.is_nan() {
        over(low, high)
    } else {
        whole
    };
    let middle = 0.5 * (low + high);
    let halves = [over(low, middle), over(middle, high)];
    let together = halves[0] + halves[1];
    if left == 0
        || (together - whole).abs() <= 1e-16 + 1e-14 * together.abs()
        || !together.is_finite()
    {
        return together;
    }
    let left = (left - 1, most);
    halved(f, low, middle, halves[0], left) + halved(f, middle, high, halves[1], left)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Smooth, kinked and broken formulas, the break in no particular place: P(z > 0.1234567) by its 16 digits.
    /// e^{x²}, far beyond the doubles' digits: no number, at once.
    #[test]
    fn what_never_settles_is_no_number() {
        let (mean, error) = normal_mean(&|z| (25.0 * z * z).min(700.0).exp());
        assert!(
            mean.is_nan() || error >= 1e-6 * mean,
            "{mean:e} ± {error:e}"
        );
    }

    #[test]
    fn means_over_a_normal_number() {
        let step = |z: f64| if z > 0.123_456_7 { 1.0 } else { 0.0 };
        for (f, wanted) in [
            (&(|z: f64| z * z * z * z) as &dyn Fn(f64) -> f64, 3.0),
            (&|z: f64| z.abs(), (2.0 / PI).sqrt()),
            (&|z: f64| (3.0 * z).exp(), 4.5f64.exp()),
            (&step, 0.450_872_730_158_166_76),
        ] {
            for panels in [401, 577] {
                let found = over_normal(f, panels);
                assert!((found / wanted - 1.0).abs() < 1e-12, "{found} {wanted}");
            }
        }
    }
}
