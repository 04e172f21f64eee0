//! One process at a time writes an experiment's folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{atomic, clock};
use base::error::{Error, Result};

/// The right to write `OUT/NAME`. The operating system gives it back when the process ends, however it does, so
/// that a lock of a dead process, or of before a reboot, holds nobody up; the file says who has it.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    /// None where the file system has no locks.
    held: Option<File>,
}

impl Lock {
    /// Takes the lock of experiment `name` in `out`, without waiting.
    ///
    /// # Errors
    /// Another process has it: which. Or its file cannot be made.
    pub fn take(out: &Path, name: &str) -> Result<Lock> {
        let path = out.join(format!(".{name}.lock"));
        let other = std::fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file());
        if other {
            return Err(Error::Input(format!(
                "{} has to be a file of the program's own, and is a link, a pipe or a folder; remove it",
                path.display()
            )));
        }
        loop {
            let failed = |error| atomic::explain("cannot write", &path, error);
            let mut file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .read(true)
                .write(true)
                .open(&path)
                .map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let holder = std::fs::read_to_string(&path).unwrap_or_default();
                    let holder = match holder.trim() {
                        "" => "another process",
                        holder => holder,
                    };
                    return Err(Error::Input(format!(
                        "{} is being written by {holder}; wait until it has ended, or give another folder with --out",
                        out.join(name).display()
                    )));
                }
                Err(TryLockError::Error(error)) => {
                    eprintln!(
                        "kramers: no lock can be had in {} ({error}): do not start two runs there at once",
                        out.display()
                    );
                    return Ok(Lock { path, held: None });
                }
            }
            // Between opening and locking, the holder before may have removed the file.
            if !same_file(&file, &path) {
                continue;
            }
            let holder = format!(
                "process {} on {}, since {}\n",
                std::process::id(),
                host(),
                clock::rfc3339(SystemTime::now())
            );
            file.set_len(0)
                .and_then(|()| file.write_all(holder.as_bytes()))
                .map_err(failed)?;
            return Ok(Lock {
                path,
                held: Some(file),
            });
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.held.is_some() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(unix)]
fn same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let one = file.metadata().map(|m| (m.dev(), m.ino()));
    let other = std::fs::metadata(path).map(|m| (m.dev(), m.ino()));
    matches!((one, other), (Ok(one), Ok(other)) if one == other)
}

#[cfg(not(unix))]
fn same_file(_: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "this machine".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_of_the_first_and_a_dead_one_holds_nobody_up() {
        let out = tempfile::tempdir().unwrap();
        let file = out.path().join(".a.lock");
        std::fs::write(&file, "process 1 on elsewhere, since 1970\n").unwrap();
        let first = Lock::take(out.path(), "a").unwrap();
        let message = Lock::take(out.path(), "a").unwrap_err().to_string();
        let own = format!("process {} on ", std::process::id());
        assert!(message.contains(&own), "{message}");
        assert!(message.contains("/a is being written"), "{message}");
        assert!(Lock::take(out.path(), "b").is_ok(), "of another experiment");
        drop(first);
        assert!(!file.exists());
        assert!(Lock::take(out.path(), "a").is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_its_place_is_not_followed() {
        let out = tempfile::tempdir().unwrap();
        let own = out.path().join("precious");
        std::fs::write(&own, "mine").unwrap();
        std::os::unix::fs::symlink(&own, out.path().join(".a.lock")).unwrap();
        let message = Lock::take(out.path(), "a").unwrap_err().to_string();
        assert!(message.contains("a link, a pipe or a folder"), "{message}");
        assert_eq!(std::fs::read_to_string(own).unwrap(), "mine");
    }
}
