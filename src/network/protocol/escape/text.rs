//! The words of the report: the landscape, what was run, and every rate.

use super::neuron::Neuron;
use super::outcome::{Outcome, exact_slope, slope};
use super::run::series;
use super::spec::EscapeSpec;
use report::number::{estimate, short};
use report::record::Section;

/// The sections of the report.
pub fn sections(spec: &EscapeSpec, neuron: &Neuron, outcomes: &[Outcome<'_>]) -> Vec<Section> {
    let mut table = Vec::new();
    for o in outcomes {
        let exact = o.chain.map_or(String::new(), |chain| {
            format!(
                ", the exact chain's {} (grid: {}), the diffusion's {}, Kramers' with C = |H|/B {}",
                short(chain.rate(), 4),
                short(chain.relative_error, 1),
                short(o.diffusion, 3),
                short(o.paper, 3)
            )
        });
        let exits = o.fates.iter().filter(|fate| fate.exit.is_some()).count();
        table.push(format!(
            "{}, η = {}, B = {}: {exits} of {} left; rate {} per step{exact}.",
            o.cell.series,
            o.cell.eta(),
            o.cell.batch,
            o.fates.len(),
            estimate(&o.rate)
        ));
    }
    let mut slopes = Vec::new();
    for own in series(outcomes) {
        let Ok(found) = slope(&own, spec.confidence) else {
            continue;
        };
        let exact = if own[0].cell.is_sgd() {
            let of = |slope: Option<f64>| slope.map_or("–".to_string(), |s| short(s, 3));
            format!(
                "; the chain's {}, the diffusion's {}, Kramers' {}",
                of(exact_slope(&own, |o| Some(o.chain?.rate()))),
                of(exact_slope(&own, |o| Some(o.diffusion))),
                of(exact_slope(&own, |o| Some(o.paper)))
            )
        } else {
            String::new()
        };
        slopes.push(format!(
            "{}, η = {}: slope of ln τ against B/η {}{exact}.",
            own[0].cell.series,
            own[0].cell.eta(),
            estimate(&found)
        ));
    }
    vec![
        Section {
            heading: "The network".into(),
            paragraphs: landscape(neuron),
        },
        Section {
            heading: "Rates".into(),
            paragraphs: table,
        },
        Section {
            heading: "The effective barrier".into(),
            paragraphs: slopes,
        },
    ]
}

fn landscape(neuron: &Neuron) -> Vec<String> {
    let Ok((saddle, minimum)) = neuron.landscape() else {
        return Vec::new();
    };
    vec![
        format!(
            "One neuron f = Σ_j ⟨w, x_j⟩³ on patches that hold the feature αyw* and nothing else, α = {}, a share {} of whose classes are wrong, with the penalty ½λ|w|², λ = {}. Along w* the loss has a minimum at 0, where the neuron is dead, a saddle at {} and the minimum of a neuron that has learned at {}; barrier {}, curvatures {} and {}.",
            neuron.alpha,
            short(neuron.wrong, 3),
            neuron.l2,
            short(saddle, 4),
            short(minimum, 4),
            short(neuron.loss(saddle) - neuron.loss(minimum), 3),
            short(neuron.curvature(minimum), 3),
            short(neuron.curvature(saddle), 3)
        ),
        "Networks start at the minimum and are trained through libtorch on batches drawn with replacement. An exit is the first step beyond the saddle. A batch is known by its number of wrong classes, which is binomial, so that the weight of SGD follows a chain with B + 1 moves whose exits are computed without random numbers; the rate is exits over time at risk, and the reference is the chain's own ratio at the same horizon.".into(),
        "C(w) = q(1 − q)(3α³w²)² is no multiple of the curvature, and falls with w⁴ on the way to the saddle.".into(),
    ]
}
