//! Mean and second moment of the first-passage time of a one-dimensional diffusion, by quadrature.

use super::dead_zone::{narrowest_noise, never_or_unknown};
use super::interpretation::Interpretation;
use super::left_edge::left_side;
use super::panels::{Coefficients, Ended, Panel};
use super::passage_integrals::{halved, moments};
use crate::error::{Error, Result};

/// First passage of dθ = −U'(θ) dt + √(2D(θ)) dW from `start` to `exit`.
///
/// With exit on the right, Φ = ∫U'/D and the Itô reading,
///
/// T(x) = ∫ₓᵇ dy e^{Φ(y)} ∫₋∞^y dz e^{−Φ(z)} / D(z)
///
/// (Gardiner, Handbook of Stochastic Methods, section 5.2.7). With `exit` < `start` the mirrored
/// problem is solved. The sharpness of a landscape or a learning rate enter through U' and D: SGD
/// with learning rate η and gradient variance C has D = ηC/2 and ⟨n⟩ ≈ T/η.
pub struct FirstPassage<'a> {
    /// U'(θ): θ per unit of time.
    pub drift: &'a dyn Fn(f64) -> f64,
    /// D(θ) ≥ 0: θ² per unit of time.
    pub diffusion: &'a dyn Fn(f64) -> f64,
    /// Where the process starts.
    pub start: f64,
    /// Where it is absorbed.
    pub exit: f64,
    /// A reflecting wall on the far side of the start; `None` when the drift itself confines the
    /// process, whose edge is then found automatically.
    pub reflecting: Option<f64>,
    /// Points at which U' or D has a kink or a jump, in any order.
    pub breaks: &'a [f64],
    /// How the noise is read.
    pub interpretation: Interpretation,
}

/// Moments of a first-passage time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PassageTime {
    /// ⟨τ⟩.
    pub mean: f64,
    /// ⟨τ²⟩; infinite when it exceeds the largest double.
    pub second_moment: f64,
    /// Largest relative change of either when every panel is halved: at most 1e-8.
    pub relative_error: f64,
}

/// What becomes of the process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Passage {
    /// It gets there.
    After(PassageTime),
    /// The mean time is infinite: the diffusion vanishes at `barrier` and the drift there points
    /// away from the exit, so Φ diverges and that point is never crossed towards the exit.
    Never {
        /// Where the diffusion vanishes.
        barrier: f64,
    },
}

impl Passage {
    /// The moments.
    ///
    /// # Errors
    /// [`Error::Failed`] for a passage that never happens.
    pub fn time(self) -> Result<PassageTime> {
        match self {
            Self::After(time) => Ok(time),
            Self::Never { barrier } => Err(Error::Failed(format!(
                "the mean first-passage time is infinite: the diffusion vanishes at θ = {barrier} \
                 with the drift pointing away from the exit; add a floor to D, or simulate the \
                 discrete chain, which can jump over that point"
            ))),
        }
    }
}

/// Accuracy beyond which a result is refused.
const WORST_ERROR: f64 = 1e-8;
/// Accuracy at which refinement stops.
const TARGET_ERROR: f64 = 1e-11;
/// The far tail is cut where its weight has fallen by e⁻⁴⁵ = 3e-20.
const TAIL_DROP: f64 = 45.0;

impl FirstPassage<'_> {
    /// The moments, or that it never happens.
    ///
    /// # Errors
    /// [`Error::Input`] when the points are out of order or not finite, a coefficient is not
    /// finite or D < 0, or nothing confines the process. [`Error::Failed`] when 1e-8 cannot be
    /// reached (the message says what was), the mean exceeds the largest double, or D vanishes or
    /// jumps at a point where neither a time nor its infinity is certain.
    pub fn solve(&self) -> Result<Passage> {
        self.check()?;
        // Mirrored, if need be, so that the exit is on the right.
        let sign = if self.exit > self.start { 1.0 } else { -1.0 };
        let drift = |x: f64| sign * (self.drift)(sign * x);
        let diffusion = |x: f64| (self.diffusion)(sign * x);
        let breaks: Vec<f64> = self.breaks.iter().map(|x| sign * x).collect();
        let (start, exit) = (sign * self.start, sign * self.exit);
        let of = Coefficients {
            drift: &drift,
            diffusion: &diffusion,
            scale: exit - start,
        };

        let mut way: Vec<Panel> = Vec::new();
        let ended = of.cover(start, exit, &breaks, &mut |panel| {
            way.push(panel);
            true
        });
        match ended {
            Ok(Ended::Unresolved(at)) => return never_or_unknown(&of, at, start, sign),
            // Next to a zero of D, Φ may rise for ever at a rate that uses up the panels.
            Err(error @ Error::Failed(_)) => {
                let at = narrowest_noise(&of, start, exit);
                return match never_or_unknown(&of, at, start, sign) {
                    Ok(never) => Ok(never),
                    Err(_) => Err(error),
                };
            }
            Err(error) => return Err(error),
            Ok(_) => {}
        }
        way.reverse();
        let wall = self.reflecting.map(|x| sign * x);
        let left = left_side(&of, start, wall, &breaks, TAIL_DROP)?;
        if let Some(at) = left.unresolved {
            return never_or_unknown(&of, at, start, sign);
        }
        let mut start_at = left.panels.len();
        let mut panels = left.panels;
        panels.append(&mut way);

        let mut coarse = moments(&panels, start_at, self.interpretation);
        let mut relative_error = f64::INFINITY;
        for _ in 0..4 {
            panels = halved(&of, &panels)?;
            start_at *= 2;
            let fine = moments(&panels, start_at, self.interpretation);
            if !fine.0.is_finite() || !fine.1.is_finite() {
                return Err(Error::Failed(format!(
                    "the mean first-passage time from {} to {} exceeds the largest double; raise \
                     the noise or lower the barrier",
                    self.start, self.exit
                )));
            }
            relative_error = (coarse.0 / fine.0 - 1.0)
                .abs()
                .max((coarse.1 / fine.1 - 1.0).abs());
            coarse = fine;
            if relative_error <= TARGET_ERROR {
                break;
            }
        }
        if relative_error.is_nan() || relative_error > WORST_ERROR {
            return Err(Error::Failed(format!(
                "the mean first-passage time from {} to {} was reached only to a relative \
                 accuracy of {relative_error:.1e}, not {WORST_ERROR:.0e}; list the points where \
                 U' or D is not smooth as breaks",
                self.start, self.exit
            )));
        }
        let (mean, ratio) = coarse;
        Ok(Passage::After(PassageTime {
            mean,
            second_moment: ratio * mean * mean,
            relative_error,
        }))
    }

    fn check(&self) -> Result<()> {
        let Self { start, exit, .. } = *self;
        let points = [Some(start), Some(exit), self.reflecting];
        if points
            .iter()
            .flatten()
            .chain(self.breaks)
            .any(|x| !x.is_finite())
        {
            return Err(Error::Input(format!(
                "start {start}, exit {exit}, the wall {:?} and the breaks {:?} must be finite",
                self.reflecting, self.breaks
            )));
        }
        if start == exit {
            return Err(Error::Input(format!(
                "the process starts at its exit, θ = {start}"
            )));
        }
        match self.reflecting {
            Some(wall) if (wall - start) * (exit - start) > 0.0 => Err(Error::Input(format!(
                "the reflecting wall {wall} must lie on the far side of the start {start}, away \
                 from the exit {exit}"
            ))),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[path = "first_passage_tests.rs"]
mod tests;
