//! `kramers describe` and `kramers list papers`: what claims and papers say.

use serde_json::{Value, json};

use super::Program;
use super::catalogue::Catalogue;
use super::stdout::say;
use base::error::Result;
use experiment::paper::{Paper, Papers};
use report::bibliography::Published;
use verdict::Claim;

/// Prints what a claim or a paper says.
///
/// # Errors
/// There is none of that name.
pub fn command(program: &Program, name: &str, as_json: bool) -> Result<()> {
    let catalogue = program.catalogue()?;
    let papers = &catalogue.papers;
    if let Some(found) = papers.claim(name) {
        if as_json {
            say!("{:#}", json!(found));
        } else {
            claim(found, papers);
        }
        return Ok(());
    }
    let found = papers.paper(name).ok_or_else(|| papers.unknown(name))?;
    if as_json {
        say!("{:#}", document(&catalogue, found));
    } else {
        paper(&catalogue, found);
    }
    Ok(())
}

/// Prints every paper: its key, title, number of claims and experiments.
///
/// # Errors
/// A paper that the program carries cannot be read.
pub fn list(program: &Program, as_json: bool) -> Result<()> {
    let catalogue = program.catalogue()?;
    let papers = &catalogue.papers;
    if as_json {
        let all: Vec<Value> = papers.all().map(|p| document(&catalogue, p)).collect();
        say!("{:#}", json!(all));
        return Ok(());
    }
    for paper in papers.all() {
        let files = experiments(&catalogue, paper);
        say!("{:6} {}", paper.key, paper.title);
        say!(
            "{:6} {}, {}: {}",
            "",
            counted(paper.claims.len(), "claim"),
            counted(files.len(), "experiment"),
            files.join(", ")
        );
    }
    Ok(())
}

fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// The files of a paper's folder.
fn experiments(catalogue: &Catalogue, paper: &Paper) -> Vec<&'static str> {
    let all = catalogue.experiments.iter().map(|shipped| shipped.path);
    all.filter(|path| path.split('/').next() == Some(&paper.folder))
        .collect()
}

fn document(catalogue: &Catalogue, paper: &Paper) -> Value {
    json!({
        "key": paper.key,
        "title": paper.title,
        "folder": paper.folder,
        "claims": paper.claims,
        "experiments": experiments(catalogue, paper),
        "bibtex": paper.work.as_ref().map(|work| work.bibtex()),
    })
}

/// A line with its heading; none where there is nothing to say.
fn line(heading: &str, text: &str) {
    if !text.is_empty() {
        say!("  {heading:12} {text}");
    }
}

fn claim(claim: &Claim, papers: &Papers) {
    say!("{}  {}", claim.id, claim.statement);
    let paper = papers.paper(&claim.paper).map_or("", |p| p.title.as_str());
    let place = match claim.place.as_str() {
        "" => String::new(),
        place => format!(", {place}"),
    };
    line("paper", &format!("{paper}{place}"));
    line("exact", &claim.exact);
    line("holds", &claim.regime);
    line("predicts", claim.predicts.as_deref().unwrap_or(""));
    line("conditions", &claim.holds.join(", "));
    let status = match claim.why.as_str() {
        "" => claim.status.words().to_string(),
        why => format!("{}: {why}", claim.status.words()),
    };
    line("status", &status);
    let files: Vec<String> = claim.files().map(|f| format!("experiments/{f}")).collect();
    line("experiment", &files.join(", "));
    line("needs", &claim.needs.join(", "));
}

fn paper(catalogue: &Catalogue, paper: &Paper) {
    say!("{}  {}", paper.key, paper.title);
    if let Some(work) = &paper.work {
        let place = match &work.published {
            Published::Venue(name) | Published::Journal(name) => format!("{name}, "),
            Published::Elsewhere => String::new(),
        };
        line("authors", &work.authors.join("; "));
        line("published", &format!("{place}{}", work.year));
        line("cited as", &work.key);
    }
    for work in &paper.others {
        line(&work.key, &format!("{}, {}", work.plain_title(), work.year));
    }
    for claim in &paper.claims {
        line(&claim.id, &claim.statement);
    }
    for file in experiments(catalogue, paper) {
        line("experiment", &format!("experiments/{file}"));
    }
}
