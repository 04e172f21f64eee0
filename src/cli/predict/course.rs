//! From where to where: the landscape of a prediction, as a line with a start and an exit.

use super::inputs::{Inputs, WordOrNumber};
use super::key::{Key, Range, SIZES_IN_WORDS, is_usable};
use base::error::Result;
use simulation::landscape::expression::{Expression, Formula};
use simulation::landscape::registry::{self, Entry, Settings};
use simulation::landscape::{Boundary, Kind, Landscape, Way, lowest};

/// The name of the landscape's key.
pub const LANDSCAPE: &str = "landscape";

/// d.
pub const DIM: Key = Key::new("dim", "1", Range::Count, "d, the number of coordinates");
/// k.
pub const SHARPNESS: Key = Key::new(
    "sharpness",
    "1",
    Range::Positive,
    "k: the surface is L(√k θ)",
);
/// Where a course starts.
pub const START: Key = Key::new(
    "start",
    "minimum",
    Range::Finite,
    "where it starts, in every coordinate: a number, or the deepest minimum or the lowest saddle of the surface as sharpened; the law is that of the well that this lies in",
);
const EXIT: Key = Key::new(
    "exit",
    "saddle",
    Range::Finite,
    "the boundary that it leaves over, in any coordinate: a number, the deepest minimum, or the saddle that the start's well has in this direction",
);
const DIRECTION: Key = Key::new(
    "direction",
    "above",
    Range::Name,
    "above or below: the side of the exit on which it has left",
);

/// The user's own surface in place of a named one.
pub const EXPRESSION: Key = Key::optional(
    "expression",
    Range::Name,
    "a formula of one variable in place of a landscape's name, such as 0.25*(x^2-1)^2 + a*x; its parameters are keys too: a=…, or parameters.a=…, which one named like a key of this command (dim, start, eta) must be called",
);

/// d of a surface on a grid.
pub const OWN_DIM: Key = Key::new(
    "dim",
    "own",
    Range::Count,
    "d, 1 or 2 coordinates; own: as many as the surface has by itself",
);

/// The landscape's key where it need not be separable.
pub const fn any_landscape(default: &'static str) -> Key {
    Key::new(
        LANDSCAPE,
        default,
        Range::Name,
        "a surface of one coordinate or two, whose own parameters are keys too",
    )
}

/// The landscape's key, whose default depends on the quantity.
pub const fn landscape(default: &'static str) -> Key {
    Key::new(
        LANDSCAPE,
        default,
        Range::Name,
        "a separable surface, whose own parameters are keys too",
    )
}

/// The keys of a course beside the landscape and its parameters.
pub const KEYS: &[Key] = &[EXPRESSION, DIM, SHARPNESS, START, EXIT, DIRECTION];

/// One coordinate of a separable surface, and the way along it.
pub struct Course {
    /// The surface of that coordinate alone, sharpened.
    pub line: Box<dyn Landscape>,
    /// d, coordinates of the process.
    pub dim: u32,
    /// Where every coordinate starts.
    pub start: f64,
    /// The boundary.
    pub exit: f64,
}

