//! The charts of a study: each observable against an axis that varies.

use std::collections::BTreeSet;

use base::value::Value;
use measurement::reading::Reading;
use report::figure::{Axis, Figure, Mark, Panel, Series};
use verdict::question;

use crate::spec::StudySpec;

/// One figure an observable, against the axis of most values; the others, and the processes, are its series.
pub fn figures(study: &StudySpec, readings: &[Reading], scale: &str) -> Vec<Figure> {
    let mut quantities: Vec<&str> = Vec::new();
    for reading in readings {
        let chart =
            !reading.quantity.ends_with(".exit_time") && !reading.quantity.ends_with(".exit_step");
        if chart && !quantities.contains(&reading.quantity.as_str()) {
            quantities.push(&reading.quantity);
        }
    }
    let figures = quantities.into_iter().filter_map(|quantity| {
        let own: Vec<&Reading> = readings.iter().filter(|r| r.quantity == quantity).collect();
        figure(study, quantity, &own, scale)
    });
    slopes(study, readings, scale)
        .into_iter()
        .chain(figures)
        .collect()
}

/// What claimed slopes are fitted to: a panel for each claim and abscissa, a series for each of its cases.
fn slopes(study: &StudySpec, readings: &[Reading], scale: &str) -> Option<Figure> {
    let mut panels: Vec<(Panel, Vec<String>)> = Vec::new();
    for claim in &study.claims {
        for drawn in question::drawn(claim, readings) {
            let title = claim.id.clone();
            let same = |(panel, _): &(Panel, Vec<String>)| {
                panel.title == title && panel.x.label == drawn.x
            };
            let at = panels.iter().position(same).unwrap_or_else(|| {
                panels.push((
                    Panel {
                        title,
                        x: Axis::new(&drawn.x, false),
                        y: Axis::new("", false),
                        map: None,
                        series: Vec::new(),
                    },
                    Vec::new(),
                ));
                panels.len() - 1
            });
            let (panel, known) = &mut panels[at];
            let parts = [claim.case.as_str(), &drawn.place];
            let parts = parts.into_iter().filter(|part| !part.is_empty());
            let label = parts.collect::<Vec<_>>().join(", ");
            // What is exact has the colour of what it is exact of.
            let base = label.trim_end_matches(", exact").to_string();
            let colour = known
                .iter()
                .position(|own| *own == base)
                .unwrap_or_else(|| {
                    known.push(base);
                    known.len() - 1
                });
            panel.series.push(if drawn.exact {
                let points = drawn.points.iter().map(|(x, y, ..)| (*x, *y)).collect();
                Series::curve(&label, Mark::Line, colour, points)
            } else {
                Series::measured(&label, colour, drawn.points)
            });
            if !drawn.predicted.is_empty() && !drawn.exact {
                let label = format!("{label}, predicted");
                panel
                    .series
                    .push(Series::curve(&label, Mark::Dashed, colour, drawn.predicted));
            }
        }
    }
    (!panels.is_empty()).then(|| Figure {
        name: "slopes".into(),
        caption: format!(
            "What claimed slopes are fitted to, each with what is predicted of it (dashed), scale {scale}; bars are intervals."
        ),
        panels: panels.into_iter().map(|(panel, _)| panel).collect(),
    })
}

/// The numbers that an axis takes.
fn values(own: &[&Reading], axis: &str) -> Vec<f64> {
    let mut found: Vec<f64> = own
        .iter()
        .filter_map(|r| r.axes.get(axis)?.number())
        .collect();
    found.sort_by(f64::total_cmp);
    found.dedup();
    found
}

fn figure(study: &StudySpec, quantity: &str, own: &[&Reading], scale: &str) -> Option<Figure> {
    let names: BTreeSet<&str> = own
        .iter()
        .flat_map(|r| r.axes.0.iter().map(|(name, _)| name.as_str()))
        .collect();
    let against = names
        .iter()
        .map(|name| (values(own, name), *name))
        .filter(|(values, _)| values.len() > 1)
        .max_by_key(|(values, name)| (values.len(), *name != "step" && *name != "time"))?;
    let (places, axis) = against;
    let spread = |all: &[f64]| match (all.first(), all.last()) {
        (Some(low), Some(high)) => *low > 0.0 && high / low >= 5.0,
        _ => false,
    };
    let mut groups: Vec<(String, Vec<&Reading>)> = Vec::new();
    for reading in own {
        let others = reading.axes.0.iter().filter(|(name, _)| name != axis);
        let label: Vec<String> = others
            .filter(|(name, _)| varies(own, name))
            .map(|(name, value)| match (name.as_str(), value) {
                ("process" | "of" | "sweep", Value::Word(word)) => word.clone(),
                _ => format!("{name} = {value}"),
            })
            .collect();
        let label = label.join(", ");
        match groups.iter_mut().find(|(known, _)| *known == label) {
            Some((_, all)) => all.push(reading),
            None => groups.push((label, vec![reading])),
        }
    }
    let mut heights: Vec<f64> = own
        .iter()
        .filter_map(|r| r.measured.as_ref()?.value)
        .collect();
    heights.sort_by(f64::total_cmp);
    let mut series = Vec::new();
    for (colour, (label, group)) in groups.iter().enumerate() {
        let at = |r: &Reading| r.axes.get(axis).and_then(Value::number);
        let mut points: Vec<(f64, f64, f64, f64)> = group
            .iter()
            .filter_map(|r| {
                let found = r.measured.as_ref()?;
                Some((at(r)?, found.value?, found.ci_low, found.ci_high))
            })
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut exact: Vec<(f64, f64)> = group
            .iter()
            .filter_map(|r| Some((at(r)?, r.exact.as_ref()?.value)))
            .collect();
        exact.sort_by(|a, b| a.0.total_cmp(&b.0));
        if !points.is_empty() {
            series.push(Series::measured(label, colour, points));
        }
        if !exact.is_empty() {
            let name = format!("{label}, exact");
            series.push(Series::curve(
                name.trim_start_matches(", "),
                Mark::Line,
                colour,
                exact,
            ));
        }
    }
    let name: String = quantity
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    Some(Figure {
        name: name.to_lowercase(),
        caption: format!(
            "{quantity} against {axis}, {} particles a cell, scale {scale}; bars are intervals of {} %.",
            study.particles,
            100.0 * study.confidence
        ),
        panels: vec![Panel {
            title: String::new(),
            x: Axis::new(axis, spread(&places)),
            y: Axis::new(quantity, spread(&heights)),
            map: None,
            series,
        }],
    })
}

/// Whether an axis takes more than one value.
fn varies(own: &[&Reading], axis: &str) -> bool {
    let mut all = own.iter().filter_map(|r| r.axes.get(axis));
    let first = all.next();
    all.any(|value| Some(value) != first)
}
