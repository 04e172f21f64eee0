//! Runs an experiment and writes its record.

use std::path::Path;
use std::time::{Instant, SystemTime};

use super::context::{Context, Progress, Share};
use super::load::Experiment;
use super::pilot;
use super::plan;
use super::protocol::Along;
use base::error::{Error, Result};
use measurement::reading::Reading;
use report::checkpoint;
use report::clock::rfc3339;
use report::manifest::Manifest;
use report::npz::{self, Npz};
use report::own;
use report::place::Place;
use report::record::{self, Record, Statement, Text};
use report::shard::Shard;
use verdict::decide;

/// An experiment that may be run: its folder is this process's, and nothing is lost by it.
#[derive(Debug)]
pub struct Admitted {
    /// The folder.
    pub place: Place,
    /// The record that stands there already, if the run may use it.
    pub done: Option<Record>,
}

/// What a run came to.
#[derive(Debug)]
pub struct Made {
    /// Its record.
    pub record: Record,
    /// Its readings as the protocol hands them over, over which claims are decided.
    pub readings: Vec<Reading>,
    /// Its paths as the file of arrays, where the context asks for them.
    pub arrays: Option<Vec<u8>>,
}

impl Experiment {
    /// Takes the experiment's folder, and looks at what stands there: with `resume`, a complete record of the same
    /// specification, seed and version is the experiment's; any other record or share is refused without `force`.
    ///
    /// # Errors
    /// A record would be lost, it is damaged, another process writes there, the folder cannot be used, or arrays are asked of
    /// a protocol that keeps no paths.
    pub fn admit(&self, context: &Context) -> Result<Admitted> {
        if context.arrays && self.protocol.with_paths().is_none() {
            return Err(Error::Input(format!(
                "{}: arrays are what a study (protocol = \"study\") sees at given steps or times, and nothing here looks at those; leave out --export, or keep whole paths, [ensemble] keep = \"paths\" of a study",
                self.name
            )));
        }
        let place = Place::take(&context.out, &self.name)?;
        let folder = place.folder();
        let ways = "or give another folder with --out";
        if record::manifest(&folder).exists() && (context.resume || !context.force) {
            let found = Manifest::load(&folder);
            let other = match &found {
                Ok(manifest) => self.differs(manifest, context),
                Err(_) if context.force => Some("that cannot be used".into()),
                Err(_) => None,
            };
            match (other, context.resume) {
                (None, true) if context.arrays && !folder.join(npz::FILE).is_file() => {
                    return Err(Error::Input(format!(
                        "{} holds the finished record of this very run, and no {}; run it again with --force, {ways}",
                        folder.display(),
                        npz::FILE
                    )));
                }
                (None, true) => {
                    let done = Some(Record::load(&folder)?);
                    return Ok(Admitted { place, done });
                }
                (None, false) => {
                    found?;
                    return Err(Error::Input(format!(
                        "{} holds the finished record of this very run; take it with --resume, run it again with --force, {ways}",
                        folder.display()
                    )));
                }
                (Some(other), _) if !context.force => {
                    return Err(Error::Input(format!(
                        "{} holds the record of another run ({other}), which would be lost; replace it with --force, {ways}",
                        folder.display()
                    )));
                }
                _ => {}
            }
        }
        if !context.force
            && let Some(shard) = Shard::load(&folder)?
        {
            return Err(Error::Input(format!(
                "{} holds share {} of {} of a run, which would be lost; replace it with --force, {ways}",
                folder.display(),
                shard.index,
                shard.of
            )));
        }
        if !context.force && !record::manifest(&folder).is_file() {
            let named = |at: &Path, of: &dyn Fn(&str) -> bool| {
                let entries = std::fs::read_dir(at).into_iter().flatten().flatten();
                let mut names = entries.map(|e| e.file_name().to_string_lossy().into_owned());
                names.find(|name| of(name))
            };
            let foreign = |name: &str| {
                let figure = name.ends_with(".svg") || name.ends_with(".png");
                record::is_file_of_one(name) || figure && !own::is_own(&folder.join(name))
            };
            if let Some(name) = named(&folder, &foreign) {
                return Err(own::foreign(&folder.join(name), ways));
            }
            if !context.resume && named(&place.cells(), &checkpoint::is_cell).is_some() {
                return Err(Error::Input(format!(
                    "{} holds what a stopped run had finished; go on with it by --resume, drop it with --force, {ways}",
                    folder.display()
                )));
            }
        }
        Ok(Admitted { place, done: None })
    }

