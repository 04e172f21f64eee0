//! The assignments of a prediction: read by key, checked, and kept as they were resolved.

use nalgebra::DMatrix;
use serde_json::Value;

use super::key::{Key, Range, SIZES_IN_WORDS, is_usable};
use super::optimizer::{FROZEN_KEYS, OPTIMIZER, RULE_KEYS, hypers};
use base::error::{Error, Result};
use experiment::spec::{did_you_mean, nearest, shortened};
use simulation::optimizer::Entry;
use simulation::optimizer::registry::Rules;

/// What was given for one quantity, and what became of it.
#[derive(Debug)]
pub struct Inputs {
    /// What is asked for.
    pub quantity: &'static str,
    given: Vec<(String, String)>,
    rules: Rules,
    resolved: Vec<(&'static str, Value)>,
}

/// A key that takes a number or one of a few words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WordOrNumber {
    /// One of the words.
    Word(&'static str),
    /// A number in the key's range.
    Number(f64),
}

impl Inputs {
    /// Splits `key=value` assignments.
    ///
    /// # Errors
    /// One has no `=` or no key, or a key is given twice.
    pub fn new(quantity: &'static str, assignments: &[String]) -> Result<Self> {
        let mut given: Vec<(String, String)> = Vec::new();
        for assignment in assignments {
            let Some((key, value)) = assignment.split_once('=') else {
                return Err(Error::Input(format!(
                    "predict {quantity}: expected key=value, got `{}`",
                    shortened(assignment)
                )));
            };
            let (key, value) = (key.trim(), value.trim());
            if given.iter().any(|(k, _)| k == key) {
                return Err(Error::Input(format!(
                    "predict {quantity}: `{key}` is given twice; give it once"
                )));
            }
            given.push((key.to_string(), value.to_string()));
        }
        Ok(Self {
            quantity,
            given,
            rules: Rules::none(),
            resolved: Vec::new(),
        })
    }

    /// With rules by formula among these, which may be named.
    #[must_use]
    pub fn with_rules(self, rules: &Rules) -> Self {
        let rules = rules.clone();
        Inputs { rules, ..self }
    }

    /// The names of the rules by formula.
    pub fn formulas(&self) -> Vec<&'static str> {
        let names = self.rules.names().into_iter();
        let formula = |name: &&str| self.rules.find(name).is_some_and(|e| e.written.is_some());
        names.filter(formula).collect()
    }

