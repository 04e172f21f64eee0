//! A diffusion in one coordinate: its law at any time from the Fokker–Planck equation on a grid.

use base::error::{Error, Result};
use base::shown::number;
use experiment::escape::noise::Along;
use prediction::exact::Interpretation;
use prediction::exact::fokker_planck::{Axis, End, Equation, Generator};
use simulation::landscape::Landscape;
use simulation::landscape::line::{curvature_at, slope_at};
use simulation::sde::{Reading, Sde as _};

use crate::cell::Cell;
use crate::system::motion::{Equation as Which, Sde};
use crate::system::{Motion, System};

/// Intervals of three grids, of which none is a part of another: a formula that jumps is off by another part of a cell on each.
const INTERVALS: [usize; 3] = [1733, 1000, 1373];

/// Cells that a law lies on at least, where Σp² of them is 1 over their number.
const FEWEST: f64 = 20.0;

/// Places within a cell of the grid at which a formula is taken.
const WITHIN: usize = 16;

/// Whether the law of the cell's θ is known so.
pub fn applies(cell: &Cell) -> bool {
    let Motion::Sde(sde) = &cell.system.motion else {
        return false;
    };
    cell.system.dim() == 1
        && cell.system.start.point().is_some()
        && on_line(&cell.system, sde).is_some()
}

/// An SDE in one coordinate.
pub struct OnLine {
    /// Minus its drift, in its own reading.
    pub slope: Along,
    /// D.
    pub diffusion: Along,
    /// How its noise is read.
    pub reading: Reading,
}

/// An SDE of a system as one of a coordinate alone; `None` where its state is more than that, where it changes with the time, or
/// where its noise is not known.
pub fn on_line(system: &System, sde: &Sde) -> Option<OnLine> {
    if system.dim() != 1 || !system.landscape.is_known() {
        return None;
    }
    let surface = system.landscape.build().ok()?;
    let Some(formula) = sde.formula() else {
        let (own, diffusion) = (sde.clone(), sde.diffusion(|| system.noise_along())?);
        return Some(OnLine {
            slope: Box::new(move |x| drift(&own, &*surface, x)),
            diffusion,
            reading: sde.reading(),
        });
    };
    if !formula.state.is_empty() || !formula.is_steady() {
        return None;
    }
    let (own, frame) = formula.on(surface, sde.dt, system.clock).ok()?;
    Some(OnLine {
        slope: Box::new(move |x| {
            let mut drift = [f64::NAN];
            own.drift(&[x], 1, &mut drift);
            -drift[0]
        }),
        diffusion: Box::new(move |x| frame.at(&[x]).1[(0, 0)]),
        // The drift of another reading is in it.
        reading: Reading::Ito,
    })
}

/// A law on three grids, of which the first is the finest.
pub struct Law {
    grids: Vec<Grid>,
}

struct Grid {
    /// Edges between the nodes, and the two ends.
    edges: Vec<f64>,
    probabilities: Vec<f64>,
}

impl Law {
    /// The law at time `t` of a cell's SDE; in the long run where it is `None`.
    ///
    /// # Errors
    /// Nothing confines it, or the equation is not solved.
    pub fn of(cell: &Cell, t: Option<f64>) -> Result<Self> {
        let grids = INTERVALS.iter().map(|n| Grid::of(cell, t, *n));
        let grids: Vec<Grid> = grids.collect::<Result<_>>()?;
        let squares: f64 = grids[0].probabilities.iter().map(|p| p * p).sum();
        if squares * FEWEST > 1.0 {
            let (low, high) = (
                grids[0].edges[0],
                *grids[0].edges.last().unwrap_or(&f64::NAN),
            );
            return Err(Error::Failed(format!(
                "the law lies on {} of the {} cells from {} to {}, which do not resolve it",
                number((1.0 / squares).ceil()),
                INTERVALS[0],
                number(low),
                number(high)
            )));
        }
        Ok(Law { grids })
    }

