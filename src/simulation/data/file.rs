//! Finding and reading the files of a data set, with messages that say what was looked for.

use std::path::{Path, PathBuf};

use base::error::{Error, Result};

/// Where a set lies and what it is.
pub struct Source<'a> {
    /// The folder that the user named.
    pub folder: &'a Path,
    /// Folders inside it that the set's archive unpacks to; the folder itself comes first.
    pub inside: &'a [&'a str],
    /// What the set is and where it comes from, as a sentence.
    pub origin: &'a str,
}

/// A file that was found, with its bytes.
pub struct Found {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
}

impl Source<'_> {
    /// Reads the first file that exists of the `names` that it goes by; `what` it should be.
    pub fn read(&self, names: &[&str], what: &str) -> Result<Found> {
        let candidates = self.candidates(names);
        let Some(path) = candidates.iter().find(|path| path.is_file()) else {
            return Err(self.missing(&candidates, names, what));
        };
        match std::fs::read(path) {
            Ok(bytes) => Ok(Found {
                path: path.clone(),
                bytes,
            }),
            Err(source) => Err(Error::Io {
                action: "cannot read",
                path: path.clone(),
                source,
            }),
        }
    }

    /// How many bytes the first of these names has that is there; `None` where none is.
    pub fn length(&self, names: &[&str]) -> Option<u64> {
        let all = self.candidates(names);
        let path = all.iter().find(|path| path.is_file())?;
        Some(path.metadata().ok()?.len())
    }

    fn candidates(&self, names: &[&str]) -> Vec<PathBuf> {
        let folders = std::iter::once(self.folder.to_path_buf())
            .chain(self.inside.iter().map(|inside| self.folder.join(inside)));
        folders
            .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
            .collect()
    }

    fn missing(&self, candidates: &[PathBuf], names: &[&str], what: &str) -> Error {
        let packed = candidates.iter().find_map(|path| {
            let packed = PathBuf::from(format!("{}.gz", path.display()));
            packed.is_file().then_some(packed)
        });
        if let Some(packed) = packed {
            return Error::Input(format!(
                "{} is packed: unpack it first (gunzip --keep {})",
                packed.display(),
                packed.display()
            ));
        }
        let place = if self.folder.is_dir() {
            let inside: String = self
                .inside
                .iter()
                .map(|inside| format!(" or its {inside}"))
                .collect();
            format!("the folder {}{inside}", self.folder.display())
        } else {
            format!("{}, which is not a folder", self.folder.display())
        };
        Error::Input(format!(
            "no file {} in {place}: it should be {what}; {}",
            names.join(" or "),
            self.origin
        ))
    }

    /// The message for a file that is not what it should be.
    pub fn damaged(&self, path: &Path, what: impl std::fmt::Display) -> Error {
        Error::Input(format!("{}: {what}; {}", path.display(), self.origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "the set is a set";

    #[test]
    fn files_are_found_in_the_folder_and_inside_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("deep")).unwrap();
        std::fs::write(folder.path().join("deep/b"), b"xy").unwrap();
        let source = Source {
            folder: folder.path(),
            inside: &["deep"],
            origin: ORIGIN,
        };
        let found = source.read(&["a", "b"], "letters").unwrap();
        assert_eq!(found.bytes, b"xy");
        assert!(found.path.ends_with("deep/b"));
        std::fs::write(folder.path().join("a"), b"z").unwrap();
        assert_eq!(source.read(&["a", "b"], "letters").unwrap().bytes, b"z");
    }

    #[test]
    fn what_is_missing_is_named_with_its_folder_and_origin() {
        let folder = tempfile::tempdir().unwrap();
        let mut source = Source {
            folder: folder.path(),
            inside: &["deep"],
            origin: ORIGIN,
        };
        let message = |source: &Source| source.read(&["a", "b"], "letters").err().unwrap();
        let missing = message(&source);
        assert!(matches!(missing, Error::Input(_)));
        let text = missing.to_string();
        let path = folder.path().display().to_string();
        for part in ["a or b", path.as_str(), "deep", "letters", ORIGIN] {
            assert!(text.contains(part), "{text}");
        }
        std::fs::write(folder.path().join("b.gz"), b"").unwrap();
        assert!(message(&source).to_string().contains("gunzip"));
        let nowhere = folder.path().join("nowhere");
        source.folder = &nowhere;
        assert!(message(&source).to_string().contains("not a folder"));
    }
}
