//! Minima and saddles of a formula, found numerically.

use nalgebra::{DMatrix, DVector};

use super::super::line::{curvature_at, slope_at};
use super::super::{CriticalPoint, Kind, Landscape};
use super::Expression;

/// Intervals of the line that are looked at, one by one, for a change of sign; two changes within one of
/// them are missed.
const INTERVALS: usize = 8000;

/// The minima, deepest first, and the saddles, lowest first.
pub fn points(surface: &Expression) -> Vec<CriticalPoint> {
    let mut found = if surface.variables == 1 {
        on_the_line(surface)
    } else {
        in_the_box(surface)
    };
    found.retain(|point| point.value.is_finite());
    found.sort_by(|a, b| {
        let rank = |p: &CriticalPoint| p.kind == Kind::Saddle;
        rank(a).cmp(&rank(b)).then(a.value.total_cmp(&b.value))
    });
    found
}

/// Where f changes sign in |x| ≤ `reach`, to neighbouring doubles; true where it rises.
fn crossings(f: &dyn Fn(f64) -> f64, reach: f64) -> Vec<(f64, bool)> {
    let grid = |i: usize| reach * (2.0 * i as f64 / INTERVALS as f64 - 1.0);
    let mut found = Vec::new();
    // The last point at which f was not 0, and f there: a root on the grid lies between two such points.
    let mut last: Option<(f64, f64)> = None;
    for i in 0..=INTERVALS {
        let (x, y) = (grid(i), f(grid(i)));
        if !y.is_finite() {
            last = None;
        } else if y != 0.0 {
            if let Some((before, sign)) = last
                && (sign > 0.0) != (y > 0.0)
            {
                found.push((bisect(f, before, x), y > 0.0));
            }
            last = Some((x, y));
        }
    }
    found
}

/// The root of f between a and b, where f has different signs.
fn bisect(f: &dyn Fn(f64) -> f64, mut a: f64, mut b: f64) -> f64 {
    let left = f(a) > 0.0;
    for n in 0..200 {
        // A root at 0 itself is not approached for ever.
        let across = n == 0 && a < 0.0 && b > 0.0;
        let middle = if across { 0.0 } else { 0.5 * (a + b) };
        let y = f(middle);
        if y == 0.0 {
            return middle;
        }
        if middle <= a || middle >= b {
            break;
        }
        if (y > 0.0) == left {
            a = middle;
        } else {
            b = middle;
        }
    }
    let middle = 0.5 * (a + b);
    let smallest = [a, middle, b].map(|x| (f(x).abs(), x));
    let best = smallest.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or(middle, |(_, x)| x)
}

/// As for the built-in separable surfaces: all coordinates sit in the deepest minimum but the first.
fn on_the_line(surface: &Expression) -> Vec<CriticalPoint> {
    let slope = |x: f64| slope_at(surface, x);
    let found = crossings(&slope, surface.search);
    // Where the slope jumps, as at the tip of |x|, it has no root.
    let rests = |x: f64| {
        let bend = curvature_at(surface, x);
        slope(x).abs() <= 1e-9 * (1.0 + bend.abs()) * (1.0 + x.abs())
    };
    let height = |x: f64| surface.value(&[x]);
    let found: Vec<(f64, bool)> = found.into_iter().filter(|(x, _)| rests(*x)).collect();
    let minima = found.iter().filter(|(_, rises)| *rises).map(|(x, _)| *x);
    let Some(deepest) = minima.min_by(|a, b| height(*a).total_cmp(&height(*b))) else {
        return Vec::new();
    };
    found
        .into_iter()
        .map(|(x, rises)| {
            let mut theta = vec![deepest; surface.dim];
            theta[0] = x;
            let value = surface.value(&theta);
            let kind = if rises { Kind::Minimum } else { Kind::Saddle };
            CriticalPoint { kind, theta, value }
        })
        .collect()
}

/// Steps of one search.
const MOST_STEPS: usize = 400;
/// Two points closer than this part of the box are one.
const SAME: f64 = 1e-6;

