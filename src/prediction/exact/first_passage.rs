//! Mean and second moment of the first-passage time of a one-dimensional diffusion, by quadrature.

use super::dead_zone::{narrowest_noise, never_or_unknown};
use super::function::{Function, Mirrored};
use super::interpretation::Interpretation;
use super::left_edge::left_side;
use super::panels::{Breaks, Coefficients, DEVIATIONS, Ended, Panel, left_open, mirrored};
use super::passage_integrals::{moments, recut};
use base::error::{Error, Result};
use base::shown;

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
    pub drift: &'a dyn Function,
    /// D(θ) ≥ 0: θ² per unit of time.
    pub diffusion: &'a dyn Function,
    /// Where the process starts.
    pub start: f64,
    /// Where it is absorbed.
    pub exit: f64,
    /// A reflecting wall on the far side of the start; `None` when the drift itself confines the
    /// process, whose edge is then found automatically.
    pub reflecting: Option<f64>,
    /// Points at which U' or D is not smooth.
    pub breaks: Breaks<'a>,
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
    /// Of both: their largest relative change when every panel is cut in two, and what rounding in U'
    /// leaves open; at most 1e-6.
    pub relative_error: f64,
    /// How far wells on the far side of the start were looked for, where that was cut short.
    pub looked: Option<f64>,
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
const WORST_ERROR: f64 = 1e-6;
/// Accuracy at which refinement stops.
const TARGET_ERROR: f64 = 1e-11;
/// Φ counts but where it falls by more than this over a panel, which the flux forgets.
const COUNTS: f64 = 3.0;
/// The far tail is cut where its weight has fallen by e⁻⁴⁵ = 3e-20.
const TAIL_DROP: f64 = 45.0;

impl FirstPassage<'_> {
    /// The moments, or that it never happens.
    ///
    /// # Errors
    /// [`Error::Input`] when the points are out of order or not finite, a coefficient is not
    /// finite or D < 0, or nothing confines the process. [`Error::Failed`] when 1e-6 cannot be
    /// reached (the message says what was), the mean exceeds the largest double, or D vanishes or
    /// jumps at a point where neither a time nor its infinity is certain.
    pub fn solve(&self) -> Result<Passage> {
        self.check()?;
        // Mirrored, if need be, so that the exit is on the right.
        let sign = if self.exit > self.start { 1.0 } else { -1.0 };
        let [drift, diffusion] = self.mirrored(sign);
        let breaks = |low: f64, high: f64| mirrored(self.breaks, sign, low, high);
        let (start, exit) = (sign * self.start, sign * self.exit);
        let of = Coefficients {
            drift: &drift,
            diffusion: &diffusion,
            breaks: &breaks,
            scale: exit - start,
        };

        let mut way: Vec<Panel> = Vec::new();
        let ended = of.cover(start, exit, &mut |panel| {
            way.push(panel);
            true
        });
        // Next to a zero of D the panels may end before it, in rounding or in number.
        let never = |otherwise: Result<Passage>| {
            let at = narrowest_noise(&of, start, exit);
            never_or_unknown(&of, at, start, sign).or(otherwise)
        };
        match ended {
            Ok(Ended::Unresolved(at) | Ended::Broken(at)) => {
                return never(never_or_unknown(&of, at, start, sign));
            }
            Err(error @ Error::Failed(_)) => return never(Err(error)),
            Err(error) => return Err(error),
            Ok(_) => {}
        }
        way.reverse();
        let wall = self.reflecting.map(|x| sign * x);
        let a = self.interpretation.exponent();
        let left = left_side(&of, start, wall, a, TAIL_DROP)?;
        if let Some(at) = left.unresolved {
            return never_or_unknown(&of, at, start, sign);
        }
        let mut panels = left.panels;
        let start_at = panels.len();
        panels.append(&mut way);

        let mut coarse = moments(&of, &panels, start_at, self.interpretation, false)?;
        let mut relative_error = f64::INFINITY;
        for _ in 0..3 {
            panels = recut(&of, &coarse.carried)?;
            let fine = moments(&of, &panels, 2 * coarse.start_at, self.interpretation, true)?;
            if fine.ratio.is_nan() || fine.log_mean > f64::MAX.ln() {
                return Err(Error::Failed(format!(
                    "the first-passage time from {} to {}, or its square, exceeds the largest double; raise \
                     the noise or lower the barrier",
                    self.start, self.exit
                )));
            }
            let mean = (coarse.log_mean - fine.log_mean).exp_m1().abs();
            // A second moment that no double holds has no error either.
            let ratio = if coarse.ratio == fine.ratio {
                0.0
            } else {
                (coarse.ratio / fine.ratio - 1.0).abs()
            };
            // ⟨τ²⟩ is this ratio times ⟨τ⟩².
            relative_error = ratio + 2.0 * mean;
            coarse = fine;
            if relative_error <= TARGET_ERROR {
                break;
            }
        }
        if relative_error > TARGET_ERROR {
            // What no cut lessens is noise, and the change is one sample of it.
            relative_error *= DEVIATIONS;
        }
        let panels = coarse.carried.iter().map(|c| &c.panel);
        relative_error += 2.0 * left_open(panels.map(|p| (p, p.integral(&p.slope) >= -COUNTS)));
        if relative_error.is_nan() || relative_error > WORST_ERROR {
            return Err(Error::Failed(format!(
                "the mean first-passage time from {} to {} was reached only to a relative \
                 accuracy of {}, not {WORST_ERROR:.0e}: U' or D is not smooth, or not \
                 known to enough digits",
                self.start,
                self.exit,
                shown::accuracy(relative_error)
            )));
        }
        let mean = coarse.log_mean.exp();
        Ok(Passage::After(PassageTime {
            mean,
            second_moment: coarse.ratio * mean * mean,
            relative_error,
            looked: left.looked.map(|x| sign * x),
        }))
    }

    /// U' and D seen from the other side where `sign` is −1.
    pub(super) fn mirrored(&self, sign: f64) -> [Mirrored<'_>; 2] {
        [(self.drift, sign), (self.diffusion, 1.0)].map(|(of, factor)| Mirrored {
            of,
            sign,
            factor,
        })
    }

    fn check(&self) -> Result<()> {
        let Self { start, exit, .. } = *self;
        let points = [Some(start), Some(exit), self.reflecting];
        if points.iter().flatten().any(|x| !x.is_finite()) {
            return Err(Error::Input(format!(
                "start {start}, exit {exit} and the wall {:?} must be finite",
                self.reflecting
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
