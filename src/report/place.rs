//! The folder of an experiment: who may write it, and how a whole record takes the place of what stands there.
//!
//! A record is written aside, in `OUT/.NAME.new`, and then changes places with `OUT/NAME` in one step, so that a
//! reader, or a process that is killed at any moment, finds one whole record: the old or the new one. What the old
//! folder held beside a record is the user's, and moves to the new one.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::lock::Lock;
use super::record::Record;
use super::{atomic, checkpoint, draw, npz, record, shard};
use base::error::{Error, Result};

/// An experiment's folder, which this process alone writes for as long as it holds this.
#[derive(Debug)]
pub struct Place {
    out: PathBuf,
    name: String,
    _lock: Lock,
}

impl Place {
    /// Takes the folder of experiment `name` in `out`, and finishes or clears away what a killed process left.
    ///
    /// # Errors
    /// Another process has it, it is a symbolic link, or it cannot be read or written.
    pub fn take(out: &Path, name: &str) -> Result<Place> {
        atomic::create_dir(out)?;
        let place = Place {
            out: out.to_path_buf(),
            name: name.into(),
            _lock: Lock::take(out, name)?,
        };
        let folder = place.folder();
        for path in [
            &folder,
            &place.cells(),
            &place.aside("new"),
            &place.aside("old"),
        ] {
            if is_link(path) {
                return Err(Error::Input(format!(
                    "{} is a symbolic link, so results would be written, and removed, elsewhere; remove it, or name the folder itself with --out",
                    path.display()
                )));
            }
        }
        if folder.exists() && !folder.is_dir() {
            let error = ErrorKind::NotADirectory.into();
            return Err(atomic::explain("cannot write in", &folder, error));
        }
        place.settle()?;
        for folder in [out, &folder, &place.cells()] {
            atomic::sweep(folder);
        }
        Ok(place)
    }

    /// Where the record stands once it is complete.
    pub fn folder(&self) -> PathBuf {
        self.out.join(&self.name)
    }

    /// Where finished cells are kept until then.
    pub fn cells(&self) -> PathBuf {
        self.folder().join(shard::CELLS)
    }

    fn aside(&self, what: &str) -> PathBuf {
        self.out.join(format!(".{}.{what}", self.name))
    }

    /// Puts the record, with its figures and the file of its arrays, if there is one, in the place of what stands there.
    ///
    /// # Errors
    /// A file cannot be written: then the old record stands as before.
    pub fn publish(&self, record: &Record, arrays: Option<&[u8]>) -> Result<()> {
        let (new, folder) = (self.aside("new"), self.folder());
        atomic::create_dir(&new)?;
        let arrays = arrays.map_or(Ok(()), |bytes| atomic::write(&new.join(npz::FILE), bytes));
        let written = arrays.and_then(|()| record.save(&new)).and_then(|()| {
            let mut figures = record.figures.iter();
            figures.try_for_each(|figure| draw::write(&new, figure))
        });
        let replaced = written.and_then(|()| {
            sync(&new);
            self.replace(&new)
                .map_err(|e| atomic::explain("cannot replace", &folder, e))
        });
        sync(&self.out);
        // Now the old folder, or what could be written of the new one.
        let cleared = absorb(&new, &folder);
        replaced?;
        cleared.map_err(|e| atomic::explain("cannot clear away", &new, e))
    }

    /// Puts the folder `new` where the experiment's is, and that one, if there is one, where `new` was.
    fn replace(&self, new: &Path) -> io::Result<()> {
        let folder = self.folder();
        if !folder.exists() {
            return std::fs::rename(new, folder);
        }
        if exchange(new, &folder).is_ok() {
            return Ok(());
        }
        // Where the file system cannot exchange two folders; `settle` finishes what stops between the steps.
        let old = self.aside("old");
        std::fs::rename(&folder, &old)?;
        std::fs::rename(new, &folder)?;
        std::fs::rename(&old, new)
    }

