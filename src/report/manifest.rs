//! `manifest.json`: what was run, where and for how long, and the checksum of every other file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Everything needed to run an experiment again and to trust what it left. Of the same seed, scale, settings and version
/// it is the same, interrupted or not, but for what it says of the run itself: `threads`, `started`, `ended`, `seconds`,
/// `useful_lane_fraction` and `host_features`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The experiment's name, which is its folder's.
    pub name: String,
    /// The paper, figure or theorem it examines.
    pub source: String,
    /// The protocol, e.g. `escape`.
    pub protocol: String,
    /// The experiment file with every default resolved.
    pub spec: serde_json::Value,
    /// Particles of a cell that a pilot chose, where the file gives a power in their place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub particles: Option<u64>,
    /// Root seed.
    pub seed: u64,
    /// `smoke`, `standard` or `paper`.
    pub scale: String,
    /// Version of the lab.
    pub version: String,
    /// Git revision it was built from, if known.
    pub git_revision: Option<String>,
    /// The counter-based generator.
    pub generator: String,
    /// Worker threads (no result depends on them).
    pub threads: usize,
    /// Start, RFC 3339.
    pub started: String,
    /// End, RFC 3339.
    pub ended: String,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Particles × steps.
    pub particle_steps: u64,
    /// Share of lane-steps that moved a particle still under way. Like the times, it is of this run alone: it depends on
    /// which thread took which particle, and what was under way when a run was stopped is moved again.
    pub useful_lane_fraction: f64,
    /// Particles that became non-finite: counted, never averaged in.
    pub diverged: u64,
    /// What the processor offers, e.g. `avx2`.
    pub host_features: Vec<String>,
    /// Keys of the works it rests on (see [`crate::bibliography`]).
    pub cites: Vec<String>,
    /// CRC-32 of each other file of the record, by name; filled in when the record is saved.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
}
