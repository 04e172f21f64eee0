//! The section `[[claim]]`: whether one series' time has the exponent of another's.

use serde::Serialize;

use super::outcome::Outcome;
use crate::claim::{Stated, series};
use crate::spec::Section;
use base::error::Result;
use measurement::regression::line;
use verdict::{Ruling, decide};

/// d ln(τ/τ′)/d(ΔL/T), predicted to be 0 where a paper gives both the same exponent.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// The series it is about.
    pub series: String,
    /// The series it is held against.
    pub against: String,
    /// Absolute tolerance of the slope.
    pub tolerance: f64,
}

impl ClaimSpec {
    /// Reads one `[[claim]]` of an experiment with series of these names.
    ///
    /// # Errors
    /// An unknown claim or series, or a value out of range.
    pub fn read(section: &Section<'_>, names: &[&str]) -> Result<Self> {
        let stated = Stated::read(section)?;
        let own = series(section, "series", names)?;
        let against = series(section, "against", names)?;
        if own == against {
            let what = format!("`{against}` held against itself; name another series");
            return Err(section.error("against", what));
        }
        let why = "the absolute tolerance of the slope";
        let tolerance = section.number("tolerance", None, 1e-12..=10.0, why)?;
        section.finish()?;
        Ok(ClaimSpec {
            stated,
            series: own,
            against,
            tolerance,
        })
    }

    /// The ruling: the slope through the cells that both series have, with the errors of both.
    pub fn rule(&self, outcomes: &[Outcome<'_>], confidence: f64) -> Ruling {
        let quantity = format!(
            "d ln(⟨n⟩ of {} / ⟨n⟩ of {}) / d(ΔL/T)",
            self.series, self.against
        );
        let mut ruling = self.stated.open(&quantity, self.tolerance);
        ruling.paper = Some(0.0);
        let of = |name: &str, x: f64| {
            let own = |o: &&Outcome<'_>| o.cell.cell.series == name && o.cell.cell.x == x;
            let found = outcomes.iter().find(own)?;
            let rate = found.rate.value?;
            Some((-rate.ln(), found.error / rate, found.log_bias()))
        };
        let (mut x, mut y, mut sigma) = (Vec::new(), Vec::new(), Vec::new());
        let mut unbiased = Vec::new();
        for o in outcomes
            .iter()
            .filter(|o| o.cell.cell.series == self.series)
        {
            let at = o.cell.cell.x;
            if let (Some((log, error, bias)), Some((other, beside, its))) =
                (of(&self.series, at), of(&self.against, at))
            {
                x.push(o.cell.height());
                y.push(log - other);
                unbiased.push(log - bias - (other - its));
                sigma.push(error.hypot(beside));
            }
        }
        let slope = |y: &[f64]| line(&x, y, &sigma)?.coefficient(1, confidence);
        let slopes = slope(&y).and_then(|found| Ok(found.or(&slope(&unbiased)?)));
        match slopes {
            Ok(slope) => {
                (ruling.verdict, ruling.why) = decide::order(&slope, 0.0, self.tolerance);
                ruling.measured = Some(slope);
            }
            Err(error) => ruling.why = error.to_string(),
        }
        self.stated.explained(ruling)
    }
}
