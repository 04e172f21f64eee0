//! What a run will say of a claim, from what a smaller run, its pilot, measured.

use serde::Serialize;

use crate::power::{Chances, Measurement};
use crate::{Range, Ruling};

/// A claim, or one cell of a claim, before it is decided.
#[derive(Clone, Debug, Serialize)]
pub struct Forecast {
    /// The claim's id.
    pub id: String,
    /// Which part of the claim this is.
    pub case: String,
    /// Whether it counts in the claim's verdict.
    pub decides: bool,
    /// What is measured.
    pub quantity: String,
    /// What the claim allows, where it is a range.
    pub allowed: Option<Range>,
    /// How wide the interval will be.
    pub width: Option<f64>,
    /// What will be decided, by what may be true.
    pub cases: Vec<Case>,
    /// What no numbers are given of, and why; that the claim cannot be decided here.
    pub notes: Vec<String>,
}

/// What will be decided where something is true.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    /// What is true.
    pub truth: Truth,
    /// Its number.
    pub value: f64,
    /// How probable each verdict is.
    #[serde(flatten)]
    pub chances: Chances,
    /// How many times as many particles give the right verdict with the power asked for; `None` where no number does.
    pub factor: Option<f64>,
}

/// What may be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Truth {
    /// What the claim predicts.
    Prediction,
    /// What is known exactly.
    Exact,
    /// What a rival theory predicts.
    Rival,
    /// What the pilot measured.
    Pilot,
}

impl Truth {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Truth::Prediction => "predicted",
            Truth::Exact => "exact",
            Truth::Rival => "the rival",
            Truth::Pilot => "the pilot's",
        }
    }
}

impl Forecast {
    /// From the ruling of a pilot, for a run with `factor` times as many particles.
    pub fn of(pilot: &Ruling, factor: f64, power: f64) -> Self {
        let mut forecast = Forecast {
            id: pilot.id.clone(),
            case: pilot.case.clone(),
            decides: pilot.decides(),
            quantity: pilot.quantity.clone(),
            allowed: pilot.allowed,
            width: None,
            cases: Vec::new(),
            notes: Vec::new(),
        };
        let now = match Measurement::of(pilot) {
            Ok(now) => now.times(factor),
            Err(why) => {
                forecast.notes.push(format!("not planned: {why}"));
                return forecast;
            }
        };
        forecast.width = Some(2.0 * now.half * now.error);
        // A bound predicts a side, and no number.
        let allowed = now.allowed;
        let predicted = pilot
            .paper
            .filter(|paper| allowed.holds(*paper) && allowed.edge(*paper) > 0.0);
        let measured = pilot.measured.as_ref().and_then(|measured| measured.value);
        let rivals = pilot.rivals.iter().map(|rival| (Truth::Rival, rival.value));
        let found = match pilot.exact {
            Some(exact) => Some((Truth::Exact, exact)),
            None => measured.map(|value| (Truth::Pilot, value)),
        };
        let all = predicted.map(|value| (Truth::Prediction, value));
        let all = all.into_iter().chain(rivals).chain(found);
        if pilot.quantity.contains("slope(") {
            let note = "planned for chance alone: where more particles show that the points lie on no line, the interval of a slope is wider";
            forecast.notes.push(note.into());
        }
        forecast.cases = all
            .map(|(truth, value)| Case {
                truth,
                value,
                chances: now.chances(value),
                factor: now.needed(value, power),
            })
            .collect();
        forecast
    }

    /// How many times as many particles decide it whatever is true of what is known; `None` where no number does.
    pub fn factor(&self) -> Option<f64> {
        let exact = self.cases.iter().find(|case| case.truth == Truth::Exact);
        match exact {
            Some(exact) => exact.factor,
            None if self.cases.is_empty() => None,
            None => self
                .cases
                .iter()
                .filter(|case| case.truth != Truth::Pilot || self.cases.len() == 1)
                .map(|case| case.factor)
                .try_fold(0.0, |most: f64, factor| Some(most.max(factor?))),
        }
    }
}
