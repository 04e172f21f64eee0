//! Nodes on which a Gaussian chain's transition kernel, and what it acts on, are resolved.

use super::legendre::{GaussLegendre, POINTS};
use super::panels::Marks;
use base::error::{Error, Result};

/// One step of a chain: θ' = mean(θ) + sd(θ) ξ.
pub(super) type Step<'a> = &'a dyn Fn(f64) -> Result<(f64, f64)>;

/// A kernel further from its mean than this many standard deviations (1e-18) needs no resolution.
const REACH: f64 = 9.0;
/// Elimination costs n³/3; this many nodes take about ten seconds.
const MOST_NODES: usize = 3200;

/// Quadrature nodes and weights, ascending.
pub(super) struct Grid {
    pub nodes: Vec<f64>,
    pub weights: Vec<f64>,
    /// Mean and standard deviation of the step from each node.
    pub steps: Vec<(f64, f64)>,
}

#[derive(Clone)]
struct Cell {
    left: f64,
    right: f64,
    nodes: [f64; POINTS],
    steps: [(f64, f64); POINTS],
}

impl Grid {
    /// Panels on [left, right], broken at kinks, none wider than `resolution` standard
    /// deviations of any kernel that reaches it, `start`'s included. Between the nodes the steps are
    /// looked at where the marks say that something may hide. `cut` is where a panel is cut that is too wide.
    ///
    /// # Errors
    /// Those of `step`, and [`Error::Failed`] when more than 3200 nodes would be needed.
    pub fn new(
        step: Step<'_>,
        left: f64,
        right: f64,
        marks: &Marks,
        start: f64,
        (resolution, cut): (f64, f64),
    ) -> Result<Self> {
        let mut ends: Vec<f64> = marks
            .kinks
            .iter()
            .chain(&marks.poles)
            .copied()
            .filter(|&x| x > left && x < right)
            .collect();
        ends.extend([left, right]);
        ends.sort_by(f64::total_cmp);
        ends.dedup();
        let mut cells = Vec::new();
        for piece in ends.windows(2) {
            cells.extend(halves(step, piece[0], piece[1], cut)?);
        }
        let looks = looks(step, &marks.cells, left, right)?;
        cells = split_while(step, cells, cut, &|cell| {
            !smooth(cell, left, right, resolution) || hides(cell, &looks, left, right)
        })?;
        loop {
            let mut kernels: Vec<(f64, f64)> = cells.iter().flat_map(|c| c.steps).collect();
            kernels.push(step(start)?);
            let before = cells.len();
            cells = split_once(step, cells, cut, &|cell| {
                let width = cell.right - cell.left;
                kernels.iter().any(|&(mean, sd)| {
                    width > resolution * sd
                        && mean > cell.left - REACH * sd
                        && mean < cell.right + REACH * sd
                })
            })?;
            if cells.len() == before {
                break;
            }
        }
        let rule = GaussLegendre::rule();
        let mut grid = Self {
            nodes: Vec::new(),
            weights: Vec::new(),
            steps: Vec::new(),
        };
        for cell in &cells {
            grid.nodes.extend(cell.nodes);
            grid.steps.extend(cell.steps);
            grid.weights
                .extend(rule.weights.map(|w| 0.5 * (cell.right - cell.left) * w));
        }
        Ok(grid)
    }
}

fn cell(step: Step<'_>, left: f64, right: f64) -> Result<Cell> {
    let rule = GaussLegendre::rule();
    let nodes = rule.nodes.map(|x| left + 0.5 * (right - left) * (x + 1.0));
    let mut steps = [(0.0, 0.0); POINTS];
    for (to, theta) in steps.iter_mut().zip(nodes) {
        *to = step(theta)?;
    }
    Ok(Cell {
        left,
        right,
        nodes,
        steps,
    })
}

/// Whether the kernel is resolved as a function of where the step begins.
fn smooth(cell: &Cell, left: f64, right: f64, resolution: f64) -> bool {
    let rule = GaussLegendre::rule();
    let log_sd = cell.steps.map(|(_, sd)| sd.ln());
    let range = |values: [f64; POINTS]| {
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        most - values.iter().copied().fold(f64::INFINITY, f64::min)
    };
    let widest = cell.steps.iter().map(|s| s.1).fold(0.0, f64::max);
    // Where every step leaves, its mean may change as fast as it likes.
    let stays = cell
        .steps
        .iter()
        .any(|(m, sd)| m - REACH * sd < right && m + REACH * sd > left);
    rule.unresolved(&log_sd) <= 1e-10
        && range(log_sd) <= 2.0
        && (!stays || range(cell.steps.map(|s| s.0)) <= resolution * widest)
}

