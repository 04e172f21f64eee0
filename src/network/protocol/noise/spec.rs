//! The experiment file of the protocol `network-noise`.

use serde::Serialize;

use super::quantity::{Over, Quantity};
use crate::protocol::criterion::Criterion;
use crate::protocol::points::{Points, Stretch};
use base::error::Result;
use experiment::claim::Stated;
use experiment::confidence::confidence;
use experiment::spec::Section;
use simulation::optimizer::registry::Rules;

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct NoiseSpec {
    /// What is trained and where it is looked at.
    #[serde(flatten)]
    pub points: Points,
    /// What is measured there.
    pub measure: Measure,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

/// What is measured at a point.
#[derive(Clone, Debug, Serialize)]
pub struct Measure {
    /// B of every set of minibatches.
    pub batches: Vec<u64>,
    /// Minibatches in a set.
    pub minibatches: u64,
    /// The most parameters whose noise is looked at across minibatches.
    pub parameters: u64,
    /// Random directions.
    pub directions: u64,
    /// Minibatches whose noise is looked at across parameters.
    pub within: u64,
}

/// One thing to decide.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// Over what the noise is a sample.
    pub over: Over,
    /// What is measured of it.
    pub quantity: Quantity,
    /// At which points; each is ruled on by itself.
    pub points: Stretch,
    /// With which B; each is ruled on by itself.
    pub batches: Vec<u64>,
    /// What it is held against.
    pub criterion: Criterion,
}

impl NoiseSpec {
    /// Resolves the sections of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str, rules: &Rules) -> Result<Self> {
        let points = Points::read(root, name, rules)?;
        let section = root.required_section("measure")?;
        let confidence = confidence(&section)?;
        let batches = whole(&section, "batches", "B, a whole number from 1 on")?;
        let why = "minibatches of each size: fewer do not show fourth moments, and the Shapiro–Wilk test takes no more";
        let minibatches = section.integer("minibatches", Some(1000), 500..=5000, why)?;
        let why = "the most parameters that are looked at across minibatches";
        let parameters = section.integer("parameters", Some(200), 1..=1_000_000, why)?;
        let why = "random directions; a median over them needs one";
        let directions = section.integer("directions", Some(100), 1..=100_000, why)?;
        let why = "minibatches that are looked at across parameters, some of those drawn";
        let within = section.integer("within", Some(50), 1..=minibatches, why)?;
        section.finish()?;
        let measure = Measure {
            batches,
            minibatches,
            parameters,
            directions,
            within,
        };
        let claims = root
            .sections("claim")?
            .iter()
            .map(|section| ClaimSpec::read(section, &points, &measure))
            .collect::<Result<Vec<_>>>()?;
        Ok(NoiseSpec {
            points,
            measure,
            confidence,
            claims,
        })
    }
}

impl ClaimSpec {
    fn read(section: &Section<'_>, points: &Points, measure: &Measure) -> Result<Self> {
        let stated = Stated::read(section)?;
        let over = section.choice("over", Some("minibatches"), &Over::names())?;
        let over = Over::find(over).unwrap_or(Over::Minibatches);
        let key = section.choice("quantity", None, &Quantity::names())?;
        let Some(quantity) = Quantity::find(key) else {
            return Err(section.error("quantity", format!("unknown quantity `{key}`")));
        };
        if (over, quantity) == (Over::Parameters, Quantity::Clt) {
            let what = "κ₁/B is the kurtosis across minibatches; take over = \"minibatches\" or \"projections\"";
            return Err(section.error("over", what));
        }
        let mut batches = measure.batches.clone();
        if section.get("batches").is_some() {
            batches = whole(section, "batches", "B of this case")?;
            if let Some(other) = batches.iter().find(|b| !measure.batches.contains(b)) {
                let there = format!("{:?}", measure.batches);
                let what =
                    format!("no minibatches of {other} are drawn; measure.batches is {there}");
                return Err(section.error("batches", what));
            }
        }
        let points = Stretch::read(section, points)?;
        let criterion = Criterion::read(section)?;
        section.finish()?;
        Ok(ClaimSpec {
            stated,
            over,
            quantity,
            points,
            batches,
            criterion,
        })
    }
}

/// Whole numbers, each once.
fn whole(section: &Section<'_>, key: &'static str, why: &str) -> Result<Vec<u64>> {
    let given = section.sweep(key, None, 1.0..=1e9, why)?;
    if let Some(x) = given.iter().find(|x| x.fract() != 0.0) {
        return Err(section.error(key, format!("{x} is not a whole number: {why}")));
    }
    Ok(given.iter().map(|x| *x as u64).collect())
}
