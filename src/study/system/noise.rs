//! The block `[noise]`, or several `[[noise]]` that add.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use nalgebra::DMatrix;
use serde::Serialize;

use base::error::Result;
use base::shown::number;
use experiment::data::Data;
use experiment::escape::cell::Noise as Known;
use experiment::escape::noise::Amount;
use experiment::spec::{Node, Section, Value as Toml};
use experiment::surface::{Surface, rows};
use formula::Tree;
use simulation::driven::{Driven, looked_at};
use simulation::landscape::Landscape;
use simulation::landscape::examples::Origin;
use simulation::noise::covariance::{CovarianceField, Form};
use simulation::noise::laws::Named;
use simulation::noise::registry::{self, ENTRIES};
use simulation::noise::{CovarianceFormula, DrawnLaw, Draws, Shape};

use super::driving;
use super::formula::{Given, Settling, given};
use crate::file::{Block, Names};

/// What makes a gradient stochastic.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Noise {
    /// Nothing.
    None,
    /// A noise.
    Known(Known),
}

const POSITIVE: RangeInclusive<f64> = f64::MIN_POSITIVE..=1e12;

/// What gives the size of a noise whose law has a variance.
const SIZES: [&str; 3] = ["variance", "std", "covariance"];

/// What a size may name of a surface.
const OF_THE_SURFACE: [&str; 3] = ["loss", "h_top", "hessian"];

/// In what a noise is read.
pub struct On<'a> {
    /// What names stand for.
    pub names: &'a Names<'a>,
    /// L.
    pub landscape: &'a Surface,
    /// The names of its coordinates.
    pub variables: &'a [String],
    /// Where every particle begins, if it is one place.
    pub start: Option<Vec<f64>>,
}

/// A size, as far as it is known beforehand.
enum Size {
    /// The standard deviation of every coordinate, or the scale.
    Deviation(f64),
    /// C.
    Covariance(DMatrix<f64>),
    /// A formula of the state, and the own keys that it names.
    Formula(CovarianceFormula, BTreeMap<String, f64>),
}

impl Noise {
    /// The noise at a point of the sweep.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn read(blocks: &[Block], on: &On<'_>) -> Result<Self> {
        let mut parts = Vec::new();
        for block in blocks {
            let part = on.one(block)?;
            if let Some(Known::Drawn {
                size: Amount::Formula { formula, .. },
                ..
            }) = &part
                && on.landscape.is_driven()
                && formula.names_any(&OF_THE_SURFACE).unwrap_or(true)
            {
                let key = SIZES.iter().find(|key| block.get(key).is_some());
                let what = "names loss, h_top or hessian, of a landscape that changes with step or time; write their formulas";
                return Err(block.error(key.unwrap_or(&"scale"), what));
            }
            parts.extend(part);
        }
        Ok(match parts.len() {
            0 => Noise::None,
            1 => parts.pop().map_or(Noise::None, Noise::Known),
            _ => Noise::Known(Known::Sum { parts }),
        })
    }

    /// What is known of it, if there is any.
    pub fn known(&self) -> Option<&Known> {
        match self {
            Noise::None => None,
            Noise::Known(known) => Some(known),
        }
    }

    /// Var of one coordinate's noise where it is the same of all and everywhere.
    pub fn variance(&self) -> Option<f64> {
        self.known().map_or(Some(0.0), Known::variance)
    }

    /// C, where it is the same everywhere.
    pub fn covariance(&self, dim: usize) -> Option<DMatrix<f64>> {
        match self {
            Noise::None => Some(DMatrix::zeros(dim, dim)),
            Noise::Known(known) => known.covariance(dim),
        }
    }

    /// Whether what it adds is normal at every place.
    pub fn is_gaussian(&self) -> bool {
        self.known().is_none_or(Known::is_gaussian)
    }

    /// The size of its pool, where there is one.
    pub fn samples(&self, surface: &dyn Landscape) -> Option<f64> {
        self.known()?.parts().iter().find_map(|part| match part {
            Known::Minibatch { samples, .. } => Some(*samples as f64),
            Known::Examples { .. } => {
                let mean = surface.examples()?;
                let pool = *mean.origin() == Origin::Table;
                pool.then_some(mean.table().rows() as f64)
            }
            _ => None,
        })
    }

    /// B, where there is one.
    pub fn batch(&self) -> Option<f64> {
        self.known()?.batch()
    }
}

