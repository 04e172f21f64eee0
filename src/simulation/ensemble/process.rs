//! The two kinds of process: a discrete optimizer, and an SDE on a time grid.

use super::{Block, Crossing};
use crate::aligned::Aligned;
use crate::float::Float;
use crate::noise::{Oracle, Place};
use crate::optimizer::{Moves, Optimizer, Rows};
use crate::random::{Address, Drawn, FRESH_ROWS, Stream, fill_fresh};
use crate::sde::{Increment, Integrator, Moved};

/// Memory that a step needs beside the block's own.
pub struct Workspace<F = f64> {
    /// Stochastic gradient or drift.
    pub gradient: Aligned<F>,
    /// The oracle's or the integrator's scratch memory.
    pub scratch: Aligned<F>,
    /// Fresh normals of a rule that draws its own.
    pub fresh: Aligned<F>,
    /// θ before the step, where the path between grid points matters, or where gradients are taken elsewhere.
    pub previous: Aligned<F>,
    /// Variance of the step's noise at the old θ, where the path between grid points matters.
    pub variance: Aligned<F>,
}

impl<F: Float> Workspace<F> {
    /// What `process` needs for a block of `lanes`.
    pub fn new(process: &dyn Process<F>, lanes: usize) -> Self {
        let size = process.dim() * lanes;
        let between = if process.continuous() { size } else { 0 };
        let of = |asked: bool| Aligned::new(F::default(), if asked { size } else { 0 });
        let fresh = process
            .draws()
            .then(|| process.dim().next_multiple_of(FRESH_ROWS));
        let fresh = fresh.unwrap_or(0);
        Workspace {
            fresh: Aligned::new(F::default(), fresh * lanes),
            gradient: Aligned::new(F::default(), size),
            scratch: Aligned::new(F::default(), process.scratch(lanes)),
            previous: of(process.continuous() || process.aims()),
            variance: Aligned::new(F::default(), between),
        }
    }
}

/// Something that moves particles, made of `F`, step by step.
pub trait Process<F: Float = f64>: Send + Sync {
    /// d, the number of coordinates.
    fn dim(&self) -> usize;
    /// Values of the memory rows of a particle at `theta` that has taken no step, the scalars last.
    fn start(&self, theta: &[f64]) -> Vec<f64>;
    /// How many of them are scalars: doubles in every precision.
    fn scalars(&self) -> usize {
        0
    }
    /// How many of them, behind the scalars, an observer keeps.
    fn watched(&self) -> usize {
        0
    }
    /// What an observer remembers of the start, put into the memory of a particle that begins at `theta`.
    fn begin(&self, _theta: &[f64], _memory: &mut [f64]) {}
    /// Numbers that a look at a particle sees: its coordinates, unless an observer asks for others.
    fn seen(&self) -> usize {
        self.dim()
    }
    /// Looks at every lane: a row for each number that is seen.
    fn look(&self, block: &Block<F>, rows: &mut [f64]) {
        for (to, x) in rows.iter_mut().zip(block.theta.iter()) {
            *to = x.wide();
        }
    }
    /// Adds the lanes whose particles have come to their end by the observer's own rule.
    fn ended(&self, _block: &Block<F>, _lanes: &mut Vec<usize>) {}
    /// A block of `lanes` that hold no particle yet.
    fn idle(&self, lanes: usize) -> Block<F> {
        let (dim, scalars, watched) = (self.dim(), self.scalars(), self.watched());
        let rows = self.start(&vec![0.0; dim]).len();
        Block::idle(lanes, dim, rows - scalars - watched, [scalars, watched])
    }
    /// Standard normals that a particle needs for one step.
    fn normals(&self) -> usize;
    /// Length of the scratch memory for a block of `lanes`.
    fn scratch(&self, lanes: usize) -> usize;
    /// True when the path between grid points is a Brownian bridge, so that exits there can be sampled.
    fn continuous(&self) -> bool;
    /// Whether gradients are taken elsewhere than at θ.
    fn aims(&self) -> bool {
        false
    }
    /// Whether its rule draws normals of its own.
    fn draws(&self) -> bool {
        false
    }
    /// How an exit between grid points is found; at grid points only where the process is not continuous.
    fn crossing(&self) -> Crossing {
        Crossing::AtGrid
    }
    /// What went wrong along a path, of all that did the first.
    fn fault(&self) -> Option<String> {
        None
    }
    /// One step of every lane. A continuous process fills `previous` and `variance`.
    fn step(&self, block: &mut Block<F>, stream: &Stream, normals: &[F], work: &mut Workspace<F>);
}

/// A discrete optimizer: the path exists at the steps only, and an exit at step n is the truth.
pub struct Optimizing<F = f64> {
    /// Where stochastic gradients come from.
    pub oracle: Box<dyn Oracle<F>>,
    /// The update rule.
    pub optimizer: Box<dyn Optimizer>,
}

