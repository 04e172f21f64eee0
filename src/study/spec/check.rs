//! What a study is refused for before anything runs.

use base::error::Result;
use base::shown::number;
use base::value::Value;
use experiment::spec::nearest;
use formula::Tree;
use simulation::driven::looked_at;
use simulation::landscape::examples::Origin;

use super::StudySpec;
use crate::cell::Cell;
use crate::file::{Block, Names};
use crate::observe::Kind;
use crate::system::Motion;
use crate::system::start::Momentum;

impl StudySpec {
    /// Looks whether every observable has a meaning for every cell.
    pub(super) fn check(&self, processes: &[Block]) -> Result<()> {
        for cell in &self.cells {
            for (observable, _) in self.observed(cell) {
                if let Kind::Law(law) = &observable.kind
                    && law.of.0.is_empty()
                    && cell.system.dim() > 1
                {
                    let what = format!(
                        "is missing: the law of one number is read, and {} has the coordinates {}",
                        cell.label,
                        cell.system.variables.join(", ")
                    );
                    return Err(observable.block.error("of", what));
                }
            }
            self.course(cell)?;
            if let Some(after) = &cell.system.start.after
                && !self
                    .cells
                    .iter()
                    .any(|other| other.process == after.process)
            {
                let known = self.cells.iter().map(|other| other.process.as_str());
                let hint =
                    nearest(&after.process, known).map_or_else(String::new, formula::did_you_mean);
                let what = format!("there is no process `{}`{hint}", after.process);
                return Err(processes[cell.block].error("start", what));
            }
            self.check_phases(cell, processes)?;
            for (observable, exit) in self.exits(cell) {
                self.exit(cell, observable, exit)?;
            }
            self.check_start(cell, &processes[cell.block])?;
            self.check_driven(cell, &processes[cell.block])?;
            if matches!(cell.system.motion, Motion::Sde(_))
                && cell.system.start.momentum == Momentum::Gradient
            {
                let what = format!(
                    "{}: an equation's noise is its own, so it cannot be left out; use \"stationary\" or \"zero\"",
                    cell.label
                );
                return Err(processes[cell.block].error("start", what));
            }
        }
        self.check_streams()?;
        self.targets()
    }

    /// Refuses phases that go in a circle.
    fn check_phases(&self, cell: &Cell, processes: &[Block]) -> Result<()> {
        let mut way = vec![cell.process.clone()];
        let mut now = cell;
        while let Some(after) = &now.system.start.after {
            if way.contains(&after.process) {
                way.push(after.process.clone());
                let what = format!("goes in a circle: {}", way.join(" after "));
                return Err(processes[cell.block].error("start", what));
            }
            way.push(after.process.clone());
            let Some(before) = self
                .cells
                .iter()
                .find(|other| other.process == after.process)
            else {
                break;
            };
            now = before;
        }
        Ok(())
    }

    /// Refuses hyper-parameters that come to what they may not be at a step that is taken; of very many steps the first ones are
    /// looked at, and then each that is a thousandth further.
    fn check_driven(&self, cell: &Cell, process: &Block) -> Result<()> {
        let driven = match &cell.system.motion {
            Motion::Rule(rule) => match &rule.values.driven {
                Some(driven) => (**driven).clone().with_clock(cell.system.clock),
                None => return Ok(()),
            },
            Motion::Sde(sde) => match &sde.driven {
                Some(driven) => driven.clone().with_clock(sde.dt),
                None => return Ok(()),
            },
        };
        let wrong = |name: &str, x: f64, step: u64| match &cell.system.motion {
            Motion::Rule(rule) if rule.entry.allows(name, x) => None,
            Motion::Rule(rule) => Some(rule.entry.refusal(name, x, step)),
            Motion::Sde(_) if x > 0.0 && x.is_finite() => None,
            Motion::Sde(_) => Some(format!(
                "{name} comes to {x} at step {step}; it stays above 0"
            )),
        };
        let course = self.course(cell)?;
        let looks = course.map_or(1, |c| c.at.last().map_or(1, |at| at * c.bundle.steps));
        let exits = self.exits(cell).into_iter().map(|(_, exit)| exit.max_steps);
        let last = exits.fold(looks, u64::max);
        let taken = looked_at(1_000_000, last);
        let mut numbers = vec![0.0; driven.count() * taken.len()];
        driven.at(&taken, &mut numbers);
        for (name, own) in driven
            .formulas
            .keys()
            .zip(numbers.chunks(taken.len().max(1)))
        {
            let found = own
                .iter()
                .zip(&taken)
                .find_map(|(x, taken)| wrong(name, *x, taken + 1));
            if let Some(what) = found {
                return Err(process.error(name, what));
            }
        }
        Ok(())
    }

    /// Refuses formulas that come to NaN at the start, the gradient of what a rule goes down among them.
    fn check_start(&self, cell: &Cell, process: &Block) -> Result<()> {
        let Some(start) = cell.system.start.point() else {
            return Ok(());
        };
        let surface = cell.system.landscape.build()?;
        let mut slope = vec![0.0; start.len()];
        surface.gradient(&start, 1, &mut slope);
        let data = cell.system.landscape.data.as_ref();
        let known = data.is_none_or(|data| *data.mean.origin() == Origin::Table);
        if cell.rule().is_some() && known && slope.iter().any(|g| g.is_nan()) {
            let place: Vec<String> = start.iter().map(|x| number(*x)).collect();
            let what = format!(
                "the gradient comes to NaN at the start of {}, {}",
                cell.label,
                place.join(", ")
            );
            return Err(process.error("start", what));
        }
        for observable in &self.observables {
            let formulas: Vec<Tree> = match &observable.kind {
                Kind::Moment(moment) if moment.memory.is_empty() => {
                    let own = moment.formulas(&cell.system.variables).into_iter();
                    own.map(|(_, tree)| tree).collect()
                }
                Kind::Law(law) => vec![law.number(&cell.system.variables)],
                _ => continue,
            };
            for tree in &formulas {
                let mut averages = false;
                tree.root.visit(&mut |node| {
                    averages |= matches!(&node.kind, formula::Kind::Call(name, _) if name == "avg");
                    true
                });
                if averages {
                    continue;
                }
                let found = self.with_names(cell, |names| {
                    let mut point = cell.point.clone();
                    for (i, variable) in cell.system.variables.iter().enumerate() {
                        for (suffix, x) in [
                            ("", start[i]),
                            (".prev", start[i]),
                            (".start", start[i]),
                            (".u", 0.0),
                            (".grad", slope[i]),
                        ] {
                            point.set(&format!("{variable}{suffix}"), Value::Number(x));
                        }
                    }
                    for (name, x) in [
                        ("step", 1.0),
                        ("time", cell.system.clock),
                        ("loss", surface.value(&start)),
                        ("h_top", 1.0),
                    ] {
                        point.set(name, Value::Number(x));
                    }
                    tree.number(&Names::new(None, &point, names.define, names.facts))
                });
                if found.is_ok_and(f64::is_nan) {
                    let what = format!("`{}` is NaN at the start of {}", tree.text, cell.label);
                    return Err(observable.block.error("of", what));
                }
            }
        }
        Ok(())
    }
}