    /// The rule by formula that is named.
    pub fn formula(&self) -> Option<&'static Entry> {
        let entry = self.rules.find(self.given(OPTIMIZER.name)?)?;
        entry.written.is_some().then_some(entry)
    }

    /// Refuses every key that is not in `known`, nor a hyper-parameter of a rule by formula where a rule is asked for.
    ///
    /// # Errors
    /// Names the unknown key, the nearest known one, and all of them; a hyper-parameter that has the name of another key.
    pub fn only(&self, known: &[&str]) -> Result<()> {
        let formula = known.contains(&OPTIMIZER.name).then(|| self.formula());
        let own: Vec<&str> = formula.flatten().map(hypers).unwrap_or_default();
        let shared = |name: &str| {
            RULE_KEYS
                .iter()
                .chain(FROZEN_KEYS)
                .any(|key| key.name == name)
        };
        if let Some(name) = own
            .iter()
            .find(|name| known.contains(name) && !shared(name))
        {
            let what = format!(
                "its hyper-parameter `{name}` has the name of a key of this quantity; give it another"
            );
            return Err(self.error(OPTIMIZER.name, &what));
        }
        let more = own.iter().filter(|name| !known.contains(name)).copied();
        let known: Vec<&str> = known.iter().copied().chain(more).collect();
        for (key, _) in &self.given {
            if !known.contains(&key.as_str()) {
                let guess =
                    nearest(key, known.iter().copied()).map_or_else(String::new, did_you_mean);
                return Err(Error::Input(format!(
                    "predict {}: unknown key `{key}`{guess} (keys: {})",
                    self.quantity,
                    known.join(", ")
                )));
            }
        }
        Ok(())
    }

    /// The number of a key: given, or its default, or none.
    ///
    /// # Errors
    /// What was given is not a number, or out of range.
    pub fn optional(&mut self, key: &Key) -> Result<Option<f64>> {
        let Some(text) = self.given(key.name).or(key.default) else {
            self.record(key.name, Value::Null);
            return Ok(None);
        };
        let x = self.number_in(key, text)?;
        self.record_number(key, x);
        Ok(Some(x))
    }

    /// The number of a key that has a default or must be given.
    ///
    /// # Errors
    /// As [`Inputs::optional`], or there is neither.
    pub fn number(&mut self, key: &Key) -> Result<f64> {
        self.optional(key)?
            .ok_or_else(|| self.error(key.name, &format!("give {}, a number", key.meaning)))
    }

    /// The rows of a matrix, where they are given.
    ///
    /// # Errors
    /// What was given is not rows of usable numbers of one length.
    pub fn matrix(&mut self, key: &Key) -> Result<Option<DMatrix<f64>>> {
        let Some(text) = self.given(key.name) else {
            self.record(key.name, Value::Null);
            return Ok(None);
        };
        let rows: Option<Vec<Vec<f64>>> = serde_json::from_str(text).ok();
        let alike = |rows: &Vec<Vec<f64>>| rows.iter().all(|row| row.len() == rows[0].len());
        let rows = rows
            .filter(alike)
            .ok_or_else(|| self.error(key.name, &format!("must be {}", key.range.words())))?;
        if let Some(x) = rows.iter().flatten().find(|x| !is_usable(**x)) {
            let what = format!("has the entry {x:e}; an entry must be {SIZES_IN_WORDS}");
            return Err(self.error(key.name, &what));
        }
        let width = rows.first().map_or(0, Vec::len);
        let matrix = DMatrix::from_row_iterator(rows.len(), width, rows.iter().flatten().copied());
        self.record(key.name, rows);
        Ok(Some(matrix))
    }

    /// A parameter of a landscape, whose range the landscape itself knows.
    ///
    /// # Errors
    /// What was given is not a number, or of no usable size.
    pub fn parameter(&mut self, name: &'static str, default: f64) -> Result<f64> {
        let x = match self.given(name) {
            Some(text) => parse(text).ok_or_else(|| self.not_a_number(name, text, ""))?,
            None => default,
        };
        if !is_usable(x) {
            return Err(self.error(name, &format!("must be {SIZES_IN_WORDS}")));
        }
        self.record(name, Value::from(x));
        Ok(x)
    }

    /// The name of a key, out of `choices`.
    ///
    /// # Errors
    /// It is none of them: with the nearest.
    pub fn choice(&mut self, key: &Key, choices: &[&'static str]) -> Result<&'static str> {
        let text = self.given(key.name).or(key.default).unwrap_or_default();
        let chosen = choices
            .iter()
            .find(|choice| **choice == text)
            .ok_or_else(|| self.no_choice(key.name, text, choices, ""))?;
        self.record(key.name, Value::from(*chosen));
        Ok(chosen)
    }

    /// A number in the key's range, or one of `words`. What it resolves to is for the caller to
    /// [`record`](Inputs::record).
    ///
    /// # Errors
    /// It is neither, or out of range.
    pub fn word_or_number(&self, key: &Key, words: &[&'static str]) -> Result<WordOrNumber> {
        let text = self.given(key.name).or(key.default).unwrap_or_default();
        if let Some(word) = words.iter().find(|word| **word == text) {
            return Ok(WordOrNumber::Word(word));
        }
        if parse(text).is_none() {
            return Err(self.no_choice(key.name, text, words, "a number, "));
        }
        self.number_in(key, text).map(WordOrNumber::Number)
    }

    /// A key that has no meaning beside the others: refused if given.
    ///
    /// # Errors
    /// It was given; `why` says why it cannot be.
    pub fn without(&mut self, name: &'static str, why: &str) -> Result<()> {
        if self.given(name).is_some() {
            return Err(self.error(name, why));
        }
        self.record(name, Value::Null);
        Ok(())
    }

    /// Keeps what a key was resolved to.
    pub fn record(&mut self, name: &'static str, value: impl Into<Value>) {
        self.resolved.push((name, value.into()));
    }

    /// Every key as it was resolved, in the order of reading.
    pub fn resolved(self) -> Vec<(&'static str, Value)> {
        self.resolved
    }

    /// An error about one key.
    pub fn error(&self, name: &str, what: &str) -> Error {
        let given = self
            .given(name)
            .map_or(String::new(), |t| format!(" = {}", shortened(t)));
        Error::Input(format!("predict {}: {name}{given}: {what}", self.quantity))
    }

    /// What the mathematics refuses, as an error about the key that caused it.
    ///
    /// # Errors
    /// That of `result`, which keeps its kind.
    pub fn at<T>(&self, name: &str, result: Result<T>) -> Result<T> {
        self.among(&[name], result)
    }

    /// The same where several keys cause it together: about those of them that were given.
    ///
    /// # Errors
    /// That of `result`, which keeps its kind.
    pub fn among<T>(&self, names: &[&str], result: Result<T>) -> Result<T> {
        result.map_err(|error| match error {
            Error::Input(what) => self.error(self.culprit(names), &what),
            other => other,
        })
    }

    /// The same where all that was given causes it together.
    ///
    /// # Errors
    /// That of `result`, which keeps its kind.
    pub fn together<T>(&self, result: Result<T>) -> Result<T> {
        result.map_err(|error| match error {
            Error::Input(what) => {
                let given = self.assignments().join(", ");
                let with = if given.is_empty() { "" } else { " with " };
                Error::Input(format!("predict {}{with}{given}: {what}", self.quantity))
            }
            other => other,
        })
    }

    /// The first of `names` that was given, which are in the order of their likeliness to be wrong.
    pub fn culprit<'a>(&self, names: &[&'a str]) -> &'a str {
        let given = names.iter().find(|name| self.given(name).is_some());
        given.or(names.first()).copied().unwrap_or_default()
    }

    /// The keys that were given, as they were.
    pub fn assignments(&self) -> Vec<String> {
        let one = |(key, text): &(String, String)| format!("{key} = {}", shortened(text));
        self.given.iter().map(one).collect()
    }

    /// What was given for a key, as it stands.
    pub fn given(&self, name: &str) -> Option<&str> {
        let found = self.given.iter().find(|(key, _)| key == name);
        found.map(|(_, text)| text.as_str())
    }

    fn number_in(&self, key: &Key, text: &str) -> Result<f64> {
        let meaning = format!(": {}", key.meaning);
        let text = match (key.range, text) {
            (Range::Switch, "false") => "0",
            (Range::Switch, "true") => "1",
            _ => text,
        };
        let x = parse(text).ok_or_else(|| self.not_a_number(key.name, text, &meaning))?;
        if key.range.contains(x) {
            return Ok(x);
        }
        let mut what = format!("must be {} ({})", key.range.words(), key.meaning);
        if x.is_finite() && !is_usable(x) {
            what = format!("must be {SIZES_IN_WORDS} ({})", key.meaning);
        }
        Err(self.error(key.name, &what))
    }

    fn record_number(&mut self, key: &Key, x: f64) {
        // In range, hence a whole number below 2⁵³.
        let value = match key.range {
            Range::Count | Range::Whole | Range::Switch => Value::from(x as u64),
            _ => Value::from(x),
        };
        self.record(key.name, value);
    }

    fn not_a_number(&self, name: &str, text: &str, meaning: &str) -> Error {
        let text = shortened(text);
        Error::Input(format!(
            "predict {}: {name}={text}: \"{text}\" is not a number{meaning}",
            self.quantity
        ))
    }

    fn no_choice(&self, name: &str, text: &str, choices: &[&str], or: &str) -> Error {
        let guess = nearest(text, choices.iter().copied())
            .map_or(String::new(), |c| format!("; did you mean \"{c}\"?"));
        let text = shortened(text);
        Error::Input(format!(
            "predict {}: {name}={text}: expected {or}{}{guess}",
            self.quantity,
            choices.join(" or ")
        ))
    }
}

