//! The words of the report.

use super::look::Look;
use super::quantity::{Over, Quantity};
use super::rulings::estimate;
use super::spec::NoiseSpec;
use crate::protocol::points::Seen;
use measurement::mean::over_seeds;
use report::number::estimate as shown;
use report::record::Section;

/// The sections of the report.
pub fn sections(spec: &NoiseSpec, seen: &[Seen<Look>]) -> Vec<Section> {
    let how = &spec.measure;
    let mut said = spec.points.describe();
    said.push(format!(
        "At every point the gradients of all examples are taken one by one, and {} minibatches of each size are means of B of them, drawn with replacement; their noise is g_B − ∇L. It is a sample over minibatches for one parameter (up to {} of those that vary, evenly spaced) and along {} directions of random signs, and over parameters for one minibatch ({} of them).",
        how.minibatches, how.parameters, how.directions, how.within
    ));
    said.push("Of every sample: the Shapiro–Wilk test at 5 % (Gaussian samples pass in 95 % of cases), the excess kurtosis, and the index α̂ of a stable law by sums of blocks of √n (2 for a finite variance as blocks grow), which Simsekli et al. used across parameters.".into());
    let mut rows = Vec::new();
    for point in seen {
        let losses = point.each.iter().map(|look| look.loss);
        if let Ok(loss) = over_seeds(losses, spec.confidence) {
            rows.push(format!(
                "{}: training loss {}.",
                point.point.name,
                shown(&loss)
            ));
        }
        for &batch in &how.batches {
            for (over, _, words) in Over::ALL {
                let found = Quantity::ALL.iter().filter_map(|(quantity, _, words)| {
                    let found = estimate(spec, point, batch, over, *quantity).ok()?;
                    Some(format!("{words} {}", shown(&found)))
                });
                rows.push(format!(
                    "{}, B = {batch}, {words}: {}.",
                    point.point.name,
                    found.collect::<Vec<_>>().join(", ")
                ));
            }
        }
    }
    vec![
        Section {
            heading: "What was run".into(),
            paragraphs: said,
        },
        Section {
            heading: "What was seen".into(),
            paragraphs: rows,
        },
        Section {
            heading: "Why, and where it would hold".into(),
            paragraphs: vec![
                "A minibatch gradient is a mean of B independent draws from the n gradients of single examples. Its excess kurtosis is κ₁/B exactly, all of its moments are finite, and it is no stable law with α < 2 at any B. How large B must be for it to look Gaussian is a matter of κ₁: at a random start every example has something to say and κ₁ is small; once most examples are fitted, the few hard ones carry all of the gradient, κ₁ is of the order of n over their number, and batches smaller than that are mostly of examples that say nothing.".into(),
                "Across parameters the numbers are not draws of one law: parameters have different variances and move together. Their scale mixture is heavy-tailed even where every one of them is Gaussian.".into(),
            ],
        },
    ]
}
