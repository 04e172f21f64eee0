//! The MNIST database, and sets published in its format (Fashion-MNIST, Kuzushiji-MNIST): IDX files.

use std::path::Path;

use super::file::{Found, Source};
use super::labelled::{Labelled, Split};
use base::error::Result;

const ORIGIN: &str = "MNIST is four IDX files (training and test images and labels), published by LeCun, Cortes and \
                      Burges, usually packed by gzip; Fashion-MNIST has the same names and format";
const CLASSES: usize = 10;

/// What an IDX file of bytes starts with: 0, 0, 8 for unsigned bytes, and the number of dimensions.
const IMAGES: u32 = 0x0000_0803;
const LABELS: u32 = 0x0000_0801;

/// Reads `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`
/// (or with a dot before `idx`) from `folder`: shape `[1, height, width]`, pixels divided by 255, ten classes.
///
/// # Errors
/// A file is missing, does not start as its kind of IDX file does, or does not hold what its header says; images and
/// labels, or training and test images, do not fit together; a label is above 9.
pub fn read(folder: &Path) -> Result<Split> {
    let source = Source {
        folder,
        inside: &[],
        origin: ORIGIN,
    };
    let train = part(&source, "train", "training")?;
    let test = part(&source, "t10k", "test")?;
    if train.shape != test.shape {
        return Err(source.damaged(
            folder,
            format_args!(
                "training images of shape {:?} and test images of shape {:?} are not of one set",
                train.shape, test.shape
            ),
        ));
    }
    Ok(Split { train, test })
}

fn part(source: &Source, prefix: &str, called: &str) -> Result<Labelled> {
    let find = |kind: &str, what: &str| {
        let names = ['-', '.'].map(|mark| format!("{prefix}-{kind}{mark}{what}-ubyte"));
        let what = format!("the {called} {kind} of MNIST in IDX format");
        source.read(&[&names[0], &names[1]], &what)
    };
    let (images, labels) = (find("images", "idx3")?, find("labels", "idx1")?);
    let ([n, height, width], pixels) = body(source, &images, IMAGES)?;
    let ([count], classes) = body(source, &labels, LABELS)?;
    if n != count {
        return Err(source.damaged(
            &labels.path,
            format_args!(
                "{count} labels for the {n} images of {}",
                images.path.display()
            ),
        ));
    }
    if let Some(i) = classes.iter().position(|y| usize::from(*y) >= CLASSES) {
        return Err(source.damaged(
            &labels.path,
            format_args!("label {i} is {}, expected 0 to 9", classes[i]),
        ));
    }
    Labelled::new(
        vec![1, height, width],
        pixels
            .iter()
            .map(|pixel| f32::from(*pixel) / 255.0)
            .collect(),
        classes.iter().map(|label| u32::from(*label)).collect(),
        CLASSES,
    )
}