    /// The mean of a function of the coordinate, and how far the three grids are apart.
    pub fn mean(&self, f: &dyn Fn(f64) -> f64) -> (f64, f64) {
        let over = |grid: &Grid| -> f64 {
            let cells = grid.edges.windows(2).zip(&grid.probabilities);
            cells
                .map(|(edges, p)| {
                    // The mean over the cell, which a formula that jumps cuts.
                    let place = |k: usize| {
                        edges[0] + (edges[1] - edges[0]) * (k as f64 + 0.5) / WITHIN as f64
                    };
                    p * (0..WITHIN)
                        .map(|k| f(place(k)) / WITHIN as f64)
                        .sum::<f64>()
                })
                .sum()
        };
        apart(self.grids.iter().map(over))
    }

    /// The number below which the law has the probability p.
    pub fn quantile(&self, p: f64) -> (f64, f64) {
        apart(self.grids.iter().map(|grid| grid.quantile(p)))
    }

    /// P(≤ x).
    pub fn below(&self, x: f64) -> f64 {
        self.grids[0].below(x)
    }

    /// How far P may be off: the largest difference from the finest grid at the edges of the others.
    pub fn error(&self) -> f64 {
        let others = self.grids.iter().skip(1);
        let apart = others.flat_map(|grid| {
            grid.edges
                .iter()
                .map(|x| (grid.below(*x) - self.below(*x)).abs())
        });
        SPARE * apart.fold(0.0, f64::max)
    }
}

/// An error that falls as the width of a cell does, where a formula jumps for example, is 1.36 times what the grids of 1000 and 1733
/// differ by; a third is spare.
const SPARE: f64 = 2.0;

/// The first of some values, and how far it may be off from how far the others are from it.
fn apart(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let all: Vec<f64> = values.collect();
    let apart = all.iter().map(|value| (value - all[0]).abs());
    (all[0], SPARE * apart.fold(0.0, f64::max))
}

/// A reading of the noise, as the solvers name it.
pub fn interpretation(reading: Reading) -> Interpretation {
    match reading {
        Reading::Ito => Interpretation::Ito,
        Reading::Stratonovich => Interpretation::Stratonovich,
        Reading::AntiIto => Interpretation::AntiIto,
    }
}

/// The equation on a grid.
struct Chain {
    generator: Generator,
    nodes: Vec<f64>,
    ends: [f64; 2],
    /// The node of the start.
    at: usize,
}

impl Chain {
    fn of(cell: &Cell, t: Option<f64>, intervals: usize) -> Result<Self> {
        let sde = diffusion_behind(cell)?;
        let OnLine {
            slope,
            diffusion,
            reading,
        } = on_line(&cell.system, &sde).ok_or_else(|| {
            Error::Failed("no diffusion in θ alone is behind it: its state is more than θ, it changes with the time, or its noise has no variance that is known".into())
        })?;
        let start = cell
            .system
            .start
            .middle()
            .first()
            .copied()
            .unwrap_or(f64::NAN);
        let interpretation = interpretation(reading);
        let end = |side| reach(&slope, &diffusion, start, side).map_err(Error::Failed);
        let ((low, below), (high, above)) = (end(-1.0)?, end(1.0)?);
        if t.is_none() && !(below && above) {
            return Err(Error::Failed(
                "nothing confines the process in the long run: beyond a barrier it wanders off"
                    .into(),
            ));
        }
        let margin = 0.05 * (high - low);
        let (low, high) = (low.min(start - margin), high.max(start + margin));
        let axis = Axis::through(
            &[low, start, high],
            intervals,
            End::Reflecting,
            End::Reflecting,
        )?;
        let nodes = axis.nodes().to_vec();
        let at = axis.nearest(start);
        let equation = Equation {
            slope: &|point, _| slope(point[0]),
            diffusion: &|point, _| diffusion(point[0]),
            interpretation,
        };
        let generator = Generator::new(&[axis], &equation)?;
        Ok(Chain {
            generator,
            nodes,
            ends: [low, high],
            at,
        })
    }
}

impl Grid {
    fn of(cell: &Cell, t: Option<f64>, intervals: usize) -> Result<Self> {
        let Chain {
            generator,
            nodes,
            ends: [low, high],
            at,
        } = Chain::of(cell, t, intervals)?;
        let probabilities = match t {
            None => generator.steady()?,
            Some(t) => {
                let mut begin = vec![0.0; generator.len()];
                begin[at] = 1.0;
                generator.evolve(&begin, t)?
            }
        };
        let middles = nodes.windows(2).map(|pair| 0.5 * (pair[0] + pair[1]));
        let edges = std::iter::once(low).chain(middles).chain([high]).collect();
        Ok(Grid {
            edges,
            probabilities,
        })
    }

