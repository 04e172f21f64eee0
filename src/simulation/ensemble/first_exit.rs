//! The driver: runs every particle to its first exit, divergence or the last step allowed.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::exit::{Exit, Seen, Watch};
use super::snapshots::Start;
use super::{Block, Process, Workspace};
use crate::aligned::Aligned;
use crate::float::Float;
use crate::random::{Address, Drawn, Stream, fill_normals, period};
use crate::trace;
use crate::vector::Vector;

/// How a particle ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It left at this step.
    Exited(u64),
    /// It was still inside after this many steps, the most allowed.
    Censored(u64),
    /// It was no longer finite at this step.
    Diverged(u64),
}

impl End {
    /// What stands for a particle that has not ended.
    pub const UNDER_WAY: End = End::Censored(0);
}

/// What to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Number of particles.
    pub particles: u64,
    /// Steps after which a particle is censored.
    pub max_steps: u64,
    /// θ of every particle before its first step.
    pub start: Vec<f64>,
    /// The boundary.
    pub exit: Exit,
    /// The coordinate that must pass it; `None`: whichever does first.
    pub coordinate: Option<usize>,
    /// Lanes in a block; `None` picks a size that stays in the first-level cache.
    pub lanes: Option<usize>,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstExits {
    /// How each particle ended, by particle index.
    pub ends: Vec<End>,
    /// Steps that particles took.
    pub particle_steps: u64,
    /// Steps that lanes took, idle ones included.
    pub lane_steps: u64,
}

/// A process under a plan, with its random numbers.
pub struct Ensemble<'a, F: Float = f64> {
    /// What moves the particles.
    pub process: &'a dyn Process<F>,
    /// The cell's random numbers.
    pub stream: &'a Stream,
    /// What to run.
    pub plan: &'a Plan,
}

