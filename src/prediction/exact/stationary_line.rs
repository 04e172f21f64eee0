//! The stationary law of a diffusion on a line, by quadrature.

use super::function::{Function, Mirrored};
use super::interpretation::Interpretation;
use super::left_edge::left_side;
use super::legendre::POINTS;
use super::panels::{Breaks, Coefficients, Ended, Panel, allowed, left_open, mirrored};
use base::error::{Error, Result};
use base::shown;

/// dθ = −U'(θ) dt + √(2D(θ)) dW in the long run, p ∝ Dᵃ⁻¹ e^{−Φ} with Φ = ∫U'/D and a = 0 (Itô), ½, 1
/// (Gardiner, Handbook of Stochastic Methods, section 5.2.2).
pub struct StationaryLine<'a> {
    /// U'.
    pub drift: &'a dyn Function,
    /// D > 0.
    pub diffusion: &'a dyn Function,
    /// Where they are not smooth.
    pub breaks: Breaks<'a>,
    /// How the noise is read.
    pub interpretation: Interpretation,
    /// A point from which the law is looked for on both sides, such as the deepest minimum.
    pub center: f64,
    /// Reflecting walls; where there is none, the law ends where Φ + (1 − a) ln D has risen by 45.
    pub walls: [Option<f64>; 2],
}

/// The law.
#[derive(Clone, Debug, PartialEq)]
pub struct Law {
    /// Where it ends.
    pub range: [f64; 2],
    /// Its mean.
    pub mean: f64,
    /// Its variance.
    pub variance: f64,
    /// θ and p there.
    pub density: Vec<[f64; 2]>,
    /// θ, p and P(≤ θ) at the nodes of the quadrature, ascending: where the law is steep they lie close.
    pub nodes: Vec<[f64; 3]>,
    /// What the variance, the mean (against √variance) and p (against the largest) change by when every panel
    /// is cut in two, and what rounding leaves open: the largest of them.
    pub relative_error: f64,
    /// How far wells were looked for, where that was cut short.
    pub looked: Option<f64>,
}

/// The law is cut where its weight has fallen by e⁻⁴⁵.
const DROP: f64 = 45.0;
/// Φ may change by this much over a panel that carries weight …
const LARGEST_CHANGE: f64 = 2.0;
/// … which it does within this of the largest.
const WEIGHTLESS: f64 = 60.0;
/// Where panels are cut for the comparison.
const CUT: f64 = 0.41;
/// Accuracy beyond which a result is refused.
const WORST_ERROR: f64 = 1e-6;

/// A panel with ln(Dᵃ⁻¹ e^{−Φ}) at its nodes, and Φ at its left end.
struct Weighed {
    panel: Panel,
    log: Vec<f64>,
    phi: f64,
    /// The largest of them anywhere in the panel.
    highest: f64,
}

struct Moments {
    /// ln of the largest weight, and the integral in units of it.
    largest: f64,
    whole: f64,
    mean: f64,
    variance: f64,
}

