//! A surface of one coordinate as functions of that coordinate, for solvers on the line.

use super::Landscape;

/// L′ of a surface of one coordinate.
pub fn slope_at(line: &dyn Landscape, x: f64) -> f64 {
    let mut slope = [0.0];
    line.gradient(&[x], 1, &mut slope);
    slope[0]
}

/// L″ of a surface of one coordinate.
pub fn curvature_at(line: &dyn Landscape, x: f64) -> f64 {
    line.hessian(&[x])[(0, 0)]
}

/// Intervals looked at, one by one, for a change of sign.
const INTERVALS: usize = 4000;

/// Where L″ changes sign, from three times |exit − start| before the one to as far behind the other:
/// |L″| has a kink there. Two changes within 1/4000 of that range of each other are missed.
pub fn inflections(line: &dyn Landscape, start: f64, exit: f64) -> Vec<f64> {
    let reach = 3.0 * (exit - start).abs();
    let (low, high) = (start.min(exit) - reach, start.max(exit) + reach);
    let at = |i: usize| low + (high - low) * i as f64 / INTERVALS as f64;
    let mut found = Vec::new();
    for i in 0..INTERVALS {
        let (mut a, mut b) = (at(i), at(i + 1));
        let left = curvature_at(line, a);
        // An end of the interval may be the root itself, so the product alone would not do.
        if (left > 0.0) == (curvature_at(line, b) > 0.0) {
            continue;
        }
        for _ in 0..100 {
            let middle = 0.5 * (a + b);
            if left * curvature_at(line, middle) > 0.0 {
                a = middle;
            } else {
                b = middle;
            }
        }
        found.push(0.5 * (a + b));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{cubic::Cubic, double_well::DoubleWell};
    use super::*;

    #[test]
    fn slope_and_curvature_by_hand() {
        let line = DoubleWell::new(1).unwrap();
        assert_eq!(slope_at(&line, 2.0), 6.0);
        assert_eq!(curvature_at(&line, 2.0), 11.0);
    }

    #[test]
    fn inflections_lie_at_the_roots_of_the_curvature() {
        // 3x² = 1; bisection ends where a and b are neighbours, within one ulp of the root.
        let found = inflections(&DoubleWell::new(1).unwrap(), -1.0, 0.0);
        let root = 1.0 / 3f64.sqrt();
        assert_eq!(found.len(), 2);
        assert!((found[0] + root).abs() < 4.0 * f64::EPSILON);
        assert!((found[1] - root).abs() < 4.0 * f64::EPSILON);
    }

    #[test]
    fn an_inflection_on_the_end_of_an_interval_is_found() {
        // 1 − 2x on [−3, 4]: 0.5 is the middle of 4000 intervals.
        assert_eq!(inflections(&Cubic::new(1).unwrap(), 0.0, 1.0), [0.5]);
    }
}
