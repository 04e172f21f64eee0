//! `kramers describe` and `kramers list papers`: what claims, papers and the names of files say.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Program;
use super::catalogue::Catalogue;
use super::named::{self, Named};
use super::papers::{Here, files, folder_of, path, with_folder};
use super::stdout::say;
use base::error::{Error, Result};
use experiment::paper::{FILE, Paper, Papers};
use experiment::spec::{did_you_mean, nearest};
use report::bibliography::Published;
use verdict::Claim;

/// Prints what a claim, a paper or a name of files says. Of a user's own papers it knows that of `folder`; where the
/// program has no such name, that of the folder `name`, of the folder that is called as the claim's paper, or of this one.
///
/// # Errors
/// There is none of that name, or the folder holds no paper that can be used.
pub fn command(program: &Program, name: &str, folder: Option<&Path>, as_json: bool) -> Result<()> {
    let mut catalogue = program.catalogue()?;
    let own = match folder {
        Some(folder) => Some(take(&mut catalogue, folder)?),
        None => None,
    };
    if name == "reference" {
        let text = named::reference(&catalogue)?;
        say!("{}", text.trim_end());
        return Ok(());
    }
    let mut known = Vec::new();
    if described(&catalogue, own.as_ref(), name, as_json)?
        || a_name(&catalogue, name, as_json, &mut known)?
    {
        return Ok(());
    }
    if let (None, Some(place)) = (folder, near(name)) {
        let own = take(&mut catalogue, &place)?;
        if described(&catalogue, Some(&own), name, as_json)? {
            return Ok(());
        }
    }
    let papers = &catalogue.papers;
    let papers = papers
        .all()
        .map(|p| p.key.as_str())
        .chain(papers.claims().map(|c| c.id.as_str()));
    let hint = nearest(name, papers.chain(known.iter().map(String::as_str)))
        .map_or(".".into(), did_you_mean);
    Err(Error::Input(format!(
        "there is no claim, paper or name `{name}`{hint} `kramers list` and `kramers claims` have them all, and a paper of your own is known by its folder"
    )))
}

/// Takes up the paper of a folder.
fn take(catalogue: &mut Catalogue, folder: &Path) -> Result<Here> {
    let own = with_folder(catalogue.papers.clone(), folder)?;
    catalogue.papers = own.papers.clone();
    Ok(own)
}

/// Where the paper may lie that knows a name which the program does not.
fn near(name: &str) -> Option<PathBuf> {
    let key = name.split('.').next().unwrap_or(name);
    let itself = Some(PathBuf::from(name)).filter(|path| path.exists());
    let folders = [key, "."].map(PathBuf::from).into_iter();
    itself.or_else(|| folders.into_iter().find(|path| path.join(FILE).is_file()))
}

/// Prints a claim or a paper, if the name is one's.
///
/// # Errors
/// The paper's folder cannot be read.
fn described(catalogue: &Catalogue, own: Option<&Here>, name: &str, as_json: bool) -> Result<bool> {
    let papers = &catalogue.papers;
    // What the program carries is its own too, wherever the folder is said to lie.
    let place = |folder: &str| own.filter(|own| own.paper.folder == folder);
    if let Some(found) = papers.claim(name) {
        if as_json {
            say!("{:#}", json!(found));
        } else {
            claim(found, papers, place(&found.paper));
        }
        return Ok(true);
    }
    let itself = own.filter(|own| own.folder == folder_of(Path::new(name)));
    let Some(found) = itself.map(|own| &own.paper).or_else(|| papers.paper(name)) else {
        return Ok(false);
    };
    let below = match place(&found.folder) {
        Some(own) => files(&own.folder)?
            .iter()
            .map(|file| format!("{}/{file}", own.paper.folder))
            .collect(),
        None => experiments(catalogue, found),
    };
    if as_json {
        say!("{:#}", document(found, &below));
    } else {
        paper(found, place(&found.folder), &below);
    }
    Ok(true)
}

/// Prints what a name means that files may use, if it is one; and notes those that are none.
fn a_name(
    catalogue: &Catalogue,
    name: &str,
    as_json: bool,
    known: &mut Vec<String>,
) -> Result<bool> {
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
    Ok(any)
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
        let one = |paper| document(paper, &experiments(&catalogue, paper));
        let all: Vec<Value> = papers.all().map(one).collect();
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
fn experiments(catalogue: &Catalogue, paper: &Paper) -> Vec<String> {
    let all = catalogue.experiments.iter().map(|shipped| shipped.path);
    all.filter(|path| path.split('/').next() == Some(&paper.folder))
        .map(String::from)
        .collect()
}

fn document(paper: &Paper, files: &[String]) -> Value {
    json!({
        "key": paper.key,
        "title": paper.title,
        "folder": paper.folder,
        "claims": paper.claims,
        "experiments": files,
        "bibtex": paper.work.as_ref().map(|work| work.bibtex()),
    })
}

/// A line with its heading; none where there is nothing to say.
fn line(heading: &str, text: &str) {
    if !text.is_empty() {
        say!("  {heading:12} {text}");
    }
}

fn claim(claim: &Claim, papers: &Papers, own: Option<&Here>) {
    say!("{}  {}", claim.id, claim.statement);
    let paper = papers.paper(&claim.paper).map_or("", |p| p.title.as_str());
    let place = match claim.place.as_str() {
        "" => String::new(),
        place => format!(", {place}"),
    };
    line("paper", &format!("{paper}{place}"));
    line("derived", &claim.derived);
    line("exact", &claim.exact);
    line("holds", &claim.regime);
    line("predicts", claim.predicts.as_deref().unwrap_or(""));
    line("rival", claim.rival.as_deref().unwrap_or(""));
    line("theory", claim.theory.as_deref().unwrap_or(""));
    line("conditions", &claim.holds.join(", "));
    let status = match claim.why.as_str() {
        "" => claim.status.words().to_string(),
        why => format!("{}: {why}", claim.status.words()),
    };
    line("status", &status);
    let files: Vec<String> = claim.files().map(|file| path(own, file)).collect();
    line("experiment", &files.join(", "));
    line("needs", &claim.needs.join(", "));
}

fn paper(paper: &Paper, own: Option<&Here>, files: &[String]) {
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
    for file in files {
        line("experiment", &path(own, file));
    }
}
