//! The list of update rules.

use super::entry::Entry;
use super::{
    adabelief, adabound, adai, adaiv2, adam, adams, adapnm, amsgrad, heavy_ball, momentum, nadam,
    padam, pnm, radam, rmsprop, sgd, sgdm, sgds, yogi,
};

/// Every update rule of the lab.
pub static ENTRIES: &[Entry] = &[
    sgd::SGD,
    sgdm::SGDM,
    heavy_ball::HEAVY_BALL,
    momentum::MOMENTUM,
    sgds::SGDS,
    pnm::PNM,
    adapnm::ADAPNM,
    adam::ADAM,
    amsgrad::AMSGRAD,
    amsgrad::AMSGRAD_PAPER,
    adam::ADAMW,
    adams::ADAMS,
    rmsprop::RMSPROP,
    nadam::NADAM,
    radam::RADAM,
    radam::RADAM_AUTHORS,
    radam::RADAM_PAPER,
    adai::ADAI,
    adai::ADAIW,
    adai::ADAIS,
    adaiv2::ADAIV2,
    adabound::ADABOUND,
    adabound::ADABOUNDW,
    adabound::ADABOUND_PAPER,
    padam::PADAM,
    padam::PADAM_PAPER,
    yogi::YOGI,
    yogi::YOGI_PAPER,
    adabelief::ADABELIEF,
];

/// The entry of that name.
pub fn find(name: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|e| e.name == name)
}

/// The rules that an experiment file may name: the lab's, and a program's own.
#[derive(Clone, Debug)]
pub struct Rules(Vec<&'static Entry>);

impl Default for Rules {
    fn default() -> Self {
        Rules(ENTRIES.iter().collect())
    }
}

impl Rules {
    /// No rule at all.
    pub fn none() -> Self {
        Rules(Vec::new())
    }

    /// With a rule of the program's own; a name that exists already then means this one.
    #[must_use]
    pub fn with(mut self, entry: &'static Entry) -> Self {
        self.0.retain(|e| e.name != entry.name);
        self.0.push(entry);
        self
    }

    /// The entry of that name.
    pub fn find(&self, name: &str) -> Option<&'static Entry> {
        self.0.iter().copied().find(|e| e.name == name)
    }

    /// Every name.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|e| e.name).collect()
    }
}