    /// Finishes a replacement that was interrupted.
    fn settle(&self) -> Result<()> {
        let (folder, new, old) = (self.folder(), self.aside("new"), self.aside("old"));
        let settle = || {
            if !folder.exists() {
                // The manifest is written last.
                if record::manifest(&new).is_file() {
                    std::fs::rename(&new, &folder)?;
                } else if old.exists() {
                    std::fs::rename(&old, &folder)?;
                }
            }
            absorb(&new, &folder)?;
            absorb(&old, &folder)
        };
        settle().map_err(|e| atomic::explain("cannot finish replacing", &folder, e))
    }
}

/// Clears away the folder `from`: what is of a record or of its cells goes, what is the user's moves to `into`.
fn absorb(from: &Path, into: &Path) -> io::Result<()> {
    if !from.is_dir() || is_link(from) {
        return Ok(());
    }
    let figures = record::figure_files(from);
    let own = |name: &OsStr| {
        let name = name.to_string_lossy();
        name == shard::FILE || record::is_file_of_one(&name) || figures.iter().any(|f| *f == name)
    };
    let entries = std::fs::read_dir(from)?.collect::<io::Result<Vec<_>>>()?;
    // The list of the figures goes last, so that a remainder can be told from the user's files.
    let (last, first): (Vec<_>, Vec<_>) = entries
        .into_iter()
        .partition(|entry| entry.file_name() == record::FIGURES);
    for entry in first.into_iter().chain(last) {
        let (path, name) = (entry.path(), entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() && name == shard::CELLS {
            clear(&path, &into.join(shard::CELLS), |name| {
                checkpoint::is_one(&name.to_string_lossy())
            })?;
        } else if own(&name) || (kind.is_file() && into.join(&name).exists()) {
            std::fs::remove_file(path)?;
        } else {
            keep(&path, &into.join(name))?;
        }
    }
    remove_if_empty(from)
}

/// Removes the files of a folder that are `own`, moves the others to `into`, and removes the folder.
fn clear(folder: &Path, into: &Path, own: impl Fn(&OsStr) -> bool) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if own(&name) && !entry.file_type()?.is_dir() {
            std::fs::remove_file(entry.path())?;
        } else {
            keep(&entry.path(), &into.join(name))?;
        }
    }
    remove_if_empty(folder)
}

