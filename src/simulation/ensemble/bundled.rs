//! Several steps of a process as one, on normals that other processes share.

use super::{Block, Process, Workspace};
use crate::aligned::Aligned;
use crate::random::Stream;

/// `steps` steps of a process in one step of the ensemble. It draws `parts` normals in place of each normal of the process,
/// `parts` a multiple of `steps`; a step takes the sum of its share over the root of their number. So processes of the same
/// stream whose steps last differently long see the same Brownian path.
pub struct Bundled {
    /// The process.
    pub inner: Box<dyn Process>,
    /// Its steps in a step of the ensemble.
    pub steps: u64,
    /// Normals in place of one.
    pub parts: u64,
    /// What multiplies each normal: −1 for the increments of an SDE, since a rule subtracts its noise.
    pub sign: f64,
}

impl Process for Bundled {
    fn dim(&self) -> usize {
        self.inner.dim()
    }

    fn start(&self, theta: &[f64]) -> Vec<f64> {
        self.inner.start(theta)
    }

    fn scalars(&self) -> usize {
        self.inner.scalars()
    }

    fn watched(&self) -> usize {
        self.inner.watched()
    }

    fn begin(&self, theta: &[f64], memory: &mut [f64]) {
        self.inner.begin(theta, memory);
    }

    fn seen(&self) -> usize {
        self.inner.seen()
    }

    fn look(&self, block: &Block, rows: &mut [f64]) {
        self.inner.look(block, rows);
    }

    fn ended(&self, block: &Block, lanes: &mut Vec<usize>) {
        self.inner.ended(block, lanes);
    }

    fn normals(&self) -> usize {
        self.inner.normals() * self.parts as usize
    }

    fn scratch(&self, lanes: usize) -> usize {
        self.inner.scratch(lanes)
    }

    fn fault(&self) -> Option<String> {
        self.inner.fault()
    }

    fn aims(&self) -> bool {
        self.inner.aims()
    }

    fn draws(&self) -> bool {
        self.inner.draws()
    }

    fn continuous(&self) -> bool {
        // Between the steps of a bundle nobody looks.
        false
    }

    fn step(&self, block: &mut Block, stream: &Stream, normals: &[f64], work: &mut Workspace) {
        let own = self.inner.normals() * block.lanes;
        let share = (self.parts / self.steps.max(1)) as usize;
        let factor = self.sign / (share as f64).sqrt();
        let mut summed = Aligned::new(0.0, own);
        let before = block.step.clone();
        let between = self.inner.continuous();
        if between && work.previous.len() < block.theta.len() {
            *work = Workspace::new(&*self.inner, block.lanes);
        }
        for (j, parts) in normals.chunks_exact((own * share).max(1)).enumerate() {
            for (k, to) in summed.iter_mut().enumerate() {
                *to = factor * parts.iter().skip(k).step_by(own).sum::<f64>();
            }
            for (to, step) in block.step.iter_mut().zip(before.iter()) {
                *to = step * self.steps + j as u64;
            }
            self.inner.step(block, stream, &summed, work);
        }
        if own == 0 {
            // A process without normals draws by the stream's other purposes.
            for j in 0..self.steps {
                for (to, step) in block.step.iter_mut().zip(before.iter()) {
                    *to = step * self.steps + j;
                }
                self.inner.step(block, stream, &[], work);
            }
        }
        block.step = before;
    }
}
