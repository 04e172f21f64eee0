//! The mean exit step of SGD with momentum in one coordinate: a chain of the place and the update before.

use super::function::Function;
use super::gaussian::upper_tail;
use base::error::{Error, Result};
use base::shown;

/// The chain d ← βd − ηβ₃(L'(θ) + √C(θ) ξ), θ ← θ + d with ξ ~ N(0, 1), from θ₀ and d = 0, stopped at its first step
/// beyond `exit`.
///
/// With β₃ = 1 it is the heavy ball, with β₃ = 1 − β SGD with momentum, and with β = 0 SGD. Places and updates are taken on one
/// lattice, on which the sum over normal steps is exact but for e^{−2π²(σ/h)²}, σ = ηβ₃√C; an exit lies between two nodes, which leaves
/// an error of order h². The law is carried on, step by step, until what leaves of it at a step is a constant share f of what is
/// left; ⟨n⟩ = Σ S(n) + S/f from there on. All terms are positive, so that rare exits cost no digits.
///
/// Source: Hänggi, Talkner and Borkovec, Rev. Mod. Phys. 62 (1990) 251, section II.C, for the rate as what leaves of a law at rest.
pub struct MomentumChain<'a> {
    /// L'(θ).
    pub drift: &'a dyn Function,
    /// C(θ) > 0, the variance of one stochastic gradient.
    pub variance: &'a dyn Function,
    /// η > 0.
    pub eta: f64,
    /// β from 0 to below 1.
    pub beta: f64,
    /// β₃ > 0.
    pub weight: f64,
    /// Where the chain starts, at rest.
    pub start: f64,
    /// The boundary; the exit is on the side that the start is not.
    pub exit: f64,
}

/// What the lattices came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanExit {
    /// ⟨n⟩; the first step is n = 1.
    pub steps: f64,
    /// Three times the relative change of the extrapolated value that the last lattice made.
    pub relative_error: f64,
}

/// Spacings in the least σ, none a part of another.
const SPACINGS: [f64; 3] = [1.08, 0.94, 0.81];
/// Reach of a step in σ: beyond lie 4e-10 of it.
const REACH: f64 = 6.2;
/// Updates that are kept beside those of the way out, in the largest standard deviation that noise alone gives them.
const UPDATES: f64 = 7.0;
/// How far the stationary weight has fallen where the lattice ends.
const FALLEN: f64 = 40.0;
/// What is less likely than this, beside the share that leaves at a step, is not carried on.
const NEGLIGIBLE: f64 = 1e-12;
/// Change of the share that leaves over half of all steps so far at which it counts as constant.
const SETTLED: f64 = 1e-5;
/// Errors are this many times the change that the last lattice made.
const CHANGES: f64 = 3.0;
/// Relative error that is printed at most.
const WORST: f64 = 2e-3;
/// Nodes of a lattice and products of all of its steps, at most.
const MOST_NODES: usize = 200_000;
const MOST_PRODUCTS: f64 = 1e10;

/// Places `first..=last` in units of h from the start, and updates up to `updates` of them either way.
struct Lattice {
    h: f64,
    first: i64,
    last: i64,
    updates: i64,
    /// ηβ₃L' and σ at each place.
    steps: Vec<(f64, f64)>,
}

