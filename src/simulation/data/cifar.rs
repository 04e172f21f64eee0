//! CIFAR-10 and CIFAR-100 in their binary versions.

use std::path::Path;

use super::file::Source;
use super::labelled::{Labelled, Split};
use base::error::Result;

/// Channels, height and width of every image.
const SHAPE: [usize; 3] = [3, 32, 32];
const PIXELS: usize = 3 * 32 * 32;

/// How one of the two sets lies on disk: records of label bytes, of which the last is the class, and pixels.
struct Version {
    train: &'static [&'static str],
    test: &'static str,
    labels: usize,
    classes: usize,
    folder: &'static str,
    origin: &'static str,
}

const TEN: Version = Version {
    train: &[
        "data_batch_1.bin",
        "data_batch_2.bin",
        "data_batch_3.bin",
        "data_batch_4.bin",
        "data_batch_5.bin",
    ],
    test: "test_batch.bin",
    labels: 1,
    classes: 10,
    folder: "cifar-10-batches-bin",
    origin: "the set is the CIFAR-10 binary version (five training batches and one test batch), published by \
             Krizhevsky, University of Toronto; the Python and Matlab versions are other formats",
};

const HUNDRED: Version = Version {
    train: &["train.bin"],
    test: "test.bin",
    labels: 2,
    classes: 100,
    folder: "cifar-100-binary",
    origin: "the set is the CIFAR-100 binary version (train.bin and test.bin), published by Krizhevsky, University of \
             Toronto; the Python and Matlab versions are other formats",
};

/// CIFAR-10: `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin` from `folder` or its
/// `cifar-10-batches-bin`, any number of images each. Shape `[3, 32, 32]`, pixels divided by 255; 740 MB in memory for
/// the published 60,000.
///
/// # Errors
/// A file is missing or does not hold whole records of 3073 bytes, or a label is above 9.
pub fn ten(folder: &Path) -> Result<Split> {
    TEN.read(folder)
}

/// CIFAR-100 with its fine labels: `train.bin` and `test.bin` from `folder` or its `cifar-100-binary`, any number of
/// images each. Shape `[3, 32, 32]`, pixels divided by 255; 740 MB in memory for the published 60,000.
///
/// # Errors
/// A file is missing or does not hold whole records of 3074 bytes, or a label is above 99.
pub fn hundred(folder: &Path) -> Result<Split> {
    HUNDRED.read(folder)
}

/// How many images CIFAR-10 has to train on in `folder`; `None` where a file is missing.
pub fn ten_size(folder: &Path) -> Option<u64> {
    TEN.size(folder)
}

/// How many images CIFAR-100 has to train on in `folder`; `None` where a file is missing.
pub fn hundred_size(folder: &Path) -> Option<u64> {
    HUNDRED.size(folder)
}

impl Version {
    fn read(&self, folder: &Path) -> Result<Split> {
        let source = self.source(folder);
        Ok(Split {
            train: self.part(&source, self.train, "training")?,
            test: self.part(&source, &[self.test], "test")?,
        })
    }

    fn source<'a>(&'a self, folder: &'a Path) -> Source<'a> {
        Source {
            folder,
            inside: std::slice::from_ref(&self.folder),
            origin: self.origin,
        }
    }

    /// The bytes of a record.
    fn length(&self) -> usize {
        self.labels + PIXELS
    }

    fn size(&self, folder: &Path) -> Option<u64> {
        let source = self.source(folder);
        let lengths = self.train.iter().map(|name| source.length(&[name]));
        let records = lengths.map(|bytes| Some(bytes? / self.length() as u64));
        records.sum()
    }

