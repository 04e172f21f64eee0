//! Finished cells of an unfinished experiment, so that nothing computed is lost.

use std::path::Path;

use serde::{Serialize, de::DeserializeOwned};

use crate::error::Result;
use crate::report::atomic;

/// Length of the checksum line: eight hexadecimal digits and a newline.
const HEAD: usize = 9;

/// Keeps `value` under `key`. `identity` is whatever must be the same for the value to be of use
/// again: the resolved cell and the seed.
///
/// # Errors
/// The folder or file cannot be written.
pub fn save<T: Serialize>(folder: &Path, key: &str, identity: &str, value: &T) -> Result<()> {
    let body = serde_json::json!({ "identity": identity, "value": value }).to_string();
    let mut bytes = format!("{:08x}\n", crc32fast::hash(body.as_bytes())).into_bytes();
    bytes.extend_from_slice(body.as_bytes());
    atomic::create_dir(folder)?;
    atomic::write(&folder.join(format!("{key}.json")), &bytes)
}

/// The value under `key`, if there is one of the same identity.
///
/// # Errors
/// The file is damaged: it is named, and nothing of it is used.
pub fn load<T: DeserializeOwned>(folder: &Path, key: &str, identity: &str) -> Result<Option<T>> {
    let path = folder.join(format!("{key}.json"));
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = atomic::read(&path)?;
    let damaged = |what: &str| atomic::damaged(&path, what);
    let (head, body) = bytes
        .split_at_checked(HEAD)
        .ok_or_else(|| damaged("it is cut short"))?;
    if head != format!("{:08x}\n", crc32fast::hash(body)).as_bytes() {
        return Err(damaged("its checksum does not match"));
    }
    let mut parsed: serde_json::Value =
        serde_json::from_slice(body).map_err(|e| damaged(&e.to_string()))?;
    if parsed["identity"] != *identity {
        return Ok(None);
    }
    serde_json::from_value(parsed["value"].take())
        .map(Some)
        .map_err(|e| damaged(&e.to_string()))
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
