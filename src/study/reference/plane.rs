//! A diffusion of two coordinates, or of one and what is remembered of it: its passages and its long run.

use std::cell::RefCell;

use base::error::{Error, Result};
use measurement::reading::Exact;
use prediction::exact::PlaneLaw;
use prediction::exact::plane::{Coefficients, Exit, Plane, Point};
use simulation::landscape::line::slope_at;
use simulation::sde::registry::Dynamics;

use crate::cell::Cell;
use crate::observe::exit::Boundary;
use crate::system::motion::{Equation, Sde};
use crate::system::{Motion, System};

/// b and D, and where it starts.
struct InPlane {
    at: Box<dyn Fn(Point) -> Coefficients>,
    start: Point,
}

/// Where particles are out.
pub enum Out<'a> {
    /// Beyond a number of a coordinate.
    Beyond(Boundary),
    /// Where this is above 0.
    Where(&'a dyn Fn(&[f64]) -> Result<f64>),
}

/// Whether a cell is such a diffusion.
pub fn applies(cell: &Cell) -> bool {
    let system = &cell.system;
    match &system.motion {
        Motion::Sde(sde) => coordinates(system, sde) == 2 && of(system, sde).is_ok(),
        Motion::Rule(_) => false,
    }
}

/// Whether all begin at one place, at rest.
pub fn starts(cell: &Cell) -> bool {
    let start = &cell.system.start;
    start.point().is_some() && (start.momentum.is_zero() || cell.system.dim() == 2)
}

fn coordinates(system: &System, sde: &Sde) -> usize {
    let remembered = match &sde.equation {
        Equation::Underdamped { .. } => 1,
        Equation::Written { formula, .. } => formula.state.len(),
        _ => 0,
    };
    system.dim() * (1 + remembered)
}

/// The diffusion of a system.
fn of(system: &System, sde: &Sde) -> Result<InPlane> {
    if !system.landscape.is_known() {
        return Err(Error::Failed(
            "of its landscape no more is known than a gradient".into(),
        ));
    }
    let surface = system.landscape.build()?;
    let mut start = system.start.middle();
    let pair = |all: Vec<f64>| -> Result<Point> {
        all.try_into()
            .map_err(|_| Error::Failed("its coordinates are not two".into()))
    };
    if let Some(formula) = sde.formula() {
        if !formula.is_steady() {
            return Err(Error::Failed("it changes with the time".into()));
        }
        let (_, frame) = formula
            .on(surface, sde.dt, system.clock)
            .map_err(|wrong| Error::Input(wrong.what))?;
        start = frame.begin(&start);
        return Ok(InPlane {
            at: Box::new(move |point| {
                let (b, d) = frame.at(&point);
                ([b[0], b[1]], [d[(0, 0)], d[(0, 1)], d[(1, 1)]])
            }),
            start: pair(start)?,
        });
    }
    let at: Box<dyn Fn(Point) -> Coefficients> = match sde.equation {
        Equation::Underdamped {
            temperature,
            damping,
        } => {
            start.push(0.0);
            Box::new(move |[x, v]| {
                let force = -slope_at(&*surface, x);
                ([v, force - damping * v], [0.0, 0.0, damping * temperature])
            })
        }
        Equation::Overdamped { temperature } => Box::new(move |point| {
            let mut slope = [0.0; 2];
            surface.gradient(&point, 1, &mut slope);
            (slope.map(|g| -g), [temperature, 0.0, temperature])
        }),
        _ => {
            let Dynamics::Diffusion(own) = sde.dynamics(&|| system.surface(), &system.noise)?
            else {
                return Err(Error::Failed("it is no diffusion of θ".into()));
            };
            Box::new(move |point| {
                let (mut b, mut d) = ([0.0; 2], [0.0; 2]);
                own.drift(&point, 1, &mut b);
                own.diffusion(&point, 1, &mut d);
                (b, [d[0], 0.0, d[1]])
            })
        }
    };
    Ok(InPlane {
        at,
        start: pair(start)?,
    })
}

fn of_cell(cell: &Cell) -> Result<(InPlane, f64)> {
    match &cell.system.motion {
        Motion::Sde(sde) => Ok((of(&cell.system, sde)?, sde.dt)),
        Motion::Rule(_) => Err(Error::Failed("no SDE".into())),
    }
}

/// The mean time until it is out, in steps.
///
/// # Errors
/// It is not known: the message says why.
pub fn mean_step(cell: &Cell, out: &Out<'_>) -> Result<Exact> {
    let (own, dt) = of_cell(cell)?;
    let plane = Plane {
        at: &*own.at,
        start: own.start,
    };
    let dim = cell.system.dim();
    let wrong = RefCell::new(None);
    let beyond = |point: Point| match out {
        Out::Where(formula) => formula(&point[..dim]).unwrap_or_else(|why| {
            wrong.replace(Some(why));
            f64::NAN
        }),
        Out::Beyond(_) => f64::NAN,
    };
    let exit = match *out {
        Out::Beyond(boundary) => Exit::Beyond {
            coordinate: boundary.coordinate,
            at: boundary.at,
            above: boundary.above,
        },
        Out::Where(_) => Exit::Where(&beyond),
    };
    let found = plane.passage(&exit);
    if let Some(why) = wrong.take() {
        return Err(why);
    }
    let found = found?;
    let steps = found.value / dt;
    let method = "backward equation in two coordinates, extrapolated over five grids";
    Ok(Exact::by(method, steps).within(found.relative_error * steps))
}

/// The law in the long run.
///
/// # Errors
/// There is none, or it is not found.
pub fn stationary(cell: &Cell) -> Result<PlaneLaw> {
    let (own, _) = of_cell(cell)?;
    Plane {
        at: &*own.at,
        start: own.start,
    }
    .stationary()
}

/// How fast the start is forgotten, a step.
///
/// # Errors
/// As [`stationary`].
pub fn relaxation(cell: &Cell) -> Result<f64> {
    let (own, dt) = of_cell(cell)?;
    let plane = Plane {
        at: &*own.at,
        start: own.start,
    };
    Ok(dt * plane.relaxation()?)
}
