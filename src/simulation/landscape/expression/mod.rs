//! A surface that the user writes down: L(θ) as a formula, its derivatives by automatic differentiation.
//!
//! The formula becomes a graph in which equal parts occur once; reverse accumulation (Griewank and
//! Walther, Evaluating Derivatives, chapter 3) adds ∇L and ∇²L to it, and each is compiled to a
//! straight-line program over rows of lanes, so that what it costs to interpret an instruction is shared
//! by a whole block. Nothing is differenced.

mod critical;
mod formula;
mod graph;
mod program;
mod syntax;

use std::sync::OnceLock;

use nalgebra::DMatrix;

use super::{CriticalPoint, Gradient, Landscape};
pub use formula::{Formula, MOST_VARIABLES};
use graph::{Function, Graph, Node};
use program::Program;
pub use syntax::Mistake;

use crate::simulation::float::Float;

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
    bends: Program,
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
        let root = syntax::parse(&formula.text, &variables, &formula.parameters, &mut graph)?;
        let slopes = graph.gradient(root, d);
        let (mut diagonal, mut hessian) = (Vec::new(), Vec::new());
        for (i, slope) in slopes.iter().enumerate() {
            let row = graph.gradient(*slope, d);
            diagonal.push(row[i]);
            hessian.extend(row.into_iter().skip(i));
        }
        let value = Program::new(&graph, &[root]);
        // |u| has its kink where u = 0.
        let bends: Vec<usize> = graph
            .nodes()
            .iter()
            .filter_map(|node| match node {
                Node::One(Function::Abs, a) => Some(*a),
                _ => None,
            })
            .collect();
        Ok(Expression {
            variables: d,
            dim,
            search: formula.search,
            value,
            gradient: Program::new(&graph, &slopes),
            diagonal: Program::new(&graph, &diagonal),
            hessian: Program::new(&graph, &hessian),
            bends: Program::new(&graph, &bends),
            critical: OnceLock::new(),
        })
    }

    /// ∇²L in the formula's own variables.
    fn bend(&self, point: &[f64]) -> DMatrix<f64> {
        let d = self.variables;
        let upper = self.hessian.at(point);
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
        self.critical.get_or_init(|| critical::find(self))
    }

    /// Points of the block as the program sees them: a formula of one variable takes every coordinate of
    /// every lane for a point.
    fn points(&self, size: usize, lanes: usize) -> usize {
        if self.variables == 1 { size } else { lanes }
    }
}

/// In doubles, whatever θ is made of.
impl<F: Float> Gradient<F> for Expression {
    #[inline(always)]
    fn gradient(&self, theta: &[F], lanes: usize, gradient: &mut [F]) {
        let points = self.points(theta.len(), lanes);
        self.gradient.run(theta, points, gradient);
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
            .map(|point| self.value.at(point)[0])
            .sum()
    }

    fn hessian(&self, theta: &[f64]) -> DMatrix<f64> {
        if self.variables > 1 {
            return self.bend(theta);
        }
        let mut diagonal = nalgebra::DVector::zeros(theta.len());
        self.diagonal
            .run(theta, theta.len(), diagonal.as_mut_slice());
        DMatrix::from_diagonal(&diagonal)
    }

    fn separable(&self) -> bool {
        self.variables == 1
    }

    #[inline(always)]
    fn hessian_diagonal(&self, theta: &[f64], lanes: usize, diagonal: &mut [f64]) {
        let points = self.points(theta.len(), lanes);
        self.diagonal.run(theta, points, diagonal);
    }

    /// Found numerically in |θᵢ| ≤ `search`, and told apart by the Hessian.
    fn critical_points(&self) -> Vec<CriticalPoint> {
        self.found().points.clone()
    }

    fn sought(&self) -> Option<String> {
        self.found().short.clone()
    }

    fn kinks(&self) -> Vec<f64> {
        if self.variables == 1 {
            critical::kinks(self)
        } else {
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests;
