//! An update rule at work on a block of particles.

use pulp::{Arch, Simd, WithSimd};

use super::wide::Wide;
use super::{Real, Rule, Slots, WeightDecay};

/// One step of a block, whatever the rule. The memory is rows of one value per lane, so that lanes
/// can be refilled and repacked without knowing the rule.
pub trait BlockOptimizer: Send + Sync {
    /// Rows of memory that `dim` coordinates need.
    fn memory_rows(&self, dim: usize) -> usize;
    /// The value of each row before the first step.
    fn start(&self, dim: usize) -> Vec<f64>;
    /// θ ← one step with `gradient`; both are coordinate-major, `dim · lanes` long.
    fn step(&self, theta: &mut [f64], gradient: &[f64], lanes: usize, memory: &mut [f64]);
}

/// A rule with its learning rate η and weight decay.
#[derive(Clone, Copy, Debug)]
pub struct Configured<R> {
    /// The update rule.
    pub rule: R,
    /// η, the learning rate.
    pub eta: f64,
    /// Weight decay.
    pub decay: WeightDecay,
}

impl<R: Rule> Configured<R> {
    /// Rows of memory: per-coordinate slots (slot-major), then per-particle slots.
    fn counts(&self, dim: usize) -> (usize, usize) {
        (
            <R::Coordinate<f64> as Slots<f64>>::COUNT * dim,
            <R::Particle<f64> as Slots<f64>>::COUNT,
        )
    }
}

impl<R: Rule> BlockOptimizer for Configured<R> {
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

    fn step(&self, theta: &mut [f64], gradient: &[f64], lanes: usize, memory: &mut [f64]) {
        let coordinates = self.counts(theta.len() / lanes.max(1)).0;
        let (coordinates, particles) = memory.split_at_mut(coordinates * lanes);
        Arch::new().dispatch(Step {
            optimizer: self,
            lanes,
            theta,
            gradient,
            coordinates,
            particles,
        });
    }
}

/// One step of all lanes, register by register.
struct Step<'a, R> {
    optimizer: &'a Configured<R>,
    lanes: usize,
    theta: &'a mut [f64],
    gradient: &'a [f64],
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
        let Configured { rule, eta, decay } = self.optimizer;
        let (lanes, stride) = (self.lanes, self.theta.len());
        let (l2, shrink) = decay.factors(*eta);

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
                let g = Wide::load(simd, &self.gradient[at..][..width]) + x.scale(l2);
                let mut own = self.load_slots(simd, at, width);
                mean = mean + rule.couple(g, &mut own, &particle);
                self.store_slots(own, at, width);
                count += 1.0;
            }
            mean = mean / mean.like(count);
        }
        for at in (first..stride).step_by(lanes) {
            let x = Wide::load(simd, &self.theta[at..][..width]);
            let g = Wide::load(simd, &self.gradient[at..][..width]) + x.scale(l2);
            let mut own = self.load_slots(simd, at, width);
            let update = rule.update(g, &mut own, &particle, mean, *eta);
            (x.scale(shrink) - update).store(&mut self.theta[at..][..width]);
            self.store_slots(own, at, width);
        }
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
