//! The experiment file of the protocol `gradient-noise`.

use serde::Serialize;

use crate::claim::Stated;
use crate::optimizer::Tuned;
use crate::spec::Section;
use base::error::Result;
use simulation::optimizer::registry::Rules;

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct GradientNoiseSpec {
    /// d, the constant feature included.
    pub features: u64,
    /// K.
    pub classes: u64,
    /// n.
    pub examples: u64,
    /// Standard deviation of the last random feature; that of the first is 1.
    pub least: f64,
    /// Standard deviation of the teacher's weights.
    pub teacher: f64,
    /// The rule that trains, full batch.
    pub rule: Tuned,
    /// Steps after which C and H are compared, ascending; 0 is the start at θ = 0.
    pub steps: Vec<u64>,
    /// Independent repetitions.
    pub seeds: u64,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

/// Whose labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Those of the data.
    Data,
    /// Drawn from the model's own probabilities at the same θ.
    Model,
}

/// How a claim is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// tr C/tr H is 1 within δ.
    Constant,
    /// The rank correlation of C's diagonal in H's eigenbasis with H's eigenvalues is at least 1 − δ.
    Shape,
}

/// One thing to decide.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// δ.
    pub tolerance: f64,
    /// Whose labels.
    pub labels: Source,
    /// After how many steps at least.
    pub from: u64,
    /// After how many steps at most.
    pub to: u64,
    /// How.
    pub criterion: Criterion,
}

impl GradientNoiseSpec {
    /// Resolves the sections of the experiment.
    ///
    /// # Errors
    /// Anything missing, unknown or out of range.
    pub fn read(root: &Section<'_>, rules: &Rules) -> Result<Self> {
        let model = root.required_section("model")?;
        let why = "d, features of an example, the constant one included";
        let features = model.integer("features", None, 2..=100, why)?;
        let classes = model.integer("classes", None, 2..=100, "K, the number of classes")?;
        if features * classes > 400 {
            let why = "more than 400 parameters: their Hessian is diagonalised at every look";
            return Err(model.error("features", why));
        }
        let examples = model.integer("examples", None, 10..=1_000_000, "n, examples")?;
        let why = "standard deviation of the last random feature, the first having 1";
        let least = model.number("least", Some(1.0), 1e-6..=1.0, why)?;
        let why = "standard deviation of the teacher's weights, positive";
        let teacher = model.number("teacher", Some(1.0), 1e-6..=1e6, why)?;
        model.finish()?;
        let training = root.required_section("training")?;
        let why = "steps after which C and H are compared, whole, ascending";
        let steps = training.sweep("steps", None, 0.0..=1e8, why)?;
        if steps.iter().any(|s| s.fract() != 0.0) || steps.windows(2).any(|p| p[0] >= p[1]) {
            return Err(training.error("steps", why));
        }
        let seeds = training.integer("seeds", None, 3..=1_000_000, "independent repetitions")?;
        training.finish()?;
        let sections = root.sections("optimizer")?;
        let [section] = &sections[..] else {
            return Err(root.error(
                "optimizer",
                "give one [[optimizer]], which trains the model",
            ));
        };
        let rule = Tuned::read(section, rules)?.without_normals(section)?;
        section.finish()?;
        let steps: Vec<u64> = steps.into_iter().map(|s| s as u64).collect();
        let claims = root
            .sections("claim")?
            .iter()
            .map(|section| ClaimSpec::read(section, &steps))
            .collect::<Result<Vec<_>>>()?;
        Ok(GradientNoiseSpec {
            features,
            classes,
            examples,
            least,
            teacher,
            rule,
            steps,
            seeds,
            confidence: 0.999,
            claims,
        })
    }
}

impl ClaimSpec {
    fn read(section: &Section<'_>, steps: &[u64]) -> Result<Self> {
        let stated = Stated::read(section)?;
        let criterion = match section.choice("kind", None, &["constant", "shape"])? {
            "constant" => Criterion::Constant,
            _ => Criterion::Shape,
        };
        let labels = match section.choice("labels", Some("data"), &["data", "model"])? {
            "data" => Source::Data,
            _ => Source::Model,
        };
        let last = steps.last().copied().unwrap_or(0);
        let from = section.integer("from", Some(0), 0..=u64::MAX, "the first step covered")?;
        let to = section.integer("to", Some(last), 0..=u64::MAX, "the last step covered")?;
        if !steps.iter().any(|s| (from..=to).contains(s)) {
            return Err(section.error("from", format!("no look lies in [{from}, {to}]")));
        }
        let claim = ClaimSpec {
            stated,
            tolerance: section.number("tolerance", None, 1e-6..=1.0, "the tolerance δ")?,
            labels,
            from,
            to,
            criterion,
        };
        section.finish()?;
        Ok(claim)
    }
}
