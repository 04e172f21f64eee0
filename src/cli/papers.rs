//! The papers that files may name: those that the program carries, and that of the folder they lie in.

use std::path::Path;

use base::error::Result;
use experiment::paper::{FILE, Paper, Papers, text};

/// The papers that files of a folder may name.
pub struct Here {
    /// All of them.
    pub papers: Papers,
    /// The folder's own.
    pub paper: Paper,
    /// Its text, where the program does not carry it.
    pub text: Option<String>,
}

/// The papers, with that of a folder.
///
/// # Errors
/// The folder holds none, or one that cannot be used.
pub fn with_folder(mut papers: Papers, folder: &Path) -> Result<Here> {
    let text = text(folder)?;
    let path = folder.join(FILE).display().to_string();
    let paper = papers.take(&path, &text)?;
    let text = papers.own().is_some().then_some(text);
    Ok(Here {
        papers,
        paper,
        text,
    })
}

/// The papers that an experiment's file may name, that beside it included; and the text of this, where the program does
/// not carry it.
///
/// # Errors
/// The paper beside it cannot be used.
pub fn beside(papers: Papers, file: &Path) -> Result<(Papers, Option<String>)> {
    let here = match file.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return Ok((papers, None)),
    };
    if !here.join(FILE).is_file() {
        return Ok((papers, None));
    }
    let here = with_folder(papers, here)?;
    Ok((here.papers, here.text))
}
