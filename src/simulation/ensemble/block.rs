//! A block of particles: rows of one value per lane.

use crate::aligned::Aligned;
use crate::float::Float;
use crate::vectorised::vectorised;

/// The particles that one thread moves together.
#[derive(Clone, Debug)]
pub struct Block<F: Float = f64> {
    /// Particles in the block.
    pub lanes: usize,
    /// θ, coordinate-major: `dim` rows.
    pub theta: Aligned<F>,
    /// The process's own memory, one row per slot.
    pub memory: Aligned<F>,
    /// What of it is a double in every precision: the last rows of a particle's memory.
    pub scalars: Aligned<f64>,
    /// What an observer remembers along the path, one row per number.
    pub watched: Aligned<f64>,
    /// Particle index of each lane.
    pub particle: Aligned<u64>,
    /// Steps that each lane's particle has taken.
    pub step: Aligned<u64>,
    /// Whether the lane's particle is still under way.
    pub live: Vec<bool>,
}

impl<F: Float> Block<F> {
    /// A block whose lanes hold no particle yet.
    pub fn idle(
        lanes: usize,
        theta_rows: usize,
        memory_rows: usize,
        [scalar_rows, watched_rows]: [usize; 2],
    ) -> Self {
        Block {
            lanes,
            theta: Aligned::new(F::default(), theta_rows * lanes),
            memory: Aligned::new(F::default(), memory_rows * lanes),
            scalars: Aligned::new(0.0, scalar_rows * lanes),
            watched: Aligned::new(0.0, watched_rows * lanes),
            particle: Aligned::new(0, lanes),
            step: Aligned::new(0, lanes),
            live: vec![false; lanes],
        }
    }

    /// Puts a particle that has taken no step into `lane`; `memory` is its memory, its scalars and what is
    /// watched, in this order.
    pub fn place(&mut self, lane: usize, particle: u64, theta: &[f64], memory: &[f64]) {
        self.put(lane, theta, memory);
        self.particle[lane] = particle;
        self.step[lane] = 0;
        self.live[lane] = true;
    }

    /// Puts the particle of `lane` elsewhere, with another memory.
    pub fn put(&mut self, lane: usize, theta: &[f64], memory: &[f64]) {
        let lanes = self.lanes;
        let (memory, doubles) = memory.split_at(self.memory.len() / lanes);
        for (rows, values) in [(&mut self.theta, theta), (&mut self.memory, memory)] {
            let column = rows.iter_mut().skip(lane).step_by(lanes);
            for (x, value) in column.zip(values) {
                *x = F::of(*value);
            }
        }
        let scalars = self.scalars.iter_mut().skip(lane).step_by(lanes);
        let watched = self.watched.iter_mut().skip(lane).step_by(lanes);
        let column = scalars.chain(watched);
        column.zip(doubles).for_each(|(x, value)| *x = *value);
    }

    /// What the particle of `lane` remembers, as [`put`](Self::put) takes it.
    pub fn memory_of(&self, lane: usize) -> Vec<f64> {
        let memory = self.memory.iter().skip(lane).step_by(self.lanes);
        let scalars = self.scalars.iter().skip(lane).step_by(self.lanes);
        let watched = self.watched.iter().skip(lane).step_by(self.lanes);
        let doubles = scalars.chain(watched).copied();
        memory.map(|x| x.wide()).chain(doubles).collect()
    }

    /// A block of some of the lanes.
    pub(super) fn some(&self, lanes: &[usize]) -> Self {
        let of = |rows: &Aligned<F>| picked(rows, self.lanes, lanes);
        let own = |rows: &Aligned<f64>| picked(rows, self.lanes, lanes);
        let counted = |row: &Aligned<u64>| picked(row, self.lanes, lanes);
        Block {
            lanes: lanes.len(),
            theta: of(&self.theta),
            memory: of(&self.memory),
            scalars: own(&self.scalars),
            watched: own(&self.watched),
            particle: counted(&self.particle),
            step: counted(&self.step),
            live: lanes.iter().map(|lane| self.live[*lane]).collect(),
        }
    }