impl On<'_> {
    /// What one block says; `None` where that is no noise.
    fn one(&self, block: &Block) -> Result<Option<Known>> {
        let named = given(block, self.names, "name");
        let name = match named.as_ref().map(|given| &given.node.value) {
            Some(Toml::Text(name)) => name.as_str(),
            _ if SIZES.iter().any(|key| block.get(key).is_some()) => "gaussian",
            _ => "",
        };
        match registry::find(name).and_then(|entry| entry.law) {
            Some(law) => self.drawn(block, name, &law).map(Some),
            None => self.whole(block, name),
        }
    }

    /// A noise that makes gradients itself.
    fn whole(&self, block: &Block, name: &str) -> Result<Option<Known>> {
        let wanted: &[&str] = match name {
            "hessian" => &["batch", "floor"],
            "minibatch" if self.landscape.data.is_some() => &["batch", "svag"],
            "minibatch" => &["batch", "samples", "variance", "dof"],
            "fresh" => &["batch", "variance", "dof"],
            _ => &[],
        };
        let mut block = block.clone();
        let ramp = match &self.landscape.data {
            Some(data) if name == "minibatch" => self.ramp(&block, data)?,
            _ => None,
        };
        let ramp = ramp.map(|(ramp, largest)| {
            block.set("batch", largest);
            ramp
        });
        let concrete = self.names.concrete(&block, wanted)?;
        let section = Section::new("noise", &concrete.node)?;
        let names: Vec<&'static str> = std::iter::once("none")
            .chain(ENTRIES.iter().map(|entry| entry.name))
            .collect();
        let noise = match section.choice("name", None, &names)? {
            "hessian" => {
                let why = "the batch size B of C = (|H| + δ)/B";
                let batch = section.number("batch", None, POSITIVE, why)?;
                let why = "the floor δ of the noise, in units of the Hessian";
                let floor = section.number("floor", Some(0.0), 0.0..=1e12, why)?;
                Some(Known::Hessian { batch, floor })
            }
            data @ ("minibatch" | "fresh") => Some(match &self.landscape.data {
                Some(examples) => of_examples(&section, data, (examples, ramp))?,
                None => of_data(&section, data)?,
            }),
            _ => None,
        };
        section.finish()?;
        Ok(noise)
    }

    /// B as a formula of the step, and the largest that it comes to.
    fn ramp(&self, block: &Block, data: &Data) -> Result<Option<(Driven, Node)>> {
        let Some(Given { block, key, node }) = given(block, self.names, "batch") else {
            return Ok(None);
        };
        let Toml::Text(text) = &node.value else {
            return Ok(None);
        };
        if !driving::is_driven(text, self.names) {
            return Ok(None);
        }
        let wrong = |mistake: formula::Mistake| block.mistaken(key, &node, &mistake);
        let tree = Tree::parse(text).map_err(wrong)?;
        let constants = self.names.constants(&tree, &["step".to_string()]);
        let formulas = BTreeMap::from([(key.to_string(), text.clone())]);
        let ramp = Driven::new(formulas, constants.map_err(wrong)?, 1.0).map_err(wrong)?;
        let most = match data.mean.origin() {
            Origin::Table => data.mean.table().rows() as f64,
            _ => 1e6,
        };
        let taken = looked_at(100_000, 1_000_000_000_000);
        let mut sizes = vec![0.0; taken.len()];
        ramp.at(&taken, &mut sizes);
        let mut each = sizes.iter().zip(&taken);
        if let Some((b, taken)) = each.find(|(b, _)| !(1.0..=most).contains(&b.floor())) {
            let what = format!(
                "comes to {} at step {}, where it must be from 1 to {most}: bound it, as in \"min({text}, {most})\"",
                number(*b),
                taken + 1
            );
            return Err(block.error(key, what));
        }
        let largest = sizes.iter().fold(1.0, |m: f64, b| m.max(b.floor()));
        let value = Toml::Integer(largest as i64);
        Ok(Some((ramp, Node { value, ..node })))
    }

    /// Numbers of a law, times a size.
    fn drawn(&self, block: &Block, name: &str, law: &Named) -> Result<Known> {
        let sizes: &[&'static str] = if law.has_variance { &SIZES } else { &["scale"] };
        for key in SIZES.iter().chain(&["scale"]) {
            if block.get(key).is_some() && !sizes.contains(key) {
                let what = match law.has_variance {
                    true => format!(
                        "a {name} law has a variance: give `variance`, `std` or `covariance`"
                    ),
                    false => format!("a {name} law has no variance; give its `scale`"),
                };
                return Err(block.error(key, what));
            }
        }
        let own: Vec<&'static str> = sizes
            .iter()
            .copied()
            .filter(|key| block.get(key).is_some())
            .collect();
        if let [first, second, ..] = own[..] {
            return Err(block.error(second, format!("stands beside `{first}`; keep one")));
        }
        let key = own.first().copied().unwrap_or(sizes[0]);
        let mut settling = Settling::new(block, self.names, self.variables);
        let size = match given(block, self.names, key) {
            None => None,
            Some(given) => self.size(&given, key, &mut settling)?,
        };
        // What is left is read as numbers: the size too, where it is one.
        let mut rest = block.clone();
        if size.is_some() {
            rest.take(key);
        }
        for inlined in &settling.inlined {
            rest.take(inlined);
        }
        let mut wanted: Vec<&str> = law.keys.iter().map(|(key, ..)| *key).collect();
        wanted.extend(["mean_of", "bound"]);
        if size.is_none() {
            wanted.push(key);
        }
        let mut concrete = self.names.concrete(&rest, &wanted)?;
        let kept = |key: &String| wanted.contains(&key.as_str()) || key == "name";
        for named in settling.used.iter().filter(|key| !kept(key)) {
            concrete.take(named);
        }
        let section = Section::new("noise", &concrete.node)?;
        section.means("name", "which noise; gaussian if left out beside a size");
        section.get("name");
        let law = self.law(&section, law)?;
        says(&section, sizes);
        let size = match size {
            Some(size) => size,
            None if key == "scale" => {
                let why = "the scale σ of the noise, a number or a formula of the state; at α = 2 the variance is 2σ²";
                Size::Deviation(section.number("scale", None, POSITIVE, why)?)
            }
            None => {
                let why = "the variance C of one coordinate of the stochastic gradient, whatever its law: a number or a formula of the state";
                Size::Deviation(section.number("variance", None, 0.0..=1e12, why)?.sqrt())
            }
        };
        let why = "draws of which the mean is taken";
        let mean_of = section.integer("mean_of", Some(1), 1..=10_000, why)?;
        let why = "where the law is cut off, |ξ| ≤ b in units of its standard deviation (of its scale, if stable); what is left is scaled to the variance again";
        let bound = match section.get("bound") {
            Some(_) => Some(section.number("bound", None, POSITIVE, why)?),
            None => {
                section.says("bound", "a number of at least 0.1", why);
                None
            }
        };
        section.finish()?;
        let draws = Draws::new(law, mean_of, bound).map_err(|what| section.error("bound", what))?;
        Ok(self.resolved(draws, size))
    }

    fn law(&self, section: &Section<'_>, law: &Named) -> Result<DrawnLaw> {
        let mut values = Vec::new();
        for (key, range, why) in law.keys {
            values.push(section.number(key, None, range.clone(), why)?);
        }
        Ok((law.of)(&values))
    }

    /// The noise, by the simplest name that it has.
    fn resolved(&self, draws: Draws, size: Size) -> Known {
        let n = draws.mean_of as f64;
        let unit = |c: &DMatrix<f64>| {
            let one = c[(0, 0)];
            let dim = c.nrows();
            (*c == DMatrix::from_diagonal_element(dim, dim, one)).then_some(one)
        };
        match (size, draws.law) {
            (Size::Deviation(scale), DrawnLaw::Stable(alpha))
                if draws.bound.is_none() && draws.mean_of == 1 =>
            {
                Known::Stable { alpha, scale }
            }
            (Size::Deviation(sigma), DrawnLaw::Gaussian) if draws.is_normal() => Known::Gaussian {
                variance: sigma * sigma / n,
            },
            (Size::Deviation(sigma), _) => Known::Drawn {
                draws,
                size: Amount::Deviation(sigma),
            },
            (Size::Covariance(c), _) if unit(&c).is_some() && draws.is_normal() => {
                Known::Gaussian {
                    variance: unit(&c).unwrap_or(f64::NAN) / n,
                }
            }
            (Size::Covariance(c), DrawnLaw::Gaussian) if draws.is_normal() => Known::Correlated {
                covariance: rows(&(c / n)),
            },
            (Size::Covariance(c), _) => Known::Drawn {
                draws,
                size: match unit(&c) {
                    Some(one) => Amount::Deviation(one.sqrt()),
                    None => Amount::Covariance(rows(&c)),
                },
            },
            (Size::Formula(formula, numbers), _) => Known::Drawn {
                draws,
                size: Amount::Formula { formula, numbers },
            },
        }
    }

    /// The size at a key; `None` where it is one number, which its section reads.
    fn size(
        &self,
        given: &Given<'_>,
        key: &str,
        settling: &mut Settling<'_>,
    ) -> Result<Option<Size>> {
        let dim = self.variables.len();
        let at = |what: String| given.block.error(given.key, what);
        let plain = key == "variance" || key == "scale";
        let form = match (&given.node.value, key) {
            (Toml::List(_), "variance" | "scale") => {
                return Err(at(format!(
                    "a list sweeps; one `{key}` for each coordinate is written as std = […]"
                )));
            }
            (Toml::List(items), "std") => {
                if items.len() != dim {
                    return Err(at(format!(
                        "{} standard deviations for {dim} coordinate{}; a list has one for each (to sweep, name it in [[sweep]])",
                        items.len(),
                        if dim == 1 { "" } else { "s" }
                    )));
                }
                let texts = items.iter().map(|item| settling.item(given, item));
                Form::Deviations(texts.collect::<Result<_>>()?)
            }
            (Toml::List(items), _) => {
                let row = |node: &Node| {
                    match &node.value {
                    Toml::List(entries) => entries
                        .iter()
                        .map(|entry| settling.item(given, entry))
                        .collect::<Result<Vec<String>>>(),
                    _ => Err(at(
                        "a matrix is a list of its rows, such as [[\"1\", \"0\"], [\"0\", \"1 + x^2\"]], or one formula of `hessian`".into(),
                    )),
                }
                };
                let rows = items.iter().map(row).collect::<Result<Vec<_>>>()?;
                if rows.len() != dim || rows.iter().any(|row| row.len() != dim) {
                    let columns = rows.iter().map(Vec::len);
                    let odd = columns.clone().find(|n| *n != rows.len());
                    return Err(at(format!(
                        "a {} × {} matrix on a landscape of {dim} coordinate{}",
                        rows.len(),
                        odd.unwrap_or(rows.len()),
                        if dim == 1 { "" } else { "s" }
                    )));
                }
                Form::Entries(rows)
            }
            (_, "variance" | "covariance") => Form::Whole(settling.item(given, &given.node)?),
            _ => Form::Deviations(vec![settling.item(given, &given.node)?]),
        };
        if plain && !settling.depends {
            return Ok(None);
        }
        let formula = CovarianceFormula {
            form,
            variables: self.variables.to_vec(),
            constants: settling.constants.clone(),
        };
        if plain && dim > 1 && formula.names_any(&["hessian"]).unwrap_or(false) {
            return Err(at(
                "`hessian` is a matrix, and this is a number; write covariance = …".into(),
            ));
        }
        let surface = self.landscape.build()?;
        let field = CovarianceField::new(&formula, surface, 1.0).map_err(|mistake| {
            // At its character, where the file has the formula as it is.
            match &given.node.value {
                Toml::Text(text) if *text == mistake.text => {
                    given.block.mistaken(given.key, &given.node, &mistake)
                }
                _ => at(mistake.what),
            }
        })?;
        if field.is_constant() {
            let covariance = field.at(&vec![0.0; dim]).map_err(|what| {
                at(what.split(" at ").next().unwrap_or(&what).to_string() + told(&what))
            })?;
            Shape::from_covariance(covariance.clone()).map_err(at)?;
            return Ok(Some(Size::Covariance(covariance)));
        }
        if let Some(start) = &self.start
            && let Some(wrong) = field.wrong_at(start, 0)
        {
            return Err(at(format!("{wrong}, where particles begin")));
        }
        let numbers = settling.used.iter();
        let numbers = numbers.filter_map(|key| Some((key.clone(), *settling.constants.get(key)?)));
        Ok(Some(Size::Formula(formula.clone(), numbers.collect())))
    }
}

