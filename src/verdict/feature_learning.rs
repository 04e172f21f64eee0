//! The claims of *Towards Understanding How Momentum Improves Generalization* (Jelassi, Li, ICML 2022).

use super::claim::{Claim, claim, network};

const PAPER: &str = "feature-learning";

/// In the order of the paper.
pub const CLAIMS: &[Claim] = &[
    network(
        "fl.fig1",
        PAPER,
        "On CIFAR-10, GD with momentum generalises better than GD.",
    ),
    claim(
        "fl.fig3",
        PAPER,
        "Training loss and accuracies on large-margin and small-margin data, GD against GD+M.",
        Some("feature-learning/fig3.toml"),
    ),
    claim(
        "fl.thm3.1",
        PAPER,
        "GD learns the feature partially and memorises small-margin data.",
        Some("feature-learning/margin-grid.toml"),
    ),
    claim(
        "fl.thm3.2",
        PAPER,
        "GD+M learns the feature and classifies both margins.",
        Some("feature-learning/margin-grid.toml"),
    ),
    claim(
        "fl.lemma5",
        PAPER,
        "Historical gradients in the momentum are the cause.",
        Some("feature-learning/lemma5-buffer.toml"),
    ),
    claim(
        "fl.table1",
        PAPER,
        "On Gaussian teacher–student data momentum gains nothing.",
        Some("feature-learning/table1.toml"),
    ),
    network(
        "fl.fig4",
        PAPER,
        "On CIFAR images of small margin, GD+M gains most.",
    ),
];
