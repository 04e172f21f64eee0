//! What a formula comes to.

use base::value::Value;

use crate::function::{Comparison, Operation, called_function};
use crate::mistake::Mistake;
use crate::parse::{no_function, of_one};
use crate::tree::{Kind, Node, Tree};

/// What the names of a formula stand for.
pub trait Scope {
    /// The value of a name, with its dots; `None` where it is unknown.
    ///
    /// # Errors
    /// Why a name that is known has no value here.
    fn value(&self, name: &str) -> Result<Option<Value>, String>;

    /// The names that there are, for the nearest to an unknown one.
    fn known(&self) -> Vec<String>;
}

/// The known name that is closest to `name`, if any is close at all.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|k| (strsim::normalized_damerau_levenshtein(name, k), k))
        .filter(|(similarity, _)| *similarity > 0.45)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k)
}

/// What is said of the known name that an unknown one is nearest to.
pub fn did_you_mean(known: &str) -> String {
    format!("; did you mean `{known}`?")
}

impl Tree {
    /// The number that it comes to.
    ///
    /// # Errors
    /// An unknown name, one without a value here, a word in place of a number, a function that there is not.
    pub fn number(&self, scope: &dyn Scope) -> Result<f64, Mistake> {
        self.number_at(&self.root, scope)
    }

    /// The value that it comes to.
    ///
    /// # Errors
    /// As [`Tree::number`].
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, Mistake> {
        self.value_at(&self.root, scope)
    }

    /// Whether a condition holds: it comes to a number other than 0.
    ///
    /// # Errors
    /// As [`Tree::number`], and where it comes to NaN.
    pub fn holds(&self, scope: &dyn Scope) -> Result<bool, Mistake> {
        let x = self.number(scope)?;
        if x.is_nan() {
            return Err(self.mistake(0, "this condition comes to NaN"));
        }
        Ok(x != 0.0)
    }

    fn number_at(&self, node: &Node, scope: &dyn Scope) -> Result<f64, Mistake> {
        match self.value_at(node, scope)? {
            Value::Number(x) => Ok(x),
            Value::Word(word) => {
                Err(self.mistake(node.at, format!("'{word}' is a word, not a number")))
            }
        }
    }

    fn value_at(&self, node: &Node, scope: &dyn Scope) -> Result<Value, Mistake> {
        let number = match &node.kind {
            Kind::Number(x) => *x,
            Kind::Word(word) => return Ok(Value::Word(word.clone())),
            Kind::Name(name) if name == "pi" => std::f64::consts::PI,
            Kind::Name(_) | Kind::Member(..) => {
                let Some(name) = node.dotted() else {
                    return Err(self.mistake(node.at, "only a name has members"));
                };
                let found = scope
                    .value(&name)
                    .map_err(|why| self.mistake(node.at, why))?;
                return found.ok_or_else(|| self.unknown(node.at, &name, scope));
            }
            Kind::Narrowed(..) => {
                return Err(
                    self.mistake(node.at, "brackets narrow a reading, and there is none here")
                );
            }
            Kind::Negative(a) => -self.number_at(a, scope)?,
            Kind::Two(operation, a, b) => {
                let (a, b) = (self.number_at(a, scope)?, self.number_at(b, scope)?);
                power_of_whole(*operation, a, b)
            }
            Kind::Compared(comparison, a, b) => {
                let (left, right) = (self.value_at(a, scope)?, self.value_at(b, scope)?);
                let holds = match (&left, &right, comparison) {
                    (Value::Number(a), Value::Number(b), _) => comparison.of(*a, *b),
                    (Value::Word(a), Value::Word(b), Comparison::Equal) => a == b,
                    (Value::Word(a), Value::Word(b), Comparison::Unequal) => a != b,
                    (Value::Word(_), Value::Word(_), _) => {
                        return Err(self.mistake(node.at, "words are equal or not, and no more"));
                    }
                    _ => {
                        return Err(self.mistake(node.at, "compares a word with a number"));
                    }
                };
                f64::from(u8::from(holds))
            }
            Kind::Call(name, arguments) => self.called(node.at, name, arguments, scope)?,
        };
        Ok(Value::Number(number))
    }

    fn called(
        &self,
        at: usize,
        name: &str,
        arguments: &[Node],
        scope: &dyn Scope,
    ) -> Result<f64, Mistake> {
        if name == "where" {
            let chosen = if self.number_at(&arguments[0], scope)? != 0.0 {
                &arguments[1]
            } else {
                &arguments[2]
            };
            return self.number_at(chosen, scope);
        }
        let values: Vec<f64> = arguments
            .iter()
            .map(|a| self.number_at(a, scope))
            .collect::<Result<_, _>>()?;
        match (called_function(name), name, &values[..]) {
            (Some(function), _, [x]) => Ok(function.of(*x)),
            (_, "pow", [a, b]) => Ok(power_of_whole(Operation::Pow, *a, *b)),
            (_, "min" | "max", [_]) => Err(self.mistake(at, of_one(name))),
            (_, "min", [first, rest @ ..]) => Ok(rest.iter().fold(*first, |a, b| smaller(a, *b))),
            (_, "max", [first, rest @ ..]) => {
                Ok(-rest.iter().fold(-*first, |a, b| smaller(a, -*b)))
            }
            _ => Err(self.mistake(at, no_function(name))),
        }
    }

    fn unknown(&self, at: usize, name: &str, scope: &dyn Scope) -> Mistake {
        let known = scope.known();
        let hint =
            nearest(name, known.iter().map(String::as_str)).map_or_else(String::new, did_you_mean);
        self.mistake(at, format!("unknown name `{name}`{hint}"))
    }
}

/// The smaller of two numbers; NaN where one is.
fn smaller(a: f64, b: f64) -> f64 {
    if a.is_nan() || a < b { a } else { b }
}

/// a ∘ b; a whole power is a product, so that (−2)^2 = 4 to the last digit.
fn power_of_whole(operation: Operation, a: f64, b: f64) -> f64 {
    match operation {
        Operation::Pow if b.fract() == 0.0 && b.abs() <= 64.0 => a.powi(b as i32),
        _ => operation.of(a, b),
    }
}
