//! Where particles begin.

use serde::Serialize;

use base::error::Result;
use experiment::spec::{Node, Value as Toml};
use formula::{Kind as Form, Tree};
use prediction::exact::linear::Memory;
use simulation::ensemble::single;
use simulation::landscape::{CriticalPoint, Kind, Landscape};
use simulation::random::{Purpose, Sequence, Stream};

use crate::file::{Block, Names};

/// Where particles begin.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Start {
    /// Each coordinate.
    pub coordinates: Vec<Place>,
    /// What a rule remembers at the start.
    #[serde(skip_serializing_if = "Momentum::is_zero")]
    pub momentum: Momentum,
    /// The process that goes first, by its label, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<After>,
    /// Whether a place is the nearest single.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub single: bool,
}

/// What a rule remembers at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Momentum {
    /// Nothing.
    Zero,
    /// What many steps leave with θ held at the start, without noise: every average of gradients is ∇L there.
    Gradient,
    /// The same with the system's noise, each particle its own.
    Stationary,
}

impl Momentum {
    /// Whether it is the default, which records need not say.
    pub fn is_zero(&self) -> bool {
        *self == Momentum::Zero
    }

    /// The same for the exact law of a linear rule.
    pub fn memory(self) -> Memory {
        match self {
            Momentum::Zero => Memory::Zero,
            Momentum::Gradient => Memory::Gradient,
            Momentum::Stationary => Memory::Stationary,
        }
    }
}

/// Where a coordinate begins.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// At a number.
    At(f64),
    /// At a normal number of this mean and standard deviation.
    Normal(f64, f64),
    /// Uniformly between two numbers.
    Uniform(f64, f64),
}

/// The phase before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct After {
    /// Label of the process.
    pub process: String,
    /// Its steps.
    pub steps: u64,
    /// Whether the memory is emptied.
    pub theta_only: bool,
}

impl Start {
    /// The place of every particle, where it is the same for all.
    pub fn point(&self) -> Option<Vec<f64>> {
        if self.after.is_some() {
            return None;
        }
        let fixed = |place: &Place| match place {
            Place::At(x) => Some(self.made(*x)),
            _ => None,
        };
        self.coordinates.iter().map(fixed).collect()
    }

    /// The middle of the starts.
    pub fn middle(&self) -> Vec<f64> {
        let middle = |place: &Place| match *place {
            Place::At(x) | Place::Normal(x, _) => x,
            Place::Uniform(low, high) => 0.5 * (low + high),
        };
        let places = self.coordinates.iter().map(middle);
        places.map(|x| self.made(x)).collect()
    }

    /// Puts a particle at its start.
    pub fn put(&self, stream: &Stream, particle: u64, theta: &mut [f64]) {
        for (i, (x, place)) in theta.iter_mut().zip(&self.coordinates).enumerate() {
            let at = match *place {
                Place::At(at) => at,
                Place::Normal(mean, deviation) => {
                    let mut numbers = Sequence::new(stream, Purpose::Start, particle, i as u64);
                    mean + deviation * simulation::noise::Law::Normal.draw(1.0, &mut numbers)
                }
                Place::Uniform(low, high) => {
                    low + (high - low) * stream.uniform(Purpose::Start, particle, 0, i as u64)
                }
            };
            *x = self.made(at);
        }
    }

    /// A place as the numbers are made that hold it.
    fn made(&self, x: f64) -> f64 {
        if self.single { single(x) } else { x }
    }

