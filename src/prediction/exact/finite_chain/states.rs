//! Chains that come to few places, each again and again, as those on a lattice do.

use std::collections::HashMap;

use base::error::{Error, Result};

use super::Inside;
use crate::exact::subtraction_free::Elimination;

/// Places, and moves from them, beyond which a grid is cheaper.
const MOST_PLACES: usize = 1000;
const MOST_MOVES: usize = 4_000_000;
/// Places are the same that are as near as this to one another, as a part of the way to the exit.
const SAME: f64 = 1e-9;

impl Inside<'_> {
    /// The mean exit step where the chain comes to few places only: those are then the states of a chain that is solved without
    /// a grid. `None` where they are too many.
    ///
    /// # Errors
    /// Rounding decides whether a step is out, or no step ever is.
    pub(super) fn over_places(&self) -> Result<Option<f64>> {
        let chances = self.chain.chances;
        let same = SAME * self.start;
        let key = |s: f64| (s / same).round() as i64;
        let mut places = vec![self.start];
        let mut known = HashMap::from([(key(self.start), 0)]);
        let mut ways: Vec<(usize, usize, f64)> = Vec::new();
        let mut exit = Vec::new();
        let mut to = vec![0.0; chances.len()];
        while let Some(s) = places.get(exit.len()).copied() {
            let from = exit.len();
            if places.len() > MOST_PLACES || (from + 1) * chances.len() > MOST_MOVES {
                return Ok(None);
            }
            self.moved(s, &mut to)?;
            let mut out = 0.0;
            for (s, chance) in to.iter().zip(chances) {
                if s.abs() <= same {
                    return Err(Error::Failed(format!(
                        "a step comes to the exit {} itself, and rounding decides whether it is out; move the exit",
                        self.chain.exit
                    )));
                }
                if *s < 0.0 {
                    out += chance;
                    continue;
                }
                let near = (-1..=1).find_map(|by| known.get(&(key(*s).saturating_add(by))));
                let place = near.copied().unwrap_or_else(|| {
                    known.insert(key(*s), places.len());
                    places.push(*s);
                    places.len() - 1
                });
                ways.push((from, place, *chance));
            }
            exit.push(out);
        }
        let n = places.len();
        let mut transitions = vec![0.0; n * n];
        for (from, to, chance) in ways {
            transitions[from * n + to] += chance;
        }
        let solved = Elimination::new(transitions, exit).ok_or_else(|| self.never())?;
        Ok(Some(solved.solve(vec![1.0; n])[0]))
    }
}
