//! The block `[noise]`.

use std::ops::RangeInclusive;

use serde::Serialize;

use base::error::{Error, Result};
use experiment::escape::cell::Noise as Known;
use experiment::escape::process;
use experiment::spec::Section;
use experiment::surface::rows;
use simulation::landscape::Landscape;
use simulation::noise::{Drawn, DrawnLaw, Gaussian, Oracle, Shape};
use simulation::random::Stream;

use crate::file::{Block, Names};

/// What makes a gradient stochastic.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Noise {
    /// Nothing.
    None,
    /// One of the noises that every protocol knows.
    Known(Known),
    /// One draw of a law, or the mean of several, scaled to a variance.
    Drawn {
        /// The law.
        law: DrawnLaw,
        /// Its variance.
        variance: f64,
        /// Of how many draws the mean is taken.
        mean_of: u64,
        /// Where it is cut, if it is.
        bound: Option<f64>,
    },
}

const NAMES: &[&str] = &[
    "none",
    "gaussian",
    "student",
    "laplace",
    "two-point",
    "stable",
    "hessian",
    "minibatch",
    "fresh",
];
const POSITIVE: RangeInclusive<f64> = f64::MIN_POSITIVE..=1e12;

impl Noise {
    /// The noise at a point of the sweep.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn read(block: &Block, names: &Names<'_>, dim: usize) -> Result<Self> {
        for key in ["std", "covariance"] {
            if let Some(node) = block.get(key)
                && format!("{:?}", node.value).contains("Text(")
            {
                let what = "a covariance that depends on the state is not among the noises; \
                            there are gaussian, student, laplace, two-point, stable, hessian, minibatch and fresh";
                return Err(block.error(key, what));
            }
        }
        let wanted = [
            "variance", "dof", "alpha", "scale", "batch", "floor", "samples", "mean_of", "bound",
        ];
        let name = block.word("name").unwrap_or_default();
        let own: Vec<&str> = wanted.into_iter().filter(|key| takes(name, key)).collect();
        let concrete = names.concrete(block, &own)?;
        let section = Section::new("noise", &concrete.node)?;
        let noise = one(&section, dim)?;
        section.finish()?;
        Ok(noise)
    }

    /// Var of one coordinate's noise where it is the same everywhere.
    pub fn variance(&self) -> Option<f64> {
        match self {
            Noise::None => Some(0.0),
            Noise::Known(Known::Gaussian { variance }) => Some(*variance),
            Noise::Drawn {
                variance,
                mean_of,
                bound: None,
                ..
            } => Some(variance / *mean_of as f64),
            _ => None,
        }
    }

    /// B, where there is one.
    pub fn batch(&self) -> Option<f64> {
        match self {
            Noise::Known(Known::Hessian { batch, .. }) => Some(*batch),
            Noise::Known(Known::Minibatch { batch, .. } | Known::Fresh { batch, .. }) => {
                Some(*batch as f64)
            }
            _ => None,
        }
    }

    /// The stochastic gradient.
    ///
    /// # Errors
    /// The noise and the surface do not fit.
    pub fn oracle(
        &self,
        surface: Box<dyn Landscape>,
        sharpness: f64,
        pool: &Stream,
    ) -> Result<Box<dyn Oracle>> {
        match self {
            Noise::None => Ok(Box::new(Gaussian::new(surface, Shape::Isotropic(0.0)))),
            Noise::Known(known) => {
                process::oracle(known, surface, sharpness, pool).map_err(Error::Failed)
            }
            Noise::Drawn {
                law,
                variance,
                mean_of,
                bound,
            } => Ok(Box::new(Drawn {
                landscape: surface,
                shape: *law,
                scale: variance.sqrt(),
                mean_of: *mean_of,
                bound: bound.unwrap_or(f64::INFINITY),
            })),
        }
    }
}