impl<F: Float + Drawn> Process<F> for Optimizing<F>
where
    dyn Optimizer: Moves<F>,
{
    fn dim(&self) -> usize {
        self.oracle.dim()
    }

    fn start(&self, theta: &[f64]) -> Vec<f64> {
        self.optimizer.start(theta)
    }

    fn scalars(&self) -> usize {
        self.optimizer.scalars()
    }

    fn normals(&self) -> usize {
        self.oracle.normals()
    }

    fn scratch(&self, lanes: usize) -> usize {
        self.oracle.scratch(lanes)
    }

    fn continuous(&self) -> bool {
        false
    }

    fn aims(&self) -> bool {
        self.optimizer.aims()
    }

    fn draws(&self) -> bool {
        self.optimizer.draws()
    }

    fn fault(&self) -> Option<String> {
        self.oracle.fault()
    }

    fn step(&self, block: &mut Block<F>, stream: &Stream, normals: &[F], work: &mut Workspace<F>) {
        stepped(
            &*self.oracle,
            &*self.optimizer,
            block,
            stream,
            normals,
            work,
        );
    }
}

/// One step of a rule for every lane.
pub(super) fn stepped<F: Float + Drawn>(
    oracle: &dyn Oracle<F>,
    optimizer: &(dyn Optimizer + 'static),
    block: &mut Block<F>,
    stream: &Stream,
    normals: &[F],
    work: &mut Workspace<F>,
) where
    dyn Optimizer: Moves<F>,
{
    let size = block.theta.len();
    let gradient = &mut work.gradient[..size];
    if optimizer.draws() {
        let at = Address {
            particle: &block.particle,
            step: &block.step,
        };
        let rows = oracle.dim().next_multiple_of(FRESH_ROWS);
        fill_fresh(stream, at, &mut work.fresh[..rows * block.lanes]);
    }
    let theta = if optimizer.aims() {
        let remembered = (&block.memory[..], &block.scalars[..]);
        let at = &mut work.previous[..size];
        optimizer.aim(&block.theta, block.lanes, &block.step, remembered, at);
        &work.previous[..size]
    } else {
        &block.theta
    };
    let place = Place {
        lanes: block.lanes,
        theta,
        particle: &block.particle,
        step: &block.step,
        stream,
        normals,
        live: &block.live,
    };
    oracle.gradient(place, gradient, &mut work.scratch);
    optimizer.step(
        &mut block.theta,
        gradient,
        block.lanes,
        &block.step,
        Rows {
            coordinates: &mut block.memory,
            scalars: &mut block.scalars,
            fresh: &work.fresh,
        },
    );
}

/// An SDE on the grid n·dt.
pub struct Diffusing {
    /// The scheme, with the process in continuous time that it integrates.
    pub integrator: Box<dyn Integrator>,
    /// The step size.
    pub dt: f64,
    /// How an exit between grid points is found, where the scheme leaves a Brownian bridge there.
    pub crossing: Crossing,
}

impl Diffusing {
    /// The process with the Brownian-bridge test.
    pub fn new(integrator: Box<dyn Integrator>, dt: f64) -> Self {
        Diffusing {
            integrator,
            dt,
            crossing: Crossing::Bridge,
        }
    }
}

impl Process for Diffusing {
    fn dim(&self) -> usize {
        self.integrator.dim()
    }

    fn start(&self, theta: &[f64]) -> Vec<f64> {
        self.integrator.start(theta)
    }

    fn normals(&self) -> usize {
        self.integrator.normals()
    }

    fn scratch(&self, lanes: usize) -> usize {
        self.integrator.scratch_rows() * lanes
    }

    fn continuous(&self) -> bool {
        self.integrator.bridged()
    }

    fn crossing(&self) -> Crossing {
        if self.continuous() {
            self.crossing
        } else {
            Crossing::AtGrid
        }
    }

    fn fault(&self) -> Option<String> {
        self.integrator.fault()
    }

    fn step(&self, block: &mut Block, _: &Stream, normals: &[f64], work: &mut Workspace) {
        let size = block.theta.len();
        let between = if self.continuous() { size } else { 0 };
        work.previous[..between].copy_from_slice(&block.theta[..between]);
        let by = Increment {
            dt: self.dt,
            lanes: block.lanes,
            normals,
            taken: &block.step,
            live: &block.live,
        };
        let moved = Moved {
            theta: &mut block.theta,
            memory: &mut block.memory,
            drift: &mut work.gradient[..size],
            variance: &mut work.variance[..between],
            scratch: &mut work.scratch,
        };
        self.integrator.step(by, moved);
    }
}
