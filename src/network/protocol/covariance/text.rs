//! The words of the report.

use super::look::Look;
use super::quantity::{Labels, Quantity};
use super::rulings::estimate;
use super::spec::CovarianceSpec;
use crate::protocol::points::Seen;
use measurement::mean::over_seeds;
use report::number::estimate as shown;
use report::record::Section;

/// The sections of the report.
pub fn sections(spec: &CovarianceSpec, seen: &[Seen<Look>]) -> Vec<Section> {
    let mut said = spec.points.describe();
    said.push("At every point: C₁ = (1/n)Σ(g_j − ḡ)(g_j − ḡ)ᵀ, the covariance of one example's gradient (a batch of B examples drawn with replacement has C₁/B), and H, the Hessian of the mean loss, both in full. H = UΛUᵀ; d is the diagonal of UᵀC₁U.".into());
    said.push(format!(
        "The top of the spectrum is the positive eigenvalues of at least 10^−{} λ₁. Eigenvalues below 10⁻¹⁰ of the largest are exact symmetries and units that are off, and are left out of slopes and ranks.",
        spec.decades
    ));
    said.push("As a control, labels are drawn from the network's own probabilities at the same θ. Then C₁ has the mean (1 − 1/n)F and H the mean F, F being the Fisher information, exactly.".into());
    let mut rows = Vec::new();
    for point in seen {
        for (labels, _, words) in Labels::ALL {
            let found: Vec<String> = Quantity::ALL
                .iter()
                .filter_map(|(quantity, _, words)| {
                    let found = estimate(spec, point, labels, *quantity).ok()?;
                    Some(format!("{words} {}", shown(&found)))
                })
                .collect();
            if found.is_empty() {
                continue;
            }
            let losses = point.each.iter().map(|look| look.loss);
            let loss = match (labels, over_seeds(losses, spec.confidence)) {
                (Labels::Data, Ok(loss)) => format!("training loss {}, ", shown(&loss)),
                _ => String::new(),
            };
            rows.push(format!(
                "{}, {words}: {loss}{}.",
                point.point.name,
                found.join(", ")
            ));
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
                "H = F + R. F, the Gauss–Newton part, does not depend on the labels; R = (1/n)ΣΣ_k(p_jk − y_jk)∇²f_k(x_j) does, has the mean 0 where labels are drawn from the network, and gives H its negative eigenvalues at a random start. Where the outputs are linear in every single weight, as with rectifiers, R has a diagonal of zeros, so tr H = tr F whatever the labels. C₁ is the empirical Fisher information (of the labels at hand) less ḡḡᵀ. So C₁ = H on average exactly where the labels could have come from the network. As the network interpolates its data, residuals p − y vanish: C₁ goes like their square and H like their size, and tr C₁/tr H vanishes with the loss.".into(),
            ],
        },
    ]
}
