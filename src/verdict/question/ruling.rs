//! Rulings on a claim of one's own.

use formula::Mistake;
use measurement::Estimate;
use measurement::reading::{Facts, Reading};

use super::Question;
use super::column::Column;
use super::condition::{State, state};
use super::draws::{Draws, Source};
use super::evaluate::{Evaluation, Stop};
use super::form;
use super::leaf::Table;
use super::plan::{Plan, evaluation};
use crate::decide::{self, Side, Tolerance, number};
use crate::{Range, Rival, Ruling, Verdict};

/// What a claim came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// A ruling per cell that is left, the furthest from what is claimed first.
    pub rulings: Vec<Ruling>,
    /// What was measured, for the record.
    pub readings: Vec<Reading>,
}

/// Decides a claim over a table of readings.
pub fn decide(question: &Question, readings: &[Reading]) -> Decided {
    let table = Table::new(readings);
    let mut decided = Decided {
        rulings: Vec::new(),
        readings: Vec::new(),
    };
    match Plan::of(question, &table) {
        Err(mistake) => decided.rulings.push(open(question, &mistake)),
        Ok(plan) => {
            let mut ranked = Vec::new();
            for group in &plan.groups {
                let found = plan.decide(group);
                ranked.push((found.distance, found.ruling));
                decided.readings.extend(found.readings);
            }
            ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
            decided.rulings = ranked.into_iter().map(|(_, ruling)| ruling).collect();
        }
    }
    decided
}

/// A ruling that says why there is none.
fn open(question: &Question, mistake: &Mistake) -> Ruling {
    Ruling {
        id: question.id.clone(),
        case: question.case.clone(),
        role: question.role,
        verdict: Verdict::Inconclusive,
        why: mistake.to_string(),
        tolerance: 0.0,
        quantity: question.quantity.text.clone(),
        paper: None,
        rivals: Vec::new(),
        exact: None,
        measured: None,
        allowed: None,
    }
}

/// One ruling.
struct Found {
    ruling: Ruling,
    readings: Vec<Reading>,
    /// How far from what is claimed, in units of what is allowed.
    distance: f64,
}

/// What was measured, against what is claimed.
#[derive(Default)]
struct Held {
    verdicts: Vec<(Verdict, String)>,
    measured: Option<Estimate>,
    paper: Option<f64>,
    rivals: Vec<Rival>,
    allowed: Option<Range>,
    distance: f64,
    /// What else was measured, by its name.
    more: Vec<(String, Estimate)>,
}

impl Held {
    fn allow(&mut self, range: Range) {
        self.allowed = Some(self.allowed.map_or(range, |known| known.and(range)));
    }
}

