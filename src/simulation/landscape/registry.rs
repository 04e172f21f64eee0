//! The list of surfaces: what an experiment file may name, and how each is made.

use std::collections::BTreeMap;

use nalgebra::DMatrix;
use serde::Serialize;

use super::Landscape;
use super::cosine::Cosine;
use super::cubic::Cubic;
use super::double_well::DoubleWell;
use super::expression::{Expression, Formula};
use super::quadratic::Quadratic;
use super::ring::Ring;
use super::rosenbrock::Rosenbrock;
use super::sharpened::Sharpened;
use super::styblinski_tang::StyblinskiTang;
use super::two_temperature::{TwoTemperature, WellAndTop};
use super::valley::Valley;
use super::vectorised::Vectorised;
pub use crate::parameter::Parameter;
use base::error::{Error, Result};

/// One surface.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Entry {
    /// The name in the experiment file.
    pub name: &'static str,
    /// L(θ).
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Its parameters, `dim` and `sharpness` among them.
    pub parameters: &'static [Parameter],
    #[serde(skip)]
    build: fn(&Resolved) -> Result<Box<dyn Landscape>>,
}

/// What an experiment file says of its surface; what it leaves out takes the [`Parameter`]'s default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The numbers given, `dim` and `sharpness` among them.
    pub scalars: BTreeMap<String, f64>,
    /// The matrix `hessian` of a quadratic.
    pub hessian: Option<DMatrix<f64>>,
    /// The formula of an `expression`.
    pub formula: Option<Formula>,
}

struct Resolved {
    scalars: BTreeMap<&'static str, f64>,
    dim: usize,
    /// Whether `dim` was given, not its default.
    counted: bool,
    hessian: Option<DMatrix<f64>>,
    formula: Option<Formula>,
}

impl Resolved {
    // Every name that is asked for stands in the entry's own list; a test builds them all.
    fn number(&self, name: &str) -> f64 {
        self.scalars.get(name).copied().unwrap_or(f64::NAN)
    }

    fn finish<L: Landscape + 'static>(&self, surface: L) -> Result<Box<dyn Landscape>> {
        let sharpness = self.number("sharpness");
        if sharpness == 1.0 {
            return Ok(Box::new(Vectorised::new(surface)));
        }
        let sharpened = Sharpened::new(surface, sharpness)?;
        Ok(Box::new(Vectorised::new(sharpened)))
    }
}

const fn parameter(name: &'static str, default: f64, meaning: &'static str) -> Parameter {
    Parameter::new(name, default, meaning)
}

const DIM: Parameter = parameter("dim", 1.0, "d, the number of coordinates");
const PLANE: Parameter = parameter("dim", 2.0, "d, the number of coordinates: 2 and no other");
const SHARPNESS: Parameter = parameter("sharpness", 1.0, "k: the surface is L(√k θ), H → kH");

