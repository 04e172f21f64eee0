//! Has a lane's particle left? At the grid point, or between grid points by the Brownian bridge.

use super::{Block, Process, Workspace};
use crate::simulation::random::{Purpose, Stream};
use crate::simulation::vectorised::vectorised;

/// Beyond this a coordinate counts as diverged, like one that is not finite.
const DIVERGED: f64 = 1e100;

/// A particle ends when any coordinate passes the boundary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Exit {
    /// First θᵢ > b.
    Above(f64),
    /// First θᵢ < b.
    Below(f64),
}

/// What a look at a lane found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Out,
    Diverged,
}

const OUT: u64 = 1;
const BAD: u64 = 2;
const NEAR: u64 = 4;

impl Exit {
    /// Sign that mirrors the axis, and the boundary after it, so that an exit is always upwards.
    fn upwards(self) -> (f64, f64) {
        match self {
            Exit::Above(b) => (1.0, b),
            Exit::Below(b) => (-1.0, -b),
        }
    }

    /// True when a particle starting at `theta` would already be outside.
    pub fn contains(self, theta: &[f64]) -> bool {
        let (sign, boundary) = self.upwards();
        theta.iter().any(|x| sign * x > boundary)
    }

    /// Looks at every lane after a step; `flags` is one word per lane. Adds to `found` every live lane
    /// that ended.
    pub(super) fn look(
        self,
        process: &dyn Process,
        block: &Block,
        work: &Workspace,
        stream: &Stream,
        flags: &mut [u64],
        found: &mut Vec<(usize, Seen)>,
    ) {
        let (sign, boundary) = self.upwards();
        let lanes = block.lanes;
        let flags = &mut flags[..lanes];
        let (theta, continuous) = (&block.theta, process.continuous());
        let any = {
            let flags = &mut *flags;
            vectorised!(|flags| mark(theta, lanes, sign, boundary, flags))
        };
        let near = continuous && {
            let flags = &mut *flags;
            vectorised!(|flags| mark_near(theta, work, lanes, sign, boundary, flags))
        };
        if !any && !near {
            return;
        }
        for (lane, &flag) in flags.iter().enumerate() {
            if flag == 0 || !block.live[lane] {
                continue;
            }
            if flag & BAD != 0 {
                found.push((lane, Seen::Diverged));
            } else if flag & OUT != 0 || crossed(block, work, stream, lane, sign, boundary) {
                found.push((lane, Seen::Out));
            }
        }
    }
}

#[inline(always)]
fn mark(theta: &[f64], lanes: usize, sign: f64, boundary: f64, flags: &mut [u64]) -> bool {
    flags.fill(0);
    for row in theta.chunks_exact(lanes) {
        for (flag, x) in flags.iter_mut().zip(row) {
            let out = if sign * x > boundary { OUT } else { 0 };
            // False for a NaN as well.
            let bad = if x.abs() <= DIVERGED { 0 } else { BAD };
            *flag |= out | bad;
        }
    }
    any(flags) != 0
}

/// Marks lanes in which a crossing between the grid points is not negligible (p > 4e-18).
#[inline(always)]
fn mark_near(
    theta: &[f64],
    work: &Workspace,
    lanes: usize,
    sign: f64,
    boundary: f64,
    flags: &mut [u64],
) -> bool {
    let rows = theta
        .chunks_exact(lanes)
        .zip(work.previous.chunks_exact(lanes))
        .zip(work.variance.chunks_exact(lanes));
    for ((now, before), variance) in rows {
        for (((flag, x), y), v) in flags.iter_mut().zip(now).zip(before).zip(variance) {
            let product = (boundary - sign * x) * (boundary - sign * y);
            *flag |= if product < 20.0 * v { NEAR } else { 0 };
        }
    }
    any(flags) & NEAR != 0
}

/// All flags together.
#[inline(always)]
fn any(flags: &[u64]) -> u64 {
    let mut all = 0;
    for flag in flags {
        all |= flag;
    }
    all
}

/// The Brownian-bridge test: given both ends inside, the path crossed b with probability
/// exp(−2(b − x)(b − y)/v), v the variance of the step's noise.
fn crossed(
    block: &Block,
    work: &Workspace,
    stream: &Stream,
    lane: usize,
    sign: f64,
    boundary: f64,
) -> bool {
    let lanes = block.lanes;
    (0..block.theta.len() / lanes).any(|i| {
        let at = i * lanes + lane;
        let product = (boundary - sign * block.theta[at]) * (boundary - sign * work.previous[at]);
        let v = work.variance[at];
        if product >= 20.0 * v || v == 0.0 {
            return false;
        }
        let (particle, step) = (block.particle[lane], block.step[lane]);
        let u = stream.uniform(Purpose::Bridge, particle, step, i as u64);
        u <= (-2.0 * product / v).exp()
    })
}
