//! An update rule at work on a block of particles.

use pulp::{Arch, Scalar, Simd, WithSimd};

#[cfg(feature = "torch")]
use super::field::Field;
use super::trajectory::{Group, Member};
use super::wide::{MOST_LANES, Wide};
use super::{Rate, Real, Rule, Schedule, Slots, WeightDecay};

/// A rule with its settings, whatever the rule: a step of a block, or a group of a single trajectory.
///
/// The memory of a block is rows of one value per lane, so that lanes can be refilled and repacked
/// without knowing the rule.
pub trait Optimizer: Send + Sync {
    /// Rows of memory that `dim` coordinates need.
    fn memory_rows(&self, dim: usize) -> usize;
    /// The value of each row before the first step.
    fn start(&self, dim: usize) -> Vec<f64>;
    /// θ ← one step with `gradient`; both are coordinate-major, `dim · lanes` long. `taken` is how many
    /// steps each lane's particle has taken before.
    fn step(
        &self,
        theta: &mut [f64],
        gradient: &[f64],
        lanes: usize,
        taken: &[u64],
        memory: &mut [f64],
    );
    /// The same rule and settings for these coordinates of one particle.
    fn group(&self, coordinates: Vec<usize>) -> Box<dyn Group<f64>>;
    /// The same for a particle whose coordinates are tensors like `like`; `None` for a rule that is tied to single
    /// numbers.
    #[cfg(feature = "torch")]
    fn tensor_group(&self, coordinates: Vec<usize>, like: &Field) -> Option<Box<dyn Group<Field>>> {
        let _ = (coordinates, like);
        None
    }
}

/// A rule with its learning rate η, weight decay and schedule.
#[derive(Clone, Debug)]
pub struct Configured<R> {
    /// The update rule.
    pub rule: R,
    /// η, the learning rate.
    pub eta: f64,
    /// Weight decay.
    pub decay: WeightDecay,
    /// What multiplies η at each step.
    pub schedule: Schedule,
}

impl<R: Rule> Configured<R> {
    /// `rule` at a constant η, without weight decay.
    pub fn plain(rule: R, eta: f64) -> Self {
        Configured {
            rule,
            eta,
            decay: WeightDecay::None,
            schedule: Schedule::default(),
        }
    }

    /// Rows of memory: per-coordinate slots (slot-major), then per-particle slots.
    fn counts(&self, dim: usize) -> (usize, usize) {
        (
            <R::Coordinate<f64> as Slots<f64>>::COUNT * dim,
            <R::Particle<f64> as Slots<f64>>::COUNT,
        )
    }
}

impl<R: Rule> Optimizer for Configured<R> {
    fn memory_rows(&self, dim: usize) -> usize {
        let (coordinates, particles) = self.counts(dim);
        coordinates + particles
    }

    fn start(&self, dim: usize) -> Vec<f64> {
        let (coordinates, particles) = self.counts(dim);
        (0..coordinates)
            .map(|row| self.rule.coordinate_start(row / dim))
            .chain((0..particles).map(|slot| self.rule.particle_start(slot)))
            .collect()
    }

    fn step(
        &self,
        theta: &mut [f64],
        gradient: &[f64],
        lanes: usize,
        taken: &[u64],
        memory: &mut [f64],
    ) {
        let coordinates = self.counts(theta.len() / lanes.max(1)).0;
        let (coordinates, particles) = memory.split_at_mut(coordinates * lanes);
        Arch::new().dispatch(Step {
            optimizer: self,
            lanes,
            theta,
            gradient,
            taken,
            coordinates,
            particles,
        });
    }

    fn group(&self, coordinates: Vec<usize>) -> Box<dyn Group<f64>> {
        Box::new(Member::new(self.clone(), coordinates, &0.0))
    }

    #[cfg(feature = "torch")]
    fn tensor_group(&self, coordinates: Vec<usize>, like: &Field) -> Option<Box<dyn Group<Field>>> {
        Some(Box::new(Member::new(self.clone(), coordinates, like)))
    }
}

/// One step of all lanes, register by register.
struct Step<'a, R> {
    optimizer: &'a Configured<R>,
    lanes: usize,
    theta: &'a mut [f64],
    gradient: &'a [f64],
    taken: &'a [u64],
    coordinates: &'a mut [f64],
    particles: &'a mut [f64],
}

impl<R: Rule> WithSimd for Step<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if self.lanes.is_multiple_of(Wide::<S>::WIDTH) {
            self.registers(simd);
        } else {
            self.registers(Scalar);
        }
    }
}

impl<R: Rule> Step<'_, R> {
    #[inline(always)]
    fn registers<S: Simd>(self, simd: S) {
        let step = Registers {
            settings: self.optimizer.clone(),
            simd,
            stride: self.lanes / Wide::<S>::WIDTH,
            theta: S::as_mut_simd_f64s(self.theta).0,
            gradient: S::as_simd_f64s(self.gradient).0,
            taken: self.taken,
            coordinates: S::as_mut_simd_f64s(self.coordinates).0,
            particles: S::as_mut_simd_f64s(self.particles).0,
        };
        match self.optimizer.decay {
            WeightDecay::None => step.run::<false>(),
            _ => step.run::<true>(),
        }
    }
}

/// The same, as registers: coordinate i of the lanes of register l is at i · stride + l.
struct Registers<'a, R, S: Simd> {
    // A copy of its own, which no store to memory can change: the compiler keeps it in registers.
    settings: Configured<R>,
    simd: S,
    stride: usize,
    theta: &'a mut [S::f64s],
    gradient: &'a [S::f64s],
    taken: &'a [u64],
    coordinates: &'a mut [S::f64s],
    particles: &'a mut [S::f64s],
}