impl MomentumChain<'_> {
    /// The mean exit step.
    ///
    /// # Errors
    /// [`Error::Input`] for values out of range, a noise that is not positive or a place that nothing confines;
    /// [`Error::Failed`] where the lattices leave it open by more than 2e-3, or would take too long.
    pub fn solve(&self) -> Result<MeanExit> {
        let usable = self.eta > 0.0
            && self.weight > 0.0
            && (0.0..1.0).contains(&self.beta)
            && self.start != self.exit
            && [self.eta, self.weight, self.start, self.exit]
                .iter()
                .all(|x| x.is_finite());
        if !usable {
            return Err(Error::Input(format!(
                "a chain with momentum takes eta = {} and weight = {} above 0, beta = {} from 0 to below 1, and a start {} that is not its exit {}",
                self.eta, self.weight, self.beta, self.start, self.exit
            )));
        }
        let mut found: Vec<(f64, f64)> = Vec::new();
        for spacing in SPACINGS {
            let lattice = self.lattice(spacing)?;
            found.push((lattice.h * lattice.h, self.on(&lattice)?));
        }
        let extrapolated = |pair: &[(f64, f64)]| {
            let [(coarse, a), (fine, b)] = [pair[0], pair[1]];
            b - (a - b) * fine / (coarse - fine)
        };
        let limits: Vec<f64> = found.windows(2).map(extrapolated).collect();
        let (steps, last) = (limits[1], limits[0]);
        let relative_error = CHANGES * (steps / last - 1.0).abs() + SETTLED;
        if steps > 0.0 && relative_error <= WORST {
            return Ok(MeanExit {
                steps,
                relative_error,
            });
        }
        Err(Error::Failed(format!(
            "the mean exit step with momentum is known to {} of itself, not to {WORST}: its lattices do not resolve L' or C; lower η",
            shown::accuracy(relative_error.abs())
        )))
    }

    /// ηβ₃L' and σ at a place, the exit on the right.
    fn step(&self, x: f64) -> Result<(f64, f64)> {
        let sign = self.sign();
        let (slope, variance) = (sign * self.drift.at(sign * x), self.variance.at(sign * x));
        if slope.is_finite() && variance.is_finite() && variance > 0.0 {
            let size = self.eta * self.weight;
            return Ok((size * slope, size * variance.sqrt()));
        }
        Err(Error::Input(format!(
            "at θ = {:?}: L' comes to {} and C to {}; both must be finite and C > 0 wherever the chain can go",
            sign * x,
            shown::number(sign * slope),
            shown::number(variance)
        )))
    }

    fn sign(&self) -> f64 {
        (self.exit - self.start).signum()
    }

    fn lattice(&self, spacing: f64) -> Result<Lattice> {
        let (start, exit) = (self.sign() * self.start, self.sign() * self.exit);
        // To the left until the weight has fallen; the least σ on the way and up to the exit.
        let width = exit - start;
        let stride = width / 2000.0;
        let (mut left, mut fallen, mut lowest) = (start, 0.0, 0.0f64);
        let (mut least, mut largest) = (f64::INFINITY, 0.0f64);
        let mut seen = |x: f64| -> Result<(f64, f64)> {
            let (push, sigma) = self.step(x)?;
            least = least.min(sigma);
            largest = largest.max(sigma);
            Ok((push, sigma))
        };
        while fallen - lowest < FALLEN {
            let (push, sigma) = seen(left - 0.5 * stride)?;
            left -= stride;
            // ∫ 2L'/(ηC)·(1 − β)/β₃, the exponent without inertia.
            fallen -= 2.0 * (1.0 - self.beta) * push / (sigma * sigma) * stride;
            lowest = lowest.min(fallen);
            if start - left > 1e3 * width {
                return Err(Error::Input(format!(
                    "nothing holds the chain back before θ = {}, away from the exit",
                    shown::number(self.sign() * left)
                )));
            }
        }
        let mut steepest = 0.0f64;
        for i in 0..2000 {
            let (push, _) = seen(start + (f64::from(i) + 0.5) * stride)?;
            steepest = steepest.max(push.abs());
        }
        // The exit lies halfway between two nodes, the start on one.
        let places = (width / (spacing * least) - 0.5).ceil().max(1.0);
        let h = width / (places + 0.5);
        let updates =
            UPDATES * largest / (1.0 - self.beta * self.beta).sqrt() + steepest / (1.0 - self.beta);
        let first = ((left - start) / h).floor();
        let nodes = (places - first + 1.0) * (2.0 * updates / h + 1.0);
        if nodes > MOST_NODES as f64 {
            return Err(too_long());
        }
        let (first, last) = (first as i64, places as i64);
        let steps = (first..=last)
            .map(|i| self.step(start + i as f64 * h))
            .collect::<Result<_>>()?;
        Ok(Lattice {
            h,
            first,
            last,
            updates: (updates / h).ceil() as i64,
            steps,
        })
    }

    /// ⟨n⟩ on a lattice. What is at place i + j after an update of j lies in row i, so that all that leaves a place goes to one row.
    fn on(&self, lattice: &Lattice) -> Result<f64> {
        let Lattice {
            h,
            first,
            last,
            updates,
            ref steps,
        } = *lattice;
        let columns = (2 * updates + 1) as usize;
        let rows = steps.len();
        let mut law = vec![0.0; rows * columns];
        let mut next = vec![0.0; rows * columns];
        let place =
            |row: i64, update: i64| (row - first) as usize * columns + (update + updates) as usize;
        law[place(0, 0)] = 1.0;
        let (mut mean, mut alive) = (0.0, 1.0);
        let mut shares: Vec<f64> = Vec::new();
        let mut shape: Vec<f64> = Vec::new();
        let (mut products, mut ignored) = (0.0, 0.0);
        loop {
            mean += alive;
            next.fill(0.0);
            let mut left = 0.0;
            for x in first..=last {
                let (push, sigma) = steps[(x - first) as usize];
                let reach = (REACH * sigma / h).ceil() as i64;
                let q = 0.5 * (h / sigma) * (h / sigma);
                let height = h / (sigma * (2.0 * std::f64::consts::PI).sqrt());
                let cells = (2 * reach + 1) as usize;
                shape.clear();
                shape.extend((0..cells).map(|t| (-q * (t * t) as f64).exp()));
                let row = &mut next[place(x, -updates)..][..columns];
                for update in (x - last).max(-updates)..=(x - first).min(updates) {
                    let mass = law[place(x - update, update)];
                    if mass <= ignored {
                        continue;
                    }
                    let to = self.beta * update as f64 - push / h;
                    let out = ((last - x) as f64 + 0.5 - to) * h / sigma;
                    if out < REACH + 30.0 {
                        left += mass * upper_tail(out);
                    }
                    let low = (to.round() as i64 - reach).clamp(-updates, updates);
                    let high = (to.round() as i64 + reach)
                        .clamp(-updates, updates)
                        .min(last - x);
                    if high < low {
                        continue;
                    }
                    products += (high - low) as f64;
                    // e^{−q(t + from)²} = e^{−q from²} (e^{−2q from})ᵗ e^{−qt²}.
                    let from = low as f64 - to;
                    let first = mass * height * (-q * from * from).exp();
                    let ratio = (-2.0 * q * from).exp();
                    let row = &mut row[(low + updates) as usize..=(high + updates) as usize];
                    add(row, &shape[..row.len()], first, ratio);
                }
            }
            std::mem::swap(&mut law, &mut next);
            let share = left / alive;
            alive = law.iter().sum();
            shares.push(share);
            ignored = NEGLIGIBLE * left;
            let n = shares.len();
            let settled = n >= 64 && {
                let (low, high) = shares[n / 2..]
                    .iter()
                    .fold((f64::INFINITY, 0.0f64), |(a, b), f| (a.min(*f), b.max(*f)));
                high - low <= SETTLED * high
            };
            if settled && share > 0.0 {
                return Ok(mean + alive / share);
            }
            if alive < 1e-12 {
                return Ok(mean);
            }
            if products > MOST_PRODUCTS {
                return Err(too_long());
            }
        }
    }
}

