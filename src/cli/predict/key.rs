//! A key of a prediction: its name, default, allowed range and meaning.

use serde::{Serialize, Serializer};

/// One key of a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Key {
    /// What stands before the `=`.
    pub name: &'static str,
    /// What stands behind it where the key is left out; `None` when it then plays no part.
    pub default: Option<&'static str>,
    /// Numbers that it takes.
    pub range: Range,
    /// What it is.
    pub meaning: &'static str,
}

impl Key {
    /// A key with a default.
    pub const fn new(
        name: &'static str,
        default: &'static str,
        range: Range,
        meaning: &'static str,
    ) -> Self {
        Self {
            name,
            default: Some(default),
            range,
            meaning,
        }
    }

    /// A key that plays no part where it is left out.
    pub const fn optional(name: &'static str, range: Range, meaning: &'static str) -> Self {
        Self {
            name,
            default: None,
            range,
            meaning,
        }
    }
}

/// Which numbers a key takes; none takes one that is not of a usable size (0, or 1e-300 to 1e300).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// x > 0.
    Positive,
    /// x ≥ 0.
    NotNegative,
    /// Any number but 0.
    NotZero,
    /// Any number.
    Finite,
    /// 0 ≤ x ≤ 1.
    Share,
    /// 0 ≤ x < 1.
    BelowOne,
    /// 0 < x < 1.
    Inside,
    /// x < 0.
    Negative,
    /// 0 or 1; false and true are read as these.
    Switch,
    /// A whole number from 1 to 100 000.
    Count,
    /// A whole number from 1 to 10¹⁵.
    Whole,
    /// No number: the rows of a symmetric matrix.
    Matrix,
    /// No number: a name.
    Name,
}

/// Largest [`Range::Count`].
const MOST: f64 = 100_000.0;
/// Smallest and largest size of a number that is not 0: what a prediction makes of it has room in a double.
const SIZES: std::ops::RangeInclusive<f64> = 1e-300..=1e300;
/// Those sizes in words.
pub const SIZES_IN_WORDS: &str = "0, or from 1e-300 to 1e300 in size";

/// Whether a number is 0 or of a size that leaves room in a double for what is made of it.
pub fn is_usable(x: f64) -> bool {
    x == 0.0 || SIZES.contains(&x.abs())
}

impl Range {
    /// Whether `x` lies in it.
    pub fn contains(self, x: f64) -> bool {
        is_usable(x)
            && match self {
                Range::Positive => x > 0.0,
                Range::NotNegative => x >= 0.0,
                Range::NotZero => x != 0.0,
                Range::Finite => true,
                Range::Share => (0.0..=1.0).contains(&x),
                Range::BelowOne => (0.0..1.0).contains(&x),
                Range::Inside => x > 0.0 && x < 1.0,
                Range::Negative => x < 0.0,
                Range::Switch => x == 0.0 || x == 1.0,
                Range::Count => x.fract() == 0.0 && (1.0..=MOST).contains(&x),
                Range::Whole => x.fract() == 0.0 && (1.0..=1e15).contains(&x),
                Range::Name | Range::Matrix => false,
            }
    }

    /// What a value has to be.
    pub fn words(self) -> &'static str {
        match self {
            Range::Positive => "positive and finite",
            Range::NotNegative => "at least 0 and finite",
            Range::NotZero => "finite and not 0",
            Range::Finite => "finite",
            Range::Share => "from 0 to 1",
            Range::BelowOne => "at least 0 and below 1",
            Range::Inside => "above 0 and below 1",
            Range::Negative => "below 0 and finite",
            Range::Switch => "0 or 1, false or true",
            Range::Count => "a whole number from 1 to 100000",
            Range::Whole => "a whole number from 1 to 10^15",
            Range::Matrix => "rows of numbers, as in [[2,0.5],[0.5,1]]",
            Range::Name => "a name",
        }
    }
}

impl Serialize for Range {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_belong_to_a_range_or_not() {
        for (range, inside, outside) in [
            (Range::Positive, 1e-300, 0.0),
            (Range::NotNegative, 0.0, -1e-300),
            (Range::NotZero, -1.0, 0.0),
            (Range::Finite, -1e300, f64::NAN),
            (Range::Share, 1.0, 1.0 + f64::EPSILON),
            (Range::BelowOne, 0.0, 1.0),
            (Range::Inside, 1e-300, 1.0),
            (Range::Negative, -1e-300, 0.0),
            (Range::Switch, 1.0, 0.5),
            (Range::Count, MOST, 1.5),
            (Range::Whole, 1e15, 1e15 + 1.0),
        ] {
            assert!(range.contains(inside), "{range:?}");
            assert!(!range.contains(outside), "{range:?}");
            for unusable in [f64::INFINITY, f64::NAN, 1e308, -1e301, 5e-324, -1e-301] {
                assert!(!range.contains(unusable), "{range:?} {unusable:e}");
            }
        }
    }
}
