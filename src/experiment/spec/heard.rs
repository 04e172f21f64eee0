//! What readers ask a file for: every key with its meaning, and the defaults that were taken. So the description of a file's
//! keys stands once, where they are read.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use serde::Serialize;

use super::setting::Setting;

/// A key that a reader asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Key {
    /// The table that it stands in, e.g. `ensemble`; empty at the top.
    pub section: String,
    /// Its name.
    pub name: String,
    /// What it takes, e.g. `a number from 0 to 1`.
    pub takes: String,
    /// What it is where the file is silent.
    pub default: Option<String>,
    /// What it means.
    pub meaning: String,
}

/// What was heard while a file was read.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// The keys that were asked for, each once.
    pub keys: Vec<Key>,
    /// The defaults that were taken.
    pub defaults: Vec<Setting>,
}

thread_local! {
    static HEARD: RefCell<Option<Heard>> = const { RefCell::new(None) };
}

/// What `read` gives, and what it asked for meanwhile.
pub fn listening<T>(read: impl FnOnce() -> T) -> (T, Heard) {
    let before = HEARD.replace(Some(Heard::default()));
    let read = read();
    let heard = HEARD.replace(before);
    (read, heard.unwrap_or_default())
}

/// Notes a key, where somebody listens; what is said of it first counts.
pub(super) fn key(key: impl FnOnce() -> Key) {
    HEARD.with_borrow_mut(|heard| {
        if let Some(heard) = heard {
            let key = key();
            let same = |known: &Key| known.section == key.section && known.name == key.name;
            match heard.keys.iter_mut().find(|known| same(known)) {
                Some(known) => {
                    if known.meaning.is_empty() {
                        known.meaning = key.meaning;
                    }
                    if known.takes.is_empty() {
                        (known.takes, known.default) = (key.takes, key.default);
                    }
                }
                None => heard.keys.push(key),
            }
        }
    });
}

/// Notes a default that was taken.
pub(super) fn default(setting: Setting) {
    HEARD.with_borrow_mut(|heard| {
        if let Some(heard) = heard
            && !heard.defaults.contains(&setting)
        {
            heard.defaults.push(setting);
        }
    });
}

/// A range in words.
pub(super) fn range(what: &str, range: &RangeInclusive<f64>) -> String {
    let (low, high) = (*range.start(), *range.end());
    // Bounds that only keep numbers finite say nothing.
    let low_said = low > -1e6;
    let high_said = high < 1e6;
    let positive = low > 0.0 && low < 1e-9;
    match (positive, low_said, high_said) {
        (true, _, false) => format!("{what} above 0"),
        (true, _, true) => format!("{what} above 0, at most {}", super::written(high)),
        (_, true, true) => format!(
            "{what} from {} to {}",
            super::written(low),
            super::written(high)
        ),
        (_, true, false) => format!("{what} of at least {}", super::written(low)),
        (_, false, true) => format!("{what} of at most {}", super::written(high)),
        (_, false, false) => what.to_string(),
    }
}
