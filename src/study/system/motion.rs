//! What moves the particles: a rule, or an SDE with its integrator.

use std::collections::BTreeMap;

use serde::Serialize;

use base::error::{Error, Result};
use experiment::escape::cell::Noise as Known;
use experiment::escape::noise::{Along, Surfaces};
use experiment::optimizer::Tuned;
use experiment::spec::{Section, Value as Toml};
use simulation::driven::Driven;
use simulation::optimizer::registry::Rules;
use simulation::sde::registry::{Dynamics, ENTRIES, find};
use simulation::sde::written::{Line, Multiplies};
use simulation::sde::{
    Diffusion, Modified, Order, OrnsteinUhlenbeck, Overdamped, Reading, SdeFormula, Underdamped,
};

use super::equation::{self, Written, named};
use super::formula::driven;
use super::modified;
use super::noise::{Noise, On};
use crate::file::{Block, Names};

/// What moves the particles.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Motion {
    /// A rule with its hyper-parameters.
    Rule(Tuned),
    /// An SDE.
    Sde(Sde),
}

/// An SDE with its integrator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sde {
    /// Which.
    pub equation: Equation,
    /// How it is integrated.
    pub integrator: &'static str,
    /// The time step.
    pub dt: f64,
    /// Its numbers that change along the path, all of which are above 0.
    #[serde(skip)]
    pub driven: Option<Driven>,
}

/// Which SDE.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Equation {
    /// dθ = −∇L dt + √(2T) dW.
    Overdamped {
        /// T.
        temperature: f64,
    },
    /// dθ = v dt, dv = −∇L dt − γv dt + √(2γT) dW.
    Underdamped {
        /// T.
        temperature: f64,
        /// γ.
        damping: f64,
    },
    /// The stochastic modified equation of SGD, dθ = −∇(L + (order − 1)(η/4)|∇L|²) dt + √(ηC) dW.
    OfSgd {
        /// η.
        eta: f64,
        /// 1 or 2.
        order: u64,
        /// How the noise is read.
        reading: Reading,
    },
    /// One by formula.
    Written {
        /// The formulas.
        formula: Box<SdeFormula>,
        /// The numbers of the process that they name.
        numbers: BTreeMap<String, f64>,
    },
}

impl Sde {
    /// The formulas, where it is written in such.
    pub fn formula(&self) -> Option<&SdeFormula> {
        match &self.equation {
            Equation::Written { formula, .. } => Some(formula),
            _ => None,
        }
    }

    /// D over the coordinate, of a noise C over it; `None` where the state is more than θ.
    pub fn diffusion(&self, noise: impl FnOnce() -> Option<Along>) -> Option<Along> {
        match &self.equation {
            Equation::Overdamped { temperature } => {
                let temperature = *temperature;
                Some(Box::new(move |_| temperature))
            }
            Equation::Underdamped { .. } | Equation::Written { .. } => None,
            Equation::OfSgd { eta, .. } => {
                let (half, c) = (0.5 * eta, noise()?);
                Some(Box::new(move |x| half * c(x)))
            }
        }
    }

    /// How its noise is read.
    pub fn reading(&self) -> Reading {
        match self.equation {
            Equation::OfSgd { reading, .. } => reading,
            _ => Reading::Ito,
        }
    }

    /// T, where the SDE has one.
    pub fn temperature(&self, noise: &Noise) -> Option<f64> {
        match &self.equation {
            Equation::Overdamped { temperature } | Equation::Underdamped { temperature, .. } => {
                Some(*temperature)
            }
            Equation::OfSgd { eta, .. } => Some(eta * noise.variance()? / 2.0),
            Equation::Written { numbers, .. } => numbers.get("temperature").copied(),
        }
    }

