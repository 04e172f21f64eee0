//! First two moments of a first-passage time, carried over panels from left to right.

use super::interpretation::Interpretation;
use super::legendre::{GaussLegendre, POINTS};
use super::panels::{Coefficients, Panel, allowed};
use base::error::{Error, Result};

/// A panel with what was carried to its nodes, J e^{−`log`}.
#[derive(Clone)]
pub(super) struct Carried {
    pub panel: Panel,
    pub density: [f64; POINTS],
    pub log: f64,
}

/// What is known at a point: K = k e^{log}.
#[derive(Clone, Copy)]
struct State {
    k: f64,
    log: f64,
}

/// Φ may change by this much over a panel on which e^Φ is formed.
const LARGEST_CHANGE: f64 = 3.0;
/// Φ may rise by this much over a panel that is tried as a whole.
const LARGEST_RISE: f64 = 8.0;
/// Highest Legendre coefficient allowed in K, against its largest value.
const TAIL: f64 = 1e-12;
/// Where the carried number is brought back to 1.
const LARGE: f64 = 1e100;

/// The moments of a passage, and the panels that they were carried over.
pub(super) struct Moments {
    /// ln⟨τ⟩.
    pub log_mean: f64,
    /// ⟨τ²⟩ / ⟨τ⟩².
    pub ratio: f64,
    pub carried: Vec<Carried>,
    pub start_at: usize,
}

/// ⟨τ⟩ and ⟨τ²⟩ for exit on the right.
///
/// With J(y) = D^{−a} e^{Φ(y)} ∫^y e^{−Φ} D^{a−1}, ⟨τ⟩ = ∫ J over the panels from the start on;
/// ⟨τ²⟩ is the same with 2T(z) inside the inner integral (Gardiner, Handbook of Stochastic Methods,
/// 5.2.7). K = DᵃJ obeys K' = Φ'K + D^{a−1}. Where Φ changes little over a panel K is formed from the
/// integrals, every term of which is positive. Where it falls steeply, as on the way down from a far
/// start, K follows −D^{a−1}/Φ' closely whatever Φ does, and the equation is collocated at the nodes:
/// so a way down costs no more panels than its shape asks for.
///
/// `panels` ascend without gaps; the process starts at the left end of panel `start_at`, is reflected at the
/// left end of the first and absorbed at the right end of the last. They are halved where K is not
/// resolved, unless `fixed`.
pub(super) fn moments(
    of: &Coefficients<'_>,
    panels: &[Panel],
    start_at: usize,
    reading: Interpretation,
    fixed: bool,
) -> Result<Moments> {
    let a = reading.exponent();
    let (carried, start_at) = mean_density(of, panels, start_at, a, fixed)?;
    let parts: Vec<(f64, f64)> = carried
        .iter()
        .skip(start_at)
        .map(|c| (c.panel.integral(&c.density), c.log))
        .collect();
    let log_mean = log_sum(&parts);

    // T / T(start) at every node, summed from the absorbing end.
    let mut remaining = vec![[0.0; POINTS]; carried.len()];
    let mut right = 0.0;
    for (own, c) in remaining.iter_mut().zip(&carried).rev() {
        let weight = (c.log - log_mean).exp();
        let density = c.density.map(|j| j * weight);
        let whole = c.panel.integral(&density);
        let running = c.panel.running_integral(&density);
        *own = running.map(|to_node| right + (whole - to_node));
        right += whole;
    }
    let mut state = State { k: 0.0, log: 0.0 };
    let mut parts = Vec::new();
    for (n, (c, remaining)) in carried.iter().zip(&remaining).enumerate() {
        let source = remaining.map(|t| 2.0 * t);
        let (k, next) = carry(&c.panel, a, &source, state);
        if n >= start_at {
            let density = std::array::from_fn(|i| k[i] * c.panel.diffusion[i].powf(-a));
            parts.push((c.panel.integral(&density), state.log));
        }
        state = next;
    }
    Ok(Moments {
        log_mean,
        ratio: (log_sum(&parts) - log_mean).exp(),
        carried,
        start_at,
    })
}

