//! The experiments and papers that ship with the lab, carried in the program so that it runs from any folder.

use cli::catalogue::{Catalogue, Shipped};

/// All of them.
pub const SHIPPED: Catalogue = Catalogue {
    papers: PAPERS,
    experiments: EXPERIMENTS,
    networks: NETWORKS,
    on_your_data: ON_YOUR_DATA,
};

macro_rules! shipped {
    ($($path:literal),* $(,)?) => {
        &[$(Shipped {
            path: $path,
            text: include_str!(concat!("../experiments/", $path)),
        }),*]
    };
}

/// Every paper, in the order of listings.
const PAPERS: &[Shipped] = shipped![
    "pnm/paper.toml",
    "adai/paper.toml",
    "marginal-value/paper.toml",
    "feature-learning/paper.toml",
    "modified-equations/paper.toml",
    "lab/paper.toml",
];

/// Every experiment of the default build, in the order in which `reproduce` runs them.
const EXPERIMENTS: &[Shipped] = shipped![
    "lab/calibration.toml",
    "lab/integrator-order.toml",
    "lab/shifted-boundary.toml",
    "lab/f32-noise.toml",
    "lab/f32-noise-covariance.toml",
    "lab/f32.toml",
    "lab/f32-covariance.toml",
    "lab/loss-noise.toml",
    "lab/rare-events.toml",
    "lab/rare-events-10d.toml",
    "lab/rare-events-formula.toml",
    "adai/langevin-double-well.toml",
    "adai/langevin-styblinski-tang.toml",
    "adai/exact-chain.toml",
    "adai/exact-chain-10d.toml",
    "adai/scaling-identities.toml",
    "adai/fig6-wide-data.toml",
    "adai/fig6-fresh-data.toml",
    "adai/fig6-true-minimum.toml",
    "adai/fig6-unit-data.toml",
    "adai/forms-additive-noise.toml",
    "adai/prop2-adam.toml",
    "adai/white-noise-control.toml",
    "adai/hessian-noise.toml",
    "adai/thm3-two-temperatures.toml",
    "adai/thm3-friction.toml",
    "adai/sde-two-temperatures.toml",
    "adai/vanishing-noise.toml",
    "adai/rare-events-momentum.toml",
    "adai/gradient-noise.toml",
    "adai/saddle-sgd.toml",
    "adai/saddle-momentum.toml",
    "adai/saddle-adam.toml",
    "adai/saddle-adai.toml",
    "pnm/noise-variance.toml",
    "pnm/posterior-sgd.toml",
    "pnm/posterior-rotated.toml",
    "pnm/posterior-momentum.toml",
    "pnm/posterior-pnm.toml",
    "pnm/density-constant.toml",
    "pnm/density-state-dependent.toml",
    "pnm/pac-bayes.toml",
    "pnm/convergence.toml",
    "adai/convergence.toml",
    "marginal-value/noise-of-momentum.toml",
    "marginal-value/descent-quadratic.toml",
    "marginal-value/descent-double-well.toml",
    "marginal-value/formulations.toml",
    "marginal-value/weak-approximation.toml",
    "marginal-value/weak-approximation-double-well.toml",
    "marginal-value/slow-manifold.toml",
    "marginal-value/svag.toml",
    "modified-equations/weak-error.toml",
    "feature-learning/fig3.toml",
    "feature-learning/margin-grid.toml",
    "feature-learning/thm3.1-dimension.toml",
    "feature-learning/lemma5-buffer.toml",
    "feature-learning/table1.toml",
    "studies/rate-and-sharpness.toml",
    "studies/stationarity-gate.toml",
    "studies/sqrt-scaling.toml",
    "studies/flat-diffusion.toml",
    "studies/occupation.toml",
];

/// Those on real networks, which feature `torch` adds to them.
const NETWORKS: &[Shipped] = shipped![
    "pnm/fig4.toml",
    "pnm/fig7.toml",
    "pnm/table1-digits.toml",
    "adai/fig7.toml",
    "adai/fig7-equal-epochs.toml",
    "adai/fig7-raw-pixels.toml",
    "adai/fig1.toml",
    "adai/fig8.toml",
    "feature-learning/fig4.toml",
    "lab/network-escape.toml",
    "pnm/posterior-network.toml",
    "marginal-value/fig2.toml",
];

/// Those on a data set of the user's, which `run` takes with its folder.
const ON_YOUR_DATA: &[Shipped] = shipped![
    "pnm/table1.toml",
    "adai/table2.toml",
    "marginal-value/fig1.toml",
];

#[cfg(test)]
mod tests {
    use super::SHIPPED;

    #[test]
    fn places_are_those_of_reproduce() {
        assert_eq!(SHIPPED.place("calibration"), 0);
        assert!(SHIPPED.place("convergence-pnm") < SHIPPED.place("convergence-adai"));
        assert!(SHIPPED.place("modified-equations") < SHIPPED.place("network-label-noise"));
        assert_eq!(SHIPPED.place("mine"), usize::MAX);
    }
}
