//! An optimizer whose hyper-parameters change along the path.

use std::sync::Mutex;

use super::block::picked;
use super::process::stepped;
use super::{Block, Process, Workspace};
use crate::driven::Driven;
use crate::noise::Oracle;
use crate::optimizer::{Entry, Optimizer, Values};
use crate::random::Stream;

/// A rule at its hyper-parameters.
pub type Build = Box<dyn Fn(&Values) -> Box<dyn Optimizer> + Send + Sync>;

/// An optimizer of which some hyper-parameters are formulas of the step: each step is one of the rule at the numbers there,
/// with the memory that earlier steps left.
pub struct Retuned {
    oracle: Box<dyn Oracle>,
    build: Build,
    entry: &'static Entry,
    driven: Driven,
    /// The rule at the first step.
    first: Box<dyn Optimizer>,
    /// Hyper-parameters that no step is using.
    spare: Mutex<Vec<Values>>,
    /// The earliest step at which a number was none of its parameter, and the number.
    fault: Mutex<Option<(u64, String, f64)>>,
}

impl Retuned {
    /// Stochastic gradients, the rule, its hyper-parameters at the first step, and those that change.
    pub fn new(
        oracle: Box<dyn Oracle>,
        entry: &'static Entry,
        build: Build,
        values: Values,
        driven: Driven,
    ) -> Self {
        Retuned {
            oracle,
            first: build(&values),
            build,
            entry,
            driven,
            spare: Mutex::new(vec![values]),
            fault: Mutex::new(None),
        }
    }

    /// The rule at the step behind `taken`.
    fn rule(&self, taken: u64) -> Box<dyn Optimizer> {
        let mut spare = self.spare.lock().unwrap_or_else(|e| e.into_inner());
        let mut values = match spare.len() {
            // One stays, as a pattern.
            1 => spare[0].clone(),
            _ => spare.pop().unwrap_or_default(),
        };
        drop(spare);
        let mut numbers = vec![0.0; self.driven.count()];
        self.driven.at(&[taken], &mut numbers);
        for (name, x) in self.driven.formulas.keys().zip(&numbers) {
            if !self.entry.allows(name, *x) {
                self.note(taken, name, *x);
            }
            if let Some(value) = values.numbers.get_mut(name) {
                *value = *x;
            }
        }
        let rule = (self.build)(&values);
        self.spare
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .push(values);
        rule
    }

    #[cold]
    fn note(&self, taken: u64, name: &str, x: f64) {
        let mut fault = self.fault.lock().unwrap_or_else(|e| e.into_inner());
        if fault.as_ref().is_none_or(|(known, ..)| taken < *known) {
            *fault = Some((taken, name.to_string(), x));
        }
    }
}

impl Process for Retuned {
    fn dim(&self) -> usize {
        self.oracle.dim()
    }

    fn start(&self, theta: &[f64]) -> Vec<f64> {
        self.first.start(theta)
    }

    fn scalars(&self) -> usize {
        self.first.scalars()
    }

    fn normals(&self) -> usize {
        self.oracle.normals()
    }

    fn scratch(&self, lanes: usize) -> usize {
        self.oracle.scratch(lanes)
    }

    fn continuous(&self) -> bool {
        false
    }

    fn aims(&self) -> bool {
        self.first.aims()
    }

    fn draws(&self) -> bool {
        self.first.draws()
    }

    fn fault(&self) -> Option<String> {
        let fault = self.fault.lock().unwrap_or_else(|e| e.into_inner());
        let own = fault
            .as_ref()
            .map(|(taken, name, x)| self.entry.refusal(name, *x, taken + 1));
        own.or_else(|| self.oracle.fault())
    }

    fn step(&self, block: &mut Block, stream: &Stream, normals: &[f64], work: &mut Workspace) {
        let Some(first) = block.step.first().copied() else {
            return;
        };
        if block.step.iter().all(|step| *step == first) {
            let rule = self.rule(first);
            return stepped(&*self.oracle, &*rule, block, stream, normals, work);
        }
        // Lanes that were refilled are at steps of their own: those of one step are moved together.
        let taken = block.step.clone();
        let mut order: Vec<usize> = (0..block.lanes).collect();
        order.sort_by_key(|lane| taken[*lane]);
        for together in order.chunk_by(|a, b| taken[*a] == taken[*b]) {
            let mut some = block.some(together);
            let normals = picked(normals, block.lanes, together);
            let rule = self.rule(some.step[0]);
            stepped(&*self.oracle, &*rule, &mut some, stream, &normals, work);
            block.take_back(&some, together);
        }
    }
}
