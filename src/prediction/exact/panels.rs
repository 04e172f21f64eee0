//! Panels on which Φ' = U'/D and ln D are resolved to rounding, found by bisection.

use super::legendre::{GaussLegendre, POINTS};
use crate::error::{Error, Result};

/// The coefficients of dθ = −U'(θ) dt + √(2D(θ)) dW.
pub(super) struct Coefficients<'a> {
    /// U'.
    pub drift: &'a dyn Fn(f64) -> f64,
    /// D ≥ 0.
    pub diffusion: &'a dyn Fn(f64) -> f64,
    /// Length that widths are measured against.
    pub scale: f64,
}

/// One interval with the coefficients at its Gauss–Legendre nodes.
pub(super) struct Panel {
    pub left: f64,
    pub width: f64,
    /// Φ' = U'/D.
    pub slope: [f64; POINTS],
    /// D.
    pub diffusion: [f64; POINTS],
}

/// How a subdivision ended.
#[derive(Debug, PartialEq)]
pub(super) enum Ended {
    /// The whole interval is covered.
    Covered,
    /// The visitor had seen enough.
    Stopped,
    /// However narrow, a panel here is not resolved: D vanishes or jumps.
    Unresolved(f64),
}

/// Φ may change by this much over a panel, so that e^Φ is resolved by 16 points too.
const LARGEST_CHANGE: f64 = 2.0;
/// Highest Legendre coefficient allowed in hΦ' and in ln D …
const TAIL: f64 = 1e-11;
/// … and this times scale/width more: near a zero of D both are noisy from the rounding of θ, which
/// no bisection removes, and the panel matters the less the narrower it is.
const ROUNDING: f64 = 4e-16;
/// Beyond this many panels the problem is not one for quadrature.
const MOST_PANELS: usize = 300_000;

impl Panel {
    /// ∫ over the panel of a function given at its nodes.
    pub fn integral(&self, values: &[f64; POINTS]) -> f64 {
        0.5 * self.width * GaussLegendre::rule().integral(values)
    }

    /// ∫ from the left end to every node.
    pub fn running_integral(&self, values: &[f64; POINTS]) -> [f64; POINTS] {
        GaussLegendre::rule()
            .running_integral(values)
            .map(|x| 0.5 * self.width * x)
    }

    fn resolved(&self, scale: f64) -> bool {
        let tail = TAIL + ROUNDING * scale / self.width;
        let rule = GaussLegendre::rule();
        let change = self.integral(&self.slope.map(f64::abs));
        let log_diffusion = self.diffusion.map(f64::ln);
        change <= LARGEST_CHANGE
            && 0.5 * self.width * rule.unresolved(&self.slope) <= tail
            && rule.unresolved(&log_diffusion) <= tail
    }

    /// Too narrow to matter even if a jump that no break announces lies within.
    fn negligible(&self) -> bool {
        let (mut least, mut most) = (f64::INFINITY, 0.0f64);
        for &d in &self.diffusion {
            least = least.min(d);
            most = most.max(d);
        }
        least > 1e-3 * most && self.integral(&self.slope.map(f64::abs)) <= TAIL
    }
}

