//! The record: what one experiment leaves behind, in memory and on disk.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::bibliography::Work;
use crate::figure::Figure;
use crate::manifest::Manifest;
use crate::table::{self, Table};
use crate::verdicts::Verdicts;
use crate::{atomic, draw, estimates, name, npz, seal};
use base::error::{Error, Result};
use measurement::reading::Reading;

const MANIFEST: &str = "manifest.json";
const VERDICTS: &str = "verdicts.json";
/// Its figures, as data.
pub const FIGURES: &str = "figures.json";
const TEXT: &str = "text.json";

/// One experiment: what was run, what was seen, what follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What was run, where, for how long.
    pub manifest: Manifest,
    /// What was simulated, as finely as the protocol keeps it: a row per particle, run, look or mean.
    pub samples: Table,
    /// Whole paths of some particles, where the file keeps them.
    pub paths: Option<Table>,
    /// What was measured, and what is known: a row per cell, quantity and whatever axes it has beside.
    pub estimates: Vec<Reading>,
    /// Rulings and self-checks.
    pub verdicts: Verdicts,
    /// Figures, as data.
    pub figures: Vec<Figure>,
    /// The words of the report.
    pub text: Text,
}

/// What the report says beside tables and figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// The claims this experiment decides, each in words.
    pub statements: Vec<Statement>,
    /// In what the set-up is not the paper's, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departures: Vec<String>,
    /// What was run, what follows.
    pub sections: Vec<Section>,
    /// The works it cites that the program does not carry, so that a report needs the record alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub works: Vec<Work>,
}

/// A claim in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// The claim's id, as in its rulings.
    pub id: String,
    /// What the experiment examines, e.g. `Adaptive Inertia (Xie et al. 2022), Fig. 6`.
    pub paper: String,
    /// Where in its paper the claim stands; empty for a claim of the file's own.
    #[serde(default)]
    pub place: String,
    /// What it says.
    pub statement: String,
    /// Of a statement that the paper does not print: from what it is derived, and how.
    #[serde(default)]
    pub derived: String,
    /// What holds exactly in its place or beside it; empty where nothing is known.
    #[serde(default)]
    pub exact: String,
    /// Where it holds.
    #[serde(default)]
    pub holds: String,
}

/// A heading and what stands under it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// E.g. `What was run`.
    pub heading: String,
    /// Plain text, one string per paragraph.
    pub paragraphs: Vec<String>,
}

impl Record {
    /// Writes the record to `dir`. The manifest comes last and carries the checksums of the other
    /// files, and its own, so a folder with a half-written record is refused by [`Record::load`].
    ///
    /// # Errors
    /// If a table is ragged, or a file cannot be written.
    pub fn save(&self, dir: &Path) -> Result<()> {
        let mut manifest = self.manifest.clone();
        manifest.files.clear();
        let contents = [
            (FIGURES.to_owned(), to_json(FIGURES, &self.figures)?),
            (tabular("samples"), table::encode(&self.samples)?),
            (tabular("estimates"), estimates::encode(&self.estimates)?),
            (VERDICTS.to_owned(), to_json(VERDICTS, &self.verdicts)?),
            (TEXT.to_owned(), to_json(TEXT, &self.text)?),
        ];
        let paths = self.paths.as_ref().map(table::encode).transpose()?;
        let paths = paths.map(|bytes| (tabular("paths"), bytes));
        for (name, bytes) in contents.into_iter().chain(paths) {
            atomic::write(&dir.join(&name), &bytes)?;
            manifest.files.insert(name, checksum(&bytes));
        }
        let sealed = seal::json(&manifest)
            .map_err(|reason| Error::Failed(format!("cannot encode {MANIFEST}: {reason}")))?;
        atomic::write(&dir.join(MANIFEST), &sealed)
    }

    /// Reads a record back; `manifest.files` is as on disk.
    ///
    /// # Errors
    /// If a file is missing, or damaged, or does not belong to this manifest, or is of another version
    /// of the lab: it is named, and nothing is used.
    pub fn load(dir: &Path) -> Result<Record> {
        let before = atomic::read(&manifest(dir)).ok();
        Record::load_once(dir).or_else(|error| {
            // A run may have put another record in the place of this one meanwhile.
            if atomic::read(&manifest(dir)).ok() == before {
                Err(error)
            } else {
                Record::load(dir)
            }
        })
    }

