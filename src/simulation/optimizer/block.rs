//! An update rule at work on a block of particles.

use std::ops::Range;

use pulp::{Arch, Scalar, Simd, WithSimd};

use super::field::Field;
use super::trajectory::{Group, Member};
use super::wide::Wide;
use super::{Rate, Real, Rule, Schedule, Slots, WeightDecay};
use crate::vector::{MOST_LANES, Vector};

/// A rule with its settings, whatever the rule: a step of a block, or a group of a single trajectory.
///
/// The memory of a block is rows of one value per lane, so that lanes can be refilled and repacked
/// without knowing the rule: first those of the coordinates, then the scalars, which a particle has one of each and
/// which are doubles in every precision.
pub trait Optimizer: Moves<f64> + Moves<f32> + Send + Sync {
    /// How many of the rows of [`start`](Self::start), the last ones, are scalars.
    fn scalars(&self) -> usize;
    /// The value of each row before the first step of a particle at `theta`.
    fn start(&self, theta: &[f64]) -> Vec<f64>;
    /// The names of what a coordinate remembers: one for every `dim` of the rows that are no scalars, in order.
    fn remembered(&self) -> Vec<String>;
    /// Whether gradients are taken elsewhere than at θ: [`Moves::aim`] says where.
    fn aims(&self) -> bool {
        false
    }
    /// Whether updates depend on θ beside the gradients.
    fn sees(&self) -> bool {
        false
    }
    /// Whether each step takes a fresh normal for each coordinate.
    fn draws(&self) -> bool {
        false
    }
    /// The same rule and settings for these coordinates of one particle.
    fn group(&self, coordinates: Vec<usize>) -> Box<dyn Group<f64>>;
    /// The same for a particle whose coordinates are tensors like `like`; `None` for a rule that is tied to single
    /// numbers.
    fn field_group(&self, coordinates: Vec<usize>, like: &Field) -> Option<Box<dyn Group<Field>>> {
        let _ = (coordinates, like);
        None
    }
}

/// Moves a block of `F`: the arithmetic of the coordinates is done in that precision.
pub trait Moves<F> {
    /// θ ← one step with `gradient`; both are coordinate-major, `dim · lanes` long. `taken` is how many
    /// steps each lane's particle has taken before.
    fn step(
        &self,
        theta: &mut [F],
        gradient: &[F],
        lanes: usize,
        taken: &[u64],
        memory: Rows<'_, F>,
    );

    /// Where the gradient of the step about to be made is taken, given what coordinates and particles remember; called
    /// where [`Optimizer::aims`] only.
    fn aim(&self, theta: &[F], lanes: usize, taken: &[u64], memory: (&[F], &[f64]), to: &mut [F]) {
        let _ = (theta, lanes, taken, memory, to);
    }
}

/// The memory of a block, row by row.
pub struct Rows<'a, F> {
    /// What the coordinates remember.
    pub coordinates: &'a mut [F],
    /// What the particles remember.
    pub scalars: &'a mut [f64],
    /// A fresh normal for each coordinate, where [`Optimizer::draws`]; coordinate-major.
    pub fresh: &'a [F],
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
}

impl<R: Rule> Optimizer for Configured<R> {
    fn scalars(&self) -> usize {
        <R::Particle<f64> as Slots<f64>>::COUNT
    }

    fn start(&self, theta: &[f64]) -> Vec<f64> {
        let dim = theta.len();
        // Slot-major.
        let coordinates = <R::Coordinate<f64> as Slots<f64>>::COUNT * dim;
        (0..coordinates)
            .map(|row| self.rule.coordinate_start(row / dim))
            .chain((0..self.scalars()).map(|slot| self.rule.particle_start(slot)))
            .collect()
    }

    fn remembered(&self) -> Vec<String> {
        R::MEMORY.iter().map(|name| name.to_string()).collect()
    }

    fn group(&self, coordinates: Vec<usize>) -> Box<dyn Group<f64>> {
        Box::new(Member::new(self.clone(), coordinates, &0.0))
    }

