//! The gallery: every figure of some records with its caption, in one folder with an index.

use std::path::{Path, PathBuf};

use crate::markdown::escape;
use crate::record::Record;
use crate::summary::claims;
use crate::{atomic, draw, own};
use base::error::Result;

/// The page that shows them all.
pub const INDEX: &str = "README.md";

/// Every file that [`write()`] writes.
pub fn files(folder: &Path, records: &[Record]) -> Vec<PathBuf> {
    let stems = records
        .iter()
        .flat_map(|record| record.figures.iter().map(|f| stem(record, &f.name)));
    let drawn = stems.flat_map(|stem| draw::files(&stem));
    let all = drawn.chain([INDEX.to_string()]);
    all.map(|name| folder.join(name)).collect()
}

/// Draws every figure into `folder` as SVG and PNG and writes the index, `folder/README.md`. Names
/// are `<experiment>-<figure>`, so that two experiments may have figures of one name.
///
/// # Errors
/// If a file cannot be written.
pub fn write(folder: &Path, records: &[Record]) -> Result<()> {
    for record in records {
        for figure in &record.figures {
            let mut named = figure.clone();
            named.name = stem(record, &figure.name);
            draw::write(folder, &named)?;
        }
    }
    atomic::write(&folder.join(INDEX), &own::markdown(&index(records)))
}

fn stem(record: &Record, figure: &str) -> String {
    format!("{}-{figure}", record.manifest.name)
}

fn index(records: &[Record]) -> String {
    let mut text = String::from(
        "# Figures\n\nEach is made from the record of its experiment by `kramers report`, with no new simulation.\n",
    );
    for record in records.iter().filter(|record| !record.figures.is_empty()) {
        let manifest = &record.manifest;
        text.push_str(&format!(
            "\n## {}\n\n{}",
            escape(&manifest.name),
            escape(&manifest.source)
        ));
        text.push_str(&format!(
            " · scale {} · seed {}\n",
            escape(&manifest.scale),
            manifest.seed
        ));
        for claim in claims(std::slice::from_ref(record)) {
            let verdict = claim.overall.word();
            text.push_str(&format!("\n- {}: **{verdict}**", escape(claim.id)));
        }
        if !record.verdicts.claims.is_empty() {
            text.push('\n');
        }
        for figure in &record.figures {
            let stem = stem(record, &figure.name);
            text.push_str(&format!("\n![{stem}]({stem}.svg)\n\n"));
            text.push_str(&format!(
                "{} ([PNG]({stem}.png))\n",
                escape(&figure.caption)
            ));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn every_link_of_the_index_leads_to_a_file() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[fixture::record()]).unwrap();
        let index = std::fs::read_to_string(folder.path().join("README.md")).unwrap();
        let links: Vec<&str> = index
            .split("](")
            .skip(1)
            .map(|rest| rest.split(')').next().unwrap())
            .collect();
        assert_eq!(links.len(), 2 * fixture::record().figures.len());
        for link in links {
            assert!(folder.path().join(link).exists(), "{link}");
        }
        for figure in fixture::record().figures {
            assert!(index.contains(&figure.caption), "{}", figure.name);
        }
    }
}
