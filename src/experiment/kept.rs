//! What is finished stays on disk, and is taken from there under `--resume`.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::context::Context;
use crate::error::{Error, Result};
use crate::report::checkpoint;

/// The value under `key` in `folder` if there is one of the same identity and the run resumes; else what
/// `compute` gives, which is then kept. `None` from `compute` means that Ctrl-C stopped it.
///
/// # Errors
/// Ctrl-C, a damaged file, a file that cannot be written, or whatever `compute` fails with.
pub fn kept<T: Serialize + DeserializeOwned>(
    context: &Context,
    folder: &Path,
    key: &str,
    identity: &serde_json::Value,
    compute: impl FnOnce() -> Result<Option<T>>,
) -> Result<T> {
    let identity = identity.to_string();
    if context.resume
        && let Some(done) = checkpoint::load(folder, key, &identity)?
    {
        return Ok(done);
    }
    let done = compute()?.ok_or_else(|| {
        Error::Interrupted(format!(
            "stopped; what is finished is in {}; run the same command with --resume to go on",
            folder.display()
        ))
    })?;
    checkpoint::save(folder, key, &identity, &done)?;
    Ok(done)
}
