//! What a law is held against.

use std::collections::BTreeMap;

use base::error::Result;
use formula::Tree;

use crate::cell::Cell;
use crate::observe::law::{Law, To};
use crate::observe::{Kind, Observable};
use crate::reference::line;
use crate::spec::StudySpec;

/// What a law is held against.
pub(crate) enum Target<'a> {
    /// The law of a cell, at a moment.
    Cell(usize, f64),
    /// A density of a coordinate, with what it names beside that.
    Density(&'a Tree, usize, BTreeMap<String, f64>),
}

impl StudySpec {
    /// The law that another is held against.
    pub(crate) fn target<'a>(
        &self,
        cell: &Cell,
        observable: &Observable,
        law: &'a Law,
        at: f64,
    ) -> Result<Option<Target<'a>>> {
        let Some(To {
            process,
            narrowed,
            density,
        }) = &law.to
        else {
            return Ok(None);
        };
        let axis = law.when.axis();
        let mut look = at;
        let mut wanted: Vec<(&str, &str)> = Vec::new();
        for (name, value) in narrowed {
            if name == axis || name == "time" || name == "step" {
                let moment = value.parse().ok().filter(|x: &f64| x.is_finite());
                look = moment.ok_or_else(|| {
                    observable
                        .block
                        .error("to", format!("`{value}` is no moment"))
                })?;
            } else {
                wanted.push((name, value));
            }
        }
        if !self.cells.iter().any(|other| other.process == *process) {
            let of_state = |name: &str| {
                let first = name.split('.').next().unwrap_or(name);
                first == "loss" || cell.system.variables.iter().any(|v| v == first)
            };
            if let Some(density) = density
                && density.names().iter().any(|(_, name)| of_state(name))
            {
                return self.density(cell, observable, law, density).map(Some);
            }
            let known = self.cells.iter().map(|other| other.process.as_str());
            let hint = experiment::spec::nearest(process, known)
                .map_or_else(String::new, formula::did_you_mean);
            let what = format!(
                "there is no process `{process}`{hint}; a law is held against a process, a cell or a look of one, or a formula of the coordinate for its density"
            );
            return Err(observable.block.error("to", what));
        }
        let found = self.cells.iter().position(|other| {
            let narrowed = wanted
                .iter()
                .all(|(name, value)| other.axes.get(name).is_some_and(|own| own.is(value)));
            let shared = other.point.0.iter().all(|(name, value)| {
                wanted.iter().any(|(own, _)| own == name)
                    || cell.point.get(name).is_none_or(|own| own == value)
            });
            other.process == *process && narrowed && shared
        });
        let found = found.ok_or_else(|| {
            let what = format!("no cell of {process} goes with {} so narrowed", cell.label);
            observable.block.error("to", what)
        })?;
        Ok(Some(Target::Cell(found, look)))
    }

    /// A formula for the density of the coordinate whose law is read.
    pub(super) fn density<'a>(
        &self,
        cell: &Cell,
        observable: &Observable,
        law: &Law,
        density: &'a Tree,
    ) -> Result<Target<'a>> {
        let variables = &cell.system.variables;
        let Some(i) = law.coordinate(variables) else {
            let what = format!(
                "a density is one of a coordinate, {}, and the law is that of `{}`",
                variables.join(" or "),
                law.of.0
            );
            return Err(observable.block.error("to", what));
        };
        for (at, name) in density.names() {
            let other = variables
                .iter()
                .enumerate()
                .any(|(k, v)| *v == name && k != i);
            if other || name.contains('.') || (name == "loss" && variables.len() > 1) {
                let what = format!("a density of {} depends on that alone", variables[i]);
                let node = observable.block.get("to").unwrap_or(&observable.block.node);
                return Err(observable
                    .block
                    .mistaken("to", node, &density.mistake(at, what)));
            }
        }
        let constants = self.density_constants(cell, density).map_err(|mistake| {
            let node = observable.block.get("to").unwrap_or(&observable.block.node);
            observable.block.mistaken("to", node, &mistake)
        })?;
        Ok(Target::Density(density, i, constants))
    }

    pub(super) fn density_constants(
        &self,
        cell: &Cell,
        density: &Tree,
    ) -> std::result::Result<BTreeMap<String, f64>, formula::Mistake> {
        let mut rows = cell.system.variables.clone();
        rows.extend(["loss", "h_top"].map(String::from));
        self.with_names(cell, |names| names.constants(density, &rows))
    }

    /// Looks whether every law has another to be held against.
    pub(crate) fn targets(&self) -> Result<()> {
        let itself = |observable: &Observable, law: &Law| -> Result<bool> {
            let mut any = false;
            for (i, cell) in self
                .cells
                .iter()
                .enumerate()
                .filter(|(_, cell)| !cell.reference)
            {
                for look in self.looks(cell, observable)? {
                    let to = self.target(cell, observable, law, look.at)?;
                    if !matches!(to, Some(Target::Cell(other, at)) if other == i && at == look.at) {
                        return Ok(false);
                    }
                    any = true;
                }
            }
            Ok(any)
        };
        for observable in &self.observables {
            if let Kind::Law(law) = &observable.kind
                && law.to.is_some()
                && itself(observable, law)?
            {
                let what =
                    "every law here is held against itself; name another process, cell or look";
                return Err(observable.block.error("to", what));
            }
        }
        for cell in &self.cells {
            for (observable, _) in self.observed(cell) {
                let Kind::Law(law) = &observable.kind else {
                    continue;
                };
                let looks = self.looks(cell, observable)?;
                for look in looks {
                    let Some(Target::Cell(to, at)) = self.target(cell, observable, law, look.at)?
                    else {
                        continue;
                    };
                    let other = &self.cells[to];
                    if other.reference && !line::applies(other) {
                        let what = format!(
                            "{} is a reference, and its law is not known: it is known of SDEs in one coordinate that begin at one point",
                            other.label
                        );
                        return Err(observable.block.error("to", what));
                    }
                    if other.reference && law.coordinate(&cell.system.variables) != Some(0) {
                        let what = format!(
                            "of {} the law of the coordinate {} is known, not that of `{}`",
                            other.label, other.system.variables[0], law.of.0
                        );
                        return Err(observable.block.error("of", what));
                    }
                    let own = self.looks(other, observable)?;
                    if !other.reference && !own.iter().any(|own| own.at == at) {
                        let what = format!(
                            "{} is not looked at at {} = {at}",
                            other.label,
                            law.when.axis()
                        );
                        return Err(observable.block.error("to", what));
                    }
                }
            }
        }
        Ok(())
    }
}
