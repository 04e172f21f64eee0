//! Sixteen-point Gauss–Legendre quadrature: nodes, weights, running integrals and resolution.

use std::f64::consts::PI;
use std::sync::OnceLock;

use nalgebra::{SMatrix, SVector};

/// Points per panel.
pub(super) const POINTS: usize = 16;

/// The rule on [−1, 1].
pub(super) struct GaussLegendre {
    /// Zeros of P₁₆, ascending.
    pub nodes: [f64; POINTS],
    /// wᵢ = 2 / ((1 − xᵢ²) P₁₆'(xᵢ)²).
    pub weights: [f64; POINTS],
    /// `running[i][j]` = ∫₋₁^{xᵢ} ℓⱼ: running integrals of the interpolant, exact to degree 15.
    pub running: [[f64; POINTS]; POINTS],
    /// Rows that give the two highest Legendre coefficients of the interpolant.
    highest: [[f64; POINTS]; 2],
}

impl GaussLegendre {
    /// The rule, computed once.
    pub fn rule() -> &'static Self {
        static RULE: OnceLock<GaussLegendre> = OnceLock::new();
        RULE.get_or_init(Self::new)
    }

    fn new() -> Self {
        let mut nodes = [0.0; POINTS];
        let mut weights = [0.0; POINTS];
        for i in 0..POINTS {
            // Tricomi's first guess is within reach of Newton for every node.
            let mut x = -(PI * (i as f64 + 0.75) / (POINTS as f64 + 0.5)).cos();
            for _ in 0..8 {
                let (value, slope) = legendre_with_slope(x);
                x -= value / slope;
            }
            let (_, slope) = legendre_with_slope(x);
            nodes[i] = x;
            weights[i] = 2.0 / ((1.0 - x * x) * slope * slope);
        }
        let at: Vec<[f64; POINTS + 1]> = nodes.iter().map(|&x| legendre(x)).collect();
        let coefficient = |k: usize, j: usize| (2.0 * k as f64 + 1.0) / 2.0 * weights[j] * at[j][k];
        // ∫₋₁ˣ P₀ = x + 1 and ∫₋₁ˣ P_k = (P_{k+1} − P_{k−1}) / (2k + 1).
        let integral = |k: usize, i: usize| match k {
            0 => nodes[i] + 1.0,
            _ => (at[i][k + 1] - at[i][k - 1]) / (2.0 * k as f64 + 1.0),
        };
        let running = std::array::from_fn(|i| {
            std::array::from_fn(|j| {
                (0..POINTS)
                    .map(|k| coefficient(k, j) * integral(k, i))
                    .sum()
            })
        });
        let highest = [POINTS - 2, POINTS - 1].map(|k| std::array::from_fn(|j| coefficient(k, j)));
        Self {
            nodes,
            weights,
            running,
            highest,
        }
    }

    /// ∫₋₁¹ of the interpolant.
    pub fn integral(&self, values: &[f64; POINTS]) -> f64 {
        dot(&self.weights, values)
    }

    /// ∫₋₁^{xᵢ} of the interpolant at every node.
    pub fn running_integral(&self, values: &[f64; POINTS]) -> [f64; POINTS] {
        std::array::from_fn(|i| dot(&self.running[i], values))
    }

    /// The larger of the two highest Legendre coefficients: how well 16 points resolve a function.
    pub fn unresolved(&self, values: &[f64; POINTS]) -> f64 {
        dot(&self.highest[0], values)
            .abs()
            .max(dot(&self.highest[1], values).abs())
    }
}

impl GaussLegendre {
    /// The interpolant at x in [−1, 1], by its barycentric form: the weights are (−1)ⁱ √((1 − xᵢ²)wᵢ).
    pub fn interpolated(&self, values: &[f64; POINTS], x: f64) -> f64 {
        let (mut above, mut below) = (0.0, 0.0);
        for (i, node) in self.nodes.iter().enumerate() {
            if x == *node {
                return values[i];
            }
            let weight = ((1.0 - node * node) * self.weights[i]).sqrt() / (x - node);
            let weight = if i % 2 == 0 { weight } else { -weight };
            above += weight * values[i];
            below += weight;
        }
        above / below
    }

