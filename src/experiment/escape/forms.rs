//! Functional forms of log Γ in k, series by series.

use super::outcome::{Bias, Outcome};
use measurement::forms::{Cell, Comparison, compare};

/// The cells of a series that a form can be fitted to.
pub fn cells<'a>(
    outcomes: impl IntoIterator<Item = &'a Outcome>,
    series: &str,
    bias: Bias,
) -> Vec<Cell> {
    outcomes
        .into_iter()
        .filter(|o| o.cell.series == series)
        .filter_map(|o| {
            let (log_rate, sigma) = o.log_rate(bias)?;
            Some(Cell {
                k: o.cell.x,
                log_rate,
                sigma,
            })
        })
        .collect()
}

/// The comparison of forms of one series; `None` where fewer than three cells have exits.
pub fn comparison<'a>(
    outcomes: impl IntoIterator<Item = &'a Outcome>,
    series: &str,
    bias: Bias,
    confidence: f64,
) -> Option<Comparison> {
    compare(&cells(outcomes, series, bias), confidence).ok()
}
