//! The law in the long run.

use base::error::{Error, Result};

use super::grid::{Accuracy, Grid, Operator};
use super::{INTERVALS, Plane, Point, extrapolated};

/// Where the process is in the long run, on grids.
#[derive(Clone, Debug)]
pub struct PlaneLaw {
    grids: Vec<(Vec<Point>, Vec<f64>)>,
    /// What part of the law lies outside.
    beyond: f64,
}

/// Of the law this part may lie at the sides of its rectangle.
const AT_SIDES: f64 = 1e-5;
/// A mean is refused that is open by more than this part of the mean of its size.
const WORST: f64 = 0.02;
/// Iterations, and the relative change at which they end.
const MOST_ITERATIONS: usize = 3000;
const SETTLED: f64 = 1e-6;
/// Steps of backward Euler, in parts of the slowest time there is.
const STEPS: [f64; 4] = [1.0, 0.2, 0.04, 0.01];

impl PlaneLaw {
    /// The mean of a function of θ, and how far it may be off: three times the largest change that the last two grids made, and what
    /// the function comes to at most on as much as lies outside of them.
    ///
    /// # Errors
    /// [`Error::Failed`] where that is more than 2 % of the mean of its size.
    pub fn mean(&self, f: &dyn Fn(Point) -> f64) -> Result<(f64, f64)> {
        let over = |(points, law): &(Vec<Point>, Vec<f64>), f: &dyn Fn(Point) -> f64| -> f64 {
            let inside = points.iter().zip(law).filter(|(_, p)| **p != 0.0);
            inside.map(|(point, p)| p * f(*point)).sum()
        };
        let raw: Vec<f64> = self.grids.iter().map(|grid| over(grid, f)).collect();
        let (value, error) = extrapolated(&raw);
        let points = self.grids.iter().flat_map(|(points, _)| points);
        let finite = points
            .map(|point| f(*point).abs())
            .filter(|y| y.is_finite());
        let error = error + self.beyond * finite.fold(0.0, f64::max);
        let size = self
            .grids
            .last()
            .map_or(0.0, |grid| over(grid, &|x| f(x).abs()));
        if !(value.is_finite() && size.is_finite()) {
            return Err(Error::Failed(
                "the formula has no value on a part of the law in the long run".into(),
            ));
        }
        if error <= WORST * size || error == 0.0 {
            return Ok((value, error));
        }
        Err(Error::Failed(format!(
            "a mean of it in the long run is known to {error:.1e} only, where it comes to {size:.1e}: the formula jumps or grows fast, the law has a long tail, or scales too far apart"
        )))
    }
}

impl Plane<'_> {
    /// The law in the long run, which is held to be one: a well that the process comes to from its start less than once in 10¹⁴ times is not
    /// seen.
    ///
    /// # Errors
    /// [`Error::Failed`] where nothing confines the process, or it has no such law.
    pub fn stationary(&self) -> Result<PlaneLaw> {
        self.at_rest().law()
    }

    /// The same diffusion from where its drift leads.
    fn at_rest(&self) -> Self {
        Plane {
            at: self.at,
            start: self.rest().map_or(self.start, |(place, _)| place),
        }
    }

    fn law(&self) -> Result<PlaneLaw> {
        let (sides, part) = self.reached(None)?;
        let grids = INTERVALS.iter().map(|intervals| {
            let grid = Grid {
                sides,
                intervals: *intervals,
            };
            let operator = Operator::new(self, grid, None, Accuracy::Full)?;
            let law = operator.steady(self.nearest(&operator))?;
            let at_side = |node: &usize| {
                let at = grid.places(*node);
                at.contains(&0) || at.contains(&grid.intervals)
            };
            let nodes: Vec<usize> = (0..law.len()).collect();
            let outside: f64 = nodes.iter().filter(|n| at_side(n)).map(|n| law[*n].abs()).sum();
            // What waves there are on a coarser grid is in the error.
            if Some(intervals) == INTERVALS.last() && outside > AT_SIDES {
                return Err(Error::Failed(format!(
                    "{outside:.0e} of the law lies at the sides of the rectangle {sides:?}, which the grid of {intervals} intervals a coordinate does not resolve"
                )));
            }
            Ok((nodes.into_iter().map(|node| grid.point(node)).collect(), law))
        });
        Ok(PlaneLaw {
            grids: grids.collect::<Result<_>>()?,
            beyond: 4.0 * part,
        })
    }

    /// How fast the start is forgotten, a unit of time: the least real part of an eigenvalue of −L above 0.
    ///
    /// Steps of backward Euler, ever shorter, so that modes that turn fast are not damped more than slow ones that do not; the eigenvalue, or the pair of them, is that of the recursion which three
    /// iterates obey.
    ///
    /// # Errors
    /// As [`Plane::stationary`].
    pub fn relaxation(&self) -> Result<f64> {
        self.at_rest().slowest()
    }

    fn slowest(&self) -> Result<f64> {
        let (sides, _) = self.reached(None)?;
        let grid = Grid {
            sides,
            intervals: INTERVALS[0],
        };
        let operator = Operator::new(self, grid, None, Accuracy::Full)?;
        let law = operator.steady(self.nearest(&operator))?;
        let (slowest, _) = operator.slowest(&law, None)?;
        let mut least: Option<f64> = None;
        for part in STEPS {
            let (rate, settled) = operator.slowest(&law, Some(part / slowest))?;
            if settled && rate > 0.0 {
                least = Some(least.map_or(rate, |known| known.min(rate)));
            }
        }
        least.ok_or_else(|| Error::Failed(
            "how fast the process forgets its start is not found: its slowest modes are too near one another".into(),
        ))
    }
}

