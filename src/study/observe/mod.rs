//! What is read of a process: moments of formulas, exits, laws. One file each.

pub mod exit;
pub mod law;
pub mod moment;
pub mod path;
mod values;
pub mod when;

use base::error::Result;
use experiment::spec::{Section, Value as Toml};
use formula::Tree;

use self::moment::Read;
use crate::file::Block;

pub use exit::Exit;
pub use law::Law;
pub use moment::Moment;
pub use when::When;

/// The observables: their names, and what they read.
pub const ENTRIES: &[(&str, &str)] = &[
    (
        "moment",
        "a statistic (mean, variance, quantile) of formulas of the state at given steps or times; with memory, of anything along the path",
    ),
    (
        "covariance",
        "the covariances of the coordinates, or of formulas of the state, at given steps or times: axes `i` and `j`, i ≤ j, from 1",
    ),
    (
        "update_noise",
        "of a rule, per coordinate `i`: per_step, Var u/η² of one update, and at_zero, Var(θ − θ₀)/(η²n) after n updates, which on flat ground tends to the noise's power at frequency 0",
    ),
    (
        "curvature",
        "means over the particles of what ∇²L is where they are: top, its largest eigenvalue, trace_h, and diagonal, per coordinate `i`",
    ),
    (
        "gradient_noise",
        "of data, means over the particles of what C is where they are, the covariance over the examples of the gradient of one (of a batch of B with replacement it is C/B): trace_c, top, its largest eigenvalue, and alignment, tr CH/(|C| |H|) with H = ∇²L and the norms of Frobenius, 1 where C is a multiple of H",
    ),
    (
        "exit",
        "first exits over a boundary or into a region, direct or by splitting: rate (per time), exit_time, exit_step",
    ),
    (
        "law",
        "the law of a number of the state at given steps or times, and its distance from the law of another process, cell or look",
    ),
];

/// A block `[[observe]]`.
#[derive(Clone, Debug)]
pub struct Observable {
    /// Its label.
    pub label: String,
    /// The block, for messages.
    pub block: Block,
    /// What it reads.
    pub kind: Kind,
}

/// What an observable reads.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Numbers of the state at given moments.
    Moment(Moment),
    /// First exits.
    Exit(Exit),
    /// A distance between laws.
    Law(Law),
}

impl Observable {
    /// Reads a block.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn read(block: &Block) -> Result<Self> {
        let section = Section::new("observe", &block.node)?;
        let names: Vec<&str> = ENTRIES.iter().map(|(name, _)| *name).collect();
        let name = section.choice("name", None, &names)?;
        section.means("name", "what is read: `kramers list observables`");
        section.means("label", "its name in claims and records");
        let label = section.label("label", Some(name))?;
        let kind = match name {
            "exit" => Kind::Exit(Exit::read(block, &section)?),
            "law" => Kind::Law(Law::read(block, &section)?),
            "covariance" => Kind::Moment(Moment::covariance(block, &section)?),
            "update_noise" => Kind::Moment(Moment::looked_at(Read::UpdateNoise, block, &section)?),
            "curvature" => Kind::Moment(Moment::looked_at(Read::Curvature, block, &section)?),
            "gradient_noise" => {
                Kind::Moment(Moment::looked_at(Read::GradientNoise, block, &section)?)
            }
            _ => Kind::Moment(Moment::read(block, &section)?),
        };
        section.finish()?;
        Ok(Observable {
            label,
            block: block.clone(),
            kind,
        })
    }

    /// When it looks, if it looks at given moments.
    pub fn when(&self) -> Option<&When> {
        match &self.kind {
            Kind::Moment(moment) => Some(&moment.when),
            Kind::Law(law) => Some(&law.when),
            Kind::Exit(_) => None,
        }
    }
}

/// The formula at a key of a block.
///
/// # Errors
/// It is missing, no string, or no formula.
pub fn formula(block: &Block, key: &str, text: &str) -> Result<Tree> {
    let node = block.get(key).unwrap_or(&block.node);
    Tree::parse(text).map_err(|m| block.mistaken(key, node, &m))
}

/// The condition at `until`: a comparison.
///
/// # Errors
/// It is none.
pub(crate) fn condition(block: &Block, text: &str) -> Result<Tree> {
    let tree = formula(block, "until", text)?;
    if matches!(tree.root.kind, formula::Kind::Compared(..)) {
        return Ok(tree);
    }
    let mistake = tree.mistake(tree.root.at, "expected a comparison, such as x > 0");
    let node = block.get("until").unwrap_or(&block.node);
    Err(block.mistaken("until", node, &mistake))
}

/// A formula as it is written where numbers may stand for formulas too.
pub(crate) fn text_of(value: &Toml) -> Option<String> {
    match value {
        Toml::Text(text) => Some(text.clone()),
        Toml::Integer(i) => Some(i.to_string()),
        Toml::Float(x) => Some(format!("{x:?}")),
        _ => None,
    }
}
