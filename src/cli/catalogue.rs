//! The experiments that ship with the lab, carried in the program so that it runs from any folder.

/// An experiment file.
pub struct Shipped {
    /// Its path below `experiments/`.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

impl Shipped {
    /// The name that its record bears.
    fn name(&self) -> &str {
        let line = self.text.lines().find(|line| line.starts_with("name"));
        line.and_then(|line| line.split('"').nth(1)).unwrap_or("")
    }
}

/// Where an experiment of that name stands in the order of `reproduce`; after all of them where it is none of them.
pub fn place(name: &str) -> usize {
    let mut all = EXPERIMENTS.iter().chain(NETWORKS).chain(ON_YOUR_DATA);
    all.position(|shipped| shipped.name() == name)
        .unwrap_or(usize::MAX)
}

macro_rules! shipped {
    ($($path:literal),* $(,)?) => {
        &[$(Shipped {
            path: $path,
            text: include_str!(concat!("../../experiments/", $path)),
        }),*]
    };
}

/// Every experiment of the default build, in the order in which `reproduce` runs them.
pub const EXPERIMENTS: &[Shipped] = shipped![
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
];

/// Those on real networks, which feature `torch` adds to them.
pub const NETWORKS: &[Shipped] = shipped![
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
pub const ON_YOUR_DATA: &[Shipped] = shipped![
    "pnm/table1.toml",
    "adai/table2.toml",
    "marginal-value/fig1.toml",
];

/// Whether `text` matches a pattern in which `*` stands for any run of characters and `?` for one.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    // reach[j]: the pattern so far matches the first j characters.
    let mut reach = vec![false; text.len() + 1];
    reach[0] = true;
    for p in pattern {
        let mut next = vec![false; text.len() + 1];
        if p == '*' {
            let mut any = false;
            for (j, r) in reach.iter().enumerate() {
                any |= *r;
                next[j] = any;
            }
        } else {
            for j in 0..text.len() {
                next[j + 1] = reach[j] && (p == '?' || p == text[j]);
            }
        }
        reach = next;
    }
    reach[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_reproduce() {
        assert_eq!(place("calibration"), 0);
        assert!(place("convergence-pnm") < place("convergence-adai"));
        assert!(place("modified-equations") < place("network-label-noise"));
        assert_eq!(place("mine"), usize::MAX);
    }

    #[test]
    fn wildcards() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("adai/*", "adai/fig6.toml", true),
            ("*fig6*", "adai/fig6-wide.toml", true),
            ("fig?", "fig6", true),
            ("fig?", "fig", false),
            ("fig6", "fig66", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxcyyb", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
