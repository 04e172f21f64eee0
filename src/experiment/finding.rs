//! What a protocol hands over when it is done: everything that a record keeps.

use report::figure::Figure;
use report::record::{CellEstimate, Section};
use report::table::Table;
use report::verdicts::Verdicts;

/// Samples, estimates, verdicts, figures and words of one experiment.
pub struct Finding {
    /// What was simulated, as finely as the protocol keeps it.
    pub samples: Table,
    /// A row per cell and quantity.
    pub estimates: Vec<CellEstimate>,
    /// Rulings and self-checks.
    pub verdicts: Verdicts,
    /// Figures, as data.
    pub figures: Vec<Figure>,
    /// The words of the report.
    pub sections: Vec<Section>,
    /// Particles × steps.
    pub particle_steps: u64,
    /// Lanes × steps, idle lanes included.
    pub lane_steps: u64,
    /// Particles that diverged.
    pub diverged: u64,
}