    /// y at the nodes of an interval of the given width, with y' = f y + g collocated there and y at the
    /// left end given: the implicit Runge–Kutta method of Gauss, which bears any f < 0.
    pub fn collocated(
        &self,
        f: &[f64; POINTS],
        g: &[f64; POINTS],
        width: f64,
        left: f64,
    ) -> [f64; POINTS] {
        let half = 0.5 * width;
        let matrix = SMatrix::<f64, POINTS, POINTS>::from_fn(|i, j| {
            f64::from(u8::from(i == j)) - half * self.running[i][j] * f[j]
        });
        let right = SVector::<f64, POINTS>::from_fn(|i, _| left + half * dot(&self.running[i], g));
        match matrix.lu().solve(&right) {
            Some(y) => std::array::from_fn(|i| y[i]),
            None => [f64::NAN; POINTS],
        }
    }
}

fn dot(a: &[f64; POINTS], b: &[f64; POINTS]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// P₀ … P₁₆ at x, by Bonnet's recursion.
fn legendre(x: f64) -> [f64; POINTS + 1] {
    let mut p = [1.0; POINTS + 1];
    p[1] = x;
    for k in 1..POINTS {
        let k_ = k as f64;
        p[k + 1] = ((2.0 * k_ + 1.0) * x * p[k] - k_ * p[k - 1]) / (k_ + 1.0);
    }
    p
}

/// P₁₆ and its derivative, |x| < 1.
fn legendre_with_slope(x: f64) -> (f64, f64) {
    let p = legendre(x);
    let slope = POINTS as f64 * (x * p[POINTS] - p[POINTS - 1]) / (x * x - 1.0);
    (p[POINTS], slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Tolerances: sums of 16 products of numbers below 1, so a few ulp of 1.
    #[test]
    fn integrates_polynomials_of_degree_31_exactly() {
        let rule = GaussLegendre::rule();
        let power = |n: i32| std::array::from_fn(|i| rule.nodes[i].powi(n));
        assert!((rule.integral(&power(30)) - 2.0 / 31.0).abs() < 1e-15);
        assert!(rule.integral(&power(31)).abs() < 1e-15);
        // Degree 32 is the first to miss, by (16!)⁴ 2³³ 32! / (33 (32!)³) = 1.5e-9 of x³².
        let miss = (rule.integral(&power(32)) - 2.0 / 33.0).abs();
        assert!((1e-11..1e-8).contains(&miss), "{miss}");
    }

    #[test]
    fn a_stiff_equation_is_collocated() {
        // y' = −1e6 (y − e^x) + e^x from y = e^x.
        let rule = GaussLegendre::rule();
        let f = [-1e6; POINTS];
        let g = rule.nodes.map(|x| (1e6 + 1.0) * x.exp());
        let y = rule.collocated(&f, &g, 2.0, (-1.0f64).exp());
        for (x, y) in rule.nodes.iter().zip(y) {
            assert!((y - x.exp()).abs() < 1e-13);
        }
    }

    #[test]
    fn running_integrals_of_an_exponential() {
        let rule = GaussLegendre::rule();
        let values = rule.nodes.map(f64::exp);
        for (x, integral) in rule.nodes.iter().zip(rule.running_integral(&values)) {
            assert!((integral - (x.exp() - (-1.0f64).exp())).abs() < 4e-15);
        }
        assert!((rule.interpolated(&values, 0.3) - 0.3f64.exp()).abs() < 1e-14);
        assert!(rule.unresolved(&values) < 1e-14);
        assert!(rule.unresolved(&rule.nodes.map(f64::abs)) > 1e-3);
    }
}
