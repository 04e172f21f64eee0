//! What the columns of every table are: names, units, meanings, in one place.

use serde::Serialize;

/// A column.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its unit; empty for words, and for numbers without one.
    pub unit: &'static str,
    /// What it says.
    pub meaning: &'static str,
}

/// A table of a record.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Sheet {
    /// Its file, without the suffix.
    pub name: &'static str,
    /// What a row is.
    pub row: &'static str,
    /// Its columns.
    pub columns: &'static [Field],
}

impl Sheet {
    /// Whether a column of that name is among them.
    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|field| field.name == name)
    }
}

const fn field(name: &'static str, unit: &'static str, meaning: &'static str) -> Field {
    Field {
        name,
        unit,
        meaning,
    }
}

const OWN: &str = "that of the quantity";

/// What every table of estimates has, beside a column for each axis.
pub const ESTIMATES: Sheet = Sheet {
    name: "estimates",
    row: "what was read of a cell: measured, known exactly, or both; the axes stand between `cell` and `quantity`",
    columns: &[
        field("cell", "", "label of the cell"),
        field(
            "quantity",
            "",
            "what was read, with its unit where it has one",
        ),
        field(
            "component",
            "",
            "which part of a quantity of several parts; empty where it has one",
        ),
        field(
            "value",
            OWN,
            "the point estimate; missing where the data only bound it, or nothing was measured",
        ),
        field(
            "standard_error",
            OWN,
            "standard deviation of the estimate, where it was estimated",
        ),
        field("ci_low", OWN, "lower end of the interval"),
        field("ci_high", OWN, "upper end of the interval"),
        field(
            "confidence",
            "probability",
            "coverage of the interval; missing where nothing was measured",
        ),
        field(
            "n",
            "count",
            "sample size: exits of a rate, particles of a mean, cells of a slope",
        ),
        field("method", "", "how it was measured"),
        field(
            "exact",
            OWN,
            "what it is without random numbers, where that is known",
        ),
        field(
            "exact_error",
            OWN,
            "how far the exact value may be off, beside rounding",
        ),
        field("exact_method", "", "how the exact value was computed"),
    ],
};