impl StationaryLine<'_> {
    /// The law, its density at `points` places that are spread evenly over it.
    ///
    /// # Errors
    /// [`Error::Input`] where nothing confines the process, or walls are out of order; [`Error::Failed`]
    /// where D vanishes or the quadrature does not settle to 1e-6.
    pub fn solve(&self, points: usize) -> Result<Law> {
        let a = self.interpretation.exponent();
        let of = Coefficients {
            drift: self.drift,
            diffusion: self.diffusion,
            breaks: self.breaks,
            scale: self.scale(),
        };
        let [(low, below), (high, above)] = [self.end(&of, -1.0, a)?, self.end(&of, 1.0, a)?];
        let range = [low, high];
        let mut panels = Vec::new();
        let ended = of.cover(low, high, &mut |panel| {
            panels.push(panel);
            true
        })?;
        match ended {
            Ended::Unresolved(at) => return Err(unresolved(at)),
            // A wall may stand where the surface ends.
            Ended::Broken(at) if at > low => return Err(unresolved(at)),
            _ => {}
        }
        panels.reverse();
        let coarse = self.weighed(&of, panels, a)?;
        let mut finer = Vec::new();
        for Weighed { panel, .. } in &coarse {
            let first = CUT * panel.width;
            finer.push(of.sample(panel.left, first)?);
            finer.push(of.sample(panel.left + first, panel.width - first)?);
        }
        let fine = self.weighed(&of, finer, a)?;
        let [rough, law] = [&coarse, &fine].map(|panels| moments(panels));
        let deviation = law.variance.sqrt();
        let places: Vec<f64> = (0..points)
            .map(|k| range[0] + (range[1] - range[0]) * k as f64 / (points - 1) as f64)
            .collect();
        let mut density = Vec::new();
        let top = -law.whole.ln();
        let mut error = (rough.variance / law.variance - 1.0)
            .abs()
            .max((rough.mean - law.mean).abs() / deviation)
            .max((rough.whole.ln() + rough.largest - law.whole.ln() - law.largest).abs());
        for x in places {
            let at = |panels: &[Weighed], of_law: &Moments| -> Result<f64> {
                let log = log_weight(&of, panels, x, a)?;
                Ok((log - of_law.largest - of_law.whole.ln()).exp())
            };
            let (p, other) = (at(&fine, &law)?, at(&coarse, &rough)?);
            error = error.max((p - other).abs() / top.exp());
            density.push([x, p]);
        }
        // What lies between two wells decides how much is in each, however little is in between.
        let heavy = |w: &Weighed| w.highest > law.largest - DROP;
        let first = fine.iter().position(heavy).unwrap_or(0);
        let last = fine.iter().rposition(heavy).unwrap_or(0);
        let counts = fine.iter().enumerate();
        let counts = counts.map(|(n, w)| (&w.panel, (first..=last).contains(&n)));
        error += left_open(counts);
        if error.is_nan() || error > WORST_ERROR {
            return Err(Error::Failed(format!(
                "the stationary law settled only to a relative accuracy of {}, not \
                 {WORST_ERROR:.0e}: U' or D is not smooth, or D all but vanishes",
                shown::accuracy(error)
            )));
        }
        Ok(Law {
            range,
            mean: law.mean,
            variance: law.variance,
            density,
            nodes: nodes(&fine, &law),
            relative_error: error,
            looked: below.or(above),
        })
    }

    /// A length of the problem: of the walls where there are two, else of the well at the centre.
    fn scale(&self) -> f64 {
        if let [Some(low), Some(high)] = self.walls {
            return high - low;
        }
        // Where U' has grown so far that e^{−Φ} falls over the distance.
        let mut step = 1e-9 * (1.0 + self.center.abs());
        while step < 1e6 {
            let risen = [-step, step].map(|dx| {
                let x = self.center + dx;
                dx * self.drift.at(x) / self.diffusion.at(x)
            });
            if !risen.iter().all(|rise| *rise < 1.0) {
                return step;
            }
            step *= 1.5;
        }
        1.0
    }

    /// Where the law ends on the side of `sign`, and how far the look beyond came, if it was cut short.
    fn end(&self, of: &Coefficients<'_>, sign: f64, a: f64) -> Result<(f64, Option<f64>)> {
        let wall = self.walls[usize::from(sign > 0.0)];
        if let Some(wall) = wall {
            if (wall - self.center) * sign <= 0.0 {
                return Err(Error::Input(format!(
                    "the walls {:?} have to lie on both sides of θ = {}",
                    self.walls, self.center
                )));
            }
            return Ok((wall, None));
        }
        // `left_side` looks to the left.
        let flip = -sign;
        let breaks = |low: f64, high: f64| mirrored(self.breaks, flip, low, high);
        let [drift, diffusion] =
            [(self.drift, flip), (self.diffusion, 1.0)].map(|(of, factor)| Mirrored {
                of,
                sign: flip,
                factor,
            });
        let mirror = Coefficients {
            drift: &drift,
            diffusion: &diffusion,
            breaks: &breaks,
            scale: of.scale,
        };
        let side = left_side(&mirror, flip * self.center, None, a, DROP)?;
        if let Some(at) = side.unresolved {
            return Err(unresolved(flip * at));
        }
        let edge = flip * side.edge(flip * self.center);
        Ok((edge, side.looked.map(|x| flip * x)))
    }

    /// The panels with their weights, halved where they carry weight and Φ is not resolved as an exponent.
    fn weighed(&self, of: &Coefficients<'_>, panels: Vec<Panel>, a: f64) -> Result<Vec<Weighed>> {
        let (low, high) = (panels.first(), panels.last());
        let [low, high] = [low, high].map(|p| p.map_or(0.0, |p| p.left));
        let weigh = |panel: Panel, phi: f64| {
            let rise = panel.running_integral(&panel.slope);
            let log = rise.iter().zip(&panel.diffusion);
            let log = log.map(|(rise, d)| -(phi + rise) + (a - 1.0) * d.ln());
            Weighed {
                log: log.collect(),
                highest: panel.highest(a) - phi,
                panel,
                phi,
            }
        };
        // Once over everything for the largest weight.
        let (mut phi, mut largest) = (0.0, f64::NEG_INFINITY);
        for panel in &panels {
            largest = largest.max(panel.highest(a) - phi);
            phi += panel.integral(&panel.slope);
        }
        let mut found: Vec<Weighed> = Vec::with_capacity(panels.len());
        let mut phi = 0.0;
        for panel in panels {
            let mut waiting = vec![panel];
            while let Some(panel) = waiting.pop() {
                let own = weigh(panel, phi);
                let heavy = own.highest > largest - WEIGHTLESS;
                let coarse = own.panel.variation() > LARGEST_CHANGE;
                if heavy && coarse && !of.narrowest(&own.panel) {
                    let half = 0.5 * own.panel.width;
                    waiting.push(of.sample(own.panel.left + half, half)?);
                    waiting.push(of.sample(own.panel.left, half)?);
                    allowed(found.len() + waiting.len(), low, high)?;
                    continue;
                }
                phi += own.panel.integral(&own.panel.slope);
                found.push(own);
            }
        }
        Ok(found)
    }
}

