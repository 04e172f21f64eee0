//! The words of a study's report.

use experiment::data::Source;
use measurement::reading::Reading;
use report::record::Section;
use simulation::ensemble::Precision;

use crate::spec::StudySpec;
use crate::system::Motion;

/// What was run, and what was read.
pub fn sections(study: &StudySpec, readings: &[Reading], notes: Vec<String>) -> Vec<Section> {
    let mut processes: Vec<String> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for cell in &study.cells {
        if seen.contains(&cell.process.as_str()) {
            continue;
        }
        seen.push(&cell.process);
        let what = match &cell.system.motion {
            Motion::Rule(rule) => format!("{} ({})", rule.entry.name, rule.describe()),
            Motion::Sde(sde) => format!("an SDE by {} with dt = {}", sde.integrator, sde.dt),
        };
        let how = if cell.reference {
            ", never simulated"
        } else {
            ""
        };
        processes.push(format!(
            "{}: {what}{how}; a step takes {}.",
            cell.process, cell.system.clock
        ));
        let data = cell.system.landscape.data.as_ref();
        if let Some(Source::Fresh {
            sampled: Some(n), ..
        }) = data.map(|data| &data.examples)
        {
            processes.push(format!(
                "{}: no quadrature finds the mean loss over fresh examples; `loss` and the facts are those of {n} drawn once.",
                cell.process
            ));
        }
    }
    let run = study.simulated().count();
    let mut paragraphs = vec![format!(
        "{} cells, {run} of them run, {} particles each{}.",
        study.cells.len(),
        study.particles,
        if study.common {
            ", the processes of a point on common random numbers"
        } else {
            ""
        }
    )];
    paragraphs.extend(processes);
    let exact = readings.iter().filter(|r| r.exact.is_some()).count();
    paragraphs.push(format!(
        "{} readings, {exact} of them known exactly too.",
        readings.len()
    ));
    if study.precision == Precision::F32 {
        let what = "Paths are made of singles, and what is known exactly is so of doubles: the two differ by what rounding does too.";
        paragraphs.push(what.into());
    }
    paragraphs.extend(notes);
    vec![Section {
        heading: "What was run".into(),
        paragraphs,
    }]
}
