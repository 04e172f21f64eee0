//! The mean exit step of a chain with finitely many moves.

use base::error::{Error, Result};
use base::shown;

use super::{FiniteChain, Inside};
use crate::exact::subtraction_free::Elimination;

/// A mean exit step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExitStep {
    /// ⟨n⟩; the first step is n = 1.
    pub mean: f64,
    /// Twice the largest relative change that the last two grids made; of a chain that comes to few places the rounding.
    pub relative_error: f64,
}

/// Cells of the grids. Those two apart are extrapolated to none: every other one has half the width.
const CELLS: [usize; 7] = [300, 424, 600, 848, 1200, 1696, 2400];
/// Cells of the grid on which it is seen how far up the chain comes.
const SCOUTS: usize = 300;
/// Visits beyond the top of the finer grids, as a part of all.
const BEYOND: f64 = 1e-13;
/// Relative error at which refinement stops, and beyond which the result is refused.
const TARGET_ERROR: f64 = 1e-4;
const WORST_ERROR: f64 = 2e-2;
/// Of a solution over places, whose every number is a sum of positive ones.
const ROUNDING: f64 = 1e-12;

impl FiniteChain<'_> {
    /// The mean of the step n ≥ 1 at which it is beyond the exit first.
    ///
    /// T(θ) = 1 + Σ_k p_k T(move_k(θ)), T = 0 beyond the exit, for its means over equal cells, the first of which begins at the
    /// exit: a cell and its images are intervals, each of which is shared out over the cells that it covers (Ulam's method). A mean
    /// over a cell does not see where in it T jumps, which it does wherever a move leads to the exit or to another jump. What remains is
    /// a diffusion of the square of a cell's width, which is extrapolated to none. Solved without subtractions, so that
    /// many steps cost no digits. A chain that comes to few places only, on a lattice for example, is solved over these.
    ///
    /// # Errors
    /// [`Error::Input`] for a start at the exit, chances that are none, or moves that lead away from the exit without end;
    /// [`Error::Failed`] where no step leads out, where one leads to the exit itself, or where the grids' error stays above 2 %.
    pub fn mean(&self) -> Result<ExitStep> {
        let inside = Inside::of(self)?;
        if let Some(mean) = inside.over_places()? {
            return Ok(ExitStep {
                mean,
                relative_error: ROUNDING,
            });
        }
        let top = inside.reached(inside.top()?)?;
        let mut raw: Vec<f64> = Vec::new();
        let mut limits: Vec<f64> = Vec::new();
        let mut error = f64::INFINITY;
        for cells in CELLS {
            raw.push(inside.cells(cells, top)?.mean());
            if let [.., coarse, _, fine] = raw[..] {
                limits.push(fine + (fine - coarse) / 3.0);
            }
            if let [.., a, b, c] = limits[..] {
                error = 2.0 * (b / c - 1.0).abs().max((a / c - 1.0).abs());
                if error <= TARGET_ERROR {
                    break;
                }
            }
        }
        let mean = limits.last().copied().unwrap_or(f64::NAN);
        if error <= WORST_ERROR && mean.is_finite() {
            return Ok(ExitStep {
                mean,
                relative_error: error,
            });
        }
        Err(Error::Failed(format!(
            "the mean exit step from {} to {} of a chain with {} moves is known to {} of itself on {} cells, not to {WORST_ERROR}: its moves are too small \
             for them, or too few to be smooth",
            self.start,
            self.exit,
            self.chances.len(),
            shown::accuracy(error),
            CELLS[CELLS.len() - 1],
        )))
    }
}

/// The chain over cells.
struct Cells {
    solved: Elimination,
    count: usize,
    /// Chances to be in each cell after the first step.
    first: Vec<f64>,
    /// The same for T, between the middles of cells.
    seen: Vec<(usize, f64)>,
}

impl Cells {
    /// T of the start.
    fn mean(&self) -> f64 {
        let times = self.solved.solve(vec![1.0; self.count]);
        1.0 + self.seen.iter().map(|(i, p)| p * times[*i]).sum::<f64>()
    }
}

impl Inside<'_> {
    /// How far up the chain comes, but for one visit in 10¹³.
    fn reached(&self, top: f64) -> Result<f64> {
        let cells = self.cells(SCOUTS, top)?;
        let visits = cells.solved.visits(cells.first);
        let all: f64 = visits.iter().sum();
        let mut beyond = 0.0;
        let last = (0..visits.len()).rev().find(|i| {
            beyond += visits[*i];
            beyond > BEYOND * all
        });
        let width = top / visits.len() as f64;
        let reached = (last.unwrap_or(0) + 2) as f64 * width;
        Ok(reached.max(self.start).min(top))
    }

    fn cells(&self, count: usize, top: f64) -> Result<Cells> {
        let chances = self.chain.chances;
        let width = top / count as f64;
        let cell = |s: f64| ((s / width) as usize).min(count - 1);
        let mut transitions = vec![0.0; count * count];
        let mut exit = vec![0.0; count];
        let mut low = vec![0.0; chances.len()];
        let mut high = low.clone();
        self.moved(0.0, &mut low)?;
        for i in 0..count {
            self.moved(width * (i + 1) as f64, &mut high)?;
            let row = &mut transitions[i * count..][..count];
            for ((a, b), chance) in low.iter().zip(&high).zip(chances) {
                // What would lie beyond the top stays below it.
                let (from, to) = (a.min(*b).min(top), a.max(*b).min(top));
                if to <= 0.0 {
                    exit[i] += chance;
                    continue;
                }
                let inside = from.max(0.0);
                let (first, last) = (cell(inside), cell(to));
                if first == last && from >= 0.0 {
                    row[first] += chance;
                    continue;
                }
                let share = chance / (to - from);
                exit[i] += share * (inside - from);
                for (j, p) in row.iter_mut().enumerate().take(last + 1).skip(first) {
                    let (left, right) = (width * j as f64, width * (j + 1) as f64);
                    *p += share * (right.min(to) - left.max(inside)).max(0.0);
                }
            }
            std::mem::swap(&mut low, &mut high);
        }
        self.moved(self.start, &mut low)?;
        let (mut first, mut seen) = (vec![0.0; count], Vec::new());
        for (s, chance) in low.iter().zip(chances).filter(|(s, _)| **s >= 0.0) {
            first[cell(*s)] += chance;
            let at = (s / width - 0.5).clamp(0.0, (count - 1) as f64);
            let left = (at as usize).min(count - 2);
            let share = at - left as f64;
            seen.push((left, chance * (1.0 - share)));
            seen.push((left + 1, chance * share));
        }
        unreached(&transitions, &first, &mut exit);
        let solved = Elimination::new(transitions, exit).ok_or_else(|| self.never())?;
        Ok(Cells {
            solved,
            count,
            first,
            seen,
        })
    }
}

/// Lets out of every cell that no way from `first` leads to: what becomes of a chain there does not matter.
fn unreached(transitions: &[f64], first: &[f64], exit: &mut [f64]) {
    let count = first.len();
    let mut reached: Vec<bool> = first.iter().map(|p| *p > 0.0).collect();
    let mut left: Vec<usize> = (0..count).filter(|i| reached[*i]).collect();
    while let Some(i) = left.pop() {
        for (j, p) in transitions[i * count..][..count].iter().enumerate() {
            if *p > 0.0 && !reached[j] {
                reached[j] = true;
                left.push(j);
            }
        }
    }
    for (exit, _) in exit
        .iter_mut()
        .zip(&reached)
        .filter(|(_, reached)| !**reached)
    {
        *exit = 1.0;
    }
}
