//! Distances between laws.

use base::error::Result;
use base::value::Value;
use measurement::Estimate;
use measurement::reading::Reading;

use super::Table;
use super::target::Target;
use crate::cell::Cell;
use crate::distance::{Other, distance};
use crate::observe::Observable;
use crate::observe::law::Law;
use crate::reference::{density, line};

/// A law that others are held against.
enum KnownLaw {
    Line(line::Law),
    Density(density::Law),
    Draws(Vec<f64>),
}

impl Table<'_> {
    pub(super) fn laws(
        &self,
        index: usize,
        observable: &Observable,
        i: usize,
        law: &Law,
    ) -> Result<Vec<Reading>> {
        let (study, cell) = (self.study, &self.study.cells[index]);
        if cell.reference || law.to.is_none() {
            return Ok(Vec::new());
        }
        let looks = study.looks(cell, observable)?;
        let mut all = Vec::new();
        for (look_index, look) in looks.iter().enumerate() {
            let Some(target) = study.target(cell, observable, law, look.at)? else {
                continue;
            };
            let own = self.results.map(|results| {
                results
                    .column(self.run(index), i, look_index, 0)
                    .unwrap_or_default()
            });
            let known = own
                .as_deref()
                .map(|own| self.known(cell, observable, law, &target, own))
                .transpose()?;
            for (name, metric) in &law.metrics {
                let mut reading = self.blank(cell, observable.label.clone());
                reading.axes.set(law.when.axis(), look.value());
                if law.metrics.len() > 1 {
                    reading.axes.set("metric", Value::Word((*name).into()));
                }
                if let (Some(own), Some(known)) = (&own, &known) {
                    let itself = matches!(target, Target::Cell(to, at) if self.run(to) == self.run(index) && at == look.at);
                    reading.measured = Some(match known {
                        _ if itself => Estimate::exact(0.0, "a law against itself"),
                        Err(why) => Estimate::without_interval(f64::NAN, own.len() as u64, why),
                        Ok(known) => distance(own, &known.other(), *metric, study.confidence),
                    });
                }
                all.push(reading);
            }
        }
        Ok(all)
    }

    /// The law of a target, for draws of another; or why there is none.
    fn known(
        &self,
        cell: &Cell,
        observable: &Observable,
        law: &Law,
        target: &Target<'_>,
        own: &[f64],
    ) -> Result<std::result::Result<KnownLaw, String>> {
        let (to, at) = match target {
            Target::Density(tree, i, constants) => {
                let found = density::Law::of(cell, *i, tree, constants, own);
                return Ok(found.map(KnownLaw::Density).map_err(|why| why.to_string()));
            }
            Target::Cell(to, at) => (*to, *at),
        };
        let other = &self.study.cells[to];
        if other.reference {
            // Its steps until then, each of its own time step: a clock may run otherwise.
            let steps = match law.when.axis() {
                "time" => at / other.system.clock,
                _ => at,
            };
            let t = steps * other.system.step();
            let found = line::Law::of(other, t.is_finite().then_some(t));
            return Ok(found.map(KnownLaw::Line).map_err(|why| why.to_string()));
        }
        let others = self.study.looks(other, observable)?;
        let place = others.iter().position(|look| look.at == at).unwrap_or(0);
        let k = self
            .study
            .observables
            .iter()
            .position(|o| o.label == observable.label);
        let draws = self
            .results
            .zip(k)
            .and_then(|(results, k)| results.column(self.run(to), k, place, 0));
        Ok(Ok(KnownLaw::Draws(draws.unwrap_or_default())))
    }
}

impl KnownLaw {
    fn other(&self) -> Other<'_> {
        match self {
            KnownLaw::Line(law) => Other::Known(Box::new(|x| law.below(x)), law.error()),
            KnownLaw::Density(law) => Other::Known(Box::new(|x| law.below(x)), law.error()),
            KnownLaw::Draws(draws) => Other::Draws(draws),
        }
    }
}
