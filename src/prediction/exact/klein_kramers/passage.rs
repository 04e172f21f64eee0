//! Mean first-passage time of a position by a particle with inertia.

use super::Particle;
use super::stencil::first_derivative;
use crate::exact::fokker_planck::{Entries, Refined};
use base::error::{Error, Result};

/// From rest at `start` to the first time at `exit`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    /// Where it starts, with v = 0.
    pub start: f64,
    /// The position that it is to reach.
    pub exit: f64,
}

/// The box ends where L has risen by this many T above the start …
const RISE: f64 = 40.0;
/// … and the velocities at this many √(T/M).
const FASTEST: f64 = 6.0;
/// Spacings in units of the thermal widths, one grid after the other.
const SPACINGS: [f64; 4] = [0.3, 0.2, 0.15, 0.1];
/// Grids that a time is read from, the last ones.
const READ: usize = 3;
/// The error falls about as this power of the spacing, since T is not smooth at the corner (exit, 0) …
const POWER: f64 = 2.0 / 3.0;
/// … and what is printed is so many times what follows from the changes.
const SAFETY: f64 = 2.0;
/// Error beyond which a result is refused.
const WORST: f64 = 0.01;
/// Unknowns beyond which the factors no longer fit.
const MOST: f64 = 200_000.0;