    fn field_group(&self, coordinates: Vec<usize>, like: &Field) -> Option<Box<dyn Group<Field>>> {
        Some(Box::new(Member::new(self.clone(), coordinates, like)))
    }
}

impl<R: Rule, F: Vector> Moves<F> for Configured<R> {
    fn step(
        &self,
        theta: &mut [F],
        gradient: &[F],
        lanes: usize,
        taken: &[u64],
        memory: Rows<'_, F>,
    ) {
        Arch::new().dispatch(Step {
            optimizer: self,
            lanes,
            theta,
            gradient,
            taken,
            memory,
        });
    }
}

/// One step of all lanes, register by register.
struct Step<'a, R, F> {
    optimizer: &'a Configured<R>,
    lanes: usize,
    theta: &'a mut [F],
    gradient: &'a [F],
    taken: &'a [u64],
    memory: Rows<'a, F>,
}

impl<R: Rule, F: Vector> WithSimd for Step<'_, R, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if self.lanes.is_multiple_of(F::width::<S>()) {
            self.registers(simd);
        } else {
            self.registers(Scalar);
        }
    }
}

impl<R: Rule, F: Vector> Step<'_, R, F> {
    #[inline(always)]
    fn registers<S: Simd>(self, simd: S) {
        let step = Registers::<R, S, F> {
            settings: self.optimizer.clone(),
            simd,
            stride: self.lanes / F::width::<S>(),
            theta: F::registers_mut::<S>(self.theta),
            gradient: F::registers::<S>(self.gradient),
            taken: self.taken,
            coordinates: F::registers_mut::<S>(self.memory.coordinates),
            scalars: self.memory.scalars,
        };
        match self.optimizer.decay {
            WeightDecay::None => step.run::<false>(),
            _ => step.run::<true>(),
        }
    }
}

/// Registers that take their coupling pass before the first of them is updated.
const AT_ONCE: usize = 4;

/// The same, as registers: coordinate i of the lanes of register l is at i · stride + l.
struct Registers<'a, R, S: Simd, F: Vector> {
    // A copy of its own, which no store to memory can change: the compiler keeps it in registers.
    settings: Configured<R>,
    simd: S,
    stride: usize,
    theta: &'a mut [F::Register<S>],
    gradient: &'a [F::Register<S>],
    taken: &'a [u64],
    coordinates: &'a mut [F::Register<S>],
    scalars: &'a mut [f64],
}

