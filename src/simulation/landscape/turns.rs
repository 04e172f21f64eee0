//! Where a surface of one coordinate turns from falling to rising, or back.

use super::line::{curvature_at, slope_at};
use super::{Kind, Landscape};

/// A change of sign of L′.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// Where.
    pub x: f64,
    /// What L does there.
    pub shape: Shape,
}

/// How L turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// L′ = 0.
    Smooth(Kind),
    /// L is continuous and L′ jumps, as at the tip of |x|: there is no L″.
    Kink(Kind),
    /// L itself jumps or has no bound.
    Break,
}

impl Turn {
    /// Minimum or maximum; neither where L breaks off.
    pub fn kind(&self) -> Option<Kind> {
        match self.shape {
            Shape::Smooth(kind) | Shape::Kink(kind) => Some(kind),
            Shape::Break => None,
        }
    }
}

/// Looks within a cell of the surface's structure.
const LOOKS: usize = 8;

/// The turns of L in [`low`, `high`], upwards, each to neighbouring doubles. The line is looked at in `intervals`
/// steps, within every cell of its structure, and on either side of its kinks, its poles and what is `known` of it
/// (minima, saddles); two turns that none of these separates are missed.
pub fn turns(
    line: &dyn Landscape,
    low: f64,
    high: f64,
    intervals: usize,
    known: &[f64],
) -> Vec<Turn> {
    let structure = line.structure(low, high);
    let within = |x: &f64| (low..=high).contains(x);
    let known: Vec<f64> = known
        .iter()
        .chain(&structure.kinks)
        .chain(&structure.removable)
        .copied()
        .filter(within)
        .collect();
    let poles: Vec<f64> = structure.poles.iter().copied().filter(within).collect();
    let spacing = (high - low) / intervals as f64;
    let aside = 1e-6 * spacing;
    let even = |a: f64, b: f64, n: usize| (0..=n).map(move |i| a + (b - a) * i as f64 / n as f64);
    let mut nodes: Vec<f64> = even(low, high, intervals).collect();
    let cells = structure.cells.windows(2);
    nodes.extend(cells.flat_map(|cell| even(cell[0], cell[1], LOOKS)));
    nodes.extend(
        known
            .iter()
            .chain(&poles)
            .flat_map(|x| [x - aside, x + aside]),
    );
    nodes.retain(within);
    nodes.sort_by(f64::total_cmp);
    nodes.dedup();
    let mut slopes = vec![0.0; nodes.len()];
    line.gradient(&nodes, nodes.len(), &mut slopes);
    let mut found: Vec<Turn> = poles
        .iter()
        .map(|x| Turn {
            x: *x,
            shape: Shape::Break,
        })
        .collect();
    let parted = |a: f64, b: f64| poles.iter().any(|pole| a <= *pole && *pole <= b);
    // The last node with a slope that is not 0: a root on a node lies between two such nodes.
    let mut last: Option<(f64, f64)> = None;
    for (&x, &y) in nodes.iter().zip(&slopes) {
        if y.is_nan() {
            // At a cusp L goes on without a slope.
            if !line.value(&[x]).is_finite() {
                last = None;
            }
        } else if y != 0.0 {
            if let Some((before, sign)) = last
                && (sign > 0.0) != (y > 0.0)
                && !parted(before, x)
            {
                let listed = known.iter().find(|k| before <= **k && **k <= x);
                let at = bisect(line, before, x);
                // What is known is known better than a root between rounded slopes.
                let rounding = 64.0 * f64::EPSILON * at.abs();
                let near = |k: &&f64| (**k - at).abs() <= aside.max(rounding);
                let at = listed.filter(near).copied().unwrap_or(at);
                let kind = if y > 0.0 { Kind::Minimum } else { Kind::Saddle };
                found.push(Turn {
                    x: at,
                    shape: shape(line, at, spacing, kind),
                });
            }
            last = Some((x, y));
        }
    }
    found.sort_by(|a, b| a.x.total_cmp(&b.x));
    found
}

/// The root of L′ between a and b, where L′ has different signs.
fn bisect(line: &dyn Landscape, mut a: f64, mut b: f64) -> f64 {
    let slope = |x: f64| slope_at(line, x);
    let left = slope(a) > 0.0;
    for _ in 0..200 {
        // Halving alone would take a thousand steps to 0.
        let middle = if a < 0.0 && b > 0.0 {
            0.0
        } else {
            0.5 * (a + b)
        };
        let y = slope(middle);
        if y == 0.0 || middle <= a || middle >= b {
            break;
        }
        if (y > 0.0) == left {
            a = middle;
        } else {
            b = middle;
        }
    }
    let middle = if a < 0.0 && b > 0.0 {
        0.0
    } else {
        0.5 * (a + b)
    };
    let smallest = [a, middle, b].map(|x| (slope(x).abs(), x));
    let best = smallest.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or(middle, |(_, x)| x)
}

/// How L turns at x, a change of sign of L′.
fn shape(line: &dyn Landscape, x: f64, spacing: f64, kind: Kind) -> Shape {
    let bend = curvature_at(line, x).abs();
    // A root is known to a few ε of x, which the curvature turns into slope.
    let rounding = 1e-9 * (1.0 + bend) * (1.0 + x.abs());
    // A jump of L′ is as large over a thousandth of a distance, and L′ may be called 0 in the middle of it.
    let change = |part: f64| {
        let aside = part * spacing;
        (slope_at(line, x + aside) - slope_at(line, x - aside)).abs()
    };
    let (near, far) = (change(1e-6), change(1e-3));
    let jumps = near > rounding && near >= 0.5 * far;
    if slope_at(line, x).abs() <= rounding && !jumps {
        return Shape::Smooth(kind);
    }
    // Of a continuous L the change over a thousandth of a distance is less than that over all of it.
    let at = line.value(&[x]);
    let rounding = 16.0 * f64::EPSILON * (1.0 + at.abs());
    let continuous = [1.0, -1.0].iter().all(|side| {
        let change = |part: f64| (line.value(&[x + side * part * spacing]) - at).abs();
        change(1e-6) <= 0.5 * change(1e-3) + rounding
    });
    if at.is_finite() && continuous {
        Shape::Kink(kind)
    } else {
        Shape::Break
    }
}
