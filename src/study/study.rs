//! A study in a program: read from its text, run in memory.

use std::path::{Path, PathBuf};

use base::error::Result;
use experiment::context::{Context, Quiet};
use experiment::memory;
use experiment::protocol::Protocol;
use experiment::rules;
use experiment::spec::{Document, Section};
use measurement::reading::Reading;
use simulation::optimizer::registry::Rules;
use verdict::{Ruling, SelfCheck, decide, question};

use crate::paths::Paths;
use crate::spec::StudySpec;
use crate::trajectories::Trajectories;

/// A study that was read: nothing of it is left to be understood.
#[derive(Debug)]
pub struct Study(StudySpec);

/// What a study came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was measured of every cell, and what it is exactly, where that is known.
    pub readings: Vec<Reading>,
    /// What the claims came to.
    pub rulings: Vec<Ruling>,
    /// The lab against what is known exactly; where one failed, nothing else is to be trusted.
    pub self_checks: Vec<SelfCheck>,
    /// What each observable saw that looks at given moments.
    pub paths: Vec<Paths>,
    /// Whole paths, where the file keeps them: `[ensemble] keep = "paths"`.
    pub trajectories: Vec<Trajectories>,
}

impl Study {
    /// Reads the text of a study's file, of which `name` and `protocol` may be left out; a `seed` in it is the program's, since
    /// [`Study::run`] is given one.
    ///
    /// # Errors
    /// Whatever is wrong with it, with its line and column.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_with(text, &Rules::default())
    }

    /// The same, where the text may name these update rules.
    ///
    /// # Errors
    /// Whatever is wrong with it, with its line and column.
    pub fn parse_with(text: &str, rules: &Rules) -> Result<Self> {
        Self::parse_at("study", text, rules)
    }

    /// The same of a text that stands, or might stand, at `path`: messages name it, and files that the text names lie beside it.
    ///
    /// # Errors
    /// Whatever is wrong with it, with its line and column.
    pub fn parse_at(path: &str, text: &str, rules: &Rules) -> Result<Self> {
        let mut document = Document::parse(path, text)?;
        document.apply_scale("standard")?;
        let root = Section::new("", &document.root)?;
        let name = root.text("name", Some("study"))?;
        root.choice("protocol", Some("study"), &["study"])?;
        root.text("source", Some(""))?;
        root.texts("departures")?;
        root.texts("cites")?;
        if root.get("seed").is_some() {
            root.integer("seed", None, 0..=u64::MAX, "the root seed")?;
        }
        let spec = StudySpec::read(&root, &name, &rules::of(&root, rules)?)?;
        root.finish()?;
        if spec.power.is_some() {
            let what = "is chosen by a pilot, which `kramers run` makes; give particles here";
            return Err(root.required_section("ensemble")?.error("power", what));
        }
        Ok(Study(spec))
    }

    /// Runs it on all cores; no file is written. The numbers are those of `kramers run` with that seed.
    ///
    /// # Errors
    /// It needs more memory than there is, or cannot be run: the message says why.
    pub fn run(&self, seed: u64) -> Result<Outcome> {
        let Study(spec) = self;
        memory::room(&spec.name, spec.memory(), "set fewer particles", 0)?;
        let mut context = Context::new(seed, "standard", PathBuf::new(), 0)?;
        context.keep = false;
        let results = spec.results(&context, &Quiet, Path::new(""))?;
        let mut finding = spec.finding(&results, &context)?;
        decide::family(&mut finding.verdicts.self_checks);
        Ok(Outcome {
            readings: finding.estimates,
            rulings: finding.verdicts.claims,
            self_checks: finding.verdicts.self_checks,
            paths: results.paths(spec).collect(),
            trajectories: results.trajectories(spec).collect(),
        })
    }
}

impl Study {
    /// What its claims come to, over the readings of a run of it, whatever was claimed then.
    pub fn decide(&self, readings: &[Reading]) -> Vec<Ruling> {
        let Study(spec) = self;
        let all = spec.claims.iter();
        all.flat_map(|claim| question::decide(claim, readings).rulings)
            .collect()
    }
}

impl Outcome {
    /// The readings of an observable.
    pub fn readings_of(&self, quantity: &str) -> impl Iterator<Item = &Reading> {
        self.readings.iter().filter(move |r| r.quantity == quantity)
    }

    /// What an observable saw; nothing where there is no such observable, or it does not look at given moments.
    pub fn paths_of(&self, observable: &str) -> Option<&Paths> {
        self.paths.iter().find(|own| own.observable == observable)
    }
}
