//! Nodes and weights of a mean over the random numbers of an example.

use std::f64::consts::SQRT_2;

use super::column::Standard;

/// Nodes of all together, at most.
const MOST: usize = 5000;

/// A tensor rule of `each` nodes for every number, one row of nodes for each, and its weights; `None` where that is too many.
/// Normal numbers have Gauss' rule for e^(−z²/2), uniform ones that on (0, 1).
pub fn nodes(drawn: &[Standard], each: usize) -> Option<(Vec<Vec<f64>>, Vec<f64>)> {
    let total = each.checked_pow(u32::try_from(drawn.len()).ok()?)?;
    if total > MOST {
        return None;
    }
    let mut rows: Vec<Vec<f64>> = Vec::new();
    let mut weights = vec![1.0];
    for law in drawn {
        let (places, own) = rule(*law, each);
        let repeated = weights.len();
        for row in &mut rows {
            *row = row
                .iter()
                .flat_map(|x| std::iter::repeat_n(*x, each))
                .collect();
        }
        rows.push(
            places
                .iter()
                .copied()
                .cycle()
                .take(repeated * each)
                .collect(),
        );
        weights = weights
            .iter()
            .flat_map(|w| own.iter().map(move |v| w * v))
            .collect();
    }
    Some((rows, weights))
}

/// Nodes and weights of one number, by Newton's method on the orthogonal polynomials from the zeros' asymptotic places.
fn rule(law: Standard, n: usize) -> (Vec<f64>, Vec<f64>) {
    // Zeros of Hₙ or Pₙ by bisection between those of the polynomial before, which separate them.
    let polynomial = |x: f64, k: usize| -> f64 {
        let (mut before, mut now) = (0.0, 1.0);
        for j in 0..k {
            let j = j as f64;
            let next = match law {
                // Orthonormal Hermite functions' polynomials, so that nothing overflows.
                Standard::Normal => (x * now - j.sqrt() * before) / (j + 1.0).sqrt(),
                Standard::Uniform => ((2.0 * j + 1.0) * x * now - j * before) / (j + 1.0),
            };
            (before, now) = (now, next);
        }
        now
    };
    let reach = match law {
        Standard::Normal => SQRT_2 * (2.0 * n as f64 + 2.0).sqrt(),
        Standard::Uniform => 1.0,
    };
    let mut zeros: Vec<f64> = Vec::new();
    for k in 1..=n {
        let mut edges = vec![-reach];
        edges.extend(&zeros);
        edges.push(reach);
        zeros = edges
            .windows(2)
            .map(|pair| {
                let (mut low, mut high) = (pair[0], pair[1]);
                let below = polynomial(low, k) < 0.0;
                for _ in 0..200 {
                    let middle = 0.5 * (low + high);
                    if (polynomial(middle, k) < 0.0) == below {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                0.5 * (low + high)
            })
            .collect();
    }
    let weight = |x: &f64| match law {
        // 1/Σ h_k(x)² with orthonormal h_k (Christoffel).
        Standard::Normal => 1.0 / (0..n).map(|k| polynomial(*x, k).powi(2)).sum::<f64>(),
        Standard::Uniform => {
            1.0 / (0..n)
                .map(|k| (2 * k + 1) as f64 * polynomial(*x, k).powi(2))
                .sum::<f64>()
        }
    };
    let weights = zeros.iter().map(weight).collect();
    let places = match law {
        Standard::Normal => zeros,
        Standard::Uniform => zeros.iter().map(|x| 0.5 * (1.0 + x)).collect(),
    };
    (places, weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Moments of two numbers together, to rounding: E z⁴ u² = 3·1/3, E z² = 1, E e^z = √e.
    #[test]
    fn moments_of_a_normal_and_a_uniform_number() {
        let (rows, weights) = nodes(&[Standard::Normal, Standard::Uniform], 24).unwrap();
        let mean = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
            let pairs = rows[0].iter().zip(&rows[1]).zip(&weights);
            pairs.map(|((z, u), w)| w * f(*z, *u)).sum()
        };
        for (found, right) in [
            (mean(&|_, _| 1.0), 1.0),
            (mean(&|z, u| z.powi(4) * u * u), 1.0),
            (mean(&|z, _| z * z), 1.0),
            (mean(&|z, _| z.exp()), 0.5f64.exp()),
            (mean(&|_, u| u.exp()), std::f64::consts::E - 1.0),
        ] {
            assert!((found - right).abs() < 1e-12, "{found} {right}");
        }
        assert!(nodes(&[Standard::Normal; 4], 24).is_none());
    }
}