/// What a sentence about a place says behind it.
fn told(sentence: &str) -> &str {
    sentence
        .find(": an eigenvalue")
        .map_or("", |at| &sentence[at..])
}

/// What the keys mean that give a size.
fn says(section: &Section<'_>, sizes: &[&'static str]) {
    for key in sizes {
        section.get(key);
        match *key {
            "std" => section.says(
                "std",
                "a formula of the state, or a list of one for each coordinate",
                "√C of every coordinate, in place of a variance",
            ),
            "covariance" => section.says(
                "covariance",
                "a symmetric matrix of numbers or formulas, row by row, or one formula of `hessian`",
                "C, which must be ≥ 0 where it is evaluated; a number stands for that times the unit matrix",
            ),
            _ => {}
        }
    }
}

/// Batches of the examples whose mean loss the landscape is.
fn of_examples(
    section: &Section<'_>,
    name: &str,
    (data, ramp): (&Data, Option<Driven>),
) -> Result<Known> {
    if name == "fresh" {
        let what =
            "the landscape has its examples: say rows = \"fresh\" there, and \"minibatch\" here";
        return Err(section.error("name", what));
    }
    let pool = *data.mean.origin() == Origin::Table;
    let most = match pool {
        true => data.mean.table().rows() as u64,
        false => 1_000_000,
    };
    let batch = section.integer(
        "batch",
        None,
        1..=most,
        "the batch size B, at most all examples: a number, or a formula of `step`, rounded down",
    )?;
    let replacement = section.switch("replacement", true)?;
    if !replacement && !pool {
        let what = "examples that are always new are never put back; take the key out";
        return Err(section.error("replacement", what));
    }
    if !replacement && ramp.is_some() {
        let what = "an epoch is cut into batches of one size; a batch that changes is drawn with replacement";
        return Err(section.error("replacement", what));
    }
    let why =
        "l of SVAG: two batches, combined to l times the covariance of one; 1 takes one batch";
    let svag = section.number("svag", Some(1.0), 1.0..=1e6, why)?;
    Ok(Known::Examples {
        batch,
        replacement,
        svag,
        ramp: ramp.map(Box::new),
    })
}

fn of_data(section: &Section<'_>, name: &str) -> Result<Known> {
    let batch = section.integer("batch", None, 1..=1_000_000, "the batch size B")?;
    let law = section
        .choice("law", Some("normal"), &["normal", "uniform", "student"])?
        .to_string();
    let why = "ν of Student's law, which has a variance above 2";
    let degrees_of_freedom = section.number("dof", Some(5.0), 2.01..=1e6, why)?;
    let why = "the variance of each coordinate of a sample";
    let variance = section.number("variance", None, POSITIVE, why)?;
    Ok(if name == "minibatch" {
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
    })
}
