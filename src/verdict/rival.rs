//! What else a quantity might be: the number of a rival theory.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

use crate::decide::number;
use measurement::Estimate;

/// The number of a rival theory, and what was measured against it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rival {
    /// What it predicts.
    pub value: f64,
    /// Whether the measured interval leaves it out.
    pub excluded: bool,
}

impl Rival {
    /// The number `value` against what was measured; `None` where it is no number.
    pub fn against(value: f64, measured: &Estimate) -> Option<Self> {
        let covered = (measured.ci_low..=measured.ci_high).contains(&value);
        value.is_finite().then_some(Rival {
            value,
            excluded: !covered,
        })
    }
}

impl Display for Rival {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let place = if self.excluded { "outside" } else { "within" };
        write!(
            f,
            "the rival {} lies {place} the interval",
            number(self.value)
        )
    }
}
