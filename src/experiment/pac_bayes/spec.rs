//! The experiment file of the protocol `pac-bayes`.

use serde::Serialize;

use crate::claim::{Stated, series};
use crate::covariance::{CovarianceSpec, Kind};
use crate::spec::Section;
use base::error::Result;
use simulation::optimizer::registry::Rules;

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct PacBayesSpec {
    /// The posteriors.
    pub posterior: CovarianceSpec,
    /// λ: the prior is N(0, I/λ).
    pub lambda: f64,
    /// |θ*|², the minimum's squared distance from the prior's mean.
    pub theta_norm2: f64,
    /// N of the bound.
    pub samples: f64,
    /// δ of the bound.
    pub delta: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

/// How a claim is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// The paper's KL(γ) is the divergence of its Gaussians and falls up to its γ*.
    Algebra,
    /// The divergence of `series` is smaller than SGD's at the same η.
    Tighter,
}

/// One thing to decide.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// The series it is decided on.
    pub series: String,
    /// How.
    pub criterion: Criterion,
}

impl PacBayesSpec {
    /// Resolves the sections of the experiment called `name`: those of a posterior, `[prior]`, `[[bound]]`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str, rules: &Rules) -> Result<Self> {
        let posterior = CovarianceSpec::read(root, name, rules, Kind::Posterior)?;
        let prior = root.required_section("prior")?;
        let why = "λ of the prior N(0, I/λ), positive";
        let lambda = prior.number("lambda", None, 1e-12..=1e12, why)?;
        let why = "|θ*|², the squared distance of the minimum from the prior's mean";
        let theta_norm2 = prior.number("theta_norm2", None, 0.0..=1e12, why)?;
        let why = "N of the bound 4√((KL + ln(2N/δ))/N)";
        let samples = prior.number("samples", Some(1000.0), 1.0..=1e15, why)?;
        let why = "δ of the bound, between 0 and 1";
        let delta = prior.number("delta", Some(0.05), 1e-12..=0.999_999, why)?;
        prior.finish()?;
        let claims = root
            .sections("bound")?
            .iter()
            .map(|section| ClaimSpec::read(section, &posterior))
            .collect::<Result<Vec<_>>>()?;
        Ok(PacBayesSpec {
            posterior,
            lambda,
            theta_norm2,
            samples,
            delta,
            claims,
        })
    }
}

impl ClaimSpec {
    fn read(section: &Section<'_>, posterior: &CovarianceSpec) -> Result<Self> {
        let stated = Stated::read(section)?;
        let cells = posterior.cells.iter();
        let names: Vec<&str> = cells.map(|c| c.series.as_str()).collect();
        let series = series(section, "series", &names)?;
        let criterion = match section.choice("kind", None, &["algebra", "tighter"])? {
            "algebra" => Criterion::Algebra,
            _ => Criterion::Tighter,
        };
        let claim = ClaimSpec {
            stated,
            series,
            criterion,
        };
        section.finish()?;
        Ok(claim)
    }
}
