//! `kramers replay`: recorded optimizer trajectories against the lab's update rules.

use super::stdout::say;
use std::path::{Path, PathBuf};

use base::error::{Error, Result};
use experiment::replay::{Replayed, TOLERANCE, replay, replay_own};
use experiment::rules;

/// Replays every file, by the rules of a file where there is one, and prints the worst deviation of each case.
///
/// # Errors
/// A file is unusable, or a case deviates by more than the tolerance.
pub fn command(files: &[PathBuf], rules: Option<&Path>, json: bool) -> Result<()> {
    let mut cases: Vec<Replayed> = Vec::new();
    let own = rules.map(rules::read).transpose()?;
    for file in files {
        cases.extend(match &own {
            Some(own) => replay_own(file, own)?,
            None => replay(file)?,
        });
    }
    let failed = cases.iter().filter(|case| !case.passed).count();
    // A NaN counts as the worst there is.
    let worst = cases
        .iter()
        .map(|case| {
            if case.worst.is_nan() {
                f64::INFINITY
            } else {
                case.worst
            }
        })
        .fold(0.0, f64::max);
    if json {
        let document = serde_json::json!({ "cases": cases, "worst": worst, "failed": failed });
        say!("{document:#}");
    } else {
        for case in &cases {
            let word = if case.passed { "ok" } else { "FAILED" };
            say!("{:24} {:32} {:.2e}  {word}", case.file, case.id, case.worst);
        }
        say!(
            "{} cases, worst deviation {worst:.2e}, {failed} failed",
            cases.len()
        );
    }
    if failed > 0 {
        return Err(Error::Failed(format!(
            "{failed} of {} cases deviate by more than {TOLERANCE:e}·(1 + |θ|)",
            cases.len()
        )));
    }
    Ok(())
}
