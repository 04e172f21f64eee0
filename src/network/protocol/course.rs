//! The course of a training: looks at given steps, kept on disk so that a long one can be taken up again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::training::Training;
use base::error::Result;
use experiment::context::Context;
use report::{atomic, checkpoint};
use simulation::random::cell_key;

/// How long a training goes on before its state is kept again.
const KEEP_EVERY: Duration = Duration::from_secs(60);

/// A training that can be taken up again.
pub struct Course<'a> {
    /// Seed, Ctrl-C, and whether to take up what is there.
    pub context: &'a Context,
    /// Where states are kept.
    pub folder: &'a Path,
    /// Unique and stable name of these members' training.
    pub label: String,
    /// All that it depends on, beside its name and the seed.
    pub settings: serde_json::Value,
}

/// What was seen until the state was kept.
#[derive(Serialize, Deserialize)]
struct Kept<T> {
    taken: u64,
    seen: Vec<T>,
}

impl Course<'_> {
    fn key(&self) -> String {
        format!("{:016x}-course", cell_key(&self.label))
    }

    fn identity(&self) -> String {
        serde_json::json!({ "course": self.label, "of": self.settings, "seed": self.context.seed })
            .to_string()
    }

    fn state(&self, taken: u64) -> PathBuf {
        self.folder.join(format!("{}-{taken}.state", self.key()))
    }

    /// Trains up to the last of `marks` (steps, ascending), looks at each of them (`look` is told what was seen before),
    /// and ends early where `enough` says so of what was seen. `None` where Ctrl-C was pressed: the state is on disk then.
    ///
    /// # Errors
    /// A state that cannot be written, or is damaged.
    pub fn follow<T: Serialize + DeserializeOwned>(
        &self,
        training: &mut Training<'_>,
        marks: &[u64],
        look: impl Fn(&Training<'_>, &[T]) -> T,
        enough: impl Fn(&[T]) -> bool,
    ) -> Result<Option<Vec<T>>> {
        let mut seen: Vec<T> = Vec::new();
        let mut on_disk = None;
        if self.context.resume
            && let Some(kept) =
                checkpoint::load::<Kept<T>>(self.folder, &self.key(), &self.identity())?
        {
            let path = self.state(kept.taken);
            let state = checkpoint::load_bytes(&path)?;
            training
                .resume(&state)
                .map_err(|why| atomic::damaged(&path, why))?;
            seen = kept.seen;
            on_disk = Some(kept.taken);
        }
        let mut last = Instant::now();
        for mark in marks.iter().skip(seen.len()) {
            if enough(&seen) {
                break;
            }
            while training.taken() < *mark {
                let stopped = self.context.stopped();
                if stopped || last.elapsed() > KEEP_EVERY {
                    self.keep(training, &seen, &mut on_disk)?;
                    last = Instant::now();
                }
                if stopped {
                    return Ok(None);
                }
                training.step();
            }
            let next = look(training, &seen);
            seen.push(next);
        }
        self.forget(on_disk);
        Ok(Some(seen))
    }

    /// The new state is whole on disk before what points to it, and that before the old one goes.
    fn keep<T: Serialize>(
        &self,
        training: &Training<'_>,
        seen: &[T],
        on_disk: &mut Option<u64>,
    ) -> Result<()> {
        let taken = training.taken();
        if *on_disk == Some(taken) {
            return Ok(());
        }
        checkpoint::save_bytes(&self.state(taken), &training.state()?)?;
        let kept = serde_json::json!({ "taken": taken, "seen": seen });
        checkpoint::save(self.folder, &self.key(), &self.identity(), &kept)?;
        if let Some(old) = on_disk.replace(taken) {
            let _ = std::fs::remove_file(self.state(old));
        }
        Ok(())
    }

    /// The state of a training that has ended is of no use.
    fn forget(&self, on_disk: Option<u64>) {
        if let Some(taken) = on_disk {
            let _ = std::fs::remove_file(self.state(taken));
            let _ = std::fs::remove_file(self.folder.join(format!("{}.json", self.key())));
        }
    }
}
