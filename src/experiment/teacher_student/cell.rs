//! One cell of a teacher–student experiment: a teacher, a student and an update rule.

use serde::Serialize;

use crate::optimizer::Tuned;
use crate::plan::Planned;
use simulation::student::Architecture;

/// A kind of student.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Student {
    /// Its kind.
    pub architecture: Architecture,
    /// Units or channels of a hidden layer.
    pub width: usize,
    /// What multiplies the η of every rule for it.
    pub eta_factor: f64,
}

/// Everything that a training run needs, but for its seed.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// Unique and stable name.
    pub label: String,
    /// Name of the series: the rule.
    pub series: String,
    /// The teacher's kind.
    pub teacher: Architecture,
    /// Units or channels of a hidden layer of the teacher.
    pub teacher_width: usize,
    /// The student.
    pub student: Student,
    /// The rule, its η already multiplied by the student's factor.
    pub rule: Tuned,
    /// d.
    pub dim: usize,
    /// Training examples.
    pub train: usize,
    /// Fresh examples.
    pub test: usize,
    /// Steps of training.
    pub steps: u64,
    /// Training runs, each with its own teacher, data and first parameters.
    pub seeds: u64,
}

impl Cell {
    /// What is known of it before it runs.
    pub fn plan(&self) -> Planned {
        Planned::of(&self.label, &self.series)
            .with("teacher", self.teacher.name())
            .with("student", self.student.architecture.name())
            .under(&self.rule)
            .runs(self.seeds, self.steps)
    }

    /// Teacher and student in words.
    pub fn pair(&self) -> String {
        format!(
            "{} student, {} teacher",
            self.student.architecture.name(),
            self.teacher.name()
        )
    }

    /// Whether the other cell has the same teacher and student.
    pub fn same_pair(&self, other: &Cell) -> bool {
        self.teacher == other.teacher && self.student == other.student
    }
}
