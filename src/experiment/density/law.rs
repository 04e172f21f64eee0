//! The stationary law of a diffusion in one coordinate, and the chain's own second moment.

use super::cell::{Cell, Mover, Noise};
use crate::marks::{Slope, marks};
use base::error::{Error, Result as Fallible};
use prediction::exact::fokker_planck::confining_box;
use prediction::exact::stationary_line::StationaryLine;
use prediction::exact::{ChainDensity, ChainLaw, Interpretation};
use simulation::landscape::Landscape;
use simulation::landscape::line::slope_at;

/// A density with its distribution function, in one reading of the noise.
#[derive(Clone, Debug)]
pub struct Law {
    /// θ, p and P(≤ θ), ascending.
    pub nodes: Vec<[f64; 3]>,
    /// Where it ends.
    pub range: [f64; 2],
}

impl Law {
    /// The stationary law of a cell's SDE.
    ///
    /// # Errors
    /// The surface does not confine a particle, or the quadrature does not settle.
    pub fn of(cell: &Cell, interpretation: Interpretation) -> Fallible<Self> {
        let line = cell.surface().map_err(Error::Failed)?;
        let bends = matches!(cell.noise, Noise::Hessian { .. });
        let law = StationaryLine {
            drift: &Slope(&*line),
            diffusion: &|x: f64| cell.noise.diffusion(&*line, x),
            breaks: &|low, high| marks(&*line, low, high, bends),
            interpretation,
            center: center(cell),
            walls: [None, None],
        };
        let law = law.solve(2)?;
        Ok(Self {
            nodes: law.nodes,
            range: law.range,
        })
    }

    /// The distribution function; between nodes the cubic with the density at both.
    pub fn below(&self, theta: f64) -> f64 {
        let after = self.nodes.partition_point(|[x, ..]| *x <= theta);
        if after == 0 {
            return 0.0;
        }
        if after == self.nodes.len() {
            return 1.0;
        }
        let ([x, p, below], [y, q, above]) = (self.nodes[after - 1], self.nodes[after]);
        let (width, t) = (y - x, (theta - x) / (y - x));
        let rise = above - below;
        let bend = width * (p + q) - 2.0 * rise;
        let curve = 3.0 * rise - width * (2.0 * p + q);
        below + t * (width * p + t * (curve + t * bend))
    }
}

/// The lowest of the starts, from which the law is looked for.
fn center(cell: &Cell) -> f64 {
    cell.starts.first().copied().unwrap_or(0.0)
}

/// Where hardly any particle of a chain is outside of: a box far up the slopes, and the range of the law of its SDE.
fn walls(cell: &Cell, line: &dyn Landscape, [low, high]: [f64; 2]) -> Fallible<[f64; 2]> {
    let found = confining_box(
        &|point| line.value(point),
        &|point, _| cell.noise.diffusion(line, point[0]),
        &[center(cell)],
    );
    let walls = found.map_err(|error| Error::Failed(error.to_string()))?;
    let ends = walls.first().copied().unwrap_or([low, high]);
    Ok([ends[0].min(low), ends[1].max(high)])
}

/// The law of the chain itself in the long run, beside that of its SDE.
///
/// # Errors
/// It remembers more than θ, or the stationary equation is not solved.
pub fn chain(cell: &Cell, sde: &Law) -> Result<ChainDensity, String> {
    if matches!(cell.mover, Mover::Sgdm { .. }) {
        return Err("it remembers more than θ".into());
    }
    let line = cell.surface()?;
    let range = walls(cell, &*line, sde.range).map_err(|error| error.to_string())?;
    let chain = ChainLaw {
        slope: &|x| slope_at(&*line, x),
        variance: &|x| 2.0 * cell.noise.diffusion(&*line, x) / cell.step,
        eta: cell.step,
        range,
    };
    chain.stationary().map_err(|error| error.to_string())
}

/// How often a step is doubled until its chain can be solved.
const DOUBLINGS: u32 = 20;

/// Kolmogorov's distance of the scheme's law from that of its SDE, 0 for an optimizer. It falls with the step, so that where
/// a chain of so small steps cannot be solved, that of longer ones bounds it.
///
/// # Errors
/// No chain can be solved.
pub fn step_bias(
    cell: &Cell,
    sde: &Law,
    own: &Result<ChainDensity, String>,
) -> Result<f64, String> {
    if cell.mover != Mover::EulerMaruyama {
        return Ok(0.0);
    }
    let longer = || {
        (1..=DOUBLINGS).find_map(|k| {
            let longer = Cell {
                step: cell.step * 2f64.powi(k as i32),
                ..cell.clone()
            };
            chain(&longer, sde).ok()
        })
    };
    let bias = |law: &ChainDensity| law.distance(|theta| sde.below(theta));
    match own {
        Ok(law) => Ok(bias(law)),
        Err(why) => longer().as_ref().map(bias).ok_or_else(|| why.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::density::spec::DensitySpec;
    use crate::spec::{Document, Section};

    /// D = 0.05(|3x² − 1| + 0.01) all but vanishes at ±0.577, within 0.003 of which an even grid sees nothing.
    /// Itô's law, by quadrature with 25 digits between points that close in on 1/√3.
    #[test]
    fn a_noise_that_all_but_vanishes_has_its_law() {
        let shipped = include_str!("../../../experiments/pnm/density-state-dependent.toml");
        let text = shipped.replace("floor = 0.5", "floor = 0.01");
        let document = Document::parse("f", &text).unwrap();
        let root = Section::new("", &document.root).unwrap();
        let spec = DensitySpec::read(&root, "t").unwrap();
        let mut cell = spec.cells[0].clone();
        cell.noise = Noise::Hessian {
            scale: 0.05,
            floor: 0.01,
        };
        let law = Law::of(&cell, Interpretation::Ito).unwrap();
        for (x, below) in [
            (0.5, 0.500_000_008_516_0),
            (0.575, 0.500_003_693_446_4),
            (0.6, 0.501_718_805_417_5),
            (1.0, 0.834_983_628_247_5),
        ] {
            assert!((law.below(x) - below).abs() < 1e-8, "{x}: {}", law.below(x));
            assert!((law.below(-x) - (1.0 - below)).abs() < 1e-8, "{x}");
        }
    }
}
