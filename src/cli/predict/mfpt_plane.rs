//! The first exit of either of two coordinates, by the Fokker–Planck equation on a grid.

use super::answer::{Prediction, RELATIVE_ERROR, numbers};
use super::course::Course;
use super::noise::Diffusion;
use crate::error::{Error, Result};
use crate::prediction::exact::Interpretation;
use crate::prediction::exact::fokker_planck::{Axis, End, Equation, Generator, refined};
use crate::simulation::landscape::line::slope_at;

/// Change of the extrapolated mean at which refinement ends, and the finest grid.
const TOLERANCE: f64 = 1e-4;
const REFINEMENTS: u32 = 3;
/// Intervals along each coordinate at first.
const INTERVALS: usize = 40;
/// L has risen by this many D at the far wall.
const RISE: f64 = 40.0;
const FAR: f64 = 1e3;

/// Mean and second moment of the time at which the first of two coordinates leaves.
///
/// # Errors
/// [`Error::Input`] where nothing confines the particle behind the start.
pub fn exact(
    course: &Course,
    diffusion: &Diffusion,
    wall: Option<f64>,
    unit: &'static str,
    notes: &mut Vec<String>,
) -> Result<Option<Prediction>> {
    let far = match wall {
        Some(wall) => wall,
        None => behind(course, diffusion)?,
    };
    let sign = course.sign();
    // Along the axis the exit is above the start.
    let points = [far, course.start, course.exit].map(|x| sign * x);
    let equation = Equation {
        slope: &|point, i| sign * slope_at(&*course.line, sign * point[i]),
        diffusion: &|point, i| diffusion.at(&*course.line, sign * point[i]),
        interpretation: Interpretation::Ito,
    };
    let mut seconds = Vec::new();
    let mean = refined(
        |level| {
            let axis = Axis::through(&points, INTERVALS << level, End::Reflecting, End::Absorbing)?;
            let place = axis.nearest(sign * course.start);
            let chain = Generator::new(&[axis.clone(), axis], &equation)?;
            let node = chain.node(&[place, place]);
            let (mean, second) = chain.passage_moments()?;
            seconds.push(second[node]);
            Ok(mean[node])
        },
        TOLERANCE,
        REFINEMENTS,
    );
    let mean = match mean {
        Ok(mean) => mean,
        Err(Error::Failed(why)) => {
            notes.push(format!("no exact value: {why}"));
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let second = match seconds[..] {
        [.., coarse, fine] => fine + (fine - coarse) / 3.0,
        _ => f64::NAN,
    };
    Ok(Some(Prediction {
        values: numbers([
            ("mean", mean.value),
            ("second_moment", second),
            (RELATIVE_ERROR, mean.relative_error),
        ]),
        unit,
        formula: "−∇L·∇T + D∇²T = −1, T = 0 where either coordinate is at the exit".into(),
        source: "finite volumes with the Scharfetter–Gummel flux on grids of falling spacing, extrapolated; sparse LU",
        validity: Vec::new(),
    }))
}

/// Where L has risen far above the start, on the side away from the exit.
fn behind(course: &Course, diffusion: &Diffusion) -> Result<f64> {
    let away = -course.sign();
    let bottom = course.line.value(&[course.start]);
    let mut step = 1e-2 * (course.exit - course.start).abs();
    while step < FAR {
        let x = course.start + away * step;
        if course.line.value(&[x]) - bottom >= RISE * diffusion.at(&*course.line, x) {
            return Ok(x);
        }
        step *= 1.05;
    }
    Err(Error::Input(format!(
        "the loss does not rise by {RISE} D on the far side of the start; give a reflecting wall there"
    )))
}
