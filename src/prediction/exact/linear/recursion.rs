//! A linear optimizer on a quadratic: z ← A z + B ξ, its moments at any step and in the long run.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use super::filter::Filter;
use super::modes::{Block, Covariances, Modes};
use super::optimizer::LinearOptimizer;
use super::quadratic::Quadratic;
use super::rule::LinearRule;
use super::step::Gaussian;
use crate::scaled::Scaled;
use base::error::{Error, Result};

/// The memory that an optimizer starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// None: every average is 0.
    Zero,
    /// Every average at the mean gradient Hθ of the start, without noise.
    Gradient,
    /// Every average as after many steps with θ held at the start: mean Hθ and stationary noise.
    Stationary,
}

/// z = (θ, s₁, …, s_k): one step of a linear optimizer on a quadratic.
///
/// Where all coordinates share a rule, or H is diagonal, the axes of the Hessian do not act on one another, and each is
/// a block of `Modes`; else all is one block.
#[derive(Clone, Debug, PartialEq)]
pub struct Recursion {
    pub(super) modes: Modes,
    /// The very first step.
    first: Modes,
    /// The rows of s alone, at fixed θ = 0.
    memory: Modes,
    /// Mean of s per θ held fixed, block by block; none where it does not settle.
    memory_mean: Vec<Option<DMatrix<f64>>>,
    /// What s is where the mean rests, block by block: from there it is counted.
    resting: Vec<DVector<f64>>,
    pub(super) axes: Axes,
    pub(super) units: Units,
}

/// Powers of two in which the modes are written, so that learning rates, curvatures and noises of any size go together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Units {
    /// Of θ.
    pub theta: i32,
    /// Of the gradients.
    gradient: i32,
}

/// θ = T y, where y are the coordinates of the blocks; the gradients are T⁻ᵀ times those in y.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axes {
    /// T.
    pub theta: DMatrix<f64>,
    /// T⁻ᵀ.
    gradient: DMatrix<f64>,
}

/// What is known of a process at some step.
#[derive(Clone, Debug, PartialEq)]
pub struct Law {
    pub(super) mean: Vec<DVector<f64>>,
    pub(super) covariances: Covariances,
}

/// The stationary law of an optimizer.
#[derive(Clone, Debug, PartialEq)]
pub struct Stationary {
    /// Cov θ.
    pub theta: DMatrix<f64>,
    /// Cov of the momentum m_t that the last step wrote; of the gradient g_t for a rule without.
    pub momentum: DMatrix<f64>,
}

