//! Numbers as a reader wants them: sensible digits, and × 10ⁿ where zeros would crowd.

use measurement::Estimate;
use verdict::Ruling;

/// An integer in Unicode superscripts: −4 becomes `⁻⁴`.
pub fn superscript(exponent: i32) -> String {
    exponent
        .to_string()
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            other => char::from_u32('⁰' as u32 + other as u32 - '0' as u32).unwrap_or(other),
        })
        .collect()
}

/// A number to `digits` significant digits, trailing zeros kept: `0.0120`, `1.50 × 10⁻⁷`, `∞`.
pub fn significant(value: f64, digits: usize) -> String {
    if let Some(word) = not_finite(value) {
        return word.to_owned();
    }
    let digits = digits.max(1);
    let exponent = exponent_of(value, digits);
    if is_plain(exponent) {
        fixed(value, digits as i32 - 1 - exponent)
    } else {
        let text = format!("{:.*e}", digits - 1, value);
        let mantissa = text.split('e').next().unwrap_or_default().replace('-', "−");
        format!("{mantissa} × 10{}", superscript(exponent))
    }
}

/// With so many decimals, as in `38.000000`; where that would be all zeros, or a row of digits, as in `3.8e-299`.
pub fn decimals(value: f64, places: usize) -> String {
    if value == 0.0 || (1e-3..1e9).contains(&value.abs()) || !value.is_finite() {
        format!("{value:.places$}")
    } else {
        format!("{value:.places$e}")
    }
}

/// At most `digits` significant digits, trailing zeros dropped: `0.5`, `128`, `2 × 10⁻⁶`.
pub fn short(value: f64, digits: usize) -> String {
    if let Some(word) = not_finite(value) {
        return word.to_owned();
    }
    let full = significant(value, digits);
    let (mantissa, power) = match full.split_once(" × ") {
        Some((mantissa, power)) => (mantissa, Some(power)),
        None => (full.as_str(), None),
    };
    let mantissa = if mantissa.contains('.') {
        mantissa.trim_end_matches('0').trim_end_matches('.')
    } else {
        mantissa
    };
    match power {
        Some(power) => format!("{mantissa} × {power}"),
        None => mantissa.to_owned(),
    }
}

/// What is predicted, and what rivals predict: `2.000; rival 1.500 (excluded)`, where the measured interval leaves that out.
pub fn predicted(ruling: &Ruling) -> String {
    let mut text = ruling
        .paper
        .map_or("–".to_owned(), |value| significant(value, 4));
    for rival in &ruling.rivals {
        let word = if rival.excluded { "" } else { "not " };
        text += &format!("; rival {} ({word}excluded)", significant(rival.value, 4));
    }
    text
}

/// An estimate with its interval, to two significant digits of the interval's half-width:
/// `1.234 [1.220, 1.248] × 10⁵`; a number without an interval stands alone; a one-sided bound is `≤ 3.2 × 10⁻⁵` or `≥ 410`.
pub fn estimate(measured: &Estimate) -> String {
    let Estimate {
        value,
        ci_low,
        ci_high,
        ..
    } = measured;
    let Some(value) = value.filter(|v| v.is_finite()) else {
        return match (ci_low.is_finite() && *ci_low != 0.0, ci_high.is_finite()) {
            (_, true) if *ci_low <= 0.0 => format!("≤ {}", significant(*ci_high, 3)),
            (true, true) => {
                format!(
                    "[{}, {}]",
                    significant(*ci_low, 3),
                    significant(*ci_high, 3)
                )
            }
            (true, false) => format!("≥ {}", significant(*ci_low, 3)),
            _ => "no bound".to_owned(),
        };
    };
    let half = (ci_high - ci_low) / 2.0;
    let largest = [value, *ci_low, *ci_high]
        .into_iter()
        .filter(|v| v.is_finite())
        .fold(0.0_f64, |largest, v| largest.max(v.abs()));
    let exponent = exponent_of(largest, 3);
    let shift = if is_plain(exponent) { 0 } else { exponent };
    let resolution = if half > 0.0 && half.is_finite() {
        exponent_of(half, 2) - 1
    } else {
        exponent - 3
    };
    let decimals = (shift - resolution).min(shift - exponent + 8);
    let scaled = |v: f64| match not_finite(v) {
        Some(word) => word.to_owned(),
        None => fixed(v / 10f64.powi(shift), decimals),
    };
    let without_interval = !ci_low.is_finite() && !ci_high.is_finite();
    let body = if half == 0.0 || without_interval {
        scaled(value)
    } else {
        format!(
            "{} [{}, {}]",
            scaled(value),
            scaled(*ci_low),
            scaled(*ci_high)
        )
    };
    if shift == 0 {
        body
    } else {
        format!("{body} × 10{}", superscript(shift))
    }
}