/// Whether a noise of that name has that key.
fn takes(name: &str, key: &str) -> bool {
    let own: &[&str] = match name {
        "gaussian" | "laplace" | "two-point" => &["variance", "mean_of", "bound"],
        "student" => &["variance", "dof", "mean_of", "bound"],
        "stable" => &["alpha", "scale"],
        "hessian" => &["batch", "floor"],
        "minibatch" => &["batch", "samples", "variance", "dof"],
        "fresh" => &["batch", "variance", "dof"],
        _ => &[],
    };
    own.contains(&key)
}

fn one(section: &Section<'_>, dim: usize) -> Result<Noise> {
    let name = section.choice("name", None, NAMES)?;
    let positive = |key: &'static str, default: Option<f64>, why: &str| {
        section.number(key, default, POSITIVE, why)
    };
    let law = match name {
        "none" => return Ok(Noise::None),
        "stable" => {
            let why =
                "the index α of the noise: 2 is Gaussian, and below it the variance is infinite";
            let alpha = section.number("alpha", None, 0.1..=2.0, why)?;
            let scale = positive(
                "scale",
                None,
                "the scale σ of the noise; at α = 2 the variance is 2σ²",
            )?;
            return Ok(Noise::Known(Known::Stable { alpha, scale }));
        }
        "hessian" => {
            let batch = positive("batch", None, "the batch size B of C = (|H| + δ)/B")?;
            let why = "the floor δ of the noise, in units of the Hessian";
            let floor = section.number("floor", Some(0.0), 0.0..=1e12, why)?;
            return Ok(Noise::Known(Known::Hessian { batch, floor }));
        }
        "minibatch" | "fresh" => return data(section, name),
        "student" => {
            let why = "ν of Student's law, which has a variance above 2";
            DrawnLaw::Student(section.number("dof", None, 2.01..=1e6, why)?)
        }
        "laplace" => DrawnLaw::Laplace,
        "two-point" => DrawnLaw::TwoPoint,
        _ => DrawnLaw::Gaussian,
    };
    if let (DrawnLaw::Gaussian, Some(covariance)) = (law, section.matrix("covariance")?) {
        if covariance.shape() != (dim, dim) {
            let (rows, columns) = covariance.shape();
            let what = format!("a {rows} × {columns} matrix on a landscape of {dim} coordinates");
            return Err(section.error("covariance", what));
        }
        Shape::from_covariance(covariance.clone())
            .map_err(|why| section.error("covariance", why))?;
        let covariance = rows(&covariance);
        return Ok(Noise::Known(Known::Correlated { covariance }));
    }
    let why = "the variance C of one coordinate of the stochastic gradient, whatever its law";
    let variance = section.number("variance", None, 0.0..=1e12, why)?;
    let mean_of = section.integer(
        "mean_of",
        Some(1),
        1..=10_000,
        "draws of which the mean is taken",
    )?;
    let bound = match section.get("bound") {
        Some(_) => Some(positive("bound", None, "where each draw is cut, ±b")?),
        None => None,
    };
    if law == DrawnLaw::Gaussian && bound.is_none() {
        let variance = variance / mean_of as f64;
        return Ok(Noise::Known(Known::Gaussian { variance }));
    }
    Ok(Noise::Drawn {
        law,
        variance,
        mean_of,
        bound,
    })
}

fn data(section: &Section<'_>, name: &str) -> Result<Noise> {
    let batch = section.integer("batch", None, 1..=1_000_000, "the batch size B")?;
    let law = section
        .choice("law", Some("normal"), &["normal", "uniform", "student"])?
        .to_string();
    let why = "ν of Student's law, which has a variance above 2";
    let degrees_of_freedom = section.number("dof", Some(5.0), 2.01..=1e6, why)?;
    let why = "the variance of each coordinate of a sample";
    let variance = section.number("variance", None, POSITIVE, why)?;
    Ok(Noise::Known(if name == "minibatch" {
        let samples = section.integer(
            "samples",
            None,
            batch..=100_000_000,
            "the size of the pool, at least B",
        )?;
        let replacement = section.switch("replacement", true)?;
        Known::Minibatch {
            samples,
            batch,
            law,
            degrees_of_freedom,
            variance,
            replacement,
        }
    } else {
        Known::Fresh {
            batch,
            law,
            degrees_of_freedom,
            variance,
        }
    }))
}
