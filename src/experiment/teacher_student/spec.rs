//! The teacher–student experiment's file: its sections, and the cells they resolve to.

use serde::Serialize;

use super::cell::{Cell, Student};
use crate::claim::{self, Stated};
use crate::confidence::measured;
use crate::optimizer::Tuned;
use crate::spec::Section;
use base::error::Result;
use simulation::optimizer::registry::Rules;
use simulation::student::Architecture;
use simulation::student::network::PATCH;

/// A resolved teacher–student experiment.
#[derive(Clone, Debug, Serialize)]
pub struct StudentSpec {
    /// Every cell.
    pub cells: Vec<Cell>,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

/// What a claim is decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Over {
    /// Each teacher and student by itself.
    Cells,
    /// The mean over all teachers and students.
    Table,
}

/// That two rules reach the same test accuracy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// The rule with momentum.
    pub series: String,
    /// The rule it is compared with.
    pub against: String,
    /// What it is decided on.
    pub over: Over,
    /// Percentage points within which accuracies count as the same.
    pub within: f64,
    /// Percentage points by which training accuracies may differ; beyond, speed would be compared.
    pub fitted_within: f64,
}

impl StudentSpec {
    /// Resolves the sections of the teacher–student experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str, rules: &Rules) -> Result<Self> {
        let data = root.required_section("data")?;
        let dim = data.integer("dim", Some(30), 1..=100_000, "the length d of an input")? as usize;
        let train = data.integer("train", Some(500), 2..=1_000_000, "training examples")? as usize;
        let test = data.integer("test", Some(5000), 1..=1_000_000, "fresh examples")? as usize;
        data.finish()?;
        let teacher = root.required_section("teacher")?;
        let names = teacher.texts("architectures")?;
        let mut teachers = Vec::new();
        for name in &names {
            let known = Architecture::ALL.iter().find(|(_, known)| known == name);
            let Some((architecture, _)) = known else {
                let all = architectures().join(", ");
                let what = format!("unknown network `{name}`; there are {all}");
                return Err(teacher.error("architectures", what));
            };
            convolvable(&teacher, *architecture, dim)?;
            teachers.push(*architecture);
        }
        if teachers.is_empty() {
            return Err(teacher.error("architectures", "give at least one teacher"));
        }
        let why = "units or channels of a hidden layer";
        let teacher_width = teacher.integer("width", Some(10), 1..=10_000, why)? as usize;
        teacher.finish()?;
        let mut students = Vec::new();
        for section in root.sections("student")? {
            let name = section.choice("name", None, &architectures())?;
            let found = Architecture::ALL.iter().find(|(_, known)| *known == name);
            let Some((architecture, _)) = found else {
                return Err(section.error("name", format!("unknown network `{name}`")));
            };
            convolvable(&section, *architecture, dim)?;
            let width = section.integer("width", None, 1..=10_000, why)? as usize;
            let factor = "what multiplies η for this student";
            let eta_factor = section.number("eta_factor", Some(1.0), 1e-6..=1e6, factor)?;
            section.finish()?;
            let student = Student {
                architecture: *architecture,
                width,
                eta_factor,
            };
            if students.contains(&student) {
                return Err(section.error("name", format!("student {name} occurs twice")));
            }
            students.push(student);
        }
        let training = root.required_section("training")?;
        let why = "training runs a cell; an interval over them needs two";
        let seeds = training.integer("seeds", Some(6), 2..=100_000, why)?;
        let steps = training.integer("steps", Some(1000), 1..=1_000_000_000, "steps")?;
        training.finish()?;
        let confidence = measured(root)?;
        let mut cells: Vec<Cell> = Vec::new();
        for section in root.sections("optimizer")? {
            let series = section.label("label", Some(&section.text("name", None)?))?;
            if cells.iter().any(|cell| cell.series == series) {
                let what = format!("`{series}` names two series; give each its own label");
                return Err(section.error("label", what));
            }
            let rule = Tuned::read(&section, rules)?.without_normals(&section)?;
            section.finish()?;
            for &student in &students {
                for &teacher in &teachers {
                    let eta = rule.values["eta"] * student.eta_factor;
                    let pair = format!("{}-{}", student.architecture.name(), student.width);
                    cells.push(Cell {
                        label: format!("{name}/{series}/{pair}/{}", teacher.name()),
                        series: series.clone(),
                        teacher,
                        teacher_width,
                        student,
                        rule: Tuned {
                            values: rule.values.clone().with("eta", eta),
                            ..rule
                        },
                        dim,
                        train,
                        test,
                        steps,
                        seeds,
                    });
                }
            }
        }
        if cells.is_empty() {
            return Err(root.error(
                "optimizer",
                "give at least one [[student]] and one [[optimizer]]",
            ));
        }
        let claims = root
            .sections("claim")?
            .iter()
            .map(|section| ClaimSpec::read(section, &cells))
            .collect::<Result<Vec<_>>>()?;
        Ok(StudentSpec {
            cells,
            confidence,
            claims,
        })
    }
}

fn architectures() -> Vec<&'static str> {
    Architecture::ALL.iter().map(|(_, name)| *name).collect()
}

/// Refuses a convolutional network on inputs that are not whole patches.
fn convolvable(section: &Section<'_>, architecture: Architecture, dim: usize) -> Result<()> {
    if architecture.convolves() && (!dim.is_multiple_of(PATCH) || dim < 2 * PATCH) {
        let name = architecture.name();
        let what = format!("{name} needs whole patches of {PATCH}, two at least; dim is {dim}");
        return Err(section.error("name", what));
    }
    Ok(())
}

impl ClaimSpec {
    fn read(section: &Section<'_>, cells: &[Cell]) -> Result<Self> {
        let stated = Stated::read(section)?;
        let names: Vec<&str> = cells.iter().map(|cell| cell.series.as_str()).collect();
        let series = |key| claim::series(section, key, &names);
        let (series, against) = (series("series")?, series("against")?);
        let over = match section.choice("over", Some("cells"), &["cells", "table"])? {
            "table" => Over::Table,
            _ => Over::Cells,
        };
        let why = "percentage points that count as nothing";
        let within = section.number("within", None, 1e-6..=100.0, why)?;
        let why = "percentage points by which training accuracies may differ";
        let fitted_within = section.number("fitted_within", Some(1.0), 0.0..=100.0, why)?;
        section.finish()?;
        Ok(ClaimSpec {
            stated,
            series,
            against,
            over,
            within,
            fitted_within,
        })
    }
}