fn unresolved(at: f64) -> Error {
    Error::Failed(format!(
        "the law is not resolved at θ = {at}: D vanishes or jumps there, or the loss jumps or ends; add a floor \
         to D, or give a wall before it"
    ))
}

fn moments(panels: &[Weighed]) -> Moments {
    let logs = panels.iter().flat_map(|w| &w.log);
    let largest = logs.copied().fold(f64::NEG_INFINITY, f64::max);
    let average = |of: &dyn Fn(f64) -> f64| -> f64 {
        let own = panels.iter().map(|w| {
            let nodes = w.panel.nodes();
            w.panel.integral(&std::array::from_fn(|i| {
                of(nodes[i]) * (w.log[i] - largest).exp()
            }))
        });
        own.sum()
    };
    let whole = average(&|_| 1.0);
    // About a point of the law, so that a far one loses no digits.
    let middle = panels
        .iter()
        .max_by(|a, b| a.log[0].total_cmp(&b.log[0]))
        .map_or(0.0, |w| w.panel.left);
    let mean = middle + average(&|x| x - middle) / whole;
    let variance = average(&|x| (x - mean).powi(2)) / whole;
    Moments {
        largest,
        whole,
        mean,
        variance,
    }
}

fn nodes(panels: &[Weighed], law: &Moments) -> Vec<[f64; 3]> {
    let mut below = 0.0;
    let own = panels.iter().flat_map(|w| {
        let p: [f64; POINTS] = std::array::from_fn(|i| (w.log[i] - law.largest).exp() / law.whole);
        let (at, risen) = (w.panel.nodes(), w.panel.running_integral(&p));
        let start = below;
        below += w.panel.integral(&p);
        (0..POINTS).map(move |i| [at[i], p[i], (start + risen[i]).min(1.0)])
    });
    own.collect()
}

