//! An update rule at work on a block of particles.

use pulp::{Arch, Simd, WithSimd};

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
    fn with_simd<S: Simd>(mut self, simd: S) {
        for first in (0..self.lanes).step_by(Wide::<S>::WIDTH) {
            let width = Wide::<S>::WIDTH.min(self.lanes - first);
            self.register(simd, first, width);
        }
    }
}

impl<R: Rule> Step<'_, R> {
    /// Moves lanes `first..first + width`: tick, the coupling pass, then the update.
    #[inline(always)]
    fn register<S: Simd>(&mut self, simd: S, first: usize, width: usize) {
        let Configured { rule, decay, .. } = self.optimizer;
        let (lanes, stride) = (self.lanes, self.theta.len());
        let (penalty, rate) = (decay.penalty(), self.rate(simd, first, width));

        let mut particle = <R::Particle<Wide<S>>>::from_fn(|k| {
            Wide::load(simd, &self.particles[k * lanes + first..][..width])
        });
        rule.tick(&mut particle);
        let ticked = particle.clone();
        ticked.for_each(|k, value| {
            value.store(&mut self.particles[k * lanes + first..][..width]);
        });

        let zero = Wide::splat(simd, 0.0);
        let mut mean = zero;
        if R::COUPLED {
            let mut count = 0.0;
            for at in (first..stride).step_by(lanes) {
                let x = Wide::load(simd, &self.theta[at..][..width]);
                let g = Wide::load(simd, &self.gradient[at..][..width]) + x.scale(penalty);
                let mut own = self.load_slots(simd, at, width);
                mean = mean + rule.couple(g, &mut own, &particle);
                self.store_slots(own, at, width);
                count += 1.0;
            }
            mean = mean / mean.like(count);
        }
        let shrink = decay.shrink(&rate, rule.decay_scale(&particle, &mean));
        for at in (first..stride).step_by(lanes) {
            let x = Wide::load(simd, &self.theta[at..][..width]);
            let g = Wide::load(simd, &self.gradient[at..][..width]) + x.scale(penalty);
            let mut own = self.load_slots(simd, at, width);
            let update = rule.update(g, &mut own, &particle, mean, &rate);
            (x * shrink - update).store(&mut self.theta[at..][..width]);
            self.store_slots(own, at, width);
        }
    }

    /// The rate of each lane at the step it is about to take.
    #[inline(always)]
    fn rate<S: Simd>(&self, simd: S, first: usize, width: usize) -> Rate<Wide<S>> {
        let Configured { eta, schedule, .. } = self.optimizer;
        let factor = if schedule.is_constant() {
            Wide::splat(simd, 1.0)
        } else {
            let mut row = [0.0; MOST_LANES];
            for (factor, taken) in row.iter_mut().zip(&self.taken[first..][..width]) {
                *factor = schedule.factor(taken + 1);
            }
            Wide::load(simd, &row[..width])
        };
        let eta = factor.scale(*eta);
        Rate { eta, factor }
    }

    #[inline(always)]
    fn load_slots<S: Simd>(&self, simd: S, at: usize, width: usize) -> R::Coordinate<Wide<S>> {
        let stride = self.theta.len();
        <R::Coordinate<Wide<S>>>::from_fn(|k| {
            Wide::load(simd, &self.coordinates[k * stride + at..][..width])
        })
    }

    #[inline(always)]
    fn store_slots<S: Simd>(&mut self, slots: R::Coordinate<Wide<S>>, at: usize, width: usize) {
        let stride = self.theta.len();
        slots.for_each(|k, value| {
            value.store(&mut self.coordinates[k * stride + at..][..width]);
        });
    }
}
