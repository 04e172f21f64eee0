//! The driver for a fixed number of steps: where every particle is at given steps.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Process, Workspace};
use crate::aligned::Aligned;
use crate::float::Float;
use crate::random::{Address, Drawn, Stream, fill_normals, period};
use crate::trace;
use crate::vector::Vector;

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
    /// Numbers that a look sees of a particle: d coordinates, unless an observer asks for others.
    pub dim: usize,
    /// For each step looked at, particle after particle, so many numbers each.
    pub theta: Vec<Vec<f64>>,
    /// Particles × steps.
    pub particle_steps: u64,
}

/// The particles that had come to their last step when a course was stopped.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    /// Runs of particles: the first, and their number; ascending.
    runs: Vec<(u64, u64)>,
    /// For each step looked at, the coordinates of these particles, as the bits of their numbers.
    theta: Vec<Vec<u64>>,
}

impl Begun {
    /// Whether all of these particles are among them.
    fn has(&self, first: u64, count: u64) -> bool {
        let within = |(begin, n): &(u64, u64)| *begin <= first && first + count <= begin + n;
        self.runs.iter().any(within)
    }

    /// How many they are.
    fn count(&self) -> u64 {
        self.runs.iter().map(|(_, n)| n).sum()
    }

    /// Puts them into their places.
    fn place(&self, dim: usize, theta: &mut [Vec<f64>]) {
        for (from, to) in self.theta.iter().zip(theta) {
            let mut from = from.iter().map(|bits| f64::from_bits(*bits));
            for (first, count) in &self.runs {
                let own = &mut to[*first as usize * dim..][..*count as usize * dim];
                own.iter_mut().zip(&mut from).for_each(|(to, x)| *to = x);
            }
        }
    }

    /// Takes them out of their places.
    fn taken(mut runs: Vec<(u64, u64)>, dim: usize, theta: &[Vec<f64>]) -> Self {
        runs.sort_unstable();
        let mut joined: Vec<(u64, u64)> = Vec::new();
        for (first, count) in runs {
            match joined.last_mut() {
                Some((begin, n)) if first <= *begin + *n => *n = (*n).max(first + count - *begin),
                _ => joined.push((first, count)),
            }
        }
        let own = |all: &Vec<f64>| {
            let runs = joined.iter();
            runs.flat_map(|(first, n)| &all[*first as usize * dim..][..*n as usize * dim])
                .map(|x| x.to_bits())
                .collect()
        };
        Begun {
            theta: theta.iter().map(own).collect(),
            runs: joined,
        }
    }

    /// Whether it is of a course of so many particles, coordinates and looks.
    fn fits(&self, particles: u64, dim: usize, looks: usize) -> bool {
        let size = self.count().saturating_mul(dim as u64);
        let within = |(first, n): &(u64, u64)| first.saturating_add(*n) <= particles;
        self.theta.len() == looks
            && self.theta.iter().all(|all| all.len() as u64 == size)
            && self.runs.iter().all(within)
    }
}

impl<F: Vector + Drawn> Course<'_, F> {
    /// Runs all particles on the threads of the current rayon pool. `finished` counts particles as they
    /// end. Returns `None` if `stop` was set before all had ended.
    ///
    /// A particle that diverges goes on as it is, not finite; what that means is the caller's to say.
    pub fn run(&self, stop: &AtomicBool, finished: &AtomicU64) -> Option<Snapshots> {
        self.run_from(None, stop, finished).ok()
    }

    /// The same, from where it was stopped before.
    ///
    /// # Errors
    /// What was finished when `stop` was set before all had ended.
    pub fn run_from(
        &self,
        begun: Option<Begun>,
        stop: &AtomicBool,
        finished: &AtomicU64,
    ) -> Result<Snapshots, Begun> {
        let dim = self.process.seen();
        let lanes = self.lanes();
        let blocks = self.particles.div_ceil(lanes as u64);
        let size = self.particles as usize * dim;
        // Blocks write into their places as they go, so that nothing is held twice.
        let mut theta = Vec::from_iter(self.at.iter().map(|_| vec![0.0; size]));
        let begun = begun.filter(|b| b.fits(self.particles, dim, self.at.len()));
        let begun = begun.unwrap_or_default();
        begun.place(dim, &mut theta);
        let (theta, runs) = (Mutex::new(theta), Mutex::new(begun.runs.clone()));
        let whole = (0..blocks).into_par_iter().try_for_each(|block| {
            let first = block * lanes as u64;
            let count = (self.particles - first).min(lanes as u64);
            if !begun.has(first, count) {
                self.block(first, count as usize, &theta, stop)?;
                let mut runs = runs.lock().unwrap_or_else(PoisonError::into_inner);
                runs.push((first, count));
            }
            finished.fetch_add(count, Ordering::Relaxed);
            Some(())
        });
        let theta = theta.into_inner().unwrap_or_else(PoisonError::into_inner);
        if whole.is_none() {
            let runs = runs.into_inner().unwrap_or_else(PoisonError::into_inner);
            return Err(Begun::taken(runs, dim, &theta));
        }
        trace::run(
            "snapshots",
            self.stream,
            self.particles,
            self.at,
            self.process.normals(),
            theta.iter().flatten().copied().map(trace::bits),
        );
        let steps = self.at.last().copied().unwrap_or(0);
        Ok(Snapshots {
            dim,
            theta,
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
            process.begin(&theta, &mut own);
            block.place(lane, particle, &theta, &own);
        }
        let mut work = Workspace::new(process, lanes);
        let row = per_step * lanes;
        let mut normals = Aligned::new(F::default(), row * period as usize);
        let numbers = process.seen();
        let mut rows = vec![0.0; numbers * lanes];
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
            process.look(&block, &mut rows);
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let own = &mut seen[look][first as usize * numbers..][..count * numbers];
            for (i, row) in rows.chunks_exact(lanes).enumerate() {
                for (to, x) in own[i..].iter_mut().step_by(numbers).zip(row) {
                    *to = *x;
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_had_ended_is_put_back_where_it_was() {
        let theta = vec![
            (0..12).map(f64::from).collect::<Vec<_>>(),
            vec![f64::NAN; 12],
        ];
        let begun = Begun::taken(vec![(4, 2), (0, 1), (1, 1)], 2, &theta);
        assert_eq!(begun.runs, [(0, 2), (4, 2)]);
        assert!(begun.has(1, 1) && begun.has(4, 2) && !begun.has(1, 4));
        assert!(begun.fits(6, 2, 2) && !begun.fits(5, 2, 2) && !begun.fits(6, 1, 2));
        let text = serde_json::to_string(&begun).unwrap();
        let begun: Begun = serde_json::from_str(&text).unwrap();
        let mut back = vec![vec![-1.0; 12]; 2];
        begun.place(2, &mut back);
        assert_eq!(
            back[0],
            [
                0.0, 1.0, 2.0, 3.0, -1.0, -1.0, -1.0, -1.0, 8.0, 9.0, 10.0, 11.0
            ]
        );
        assert!(back[1][0].is_nan() && back[1][4] == -1.0);
    }
}
