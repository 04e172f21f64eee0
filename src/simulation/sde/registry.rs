//! The list of integrators, with their scope and declared orders.

use serde::Serialize;

use super::aboba::ABOBA;
use super::baoab::BAOAB;
use super::euler_maruyama::EULER_MARUYAMA;
use super::exact_ou::EXACT_OU;
use super::heun::HEUN;
use super::leimkuhler_matthews::LEIMKUHLER_MATTHEWS;
use super::milstein::MILSTEIN;
use super::obabo::OBABO;
use super::platen::PLATEN;
use super::{Integrator, OrnsteinUhlenbeck, Sde, Underdamped};
use crate::parameter::Parameter;
use base::error::{Error, Result};

/// Orders of convergence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Orders {
    /// Of expectations of smooth functions at a fixed time.
    pub weak: f64,
    /// Of paths.
    pub strong: f64,
}

/// An integrator as users see it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Entry {
    /// Name in experiment files.
    pub name: &'static str,
    /// The scheme.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// What it integrates, and what of it is exact.
    pub scope: &'static str,
    /// Order of convergence of expectations, for the most general noise of its scope.
    pub weak_order: f64,
    /// Order of convergence of paths, for the most general noise of its scope.
    pub strong_order: f64,
    /// Both where the noise is additive.
    pub additive: Orders,
    /// Whether θ is a Brownian bridge between grid points, so that exits there can be sampled.
    pub bridged: bool,
    /// The longest step that is stable on a quadratic; `None` where every step is.
    pub stability: Option<Stability>,
    /// Its parameters in `[sde]`.
    pub parameters: &'static [Parameter],
    /// The scheme for a process of its kind.
    #[serde(skip)]
    pub build: fn(Dynamics) -> Result<Box<dyn Integrator>>,
}

/// Where the linear drift −hθ makes a scheme diverge: at this value and beyond.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stability {
    /// Of dt·h.
    Curvature(f64),
    /// Of dt·ω, ω = √h.
    Frequency(f64),
}

/// A process in continuous time, by what integrates it.
pub enum Dynamics {
    /// An Itô diffusion.
    Diffusion(Box<dyn Sde>),
    /// Langevin dynamics with inertia.
    Underdamped(Underdamped),
    /// Overdamped dynamics on a quadratic.
    OrnsteinUhlenbeck(OrnsteinUhlenbeck),
}

impl Dynamics {
    /// The message that `scheme` is made for another kind of process.
    pub(super) fn unsuited(&self, scheme: &str) -> Error {
        let own = match self {
            Dynamics::Diffusion(_) => "an Itô diffusion",
            Dynamics::Underdamped(_) => "underdamped Langevin dynamics",
            Dynamics::OrnsteinUhlenbeck(_) => "an Ornstein–Uhlenbeck process",
        };
        Error::Input(format!("{scheme} does not integrate {own}"))
    }
}

/// Every integrator.
pub const ENTRIES: &[Entry] = &[
    EULER_MARUYAMA,
    MILSTEIN,
    HEUN,
    PLATEN,
    LEIMKUHLER_MATTHEWS,
    EXACT_OU,
    BAOAB,
    ABOBA,
    OBABO,
];

/// The integrator called `name`.
pub fn find(name: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.name == name)
}

pub(super) const DT: Parameter = Parameter::required("dt", "the time step");
pub(super) const FRICTION: Parameter = Parameter::required("friction", "γ");
pub(super) const TEMPERATURE: Parameter = Parameter::required("temperature", "T");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::double_well::DoubleWell;
    use crate::sde::{Diffusion, Overdamped};

    fn dynamics(kind: usize) -> Dynamics {
        let well = || Box::new(DoubleWell::new(1).unwrap());
        match kind {
            0 => {
                let sde = Overdamped::new(well(), Diffusion::Constant(1.0));
                Dynamics::Diffusion(Box::new(sde))
            }
            1 => Dynamics::Underdamped(Underdamped::new(well(), 1.0, 1.0).unwrap()),
            _ => {
                let hessian = nalgebra::DMatrix::from_element(1, 1, 2.0);
                Dynamics::OrnsteinUhlenbeck(OrnsteinUhlenbeck::new(hessian, &[0.0], 1.0).unwrap())
            }
        }
    }

    /// Each scheme takes its own kind of process and refuses the others with a reason.
    #[test]
    fn every_entry_builds_itself_from_one_kind_of_process() {
        for entry in ENTRIES {
            assert_eq!(find(entry.name).unwrap().formula, entry.formula);
            let built: Vec<_> = (0..3).map(|kind| (entry.build)(dynamics(kind))).collect();
            assert_eq!(built.iter().filter(|b| b.is_ok()).count(), 1);
            for scheme in built {
                match scheme {
                    Ok(scheme) => assert_eq!(scheme.entry().name, entry.name),
                    Err(why) => assert!(why.to_string().contains(entry.name)),
                }
            }
        }
    }

    /// What a scheme cannot do is refused: D that depends on θ, or on other coordinates.
    #[test]
    fn noise_beyond_the_scope_is_refused() {
        let shaped = |dim| {
            let well = Box::new(DoubleWell::new(dim).unwrap());
            let diffusion = Diffusion::LossShaped {
                scale: 1.0,
                floor: 0.1,
            };
            Dynamics::Diffusion(Box::new(Overdamped::new(well, diffusion)))
        };
        for (name, dim, taken) in [
            ("leimkuhler-matthews", 1, false),
            ("milstein", 1, true),
            ("milstein", 2, false),
            ("heun", 2, false),
            ("platen", 2, false),
            ("euler-maruyama", 2, true),
        ] {
            let built = (find(name).unwrap().build)(shaped(dim));
            assert_eq!(built.is_ok(), taken, "{name}, {dim}");
        }
    }
}
