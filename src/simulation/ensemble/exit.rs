//! Has a lane's particle left? At the grid point, or between grid points by the Brownian bridge.

use pulp::{Arch, Simd, WithSimd};
use serde::Serialize;

use super::{Block, Process, Workspace};
use crate::simulation::random::{Purpose, Stream};

/// Beyond this a coordinate counts as diverged, like one that is not finite.
const DIVERGED: f64 = 1e100;

/// A particle ends when a coordinate, any or a chosen one, passes the boundary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Exit {
    /// First θᵢ > b.
    Above(f64),
    /// First θᵢ < b.
    Below(f64),
}

/// How an exit between two grid points is found, for a path that is a Brownian bridge there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Crossing {
    /// Not at all: late exits, a bias of order √dt.
    AtGrid,
    /// By sampling whether the bridge crossed: a bias of order dt, for any D(θ) that is smooth.
    #[default]
    Bridge,
    /// Looking at grid points, with the boundary moved inwards by 0.5826 √(2D dt), D at the old θ (Broadie,
    /// Glasserman and Kou 1997; Gobet and Menozzi 2010 for D(θ)): a bias of o(√dt), and no random numbers.
    Shifted,
}

/// −ζ(½)/√(2π), the mean overshoot of a random walk of normal steps over a far boundary, in standard deviations.
pub const SHIFT: f64 = 0.582_597_157_939_010_7;

/// What a look at a lane found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Out,
    Diverged,
}

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
}

/// A boundary, and the coordinate that must pass it; `None`: any.
#[derive(Clone, Copy)]
pub(super) struct Watch {
    pub exit: Exit,
    pub coordinate: Option<usize>,
}

impl Watch {
    fn minds(self, i: usize) -> bool {
        self.coordinate.is_none_or(|c| c == i)
    }

    /// Looks at every lane after a step and adds to `found` every live one that ended. `suspects` is
    /// memory to work in.
    pub(super) fn look(
        self,
        process: &dyn Process,
        block: &Block,
        work: &Workspace,
        stream: &Stream,
        suspects: &mut Vec<usize>,
        found: &mut Vec<(usize, Seen)>,
    ) {
        suspects.clear();
        let (sign, boundary) = self.exit.upwards();
        Arch::new().dispatch(Scan {
            watch: self,
            lanes: block.lanes,
            theta: &block.theta,
            between: (process.crossing() != Crossing::AtGrid).then_some((work, process.crossing())),
            suspects: &mut *suspects,
        });
        for &lane in suspects.iter().filter(|&&lane| block.live[lane]) {
            let mut path = block.theta.iter().skip(lane).step_by(block.lanes);
            let mut minded = path.clone().enumerate().filter(|(i, _)| self.minds(*i));
            // Not the other way round, so that a NaN diverges.
            if !path.all(|x| x.abs() <= DIVERGED) {
                found.push((lane, Seen::Diverged));
            } else if minded.any(|(_, x)| sign * x > boundary)
                || match process.crossing() {
                    Crossing::AtGrid => false,
                    Crossing::Bridge => self.crossed(block, work, stream, lane),
                    Crossing::Shifted => self.close(block, work, lane),
                }
            {
                found.push((lane, Seen::Out));
            }
        }
    }
}

/// Collects the lanes that may have ended: all that did, and some of those beside them.
struct Scan<'a> {
    watch: Watch,
    lanes: usize,
    theta: &'a [f64],
    between: Option<(&'a Workspace, Crossing)>,
    suspects: &'a mut Vec<usize>,
}

impl WithSimd for Scan<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.watch.exit {
            Exit::Above(boundary) => self.registers::<S, true>(simd, boundary),
            Exit::Below(boundary) => self.registers::<S, false>(simd, boundary),
        }
    }
}

