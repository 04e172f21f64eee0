//! Where an axis is marked, and with what numbers.

use crate::draw::scale::Scale;
use crate::number::{short, superscript};

/// A mark on an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Place along the axis, 0 to 1.
    pub at: f64,
    /// Its number; empty for a minor tick.
    pub label: String,
}

/// Ticks of an axis with at most `most` numbers (but never fewer than it takes to read a scale).
pub fn ticks(scale: &Scale, most: usize) -> Vec<Tick> {
    let mut ticks = if scale.log {
        logarithmic(scale, most)
    } else {
        linear(scale, most)
    };
    ticks.retain(|tick| (-1e-9..=1.0 + 1e-9).contains(&tick.at));
    ticks
}

fn linear(scale: &Scale, most: usize) -> Vec<Tick> {
    numbers(scale.low, scale.high, most)
        .into_iter()
        .map(|(value, label)| Tick {
            at: scale.place(value),
            label,
        })
        .collect()
}

/// Round numbers between two values: multiples of 1, 2 or 5 times a power of ten.
fn numbers(low: f64, high: f64, most: usize) -> Vec<(f64, String)> {
    let span = high - low;
    let power = (span / most.max(2) as f64).log10().floor() as i32;
    let steps = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0].map(|step| step * 10f64.powi(power));
    let count = |step: f64| ((high / step).floor() - (low / step).ceil() + 1.0).max(0.0);
    let fits = |step: &&f64| count(**step) <= most.max(2) as f64;
    let Some(&step) = steps.iter().find(fits).or(steps.last()) else {
        return Vec::new();
    };
    let first = (low / step).ceil();
    // Where the range is narrower than the numbers are dense, no step fits.
    if !count(step).is_finite() || count(step) > 100.0 {
        return Vec::new();
    }
    let values: Vec<f64> = (0..count(step) as usize)
        .map(|i| (first + i as f64) * step)
        .collect();
    let largest = values
        .iter()
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let finest = (step * 1.000_001).log10().floor() as i32;
    let coarsest = if largest > 0.0 {
        (largest * 1.000_001).log10().floor() as i32
    } else {
        0
    };
    values
        .into_iter()
        .map(|value| {
            // Nearest to zero there may be rounding left of the multiplication.
            let value = if value.abs() < step / 2.0 { 0.0 } else { value };
            let label = if (-3..5).contains(&coarsest) {
                format!("{value:.*}", (-finest).max(0) as usize)
            } else if value == 0.0 {
                "0".to_owned()
            } else {
                // One power of ten for all, so that the numbers can be compared at a glance.
                let decimals = (coarsest - finest).clamp(0, 15) as usize;
                let mantissa = value / 10f64.powi(coarsest);
                format!("{mantissa:.decimals$}×10{}", superscript(coarsest))
            };
            let label = label.replace('-', "−");
            (value, label)
        })
        .collect()
}

fn logarithmic(scale: &Scale, most: usize) -> Vec<Tick> {
    let (first, last) = (scale.low.ceil() as i32, scale.high.floor() as i32);
    let decades = last - first + 1;
    if decades >= 3 {
        whole_decades(scale, first, last, most)
    } else {
        within_decades(scale, first - 1, last, most)
    }
}

/// Powers of ten, every one or every few; the minor ticks between stay while there is room.
fn whole_decades(scale: &Scale, first: i32, last: i32, most: usize) -> Vec<Tick> {
    let labelled = |step: i32| (first..=last).filter(move |n| n.rem_euclid(step) == 0);
    let step = (1..)
        .find(|&step| labelled(step).count() <= most.max(2))
        .unwrap_or(1);
    let mut ticks = Vec::new();
    for n in first - 1..=last {
        if n >= first {
            let label = if n.rem_euclid(step) == 0 {
                power(1, n)
            } else {
                String::new()
            };
            ticks.push(Tick {
                at: scale.place(f64::from(n)),
                label,
            });
        }
        if step == 1 {
            ticks.extend((2..10).map(|m| minor(scale, m, n)));
        }
    }
    ticks
}

