//! A scheme that moves θ by an SDE of θ and of more: what is remembered beside it is memory, the time is the step's.

use std::sync::{Arc, Mutex};

use nalgebra::DMatrix;

use super::Part;
use super::lower::with_rows;
use crate::landscape::{Landscape, lane_of};
use crate::sde::registry::Entry;
use crate::sde::{Increment, Integrator, Moved, pieces};

/// How the normals of a step reach the coordinates.
pub enum Drives {
    /// One for each of these coordinates.
    Own(Vec<usize>),
    /// B at the beginning of the step times as many as it has columns.
    Mixed {
        /// Columns of B.
        columns: usize,
        /// B, row by row.
        matrix: Part,
    },
}

/// What an SDE by formulas adds to a scheme that moves all of its coordinates.
pub struct Frame {
    pub(super) surface: Arc<dyn Landscape>,
    /// The names of all coordinates but the time.
    pub(super) names: Vec<String>,
    /// What is remembered beside θ, at the start.
    pub(super) start: Vec<f64>,
    /// How much time a step takes, where formulas depend on it.
    pub(super) clock: Option<f64>,
    pub(super) drives: Drives,
    /// The drift and the noise, to be looked at where something is wrong.
    pub(super) looked: Part,
    /// What these are, in words.
    pub(super) told: Vec<String>,
}

/// The first place at which a formula was no number.
struct Fault {
    step: u64,
    theta: Vec<f64>,
    what: String,
}

/// A scheme in the frame of an SDE by formulas.
pub struct WrittenScheme {
    frame: Frame,
    inner: Box<dyn Integrator>,
    fault: Mutex<Option<Fault>>,
}

/// Beyond this a particle has left for good.
const DIVERGED: f64 = 1e100;

impl Frame {
    /// `inner`, which moves all coordinates of the SDE.
    pub fn around(self, inner: Box<dyn Integrator>) -> WrittenScheme {
        WrittenScheme {
            frame: self,
            inner,
            fault: Mutex::new(None),
        }
    }

    /// What is wrong with the formulas at a place before its next step, in words.
    pub fn wrong_at(&self, theta: &[f64], taken: u64) -> Option<String> {
        let mut all = theta.to_vec();
        all.extend(self.clock.map(|clock| clock * taken as f64));
        let mut found = vec![0.0; self.told.len()];
        self.evaluate(&self.looked, &all, 1, &mut found);
        let wrong = found.iter().position(|x| !x.is_finite())?;
        let names = self.names.iter().zip(theta);
        let place: Vec<String> = names.map(|(name, x)| format!("{name} = {x}")).collect();
        Some(format!(
            "{} comes to {} at {}, step {}",
            self.told[wrong],
            found[wrong],
            place.join(", "),
            taken + 1
        ))
    }

    /// The start of a particle at `theta`, with what is remembered.
    pub fn begin(&self, theta: &[f64]) -> Vec<f64> {
        theta.iter().chain(&self.start).copied().collect()
    }

    /// The Itô drift b and D = ½BBᵀ at a place, of θ and then of what is remembered, before the first step.
    pub fn at(&self, place: &[f64]) -> (Vec<f64>, DMatrix<f64>) {
        let mut all = place.to_vec();
        all.extend(self.clock.map(|_| 0.0));
        let mut drift = vec![0.0; self.told.len()];
        self.evaluate(&self.looked, &all, 1, &mut drift);
        let (own, theta) = (self.names.len(), self.surface.dim());
        let roots = drift.split_off(own);
        let b = match &self.drives {
            Drives::Own(_) => DMatrix::from_diagonal(&roots.into()),
            Drives::Mixed { columns, .. } => {
                let b = DMatrix::from_row_slice(theta, *columns, &roots);
                b.resize_vertically(own, 0.0)
            }
        };
        (drift, 0.5 * &b * b.transpose())
    }

    fn evaluate(&self, part: &Part, theta: &[f64], lanes: usize, to: &mut [f64]) {
        let dim = theta.len() / lanes;
        with_rows(&*self.surface, part.needs, (theta, dim), lanes, |rows| {
            part.program.run(rows, lanes, to);
        });
    }

    /// Rows of B.
    fn entries(&self) -> usize {
        match &self.drives {
            Drives::Own(_) => 0,
            Drives::Mixed { columns, .. } => columns * self.surface.dim(),
        }
    }
}

