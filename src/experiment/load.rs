//! An experiment file, read and resolved: nothing is run before all of it is understood.

use std::path::Path;
use std::sync::Arc;

use crate::paper::{Papers, complete, named};
use crate::protocol::Protocol;
use crate::spec::{Document, Key, Section, Setting, given, listening, nearest};
use crate::vocabulary::Vocabulary;
use base::error::Result;
use report::bibliography::Work;
use report::name;
use verdict::{Claim, Role};

/// The keys that say how many particles a cell has, or has at most.
const PARTICLES: [&str; 2] = ["ensemble.particles", "ensemble.budget"];

/// A resolved experiment.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Its name, which is its folder's.
    pub name: String,
    /// The paper, figure or theorem it examines.
    pub source: String,
    /// In what its set-up is not the paper's, a sentence each.
    pub departures: Vec<String>,
    /// Keys of the works it rests on.
    pub cites: Vec<String>,
    /// Those of them that only the user's own paper knows.
    pub works: Vec<Work>,
    /// The claims it names, and what it says of them: the first of its cases' roles.
    pub claims: Vec<(Claim, Role)>,
    /// The name of its protocol.
    pub kind: &'static str,
    /// What to do.
    pub protocol: Arc<dyn Protocol>,
    /// Every value with where it came from: those of the file, its scale and the command line, then the defaults.
    pub settings: Vec<Setting>,
    /// The root seed that its file asks for.
    pub seed: Option<u64>,
    /// Every key that its protocol asked for.
    pub keys: Vec<Key>,
    /// What it was read from, its scale and assignments applied.
    document: Document,
    /// What that may name.
    vocabulary: Vocabulary,
}

impl Experiment {
    /// Reads `path` at a scale, with `--set` assignments on top.
    ///
    /// # Errors
    /// Whatever is wrong with the file or an assignment, with its place.
    pub fn read(path: &Path, scale: &str, assignments: &[String]) -> Result<Self> {
        Self::read_with(path, scale, assignments, &Vocabulary::default())
    }

    /// As [`Experiment::read`], where the file may name what `vocabulary` has.
    ///
    /// # Errors
    /// Whatever is wrong with the file or an assignment, with its place.
    pub fn read_with(
        path: &Path,
        scale: &str,
        assignments: &[String],
        vocabulary: &Vocabulary,
    ) -> Result<Self> {
        Self::resolve(Document::read(path)?, scale, assignments, vocabulary)
    }

    /// Resolves the text of an experiment file; `path` is used in messages.
    ///
    /// # Errors
    /// Whatever is wrong with it, with its place.
    pub fn parse(path: &str, text: &str, scale: &str, assignments: &[String]) -> Result<Self> {
        Self::parse_with(path, text, scale, assignments, &Vocabulary::default())
    }

    /// As [`Experiment::parse`], where the file may name what `vocabulary` has.
    ///
    /// # Errors
    /// Whatever is wrong with the text, with its place.
    pub fn parse_with(
        path: &str,
        text: &str,
        scale: &str,
        assignments: &[String],
        vocabulary: &Vocabulary,
    ) -> Result<Self> {
        Self::resolve(Document::parse(path, text)?, scale, assignments, vocabulary)
    }

    fn resolve(
        mut document: Document,
        scale: &str,
        assignments: &[String],
        vocabulary: &Vocabulary,
    ) -> Result<Self> {
        document.apply_scale(scale)?;
        for assignment in assignments {
            document.apply_set(assignment)?;
        }
        if let Some(papers) = vocabulary.papers() {
            complete(&mut document, papers)?;
        }
        Self::of(document, vocabulary)
    }

    /// The same experiment with another number of particles.
    ///
    /// # Errors
    /// It has no such number, or the number is out of range.
    pub fn with_particles(&self, particles: u64) -> Result<Self> {
        let mut document = self.document.clone();
        if self.protocol.power().is_some() {
            document.leave_out("ensemble", &["power", "budget"]);
        }
        document.apply_set(&format!("{}={particles}", PARTICLES[0]))?;
        Self::of(document, &self.vocabulary)
    }

    /// How many particles its cells have, or have at most, where one number says it.
    pub fn particles(&self) -> Option<u64> {
        let says = |key: &&str| self.settings.iter().find(|setting| setting.key == **key);
        let setting = PARTICLES.iter().find_map(says)?;
        setting.value.parse().ok()
    }

    fn of(document: Document, vocabulary: &Vocabulary) -> Result<Self> {
        let root = Section::new("", &document.root)?;
        let name = root.text("name", None)?;
        name::experiment(&name).map_err(|what| root.error("name", what))?;
        let source = root.text("source", Some(""))?;
        let departures = root.texts("departures")?;
        let cites = root.texts("cites")?;
        let (mut works, mut claims) = (Vec::new(), Vec::new());
        if let Some(papers) = vocabulary.papers() {
            works = cited(&root, &cites, papers)?;
            // A view of its own, so that a protocol without claims still refuses them.
            claims = named(&Section::new("", &document.root)?, papers)?;
        }
        let kind = root.choice("protocol", None, &vocabulary.protocols())?;
        // Only studies have so many cells that they must be meant.
        root.get("yes");
        // Seeds of the files that came before studies are the command line's.
        let seed = match kind == "study" && root.get("seed").is_some() {
            true => Some(root.integer(
                "seed",
                None,
                0..=u64::MAX,
                "the root seed, where the command line gives none",
            )?),
            false => None,
        };
        let (protocol, heard) = listening(|| vocabulary.read(kind, &root, &name));
        let protocol = protocol?;
        root.finish()?;
        let mut settings = given("", &document.root);
        settings.extend(heard.defaults);
        Ok(Experiment {
            settings,
            keys: heard.keys,
            seed,
            name,
            source,
            departures,
            cites,
            works,
            claims,
            kind,
            protocol,
            vocabulary: vocabulary.clone(),
            document,
        })
    }
}

/// The works among those of `cites` that only the user's own paper knows.
fn cited(root: &Section<'_>, cites: &[String], papers: &Papers) -> Result<Vec<Work>> {
    for key in cites {
        if papers.work(key).is_none() {
            let known: Vec<&str> = papers.works().map(|work| work.key.as_str()).collect();
            let hint =
                nearest(key, known.iter().copied()).map_or(".".to_string(), formula::did_you_mean);
            let known = known.join(", ");
            let what = format!("unknown work `{key}`{hint} There are {known}");
            return Err(root.error("cites", what));
        }
    }
    let own = papers.own_works().filter(|work| cites.contains(&work.key));
    Ok(own.cloned().collect())
}