impl Recursion {
    /// The optimizer at learning rate η on a quadratic.
    ///
    /// # Errors
    /// [`Error::Input`] unless η > 0 and the dimensions agree.
    pub fn new(optimizer: &LinearOptimizer, eta: f64, quadratic: &Quadratic) -> Result<Self> {
        if !(eta.is_finite() && eta > 0.0) {
            return Err(Error::Input(format!(
                "the learning rate η = {eta} must be positive and finite"
            )));
        }
        if optimizer.dim() != quadratic.dim() {
            return Err(Error::Input(format!(
                "the optimizer has {} coordinates and the quadratic {}; they must be alike",
                optimizer.dim(),
                quadratic.dim()
            )));
        }
        let d = quadratic.dim();
        let factors: Vec<f64> = optimizer.coordinates().iter().map(|(_, p)| *p).collect();
        let rules: Vec<LinearRule> = optimizer
            .coordinates()
            .iter()
            .map(|(rule, _)| *rule)
            .collect();
        let diagonal = {
            let h = quadratic.hessian();
            *h == DMatrix::from_diagonal(&h.diagonal())
        };
        let alike = rules.iter().all(|rule| *rule == rules[0]);
        let rates = if alike && !diagonal {
            vec![1.0; d]
        } else {
            factors.clone()
        };
        let units = Units::of(eta, &rules, &rates, quadratic.noise());
        let hessian = quadratic.hessian().map(|h| times(h, units.rate()));
        let noise = quadratic.noise().map(|c| times(c, -2 * units.gradient));
        let scale = DVector::from_iterator(d, factors.iter().map(|p| p.sqrt()));
        let (axes, curvatures) = if diagonal {
            (Axes::identity(d), Some(hessian.diagonal()))
        } else if alike {
            // P^½HP^½ = VΛVᵀ, and θ = P^½Vy.
            let mut scaled = hessian.clone();
            for (i, j) in (0..d).flat_map(|i| (0..d).map(move |j| (i, j))) {
                scaled[(i, j)] *= scale[i] * scale[j];
            }
            let eigen = SymmetricEigen::new(scaled);
            (
                Axes::scaled(&eigen.eigenvectors, &scale),
                Some(eigen.eigenvalues),
            )
        } else {
            (Axes::identity(d), None)
        };
        let noise = axes.theta.transpose() * noise * &axes.theta;
        let assembled = |filter: &dyn Fn(&LinearRule) -> Filter| {
            let coordinates: Vec<(Filter, f64)> = rules
                .iter()
                .zip(&rates)
                .map(|(rule, p)| {
                    let filter = filter(rule);
                    let rate = Scaled::of(eta) * *p * filter.gain;
                    let rate = rate.shifted(-units.rate()).value();
                    (filter, rate)
                })
                .collect();
            let block =
                |of: &[(Filter, f64)], h: &DMatrix<f64>| assemble(of, h, eta * optimizer.pull());
            let blocks = match &curvatures {
                Some(h) => (0..d)
                    .map(|i| block(&coordinates[i..=i], &DMatrix::from_element(1, 1, h[i])))
                    .collect(),
                None => vec![block(&coordinates, &hessian)],
            };
            Modes {
                blocks,
                noise: noise.clone(),
            }
        };
        let modes = assembled(&LinearRule::filter);
        let first = assembled(&|rule| rule.first_filter().unwrap_or_else(|| rule.filter()));
        let mut memory = modes.clone();
        let mut memory_mean = Vec::new();
        for block in &mut memory.blocks {
            let m = block.entry.ncols();
            let (change, entry) = (&block.change, &block.entry);
            // s = F s + in·Hθ, that is, −D_ss s = D_sθ θ.
            let drive = change.view_range(m.., ..m).into_owned();
            let own = change.view_range(m.., m..).into_owned();
            memory_mean.push((-&own).lu().solve(&drive));
            let entry = entry.rows_range(m..).into_owned();
            *block = Block { change: own, entry };
        }
        let blocks = memory.blocks.iter();
        let resting = blocks.map(|block| DVector::zeros(block.change.nrows()));
        let resting = resting.collect();
        Ok(Self {
            modes,
            first,
            memory,
            memory_mean,
            resting,
            axes,
            units,
        })
    }

    /// One coordinate with curvature `h` and gradient variance `variance`.
    ///
    /// # Errors
    /// As [`Recursion::new`] and [`Quadratic::scalar`].
    pub fn scalar(rule: LinearRule, eta: f64, h: f64, variance: f64) -> Result<Self> {
        let optimizer = LinearOptimizer::uniform(rule, 1)?;
        Self::new(&optimizer, eta, &Quadratic::scalar(h, variance)?)
    }

    /// The same where weight decay pulls a share of θ in a step towards `origin`, from the minimum, and not towards the minimum; and where
    /// θ then rests in the mean. From there θ is counted from now on.
    ///
    /// # Errors
    /// [`Error::Input`] where the first step is another than those behind it, or nothing rests.
    pub fn pulled_to(mut self, share: f64, origin: &DVector<f64>) -> Result<(Self, DVector<f64>)> {
        if self.first != self.modes {
            let what = "its first step is another: where decay and the minimum pull apart, its mean is not known";
            return Err(Error::Input(what.into()));
        }
        let y = self.axes.gradient.transpose() * origin.map(|x| times(x, -self.units.theta));
        let mut rest = DVector::zeros(y.len());
        let starts = self.modes.starts();
        for ((block, start), resting) in self.modes.blocks.iter().zip(starts).zip(&mut self.resting)
        {
            let (n, m) = (block.change.nrows(), block.entry.ncols());
            let mut pull = DVector::zeros(n);
            pull.rows_mut(0, m).copy_from(&(-share * y.rows(start, m)));
            let none = || Error::Input("its mean does not come to rest".into());
            let at = block.change.clone().lu().solve(&pull).ok_or_else(none)?;
            rest.rows_mut(start, m).copy_from(&at.rows(0, m));
            resting.copy_from(&at.rows(m, n - m));
        }
        let rest = (&self.axes.theta * rest).map(|x| times(x, self.units.theta));
        Ok((self, rest))
    }

