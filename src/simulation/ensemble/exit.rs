//! Has a lane's particle left? At the grid point, or between grid points by the Brownian bridge.

use pulp::{Arch, Simd, WithSimd};
use serde::Serialize;

use super::{Block, Process, Workspace};
use crate::float::Float;
use crate::random::{Purpose, Stream};
use crate::vector::Vector;

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
    pub(super) fn look<F: Vector>(
        self,
        process: &dyn Process<F>,
        block: &Block<F>,
        work: &Workspace<F>,
        stream: &Stream,
        suspects: &mut Vec<usize>,
        found: &mut Vec<(usize, Seen)>,
    ) {
        suspects.clear();
        let (sign, boundary) = self.exit.upwards();
        let (sign, boundary) = (F::of(sign), F::of(boundary));
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
            if !path.all(|x| *x <= F::DIVERGED && -*x <= F::DIVERGED) {
                found.push((lane, Seen::Diverged));
            } else if minded.any(|(_, x)| sign * *x > boundary)
                || match process.crossing() {
                    Crossing::AtGrid => false,
                    Crossing::Bridge => self.crossed(block, work, stream, lane),
                    Crossing::Shifted => self.close(block, work, lane),
                }
            {
                found.push((lane, Seen::Out));
            }
        }
        // The observer's own rule, for the lanes that nothing else has ended.
        suspects.clear();
        process.ended(block, suspects);
        for &lane in suspects.iter().filter(|&&lane| block.live[lane]) {
            if !found.iter().any(|(known, _)| *known == lane) {
                found.push((lane, Seen::Out));
            }
        }
    }
}

/// Collects the lanes that may have ended: all that did, and some of those beside them.
struct Scan<'a, F> {
    watch: Watch,
    lanes: usize,
    theta: &'a [F],
    between: Option<(&'a Workspace<F>, Crossing)>,
    suspects: &'a mut Vec<usize>,
}

impl<F: Vector> WithSimd for Scan<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.watch.exit {
            Exit::Above(boundary) => self.registers::<S, true>(simd, F::of(boundary)),
            Exit::Below(boundary) => self.registers::<S, false>(simd, F::of(boundary)),
        }
    }
}

impl<F: Vector> Scan<'_, F> {
    #[inline(always)]
    fn registers<S: Simd, const ABOVE: bool>(mut self, simd: S, boundary: F) {
        const TOGETHER: usize = 4;
        let stride = self.lanes / F::width::<S>();
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
        boundary: F,
        l: usize,
    ) {
        let (stride, theta) = (self.lanes / F::width::<S>(), F::registers::<S>(self.theta));
        let boundary = F::splat(simd, boundary);
        let zero = F::splat(simd, F::default());
        let (mut furthest, mut size) = ([boundary; K], [zero; K]);
        for (i, row) in theta.chunks_exact(stride).enumerate() {
            let minded = self.watch.minds(i);
            for (k, x) in row[l..l + K].iter().enumerate() {
                size[k] = F::fused(simd, *x, *x, size[k]);
                if minded {
                    furthest[k] = if ABOVE {
                        F::larger(simd, furthest[k], *x)
                    } else {
                        F::smaller(simd, furthest[k], *x)
                    };
                }
            }
        }
        // A sum of squares is not finite, or large, as soon as one of its terms is.
        let tame = F::splat(simd, F::of(0.5) * F::DIVERGED * F::DIVERGED);
        let mut quiet = [F::equal(simd, zero, zero); K];
        for k in 0..K {
            let inside = F::equal(simd, furthest[k], boundary);
            let finite = F::at_most(simd, size[k], tame);
            quiet[k] = F::both(simd, inside, finite);
        }
        if let Some((work, crossing)) = self.between {
            // No crossing between the grid points, but for a chance below 4e-18; or not within the shift.
            let shifted = crossing == Crossing::Shifted;
            let sure = F::splat(simd, F::of(if shifted { SHIFT * SHIFT } else { SURE }));
            let previous = F::registers::<S>(&work.previous).chunks_exact(stride);
            let variance = F::registers::<S>(&work.variance).chunks_exact(stride);
            let rows = theta.chunks_exact(stride).zip(previous).zip(variance);
            for (_, ((row, previous), variance)) in
                rows.enumerate().filter(|(i, _)| self.watch.minds(*i))
            {
                for k in 0..K {
                    let now = F::difference(simd, boundary, row[l + k]);
                    let before = if shifted {
                        now
                    } else {
                        F::difference(simd, boundary, previous[l + k])
                    };
                    let least = F::product(simd, sure, variance[l + k]);
                    let far = F::at_most(simd, least, F::product(simd, now, before));
                    quiet[k] = F::both(simd, quiet[k], far);
                }
            }
        }
        for (k, quiet) in quiet.iter().enumerate() {
            if !F::everywhere(simd, *quiet) {
                let first = (l + k) * F::width::<S>();
                self.suspects.extend(first..first + F::width::<S>());
            }
        }
    }
}

/// (b − x)(b − y)/v from which on a crossing between x and y is ruled out.
const SURE: f64 = 20.0;

impl Watch {
    /// Whether the particle lies within [`SHIFT`] standard deviations of its step's noise before the boundary.
    fn close<F: Float>(self, block: &Block<F>, work: &Workspace<F>, lane: usize) -> bool {
        let (sign, boundary) = self.exit.upwards();
        let lanes = block.lanes;
        let mut rows = (0..block.theta.len() / lanes).filter(|i| self.minds(*i));
        rows.any(|i| {
            let at = i * lanes + lane;
            sign * block.theta[at].wide() > boundary - SHIFT * work.variance[at].wide().sqrt()
        })
    }

    /// The Brownian-bridge test: given both ends inside, the path crossed b with probability
    /// exp(−2(b − x)(b − y)/v), v the variance of the step's noise.
    fn crossed<F: Float>(
        self,
        block: &Block<F>,
        work: &Workspace<F>,
        stream: &Stream,
        lane: usize,
    ) -> bool {
        let (sign, boundary) = self.exit.upwards();
        let lanes = block.lanes;
        let mut rows = (0..block.theta.len() / lanes).filter(|i| self.minds(*i));
        rows.any(|i| {
            let at = i * lanes + lane;
            let now = boundary - sign * block.theta[at].wide();
            let product = now * (boundary - sign * work.previous[at].wide());
            let v = work.variance[at].wide();
            if product >= SURE * v || v == 0.0 {
                return false;
            }
            let (particle, step) = (block.particle[lane], block.step[lane]);
            let u = stream.uniform(Purpose::Bridge, particle, step, i as u64);
            u <= (-2.0 * product / v).exp()
        })
    }
}
