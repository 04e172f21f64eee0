//! One particle, coordinate by coordinate: parameter groups, schedules, and any number type.
//!
//! The rule is the same code that runs on blocks. Groups may differ in every hyper-parameter; the
//! mean of a coupled rule runs over all coordinates of all groups, as in the reference codes.
//! A coordinate may itself be many numbers, such as all parameters of a network.

use super::rule::MOST_SLOTS;
use super::{Configured, Rate, Real, Rule, Slots};

/// What a coordinate of a trajectory is: a number, or many that move by the same rule.
pub trait Coordinate: Real {
    /// The sum of its numbers.
    fn total(&self) -> Self;
    /// How many numbers it is.
    fn count(&self) -> f64;
}

macro_rules! one_number {
    ($float:ty) => {
        impl Coordinate for $float {
            fn total(&self) -> Self {
                *self
            }

            fn count(&self) -> f64 {
                1.0
            }
        }
    };
}

one_number!(f64);
one_number!(f32);

/// A group of coordinates with its own hyper-parameters and memory, whatever its rule.
pub trait Group<N> {
    /// Indices of its coordinates.
    fn coordinates(&self) -> &[usize];
    /// Puts the point at which the gradient of step t is taken into `to`, which is `theta` if it has anything; leaves it
    /// alone where that is θ itself.
    fn aim(&mut self, t: u64, theta: &[N], count: f64, to: &mut Vec<N>) {
        let _ = (t, theta, count, to);
    }
    /// Begins step t ≥ 1 with the group's part of the gradient taken from `gradient`; a particle has `count` numbers.
    fn begin(&mut self, t: u64, theta: &[N], gradient: &[N], count: f64);
    /// How many means over all coordinates the rule takes.
    fn means(&self) -> usize;
    /// The sum over its coordinates of what the next mean is of, given the means before it.
    fn sum(&mut self, theta: &[N], means: &[N]) -> N;
    /// Ends the step: moves the group's coordinates of `theta`, given the means over all groups.
    fn end(&mut self, theta: &mut [N], means: &[N]);
    /// What the rule remembers of each coordinate.
    fn memory(&self) -> Vec<N>;
    /// Takes up the memory of a group of the same rule after `taken` steps; `None` where it is not as long.
    fn remember(&mut self, taken: u64, memory: &[N]) -> Option<()>;
}

/// A rule with its settings on some coordinates.
pub struct Member<R: Rule, N: Real> {
    optimizer: Configured<R>,
    coordinates: Vec<usize>,
    particle: R::Particle<f64>,
    /// The same in the coordinates' arithmetic, at the step under way.
    scalars: R::Particle<N>,
    slots: Vec<R::Coordinate<N>>,
    gradient: Vec<N>,
    rate: Rate<N>,
}

impl<R: Rule, N: Real> Member<R, N> {
    /// A group that has taken no step; `like` is any number of the kind to compute in.
    pub fn new(optimizer: Configured<R>, coordinates: Vec<usize>, like: &N) -> Self {
        let rule = &optimizer.rule;
        let start = R::Coordinate::from_fn(|s| like.like(rule.coordinate_start(s)));
        let slots = vec![start; coordinates.len()];
        Self::start(optimizer, coordinates, slots, like)
    }

    fn start(
        optimizer: Configured<R>,
        coordinates: Vec<usize>,
        slots: Vec<R::Coordinate<N>>,
        like: &N,
    ) -> Self {
        let rule = &optimizer.rule;
        Member {
            particle: R::Particle::from_fn(|s| rule.particle_start(s)),
            scalars: R::Particle::from_fn(|s| like.like(rule.particle_start(s))),
            slots,
            gradient: Vec::new(),
            rate: Rate {
                eta: like.like(optimizer.eta),
                factor: like.like(1.0),
            },
            optimizer,
            coordinates,
        }
    }
}

impl<R: Rule> Member<R, f64> {
    /// A group whose coordinates remember `slots` before the first step.
    pub fn with_memory(
        optimizer: Configured<R>,
        coordinates: Vec<usize>,
        slots: Vec<R::Coordinate<f64>>,
    ) -> Self {
        Self::start(optimizer, coordinates, slots, &0.0)
    }
}

impl<R: Rule, N: Coordinate> Group<N> for Member<R, N> {
    fn coordinates(&self) -> &[usize] {
        &self.coordinates
    }

    fn begin(&mut self, t: u64, theta: &[N], gradient: &[N], _: f64) {
        let Configured {
            rule,
            eta,
            decay,
            schedule,
        } = &self.optimizer;
        let factor = schedule.factor(t);
        let like = |value| self.rate.factor.like(value);
        let rate = Rate {
            eta: like(factor * eta),
            factor: like(factor),
        };
        rule.tick(&mut self.particle);
        let mut scalars = [0.0; MOST_SLOTS];
        let ticked = self.particle.clone();
        ticked.for_each(|k, value| scalars[k] = value);
        self.scalars = R::Particle::from_fn(|k| like(scalars[k]));
        self.rate = rate;
        let penalised = |&i: &usize| match decay.penalty() {
            0.0 => gradient[i].clone(),
            lambda => gradient[i].clone() + theta[i].clone().scale(lambda),
        };
        self.gradient = self.coordinates.iter().map(penalised).collect();
    }