/// Adds first · ratioᵗ · shape_t to the t-th cell, four at a time.
fn add(row: &mut [f64], shape: &[f64], first: f64, ratio: f64) {
    let square = ratio * ratio;
    let mut powers = [first, first * ratio, first * square, first * square * ratio];
    let fourth = square * square;
    let (mut cells, mut shapes) = (row.chunks_exact_mut(4), shape.chunks_exact(4));
    for (cell, shape) in (&mut cells).zip(&mut shapes) {
        for lane in 0..4 {
            cell[lane] += powers[lane] * shape[lane];
            powers[lane] *= fourth;
        }
    }
    let rest = cells.into_remainder().iter_mut().zip(shapes.remainder());
    for ((cell, shape), power) in rest.zip(powers) {
        *cell += power * shape;
    }
}

fn too_long() -> Error {
    Error::Failed(
        "the chain with momentum takes a lattice too fine or too many steps to be solved: η(1 − β)√C is too small beside the way out"
            .into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::{DiscreteChain, Marks};

    fn chain(beta: f64, weight: f64, eta: f64, variance: &dyn Function, sign: f64) -> MeanExit {
        MomentumChain {
            drift: &|x: f64| x * x * x - x,
            variance,
            eta,
            beta,
            weight,
            start: -sign,
            exit: 0.3 * sign,
        }
        .solve()
        .unwrap()
    }

    /// Without momentum it is the chain of SGD, in noise that depends on the place too, and from either side.
    #[test]
    fn without_momentum_it_is_sgd() {
        let noises: [&dyn Function; 2] = [&|_: f64| 1.0, &|x: f64| 1.0 + 0.5 * x * x];
        for variance in noises {
            let sgd = DiscreteChain {
                drift: &|x: f64| x * x * x - x,
                variance,
                eta: 0.08,
                start: -1.0,
                exit: 0.3,
                breaks: &|_, _| Ok(Marks::kinks(&[])),
                bridge: false,
            };
            let sgd = sgd.solve().unwrap().mean;
            for sign in [1.0, -1.0] {
                let own = chain(0.0, 1.0, 0.08, variance, sign);
                let error = (own.steps / sgd - 1.0).abs();
                assert!(error < own.relative_error, "{error:e} {own:?}");
            }
        }
    }

    /// With momentum, against 20,000 paths in noise that depends on the place: seed 1, z of at most 4.5, passed by chance in all but
    /// 7e-6 of seeds; their standard error of 0.7 % is far above what is missing without β.
    #[test]
    fn paths_with_momentum_leave_so() {
        let mut state = 1u64;
        let mut uniform = move || {
            // SplitMix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
        };
        let variance = |x: f64| 4.0 + 2.0 * x * x;
        let paths = 20_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..paths {
            let (mut x, mut d, mut n) = (-1.0f64, 0.0, 0.0);
            while x <= 0.3 {
                let (u, v) = (1.0 - uniform(), uniform());
                let normal = (-2.0 * u.ln()).sqrt() * (2.0 * std::f64::consts::PI * v).cos();
                d = 0.8 * d - 0.08 * 0.2 * (x * x * x - x + variance(x).sqrt() * normal);
                x += d;
                n += 1.0;
            }
            sum += n;
            squares += n * n;
        }
        let mean = sum / f64::from(paths);
        let error = ((squares / f64::from(paths) - mean * mean) / f64::from(paths)).sqrt();
        let own = chain(0.8, 0.2, 0.08, &variance, 1.0).steps;
        assert!((own - mean).abs() < 4.5 * error, "{own} {mean} ± {error}");
        let without = chain(0.0, 1.0, 0.08, &variance, 1.0).steps;
        assert!((without - mean).abs() > 20.0 * error, "{without}");
    }

    /// β₃ = 1 − β at η is the heavy ball at η(1 − β).
    #[test]
    fn a_weight_is_a_learning_rate() {
        let noise: &dyn Function = &|_: f64| 1.0;
        let [a, b] = [
            chain(0.6, 0.4, 0.08, noise, 1.0),
            chain(0.6, 1.0, 0.032, noise, 1.0),
        ];
        assert!((a.steps / b.steps - 1.0).abs() < 1e-9);
    }

    /// Out of range, or nothing to hold it.
    #[test]
    fn what_cannot_be_solved_is_refused() {
        let of = |beta: f64, slope: f64, c: f64| {
            MomentumChain {
                drift: &move |x: f64| slope * x,
                variance: &move |_: f64| c,
                eta: 0.1,
                beta,
                weight: 1.0,
                start: 0.0,
                exit: 1.0,
            }
            .solve()
            .is_err()
        };
        assert!(of(1.0, 1.0, 1.0) && of(0.5, -1.0, 1.0) && of(0.5, 1.0, 0.0));
    }
}
