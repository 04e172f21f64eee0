//! Positive numbers of any size, for products whose factors a double holds and whose intermediate results it does not.

use std::ops::{Add, Div, Mul};

/// mantissa · 2^exponent with 1 ≤ mantissa < 2, rounded as a double is; or 0, an infinity or not a number, which stay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaled {
    mantissa: f64,
    exponent: i64,
}

/// Exponents beyond which nothing comes back: a product of such numbers has no use.
const FAR: i64 = 1 << 40;
/// e^x of one double.
const STEP: f64 = 700.0;

impl Scaled {
    /// The number x.
    pub fn of(x: f64) -> Self {
        Self {
            mantissa: x,
            exponent: 0,
        }
        .normal()
    }

    fn normal(self) -> Self {
        let Self {
            mut mantissa,
            mut exponent,
        } = self;
        if mantissa == 0.0 || !mantissa.is_finite() {
            return Self {
                mantissa,
                exponent: 0,
            };
        }
        if mantissa.is_subnormal() {
            mantissa *= 2f64.powi(64);
            exponent -= 64;
        }
        let bits = mantissa.to_bits();
        let own = ((bits >> 52) & 0x7ff) as i64 - 1023;
        Self {
            mantissa: f64::from_bits(bits & !(0x7ff << 52) | 1023 << 52),
            exponent: (exponent + own).clamp(-FAR, FAR),
        }
    }

    /// e^x.
    pub fn exp(x: f64) -> Self {
        if x.is_nan() || x.abs() <= STEP {
            return Self::of(x.exp());
        }
        // e^(x/n) to the n, n a power of two, so that x/n is exact.
        let halvings = (x.abs() / STEP).log2().ceil().min(1100.0) as i32;
        let part = Self::of((x * 0.5f64.powi(halvings)).exp());
        (0..halvings).fold(part, |power, _| power * power)
    }

    /// e^x − 1.
    pub fn exp_m1(x: f64) -> Self {
        if x > STEP {
            Self::exp(x)
        } else {
            Self::of(x.exp_m1())
        }
    }

    /// Its root.
    #[must_use]
    pub fn sqrt(self) -> Self {
        let odd = self.exponent.rem_euclid(2);
        let mantissa = if odd == 1 {
            2.0 * self.mantissa
        } else {
            self.mantissa
        };
        let half = Self {
            mantissa: mantissa.sqrt(),
            exponent: (self.exponent - odd) / 2,
        };
        half.normal()
    }

    /// Its natural logarithm.
    pub fn ln(self) -> f64 {
        match self.exponent {
            // A double, whose logarithm has its digits next to 1 too.
            -1022..=1023 => self.value().ln(),
            exponent => self.mantissa.ln() + exponent as f64 * std::f64::consts::LN_2,
        }
    }

    /// Its power of two; 0 where it has none.
    pub fn exponent(self) -> i32 {
        self.exponent.clamp(-4400, 4400) as i32
    }

    /// Times a power of two.
    #[must_use]
    pub fn shifted(self, exponent: i32) -> Self {
        Self {
            exponent: self.exponent + i64::from(exponent),
            ..self
        }
        .normal()
    }

    /// Whether it is above 0 and finite.
    pub fn is_positive(self) -> bool {
        self.mantissa > 0.0 && self.mantissa.is_finite()
    }

    /// As a double: infinite where it is too large for one; rounded, but never to 0, where it is too small.
    pub fn value(self) -> f64 {
        let exponent = self.exponent.clamp(-2200, 2200) as i32;
        // The first factor leaves a normal number, so that only the last rounds.
        let first = exponent.clamp(-1022, 1023);
        let second = (exponent - first).clamp(-1022, 1023);
        let value = self.mantissa * 2f64.powi(first) * 2f64.powi(second);
        if value == 0.0 && self.mantissa != 0.0 {
            return f64::from_bits(1).copysign(self.mantissa);
        }
        value
    }
}

impl Add for Scaled {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        // A number that is 0, or none, has the exponent 0, and is no measure of the other.
        let size = |x: &Self| if x.mantissa == 0.0 { -FAR } else { x.exponent };
        let (large, small) = if size(&self) < size(&other) {
            (other, self)
        } else {
            (self, other)
        };
        let shift = (large.exponent - small.exponent).clamp(0, 1000) as i32;
        Self {
            mantissa: large.mantissa + small.mantissa * 0.5f64.powi(shift),
            ..large
        }
        .normal()
    }
}

impl<N: Into<Scaled>> Mul<N> for Scaled {
    type Output = Self;

    fn mul(self, other: N) -> Self {
        let other = other.into();
        Self {
            mantissa: self.mantissa * other.mantissa,
            exponent: self.exponent + other.exponent,
        }
        .normal()
    }
}

impl<N: Into<Scaled>> Div<N> for Scaled {
    type Output = Self;

    fn div(self, other: N) -> Self {
        let other = other.into();
        Self {
            mantissa: self.mantissa / other.mantissa,
            exponent: self.exponent - other.exponent,
        }
        .normal()
    }
}

impl From<f64> for Scaled {
    fn from(x: f64) -> Self {
        Self::of(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_itself_and_a_product_that_of_doubles() {
        for x in [
            0.0,
            1.0,
            -3.7,
            1e300,
            1e-300,
            f64::MAX,
            5e-324,
            f64::MIN_POSITIVE,
            f64::INFINITY,
        ] {
            assert_eq!(Scaled::of(x).value(), x);
        }
        assert!(Scaled::of(f64::NAN).value().is_nan());
        let (a, b, c) = (1.7e-3, 5.3e20, 7.1);
        assert_eq!((Scaled::of(a) * b / c).value(), a * b / c);
        assert_eq!(Scaled::of(a * b).sqrt().value(), (a * b).sqrt());
        assert_eq!(Scaled::of(c).ln(), c.ln());
        assert_eq!(Scaled::exp(-3.0).value(), (-3f64).exp());
        assert_eq!((Scaled::of(0.0) / 1e-300).value(), 0.0);
        for (x, y) in [
            (a, b),
            (b, -c),
            (0.0, 1e-300),
            (1e300, 0.0),
            (c, f64::INFINITY),
        ] {
            assert_eq!((Scaled::of(x) + Scaled::of(y)).value(), x + y);
        }
    }

    #[test]
    fn what_lies_between_may_be_of_any_size() {
        let one = (Scaled::of(1e300) * 1e300 * 1e-300 * 1e-300).value();
        assert!((one - 1.0).abs() < 1e-15);
        let root = (Scaled::of(1e300) * 4e300).sqrt().value();
        assert!((root / 2e300 - 1.0).abs() < 1e-15);
        let ln = (Scaled::of(1e-300) * 1e-300).ln();
        assert!((ln / (-600.0 * 10f64.ln()) - 1.0).abs() < 1e-15);
        assert_eq!((Scaled::of(1e300) * 1e300).value(), f64::INFINITY);
        assert_eq!((Scaled::of(1e-300) / 1e300).value(), 5e-324);
        assert_eq!((Scaled::of(-1e-300) / 1e300).value(), -5e-324);
        // e^1000 = e^500 e^500; 1000 ulps of 1000.
        let e = (Scaled::exp(1000.0) * 1e-300).value();
        let expected = (1000.0 - 300.0 * 10f64.ln()).exp();
        assert!((e / expected - 1.0).abs() < 1e-12, "{e} {expected}");
        assert_eq!(Scaled::exp(1e300).value(), f64::INFINITY);
        assert_eq!(Scaled::exp(-1e300).value(), 5e-324);
        assert_eq!(Scaled::exp_m1(1e-20).value(), 1e-20);
    }
}
