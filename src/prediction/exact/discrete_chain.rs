//! Mean and variance of the exit step of a one-dimensional Gaussian chain, by Nyström's method.

use super::chain_grid::{Grid, Step};
use super::function::{Function, Mirrored};
use super::gaussian::{crossed_and_back, density, upper_tail};
use super::left_edge::{LeftSide, left_side};
use super::panels::{Breaks, Coefficients, mirrored};
use super::subtraction_free::Elimination;
use base::error::{Error, Result};
use base::shown;

/// The chain θ' = θ − ηL'(θ) + η√C(θ) ξ with ξ ~ N(0, 1), stopped at its first step beyond `exit`.
///
/// This is SGD whose stochastic gradient is Gaussian with variance C(θ). With η = Δt and
/// C = 2D/Δt it is the Euler–Maruyama scheme of dθ = −L' dt + √(2D) dW.
///
/// The mean number of steps solves τ(x) = 1 + ∫₋∞ᵇ K(x, y) τ(y) dy, K(x, ·) the density of
/// N(x − ηL'(x), η²C(x)). The integral is discretised on Gauss–Legendre panels no wider than a few
/// standard deviations of any step that reaches them, and solved without subtractions, so the
/// relative accuracy does not suffer from a large number of steps.
pub struct DiscreteChain<'a> {
    /// L'(θ).
    pub drift: &'a dyn Function,
    /// C(θ) > 0, the variance of one stochastic gradient.
    pub variance: &'a dyn Function,
    /// η > 0.
    pub eta: f64,
    /// Where the chain starts.
    pub start: f64,
    /// The boundary; the exit is on the side that the start is not.
    pub exit: f64,
    /// Points at which L' or C is not smooth.
    pub breaks: Breaks<'a>,
    /// Also stop a step from x to y that stays inside with probability
    /// exp(−2(b − x)(b − y)/(η²C(x))), the chance that a Brownian bridge from x to y crosses b.
    /// The exit then counts at the end of that step, so ⟨n⟩η is what an Euler–Maruyama
    /// simulation with that correction measures, its discretisation bias included.
    pub bridge: bool,
}

/// Moments of the number of steps until the exit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExitSteps {
    /// ⟨n⟩; the first step is n = 1.
    pub mean: f64,
    /// ⟨n²⟩ − ⟨n⟩².
    pub variance: f64,
    /// Largest relative change of the two between the last two grids, which have no panel in common: at most 1e-6.
    pub relative_error: f64,
    /// How far wells on the far side of the start were looked for, where that was cut short.
    pub looked: Option<f64>,
}

/// The chain on its grid, the exit on the right.
pub(super) struct Discretised {
    /// Transition probabilities P_ij = w_j K(x_i, y_j), row-major.
    pub transitions: Vec<f64>,
    /// Probability of leaving in the next step, from every node.
    pub exit: Vec<f64>,
    /// The row of the start: to every node.
    pub from_start: Vec<f64>,
    /// Probability of leaving in the first step.
    pub exit_from_start: f64,
    looked: Option<f64>,
}

/// Panel widths in standard deviations, where panels are cut in two (grids that agree must not do so because they are the
/// same), and how far the density falls to where the left is cut.
const LEVELS: [(f64, f64, f64); 5] = [
    (5.0, 0.5, 45.0),
    (3.8, 0.41, 60.0),
    (2.8, 0.5, 85.0),
    (2.0, 0.41, 120.0),
    (1.4, 0.5, 170.0),
];
/// Accuracy that is promised.
const WORST_ERROR: f64 = 1e-6;
/// Σ n³ of the grids, n nodes each: what one of 3200 costs.
const MOST_COST: f64 = 3.3e10;
/// Accuracy at which refinement stops.
const TARGET_ERROR: f64 = 1e-11;