impl<R: Rule, S: Simd> Registers<'_, R, S> {
    /// Without `DECAY` nothing is spent on weight decay.
    #[inline(always)]
    fn run<const DECAY: bool>(mut self) {
        if R::COUPLED || DECAY || !self.settings.schedule.is_constant() {
            for l in 0..self.stride {
                self.column::<DECAY>(l);
            }
        } else {
            self.rows();
        }
    }

    /// Moves all lanes in the order of memory, where no lane has anything to be kept from one coordinate
    /// to the next but the rule's own memory.
    #[inline(always)]
    fn rows(&mut self) {
        let (simd, stride) = (self.simd, self.stride);
        if <R::Particle<f64> as Slots<f64>>::COUNT > 0 {
            for l in 0..stride {
                self.tick(l);
            }
        }
        let rate = self.rate(0);
        let mean = Wide::splat(simd, 0.0);
        for first in (0..self.theta.len()).step_by(stride) {
            for l in 0..stride {
                let particle = self.load_particle(l);
                let g = Wide::new(simd, self.gradient[first + l]);
                self.update::<false>(first + l, g, &particle, mean, &rate, mean);
            }
        }
    }

    /// Moves the lanes of register `l`: tick, the coupling pass, then the update.
    #[inline(always)]
    fn column<const DECAY: bool>(&mut self, l: usize) {
        let (simd, stride, size) = (self.simd, self.stride, self.theta.len());
        let rate = self.rate(l);
        let particle = self.tick(l);
        let mut mean = Wide::splat(simd, 0.0);
        if R::COUPLED {
            let mut count = 0.0;
            for at in (l..size).step_by(stride) {
                let g = self.gradient::<DECAY>(at);
                let mut own = self.load_slots(at);
                mean = mean + self.settings.rule.couple(g, &mut own, &particle);
                self.store_slots(own, at);
                count += 1.0;
            }
            mean = mean / mean.like(count);
        }
        let scale = self.settings.rule.decay_scale(&particle, &mean);
        let shrink = self.settings.decay.shrink(&rate, scale);
        for at in (l..size).step_by(stride) {
            let g = self.gradient::<DECAY>(at);
            self.update::<DECAY>(at, g, &particle, mean, &rate, shrink);
        }
    }

    /// θ ← shrink · θ − u at one place; without `DECAY` θ ← θ − u.
    #[inline(always)]
    fn update<const DECAY: bool>(
        &mut self,
        at: usize,
        g: Wide<S>,
        particle: &R::Particle<Wide<S>>,
        mean: Wide<S>,
        rate: &Rate<Wide<S>>,
        shrink: Wide<S>,
    ) {
        let mut own = self.load_slots(at);
        let update = self.settings.rule.update(g, &mut own, particle, mean, rate);
        let x = Wide::new(self.simd, self.theta[at]);
        let kept = if DECAY { x * shrink } else { x };
        self.theta[at] = (kept - update).lanes();
        self.store_slots(own, at);
    }

    /// Advances the per-particle memory of register `l`.
    #[inline(always)]
    fn tick(&mut self, l: usize) -> R::Particle<Wide<S>> {
        let mut particle = self.load_particle(l);
        self.settings.rule.tick(&mut particle);
        let stride = self.stride;
        let ticked = particle.clone();
        ticked.for_each(|k, value| self.particles[k * stride + l] = value.lanes());
        particle
    }

    #[inline(always)]
    fn load_particle(&self, l: usize) -> R::Particle<Wide<S>> {
        <R::Particle<Wide<S>>>::from_fn(|k| {
            Wide::new(self.simd, self.particles[k * self.stride + l])
        })
    }

    /// The gradient, with the L2 penalty's share.
    #[inline(always)]
    fn gradient<const DECAY: bool>(&self, at: usize) -> Wide<S> {
        let g = Wide::new(self.simd, self.gradient[at]);
        if DECAY {
            let x = Wide::new(self.simd, self.theta[at]);
            g + x.scale(self.settings.decay.penalty())
        } else {
            g
        }
    }

    /// The rate of each lane of register `l` at the step it is about to take.
    #[inline(always)]
    fn rate(&self, l: usize) -> Rate<Wide<S>> {
        let Configured { eta, schedule, .. } = &self.settings;
        let factor = if schedule.is_constant() {
            Wide::splat(self.simd, 1.0)
        } else {
            let width = Wide::<S>::WIDTH;
            let mut row = [0.0; MOST_LANES];
            for (factor, taken) in row.iter_mut().zip(&self.taken[l * width..][..width]) {
                *factor = schedule.factor(taken + 1);
            }
            Wide::new(self.simd, S::as_simd_f64s(&row).0[0])
        };
        let eta = factor.scale(*eta);
        Rate { eta, factor }
    }

    #[inline(always)]
    fn load_slots(&self, at: usize) -> R::Coordinate<Wide<S>> {
        let size = self.theta.len();
        <R::Coordinate<Wide<S>>>::from_fn(|k| Wide::new(self.simd, self.coordinates[k * size + at]))
    }

    #[inline(always)]
    fn store_slots(&mut self, slots: R::Coordinate<Wide<S>>, at: usize) {
        let size = self.theta.len();
        slots.for_each(|k, value| self.coordinates[k * size + at] = value.lanes());
    }
}