/// Seconds for a reader: `0.42 s`, `3 min 05 s`, `2 h 14 min`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "unknown".to_owned();
    }
    let whole = seconds.round() as u64;
    match whole {
        0..60 => format!("{} s", short(seconds, 2)),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

/// The decimal exponent after rounding to `digits`, so that 9.996 to 3 digits counts as 10.0.
fn exponent_of(value: f64, digits: usize) -> i32 {
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    let text = format!("{:.*e}", digits.saturating_sub(1), value);
    text.rsplit_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0)
}

fn is_plain(exponent: i32) -> bool {
    (-3..5).contains(&exponent)
}

/// Rounds to `decimals` places; a negative count rounds to tens, hundreds, …. Uses a true minus.
fn fixed(value: f64, decimals: i32) -> String {
    let text = if decimals >= 0 {
        format!("{:.*}", decimals as usize, value)
    } else {
        let unit = 10f64.powi(-decimals);
        format!("{:.0}", (value / unit).round() * unit)
    };
    match text.strip_prefix('-') {
        Some(zero) if zero.chars().all(|c| c == '0' || c == '.') => zero.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

fn not_finite(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("n/a")
    } else if value.is_infinite() {
        Some(if value > 0.0 { "∞" } else { "−∞" })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(value: Option<f64>, ci_low: f64, ci_high: f64) -> String {
        let method = String::new();
        estimate(&Estimate {
            standard_error: None,
            value,
            ci_low,
            ci_high,
            confidence: 0.999,
            n: 1,
            method,
        })
    }

    #[test]
    fn digits_are_significant_and_powers_are_superscripts() {
        assert_eq!(superscript(-120), "⁻¹²⁰");
        assert_eq!(superscript(456_789), "⁴⁵⁶⁷⁸⁹");
        assert_eq!(significant(0.012, 3), "0.0120");
        assert_eq!(significant(9.996, 3), "10.0");
        assert_eq!(significant(-1.5e-7, 3), "−1.50 × 10⁻⁷");
        assert_eq!(significant(99_996.0, 4), "1.000 × 10⁵");
        assert_eq!(significant(12_345.0, 3), "12300");
        assert_eq!(significant(0.0, 3), "0.00");
        assert_eq!(significant(f64::NEG_INFINITY, 3), "−∞");
        assert_eq!(significant(5e-324, 2), "4.9 × 10⁻³²⁴");
        assert_eq!(short(0.5, 3), "0.5");
        assert_eq!(short(100.0, 3), "100");
        assert_eq!(short(2e-6, 3), "2 × 10⁻⁶");
        assert_eq!(short(f64::NAN, 3), "n/a");
    }

    #[test]
    fn an_interval_sets_its_own_digits() {
        assert_eq!(
            measured(Some(123_412.0), 122_034.0, 124_790.0),
            "1.234 [1.220, 1.248] × 10⁵"
        );
        assert_eq!(
            measured(Some(0.93211), 0.9281, 0.9362),
            "0.9321 [0.9281, 0.9362]"
        );
        assert_eq!(measured(Some(-1.0), -1.2, -0.8), "−1.00 [−1.20, −0.80]");
        assert_eq!(
            measured(Some(812.0), 640.0, f64::INFINITY),
            "812.0 [640.0, ∞]"
        );
        assert_eq!(measured(None, 0.0, 3.2e-5), "≤ 3.20 × 10⁻⁵");
        assert_eq!(measured(None, 410.0, f64::INFINITY), "≥ 410");
        assert_eq!(measured(None, f64::NAN, f64::NAN), "no bound");
    }

    #[test]
    fn seconds_become_minutes_and_hours() {
        assert_eq!(duration(0.423), "0.42 s");
        assert_eq!(duration(185.2), "3 min 05 s");
        assert_eq!(duration(8040.0), "2 h 14 min");
        assert_eq!(duration(f64::NAN), "unknown");
    }
}