impl Plan<'_> {
    fn decide(&self, group: &[usize]) -> Found {
        let question = self.question;
        let place = self.place(group);
        let seed = format!("{}/{}/{place}", question.id, question.case);
        let parts = [question.case.as_str(), &place]
            .into_iter()
            .filter(|part| !part.is_empty());
        let mut ruling = Ruling {
            case: if self.groups.len() > 1 {
                parts.collect::<Vec<_>>().join(", ")
            } else {
                question.case.clone()
            },
            tolerance: match question.predicts {
                Some((_, Tolerance::Absolute(size) | Tolerance::Relative(size))) => size,
                None => 0.0,
            },
            ..open(question, &question.quantity.mistake(0, ""))
        };
        let (cells, failed, unsettled) = self.in_scope(group, &seed);
        let mut why = Vec::new();
        let mut readings = Vec::new();
        let mut distance = f64::NEG_INFINITY;
        if cells.is_empty() {
            ruling.verdict = Verdict::OutOfScope;
        } else {
            let sources = {
                let leaves: Vec<usize> = (0..self.frame.leaves.len()).collect();
                Evaluation::sources(&self.frame, &leaves, &cells)
            };
            let draws = Draws::new(
                self.frame.table.readings,
                &sources,
                question.confidence,
                &seed,
            );
            let here = evaluation(
                &self.frame,
                cells.clone(),
                Some(&draws),
                question.confidence,
            );
            if let Some(lost) = self.without_number(&sources) {
                here.note(lost);
            }
            let held = match &question.forms {
                Some(_) => self.compare(&here, &cells),
                None => self.hold(&here, cells[0], sources.len()),
            };
            match held {
                Ok(mut held) => {
                    if let Some(measured) =
                        held.measured.as_mut().filter(|_| !self.scatters(&sources))
                    {
                        measured.standard_error = None;
                    }
                    ruling.exact = self.exactly(&cells);
                    let worst = |verdict| held.verdicts.iter().any(|(v, _)| *v == verdict);
                    let verdict = Verdict::ALL.into_iter().find(|v| worst(*v));
                    ruling.verdict = verdict.unwrap_or(Verdict::Inconclusive);
                    why.extend(held.verdicts.into_iter().map(|(_, why)| why));
                    let measured = held.measured.iter().map(|m| (question.name(), m.clone()));
                    readings.extend(
                        measured
                            .chain(held.more)
                            .map(|(name, m)| self.reading(group, name, m)),
                    );
                    ruling.measured = held.measured;
                    ruling.paper = held.paper;
                    ruling.rivals = held.rivals;
                    ruling.allowed = held.allowed;
                    distance = held.distance;
                }
                Err(Stop::Few(mistake)) if failed > 0 => {
                    ruling.verdict = Verdict::OutOfScope;
                    why.push(mistake.what);
                }
                Err(Stop::Few(mistake) | Stop::Wrong(mistake)) => why.push(mistake.what),
                Err(Stop::Open(what)) => why.push(what),
            }
            why.extend(here.notes.take());
        }
        if failed > 0 {
            let conditions: Vec<&str> = question
                .holds
                .iter()
                .map(|tree| tree.text.as_str())
                .collect();
            why.push(format!(
                "the theory's condition {} fails at {failed} of {} cells",
                conditions.join(", "),
                group.len()
            ));
        }
        if let Some(what) = unsettled
            && ruling.verdict != Verdict::OutOfScope
        {
            ruling.verdict = Verdict::Inconclusive;
            why.push(format!("whether the theory applies is open: {what}"));
        }
        ruling.why = why.join("; ");
        if !question.instead.is_empty() {
            ruling.why = format!("{}. {}", ruling.why, question.instead);
        }
        Found {
            ruling,
            readings,
            distance,
        }
    }

    /// Whether the standard error of every number is known.
    fn scatters(&self, sources: &[Source]) -> bool {
        let known = |measured: &Estimate| {
            measured.standard_error.is_some() || measured.ci_low == measured.ci_high
        };
        sources.iter().all(|source| {
            let measured = self.frame.table.readings[source.reading].measured.as_ref();
            source.exact || measured.is_none_or(known)
        })
    }

    /// What the quantity is where every reading in it has its exact value.
    fn exactly(&self, cells: &[usize]) -> Option<f64> {
        let question = self.question;
        let tree = question.forms.is_none().then_some(&question.quantity)?;
        let own = self.frame.scope(tree, &[&tree.root], &[]).ok()?;
        let own = Evaluation::sources(&self.frame, &own, cells);
        let known = Draws::of_exact(self.frame.table.readings, &own)?;
        let here = evaluation(
            &self.frame,
            cells.to_vec(),
            Some(&known),
            question.confidence,
        );
        let found = here.value(tree, &tree.root, cells[0], &here.own()).ok()?;
        found.point.is_finite().then_some(found.point)
    }

    /// The first reading without the number that is asked of it, in words.
    fn without_number(&self, sources: &[Source]) -> Option<String> {
        sources.iter().find_map(|source| {
            let reading = &self.frame.table.readings[source.reading];
            let known = if source.exact {
                reading.exact.is_some()
            } else {
                reading.measured.is_some()
            };
            let what = if source.exact {
                "known exactly"
            } else {
                "measured"
            };
            let (quantity, cell) = (&reading.quantity, &reading.cell);
            (!known).then(|| format!("{quantity} of {cell} is not {what}"))
        })
    }

    /// The cells where no condition fails, how many fail one, and what is not settled.
    fn in_scope(&self, group: &[usize], seed: &str) -> (Vec<usize>, usize, Option<String>) {
        let question = self.question;
        let bases: Vec<usize> = group
            .iter()
            .map(|cell| self.frame.cells[*cell].base)
            .collect();
        let mut unsettled = None;
        let mut kept = Vec::new();
        for (cell, base) in group.iter().zip(&bases) {
            let mut failed = false;
            for (tree, frame) in question.holds.iter().zip(&self.conditions) {
                match state(tree, frame, (*base, &bases), question.confidence, seed) {
                    State::Holds => {}
                    State::Fails => failed = true,
                    State::Open(what) => unsettled = unsettled.or(Some(what)),
                }
            }
            if !failed {
                kept.push(*cell);
            }
        }
        let failed = group.len() - kept.len();
        (kept, failed, unsettled)
    }

    /// The quantity against a number.
    fn hold(&self, here: &Evaluation<'_, '_>, cell: usize, sources: usize) -> Result<Held, Stop> {
        let question = self.question;
        let tree = &question.quantity;
        let found = here.value(tree, &tree.root, cell, &here.own())?;
        // One reading alone keeps the interval that it came with.
        let reading = here.frame.leaf(tree, &tree.root)?.and_then(|leaf| {
            let source = here.source(leaf, cell);
            (!source.exact).then(|| &here.frame.table.readings[source.reading])
        });
        let alone = reading.and_then(|reading| {
            let measured = reading.measured.clone()?;
            measured.at_confidence(question.confidence).ok()
        });
        let against = |target: &Column, known: bool| match &alone {
            Some(own) if known => {
                let (low, high) = target.interval(question.confidence);
                let mut own = own.clone();
                own.ci_low -= high - target.point;
                own.ci_high += target.point - low;
                own
            }
            _ => found.estimate(question.confidence, sources, target),
        };
        let mut held = Held {
            measured: Some(against(&Column::constant(0.0), true)),
            distance: f64::NEG_INFINITY,
            ..Held::default()
        };
        let value = |tree: &formula::Tree| -> Result<(Column, Estimate), Stop> {
            let leaves = here.frame.scope(tree, &[&tree.root], &[])?;
            let known = leaves.iter().all(|leaf| here.frame.leaves[*leaf].exact);
            let target = here.value(tree, &tree.root, cell, &here.own())?;
            let measured = against(&target, known);
            Ok((target, measured))
        };
        if let Some((tree, tolerance)) = &question.predicts {
            let (target, measured) = value(tree)?;
            let (Tolerance::Absolute(size) | Tolerance::Relative(size)) = *tolerance;
            let unit = match tolerance {
                Tolerance::Absolute(_) => size,
                Tolerance::Relative(_) => size * target.point.abs(),
            };
            held.distance = held.distance.max((found.point - target.point).abs() / unit);
            held.paper = Some(target.point);
            held.allow(Range::about(target.point, *tolerance));
            held.verdicts
                .push(decide::value(&measured, target.point, *tolerance));
        }
        for (tree, side, sign) in [
            (&question.at_most, Side::AtMost, 1.0),
            (&question.at_least, Side::AtLeast, -1.0),
        ] {
            if let Some(tree) = tree {
                let (target, measured) = value(tree)?;
                let unit = if target.point == 0.0 {
                    1.0
                } else {
                    target.point.abs()
                };
                held.distance = held
                    .distance
                    .max(sign * (found.point - target.point) / unit);
                held.paper = held.paper.or(Some(target.point));
                held.allow(Range::of(side, target.point));
                held.verdicts
                    .push(decide::bound(&measured, target.point, side));
            }
        }
        for tree in &question.rivals {
            let (target, measured) = value(tree)?;
            match Rival::against(target.point, &measured) {
                Some(rival) => {
                    here.note(rival.to_string());
                    held.rivals.push(rival);
                }
                None => here.note(format!("the rival {} is no number here", tree.text)),
            }
        }
        Ok(held)
    }

    /// The quantity against functional forms.
    fn compare(&self, here: &Evaluation<'_, '_>, cells: &[usize]) -> Result<Held, Stop> {
        let question = self.question;
        let Some(forms) = &question.forms else {
            return Ok(Held::default());
        };
        let form::Compared {
            comparison,
            coefficients,
        } = form::compare(here, forms, question, cells)?;
        let claimed: Vec<&str> = forms.claimed.iter().map(String::as_str).collect();
        let (verdict, why) = decide::form(
            &comparison,
            &claimed,
            forms.margin,
            1.0 - question.confidence,
        );
        let lead = comparison
            .against(&claimed)
            .map_or(f64::NAN, |(own, rival)| rival.aic - own.aic);
        for (name, found) in &coefficients {
            let value = found.value.unwrap_or(f64::NAN);
            let (low, high) = (number(found.ci_low), number(found.ci_high));
            here.note(format!("{name} = {} in [{low}, {high}]", number(value)));
        }
        let name = |parameter: &str| format!("{}.{parameter}", question.name());
        Ok(Held {
            verdicts: vec![(verdict, why)],
            measured: Some(Estimate {
                n: cells.len() as u64,
                ..Estimate::exact(
                    lead,
                    "AIC of the best other form less that of the best claimed one",
                )
            }),
            paper: None,
            rivals: Vec::new(),
            allowed: None,
            distance: -lead,
            more: coefficients
                .into_iter()
                .map(|(parameter, found)| (name(parameter), found))
                .collect(),
        })
    }

    /// A reduced quantity as a reading: of the axes it keeps those on which its cells agree.
    fn reading(&self, group: &[usize], quantity: String, measured: Estimate) -> Reading {
        let first = &self.frame.cells[group[0]].at;
        let agrees = |axis: &usize| {
            group
                .iter()
                .all(|cell| self.frame.cells[*cell].at[*axis] == first[*axis])
        };
        let axes = (0..self.frame.axes.len()).filter(agrees);
        let value = |axis: usize| Some((self.frame.axes[axis].clone(), first[axis].clone()?));
        Reading {
            cell: self.place(group),
            axes: Facts(axes.filter_map(value).collect()),
            facts: Facts::default(),
            quantity,
            measured: Some(measured),
            exact: None,
            influence: None,
        }
    }
}
