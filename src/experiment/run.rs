//! Runs an experiment and writes its record.

use std::time::{Instant, SystemTime};

use super::context::{Context, Progress, Share};
use super::load::Experiment;
use crate::error::{Error, Result};
use crate::report::atomic;
use crate::report::manifest::Manifest;
use crate::report::record::{Record, Statement, Text};
use crate::report::shard::CELLS;
use crate::verdict::{decide, papers};

impl Experiment {
    /// Runs the cells that belong to `context.share` and keeps them below `context.out`; says how many there are,
    /// its own and all.
    ///
    /// # Errors
    /// As [`Experiment::run`].
    pub fn run_share(&self, context: &Context, progress: &dyn Progress) -> Result<(u64, u64)> {
        let cells = context.out.join(&self.name).join(CELLS);
        let run = self.protocol.run(context, progress, &cells);
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

    /// Runs the experiment and writes its record to `context.out/<name>`; with `resume`, a complete
    /// record of the same specification and seed is loaded and nothing is run.
    ///
    /// # Errors
    /// Ctrl-C, a file that cannot be written, or a damaged one that would have been reused.
    pub fn run(&self, context: &Context, progress: &dyn Progress) -> Result<Record> {
        let folder = context.out.join(&self.name);
        atomic::create_dir(&folder)?;
        if context.resume && folder.join("manifest.json").is_file() {
            let record = Record::load(&folder)?;
            let same = record.manifest.spec == self.protocol.to_json()
                && record.manifest.seed == context.seed
                && record.manifest.scale == context.scale;
            if same {
                for _ in 0..self.protocol.cells() {
                    progress.cell_done();
                }
                return Ok(record);
            }
        }
        let cells = folder.join(CELLS);
        let (clock, started) = (Instant::now(), SystemTime::now());
        let mut finding = self.protocol.run(context, progress, &cells)?;
        decide::family(&mut finding.verdicts.self_checks);
        let mut ids: Vec<&str> = finding
            .verdicts
            .claims
            .iter()
            .map(|r| r.id.as_str())
            .collect();
        ids.dedup();
        let statements = ids
            .into_iter()
            .filter_map(papers::find)
            .map(|claim| Statement {
                id: claim.id.into(),
                paper: self.source.clone(),
                statement: claim.statement.into(),
                exact: claim.exact.into(),
                holds: claim.holds.into(),
            })
            .collect();
        let record = Record {
            manifest: Manifest {
                name: self.name.clone(),
                source: self.source.clone(),
                protocol: self.kind.into(),
                spec: self.protocol.to_json(),
                seed: context.seed,
                scale: context.scale.clone(),
                version: env!("CARGO_PKG_VERSION").into(),
                git_revision: option_env!("KRAMERS_GIT_REVISION").map(String::from),
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
            estimates: finding.estimates,
            verdicts: finding.verdicts,
            figures: finding.figures,
            text: Text {
                statements,
                sections: finding.sections,
            },
        };
        record.save(&folder)?;
        if cells.is_dir() {
            std::fs::remove_dir_all(&cells).map_err(|source| Error::Io {
                action: "cannot remove the finished cells in",
                path: cells,
                source,
            })?;
        }
        Ok(record)
    }
}

/// The widest vector instructions found at run time.
fn instructions() -> String {
    let shown = format!("{:?}", pulp::Arch::new());
    shown.split('(').next().unwrap_or_default().to_string()
}

/// Seconds since 1970 as a date and time in UTC: days to a civil date by the proleptic Gregorian
/// calendar, in years that begin in March.
fn rfc3339(time: SystemTime) -> String {
    let seconds = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |d| d.as_secs());
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        rest / 3600,
        rest % 3600 / 60,
        rest % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn dates() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
        ] {
            assert_eq!(
                rfc3339(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)),
                text
            );
        }
    }
}
