//! What numbers an ensemble is made of.

use serde::Serialize;

use crate::random::{Grain, Stream};

/// The precision of a simulation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// Doubles throughout.
    #[default]
    F64,
    /// Doubles, but for the normals, which are computed in single precision: rounded to 24 bits, none beyond 6.66σ.
    F32Noise,
    /// Singles throughout: normals, θ, gradient, memory and update. A step below half an ulp of θ is lost.
    F32,
}

impl Precision {
    /// The names in experiment files.
    pub const NAMES: &[&str] = &["f64", "f32-noise", "f32"];

    /// The precision of that name; doubles for any other.
    pub fn named(name: &str) -> Self {
        match name {
            "f32-noise" => Precision::F32Noise,
            "f32" => Precision::F32,
            _ => Precision::F64,
        }
    }

    /// Whether it is the default, which records need not say.
    pub fn is_default(&self) -> bool {
        *self == Precision::default()
    }

    /// The random numbers of `cell` under the root `seed`, their normals in this precision.
    pub fn stream(self, seed: u64, cell: u64) -> Stream {
        let grain = match self {
            Precision::F64 => Grain::Double,
            Precision::F32Noise | Precision::F32 => Grain::Single,
        };
        Stream::new(seed, cell).of_grain(grain)
    }
}
