//! What takes axes away from a formula: mean, max, min, slope, argmin.

use formula::{Kind, Mistake, Node, Tree};

use super::column::{Column, draws};
use super::evaluate::{Evaluation, Stop};
use super::frame::{Axes, Frame};
use super::leaf::hint;

/// What removes axes from a table of readings: how it is written, and what it gives.
pub const REDUCTIONS: &[(&str, &str)] = &[
    ("mean(y, axis, …)", "the mean over the axes that are named"),
    (
        "max(y, axis, …)",
        "the largest over the axes that are named",
    ),
    ("min(y, axis, …)", "the least over the axes that are named"),
    (
        "slope(y, x)",
        "the slope of y against x by least squares, over every axis on which x depends; its interval carries every cell's error and the lack of fit",
    ),
    (
        "argmin(y, axis)",
        "where y is least along an axis: of a cubic in the axis's logarithm through all cells within 20 % of the least",
    ),
];

/// A call that takes axes away.
pub(super) enum Reduction<'t> {
    /// `mean(y, axis…)`, and so max and min; without an axis over all.
    Over(&'t str, &'t Node, Vec<&'t Node>),
    /// `slope(y, x)`.
    Slope(&'t Node, &'t Node),
    /// `argmin(y, axis)`.
    Argmin(&'t Node, &'t Node),
}

/// The reduction that a part of a formula is, if it is one. `max(a, b)` is one where b is an axis.
pub(super) fn reduction<'t>(frame: &Frame<'_>, node: &'t Node) -> Option<Reduction<'t>> {
    let Kind::Call(name, arguments) = &node.kind else {
        return None;
    };
    match (name.as_str(), &arguments[..]) {
        ("slope", [y, x]) => Some(Reduction::Slope(y, x)),
        ("argmin", [y, axis]) => Some(Reduction::Argmin(y, axis)),
        ("mean" | "max" | "min", [y, over @ ..]) => {
            let is_axis = |node: &Node| {
                node.dotted()
                    .is_some_and(|name| frame.table.may_be_axis(&name))
            };
            let all = over.iter().all(is_axis);
            all.then(|| Reduction::Over(name, y, over.iter().collect()))
        }
        _ => None,
    }
}

impl<'t> Reduction<'t> {
    /// What it reduces, at each of its points.
    pub fn arguments(&self) -> Vec<&'t Node> {
        match self {
            Reduction::Over(_, y, _) | Reduction::Argmin(y, _) => vec![y],
            Reduction::Slope(y, x) => vec![y, x],
        }
    }
}

impl Evaluation<'_, '_> {
    /// The axes that a reduction takes away.
    pub(super) fn removed(
        &self,
        tree: &Tree,
        found: &Reduction<'_>,
        scope: &[usize],
    ) -> Result<Axes, Mistake> {
        match found {
            Reduction::Over(_, y, over) if over.is_empty() => self.axes(tree, y, scope),
            Reduction::Over(_, _, over) => {
                let mut removed = Axes::new();
                for node in over {
                    removed.extend(self.frame.in_step(self.axis(tree, node, scope)?));
                }
                Ok(removed)
            }
            Reduction::Slope(_, x) => self.axes(tree, x, scope),
            Reduction::Argmin(_, axis) => Ok(self.frame.in_step(self.axis(tree, axis, scope)?)),
        }
    }

    fn axis(&self, tree: &Tree, node: &Node, scope: &[usize]) -> Result<usize, Mistake> {
        let name = node.dotted().unwrap_or_default();
        let own = |axis: &usize| self.frame.has_axis(scope, *axis);
        let place = self.frame.axes.iter().position(|axis| *axis == name);
        place.filter(own).ok_or_else(|| {
            let there = (0..self.frame.axes.len()).filter(own);
            let what = if name.is_empty() {
                "expected the name of an axis here".to_string()
            } else {
                let known = there.map(|axis| self.frame.axes[axis].as_str());
                format!("no axis `{name}` is left to reduce{}", hint(&name, known))
            };
            tree.mistake(node.at, what)
        })
    }

