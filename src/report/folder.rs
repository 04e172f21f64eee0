//! A folder of records, and the reports made from it.

use std::path::{Path, PathBuf};

use crate::bibliography::Work;
use crate::place::Place;
use crate::record::{Record, manifest};
use crate::{atomic, draw, html, markdown, own};
use base::error::{Error, Result};

/// What there is to do beside replacing a file.
const WAYS: &str = "or give another folder with --out";

/// Loads every record in the subfolders of `dir`, by name.
///
/// # Errors
/// If there is none, or one is damaged.
pub fn load(dir: &Path) -> Result<Vec<Record>> {
    let cannot = |source: std::io::Error| {
        Error::Input(format!(
            "cannot read the folder {}: {source}; give the one that --out named",
            dir.display()
        ))
    };
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        // What begins with a dot is being written, or is the remainder of that.
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && manifest(&entry.path()).exists() {
            folders.push(entry.path());
        }
    }
    folders.sort();
    if folders.is_empty() {
        return Err(Error::Input(format!(
            "{} holds no record (a folder with a manifest.json): give the folder that --out named",
            dir.display()
        )));
    }
    folders
        .iter()
        .map(|folder| {
            let record = Record::load(folder)?;
            let name = &record.manifest.name;
            if folder.file_name() == Some(name.as_ref()) {
                return Ok(record);
            }
            Err(Error::Input(format!(
                "{} holds the record of {name}: rename the folder to {name}, or move it to a results folder of its own",
                folder.display()
            )))
        })
        .collect()
}

/// The pages of a results folder.
const PAGES: [&str; 2] = ["report.md", "report.html"];

/// Refuses where [`write_report`] would replace a page that is not the program's own.
///
/// # Errors
/// There is one: which.
pub fn spare_report(out: &Path) -> Result<()> {
    own::spare(PAGES.map(|name| out.join(name)), WAYS)
}

/// The same of [`write_figures`].
///
/// # Errors
/// There is such a figure: which.
pub fn spare_figures(out: &Path, records: &[Record]) -> Result<()> {
    let files = |record: &Record| {
        let folder = out.join(&record.manifest.name);
        let figures: Vec<PathBuf> = record
            .figures
            .iter()
            .flat_map(|figure| draw::files(&figure.name))
            .map(|name| folder.join(name))
            .collect();
        figures
    };
    own::spare(records.iter().flat_map(files), WAYS)
}

/// Writes each record's figures to `out/<experiment>/`.
///
/// # Errors
/// If a run writes there, or a file cannot be written.
pub fn write_figures(out: &Path, records: &[Record]) -> Result<()> {
    for record in records {
        let place = Place::take(out, &record.manifest.name)?;
        for figure in &record.figures {
            draw::write(&place.folder(), figure)?;
        }
    }
    Ok(())
}

/// Writes `report.html` and `report.md` to `out`; `works` are those that records may cite beside their own.
///
/// # Errors
/// If a file cannot be written.
pub fn write_report(out: &Path, records: &[Record], works: &[Work]) -> Result<()> {
    let [table, page] = PAGES.map(|name| out.join(name));
    atomic::write(&table, &own::markdown(&markdown::page(records)))?;
    atomic::write(&page, &own::markup(&html::page(records, works)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_report_is_made_from_what_is_on_disk_and_always_the_same() {
        let out = tempfile::tempdir().unwrap();
        for name in ["b", "a"] {
            let mut record = fixture::record();
            record.manifest.name = name.into();
            record.save(&out.path().join(name)).unwrap();
        }
        let records = load(out.path()).unwrap();
        assert_eq!(
            records
                .iter()
                .map(|r| r.manifest.name.as_str())
                .collect::<Vec<_>>(),
            ["a", "b"]
        );
        let write = |records: &[Record]| {
            write_figures(out.path(), records).unwrap();
            write_report(out.path(), records, &fixture::works()).unwrap();
        };
        write(&records);
        let read = |name: &str| std::fs::read(out.path().join(name)).unwrap();
        let first = [
            "report.html",
            "report.md",
            "a/escape-rate.svg",
            "b/one-point.png",
        ]
        .map(read);
        write(&load(out.path()).unwrap());
        let second = [
            "report.html",
            "report.md",
            "a/escape-rate.svg",
            "b/one-point.png",
        ]
        .map(read);
        assert!(first == second);
    }

    #[test]
    fn a_record_in_a_folder_of_another_name_is_refused() {
        let out = tempfile::tempdir().unwrap();
        let record = fixture::record();
        record.save(&out.path().join("renamed")).unwrap();
        let message = load(out.path()).unwrap_err().to_string();
        assert!(message.contains("rename the folder"), "{message}");
    }

    #[test]
    fn a_folder_without_records_says_what_to_give() {
        let out = tempfile::tempdir().unwrap();
        assert_eq!(load(out.path()).unwrap_err().exit_code(), 2);
        let missing = load(&out.path().join("nowhere")).unwrap_err().to_string();
        assert!(missing.contains("nowhere"), "{missing}");
    }

    #[test]
    #[ignore = "writes a page for a person to look at"]
    fn a_page_to_look_at() {
        let out = std::env::temp_dir().join("kramers-page");
        write_report(&out, &[fixture::record()], &fixture::works()).unwrap();
    }
}
