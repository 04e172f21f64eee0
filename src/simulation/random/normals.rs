//! Standard normals for a block of particles, keyed by (particle, step, coordinate).

use super::box_muller::box_muller;
use super::stream::{Purpose, Stream};
use crate::simulation::vectorised::vectorised;

/// Where a block's lanes stand: lane `l` is particle `particle[l]`, about to take step `step[l]`.
#[derive(Clone, Copy, Debug)]
pub struct Address<'a> {
    /// Particle index of each lane.
    pub particle: &'a [u64],
    /// Steps that each lane's particle has taken.
    pub step: &'a [u64],
}

/// How many steps share a round of draws: Box–Muller makes pairs, so an odd number of normals a
/// step is drawn for two steps at once. All lanes of a block must stand at a multiple of it.
pub fn period(normals_per_step: usize) -> u64 {
    1 + (normals_per_step % 2) as u64
}

/// Fills `out` with the normals of one round: `period · per_step` rows of one value per lane.
///
/// Row `s · per_step + j` holds normal `j` of step `step[l] + s`.
pub fn fill_normals(stream: &Stream, at: Address<'_>, per_step: usize, out: &mut [f64]) {
    vectorised!(|out| fill(stream, at, per_step, out));
}

#[inline(always)]
fn fill(stream: &Stream, at: Address<'_>, per_step: usize, out: &mut [f64]) {
    let lanes = at.particle.len();
    let (particle, step) = (&at.particle[..lanes], &at.step[..lanes]);
    let period = period(per_step);
    for (pair, rows) in out.chunks_exact_mut(2 * lanes).enumerate() {
        let (x, y) = rows.split_at_mut(lanes);
        let (x, y) = (&mut x[..lanes], &mut y[..lanes]);
        for l in 0..lanes {
            let round = step[l] >> (period - 1);
            let (a, b) = stream.bits(Purpose::Process, particle[l], round, pair as u64);
            (x[l], y[l]) = box_muller(a, b);
        }
    }
}