impl Scan<'_> {
    #[inline(always)]
    fn registers<S: Simd, const ABOVE: bool>(mut self, simd: S, boundary: f64) {
        const TOGETHER: usize = 4;
        let stride = self.lanes / width::<S>();
        let mut l = 0;
        while l + TOGETHER <= stride {
            self.columns::<S, ABOVE, TOGETHER>(simd, boundary, l);
            l += TOGETHER;
        }
        while l < stride {
            self.columns::<S, ABOVE, 1>(simd, boundary, l);
            l += 1;
        }
    }

    /// Looks at the lanes of `K` registers from register `l` on, together, so that none waits for another.
    #[inline(always)]
    fn columns<S: Simd, const ABOVE: bool, const K: usize>(
        &mut self,
        simd: S,
        boundary: f64,
        l: usize,
    ) {
        let (stride, theta) = (self.lanes / width::<S>(), S::as_simd_f64s(self.theta).0);
        let boundary = simd.splat_f64s(boundary);
        let zero = simd.splat_f64s(0.0);
        let (mut furthest, mut size) = ([boundary; K], [zero; K]);
        for (i, row) in theta.chunks_exact(stride).enumerate() {
            let minded = self.watch.minds(i);
            for (k, x) in row[l..l + K].iter().enumerate() {
                size[k] = simd.mul_add_f64s(*x, *x, size[k]);
                if minded {
                    furthest[k] = if ABOVE {
                        simd.max_f64s(furthest[k], *x)
                    } else {
                        simd.min_f64s(furthest[k], *x)
                    };
                }
            }
        }
        // A sum of squares is not finite, or large, as soon as one of its terms is.
        let tame = simd.splat_f64s(0.5 * DIVERGED * DIVERGED);
        let mut quiet = [simd.equal_f64s(zero, zero); K];
        for k in 0..K {
            let inside = simd.equal_f64s(furthest[k], boundary);
            let finite = simd.less_than_or_equal_f64s(size[k], tame);
            quiet[k] = simd.and_m64s(inside, finite);
        }
        if let Some((work, crossing)) = self.between {
            // No crossing between the grid points, but for a chance below 4e-18; or not within the shift.
            let shifted = crossing == Crossing::Shifted;
            let sure = simd.splat_f64s(if shifted { SHIFT * SHIFT } else { SURE });
            let previous = S::as_simd_f64s(&work.previous).0.chunks_exact(stride);
            let variance = S::as_simd_f64s(&work.variance).0.chunks_exact(stride);
            let rows = theta.chunks_exact(stride).zip(previous).zip(variance);
            for (_, ((row, previous), variance)) in
                rows.enumerate().filter(|(i, _)| self.watch.minds(*i))
            {
                for k in 0..K {
                    let now = simd.sub_f64s(boundary, row[l + k]);
                    let before = if shifted {
                        now
                    } else {
                        simd.sub_f64s(boundary, previous[l + k])
                    };
                    let least = simd.mul_f64s(sure, variance[l + k]);
                    let far = simd.less_than_or_equal_f64s(least, simd.mul_f64s(now, before));
                    quiet[k] = simd.and_m64s(quiet[k], far);
                }
            }
        }
        for (k, quiet) in quiet.iter().enumerate() {
            if simd.first_true_m64s(simd.not_m64s(*quiet)) < width::<S>() {
                let first = (l + k) * width::<S>();
                self.suspects.extend(first..first + width::<S>());
            }
        }
    }
}

/// Lanes in a register.
const fn width<S: Simd>() -> usize {
    size_of::<S::f64s>() / size_of::<f64>()
}

/// (b − x)(b − y)/v from which on a crossing between x and y is ruled out.
const SURE: f64 = 20.0;

impl Watch {
    /// Whether the particle lies within [`SHIFT`] standard deviations of its step's noise before the boundary.
    fn close(self, block: &Block, work: &Workspace, lane: usize) -> bool {
        let (sign, boundary) = self.exit.upwards();
        let lanes = block.lanes;
        let mut rows = (0..block.theta.len() / lanes).filter(|i| self.minds(*i));
        rows.any(|i| {
            let at = i * lanes + lane;
            sign * block.theta[at] > boundary - SHIFT * work.variance[at].sqrt()
        })
    }

    /// The Brownian-bridge test: given both ends inside, the path crossed b with probability
    /// exp(−2(b − x)(b − y)/v), v the variance of the step's noise.
    fn crossed(self, block: &Block, work: &Workspace, stream: &Stream, lane: usize) -> bool {
        let (sign, boundary) = self.exit.upwards();
        let lanes = block.lanes;
        let mut rows = (0..block.theta.len() / lanes).filter(|i| self.minds(*i));
        rows.any(|i| {
            let at = i * lanes + lane;
            let now = boundary - sign * block.theta[at];
            let product = now * (boundary - sign * work.previous[at]);
            let v = work.variance[at];
            if product >= SURE * v || v == 0.0 {
                return false;
            }
            let (particle, step) = (block.particle[lane], block.step[lane]);
            let u = stream.uniform(Purpose::Bridge, particle, step, i as u64);
            u <= (-2.0 * product / v).exp()
        })
    }
}
