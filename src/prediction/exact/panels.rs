//! Panels on which Φ' = U'/D and ln D are resolved to rounding, found by bisection.

use super::function::Function;
use super::legendre::{GaussLegendre, POINTS};
use base::error::{Error, Result};
use base::interrupt;
use base::shown;

/// What is known of the coefficients between two points, in any order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    /// Where they jump or have a kink.
    pub kinks: Vec<f64>,
    /// Where the potential itself has no value: poles, jumps and the ends of its domain.
    pub poles: Vec<f64>,
    /// Points so close together that nothing between two of them is missed by a handful of samples; none
    /// where the coefficients are smooth on the scale of the way.
    pub cells: Vec<f64>,
}

impl Marks {
    /// Kinks alone.
    pub fn kinks(kinks: &[f64]) -> Self {
        Self {
            kinks: kinks.to_vec(),
            ..Self::default()
        }
    }

    /// The same seen from the other side, or not: `sign` is 1 or −1.
    pub fn mirrored(mut self, sign: f64) -> Self {
        for list in [&mut self.kinks, &mut self.poles, &mut self.cells] {
            list.iter_mut().for_each(|x| *x *= sign);
        }
        self
    }
}

/// What is known between two points that are in order.
pub type Breaks<'a> = &'a dyn Fn(f64, f64) -> Result<Marks>;

/// What `breaks` knows, for coordinates that are mirrored where `sign` is −1.
pub(super) fn mirrored(breaks: Breaks<'_>, sign: f64, low: f64, high: f64) -> Result<Marks> {
    let ends = [sign * low, sign * high];
    let found = breaks(ends[0].min(ends[1]), ends[0].max(ends[1]))?;
    Ok(found.mirrored(sign))
}

/// Of coefficients that are smooth on the scale of the way.
///
/// # Errors
/// None.
pub fn smooth(_: f64, _: f64) -> Result<Marks> {
    Ok(Marks::default())
}

/// The coefficients of dθ = −U'(θ) dt + √(2D(θ)) dW.
pub(super) struct Coefficients<'a> {
    /// U'.
    pub drift: &'a dyn Function,
    /// D ≥ 0.
    pub diffusion: &'a dyn Function,
    /// Where they are not smooth.
    pub breaks: Breaks<'a>,
    /// Length that widths are measured against.
    pub scale: f64,
}

/// One interval with the coefficients at its Gauss–Legendre nodes.
#[derive(Clone)]
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
    /// However narrow, a panel here is not resolved: D vanishes or jumps, or U' has a pole.
    Unresolved(f64),
    /// U' is resolved up to here, but the potential does not go on: it jumps, or ends.
    Broken(f64),
}