    fn load_once(dir: &Path) -> Result<Record> {
        let manifest = Manifest::load(dir)?;
        let json = |name| fetch(dir, &manifest, name);
        let table = |stem| -> Result<Table> {
            let name = tabular(stem);
            table::decode(&dir.join(&name), fetch(dir, &manifest, &name)?)
        };
        let estimates =
            estimates::from_table(&table("estimates")?, &dir.join(tabular("estimates")))?;
        let figures: Vec<Figure> = from_json(&dir.join(FIGURES), &json(FIGURES)?)?;
        for figure in &figures {
            name::figure(&figure.name).map_err(|what| refused(&dir.join(FIGURES), &what))?;
        }
        Ok(Record {
            samples: table("samples")?,
            paths: match manifest.files.contains_key(&tabular("paths")) {
                true => Some(table("paths")?),
                false => None,
            },
            estimates,
            verdicts: from_json(&dir.join(VERDICTS), &json(VERDICTS)?)?,
            figures,
            text: from_json(&dir.join(TEXT), &json(TEXT)?)?,
            manifest,
        })
    }
}

impl Manifest {
    /// Reads the manifest of the record in `dir`.
    ///
    /// # Errors
    /// It is missing, damaged, of another version of the lab, or its name leads elsewhere.
    pub fn load(dir: &Path) -> Result<Manifest> {
        let path = manifest(dir);
        let bytes = atomic::read(&path)?;
        seal::check(&bytes).map_err(|what| damaged(&path, what))?;
        let manifest: Manifest = from_json(&path, &bytes)?;
        name::experiment(&manifest.name).map_err(|what| refused(&path, &what))?;
        if manifest.version != env!("CARGO_PKG_VERSION") {
            return Err(Error::Input(format!(
                "{} is of kramers {}, and this is {}, whose numbers may differ; use that version, or run the experiment again with --force",
                path.display(),
                manifest.version,
                env!("CARGO_PKG_VERSION")
            )));
        }
        Ok(manifest)
    }
}

/// The file of the folder that makes it a record.
pub fn manifest(dir: &Path) -> PathBuf {
    dir.join(MANIFEST)
}

/// Whether a file of this name in a record's folder is part of the record, figures apart.
pub fn is_file_of_one(name: &str) -> bool {
    let tables = ["samples", "estimates", "paths"];
    [MANIFEST, VERDICTS, FIGURES, TEXT, npz::FILE].contains(&name)
        || name.starts_with(atomic::UNFINISHED)
        || ["parquet", "csv"].iter().any(|suffix| {
            let stem = name.strip_suffix(suffix).and_then(|s| s.strip_suffix('.'));
            stem.is_some_and(|stem| tables.contains(&stem))
        })
}

/// The files that the figures of the record in `dir` are drawn to; none where it cannot be read.
pub fn figure_files(dir: &Path) -> Vec<String> {
    let bytes = atomic::read(&dir.join(FIGURES)).unwrap_or_default();
    let figures: Vec<Figure> = serde_json::from_slice(&bytes).unwrap_or_default();
    let names = figures.iter().map(|figure| &figure.name);
    names.flat_map(|name| draw::files(name)).collect()
}

/// The refusal of a file of a record whose content cannot be trusted.
pub(super) fn damaged(path: &Path, what: impl std::fmt::Display) -> Error {
    Error::Failed(format!(
        "{} is damaged: {what}; run the experiment again with --force, which replaces the record",
        path.display()
    ))
}

fn refused(path: &Path, what: &str) -> Error {
    Error::Input(format!(
        "{}: {what}; this is no record that kramers wrote",
        path.display()
    ))
}

fn tabular(stem: &str) -> String {
    format!("{stem}.{}", table::EXTENSION)
}

fn checksum(bytes: &[u8]) -> String {
    format!("{:08x}", crc32fast::hash(bytes))
}