    fn means(&self) -> usize {
        usize::from(R::COUPLED)
    }

    fn sum(&mut self, _: &[N], means: &[N]) -> N {
        let rule = &self.optimizer.rule;
        let mut sum = self.rate.factor.like(0.0);
        if R::COUPLED && means.is_empty() {
            for (g, slots) in self.gradient.iter().zip(&mut self.slots) {
                sum = sum + rule.couple(g.clone(), slots, &self.scalars).total();
            }
        }
        sum
    }

    fn end(&mut self, theta: &mut [N], means: &[N]) {
        let Configured { rule, decay, .. } = &self.optimizer;
        let none = self.rate.factor.like(0.0);
        let mean = means.first().unwrap_or(&none);
        let pull = decay.pull(&self.rate, rule.decay_scale(&self.scalars, mean));
        let gradients = self.gradient.drain(..);
        for ((&i, g), slots) in self.coordinates.iter().zip(gradients).zip(&mut self.slots) {
            let update = rule.update(g, slots, &self.scalars, mean.clone(), &self.rate);
            theta[i] = theta[i].clone() - (update + theta[i].clone() * pull.clone());
        }
    }

    fn memory(&self) -> Vec<N> {
        let mut memory = Vec::new();
        for slots in &self.slots {
            slots.clone().for_each(|_, value| memory.push(value));
        }
        memory
    }

    fn remember(&mut self, taken: u64, memory: &[N]) -> Option<()> {
        let each = <R::Coordinate<N> as Slots<N>>::COUNT;
        if memory.len() != each * self.slots.len() {
            return None;
        }
        let rule = &self.optimizer.rule;
        self.particle = R::Particle::from_fn(|s| rule.particle_start(s));
        if <R::Particle<f64> as Slots<f64>>::COUNT > 0 {
            (0..taken).for_each(|_| rule.tick(&mut self.particle));
        }
        for (c, slots) in self.slots.iter_mut().enumerate() {
            *slots = R::Coordinate::from_fn(|k| memory[each * c + k].clone());
        }
        Some(())
    }
}

/// The state of one particle under its groups.
pub struct Trajectory<N> {
    groups: Vec<Box<dyn Group<N>>>,
    taken: u64,
}

impl<N: Coordinate> Trajectory<N> {
    /// A particle that has taken no step. Coordinates that no group has stay where they are.
    pub fn new(groups: Vec<Box<dyn Group<N>>>) -> Self {
        Trajectory { groups, taken: 0 }
    }

    /// How many numbers move.
    fn count(&self, theta: &[N]) -> f64 {
        let groups = self.groups.iter();
        let moved = groups.flat_map(|group| group.coordinates());
        moved.map(|&i| theta[i].count()).sum()
    }

    /// Where the gradient of the next step is to be taken, if not at `theta`.
    pub fn aim(&mut self, theta: &[N]) -> Option<Vec<N>> {
        let (count, mut to) = (self.count(theta), Vec::new());
        for group in &mut self.groups {
            group.aim(self.taken + 1, theta, count, &mut to);
        }
        (!to.is_empty()).then_some(to)
    }

    /// One step from `theta` with `gradient`.
    pub fn step(&mut self, theta: &mut [N], gradient: &[N]) {
        let Some(first) = gradient.first() else {
            return;
        };
        self.taken += 1;
        let count = self.count(theta);
        for group in &mut self.groups {
            group.begin(self.taken, theta, gradient, count);
        }
        let most = self.groups.iter().map(|group| group.means()).max();
        let mut means = Vec::new();
        for _ in 0..most.unwrap_or(0) {
            let mut sum = first.like(0.0);
            for group in &mut self.groups {
                sum = sum + group.sum(theta, &means);
            }
            means.push(sum / first.like(count));
        }
        for group in &mut self.groups {
            group.end(theta, &means);
        }
    }

    /// How many steps it has taken.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// What its rules remember, group by group.
    pub fn memory(&self) -> Vec<N> {
        self.groups.iter().flat_map(|g| g.memory()).collect()
    }

    /// Goes on from where a trajectory of the same groups stood after `taken` steps; `None` where the memory is
    /// not that of such groups.
    pub fn resume(&mut self, taken: u64, memory: &[N]) -> Option<()> {
        let mut rest = memory;
        for group in &mut self.groups {
            let own = rest.split_off(..group.memory().len())?;
            group.remember(taken, own)?;
        }
        self.taken = taken;
        rest.is_empty().then_some(())
    }
}