/// J over the panels, which are halved until it is resolved.
fn mean_density(
    of: &Coefficients<'_>,
    panels: &[Panel],
    start_at: usize,
    a: f64,
    fixed: bool,
) -> Result<(Vec<Carried>, usize)> {
    let (left, right) = match panels {
        [first, .., last] => (first.left, last.left + last.width),
        _ => (0.0, 0.0),
    };
    let mut carried: Vec<Carried> = Vec::with_capacity(panels.len());
    let mut first = 0;
    let mut state = State { k: 0.0, log: 0.0 };
    for (n, panel) in panels.iter().enumerate() {
        if n == start_at {
            first = carried.len();
        }
        let mut waiting = vec![panel.clone()];
        while let Some(panel) = waiting.pop() {
            let halvable = !fixed && !of.narrowest(&panel);
            let tried = (!halvable || worth_trying(&panel))
                .then(|| carry(&panel, a, &[1.0; POINTS], state))
                .filter(|(k, _)| !halvable || settled(&panel, k));
            let Some((k, next)) = tried else {
                let half = 0.5 * panel.width;
                waiting.push(of.sample(panel.left + half, half)?);
                waiting.push(of.sample(panel.left, half)?);
                allowed(carried.len() + waiting.len(), left, right)?;
                continue;
            };
            let density = std::array::from_fn(|i| k[i] * panel.diffusion[i].powf(-a));
            if !density.iter().all(|j: &f64| j.is_finite()) {
                return Err(Error::Failed(format!(
                    "the flux is not finite on [{}, {}], where U' or D is not resolved",
                    panel.left,
                    panel.left + panel.width
                )));
            }
            carried.push(Carried {
                panel,
                density,
                log: state.log,
            });
            state = next;
        }
    }
    Ok((carried, first))
}

/// Whether a panel may be resolved as it is: not where Φ rises far.
fn worth_trying(panel: &Panel) -> bool {
    panel.integral(&panel.slope.map(|s| s.max(0.0))) <= LARGEST_RISE
}

fn settled(panel: &Panel, k: &[f64; POINTS]) -> bool {
    if panel.variation() <= LARGEST_CHANGE {
        return true;
    }
    let most = k.iter().fold(0.0f64, |m, k| m.max(k.abs()));
    k.iter().all(|k| *k >= 0.0) && GaussLegendre::rule().unresolved(k) <= TAIL * most
}

/// K at the nodes, in units of e^{state.log}, and at the right end.
fn carry(panel: &Panel, a: f64, source: &[f64; POINTS], state: State) -> ([f64; POINTS], State) {
    let unit = (-state.log).exp();
    let source: [f64; POINTS] =
        std::array::from_fn(|i| source[i] * unit * panel.diffusion[i].powf(a - 1.0));
    let (k, end) = if panel.variation() <= LARGEST_CHANGE {
        let rise = panel.running_integral(&panel.slope);
        let weighted: [f64; POINTS] = std::array::from_fn(|i| source[i] * (-rise[i]).exp());
        let running = panel.running_integral(&weighted);
        let k = std::array::from_fn(|i| rise[i].exp() * (state.k + running[i]));
        let whole = panel.integral(&panel.slope).exp();
        (k, whole * (state.k + panel.integral(&weighted)))
    } else {
        let k = GaussLegendre::rule().collocated(&panel.slope, &source, panel.width, state.k);
        let change: [f64; POINTS] = std::array::from_fn(|i| panel.slope[i] * k[i] + source[i]);
        (k, state.k + panel.integral(&change))
    };
    let mut next = State { k: end, ..state };
    if end > LARGE || end > 0.0 && end < 1.0 / LARGE {
        next = State {
            k: 1.0,
            log: state.log + end.ln(),
        };
    }
    (k, next)
}

/// ln Σ x e^{log}.
fn log_sum(parts: &[(f64, f64)]) -> f64 {
    let most = parts
        .iter()
        .filter(|(x, _)| *x > 0.0)
        .map(|(x, log)| log + x.ln())
        .fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = parts.iter().map(|(x, log)| x * (log - most).exp()).sum();
    most + sum.ln()
}

/// Every panel cut in two, not in the middle: so that no node lies where one lay before.
pub(super) fn recut(of: &Coefficients<'_>, carried: &[Carried]) -> Result<Vec<Panel>> {
    let mut finer = Vec::with_capacity(2 * carried.len());
    for Carried { panel, .. } in carried {
        let first = CUT * panel.width;
        finer.push(of.sample(panel.left, first)?);
        finer.push(of.sample(panel.left + first, panel.width - first)?);
    }
    Ok(finer)
}

