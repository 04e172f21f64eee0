//! Part of a formula close to a point where it reads 0/0, by its series.

use super::super::structure::Structure;
use super::scan::Scan;
use super::series::Series;

/// Where the series is taken in place of the formula, and the series.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    center: f64,
    radius: f64,
    /// Taylor coefficients below the point and above it.
    sides: [Vec<f64>; 2],
}

/// Formulas are looked over for 0/0 within this of 0, and close by where they have too many such points.
const WIDE: f64 = 1e3;

/// Series and formula agree to this …
const SAME: f64 = 1e-11;
/// … at places no nearer than this, where the formula is good to that; looked at in so many halvings of the radius.
const CLOSE: f64 = 2e-3;
const NEARER: i32 = 12;

/// The structure as far out as it can be told.
pub fn widely(scan: &Scan, search: f64) -> Structure {
    let wide = scan.structure(-WIDE.max(search), WIDE.max(search));
    match wide.unresolved {
        None => wide,
        Some(_) => scan.structure(-search, search),
    }
}

impl Patch {
    /// The patches of part of a formula; `search` is how far from 0 its surface is of interest.
    pub fn all(part: &Scan, search: f64) -> Vec<Self> {
        let found = widely(part, search);
        let others = [found.kinks.as_slice(), &found.poles].concat();
        let of = |x: &f64| {
            let [left, right] = part.sides(*x);
            let sides = [left?, right?].map(|side| Series::coefficients(&side));
            let nearest = others
                .iter()
                .chain(&found.removable)
                .map(|y| (y - x).abs())
                .filter(|gap| *gap > 0.0)
                .fold(1.0, f64::min);
            let radius = sides.iter().map(|c| reach(c)).fold(0.4 * nearest, f64::min);
            let mut patch = Self {
                center: *x,
                radius,
                sides,
            };
            patch.shrink(part, &found.cells);
            Some(patch)
        };
        found.removable.iter().filter_map(of).collect()
    }

    /// Makes it end before the part is something else: what is narrow and elsewhere has no part in the series.
    fn shrink(&mut self, part: &Scan, cells: &[f64]) {
        let middles = cells.windows(2).map(|pair| 0.5 * (pair[0] + pair[1]));
        let around = (0..NEARER).flat_map(|k| {
            let t = 0.99 * self.radius * 0.5f64.powi(k);
            [self.center - t, self.center + t]
        });
        let around: Vec<f64> = around.collect();
        for x in middles.chain(cells.iter().copied()).chain(around) {
            let apart = (x - self.center).abs();
            if 0.0 < apart && apart < self.radius {
                let [value, ..] = self.at(x);
                let gap = (value - part.value(x)).abs();
                // Closer by, the formula itself has lost digits.
                let lost = (CLOSE / apart).max(1.0).powi(4);
                if gap.is_nan() && apart > CLOSE || gap > SAME * lost * (1.0 + value.abs()) {
                    self.radius = 0.9 * apart;
                }
            }
        }
    }

    /// Whether the series stands for the formula at x.
    #[inline(always)]
    pub fn covers(&self, x: f64) -> bool {
        (x - self.center).abs() < self.radius
    }

    /// L, L′ and L″; where the two sides have different ones, half of both.
    pub fn at(&self, x: f64) -> [f64; 3] {
        let t = x - self.center;
        let [left, right] = self.sides.each_ref().map(|c| expanded(c, t));
        if t < 0.0 {
            left
        } else if t > 0.0 {
            right
        } else {
            std::array::from_fn(|k| 0.5 * (left[k] + right[k]))
        }
    }
}

/// How far the series, cut where it is, gives L″ to rounding.
fn reach(c: &[f64]) -> f64 {
    let size = c.iter().take(4).fold(0.0f64, |m, c| m.max(c.abs()));
    let last = c.iter().enumerate().skip(c.len().saturating_sub(5));
    last.filter(|(k, c)| *k > 2 && **c != 0.0)
        .map(|(k, c)| (1e-16 * size / (c.abs() * (k * k) as f64)).powf(1.0 / (k as f64 - 2.0)))
        .fold(1.0, f64::min)
}

fn expanded(c: &[f64], t: f64) -> [f64; 3] {
    let mut sum = [0.0; 3];
    for &c in c.iter().rev() {
        sum[2] = sum[2] * t + 2.0 * sum[1];
        sum[1] = sum[1] * t + sum[0];
        sum[0] = sum[0] * t + c;
    }
    sum
}
