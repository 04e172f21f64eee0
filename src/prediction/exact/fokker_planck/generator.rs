//! The Markov chain that stands for the equation on a grid.

use super::axis::{Axis, Link};
use super::sparse::Entries;
use crate::exact::Interpretation;
use crate::exact::legendre::GaussLegendre;
use base::error::{Error, Result};

/// dθᵢ = −sᵢ(θ) dt + √(2Dᵢ(θ)) dWᵢ.
pub struct Equation<'a> {
    /// sᵢ(θ), for a loss ∂L/∂θᵢ: θ per unit of time.
    pub slope: &'a dyn Fn(&[f64], usize) -> f64,
    /// Dᵢ(θ) > 0: θ² per unit of time.
    pub diffusion: &'a dyn Fn(&[f64], usize) -> f64,
    /// How the noise is read.
    pub interpretation: Interpretation,
}

/// Jump rates between the nodes of a grid, and out of it.
#[derive(Clone, Debug)]
pub struct Generator {
    /// (from, to, rate), every rate above 0.
    pub(super) jumps: Vec<(usize, usize, f64)>,
    /// Rate out over absorbing ends, by node.
    pub(super) absorbed: Vec<f64>,
    /// Rate out of a node by any way.
    pub(super) leaving: Vec<f64>,
    volumes: Vec<f64>,
    shape: Vec<usize>,
}

/// Φ beyond which e^Φ has left the doubles on any interval; rates that small are zero.
const LARGEST: f64 = 700.0;

impl Equation<'_> {
    /// The rates along a link to the right and to the left, each of which is divided by the width of
    /// the node that it leaves; `point` is moved along coordinate `i`.
    fn rates(&self, point: &mut [f64], i: usize, link: &Link) -> Result<(f64, f64)> {
        let mut at = |x: f64| -> Result<(f64, f64)> {
            point[i] = x;
            let (slope, diffusion) = ((self.slope)(point, i), (self.diffusion)(point, i));
            if slope.is_finite() && diffusion.is_finite() && diffusion > 0.0 {
                return Ok((slope, diffusion));
            }
            Err(Error::Input(format!(
                "at θ = {point:?}: slope {slope} and D = {diffusion} along coordinate {i}; the slope must \
                 be finite and D > 0 all over the grid; add a floor to D"
            )))
        };
        let rule = GaussLegendre::rule();
        let mut rise = 0.0;
        for (node, weight) in rule.nodes.iter().zip(&rule.weights) {
            let (slope, diffusion) = at(link.from + 0.5 * link.length * (node + 1.0))?;
            rise += 0.5 * link.length * weight * slope / diffusion;
        }
        let (left, right) = (at(link.from)?.1, at(link.from + link.length)?.1);
        let a = self.interpretation.exponent();
        let middle = at(link.from + 0.5 * link.length)?.1.powf(a) / link.length;
        Ok((
            middle * left.powf(1.0 - a) * bernoulli(rise),
            middle * right.powf(1.0 - a) * bernoulli(-rise),
        ))
    }
}

/// x/(eˣ − 1).
fn bernoulli(x: f64) -> f64 {
    if x == 0.0 {
        1.0
    } else if x > LARGEST {
        0.0
    } else {
        x / x.exp_m1()
    }
}

impl Generator {
    /// The chain of an equation on the product of one axis or two.
    ///
    /// # Errors
    /// [`Error::Input`] for another number of axes, a slope that is not finite or D ≤ 0 on the grid.
    pub fn new(axes: &[Axis], equation: &Equation<'_>) -> Result<Self> {
        if !(1..=2).contains(&axes.len()) {
            return Err(Error::Input(format!(
                "a grid of {} axes: the solver knows one and two",
                axes.len()
            )));
        }
        let shape: Vec<usize> = axes.iter().map(|axis| axis.nodes().len()).collect();
        let count: usize = shape.iter().product();
        let mut chain = Self {
            jumps: Vec::new(),
            absorbed: vec![0.0; count],
            leaving: vec![0.0; count],
            volumes: vec![1.0; count],
            shape,
        };
        for node in 0..count {
            let places = chain.places(node);
            chain.volumes[node] = axes
                .iter()
                .zip(&places)
                .map(|(axis, place)| axis.widths()[*place])
                .product();
        }
        for (i, axis) in axes.iter().enumerate() {
            let stride: usize = chain.shape[i + 1..].iter().product();
            for origin in 0..count {
                let places = chain.places(origin);
                if places[i] != 0 {
                    continue;
                }
                let mut point: Vec<f64> = axes
                    .iter()
                    .zip(&places)
                    .map(|(axis, place)| axis.nodes()[*place])
                    .collect();
                for link in axis.links() {
                    let (right, left) = equation.rates(&mut point, i, link)?;
                    let ends = [link.left, link.right];
                    let [l, r] = ends.map(|node| node.map(|n| origin + n * stride));
                    let width = |node: Option<usize>| node.map_or(1.0, |n| axis.widths()[n]);
                    chain.jump(l, r, right / width(link.left));
                    chain.jump(r, l, left / width(link.right));
                }
            }
        }
        Ok(chain)
    }

    fn jump(&mut self, from: Option<usize>, to: Option<usize>, rate: f64) {
        let Some(from) = from else { return };
        if rate <= 0.0 {
            return;
        }
        self.leaving[from] += rate;
        match to {
            Some(to) => self.jumps.push((from, to, rate)),
            None => self.absorbed[from] += rate,
        }
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.volumes.len()
    }

    /// Whether there are no nodes: never.
    pub fn is_empty(&self) -> bool {
        self.volumes.is_empty()
    }

    /// Nodes along each axis; the last coordinate varies fastest.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The node at these places of the axes.
    pub fn node(&self, places: &[usize]) -> usize {
        places
            .iter()
            .zip(&self.shape)
            .fold(0, |node, (place, count)| node * count + place)
    }

    /// The places of a node on the axes.
    pub fn places(&self, node: usize) -> Vec<usize> {
        let mut rest = node;
        let mut places: Vec<usize> = self
            .shape
            .iter()
            .rev()
            .map(|count| {
                let place = rest % count;
                rest /= count;
                place
            })
            .collect();
        places.reverse();
        places
    }

    /// The length or area that belongs to each node.
    pub fn volumes(&self) -> &[f64] {
        &self.volumes
    }

    /// Whether nothing is absorbed.
    pub fn closed(&self) -> bool {
        self.absorbed.iter().all(|rate| *rate == 0.0)
    }

    /// −Q without the row and the column of `pivot`, or whole; of the transpose where asked for.
    pub(super) fn matrix(&self, pivot: Option<usize>, transposed: bool) -> Entries {
        let place = |node: usize| match pivot {
            Some(pivot) if node > pivot => node - 1,
            _ => node,
        };
        let kept = |node: usize| Some(node) != pivot;
        let size = self.len() - usize::from(pivot.is_some());
        let mut entries = Entries::new(size);
        for (node, rate) in self.leaving.iter().enumerate().filter(|(n, _)| kept(*n)) {
            entries.push(place(node), place(node), *rate);
        }
        for &(from, to, rate) in &self.jumps {
            if kept(from) && kept(to) {
                let (row, column) = if transposed { (to, from) } else { (from, to) };
                entries.push(place(row), place(column), -rate);
            }
        }
        entries
    }
}
