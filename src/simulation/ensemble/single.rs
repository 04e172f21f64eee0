//! A process made of single precision among ensembles of doubles.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Block, Process, Workspace};
use crate::aligned::Aligned;
use crate::float::Float;
use crate::random::Stream;

/// A process of singles, whose numbers are handed out as doubles: none of them is rounded on the way, and normals of a
/// stream of single grain are singles already. So whatever observes or follows doubles does it here too, and the bits are
/// those of the process.
pub struct Single {
    inner: Box<dyn Process<f32>>,
    id: u64,
}

/// What a step of singles works on.
struct Working {
    of: u64,
    block: Block<f32>,
    normals: Aligned<f32>,
    work: Workspace<f32>,
}

thread_local! {
    // Kept between steps, which must not allocate.
    static WORKING: Cell<Option<Box<Working>>> = const { Cell::new(None) };
}

impl Single {
    /// `inner` among doubles.
    pub fn new(inner: Box<dyn Process<f32>>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Single { inner, id }
    }

    fn working(&self, lanes: usize) -> Box<Working> {
        let kept = WORKING.take();
        let kept = kept.filter(|kept| kept.of == self.id && kept.block.lanes == lanes);
        kept.unwrap_or_else(|| {
            Box::new(Working {
                of: self.id,
                block: self.inner.idle(lanes),
                normals: Aligned::new(0.0, self.inner.normals() * lanes),
                work: Workspace::new(&*self.inner, lanes),
            })
        })
    }
}

/// The nearest single to a number.
pub fn single(x: f64) -> f64 {
    f32::of(x).wide()
}

fn narrow(from: &[f64], to: &mut [f32]) {
    to.iter_mut()
        .zip(from)
        .for_each(|(to, x)| *to = f32::of(*x));
}

fn widen(from: &[f32], to: &mut [f64]) {
    to.iter_mut().zip(from).for_each(|(to, x)| *to = x.wide());
}

impl Process for Single {
    fn dim(&self) -> usize {
        self.inner.dim()
    }

    fn start(&self, theta: &[f64]) -> Vec<f64> {
        let mut memory = self.inner.start(theta);
        let doubles = memory.len() - self.scalars();
        memory[..doubles].iter_mut().for_each(|x| *x = single(*x));
        memory
    }

    fn scalars(&self) -> usize {
        self.inner.scalars()
    }

    fn normals(&self) -> usize {
        self.inner.normals()
    }

    fn scratch(&self, _: usize) -> usize {
        0
    }

    fn continuous(&self) -> bool {
        false
    }

    fn aims(&self) -> bool {
        self.inner.aims()
    }

    fn draws(&self) -> bool {
        self.inner.draws()
    }

    fn fault(&self) -> Option<String> {
        self.inner.fault()
    }

    fn step(&self, block: &mut Block, stream: &Stream, normals: &[f64], _: &mut Workspace) {
        let mut working = self.working(block.lanes);
        let Working {
            block: own,
            normals: drawn,
            work,
            ..
        } = &mut *working;
        narrow(&block.theta, &mut own.theta);
        narrow(&block.memory, &mut own.memory);
        narrow(normals, drawn);
        own.scalars.copy_from_slice(&block.scalars);
        own.particle.copy_from_slice(&block.particle);
        own.step.copy_from_slice(&block.step);
        own.live.copy_from_slice(&block.live);
        self.inner.step(own, stream, drawn, work);
        widen(&own.theta, &mut block.theta);
        widen(&own.memory, &mut block.memory);
        block.scalars.copy_from_slice(&own.scalars);
        WORKING.set(Some(working));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU64};

    use super::*;
    use crate::ensemble::{Course, Optimizing, Precision};
    use crate::landscape::Landscape;
    use crate::landscape::registry::{Settings, build};
    use crate::noise::{Gaussian, Shape};
    use crate::optimizer::{Values, registry as rules};

    fn surface() -> Box<dyn Landscape> {
        build("double-well", &Settings::default()).unwrap()
    }

    fn process(rule: &str) -> Box<dyn Process<f32>> {
        let entry = rules::find(rule).unwrap();
        let values = Values::defaults(entry, 0.05);
        Box::new(Optimizing {
            oracle: Box::new(Gaussian::new(surface(), Shape::Isotropic(1.0))),
            optimizer: (entry.build)(&values),
        })
    }

    /// Seed 3; every rule that keeps other things: nothing, rows, doubles of a particle, normals of its own.
    #[test]
    fn the_bits_are_those_of_an_ensemble_of_singles() {
        for rule in ["sgd", "sgdm", "adam", "radam", "adai", "pnm"] {
            let stream = Precision::F32.stream(3, 17);
            let at = [0, 1, 2, 37];
            let start = |particle: u64, theta: &mut [f64], memory: &mut [f64]| {
                theta.fill(single(-1.0 + 0.01 * particle as f64));
                memory.copy_from_slice(&process(rule).start(theta));
            };
            let (stop, count) = (AtomicBool::new(false), AtomicU64::new(0));
            let inner = process(rule);
            let singles = Course {
                process: &*inner,
                stream: &stream,
                particles: 29,
                start: &start,
                at: &at,
                lanes: Some(8),
            };
            let among = Single::new(process(rule));
            let doubles = Course {
                process: &among as &dyn Process,
                stream: &stream,
                particles: 29,
                start: &start,
                at: &at,
                lanes: Some(16),
            };
            let (one, other) = (singles.run(&stop, &count), doubles.run(&stop, &count));
            let (one, other) = (one.unwrap(), other.unwrap());
            assert!(one.theta[3].iter().all(|x| x.is_finite()), "{rule}");
            assert_eq!(one.theta, other.theta, "{rule}");
        }
    }
}