/// Every surface, in the order in which they are listed.
pub const ENTRIES: &[Entry] = &[
    Entry {
        name: "styblinski-tang",
        formula: "½ Σᵢ (θᵢ⁴ − 16 θᵢ² + 5 θᵢ)",
        source: "Styblinski & Tang 1990; Adaptive Inertia (Xie et al. 2022), Fig. 6",
        parameters: &[DIM, SHARPNESS],
        build: |settings| settings.finish(StyblinskiTang::new(settings.dim)?),
    },
    Entry {
        name: "double-well",
        formula: "Σᵢ (θᵢ⁴/4 − θᵢ²/2)",
        source: "Kramers 1940",
        parameters: &[DIM, SHARPNESS],
        build: |settings| settings.finish(DoubleWell::new(settings.dim)?),
    },
    Entry {
        name: "cosine",
        formula: "Σᵢ (1 − cos θᵢ)",
        source: "Risken, The Fokker–Planck Equation, ch. 11",
        parameters: &[DIM, SHARPNESS],
        build: |settings| settings.finish(Cosine::new(settings.dim)?),
    },
    Entry {
        name: "cubic",
        formula: "Σᵢ (θᵢ²/2 − θᵢ³/3)",
        source: "Hänggi, Talkner & Borkovec 1990",
        parameters: &[DIM, SHARPNESS],
        build: |settings| settings.finish(Cubic::new(settings.dim)?),
    },
    Entry {
        name: "quadratic",
        formula: "½ θᵀHθ",
        source: "exact reference for stationary covariances",
        parameters: &[
            DIM,
            parameter("h", 1.0, "H = h I, where no matrix is given"),
            Parameter::required(
                "hessian",
                "H, a symmetric positive definite matrix, in place of dim and h",
            ),
            SHARPNESS,
        ],
        build: |settings| {
            let hessian = settings.hessian.clone().unwrap_or_else(|| {
                DMatrix::from_diagonal_element(settings.dim, settings.dim, settings.number("h"))
            });
            settings.finish(Quadratic::new(hessian)?)
        },
    },
    Entry {
        name: "rosenbrock",
        formula: "s Σⱼ [(a − xⱼ)² + b (yⱼ − xⱼ²)²], (xⱼ, yⱼ) = (θ₂ⱼ, θ₂ⱼ₊₁)",
        source: "Rosenbrock 1960",
        parameters: &[
            parameter("dim", 2.0, "d, the number of coordinates, even"),
            parameter("a", 1.0, "the minimum lies at (a, a²)"),
            parameter("b", 100.0, "stiffness of the valley's walls"),
            parameter("scale", 1.0, "s, factor of the whole"),
            SHARPNESS,
        ],
        build: |settings| {
            let [a, b, scale] = ["a", "b", "scale"].map(|name| settings.number(name));
            settings.finish(Rosenbrock::new(a, b, scale, settings.dim)?)
        },
    },
    Entry {
        name: "ring",
        formula: "(h₀/8) (1 + 2aθ₁/(1 + r²)) (r² − 1)², r² = θ₁² + θ₂²",
        source: "Li, Wang & Arora 2022; The Marginal Value of Momentum (Wang et al. 2024), Thm 5.5",
        parameters: &[
            PLANE,
            parameter("h0", 2.0, "mean curvature across the ring"),
            parameter("a", 0.0, "modulation along it: h(φ) = h₀ (1 + a cos φ)"),
            SHARPNESS,
        ],
        build: |settings| settings.finish(Ring::new(settings.number("h0"), settings.number("a"))?),
    },
    Entry {
        name: "valley",
        formula: "½ (h₀ + h₁u²) v², θ = (u, v)",
        source: "Li, Wang & Arora 2022; The Marginal Value of Momentum (Wang et al. 2024), Thm 5.5",
        parameters: &[
            PLANE,
            parameter("h0", 1.0, "curvature across the valley at u = 0"),
            parameter("h1", 1.0, "its growth with u²"),
            SHARPNESS,
        ],
        build: |settings| {
            settings.finish(Valley::new(settings.number("h0"), settings.number("h1"))?)
        },
    },
    Entry {
        name: "two-temperature",
        formula: "Σᵢ { ½Hₐθᵢ² if θᵢ < c; ΔL − ½H_b(θᵢ − c(1 + Hₐ/H_b))² above }, c = √(2ΔL/(Hₐ + Hₐ²/H_b))",
        source: "Xie, Sato & Sugiyama 2021, Thm 3.2; Adaptive Inertia (Xie et al. 2022), Thm 3",
        parameters: &[
            DIM,
            parameter("ha", 2.0, "Hₐ, curvature of the well"),
            parameter("hb", 1.0, "H_b, size of the curvature of the top"),
            parameter("barrier", 1.0, "ΔL"),
            SHARPNESS,
        ],
        build: |settings| {
            let [ha, hb, barrier] = ["ha", "hb", "barrier"].map(|name| settings.number(name));
            let profile = WellAndTop::new(ha, hb, barrier)?;
            settings.finish(TwoTemperature::with_profile(profile, settings.dim)?)
        },
    },
    Entry {
        name: EXPRESSION,
        formula: "the user's own, such as 0.25*(x^2-1)^2 + a*x; of one variable: Σᵢ f(θᵢ)",
        source: "derivatives by reverse accumulation, Griewank and Walther 2008",
        parameters: &[
            Parameter::required("expression", "the formula, a string, in place of a name"),
            Parameter::required(
                "variables",
                "names of θ₁, …, θ_d; left out: those of x, y, z, u, v, w, theta (with or without a number) that occur, as they appear",
            ),
            Parameter::required("parameters", "a table of the formula's parameters"),
            parameter(
                "search",
                10.0,
                "minima and saddles are sought in |θᵢ| ≤ this",
            ),
            parameter(
                "dim",
                1.0,
                "d, the number of coordinates, where the formula has one variable",
            ),
            SHARPNESS,
        ],
        build: |settings| {
            let mut formula = settings.formula.clone().ok_or_else(|| {
                Error::Input(
                    "an expression needs its formula: expression = \"0.25*(x^2-1)^2\"".into(),
                )
            })?;
            formula.search = settings.number("search");
            let dim = settings.counted.then_some(settings.dim);
            let surface = Expression::new(&formula, dim)
                .map_err(|mistake| Error::Input(format!("expression: {mistake}")))?;
            settings.finish(surface)
        },
    },
];