    /// The start that a block says; the leftmost minimum where there is none.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn read(
        block: Option<&Block>,
        landscape: &Block,
        names: &Names<'_>,
        surface: &dyn Landscape,
        variables: &[String],
    ) -> Result<Self> {
        let Some(block) = block else {
            return Ok(Start {
                coordinates: critical(surface, Kind::Minimum, landscape)?,
                momentum: Momentum::Zero,
                after: None,
                single: false,
            });
        };
        let mut known = vec!["at", "momentum", "after", "steps", "keep"];
        known.extend(variables.iter().map(String::as_str));
        block.only(known, "")?;
        let momentum = match block.word("momentum") {
            None | Some("zero") => Momentum::Zero,
            Some("gradient") => Momentum::Gradient,
            Some("stationary") => Momentum::Stationary,
            Some(word) => {
                let what = format!(
                    "`{word}` is no momentum that particles can begin with; there are \"zero\", \"gradient\" and \"stationary\""
                );
                return Err(block.error("momentum", what));
            }
        };
        if momentum != Momentum::Zero && block.get("after").is_some() {
            let what =
                "the phase before leaves a memory of its own; keep one of momentum and after";
            return Err(block.error("momentum", what));
        }
        let names = Names::new(Some(block), names.point, names.define, names.facts);
        let dim = variables.len();
        let mut coordinates = match block.get("at").map(|node| (&node.value, node)) {
            None if variables.iter().all(|v| block.get(v).is_some()) => vec![Place::At(0.0); dim],
            None => critical(surface, Kind::Minimum, block)?,
            Some((Toml::Text(word), _)) if word == "minimum" => {
                critical(surface, Kind::Minimum, block)?
            }
            Some((Toml::Text(word), _)) if word == "saddle" => {
                critical(surface, Kind::Saddle, block)?
            }
            Some((Toml::List(items), _)) => {
                if items.len() != dim {
                    let what = format!("{} numbers for {dim} coordinates", items.len());
                    return Err(block.error("at", what));
                }
                let all = items
                    .iter()
                    .map(|item| number(block, &names, "at", item).map(Place::At));
                all.collect::<Result<_>>()?
            }
            Some((_, node)) => vec![Place::At(number(block, &names, "at", node)?); dim],
        };
        for (variable, place) in variables.iter().zip(&mut coordinates) {
            if let Some(node) = block.get(variable) {
                *place = random(block, &names, variable, node)?;
            }
        }
        let after = match block.word("after") {
            None => None,
            Some(process) => {
                let steps = match block.get("steps") {
                    Some(node) => number(block, &names, "steps", node)?,
                    None => {
                        return Err(
                            block.error("steps", "is missing: how long the phase before lasts")
                        );
                    }
                };
                if !(steps >= 1.0 && steps.fract() == 0.0 && steps <= 1e12) {
                    return Err(
                        block.error("steps", format!("{steps} is no whole number of steps"))
                    );
                }
                let theta_only = match block.word("keep") {
                    None => false,
                    Some("theta") => true,
                    Some(other) => {
                        let what = format!(
                            "`{other}`: \"theta\" empties the memory; leave the key out to keep it"
                        );
                        return Err(block.error("keep", what));
                    }
                };
                Some(After {
                    process: process.to_string(),
                    steps: steps as u64,
                    theta_only,
                })
            }
        };
        Ok(Start {
            coordinates,
            momentum,
            after,
            single: false,
        })
    }
}

/// The leftmost minimum, or the lowest saddle.
fn critical(surface: &dyn Landscape, kind: Kind, block: &Block) -> Result<Vec<Place>> {
    let points = surface.critical_points();
    let own = points.into_iter().filter(|point| point.kind == kind);
    let key = |point: &CriticalPoint| match kind {
        Kind::Minimum => point.theta.clone(),
        Kind::Saddle => vec![point.value],
    };
    let found = own.min_by(|a, b| {
        let (a, b) = (key(a), key(b));
        let pairs = a.iter().zip(&b).map(|(a, b)| a.total_cmp(b));
        pairs.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    });
    let Some(found) = found else {
        let what = if kind == Kind::Minimum {
            "minimum"
        } else {
            "saddle"
        };
        let sought = surface
            .sought()
            .map_or(String::new(), |said| format!(" ({said})"));
        return Err(block.error(
            "at",
            format!("the landscape has no {what}{sought}; give a point"),
        ));
    };
    Ok(found.theta.into_iter().map(Place::At).collect())
}

fn number(block: &Block, names: &Names<'_>, key: &str, node: &Node) -> Result<f64> {
    let x = match &node.value {
        Toml::Integer(i) => *i as f64,
        Toml::Float(x) => *x,
        Toml::Text(text) => names.number(block, key, node, text)?,
        other => {
            return Err(block.error(key, format!("{} where a number is expected", other.kind())));
        }
    };
    if x.is_finite() {
        return Ok(x);
    }
    Err(block.error(key, "must be finite"))
}

fn random(block: &Block, names: &Names<'_>, key: &str, node: &Node) -> Result<Place> {
    if let Toml::Text(text) = &node.value
        && let Ok(tree) = Tree::parse(text)
        && let Form::Call(name, arguments) = &tree.root.kind
        && (name == "normal" || name == "uniform")
    {
        let [a, b] = &arguments[..] else {
            let what = format!("{name} takes two numbers");
            return Err(block.mistaken(key, node, &tree.mistake(tree.root.at, what)));
        };
        let value = |node_of: &formula::Node| {
            let part = Tree {
                text: text.clone(),
                root: node_of.clone(),
            };
            part.number(names)
                .map_err(|m| block.mistaken(key, node, &m))
        };
        let (a, b) = (value(a)?, value(b)?);
        let fits =
            a.is_finite() && b.is_finite() && if name == "normal" { b >= 0.0 } else { b > a };
        if !fits {
            let what = format!(
                "{name}({a}, {b}) is no law: a mean and a standard deviation, or two ends in order"
            );
            return Err(block.error(key, what));
        }
        return Ok(if name == "normal" {
            Place::Normal(a, b)
        } else {
            Place::Uniform(a, b)
        });
    }
    number(block, names, key, node).map(Place::At)
}
