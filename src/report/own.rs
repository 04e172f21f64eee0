//! Pages and pictures, which anybody may put elsewhere, change or replace: each carries its checksum, so that it can be
//! told from a file of the user's, or from one that the user has changed.

use std::path::{Path, PathBuf};

use super::{atomic, seal};
use base::error::{Error, Result};
use base::shown;

/// The chunk that ends every PNG: no data, its name, its own checksum.
const END: &[u8] = b"\0\0\0\0IEND\xAE\x42\x60\x82";

/// What comes before the digits in the text chunk of a sealed PNG: its length, its name, the keyword.
const CHUNK: &[u8] = b"\0\0\0\x16tEXtkramers-crc32\0";

/// Markdown with its checksum behind the first line, where no text of a record can be taken for it.
pub fn markdown(text: &str) -> Vec<u8> {
    let (title, rest) = text.split_once('\n').unwrap_or((text, ""));
    commented(&format!("{title}\n\n"), rest)
}

/// HTML or SVG with its checksum behind the last element.
pub fn markup(text: &str) -> Vec<u8> {
    commented(text, "")
}

fn commented(before: &str, after: &str) -> Vec<u8> {
    let with = |seal: &str| format!("{before}<!-- {seal} -->\n{after}").into_bytes();
    let sum = crc32fast::hash(&with(seal::BLANK));
    with(&seal::BLANK.replace("00000000", &format!("{sum:08x}")))
}

/// A PNG with the checksum of all that comes before in a text chunk at its end; unchanged where it is none.
pub fn picture(mut png: Vec<u8>) -> Vec<u8> {
    if let Some(body) = png.strip_suffix(END) {
        let mut chunk = [CHUNK, format!("{:08x}", crc32fast::hash(body)).as_bytes()].concat();
        // A chunk's own checksum leaves out its length.
        chunk.extend(crc32fast::hash(&chunk[4..]).to_be_bytes());
        png.truncate(body.len());
        png.extend([&chunk, END].concat());
    }
    png
}

/// Whether the file is as the program wrote it.
pub fn is_own(path: &Path) -> bool {
    atomic::read(path).is_ok_and(|bytes| seal::check(&bytes).is_ok() || is_sealed_picture(&bytes))
}

fn is_sealed_picture(bytes: &[u8]) -> bool {
    let chunk = CHUNK.len() + 8 + 4;
    let Some(body) = (bytes.len().checked_sub(chunk + END.len())).map(|n| &bytes[..n]) else {
        return false;
    };
    let whole = [body, END].concat();
    picture(whole) == bytes
}

/// Refuses where one of the files is there and not the program's own; `ways` says what else there is to do.
///
/// # Errors
/// The first of them.
pub fn spare(files: impl IntoIterator<Item = PathBuf>, ways: &str) -> Result<()> {
    for file in files {
        if std::fs::symlink_metadata(&file).is_ok() && !is_own(&file) {
            return Err(foreign(&file, ways));
        }
    }
    Ok(())
}

/// The refusal to replace a file.
pub fn foreign(file: &Path, ways: &str) -> Error {
    Error::Input(format!(
        "{} is there already and not as kramers wrote it, and would be lost; move it away, replace it with --force, {ways}",
        shown::line(&file.display().to_string())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{draw, fixture};

    #[test]
    fn a_file_is_own_until_somebody_changes_it() {
        let folder = tempfile::tempdir().unwrap();
        let figure = &fixture::figures()[0];
        let at = |name: &str| folder.path().join(name);
        draw::write(folder.path(), figure).unwrap();
        let (svg, png) = (
            at(&format!("{}.svg", figure.name)),
            at(&format!("{}.png", figure.name)),
        );
        let page = format!("# Title\n\n{} and more\n", seal::BLANK);
        std::fs::write(at("a.md"), markdown(&page)).unwrap();
        std::fs::write(at("a.html"), markup(&page.replace('#', "<h1>"))).unwrap();
        for path in [svg, png, at("a.md"), at("a.html")] {
            assert!(is_own(&path), "{}", path.display());
            let whole = std::fs::read(&path).unwrap();
            for place in [0, whole.len() / 2, whole.len() - 20, whole.len() - 1] {
                let mut bytes = whole.clone();
                bytes[place] ^= 1;
                std::fs::write(&path, bytes).unwrap();
                assert!(!is_own(&path), "{}, byte {place}", path.display());
            }
            std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
            assert!(!is_own(&path));
            let message = spare([path.clone()], "x").unwrap_err().to_string();
            assert!(message.starts_with(&path.display().to_string()));
        }
        for text in ["", "# mine\n", "mine"] {
            std::fs::write(at("mine.md"), text).unwrap();
            assert!(!is_own(&at("mine.md")));
        }
        assert!(spare([at("nowhere")], "x").is_ok());
    }

    /// The chunks of a sealed picture have the lengths and checksums that the format asks for.
    #[test]
    fn a_sealed_picture_is_a_picture() {
        let png = picture(draw::png(&fixture::figures()[0]).unwrap());
        let mut rest = &png[8..];
        let mut names = Vec::new();
        while !rest.is_empty() {
            let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
            let (chunk, after) = rest[4..].split_at(4 + length);
            assert_eq!(after[..4], crc32fast::hash(chunk).to_be_bytes());
            names.push(String::from_utf8_lossy(&chunk[..4]).into_owned());
            rest = &after[4..];
        }
        assert_eq!(names[names.len() - 2..], ["tEXt", "IEND"]);
    }
}
