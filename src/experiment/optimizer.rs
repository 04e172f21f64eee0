//! The section `[[optimizer]]`: an update rule by name, with its hyper-parameters and schedule.

use serde::Serialize;

use super::spec::Section;
use base::error::Result;
use base::value::Value;
use measurement::reading::Facts;
use nalgebra::{DMatrix, DVector};
use prediction::exact::linear::{Filter, LinearRule};
use simulation::optimizer::entry::is_decay;
use simulation::optimizer::registry::Rules;
use simulation::optimizer::written::Response;
use simulation::optimizer::{Course, Entry, Optimizer, Schedule, Values, WeightDecay};

/// A rule with resolved hyper-parameters.
#[derive(Clone, Debug, Serialize)]
pub struct Tuned {
    /// The rule.
    #[serde(rename = "name", serialize_with = "name")]
    pub entry: &'static Entry,
    /// Its hyper-parameters.
    #[serde(flatten)]
    pub values: Values,
}

/// A rule by formula is what it says, and no other of the same name.
fn name<S: serde::Serializer>(
    entry: &&'static Entry,
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    match entry.written {
        None => to.serialize_str(entry.name),
        Some(_) => to.serialize_str(&format!("{}:\n{}", entry.name, entry.formula)),
    }
}

impl PartialEq for Tuned {
    fn eq(&self, other: &Self) -> bool {
        self.entry.name == other.entry.name && self.values == other.values
    }
}

impl Tuned {
    /// Reads the keys of a rule; those of the section itself, such as `label`, are the caller's.
    ///
    /// # Errors
    /// An unknown rule, a key that is missing or out of range, two kinds of weight decay.
    pub fn read(section: &Section<'_>, rules: &Rules) -> Result<Self> {
        Self::with_default(section, rules, None, "name")
    }

    /// As [`Tuned::read`], where the rule's name stands under `key`.
    ///
    /// # Errors
    /// As [`Tuned::read`].
    pub fn read_by(section: &Section<'_>, rules: &Rules, key: &'static str) -> Result<Self> {
        Self::with_default(section, rules, None, key)
    }

    fn with_default(
        section: &Section<'_>,
        rules: &Rules,
        eta: Option<f64>,
        key: &'static str,
    ) -> Result<Self> {
        let entry = rule(section, rules, key)?;
        let mut values = Values::default();
        for p in entry.parameters {
            let value = if p.switch {
                f64::from(u8::from(section.on(p.name, p.default == Some(1.0))?))
            } else {
                let default = if p.name == "eta" {
                    p.default.or(eta)
                } else {
                    p.default
                };
                section.number(p.name, default, p.low..=p.high, p.meaning)?
            };
            values.numbers.insert(p.name.to_string(), value);
        }
        Self::complete(section, entry, values, None)
    }

    /// As [`Tuned::read`], where η is not the section's to say.
    ///
    /// # Errors
    /// As [`Tuned::read`].
    pub fn read_at(section: &Section<'_>, rules: &Rules, eta: f64) -> Result<Self> {
        Self::with_default(section, rules, Some(eta), "name")
    }

    /// As [`Tuned::read`], where a parameter may be an array, which sweeps: every combination, the last
    /// parameter fastest. Of a training of known `length` a schedule may name parts.
    ///
    /// # Errors
    /// As [`Tuned::read`].
    pub fn sweep(section: &Section<'_>, rules: &Rules, length: Option<u64>) -> Result<Vec<Self>> {
        let entry = rule(section, rules, "name")?;
        let mut all = vec![Values::default()];
        for p in entry.parameters {
            let given = if p.switch {
                vec![f64::from(u8::from(
                    section.on(p.name, p.default == Some(1.0))?,
                ))]
            } else {
                section.sweep(p.name, p.default, p.low..=p.high, p.meaning)?
            };
            all = all
                .into_iter()
                .flat_map(|v| given.iter().map(move |x| v.clone().with(p.name, *x)))
                .collect();
        }
        all.into_iter()
            .map(|values| Self::complete(section, entry, values, length))
            .collect()
    }

    fn complete(
        section: &Section<'_>,
        entry: &'static Entry,
        mut values: Values,
        length: Option<u64>,
    ) -> Result<Self> {
        if let [first, second, ..] = values.decays()[..] {
            return Err(section.error(
                second,
                format!("both {first} and {second}; keep one kind of weight decay, and set the other to 0"),
            ));
        }
        if let Some(schedule) = section.section("schedule")? {
            values.schedule = read_schedule(&schedule, length)?;
        }
        Ok(Tuned { entry, values })
    }

    /// The rule, ready to move particles.
    pub fn build(&self) -> Box<dyn Optimizer> {
        (self.entry.build)(&self.values)
    }

    /// The rule where a single trajectory is trained, which has no random numbers for a rule's own.
    ///
    /// # Errors
    /// It draws normals.
    pub fn without_normals(self, section: &Section<'_>) -> Result<Self> {
        if self.build().draws() {
            return Err(section.error("name", draws_normals(self.entry.name)));
        }
        Ok(self)
    }

    /// The rule as a linear one, if it is; weight decay and schedules, which act around it, apart.
    pub fn linear(&self) -> Option<LinearRule> {
        self.linear_at(self.values["eta"])
    }

