//! The Fokker–Planck equation on a grid, in one dimension and in two, by conservative finite volumes.
//!
//! For dθᵢ = −sᵢ(θ) dt + √(2Dᵢ(θ)) dWᵢ, read with a = 0 (Itô), ½ (Stratonovich) or 1 (anti-Itô), the
//! density obeys
//!
//! ```text
//! ∂ₜp = −Σᵢ ∂ᵢJᵢ,   Jᵢ = −sᵢ p − Dᵢᵃ ∂ᵢ(Dᵢ¹⁻ᵃ p)
//! ```
//!
//! The exponentially fitted flux between two neighbouring nodes (Scharfetter & Gummel, IEEE Trans. Electron
//! Devices 16, 1969; Chang & Cooper, J. Comput. Phys. 6, 1970) makes of it a Markov chain that jumps
//! between the nodes: a [`Generator`]. Its rates are never negative, so mass is conserved and densities stay
//! positive; where the flux vanishes, its steady state is the exact one at the nodes.
//!
//! | wanted | ask |
//! |---|---|
//! | steady state | [`Generator::steady`] |
//! | density at a later time | [`Generator::evolve`] |
//! | mean first-passage time | [`Generator::mean_passage`] |
//! | survival at all times, on one axis | [`Generator::survival`] |
//! | rate of escape through absorbing ends | [`Generator::escape`] |
//! | slowest relaxation of a closed system | [`Generator::relaxation`] |
//! | any of them at vanishing spacing | [`refined`] |

mod axis;
mod confinement;
mod evolution;
mod generator;
mod passage;
mod refinement;
mod sparse;
mod spectrum;
mod steady;
mod survival;

pub use axis::{Axis, End};
pub use confinement::confining_box;
pub use generator::{Equation, Generator};
pub use refinement::{Refined, refined};
pub use spectrum::Mode;
pub use survival::Survival;

pub(super) use sparse::Entries;

#[cfg(test)]
mod tests;
