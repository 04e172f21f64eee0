//! The section `[landscape]`, where any surface of the list will do.

use std::collections::BTreeMap;

use nalgebra::DMatrix;
use serde::Serialize;

use super::data::{Data, Source};
use super::formula::{mistaken, read_formula};
use super::spec::Section;
use base::error::{Error, Result};
use simulation::landscape::Landscape;
use simulation::landscape::expression::{Expression, Formula};
use simulation::landscape::given;
use simulation::landscape::registry::{ENTRIES, EXPRESSION, Settings, build};

/// A surface by its name and numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Surface {
    /// Its name.
    pub name: String,
    /// The numbers that the file gives.
    pub numbers: BTreeMap<String, f64>,
    /// H of a quadratic, row by row.
    pub hessian: Option<Vec<Vec<f64>>>,
    /// The user's own formula, where the surface is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formula: Option<Formula>,
    /// The examples whose mean loss it is, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    /// The gradient that a program brings, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<u64>,
}

impl Surface {
    /// Whether it changes from step to step.
    pub fn is_driven(&self) -> bool {
        let data = self.data.as_ref();
        data.is_some_and(|data| data.examples == Source::Moment)
    }

    /// Whether it can be analysed: it stays as it is, and more is known of it than a gradient.
    pub fn is_known(&self) -> bool {
        !self.is_driven() && self.given.is_none()
    }

    /// Reads the section; the surface can then be built.
    ///
    /// # Errors
    /// An unknown surface or number, or one that the surface refuses.
    pub fn read(section: &Section<'_>) -> Result<Self> {
        if section.get("given").is_some() {
            return Self::read_given(section);
        }
        let names: Vec<&'static str> = ENTRIES.iter().map(|e| e.name).collect();
        let formula = read_formula(section)?;
        let default = formula.as_ref().map(|_| EXPRESSION);
        let name = section.choice("name", default, &names)?;
        let known = ENTRIES.iter().find(|e| e.name == name);
        let mut numbers = BTreeMap::new();
        for parameter in known.map_or(&[][..], |e| e.parameters) {
            if parameter.default.is_some() && section.get(parameter.name).is_some() {
                let why = parameter.meaning;
                let number = section.number(parameter.name, None, -1e6..=1e6, why)?;
                numbers.insert(parameter.name.to_string(), number);
            }
        }
        let surface = Surface {
            name: name.to_string(),
            numbers,
            hessian: section.matrix("hessian")?.as_ref().map(rows),
            formula,
            data: None,
            given: None,
        };
        if let Some(formula) = &surface.formula {
            let dim = surface.numbers.get("dim").map(|d| *d as usize);
            Expression::new(formula, dim).map_err(|m| mistaken(section, &m))?;
        }
        section.finish()?;
        surface
            .settle()
            .map_err(|reason| section.error("name", reason))?;
        Ok(surface)
    }

    fn read_given(section: &Section<'_>) -> Result<Self> {
        let id = section.integer(
            "given",
            None,
            0..=u64::MAX,
            "a gradient that a program lends",
        )?;
        section.finish()?;
        let surface = Surface {
            name: "given".to_string(),
            numbers: BTreeMap::new(),
            hessian: None,
            formula: None,
            data: None,
            given: Some(id),
        };
        surface
            .settle()
            .map_err(|reason| section.error("given", reason))?;
        Ok(surface)
    }

    /// The surface.
    ///
    /// # Errors
    /// None for one that was read.
    pub fn build(&self) -> Result<Box<dyn Landscape>> {
        self.settle().map_err(Error::Failed)
    }

    fn settle(&self) -> std::result::Result<Box<dyn Landscape>, String> {
        if let Some(data) = &self.data {
            return Ok(Box::new(data.mean.clone()));
        }
        if let Some(id) = self.given {
            let surface = given::find(id).ok_or(
                "no gradient of this name is lent here; a surface by pointer or callable belongs to the program that brings it, as long as it keeps it",
            )?;
            return Ok(Box::new(surface));
        }
        let settings = Settings {
            scalars: self.numbers.clone(),
            hessian: self.hessian.as_deref().map(matrix),
            formula: self.formula.clone(),
        };
        build(&self.name, &settings)
    }
}

/// A matrix, row by row.
pub fn rows(matrix: &DMatrix<f64>) -> Vec<Vec<f64>> {
    let row = |r: nalgebra::RowDVector<f64>| r.iter().copied().collect();
    let all = matrix.row_iter().map(|r| row(r.into_owned()));
    all.collect()
}

/// The matrix of these rows, all of one length.
pub fn matrix(rows: &[Vec<f64>]) -> DMatrix<f64> {
    let columns = rows.first().map_or(0, Vec::len);
    DMatrix::from_row_iterator(rows.len(), columns, rows.iter().flatten().copied())
}