    /// The same at another learning rate.
    pub fn linear_at(&self, eta: f64) -> Option<LinearRule> {
        let Some(written) = self.entry.written else {
            return LinearRule::named(self.entry.name, |key| self.values[key]);
        };
        let linear = written.linear(&self.values.clone().with("eta", eta))?;
        let filter = |response: &Response| {
            // A filter without memory keeps what is not used again.
            let k = response.input.len();
            if k == 0 {
                return Filter {
                    through: response.through / eta,
                    ..Filter::memoryless()
                };
            }
            Filter {
                transition: DMatrix::from_row_slice(k, k, &response.transition),
                input: DVector::from_column_slice(&response.input),
                output: DVector::from_column_slice(&response.output) / eta,
                through: response.through / eta,
                ahead: DVector::from_column_slice(&response.ahead) / eta,
                gain: 1.0,
                amplification: 1.0,
            }
        };
        let rule = LinearRule::derived(filter(&linear.first), filter(&linear.rest));
        rule.check().is_ok().then_some(rule)
    }

    /// λ of the weight decay beside the update, θ ← (1 − ηλ)θ at every step; `None` where it is not the same at every step.
    pub fn pull(&self) -> Option<f64> {
        let eta = self.values["eta"];
        let own = match self.values.decay() {
            WeightDecay::None | WeightDecay::L2(_) => return Some(0.0),
            WeightDecay::Decoupled(lambda) => lambda,
            WeightDecay::Scheduled(lambda) | WeightDecay::Fixed(lambda) => lambda / eta,
        };
        if !self.values.is_steady() {
            return None;
        }
        let scaled = self
            .entry
            .parameters
            .iter()
            .any(|p| p.name == "stable_decay");
        match (scaled, self.entry.name) {
            (false, _) => Some(own),
            (true, "sgds") => Some(own * (1.0 - self.values["tau"]) / (1.0 - self.values["mu"])),
            (true, _) => None,
        }
    }

    /// The largest ηh at which it is stable on ½hθ², where that is known.
    pub fn stability_limit(&self) -> Option<f64> {
        match self.entry.written {
            Some(_) => self.linear().map(|rule| rule.stability_limit()),
            None => self.entry.stability_limit.map(|limit| limit(&self.values)),
        }
    }

    /// Its name and hyper-parameters.
    pub fn facts(&self) -> Facts {
        let mut facts = Facts::default().with("optimizer", self.entry.name);
        for parameter in self.entry.parameters {
            if let Some(value) = self.values.numbers.get(parameter.name) {
                facts.set(parameter.name, Value::Number(*value));
            }
        }
        facts
    }

    /// Its hyper-parameters in words, without those that do nothing.
    pub fn describe(&self) -> String {
        let mut said: Vec<String> = self
            .values
            .numbers
            .iter()
            .filter(|(key, value)| !is_decay(key) || **value != 0.0)
            .map(|(key, value)| {
                let driven = self.values.driven.as_ref();
                match driven.and_then(|driven| driven.formulas.get(key)) {
                    Some(formula) => format!("{key} = {formula}"),
                    None => format!("{key} = {value}"),
                }
            })
            .collect();
        let Schedule { warmup, course } = &self.values.schedule;
        match course {
            Course::Constant => {}
            Course::Step { steps } => {
                let steps = steps.iter().map(|(t, f)| format!("{f} from step {t}"));
                let steps = steps.collect::<Vec<_>>().join(", ");
                said.push(format!("η multiplied by {steps}"));
            }
            Course::Cosine { steps, floor } => {
                said.push(format!("cosine schedule to {floor} over {steps} steps"));
            }
        }
        if *warmup > 0 {
            said.push(format!("warm-up over {warmup} steps"));
        }
        said.join(", ")
    }
}

/// Why a rule cannot train a single trajectory.
pub fn draws_normals(name: &str) -> String {
    format!(
        "`{name}` draws normals of its own (`xi`), and a single trajectory has none; take a rule without `xi`, or an experiment of many particles, such as a study"
    )
}

fn rule(section: &Section<'_>, rules: &Rules, key: &'static str) -> Result<&'static Entry> {
    let name = section.choice(key, None, &rules.names())?;
    rules
        .find(name)
        .ok_or_else(|| section.error(key, format!("unknown optimizer `{name}`")))
}

fn read_schedule(section: &Section<'_>, length: Option<u64>) -> Result<Schedule> {
    let name = section.choice("name", Some("constant"), &["constant", "step", "cosine"])?;
    let why = "steps over which η rises from 0";
    let warmup = section.integer("warmup", Some(0), 0..=1_000_000_000_000, why)?;
    let course = match name {
        "step" => {
            let why = "the steps at which η drops, in ascending order, counted from 1; of a network's training also parts of it, below 1";
            let mut at = section.sweep("at", None, 0.0..=1e15, why)?;
            let part = |t: &f64| *t > 0.0 && *t < 1.0;
            if let Some(length) = length.filter(|_| at.iter().all(part)) {
                at = at
                    .iter()
                    .map(|t| (t * length as f64).ceil().max(1.0))
                    .collect();
                at.dedup();
            }
            let whole = at.iter().all(|t| t.fract() == 0.0 && *t >= 1.0);
            if !whole || at.windows(2).any(|pair| pair[0] >= pair[1]) {
                return Err(section.error("at", format!("not whole numbers in order: {why}")));
            }
            let why = "what multiplies η at each of them";
            let factor = section.number("factor", Some(0.1), 0.0..=1e6, why)?;
            let steps = at.iter().zip(1..).map(|(t, k)| (*t as u64, factor.powi(k)));
            Course::Step {
                steps: steps.collect(),
            }
        }
        "cosine" => {
            let why = "length of the descent in steps";
            let steps = section.integer("steps", None, 1..=1_000_000_000_000, why)?;
            let why = "what η is multiplied by in the end";
            let floor = section.number("floor", Some(0.0), 0.0..=1.0, why)?;
            Course::Cosine { steps, floor }
        }
        _ => Course::Constant,
    };
    section.finish()?;
    Ok(Schedule { warmup, course })
}