    /// The same in noise of another covariance.
    pub(super) fn in_noise(&self, noise: &DMatrix<f64>) -> Self {
        let noise = noise.map(|c| times(c, -2 * self.units.gradient));
        let noise = self.axes.theta.transpose() * noise * &self.axes.theta;
        let mut changed = self.clone();
        for modes in [&mut changed.modes, &mut changed.first, &mut changed.memory] {
            modes.noise.copy_from(&noise);
        }
        changed
    }

    /// ln ρ(A), the long-run growth of z per step; −∞ where A is nilpotent.
    pub fn growth(&self) -> f64 {
        let growths = self.modes.blocks.iter().map(Block::growth);
        growths.fold(f64::NEG_INFINITY, f64::max)
    }

    /// Numbers of memory per coordinate, k ≥ 1: a start that fades at once is gone after k + 1 steps.
    pub fn order(&self) -> u64 {
        let block = &self.modes.blocks[0];
        (block.change.nrows() / block.entry.ncols() - 1) as u64
    }

    /// The stationary covariances of θ and of the momentum, from Σ = AΣAᵀ + BCBᵀ.
    ///
    /// `None` where the recursion is not stable. Relative accuracy about 1e-14 per standard deviation.
    pub fn stationary(&self) -> Option<Stationary> {
        self.stationary_over(0)
    }

    /// The same with Cov θ over a power of two.
    fn stationary_over(&self, exponent: i32) -> Option<Stationary> {
        let joint = self.modes.stationary()?;
        let last = self.modes.slot(&joint, self.order() as usize);
        Some(Stationary {
            theta: turned(&self.axes.theta, &self.modes.slot(&joint, 0))
                .map(|s| times(s, 2 * self.units.theta - exponent)),
            momentum: self.in_gradient(&last),
        })
    }

    /// The stationary covariances of an optimizer at any learning rate, however small.
    ///
    /// Where ηh is so small that Cov θ is a multiple of η and Cov m does not depend on it, to more digits than a double
    /// has, they are those of a larger η.
    ///
    /// # Errors
    /// As [`Recursion::new`].
    pub fn long_run(
        optimizer: &LinearOptimizer,
        eta: f64,
        quadratic: &Quadratic,
    ) -> Result<Option<Stationary>> {
        let rate = Scaled::of(eta) * quadratic.hessian().amax() * optimizer.largest_gain();
        let larger = if optimizer.pull() == 0.0 {
            (SLOW - rate.exponent()).max(0)
        } else {
            0
        };
        let recursion = Self::new(optimizer, times(eta, larger), quadratic)?;
        Ok(recursion.stationary_over(larger))
    }

    /// The law of z before the first step: θ at a point, the memory as told.
    ///
    /// # Errors
    /// [`Error::Input`] unless `theta` has d finite coordinates.
    pub fn start(&self, theta: &[f64], memory: Memory) -> Result<Law> {
        self.start_from(&Gaussian::at(DVector::from_column_slice(theta)), memory)
    }

