//! The list of integrators, with their declared orders.

use serde::Serialize;

use crate::simulation::parameter::Parameter;

/// An integrator as users see it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Entry {
    /// Name in experiment files.
    pub name: &'static str,
    /// The scheme.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Order of convergence of expectations.
    pub weak_order: f64,
    /// Order of convergence of paths, for general D(θ).
    pub strong_order: f64,
    /// Its parameters in `[sde]`.
    pub parameters: &'static [Parameter],
}

/// Every integrator.
pub const ENTRIES: &[Entry] = &[Entry {
    name: "euler-maruyama",
    formula: "θ ← θ + b(θ)dt + √(2D(θ)dt) ξ, exits between grid points by the Brownian bridge",
    source: "Maruyama 1955",
    weak_order: 1.0,
    strong_order: 0.5,
    parameters: &[Parameter::required("dt", "the time step")],
}];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::sde::{EulerMaruyama, Integrator};

    #[test]
    fn the_list_says_what_the_integrator_declares() {
        let (entry, scheme) = (&ENTRIES[0], EulerMaruyama);
        assert_eq!(entry.name, scheme.name());
        assert_eq!(entry.weak_order, scheme.weak_order());
        assert_eq!(entry.strong_order, scheme.strong_order());
    }
}
