//! The words of the report.

use super::simulate::LOOKS;
use super::spec::{Surface, WeakSpec};
use report::record::Section;

/// What was run, and what is exact.
pub fn sections(spec: &WeakSpec) -> Vec<Section> {
    let surface = match spec.surface {
        Surface::Quadratic { h } => format!("½hx² with h = {h}"),
        Surface::DoubleWell => "the double well (x² − 1)²/4".into(),
    };
    let families: Vec<String> = spec
        .families
        .iter()
        .map(|f| format!("{} (c = {})", f.alpha, f.c))
        .collect();
    let ran = format!(
        "SGD z ← z − ηg(z) and SGDM m ← βm + (1 − β)g(x), x ← x − ηm with β = 1 − cη^α on {surface}, both from x₀ = {}, m₀ = ∇L(x₀), with the same normals: g = ∇L + ξ/√η, Var ξ = {}. They are compared up to T = {}, at {LOOKS} equidistant times. α = {}.",
        spec.x0,
        spec.sigma,
        spec.horizon,
        families.join(", ")
    );
    let known = if spec.exact.is_empty() {
        "No exact reference is known on this surface; the quadratic has one, and the same program runs there.".to_string()
    } else {
        "x, z and m together follow a linear recursion, so the joint first and second moments after every step are known without random numbers. The largest over all steps is taken; the simulation is held against the recursion step for step.".to_string()
    };
    let mut sections = vec![
        Section {
            heading: "What was run".into(),
            paragraphs: vec![ran],
        },
        Section {
            heading: "What is exact".into(),
            paragraphs: vec![known],
        },
        Section {
            heading: "Weak order, strong order".into(),
            paragraphs: vec![
                "y = x − ηβ/(1 − β) m moves by y ← y − ηg(x): SGDM is an SGD that lags by ηβ/(1 − β) ≈ η^(1−α)/c. Means of smooth functions differ by the lag itself, order 1 − α; paths in common noise differ by its root, order (1 − α)/2. The order (1 − α)/2 of Theorem 4.5 is a bound on the former, and is the latter.".into(),
            ],
        },
    ];
    if spec.families.iter().any(|f| f.alpha == 1.0) {
        sections.push(Section {
            heading: "α = 1".into(),
            paragraphs: vec![
                "With 1 − β = cη the lag is 1/c and does not shrink: SGDM tends to dX = −M dt, dM = c(∇L(X) − M)dt + c√Σ dW, SGD to dZ = −∇L(Z)dt + √Σ dW. The two differ while they relax. With noise of a constant covariance that is a multiple of the identity both have the stationary law exp(−2L/Σ), so a comparison of stationary laws alone could not tell them apart.".into(),
            ],
        });
    }
    sections
}