/// Highest Legendre coefficient allowed in hΦ', as a part of ∫|Φ'| where that exceeds 1, and in ln D …
const TAIL: f64 = 1e-12;
/// … and this times scale/width more: near a zero of D both are noisy from the rounding of θ, which
/// no bisection removes, and the panel matters the less the narrower it is.
const ROUNDING: f64 = 4e-16;
/// What a panel may hold that no bisection resolves.
const NEGLIGIBLE: f64 = 1e-11;
/// Narrowest panel, against θ and the scale.
const NARROWEST: f64 = 1e-14;
/// Halvings of the distance between two nodes on the way to where Φ turns.
const BISECTIONS: usize = 50;
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

    /// ∫|Φ'| over the panel.
    pub fn variation(&self) -> f64 {
        self.integral(&self.slope.map(f64::abs))
    }

    /// How well Φ is known over the panel: the last of its Legendre coefficients.
    pub fn doubt(&self) -> f64 {
        0.5 * self.width * GaussLegendre::rule().unresolved(&self.slope)
    }

    /// The largest of (a − 1) ln D − Φ over the panel, Φ from its left end: at an end, at a node, or where Φ turns
    /// from falling to rising between two of them, which may be a well much narrower than the panel.
    pub fn highest(&self, a: f64) -> f64 {
        let rule = GaussLegendre::rule();
        let rise = self.running_integral(&self.slope);
        let end = |x: f64| rule.interpolated(&self.slope, x);
        let mut all: Vec<[f64; 4]> = vec![[-1.0, 0.0, end(-1.0), self.diffusion[0]]];
        all.extend((0..POINTS).map(|i| [rule.nodes[i], rise[i], self.slope[i], self.diffusion[i]]));
        let whole = self.integral(&self.slope);
        all.push([1.0, whole, end(1.0), self.diffusion[POINTS - 1]]);
        let weight = |phi: f64, d: f64| (a - 1.0) * d.ln() - phi;
        let at_points = all.iter().map(|[_, phi, _, d]| weight(*phi, *d));
        let turns = all
            .windows(2)
            .filter(|pair| pair[0][2] < 0.0 && pair[1][2] > 0.0);
        let between = turns.map(|pair| {
            let (mut low, mut high) = (pair[0][0], pair[1][0]);
            for _ in 0..BISECTIONS {
                let middle = 0.5 * (low + high);
                if end(middle) < 0.0 {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            let least = pair[0][3].min(pair[1][3]);
            weight(rule.interpolated(&rise, low), least)
        });
        at_points.chain(between).fold(f64::NEG_INFINITY, f64::max)
    }

    /// The nodes.
    pub fn nodes(&self) -> [f64; POINTS] {
        GaussLegendre::rule()
            .nodes
            .map(|x| self.left + 0.5 * self.width * (x + 1.0))
    }

    fn finite(&self) -> bool {
        let mut pairs = self.slope.iter().zip(&self.diffusion);
        pairs.all(|(slope, d)| slope.is_finite() && d.is_finite())
    }

    fn resolved(&self, scale: f64) -> bool {
        let rounding = ROUNDING * scale / self.width;
        let log_diffusion = self.diffusion.map(f64::ln);
        self.doubt() <= TAIL * self.variation().max(1.0) + rounding
            && GaussLegendre::rule().unresolved(&log_diffusion) <= TAIL + rounding
    }

    /// Too narrow to matter even if a jump that no break announces lies within.
    fn negligible(&self) -> bool {
        let (mut least, mut most) = (f64::INFINITY, 0.0f64);
        for &d in &self.diffusion {
            least = least.min(d);
            most = most.max(d);
        }
        least > 1e-3 * most && self.variation() <= NEGLIGIBLE
    }
}

impl Coefficients<'_> {
    /// The panel [left, left + width].
    ///
    /// # Errors
    /// [`Error::Input`] where U' or D is not finite or D is negative.
    pub fn sample(&self, left: f64, width: f64) -> Result<Panel> {
        let panel = self.sampled(left, width);
        let own = panel.slope.iter().zip(&panel.diffusion).zip(panel.nodes());
        for ((slope, diffusion), theta) in own {
            // 0/0 is a vanishing diffusion, which is told elsewhere.
            if !(slope * diffusion).is_finite() && *diffusion != 0.0
                || !diffusion.is_finite()
                || *diffusion < 0.0
            {
                return Err(Error::Input(format!(
                    "at θ = {theta:?}: U' comes to {} and D to {}; both must be finite and D ≥ 0 wherever \
                     the process can go",
                    shown::number(self.drift.at(theta)),
                    shown::number(*diffusion)
                )));
            }
        }
        Ok(panel)
    }

    fn sampled(&self, left: f64, width: f64) -> Panel {
        let mut panel = Panel {
            left,
            width,
            slope: [0.0; POINTS],
            diffusion: [0.0; POINTS],
        };
        let nodes = panel.nodes();
        self.drift.over(&nodes, &mut panel.slope);
        self.diffusion.over(&nodes, &mut panel.diffusion);
        for (slope, diffusion) in panel.slope.iter_mut().zip(&panel.diffusion) {
            *slope /= diffusion;
        }
        panel
    }

    /// Whether a panel from `left` cannot be halved any more.
    pub fn narrowest(&self, panel: &Panel) -> bool {
        let right = panel.left + panel.width;
        panel.width <= NARROWEST * (panel.left.abs() + right.abs() + self.scale)
    }

    /// Two ends and what lies between them, ascending; of marks that rounding alone tells apart the one listed first.
    fn ends(&self, [left, right]: [f64; 2], marks: &[&[f64]]) -> Vec<f64> {
        let mut ranked: Vec<(f64, usize)> = vec![(left, 0), (right, 0)];
        for (rank, list) in marks.iter().enumerate() {
            let within = list.iter().filter(|x| left < **x && **x < right);
            ranked.extend(within.map(|x| (*x, rank + 1)));
        }
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        ranked.dedup_by(|next, kept| {
            let same = next.0 - kept.0 <= NARROWEST * (next.0.abs() + kept.0.abs() + self.scale);
            if same && next.1 < kept.1 {
                *kept = *next;
            }
            same
        });
        ranked.into_iter().map(|(x, _)| x).collect()
    }

    /// Cover [left, right] with resolved panels, from right to left, broken at the breaks.
    ///
    /// # Errors
    /// As [`Coefficients::sample`] and [`Breaks`]; [`Error::Failed`] when too many panels would be needed.
    pub fn cover(
        &self,
        left: f64,
        right: f64,
        visit: &mut dyn FnMut(Panel) -> bool,
    ) -> Result<Ended> {
        let Marks {
            kinks,
            poles,
            cells,
        } = (self.breaks)(left, right)?;
        let ends = self.ends([left, right], &[&poles, &kinks, &cells]);
        // The rightmost piece lies on top of the stack.
        let mut pieces: Vec<(f64, f64)> = ends.windows(2).map(|p| (p[0], p[1])).collect();
        let mut examined = 0;
        while let Some((a, b)) = pieces.pop() {
            examined += 1;
            if b < right && poles.contains(&b) {
                return Ok(Ended::Broken(b));
            }
            if interrupt::requested() {
                return Err(Error::Interrupted("stopped within a quadrature".into()));
            }
            if examined > MOST_PANELS {
                return Err(too_many(left, right));
            }
            let panel = self.sampled(a, b - a);
            if !(panel.finite() && panel.resolved(self.scale)) {
                if !self.narrowest(&panel) {
                    let middle = a + 0.5 * (b - a);
                    pieces.push((a, middle));
                    pieces.push((middle, b));
                    continue;
                }
                let panel = self.sample(a, b - a)?;
                if !panel.negligible() {
                    return Ok(Ended::Unresolved(a + 0.5 * (b - a)));
                }
            }
            if panel.diffusion.iter().any(|d| *d < 0.0) {
                self.sample(a, b - a)?;
            }
            if !visit(panel) {
                return Ok(Ended::Stopped);
            }
        }
        Ok(if poles.contains(&left) {
            Ended::Broken(left)
        } else {
            Ended::Covered
        })
    }
}