/// Less than three powers of ten in sight: the densest familiar series that fits, or, where even
/// that shows too little, round numbers.
fn within_decades(scale: &Scale, first: i32, last: i32, most: usize) -> Vec<Tick> {
    let inside = |m: i32, n: i32| {
        let at = scale.place(f64::from(n) + f64::from(m).log10());
        (0.0..=1.0).contains(&at)
    };
    let all: Vec<(i32, i32)> = (first..=last)
        .flat_map(|n| (1..10).map(move |m| (m, n)))
        .filter(|&(m, n)| inside(m, n))
        .collect();
    let series: [&[i32]; 4] = [&[1, 2, 3, 4, 5, 6, 7, 8, 9], &[1, 2, 5], &[1, 3], &[1]];
    let count = |mantissas: &[i32]| all.iter().filter(|(m, _)| mantissas.contains(m)).count();
    let chosen = series
        .into_iter()
        .find(|mantissas| count(mantissas) <= most.max(2));
    let Some(chosen) = chosen.filter(|mantissas| count(mantissas) >= 2) else {
        let values = numbers(10f64.powf(scale.low), 10f64.powf(scale.high), most);
        let place = |value: f64| scale.place(value.log10());
        let shown = values.into_iter().filter(|(value, _)| *value > 0.0);
        return shown
            .map(|(value, label)| Tick {
                at: place(value),
                label,
            })
            .collect();
    };
    let plain = all.iter().all(|(_, n)| (-2..4).contains(n));
    all.iter()
        .map(|&(m, n)| {
            let mut tick = minor(scale, m, n);
            if chosen.contains(&m) {
                tick.label = if plain {
                    short(f64::from(m) * 10f64.powi(n), 1)
                } else {
                    power(m, n)
                };
            }
            tick
        })
        .collect()
}

fn minor(scale: &Scale, mantissa: i32, exponent: i32) -> Tick {
    let at = scale.place(f64::from(exponent) + f64::from(mantissa).log10());
    Tick {
        at,
        label: String::new(),
    }
}

fn power(mantissa: i32, exponent: i32) -> String {
    match mantissa {
        1 => format!("10{}", superscript(exponent)),
        _ => format!("{mantissa}×10{}", superscript(exponent)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, log: bool, most: usize) -> Vec<String> {
        let ticks = ticks(&Scale { low, high, log }, most);
        ticks
            .into_iter()
            .map(|tick| tick.label)
            .filter(|label| !label.is_empty())
            .collect()
    }

    #[test]
    fn linear_axes_have_round_numbers() {
        assert_eq!(
            labels(-0.02, 1.03, false, 6),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(labels(1.0001, 1.0002, false, 2), ["1.0001", "1.0002"]);
        assert_eq!(labels(-7.0, 7.0, false, 4), ["−5", "0", "5"]);
        assert_eq!(
            labels(0.0, 4.1e-5, false, 5),
            ["0", "1×10⁻⁵", "2×10⁻⁵", "3×10⁻⁵", "4×10⁻⁵"]
        );
        assert_eq!(
            labels(1e6, 2e6, false, 3),
            ["1.0×10⁶", "1.5×10⁶", "2.0×10⁶"]
        );
    }

    #[test]
    fn the_ends_of_the_number_range_do_no_harm() {
        let ranges = [
            (0.0, 5e-324),
            (f64::MIN / 4.0, f64::MAX / 4.0),
            (1e300, 1.1e300),
            (1.0, 1.0 + f64::EPSILON),
        ];
        for (low, high) in ranges {
            assert!(labels(low, high, false, 6).len() <= 6, "{low} to {high}");
        }
        assert!(labels(-323.3, 308.2, true, 6).len() <= 6);
    }

    #[test]
    fn log_axes_are_readable_at_any_width() {
        assert_eq!(labels(2.9, 6.1, true, 7), ["10³", "10⁴", "10⁵", "10⁶"]);
        assert_eq!(
            labels(-20.0, 4.0, true, 6),
            ["10⁻²⁰", "10⁻¹⁵", "10⁻¹⁰", "10⁻⁵", "10⁰"]
        );
        assert_eq!(labels(0.25, 1.35, true, 7), ["2", "5", "10", "20"]);
        assert_eq!(
            labels(5.25, 6.35, true, 7),
            ["2×10⁵", "5×10⁵", "10⁶", "2×10⁶"]
        );
        assert_eq!(labels(0.30, 0.36, true, 5), ["2.0", "2.1", "2.2"]);
        for width in [0.01, 0.1, 0.3, 0.7, 1.0, 1.6, 2.5, 5.0, 9.0, 40.0, 300.0] {
            for start in [-17.3, -0.4, 0.0, 2.95] {
                let labels = labels(start, start + width, true, 6);
                assert!(
                    (2..=6).contains(&labels.len()),
                    "{start} + {width}: {labels:?}"
                );
            }
        }
    }
}
