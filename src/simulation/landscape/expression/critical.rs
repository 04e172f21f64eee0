//! Minima and saddles of a formula, found numerically.

use nalgebra::DVector;

use super::super::turns::{Shape, turns};
use super::super::way::descent::{Budget, End, ascending, descend};
use super::super::{CriticalPoint, Kind, Landscape};

/// Steps in which the line is looked at.
const INTERVALS: usize = 8000;

/// What was found, and what may have been missed.
#[derive(Clone, Debug)]
pub struct Found {
    /// The minima, deepest first, and the saddles, lowest first.
    pub points: Vec<CriticalPoint>,
    /// How far a search came that was cut short.
    pub short: Option<String>,
}

/// Where critical points are sought.
struct Searched<'a> {
    landscape: &'a dyn Landscape,
    /// |θᵢ| ≤ this.
    reach: f64,
    /// What a look costs, in looks at a formula.
    cost: f64,
}

/// The minima and saddles of a landscape within the box |θᵢ| ≤ `reach`; on a line, where `variables` is 1, those of a coordinate, which
/// every coordinate has. A look costs `cost` times one at a formula.
pub fn find(landscape: &dyn Landscape, variables: usize, reach: f64, cost: f64) -> Found {
    let searched = &Searched {
        landscape,
        reach,
        cost,
    };
    let mut found = if variables == 1 {
        Found {
            points: on_the_line(searched),
            short: None,
        }
    } else {
        in_the_box(searched)
    };
    found.points.retain(|point| point.value.is_finite());
    found.points.sort_by(|a, b| {
        let rank = |p: &CriticalPoint| p.kind == Kind::Saddle;
        rank(a).cmp(&rank(b)).then(a.value.total_cmp(&b.value))
    });
    found
}

/// As for the built-in separable surfaces: all coordinates sit in the deepest minimum but the first.
fn on_the_line(searched: &Searched<'_>) -> Vec<CriticalPoint> {
    let (surface, reach) = (searched.landscape, searched.reach);
    let intervals = (INTERVALS as f64 / searched.cost).max(200.0) as usize;
    let mut found = turns(surface, -reach, reach, intervals, &[]);
    found.retain(|turn| turn.shape != Shape::Break);
    let height = |x: f64| surface.value(&[x]);
    let minima = found.iter().filter(|t| t.kind() == Some(Kind::Minimum));
    let deepest = minima.map(|turn| turn.x);
    let Some(deepest) = deepest.min_by(|a, b| height(*a).total_cmp(&height(*b))) else {
        return Vec::new();
    };
    let point = |turn: &super::super::turns::Turn| {
        let mut theta = vec![deepest; surface.dim()];
        theta[0] = turn.x;
        let value = surface.value(&theta);
        let kind = turn.kind()?;
        Some(CriticalPoint { kind, theta, value })
    };
    found.iter().filter_map(point).collect()
}

/// Multiplications that the search may take: seconds.
const COST: f64 = 4e9;
/// Steps of one search for a saddle.
const MOST_STEPS: usize = 400;
/// Two points closer than this part of the box are one.
const SAME: f64 = 1e-6;

