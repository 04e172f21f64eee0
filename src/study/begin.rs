//! How particles begin: at their start, where a phase before left them, or with a memory that has seen the start for long.

use std::sync::atomic::AtomicU64;

use base::error::{Error, Result};
use experiment::context::Context;
use simulation::ensemble::{Block, Process, Workspace};
use simulation::random::{Stream, cell_key};

use crate::cell::Cell;
use crate::run::sound;
use crate::spec::StudySpec;
use crate::system::Noise;
use crate::system::start::Momentum;

/// How particles begin.
pub(crate) enum Begun {
    /// At the start.
    Fresh,
    /// Where the phase before left them: places, and memory where that is kept.
    After { numbers: Vec<f64>, width: usize },
}

impl Begun {
    /// What all particles came to, seen whole at the one step that was looked at.
    fn after(seen: Vec<Vec<f64>>, whole: &Whole) -> Self {
        Begun::After {
            numbers: seen.into_iter().next().unwrap_or_default(),
            width: whole.seen(),
        }
    }

    /// Puts a particle where it begins.
    pub fn put(
        &self,
        cell: &Cell,
        process: &dyn Process,
        stream: &Stream,
        particle: u64,
        theta: &mut [f64],
        memory: &mut [f64],
    ) {
        let Begun::After { numbers, width } = self else {
            cell.system.start.put(stream, particle, theta);
            memory.copy_from_slice(&process.start(theta));
            return;
        };
        let own = &numbers[particle as usize * width..][..*width];
        let (place, kept) = own.split_at(theta.len());
        theta.copy_from_slice(place);
        memory.copy_from_slice(&process.start(theta));
        memory[..kept.len()].copy_from_slice(kept);
    }
}

impl StudySpec {
    /// What goes before the first step of so many of a cell's particles; `None` where it was stopped.
    ///
    /// # Errors
    /// A memory that never settles.
    pub(crate) fn begun(
        &self,
        cell: &Cell,
        particles: u64,
        context: &Context,
    ) -> Result<Option<Begun>> {
        let start = &cell.system.start;
        if start.momentum != Momentum::Zero {
            return self.settled(cell, particles, context);
        }
        let Some(after) = &start.after else {
            return Ok(Some(Begun::Fresh));
        };
        // The same point of the sweep, or as much of it as the process before has.
        let fits = |other: &&Cell| {
            other.process == after.process
                && other
                    .point
                    .0
                    .iter()
                    .all(|(name, value)| cell.point.get(name).is_none_or(|own| own == value))
        };
        let before = self.cells.iter().find(fits).ok_or_else(|| {
            Error::Failed(format!(
                "{}: no cell of {} goes before it",
                cell.label, after.process
            ))
        })?;
        let whole = Whole {
            inner: before.process(&self.name, context.seed)?,
            memory: before.rule() == cell.rule() && !after.theta_only,
            held: false,
        };
        let looks = (before.stream.as_str(), particles, &[after.steps][..]);
        let seen = self.paths(before, &whole, looks, context, &AtomicU64::new(0))?;
        sound(&before.label, &whole)?;
        Ok(seen.map(|seen| Begun::after(seen.theta, &whole)))
    }

    /// The memory after many steps in which θ was held at the start.
    fn settled(&self, cell: &Cell, particles: u64, context: &Context) -> Result<Option<Begun>> {
        let mut alone = cell.clone();
        alone.system.start.momentum = Momentum::Zero;
        alone.system.start.after = None;
        alone.stream = format!("{}/momentum", cell.stream);
        let mut quiet = alone.clone();
        quiet.system.noise = Noise::None;
        let steps = settling(&*quiet.process(&self.name, context.seed)?, &cell.label)?;
        if cell.system.start.momentum == Momentum::Gradient {
            alone = quiet;
        }
        let whole = Whole {
            inner: alone.process(&self.name, context.seed)?,
            memory: true,
            held: true,
        };
        let looks = (alone.stream.as_str(), particles, &[steps][..]);
        let seen = self.paths(&alone, &whole, looks, context, &AtomicU64::new(0))?;
        sound(&cell.label, &whole)?;
        Ok(seen.map(|seen| Begun::after(seen.theta, &whole)))
    }
}

/// Steps after which no number of a rule's memory changes by more than 1e-12 of itself any more, from a place where the gradient
/// is not 0, with θ held there; an even number, for rules that take turns.
fn settling(process: &dyn Process, label: &str) -> Result<u64> {
    let dim = process.dim();
    let place: Vec<f64> = (0..dim).map(|i| 0.7312 + 0.0193 * i as f64).collect();
    let mut block = process.idle(1);
    let begun = process.start(&place);
    block.theta.copy_from_slice(&place);
    let kept = block.memory.len();
    block.memory.copy_from_slice(&begun[..kept]);
    block
        .scalars
        .copy_from_slice(&begun[kept..kept + process.scalars()]);
    let stream = Stream::new(0, cell_key("momentum"));
    let normals = vec![0.0; process.normals()];
    let mut work = Workspace::new(process, 1);
    let (mut quiet, mut before) = (0, block.memory.to_vec());
    for step in 1..=MOST_SETTLING {
        process.step(&mut block, &stream, &normals, &mut work);
        block.theta.copy_from_slice(&place);
        block.step.iter_mut().for_each(|n| *n += 1);
        let still = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-12 * a.abs();
        quiet = match block.memory.iter().zip(&before).all(still) {
            true => quiet + 1,
            false => 0,
        };
        // Slots that take turns stand still at every other step.
        if quiet >= 4 {
            return Ok(step + step % 2);
        }
        before.copy_from_slice(&block.memory);
    }
    Err(Error::Failed(format!(
        "{label}: its memory does not settle within {MOST_SETTLING} steps; use momentum = \"zero\""
    )))
}

/// Steps after which a memory that has not settled counts as one that never does.
const MOST_SETTLING: u64 = 10_000_000;

/// A process of which a look sees the whole state.
struct Whole {
    inner: Box<dyn Process>,
    /// Its memory too.
    memory: bool,
    /// Whether θ stays where it is.
    held: bool,
}

impl Process for Whole {
    fn dim(&self) -> usize {
        self.inner.dim()
    }

    fn start(&self, theta: &[f64]) -> Vec<f64> {
        self.inner.start(theta)
    }

    fn scalars(&self) -> usize {
        self.inner.scalars()
    }

    fn seen(&self) -> usize {
        let memory = if self.memory {
            self.inner.start(&vec![0.0; self.dim()]).len()
        } else {
            0
        };
        self.dim() + memory
    }

    fn look(&self, block: &Block, rows: &mut [f64]) {
        let kept = if self.memory { &block.memory[..] } else { &[] };
        let scalars = if self.memory { &block.scalars[..] } else { &[] };
        let all = block.theta.iter().chain(kept).chain(scalars);
        rows.iter_mut().zip(all).for_each(|(to, x)| *to = *x);
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

    fn fault(&self) -> Option<String> {
        self.inner.fault()
    }

    fn step(&self, block: &mut Block, stream: &Stream, normals: &[f64], work: &mut Workspace) {
        let place = self.held.then(|| block.theta.to_vec());
        self.inner.step(block, stream, normals, work);
        if let Some(place) = place {
            block.theta.copy_from_slice(&place);
        }
    }
}
