//! Means of polynomials over a law of which the first two moments are known.

use formula::{Kind, Node, Operation};
use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// The degree of a formula in some names, where it is a polynomial of them; `degree` gives that of a name, 0 for a constant.
pub fn degree(node: &Node, of: &dyn Fn(&str) -> Option<u32>) -> Option<u32> {
    if let Some(name) = node.dotted() {
        return of(&name);
    }
    match &node.kind {
        Kind::Number(_) => Some(0),
        Kind::Negative(a) => degree(a, of),
        Kind::Two(operation, a, b) => {
            let (own, other) = (degree(a, of)?, degree(b, of)?);
            match operation {
                Operation::Add | Operation::Sub => Some(own.max(other)),
                Operation::Mul => Some(own + other),
                Operation::Div if other == 0 => Some(own),
                Operation::Pow if own == 0 && other == 0 => Some(0),
                Operation::Pow => match b.kind {
                    Kind::Number(n) if n >= 0.0 && n.fract() == 0.0 && n <= 8.0 => {
                        Some(own * n as u32)
                    }
                    _ => None,
                },
                Operation::Div => None,
            }
        }
        Kind::Call(_, arguments) => {
            let constant = arguments.iter().all(|a| degree(a, of) == Some(0));
            constant.then_some(0)
        }
        _ => None,
    }
}

/// The mean of a polynomial of degree 3 at most over a symmetric law, exact but for rounding: the mean of its values at
/// μ ± √d √λᵢ vᵢ. Beside it, how far rounding may have taken it off.
pub fn mean(
    f: &dyn Fn(&[f64]) -> f64,
    centre: &DVector<f64>,
    covariance: &DMatrix<f64>,
) -> (f64, f64) {
    let d = centre.len();
    let eigen = SymmetricEigen::new(covariance.clone());
    let (mut sum, mut size) = (0.0, 0.0);
    for (value, axis) in eigen
        .eigenvalues
        .iter()
        .zip(eigen.eigenvectors.column_iter())
    {
        let reach = axis * (d as f64 * value.max(0.0)).sqrt();
        for point in [centre + &reach, centre - &reach] {
            let value = f(point.as_slice());
            sum += value;
            size += value.abs();
        }
    }
    let n = (2 * d) as f64;
    (sum / n, 32.0 * f64::EPSILON * n.sqrt() * size / n)
}