impl DiscreteChain<'_> {
    /// Mean and variance of the exit step.
    ///
    /// # Errors
    /// [`Error::Input`] for values out of range or a noise that is not positive;
    /// [`Error::Failed`] when 1e-6 is not reached (the message says what was) or would take too
    /// many nodes.
    pub fn solve(&self) -> Result<ExitSteps> {
        self.refined().map(|(_, steps)| steps)
    }

    /// The discretisation that met the accuracy, and its moments.
    pub(super) fn refined(&self) -> Result<(Discretised, ExitSteps)> {
        self.check()?;
        let mut best: Option<(Discretised, ExitSteps)> = None;
        let mut spent = 0.0;
        for (resolution, cut, drop) in LEVELS {
            let discretised = match self.discretise(resolution, cut, drop) {
                Ok(discretised) => discretised,
                // The grids that there are decide.
                Err(Error::Failed(_)) if best.is_some() => break,
                Err(error) => return Err(error),
            };
            spent += (discretised.exit.len() as f64).powi(3);
            if best.is_some() && spent > MOST_COST {
                break;
            }
            let (mean, variance) = discretised.moments()?;
            let relative_error = best.as_ref().map_or(f64::INFINITY, |(_, last)| {
                let variance = (variance / last.variance - 1.0).abs();
                (mean / last.mean - 1.0).abs().max(variance) + 4.0 * f64::EPSILON
            });
            let steps = ExitSteps {
                mean,
                variance,
                relative_error,
                looked: discretised.looked,
            };
            best = Some((discretised, steps));
            if relative_error <= TARGET_ERROR {
                break;
            }
        }
        let reached = best.as_ref().map_or(f64::NAN, |(_, s)| s.relative_error);
        if let Some(found) = best.filter(|(_, s)| s.relative_error <= WORST_ERROR) {
            return Ok(found);
        }
        Err(Error::Failed(if reached.is_infinite() {
            format!(
                "the exit from {} to {} at η = {} takes a grid too fine to be compared with a finer one; use the \
                 continuous first-passage time there",
                self.start, self.exit, self.eta
            )
        } else {
            format!(
                "the mean exit step from {} to {} at η = {} was reached only to a relative accuracy of \
                 {}, not {WORST_ERROR:.0e}: L' or C is not smooth, or the chain overshoots; \
                 lower η",
                self.start,
                self.exit,
                self.eta,
                shown::accuracy(reached)
            )
        }))
    }

    fn check(&self) -> Result<()> {
        let Self {
            start, exit, eta, ..
        } = *self;
        if !start.is_finite() || !exit.is_finite() {
            return Err(Error::Input(format!(
                "start {start} and exit {exit} must be finite"
            )));
        }
        if start == exit {
            return Err(Error::Input(format!(
                "the chain starts at its exit, θ = {start}"
            )));
        }
        if !(eta.is_finite() && eta > 0.0) {
            return Err(Error::Input(format!(
                "eta = {eta} must be positive and finite"
            )));
        }
        Ok(())
    }

    fn discretise(&self, resolution: f64, cut: f64, drop: f64) -> Result<Discretised> {
        // Mirrored, if need be, so that the exit is on the right.
        let sign = if self.exit > self.start { 1.0 } else { -1.0 };
        let (start, exit) = (sign * self.start, sign * self.exit);
        let breaks = |low: f64, high: f64| mirrored(self.breaks, sign, low, high);
        let drift = Mirrored {
            of: self.drift,
            sign,
            factor: sign,
        };
        let diffusion = Mirrored {
            of: self.variance,
            sign,
            factor: 0.5 * self.eta,
        };
        let step = |x: f64| -> Result<(f64, f64)> {
            let (slope, variance) = (drift.at(x), self.variance.at(sign * x));
            if slope.is_finite() && variance.is_finite() && variance > 0.0 {
                return Ok((x - self.eta * slope, self.eta * variance.sqrt()));
            }
            Err(Error::Input(format!(
                "at θ = {:?}: L' comes to {} and C to {}; both must be finite and C > 0 wherever the chain can \
                 go (lower η or the noise, or add a floor to a noise that vanishes)",
                sign * x,
                shown::number(sign * slope),
                shown::number(variance)
            )))
        };
        let of = Coefficients {
            drift: &drift,
            diffusion: &diffusion,
            breaks: &breaks,
            scale: exit - start,
        };
        let side = left_side(&of, start, None, 0.0, drop)?;
        if let Some(at) = side.unresolved {
            return Err(Error::Input(format!(
                "the noise vanishes at θ = {}, or the loss has a pole there; the chain is solved where the noise is positive everywhere, as with a floor > 0",
                sign * at
            )));
        }
        let near = side.edge(start);
        let edge = reach(
            &step,
            &side,
            &breaks(near, exit)?.cells,
            [start, exit],
            drop,
        )?;
        let marks = breaks(edge, exit)?;
        let grid = Grid::new(&step, edge, exit, &marks, start, (resolution, cut))?;

        let row = |from: f64, (mean, sd): (f64, f64)| -> (Vec<f64>, f64) {
            let a = (exit - from) / sd;
            let to = |(y, w): (&f64, &f64)| {
                let kernel = w / sd * density((y - mean) / sd);
                if self.bridge {
                    kernel * -(-2.0 * a * (exit - y) / sd).exp_m1()
                } else {
                    kernel
                }
            };
            let gap = (exit - mean) / sd;
            let back = if self.bridge {
                crossed_and_back(a, gap)
            } else {
                0.0
            };
            (
                grid.nodes.iter().zip(&grid.weights).map(to).collect(),
                upper_tail(gap) + back,
            )
        };
        let mut transitions = Vec::with_capacity(grid.nodes.len() * grid.nodes.len());
        let mut leaving = Vec::with_capacity(grid.nodes.len());
        for (&from, &kernel) in grid.nodes.iter().zip(&grid.steps) {
            let (to, out) = row(from, kernel);
            transitions.extend(to);
            leaving.push(out);
        }
        let (mut from_start, exit_from_start) = row(start, step(start)?);
        let inside: f64 = from_start.iter().sum();
        // Conservation, as in the elimination: what does not leave stays inside.
        if inside > 0.0 {
            from_start
                .iter_mut()
                .for_each(|p| *p *= (1.0 - exit_from_start) / inside);
        }
        Ok(Discretised {
            transitions,
            exit: leaving,
            from_start,
            exit_from_start,
            looked: side.looked.map(|x| sign * x),
        })
    }
}