    /// What the integrator moves.
    ///
    /// # Errors
    /// The noise has no SDE, or the integrator is made for another kind.
    pub fn dynamics(&self, surfaces: Surfaces<'_>, noise: &Noise) -> Result<Dynamics> {
        let surface = surfaces().map_err(Error::Failed)?;
        let dim = surface.dim();
        let sde = match &self.equation {
            Equation::Overdamped { temperature } if self.integrator == "exact-ou" => {
                if surface.name() != "quadratic" {
                    return Err(Error::Input(format!(
                        "exact-ou samples a quadratic exactly; {} is none, so take another integrator",
                        surface.name()
                    )));
                }
                let hessian = surface.hessian(&vec![0.0; dim]);
                let process = OrnsteinUhlenbeck::new(hessian, &vec![0.0; dim], *temperature)?;
                return Ok(Dynamics::OrnsteinUhlenbeck(process));
            }
            Equation::Overdamped { temperature } => {
                Overdamped::new(surface, Diffusion::Constant(*temperature))
            }
            Equation::Underdamped {
                temperature,
                damping,
            } => {
                return Ok(Dynamics::Underdamped(Underdamped::new(
                    surface,
                    *damping,
                    *temperature,
                )?));
            }
            Equation::OfSgd {
                eta,
                order,
                reading,
            } => {
                let diffusion = behind(noise, surfaces, 0.5 * eta)?;
                let first = Overdamped::read(surface, diffusion, *reading);
                if *order == 2 {
                    let second = Modified::new(first, Order::Two, *eta)?;
                    return Ok(Dynamics::Diffusion(Box::new(second)));
                }
                first
            }
            Equation::Written { .. } => {
                return Err(Error::Failed(
                    "an SDE by formula is built with its frame".into(),
                ));
            }
        };
        Ok(Dynamics::Diffusion(Box::new(sde)))
    }
}

/// D = sC of a noise.
fn behind(noise: &Noise, surfaces: Surfaces<'_>, scale: f64) -> Result<Diffusion> {
    if let Some(variance) = noise.variance() {
        return Ok(Diffusion::Constant(scale * variance));
    }
    let unknown = || {
        Error::Input(
            "the SDE of SGD needs a noise whose variance is known: constant, by formula, or hessian".into(),
        )
    };
    let known = noise.known().ok_or_else(unknown)?;
    if let Known::Hessian { batch, floor } = known {
        return Ok(Diffusion::HessianShaped {
            scale: scale / batch,
            floor: *floor,
        });
    }
    let dim = surfaces().map_err(Error::Failed)?.dim();
    let crossed = || {
        Error::Input("the SDE of SGD is integrated for noises whose coordinates are independent: a diagonal covariance".into())
    };
    let mut constant = vec![0.0; dim];
    for part in known.parts() {
        match part.covariance(dim) {
            Some(own) => {
                for i in 0..dim {
                    if (0..dim).any(|j| i != j && own[(i, j)] != 0.0) {
                        return Err(crossed());
                    }
                    constant[i] += scale * own[(i, i)];
                }
            }
            None if part.fields(surfaces).map_err(Error::Failed)?.is_empty() => {
                return Err(unknown());
            }
            None => {}
        }
    }
    let mut fields = known.fields(surfaces).map_err(Error::Failed)?;
    for (one, field) in &mut fields {
        if !field.is_diagonal() {
            return Err(crossed());
        }
        if field.is_driven() {
            return Err(Error::Input(
                "the SDE of SGD takes no noise that depends on `step` or `time`".into(),
            ));
        }
        if one.is_nan() {
            return Err(unknown());
        }
        *one *= scale;
    }
    Ok(match fields.is_empty() {
        true => Diffusion::Diagonal(constant),
        false => Diffusion::Fields { constant, fields },
    })
}

