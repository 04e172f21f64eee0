//! A surface that the user writes down: L(θ) as a formula, its derivatives by automatic differentiation.
//!
//! The formula becomes a graph in which equal parts occur once; reverse accumulation (Griewank and
//! Walther, Evaluating Derivatives, chapter 3) adds ∇L and ∇²L to it, and each is compiled to a
//! straight-line program over rows of lanes, so that what it costs to interpret an instruction is shared
//! by a whole block. Nothing is differenced. Where the formula reads 0/0 it is its limit (`patch`).

mod alike;
mod compiled;
mod critical;
mod formula;
mod graph;
mod lenient;
mod patch;
mod patched;
mod program;
mod scan;
mod series;
mod syntax;

use std::cell::Cell;
use std::sync::OnceLock;

use base::shown;
use nalgebra::DMatrix;

use super::{CriticalPoint, Gradient, Landscape, Structure};
pub use ::formula::Mistake;
pub use compiled::Compiled;
pub(crate) use critical::{Found, find as search};
pub use formula::{Formula, MOST_VARIABLES};
pub use graph::Graph;
use lenient::Lenient;
use patched::Patched;
pub use program::Program;
use scan::Scan;
use syntax::Guard;
pub(crate) use syntax::lower;

use crate::float::Float;

thread_local! {
    // f of every coordinate of the block at hand; kept between calls, since a step must not allocate.
    static VALUES: Cell<Vec<f64>> = const { Cell::new(Vec::new()) };
}

/// L(θ) by a [`Formula`].
///
/// A formula of one variable is taken for every coordinate, L(θ) = Σᵢ f(θᵢ), as with the built-in
/// separable surfaces. One of several variables has as many coordinates.
#[derive(Clone, Debug)]
pub struct Expression {
    variables: usize,
    dim: usize,
    search: f64,
    value: Program,
    gradient: Program,
    diagonal: Program,
    hessian: Program,
    text: String,
    guards: Vec<Guard>,
    /// The arguments of the guards.
    guarded: Program,
    graph: Graph,
    root: usize,
    /// f′ and f″ of a formula of one variable.
    lenient: Option<Lenient>,
    /// Of a formula of one variable.
    scan: Option<Scan>,
    patched: OnceLock<Option<Patched>>,
    critical: OnceLock<critical::Found>,
}

impl Expression {
    /// The surface in `dim` coordinates; `None` takes one for each variable.
    ///
    /// # Errors
    /// Anything wrong with the formula, at its character; several variables and another `dim`.
    pub fn new(formula: &Formula, dim: Option<usize>) -> Result<Self, Mistake> {
        let variables = formula.names()?;
        let d = variables.len();
        let dim = dim.unwrap_or(d);
        if dim == 0 || d > 1 && dim != d {
            return Err(formula.mistake(format!(
                "dim = {dim}, but the formula has the variables {}; leave dim out",
                variables.join(", ")
            )));
        }
        let mut graph = Graph::default();
        let parsed = syntax::parse(&formula.text, &variables, &formula.parameters, &mut graph)?;
        let root = parsed.root;
        let plain = graph.clone();
        let slopes = graph.gradient(root, d);
        let (mut diagonal, mut hessian) = (Vec::new(), Vec::new());
        for (i, slope) in slopes.iter().enumerate() {
            let row = graph.gradient(*slope, d);
            diagonal.push(row[i]);
            hessian.extend(row.into_iter().skip(i));
        }
        let value = Program::new(&graph, &[root]);
        let guarded: Vec<usize> = parsed.guards.iter().map(|guard| guard.argument).collect();
        Ok(Expression {
            variables: d,
            dim,
            search: formula.search,
            value,
            gradient: Program::new(&graph, &slopes),
            diagonal: Program::new(&graph, &diagonal),
            hessian: Program::new(&graph, &hessian),
            text: formula.text.clone(),
            guarded: Program::new(&graph, &guarded),
            guards: parsed.guards,
            lenient: (d == 1).then(|| Lenient::new(&graph, &[slopes[0], diagonal[0]])),
            scan: (d == 1).then(|| Scan::new(plain.clone(), root)),
            graph: plain,
            root,
            patched: OnceLock::new(),
            critical: OnceLock::new(),
        })
    }

