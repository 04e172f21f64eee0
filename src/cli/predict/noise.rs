//! The variance C(θ) of one stochastic gradient as the keys give it, and the diffusion it makes.

use super::course::Course;
use super::inputs::Inputs;
use super::key::{Key, Range};
use base::error::Result;
use experiment::marks::marks;
use prediction::exact::{Function, Marks};
use simulation::landscape::Landscape;
use simulation::landscape::line::{inflections, slope_at};

/// η.
pub const ETA: Key = Key::new("eta", "0.005", Range::Positive, "η, the learning rate");

const BATCH: Key = Key::optional(
    "batch",
    Range::Positive,
    "B, in place of noise_variance: C(θ) = (|L″(θ)| + floor)/B",
);
const FLOOR: Key = Key::new(
    "floor",
    "0",
    Range::NotNegative,
    "δ, added to |L″| where batch is given",
);

/// The keys that stand in for a constant C.
pub const KEYS: &[Key] = &[BATCH, FLOOR];

const TEMPERATURE: Key = Key::new(
    "temperature",
    "0.05",
    Range::Positive,
    "T, the constant diffusion D, where neither noise_variance nor batch is given",
);
const NOISE_VARIANCE: Key = Key::optional(
    "noise_variance",
    Range::Positive,
    "C, the variance of one stochastic gradient: D = ηC/2",
);

/// The keys of a diffusion, beside [`KEYS`].
pub const DIFFUSION_KEYS: &[Key] = &[TEMPERATURE, ETA, NOISE_VARIANCE];

/// C(θ) in one coordinate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GradientNoise {
    /// The same everywhere.
    Constant(f64),
    /// (|L″(θ)| + δ)/B.
    Hessian {
        /// B.
        batch: f64,
        /// δ.
        floor: f64,
    },
}

impl GradientNoise {
    /// Whether it depends on θ.
    pub fn depends(&self) -> bool {
        matches!(self, Self::Hessian { .. })
    }

    /// Reads batch and floor; `None` where no batch is given, and `variance` is then left to read.
    ///
    /// # Errors
    /// Batch and variance are both given, a floor without a batch, or a number out of range.
    pub fn of_batch(inputs: &mut Inputs, variance: &Key) -> Result<Option<Self>> {
        let Some(batch) = inputs.optional(&BATCH)? else {
            let why = "it is added to |L″| where batch is given; give batch too";
            inputs.without(FLOOR.name, why)?;
            return Ok(None);
        };
        let why = "batch gives the variance already, as |L″|/B; give one of the two";
        inputs.without(variance.name, why)?;
        let floor = inputs.number(&FLOOR)?;
        Ok(Some(Self::Hessian { batch, floor }))
    }

    /// The diagonal of C over a block.
    pub fn over(&self, surface: &dyn Landscape, theta: &[f64], lanes: usize, values: &mut [f64]) {
        match *self {
            Self::Constant(variance) => values.fill(variance),
            Self::Hessian { batch, floor } => {
                surface.hessian_diagonal(theta, lanes, values);
                values
                    .iter_mut()
                    .for_each(|c| *c = (c.abs() + floor) / batch);
            }
        }
    }

    /// factor · C(θ) on a line.
    pub fn along<'a>(&self, line: &'a dyn Landscape, factor: f64) -> Along<'a> {
        Along {
            line,
            noise: *self,
            factor,
        }
    }

    /// A point between start and exit that the SDE never crosses: C = |L″|/B without a floor vanishes
    /// there, linearly or faster, and L′ ≠ 0 points back, so that ∫L′/D diverges.
    pub fn dead_end(&self, course: &Course) -> Option<f64> {
        let Self::Hessian { floor: 0.0, .. } = self else {
            return None;
        };
        let line = &*course.line;
        let (low, high) = (course.start.min(course.exit), course.start.max(course.exit));
        // At a kink L″ jumps over zero instead.
        let kinks = line.structure(low, high).kinks;
        let jumps = |x: f64| {
            let near = |kink: &f64| (kink - x).abs() <= 1e-9 * (high - low);
            kinks.iter().any(near)
        };
        inflections(line, low, high)
            .into_iter()
            .filter(|&x| low < x && x < high && !jumps(x))
            .find(|&x| course.sign() * slope_at(line, x) > 0.0)
    }

    /// Where L′ or C is not smooth.
    ///
    /// # Errors
    /// A surface that is too fine to tell.
    pub fn breaks(&self, line: &dyn Landscape, low: f64, high: f64) -> Result<Marks> {
        marks(line, low, high, self.depends())
    }
}

/// A noise along a line.
pub struct Along<'a> {
    line: &'a dyn Landscape,
    noise: GradientNoise,
    factor: f64,
}

impl Function for Along<'_> {
    fn at(&self, theta: f64) -> f64 {
        let mut value = [0.0];
        self.over(&[theta], &mut value);
        value[0]
    }

    fn over(&self, theta: &[f64], values: &mut [f64]) {
        self.noise.over(self.line, theta, theta.len(), values);
        values.iter_mut().for_each(|c| *c *= self.factor);
    }
}

/// D(θ) = factor · C(θ).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Diffusion {
    /// η/2 where C is the variance of a gradient, 1 where it is the temperature itself.
    pub factor: f64,
    /// C.
    pub noise: GradientNoise,
}

impl Diffusion {
    /// Reads the temperature, or a learning rate and the variance of its gradient.
    ///
    /// # Errors
    /// Both are given, or a number is out of range.
    pub fn read(inputs: &mut Inputs) -> Result<Self> {
        let noise = match GradientNoise::of_batch(inputs, &NOISE_VARIANCE)? {
            Some(noise) => Some(noise),
            None => inputs
                .optional(&NOISE_VARIANCE)?
                .map(GradientNoise::Constant),
        };
        let Some(noise) = noise else {
            let why = "a learning rate makes a diffusion only with the gradient's variance; give \
                   noise_variance or batch too";
            inputs.without(ETA.name, why)?;
            let temperature = inputs.number(&TEMPERATURE)?;
            return Ok(Self {
                factor: 1.0,
                noise: GradientNoise::Constant(temperature),
            });
        };
        let why =
            "noise_variance or batch gives the diffusion already, as ηC/2; give one of the two";
        inputs.without(TEMPERATURE.name, why)?;
        let factor = 0.5 * inputs.number(&ETA)?;
        Ok(Self { factor, noise })
    }

    /// D(θ) on a line.
    pub fn along<'a>(&self, line: &'a dyn Landscape) -> Along<'a> {
        self.noise.along(line, self.factor)
    }
}