/// From points spread over the box down to minima, and from those and the minima's surroundings up to
/// saddles by following the softest mode (Cerjan and Miller, J. Chem. Phys. 75 (1981) 2800). What no start
/// leads to is missed.
fn in_the_box(searched: &Searched<'_>) -> Found {
    let (surface, reach) = (searched.landscape, searched.reach);
    let d = surface.dim();
    let starts = (64 + 16 * d).min(400);
    let mut points: Vec<CriticalPoint> = Vec::new();
    let spread = spread(starts, d, reach);
    // Half of the cost is for either kind.
    let mut budget = Budget::new(0.5 * COST / searched.cost);
    let beyond = |theta: &[f64]| theta.iter().any(|x| x.abs() > reach);
    let mut from = 0;
    let mut along_a_valley = false;
    for start in &spread {
        if let End::Minimum(theta) = descend(surface, start.as_slice(), &beyond, &mut budget) {
            let alone = is_alone(searched, &theta, &mut budget);
            // A manifold of minima is represented by one of its points.
            if alone || !along_a_valley {
                keep(
                    searched,
                    &mut points,
                    DVector::from_vec(theta),
                    Kind::Minimum,
                );
            }
            along_a_valley |= !alone;
        }
        if budget.is_used_up() {
            break;
        }
        from += 1;
    }
    let minima: Vec<DVector<f64>> = points
        .iter()
        .map(|point| DVector::from_column_slice(&point.theta))
        .collect();
    // Between every two minima, where there are few.
    let halfway = minima.iter().take(8).enumerate().flat_map(|(i, a)| {
        let others = minima[..i].iter();
        others.map(move |b| (a + b) * 0.5)
    });
    let around = minima.iter().flat_map(|m| {
        let step = 0.01 * reach;
        (0..2 * d).map(move |i| {
            let mut near = m.clone();
            near[i / 2] += if i % 2 == 0 { step } else { -step };
            near
        })
    });
    let all: Vec<DVector<f64>> = halfway
        .chain(around)
        .chain(spread.iter().cloned())
        .collect();
    let mut budget = Budget::new(0.5 * COST / searched.cost);
    let mut up = 0;
    for start in &all {
        if let Some(theta) = climb(searched, start.clone(), &mut budget) {
            keep(searched, &mut points, theta, Kind::Saddle);
        }
        if budget.is_used_up() {
            break;
        }
        up += 1;
    }
    let whole = from == starts && up == all.len();
    let short = format!(
        "in {d} variables the search is cut short after {COST:.0e} multiplications: minima were sought from {from} of {starts} points of the box |θᵢ| ≤ {reach}, saddles from {up} of {}; there may be others",
        all.len()
    );
    Found {
        points,
        short: (!whole).then_some(short),
    }
}

/// Whether a minimum is no point of a manifold of them: pushed along its softest mode, where that is flat, it comes back.
fn is_alone(searched: &Searched<'_>, theta: &[f64], budget: &mut Budget) -> bool {
    let surface = searched.landscape;
    let (values, vectors) = ascending(surface.hessian(theta));
    if values[0] > 1e-9 * values.amax() {
        return true;
    }
    let aside = 0.01 * searched.reach;
    let at = DVector::from_column_slice(theta);
    let pushed = &at + vectors.column(0) * aside;
    match descend(surface, pushed.as_slice(), &|_| false, budget) {
        End::Minimum(back) => (DVector::from_vec(back) - at).amax() < 0.1 * aside,
        _ => false,
    }
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

/// Newton's step in the eigenvectors of the Hessian, downhill in all of them but for the softest one, which it takes
/// uphill; short enough to stay near. `None` where it does not settle inside the box at a saddle.
fn climb(
    searched: &Searched<'_>,
    mut theta: DVector<f64>,
    budget: &mut Budget,
) -> Option<DVector<f64>> {
    let (surface, reach) = (searched.landscape, searched.reach);
    let longest = 0.05 * reach;
    let mut last = f64::INFINITY;
    for _ in 0..MOST_STEPS {
        if !budget.step(theta.len()) {
            return None;
        }
        let mut gradient = DVector::zeros(theta.len());
        surface.gradient(theta.as_slice(), 1, gradient.as_mut_slice());
        let hessian = surface.hessian(theta.as_slice());
        if !gradient.iter().chain(hessian.iter()).all(|x| x.is_finite()) {
            return None;
        }
        let (values, vectors) = ascending(hessian);
        let scale = values.amax().max(f64::MIN_POSITIVE);
        let mut step = DVector::zeros(theta.len());
        for (n, value) in values.iter().enumerate() {
            let mode = vectors.column(n);
            let along = mode.dot(&gradient) / value.abs().max(1e-12 * scale);
            step += mode * if n == 0 { along } else { -along };
        }
        let length = step.norm();
        if !length.is_finite() {
            return None;
        }
        let negative = values.iter().filter(|l| **l < 0.0).count();
        let flat = values.iter().any(|l| l.abs() <= 1e-9 * scale);
        // Near the end each step is the square of the last, until rounding in ∇L takes over.
        if length <= 1e-9 * (1.0 + theta.norm()) && length >= last {
            return (negative == 1 && !flat).then_some(theta);
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

fn keep(searched: &Searched<'_>, found: &mut Vec<CriticalPoint>, theta: DVector<f64>, kind: Kind) {
    let near = SAME * searched.reach;
    let known = |point: &CriticalPoint| {
        let apart = point
            .theta
            .iter()
            .zip(theta.iter())
            .map(|(a, b)| (a - b).abs());
        apart.fold(0.0, f64::max) < near
    };
    if !found.iter().any(known) {
        let value = searched.landscape.value(theta.as_slice());
        let theta = theta.as_slice().to_vec();
        found.push(CriticalPoint { kind, theta, value });
    }
}