/// The dimensions and bytes of an IDX file that starts with `magic`.
fn body<'a, const D: usize>(
    source: &Source,
    file: &'a Found,
    magic: u32,
) -> Result<([usize; D], &'a [u8])> {
    let (words, _) = file.bytes.as_chunks::<4>();
    let header = 4 * (1 + D);
    if words.len() <= D {
        return Err(source.damaged(
            &file.path,
            format_args!(
                "{} bytes, too few for the {header} bytes of its header",
                file.bytes.len()
            ),
        ));
    }
    let found = u32::from_be_bytes(words[0]);
    if found != magic {
        let packed = if file.bytes.starts_with(&[0x1f, 0x8b]) {
            ": it is packed by gzip; unpack it first"
        } else {
            ""
        };
        return Err(source.damaged(
            &file.path,
            format_args!("starts with {found:#010x}, expected {magic:#010x}{packed}"),
        ));
    }
    let mut dimensions = [0; D];
    for (dimension, word) in dimensions.iter_mut().zip(&words[1..]) {
        *dimension = u32::from_be_bytes(*word) as usize;
    }
    let held = file.bytes.len() - header;
    let expected = dimensions
        .iter()
        .try_fold(1usize, |product, d| product.checked_mul(*d));
    if expected != Some(held) {
        return Err(source.damaged(
            &file.path,
            format_args!(
                "holds {held} bytes after its header, which announces {}",
                dimensions.map(|d| d.to_string()).join(" × ")
            ),
        ));
    }
    Ok((dimensions, &file.bytes[header..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::error::Error;
    use tempfile::TempDir;

    fn idx(magic: u32, dimensions: &[u32], bytes: &[u8]) -> Vec<u8> {
        let header = std::iter::once(&magic).chain(dimensions);
        let mut file: Vec<u8> = header.flat_map(|word| word.to_be_bytes()).collect();
        file.extend_from_slice(bytes);
        file
    }

    /// Three training images and one test image of 2 × 3 pixels.
    fn written() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let pixels: Vec<u8> = (0..18).map(|i| 15 * i).collect();
        for (name, bytes) in [
            ("train-images-idx3-ubyte", idx(IMAGES, &[3, 2, 3], &pixels)),
            ("train-labels-idx1-ubyte", idx(LABELS, &[3], &[7, 0, 9])),
            (
                "t10k-images.idx3-ubyte",
                idx(IMAGES, &[1, 2, 3], &pixels[12..]),
            ),
            ("t10k-labels.idx1-ubyte", idx(LABELS, &[1], &[4])),
        ] {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    #[test]
    fn what_was_written_is_read() {
        let split = read(written().path()).unwrap();
        assert_eq!(split.train.shape, [1, 2, 3]);
        assert_eq!(split.train.labels, [7, 0, 9]);
        assert_eq!(split.test.labels, [4]);
        assert_eq!(split.train.classes, 10);
        // Byte 17 is 255.
        assert_eq!(split.train.example(2)[5], 1.0);
        assert_eq!(split.train.example(0)[1], 15.0 / 255.0);
        assert_eq!(split.test.example(0), split.train.example(2));
    }

    #[test]
    fn damage_is_named() {
        let pixels = [0; 18];
        for (name, bytes, says) in [
            (
                "train-images-idx3-ubyte",
                idx(LABELS, &[3, 2, 3], &pixels),
                "0x00000801, expected 0x00000803",
            ),
            (
                "train-images-idx3-ubyte",
                idx(IMAGES, &[3, 2, 3], &pixels[1..]),
                "holds 17 bytes after its header, which announces 3 × 2 × 3",
            ),
            (
                "train-images-idx3-ubyte",
                idx(IMAGES, &[3, 2, 2], &pixels),
                "3 × 2 × 2",
            ),
            (
                "train-images-idx3-ubyte",
                idx(IMAGES, &[u32::MAX; 3], &pixels),
                "4294967295",
            ),
            ("train-images-idx3-ubyte", vec![0; 7], "too few"),
            (
                "train-images-idx3-ubyte",
                vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                "gzip",
            ),
            (
                "train-labels-idx1-ubyte",
                idx(LABELS, &[2], &[0, 1]),
                "2 labels for the 3 images",
            ),
            (
                "train-labels-idx1-ubyte",
                idx(LABELS, &[3], &[0, 1, 10]),
                "label 2 is 10, expected 0 to 9",
            ),
            (
                "t10k-images.idx3-ubyte",
                idx(IMAGES, &[1, 3, 2], &pixels[..6]),
                "not of one set",
            ),
        ] {
            let folder = written();
            std::fs::write(folder.path().join(name), bytes).unwrap();
            let error = read(folder.path()).unwrap_err();
            assert!(matches!(error, Error::Input(_)));
            let text = error.to_string();
            assert!(text.contains(says), "{says}: {text}");
        }
    }

    #[test]
    fn missing_files_are_named_and_packed_ones_recognised() {
        let folder = written();
        let path = folder.path().join("t10k-labels.idx1-ubyte");
        std::fs::rename(&path, folder.path().join("t10k-labels-idx1-ubyte.gz")).unwrap();
        let text = read(folder.path()).unwrap_err().to_string();
        assert!(text.contains("gunzip"), "{text}");
        std::fs::remove_file(folder.path().join("t10k-labels-idx1-ubyte.gz")).unwrap();
        let text = read(folder.path()).unwrap_err().to_string();
        assert!(
            text.contains("no file t10k-labels-idx1-ubyte or t10k-labels.idx1-ubyte"),
            "{text}"
        );
        assert!(text.contains("the test labels of MNIST"), "{text}");
    }
}
