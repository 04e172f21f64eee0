//! The experiment file of the protocol `convergence`.

use nalgebra::DMatrix;
use serde::Serialize;

use crate::claim::{Stated, series};
use crate::optimizer::Tuned;
use crate::spec::Section;
use crate::surface::rows;
use base::error::Result;
use prediction::exact::linear::Quadratic;
use simulation::optimizer::registry::Rules;
use verdict::Ruling;

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct ConvergenceSpec {
    /// The rules by the names of their series; their η is C/√t.
    pub rules: Vec<(String, Tuned)>,
    /// H, row by row.
    pub hessian: Vec<Vec<f64>>,
    /// Variance of a gradient, the same in every coordinate.
    pub variance: f64,
    /// θ₀.
    pub start: Vec<f64>,
    /// The numbers of steps t.
    pub steps: Vec<u64>,
    /// C of η = C/√t.
    pub c: f64,
    /// Number of particles.
    pub particles: u64,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

/// How a claim is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// The slope of ln min E‖∇L‖² against ln t is at most −½.
    Order,
    /// min E‖∇L‖² stays below the bound of this form that the lab proves.
    Bound,
}

/// One thing to decide.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// The series it is decided on.
    pub series: String,
    /// How much the slope may lie above −½.
    pub tolerance: f64,
    /// How.
    pub criterion: Criterion,
}

impl ConvergenceSpec {
    /// Resolves the sections of the experiment.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, rules: &Rules) -> Result<Self> {
        let landscape = root.required_section("landscape")?;
        landscape.choice("name", Some("quadratic"), &["quadratic"])?;
        let Some(hessian) = landscape.matrix("hessian")? else {
            return Err(landscape.error("hessian", "give H as an array of rows"));
        };
        landscape.finish()?;
        let noise = root.required_section("noise")?;
        noise.choice("name", Some("gaussian"), &["gaussian"])?;
        let why = "the variance of a gradient in every coordinate, positive";
        let variance = noise.number("variance", None, f64::MIN_POSITIVE..=1e12, why)?;
        noise.finish()?;
        let dim = hessian.nrows();
        let quadratic = Quadratic::new(hessian.clone(), DMatrix::identity(dim, dim) * variance)
            .map_err(|e| landscape.error("hessian", e))?;
        if quadratic.curvatures().0 <= 0.0 {
            return Err(landscape.error("hessian", "every eigenvalue of H must be positive"));
        }
        let section = root.required_section("convergence")?;
        let why = "numbers of steps t, whole, ascending";
        let steps = section.sweep("steps", None, 4.0..=1e9, why)?;
        if steps.iter().any(|t| t.fract() != 0.0) || steps.windows(2).any(|p| p[0] >= p[1]) {
            return Err(section.error("steps", why));
        }
        let why = "C of η = C/√t, positive";
        let c = section.number("c", None, f64::MIN_POSITIVE..=1e6, why)?;
        let why = "θ₀, one number for every coordinate";
        let start = section.number("start", None, -1e6..=1e6, why)?;
        section.finish()?;
        let ensemble = root.required_section("ensemble")?;
        let particles = ensemble.integer("particles", None, 10..=100_000_000, "their number")?;
        ensemble.finish()?;
        let mut tuned: Vec<(String, Tuned)> = Vec::new();
        for section in root.sections("optimizer")? {
            if section.get("eta").is_some() {
                return Err(section.error("eta", "η is C/√t here; give convergence.c"));
            }
            let rule = Tuned::read_at(&section, rules, c)?;
            let series = section.label("label", Some(rule.entry.name))?;
            section.finish()?;
            if tuned.iter().any(|(name, _)| *name == series) {
                return Err(section.error("name", format!("two optimizers are called `{series}`")));
            }
            tuned.push((series, rule));
        }
        if tuned.is_empty() {
            return Err(root.error("optimizer", "give at least one [[optimizer]]"));
        }
        let claims = root
            .sections("claim")?
            .iter()
            .map(|section| ClaimSpec::read(section, &tuned))
            .collect::<Result<Vec<_>>>()?;
        Ok(ConvergenceSpec {
            rules: tuned,
            hessian: rows(&hessian),
            variance,
            start: vec![start; dim],
            steps: steps.into_iter().map(|t| t as u64).collect(),
            c,
            particles,
            confidence: 0.999,
            claims,
        })
    }
}

impl ClaimSpec {
    /// A ruling that nothing has decided yet.
    pub fn open(&self, quantity: &str) -> Ruling {
        self.stated.open(quantity, self.tolerance)
    }

    fn read(section: &Section<'_>, rules: &[(String, Tuned)]) -> Result<Self> {
        let stated = Stated::read(section)?;
        let names: Vec<&str> = rules.iter().map(|(name, _)| name.as_str()).collect();
        let series = series(section, "series", &names)?;
        let criterion = match section.choice("kind", None, &["order", "bound"])? {
            "order" => Criterion::Order,
            _ => Criterion::Bound,
        };
        let why = "how much the slope may lie above −½";
        let claim = ClaimSpec {
            stated,
            series,
            tolerance: section.number("tolerance", Some(0.05), 0.0..=1.0, why)?,
            criterion,
        };
        section.finish()?;
        Ok(claim)
    }
}