/// A point between the nodes, with its step.
struct Look {
    at: f64,
    mean: f64,
    sd: f64,
}

/// The steps at three points in every cell of the marks.
fn looks(step: Step<'_>, cells: &[f64], left: f64, right: f64) -> Result<Vec<Look>> {
    let mut looks = Vec::new();
    for pair in cells.windows(2) {
        for part in [0.21, 0.5, 0.79] {
            let at = pair[0] + part * (pair[1] - pair[0]);
            if left < at && at < right {
                let (mean, sd) = step(at)?;
                looks.push(Look { at, mean, sd });
            }
        }
    }
    looks.sort_by(|a, b| a.at.total_cmp(&b.at));
    Ok(looks)
}

/// Whether the steps between a cell's nodes are not what the nodes say: the mean to this part of a standard
/// deviation, and the standard deviation to this part of itself.
const HIDDEN: f64 = 1e-8;

fn hides(cell: &Cell, looks: &[Look], left: f64, right: f64) -> bool {
    let rule = GaussLegendre::rule();
    let first = looks.partition_point(|look| look.at <= cell.left);
    let last = looks.partition_point(|look| look.at < cell.right);
    looks[first..last].iter().any(|look| {
        let x = 2.0 * (look.at - cell.left) / (cell.right - cell.left) - 1.0;
        let mean = rule.interpolated(&cell.steps.map(|s| s.0), x);
        let sd = rule.interpolated(&cell.steps.map(|s| s.1.ln()), x);
        let stays = |mean: f64| mean - REACH * look.sd < right && mean + REACH * look.sd > left;
        let rounding = 1e-13 * look.mean.abs().max(look.at.abs());
        (stays(mean) || stays(look.mean)) && (mean - look.mean).abs() > HIDDEN * look.sd + rounding
            || (sd - look.sd.ln()).abs() > HIDDEN
    })
}

/// Two cells in place of one.
fn halves(step: Step<'_>, left: f64, right: f64, cut: f64) -> Result<[Cell; 2]> {
    let middle = left + cut * (right - left);
    Ok([cell(step, left, middle)?, cell(step, middle, right)?])
}

fn split_once(
    step: Step<'_>,
    cells: Vec<Cell>,
    cut: f64,
    coarse: &dyn Fn(&Cell) -> bool,
) -> Result<Vec<Cell>> {
    let mut result = Vec::with_capacity(cells.len());
    for c in cells {
        if coarse(&c) {
            result.extend(halves(step, c.left, c.right, cut)?);
        } else {
            result.push(c);
        }
        if result.len() * POINTS > MOST_NODES {
            return Err(Error::Failed(format!(
                "the chain's kernel takes more than {MOST_NODES} nodes to resolve: its steps are \
                 too small against the way it has to go; use the continuous first-passage time there"
            )));
        }
    }
    Ok(result)
}

fn split_while(
    step: Step<'_>,
    mut cells: Vec<Cell>,
    cut: f64,
    coarse: &dyn Fn(&Cell) -> bool,
) -> Result<Vec<Cell>> {
    loop {
        let before = cells.len();
        cells = split_once(step, cells, cut, coarse)?;
        if cells.len() == before {
            return Ok(cells);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_integrates_to_one() {
        // Noise that falls to a floor at a kink, as |L''| + δ does.
        let step = |x: f64| Ok((0.9 * x, 0.3 * (x.abs() + 0.01).sqrt()));
        let grid = Grid::new(&step, -4.0, 4.0, &Marks::kinks(&[0.0]), 0.5, (4.0, 0.5)).unwrap();
        for from in [-0.7, -0.01, 0.0, 0.5] {
            let (mean, sd) = step(from).unwrap();
            let mass: f64 = grid
                .nodes
                .iter()
                .zip(&grid.weights)
                .map(|(y, w)| w * super::super::gaussian::density((y - mean) / sd) / sd)
                .sum();
            assert!((mass - 1.0).abs() < 1e-12, "{from}: {mass}");
        }
    }

    #[test]
    fn too_fine_a_kernel_is_refused() {
        let step = |x: f64| Ok((x, 1e-6));
        assert!(Grid::new(&step, 0.0, 1.0, &Marks::default(), 0.5, (4.0, 0.5)).is_err());
    }
}