/// From points spread over the box down to minima, and from those and the minima's surroundings up to
/// saddles by following the softest mode (Cerjan and Miller, J. Chem. Phys. 75 (1981) 2800). What no start
/// leads to is missed.
fn in_the_box(surface: &Expression) -> Vec<CriticalPoint> {
    let (d, reach) = (surface.variables, surface.search);
    let starts = (64 + 16 * d).min(400);
    let mut found: Vec<CriticalPoint> = Vec::new();
    let spread = spread(starts, d, reach);
    for start in &spread {
        if let Some(theta) = climb(surface, start.clone(), Kind::Minimum) {
            keep(surface, &mut found, theta, Kind::Minimum);
        }
    }
    let minima: Vec<DVector<f64>> = found
        .iter()
        .map(|point| DVector::from_column_slice(&point.theta))
        .collect();
    let around = minima.iter().flat_map(|m| {
        let step = 0.01 * reach;
        (0..2 * d).map(move |i| {
            let mut near = m.clone();
            near[i / 2] += if i % 2 == 0 { step } else { -step };
            near
        })
    });
    // Between every two minima, where there are few.
    let halfway = minima.iter().take(8).enumerate().flat_map(|(i, a)| {
        let others = minima[..i].iter();
        others.map(move |b| (a + b) * 0.5)
    });
    for start in spread.iter().cloned().chain(around).chain(halfway) {
        if let Some(theta) = climb(surface, start, Kind::Saddle) {
            keep(surface, &mut found, theta, Kind::Saddle);
        }
    }
    found
}

/// Points that fill the box evenly: the additive recurrence on the generalised golden ratio, the root of
/// φ^{d+1} = φ + 1.
fn spread(count: usize, d: usize, reach: f64) -> Vec<DVector<f64>> {
    let mut ratio = 1.5f64;
    for _ in 0..60 {
        ratio = (1.0 + ratio).powf(1.0 / (d as f64 + 1.0));
    }
    (0..count)
        .map(|n| {
            DVector::from_fn(d, |i, _| {
                let phase = 0.5 + (n as f64 + 1.0) * ratio.powi(-(i as i32 + 1));
                reach * (2.0 * phase.fract() - 1.0)
            })
        })
        .collect()
}

/// Newton's step in the eigenvectors of the Hessian, downhill in all of them but for the softest one of a
/// saddle search, which it takes uphill; short enough to stay near. `None` where it does not settle inside
/// the box at a point with the right signature.
fn climb(surface: &Expression, mut theta: DVector<f64>, kind: Kind) -> Option<DVector<f64>> {
    let reach = surface.search;
    let longest = 0.05 * reach;
    let upward = usize::from(kind == Kind::Saddle);
    let mut last = f64::INFINITY;
    for _ in 0..MOST_STEPS {
        let gradient = DVector::from_vec(surface.gradient.at(theta.as_slice()));
        let hessian = surface.bend(theta.as_slice());
        if !gradient.iter().chain(hessian.iter()).all(|x| x.is_finite()) {
            return None;
        }
        let (values, vectors) = ascending(hessian);
        let scale = values.amax().max(f64::MIN_POSITIVE);
        let mut step = DVector::zeros(theta.len());
        for (n, value) in values.iter().enumerate() {
            let mode = vectors.column(n);
            let along = mode.dot(&gradient) / value.abs().max(1e-12 * scale);
            step += mode * if n < upward { along } else { -along };
        }
        let length = step.norm();
        if !length.is_finite() {
            return None;
        }
        let negative = values.iter().filter(|l| **l < 0.0).count();
        let flat = values.iter().any(|l| l.abs() <= 1e-9 * scale);
        // Near the end each step is the square of the last, until rounding in ∇L takes over.
        if length <= 1e-9 * (1.0 + theta.norm()) && length >= last {
            return (negative == upward && !flat).then_some(theta);
        }
        last = length;
        theta += if length > longest {
            step * (longest / length)
        } else {
            step
        };
        if theta.amax() > reach {
            return None;
        }
    }
    None
}

/// Eigenvalues in ascending order, with their eigenvectors.
fn ascending(matrix: DMatrix<f64>) -> (DVector<f64>, DMatrix<f64>) {
    let eigen = matrix.symmetric_eigen();
    let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*a].total_cmp(&eigen.eigenvalues[*b]));
    let values = DVector::from_iterator(order.len(), order.iter().map(|i| eigen.eigenvalues[*i]));
    (values, eigen.eigenvectors.select_columns(&order))
}

fn keep(surface: &Expression, found: &mut Vec<CriticalPoint>, theta: DVector<f64>, kind: Kind) {
    let near = SAME * surface.search;
    let known = |point: &CriticalPoint| {
        let apart = point
            .theta
            .iter()
            .zip(theta.iter())
            .map(|(a, b)| (a - b).abs());
        apart.fold(0.0, f64::max) < near
    };
    if !found.iter().any(known) {
        let value = surface.value(theta.as_slice());
        let theta = theta.as_slice().to_vec();
        found.push(CriticalPoint { kind, theta, value });
    }
}
