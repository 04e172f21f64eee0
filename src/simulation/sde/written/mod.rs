//! SDEs that are written as formulas.
//!
//! The lines of an SDE ([`SdeFormula`]) are put into one graph (`lower`), with the drift of their reading; [`WrittenSde`]
//! runs what is compiled of it over rows of lanes, as an Itô diffusion of θ, of what is remembered beside it and of the time;
//! [`WrittenScheme`] lets any integrator of such diffusions move θ by it.

mod lower;
mod scheme;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::{Noise, Reading, Sde};
use crate::landscape::Landscape;
use crate::landscape::expression::Compiled;
use lower::{Lowered, Needs};
pub use scheme::{Frame, WrittenScheme};

/// What is wrong with an SDE, and with which of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongLine {
    /// `drift` or `noise`.
    pub key: &'static str,
    /// The line's place among those of its key.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

/// A line: what it gives, and the formula.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// `theta` or a name of the state, of every coordinate; or that of one, `x` or `x.u`; else a name of the line's own.
    pub of: String,
    /// The formula.
    pub formula: String,
}

/// What multiplies dW.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Multiplies {
    /// A number for each coordinate, each with a Brownian motion of its own.
    Lines(Vec<Line>),
    /// A matrix of formulas by rows: one row for each coordinate of θ, one column for each Brownian motion.
    Matrix(Vec<Vec<String>>),
}

/// An SDE by formulas, dθ = b dt + B dW and the same of what is remembered beside θ, in a reading.
///
/// A line of `theta` or of a name of the state is taken for every coordinate, with `theta`, `g` (its part of ∇L) and what is
/// remembered of it by their names. Any line may name the coordinates (`x`), their gradients (`x.grad`), what is remembered of
/// them (`x.u`), `loss`, `step`, `time`, the constants, and lines before it that are none of the state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SdeFormula {
    /// The names of θ's coordinates.
    pub variables: Vec<String>,
    /// What is remembered of each coordinate, and what it begins with.
    pub state: Vec<(String, f64)>,
    /// The drift.
    pub drift: Vec<Line>,
    /// What multiplies dW.
    pub noise: Multiplies,
    /// How the noise is read.
    pub reading: Reading,
    /// The values of the other names.
    pub constants: BTreeMap<String, f64>,
}

/// An Itô diffusion by formulas. Its coordinates are θ, then what is remembered, name by name, then the time where a formula
/// depends on it.
pub struct WrittenSde {
    surface: Arc<dyn Landscape>,
    /// How many coordinates it has.
    dim: usize,
    drift: Part,
    diffusion: Part,
    slope: Part,
    noise: Noise,
    constant: Option<f64>,
}

/// Some formulas, and what they need beside the coordinates.
struct Part {
    program: Compiled,
    needs: Needs,
}

impl WrittenSde {
    /// L, its gradient and its curvature below the coordinates, then the formulas.
    fn run(&self, part: &Part, theta: &[f64], lanes: usize, to: &mut [f64]) {
        if !part.needs.any() {
            return part.program.run(theta, lanes, to);
        }
        lower::with_rows(
            &*self.surface,
            part.needs,
            (theta, self.dim),
            lanes,
            |rows| {
                part.program.run(rows, lanes, to);
            },
        );
    }
}

impl Sde for WrittenSde {
    fn dim(&self) -> usize {
        self.dim
    }

    fn drift(&self, theta: &[f64], lanes: usize, drift: &mut [f64]) {
        self.run(&self.drift, theta, lanes, drift);
    }

    fn diffusion(&self, theta: &[f64], lanes: usize, diffusion: &mut [f64]) {
        self.run(&self.diffusion, theta, lanes, diffusion);
    }

    fn diffusion_slope(&self, theta: &[f64], lanes: usize, slope: &mut [f64]) {
        self.run(&self.slope, theta, lanes, slope);
    }

    fn noise(&self) -> Noise {
        self.noise
    }

    fn constant_diffusion(&self) -> Option<f64> {
        self.constant
    }
}

impl SdeFormula {
    /// Whether no formula depends on the step or the time.
    pub fn is_steady(&self) -> bool {
        let texts = self.texts();
        let named = texts
            .iter()
            .filter_map(|text| formula::Tree::parse(text).ok());
        let mut names = named.flat_map(|tree| tree.names());
        !names.any(|(_, name)| crate::driven::CLOCK.contains(&&*name))
    }

    /// The formulas.
    pub fn texts(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.drift.iter().map(|line| &*line.formula).collect();
        match &self.noise {
            Multiplies::Lines(lines) => all.extend(lines.iter().map(|line| &*line.formula)),
            Multiplies::Matrix(rows) => all.extend(rows.iter().flatten().map(String::as_str)),
        }
        all
    }

    /// The SDE on a landscape, whose steps are `dt` of its own time and take `clock`, as an Itô diffusion, and how a scheme of that
    /// moves θ.
    ///
    /// # Errors
    /// A line that has no meaning, one that nothing reads, a coordinate without a drift, a matrix that does not fit.
    pub fn on(
        &self,
        surface: Box<dyn Landscape>,
        dt: f64,
        clock: f64,
    ) -> Result<(WrittenSde, Frame), WrongLine> {
        let surface: Arc<dyn Landscape> = Arc::from(surface);
        let Lowered {
            dim,
            drift,
            diffusion,
            slope,
            noise,
            constant,
            frame,
        } = lower::lower(self, &surface, dt, clock)?;
        let sde = WrittenSde {
            surface,
            dim,
            drift,
            diffusion,
            slope,
            noise,
            constant,
        };
        Ok((sde, frame))
    }
}
