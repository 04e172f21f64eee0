//! The words of the report.

use super::cell::{Mover, Noise};
use super::run::Outcome;
use report::number::significant;
use report::record::Section;

/// What was run, and how far every law is from each steady state.
pub fn sections(outcomes: &[Outcome<'_>]) -> Vec<Section> {
    let ran = outcomes.iter().map(|outcome| {
        let cell = outcome.cell;
        let noise = match cell.noise {
            Noise::Constant { temperature } => format!("D = {temperature}"),
            Noise::Hessian { scale, floor } => format!("D = {scale} (|L″| + {floor})"),
        };
        let mover = match cell.mover {
            Mover::Sgd => format!("SGD, η = {}, gradients of variance 2D/η", cell.step),
            Mover::Sgdm { beta1 } => format!(
                "SGDM, β₁ = {beta1}, β₃ = 1 − β₁, η = {}, gradients of variance 2D/η",
                cell.step
            ),
            Mover::EulerMaruyama => format!("Euler–Maruyama, dt = {}", cell.step),
        };
        let distances: Vec<String> = outcome
            .distances
            .iter()
            // Constant noise has one reading.
            .take(if matches!(cell.noise, Noise::Constant { .. }) { 1 } else { 3 })
            .map(|(reading, found)| {
                let value = found.value.map_or_else(|| "none".into(), |x| significant(x, 3));
                format!("{} {value}", reading.words())
            })
            .collect();
        let moment = outcome.moment.mean().map_or_else(|| "none".into(), |x| significant(x, 5));
        let chain = match &outcome.chain {
            Ok(chain) => significant(*chain, 5),
            Err(why) => format!("not known: {why}"),
        };
        format!(
            "{}: {mover}; {noise}; {} particles, {} steps each. Kolmogorov distance from the steady state: {}. E θ² {moment}, of the chain itself {chain}.",
            cell.series,
            cell.particles,
            cell.steps,
            distances.join(", ")
        )
    });
    vec![Section {
        heading: "What was run".into(),
        paragraphs: std::iter::once(
            "Particles start in the minima in turn and are looked at once, so that they are independent draws. Their law is held against the steady state of the Fokker–Planck equation dθ = −L′ dt + √(2D(θ)) dW, by quadrature. Equality is decided as equivalence: the whole interval of Kolmogorov's distance must lie within a margin, since at any η > 0 enough particles see the bias of order η. A claim on an SDE has the distance of Euler–Maruyama's chain from it in its interval, by the stationary equation of the chain. Beside it the second moment is held against the exact one of the chain at this η.".to_string(),
        )
        .chain(ran)
        .collect(),
    }]
}