impl<F: Vector + Drawn> Ensemble<'_, F> {
    /// Runs all particles on the threads of the current rayon pool.
    ///
    /// `finished` counts particles as they end. Returns `None` if `stop` was set before all had ended.
    pub fn run(&self, stop: &AtomicBool, finished: &AtomicU64) -> Option<FirstExits> {
        self.run_from(None, stop, finished).ok()
    }

    /// Goes on from what was finished before, if there is any of as many particles.
    ///
    /// # Errors
    /// What was finished when `stop` was set before all had ended; the others are [`End::UNDER_WAY`].
    pub fn run_from(
        &self,
        begun: Option<FirstExits>,
        stop: &AtomicBool,
        finished: &AtomicU64,
    ) -> Result<FirstExits, FirstExits> {
        let (exits, _) = self.collect(false, None, begun, stop, finished);
        if exits.ends.contains(&End::UNDER_WAY) {
            Err(exits)
        } else {
            Ok(exits)
        }
    }

    /// The same, and what a look sees of every particle at its end (θ, unless an observer asks for more), one particle after
    /// another.
    pub fn run_to_positions(
        &self,
        stop: &AtomicBool,
        finished: &AtomicU64,
    ) -> Option<(FirstExits, Vec<f64>)> {
        self.run_between(None, stop, finished)
    }

    /// As [`run_to_positions`](Self::run_to_positions), each particle from a start of its own.
    pub fn run_between(
        &self,
        starts: Option<&Start<'_>>,
        stop: &AtomicBool,
        finished: &AtomicU64,
    ) -> Option<(FirstExits, Vec<f64>)> {
        let (exits, seen) = self.collect(true, starts, None, stop, finished);
        (!exits.ends.contains(&End::UNDER_WAY)).then_some((exits, seen))
    }

    fn collect(
        &self,
        positions: bool,
        starts: Option<&Start<'_>>,
        begun: Option<FirstExits>,
        stop: &AtomicBool,
        finished: &AtomicU64,
    ) -> (FirstExits, Vec<f64>) {
        let threads = rayon::current_num_threads().max(1);
        let begun = begun
            .filter(|b| b.ends.len() as u64 == self.plan.particles)
            .unwrap_or_else(|| FirstExits {
                ends: vec![End::UNDER_WAY; self.plan.particles as usize],
                ..FirstExits::default()
            });
        let ended: Vec<bool> = begun.ends.iter().map(|e| *e != End::UNDER_WAY).collect();
        finished.fetch_add(
            ended.iter().filter(|e| **e).count() as u64,
            Ordering::Relaxed,
        );
        let left = Left {
            next: AtomicU64::new(0),
            ended,
        };
        let dim = self.process.seen();
        let kept = if positions {
            self.plan.particles as usize * dim
        } else {
            0
        };
        let results = Mutex::new(Results {
            exits: begun,
            theta: vec![0.0; kept],
            dim,
        });
        (0..threads).into_par_iter().for_each(|_| {
            self.work(
                threads,
                &left,
                (positions, starts),
                &results,
                stop,
                finished,
            )
        });
        let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        trace::run(
            "first exit",
            self.stream,
            self.plan.particles,
            &[self.plan.max_steps],
            self.process.normals(),
            results.exits.ends.iter().flat_map(|end| match *end {
                End::Exited(n) => [0, n],
                End::Censored(n) => [1, n],
                End::Diverged(n) => [2, n],
            }),
        );
        (results.exits, results.theta)
    }

    /// A block that stays in the first-level cache, and is refilled often enough that the last
    /// particles, which nothing refills, are a small part of the work.
    fn lanes(&self, threads: usize) -> usize {
        const REFILLS: usize = 8;
        let share = (self.plan.particles as usize).div_ceil(threads).max(1);
        let cached = (640 / self.process.dim().max(1)).clamp(2 * F::WIDEST, 512);
        let wanted = self
            .plan
            .lanes
            .unwrap_or_else(|| cached.min((share / REFILLS).max(2 * F::WIDEST)));
        wanted.min(share).next_multiple_of(F::WIDEST)
    }

    fn work(
        &self,
        threads: usize,
        left: &Left,
        (positions, starts): (bool, Option<&Start<'_>>),
        results: &Mutex<Results>,
        stop: &AtomicBool,
        finished: &AtomicU64,
    ) {
        let process = self.process;
        let per_step = process.normals();
        let period = period::<F>(self.stream, per_step);
        let start = process.start(&self.plan.start);
        let lanes = self.lanes(threads);
        let mut part = Part {
            keeps: positions,
            ..Part::default()
        };
        let mut block = process.idle(lanes);
        let mut work = Workspace::new(process, lanes);
        let mut normals = Aligned::new(F::default(), per_step * period as usize * lanes);
        let mut live = 0;
        let mut more = true;
        loop {
            if live < block.lanes {
                live += self.refill(&mut block, &mut more, left, (&start, starts));
                if live == 0 || stop.load(Ordering::Relaxed) {
                    break;
                }
                let enough = live.next_multiple_of(F::WIDEST);
                if !more && enough <= block.lanes - block.lanes / 4 {
                    block.shrink(enough);
                }
            } else if stop.load(Ordering::Relaxed) {
                break;
            }
            let row = per_step * block.lanes;
            let address = Address {
                particle: &block.particle,
                step: &block.step,
            };
            fill_normals(
                self.stream,
                address,
                per_step,
                &mut normals[..row * period as usize],
            );
            for s in 0..period as usize {
                process.step(
                    &mut block,
                    self.stream,
                    &normals[s * row..][..row],
                    &mut work,
                );
                part.lane_steps += block.lanes as u64;
                let ended = self.look(&mut block, &work, &mut part);
                live -= ended;
                if ended > 0 {
                    finished.fetch_add(ended as u64, Ordering::Relaxed);
                }
            }
            if part.ends.len() >= DELIVERED_TOGETHER {
                part.deliver(results);
            }
        }
        part.deliver(results);
    }

    /// Gives idle lanes the next particles; returns how many it gave.
    fn refill(
        &self,
        block: &mut Block<F>,
        more: &mut bool,
        left: &Left,
        (start, starts): (&[f64], Option<&Start<'_>>),
    ) -> usize {
        let mut placed = 0;
        for lane in 0..block.lanes {
            if block.live[lane] || !*more {
                continue;
            }
            let particle = left.take();
            if particle >= self.plan.particles {
                *more = false;
            } else {
                match starts {
                    None => block.place(lane, particle, &self.plan.start, start),
                    Some(put) => {
                        let (mut theta, mut own) = (self.plan.start.clone(), start.to_vec());
                        put(particle, &mut theta, &mut own);
                        self.process.begin(&theta, &mut own);
                        block.place(lane, particle, &theta, &own);
                    }
                }
                placed += 1;
            }
        }
        placed
    }

    /// Counts the step, and takes out the particles that ended with it; returns how many.
    fn look(&self, block: &mut Block<F>, work: &Workspace<F>, part: &mut Part) -> usize {
        let (plan, before) = (self.plan, part.ends.len());
        part.found.clear();
        let watch = Watch {
            exit: plan.exit,
            coordinate: plan.coordinate,
        };
        watch.look(
            self.process,
            block,
            work,
            self.stream,
            &mut part.suspects,
            &mut part.found,
        );
        block.count_step();
        let mut found = std::mem::take(&mut part.found);
        part.see(self.process, block, found.is_empty());
        for (lane, seen) in found.drain(..) {
            let n = block.step[lane];
            let end = match seen {
                Seen::Out => End::Exited(n),
                Seen::Diverged => End::Diverged(n),
            };
            part.end(block, lane, end);
        }
        part.found = found;
        // No lane can reach the last step before the countdown is over, and refilled ones later still.
        part.countdown = part.countdown.saturating_sub(1);
        if part.countdown == 0 {
            part.countdown = plan.max_steps;
            part.see(self.process, block, false);
            for lane in 0..block.lanes {
                if !block.live[lane] {
                    continue;
                }
                let left = plan.max_steps.saturating_sub(block.step[lane]);
                if left == 0 {
                    let end = End::Censored(block.step[lane]);
                    part.end(block, lane, end);
                } else {
                    part.countdown = part.countdown.min(left);
                }
            }
        }
        part.ends.len() - before
    }
}

/// The particles that have not been handed out.
struct Left {
    next: AtomicU64,
    /// Whether each had ended before.
    ended: Vec<bool>,
}

impl Left {
    /// The next one, or a number beyond the last.
    fn take(&self) -> u64 {
        loop {
            let particle = self.next.fetch_add(1, Ordering::Relaxed);
            if self.ended.get(particle as usize) != Some(&true) {
                return particle;
            }
        }
    }
}

/// Ends that a thread keeps to itself before it takes its turn at the results.
const DELIVERED_TOGETHER: usize = 1024;

/// The results of all threads, in the places where they are handed out, so that nothing is held twice.
struct Results {
    exits: FirstExits,
    /// What was seen of each particle at its end, or nothing.
    theta: Vec<f64>,
    dim: usize,
}

/// What one thread has done and not yet delivered.
#[derive(Default)]
struct Part {
    ends: Vec<(u64, End)>,
    /// What was seen at each of these ends, if it `keeps` that.
    positions: Vec<f64>,
    keeps: bool,
    /// What a look at the block sees now.
    rows: Vec<f64>,
    lane_steps: u64,
    suspects: Vec<usize>,
    found: Vec<(usize, Seen)>,
    /// Steps before any lane can reach the last step allowed; 0 asks for a look.
    countdown: u64,
}

impl Part {
    /// Moves the ends to their places.
    fn deliver(&mut self, results: &Mutex<Results>) {
        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
        let Results { exits, theta, dim } = &mut *results;
        for ((particle, _), own) in self.ends.iter().zip(self.positions.chunks_exact(*dim)) {
            theta[*particle as usize * *dim..][..*dim].copy_from_slice(own);
        }
        self.positions.clear();
        for (particle, end) in self.ends.drain(..) {
            exits.particle_steps += match end {
                End::Exited(n) | End::Censored(n) | End::Diverged(n) => n,
            };
            exits.ends[particle as usize] = end;
        }
        exits.lane_steps += std::mem::take(&mut self.lane_steps);
    }

    /// Looks at the block before particles of it end, where that is kept.
    fn see<F: Float>(&mut self, process: &dyn Process<F>, block: &Block<F>, nobody: bool) {
        if self.keeps && !nobody {
            self.rows.resize(process.seen() * block.lanes, 0.0);
            process.look(block, &mut self.rows);
        }
    }

    /// Takes the particle out of its lane.
    fn end<F: Float>(&mut self, block: &mut Block<F>, lane: usize, end: End) {
        self.ends.push((block.particle[lane], end));
        block.live[lane] = false;
        if self.keeps {
            let own = self.rows.iter().skip(lane).step_by(block.lanes);
            self.positions.extend(own);
        }
    }
}