    fn quantile(&self, p: f64) -> f64 {
        let mut below = 0.0;
        for (edges, own) in self.edges.windows(2).zip(&self.probabilities) {
            if below + own >= p && *own > 0.0 {
                return edges[0] + (edges[1] - edges[0]) * (p - below) / own;
            }
            below += own;
        }
        self.edges.last().copied().unwrap_or(f64::NAN)
    }

    fn below(&self, x: f64) -> f64 {
        let after = self.edges.partition_point(|edge| *edge <= x);
        if after == 0 {
            return 0.0;
        }
        let whole: f64 = self.probabilities[..after - 1].iter().sum();
        match (self.edges.get(after), self.probabilities.get(after - 1)) {
            (Some(next), Some(p)) => {
                let last = self.edges[after - 1];
                whole + p * (x - last) / (next - last)
            }
            _ => whole,
        }
    }
}

/// The SDE of a cell; of SGD the one that it follows to first order in η.
fn diffusion_behind(cell: &Cell) -> Result<Sde> {
    match &cell.system.motion {
        Motion::Sde(sde) => Ok(sde.clone()),
        Motion::Rule(rule) if rule.entry.name == "sgd" && rule.values.is_plain() => Ok(Sde {
            equation: Which::OfSgd {
                eta: rule.values["eta"],
                order: 1,
                reading: Reading::Ito,
            },
            integrator: "euler-maruyama",
            dt: rule.values["eta"],
            driven: None,
        }),
        Motion::Rule(rule) => Err(Error::Failed(format!(
            "how fast {} forgets its start is not known; give a time",
            rule.entry.name
        ))),
    }
}

/// How fast the law forgets its start, a unit of time.
///
/// # Errors
/// The system has no such law, or never settles.
pub fn relaxation(cell: &Cell) -> Result<f64> {
    Ok(Chain::of(cell, None, INTERVALS[0])?
        .generator
        .relaxation()?
        .rate)
}

/// Φ has risen by this much at the edge of a law, so that e⁻⁴⁵ of it lies beyond …
const RISE: f64 = 45.0;
/// … or by this much at the top of a barrier beyond which nothing confines it, which is then its edge at finite times.
const BARRIER: f64 = 25.0;

/// How far from the start a law is looked for.
const FURTHEST: f64 = 1e6;

/// How far the law reaches on one side of a place: where Φ = ∫ slope/D has risen, and whether it rises for good.
///
/// # Errors
/// Why that is not known, in words.
fn reach(
    slope: &dyn Fn(f64) -> f64,
    diffusion: &dyn Fn(f64) -> f64,
    from: f64,
    side: f64,
) -> std::result::Result<(f64, bool), String> {
    let (mut x, mut phi, mut least) = (from, 0.0f64, 0.0f64);
    while (x - from).abs() < FURTHEST {
        let step = 1e-3 * (1.0 + (x - from).abs());
        let middle = x + 0.5 * side * step;
        let rise = side * slope(middle) / diffusion(middle) * step;
        if !rise.is_finite() {
            return Err(format!(
                "drift and noise are not both known, and noise is not above 0, at {}",
                number(middle)
            ));
        }
        if rise < 0.0 && phi - least >= BARRIER {
            return Ok((x, false));
        }
        x += side * step;
        phi += rise;
        least = least.min(phi);
        if phi - least >= RISE {
            return Ok((x, true));
        }
    }
    Err(format!(
        "the drift does not hold the process back enough for its law to end before {}, as far as it is looked for",
        number(x)
    ))
}

/// −drift of an SDE at x, in its own reading.
fn drift(sde: &Sde, line: &dyn Landscape, x: f64) -> f64 {
    let slope = slope_at(line, x);
    match sde.equation {
        // L + (η/4)|∇L|²
        Which::OfSgd { eta, order: 2, .. } => slope + 0.5 * eta * curvature_at(line, x) * slope,
        _ => slope,
    }
}
