//! The sections `[noise]`, `[[optimizer]]` and `[sde]`: what moves the particles, and what they sweep.

use super::cell::{Driver, Noise};
use super::sde::{self, SdeSpec};
use super::spec::Axis;
use crate::optimizer::Tuned;
use crate::spec::Section;
use base::error::Result;
use simulation::optimizer::registry::Rules;

/// Names of the noises.
pub const NOISES: &[&str] = &["gaussian", "hessian", "stable", "minibatch", "fresh"];

const LAWS: &[&str] = &["normal", "uniform", "student"];
pub(super) const POSITIVE: std::ops::RangeInclusive<f64> = f64::MIN_POSITIVE..=1e12;

/// The values that a noise or SDE section gives to the abscissa; a single one sweeps nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Swept {
    /// Which key they belong to.
    pub axis: Axis,
    /// The values.
    pub values: Vec<f64>,
}

/// A driver whose sharpness and swept value are still open.
pub struct DriverSpec<'a> {
    /// Name of its series.
    pub series: String,
    /// Where it was read from, for messages.
    pub section: Section<'a>,
    kind: Kind,
}

enum Kind {
    Optimizer { rule: Tuned, noise: NoiseSpec },
    Sde(SdeSpec),
}

#[derive(Clone)]
enum NoiseSpec {
    Gaussian {
        sharpened: bool,
    },
    Correlated {
        covariance: Vec<Vec<f64>>,
    },
    Hessian {
        batch: f64,
        floor: f64,
        axis: Axis,
    },
    Stable {
        alpha: f64,
    },
    Data {
        /// Pool size and whether samples repeat; `None` for an infinite pool.
        pool: Option<(u64, bool)>,
        law: String,
        degrees_of_freedom: f64,
        variance: f64,
    },
}

impl DriverSpec<'_> {
    /// The driver at sharpness k and at one of the swept values.
    pub fn resolve(&self, k: f64, value: f64) -> Driver {
        match &self.kind {
            Kind::Optimizer { rule, noise } => Driver::Optimizer {
                rule: rule.clone(),
                noise: noise.resolve(k, value),
            },
            Kind::Sde(sde) => sde.resolve(k, value),
        }
    }

    /// Whether every cell of it also runs at half its step.
    pub fn halved(&self) -> bool {
        matches!(&self.kind, Kind::Sde(sde) if sde.halved)
    }
}

impl NoiseSpec {
    fn resolve(&self, k: f64, value: f64) -> Noise {
        match self {
            NoiseSpec::Gaussian { sharpened } => Noise::Gaussian {
                variance: if *sharpened { k * value } else { value },
            },
            NoiseSpec::Correlated { covariance } => Noise::Correlated {
                covariance: covariance.clone(),
            },
            NoiseSpec::Hessian { batch, floor, axis } => {
                let (batch, floor) = match axis {
                    Axis::Floor => (*batch, value),
                    _ => (value, *floor),
                };
                Noise::Hessian {
                    batch,
                    floor: k * floor,
                }
            }
            NoiseSpec::Stable { alpha } => Noise::Stable {
                alpha: *alpha,
                scale: value,
            },
            NoiseSpec::Data {
                pool,
                law,
                degrees_of_freedom,
                variance,
            } => {
                let (batch, law) = (value as u64, law.clone());
                let (degrees_of_freedom, variance) = (*degrees_of_freedom, *variance);
                match *pool {
                    Some((samples, replacement)) => Noise::Minibatch {
                        samples,
                        batch,
                        law,
                        degrees_of_freedom,
                        variance,
                        replacement,
                    },
                    None => Noise::Fresh {
                        batch,
                        law,
                        degrees_of_freedom,
                        variance,
                    },
                }
            }
        }
    }
}

/// Reads the drivers, and what they sweep.
///
/// # Errors
/// Neither or both of `[sde]` and `[[optimizer]]`, or anything wrong in them.
pub fn read<'a>(
    root: &Section<'a>,
    dim: usize,
    rules: &Rules,
) -> Result<(Vec<DriverSpec<'a>>, Swept)> {
    let optimizers = root.sections("optimizer")?;
    let continuous = root.section("sde")?;
    let noise = root.section("noise")?;
    match (continuous, optimizers.is_empty()) {
        (Some(section), true) => {
            if noise.is_some() {
                return Err(root.error(
                    "noise",
                    "an [sde] has its own diffusion; remove [noise], or use [[optimizer]]",
                ));
            }
            let (sde, series, swept) = sde::read(&section)?;
            let driver = DriverSpec {
                series: series.to_string(),
                section,
                kind: Kind::Sde(sde),
            };
            Ok((vec![driver], swept))
        }
        (None, false) => {
            let noise = root.required_section("noise")?;
            let (noise, swept) = read_noise(&noise, dim)?;
            let mut drivers: Vec<DriverSpec<'a>> = Vec::new();
            for section in optimizers {
                let driver = read_optimizer(section, &noise, rules)?;
                if drivers.iter().any(|d| d.series == driver.series) {
                    return Err(driver.section.error(
                        "name",
                        format!(
                            "two optimizers are called `{}`; give one of them a label = \"…\"",
                            driver.series
                        ),
                    ));
                }
                drivers.push(driver);
            }
            Ok((drivers, swept))
        }
        (Some(_), false) => Err(root.error(
            "sde",
            "both [sde] and [[optimizer]]; they are different kinds of process, so keep one",
        )),
        (None, true) => Err(root.error(
            "optimizer",
            "nothing moves the particles; give at least one [[optimizer]], or an [sde]",
        )),
    }
}

