//! First two moments of a first-passage time, by recurrence over resolved panels.

use super::interpretation::Interpretation;
use super::legendre::POINTS;
use super::panels::{Coefficients, Panel};
use crate::error::Result;

/// ⟨τ⟩ and ⟨τ²⟩ / ⟨τ⟩² for exit on the right.
///
/// With J(y) = D^{−a} e^{Φ(y)} ∫^y e^{−Φ} D^{a−1}, ⟨τ⟩ = ∫ J over the panels from `start_at` on;
/// ⟨τ²⟩ is the same with 2T(z) inside the inner integral (Gardiner, Handbook of Stochastic
/// Methods, 5.2.7). Every e^Φ that is formed is relative to a point in the same panel, and every
/// term is positive, so nothing cancels, and nothing overflows before the answer does.
///
/// `panels` ascend without gaps; the process starts at the left end of panel `start_at`, is
/// reflected at the left end of the first and absorbed at the right end of the last.
pub(super) fn moments(panels: &[Panel], start_at: usize, reading: Interpretation) -> (f64, f64) {
    let a = reading.exponent();
    let mean_density = flux(panels, a, |_, _| 1.0);
    let mean: f64 = panels
        .iter()
        .zip(&mean_density)
        .skip(start_at)
        .map(|(p, j)| p.integral(j))
        .sum();

    // T / T(start) at every node, summed from the absorbing end.
    let mut remaining = vec![[0.0; POINTS]; panels.len()];
    let mut right = 0.0;
    for (k, panel) in panels.iter().enumerate().rev() {
        let density = mean_density[k].map(|j| j / mean);
        let whole = panel.integral(&density);
        let running = panel.running_integral(&density);
        remaining[k] = running.map(|to_node| right + (whole - to_node));
        right += whole;
    }
    let second_density = flux(panels, a, |k, i| 2.0 * remaining[k][i]);
    let second: f64 = panels
        .iter()
        .zip(&second_density)
        .skip(start_at)
        .map(|(p, j)| p.integral(&j.map(|j| j / mean)))
        .sum();
    (mean, second)
}

/// J(y) with `source(panel, node)` in the inner integral.
fn flux(panels: &[Panel], a: f64, source: impl Fn(usize, usize) -> f64) -> Vec<[f64; POINTS]> {
    let mut inner = 0.0;
    let mut result = Vec::with_capacity(panels.len());
    for (k, panel) in panels.iter().enumerate() {
        let rise = panel.running_integral(&panel.slope);
        let whole_rise = panel.integral(&panel.slope);
        let weighted: [f64; POINTS] = std::array::from_fn(|i| {
            source(k, i) * (-rise[i]).exp() * panel.diffusion[i].powf(a - 1.0)
        });
        let running = panel.running_integral(&weighted);
        result.push(std::array::from_fn(|i| {
            rise[i].exp() * panel.diffusion[i].powf(-a) * (inner + running[i])
        }));
        inner = whole_rise.exp() * (inner + panel.integral(&weighted));
    }
    result
}

/// Every panel cut in two, to measure the error of the coarser cover.
pub(super) fn halved(of: &Coefficients<'_>, panels: &[Panel]) -> Result<Vec<Panel>> {
    let mut finer = Vec::with_capacity(2 * panels.len());
    for panel in panels {
        let half = 0.5 * panel.width;
        finer.push(of.sample(panel.left, half)?);
        finer.push(of.sample(panel.left + half, half)?);
    }
    Ok(finer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panels(of: &Coefficients<'_>, left: f64, right: f64) -> Vec<Panel> {
        let mut panels = Vec::new();
        of.cover(left, right, &[], &mut |p| {
            panels.push(p);
            true
        })
        .unwrap();
        panels.reverse();
        panels
    }

    #[test]
    fn free_diffusion_from_a_wall() {
        // ⟨τ⟩ = b²/(2D), ⟨τ²⟩ = 5 b⁴/(12 D²): exit of a Brownian motion from (−b, b).
        let of = Coefficients {
            drift: &|_| 0.0,
            diffusion: &|_| 0.7,
            scale: 1.0,
        };
        let (mean, ratio) = moments(&panels(&of, 0.0, 1.3), 0, Interpretation::Ito);
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
            let plain = Coefficients {
                drift: &|x| x,
                diffusion: &diffusion,
                scale: 1.0,
            };
            let drift = |x: f64| x - fraction * x.exp();
            let moved = Coefficients {
                drift: &drift,
                diffusion: &diffusion,
                scale: 1.0,
            };
            let (read, _) = moments(&panels(&plain, -1.0, 1.0), 0, reading);
            let (ito, _) = moments(&panels(&moved, -1.0, 1.0), 0, Interpretation::Ito);
            assert!((read / ito - 1.0).abs() < 1e-13, "{read} {ito}");
        }
    }

    #[test]
    fn halving_keeps_the_cover() {
        let of = Coefficients {
            drift: &|x| x,
            diffusion: &|_| 1.0,
            scale: 1.0,
        };
        let coarse = panels(&of, -1.0, 2.0);
        let fine = halved(&of, &coarse).unwrap();
        assert_eq!(fine.len(), 2 * coarse.len());
        assert!((fine.iter().map(|p| p.width).sum::<f64>() - 3.0).abs() < 1e-14);
        // 16 points are already exact to rounding.
        let (a, b) = (
            moments(&coarse, 0, Interpretation::Ito),
            moments(&fine, 0, Interpretation::Ito),
        );
        assert!((a.0 / b.0 - 1.0).abs() < 1e-13);
    }
}
