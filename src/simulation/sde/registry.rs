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
pub const ENTRIES: &[Entry] = &[
    Entry {
        name: "euler-maruyama",
        formula: "θ ← θ + b(θ)dt + √(2D(θ)dt) ξ, exits between grid points by the Brownian bridge",
        source: "Maruyama 1955",
        weak_order: 1.0,
        strong_order: 0.5,
        parameters: &[DT],
    },
    Entry {
        name: "baoab",
        formula: "v ← v − ∇L dt/2; θ ← θ + v dt/2; v ← e^{−γdt}v + √(T(1 − e^{−2γdt})) ξ; \
                  θ ← θ + v dt/2; v ← v − ∇L dt/2",
        source: "Leimkuhler and Matthews 2013, for dθ = v dt, dv = −∇L dt − γv dt + √(2γT) dW",
        weak_order: 2.0,
        strong_order: 1.0,
        parameters: &[
            DT,
            Parameter::required("friction", "γ"),
            Parameter::required("temperature", "T"),
        ],
    },
];

const DT: Parameter = Parameter::required("dt", "the time step");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::landscape::double_well::DoubleWell;
    use crate::simulation::sde::{
        Baoab, Diffusion, EulerMaruyama, Integrator, Overdamped, Underdamped,
    };

    #[test]
    fn the_list_says_what_the_integrators_declare() {
        let well = || Box::new(DoubleWell::new(1).unwrap());
        let overdamped = Overdamped::new(well(), Diffusion::Constant(1.0));
        let underdamped = Underdamped::new(well(), 1.0, 1.0).unwrap();
        let schemes: [Box<dyn Integrator>; 2] = [
            Box::new(EulerMaruyama::new(Box::new(overdamped))),
            Box::new(Baoab::new(underdamped)),
        ];
        assert_eq!(ENTRIES.len(), schemes.len());
        for (entry, scheme) in ENTRIES.iter().zip(schemes) {
            assert_eq!(entry.name, scheme.name());
            assert_eq!(entry.weak_order, scheme.weak_order());
            assert_eq!(entry.strong_order, scheme.strong_order());
        }
    }
}