    /// Takes back what a step made of θ and the memory of some lanes.
    pub(super) fn take_back(&mut self, some: &Self, lanes: &[usize]) {
        put(&some.theta, &mut self.theta, self.lanes, lanes);
        put(&some.memory, &mut self.memory, self.lanes, lanes);
        put(&some.scalars, &mut self.scalars, self.lanes, lanes);
    }

    /// Counts a step of every lane.
    pub fn count_step(&mut self) {
        let steps = &mut self.step[..];
        vectorised!(|steps| for step in steps.iter_mut() {
            *step += 1;
        });
    }

    /// Drops idle lanes until at most `lanes` are left, of which the live ones keep their state.
    pub fn shrink(&mut self, lanes: usize) {
        let mut keep: Vec<usize> = (0..self.lanes).collect();
        keep.sort_by_key(|&lane| !self.live[lane]);
        keep.truncate(lanes);
        let old = self.lanes;
        fn rows<T: Copy>(values: &[T], old: usize, keep: &[usize]) -> Aligned<T>
        where
            Aligned<T>: FromIterator<T>,
        {
            let rows = values.chunks_exact(old);
            rows.flat_map(|row| keep.iter().map(|&lane| row[lane]))
                .collect()
        }
        self.theta = rows(&self.theta, old, &keep);
        self.memory = rows(&self.memory, old, &keep);
        self.scalars = rows(&self.scalars, old, &keep);
        self.watched = rows(&self.watched, old, &keep);
        self.particle = keep.iter().map(|&lane| self.particle[lane]).collect();
        self.step = keep.iter().map(|&lane| self.step[lane]).collect();
        self.live = keep.iter().map(|&lane| self.live[lane]).collect();
        self.lanes = keep.len();
    }
}

/// Some lanes of rows.
pub(super) fn picked<T: Copy + Default>(rows: &[T], lanes: usize, some: &[usize]) -> Aligned<T> {
    let mut picked = Aligned::new(T::default(), rows.len() / lanes.max(1) * some.len());
    let into = picked.chunks_exact_mut(some.len().max(1));
    for (row, to) in rows.chunks_exact(lanes.max(1)).zip(into) {
        some.iter().zip(to).for_each(|(lane, to)| *to = row[*lane]);
    }
    picked
}

/// Puts them back.
fn put<T: Copy>(from: &[T], rows: &mut [T], lanes: usize, some: &[usize]) {
    let from = from.chunks_exact(some.len().max(1));
    for (row, from) in rows.chunks_exact_mut(lanes.max(1)).zip(from) {
        some.iter().zip(from).for_each(|(lane, x)| row[*lane] = *x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_placed_and_shrinking_keeps_the_live_ones() {
        let mut block = Block::idle(4, 2, 1, [1, 0]);
        for (lane, particle) in [(0, 7), (2, 9), (3, 11)] {
            let x = particle as f64;
            block.place(lane, particle, &[x, -x], &[10.0 * x, 0.1 * x]);
            block.step[lane] = 100 + particle;
        }
        block.live[0] = false;
        block.shrink(2);
        assert_eq!((block.lanes, &block.live), (2, &vec![true, true]));
        assert_eq!(*block.particle, [9, 11]);
        assert_eq!(*block.step, [109, 111]);
        assert_eq!(*block.theta, [9.0, 11.0, -9.0, -11.0]);
        assert_eq!(*block.memory, [90.0, 110.0]);
        assert_eq!(*block.scalars, [0.1 * 9.0, 0.1 * 11.0]);
        assert_eq!(block.memory_of(1), [110.0, 0.1 * 11.0]);
        block.place(0, 12, &[1.0, 2.0], &[3.0, 0.3]);
        assert_eq!(
            (block.step[0], block.theta[0], block.theta[2]),
            (0, 1.0, 2.0)
        );
    }
}
