//! Claims and the experiments that decide them name each other.

use super::{FILE, Paper};
use base::error::{Error, Result};
use verdict::{Claim, Role};

/// Holds a paper against the claims that an experiment's file names, each with its role: what the paper
/// expects of the file it decides (or, of a claim that needs other data, shows on an analogue), and nothing else of the paper's. The file is given below the folder of all papers
/// (`pnm/fig4.toml`).
///
/// # Errors
/// The first that is not so.
pub fn tied(paper: &Paper, file: &str, claims: &[(Claim, Role)]) -> Result<()> {
    let place = &paper.folder;
    for claim in &paper.claims {
        let id = &claim.id;
        let named = claim.files().any(|named| named == file);
        let roles = || {
            claims
                .iter()
                .filter(|(own, _)| own.id == *id)
                .map(|(_, role)| *role)
        };
        let decides = roles().any(|role| role == Role::Decides);
        let enough =
            decides || !claim.status.decided() && roles().any(|role| role == Role::Analogue);
        if named && !enough {
            return Err(Error::Input(format!(
                "{place}/{FILE}: `{id}` is said to be decided by {file}, which has no [[claim]] of that id that decides it (role = \"decides\", or no role; an analogue will do for a claim that is not decided); write one there, or name another file"
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
