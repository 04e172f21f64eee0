//! One cell of a rare-events experiment: a driver on a surface, and how its exits are split.

use serde::Serialize;

use crate::escape::{Cell, Driver, Noise, Shape};
use simulation::ensemble::Exit;
use simulation::ensemble::splitting::{Level, Scheme};
use simulation::landscape::way::place;
use simulation::landscape::{Landscape, Way};

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
    /// The minimum of the well that particles start in: one number, where the surface is a sum over coordinates.
    pub minimum: Vec<f64>,
    /// ΔL from there to the saddle on the way out, or to the exit where that comes first.
    pub barrier: f64,
    /// T: the temperature, or that of the diffusion behind the optimizer, at the minimum.
    pub temperature: f64,
    /// √(T/H) at the minimum along the exit's coordinate: the width of the well.
    pub width: f64,
}

impl RareCell {
    /// Works out minimum, barrier, temperature and width.
    ///
    /// # Errors
    /// A noise whose size is not known beforehand, a schedule, a start in no well or in one without a curvature along
    /// the exit's coordinate, or a basin that is not between start and exit.
    pub fn new(cell: Cell, plan: Plan) -> Result<Self, String> {
        let surface = cell.surface()?;
        let line = cell.surface_of(1);
        // Of a sum over coordinates one is looked at.
        let (part, start, towards): (&dyn Landscape, Vec<f64>, usize) = match &line {
            Ok(line) if surface.separable() => (&**line, vec![cell.start_towards_exit()], 0),
            _ => (&*surface, cell.start_point(), cell.coordinate.unwrap_or(0)),
        };
        let basin = Way::basin(part, &start)?;
        let minimum = basin.point.theta;
        let curvature = part.hessian(&minimum)[(towards, towards)];
        if basin.curvatures.is_none() || curvature.is_nan() || curvature <= 0.0 {
            return Err(format!(
                "the loss has no curvature towards the exit at the minimum of the start's well, {}, and \
                 the unit of `basin` and `surface` is √(T/H) there",
                place(&minimum)
            ));
        }
        let barrier = match cell.leaving() {
            Ok(leaving) => leaving.way.height(),
            // The exit is up the wall of the well.
            Err(why) => {
                let mut wall = minimum.clone();
                wall[towards] = cell.exit;
                let height = part.value(&wall) - basin.point.value;
                if height.is_nan() || height <= 0.0 {
                    return Err(format!("{why}: nothing is rare here"));
                }
                height
            }
        };
        let temperature = temperature(&cell, (&minimum, curvature, towards))?;
        let made = RareCell {
            minimum,
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
fn temperature(
    cell: &Cell,
    (minimum, curvature, towards): (&[f64], f64, usize),
) -> Result<f64, String> {
    match &cell.driver {
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
            if !rule.values.is_steady() {
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
                noise => {
                    let found = noise.covariance_at(&|| cell.surface_of(minimum.len()), minimum)?;
                    let Some(covariance) = found else {
                        return Err(
                            "noise of data, or without a variance: its size at the start is not known beforehand; use gaussian or \
                             hessian noise"
                                .into(),
                        );
                    };
                    let variance = covariance[(towards, towards)];
                    if variance <= 0.0 {
                        return Err(format!(
                            "the noise vanishes at the minimum {}, and with it the unit √(T/H) of `basin` and `surface`",
                            place(minimum)
                        ));
                    }
                    variance
                }
            };
            Ok(0.5 * rule.values["eta"] * variance)
        }
    }
}
