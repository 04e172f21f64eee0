//! A process with what is computed along its paths.

use std::cell::Cell;

use nalgebra::DMatrix;

use super::{Block, Crossing, Process, Workspace};
use crate::landscape::expression::Compiled;
use crate::landscape::{Landscape, lane_of};
use crate::random::Stream;

/// What a row of an observer's formulas is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A coordinate.
    Theta(usize),
    /// A coordinate before the last step.
    Previous(usize),
    /// A coordinate at the start.
    Start(usize),
    /// A number that the observer remembers.
    Memory(usize),
    /// A coordinate of ∇L.
    Gradient(usize),
    /// L.
    Loss,
    /// The largest eigenvalue of ∇²L.
    Top,
    /// tr ∇²L.
    Trace,
    /// An entry of the diagonal of ∇²L.
    Diagonal(usize),
    /// What the examples' gradients scatter by.
    Scatter(Scatter),
    /// A row of the process's own memory.
    Remembered(usize),
    /// Steps taken.
    Step,
    /// Time since the start.
    Time,
}

/// What is read of C, the covariance of one example's gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scatter {
    /// tr C.
    Trace,
    /// The largest eigenvalue of C.
    Top,
    /// tr CH/(|C| |H|), H = ∇²L, the norms of Frobenius: 1 where C is a multiple of H.
    Alignment,
}

impl Scatter {
    fn of(self, c: &DMatrix<f64>, h: &DMatrix<f64>) -> f64 {
        match self {
            Scatter::Trace => c.trace(),
            Scatter::Top => largest(c),
            Scatter::Alignment => c.dot(h) / (c.norm() * h.norm()),
        }
    }
}

