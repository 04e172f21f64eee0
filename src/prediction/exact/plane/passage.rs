//! Mean first-passage times.

use base::error::{Error, Result};
use base::shown;

use super::grid::{Accuracy, Grid, Operator};
use super::{Exit, INTERVALS, Plane, changes, extrapolated};
use crate::exact::fokker_planck::Refined;

/// Relative error beyond which a time is refused.
const WORST: f64 = 0.02;

impl Plane<'_> {
    /// The mean time from the start until it is out first: T with b·∇T + D:∇∇T = −1 inside, and 0 outside.
    ///
    /// The error printed is three times the largest change that the last two grids made. Where an exit is no number of a coordinate its boundary
    /// cuts the grid's lines where they pass it. Where noise acts on one coordinate alone the changes are those before extrapolation too.
    ///
    /// # Errors
    /// [`Error::Input`] for a start that is out already; [`Error::Failed`] where nothing confines the process, where it never gets
    /// out, or where the grids leave the time open by more than 2 %.
    pub fn passage(&self, exit: &Exit<'_>) -> Result<Refined> {
        let out = match exit {
            Exit::Beyond {
                coordinate,
                at,
                above,
            } => (self.start[*coordinate] > *at) == *above || self.start[*coordinate] == *at,
            Exit::Where(out) => out(self.start) > 0.0,
        };
        if out {
            return Err(Error::Input(format!(
                "the start {:?} is out already",
                self.start
            )));
        }
        let (sides, _) = self.reached(Some(exit))?;
        let times = INTERVALS.iter().map(|intervals| {
            let grid = Grid {
                sides,
                intervals: *intervals,
            };
            self.time(Operator::new(self, grid, Some(exit), Accuracy::Full)?)
        });
        let times: Vec<f64> = times.collect::<Result<_>>()?;
        let (value, mut error) = extrapolated(&times);
        if self.is_quiet() {
            // Where what moves without noise grazes the exit T is not smooth, and no power of the spacing is taken off.
            error = error.max(changes(&times));
        }
        let relative_error = error / value;
        if value > 0.0 && relative_error <= WORST {
            return Ok(Refined {
                value,
                relative_error,
            });
        }
        Err(Error::Failed(format!(
            "the mean first-passage time is known to {} of itself on {} intervals a coordinate, not to {WORST}: the process has scales too far apart for them",
            shown::accuracy(relative_error.abs()),
            INTERVALS[INTERVALS.len() - 1],
        )))
    }

    fn time(&self, operator: Operator) -> Result<f64> {
        let (matrix, places) = operator.matrix(None, false);
        let times = matrix
            .factor()?
            .solve(&vec![1.0; places.iter().flatten().count()]);
        let shares = operator.grid.shares(self.start, &operator.live);
        let at = |node: usize| places[node].map_or(0.0, |place| times[place]);
        Ok(shares.iter().map(|(node, share)| share * at(*node)).sum())
    }
}
