//! Random choices, from the lab's own generator.

use kramers::simulation::random::{Address, Stream, fill_normals};
use statrs::distribution::{ContinuousCDF, Normal};

/// A sequence that is a function of a seed and a case.
pub struct Chance {
    stream: Stream,
    case: u64,
    step: u64,
}

impl Chance {
    pub fn new(seed: u64, case: u64) -> Self {
        Self {
            stream: Stream::new(seed, 77),
            case,
            step: 0,
        }
    }

    /// Uniform on (0, 1).
    pub fn unit(&mut self) -> f64 {
        let mut normals = [0.0; 2];
        let (particle, step) = ([self.case], [self.step]);
        let address = Address {
            particle: &particle,
            step: &step,
        };
        fill_normals(&self.stream, address, 2, &mut normals);
        self.step += 1;
        Normal::standard().cdf(normals[0])
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// The same, with few enough digits to be read.
    pub fn rounded(&mut self, low: f64, high: f64) -> f64 {
        (self.between(low, high) * 1e4).round() / 1e4
    }

    /// Log-uniform.
    pub fn scale(&mut self, low: f64, high: f64) -> f64 {
        let x = (self.between(low.ln(), high.ln())).exp();
        format!("{x:.3e}").parse().unwrap()
    }

    pub fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n - 1)
    }

    pub fn often(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }
}