    /// What stands for the formula of one variable where parts of it read 0/0.
    fn patched(&self) -> Option<&Patched> {
        let patched = self.patched.get_or_init(|| {
            let scan = self.scan.as_ref()?;
            Patched::new(scan, &self.graph, self.root, self.search)
        });
        patched.as_ref()
    }

    /// L, its slope and its curvature along a direction, where the formula of several variables reads 0/0.
    fn limit(&self, point: &[f64], direction: &[f64]) -> Option<[f64; 3]> {
        let c = series::series(&self.graph, self.root, point, direction)?;
        Some([c[0], *c.get(1)?, 2.0 * c.get(2)?])
    }

    /// A direction along coordinates i and j.
    fn along(&self, i: usize, j: usize) -> Vec<f64> {
        let own = |k| if k == i || k == j { 1.0 } else { 0.0 };
        (0..self.variables).map(own).collect()
    }

    /// ∂L/∂θᵢ and ∂²L/∂θᵢ² as limits.
    fn limits(&self, point: &[f64], i: usize) -> [f64; 2] {
        match self.limit(point, &self.along(i, i)) {
            Some([_, slope, bend]) => [slope, bend],
            None => [f64::NAN; 2],
        }
    }

    /// ∇²L in the formula's own variables.
    fn bend(&self, point: &[f64]) -> DMatrix<f64> {
        let d = self.variables;
        let mut upper = self.hessian.at(point);
        if upper.iter().any(|x| x.is_nan()) {
            let own: Vec<f64> = (0..d).map(|i| self.limits(point, i)[1]).collect();
            upper = Vec::new();
            for i in 0..d {
                upper.push(own[i]);
                for j in i + 1..d {
                    let both = self.limit(point, &self.along(i, j));
                    upper.push(both.map_or(f64::NAN, |c| 0.5 * (c[2] - own[i] - own[j])));
                }
            }
        }
        let mut at = 0;
        let mut matrix = DMatrix::zeros(d, d);
        for i in 0..d {
            for j in i..d {
                matrix[(i, j)] = upper[at];
                matrix[(j, i)] = upper[at];
                at += 1;
            }
        }
        matrix
    }

    fn found(&self) -> &critical::Found {
        self.critical
            .get_or_init(|| critical::find(self, self.variables, self.search, 1.0))
    }

    /// The slope (0) or the curvature (1) of a formula of one variable where part of it has left the doubles on the way to a value that
    /// has not.
    #[inline(always)]
    fn overflown<F: Float>(&self, which: usize, theta: &[F], found: &mut [F]) {
        let Some(lenient) = self.lenient.as_ref().filter(|_| any_nan(found)) else {
            return;
        };
        for (y, x) in found.iter_mut().zip(theta) {
            let point = [x.wide()];
            if y.wide().is_nan() && self.value.at(&point)[0].is_finite() {
                *y = F::of(lenient.at(&point)[which]);
            }
        }
    }

    /// Limits in place of what a block of several variables has no number for.
    #[inline(always)]
    fn repair<F: Float>(
        &self,
        theta: &[F],
        lanes: usize,
        found: &mut [F],
        limit: impl Fn([f64; 2]) -> f64,
    ) {
        if !any_nan(found) {
            return;
        }
        for (n, x) in found.iter_mut().enumerate() {
            if x.wide().is_nan() {
                let point: Vec<f64> = (0..self.variables)
                    .map(|k| theta[k * lanes + n % lanes].wide())
                    .collect();
                *x = F::of(limit(self.limits(&point, n / lanes)));
            }
        }
    }

