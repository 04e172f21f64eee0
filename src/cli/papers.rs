//! The papers that files may name: those that the program carries, and that of the folder they lie in.

use std::path::{Path, PathBuf};

use base::error::{Error, Result};
use experiment::paper::{FILE, Paper, Papers, text};

/// The papers that files of a folder may name.
pub struct Here {
    /// All of them.
    pub papers: Papers,
    /// The folder's own.
    pub paper: Paper,
    /// Its text, where the program does not carry it.
    pub text: Option<String>,
    /// Where the folder lies.
    pub folder: PathBuf,
}

/// Where a file lies that papers name below the folder of all papers (`pnm/fig4.toml`): in a user's own place, or among
/// what the program carries.
pub fn path(own: Option<&Here>, file: &str) -> String {
    let Some(own) = own else {
        return format!("experiments/{file}");
    };
    let place = format!("{}/", own.paper.folder);
    let path = match file.strip_prefix(&place) {
        Some(name) => own.folder.join(name),
        None => own.folder.join("..").join(file),
    };
    path.display().to_string()
}

/// The papers, with that of a folder, for which its `paper.toml` may stand.
///
/// # Errors
/// The folder holds none, or one that cannot be used.
pub fn with_folder(mut papers: Papers, folder: &Path) -> Result<Here> {
    let folder = folder_of(folder);
    let text = text(folder)?;
    let path = folder.join(FILE).display().to_string();
    let paper = papers.take(&path, &text)?;
    let text = papers.own().is_some().then_some(text);
    Ok(Here {
        papers,
        paper,
        text,
        folder: folder.to_path_buf(),
    })
}

/// The names of the experiments' files in a folder, in order.
pub fn files(folder: &Path) -> Result<Vec<String>> {
    let cannot = |error: std::io::Error| {
        let shown = folder.display();
        Error::Input(format!("cannot read the folder {shown}: {error}"))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let name = entry.map_err(cannot)?.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".toml") && !name.starts_with('.') && name != FILE {
            files.push(name.into_owned());
        }
    }
    files.sort();
    Ok(files)
}

/// A paper's folder, for which its `paper.toml` may stand.
pub fn folder_of(path: &Path) -> &Path {
    match path.file_name() {
        Some(name) if name == FILE && path.is_file() => around(path),
        _ => path,
    }
}

/// The folder that a file lies in.
fn around(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The papers that an experiment's file may name, that beside it included; and the text of this, where the program does
/// not carry it.
///
/// # Errors
/// The paper beside it cannot be used.
pub fn beside(papers: Papers, file: &Path) -> Result<(Papers, Option<String>)> {
    let here = around(file);
    if !here.join(FILE).is_file() {
        return Ok((papers, None));
    }
    let here = with_folder(papers, here)?;
    Ok((here.papers, here.text))
}
