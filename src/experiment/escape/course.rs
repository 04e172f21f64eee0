//! From where to where, and for how long: the keys of `[ensemble]`.

use crate::precision::precision;
use crate::spec::{Section, Value};
use base::error::Result;
use simulation::ensemble::Precision;

/// A position on the unsharpened surface.
#[derive(Clone, Debug)]
pub(super) enum Position {
    Minimum,
    Saddle,
    /// The same number in every coordinate, or one for each.
    At(Vec<f64>),
}

/// From where to where, and for how long.
pub struct Course<'a> {
    /// Where it was read from, for messages.
    pub section: Section<'a>,
    pub(super) start: Position,
    pub(super) exit: Position,
    pub(super) coordinate: Option<String>,
    pub(super) upwards: bool,
    pub(super) particles: u64,
    /// Steps after which a particle is censored.
    pub max_steps: u64,
    /// What numbers particles are made of.
    pub precision: Precision,
}

impl<'a> Course<'a> {
    /// Reads `[ensemble]`.
    ///
    /// # Errors
    /// Anything missing, unknown or out of range.
    pub fn read(section: Section<'a>) -> Result<Self> {
        let why = "the number of particles in a cell";
        let particles = section.integer("particles", None, 2..=100_000_000, why)?;
        let why = "steps after which a particle is censored";
        let max_steps = section.integer("max_steps", None, 1..=1_000_000_000_000, why)?;
        let mut course = Self::way(section, particles, max_steps)?;
        course.precision = precision(&course.section)?;
        course.section.finish()?;
        Ok(course)
    }

    /// Reads the way alone; the section's other keys are the caller's.
    ///
    /// # Errors
    /// Anything unknown or out of range.
    pub fn way(section: Section<'a>, particles: u64, max_steps: u64) -> Result<Self> {
        let start = Self::position(&section, "start", "minimum")?;
        let exit = Self::position(&section, "exit", "saddle")?;
        let coordinate = match section.get("coordinate").map(|node| &node.value) {
            None => None,
            Some(Value::Integer(i)) => Some(i.to_string()),
            Some(_) => Some(section.text("coordinate", None)?),
        };
        let upwards = section.choice("direction", Some("above"), &["above", "below"])? == "above";
        if matches!(&exit, Position::At(values) if values.len() > 1) {
            return Err(section.error("exit", "the boundary is one number, of one coordinate"));
        }
        Ok(Course {
            section,
            start,
            exit,
            coordinate,
            upwards,
            particles,
            max_steps,
            precision: Precision::default(),
        })
    }

    fn position(section: &Section<'_>, key: &'static str, default: &str) -> Result<Position> {
        match section.get(key).map(|node| &node.value) {
            None | Some(Value::Text(_)) => {
                let named = section.choice(key, Some(default), &["minimum", "saddle"])?;
                Ok(if named == "minimum" {
                    Position::Minimum
                } else {
                    Position::Saddle
                })
            }
            Some(Value::List(_)) => Ok(Position::At(section.list(key)?)),
            Some(_) => {
                let why = "a coordinate on the unsharpened surface, or \"minimum\" or \"saddle\"";
                let x = section.number(key, None, -1e6..=1e6, why)?;
                Ok(Position::At(vec![x]))
            }
        }
    }
}