/// ln(Dᵃ⁻¹ e^{−Φ}) at a place.
fn log_weight(of: &Coefficients<'_>, panels: &[Weighed], x: f64, a: f64) -> Result<f64> {
    let after = panels.partition_point(|w| w.panel.left <= x);
    let own = &panels[after.saturating_sub(1)];
    let width = x - own.panel.left;
    let mut phi = own.phi;
    if width > 0.0 {
        let piece = of.sample(own.panel.left, width)?;
        phi += piece.integral(&piece.slope);
    }
    Ok(-phi + (a - 1.0) * of.diffusion.at(x).ln())
}

#[cfg(test)]
mod tests {
    use super::super::panels::{Marks, smooth};
    use super::*;

    #[test]
    fn a_parabola_is_normal() {
        let law = StationaryLine {
            drift: &|x: f64| 2.0 * (x - 3.0),
            diffusion: &|_: f64| 0.3,
            breaks: &smooth,
            interpretation: Interpretation::Ito,
            center: 3.0,
            walls: [None, None],
        };
        let found = law.solve(5).unwrap();
        assert!((found.mean - 3.0).abs() < 1e-13 && (found.variance / 0.15 - 1.0).abs() < 1e-12);
        let top = (2.0 * std::f64::consts::PI * 0.15).sqrt().recip();
        for [x, p] in &found.density {
            let exact = top * (-(x - 3.0) * (x - 3.0) / 0.3).exp();
            assert!((p - exact).abs() < 1e-12 * top, "{x} {p} {exact}");
        }
        assert!(found.relative_error < 1e-12);
        // P(≤ 3) = ½, and P(≤ 3 ± σ) = ½ ± 0.341344746068543.
        let sigma = 0.15f64.sqrt();
        for (x, expected) in [(3.0, 0.5), (3.0 + sigma, 0.841_344_746_068_543)] {
            let after = found.nodes.partition_point(|[y, ..]| *y < x);
            let [y, p, below] = found.nodes[after];
            // From the node next to it, to second order.
            let slope = -2.0 * (y - 3.0) / 0.3 * p;
            let at = below - p * (y - x) + 0.5 * slope * (y - x).powi(2);
            assert!(
                (at - expected).abs() < 2.0 * (y - x).powi(3) + 1e-12,
                "{x} {at}"
            );
        }
        // From elsewhere, it is the same.
        let elsewhere = StationaryLine {
            center: -40.0,
            ..law
        };
        assert!((elsewhere.solve(2).unwrap().variance / 0.15 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn walls_and_kinks() {
        // p ∝ e^{−|x|} on [−1, 2]: the mean by hand.
        let of = |low, high| StationaryLine {
            drift: &|x: f64| x.signum(),
            diffusion: &|_: f64| 1.0,
            breaks: &|_, _| Ok(Marks::kinks(&[0.0])),
            interpretation: Interpretation::Ito,
            center: 0.0,
            walls: [Some(low), Some(high)],
        };
        let found = of(-1.0, 2.0).solve(3).unwrap();
        let (e1, e2) = ((-1.0f64).exp(), (-2.0f64).exp());
        let mean = ((1.0 - 3.0 * e2) - (1.0 - 2.0 * e1)) / (2.0 - e1 - e2);
        assert!((found.mean - mean).abs() < 1e-13, "{}", found.mean);
        assert_eq!(found.range, [-1.0, 2.0]);
        assert!(of(1.0, 2.0).solve(3).is_err());
    }

    #[test]
    fn what_nothing_confines_is_refused() {
        let open = StationaryLine {
            drift: &|x: f64| x - x * x,
            diffusion: &|_: f64| 0.1,
            breaks: &smooth,
            interpretation: Interpretation::Ito,
            center: 0.0,
            walls: [None, None],
        };
        assert!(open.solve(3).unwrap_err().to_string().contains("confine"));
    }
}