    pub(super) fn reduced(
        &self,
        tree: &Tree,
        node: &Node,
        found: &Reduction<'_>,
        cell: usize,
        scope: &[usize],
    ) -> Result<Column, Stop> {
        let scope = self.frame.scope(tree, &found.arguments(), scope)?;
        let points = self.points(tree, found, cell, &scope)?;
        let values = |node: &Node| -> Result<Vec<Column>, Stop> {
            let value = |point: &usize| self.value(tree, node, *point, &scope);
            points.iter().map(value).collect()
        };
        match found {
            Reduction::Over(name, y, _) => {
                let y = values(y)?;
                Ok(match *name {
                    "mean" => Column::of(&y, |x| x.iter().sum::<f64>() / x.len() as f64),
                    "max" => Column::greatest(&y, self.confidence),
                    _ => {
                        let negative: Vec<Column> = y.into_iter().map(Column::negative).collect();
                        Column::greatest(&negative, self.confidence).negative()
                    }
                })
            }
            Reduction::Slope(y, x) => {
                if points.len() < 2 {
                    let what =
                        "a slope needs two points at least, and its abscissa takes one value here";
                    return Err(Stop::Few(tree.mistake(node.at, what)));
                }
                self.slope(&points, &values(y)?, &values(x)?)
            }
            Reduction::Argmin(y, axis) => {
                if points.len() < 4 {
                    let what = format!(
                        "argmin fits a cubic, which needs four points at least, and there {} here",
                        if points.len() == 1 {
                            "is one".into()
                        } else {
                            format!("are {}", points.len())
                        }
                    );
                    return Err(Stop::Few(tree.mistake(node.at, what)));
                }
                let mut at = Vec::new();
                for column in values(axis)? {
                    if column.point.is_nan() || column.point <= 0.0 {
                        let what = format!(
                            "argmin takes the logarithm of its axis, which is {} here",
                            column.point
                        );
                        return Err(tree.mistake(axis.at, what).into());
                    }
                    at.push(column.point);
                }
                self.argmin(&at, &values(y)?)
            }
        }
    }

    /// Least squares with equal weights. Where the points lie further from the line than their own errors explain, what
    /// is left adds an error: how far each point lies off the line, times a normal number of that point's own. It is the same number in
    /// every slope over these points, so that what two of them lie off the line alike counts for nothing in their difference.
    fn slope(&self, points: &[usize], y: &[Column], x: &[Column]) -> Result<Column, Stop> {
        let n = y.len();
        let fit = |x: &[f64], y: &[f64]| {
            let mean = |v: &[f64]| v.iter().sum::<f64>() / n as f64;
            let (x_mean, y_mean) = (mean(x), mean(y));
            let sxx: f64 = x.iter().map(|x| (x - x_mean).powi(2)).sum();
            // Not less the mean of y, so that one infinite y makes the slope infinite and not unknown.
            let term = |(x, y): (&f64, &f64)| if *x == x_mean { 0.0 } else { (x - x_mean) * y };
            let slope = x.iter().zip(y).map(term).sum::<f64>() / sxx;
            let off = |(x, y): (&f64, &f64)| y - y_mean - slope * (x - x_mean);
            let off: Vec<f64> = x.iter().zip(y).map(off).collect();
            let way: Vec<f64> = x.iter().map(|x| (x - x_mean) / sxx).collect();
            (slope, off, way)
        };
        let squares = |off: &[f64]| off.iter().map(|x| x * x).sum::<f64>();
        let both: Vec<Column> = x.iter().chain(y).cloned().collect();
        let found = Column::of(&both, |v| fit(&v[..n], &v[n..]).0);
        let Some(numbers) = self.draws else {
            return Ok(found);
        };
        if n == 2 {
            self.note("a line through two points shows no lack of fit".into());
            return Ok(found);
        }
        let middle = |columns: &[Column]| columns.iter().map(|c| c.point).collect::<Vec<f64>>();
        let (x, y_points) = (middle(x), middle(y));
        let (_, off, way) = fit(&x, &y_points);
        let left = squares(&off);
        let drawn = draws(y).map_or(Vec::new(), |n| {
            let mut off = y_points.clone();
            let one = |draw| {
                for ((off, y), point) in off.iter_mut().zip(y).zip(&y_points) {
                    *off = y.at(draw) - point;
                }
                squares(&fit(&x, &off).1)
            };
            (0..n).map(one).collect()
        });
        let less = drawn.iter().filter(|drawn| **drawn < left).count();
        let explained = less as f64 <= (1.0 - CHANCE) * drawn.len() as f64;
        let rounding = f64::EPSILON * squares(&y_points);
        let unknown = left.is_nan() || left <= rounding;
        if unknown || (!drawn.is_empty() && explained) {
            return Ok(found);
        }
        self.note("its points lie further from a line than their errors explain, which widens the interval".into());
        // Errors of measurements count as many times as the residuals are larger; of exact values the residuals alone say how far the
        // slope may be off.
        let variance = if drawn.is_empty() || numbers.exact() {
            left / (n - 2) as f64 * squares(&way)
        } else {
            let expected = drawn.iter().sum::<f64>() / drawn.len() as f64;
            let spread = (0..drawn.len()).map(|k| (found.at(k) - found.point).powi(2));
            (left / expected - 1.0) * spread.sum::<f64>() / drawn.len() as f64
        };
        let mut error = vec![0.0; numbers.count()];
        for ((point, way), off) in points.iter().zip(&way).zip(&off) {
            let own = numbers.of_point(*point);
            let each = error.iter_mut().zip(own.iter());
            each.for_each(|(x, z)| *x += way * off * z);
        }
        let error = numbers.in_order_of(&error, n as u64 - 2);
        let widened = error.iter().enumerate();
        let widened = widened.map(|(k, x)| found.at(k) + variance.sqrt() * x);
        let widened = widened.collect();
        Ok(Column::new(found.point, widened))
    }