/// Places at which steps are looked at on the way left, evenly and in the cells of the surface, and how many steps in a row.
const PLACES: usize = 256;
const MOST_IN_CELLS: usize = 1500;
const MOST_STEPS: usize = 64;

/// How far left the chain goes: to where the density has fallen by e^{−`drop`}, in a few large steps or in many small ones.
///
/// The density of the diffusion, which `side` ends by, knows nothing of steps that overshoot the minimum (ηL'' > 1),
/// nor that they add up. A way of several steps costs the sum of their ½ξ² (Freidlin and Wentzell, Random
/// Perturbations of Dynamical Systems, chapter 6, in discrete time), from a place that costs what the density has fallen to
/// there.
fn reach(
    step: Step<'_>,
    side: &LeftSide,
    cells: &[f64],
    [start, exit]: [f64; 2],
    drop: f64,
) -> Result<f64> {
    let edge = side.edge(start);
    let fallen = side.fallen();
    let known = |x: f64| {
        let after = fallen.partition_point(|(at, _)| *at <= x);
        fallen.get(after).map_or(0.0, |(_, cost)| *cost)
    };
    let within = cells.windows(2).flat_map(|pair| {
        let width = pair[1] - pair[0];
        [0.0, 0.25, 0.5, 0.75].map(|part| pair[0] + part * width)
    });
    let within: Vec<f64> = within.filter(|x| edge <= *x && *x <= exit).collect();
    let every = within.len().div_ceil(MOST_IN_CELLS).max(1);
    let mut left = edge;
    // Place, cost, and the mean and the deviation of the step from there.
    let mut places: Vec<(f64, f64, f64, f64)> = Vec::new();
    for _ in 0..MOST_STEPS {
        let even = (0..=PLACES).map(|i| left + (exit - left) * i as f64 / PLACES as f64);
        let mut next = Vec::with_capacity(places.len().max(PLACES));
        for x in even.chain(within.iter().step_by(every).copied()) {
            let (mean, sd) = step(x)?;
            let stepped = places
                .iter()
                .map(|(_, cost, mean, sd)| cost + 0.5 * ((mean - x).max(0.0) / sd).powi(2));
            let own = if x >= edge { known(x) } else { f64::INFINITY };
            next.push((x, stepped.fold(own, f64::min), mean, sd));
        }
        places = next;
        let goes = places.iter().filter(|(_, cost, ..)| *cost < drop);
        let goes = goes.map(|(_, cost, mean, sd)| mean - sd * (2.0 * (drop - cost)).sqrt());
        let furthest = goes.fold(left, f64::min);
        if left - furthest <= 1e-2 * (exit - left) {
            return Ok(furthest);
        }
        left = furthest;
    }
    Ok(left)
}

impl Discretised {
    /// ⟨n⟩ = τ(start) and ⟨n²⟩ − ⟨n⟩², from (I − P)τ = 1 and (I − P)τ₂ = 2τ − 1.
    fn moments(&self) -> Result<(f64, f64)> {
        let stuck = || {
            Error::Failed(
                "the chain has a state that it neither leaves nor exits from: its steps overshoot \
                 the region that it is confined to; lower η"
                    .to_owned(),
            )
        };
        let elimination =
            Elimination::new(self.transitions.clone(), self.exit.clone()).ok_or_else(stuck)?;
        let tau = elimination.solve(vec![1.0; self.exit.len()]);
        let from_start =
            |x: &[f64]| -> f64 { self.from_start.iter().zip(x).map(|(p, x)| p * x).sum() };
        let mean = 1.0 + from_start(&tau);
        let second = elimination.solve(tau.iter().map(|t| 2.0 * t - 1.0).collect());
        let variance = 2.0 * mean - 1.0 + from_start(&second) - mean * mean;
        if !variance.is_finite() {
            return Err(Error::Failed(
                "the variance of the exit step exceeds the largest double; raise the noise"
                    .to_owned(),
            ));
        }
        Ok((mean, variance))
    }
}

#[cfg(test)]
#[path = "discrete_chain_tests.rs"]
mod tests;