/// The name of the surface whose formula the user gives.
pub const EXPRESSION: &str = "expression";

/// The surface called `name`, vectorised and, where asked for, sharpened.
///
/// # Errors
/// Says what is wrong and what would be right: an unknown surface or parameter (with the nearest
/// known name), a dimension that is not a whole positive number or does not suit the surface, and
/// whatever range the surface itself refuses.
pub fn build(name: &str, settings: &Settings) -> std::result::Result<Box<dyn Landscape>, String> {
    let entry = ENTRIES
        .iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| unknown("landscape", name, ENTRIES.iter().map(|entry| entry.name)))?;
    let resolved = resolve(entry, settings)?;
    (entry.build)(&resolved).map_err(|error| error.to_string())
}

fn resolve(entry: &Entry, settings: &Settings) -> std::result::Result<Resolved, String> {
    let takes_matrix = entry.parameters.iter().any(|p| p.name == "hessian");
    if settings.hessian.is_some() && !takes_matrix {
        return Err(format!(
            "hessian: {} has a shape of its own and takes no matrix; leave it out",
            entry.name
        ));
    }
    if settings.formula.is_some() && entry.name != EXPRESSION {
        return Err(format!(
            "expression: {} has a formula of its own; leave one of the two out",
            entry.name
        ));
    }
    let numbers: BTreeMap<&'static str, f64> = entry
        .parameters
        .iter()
        .filter_map(|p| Some((p.name, p.default?)))
        .collect();
    let mut scalars = numbers.clone();
    for (name, &number) in &settings.scalars {
        let Some((&known, _)) = numbers.get_key_value(name.as_str()) else {
            let owner = format!("parameter of {}", entry.name);
            return Err(unknown(&owner, name, numbers.keys().copied()));
        };
        scalars.insert(known, number);
    }
    let mut dim = whole(scalars.get("dim").copied().unwrap_or(1.0))?;
    if let Some(matrix) = &settings.hessian {
        for name in ["dim", "h"] {
            let clash = name == "h" || dim != matrix.nrows();
            if settings.scalars.contains_key(name) && clash {
                return Err(format!(
                    "{name} = {} beside a {} x {} hessian: the matrix already says it; give one of \
                     the two",
                    scalars[name],
                    matrix.nrows(),
                    matrix.ncols()
                ));
            }
        }
        dim = matrix.nrows();
    }
    if entry.parameters.contains(&PLANE) && dim != 2 {
        return Err(format!(
            "dim = {dim}: {} is a surface over the plane; leave dim out or give 2",
            entry.name
        ));
    }
    Ok(Resolved {
        scalars,
        dim,
        counted: settings.scalars.contains_key("dim"),
        hessian: settings.hessian.clone(),
        formula: settings.formula.clone(),
    })
}

