//! The spectral density by stochastic Lanczos quadrature (Golub and Welsch 1969; Ghorbani, Krishnan and Xiao 2019).

use tch::Tensor;

use super::lanczos::{Krylov, Symmetric};
/// The share of eigenvalues about each place, smoothed by a Gaussian.
#[derive(Clone, Debug)]
pub struct Density {
    /// Places λ.
    pub at: Vec<f64>,
    /// The density at each place, as every probe alone sees it; their mean is unbiased.
    pub each: Vec<Vec<f64>>,
    /// Standard deviation of the smoothing Gaussian.
    pub width: f64,
}

/// The density from `steps` Lanczos steps from each probe (a row of `probes`), at `places` places, smoothed by
/// `width` times the range of the spectrum.
pub fn density(
    operator: &dyn Symmetric,
    probes: &Tensor,
    steps: usize,
    places: usize,
    width: f64,
) -> Density {
    let rules: Vec<(Vec<f64>, Vec<f64>)> = (0..probes.size()[0])
        .map(|probe| {
            let mut krylov = Krylov::from(&probes.get(probe));
            while krylov.grow(operator) && krylov.diagonal.len() < steps {}
            let (nodes, vectors) = krylov.ritz();
            let weights = (0..nodes.len()).map(|k| vectors[(0, k)].powi(2)).collect();
            (nodes, weights)
        })
        .collect();
    let nodes = || rules.iter().flat_map(|(nodes, _)| nodes);
    let low = nodes().fold(f64::INFINITY, |a, b| a.min(*b));
    let high = nodes().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
    let sigma = width * (high - low).max(f64::MIN_POSITIVE);
    let (from, to) = (low - 4.0 * sigma, high + 4.0 * sigma);
    let mut found = Density {
        at: Vec::new(),
        each: Vec::new(),
        width: sigma,
    };
    for place in 0..places {
        let at = from + (to - from) * place as f64 / (places.max(2) - 1) as f64;
        let bump = |node: &f64| {
            (-0.5 * ((at - node) / sigma).powi(2)).exp()
                / (sigma * (2.0 * std::f64::consts::PI).sqrt())
        };
        let each = rules.iter().map(|(nodes, weights)| {
            let terms = nodes.iter().zip(weights);
            terms.map(|(node, weight)| weight * bump(node)).sum::<f64>()
        });
        found.at.push(at);
        found.each.push(each.collect());
    }
    found
}
