//! One particle, coordinate by coordinate: parameter groups, schedules, and any number type.
//!
//! The rule is the same code that runs on blocks. Groups may differ in every hyper-parameter; the
//! mean of a coupled rule runs over all coordinates of all groups, as in the reference codes.

use super::{Real, Rule, Slots, WeightDecay};

/// A group of coordinates with its own hyper-parameters.
#[derive(Clone, Debug)]
pub struct Group<R> {
    /// The rule with this group's hyper-parameters.
    pub rule: R,
    /// η of this group.
    pub eta: f64,
    /// Weight decay of this group.
    pub decay: WeightDecay,
    /// Indices of its coordinates.
    pub coordinates: Vec<usize>,
}

/// The state of one particle under a rule.
pub struct Trajectory<R: Rule, N: Real> {
    groups: Vec<Group<R>>,
    particle: Vec<R::Particle<N>>,
    coordinate: Vec<Vec<R::Coordinate<N>>>,
}

impl<R: Rule, N: Real> Trajectory<R, N> {
    /// A particle that has taken no step; `like` is any number of the kind to compute in.
    pub fn new(groups: Vec<Group<R>>, like: &N) -> Self {
        let particle = groups
            .iter()
            .map(|g| R::Particle::from_fn(|slot| like.like(g.rule.particle_start(slot))))
            .collect();
        let coordinate = groups
            .iter()
            .map(|g| {
                let start = R::Coordinate::from_fn(|s| like.like(g.rule.coordinate_start(s)));
                vec![start; g.coordinates.len()]
            })
            .collect();
        Trajectory {
            groups,
            particle,
            coordinate,
        }
    }

    /// One step from `theta` with `gradient`; every η is multiplied by the schedule's `factor`.
    pub fn step(&mut self, theta: &mut [N], gradient: &[N], factor: f64) {
        if gradient.is_empty() {
            return;
        }
        for (group, particle) in self.groups.iter().zip(&mut self.particle) {
            group.rule.tick(particle);
        }
        let gradients: Vec<Vec<N>> = self
            .groups
            .iter()
            .map(|group| {
                let (l2, _) = group.decay.factors(group.eta * factor);
                let penalised = |&i: &usize| gradient[i].clone() + theta[i].clone().scale(l2);
                group.coordinates.iter().map(penalised).collect()
            })
            .collect();
        let mut mean = gradient[0].like(0.0);
        if R::COUPLED {
            let mut count = 0.0;
            for (j, group) in self.groups.iter().enumerate() {
                for (g, slots) in gradients[j].iter().zip(&mut self.coordinate[j]) {
                    mean = mean + group.rule.couple(g.clone(), slots, &self.particle[j]);
                    count += 1.0;
                }
            }
            mean = mean / gradient[0].like(count);
        }
        for (j, group) in self.groups.iter().enumerate() {
            let eta = group.eta * factor;
            let (_, shrink) = group.decay.factors(eta);
            for (k, &i) in group.coordinates.iter().enumerate() {
                let update = group.rule.update(
                    gradients[j][k].clone(),
                    &mut self.coordinate[j][k],
                    &self.particle[j],
                    mean.clone(),
                    eta,
                );
                theta[i] = theta[i].clone().scale(shrink) - update;
            }
        }
    }
}
