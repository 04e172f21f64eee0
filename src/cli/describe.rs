//! `kramers describe` and `kramers list papers`: what claims, papers and the names of files say.

use serde_json::{Value, json};

use super::Program;
use super::catalogue::Catalogue;
use super::named::{self, Named};
use super::stdout::say;
use base::error::{Error, Result};
use experiment::paper::{Paper, Papers};
use experiment::spec::{did_you_mean, nearest};
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
    if name == "reference" {
        let text = named::reference(&catalogue)?;
        say!("{}", text.trim_end());
        return Ok(());
    }
    let Some(found) = papers.paper(name) else {
        return a_name(&catalogue, name, as_json);
    };
    if as_json {
        say!("{:#}", document(&catalogue, found));
    } else {
        paper(&catalogue, found);
    }
    Ok(())
}

/// Prints what a name means that files may use.
fn a_name(catalogue: &Catalogue, name: &str, as_json: bool) -> Result<()> {
    let mut known = Vec::new();
    let mut any = false;
    for kind in named::KINDS {
        for named in named::group(catalogue, kind)?.names {
            let short = named.name.split('(').next().unwrap_or_default().to_string();
            if named.name != name && short != name {
                known.push(short);
                continue;
            }
            any = true;
            if as_json {
                say!("{:#}", json!({ "kind": kind, "entry": named }));
            } else {
                say!(
                    "{} ({})  {}",
                    named.name,
                    kind.trim_end_matches('s'),
                    named.meaning
                );
                details(&named);
            }
        }
    }
    if any {
        return Ok(());
    }
    let papers = &catalogue.papers;
    let papers = papers
        .all()
        .map(|p| p.key.as_str())
        .chain(papers.claims().map(|c| c.id.as_str()));
    let hint = nearest(name, papers.chain(known.iter().map(String::as_str)))
        .map_or(".".into(), did_you_mean);
    Err(Error::Input(format!(
        "there is no claim, paper or name `{name}`{hint} `kramers list` and `kramers claims` have them all"
    )))
}

/// Where a name comes from, and its keys.
pub fn details(named: &Named) {
    for said in &named.more {
        say!("{:18} {said}", "");
    }
    for key in &named.keys {
        let place = match key.section.as_str() {
            "" => key.name.clone(),
            section => format!("{section}.{}", key.name),
        };
        say!("{:20} {place:28} {}", "", named::takes(key));
        if !key.meaning.is_empty() {
            say!("{:20} {:28} {}", "", "", key.meaning);
        }
    }
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
