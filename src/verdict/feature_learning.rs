//! The claims of *Towards Understanding How Momentum Improves Generalization* (Jelassi, Li, ICML 2022).

use super::claim::{Claim, claim, network};

const PAPER: &str = "feature-learning";

/// In the order of the paper.
pub const CLAIMS: &[Claim] = &[
    network(
        "fl.fig1",
        PAPER,
        "On CIFAR-10, GD with momentum generalises better than GD.",
        Some("feature-learning/fig4.toml"),
    )
    .known(
        "No closed form for a network on images. On patch data the gain is that of Theorem 3.2.",
        "Not on digits with a small convolutional network, where the best learning rate of each rule does as well; at learning rates at which plain GD hardly trains, momentum keeps it stable.",
    ),
    claim(
        "fl.fig3",
        PAPER,
        "Training loss and accuracies on large-margin and small-margin data, GD against GD+M.",
        Some("feature-learning/fig3.toml"),
    )
    .known(
        "There is no closed form; the curves are means over seeds, with intervals.",
        "At the figure's η and γ; the maps under fl.thm3.1 show the rest of the plane.",
    ),
    claim(
        "fl.thm3.1",
        PAPER,
        "GD learns the feature partially and memorises small-margin data.",
        Some("feature-learning/margin-grid.toml"),
    )
    .known(
        "When the large margins are fitted, the feature of size c that training holds classifies a small margin if βc is of order 1. A heavy ball that falls from the loss log 2 coasts by √(2 log 2 · η/(1 − γ)): below β times that of about .6 the noise of small-margin data is learned, above it the feature.",
        "For GD (γ = 0) at small η only: where β√(2 log 2 · η) is well below .6. At η of order 1 plain GD takes up the feature too.",
    ),
    claim(
        "fl.thm3.2",
        PAPER,
        "GD+M learns the feature and classifies both margins.",
        Some("feature-learning/margin-grid.toml"),
    )
    .known(
        "The same criterion: β√(2 log 2 · η/(1 − γ)) above about .6.",
        "For γ near enough to 1 at a given η; and for a seed whose first weights do not already fit the large margins.",
    ),
    claim(
        "fl.lemma5",
        PAPER,
        "Historical gradients in the momentum are the cause.",
        Some("feature-learning/lemma5-buffer.toml"),
    )
    .known(
        "Conservation of energy: on an empty slope the buffer carries the feature by ‖Δc‖ = √(2L₀η/(1 − γ)). Emptied when the large margins are fitted, it carries nothing.",
        "As stated, by ablation; the size grows like 1/√(1 − γ), as the lemma's bound does.",
    ),
    claim(
        "fl.table1",
        PAPER,
        "On Gaussian teacher–student data momentum gains nothing.",
        Some("feature-learning/table1.toml"),
    )
    .known(
        "There is no closed form; accuracies are compared seed by seed.",
        "Where both rules fit the training data equally well; otherwise the faster is compared with the slower.",
    ),
    network(
        "fl.fig4",
        PAPER,
        "On CIFAR images of small margin, GD+M gains most.",
        Some("feature-learning/fig4.toml"),
    )
    .known(
        "No closed form for a network on images. On patch data the gain is that of Theorem 3.2.",
        "Not on digits with a small convolutional network, where the best learning rate of each rule does as well; at learning rates at which plain GD hardly trains, momentum keeps it stable.",
    ),
];