impl WrittenScheme {
    /// Notes the first of the lanes in which a formula is no number.
    #[cold]
    fn look(&self, (before, after): (&[f64], &[f64]), by: Increment<'_>) {
        let own = self.frame.names.len();
        let mut theta = vec![0.0; own];
        for lane in 0..by.lanes {
            let lost = (0..own).any(|i| after[i * by.lanes + lane].is_nan());
            lane_of(before, by.lanes, lane, &mut theta);
            let live = by.live.get(lane).copied().unwrap_or(true);
            if !lost || !live || !theta.iter().all(|x| x.abs() < DIVERGED) {
                continue;
            }
            let step = by.taken.get(lane).copied().unwrap_or(0);
            let Some(what) = self.frame.wrong_at(&theta, step) else {
                continue;
            };
            let mut fault = self.fault.lock().unwrap_or_else(|e| e.into_inner());
            // Of several the earliest, whatever the order of blocks.
            let earlier = |known: &Fault| {
                let order = theta.iter().zip(&known.theta).map(|(a, b)| a.total_cmp(b));
                let order = order.fold(step.cmp(&known.step), std::cmp::Ordering::then);
                order.is_lt()
            };
            if fault.as_ref().is_none_or(earlier) {
                *fault = Some(Fault {
                    step,
                    theta: theta.clone(),
                    what,
                });
            }
        }
    }
}

impl Integrator for WrittenScheme {
    fn entry(&self) -> &'static Entry {
        self.inner.entry()
    }

    fn dim(&self) -> usize {
        self.frame.surface.dim()
    }

    fn normals(&self) -> usize {
        match &self.frame.drives {
            Drives::Own(noisy) => noisy.len(),
            Drives::Mixed { columns, .. } => *columns,
        }
    }

    fn scratch_rows(&self) -> usize {
        4 * self.inner.dim() + self.frame.entries() + self.inner.scratch_rows()
    }

    fn start(&self, theta: &[f64]) -> Vec<f64> {
        let mut all = self.frame.begin(theta);
        all.extend(self.frame.clock.map(|_| 0.0));
        let mut memory = self.frame.start.clone();
        memory.extend(self.inner.start(&all));
        memory
    }

    fn bridged(&self) -> bool {
        let moved = match &self.frame.drives {
            Drives::Own(noisy) => noisy.iter().any(|i| *i < self.dim()),
            Drives::Mixed { .. } => true,
        };
        moved && self.inner.bridged()
    }

    fn fault(&self) -> Option<String> {
        let fault = self.fault.lock().unwrap_or_else(|e| e.into_inner());
        fault.as_ref().map(|fault| fault.what.clone())
    }

    fn step(&self, by: Increment<'_>, block: Moved<'_>) {
        let (lanes, frame) = (by.lanes, &self.frame);
        let size = self.inner.dim() * lanes;
        let (own, rest) = block.scratch.split_at_mut(4 * size);
        let [all, drift, variance, normals] = pieces(own, size);
        let (matrix, scratch) = rest.split_at_mut(frame.entries() * lanes);
        let (theta, remembered) = (block.theta.len(), frame.start.len() * lanes);
        let (state, memory) = block.memory.split_at_mut(remembered);
        all[..theta].copy_from_slice(block.theta);
        all[theta..theta + remembered].copy_from_slice(state);
        if let Some(clock) = frame.clock {
            let row = &mut all[theta + remembered..];
            row.fill(0.0);
            for (time, taken) in row.iter_mut().zip(by.taken) {
                *time = clock * *taken as f64;
            }
        }
        match &frame.drives {
            Drives::Own(noisy) => {
                normals.fill(0.0);
                for (i, from) in noisy.iter().zip(by.normals.chunks_exact(lanes)) {
                    normals[i * lanes..][..lanes].copy_from_slice(from);
                }
            }
            Drives::Mixed { columns, matrix: b } => {
                frame.evaluate(b, all, lanes, matrix);
                normals.fill(0.0);
                let rows = matrix.chunks_exact(lanes);
                for (at, row) in rows.enumerate() {
                    let (i, k) = (at / columns, at % columns);
                    let to = normals[i * lanes..][..lanes].iter_mut();
                    for ((to, b), xi) in to.zip(row).zip(&by.normals[k * lanes..]) {
                        *to += b * xi;
                    }
                }
            }
        }
        let moved = Moved {
            theta: all,
            memory,
            drift,
            variance,
            scratch,
        };
        self.inner.step(Increment { normals, ..by }, moved);
        if all[..theta + remembered].iter().any(|x| x.is_nan()) {
            let before = [&*block.theta, state].concat();
            self.look((&before, all), by);
        }
        if let Drives::Mixed { columns, .. } = &frame.drives {
            let rows = matrix.chunks_exact(lanes * columns);
            for (own, rows) in variance.chunks_exact_mut(lanes).zip(rows) {
                for (lane, v) in own.iter_mut().enumerate() {
                    let squares = rows.iter().skip(lane).step_by(lanes).map(|b| b * b);
                    *v = by.dt * squares.sum::<f64>();
                }
            }
        }
        let between = block.variance.len();
        block.variance.copy_from_slice(&variance[..between]);
        block.theta.copy_from_slice(&all[..theta]);
        state.copy_from_slice(&all[theta..theta + remembered]);
    }
}