    /// What of a record's run was not as here; nothing where it is the same.
    fn differs(&self, manifest: &Manifest, context: &Context) -> Option<String> {
        let mut all = Vec::new();
        if manifest.name != self.name {
            all.push(format!("of {}", manifest.name));
        }
        if manifest.seed != context.seed {
            all.push(format!("seed {}, here {}", manifest.seed, context.seed));
        }
        if manifest.scale != context.scale {
            all.push(format!("scale {}, here {}", manifest.scale, context.scale));
        }
        if all.is_empty() && manifest.spec != self.protocol.to_json() {
            all.push("other settings".into());
        }
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// Runs the cells that belong to `context.share` and keeps them below `context.out`; says how many there are,
    /// its own and all.
    ///
    /// # Errors
    /// As [`Experiment::run`].
    pub fn run_share(
        &self,
        place: &Place,
        context: &Context,
        progress: &dyn Progress,
    ) -> Result<(u64, u64)> {
        let chosen = pilot::chosen(self, context)?;
        let own = chosen.as_ref().unwrap_or(self);
        let run = own.protocol.run(context, progress, &place.cells());
        let counted = context.share.as_ref().map_or((0, 0), Share::counted);
        match run {
            // Had it stopped at the first cell of another share, cells of its own would be missing.
            Err(Error::Elsewhere(_)) if counted.1 < self.protocol.cells() as u64 => {
                Err(Error::Failed(format!(
                    "the protocol {} came to {} of its {} cells only and cannot be shared; this is a bug of the lab",
                    self.kind,
                    counted.1,
                    self.protocol.cells()
                )))
            }
            Ok(_) | Err(Error::Elsewhere(_)) => Ok(counted),
            Err(error) => Err(error),
        }
    }

    /// Runs the experiment and writes its record to `context.out/<name>`, if [`Experiment::admit`] lets it.
    ///
    /// # Errors
    /// As [`Experiment::admit`] and [`Experiment::complete`].
    pub fn run(&self, context: &Context, progress: &dyn Progress) -> Result<Record> {
        self.complete(self.admit(context)?, context, progress)
    }

    /// Runs the experiment, unless its record is there already, and puts its record in the place of what stands there.
    ///
    /// # Errors
    /// Ctrl-C, a file that cannot be written, or a damaged one that would have been reused.
    pub fn complete(
        &self,
        admitted: Admitted,
        context: &Context,
        progress: &dyn Progress,
    ) -> Result<Record> {
        let Admitted { place, done } = admitted;
        if let Some(record) = done {
            for _ in 0..self.protocol.cells() {
                progress.cell_done();
            }
            return Ok(record);
        }
        let made = self.make(context, progress, &place.cells())?;
        place.publish(&made.record, made.arrays.as_deref())?;
        Ok(made.record)
    }

    /// Runs the experiment; what comes out is in memory only. Finished cells are kept in the folder `cells`, where `context.keep` says so.
    ///
    /// # Errors
    /// Ctrl-C, or a cell that cannot be kept.
    pub fn make(&self, context: &Context, progress: &dyn Progress, cells: &Path) -> Result<Made> {
        let stopped = |done: &str| {
            Error::Interrupted(format!("stopped {done} {}; {}", self.name, context.again))
        };
        if context.stopped() {
            return Err(stopped("before"));
        }
        let (clock, started) = (Instant::now(), SystemTime::now());
        let chosen = pilot::chosen(self, context)?;
        let own = chosen.as_ref().unwrap_or(self);
        let finding = match own.protocol.with_paths() {
            Some(paths) => paths.run_for_paths(context, progress, cells),
            None => {
                let found = own.protocol.run(context, progress, cells);
                found.map(|finding| (finding, Along::default()))
            }
        };
        // Whatever was computed since then may have been cut short, what it says included.
        if context.stopped() && !matches!(finding, Err(Error::Interrupted(_))) {
            return Err(stopped("in"));
        }
        let (mut finding, along) = finding?;
        decide::family(&mut finding.verdicts.self_checks);
        let particles = pilot::sized(own).ok();
        for ruling in &mut finding.verdicts.claims {
            ruling.advise(particles);
        }
        let readings = finding.estimates.clone();
        plan::place(&mut finding.estimates, &self.protocol.plan());
        let mut ids: Vec<&str> = finding
            .verdicts
            .claims
            .iter()
            .map(|r| r.id.as_str())
            .collect();
        ids.dedup();
        let statements = ids
            .into_iter()
            .filter_map(|id| self.claims.iter().find(|(claim, _)| claim.id == id))
            .map(|(claim, _)| Statement {
                id: claim.id.clone(),
                paper: self.source.clone(),
                place: claim.place.clone(),
                statement: claim.statement.clone(),
                derived: claim.derived.clone(),
                exact: claim.exact.clone(),
                holds: claim.regime.clone(),
            })
            .collect();
        let record = Record {
            manifest: Manifest {
                name: self.name.clone(),
                source: self.source.clone(),
                protocol: self.kind.into(),
                spec: self.protocol.to_json(),
                particles: chosen.as_ref().and_then(Experiment::particles),
                seed: context.seed,
                scale: context.scale.clone(),
                version: env!("CARGO_PKG_VERSION").into(),
                git_revision: context.revision.clone(),
                generator: "Philox4x32-10, Box–Muller".into(),
                threads: context.pool.current_num_threads(),
                started: rfc3339(started),
                ended: rfc3339(SystemTime::now()),
                seconds: clock.elapsed().as_secs_f64(),
                particle_steps: finding.particle_steps,
                useful_lane_fraction: finding.particle_steps as f64
                    / finding.lane_steps.max(1) as f64,
                diverged: finding.diverged,
                host_features: vec![instructions()],
                cites: self.cites.clone(),
                files: Default::default(),
            },
            samples: finding.samples,
            paths: along.table,
            estimates: finding.estimates,
            verdicts: finding.verdicts,
            figures: finding.figures,
            text: Text {
                statements,
                departures: self.departures.clone(),
                sections: finding.sections,
                works: self.works.clone(),
            },
        };
        Ok(Made {
            record,
            readings,
            arrays: along.arrays.map(Npz::finish),
        })
    }
}

/// The widest vector instructions found at run time.
fn instructions() -> String {
    let shown = format!("{:?}", pulp::Arch::new());
    shown.split('(').next().unwrap_or_default().to_string()
}
