//! Files that appear whole or not at all: written aside in the same folder, synced, then renamed.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};

use base::error::{Error, Result};

/// How the name of a file begins that is being written; one that nobody holds locked is a remainder.
pub const UNFINISHED: &str = ".unfinished-";

/// Held shared by every write, so that who must end the process can do so between two of them.
static WRITES: RwLock<()> = RwLock::new(());

/// Waits until no file is being written, and keeps it so for as long as the guard lives.
pub fn between_writes() -> RwLockWriteGuard<'static, ()> {
    WRITES.write().unwrap_or_else(PoisonError::into_inner)
}

/// Writes `bytes` to `path`, creating its folder if need be. A reader sees the old file or the new
/// one, never a part.
///
/// # Errors
/// [`Error::Io`] that names the path and says what to do: another folder, or more space.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let _writing = WRITES.read().unwrap_or_else(PoisonError::into_inner);
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

/// The whole of a file. What is none, such as a pipe, is refused: reading it might never end.
///
/// # Errors
/// [`Error::Io`] that names the path.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let whole = || {
        if !std::fs::metadata(path)?.is_file() {
            let what = "it is not a regular file; remove it";
            return Err(io::Error::new(ErrorKind::InvalidInput, what));
        }
        std::fs::read(path)
    };
    whole().map_err(|error| explain("cannot read", path, error))
}

/// The refusal of a kept cell whose content cannot be trusted.
pub fn damaged(path: &Path, what: impl std::fmt::Display) -> Error {
    Error::Failed(format!(
        "{} is damaged: {what}; delete it and run again with --resume",
        path.display()
    ))
}

/// Removes from `folder` what was being written when a process was killed.
pub fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            continue;
        }
        let path = entry.path();
        let regular = std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        // Whoever still writes it holds its lock; locks end with their process.
        if regular && File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn write_aside(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    // Temporary files are private by default; a result is as readable as the user's umask says.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    // Some file systems have no locks; a remainder is then left to be swept by hand.
    let _ = file.as_file().try_lock();
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|failed| failed.error)?;
    Ok(())
}

/// An error of the operating system with what to do about it.
pub fn explain(action: &'static str, path: &Path, error: io::Error) -> Error {
    let advice = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "; the disk is full: free some space, or give another folder with --out, and run again (a run goes on with --resume)"
        }
        ErrorKind::FileTooLarge => {
            "; a limit on the size of files is set (ulimit -f): lift it and run again (a run goes on with --resume)"
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
        assert!(say(ErrorKind::FileTooLarge).contains("ulimit -f"));
        assert!(say(ErrorKind::PermissionDenied).contains("a folder of your own"));
        assert!(say(ErrorKind::StorageFull).starts_with("cannot write out/x: "));
    }

    #[test]
    fn a_remainder_is_swept_away_and_what_is_being_written_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in [".unfinished-dead", ".unfinished-alive", "unfinished"] {
            std::fs::write(at(name), b"x").unwrap();
        }
        let alive = File::open(at(".unfinished-alive")).unwrap();
        alive.lock().unwrap();
        sweep(folder.path());
        assert!(!at(".unfinished-dead").exists());
        assert!(at(".unfinished-alive").exists() && at("unfinished").exists());
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

    /// A pipe that nobody writes to would be waited for without end.
    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let message = read(folder.path()).unwrap_err().to_string();
        assert!(message.contains("not a regular file"), "{message}");
    }
}
