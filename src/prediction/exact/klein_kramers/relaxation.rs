//! The slowest relaxation of a closed double well, and the rate over its barrier.

use nalgebra::DVector;

use super::Particle;
use super::hermite::Levels;
use base::error::{Error, Result};
use base::shown;

/// The slowest mode of the Klein–Kramers operator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relaxation {
    /// λ₁: the smallest eigenvalue above 0, per unit of time; the sum of the rates both ways.
    pub eigenvalue: f64,
    /// k = λ₁ · (weight of the other side in the steady state): the rate from the side of the start; λ₁/2
    /// in a symmetric well.
    pub hop_rate: f64,
    /// Relative change of λ₁ on the last refinement.
    pub relative_error: f64,
}

/// The box ends where L has risen by this many T above the minimum: e^{−L/2T} = 1e-13 there.
const RISE: f64 = 60.0;
/// Nodes per thermal width √(T/H) of the well at first …
const DENSITY: f64 = 2.2;
/// … and levels of velocity, more the longer a particle swings.
const LEVELS: f64 = 13.0;
/// Growth of both from one refinement to the next.
const GROWTH: f64 = 1.3;
const REFINEMENTS: usize = 7;
/// Most nodes and levels: a minute and a gigabyte.
const MOST_POINTS: usize = 420;
const MOST_LEVELS: usize = 900;
/// Intervals of the steady state's weights, even.
const WEIGHED: usize = 4000;
const TARGET: f64 = 1e-9;
/// Change beyond which a result is refused.
const WORST: f64 = 1e-5;

impl Particle<'_> {
    /// The slowest mode of a double well with minima at `minimum` and beyond the `saddle`, from the side of
    /// `minimum`.
    ///
    /// # Errors
    /// [`Error::Input`] for parameters out of range or a loss that does not confine the particle on both
    /// sides; [`Error::Failed`] where the mode is not resolved to 1e-5, as at very weak friction.
    pub fn relaxation(&self, minimum: f64, saddle: f64) -> Result<Relaxation> {
        self.check()?;
        if !minimum.is_finite() || !saddle.is_finite() || minimum == saddle {
            return Err(Error::Input(format!(
                "a minimum and a saddle beside it are needed; got {minimum} and {saddle}"
            )));
        }
        let ahead = (saddle - minimum).signum();
        let rise = RISE * self.temperature;
        let height = (self.loss)(saddle) - (self.loss)(minimum);
        let back = self.wall(minimum, -ahead, rise)?;
        let front = self.wall(saddle, ahead, (rise - height).max(0.5 * rise))?;
        let (low, high) = (back.min(front), back.max(front));

        let curvature = self.curvature(minimum, saddle - minimum).abs();
        let width = (self.temperature / curvature).sqrt();
        let swings = (curvature / self.mass).sqrt() / self.damping;
        let mut points = (DENSITY * (high - low) / width).max(24.0);
        let mut levels = (LEVELS * (1.0 + swings)).max(24.0);
        let (here, there) = (
            self.weight(back, saddle, minimum),
            self.weight(saddle, front, minimum),
        );
        let beyond = there / (here + there);
        let mut before = f64::NAN;
        let mut change = f64::INFINITY;
        let mut found = None;
        for _ in 0..REFINEMENTS {
            if points as usize > MOST_POINTS || levels as usize > MOST_LEVELS {
                break;
            }
            let eigenvalue = Levels::new(self, low, high, points as usize, levels as usize)
                .and_then(|operator| slowest(&operator, saddle))
                .map_err(|error| below_rounding(error, height / self.temperature))?;
            change = (eigenvalue / before - 1.0).abs();
            found = Some(eigenvalue);
            if change <= TARGET {
                break;
            }
            before = eigenvalue;
            points *= GROWTH;
            levels *= GROWTH;
        }
        match found {
            Some(eigenvalue) if change <= WORST => Ok(Relaxation {
                eigenvalue,
                hop_rate: eigenvalue * beyond,
                relative_error: change,
            }),
            _ => Err(Error::Failed(format!(
                "the slowest mode at γ = {} is resolved to {} only, not {WORST:.0e}: {} nodes \
                 and {} velocity levels at most; raise the friction or the temperature",
                self.damping,
                shown::accuracy(change),
                MOST_POINTS,
                MOST_LEVELS
            ))),
        }
    }
}

/// ΔL/T from which on a mode that is not found is lost in rounding: λ₁ is e^−16 = 1e-7 of the motion in a well, and
/// the operator's entries are larger than that by the square of its levels.
const LOST: f64 = 16.0;

/// Why the mode was not found, where the barrier is the reason.
fn below_rounding(error: Error, height: f64) -> Error {
    match error {
        Error::Failed(_) if height >= LOST => Error::Failed(format!(
            "at ΔL/T = {height:.1} the slowest eigenvalue of the Klein–Kramers operator, e^−{height:.1} of the motion \
             in a well, is lost in rounding; raise the temperature to ΔL/{LOST} or more, or take the laws, which are \
             close at high barriers"
        )),
        other => other,
    }
}

impl Particle<'_> {
    /// |∫e^−(L − L(minimum))/T dθ| by Simpson's rule.
    fn weight(&self, from: f64, to: f64, minimum: f64) -> f64 {
        let h = (to - from) / WEIGHED as f64;
        let bottom = (self.loss)(minimum);
        let sum: f64 = (0..=WEIGHED)
            .map(|k| {
                let share = match k {
                    0 | WEIGHED => 1.0,
                    k if k % 2 == 1 => 4.0,
                    _ => 2.0,
                };
                share * (-((self.loss)(from + h * k as f64) - bottom) / self.temperature).exp()
            })
            .sum();
        (sum * h / 3.0).abs()
    }
}

/// Inverse iteration from the step between the two sides.
fn slowest(operator: &Levels, saddle: f64) -> Result<f64> {
    let nodes = operator.nodes.len();
    let mut mode = vec![DVector::zeros(nodes); operator.len()];
    for (i, x) in operator.nodes.iter().enumerate() {
        mode[0][i] = operator.rest[i] * (x - saddle).signum();
    }
    operator.without_rest(&mut mode[0]);
    let mut before = f64::NAN;
    for _ in 0..200 {
        mode = operator.solve(mode);
        let size = mode.iter().map(DVector::norm_squared).sum::<f64>().sqrt();
        mode.iter_mut().for_each(|level| *level /= size);
        let eigenvalue = operator.quotient(&mode);
        if (eigenvalue / before - 1.0).abs() < 1e-13 && eigenvalue > 0.0 {
            return Ok(eigenvalue);
        }
        before = eigenvalue;
    }
    Err(Error::Failed(
        "the slowest mode of the Klein–Kramers operator did not settle: it is no slower than the motion \
         inside a well, so that there is no rate over a barrier as low as this"
            .into(),
    ))
}