/// Where panels are cut.
const CUT: f64 = 0.41;

#[cfg(test)]
mod tests {
    use super::super::function::Function;
    use super::super::panels::smooth;
    use super::*;

    fn of<'a>(drift: &'a dyn Function, diffusion: &'a dyn Function) -> Coefficients<'a> {
        Coefficients {
            drift,
            diffusion,
            breaks: &smooth,
            scale: 1.0,
        }
    }

    fn panels(of: &Coefficients<'_>, left: f64, right: f64) -> Vec<Panel> {
        let mut panels = Vec::new();
        of.cover(left, right, &mut |p| {
            panels.push(p);
            true
        })
        .unwrap();
        panels.reverse();
        panels
    }

    fn solved(of: &Coefficients<'_>, left: f64, right: f64, reading: Interpretation) -> (f64, f64) {
        let found = moments(of, &panels(of, left, right), 0, reading, false).unwrap();
        (found.log_mean.exp(), found.ratio)
    }

    #[test]
    fn free_diffusion_from_a_wall() {
        // ⟨τ⟩ = b²/(2D), ⟨τ²⟩ = 5 b⁴/(12 D²): exit of a Brownian motion from (−b, b).
        let of = of(&|_: f64| 0.0, &|_: f64| 0.7);
        let (mean, ratio) = solved(&of, 0.0, 1.3, Interpretation::Ito);
        assert!((mean - 1.3 * 1.3 / 1.4).abs() < 1e-14);
        assert!((ratio - 5.0 / 3.0).abs() < 1e-14);
    }

    #[test]
    fn the_readings_differ_by_a_drift() {
        // D = e^{θ}: Stratonovich = Itô with drift +D'/2, anti-Itô = Itô with drift +D'.
        let diffusion = |x: f64| x.exp();
        for (reading, fraction) in [
            (Interpretation::Stratonovich, 0.5),
            (Interpretation::AntiIto, 1.0),
        ] {
            let plain = of(&|x: f64| x, &diffusion);
            let drift = |x: f64| x - fraction * x.exp();
            let moved = of(&drift, &diffusion);
            let (read, _) = solved(&plain, -1.0, 1.0, reading);
            let (ito, _) = solved(&moved, -1.0, 1.0, Interpretation::Ito);
            assert!((read / ito - 1.0).abs() < 1e-13, "{read} {ito}");
        }
    }

    #[test]
    fn a_steep_way_down_takes_few_panels() {
        // Constant drift v from a wall: ⟨τ⟩ = b/v − (D/v²)(1 − e^{−vb/D}), and ⟨τ²⟩/⟨τ⟩² = 1 + 2D/(vb) + …
        let (v, b) = (1e6, 3.0);
        let of = of(&|_: f64| -1e6, &|_: f64| 1.0);
        let found = moments(&of, &panels(&of, 0.0, b), 0, Interpretation::Ito, false).unwrap();
        let expected = b / v - 1.0 / (v * v);
        assert!((found.log_mean.exp() / expected - 1.0).abs() < 1e-12);
        // (⟨τ⟩² + 2D/v³ (b − 5D/(2v)))/⟨τ⟩², the variance of the inverse Gaussian with its reflection.
        let ratio = 1.0 + 2.0 / (v * v * v) * (b - 2.5 / v) / (expected * expected);
        assert!(
            (found.ratio - ratio).abs() < 1e-12,
            "{} {ratio}",
            found.ratio
        );
        assert!(found.carried.len() < 200, "{}", found.carried.len());
    }

    #[test]
    fn cutting_keeps_the_cover() {
        let of = of(&|x: f64| x, &|_: f64| 1.0);
        let coarse = moments(&of, &panels(&of, -1.0, 2.0), 0, Interpretation::Ito, false).unwrap();
        let finer = recut(&of, &coarse.carried).unwrap();
        assert_eq!(finer.len(), 2 * coarse.carried.len());
        assert!((finer.iter().map(|p| p.width).sum::<f64>() - 3.0).abs() < 1e-14);
        // 16 points are already exact to rounding.
        let fine = moments(&of, &finer, 0, Interpretation::Ito, true).unwrap();
        assert!((coarse.log_mean - fine.log_mean).abs() < 1e-13);
        assert!((coarse.ratio / fine.ratio - 1.0).abs() < 1e-13);
    }
}
