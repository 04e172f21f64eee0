//! A loss per example, with the examples that it is a mean over.

use std::collections::BTreeMap;

use serde::Serialize;

use simulation::landscape::examples::MeanLoss;

/// What a file says of its examples, and the mean loss that this is.
#[derive(Clone, Debug, Serialize)]
pub struct Data {
    /// The loss of one example.
    pub loss: String,
    /// The coordinates.
    pub variables: Vec<String>,
    /// Numbers that the loss and the columns name.
    pub parameters: BTreeMap<String, f64>,
    /// Where the examples come from.
    pub examples: Source,
    /// The landscape, which follows from the rest.
    #[serde(skip)]
    pub mean: MeanLoss,
}

/// Where examples come from.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A file: so many rows, whose named columns have this checksum.
    File {
        /// n.
        rows: usize,
        /// Over the bits of the columns, in their order.
        checksum: String,
    },
    /// So many drawn once.
    Drawn {
        /// n.
        rows: usize,
        /// What they are drawn by.
        seed: u64,
        /// Name and formula of each column.
        columns: Vec<(String, String)>,
    },
    /// An example is the step and the time of a path: a landscape that changes.
    Moment,
    /// Every one new.
    Fresh {
        /// Name and formula of each column.
        columns: Vec<(String, String)>,
        /// Over how many examples, drawn once, the mean is taken where no quadrature finds it.
        sampled: Option<usize>,
    },
}

impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        (
            &self.loss,
            &self.variables,
            &self.parameters,
            &self.examples,
        ) == (
            &other.loss,
            &other.variables,
            &other.parameters,
            &other.examples,
        )
    }
}
