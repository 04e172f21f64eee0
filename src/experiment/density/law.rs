//! The steady state of the Fokker–Planck equation in one coordinate, and the chain's own second moment.

use super::cell::{Cell, Mover};
use crate::error::{Error, Result};
use crate::prediction::exact::fokker_planck::{Axis, End, Equation, Generator, confining_box};
use crate::prediction::exact::{ChainLaw, Interpretation};
use crate::simulation::landscape::Landscape;
use crate::simulation::landscape::line::slope_at;

/// A density with its distribution function, in one reading of the noise.
#[derive(Clone, Debug)]
pub struct Law {
    /// θ.
    pub nodes: Vec<f64>,
    /// p.
    pub density: Vec<f64>,
    below: Vec<f64>,
}

/// Intervals of the grid: the distribution function between nodes is off by 1e-6 of it at most.
const INTERVALS: usize = 2000;

/// The box outside of which hardly any particle is.
fn walls(cell: &Cell, line: &dyn Landscape) -> Result<[f64; 2]> {
    let lowest = cell.starts.first().copied().unwrap_or(0.0);
    let found = confining_box(
        &|point| line.value(point),
        &|point, _| cell.noise.diffusion(line, point[0]),
        &[lowest],
    );
    let walls = found.map_err(|error| Error::Failed(error.to_string()))?;
    walls
        .first()
        .copied()
        .ok_or_else(|| Error::Failed("the surface has no coordinate".into()))
}

impl Law {
    /// The steady state of a cell's SDE.
    ///
    /// # Errors
    /// The surface does not confine a particle, or the equation is not solved.
    pub fn of(cell: &Cell, reading: Interpretation) -> Result<Self> {
        let line = cell.surface().map_err(Error::Failed)?;
        let walls = walls(cell, &*line)?;
        let axis = Axis::through(&walls, INTERVALS, End::Reflecting, End::Reflecting)?;
        let equation = Equation {
            slope: &|point, _| slope_at(&*line, point[0]),
            diffusion: &|point, _| cell.noise.diffusion(&*line, point[0]),
            interpretation: reading,
        };
        let chain = Generator::new(std::slice::from_ref(&axis), &equation)?;
        let probability = chain.steady()?;
        let density: Vec<f64> = probability
            .iter()
            .zip(chain.volumes())
            .map(|(p, width)| p / width)
            .collect();
        let nodes = axis.nodes().to_vec();
        let mut below = vec![0.0];
        for i in 1..nodes.len() {
            let piece = 0.5 * (density[i] + density[i - 1]) * (nodes[i] - nodes[i - 1]);
            below.push(below[i - 1] + piece);
        }
        Ok(Self {
            nodes,
            density,
            below,
        })
    }

    /// The distribution function.
    pub fn below(&self, theta: f64) -> f64 {
        let after = self.nodes.partition_point(|node| *node <= theta);
        if after == 0 {
            return 0.0;
        }
        if after == self.nodes.len() {
            return 1.0;
        }
        let (x, y) = (self.nodes[after - 1], self.nodes[after]);
        let share = (theta - x) / (y - x);
        // The density is straight between nodes.
        let start = self.density[after - 1];
        let rise = self.density[after] - start;
        self.below[after - 1] + (y - x) * share * (start + 0.5 * rise * share)
    }
}

/// E θ² of the chain itself, where it has no memory beside θ.
///
/// # Errors
/// The stationary equation is not solved.
pub fn chain_moment(cell: &Cell) -> Result<Option<f64>> {
    if matches!(cell.mover, Mover::Sgdm { .. }) {
        return Ok(None);
    }
    let line = cell.surface().map_err(Error::Failed)?;
    let chain = ChainLaw {
        slope: &|x| slope_at(&*line, x),
        variance: &|x| 2.0 * cell.noise.diffusion(&*line, x) / cell.step,
        eta: cell.step,
        range: walls(cell, &*line)?,
    };
    chain.second_moment().map(Some)
}
