//! Facts of a system: what formulas may name beside their own keys.

use std::cell::OnceCell;
use std::rc::Rc;

use simulation::landscape::way::Rest;
use simulation::landscape::{Landscape, Way};

use super::noise::Noise;
use crate::file::Known;

/// Facts of a landscape at a start, of a noise, and of what is known later.
pub struct SystemFacts<'a> {
    /// L.
    pub surface: &'a dyn Landscape,
    /// The names of its coordinates.
    pub variables: &'a [String],
    /// Where particles begin.
    pub start: Option<Vec<f64>>,
    /// The noise, once it is known.
    pub noise: Option<&'a Noise>,
    /// T, once it is known.
    pub temperature: Option<f64>,
    /// What was found from the start, for all systems that begin there on this landscape.
    pub found: Rc<Found>,
}

/// What is looked for on a landscape from a start, once it was asked for.
#[derive(Default)]
pub struct Found {
    /// The minimum of the start's basin.
    rest: OnceCell<Result<Rest, String>>,
    /// The lowest saddle that borders it.
    way: OnceCell<Result<Way, String>>,
}

/// The facts: their names, and what they are. `x` stands for any coordinate.
pub const ENTRIES: &[(&str, &str)] = &[
    ("dim", "d, the number of coordinates"),
    ("x_min", "a coordinate of the minimum of the start's basin"),
    ("loss_min", "L at the minimum of the start's basin"),
    ("h", "its curvature, in one coordinate"),
    ("h_max", "the largest eigenvalue of ∇²L there"),
    ("h_min", "the least eigenvalue of ∇²L there"),
    ("trace_h", "tr ∇²L there"),
    (
        "x_saddle",
        "a coordinate of the lowest saddle that borders the start's basin",
    ),
    ("loss_saddle", "L at that saddle"),
    ("barrier", "ΔL = loss_saddle − loss_min"),
    ("h_saddle", "the negative eigenvalue of ∇²L at that saddle"),
    (
        "temperature",
        "T: an SDE's own; ηC/2 of SGD in noise of constant variance",
    ),
    ("noise_variance", "C, where it is the same everywhere"),
    ("samples", "size of the pool of samples"),
    ("batch", "B"),
];

impl<'a> SystemFacts<'a> {
    /// What is known of a landscape alone.
    pub fn of(surface: &'a dyn Landscape, variables: &'a [String]) -> Self {
        SystemFacts {
            surface,
            variables,
            start: None,
            noise: None,
            temperature: None,
            found: Rc::default(),
        }
    }

    fn start(&self) -> Result<&[f64], String> {
        if !self.surface.is_known() {
            return Err(
                "of a gradient that a program brings neither minimum nor saddle is sought".into(),
            );
        }
        let start = self.start.as_deref();
        start.ok_or_else(|| {
            "where the start is not known yet, neither are the minimum and the saddle".to_string()
        })
    }

    fn rest(&self) -> Result<&Rest, String> {
        let found = self
            .found
            .rest
            .get_or_init(|| Way::basin(self.surface, self.start()?));
        found.as_ref().map_err(Clone::clone)
    }

    fn way(&self) -> Result<&Way, String> {
        let found = self.found.way.get_or_init(|| {
            let start = self.start()?;
            let sides = [true, false].map(|above| Way::to_saddle(self.surface, start, None, above));
            match sides {
                [Ok(a), Ok(b)] => Ok(if b.saddle.point.value < a.saddle.point.value {
                    b
                } else {
                    a
                }),
                [Ok(a), Err(_)] | [Err(_), Ok(a)] => Ok(a),
                [Err(why), Err(_)] => Err(why),
            }
        });
        found.as_ref().map_err(Clone::clone)
    }

    fn curvatures(&self) -> Result<&[f64], String> {
        let rest = self.rest()?;
        let curvatures = rest.curvatures.as_deref();
        curvatures.ok_or_else(|| "the minimum is a kink, where there is no curvature".to_string())
    }

    /// Every fact that there is here, for records and claims.
    pub fn all(&self) -> Vec<(String, f64)> {
        let there = |name: String| Some((name.clone(), self.fact(&name).ok()??));
        self.names().into_iter().filter_map(there).collect()
    }
}

impl Known for SystemFacts<'_> {
    fn fact(&self, name: &str) -> Result<Option<f64>, String> {
        let at = |of: &[f64], suffix: &str| {
            let own = name.strip_suffix(suffix)?;
            let i = self.variables.iter().position(|v| v == own)?;
            of.get(i).copied()
        };
        let missing = |what: &str| Err(format!("`{name}` is not known here: {what}"));
        let value = match name {
            "dim" => self.variables.len() as f64,
            "loss_min" => self.rest()?.point.value,
            "h" => match self.curvatures()? {
                [h] => *h,
                _ => {
                    return missing(
                        "h is the curvature in one coordinate; use h_max, h_min or trace_h",
                    );
                }
            },
            "h_max" => self.curvatures()?.last().copied().unwrap_or(f64::NAN),
            "h_min" => self.curvatures()?.first().copied().unwrap_or(f64::NAN),
            "trace_h" => self.curvatures()?.iter().sum(),
            "loss_saddle" => self.way()?.saddle.point.value,
            "barrier" => self.way()?.height(),
            "h_saddle" => {
                let curvatures = self.way()?.saddle.curvatures.as_ref();
                let least = curvatures.and_then(|all| all.first().copied());
                least.ok_or_else(|| {
                    "the saddle is a kink, where there is no curvature".to_string()
                })?
            }
            "temperature" => match self.temperature {
                Some(t) => t,
                None => return missing("an SDE has one, and SGD in constant noise: ηC/2"),
            },
            "noise_variance" => match self.noise.and_then(Noise::variance) {
                Some(variance) => variance,
                None => return missing("the noise has no constant variance"),
            },
            "batch" => match self.noise.and_then(Noise::batch) {
                Some(batch) => batch,
                None => return missing("the noise has no batch"),
            },
            "samples" => match self.noise.and_then(|noise| noise.samples(self.surface)) {
                Some(samples) => samples,
                None => return missing("the noise has no pool of samples"),
            },
            _ if self.variables.iter().any(|v| name == format!("{v}_min")) => {
                let rest = self.rest()?;
                at(&rest.point.theta, "_min").unwrap_or(f64::NAN)
            }
            _ if self.variables.iter().any(|v| name == format!("{v}_saddle")) => {
                let way = self.way()?;
                at(&way.saddle.point.theta, "_saddle").unwrap_or(f64::NAN)
            }
            _ => return Ok(None),
        };
        Ok(Some(value))
    }

    fn names(&self) -> Vec<String> {
        let own = ENTRIES.iter().map(|(name, _)| name.to_string());
        let own = own.filter(|name| !name.starts_with("x_"));
        let places = self.variables.iter();
        let places = places.flat_map(|v| [format!("{v}_min"), format!("{v}_saddle")]);
        own.chain(places).collect()
    }
}