/// Which of two keys sweeps; both at once is an error.
pub(super) fn one_sweep(
    section: &Section<'_>,
    first: Axis,
    first_values: &[f64],
    second: Axis,
    second_values: &[f64],
) -> Result<Axis> {
    match (first_values.len() > 1, second_values.len() > 1) {
        (true, true) => Err(section.error(
            second.key(),
            format!(
                "`{}` and `{}` both sweep; give one of them a single value",
                first.key(),
                second.key()
            ),
        )),
        (false, true) => Ok(second),
        _ => Ok(first),
    }
}

fn read_noise(section: &Section<'_>, dim: usize) -> Result<(NoiseSpec, Swept)> {
    let name = section.choice("name", None, NOISES)?;
    let result = match name {
        "gaussian" => read_gaussian(section, dim)?,
        "hessian" => {
            let why = "the batch size B of C = (|H| + δ)/B is positive";
            let batches = section.sweep("batch", None, POSITIVE, why)?;
            let why = "the floor δ of the noise, in units of the unsharpened Hessian";
            let floors = section.sweep("floor", None, 0.0..=1e12, why)?;
            let axis = one_sweep(section, Axis::Batch, &batches, Axis::Floor, &floors)?;
            let (batch, floor) = (batches[0], floors[0]);
            let values = if axis == Axis::Floor { floors } else { batches };
            (
                NoiseSpec::Hessian { batch, floor, axis },
                Swept { axis, values },
            )
        }
        "stable" => {
            let why =
                "the index α of the noise: 2 is Gaussian, and below it the variance is infinite";
            let alpha = section.number("alpha", None, 0.1..=2.0, why)?;
            let why = "the scale σ of the noise, positive; at α = 2 the variance is 2σ²";
            let values = section.sweep("scale", None, POSITIVE, why)?;
            let axis = Axis::Scale;
            (NoiseSpec::Stable { alpha }, Swept { axis, values })
        }
        _ => read_data(section, name)?,
    };
    section.finish()?;
    Ok(result)
}

fn read_gaussian(section: &Section<'_>, dim: usize) -> Result<(NoiseSpec, Swept)> {
    let axis = Axis::Variance;
    if let Some(matrix) = section.matrix("covariance")? {
        if matrix.shape() != (dim, dim) {
            return Err(section.error(
                "covariance",
                format!(
                    "a {} × {} matrix on a landscape of {dim} coordinates",
                    matrix.nrows(),
                    matrix.ncols()
                ),
            ));
        }
        simulation::noise::Shape::from_covariance(matrix.clone())
            .map_err(|e| section.error("covariance", e))?;
        let covariance = matrix
            .row_iter()
            .map(|r| r.iter().copied().collect())
            .collect();
        let values = vec![1.0];
        return Ok((NoiseSpec::Correlated { covariance }, Swept { axis, values }));
    }
    let why = "the variance C of one stochastic gradient, positive";
    let values = section.sweep("variance", None, POSITIVE, why)?;
    let frame = section.choice("frame", Some("theta"), &["theta", "sharpened"])?;
    let sharpened = frame == "sharpened";
    Ok((NoiseSpec::Gaussian { sharpened }, Swept { axis, values }))
}

fn read_data(section: &Section<'_>, name: &str) -> Result<(NoiseSpec, Swept)> {
    let why = "the batch size B is a whole positive number";
    let values = section.sweep("batch", None, 1.0..=1e6, why)?;
    if let Some(b) = values.iter().find(|b| b.fract() != 0.0) {
        return Err(section.error("batch", format!("{b} is not whole: {why}")));
    }
    let law = section.choice("law", Some("normal"), LAWS)?.to_string();
    let why = "Student's law has a variance for more than 2 degrees of freedom";
    let degrees_of_freedom = section.number("degrees_of_freedom", Some(5.0), 2.01..=1e6, why)?;
    let why = "the variance of each coordinate of a sample x, positive";
    let variance = section.number("variance", None, POSITIVE, why)?;
    let pool = if name == "minibatch" {
        let samples = section.integer("samples", None, 1..=100_000_000, "the size of the pool")?;
        let replacement = section.switch("replacement", true)?;
        if let Some(b) = values.iter().find(|b| **b > samples as f64) {
            return Err(section.error(
                "batch",
                format!(
                    "{b} is larger than the pool of {samples} samples; raise samples or lower batch"
                ),
            ));
        }
        Some((samples, replacement))
    } else {
        None
    };
    let spec = NoiseSpec::Data {
        pool,
        law,
        degrees_of_freedom,
        variance,
    };
    let axis = Axis::Batch;
    Ok((spec, Swept { axis, values }))
}

fn read_optimizer<'a>(
    section: Section<'a>,
    noise: &NoiseSpec,
    rules: &Rules,
) -> Result<DriverSpec<'a>> {
    let rule = Tuned::read(&section, rules)?;
    let series = section.label("label", Some(rule.entry.name))?;
    section.finish()?;
    let noise = noise.clone();
    Ok(DriverSpec {
        series,
        section,
        kind: Kind::Optimizer { rule, noise },
    })
}
