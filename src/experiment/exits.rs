//! First exits of a cell, as they are kept on disk, and the table of them.

use serde::{Deserialize, Serialize};

use report::table::{Column, Table};
use simulation::ensemble::{End, FirstExits};

/// What stands for a particle that has not ended.
const UNDER_WAY: i64 = i64::MIN;

/// A finished cell, until the experiment is complete.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Exits {
    /// The cell's label.
    pub label: String,
    /// Exit steps by particle; negative for a censored particle, 0 for a diverged one, and `UNDER_WAY` for one that
    /// had not ended when the cell was stopped.
    pub ends: Vec<i64>,
    /// Steps that particles took.
    pub particle_steps: u64,
    /// Steps that lanes took.
    pub lane_steps: u64,
}

impl Exits {
    /// Packs what the ensemble returned.
    pub fn new(label: &str, exits: &FirstExits) -> Self {
        let pack = |end: &End| match *end {
            End::UNDER_WAY => UNDER_WAY,
            End::Exited(n) => n as i64,
            End::Censored(n) => -(n as i64),
            End::Diverged(_) => 0,
        };
        Exits {
            label: label.to_string(),
            ends: exits.ends.iter().map(pack).collect(),
            particle_steps: exits.particle_steps,
            lane_steps: exits.lane_steps,
        }
    }

    /// What the ensemble goes on from.
    pub fn unpacked(&self) -> FirstExits {
        let unpack = |end: &i64| match *end {
            UNDER_WAY => End::UNDER_WAY,
            0 => End::Diverged(0),
            n if n > 0 => End::Exited(n.unsigned_abs()),
            n => End::Censored(n.unsigned_abs()),
        };
        FirstExits {
            ends: self.ends.iter().map(unpack).collect(),
            particle_steps: self.particle_steps,
            lane_steps: self.lane_steps,
        }
    }

    /// Particles that left.
    pub fn exited(&self) -> u64 {
        self.ends.iter().filter(|n| **n > 0).count() as u64
    }

    /// Particles that diverged.
    pub fn diverged(&self) -> u64 {
        self.ends.iter().filter(|n| **n == 0).count() as u64
    }

    /// A row per particle.
    pub fn table<'a>(all: impl IntoIterator<Item = &'a Exits>) -> Table {
        let (mut cell, mut particle, mut step) = (Vec::new(), Vec::new(), Vec::new());
        let (mut censored, mut diverged) = (Vec::new(), Vec::new());
        for done in all {
            for (i, n) in done.ends.iter().enumerate() {
                cell.push(done.label.clone());
                particle.push(i as u64);
                step.push(n.unsigned_abs());
                censored.push(*n < 0);
                diverged.push(*n == 0);
            }
        }
        Table {
            columns: vec![
                ("cell".into(), Column::Text(cell)),
                ("particle".into(), Column::U64(particle)),
                ("exit_step".into(), Column::U64(step)),
                ("censored".into(), Column::Bool(censored)),
                ("diverged".into(), Column::Bool(diverged)),
            ],
        }
    }
}