impl Operator {
    /// The stationary probabilities; `begin` is a node that the process comes to.
    pub fn steady(&self, begin: usize) -> Result<Vec<f64>> {
        let first = self.steady_from(begin)?;
        // From where it is most often, no weight is too large.
        let most = first.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        self.steady_from(most.map_or(begin, |(node, _)| node))
    }

    fn steady_from(&self, pivot: usize) -> Result<Vec<f64>> {
        let (matrix, places) = self.matrix(Some(pivot), true);
        let mut inflow = vec![0.0; places.iter().flatten().count()];
        for (_, to, rate) in self.ways.iter().filter(|(from, ..)| *from == pivot) {
            if let Some(place) = places[*to] {
                inflow[place] += rate;
            }
        }
        let weights = matrix.factor()?.solve(&inflow);
        let weight = |place: &Option<usize>| place.map_or(1.0, |place| weights[place]);
        let law: Vec<f64> = places.iter().map(weight).collect();
        let all: f64 = law.iter().sum();
        if !(all.is_finite() && all > 0.0) {
            return Err(Error::Failed(
                "the process has no law in the long run that the arithmetic holds".into(),
            ));
        }
        Ok(law.into_iter().map(|p| p / all).collect())
    }

    /// The real part of the eigenvalue of −L above 0 that backward Euler with this step damps least, or that lies next to 0; and whether
    /// it has settled.
    fn slowest(&self, law: &[f64], step: Option<f64>) -> Result<(f64, bool)> {
        let shift = step.map_or(0.0, |step| 1.0 / step);
        // Without a shift −L is singular: one node is held at 0, and the mean is taken off afterwards.
        let pivot = match step {
            None => law
                .iter()
                .enumerate()
                .max_by(|a, b| a.1.total_cmp(b.1))
                .map(|(node, _)| node),
            Some(_) => None,
        };
        let shifted = Operator {
            grid: self.grid,
            live: self.live.clone(),
            ways: self.ways.clone(),
            leaving: self.leaving.iter().map(|rate| rate + shift).collect(),
        };
        let (matrix, places) = shifted.matrix(pivot, false);
        let factor = matrix.factor()?;
        let next = |mode: &[f64]| -> Vec<f64> {
            let kept = places.iter().zip(mode).filter(|(place, _)| place.is_some());
            let found = factor.solve(&kept.map(|(_, x)| *x).collect::<Vec<_>>());
            let mut all: Vec<f64> = places
                .iter()
                .map(|place| place.map_or(0.0, |p| found[p]))
                .collect();
            let mean: f64 = all.iter().zip(law).map(|(x, p)| x * p).sum();
            all.iter_mut().for_each(|x| *x -= mean);
            all
        };
        let dot = |a: &[f64], b: &[f64]| -> f64 {
            a.iter()
                .zip(b)
                .zip(law)
                .map(|((a, b), p)| a * b * p.abs())
                .sum()
        };
        let mut modes: Vec<Vec<f64>> = vec![self.places_of_all()];
        let mut before = f64::NAN;
        for iteration in 0..MOST_ITERATIONS {
            let last = next(&modes[modes.len() - 1]);
            modes.push(last);
            if modes.len() > 3 {
                modes.remove(0);
            }
            if modes.len() < 3 || iteration < 8 {
                continue;
            }
            // x₂ = a x₁ − c x₀: μ² − aμ + c = 0, and λ = 1/μ without a shift, 1/μ − 1/τ with it.
            let [x, y, z] = [&modes[0], &modes[1], &modes[2]];
            let (xx, xy, yy) = (dot(x, x), dot(x, y), dot(y, y));
            let (xz, yz) = (dot(x, z), dot(y, z));
            let size = (xx / dot(z, z)).sqrt();
            let determinant = xx * yy - xy * xy;
            let inverse = if determinant > 1e-9 * xx * yy {
                let (a, c) = (
                    (xx * yz - xy * xz) / determinant,
                    (xy * yz - yy * xz) / determinant,
                );
                let inside = 0.25 * a * a - c;
                if inside < 0.0 {
                    0.5 * a / c
                } else {
                    1.0 / (0.5 * a + inside.sqrt())
                }
            } else {
                xy / yy
            };
            let rate = inverse - shift;
            modes.iter_mut().flatten().for_each(|x| *x *= size.sqrt());
            if (rate / before - 1.0).abs() < SETTLED {
                return Ok((rate, true));
            }
            before = rate;
        }
        Ok((before, false))
    }

    /// Something that no mode is blind to.
    fn places_of_all(&self) -> Vec<f64> {
        let n = self.grid.intervals as f64;
        let nodes = 0..self.grid.count();
        nodes
            .map(|node| {
                let [x, y] = self.grid.places(node).map(|k| k as f64 / n);
                x + 0.7 * y + 0.3 * x * y + 0.2 * (3.0 * x).sin() * (2.0 * y).cos()
            })
            .collect()
    }
}
