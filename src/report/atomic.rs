//! Files that appear whole or not at all: written aside in the same folder, synced, then renamed.

use std::io::{self, ErrorKind, Write};
use std::path::Path;

use crate::error::{Error, Result};

/// Writes `bytes` to `path`, creating its folder if need be. A reader sees the old file or the new
/// one, never a part.
///
/// # Errors
/// [`Error::Io`] that names the path and says what to do: another folder, or more space.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = folder_of(path);
    create_dir(folder)?;
    write_aside(folder, path, bytes).map_err(|error| explain("cannot write", path, error))
}

/// Creates a folder and its parents; it is no error if it is there already.
///
/// # Errors
/// [`Error::Io`] that names the folder and says what to do.
pub fn create_dir(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|error| explain("cannot create the folder", path, error))
}

/// The whole of a file.
///
/// # Errors
/// [`Error::Io`] that names the path.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| explain("cannot read", path, error))
}

/// The refusal of a file whose content cannot be trusted.
pub fn damaged(path: &Path, what: impl std::fmt::Display) -> Error {
    Error::Failed(format!(
        "{} is damaged: {what}; delete it and run again with --resume",
        path.display()
    ))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn write_aside(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".unfinished-");
    // Temporary files are private by default; a result is as readable as the user's umask says.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|failed| failed.error)?;
    Ok(())
}

fn explain(action: &'static str, path: &Path, error: io::Error) -> Error {
    let advice = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "; the disk is full: free some space, or give another folder with --out, and run again with --resume"
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "; you may not do that there: give a folder of your own with --out"
        }
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "; a file stands where a folder is needed: give another folder with --out"
        }
        ErrorKind::NotFound => "; check the path",
        _ => "",
    };
    Error::Io {
        action,
        path: path.to_path_buf(),
        source: io::Error::new(error.kind(), format!("{error}{advice}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/a.json");
        write(&path, b"a long first version").unwrap();
        write(&path, b"short").unwrap();
        assert_eq!(read(&path).unwrap(), b"short");
        let names = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(names, 1, "no temporary file remains");
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_names_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let blocker = folder.path().join("blocker");
        write(&blocker, b"old").unwrap();
        let message = write(&blocker.join("a.json"), b"new")
            .unwrap_err()
            .to_string();
        assert!(message.contains("blocker"), "{message}");
        assert!(message.contains("--out"), "{message}");
        assert_eq!(read(&blocker).unwrap(), b"old");
    }

    #[test]
    fn each_cause_has_its_own_advice() {
        let say =
            |kind| explain("cannot write", Path::new("out/x"), io::Error::from(kind)).to_string();
        assert!(say(ErrorKind::StorageFull).contains("the disk is full"));
        assert!(say(ErrorKind::PermissionDenied).contains("a folder of your own"));
        assert!(say(ErrorKind::StorageFull).starts_with("cannot write out/x: "));
    }

    #[cfg(unix)]
    #[test]
    fn a_result_is_not_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write(&path, b"x").unwrap();
        let plain = folder.path().join("b");
        std::fs::write(&plain, b"x").unwrap();
        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&path), mode(&plain));
    }
}