impl Motion {
    /// What a block `[[process]]` says, without the keys that are the study's own.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn read(block: &Block, on: &On<'_>, rules: &Rules, sdes: &[Block]) -> Result<Self> {
        let names = on.names;
        match (block.get("optimizer").is_some(), block.get("sde").is_some()) {
            (true, false) => Self::rule(block, names, rules),
            (false, true) if on.landscape.is_driven() => {
                let what = "the landscape changes with step or time, which rules follow; of an SDE write the drift as [[sde]], whose formulas may name time, on a landscape that stands still";
                Err(block.error("sde", what))
            }
            (false, true) => Self::sde(block, on, sdes),
            (true, true) => Err(block.error("sde", "both an optimizer and an SDE; keep one")),
            (false, false) => {
                let what = "is missing; give optimizer = \"…\", or sde = \"overdamped\", \"underdamped\" or { of = \"sgd\" }";
                Err(block.error("optimizer", what))
            }
        }
    }

    fn rule(block: &Block, names: &Names<'_>, rules: &Rules) -> Result<Self> {
        let name = block.word("optimizer").unwrap_or_default();
        let entry = rules.find(name);
        let parameters = entry.map_or(&[][..], |entry| entry.parameters);
        let wanted: Vec<&str> = parameters.iter().map(|p| p.name).collect();
        let mut block = block.clone();
        let driven = driven(&mut block, names, &wanted)?;
        for key in driven.iter().flat_map(|driven| driven.formulas.keys()) {
            // The reading of numbers knows no step.
            if let (Some(entry), Some(Toml::Float(x))) = (entry, block.get(key).map(|n| &n.value))
                && !entry.allows(key, *x)
            {
                return Err(block.error(key, entry.refusal(key, *x, 1)));
            }
        }
        let concrete = names.concrete(&block, &wanted)?;
        let section = Section::new("process", &concrete.node)?;
        section.means(
            "optimizer",
            "the rule that moves the particles; its hyper-parameters are keys of this block",
        );
        let mut rule = Tuned::read_by(&section, rules, "optimizer")?;
        rule.values.driven = driven.map(Box::new);
        section.finish()?;
        Ok(Motion::Rule(rule))
    }

    fn sde(block: &Block, on: &On<'_>, sdes: &[Block]) -> Result<Self> {
        let names = on.names;
        let named = named(sdes)?;
        let mut own = block.clone();
        let mut changing = None;
        let mut written = None;
        if let Some(name) = block.word("sde")
            && let Some(k) = named.iter().position(|known| *known == name)
        {
            let read = equation::read(&sdes[k], block, on)?;
            own = read.block.clone();
            written = Some(read);
        } else if block.word("sde") == Some("of") && block.word("of").is_some_and(|of| of != "sgd")
        {
            let read = modified::read(block, on)?;
            own = read.block.clone();
            written = Some(read);
        } else if let Some(found) = driven(&mut own, names, &["temperature", "damping"])? {
            let read = annealed(block, &own, &found, on)?;
            own = read.block.clone();
            written = Some(read);
            changing = Some(found);
        }
        let block = &own;
        let wanted = ["temperature", "damping", "dt", "eta", "order", "reading"];
        let kind = block.word("sde").unwrap_or("of").to_string();
        let takes = |key: &&str| match kind.as_str() {
            "overdamped" => ["temperature", "dt"].contains(key),
            "underdamped" => ["temperature", "damping", "dt"].contains(key),
            "of" if written.is_none() => ["eta", "order", "reading", "dt"].contains(key),
            _ => *key == "dt",
        };
        let wanted: Vec<&str> = wanted.into_iter().filter(takes).collect();
        let mut concrete = names.concrete(block, &wanted)?;
        let numbers = written.as_ref().map(|read| numbers(&mut concrete, read));
        let section = Section::new("process", &concrete.node)?;
        section.means("sde", "the SDE that moves the particles in place of a rule; { of = \"sgd\", … } is that of a rule, with its keys");
        section.means(
            "of",
            "the rule whose SDE it is; its hyper-parameters are keys of this block",
        );
        section.means("reading", "how the noise of the SDE is read");
        section.means("integrator", "how the SDE is integrated");
        let known: Vec<&str> = ["overdamped", "underdamped", "of"]
            .into_iter()
            .chain(named)
            .collect();
        let kind = section.choice("sde", Some("of"), &known)?;
        let positive = |key: &'static str, default: Option<f64>, why: &str| {
            section.number(key, default, f64::MIN_POSITIVE..=1e12, why)
        };
        let equation = match (kind, written) {
            (_, Some(read)) => {
                for key in ["reading", "of", "order"] {
                    section.get(key);
                }
                Equation::Written {
                    formula: Box::new(read.formula),
                    numbers: numbers.unwrap_or_default(),
                }
            }
            ("overdamped", None) => Equation::Overdamped {
                temperature: positive("temperature", None, "the temperature T")?,
            },
            ("underdamped", None) => Equation::Underdamped {
                temperature: positive("temperature", None, "the temperature T")?,
                damping: positive("damping", None, "the damping γ")?,
            },
            (_, None) => {
                section.choice("of", None, &modified::RULES)?;
                let reading = section.choice("reading", Some("ito"), &equation::READINGS)?;
                Equation::OfSgd {
                    eta: positive("eta", None, "η of the rule")?,
                    order: section.integer(
                        "order",
                        Some(1),
                        1..=2,
                        "the order of the modified equation, 1 or 2",
                    )?,
                    reading: equation::reading(reading),
                }
            }
        };
        let inert = matches!(equation, Equation::Underdamped { .. });
        let usual = if inert { "baoab" } else { "euler-maruyama" };
        let integrators: Vec<&'static str> = ENTRIES.iter().map(|entry| entry.name).collect();
        let integrator = section.choice("integrator", Some(usual), &integrators)?;
        if let Some(entry) = find(integrator)
            && entry.parameters.iter().any(|p| p.name == "friction") != inert
        {
            let what = match &changing {
                Some(_) => format!(
                    "{integrator} takes a temperature and a damping that stay; where they change along the path it is euler-maruyama or another that takes any noise"
                ),
                None => format!(
                    "{integrator} is made for another kind of SDE: {}",
                    entry.scope
                ),
            };
            return Err(section.error("integrator", what));
        }
        let dt = match &equation {
            Equation::OfSgd { eta, .. } => positive("dt", Some(*eta / 16.0), "the time step")?,
            _ => positive("dt", None, "the time step")?,
        };
        section.finish()?;
        Ok(Motion::Sde(Sde {
            equation,
            integrator,
            dt,
            driven: changing,
        }))
    }
}