    /// The same where θ is a random vector, of any law of which these are the mean and the covariance.
    ///
    /// # Errors
    /// [`Error::Input`] unless `theta` has d finite coordinates.
    pub fn start_from(&self, theta: &Gaussian, memory: Memory) -> Result<Law> {
        let d = self.axes.theta.nrows();
        let all = theta.mean.iter().chain(theta.covariance.iter());
        if theta.mean.len() != d || !all.clone().all(|x| x.is_finite()) {
            return Err(Error::Input(format!(
                "the start {:?} must have {d} finite coordinates",
                theta.mean.as_slice()
            )));
        }
        let y = self.axes.gradient.transpose() * theta.mean.map(|x| times(x, -self.units.theta));
        let spread = turned(&self.axes.gradient.transpose(), &theta.covariance)
            .map(|s| times(s, -2 * self.units.theta));
        let blocks = self.modes.blocks.iter().zip(&self.memory_mean);
        // What a block remembers of its own θ: z = Ly.
        let lifts: Vec<DMatrix<f64>> = blocks
            .map(|(block, settled)| {
                let (n, m) = (block.change.nrows(), block.entry.ncols());
                let mut lift = DMatrix::zeros(n, m);
                lift.view_mut((0, 0), (m, m)).fill_with_identity();
                if memory != Memory::Zero {
                    let settled = settled.as_ref().ok_or_else(lasting)?;
                    lift.view_mut((m, 0), (n - m, m)).copy_from(settled);
                }
                Ok(lift)
            })
            .collect::<Result<_>>()?;
        let starts = self.modes.starts();
        let own = lifts.iter().zip(&starts);
        let mean = own.zip(&self.resting).map(|((lift, at), resting)| {
            let mut z = lift * y.rows(*at, lift.ncols());
            let mut memory = z.rows_mut(lift.ncols(), resting.len());
            memory -= resting;
            z
        });
        let mean = mean.collect();
        let mut covariances = Covariances::of(lifts.len(), |a, b| {
            let size = (lifts[a].ncols(), lifts[b].ncols());
            &lifts[a] * spread.view((starts[a], starts[b]), size) * lifts[b].transpose()
        });
        if memory == Memory::Stationary {
            let settled = self.memory.stationary().ok_or_else(lasting)?;
            covariances = Covariances::of(lifts.len(), |a, b| {
                let mut joint = covariances.get(a, b).clone();
                let mut part = joint.view_range_mut(lifts[a].ncols().., lifts[b].ncols()..);
                part += settled.get(a, b);
                joint
            });
        }
        Ok(Law { mean, covariances })
    }

    /// The law one step after a start, whose first step some rules take otherwise.
    pub(super) fn first_step(&self, memory: Memory) -> &Modes {
        match memory {
            Memory::Zero => &self.first,
            Memory::Gradient | Memory::Stationary => &self.modes,
        }
    }

    /// The law of z `steps` steps after another, none of them the very first.
    pub fn carried(&self, steps: u64, law: &Law) -> Law {
        Law {
            mean: self.modes.mean_after(steps, &law.mean),
            covariances: self.modes.after(steps, &law.covariances),
        }
    }

    /// The covariance of the first slot of the memory.
    pub fn memory_of(&self, law: &Law) -> DMatrix<f64> {
        self.in_gradient(&self.modes.slot(&law.covariances, 1))
    }

    /// The covariance of the update that follows a law.
    pub fn update_of(&self, law: &Law) -> DMatrix<f64> {
        let update = self.modes.update(&law.covariances);
        self.in_theta(&self.modes.slot(&update, 0))
    }

    /// The law of θ.
    pub fn theta_of(&self, law: &Law) -> Gaussian {
        let blocks = self.modes.blocks.iter().zip(&law.mean);
        let y: Vec<f64> = blocks
            .flat_map(|(block, z)| z.iter().take(block.entry.ncols()).copied())
            .collect();
        Gaussian {
            mean: (&self.axes.theta * DVector::from_vec(y)).map(|x| times(x, self.units.theta)),
            covariance: self.in_theta(&self.modes.slot(&law.covariances, 0)),
        }
    }

    /// A covariance of y as one of θ.
    fn in_theta(&self, covariance: &DMatrix<f64>) -> DMatrix<f64> {
        turned(&self.axes.theta, covariance).map(|s| times(s, 2 * self.units.theta))
    }

    /// A covariance of the memory of y as one of gradients.
    fn in_gradient(&self, covariance: &DMatrix<f64>) -> DMatrix<f64> {
        turned(&self.axes.gradient, covariance).map(|s| times(s, 2 * self.units.gradient))
    }

    /// The law of θ after `steps` steps from θ = `theta` with the memory as told.
    ///
    /// Entries that exceed the largest double are not finite.
    ///
    /// # Errors
    /// As [`Recursion::start`].
    pub fn after(&self, steps: u64, theta: &[f64], memory: Memory) -> Result<Gaussian> {
        let start = self.start(theta, memory)?;
        Ok(self.theta_of(&self.stepped(steps, start, memory)))
    }

