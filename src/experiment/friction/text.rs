//! The words of the report.

use super::reference::{Rates, Well};
use super::run::Outcome;
use super::spec::FrictionSpec;
use base::error::Result;
use report::number::significant;
use report::record::Section;

/// What was run, cell by cell, and what the laws say.
///
/// # Errors
/// A reference cannot be computed.
pub fn sections(
    spec: &FrictionSpec,
    well: &Well<'_>,
    outcomes: &[Outcome<'_>],
    rates: &[Rates],
) -> Result<Vec<Section>> {
    let short = |x: f64| significant(x, 4);
    let mut dampings: Vec<f64> = Vec::new();
    let mut rules = Vec::new();
    for o in outcomes {
        if dampings.contains(&o.cell.damping) {
            continue;
        }
        dampings.push(o.cell.damping);
        let rule = o.cell.rule();
        rules.push(format!(
            "γ = {}, h = {}: β₁ = {}, η = {}, C = {}",
            o.cell.damping,
            o.cell.step,
            short(rule.beta1),
            short(rule.eta),
            short(rule.variance)
        ));
    }
    let mut laws = Vec::new();
    for damping in dampings {
        let own = well.rates(damping)?;
        laws.push(format!(
            "γ = {damping}: hop rate {}; Theorem 3 at one temperature {} of it, Mel'nikov and Meshkov {}.",
            significant(own.hop, 6),
            short(own.kramers / own.hop),
            short(own.bridged / own.hop)
        ));
    }
    let top = rates.iter().max_by(|a, b| a.hop.total_cmp(&b.hop));
    let mut exact = vec![
        "The reference is the Klein–Kramers equation: its slowest eigenvalue, and the mean passage time with the half-range of arriving states absorbed at the exit.".to_string(),
        laws.join(" "),
    ];
    if let Some(top) = top {
        exact.push(format!(
            "The rate turns over near γ = {}: below, the energy of a particle changes too slowly, which neither Theorem 3 nor Kramers' law at moderate friction knows of.",
            significant(top.damping, 2)
        ));
    }
    let cells = outcomes.iter().map(|o| {
        let measured = match &o.mean {
            Some(mean) => format!(
                "{} in [{}, {}]",
                mean.value.map_or_else(|| "none".into(), short),
                short(mean.ci_low),
                short(mean.ci_high)
            ),
            None => "censored".into(),
        };
        let twice = o.exact.value * 2.0 / o.paper;
        format!(
            "{}: mean time {measured}; exact {} (to {:.0e}); the paper's τ {}; exact 2T/τ = {}.",
            o.cell.label,
            significant(o.exact.value, 6),
            o.exact.relative_error,
            short(o.paper),
            short(twice)
        )
    });
    Ok(vec![
        Section {
            heading: "What was run".into(),
            paragraphs: vec![
                format!(
                    "Heavy ball with Gaussian noise of constant variance, from rest at the minimum θ = {}. Its β₁, η and C are those of the particle's damping γ, temperature T and time step h at mass 1: β₁ = (1 − γh/2)/(1 + γh/2), η = h²(1 + β₁)/2, C = 2T(1 − β₁)/η, of second order in h. {}.",
                    significant(spec.minimum, 7),
                    rules.join("; ")
                ),
                "The temperature is the same at the minimum and at the saddle, so that Theorem 3's exponent is ΔL/T and its prefactor Kramers'; what is put to the test is its dependence on friction.".into(),
            ],
        },
        Section {
            heading: "What is exact".into(),
            paragraphs: exact,
        },
        Section {
            heading: "Cells".into(),
            paragraphs: cells.collect(),
        },
    ])
}
