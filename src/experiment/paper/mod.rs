//! Papers: a folder with `paper.toml`, which says what the paper is and what it claims, beside its experiments.

mod check;
mod named;
mod read;
mod tied;
mod work;

use std::path::Path;

use crate::spec::{Document, Section, nearest, text_of};
use base::error::{Error, Result};
use report::bibliography::Work;
use verdict::Claim;

pub use named::{complete, named};
pub use tied::tied;

/// The file that makes a folder a paper's.
pub const FILE: &str = "paper.toml";

/// A paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Paper {
    /// Its folder's name.
    pub folder: String,
    /// What the ids of its claims begin with.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Its entry in the bibliography, if it appeared.
    pub work: Option<Work>,
    /// Further works that its experiments cite.
    pub others: Vec<Work>,
    /// What it claims, in its own order.
    pub claims: Vec<Claim>,
}

impl Paper {
    /// Its works: itself, and those that its experiments cite beside it.
    pub fn works(&self) -> impl Iterator<Item = &Work> {
        self.work.iter().chain(&self.others)
    }
}

/// The text of the `paper.toml` of a folder.
///
/// # Errors
/// There is none, or it cannot be read.
pub fn text(folder: &Path) -> Result<String> {
    let file = folder.join(FILE);
    if !folder.is_dir() {
        return Err(Error::Input(format!(
            "{} is no folder; give a folder that holds a {FILE} and experiments",
            folder.display()
        )));
    }
    if !file.is_file() {
        return Err(Error::Input(format!(
            "{} has no {FILE}, which says what a paper claims; `kramers new paper NAME` writes one to begin with",
            folder.display()
        )));
    }
    text_of(&file, "file of a paper")
}

/// The papers whose claims and works a file may name: those that the program carries, and the user's own.
#[derive(Clone, Debug, Default)]
pub struct Papers {
    carried: Vec<Paper>,
    own: Option<Paper>,
}

impl Papers {
    /// Those that a program carries, each as the path and the text of its file; in the order in which they appeared, and
    /// before them those that never did.
    ///
    /// # Errors
    /// Whatever is wrong with one, with its place.
    pub fn carried<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut papers = Papers::default();
        for (path, text) in files {
            let paper = papers.parse(path, text)?;
            papers.carried.push(paper);
        }
        let year = |paper: &Paper| paper.work.as_ref().map(|work| work.year);
        papers.carried.sort_by_key(year);
        Ok(papers)
    }

    /// Takes up the user's own paper, which is returned. One that the program carries is there already.
    ///
    /// # Errors
    /// Whatever is wrong with the text, and a key that is another's; with the place.
    pub fn take(&mut self, path: &str, text: &str) -> Result<Paper> {
        let paper = self.parse(path, text)?;
        if !self.carried.contains(&paper) {
            self.own = Some(paper.clone());
        }
        Ok(paper)
    }

    fn parse(&self, path: &str, text: &str) -> Result<Paper> {
        let document = Document::parse(path, text)?;
        let root = Section::new("", &document.root)?;
        let paper = Paper::of(&root, path)?;
        if !self.carried.contains(&paper) {
            self.not_taken(&root, &paper)?;
        }
        Ok(paper)
    }

    /// Refuses a key that another paper or work has.
    fn not_taken(&self, root: &Section<'_>, paper: &Paper) -> Result<()> {
        let head = root.required_section("paper")?;
        if let Some(other) = self.all().find(|other| other.key == paper.key) {
            let what = format!(
                "`{}` is taken by “{}” (folder {}); give the paper another",
                paper.key, other.title, other.folder
            );
            return Err(head.error("key", what));
        }
        let taken = |work: &Work| {
            let other = self.work(&work.key)?;
            Some(format!(
                "`{}` stands in the bibliography already (“{}”, {}); cite that by its key, or give this one another",
                work.key,
                other.plain_title(),
                other.year
            ))
        };
        if let Some(what) = paper.work.as_ref().and_then(taken) {
            let cite = if head.get("cite").is_some() {
                "cite"
            } else {
                "key"
            };
            return Err(head.error(cite, what));
        }
        for (section, work) in root.sections("work")?.iter().zip(&paper.others) {
            if let Some(what) = taken(work) {
                return Err(section.error("key", what));
            }
        }
        Ok(())
    }

    /// All of them, the user's own last.
    pub fn all(&self) -> impl Iterator<Item = &Paper> {
        self.carried.iter().chain(&self.own)
    }

    /// Every claim, paper by paper.
    pub fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.all().flat_map(|paper| &paper.claims)
    }

    /// Every work.
    pub fn works(&self) -> impl Iterator<Item = &Work> {
        self.all().flat_map(Paper::works)
    }

    /// The work of that key.
    pub fn work(&self, key: &str) -> Option<&Work> {
        self.works().find(|work| work.key == key)
    }

    /// The user's own, where the program does not carry it.
    pub fn own(&self) -> Option<&Paper> {
        self.own.as_ref()
    }

    /// The works of the user's own paper.
    pub fn own_works(&self) -> impl Iterator<Item = &Work> {
        self.own.iter().flat_map(Paper::works)
    }

    /// The claim of that id.
    pub fn claim(&self, id: &str) -> Option<&Claim> {
        self.claims().find(|claim| claim.id == id)
    }

    /// The paper that a person means: by its key, its folder, or the key of its entry in the bibliography.
    pub fn paper(&self, name: &str) -> Option<&Paper> {
        self.all().find(|paper| {
            paper.key == name
                || paper.folder == name
                || paper.work.as_ref().is_some_and(|work| work.key == name)
        })
    }

    /// Why `name` is neither a claim nor a paper: the nearest that there is.
    pub fn unknown(&self, name: &str) -> Error {
        let papers = self.all().map(|paper| paper.key.as_str());
        let names = papers.chain(self.claims().map(|claim| claim.id.as_str()));
        let hint = nearest(name, names).map_or(".".into(), formula::did_you_mean);
        Error::Input(format!(
            "`{name}` is no claim and no paper{hint} `kramers claims` lists the claims, `kramers list papers` the papers"
        ))
    }
}

#[cfg(test)]
mod tests;
