//! The sections `[[claim]]`: how far two rules' trainings are apart, against a limit.

use serde::Serialize;

use base::error::Result;
use experiment::claim::Stated;
use experiment::limit::Limit;
use experiment::spec::Section;

/// What is decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// The slope of the logarithm of the gap against that of l.
    Falls,
    /// The logarithm of the gap over that of two trainings without momentum on different batches, at the largest l.
    Closed,
    /// The gap at l = 1.
    Apart,
    /// The difference of test accuracies at the largest l, in points.
    Accuracy,
}

/// One thing to decide, at each of some learning rates by itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// What is measured.
    pub criterion: Criterion,
    /// The learning rates that it is decided at.
    pub eta: Vec<f64>,
    /// What it is held against.
    pub limit: Limit,
}

impl ClaimSpec {
    /// Reads one `[[claim]]` of an experiment with these η and l.
    ///
    /// # Errors
    /// An unknown claim or kind, or a value out of range.
    pub fn read(section: &Section<'_>, eta: &[f64], l: &[u64]) -> Result<Self> {
        let stated = Stated::read(section)?;
        let kinds = ["falls", "closed", "apart", "accuracy"];
        let criterion = match section.choice("kind", None, &kinds)? {
            "falls" => Criterion::Falls,
            "closed" => Criterion::Closed,
            "apart" => Criterion::Apart,
            _ => Criterion::Accuracy,
        };
        if criterion == Criterion::Apart && l.first() != Some(&1) {
            return Err(section.error("kind", "apart is about l = 1, which svag.l lacks"));
        }
        if criterion == Criterion::Falls && l.len() < 2 {
            return Err(section.error("kind", "a slope in l needs two of them in svag.l"));
        }
        let why = "the least and the greatest of svag.eta that the case covers";
        let [low, high] = section.list("eta")?[..] else {
            return Err(section.error("eta", format!("two numbers: {why}")));
        };
        let limit = Limit::read(section)?;
        section.finish()?;
        Ok(ClaimSpec {
            stated,
            criterion,
            eta: eta
                .iter()
                .copied()
                .filter(|x| (low..=high).contains(x))
                .collect(),
            limit,
        })
    }
}
