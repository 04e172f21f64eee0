//! The reading of state-dependent noise: Itô, Stratonovich or anti-Itô.

/// How √(2D(θ)) dW is read where D depends on θ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interpretation {
    /// Itô: the noise of a step is taken at its beginning, as SGD does.
    #[default]
    Ito,
    /// Stratonovich: taken in the middle; equal to Itô with the drift D'/2 added.
    Stratonovich,
    /// Anti-Itô (Klimontovich, Fick): taken at the end; equal to Itô with the drift D' added.
    AntiIto,
}

impl Interpretation {
    /// a in e^Φ → e^Φ D^{−a}: 0 for Itô, 1/2 for Stratonovich, 1 for anti-Itô.
    pub(super) fn exponent(self) -> f64 {
        match self {
            Self::Ito => 0.0,
            Self::Stratonovich => 0.5,
            Self::AntiIto => 1.0,
        }
    }
}
