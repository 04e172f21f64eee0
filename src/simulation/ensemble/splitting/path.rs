//! A path from Σ, as far as copies of it can need: the states at which it rose higher than before.

/// A particle, whole: where it is and what it remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Its level.
    pub level: f64,
    /// θ.
    pub theta: Vec<f64>,
    /// The process's memory, such as momentum.
    pub memory: Vec<f64>,
}

/// The record states of a path, each higher than the one before. The first passage of any level is one of
/// them, so nothing else needs keeping.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path {
    records: Vec<State>,
}

impl Path {
    /// The path that stands at its first state.
    pub fn starting(state: State) -> Self {
        Path {
            records: vec![state],
        }
    }

    /// The highest level reached.
    pub fn highest(&self) -> f64 {
        self.last().map_or(f64::NEG_INFINITY, |state| state.level)
    }

    /// The state of the highest level.
    pub fn last(&self) -> Option<&State> {
        self.records.last()
    }

    /// Takes in a state that is higher than all before.
    pub fn push(&mut self, state: State) {
        self.records.push(state);
    }

    /// The path up to and with its first state above `z`.
    pub fn until_above(&self, z: f64) -> Self {
        let first = self.records.partition_point(|state| state.level <= z);
        Path {
            records: self.records[..self.records.len().min(first + 1)].to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_ends_with_the_first_passage() {
        let state = |level| State {
            level,
            ..State::default()
        };
        let mut path = Path::starting(state(0.0));
        for level in [1.0, 2.0, 5.0] {
            path.push(state(level));
        }
        assert_eq!(path.highest(), 5.0);
        assert_eq!(path.until_above(0.5).highest(), 1.0);
        // Strictly above.
        assert_eq!(path.until_above(1.0).highest(), 2.0);
        assert_eq!(path.until_above(2.5).highest(), 5.0);
        assert_eq!(path.until_above(2.5).records.len(), 4);
    }
}
