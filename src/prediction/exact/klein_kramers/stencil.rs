//! Difference formulas on equally spaced nodes.

/// Weights of the first derivative at node 0 over the nodes `low..=high` around it, at unit spacing.
pub fn first_derivative(low: i64, high: i64) -> Vec<f64> {
    // Derivative of the interpolating polynomial, from its barycentric form.
    let product = |k: i64| -> f64 {
        let others = (low..=high).filter(|m| *m != k);
        others.map(|m| (k - m) as f64).product()
    };
    (low..=high)
        .map(|j| {
            if j == 0 {
                (low..=high)
                    .filter(|m| *m != 0)
                    .map(|m| -1.0 / m as f64)
                    .sum()
            } else {
                -product(0) / (product(j) * j as f64)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_differentiated_exactly() {
        for (low, high) in [(-2, 3), (-3, 2), (0, 3), (-3, 0), (-1, 1)] {
            let weights = first_derivative(low, high);
            for power in 0..=(high - low) as i32 {
                let slope: f64 = (low..=high)
                    .zip(&weights)
                    .map(|(x, w)| w * (x as f64 + 0.5).powi(power))
                    .sum();
                let exact = f64::from(power) * 0.5f64.powi(power - 1);
                assert!((slope - exact).abs() < 1e-11, "{low} {high} {power}");
            }
        }
    }
}
