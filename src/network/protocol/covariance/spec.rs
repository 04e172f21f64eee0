//! The experiment file of the protocol `network-covariance`.

use serde::Serialize;

use super::quantity::{Labels, Quantity};
use crate::protocol::criterion::Criterion;
use crate::protocol::points::{Points, Stretch};
use base::error::Result;
use experiment::claim::Stated;
use experiment::confidence::confidence;
use experiment::spec::Section;
use simulation::optimizer::registry::Rules;

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct CovarianceSpec {
    /// What is trained and where it is looked at.
    #[serde(flatten)]
    pub points: Points,
    /// What is measured there.
    pub measure: Measure,
    /// Coverage of intervals.
    pub confidence: f64,
    /// Decades below λ₁ that count as the top of the spectrum.
    pub decades: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

/// What is measured at a point.
#[derive(Clone, Debug, Serialize)]
pub struct Measure {
    /// Points at which labels are drawn from the network too.
    pub model_labels: Vec<String>,
    /// Sets of such labels for which the trace of C is taken.
    pub draws: u64,
    /// Random vectors for the trace of H.
    pub probes: u64,
    /// The spectral density, if it is drawn.
    pub density: Option<Density>,
}

/// How the spectral density is estimated, for the first seed.
#[derive(Clone, Debug, Serialize)]
pub struct Density {
    /// At which points.
    pub at: Vec<String>,
    /// Random vectors.
    pub probes: u64,
    /// Lanczos steps from each.
    pub steps: u64,
}

/// One thing to decide.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// What is measured.
    pub quantity: Quantity,
    /// Whose labels.
    pub labels: Labels,
    /// At which points; each is ruled on by itself.
    pub points: Stretch,
    /// What it is held against.
    pub criterion: Criterion,
}

impl CovarianceSpec {
    /// Resolves the sections of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str, rules: &Rules) -> Result<Self> {
        let points = Points::read(root, name, rules)?;
        let section = root.required_section("measure")?;
        let confidence = confidence(&section)?;
        let why = "decades below the largest eigenvalue that count as the top of the spectrum";
        let decades = section.number("decades", Some(3.0), 0.1..=20.0, why)?;
        let why = "sets of labels drawn from the network; their mean with its error needs two";
        let measure = Measure {
            model_labels: points.named(&section, "model_labels")?,
            draws: section.integer("draws", Some(32), 2..=100_000, why)?,
            probes: section.integer("probes", Some(32), 1..=100_000, "random vectors")?,
            density: section
                .section("density")?
                .map(|density| Density::read(&density, &points))
                .transpose()?,
        };
        section.finish()?;
        let claims = root
            .sections("claim")?
            .iter()
            .map(|section| ClaimSpec::read(section, &points, &measure))
            .collect::<Result<Vec<_>>>()?;
        Ok(CovarianceSpec {
            points,
            measure,
            confidence,
            decades,
            claims,
        })
    }
}

impl Density {
    fn read(section: &Section<'_>, points: &Points) -> Result<Self> {
        let why = "random vectors; a band over them needs two";
        let found = Density {
            at: points.named(section, "at")?,
            probes: section.integer("probes", Some(8), 2..=10_000, why)?,
            steps: section.integer("steps", Some(80), 2..=10_000, "Lanczos steps")?,
        };
        section.finish()?;
        Ok(found)
    }
}

impl ClaimSpec {
    fn read(section: &Section<'_>, points: &Points, measure: &Measure) -> Result<Self> {
        let stated = Stated::read(section)?;
        let key = section.choice("quantity", None, &Quantity::names())?;
        let Some(quantity) = Quantity::find(key) else {
            return Err(section.error("quantity", format!("unknown quantity `{key}`")));
        };
        let labels = match section.choice("labels", Some("data"), &["data", "model"])? {
            "model" => Labels::Model,
            _ => Labels::Data,
        };
        let stretch = Stretch::read(section, points)?;
        let drawn = |name: &String| measure.model_labels.contains(name);
        let mut own = points.all().into_iter().filter(|p| stretch.holds(p));
        if labels == Labels::Model && !own.any(|point| drawn(&point.name)) {
            let what = "labels are drawn from the network at none of these points; name one in measure.model_labels";
            return Err(section.error("labels", what));
        }
        let criterion = Criterion::read(section)?;
        section.finish()?;
        Ok(ClaimSpec {
            stated,
            quantity,
            labels,
            points: stretch,
            criterion,
        })
    }
}
