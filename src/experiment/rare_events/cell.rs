//! One cell of a rare-events experiment: a driver on a surface, and how its exits are split.

use serde::Serialize;

use crate::experiment::escape::{Cell, Driver, Noise, Shape};
use crate::simulation::ensemble::Exit;
use crate::simulation::ensemble::splitting::{Level, Scheme};
use crate::simulation::landscape::barrier::barrier;

/// How a cell is split.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// N.
    pub replicas: u64,
    /// Replicas dropped at a level, without ties.
    pub kill: u64,
    /// Independent runs.
    pub runs: u64,
    /// Where the basin ends, in widths of the well beyond the start.
    pub basin: f64,
    /// Where the surface Σ lies, in the same unit.
    pub surface: f64,
    /// Cycles that are not counted, of each replica.
    pub burn_in: u64,
    /// Cycles that are.
    pub cycles: u64,
    /// Exits of brute force that a cell is compared with; 0 for none.
    pub brute_particles: u64,
    /// Steps that brute force may take in a cell; where it would need more there is none.
    pub brute_steps: f64,
}

/// A cell, resolved.
#[derive(Clone, Debug, Serialize)]
pub struct RareCell {
    /// What is simulated, and from where to where.
    #[serde(flatten)]
    pub cell: Cell,
    /// How.
    pub plan: Plan,
    /// ΔL from the start to the exit, over the lowest saddle where coordinates are coupled.
    pub barrier: f64,
    /// T: the temperature, or that of the diffusion behind the optimizer, at the start.
    pub temperature: f64,
    /// √(T/H) at the start along the exit's coordinate: the width of the well.
    pub width: f64,
}

impl RareCell {
    /// Works out barrier, temperature and width.
    ///
    /// # Errors
    /// A noise whose size is not known beforehand, a schedule, a start that is no minimum along the exit's
    /// coordinate, or a basin that is not between start and exit.
    pub fn new(cell: Cell, plan: Plan) -> Result<Self, String> {
        let surface = cell.surface()?;
        let mut point = cell.start_point();
        let towards = cell.coordinate.unwrap_or(0);
        let mut diagonal = vec![0.0; cell.dim];
        surface.hessian_diagonal(&point, 1, &mut diagonal);
        let curvature = diagonal[towards];
        if curvature.is_nan() || curvature <= 0.0 {
            return Err(format!(
                "the curvature towards the exit is {curvature} at the start: splitting leaves from a \
                 minimum, so start there"
            ));
        }
        let bottom = surface.value(&point);
        point[towards] = cell.exit;
        // Where coordinates are coupled the others give way, and the saddle is the lowest way out.
        let saddle = if surface.separable() {
            None
        } else {
            barrier(&*surface).map(|found| found.saddle.value)
        };
        let barrier = saddle.unwrap_or_else(|| surface.value(&point)) - bottom;
        let temperature = temperature(&cell.driver, curvature)?;
        let made = RareCell {
            barrier,
            temperature,
            width: (temperature / curvature).sqrt(),
            cell,
            plan,
        };
        let scheme = made.scheme();
        if scheme.surface >= scheme.exit {
            return Err(format!(
                "the surface lies {} widths of {:.4} beyond the start, which is beyond the exit: this exit \
                 is not rare; lower `surface` or the noise",
                plan.surface, made.width
            ));
        }
        Ok(made)
    }

    /// ΔL/T.
    pub fn height(&self) -> f64 {
        self.barrier / self.temperature
    }

    /// The boundary.
    pub fn exit(&self) -> Exit {
        if self.cell.upwards {
            Exit::Above(self.cell.exit)
        } else {
            Exit::Below(self.cell.exit)
        }
    }

    /// The scheme of every run.
    pub fn scheme(&self) -> Scheme {
        let level = Level::towards(self.exit(), self.cell.coordinate);
        let start = self.cell.start_point();
        let from = level.of(&start, 1, 0);
        Scheme {
            basin: from + self.plan.basin * self.width,
            surface: from + self.plan.surface * self.width,
            exit: level.sign * self.cell.exit,
            start,
            level,
            replicas: self.plan.replicas as usize,
            kill: self.plan.kill as usize,
            burn_in: self.plan.burn_in as u32,
            cycles: self.plan.cycles as u32,
            max_steps: self.cell.max_steps,
        }
    }
}

/// T = ηC/2 of an optimizer, which is SGD's; other rules differ by a factor, and with it the unit in which
/// the basin is measured, which no estimate depends on.
fn temperature(driver: &Driver, curvature: f64) -> Result<f64, String> {
    match driver {
        Driver::Langevin { temperature, .. } | Driver::Inert { temperature, .. } => {
            Ok(*temperature)
        }
        Driver::Shaped {
            shape,
            eta_over_batch,
            floor,
            ..
        } => {
            let followed = match shape {
                Shape::Hessian => curvature,
                // At the minimum, where particles start, L = L*.
                Shape::Loss => 0.0,
            };
            Ok(0.5 * eta_over_batch * (followed + floor))
        }
        Driver::Optimizer { rule, noise } => {
            if !rule.values.schedule.is_constant() {
                return Err(
                    "a path that is copied goes on with steps of its own count, so a schedule \
                            has no meaning; remove it"
                        .into(),
                );
            }
            let variance = match noise {
                Noise::Gaussian { variance } => *variance,
                Noise::Hessian { batch, floor } => (curvature + floor) / batch,
                Noise::Correlated { covariance } => covariance[0][0],
                Noise::Stable { .. } => {
                    return Err(
                        "heavy-tailed noise leaves by one jump, which no level splits; use the protocol escape"
                            .into(),
                    );
                }
                Noise::Minibatch { .. } | Noise::Fresh { .. } => {
                    return Err(
                        "noise of data: its size at the start is not known beforehand; use gaussian or \
                         hessian noise"
                            .into(),
                    );
                }
            };
            Ok(0.5 * rule.values["eta"] * variance)
        }
    }
}