    /// The law of z so many steps after a start.
    pub(super) fn stepped(&self, steps: u64, start: Law, memory: Memory) -> Law {
        if steps == 0 {
            return start;
        }
        let first = self.first_step(memory);
        let law = Law {
            mean: first.mean_after(1, &start.mean),
            covariances: first.after(1, &start.covariances),
        };
        self.carried(steps - 1, &law)
    }
}

fn lasting() -> Error {
    Error::Input("the optimizer's memory does not fade, so it has no law to start in".into())
}

/// The power of two of an ηh that leaves its own size, and that over a 1 − β, out of a double's digits.
const SLOW: i32 = -200;

impl Units {
    /// The gradients' noise and the largest learning rate are then about 1.
    fn of(eta: f64, rules: &[LinearRule], factors: &[f64], noise: &DMatrix<f64>) -> Self {
        let gains = rules.iter().zip(factors);
        let gains = gains.map(|(rule, p)| Scaled::of(eta) * *p * rule.filter().reach());
        let rate = gains.map(Scaled::exponent).max().unwrap_or_default();
        let gradient = Scaled::of(noise.amax()).exponent() / 2;
        Units {
            theta: gradient + rate,
            gradient,
        }
    }

    /// Of the learning rate, θ per gradient.
    fn rate(self) -> i32 {
        self.theta - self.gradient
    }
}

/// x · 2^exponent, rounded once.
pub(super) fn times(x: f64, exponent: i32) -> f64 {
    Scaled::of(x).shifted(exponent).value()
}

impl Axes {
    fn identity(d: usize) -> Self {
        Axes {
            theta: DMatrix::identity(d, d),
            gradient: DMatrix::identity(d, d),
        }
    }

    /// T = SV, of orthogonal V and diagonal S.
    fn scaled(axes: &DMatrix<f64>, scale: &DVector<f64>) -> Self {
        Axes {
            theta: DMatrix::from_diagonal(scale) * axes,
            gradient: DMatrix::from_diagonal(&scale.map(f64::recip)) * axes,
        }
    }
}

/// T Σ Tᵀ, symmetric.
fn turned(axes: &DMatrix<f64>, covariance: &DMatrix<f64>) -> DMatrix<f64> {
    let turned = axes * covariance * axes.transpose();
    0.5 * (&turned + turned.transpose())
}

/// One step, from the filter and the learning rate of each coordinate; `pull` is what decay beside the update takes
/// from θ.
fn assemble(coordinates: &[(Filter, f64)], hessian: &DMatrix<f64>, pull: f64) -> Block {
    let d = coordinates.len();
    let k = coordinates.first().map_or(0, |(filter, _)| filter.order());
    let n = d * (k + 1);
    let mut change = DMatrix::zeros(n, n);
    // What a unit gradient in coordinate i does to z.
    let mut entry = DMatrix::zeros(n, d);
    for (i, (filter, rate)) in coordinates.iter().enumerate() {
        entry[(i, i)] = -rate * filter.through;
        for j in 0..k {
            let row = d * (j + 1) + i;
            entry[(row, i)] = filter.input[j];
            change[(i, row)] = -rate * filter.output[j];
            for l in 0..k {
                let diagonal = if j == l { 1.0 } else { 0.0 };
                change[(row, d * (l + 1) + i)] = filter.transition[(j, l)] - diagonal;
            }
        }
    }
    // Gradients are Hq + ξ, where q is θ or ahead of it.
    let mut point = DMatrix::zeros(d, n);
    point.view_mut((0, 0), (d, d)).fill_with_identity();
    for (i, (filter, rate)) in coordinates.iter().enumerate() {
        for j in 0..k {
            point[(i, d * (j + 1) + i)] = rate * filter.ahead[j];
        }
    }
    change += &entry * hessian * point;
    for i in 0..d {
        change[(i, i)] -= pull;
    }
    for (i, (filter, _)) in coordinates.iter().enumerate() {
        let mut own = entry.column_mut(i);
        own *= filter.amplification;
    }
    Block { change, entry }
}

#[cfg(test)]
#[path = "recursion_tests.rs"]
mod tests;
