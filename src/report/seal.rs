//! A checksum inside the file it protects, so that damage is found before anything is parsed.
//!
//! The writer puts [`BLANK`] in the file, either in a first line that begins with `#` (CSV) or
//! after all else (Parquet's metadata, a last key of JSON); [`close`] replaces its zeros by the CRC-32
//! of all bytes as they stood with the zeros.

use serde::Serialize;

const MARK: &[u8] = b"kramers-crc32:";
const DIGITS: usize = 8;

/// The text that a file to be sealed must contain once.
pub const BLANK: &str = "kramers-crc32:00000000";

/// `value` as a JSON object with the checksum of the whole text as its last key, `seal`.
///
/// # Errors
/// The value cannot be encoded, or is no object.
pub fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
    #[derive(Serialize)]
    struct Sealed<'a, T> {
        #[serde(flatten)]
        content: &'a T,
        seal: &'static str,
    }
    let sealed = Sealed {
        content: value,
        seal: BLANK,
    };
    let mut bytes = serde_json::to_vec_pretty(&sealed).map_err(|e| e.to_string())?;
    bytes.push(b'\n');
    close(bytes).ok_or_else(|| "there is no room for a checksum".into())
}

/// Writes the checksum into the blank. Returns `None` if there is no blank.
pub fn close(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let at = digits_at(&bytes)?;
    let sum = format!("{:08x}", crc32fast::hash(&bytes));
    bytes
        .get_mut(at..at + DIGITS)?
        .copy_from_slice(sum.as_bytes());
    Some(bytes)
}

/// Whether the bytes are those that were sealed; the error says what is wrong.
pub fn check(bytes: &[u8]) -> Result<(), String> {
    let at = digits_at(bytes).ok_or("it has no checksum: it is cut short, or not a record")?;
    let (head, rest) = bytes.split_at(at);
    let (digits, tail) = rest
        .split_at_checked(DIGITS)
        .ok_or("it ends inside its checksum")?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(head);
    hasher.update(&[b'0'; DIGITS]);
    hasher.update(tail);
    let found = format!("{:08x}", hasher.finalize());
    if found.as_bytes() == digits {
        Ok(())
    } else {
        Err(format!(
            "its checksum is {found}, but it says {}",
            String::from_utf8_lossy(digits)
        ))
    }
}

fn digits_at(bytes: &[u8]) -> Option<usize> {
    // A cell of the table may hold the mark too: take the one outside the data.
    let mut windows = bytes.windows(MARK.len());
    let at = if bytes.starts_with(b"#") {
        windows.position(|window| window == MARK)
    } else {
        windows.rposition(|window| window == MARK)
    }?;
    Some(at + MARK.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let sealed = close(format!("head {BLANK} tail of the file").into_bytes()).unwrap();
        assert_eq!(check(&sealed), Ok(()));
        for bit in 0..8 * sealed.len() {
            let mut bytes = sealed.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(check(&bytes).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(check(&sealed[..length]).is_err(), "length {length}");
        }
    }

    #[test]
    fn a_mark_among_the_data_is_left_alone() {
        for text in [format!("# {BLANK}\n{BLANK}"), format!("{BLANK} {BLANK}")] {
            let sealed = String::from_utf8(close(text.clone().into_bytes()).unwrap()).unwrap();
            assert!(sealed.contains(BLANK), "{sealed}");
            assert_eq!(check(sealed.as_bytes()), Ok(()));
        }
    }

    #[test]
    fn a_file_without_a_blank_cannot_be_sealed() {
        assert_eq!(close(b"nothing".to_vec()), None);
    }
}