/// Standard deviations of the rounding that is left open.
pub(super) const DEVIATIONS: f64 = 3.0;

/// What is not known of Φ over adjacent panels, of those that count: the rounding of U' and of where it jumps, and what the
/// panels leave unresolved.
pub(super) fn left_open<'a>(panels: impl Iterator<Item = (&'a Panel, bool)>) -> f64 {
    let rule = GaussLegendre::rule();
    let mut squares = 0.0;
    let mut last: Option<(f64, bool)> = None;
    for (panel, counts) in panels {
        if counts {
            squares += (f64::EPSILON * panel.variation()).powi(2) + panel.doubt().powi(2);
        }
        let [from, to] = [-1.0, 1.0].map(|x| rule.interpolated(&panel.slope, x));
        if let Some((before, counted)) = last
            && (counts || counted)
        {
            squares += (f64::EPSILON * panel.left * (from - before)).powi(2);
        }
        last = Some((to, counts));
    }
    DEVIATIONS * squares.sqrt() + 4.0 * f64::EPSILON
}

/// The refusal of a way with too much on it.
pub(super) fn too_many(left: f64, right: f64) -> Error {
    Error::Failed(format!(
        "resolving ∫U'/D on [{left}, {right}] takes more than {MOST_PANELS} panels; the noise is too \
         small (or the interval too long) for quadrature"
    ))
}

/// The same for panels that are counted elsewhere.
pub(super) fn allowed(count: usize, left: f64, right: f64) -> Result<()> {
    if count > MOST_PANELS {
        return Err(too_many(left, right));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(diffusion: &dyn Function, breaks: &[f64]) -> (Ended, Vec<Panel>) {
        let of = Coefficients {
            drift: &f64::cos,
            diffusion,
            breaks: &|_, _| Ok(Marks::kinks(breaks)),
            scale: 2.0,
        };
        let mut panels = Vec::new();
        let ended = of
            .cover(-1.0, 1.0, &mut |panel| {
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
        let (ended, _) = covered(&|x: f64| (x - 0.3).abs(), &[]);
        let Ended::Unresolved(at) = ended else {
            panic!("{ended:?}")
        };
        assert!((at - 0.3).abs() < 1e-12);
    }

    #[test]
    fn bad_coefficients_are_named() {
        let of = Coefficients {
            drift: &|_: f64| 1.0,
            diffusion: &|_: f64| -2.0,
            breaks: &smooth,
            scale: 1.0,
        };
        let message = of.cover(0.0, 1.0, &mut |_| true).unwrap_err().to_string();
        assert!(message.contains("D to -2"), "{message}");
    }
}
