//! The Penn Treebank as a text of words, in Mikolov's preparation.

use std::collections::HashMap;
use std::path::Path;

use super::file::{Found, Source};
use base::error::Result;

const ORIGIN: &str = "the set is the Penn Treebank in Mikolov's preparation (10 000 words, ptb.train.txt, \
                      ptb.valid.txt and ptb.test.txt), which comes in the folder simple-examples/data of his \
                      archive of examples for recurrent language models";

/// The token that ends a line.
pub const END: &str = "<eos>";
/// The word that stands for all words outside the vocabulary.
pub const UNKNOWN: &str = "<unk>";

/// A text as token numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Which words, by their places in the vocabulary.
    pub tokens: Vec<u32>,
    /// The words.
    pub vocabulary: Vec<String>,
}

/// A text in three parts with one vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corpus {
    /// What is trained on; its words are the vocabulary.
    pub train: Text,
    /// What settings are chosen by.
    pub valid: Text,
    /// What is reported on.
    pub test: Text,
}

/// Reads `ptb.train.txt`, `ptb.valid.txt` and `ptb.test.txt` from `folder` or its `simple-examples/data`.
///
/// Words are what spaces divide; every line ends with the token `<eos>`. The vocabulary holds the words of the training
/// part in the order in which they first come. Another part's word that is not among them becomes `<unk>`.
///
/// # Errors
/// A file is missing, empty or not UTF-8, or a word is outside a vocabulary that has no `<unk>`.
pub fn read(folder: &Path) -> Result<Corpus> {
    let source = Source {
        folder,
        inside: &["simple-examples/data"],
        origin: ORIGIN,
    };
    let find = |part: &str, called: &str| {
        let what = format!("the {called} part of the Penn Treebank, a sentence a line");
        source.read(&[&format!("ptb.{part}.txt")], &what)
    };
    let (train, valid) = (find("train", "training")?, find("valid", "validation")?);
    let test = find("test", "test")?;
    let mut places: HashMap<&str, u32> = HashMap::new();
    let mut words: Vec<&str> = vec![];
    for word in tokens(decoded(&source, &train)?) {
        places.entry(word).or_insert_with(|| {
            words.push(word);
            words.len() as u32 - 1
        });
    }
    let vocabulary: Vec<String> = words.into_iter().map(String::from).collect();
    let numbered = |file: &Found| -> Result<Text> {
        let unknown = places.get(UNKNOWN);
        let tokens = tokens(decoded(&source, file)?)
            .map(|word| {
                places.get(word).or(unknown).copied().ok_or_else(|| {
                    source.damaged(
                        &file.path,
                        format_args!(
                            "the word \"{word}\" is not in the training part, which has no {UNKNOWN} to stand for it"
                        ),
                    )
                })
            })
            .collect::<Result<_>>()?;
        Ok(Text {
            tokens,
            vocabulary: vocabulary.clone(),
        })
    };
    Ok(Corpus {
        train: numbered(&train)?,
        valid: numbered(&valid)?,
        test: numbered(&test)?,
    })
}

fn decoded<'a>(source: &Source, file: &'a Found) -> Result<&'a str> {
    let text = std::str::from_utf8(&file.bytes).map_err(|error| {
        let place = error.valid_up_to();
        source.damaged(&file.path, format_args!("byte {place} is not UTF-8 text"))
    })?;
    if text.trim().is_empty() {
        return Err(source.damaged(&file.path, "holds no word"));
    }
    Ok(text)
}

fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split_whitespace().chain([END]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn written(inside: &str, train: &[u8], valid: &str) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join(inside);
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join("ptb.train.txt"), train).unwrap();
        std::fs::write(place.join("ptb.valid.txt"), valid).unwrap();
        std::fs::write(place.join("ptb.test.txt"), " the end\n").unwrap();
        folder
    }

    #[test]
    fn words_are_numbered_as_they_come() {
        for inside in ["", "simple-examples/data"] {
            let train = b" the cat <unk> the \n end N\n";
            let folder = written(inside, train, "cat dog end\n");
            let corpus = read(folder.path()).unwrap();
            let words = ["the", "cat", "<unk>", "<eos>", "end", "N"];
            assert_eq!(corpus.train.vocabulary, words);
            assert_eq!(corpus.train.tokens, [0, 1, 2, 0, 3, 4, 5, 3]);
            assert_eq!(corpus.valid.tokens, [1, 2, 4, 3]);
            assert_eq!(corpus.test.tokens, [0, 4, 3]);
            assert_eq!(corpus.test.vocabulary, corpus.train.vocabulary);
        }
    }

    #[test]
    fn damage_is_named() {
        for (train, valid, says) in [
            (
                &b"the end"[..],
                "dog\n",
                "\"dog\" is not in the training part",
            ),
            (b"the \xff end", "the\n", "byte 4 is not UTF-8"),
            (b" \n\n", "the\n", "ptb.train.txt: holds no word"),
            (b"the end", "", "ptb.valid.txt: holds no word"),
        ] {
            let text = read(written("", train, valid).path())
                .unwrap_err()
                .to_string();
            assert!(text.contains(says), "{says}: {text}");
        }
        let folder = written("", b"the end", "the\n");
        std::fs::remove_file(folder.path().join("ptb.test.txt")).unwrap();
        let text = read(folder.path()).unwrap_err().to_string();
        for part in [
            "no file ptb.test.txt",
            "simple-examples/data",
            "the test part",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}