fn largest(matrix: &DMatrix<f64>) -> f64 {
    let values = matrix.symmetric_eigenvalues();
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// Formulas over rows.
pub struct Formulas {
    /// What the rows are.
    pub rows: Vec<Row>,
    /// The formulas.
    pub program: Compiled,
    /// How many they are.
    pub outputs: usize,
}

/// What is computed along a path: numbers that are remembered from step to step, numbers that a look sees, and when a path
/// ends.
pub struct Observer {
    /// What is remembered, at the start.
    pub memory: Vec<f64>,
    /// What is remembered after each step.
    pub update: Option<Formulas>,
    /// What a look sees; the coordinates where it is left out.
    pub look: Option<Formulas>,
    /// Above ½ where the path ends.
    pub until: Option<Formulas>,
    /// Where L, its gradient and its curvature are taken.
    pub landscape: Box<dyn Landscape>,
    /// How much time a step takes.
    pub clock: f64,
    /// Steps of the process in a step of the ensemble.
    pub steps: u64,
}

impl Observer {
    fn wants(&self, row: impl Fn(Row) -> bool) -> bool {
        let all = [&self.update, &self.look, &self.until];
        let mut rows = all.into_iter().flatten().flat_map(|f| &f.rows);
        rows.any(|own| row(*own))
    }
}

/// A process that is observed.
pub struct Observed {
    inner: Box<dyn Process>,
    observer: Observer,
    previous: bool,
    start: bool,
    dim: usize,
}

thread_local! {
    // Rows of the formulas at hand; kept between calls, since a step must not allocate.
    static ROWS: Cell<Vec<f64>> = const { Cell::new(Vec::new()) };
    static NEXT: Cell<Vec<f64>> = const { Cell::new(Vec::new()) };
}

impl Observed {
    /// `inner`, observed.
    pub fn new(inner: Box<dyn Process>, observer: Observer) -> Self {
        let previous = observer.wants(|row| matches!(row, Row::Previous(_)));
        let start = observer.wants(|row| matches!(row, Row::Start(_)));
        Observed {
            dim: inner.dim(),
            inner,
            observer,
            previous,
            start,
        }
    }

    /// Where the rows of what is remembered begin: behind those of the places before the step and at the start.
    fn memory_row(&self) -> usize {
        (usize::from(self.previous) + usize::from(self.start)) * self.dim
    }

    /// The formulas at the block's present state, `ahead` steps after those that it has counted, each of which is `times`
    /// steps of the process.
    fn run(&self, of: &Formulas, block: &Block, [ahead, times]: [u64; 2], to: &mut [f64]) {
        let lanes = block.lanes;
        let mut rows = ROWS.take();
        rows.resize(of.rows.len() * lanes, 0.0);
        let surface = &self.observer.landscape;
        let mut gradient = Vec::new();
        if of.rows.iter().any(|row| matches!(row, Row::Gradient(_))) {
            let size = surface.dim() * lanes;
            gradient.resize(size, 0.0);
            surface.gradient(&block.theta[..size], lanes, &mut gradient);
        }
        let scattered = of.rows.iter().any(|row| matches!(row, Row::Scatter(_)));
        let scatter = if scattered {
            self.scatter(block)
        } else {
            Vec::new()
        };
        let start = usize::from(self.previous) * self.dim;
        for (row, to) in of.rows.iter().zip(rows.chunks_exact_mut(lanes)) {
            let copied = |rows: &[f64], i: usize, to: &mut [f64]| {
                if let Some(from) = rows.get(i * lanes..(i + 1) * lanes) {
                    to.copy_from_slice(from);
                }
            };
            match *row {
                Row::Theta(i) => copied(&block.theta, i, to),
                Row::Previous(i) => copied(&block.watched, i, to),
                Row::Start(i) => copied(&block.watched, start + i, to),
                Row::Memory(k) => copied(&block.watched, self.memory_row() + k, to),
                Row::Gradient(i) => copied(&gradient, i, to),
                Row::Loss => self.pointwise(block, to, |surface, theta| surface.value(theta)),
                Row::Top => {
                    self.pointwise(block, to, |surface, theta| largest(&surface.hessian(theta)))
                }
                Row::Trace => {
                    self.pointwise(block, to, |surface, theta| surface.hessian(theta).trace())
                }
                Row::Diagonal(i) => {
                    self.pointwise(block, to, |surface, theta| surface.hessian(theta)[(i, i)])
                }
                Row::Scatter(of) => {
                    for (to, seen) in to.iter_mut().zip(&scatter) {
                        *to = seen.as_ref().map_or(f64::NAN, |(c, h)| of.of(c, h));
                    }
                }
                Row::Remembered(row) => copied(&block.memory, row, to),
                Row::Step | Row::Time => {
                    let unit = if *row == Row::Time {
                        self.observer.clock
                    } else {
                        1.0
                    };
                    for (to, step) in to.iter_mut().zip(block.step.iter()) {
                        *to = unit * (step * times + ahead) as f64;
                    }
                }
            }
        }
        of.program.run(&rows, lanes, to);
        ROWS.set(rows);
    }

    /// C and ∇²L of every lane; none where there are no examples, or a particle has left for good.
    fn scatter(&self, block: &Block) -> Vec<Option<(DMatrix<f64>, DMatrix<f64>)>> {
        let landscape = &*self.observer.landscape;
        let mut theta = vec![0.0; landscape.dim()];
        let one = |lane| {
            lane_of(&block.theta, block.lanes, lane, &mut theta);
            let mean = landscape.examples()?;
            let finite = theta.iter().all(|x| x.is_finite());
            finite.then(|| (mean.covariance(&theta), mean.hessian(&theta)))
        };
        (0..block.lanes).map(one).collect()
    }

    fn pointwise(&self, block: &Block, to: &mut [f64], of: impl Fn(&dyn Landscape, &[f64]) -> f64) {
        let landscape = &*self.observer.landscape;
        let mut theta = vec![0.0; landscape.dim()];
        for (lane, to) in to.iter_mut().enumerate() {
            for (i, x) in theta.iter_mut().enumerate() {
                *x = block.theta[i * block.lanes + lane];
            }
            // A surface may refuse to be looked at beyond all bounds.
            *to = if theta.iter().all(|x| x.is_finite()) {
                of(landscape, &theta)
            } else {
                f64::NAN
            };
        }
    }
}

impl Process for Observed {
    fn dim(&self) -> usize {
        self.dim
    }

    fn start(&self, theta: &[f64]) -> Vec<f64> {
        let mut memory = self.inner.start(theta);
        let watched = memory.len();
        memory.resize(watched + self.watched(), 0.0);
        let own = &mut memory[watched..][self.memory_row()..];
        own.copy_from_slice(&self.observer.memory);
        self.begin(theta, &mut memory);
        memory
    }

    fn scalars(&self) -> usize {
        self.inner.scalars()
    }

    fn watched(&self) -> usize {
        self.memory_row() + self.observer.memory.len()
    }

    fn begin(&self, theta: &[f64], memory: &mut [f64]) {
        let places = memory.len() - self.watched();
        let places = &mut memory[places..][..self.memory_row()];
        for place in places.chunks_exact_mut(self.dim) {
            place.copy_from_slice(theta);
        }
    }

    fn seen(&self) -> usize {
        let looked = self.observer.look.as_ref();
        looked.map_or(self.dim, |look| look.outputs)
    }

    fn look(&self, block: &Block, rows: &mut [f64]) {
        match &self.observer.look {
            None => rows.copy_from_slice(&block.theta),
            Some(look) => {
                self.run(look, block, [0, self.observer.steps], rows);
                // Of a particle that has diverged nothing is known, whatever a comparison with it comes to.
                for theta in block.theta.chunks_exact(block.lanes) {
                    for (lane, _) in theta.iter().enumerate().filter(|(_, x)| !x.is_finite()) {
                        let own = rows.iter_mut().skip(lane).step_by(block.lanes);
                        own.for_each(|x| *x = f64::NAN);
                    }
                }
            }
        }
    }

    fn ended(&self, block: &Block, ended: &mut Vec<usize>) {
        let Some(until) = &self.observer.until else {
            return;
        };
        let mut found = vec![0.0; block.lanes];
        let steps = self.observer.steps;
        self.run(until, block, [steps, steps], &mut found);
        ended.extend((0..block.lanes).filter(|lane| found[*lane] > 0.5));
    }

    fn normals(&self) -> usize {
        self.inner.normals()
    }

    fn scratch(&self, lanes: usize) -> usize {
        self.inner.scratch(lanes)
    }

    fn aims(&self) -> bool {
        self.inner.aims()
    }

    fn draws(&self) -> bool {
        self.inner.draws()
    }

    fn continuous(&self) -> bool {
        self.inner.continuous()
    }

    fn crossing(&self) -> Crossing {
        self.inner.crossing()
    }

    fn fault(&self) -> Option<String> {
        self.inner.fault()
    }

    fn step(&self, block: &mut Block, stream: &Stream, normals: &[f64], work: &mut Workspace) {
        if self.previous {
            let size = self.dim * block.lanes;
            block.watched[..size].copy_from_slice(&block.theta);
        }
        self.inner.step(block, stream, normals, work);
        if let Some(update) = &self.observer.update {
            let first = self.memory_row() * block.lanes;
            let mut next = NEXT.take();
            next.resize(block.watched.len() - first, 0.0);
            self.run(update, block, [1, 1], &mut next);
            block.watched[first..].copy_from_slice(&next);
            NEXT.set(next);
        }
    }
}