    /// Points of the block as the program sees them: a formula of one variable takes every coordinate of
    /// every lane for a point.
    fn points(&self, size: usize, lanes: usize) -> usize {
        if self.variables == 1 { size } else { lanes }
    }
}

impl Expression {
    /// Why the formula has no value at a point, at the character where it is lost.
    fn missing_at(&self, point: &[f64]) -> Mistake {
        let arguments = self.guarded.at(point);
        let mut broken = self.guards.iter().zip(&arguments);
        let broken = broken.find(|(guard, x)| !guard.domain.contains(**x));
        let place = match point {
            [x] => shown::number(*x),
            _ => format!("{point:?}"),
        };
        let (at, what) = match broken {
            Some((guard, x)) => (
                guard.at,
                format!(
                    "`{}` takes {}, which comes to {} at θ = {place}{}",
                    guard.name,
                    guard.domain.words(),
                    shown::number(*x),
                    self.domain(point)
                ),
            ),
            None => {
                let value = shown::number(self.value.at(point)[0]);
                (0, format!("the formula comes to {value} at θ = {place}"))
            }
        };
        Mistake {
            at,
            what,
            text: self.text.clone(),
        }
    }

    /// Where a formula of one variable has values, about a point at which it has none.
    fn domain(&self, point: &[f64]) -> String {
        let ([x], Some(scan)) = (point, &self.scan) else {
            return String::new();
        };
        let reach = self.search.max(2.0 * x.abs());
        let mut ends = scan.structure(-reach, reach).poles;
        ends.extend([-reach, reach]);
        ends.sort_by(f64::total_cmp);
        let end = |x: f64| match x {
            x if x == -reach => "−∞".to_string(),
            x if x == reach => "∞".to_string(),
            x => format!("{x}"),
        };
        let pieces: Vec<String> = ends
            .windows(2)
            .filter(|piece| self.value(&[0.5 * (piece[0] + piece[1])]).is_finite())
            .map(|piece| format!("({}, {})", end(piece[0]), end(piece[1])))
            .take(4)
            .collect();
        match pieces.is_empty() {
            true => "; it has no value anywhere near".into(),
            false => format!("; the formula has values in {}", pieces.join(", ")),
        }
    }
}

/// Whether a number is none; looked at without a branch, which is wide, since it hardly ever comes to more.
#[inline(always)]
fn any_nan<F: Float>(row: &[F]) -> bool {
    row.iter().fold(false, |any, x| any | x.wide().is_nan())
}

/// In doubles, whatever θ is made of.
impl<F: Float> Gradient<F> for Expression {
    #[inline(always)]
    fn gradient(&self, theta: &[F], lanes: usize, gradient: &mut [F]) {
        let points = self.points(theta.len(), lanes);
        self.gradient.run(theta, points, gradient);
        if self.variables > 1 {
            self.repair(theta, lanes, gradient, |limits| limits[0]);
            return;
        }
        self.overflown(0, theta, gradient);
        if let Some(patched) = self.patched() {
            for (g, x) in gradient.iter_mut().zip(theta) {
                if let Some([_, slope, _]) = patched.at(x.wide()) {
                    *g = F::of(slope);
                }
            }
        }
    }
}

impl Landscape for Expression {
    fn name(&self) -> &'static str {
        "expression"
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn value(&self, theta: &[f64]) -> f64 {
        theta
            .chunks_exact(self.variables)
            .map(|point| {
                if self.variables == 1 {
                    return self
                        .patched()
                        .and_then(|patched| patched.at(point[0]))
                        .map_or_else(|| self.value.at(point)[0], |c| c[0]);
                }
                let value = self.value.at(point)[0];
                let limit = || self.limit(point, &self.along(0, 0));
                if value.is_nan() {
                    limit().map_or(value, |c| c[0])
                } else {
                    value
                }
            })
            .sum()
    }

