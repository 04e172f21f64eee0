//! The section `[training]`: how long, on which batches, and how many seeds.

use serde::Serialize;
use tch::{Device, Tensor};

use super::task::{Sets, Task, stream};
use crate::minibatch::{Draw, Minibatches};
use crate::objective::Objective;
use crate::set::Examples;
use crate::training::{Gradient, Training};
use base::error::Result;
use experiment::context::Context;
use experiment::optimizer::Tuned;
use experiment::spec::Section;

/// How a network is trained.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Schooling {
    /// Trainings of a cell, each with its own examples, first parameters and batches.
    pub seeds: u64,
    /// How many of them are computed at once.
    pub together: u64,
    /// B; 0 takes all examples at every step.
    pub batch: u64,
    /// Whether every batch is drawn anew, instead of epoch by epoch.
    pub replacement: bool,
    /// Steps.
    pub steps: u64,
    /// Steps from one look at the losses to the next.
    pub look_every: u64,
}

const MOST: u64 = 1_000_000_000_000;

impl Schooling {
    /// Reads `[training]`.
    ///
    /// # Errors
    /// Anything missing or out of range.
    pub fn read(root: &Section<'_>, task: &Task) -> Result<Self> {
        let section = root.required_section("training")?;
        let why = "trainings a cell; an interval over them needs two";
        let seeds = section.integer("seeds", Some(12), 2..=100_000, why)?;
        let why = "seeds that are computed at once; sums depend on it in their last digits";
        let together = section.integer("together", Some(6), 1..=100_000, why)?;
        let why = "B; 0 takes all examples at every step";
        let batch = section.integer("batch", Some(64), 0..=10_000_000, why)?;
        let replacement = section.switch("replacement", false)?;
        let per_epoch = match (batch, task.data.train_size()) {
            (0, _) => Some(1.0),
            (_, Some(n)) => Some(n as f64 / batch as f64),
            (_, None) => None,
        };
        let steps = duration(&section, ["steps", "epochs"], per_epoch, None)?;
        let once = per_epoch.map(|steps| steps.round().max(1.0) as u64);
        let look_every = duration(
            &section,
            ["look_every_steps", "look_every_epochs"],
            per_epoch,
            Some(once.unwrap_or(steps)),
        )?;
        section.finish()?;
        Ok(Schooling {
            seeds,
            together,
            batch,
            replacement,
            steps,
            look_every: look_every.max(1),
        })
    }

    /// The steps at which a training is looked at: its start, every so often, its end.
    pub fn marks(&self) -> Vec<u64> {
        let mut marks: Vec<u64> = (0..self.steps).step_by(self.look_every as usize).collect();
        marks.push(self.steps);
        marks
    }

    /// The same in words.
    pub fn describe(&self) -> String {
        let batches = match self.draw() {
            Draw::All => "all examples at every step".to_string(),
            Draw::Epochs(batch) => format!("batches of {batch}, epoch by epoch"),
            Draw::Anew(batch) => format!("batches of {batch}, each drawn anew"),
        };
        format!(
            "{} seeds a cell, {} steps on {batches}. A seed's examples, first parameters and batches are the same for every rule.",
            self.seeds, self.steps
        )
    }

    /// How batches are drawn.
    pub fn draw(&self) -> Draw {
        match (self.batch, self.replacement) {
            (0, _) => Draw::All,
            (batch, false) => Draw::Epochs(batch),
            (batch, true) => Draw::Anew(batch),
        }
    }

    /// The ensemble of a group of seeds before its first step, with their examples.
    ///
    /// # Errors
    /// A rule that is tied to single numbers.
    pub fn begin<'a>(
        &self,
        task: &Task,
        (objective, sets): (&'a Objective, &[Sets]),
        (rule, gradient): (&Tuned, Gradient),
        (context, group): (&Context, &[u64]),
        device: Device,
    ) -> Result<Training<'a>> {
        let examples: Vec<&Examples> = sets.iter().map(|set| &set.train).collect();
        let theta: Tensor = task.start(objective, context, group, device);
        let mut batches = Minibatches::new(
            Examples::stack(&examples),
            self.draw(),
            stream(context.seed, "batches"),
            group,
        );
        if let Some(augmentation) = task.augmentation() {
            batches = batches.augmented(augmentation, stream(context.seed, "augmentation"))?;
        }
        Training::new(objective, &*rule.build(), batches, gradient, theta)
    }
}

/// A number of steps, said in steps or in epochs.
fn duration(
    section: &Section<'_>,
    [steps, epochs]: [&'static str; 2],
    per_epoch: Option<f64>,
    default: Option<u64>,
) -> Result<u64> {
    match (section.get(steps), section.get(epochs), per_epoch) {
        (Some(_), Some(_), _) => Err(section.error(epochs, format!("give {steps} or {epochs}"))),
        (None, Some(_), None) => {
            let what = format!("a text has no known number of batches; give {steps}");
            Err(section.error(epochs, what))
        }
        (None, Some(_), Some(each)) => {
            let count = section.number(epochs, None, 1e-6..=1e9, "epochs")?;
            Ok((count * each).round().max(1.0) as u64)
        }
        (_, None, _) => section.integer(steps, default, 1..=MOST, "steps of training"),
    }
}
