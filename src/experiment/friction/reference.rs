//! What is exact of the particle, and what the laws say of it: no random numbers here.

use serde::Serialize;

use base::error::{Error, Result};
use prediction::condition::Condition;
use prediction::exact::fokker_planck::Refined;
use prediction::exact::klein_kramers::{Arrival, Particle};
use prediction::exact::kramers_law::{self, Barrier};
use prediction::exact::melnikov_meshkov::{self, Orbits};
use simulation::landscape::line::{curvature_at, slope_at};
use simulation::landscape::{Boundary, Landscape, Way};

/// A surface with the minimum that is left and the saddle on the way.
pub struct Well<'a> {
    /// The surface, in one coordinate.
    pub line: &'a dyn Landscape,
    /// T.
    pub temperature: f64,
    /// The minimum.
    pub minimum: f64,
    /// The saddle.
    pub saddle: f64,
}

/// Rates at one damping.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Rates {
    /// γ.
    pub damping: f64,
    /// From the slowest eigenvalue of Klein–Kramers.
    pub hop: f64,
    /// Theorem 3's at one temperature, which is Kramers' at moderate to strong friction.
    pub kramers: f64,
    /// Mel'nikov and Meshkov's.
    pub bridged: f64,
}

impl Well<'_> {
    fn barrier(&self) -> Barrier {
        Barrier {
            h_min: curvature_at(self.line, self.minimum),
            h_saddle: curvature_at(self.line, self.saddle),
            height: self.line.value(&[self.saddle]) - self.line.value(&[self.minimum]),
        }
    }

    fn with<T>(&self, damping: f64, ask: impl FnOnce(&Particle<'_>) -> Result<T>) -> Result<T> {
        let particle = Particle {
            loss: &|x| self.line.value(&[x]),
            slope: &|x| slope_at(self.line, x),
            temperature: self.temperature,
            damping,
            mass: 1.0,
        };
        // What the file asks for is in order; what is beyond the solver is no input's fault.
        ask(&particle).map_err(|error| Error::Failed(error.to_string()))
    }

    /// The mean time from rest at the minimum to an exit.
    ///
    /// # Errors
    /// The solver does not resolve it.
    pub fn time(&self, damping: f64, exit: f64) -> Result<Refined> {
        let start = self.minimum;
        self.with(damping, |particle| {
            particle.passage(Arrival { start, exit })
        })
    }

    /// Theorem 3 at one temperature: π[√(1 + 4|H_b|/(γ²M)) + 1] γM/√(H_a|H_b|) e^{ΔL/T}, Kramers' time.
    ///
    /// # Errors
    /// A curvature vanishes.
    pub fn paper_time(&self, damping: f64) -> Result<f64> {
        kramers_law::inertial(&self.barrier(), self.temperature, damping, 1.0)
    }

    /// What the theorem's derivation assumes of the way to an exit, with its numbers.
    ///
    /// # Errors
    /// No barrier lies before the exit.
    pub fn conditions(&self, damping: f64, exit: f64) -> Result<[Condition; 3]> {
        let barrier = self.barrier();
        let boundary = Boundary {
            coordinate: Some(0),
            at: exit,
            above: true,
        };
        let way = Way::of(self.line, &[self.minimum], boundary).map_err(Error::Failed)?;
        Ok([
            kramers_law::one_barrier(way.wells),
            kramers_law::high_barrier(barrier.height / self.temperature),
            kramers_law::strong_friction(&barrier, self.temperature, damping, 1.0),
        ])
    }

    /// Every rate over the saddle.
    ///
    /// # Errors
    /// The solver does not resolve the mode.
    pub fn rates(&self, damping: f64) -> Result<Rates> {
        let mode = self.with(damping, |particle| {
            particle.relaxation(self.minimum, self.saddle)
        })?;
        let loss = |x: f64| self.line.value(&[x]);
        let swing = |from: f64| melnikov_meshkov::swing(&loss, from, self.saddle, 1.0);
        let orbits = Orbits {
            here: swing(self.minimum)?,
            there: swing(self.saddle + 1e-3 * (self.saddle - self.minimum)).ok(),
        };
        let bridged =
            melnikov_meshkov::rate(&self.barrier(), &orbits, self.temperature, damping, 1.0)?;
        Ok(Rates {
            damping,
            hop: mode.hop_rate,
            kramers: 1.0 / self.paper_time(damping)?,
            bridged,
        })
    }
}
