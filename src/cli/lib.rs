//! The command line: parse arguments, dispatch, print.

mod args;
mod card;
pub mod catalogue;
mod check;
mod chosen;
mod columns;
mod describe;
mod interrupt;
mod listing;
mod measured;
mod named;
pub mod network;
mod new;
mod output;
mod papers;
mod plan;
pub mod predict;
mod progress;
mod replay;
mod reproduce;
mod rule;
mod shard;
mod stdout;

use clap::Parser;

use args::{Arguments, Command};
use std::path::Path;

use base::error::Result;
use base::shown;
use catalogue::{Catalogue, Shipped};
use experiment::paper::Papers;
use experiment::rules::carried;
use experiment::vocabulary::Vocabulary;
use report::bibliography::Work;
use simulation::optimizer::registry::Rules;

/// What the program is, beside its rooms.
pub struct Program {
    /// The git revision that it was built from, where there is one.
    pub revision: Option<&'static str>,
    /// The experiments and papers that it carries.
    pub shipped: &'static [Shipped],
}

impl Program {
    /// What it carries, sorted.
    ///
    /// # Errors
    /// A paper among it cannot be read.
    pub fn catalogue(&self) -> Result<Catalogue> {
        Catalogue::of(self.shipped)
    }

    /// The papers that it carries.
    ///
    /// # Errors
    /// As [`Program::catalogue`].
    pub fn papers(&self) -> Result<Papers> {
        Ok(self.catalogue()?.papers)
    }

    /// The works that they cite.
    ///
    /// # Errors
    /// As [`Program::catalogue`].
    pub fn works(&self) -> Result<Vec<Work>> {
        Ok(self.papers()?.works().cloned().collect())
    }

    /// What an experiment's file may name: every protocol, and the claims of the papers, that beside the file included.
    ///
    /// # Errors
    /// As [`Program::catalogue`], and the paper beside it cannot be used.
    pub fn vocabulary(&self, file: &Path) -> Result<Vocabulary> {
        let (papers, _) = papers::beside(self.papers()?, file)?;
        Ok(network::vocabulary().with_papers(papers))
    }

    /// The lab's rules, and those by formula that it carries.
    ///
    /// # Errors
    /// A rule that it carries cannot be read.
    pub fn rules(&self) -> Result<Rules> {
        let mut rules = Rules::default();
        for shipped in self.catalogue()?.rules {
            let path = format!("experiments/{}", shipped.path);
            rules = carried(&path, shipped.text, rules)?;
        }
        Ok(rules)
    }
}

/// Runs the command that the process was started with.
///
/// # Errors
/// Whatever went wrong; its exit status is [`base::error::Error::exit_code`].
pub fn run(program: &Program) -> Result<()> {
    interrupt::end_at_once();
    match parsed().command {
        Command::Reproduce(options) => reproduce::reproduce(program, &options),
        Command::Run(options) => reproduce::run(program, &options),
        Command::Check(options) => check::check(program, &options),
        Command::Plan(options) => plan::plan(program, &options),
        Command::Schema { json } => listing::schema(json),
        Command::Claims { folder, json } => listing::claims(program, folder.as_deref(), json),
        Command::List { what, json } => listing::list(program, what, json),
        Command::Describe { name, folder, json } => {
            describe::command(program, &name, folder.as_deref(), json)
        }
        Command::New { what } => new::command(program, &what),
        Command::Predict {
            quantity,
            assignments,
            rules,
            json,
        } => {
            let rules = rule::known(program, rules.as_deref())?;
            predict::command(quantity.as_deref(), &assignments, &rules, json)
        }
        Command::Card(options) => card::command(program, &options),
        Command::Replay { files, rules, json } => replay::command(&files, rules.as_deref(), json),
        Command::Shard(options) => shard::shard(program, &options),
        Command::Merge(options) => shard::merge(program, &options),
        Command::Report {
            folder,
            out,
            gallery,
            force,
        } => reproduce::report(program, &folder, out.as_deref(), gallery.as_deref(), force),
    }
}

/// The arguments; where they cannot be used, or help is asked for, the process says so and ends.
fn parsed() -> Arguments {
    Arguments::try_parse().unwrap_or_else(|error| {
        let text = error.render().to_string();
        if error.use_stderr() {
            eprint!("{}", shown::lines(&text));
        } else {
            stdout::write(format_args!("{text}"));
        }
        std::process::exit(error.exit_code());
    })
}