impl Coefficients<'_> {
    /// The panel [left, left + width].
    ///
    /// # Errors
    /// [`Error::Input`] where U' or D is not finite or D is negative.
    pub fn sample(&self, left: f64, width: f64) -> Result<Panel> {
        let rule = GaussLegendre::rule();
        let mut panel = Panel {
            left,
            width,
            slope: [0.0; POINTS],
            diffusion: [0.0; POINTS],
        };
        for (i, x) in rule.nodes.iter().enumerate() {
            let theta = left + 0.5 * width * (x + 1.0);
            let (drift, diffusion) = ((self.drift)(theta), (self.diffusion)(theta));
            if !drift.is_finite() || !diffusion.is_finite() || diffusion < 0.0 {
                return Err(Error::Input(format!(
                    "at θ = {theta}: U' = {drift} and D = {diffusion}; both must be finite and \
                     D ≥ 0 wherever the process can go"
                )));
            }
            panel.slope[i] = drift / diffusion;
            panel.diffusion[i] = diffusion;
        }
        Ok(panel)
    }

    /// Cover [left, right] with resolved panels, from right to left, broken at `breaks`.
    ///
    /// # Errors
    /// As [`Coefficients::sample`]; [`Error::Failed`] when too many panels would be needed.
    pub fn cover(
        &self,
        left: f64,
        right: f64,
        breaks: &[f64],
        visit: &mut dyn FnMut(Panel) -> bool,
    ) -> Result<Ended> {
        let mut ends: Vec<f64> = breaks
            .iter()
            .copied()
            .filter(|&x| x > left && x < right)
            .collect();
        ends.extend([left, right]);
        ends.sort_by(f64::total_cmp);
        ends.dedup();
        // The rightmost piece lies on top of the stack.
        let mut pieces: Vec<(f64, f64)> = ends.windows(2).map(|p| (p[0], p[1])).collect();
        let mut examined = 0;
        while let Some((a, b)) = pieces.pop() {
            examined += 1;
            if examined > MOST_PANELS {
                return Err(Error::Failed(format!(
                    "resolving ∫U'/D on [{left}, {right}] takes more than {MOST_PANELS} panels; \
                     the noise is too small (or the interval too long) for quadrature"
                )));
            }
            let panel = self.sample(a, b - a)?;
            if !panel.resolved(self.scale) {
                let narrowest = 1e-14 * (a.abs() + b.abs() + self.scale);
                if b - a > narrowest {
                    let middle = a + 0.5 * (b - a);
                    pieces.push((a, middle));
                    pieces.push((middle, b));
                    continue;
                }
                if !panel.negligible() {
                    return Ok(Ended::Unresolved(a + 0.5 * (b - a)));
                }
            }
            if !visit(panel) {
                return Ok(Ended::Stopped);
            }
        }
        Ok(Ended::Covered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(diffusion: &dyn Fn(f64) -> f64, breaks: &[f64]) -> (Ended, Vec<Panel>) {
        let of = Coefficients {
            drift: &|x| x.cos(),
            diffusion,
            scale: 2.0,
        };
        let mut panels = Vec::new();
        let ended = of
            .cover(-1.0, 1.0, breaks, &mut |panel| {
                panels.push(panel);
                true
            })
            .unwrap();
        (ended, panels)
    }

    #[test]
    fn panels_are_adjacent_and_end_at_breaks() {
        let kinked = |x: f64| 0.5 + (x - 0.3).abs();
        let (ended, panels) = covered(&kinked, &[0.3, 7.0]);
        assert_eq!(ended, Ended::Covered);
        assert!(panels.iter().any(|p| p.left == 0.3));
        assert_eq!(panels.last().unwrap().left, -1.0);
        for pair in panels.windows(2) {
            // From right to left; equal up to the rounding of left + width.
            assert!((pair[1].left + pair[1].width - pair[0].left).abs() < 1e-15);
        }
        let (ended, unannounced) = covered(&kinked, &[]);
        assert_eq!(ended, Ended::Covered);
        assert!(unannounced.len() > panels.len());
    }

    #[test]
    fn a_vanishing_diffusion_is_located() {
        let (ended, _) = covered(&|x| (x - 0.3).abs(), &[]);
        let Ended::Unresolved(at) = ended else {
            panic!("{ended:?}")
        };
        assert!((at - 0.3).abs() < 1e-12);
    }

    #[test]
    fn bad_coefficients_are_named() {
        let of = Coefficients {
            drift: &|_| 1.0,
            diffusion: &|_| -2.0,
            scale: 1.0,
        };
        let message = of
            .cover(0.0, 1.0, &[], &mut |_| true)
            .unwrap_err()
            .to_string();
        assert!(message.contains("D = -2"), "{message}");
    }
}
