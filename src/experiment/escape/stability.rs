//! Whether a step is short enough for what it follows: a path that diverges leaves every region, and is no escape.

use super::cell::{Cell, Driver};
use simulation::landscape::Landscape;
use simulation::optimizer::WeightDecay;
use simulation::sde::registry::{Stability, find};

/// A step held against its limit.
pub struct Step {
    /// The step in units of the curvature, in words with its number: `eta * h = 2.5`.
    pub words: String,
    /// It is at or beyond the limit.
    pub unstable: bool,
    /// The limit, in the same unit.
    pub limit: f64,
    /// The largest step below the limit.
    pub largest: f64,
    /// The surface is a quadratic, so that the limit holds everywhere: beyond it every path diverges.
    pub everywhere: bool,
}

impl Cell {
    /// The step against the limit of the linear equation at the start; `None` where no limit is known, or the surface
    /// is not convex there.
    ///
    /// # Errors
    /// The surface refuses its parameters.
    pub fn step(&self) -> Result<Option<Step>, String> {
        let surface = self.surface()?;
        let start = self.start_point();
        let mut h = steepest(&*surface, &start);
        let (name, step, scaled, limit) = match &self.driver {
            Driver::Optimizer { rule, .. } => {
                let Some(limit) = rule.stability_limit() else {
                    return Ok(None);
                };
                // The plateaus of a schedule, wherever they lie.
                let factors = (0..48).map(|k| rule.values.schedule.factor(1 << k));
                let eta = rule.values["eta"] * factors.fold(0.0, f64::max);
                h += match rule.values.decay() {
                    WeightDecay::L2(lambda) => lambda,
                    // Of SGD alone it is the same as a penalty.
                    WeightDecay::Decoupled(lambda) if rule.entry.name == "sgd" => lambda,
                    _ => 0.0,
                };
                ("eta * h", eta, eta * h, limit)
            }
            Driver::Langevin { scheme, .. }
            | Driver::Shaped { scheme, .. }
            | Driver::Inert { scheme, .. } => {
                let stability = find(scheme.integrator).and_then(|entry| entry.stability);
                match stability {
                    None => return Ok(None),
                    Some(Stability::Curvature(limit)) => {
                        ("dt * h", scheme.dt, scheme.dt * h, limit)
                    }
                    Some(Stability::Frequency(limit)) => {
                        ("dt * omega", scheme.dt, scheme.dt * h.sqrt(), limit)
                    }
                }
            }
        };
        if h.is_nan() || h <= 0.0 || scaled.is_nan() || scaled <= 0.0 {
            return Ok(None);
        }
        Ok(Some(Step {
            words: format!("{name} = {scaled:.4} (h = {h:.4} at the start)"),
            unstable: scaled >= limit,
            limit,
            largest: step * limit / scaled,
            everywhere: self.is_quadratic(&*surface, &start),
        }))
    }

    /// Whether the curvatures are the same at the start, at the exit, and beyond both.
    fn is_quadratic(&self, surface: &dyn Landscape, start: &[f64]) -> bool {
        let from = self.start_towards_exit();
        let there = curvatures(surface, start);
        [-1.7, 0.43, 1.0, 2.9].into_iter().all(|share| {
            let moved = share * (self.exit - from);
            let at: Vec<f64> = start.iter().map(|x| x + moved).collect();
            let here = curvatures(surface, &at);
            let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-9 * (a.abs() + b.abs());
            here.len() == there.len() && here.iter().zip(&there).all(close)
        })
    }
}

fn steepest(surface: &dyn Landscape, at: &[f64]) -> f64 {
    let own = curvatures(surface, at);
    own.into_iter().fold(f64::NEG_INFINITY, f64::max)
}

/// Eigenvalues of H; its diagonal where it has no other entries, since the matrix of many coordinates would not fit
/// into memory.
fn curvatures(surface: &dyn Landscape, at: &[f64]) -> Vec<f64> {
    if surface.separable() {
        let mut diagonal = vec![0.0; at.len()];
        surface.hessian_diagonal(at, 1, &mut diagonal);
        return diagonal;
    }
    let mut values: Vec<f64> = surface
        .hessian(at)
        .symmetric_eigenvalues()
        .iter()
        .copied()
        .collect();
    values.sort_by(f64::total_cmp);
    values
}
