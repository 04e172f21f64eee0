//! The driver for a fixed number of steps: where every particle is at given steps.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::{Process, Workspace};
use crate::simulation::aligned::Aligned;
use crate::simulation::float::Float;
use crate::simulation::random::{Address, Drawn, Stream, fill_normals, period};
use crate::simulation::vector::Vector;

/// Puts a particle at its start: given its index, fills θ, which is 0, and the process's memory, which holds
/// the process's own start at 0.
pub type Start<'a> = dyn Fn(u64, &mut [f64], &mut [f64]) + Sync + 'a;

/// What to run.
pub struct Course<'a, F: Float = f64> {
    /// What moves the particles; a discrete optimizer, or an SDE on its grid.
    pub process: &'a dyn Process<F>,
    /// The cell's random numbers.
    pub stream: &'a Stream,
    /// Number of particles.
    pub particles: u64,
    /// Where each of them begins.
    pub start: &'a Start<'a>,
    /// After how many steps to look, ascending; 0 is the start.
    pub at: &'a [u64],
    /// Lanes in a block; `None` picks a size that stays in the first-level cache.
    pub lanes: Option<usize>,
}

/// Where the particles were.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshots {
    /// d.
    pub dim: usize,
    /// For each step looked at, particle after particle, d coordinates each.
    pub theta: Vec<Vec<f64>>,
    /// Particles × steps.
    pub particle_steps: u64,
}

impl<F: Vector + Drawn> Course<'_, F> {
    /// Runs all particles on the threads of the current rayon pool. `finished` counts particles as they
    /// end. Returns `None` if `stop` was set before all had ended.
    ///
    /// A particle that diverges goes on as it is, not finite; what that means is the caller's to say.
    pub fn run(&self, stop: &AtomicBool, finished: &AtomicU64) -> Option<Snapshots> {
        let dim = self.process.dim();
        let lanes = self.lanes();
        let blocks = self.particles.div_ceil(lanes as u64);
        let size = self.particles as usize * dim;
        // Blocks write into their places as they go, so that nothing is held twice.
        let theta = Mutex::new(Vec::from_iter(self.at.iter().map(|_| vec![0.0; size])));
        (0..blocks).into_par_iter().try_for_each(|block| {
            let first = block * lanes as u64;
            let count = (self.particles - first).min(lanes as u64);
            self.block(first, count as usize, &theta, stop)?;
            finished.fetch_add(count, Ordering::Relaxed);
            Some(())
        })?;
        let steps = self.at.last().copied().unwrap_or(0);
        Some(Snapshots {
            dim,
            theta: theta.into_inner().unwrap_or_else(PoisonError::into_inner),
            particle_steps: self.particles * steps,
        })
    }

    fn lanes(&self) -> usize {
        let threads = rayon::current_num_threads().max(1) as u64;
        let share = self.particles.div_ceil(threads).max(1) as usize;
        let cached = (640 / self.process.dim().max(1)).clamp(2 * F::WIDEST, 512);
        let wanted = self.lanes.unwrap_or(cached).min(share);
        wanted.next_multiple_of(F::WIDEST)
    }

    /// Particles `first..first + count`, moved together; where they are goes to `seen`.
    fn block(
        &self,
        first: u64,
        count: usize,
        seen: &Mutex<Vec<Vec<f64>>>,
        stop: &AtomicBool,
    ) -> Option<()> {
        let process = self.process;
        let (dim, per_step) = (process.dim(), process.normals());
        let period = period::<F>(self.stream, per_step);
        // Whole registers; the lanes beyond the last particle are not looked at.
        let lanes = count.next_multiple_of(F::WIDEST);
        let memory = process.start(&vec![0.0; dim]);
        let mut block = process.idle(lanes);
        let (mut theta, mut own) = (vec![0.0; dim], memory.clone());
        for lane in 0..count {
            let particle = first + lane as u64;
            theta.fill(0.0);
            own.copy_from_slice(&memory);
            (self.start)(particle, &mut theta, &mut own);
            block.place(lane, particle, &theta, &own);
        }
        let mut work = Workspace::new(process, lanes);
        let row = per_step * lanes;
        let mut normals = Aligned::new(F::default(), row * period as usize);
        let mut taken = 0;
        for (look, &at) in self.at.iter().enumerate() {
            while taken < at {
                let within = (taken % period) as usize;
                if within == 0 {
                    if stop.load(Ordering::Relaxed) {
                        return None;
                    }
                    let address = Address {
                        particle: &block.particle,
                        step: &block.step,
                    };
                    fill_normals(self.stream, address, per_step, &mut normals);
                }
                let own = &normals[within * row..][..row];
                process.step(&mut block, self.stream, own, &mut work);
                block.count_step();
                taken += 1;
            }
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let own = &mut seen[look][first as usize * dim..][..count * dim];
            for (i, row) in block.theta.chunks_exact(lanes).enumerate() {
                for (x, theta) in own[i..].iter_mut().step_by(dim).zip(row) {
                    *x = theta.wide();
                }
            }
        }
        Some(())
    }
}
