//! Claims and the experiments that decide them name each other.

use super::{FILE, Paper};
use crate::load::Experiment;
use base::error::{Error, Result};

/// Holds a paper against the experiments of its folder, each with its file below the folder of all papers
/// (`pnm/fig4.toml`): a file that a claim names decides it, and a file that decides a claim is named by it.
///
/// # Errors
/// The first that is not so.
pub fn tied(paper: &Paper, experiments: &[(String, Experiment)]) -> Result<()> {
    for (file, experiment) in experiments {
        for claim in &paper.claims {
            let named = claim.files().any(|named| named == file);
            let decides = experiment
                .claims
                .iter()
                .any(|(stated, decides)| *decides && stated.id == claim.id);
            let (id, place) = (&claim.id, &paper.folder);
            if named && !decides {
                return Err(Error::Input(format!(
                    "{place}/{FILE}: `{id}` is said to be decided by {file}, which has no [[claim]] of that id with `decides = true`; write one there, or name another file"
                )));
            }
            if decides && !named {
                let files: Vec<&str> = claim.files().collect();
                let files = match files.is_empty() {
                    true => "no file".to_string(),
                    false => files.join(" and "),
                };
                return Err(Error::Input(format!(
                    "{file}: it decides `{id}`, for which {place}/{FILE} names {files}; name it there, as `experiment` or in `also`, or take `decides` away"
                )));
            }
        }
    }
    Ok(())
}