impl Particle<'_> {
    /// T(start, 0), with its relative error: twice the largest that follows from its changes since each of the two coarser grids, if errors fall as
    /// the spacing to the power ⅔.
    ///
    /// Solves the backward equation v ∂T/∂θ − (L′/M + γv) ∂T/∂v + (γT/M) ∂²T/∂v² = −1. Of the states at
    /// the exit only those that arrive are absorbed: T(exit, v) = 0 where v points outwards, and nothing is
    /// said of the others, which have left it towards the inside. Differences of fifth order in θ, taken from
    /// the side that a particle moves to, and of fourth order in v. At the corner (exit, 0) the solution is
    /// not smooth, which limits the accuracy to about 1e-3 where the exit is a saddle and 1e-4 beyond one.
    ///
    /// # Errors
    /// [`Error::Input`] for parameters out of range or a loss that does not confine the particle behind the
    /// start; [`Error::Failed`] where the last refinement still changes the time by more than 1 %.
    pub fn passage(&self, arrival: Arrival) -> Result<Refined> {
        self.check()?;
        let Arrival { start, exit } = arrival;
        if !start.is_finite() || !exit.is_finite() || start == exit {
            return Err(Error::Input(format!(
                "a start and another exit are needed; got {start} and {exit}"
            )));
        }
        let back = self.wall(start, (start - exit).signum(), RISE * self.temperature)?;
        let mut times = Vec::new();
        for spacing in SPACINGS {
            match self.on_grid(arrival, back, spacing) {
                Ok(time) => times.push(time),
                // The grids that there are decide.
                Err(Error::Failed(_)) if times.len() >= READ => break,
                Err(error) => return Err(error),
            }
        }
        let last = times.len() - 1;
        let value = times[last];
        let left = times
            .iter()
            .zip(SPACINGS)
            .take(last)
            .map(|(time, spacing)| {
                let ratio = spacing / SPACINGS[last];
                (time / value - 1.0).abs() / (ratio.powf(POWER) - 1.0)
            });
        let relative_error = SAFETY * left.fold(0.0, f64::max);
        if relative_error <= WORST && value > 0.0 {
            return Ok(Refined {
                value,
                relative_error,
            });
        }
        Err(Error::Failed(format!(
            "the mean passage time from {start} to {exit} at γ = {} is known to {relative_error:.1e} after \
             the last refinement, not {WORST:.0e}",
            self.damping
        )))
    }

    fn on_grid(&self, arrival: Arrival, back: f64, spacing: f64) -> Result<f64> {
        // Mirrored, if need be, so that the exit is on the right.
        let sign = (arrival.exit - arrival.start).signum();
        let (start, exit, back) = (sign * arrival.start, sign * arrival.exit, sign * back);
        let curvature = self.curvature(arrival.start, exit - start).abs();
        let width = (self.temperature / curvature)
            .sqrt()
            .min(0.3 * (exit - start));
        // The start is a node.
        let ahead = ((exit - start) / (spacing * width)).ceil();
        let step = (exit - start) / ahead;
        let behind = ((start - back) / step).ceil();
        let columns = (ahead + behind) as usize + 1;
        let rows = 2 * (FASTEST / spacing).ceil() as usize;
        let thermal = (self.temperature / self.mass).sqrt();
        let rise = 2.0 * FASTEST * thermal / rows as f64;
        if (ahead + behind) * rows as f64 > MOST {
            return Err(Error::Failed(format!(
                "the way from {start} to {exit} takes {columns} × {rows} cells of phase space, {MOST:.0e} at \
                 most; raise the temperature"
            )));
        }

        let node = |i: usize, j: usize| i * rows + j;
        let velocity = |j: usize| (j as f64 + 0.5) * rise - FASTEST * thermal;
        let mut entries = Entries::new(columns * rows);
        let mut right = vec![1.0; columns * rows];
        for i in 0..columns {
            let position = exit - step * (columns - 1 - i) as f64;
            let force = -sign * (self.slope)(sign * position) / self.mass;
            for j in 0..rows {
                let (own, v) = (node(i, j), velocity(j));
                if i + 1 == columns && v > 0.0 {
                    entries.push(own, own, 1.0);
                    right[own] = 0.0;
                    continue;
                }
                if i == 0 && v < 0.0 {
                    // Far up the wall a particle is thrown back.
                    entries.push(own, own, 1.0);
                    entries.push(own, node(0, rows - 1 - j), -1.0);
                    right[own] = 0.0;
                    continue;
                }
                let mut middle = 0.0;
                // One more node on the side that the particle moves to.
                let (low, high) = if v > 0.0 { (-2, 3) } else { (-3, 2) };
                let low = low.max(-(i as i64));
                let high = high.min((columns - 1 - i) as i64);
                for (k, weight) in (low..=high).zip(first_derivative(low, high)) {
                    let value = -v * weight / step;
                    if k == 0 {
                        middle += value;
                    } else {
                        entries.push(own, node((i as i64 + k) as usize, j), value);
                    }
                }
                let drift = force - self.damping * v;
                let diffusion = self.damping * self.temperature / self.mass;
                for (k, value) in across(j, rows, drift / rise, diffusion / (rise * rise)) {
                    if k == j {
                        middle -= value;
                    } else {
                        entries.push(own, node(i, k), -value);
                    }
                }
                entries.push(own, own, middle);
            }
        }
        let times = entries.factor()?.solve(&right);
        // v = 0 lies in the middle of four nodes.
        let at = |j: usize| times[node(behind as usize, j)];
        let half = rows / 2;
        Ok((9.0 * (at(half - 1) + at(half)) - at(half - 2) - at(half + 1)) / 16.0)
    }
}

/// a ∂ + b ∂² at node `j` of `rows`, at unit spacing: of fourth order, and at the ends of second with
/// nothing beyond.
fn across(j: usize, rows: usize, a: f64, b: f64) -> Vec<(usize, f64)> {
    if j >= 2 && j + 2 < rows {
        return vec![
            (j - 2, (a - b) / 12.0),
            (j - 1, (16.0 * b - 8.0 * a) / 12.0),
            (j, -2.5 * b),
            (j + 1, (16.0 * b + 8.0 * a) / 12.0),
            (j + 2, -(a + b) / 12.0),
        ];
    }
    let mut weights = Vec::new();
    let mut own = 0.0;
    if j > 0 {
        weights.push((j - 1, b - 0.5 * a));
        own -= b - 0.5 * a;
    }
    if j + 1 < rows {
        weights.push((j + 1, b + 0.5 * a));
        own -= b + 0.5 * a;
    }
    weights.push((j, own));
    weights
}