    fn hessian(&self, theta: &[f64]) -> DMatrix<f64> {
        if self.variables > 1 {
            return self.bend(theta);
        }
        let mut diagonal = nalgebra::DVector::zeros(theta.len());
        self.hessian_diagonal(theta, 1, diagonal.as_mut_slice());
        DMatrix::from_diagonal(&diagonal)
    }

    fn separable(&self) -> bool {
        self.variables == 1
    }

    #[inline(always)]
    fn hessian_diagonal(&self, theta: &[f64], lanes: usize, diagonal: &mut [f64]) {
        let points = self.points(theta.len(), lanes);
        self.diagonal.run(theta, points, diagonal);
        if self.variables > 1 {
            self.repair(theta, lanes, diagonal, |limits| limits[1]);
            return;
        }
        self.overflown(1, theta, diagonal);
        if let Some(patched) = self.patched() {
            for (h, x) in diagonal.iter_mut().zip(theta) {
                if let Some([_, _, bend]) = patched.at(*x) {
                    *h = bend;
                }
            }
        }
    }

    #[inline(always)]
    fn values(&self, theta: &[f64], lanes: usize, values: &mut [f64]) {
        if self.dim == 1 || self.variables > 1 {
            self.value.run(theta, lanes, values);
        } else {
            let mut own = VALUES.take();
            own.resize(theta.len(), 0.0);
            self.value.run(theta, theta.len(), &mut own);
            values.fill(0.0);
            for row in own.chunks_exact(lanes) {
                values.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
            }
            VALUES.set(own);
        }
        // What stands for the formula where it reads 0/0.
        if self.variables == 1 && self.patched().is_none() {
            return;
        }
        let mut point = vec![0.0; self.dim];
        for (lane, value) in values.iter_mut().enumerate() {
            if self.variables == 1 || value.is_nan() {
                super::lane_of(theta, lanes, lane, &mut point);
                if point.iter().all(|x| x.is_finite()) {
                    *value = self.value(&point);
                }
            }
        }
    }

    #[inline(always)]
    fn hessians(&self, theta: &[f64], lanes: usize, upper: &mut [f64]) {
        if self.variables == 1 {
            // A sum over coordinates: no row but those of the diagonal.
            let mut own = VALUES.take();
            own.resize(theta.len(), 0.0);
            self.hessian_diagonal(theta, lanes, &mut own);
            upper.fill(0.0);
            let rows = upper
                .chunks_exact_mut(lanes)
                .zip(super::upper_triangle(self.dim));
            let diagonal = rows.filter(|(_, (i, j))| i == j);
            for ((row, _), from) in diagonal.zip(own.chunks_exact(lanes)) {
                row.copy_from_slice(from);
            }
            VALUES.set(own);
            return;
        }
        self.hessian.run(theta, lanes, upper);
        if !any_nan(upper) {
            return;
        }
        let mut point = vec![0.0; self.dim];
        for lane in 0..lanes {
            super::lane_of(theta, lanes, lane, &mut point);
            if !point.iter().all(|x| x.is_finite()) {
                continue;
            }
            let hessian = self.bend(&point);
            for (row, at) in upper
                .chunks_exact_mut(lanes)
                .zip(super::upper_triangle(self.dim))
            {
                row[lane] = hessian[at];
            }
        }
    }

    /// Found numerically in |θᵢ| ≤ `search`, and told apart by the Hessian.
    fn critical_points(&self) -> Vec<CriticalPoint> {
        self.found().points.clone()
    }

    fn sought(&self) -> Option<String> {
        self.found().short.clone()
    }

    fn structure(&self, low: f64, high: f64) -> Structure {
        match &self.scan {
            Some(scan) => scan.structure(low, high),
            None => Structure::smooth(low, high),
        }
    }

    fn outside(&self, theta: &[f64]) -> Option<String> {
        let bad = |point: &&[f64]| !self.value(point).is_finite();
        let point = theta.chunks_exact(self.variables).find(bad)?;
        Some(self.missing_at(point).to_string())
    }
}

#[cfg(test)]
mod tests;
