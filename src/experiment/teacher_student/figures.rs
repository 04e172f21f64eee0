//! The figures of a teacher–student experiment, as data.

use super::outcome::{Outcome, differences};
use super::spec::StudentSpec;
use measurement::mean::over_seeds;
use report::figure::{Axis, Figure, Mark, Panel, Series};
use simulation::student::Architecture;

/// Colour of what belongs to no student.
const BLACK: usize = 6;

/// How far apart students stand at one teacher.
const APART: f64 = 0.15;

/// Differences between rules and the accuracies themselves; `made` says how.
pub fn figures(spec: &StudentSpec, outcomes: &[Outcome<'_>], made: &str) -> Vec<Figure> {
    let Some(claim) = spec.claims.first() else {
        return Vec::new();
    };
    let all = differences(spec, claim, outcomes);
    let mut teachers: Vec<Architecture> = Vec::new();
    let mut students: Vec<Architecture> = Vec::new();
    for difference in &all {
        let (teacher, student) = (
            difference.cell.teacher,
            difference.cell.student.architecture,
        );
        if !teachers.contains(&teacher) {
            teachers.push(teacher);
        }
        if !students.contains(&student) {
            students.push(student);
        }
    }
    let place = |list: &[Architecture], one| list.iter().position(|a| *a == one).unwrap_or(0);
    let blank = || -> Vec<Series> {
        let named = students.iter().enumerate();
        let empty = |(colour, a): (usize, &Architecture)| {
            Series::measured(&format!("{} student", a.name()), colour, Vec::new())
        };
        named.map(empty).collect()
    };
    let (mut gaps, mut levels) = (blank(), blank());
    let mut ends = (f64::INFINITY, f64::NEG_INFINITY);
    for difference in &all {
        let student = place(&students, difference.cell.student.architecture);
        if let Ok(found) = over_seeds(difference.test.iter().copied(), spec.confidence) {
            let middle = (students.len() - 1) as f64 / 2.0;
            let x = 1.0 + place(&teachers, difference.cell.teacher) as f64;
            gaps[student].x.push(x + APART * (student as f64 - middle));
            gaps[student].y.push(found.value.unwrap_or(f64::NAN));
            gaps[student].low.push(found.ci_low);
            gaps[student].high.push(found.ci_high);
        }
        let level = |name: &str| {
            let own = |o: &&Outcome<'_>| o.cell.series == name && o.cell.same_pair(difference.cell);
            let found = outcomes
                .iter()
                .find(own)?
                .percent(|run| run.test_accuracy, spec.confidence);
            found.ok()?.value
        };
        if let (Some(with), Some(without)) = (level(&claim.series), level(&claim.against)) {
            levels[student].x.push(without);
            levels[student].y.push(with);
            ends = (ends.0.min(without), ends.1.max(without));
        }
    }
    let line = |label: &str, mark, points: [(f64, f64); 2]| {
        Series::curve(label, mark, BLACK, points.to_vec())
    };
    let reach = (0.5, teachers.len() as f64 + 0.5);
    let level = |y: f64| [(reach.0, y), (reach.1, y)];
    let margin = format!("±{} points: counts as nothing", claim.within);
    let mut differences = vec![
        line("no difference", Mark::Line, level(0.0)),
        line(&margin, Mark::Dotted, level(claim.within)),
        line(&margin, Mark::Dotted, level(-claim.within)),
    ];
    differences.append(&mut gaps);
    let mut accuracies = vec![line(
        "no difference",
        Mark::Line,
        [(ends.0, ends.0), (ends.1, ends.1)],
    )];
    accuracies.append(&mut levels);
    let numbered: Vec<String> = (1..)
        .zip(&teachers)
        .map(|(i, teacher)| format!("{i} {}", teacher.name()))
        .collect();
    vec![Figure {
        name: "table".into(),
        caption: format!(
            "Test accuracy on Gaussian inputs labelled by a random teacher. (a) {} less {}, seed by seed, with {} % intervals; (b) means over seeds. {made}.",
            claim.series,
            claim.against,
            100.0 * spec.confidence
        ),
        panels: vec![
            Panel {
                title: format!("{} less {}", claim.series, claim.against),
                x: Axis::new(&format!("teacher: {}", numbered.join(", ")), false),
                y: Axis::new("test accuracy, difference (points)", false),
                map: None,
                series: differences,
            },
            Panel {
                title: "accuracies".into(),
                x: Axis::new(&format!("{}: test accuracy (%)", claim.against), false),
                y: Axis::new(&format!("{}: test accuracy (%)", claim.series), false),
                map: None,
                series: accuracies,
            },
        ],
    }]
}
