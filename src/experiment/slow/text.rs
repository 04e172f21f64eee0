//! The words of the report.

use super::problem::{Kind, Problem};
use super::spec::SlowSpec;
use base::error::Result;
use report::record::Section;

/// What was run, and what the slow SDE says of it.
///
/// # Errors
/// The slow law is not defined.
pub fn sections(spec: &SlowSpec) -> Result<Vec<Section>> {
    let mut problems: Vec<Problem> = spec.cells.iter().map(|c| c.problem).collect();
    problems.dedup();
    let mut said = Vec::new();
    for problem in problems {
        let (s, along, y0) = (problem.variance, problem.along, problem.y0);
        let what = match problem.kind {
            Kind::LabelNoise => format!(
                "label-noise: L = (1 + u²)v²/2, minima along v = 0; Var g_v = {s}(1 + u²), Var g_u = {along}. Slow SDE: dY = −({s}/2)Y dτ + √{along} dW from {y0}."
            ),
            Kind::ConstantNoise => format!(
                "constant-noise: the same surface, Var g_v = {s}, no noise in g_u. Slow motion: dY = −{s}Y/(2(1 + Y²)) dτ from {y0}, which is not random."
            ),
            Kind::Ring => format!(
                "ring: L = (r² − 1)²/4, isotropic noise of variance {s}. Slow SDE: the angle is a Brownian motion of variance {s} τ; its cosine is averaged."
            ),
        };
        said.push(format!(
            "{what} At τ = {} the mean is {:.7} and the variance {:.7}.",
            spec.tau,
            problem.mean(spec.tau)?,
            problem.spread(spec.tau)?
        ));
    }
    let mut ran = vec![format!(
        "Particles start on the manifold with m = 0 and make τ/η² steps, τ = {}. The law of the slow variable Y (u, or the angle) is then compared with that of the slow SDE, which is known in closed form.",
        spec.tau
    )];
    ran.extend(said);
    Ok(vec![
        Section {
            heading: "What was run".into(),
            paragraphs: ran,
        },
        Section {
            heading: "What the comparison can show".into(),
            paragraphs: vec![
                "Equality is decided as equivalence: the whole interval of Kolmogorov's distance must lie within a margin, since with enough particles the bias of order η is seen at any η. There is no exact law at finite η; the walls' variance across the valley is held against its own stationary law.".into(),
                "The space across the manifold has one dimension here, so that a lag does not change E v². That these problems agree says nothing of where β = 1 − η^α ceases to follow the slow SDE.".into(),
            ],
        },
    ])
}
