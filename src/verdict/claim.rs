//! What a claim is: an id, a paper, a statement, and where it is decided.

use serde::Serialize;

/// A claim of one of the papers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// E.g. `adai.prop2`.
    pub id: &'static str,
    /// The paper's short name.
    pub paper: &'static str,
    /// What the paper says, in its own symbols.
    pub statement: &'static str,
    /// What holds exactly in its place or beside it, from theory; empty where nothing is known.
    pub exact: &'static str,
    /// Where the paper's statement holds.
    pub holds: &'static str,
    /// The experiment files that decide it, below `experiments/`; `None` while the lab has none.
    pub experiment: Option<&'static str>,
    /// Optional parts of the build without which it cannot be decided; empty for the default build.
    pub decided_without: &'static [&'static str],
}

/// A claim about quantities that need no network library.
pub(super) const fn claim(
    id: &'static str,
    paper: &'static str,
    statement: &'static str,
    experiment: Option<&'static str>,
) -> Claim {
    Claim {
        id,
        paper,
        statement,
        exact: "",
        holds: "",
        experiment,
        decided_without: &[],
    }
}

impl Claim {
    /// With what is known of it.
    pub(super) const fn known(self, exact: &'static str, holds: &'static str) -> Self {
        Claim {
            exact,
            holds,
            ..self
        }
    }
}

/// A claim about real networks.
pub(super) const fn network(
    id: &'static str,
    paper: &'static str,
    statement: &'static str,
    experiment: Option<&'static str>,
) -> Claim {
    Claim {
        decided_without: &["torch"],
        ..claim(id, paper, statement, experiment)
    }
}