    fn part(&self, source: &Source, names: &[&str], called: &str) -> Result<Labelled> {
        let length = self.length();
        let (mut inputs, mut labels) = (Vec::new(), Vec::new());
        for name in names {
            let what = format!("{called} images of {length} bytes each");
            let file = source.read(&[name], &what)?;
            let bytes = file.bytes.len();
            if bytes == 0 || bytes % length != 0 {
                return Err(source.damaged(
                    &file.path,
                    format_args!("{bytes} bytes, no whole number of {what}"),
                ));
            }
            inputs.reserve(bytes / length * PIXELS);
            for (i, record) in file.bytes.chunks_exact(length).enumerate() {
                let (classes, pixels) = record.split_at(self.labels);
                let class = u32::from(classes[self.labels - 1]);
                if class as usize >= self.classes {
                    return Err(source.damaged(
                        &file.path,
                        format_args!(
                            "image {i} has label {class}, expected 0 to {}",
                            self.classes - 1
                        ),
                    ));
                }
                labels.push(class);
                inputs.extend(pixels.iter().map(|pixel| f32::from(*pixel) / 255.0));
            }
        }
        Labelled::new(SHAPE.to_vec(), inputs, labels, self.classes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::error::Error;
    use tempfile::TempDir;

    /// `n` records whose k-th has these labels, the last k more, and pixels k + i mod 256.
    fn records(n: usize, labels: &[u8]) -> Vec<u8> {
        let record = |k: usize| {
            let (last, before) = labels.split_last().unwrap();
            let pixels = (0..PIXELS).map(move |i| ((k + i) % 256) as u8);
            let head = before.iter().copied().chain([last + k as u8]);
            head.chain(pixels).collect::<Vec<u8>>()
        };
        (0..n).flat_map(record).collect()
    }

    fn written(version: &Version, inside: &str, [train, test]: [usize; 2]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join(inside);
        std::fs::create_dir_all(&place).unwrap();
        for (i, name) in version.train.iter().enumerate() {
            let mut labels = vec![77; version.labels];
            labels[version.labels - 1] = i as u8;
            let bytes = records(train, &labels);
            std::fs::write(place.join(name), bytes).unwrap();
        }
        let mut labels = vec![77; version.labels];
        labels[version.labels - 1] = 5;
        let bytes = records(test, &labels);
        std::fs::write(place.join(version.test), bytes).unwrap();
        folder
    }

    #[test]
    fn what_was_written_is_read() {
        for inside in ["", TEN.folder] {
            let split = ten(written(&TEN, inside, [2, 3]).path()).unwrap();
            assert_eq!(split.train.shape, SHAPE);
            assert_eq!(split.train.labels, [0, 1, 1, 2, 2, 3, 3, 4, 4, 5]);
            assert_eq!(split.test.labels, [5, 6, 7]);
            // Record 1 of a batch: pixel 254 is 255, and the green plane starts with (1 + 1024) mod 256 = 1.
            assert_eq!(split.train.example(3)[254], 1.0);
            assert_eq!(split.train.example(3)[1024], 1.0 / 255.0);
            assert_eq!(split.train.classes, 10);
        }
    }

    #[test]
    fn fine_labels_are_the_second_byte() {
        for inside in ["", HUNDRED.folder] {
            let folder = written(&HUNDRED, inside, [2, 1]);
            let split = hundred(folder.path()).unwrap();
            assert_eq!(hundred_size(folder.path()), Some(2));
            assert_eq!(split.train.labels, [0, 1]);
            assert_eq!(split.test.labels, [5]);
            assert_eq!(split.test.classes, 100);
            assert_eq!(split.test.example(0)[255], 1.0);
        }
    }

    #[test]
    fn damage_is_named() {
        let refusal = |name: &str, bytes: Vec<u8>| {
            let folder = written(&TEN, "", [2, 3]);
            std::fs::write(folder.path().join(name), bytes).unwrap();
            let error = ten(folder.path()).unwrap_err();
            assert!(matches!(error, Error::Input(_)));
            error.to_string()
        };
        let truncated = refusal("data_batch_3.bin", records(2, &[0])[1..].to_vec());
        assert!(
            truncated.contains(
                "data_batch_3.bin: 6145 bytes, no whole number of training images of 3073 bytes"
            ),
            "{truncated}"
        );
        assert!(truncated.contains("CIFAR-10 binary version"), "{truncated}");
        let none = refusal("test_batch.bin", Vec::new());
        assert!(none.contains("0 bytes, no whole number"), "{none}");
        let label = refusal("data_batch_5.bin", records(2, &[9]));
        assert!(
            label.contains("image 1 has label 10, expected 0 to 9"),
            "{label}"
        );
    }

    #[test]
    fn a_missing_file_is_named() {
        let folder = written(&TEN, "", [2, 3]);
        assert_eq!(ten_size(folder.path()), Some(10));
        std::fs::remove_file(folder.path().join("data_batch_4.bin")).unwrap();
        assert_eq!(ten_size(folder.path()), None);
        let text = ten(folder.path()).unwrap_err().to_string();
        for part in [
            "data_batch_4.bin",
            TEN.folder,
            "training images of 3073 bytes",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}
