//! A condition under which a formula is claimed to hold, with the number that decides it.

use serde::{Deserialize, Serialize};

/// One condition of a theory, evaluated at given parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// What is compared, e.g. `ΔL/T`.
    pub name: String,
    /// Its value at these parameters, dimensionless.
    pub value: f64,
    /// The bound it is held against.
    pub bound: f64,
    /// Whether the value has to lie above (true) or below (false) the bound.
    pub above: bool,
}

impl Condition {
    /// `name` must be at least `bound`.
    pub fn at_least(name: &str, value: f64, bound: f64) -> Self {
        Self {
            name: name.to_owned(),
            value,
            bound,
            above: true,
        }
    }

    /// `name` must be at most `bound`.
    pub fn at_most(name: &str, value: f64, bound: f64) -> Self {
        Self {
            name: name.to_owned(),
            value,
            bound,
            above: false,
        }
    }

    /// Whether the condition is met; a value that is not a number meets none.
    pub fn holds(&self) -> bool {
        if self.above {
            self.value >= self.bound
        } else {
            self.value <= self.bound
        }
    }
}

/// Four decimals, or five digits and a power of ten where those would be none or too many.
fn short(value: f64) -> String {
    let size = value.abs();
    if value.is_infinite() {
        return if value > 0.0 {
            "over 1.8e308"
        } else {
            "below −1.8e308"
        }
        .into();
    }
    if value.is_nan() {
        return "a number that no double holds".into();
    }
    if value == 0.0 || (1e-3..1e6).contains(&size) {
        format!("{value:.4}")
    } else {
        format!("{value:.4e}")
    }
}

/// One sentence: the quantity, its value and what it has to be.
impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let relation = if self.above { "at least" } else { "at most" };
        let state = if self.holds() { "is" } else { "should be" };
        write!(
            f,
            "{} = {}, which {state} {relation} {}",
            self.name,
            short(self.value),
            self.bound
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_says_its_number_and_its_bound() {
        let barrier = Condition::at_least("ΔL/T", 2.0, 5.0);
        assert!(!barrier.holds());
        assert_eq!(
            barrier.to_string(),
            "ΔL/T = 2.0000, which should be at least 5"
        );
        let vast = Condition::at_least("ΔL/T", 1e300, 5.0).to_string();
        assert_eq!(vast, "ΔL/T = 1.0000e300, which is at least 5");
        let step = Condition::at_most("ηH", 0.01, 0.1);
        assert!(step.holds());
        assert_eq!(step.to_string(), "ηH = 0.0100, which is at most 0.1");
    }

    #[test]
    fn not_a_number_meets_no_condition() {
        assert!(!Condition::at_least("ΔL/T", f64::NAN, 5.0).holds());
        assert!(!Condition::at_most("ηH", f64::NAN, 0.1).holds());
    }
}