fn whole(dim: f64) -> std::result::Result<usize, String> {
    // Beyond 2³² coordinates one point alone would fill 32 GiB.
    let largest = f64::from(u32::MAX);
    if dim.fract() != 0.0 || !(1.0..=largest).contains(&dim) {
        return Err(format!(
            "dim = {dim}: the number of coordinates is a whole number from 1 to {largest}"
        ));
    }
    Ok(dim as usize)
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    let nearest = known
        .iter()
        .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)))
        .unwrap_or(&"none");
    format!(
        "unknown {what} \"{name}\"; did you mean \"{nearest}\"? Known: {}",
        known.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, f64)]) -> Settings {
        Settings {
            scalars: pairs.iter().map(|&(n, v)| (n.to_string(), v)).collect(),
            ..Settings::default()
        }
    }

    /// The entry's defaults, with a formula where it needs one.
    fn defaults(entry: &Entry) -> Settings {
        Settings {
            formula: (entry.name == EXPRESSION).then(|| Formula::new("x^4/4 - x^2/2")),
            ..Settings::default()
        }
    }

    fn refusal(name: &str, settings: &Settings) -> String {
        match build(name, settings) {
            Ok(_) => panic!("{name} {settings:?} was accepted"),
            Err(message) => message,
        }
    }

    #[test]
    fn every_surface_builds_from_its_defaults() {
        for entry in ENTRIES {
            let surface = build(entry.name, &defaults(entry)).unwrap();
            assert_eq!(surface.name(), entry.name);
            let theta = vec![0.3; surface.dim()];
            assert!(surface.value(&theta).is_finite(), "{}", entry.name);
            assert!(!surface.critical_points().is_empty());
        }
    }

    #[test]
    fn every_parameter_reaches_its_surface() {
        for entry in ENTRIES {
            let plain = build(entry.name, &defaults(entry)).unwrap();
            let shaping = |p: &&Parameter| !["dim", "search"].contains(&p.name);
            for p in entry.parameters.iter().filter(shaping) {
                let Some(default) = p.default else { continue };
                let other = Settings {
                    formula: defaults(entry).formula,
                    ..settings(&[(p.name, default + 0.5)])
                };
                let changed = build(entry.name, &other).unwrap();
                let theta: Vec<f64> = (0..plain.dim()).map(|i| 0.4 + 1.7 * i as f64).collect();
                let far: Vec<f64> = theta.iter().map(|x| 3.0 * x).collect();
                assert!(
                    plain.value(&theta) != changed.value(&theta)
                        || plain.value(&far) != changed.value(&far),
                    "{} {}",
                    entry.name,
                    p.name
                );
            }
        }
    }

    #[test]
    fn a_misspelt_name_gets_the_nearest() {
        assert!(refusal("styblinsky-tang", &Settings::default()).contains("\"styblinski-tang\"?"));
        let message = refusal("rosenbrock", &settings(&[("scael", 1.0)]));
        assert!(message.contains("\"scale\"?"), "{message}");
    }

    #[test]
    fn ranges_are_told_with_the_reason() {
        for (name, pair, reason) in [
            ("double-well", ("dim", 0.0), "dim = 0"),
            ("double-well", ("dim", 1.5), "whole number"),
            ("double-well", ("dim", f64::NAN), "whole number"),
            ("double-well", ("dim", 1e300), "whole number"),
            ("double-well", ("sharpness", 0.0), "sharpness = 0"),
            ("ring", ("dim", 3.0), "plane"),
            ("quadratic", ("h", -1.0), "positive definite"),
            ("rosenbrock", ("dim", 3.0), "even"),
            ("two-temperature", ("ha", 0.0), "ha = 0"),
        ] {
            let message = refusal(name, &settings(&[pair]));
            assert!(message.contains(reason), "{message}");
        }
    }

    #[test]
    fn a_matrix_sets_the_dimension_and_clashes_are_told() {
        let matrix = DMatrix::from_row_slice(2, 2, &[2.0, 0.5, 0.5, 1.0]);
        let mut given = Settings {
            hessian: Some(matrix),
            ..Settings::default()
        };
        assert_eq!(build("quadratic", &given).unwrap().dim(), 2);
        assert!(refusal("cubic", &given).contains("no matrix"));
        given.scalars.insert("dim".into(), 3.0);
        assert!(refusal("quadratic", &given).contains("dim = 3 beside"));
        given.scalars.insert("dim".into(), 2.0);
        assert_eq!(build("quadratic", &given).unwrap().dim(), 2);
        given.scalars.insert("h".into(), 2.0);
        assert!(refusal("quadratic", &given).contains("h = 2 beside"));
    }

    #[test]
    fn an_expression_takes_a_formula_and_no_other_surface_does() {
        let formula = Some(Formula::new("x^2 + x*y"));
        let given = Settings {
            formula,
            ..Settings::default()
        };
        assert_eq!(build(EXPRESSION, &given).unwrap().dim(), 2);
        assert!(refusal("cubic", &given).contains("formula of its own"));
        assert!(refusal(EXPRESSION, &Settings::default()).contains("needs its formula"));
        let three = Settings {
            formula: given.formula,
            ..settings(&[("dim", 3.0)])
        };
        assert!(refusal(EXPRESSION, &three).contains("dim = 3"));
    }

    #[test]
    fn sharpness_multiplies_the_hessian() {
        let sharp = build("styblinski-tang", &settings(&[("sharpness", 4.0)])).unwrap();
        let plain = build("styblinski-tang", &Settings::default()).unwrap();
        assert_eq!(sharp.hessian(&[0.5]), plain.hessian(&[1.0]) * 4.0);
    }
}
