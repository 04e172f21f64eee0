//! `predict mfpt`: the mean first-passage time of the overdamped SDE along one coordinate.

use super::Quantity;
use super::answer::{Answer, Beyond, Figure, Prediction, RELATIVE_ERROR, numbers};
use super::course::{self, Course};
use super::inputs::Inputs;
use super::key::{Key, Range};
use super::law;
use super::noise::{self, Diffusion};
use base::error::{Error, Result};
use experiment::marks::Slope;
use prediction::exact::first_passage::{FirstPassage, Passage};
use prediction::exact::{Interpretation, cut_short, first_of_many};

const LANDSCAPE: Key = course::landscape("double-well");
const REFLECTING: Key = Key::optional(
    "reflecting",
    Range::Finite,
    "a reflecting wall on the far side of the start",
);
/// The quantity.
pub const MFPT: Quantity = Quantity {
    name: "mfpt",
    summary: "mean time until dθ = −L′(θ) dt + √(2D(θ)) dW, read in Itô's sense, first reaches the exit",
    keys: &[
        &[LANDSCAPE],
        course::KEYS,
        &[REFLECTING],
        noise::DIFFUSION_KEYS,
        noise::KEYS,
    ],
    answer,
};

const UNIT: &str = "(unit of t; with a learning rate, steps × η)";

fn answer(mut inputs: Inputs) -> Result<Answer> {
    let course = Course::read(&mut inputs, &LANDSCAPE, &MFPT.names())?;
    let wall = inputs.optional(&REFLECTING)?;
    if let Some(wall) = wall {
        course::defined(&inputs, REFLECTING.name, &*course.line, wall)?;
    }
    course.joined(&inputs, wall)?;
    let diffusion = Diffusion::read(&mut inputs)?;
    let mut notes = Vec::new();
    let exact = inputs.together(exact(&course, &diffusion, wall, &mut notes))?;
    let paper = law::of(&course, &diffusion, wall, &mut notes);
    let each = if course.dim == 1 { "" } else { "1/d · " };
    Ok(Answer {
        quantity: MFPT.name,
        summary: MFPT.summary,
        inputs: inputs.resolved(),
        paper: paper.map(|law| law.without_steps().prediction(1.0, each, UNIT)),
        exact,
        notes,
    })
}

fn exact(
    course: &Course,
    diffusion: &Diffusion,
    wall: Option<f64>,
    notes: &mut Vec<String>,
) -> Result<Option<Prediction>> {
    if let Some(theta) = diffusion.noise.dead_end(course) {
        notes.push(format!(
            "the mean time is infinite: D vanishes at θ = {theta} with the drift pointing away from \
             the exit, so the SDE never crosses that point; floor=… lets it (steps of finite size jump over it, \
             but neither is their mean known without a floor)"
        ));
        let infinite = || Figure::Beyond(Beyond::Infinite);
        let infinite = vec![("mean", infinite()), ("second_moment", infinite())];
        let source = "∫L′/D diverges where |L″| vanishes";
        return Ok(Some(integral(infinite, source)));
    }
    let passage = FirstPassage {
        drift: &Slope(&*course.line),
        diffusion: &diffusion.along(&*course.line),
        start: course.start,
        exit: course.exit,
        reflecting: wall,
        breaks: &|low, high| diffusion.noise.breaks(&*course.line, low, high),
        interpretation: Interpretation::Ito,
    };
    if course.dim > 1 {
        return first(&passage, course.dim, notes);
    }
    let values = match passage.solve() {
        Ok(Passage::After(time)) => {
            notes.extend(time.looked.map(cut_short));
            numbers([
                ("mean", time.mean),
                ("second_moment", time.second_moment),
                (RELATIVE_ERROR, time.relative_error),
            ])
        }
        Ok(Passage::Never { barrier }) => {
            notes.push(format!(
                "no exact value: D falls at θ = {barrier} too low to tell it from zero; raise the floor"
            ));
            return Ok(None);
        }
        Err(Error::Failed(why)) => {
            notes.push(format!("no exact value: {why}"));
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let source = "quadrature (Gardiner, Handbook of Stochastic Methods, section 5.2.7)";
    Ok(Some(integral(values, source)))
}

/// The first of `dim` coordinates.
fn first(
    passage: &FirstPassage<'_>,
    dim: u32,
    notes: &mut Vec<String>,
) -> Result<Option<Prediction>> {
    match first_of_many(passage, dim) {
        Ok(time) => {
            notes.extend(time.looked.map(cut_short));
            Ok(Some(Prediction {
                values: numbers([
                    ("mean", time.mean),
                    ("second_moment", time.second_moment),
                    (RELATIVE_ERROR, time.relative_error),
                ]),
                unit: UNIT,
                formula: format!("∫S(t)^{dim} dt, S the survival function of one coordinate"),
                source: "finite volumes with the Scharfetter–Gummel flux on three grids, extrapolated",
                validity: Vec::new(),
            }))
        }
        Err(Error::Failed(why)) => {
            notes.push(format!("no exact value: {why}"));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn integral(values: Vec<(&'static str, Figure)>, source: &'static str) -> Prediction {
    Prediction {
        values,
        unit: UNIT,
        formula: "T(a) = ∫ₐᵇ dy e^Φ(y) ∫₋∞^y dz e^−Φ(z)/D(z), Φ = ∫L′/D".into(),
        source,
        validity: Vec::new(),
    }
}

#[cfg(test)]
#[path = "mfpt_tests.rs"]
mod tests;
