//! Whole paths of the first particles: `[ensemble] keep = "paths"`.

use std::path::Path as Folder;
use std::sync::atomic::AtomicU64;

use serde::{Deserialize, Serialize};

use base::error::Result;
use experiment::context::{Context, Progress};
use experiment::kept::{Come, Piece, kept};
use experiment::memory;

use crate::cell::Cell;
use crate::observe::Observable;
use crate::observe::path::Path;
use crate::plan::Bundle;
use crate::run::{Ending, shown, sound};
use crate::spec::{StudySpec, Whole};

/// Particles of a cell whose paths are kept whole.
#[derive(Clone, Copy)]
pub struct Walk<'a> {
    /// How many, and which of their places.
    pub whole: Whole,
    /// The observable at whose exit or condition they end; without one they go on to the last look.
    pub to: Option<(&'a Observable, Ending<'a>)>,
}

impl Walk<'_> {
    /// Label of the observable.
    pub fn observable(&self) -> Option<&str> {
        self.to.map(|(observable, _)| observable.label.as_str())
    }
}

/// Where the first particles of a cell were.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Track {
    /// Steps of the process.
    pub steps: Vec<u64>,
    /// For each of them, particle after particle, the bits of the coordinates; NaN behind the end of a path.
    pub places: Vec<Vec<u64>>,
    /// The last step of each particle.
    pub last: Vec<u64>,
}

impl StudySpec {
    /// What is walked in a cell along which paths are kept whole.
    pub fn walks<'a>(&'a self, cell: &'a Cell) -> Result<Vec<Walk<'a>>> {
        let Some(whole) = self.whole else {
            return Ok(Vec::new());
        };
        let mut ends = Vec::new();
        if self.course(cell)?.is_some() {
            ends.push(None);
        }
        for (observable, exit) in self.exits(cell) {
            if !exit.splitting {
                let ending = Ending {
                    boundary: self.exit(cell, observable, exit)?,
                    until: &exit.until,
                    most: exit.max_steps,
                };
                ends.push(Some((observable, ending)));
            }
        }
        for (observable, _, until, most) in self.untils(cell) {
            let ending = Ending {
                boundary: None,
                until,
                most,
            };
            ends.push(Some((observable, ending)));
        }
        let walks = ends.into_iter().map(|to| Walk { whole, to });
        Ok(walks.collect())
    }

    /// Label of the paths of a walk.
    pub fn track_label(cell: &Cell, walk: &Walk<'_>) -> String {
        let of = walk.observable().map(|label| format!(", {label}"));
        format!("{}{}, paths", cell.label, of.unwrap_or_default())
    }

    /// Steps of a cell's process to the last look.
    pub fn last_look(&self, cell: &Cell) -> u64 {
        let course = self.course(cell).ok().flatten();
        course.map_or(0, |course| course.last() * course.bundle.steps)
    }

    /// How many places of the paths to the last look are kept, of all particles together.
    pub fn places(&self, cell: &Cell) -> u64 {
        let (Some(whole), Ok(Some(course))) = (self.whole, self.course(cell)) else {
            return 0;
        };
        let each = course.last() / stride(whole, course.bundle) + 1;
        whole.particles.saturating_mul(each)
    }

    /// The paths of a walk.
    ///
    /// # Errors
    /// Ctrl-C, a file that cannot be written, or paths that are longer than there is room for.
    pub fn track(
        &self,
        cell: &Cell,
        walk: &Walk<'_>,
        context: &Context,
        progress: &dyn Progress,
        folder: &Folder,
    ) -> Result<Track> {
        let label = Self::track_label(cell, walk);
        let what = match walk.to {
            None => serde_json::json!(self.last_look(cell)),
            Some((observable, _)) => shown(&observable.block.node),
        };
        let piece = Piece {
            label: &label,
            settings: self.settings(cell, serde_json::json!([what, walk.whole])),
            parts: walk.whole.particles,
        };
        kept(piece, context, progress, folder, |counter| {
            self.walked(cell, walk, &label, context, counter)
        })
    }

    fn walked(
        &self,
        cell: &Cell,
        walk: &Walk<'_>,
        label: &str,
        context: &Context,
        counter: &AtomicU64,
    ) -> Result<Option<Track>> {
        let whole = walk.whole;
        let mut bundle = Bundle::ALONE;
        let (end, ends, stream) = match walk.to {
            None => {
                let Some(course) = self.course(cell)? else {
                    return Ok(None);
                };
                bundle = course.bundle;
                (course.last(), Vec::new(), cell.stream.clone())
            }
            Some((observable, ending)) => {
                let quiet = AtomicU64::new(0);
                let particles = (whole.particles, None);
                let left =
                    self.first_exits(cell, observable, ending, particles, context, &quiet)?;
                let Come::Whole(left) = left else {
                    return Ok(None);
                };
                // Of one that diverged nobody kept when.
                let steps = |end: &i64| match end.unsigned_abs() {
                    0 => u64::MAX,
                    steps => steps,
                };
                let ends: Vec<u64> = left.ends.iter().map(steps).collect();
                let known = ends.iter().copied().filter(|end| *end < u64::MAX);
                let stream = format!("{}/{}", cell.stream, observable.label);
                (known.max().unwrap_or(0), ends, stream)
            }
        };
        let stride = stride(whole, bundle);
        let at: Vec<u64> = (0..=end).step_by(stride as usize).collect();
        let numbers = memory::numbers(&[
            3,
            whole.particles,
            at.len() as u64,
            cell.system.dim() as u64,
        ]);
        let fewer = "keep fewer paths (ensemble.paths), or fewer places of each (ensemble.every)";
        memory::room(label, numbers, fewer, 0)?;
        let path = Path::of_coordinates(&cell.system);
        let process = self.observed_process(cell, &path, bundle, context.seed)?;
        let looks = (stream.as_str(), whole.particles, &at[..]);
        let seen = self.paths(cell, &*process, looks, context, counter)?;
        sound(label, &*process)?;
        let Some(mut seen) = seen else {
            return Ok(None);
        };
        for (step, places) in at.iter().zip(&mut seen.theta) {
            for (place, end) in places.chunks_exact_mut(cell.system.dim()).zip(&ends) {
                if step > end {
                    place.fill(f64::NAN);
                }
            }
        }
        let last = end.saturating_mul(bundle.steps);
        let bits = |all: &Vec<f64>| all.iter().map(|x| x.to_bits()).collect();
        Ok(Some(Track {
            steps: at.iter().map(|n| n * bundle.steps).collect(),
            places: seen.theta.iter().map(bits).collect(),
            last: match ends.is_empty() {
                true => vec![last; whole.particles as usize],
                false => ends.iter().map(|end| (*end).min(last)).collect(),
            },
        }))
    }
}

/// Steps of the ensemble from one place that is kept to the next: at least so many of the process, and whole ones.
fn stride(whole: Whole, bundle: Bundle) -> u64 {
    whole.every.div_ceil(bundle.steps)
}
