//! Claims and the experiments that decide them name each other.

use super::{FILE, Paper};
use base::error::{Error, Result};
use verdict::Claim;

/// Holds a paper against the claims that an experiment's file names, each with whether it decides it: what the paper
/// expects of the file it decides, and nothing else of the paper's. The file is given below the folder of all papers
/// (`pnm/fig4.toml`).
///
/// # Errors
/// The first that is not so.
pub fn tied(paper: &Paper, file: &str, claims: &[(Claim, bool)]) -> Result<()> {
    let place = &paper.folder;
    for claim in &paper.claims {
        let id = &claim.id;
        let named = claim.files().any(|named| named == file);
        let decides = claims
            .iter()
            .any(|(own, decides)| *decides && own.id == *id);
        if named && !decides {
            return Err(Error::Input(format!(
                "{place}/{FILE}: `{id}` is said to be decided by {file}, which has no [[claim]] of that id that decides it (`decides = true`; in a study role = \"decides\", or no role); write one there, or name another file"
            )));
        }
        if decides && !named {
            let files: Vec<&str> = claim.files().collect();
            let files = if files.is_empty() {
                "no file".to_string()
            } else {
                files.join(" and ")
            };
            return Err(Error::Input(format!(
                "{file}: it decides `{id}`, for which {place}/{FILE} names {files}; name it there, as `experiment` or in `also`, or let it be a control here"
            )));
        }
    }
    Ok(())
}