fn fetch(dir: &Path, manifest: &Manifest, name: &str) -> Result<Vec<u8>> {
    let path = dir.join(name);
    let Some(expected) = manifest.files.get(name) else {
        let known: Vec<&str> = manifest.files.keys().map(String::as_str).collect();
        return Err(Error::Failed(format!(
            "{} lists no {name} (it lists {}): this build reads {} tables; use the build that wrote the record",
            dir.join(MANIFEST).display(),
            known.join(", "),
            table::EXTENSION
        )));
    };
    let bytes = atomic::read(&path)?;
    let found = checksum(&bytes);
    if found != *expected {
        let what = format!("its checksum is {found}, but {MANIFEST} says {expected}");
        return Err(damaged(&path, what));
    }
    Ok(bytes)
}

fn to_json<T: Serialize>(name: &str, value: &T) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .map_err(|reason| Error::Failed(format!("cannot encode {name}: {reason}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn from_json<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|reason| damaged(path, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_record_comes_back_and_its_bytes_are_always_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let written = fixture::record();
        written.save(folder.path()).unwrap();
        let mut read = Record::load(folder.path()).unwrap();
        assert_eq!(read.manifest.files.len(), 5);
        let again = tempfile::tempdir().unwrap();
        read.save(again.path()).unwrap();
        for name in read
            .manifest
            .files
            .keys()
            .map(String::as_str)
            .chain([MANIFEST])
        {
            let bytes = |folder: &Path| std::fs::read(folder.join(name)).unwrap();
            assert!(bytes(folder.path()) == bytes(again.path()), "{name}");
        }
        read.manifest.files.clear();
        assert_eq!(read, written);
    }

    #[test]
    fn a_damaged_record_is_named_and_refused() {
        let folder = tempfile::tempdir().unwrap();
        fixture::record().save(folder.path()).unwrap();
        let names = [tabular("samples"), tabular("estimates")];
        let names = names
            .iter()
            .map(String::as_str)
            .chain([VERDICTS, FIGURES, TEXT, MANIFEST]);
        for name in names {
            let path = folder.path().join(name);
            let whole = std::fs::read(&path).unwrap();
            let mut changed = whole.clone();
            // A digit, a letter, or a bracket: what matters is that one byte differs.
            changed[0] ^= 1;
            for bytes in [&whole[..whole.len() / 2], &changed] {
                std::fs::write(&path, bytes).unwrap();
                let message = Record::load(folder.path()).unwrap_err().to_string();
                assert!(
                    message.contains(name) && message.contains("is damaged"),
                    "{message}"
                );
                assert!(message.contains("--force"), "{message}");
            }
            std::fs::remove_file(&path).unwrap();
            let message = Record::load(folder.path()).unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
            std::fs::write(&path, whole).unwrap();
        }
        Record::load(folder.path()).unwrap();
    }

    /// A digit of a rate, a letter of a name, a brace: whatever is changed, the record is refused.
    #[test]
    fn every_byte_of_the_manifest_is_sealed() {
        let folder = tempfile::tempdir().unwrap();
        fixture::record().save(folder.path()).unwrap();
        let path = manifest(folder.path());
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            std::fs::write(&path, changed).unwrap();
            assert!(Manifest::load(folder.path()).is_err(), "byte {at}");
        }
    }

    /// Whoever sends a record may seal what they like.
    #[test]
    fn names_that_lead_elsewhere_and_other_versions_are_refused() {
        let mut figure = fixture::record();
        figure.figures[0].name = "../x".into();
        let mut name = fixture::record();
        name.manifest.name = "/tmp/x".into();
        let mut version = fixture::record();
        version.manifest.version = "9.9.9".into();
        for (record, wanted) in [
            (figure, "figures.json: `../x` names a file or folder"),
            (name, "manifest.json: `/tmp/x` names a file or folder"),
            (version, "manifest.json is of kramers 9.9.9"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            record.save(folder.path()).unwrap();
            let error = Record::load(folder.path()).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains(wanted), "{error}");
        }
    }

    #[test]
    fn files_of_two_runs_are_not_mixed() {
        let folder = tempfile::tempdir().unwrap();
        let mut record = fixture::record();
        record.save(folder.path()).unwrap();
        let old = std::fs::read(folder.path().join(MANIFEST)).unwrap();
        record.verdicts.claims.clear();
        record.save(folder.path()).unwrap();
        std::fs::write(folder.path().join(MANIFEST), old).unwrap();
        let message = Record::load(folder.path()).unwrap_err().to_string();
        assert!(message.contains(VERDICTS), "{message}");
    }
}