impl Course {
    /// Reads the landscape, its parameters, and the way; refuses keys other than `keys` and those.
    ///
    /// # Errors
    /// An unknown key or name, a number out of range, a surface that is not separable, one that has
    /// no saddle where one is needed, or a start that is not before the exit.
    pub fn read(inputs: &mut Inputs, landscape: &Key, keys: &[&'static str]) -> Result<Self> {
        let (entry, mut settings) = chosen(inputs, landscape, keys)?;
        // A formula is judged when it is built.
        if entry.name != registry::EXPRESSION && !is_separable(entry) {
            return Err(inputs.error(LANDSCAPE, &not_separable(entry.name)));
        }
        // In range, hence far below 2³².
        let dim = inputs.number(&DIM)? as u32;
        let sharpness = inputs.number(&SHARPNESS)?;
        settings.scalars.insert(SHARPNESS.name.into(), sharpness);
        let line = registry::build(entry.name, &settings)
            .map_err(|message| inputs.error(LANDSCAPE, &message))?;
        if !line.separable() {
            return Err(inputs.error(
                EXPRESSION.name,
                &not_separable("a formula of several variables"),
            ));
        }

        let start = match inputs.word_or_number(&START, &["minimum", "saddle"])? {
            WordOrNumber::Number(x) => x,
            WordOrNumber::Word("minimum") => place(inputs, &START, &*line, Kind::Minimum)?,
            WordOrNumber::Word(_) => place(inputs, &START, &*line, Kind::Saddle)?,
        };
        inputs.record(START.name, start);
        defined(inputs, START.name, &*line, start)?;
        let above = inputs.choice(&DIRECTION, &["above", "below"])? == "above";
        let exit = match inputs.word_or_number(&EXIT, &["minimum", "saddle"])? {
            WordOrNumber::Number(x) => x,
            WordOrNumber::Word("minimum") => place(inputs, &EXIT, &*line, Kind::Minimum)?,
            WordOrNumber::Word(_) => {
                let way = Way::to_saddle(&*line, &[start], None, above);
                let way = way.map_err(|why| {
                    let turned = if above { "below" } else { "above" };
                    let what = format!("{why}; give a number, exit=…, or direction={turned}");
                    inputs.error(EXIT.name, &what)
                })?;
                way.boundary.at
            }
        };
        inputs.record(EXIT.name, exit);
        defined(inputs, EXIT.name, &*line, exit)?;
        if start == exit {
            let what = format!("the start and the exit are the same point, θ = {exit}; move one");
            return Err(inputs.error(START.name, &what));
        }
        if (start < exit) != above {
            let (is, other) = if above {
                ("above", "below")
            } else {
                ("below", "above")
            };
            let what = format!(
                "the start θ = {start} is already {is} the exit θ = {exit}; move one of them, or \
                 give direction={other}"
            );
            return Err(inputs.error(START.name, &what));
        }
        Ok(Self {
            line,
            dim,
            start,
            exit,
        })
    }

    /// The well that it starts in, and the barrier on the way out.
    ///
    /// # Errors
    /// There is none of either.
    pub fn way(&self) -> std::result::Result<Way, String> {
        let boundary = Boundary {
            coordinate: Some(0),
            at: self.exit,
            above: self.exit > self.start,
        };
        let (low, high) = (self.start.min(self.exit), self.start.max(self.exit));
        if let Some(x) = self.line.structure(low, high).unresolved {
            return Err(format!(
                "the surface is too fine near θ = {x} for its wells to be told apart"
            ));
        }
        Way::of(&*self.line, &[self.start], boundary)
    }

    /// Refuses a way on which the surface has no value somewhere: a pole, or a gap in its domain.
    ///
    /// # Errors
    /// The way from the start to the exit, or to the wall, has one.
    pub fn joined(&self, inputs: &Inputs, wall: Option<f64>) -> Result<()> {
        for (key, end) in [(EXIT.name, Some(self.exit)), ("reflecting", wall)] {
            let Some(end) = end else { continue };
            let (low, high) = (self.start.min(end), self.start.max(end));
            let structure = self.line.structure(low, high);
            if let Some(x) = structure.pole_between(low, high) {
                let what = format!(
                    "between the start {} and {end} the surface has no value at θ = {x}, a pole or the end of \
                     its domain; choose both on one side of it",
                    self.start
                );
                return Err(inputs.error(key, &what));
            }
        }
        Ok(())
    }

    /// +1 where the exit is above the start, −1 where it is below.
    pub fn sign(&self) -> f64 {
        (self.exit - self.start).signum()
    }
}

/// Refuses a place at which the surface has no value.
///
/// # Errors
/// There the surface has none: why, and where it has.
pub fn defined(inputs: &Inputs, key: &str, line: &dyn Landscape, x: f64) -> Result<()> {
    match line.outside(&[x]) {
        Some(why) => Err(inputs.error(key, &format!("the surface has no value there: {why}"))),
        None => Ok(()),
    }
}

/// A parameter of a formula as a key that no key of the command is named like.
fn of_formula(symbol: &str) -> String {
    format!("parameters.{symbol}")
}

/// The formula with the parameters given as keys, `taken` being those of the command; its mistakes are told here.
fn with_parameters(
    inputs: &mut Inputs,
    mut formula: Formula,
    symbols: &[String],
    taken: &[&str],
) -> Result<Formula> {
    inputs.record(EXPRESSION.name, formula.text.clone());
    let mut values = serde_json::Map::new();
    for symbol in symbols {
        let full = of_formula(symbol);
        let plain = (!taken.contains(&symbol.as_str())).then_some(symbol);
        let key = match (
            inputs.given(&full),
            plain.filter(|s| inputs.given(s).is_some()),
        ) {
            (Some(_), Some(_)) => {
                let what = format!("`{symbol}` is given too, and is the same; give it once");
                return Err(inputs.error(&full, &what));
            }
            (None, None) if plain.is_none() => {
                let what = format!(
                    "its `{symbol}` is named like a key of this command, which {symbol}=… sets; give the formula's \
                     as {full}=…"
                );
                return Err(inputs.error(EXPRESSION.name, &what));
            }
            (None, Some(plain)) => plain,
            _ => &full,
        };
        // One that is not given is an unknown name in the formula, which the formula tells.
        if let Some(text) = inputs.given(key) {
            let value: Option<f64> = text.parse().ok().filter(|x| is_usable(*x));
            let what = format!("must be a finite number, {SIZES_IN_WORDS}");
            let value = value.ok_or_else(|| inputs.error(key, &what))?;
            formula.parameters.insert(symbol.clone(), value);
            values.insert(symbol.clone(), value.into());
        }
    }
    inputs.record("parameters", values);
    Expression::new(&formula, None)
        .map_err(|mistake| inputs.error(EXPRESSION.name, &mistake.to_string()))?;
    Ok(formula)
}

/// A surface of one coordinate or two, which need not be a sum over them.
///
/// # Errors
/// An unknown key or name, or parameters that the surface refuses.
pub fn surface(
    inputs: &mut Inputs,
    landscape: &Key,
    keys: &[&'static str],
) -> Result<Box<dyn Landscape>> {
    let (entry, mut settings) = chosen(inputs, landscape, keys)?;
    if let WordOrNumber::Number(dim) = inputs.word_or_number(&OWN_DIM, &["own"])? {
        settings.scalars.insert(DIM.name.into(), dim);
    }
    let sharpness = inputs.number(&SHARPNESS)?;
    settings.scalars.insert(SHARPNESS.name.into(), sharpness);
    let surface = registry::build(entry.name, &settings)
        .map_err(|message| inputs.error(LANDSCAPE, &message))?;
    if surface.dim() > 2 {
        let what = "a grid has one axis or two; give dim=1 or dim=2";
        return Err(inputs.error(OWN_DIM.name, what));
    }
    inputs.record(OWN_DIM.name, surface.dim());
    Ok(surface)
}

/// The surface that is named, with its own parameters; refuses keys other than `keys` and those.
fn chosen(
    inputs: &mut Inputs,
    landscape: &Key,
    keys: &[&'static str],
) -> Result<(&'static Entry, Settings)> {
    let names: Vec<&'static str> = registry::ENTRIES.iter().map(|e| e.name).collect();
    let formula = inputs.given(EXPRESSION.name).map(Formula::new);
    let name = match (inputs.given(LANDSCAPE), &formula) {
        (None, Some(_)) => {
            inputs.record(LANDSCAPE, registry::EXPRESSION);
            registry::EXPRESSION
        }
        _ => inputs.choice(landscape, &names)?,
    };
    let entry = registry::ENTRIES
        .iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| inputs.error(LANDSCAPE, "no such surface"))?;
    let symbols = match &formula {
        Some(formula) => Formula::parameters_of(&formula.text)
            .map_err(|m| inputs.error(EXPRESSION.name, &m.to_string()))?,
        None => Vec::new(),
    };
    let parameters = own_parameters(entry);
    let mut known = keys.to_vec();
    known.extend(parameters.iter().map(|(name, _)| *name));
    let taken = known.clone();
    let full: Vec<String> = symbols.iter().map(|symbol| of_formula(symbol)).collect();
    known.extend(symbols.iter().chain(&full).map(String::as_str));
    inputs.only(&known)?;
    let mut settings = Settings::default();
    match formula {
        Some(formula) => {
            settings.formula = Some(with_parameters(inputs, formula, &symbols, &taken)?);
        }
        None => inputs.record(EXPRESSION.name, serde_json::Value::Null),
    }
    for (name, default) in parameters {
        let value = inputs.parameter(name, default)?;
        settings.scalars.insert(name.into(), value);
    }
    Ok((entry, settings))
}

/// The parameters that are the surface's own, with their defaults.
pub fn own_parameters(entry: &Entry) -> Vec<(&'static str, f64)> {
    entry
        .parameters
        .iter()
        .filter(|p| ![DIM.name, SHARPNESS.name].contains(&p.name))
        .filter_map(|p| Some((p.name, p.default?)))
        .collect()
}

/// Whether exact exit times are known on the surface.
pub fn is_separable(entry: &Entry) -> bool {
    registry::build(entry.name, &Settings::default()).is_ok_and(|surface| surface.separable())
}

/// The lowest point of a kind.
fn place(inputs: &Inputs, key: &Key, line: &dyn Landscape, kind: Kind) -> Result<f64> {
    let found = lowest(line, kind).and_then(|point| point.theta.first().copied());
    found.ok_or_else(|| {
        let what = format!(
            "{} has no {}, so a number has to be given: {}=…",
            line.name(),
            if kind == Kind::Minimum {
                "minimum"
            } else {
                "saddle"
            },
            key.name
        );
        inputs.error(key.name, &what)
    })
}

fn not_separable(name: &str) -> String {
    let separable: Vec<&str> = registry::ENTRIES
        .iter()
        .filter(|entry| is_separable(entry))
        .map(|entry| entry.name)
        .collect();
    format!(
        "{name} is not a sum of functions of one coordinate each, and exact exit times are known \
         only there: use {}",
        separable.join(", ")
    )
}
