//! An experiment file, read and resolved: nothing is run before all of it is understood.

use std::path::Path;
use std::sync::Arc;

use crate::protocol::Protocol;
use crate::spec::{Document, Section, Setting, given};
use crate::vocabulary::Vocabulary;
use base::error::Result;
use report::name;

/// A resolved experiment.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Its name, which is its folder's.
    pub name: String,
    /// The paper, figure or theorem it examines.
    pub source: String,
    /// Keys of the works it rests on.
    pub cites: Vec<String>,
    /// The name of its protocol.
    pub kind: &'static str,
    /// What to do.
    pub protocol: Arc<dyn Protocol>,
    /// Every value with where it came from: those of the file, its scale and the command line, then the defaults.
    pub settings: Vec<Setting>,
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
        let root = Section::new("", &document.root)?;
        let name = root.text("name", None)?;
        name::experiment(&name).map_err(|what| root.error("name", what))?;
        let source = root.text("source", Some(""))?;
        let cites = root.texts("cites")?;
        for key in &cites {
            if report::bibliography::find(key).is_none() {
                let known = report::bibliography::WORKS.iter().map(|w| w.key);
                let known = known.collect::<Vec<_>>().join(", ");
                return Err(root.error("cites", format!("unknown work `{key}`; there are {known}")));
            }
        }
        let kind = root.choice("protocol", None, &vocabulary.protocols())?;
        let protocol = vocabulary.read(kind, &root, &name)?;
        root.finish()?;
        let mut settings = given("", &document.root);
        settings.extend(root.defaults());
        Ok(Experiment {
            settings,
            name,
            source,
            cites,
            kind,
            protocol,
        })
    }
}