/// Moves what is the user's, unless something of that name is there already.
fn keep(path: &Path, to: &Path) -> io::Result<()> {
    if to.exists() {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::rename(path, to)
}

fn remove_if_empty(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir(folder) {
        Err(error) if error.kind() != ErrorKind::DirectoryNotEmpty => Err(error),
        _ => Ok(()),
    }
}

/// Whether it is a symbolic link, wherever that leads.
pub fn is_link(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// Brings the names in a folder to the disk. A system that cannot do so for a folder loses a rename at worst.
fn sync(folder: &Path) {
    if let Ok(opened) = File::open(folder) {
        let _ = opened.sync_all();
    }
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn named(name: &str, seed: u64) -> Record {
        let mut record = fixture::record();
        record.manifest.name = name.into();
        record.manifest.seed = seed;
        record
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_record_replaces_the_old_one_with_its_figures_and_leaves_the_users_files() {
        let out = tempfile::tempdir().unwrap();
        let place = Place::take(out.path(), "a").unwrap();
        place.publish(&named("a", 1), None).unwrap();
        let before = names(&place.folder());
        assert!(before.contains(&"escape-rate.svg".into()));
        let write = |name: &str| {
            let path = place.folder().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, name).unwrap();
        };
        write("notes.txt");
        write("mine/deep.svg");
        write("cells/mine.txt");
        write("cells/0123456789abcdef.json");
        write(".unfinished-x");
        let mut second = named("a", 2);
        second.figures.retain(|f| f.name == "escape-rate");
        place.publish(&second, None).unwrap();
        let record = Record::load(&place.folder()).unwrap();
        assert_eq!(record.manifest.seed, 2);
        let after = names(&place.folder());
        let gone = before.iter().filter(|name| !after.contains(name));
        let gone: Vec<&str> = gone.map(String::as_str).collect();
        assert!(gone.contains(&"one-point.svg") && gone.contains(&"one-point.png"));
        for name in ["notes.txt", "mine/deep.svg", "cells/mine.txt"] {
            assert!(place.folder().join(name).is_file(), "{name}");
        }
        assert_eq!(names(&place.cells()), ["mine.txt"]);
        drop(place);
        assert_eq!(names(out.path()), ["a"], "nothing is left beside it");
    }

    /// Every state in which a kill can leave the folders, with and without an exchange in one step.
    #[test]
    fn an_interrupted_replacement_is_finished_or_undone() {
        let whole = |dir: PathBuf, seed| named("a", seed).save(&dir).unwrap();
        let part = |dir: PathBuf| {
            whole(dir.clone(), 2);
            std::fs::remove_file(record::manifest(&dir)).unwrap();
        };
        type State<'a> = (&'a str, &'a dyn Fn(&Place), Option<u64>);
        let states: [State<'_>; 5] = [
            (
                "half written, over a record",
                &|p| {
                    whole(p.folder(), 1);
                    part(p.aside("new"));
                },
                Some(1),
            ),
            (
                "half written, over nothing",
                &|p| part(p.aside("new")),
                None,
            ),
            (
                "exchanged",
                &|p| {
                    whole(p.folder(), 2);
                    whole(p.aside("new"), 1);
                    std::fs::write(p.aside("new").join("notes.txt"), "mine").unwrap();
                },
                Some(2),
            ),
            (
                "old one moved away",
                &|p| {
                    whole(p.aside("old"), 1);
                    whole(p.aside("new"), 2);
                    std::fs::write(p.aside("old").join("notes.txt"), "mine").unwrap();
                },
                Some(2),
            ),
            (
                "old one moved away, new one gone",
                &|p| whole(p.aside("old"), 1),
                Some(1),
            ),
        ];
        for (what, state, seed) in states {
            let out = tempfile::tempdir().unwrap();
            let place = Place::take(out.path(), "a").unwrap();
            state(&place);
            let mine = names(out.path())
                .into_iter()
                .any(|folder| out.path().join(folder).join("notes.txt").exists());
            drop(place);
            let place = Place::take(out.path(), "a").unwrap();
            let found = Record::load(&place.folder()).ok();
            assert_eq!(found.map(|r| r.manifest.seed), seed, "{what}");
            assert_eq!(place.folder().join("notes.txt").exists(), mine, "{what}");
            assert!(
                !place.aside("new").exists() && !place.aside("old").exists(),
                "{what}"
            );
        }
    }

    #[test]
    fn a_record_that_cannot_be_written_leaves_the_old_one() {
        let out = tempfile::tempdir().unwrap();
        let place = Place::take(out.path(), "a").unwrap();
        place.publish(&named("a", 1), None).unwrap();
        let mut ragged = named("a", 2);
        let (_, column) = &mut ragged.samples.columns[0];
        *column = crate::table::Column::U64(vec![1]);
        assert!(place.publish(&ragged, None).is_err());
        assert_eq!(Record::load(&place.folder()).unwrap().manifest.seed, 1);
        assert!(!place.aside("new").exists());
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_left_alone() {
        let out = tempfile::tempdir().unwrap();
        std::fs::write(out.path().join("a"), "mine").unwrap();
        let message = Place::take(out.path(), "a").unwrap_err().to_string();
        assert!(
            message.contains("a file stands where a folder is needed"),
            "{message}"
        );
        assert_eq!(names(out.path()), ["a"]);
    }

    #[cfg(unix)]
    #[test]
    fn symbolic_links_are_not_followed() {
        let out = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let link = |name: &str| {
            let path = out.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(elsewhere.path(), path).unwrap();
        };
        link("a");
        link("b/cells");
        link(".c.new");
        for name in ["a", "b", "c"] {
            let message = Place::take(out.path(), name).unwrap_err().to_string();
            assert!(message.contains("symbolic link"), "{message}");
        }
    }
}
