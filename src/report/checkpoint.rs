//! Finished cells of an unfinished experiment, so that nothing computed is lost.

use std::path::Path;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::atomic;
use base::error::{Error, Result};

/// Length of the checksum line: eight hexadecimal digits and a newline.
const HEAD: usize = 9;

/// Length of a key: hexadecimal digits.
const KEY: usize = 16;

/// A kept cell, as it is written.
#[derive(Serialize)]
struct Keeping<'a, T> {
    version: &'static str,
    identity: &'a str,
    value: &'a T,
}

/// Whose a kept cell is.
#[derive(Deserialize)]
struct Owner {
    version: String,
    identity: String,
}

/// What it came to.
#[derive(Deserialize)]
struct Kept<T> {
    value: T,
}

/// Whether a file of this name is a kept cell, the state of one, or the remainder of either.
pub fn is_one(name: &str) -> bool {
    name.starts_with(atomic::UNFINISHED) || keyed(name, &[".json", ".state"])
}

/// Whether a file of this name is a finished cell.
pub fn is_cell(name: &str) -> bool {
    keyed(name, &[".json"])
}

/// Sixteen hexadecimal digits, and one of the suffixes.
fn keyed(name: &str, suffixes: &[&str]) -> bool {
    name.split_at_checked(KEY).is_some_and(|(key, rest)| {
        key.bytes().all(|b| b.is_ascii_hexdigit()) && suffixes.iter().any(|s| rest.ends_with(s))
    })
}

/// Keeps `value` under `key`. `identity` is whatever must be the same for the value to be of use
/// again, beside the version of the lab: the resolved cell and the seed.
///
/// # Errors
/// The folder or file cannot be written.
pub fn save<T: Serialize>(folder: &Path, key: &str, identity: &str, value: &T) -> Result<()> {
    // Straight into the bytes of the file: a cell may be as large as memory lets it be.
    let mut bytes = vec![b'0'; HEAD];
    let keeping = Keeping {
        version: env!("CARGO_PKG_VERSION"),
        identity,
        value,
    };
    serde_json::to_writer(&mut bytes, &keeping)
        .map_err(|reason| Error::Failed(format!("cannot encode a finished cell: {reason}")))?;
    let sum = format!("{:08x}\n", crc32fast::hash(&bytes[HEAD..]));
    bytes[..HEAD].copy_from_slice(sum.as_bytes());
    atomic::create_dir(folder)?;
    atomic::write(&folder.join(format!("{key}.json")), &bytes)
}

/// The value under `key`, if there is one of the same identity.
///
/// # Errors
/// The file is damaged, or of another version of the lab: it is named, and nothing of it is used.
pub fn load<T: DeserializeOwned>(folder: &Path, key: &str, identity: &str) -> Result<Option<T>> {
    let path = folder.join(format!("{key}.json"));
    if std::fs::symlink_metadata(&path).is_err() {
        return Ok(None);
    }
    let bytes = atomic::read(&path)?;
    let damaged = |what: String| atomic::damaged(&path, what);
    let body = check(&bytes).map_err(damaged)?;
    let owner: Owner = serde_json::from_slice(body).map_err(|e| damaged(e.to_string()))?;
    if owner.version != env!("CARGO_PKG_VERSION") {
        return Err(Error::Input(format!(
            "{} was kept by kramers {}, and this is {}, whose numbers may differ; go on with that version, or leave out --resume to start again",
            path.display(),
            owner.version,
            env!("CARGO_PKG_VERSION")
        )));
    }
    if owner.identity != identity {
        return Ok(None);
    }
    // Whole, but not readable: JSON has no NaN for what diverged. It comes out the same when computed again.
    let kept: Option<Kept<T>> = serde_json::from_slice(body).ok();
    Ok(kept.map(|kept| kept.value))
}

/// What is kept in a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Finished cells.
    pub cells: usize,
    /// Parts of cells that were stopped.
    pub parts: usize,
}

impl Content {
    /// Of the folder; nothing where there is none.
    pub fn of(folder: &Path) -> Self {
        let names = names(folder).into_iter();
        let (cells, parts): (Vec<String>, Vec<String>) = names
            .filter(|name| keyed(name, &[".json", ".state"]))
            .partition(|name| name.len() == KEY + ".json".len());
        Content {
            cells: cells.len(),
            parts: parts.len(),
        }
    }
}

/// Whether any part of the cell under `key` is kept in the folder.
pub fn begun(folder: &Path, key: &str) -> bool {
    names(folder).iter().any(|name| name.starts_with(key))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let name = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    entries.map(name).collect()
}

