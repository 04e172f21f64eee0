//! From a value to its place along an axis.

/// An axis's range, in the units it is linear in: values, or decades (log₁₀) if logarithmic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Lower end.
    pub low: f64,
    /// Upper end, above `low`.
    pub high: f64,
    /// Whether the units are decades.
    pub log: bool,
}

/// A value in the axis's units, unless the axis cannot show it.
pub fn units(value: f64, log: bool) -> Option<f64> {
    let units = if log { value.log10() } else { value };
    units.is_finite().then_some(units)
}

impl Scale {
    /// Place along the axis: 0 at its lower end, 1 at its upper; `None` if it cannot be shown.
    pub fn fraction(&self, value: f64) -> Option<f64> {
        units(value, self.log).map(|at| self.place(at))
    }

    /// Place of something given in the axis's units.
    pub fn place(&self, units: f64) -> f64 {
        (units - self.low) / (self.high - self.low)
    }

    /// Place of an interval's end: what lies beyond the range, or beyond a logarithm, is at ±∞.
    pub fn end(&self, value: f64) -> Option<f64> {
        if value.is_nan() {
            None
        } else if self.log && value <= 0.0 {
            Some(f64::NEG_INFINITY)
        } else {
            Some(if self.log {
                self.place(value.log10())
            } else {
                self.place(value)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decades_are_evenly_spaced_and_the_unshowable_is_skipped() {
        let scale = Scale {
            low: 0.0,
            high: 4.0,
            log: true,
        };
        assert!((scale.fraction(100.0).unwrap() - 0.5).abs() < 1e-15);
        assert_eq!(scale.fraction(0.0), None);
        assert_eq!(scale.fraction(f64::INFINITY), None);
        assert_eq!(scale.end(-1.0), Some(f64::NEG_INFINITY));
        assert_eq!(scale.end(f64::NAN), None);
    }
}
