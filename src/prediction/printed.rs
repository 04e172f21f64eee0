//! Comparison with a number that is printed to some digits, for tests.

/// Wants `value` to be `expected` to its `digits` significant digits.
pub fn printed(value: f64, expected: f64, digits: i32) {
    let magnitude = expected.abs().log10().floor() as i32;
    let unit = 10f64.powi(magnitude + 1 - digits);
    assert!((value - expected).abs() < 0.51 * unit, "{value} {expected}");
}
