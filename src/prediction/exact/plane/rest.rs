//! Where the drift comes to rest, and how far noise spreads about it.

use nalgebra::{Matrix3, Vector3};

use super::{Plane, Point};

/// Steps of the flow, each a part of the fastest time of the drift there.
const MOST_STEPS: usize = 20_000;
const PART: f64 = 0.2;
/// A part of the size of the drift at the start, at which it is at rest.
const AT_REST: f64 = 1e-6;

impl Plane<'_> {
    /// The place where the drift leads from the start, and the standard deviations about it of the linear process there; `None` where it leads to
    /// no such place.
    pub(super) fn rest(&self) -> Option<(Point, Point)> {
        let drift = |x: Point| (self.at)(x).0;
        let mut x = self.start;
        let size = |b: Point| b[0].abs().max(b[1].abs());
        let first = size(drift(x));
        for _ in 0..MOST_STEPS {
            let b = drift(x);
            if !(b[0].is_finite() && b[1].is_finite()) {
                return None;
            }
            if size(b) <= AT_REST * first {
                break;
            }
            let fastest = self
                .jacobian(x)
                .iter()
                .flatten()
                .fold(0.0f64, |a, j| a.max(j.abs()));
            let step = PART / fastest.max(1e-300);
            // Heun's step.
            let ahead = [0, 1].map(|i| x[i] + step * b[i]);
            let then = drift(ahead);
            x = [0, 1].map(|i| x[i] + 0.5 * step * (b[i] + then[i]));
        }
        let (j, d) = (self.jacobian(x), (self.at)(x).1);
        // JΣ + ΣJᵀ + 2D = 0.
        let system = Matrix3::new(
            2.0 * j[0][0],
            2.0 * j[0][1],
            0.0,
            j[1][0],
            j[0][0] + j[1][1],
            j[0][1],
            0.0,
            2.0 * j[1][0],
            2.0 * j[1][1],
        );
        let found = system
            .lu()
            .solve(&Vector3::new(-2.0 * d[0], -2.0 * d[1], -2.0 * d[2]))?;
        let stable = j[0][0] + j[1][1] < 0.0 && j[0][0] * j[1][1] > j[0][1] * j[1][0];
        let spread = [found[0], found[2]];
        let known = stable && spread.iter().all(|v| *v > 0.0 && v.is_finite());
        known.then(|| (x, spread.map(f64::sqrt)))
    }

    fn jacobian(&self, x: Point) -> [[f64; 2]; 2] {
        let mut all = [[0.0; 2]; 2];
        for k in 0..2 {
            let h = 1e-5 * (1.0 + x[k].abs());
            let moved = |by: f64| {
                let mut y = x;
                y[k] += by;
                (self.at)(y).0
            };
            let (after, before) = (moved(h), moved(-h));
            for i in 0..2 {
                all[i][k] = (after[i] - before[i]) / (2.0 * h);
            }
        }
        all
    }
}