/// Whether the bytes of a kept cell are whole.
///
/// # Errors
/// What is wrong with them.
pub fn verify(bytes: &[u8]) -> std::result::Result<(), String> {
    check(bytes).map(drop)
}

/// The body of a kept cell, whose checksum stands before it.
fn check(bytes: &[u8]) -> std::result::Result<&[u8], String> {
    let (head, body) = bytes.split_at_checked(HEAD).ok_or("it is cut short")?;
    if head == format!("{:08x}\n", crc32fast::hash(body)).as_bytes() {
        Ok(body)
    } else {
        Err("its checksum does not match".into())
    }
}

/// Keeps bytes that are no text, such as the state of a training.
///
/// # Errors
/// The folder or file cannot be written.
pub fn save_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut sealed = crc32fast::hash(bytes).to_le_bytes().to_vec();
    sealed.extend_from_slice(bytes);
    atomic::write(path, &sealed)
}

/// The bytes that [`save_bytes`] kept.
///
/// # Errors
/// The file cannot be read, or is damaged.
pub fn load_bytes(path: &Path) -> Result<Vec<u8>> {
    let mut sealed = atomic::read(path)?;
    let Some((sum, body)) = sealed.split_first_chunk() else {
        return Err(atomic::damaged(path, "it is cut short"));
    };
    if *sum != crc32fast::hash(body).to_le_bytes() {
        return Err(atomic::damaged(path, "its checksum does not match"));
    }
    sealed.drain(..sum.len());
    Ok(sealed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_only_whole_and_only_for_the_same_cell() {
        let folder = tempfile::tempdir().unwrap();
        let value = vec![1i64, -2, 0];
        save(folder.path(), "k", "cell 1", &value).unwrap();
        let load = |identity| load::<Vec<i64>>(folder.path(), "k", identity);
        assert_eq!(load("cell 1").unwrap(), Some(value));
        assert_eq!(load("cell 2").unwrap(), None);
        let path = folder.path().join("k.json");
        let mut bytes = std::fs::read(&path).unwrap();
        let last = bytes.len() - 3;
        bytes[last] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let message = load("cell 1").unwrap_err().to_string();
        assert!(
            message.contains("k.json") && message.contains("damaged"),
            "{message}"
        );
    }

    #[test]
    fn a_cell_of_another_version_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let body = r#"{"identity":"cell","value":1,"version":"0.0.9"}"#;
        let text = format!("{:08x}\n{body}", crc32fast::hash(body.as_bytes()));
        std::fs::write(folder.path().join("k.json"), text).unwrap();
        let error = load::<i64>(folder.path(), "k", "cell").unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let message = error.to_string();
        assert!(
            message.contains("k.json was kept by kramers 0.0.9"),
            "{message}"
        );
    }

    /// JSON has no NaN: what diverged is computed again, and its cell is not called damaged.
    #[test]
    fn what_cannot_be_read_back_is_computed_again() {
        let folder = tempfile::tempdir().unwrap();
        save(folder.path(), "k", "cell", &f64::NAN).unwrap();
        assert_eq!(load::<f64>(folder.path(), "k", "cell").unwrap(), None);
    }

    #[test]
    fn finished_cells_are_told_from_parts() {
        let folder = tempfile::tempdir().unwrap();
        let key = "0123456789abcdef";
        for name in [".json", "-begun.json", "-course-100.state", ".txt"] {
            std::fs::write(folder.path().join(format!("{key}{name}")), "x").unwrap();
        }
        let found = Content::of(folder.path());
        assert_eq!((found.cells, found.parts), (1, 2));
        assert!(begun(folder.path(), key) && !begun(folder.path(), "1123456789abcdef"));
        assert_eq!(Content::of(&folder.path().join("no")), Content::default());
    }

    #[test]
    fn kept_cells_are_told_from_other_files() {
        let key = "0123456789abcdef";
        for (name, own) in [
            (format!("{key}.json"), true),
            (format!("{key}-course-100.state"), true),
            (".unfinished-Xy".into(), true),
            (format!("{key}.txt"), false),
            ("notes.json".into(), false),
            ("g123456789abcdef.json".into(), false),
            ("βββββββββββ.json".into(), false),
        ] {
            assert_eq!(is_one(&name), own, "{name}");
        }
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.state");
        save_bytes(&path, &[1, 2, 3]).unwrap();
        assert_eq!(load_bytes(&path).unwrap(), [1, 2, 3]);
        for bytes in [&[1u8, 2][..], &[0, 0, 0, 0, 1]] {
            std::fs::write(&path, bytes).unwrap();
            let message = load_bytes(&path).unwrap_err().to_string();
            assert!(message.contains("a.state is damaged"), "{message}");
        }
    }
}