/// Langevin's equation, with inertia or without, at a temperature or a damping that changes along the path, by formula.
fn annealed(block: &Block, own: &Block, driven: &Driven, on: &On<'_>) -> Result<Written> {
    let keys: &[&str] = match block.word("sde") {
        Some("overdamped") => &["temperature"],
        Some("underdamped") => &["temperature", "damping"],
        _ => &[],
    };
    if let Some(key) = driven.formulas.keys().find(|key| !keys.contains(&&***key)) {
        let what = "changes along the path, and is no number of this SDE; the overdamped one has a temperature, the underdamped one a damping too";
        return Err(block.error(key, what));
    }
    let concrete = on.names.concrete(own, keys)?;
    let section = Section::new("process", &concrete.node)?;
    let mut hyper = Vec::new();
    let mut texts = Vec::new();
    for key in keys {
        // What does not change is the number itself.
        texts.push(match driven.formulas.get(*key) {
            Some(formula) => formula.clone(),
            None => {
                hyper.push(key.to_string());
                let x = section.number(key, None, f64::MIN_POSITIVE..=1e12, "of the SDE")?;
                format!("{x:?}")
            }
        });
    }
    let line = |of: &str, formula: String| Line {
        of: of.into(),
        formula,
    };
    let velocity = match on.variables.iter().any(|name| name == "v") {
        true => "velocity",
        false => "v",
    };
    let (state, drift, noise) = match &texts[..] {
        [temperature, damping] => (
            vec![(velocity.to_string(), 0.0)],
            vec![
                line("theta", velocity.into()),
                line(velocity, format!("-g - ({damping})*{velocity}")),
            ],
            line(velocity, format!("sqrt(2*({damping})*({temperature}))")),
        ),
        all => (
            Vec::new(),
            vec![line("theta", "-g".into())],
            line("theta", format!("sqrt(2*({}))", all.concat())),
        ),
    };
    let formula = SdeFormula {
        variables: on.variables.to_vec(),
        state,
        drift,
        noise: Multiplies::Lines(vec![noise]),
        reading: Reading::Ito,
        constants: driven.constants.clone(),
    };
    let mut own = block.clone();
    for key in driven.formulas.keys() {
        own.take(key);
    }
    Ok(Written {
        formula,
        block: own,
        hyper,
    })
}

/// The numbers of a process that its SDE alone reads, taken out of it.
fn numbers(concrete: &mut Block, read: &Written) -> BTreeMap<String, f64> {
    let mut all = BTreeMap::new();
    for key in &read.hyper {
        let shared = ["sde", "integrator", "dt", "reading"].contains(&key.as_str());
        let number = match concrete.get(key).map(|node| &node.value) {
            Some(Toml::Float(x)) => Some(*x),
            Some(Toml::Integer(i)) => Some(*i as f64),
            _ => None,
        };
        if let Some(x) = number {
            all.insert(key.clone(), x);
        }
        if !shared {
            concrete.take(key);
        }
    }
    all
}
