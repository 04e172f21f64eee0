//! Moves particles in a block, each from a state of its own, and shows every one after every step.

use std::ops::ControlFlow;

use super::{Path, Process, Scheme, State, Stream};
use crate::aligned::Aligned;
use crate::ensemble::{Block, Workspace};
use crate::random::{Address, fill_normals, period};
use crate::vector::Vector;
use base::error::{Error, Result};

/// Particles together in a block.
const LANES: usize = 64;

/// Source of particles whose random numbers nobody had before.
pub struct Wanderers<'a> {
    pub process: &'a dyn Process,
    pub stream: &'a Stream,
    pub scheme: &'a Scheme,
    /// Steps taken so far.
    pub steps: u64,
    /// The next particle's index, which keys its random numbers.
    next: u64,
}

/// A live lane after a step.
pub struct Sight<'a> {
    /// Which of the particles it is.
    pub index: usize,
    /// Its level.
    pub level: f64,
    /// Steps taken since the beginning.
    pub step: u64,
    block: &'a mut Block,
    lane: usize,
}

impl Sight<'_> {
    /// The particle as it is.
    pub fn state(&self) -> State {
        let row = |values: &[f64]| -> Vec<f64> {
            let lanes = self.block.lanes;
            values
                .iter()
                .skip(self.lane)
                .step_by(lanes)
                .copied()
                .collect()
        };
        State {
            level: self.level,
            theta: row(&self.block.theta),
            memory: self.block.memory_of(self.lane),
        }
    }

    /// Puts the particle elsewhere; its random numbers go on.
    pub fn put(&mut self, state: &State) {
        self.block.put(self.lane, &state.theta, &state.memory);
    }
}

impl<'a> Wanderers<'a> {
    pub fn new(process: &'a dyn Process, stream: &'a Stream, scheme: &'a Scheme) -> Self {
        Wanderers {
            process,
            stream,
            scheme,
            steps: 0,
            next: 0,
        }
    }

    /// The start, with the process's memory there.
    pub fn start(&self) -> State {
        let theta = self.scheme.start.clone();
        State {
            level: self.scheme.level.of(&theta, 1, 0),
            memory: self.process.start(&theta),
            theta,
        }
    }

    /// Goes on with those of `paths` from their highest state until each is back in A or in B.
    pub fn complete(&mut self, paths: &mut [Path], which: &[usize]) -> Result<()> {
        let (basin, exit, most) = (self.scheme.basin, self.scheme.exit, self.scheme.max_steps);
        // A first passage may have gone beyond the exit at once.
        let open: Vec<usize> = which
            .iter()
            .copied()
            .filter(|i| paths[*i].highest() <= exit)
            .collect();
        let from: Vec<State> = open
            .iter()
            .filter_map(|i| paths[*i].last().cloned())
            .collect();
        self.wander(&from, |sight| {
            let path = &mut paths[open[sight.index]];
            if sight.level > path.highest() {
                path.push(sight.state());
            }
            if sight.level <= basin || sight.level > exit {
                return Ok(ControlFlow::Break(()));
            }
            if sight.step >= most {
                return Err(lost(most));
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Moves a particle from each of the states until `see` breaks it off.
    pub fn wander(
        &mut self,
        from: &[State],
        mut see: impl FnMut(&mut Sight<'_>) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        for (part, states) in from.chunks(LANES).enumerate() {
            self.together(part * LANES, states, &mut see)?;
        }
        Ok(())
    }

    fn together(
        &mut self,
        first: usize,
        states: &[State],
        see: &mut impl FnMut(&mut Sight<'_>) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let process = self.process;
        let per_step = process.normals();
        let period = period::<f64>(self.stream, per_step);
        let mut block = process.idle(states.len().next_multiple_of(f64::WIDEST));
        let base = self.next;
        self.next += states.len() as u64;
        for (lane, state) in states.iter().enumerate() {
            block.place(lane, base + lane as u64, &state.theta, &state.memory);
        }
        let mut work = Workspace::new(process, block.lanes);
        let mut normals = Aligned::new(0.0, per_step * period as usize * block.lanes);
        let mut live = states.len();
        let mut taken = 0;
        while live > 0 {
            let enough = live.next_multiple_of(f64::WIDEST);
            if taken % period == 0 {
                if enough < block.lanes {
                    block.shrink(enough);
                    work = Workspace::new(process, block.lanes);
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
            }
            let row = per_step * block.lanes;
            let own = &normals[(taken % period) as usize * row..][..row];
            process.step(&mut block, self.stream, own, &mut work);
            block.count_step();
            taken += 1;
            self.steps += live as u64;
            for lane in 0..block.lanes {
                if !block.live[lane] {
                    continue;
                }
                let level = self.scheme.level.of(&block.theta, block.lanes, lane);
                if !level.is_finite() {
                    return Err(diverged(taken));
                }
                let mut sight = Sight {
                    index: first + (block.particle[lane] - base) as usize,
                    level,
                    step: taken,
                    block: &mut block,
                    lane,
                };
                if see(&mut sight)?.is_break() {
                    block.live[lane] = false;
                    live -= 1;
                }
            }
        }
        Ok(())
    }
}

/// A path that neither returns nor leaves.
pub fn lost(steps: u64) -> Error {
    Error::Failed(format!(
        "splitting: after {steps} steps a path has neither returned to the basin nor left; put the \
         basin's edge higher, or raise max_steps"
    ))
}

fn diverged(steps: u64) -> Error {
    Error::Failed(format!(
        "splitting: a path is no longer finite after {steps} steps; lower the step size"
    ))
}
