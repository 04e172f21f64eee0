//! The figures, as data: the variance along every eigenvector of H, against its curvature.

use super::ground::Ground;
use super::outcome::{Outcome, pairs};
use super::spec::PosteriorSpec;
use base::error::Result;
use prediction::exact::linear::Quadratic;
use prediction::theory::pnm::Posterior;
use report::figure::{Axis, Figure, Mark, Panel, Point, Series};
use report::number::short;

/// Colours: the network, its expansion, and what belongs to neither.
const NETWORK: usize = 0;
const LOCAL: usize = 1;
const BLACK: usize = 6;
/// The most panels of a figure.
const MOST_PANELS: usize = 4;

/// All figures of an experiment; `made` says how.
///
/// # Errors
/// A prediction is not defined.
pub fn figures(
    spec: &PosteriorSpec,
    ground: &Ground,
    outcomes: &[Outcome<'_>],
    made: &str,
) -> Result<Vec<Figure>> {
    let (mut variances, mut ratios) = (Vec::new(), Vec::new());
    for [network, local] in pairs(outcomes).into_iter().take(MOST_PANELS) {
        let (cell, h) = (network.cell, &ground.curvatures);
        let joined = |label: &str, mark, colour, values: &[f64]| {
            let points = h.iter().copied().zip(values.iter().copied()).collect();
            Series::curve(label, mark, colour, points)
        };
        let batch = cell.chains.batch as f64;
        let law = |posterior: Posterior, quadratic: &Quadratic| -> Result<Vec<f64>> {
            Ok(ground.along(&posterior.covariance(quadratic, cell.eta())?))
        };
        let shaped = Quadratic::hessian_shaped(ground.hessian.clone(), batch)?;
        let flat = law(cell.paper(), &shaped)?;
        let lyapunov = law(Posterior::Sgd, &ground.quadratic(batch)?)?;
        let measured = |o: &Outcome<'_>, label: &str, colour, unit: &[f64], apart: f64| {
            let points: Vec<Point> = (0..h.len())
                .filter_map(|k| {
                    let found = o.square(k, spec.confidence).ok()?;
                    let (low, high) = (found.ci_low / unit[k], found.ci_high / unit[k]);
                    Some((h[k] * apart, found.value? / unit[k], low, high))
                })
                .collect();
            Series::measured(label, colour, points)
        };
        let one = vec![1.0; h.len()];
        let panel = |label: &str, log, series| Panel {
            title: format!("{}, η = {}", cell.series, short(cell.eta(), 3)),
            x: Axis::new("curvature h", true),
            y: Axis::new(label, log),
            map: None,
            series,
        };
        variances.push(panel(
            "⟨(u·(θ − θ*))²⟩",
            true,
            vec![
                joined("isotropic, C = H/B", Mark::Dashed, BLACK, &flat),
                joined("ΣH + HΣ = ηC/B", Mark::Dotted, BLACK, &lyapunov),
                joined("exact, second order", Mark::Line, LOCAL, &network.exact),
                measured(network, "network", NETWORK, &one, 1.0),
            ],
        ));
        let over = |values: &[f64]| -> Vec<f64> {
            let pairs = values.iter().zip(&network.exact);
            pairs.map(|(value, exact)| value / exact).collect()
        };
        let mut compared = vec![joined("", Mark::Line, LOCAL, &one)];
        if cell
            .linear()
            .is_some_and(|rule| rule.heavy_ball().is_some())
        {
            let ratio = over(&lyapunov);
            compared.push(joined("ΣH + HΣ = ηC/B", Mark::Dotted, BLACK, &ratio));
        }
        compared.push(measured(local, "second order", LOCAL, &network.exact, 0.97));
        compared.push(measured(network, "network", NETWORK, &network.exact, 1.03));
        ratios.push(panel("ratio to the exact law", false, compared));
    }
    let caption = |what: &str| {
        format!(
            "{what} Intervals: {} % over independent chains. {made}.",
            100.0 * spec.confidence
        )
    };
    Ok(vec![
        Figure {
            name: "posterior".into(),
            caption: caption(
                "Second moments about the minimum along the eigenvectors of the Hessian, against its eigenvalues. Dashed: the isotropic prediction with C = H/B, η/(2B), and γ times it for PNM; dotted: the Lyapunov equation of SGD with the C that is there; solid: the exact law of the rule to second order.",
            ),
            panels: variances,
        },
        Figure {
            name: "ratio".into(),
            caption: caption(
                "The same over the exact law of the rule to second order: on the expansion, where it is exact, and on the network, where what is left is its anharmonicity.",
            ),
            panels: ratios,
        },
    ])
}