    /// Where a cubic in the logarithm of the axis is least.
    fn argmin(&self, at: &[f64], y: &[Column]) -> Result<Column, Stop> {
        if self.draws.is_none() {
            return Ok(Column::constant(f64::NAN));
        }
        let known: Vec<usize> = (0..y.len()).filter(|i| y[*i].point.is_finite()).collect();
        for i in (0..y.len()).filter(|i| !known.contains(i)) {
            self.note(format!(
                "there is no number at {}, which counts as infinite",
                at[i]
            ));
        }
        let mut order: Vec<usize> = (0..at.len()).collect();
        order.sort_by(|a, b| at[*a].total_cmp(&at[*b]));
        let least = known
            .iter()
            .copied()
            .min_by(|a, b| y[*a].point.total_cmp(&y[*b].point));
        let Some(least) = least else {
            return Err(Stop::Open("no point of argmin has a number".into()));
        };
        if order.first() == Some(&least) || order.last() == Some(&least) {
            return Err(Stop::Open(format!(
                "the least of argmin lies at {}, the edge of its grid; widen the grid",
                at[least]
            )));
        }
        let center = at[least].ln();
        let distance = |i: &usize| (at[*i].ln() - center).abs();
        let mut near = known;
        near.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
        let level = y[least].point + 0.2 * y[least].point.abs();
        near.retain(|i| y[*i].point <= level);
        if near.len() < 4 {
            return Err(Stop::Open(format!(
                "only {} points of argmin lie within 20 % of the least, and its cubic needs four; refine the grid about {}",
                near.len(),
                at[least]
            )));
        }
        let scale = near.iter().map(distance).fold(0.0, f64::max);
        let x: Vec<f64> = near
            .iter()
            .map(|i| (at[*i].ln() - center) / scale)
            .collect();
        let weights = cubic(&x).map_err(Stop::Open)?;
        let (low, high) = x
            .iter()
            .fold((0.0f64, 0.0f64), |(a, b), x| (a.min(*x), b.max(*x)));
        let columns: Vec<Column> = near.iter().map(|i| y[*i].clone()).collect();
        let found = Column::of(&columns, |y| {
            let c = [1, 2, 3].map(|power: usize| {
                weights[power]
                    .iter()
                    .zip(y)
                    .map(|(w, y)| w * y)
                    .sum::<f64>()
            });
            // The root of c₁ + 2c₂x + 3c₃x² where the curve bends upwards, without cancellation.
            let root = (c[1] * c[1] - 3.0 * c[0] * c[2]).sqrt();
            let x = if c[1] >= 0.0 {
                -c[0] / (c[1] + root)
            } else {
                (root - c[1]) / (3.0 * c[2])
            };
            if (low..=high).contains(&x) {
                (center + scale * x).exp()
            } else {
                f64::NAN
            }
        });
        if found.point.is_nan() {
            return Err(Stop::Open(
                "the cubic of argmin has no least value between its points".into(),
            ));
        }
        Ok(found)
    }
}

/// The share of draws with residuals beyond those seen, below which chance does not explain them.
const CHANCE: f64 = 0.05;

/// What each value at x contributes to each coefficient of a cubic fitted by least squares.
fn cubic(x: &[f64]) -> Result<[Vec<f64>; 4], String> {
    let design = nalgebra::DMatrix::from_fn(x.len(), 4, |i, j| x[i].powi(j as i32));
    let inverse = design.pseudo_inverse(1e-12).map_err(String::from)?;
    Ok([0, 1, 2, 3].map(|power| inverse.row(power).iter().copied().collect()))
}