impl<R: Rule, S: Simd, F: Vector> Registers<'_, R, S, F> {
    /// Without `DECAY` nothing is spent on weight decay.
    #[inline(always)]
    fn run<const DECAY: bool>(mut self) {
        self.tick();
        if R::COUPLED || DECAY || !self.settings.schedule.is_constant() {
            for first in (0..self.stride).step_by(AT_ONCE) {
                self.columns::<DECAY>(first..self.stride.min(first + AT_ONCE));
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

    /// Moves the lanes of some registers: the coupling pass for all of them, so that one's sum is done while the next
    /// one's is under way, then the update.
    #[inline(always)]
    fn columns<const DECAY: bool>(&mut self, registers: Range<usize>) {
        let (simd, stride, size) = (self.simd, self.stride, self.theta.len());
        let mut means = [Wide::splat(simd, 0.0); AT_ONCE];
        for (mean, l) in means.iter_mut().zip(registers.clone()) {
            *mean = self.couple::<DECAY>(l);
        }
        for (mean, l) in means.into_iter().zip(registers) {
            let (rate, particle) = (self.rate(l), self.load_particle(l));
            let scale = self.settings.rule.decay_scale(&particle, &mean);
            let pull = self.settings.decay.pull(&rate, scale);
            for at in (l..size).step_by(stride) {
                let g = self.gradient::<DECAY>(at);
                self.update::<DECAY>(at, g, &particle, mean, &rate, pull);
            }
        }
    }

    /// The coupling pass of register `l`: the mean over coordinates.
    #[inline(always)]
    fn couple<const DECAY: bool>(&mut self, l: usize) -> Wide<S, F> {
        let mut sum = Wide::splat(self.simd, 0.0);
        if !R::COUPLED {
            return sum;
        }
        let particle = self.load_particle(l);
        let mut count = 0.0;
        for at in (l..self.theta.len()).step_by(self.stride) {
            let g = self.gradient::<DECAY>(at);
            let mut own = self.load_slots(at);
            sum = sum + self.settings.rule.couple(g, &mut own, &particle);
            self.store_slots(own, at);
            count += 1.0;
        }
        sum / sum.like(count)
    }

    /// θ ← θ − (u + pull · θ) at one place; without `DECAY` θ ← θ − u.
    #[inline(always)]
    fn update<const DECAY: bool>(
        &mut self,
        at: usize,
        g: Wide<S, F>,
        particle: &R::Particle<Wide<S, F>>,
        mean: Wide<S, F>,
        rate: &Rate<Wide<S, F>>,
        pull: Wide<S, F>,
    ) {
        let mut own = self.load_slots(at);
        let update = self.settings.rule.update(g, &mut own, particle, mean, rate);
        let x = Wide::new(self.simd, self.theta[at]);
        let change = if DECAY { update + x * pull } else { update };
        self.theta[at] = (x - change).lanes();
        self.store_slots(own, at);
    }

    /// Advances the per-particle memory.
    #[inline(always)]
    fn tick(&mut self) {
        if <R::Particle<f64> as Slots<f64>>::COUNT == 0 {
            return;
        }
        let (simd, rows) = (self.simd, f64::registers_mut::<S>(self.scalars));
        let stride = self.stride * F::width::<S>() / f64::width::<S>();
        for l in 0..stride {
            let mut particle =
                <R::Particle<Wide<S, f64>>>::from_fn(|k| Wide::new(simd, rows[k * stride + l]));
            self.settings.rule.tick(&mut particle);
            particle.for_each(|k, value| rows[k * stride + l] = value.lanes());
        }
    }

    #[inline(always)]
    fn load_particle(&self, l: usize) -> R::Particle<Wide<S, F>> {
        let width = F::width::<S>();
        let lanes = self.stride * width;
        <R::Particle<Wide<S, F>>>::from_fn(|k| {
            let row = &self.scalars[k * lanes + l * width..][..width];
            Wide::new(self.simd, F::rounded::<S>(row))
        })
    }

    /// The gradient, with the L2 penalty's share.
    #[inline(always)]
    fn gradient<const DECAY: bool>(&self, at: usize) -> Wide<S, F> {
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
    fn rate(&self, l: usize) -> Rate<Wide<S, F>> {
        let Configured { eta, schedule, .. } = &self.settings;
        if schedule.is_constant() {
            let splat = |value| Wide::splat(self.simd, value);
            return Rate {
                eta: splat(*eta),
                factor: splat(1.0),
            };
        }
        let width = F::width::<S>();
        let mut row = [0.0; MOST_LANES];
        for (factor, taken) in row.iter_mut().zip(&self.taken[l * width..][..width]) {
            *factor = schedule.factor(taken + 1);
        }
        let wide = |row: &[f64]| Wide::new(self.simd, F::rounded::<S>(row));
        Rate {
            eta: wide(&row.map(|factor| factor * eta)),
            factor: wide(&row),
        }
    }

    #[inline(always)]
    fn load_slots(&self, at: usize) -> R::Coordinate<Wide<S, F>> {
        let size = self.theta.len();
        <R::Coordinate<Wide<S, F>>>::from_fn(|k| {
            Wide::new(self.simd, self.coordinates[k * size + at])
        })
    }

    #[inline(always)]
    fn store_slots(&mut self, slots: R::Coordinate<Wide<S, F>>, at: usize) {
        let size = self.theta.len();
        slots.for_each(|k, value| self.coordinates[k * size + at] = value.lanes());
    }
}
