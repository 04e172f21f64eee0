//! How numbers and estimates read in a verdict's sentence.

use crate::Verdict;
use measurement::Estimate;

/// The estimate in words, with its interval, confidence and sample size.
pub fn shown(estimate: &Estimate) -> String {
    let Estimate {
        value,
        ci_low,
        ci_high,
        confidence,
        n,
        ..
    } = estimate;
    let tail = format!("({} %, n = {n})", number(100.0 * confidence));
    let (low, high) = (number(*ci_low), number(*ci_high));
    match value {
        Some(value) => format!("measured {} in [{low}, {high}] {tail}", number(*value)),
        None => format!("measured only to lie in [{low}, {high}] {tail}"),
    }
}

/// Six significant digits, without an exponent where that is readable.
pub fn number(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return format!("{x}");
    }
    if !(1e-4..1e7).contains(&x.abs()) {
        return format!("{x:.5e}");
    }
    let decimals = (5 - x.abs().log10().floor() as i32).max(0) as usize;
    let digits = format!("{x:.decimals$}");
    if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.').into()
    } else {
        digits
    }
}

/// What to do next.
pub fn advice(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Inconclusive => "; more particles or seeds are needed",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_a_person_writes_them() {
        for (x, text) in [
            (0.0, "0"),
            (7.000_000_000_000_001, "7"),
            (99.9, "99.9"),
            (0.012_345_678, "0.0123457"),
            (-120_000.0, "-120000"),
            (1234567.0, "1234567"),
            (3.2e-9, "3.20000e-9"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(number(x), text);
        }
    }
}
