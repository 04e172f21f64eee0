//! What a protocol hands over when it is done: everything that a record keeps.

use measurement::reading::Reading;
use report::figure::Figure;
use report::record::Section;
use report::table::Table;
use report::verdicts::Verdicts;

/// Samples, estimates, verdicts, figures and words of one experiment.
pub struct Finding {
    /// What was simulated, as finely as the protocol keeps it.
    pub samples: Table,
    /// What was measured and what is known, with the axes that a cell does not have.
    pub estimates: Vec<Reading>,
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