fn parse(text: &str) -> Option<f64> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ETA: Key = Key::new("eta", "0.1", Range::Positive, "η, the learning rate");
    const DIM: Key = Key::new("dim", "1", Range::Count, "d");
    const WALL: Key = Key::optional("wall", Range::Finite, "a wall");
    const END: Key = Key::new("end", "saddle", Range::Finite, "the end");

    fn inputs(text: &[&str]) -> Inputs {
        let assignments: Vec<String> = text.iter().map(ToString::to_string).collect();
        Inputs::new("test", &assignments).unwrap()
    }

    #[test]
    fn given_defaulted_and_absent_keys_are_resolved() {
        let mut inputs = inputs(&["eta = 2e-3"]);
        assert_eq!(inputs.number(&ETA).unwrap(), 2e-3);
        assert_eq!(inputs.number(&DIM).unwrap(), 1.0);
        assert_eq!(inputs.optional(&WALL).unwrap(), None);
        let end = inputs.word_or_number(&END, &["saddle"]).unwrap();
        assert_eq!(end, WordOrNumber::Word("saddle"));
        let resolved = inputs.resolved();
        assert_eq!(resolved[0], ("eta", Value::from(2e-3)));
        assert_eq!(resolved[1].1.to_string(), "1");
        assert_eq!(resolved[2].1, Value::Null);
    }

    #[test]
    fn each_mistake_is_one_sentence() {
        let refused = |assignment: &str| {
            let mut inputs = inputs(&[assignment]);
            let known = ["eta", "dim", "wall", "end"];
            inputs
                .only(&known)
                .and_then(|()| inputs.number(&ETA))
                .and_then(|_| inputs.number(&DIM))
                .and_then(|_| inputs.word_or_number(&END, &["saddle"]))
                .and_then(|_| inputs.number(&WALL))
                .unwrap_err()
                .to_string()
        };
        for (assignment, message) in [
            ("etaa=1", "unknown key `etaa`; did you mean `eta`?"),
            ("q=1", "unknown key `q` (keys: eta, dim, wall, end)"),
            ("eta=fast", "\"fast\" is not a number: η, the learning rate"),
            ("eta=-1", "eta = -1: must be positive and finite (η"),
            ("eta=nan", "must be positive and finite"),
            ("dim=1.5", "dim = 1.5: must be a whole number from 1"),
            ("end=sadle", "expected a number, saddle; did you mean"),
            ("end=inf", "end = inf: must be finite"),
            ("dim=2", "wall: give a wall"),
        ] {
            let refusal = refused(assignment);
            assert!(refusal.starts_with("predict test: "), "{refusal}");
            assert!(refusal.contains(message), "{refusal}");
        }
    }

    #[test]
    fn a_matrix_is_rows_of_one_length() {
        let key = Key::optional("hessian", Range::Matrix, "H");
        let mut given = inputs(&["hessian=[[2, 0.5],[0.5,1]]"]);
        let matrix = given.matrix(&key).unwrap().unwrap();
        assert_eq!(matrix[(0, 1)], 0.5);
        assert_eq!(given.resolved()[0].1.to_string(), "[[2.0,0.5],[0.5,1.0]]");
        assert_eq!(inputs(&[]).matrix(&key).unwrap(), None);
        for text in ["2", "[2]", "[[1,2],[3]]", "[[1,x]]", "[[1e999]]", "[[1]"] {
            let error = inputs(&[&format!("hessian={text}")]).matrix(&key);
            let error = error.unwrap_err().to_string();
            assert!(error.contains("rows of numbers"), "{error}");
        }
    }

    #[test]
    fn an_assignment_has_one_key_once() {
        for (assignments, message) in [
            (vec!["eta"], "expected key=value, got `eta`"),
            (vec!["eta=1", "eta=2"], "given twice"),
        ] {
            let assignments: Vec<String> = assignments.iter().map(ToString::to_string).collect();
            let refusal = Inputs::new("test", &assignments).unwrap_err().to_string();
            assert!(refusal.contains(message), "{refusal}");
        }
    }

    #[test]
    fn a_key_without_meaning_is_refused_with_the_reason() {
        assert!(inputs(&[]).without("beta1", "sgd has none").is_ok());
        let refusal = inputs(&["beta1=0.9"]).without("beta1", "sgd has none");
        assert_eq!(
            refusal.unwrap_err().to_string(),
            "predict test: beta1 = 0.9: sgd has none"
        );
    }
}
