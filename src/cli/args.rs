//! Arguments and options.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use report::shard::MOST;
use simulation::device::Device;
use verdict::power::USUAL;

/// A laboratory for the diffusion theory of stochastic optimizers.
#[derive(Parser)]
#[command(name = "kramers", version, about, propagate_version = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Run every experiment of the lab or of a folder; print the verdict table; write records, figures and report
    Reproduce(Reproduce),
    /// Run one experiment file
    Run(Run),
    /// Read and resolve one experiment file: its cells, where each value came from, how long it takes; run nothing
    Check(Check),
    /// What runs will take and say of their claims, from a smaller run; nothing is written
    Plan(Plan),
    /// List every claim: id, paper, statement, experiment file
    Claims {
        /// A folder with a paper.toml, whose claims are listed; those that the program carries if left out
        #[arg(value_name = "FOLDER")]
        folder: Option<PathBuf>,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// List landscapes, noises, optimizers, integrators or papers
    List {
        /// What to list
        what: Kind,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// What the columns of every table of a record are: names, units, meanings
    Schema {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// What a claim or a paper says, where it holds, and what decides it
    Describe {
        /// A claim's id, a paper's key, or a name that files use: adai.prop2, adai, study, moment, barrier, adam;
        /// `reference` prints all of it; or a folder with a paper.toml
        #[arg(value_name = "NAME")]
        name: String,
        /// The folder whose paper knows the name; without it, that of the paper's key, or this one
        #[arg(value_name = "FOLDER")]
        folder: Option<PathBuf>,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Write an experiment or a paper to begin with, which runs at once
    New {
        #[command(subcommand)]
        what: New,
    },
    /// Closed forms and exact references, without simulation
    Predict {
        /// What to predict, e.g. stationary or mfpt; leave out to see what there is
        quantity: Option<String>,
        /// key=value, e.g. temperature=0.05
        #[arg(value_name = "KEY=VALUE")]
        assignments: Vec<String>,
        /// A file of rules by formula, which `optimizer=` may name too
        #[arg(long, value_name = "FILE.toml")]
        rules: Option<PathBuf>,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// What the lab can say of an update rule, or of two side by side: memory, effective rate and momentum, noise,
    /// stability, saddles, escape
    Card(Card),
    /// Run recorded optimizer trajectories again; print the worst deviation of each case
    Replay {
        /// Recorded trajectories (format kramers-golden/1)
        #[arg(required = true, value_name = "FILE.json")]
        files: Vec<PathBuf>,
        /// A file of rules by formula: the one of the recorded optimizer's name takes the place of the lab's
        #[arg(long, value_name = "FILE.toml")]
        rules: Option<PathBuf>,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Run a share of an experiment's cells, for a sweep over several machines
    Shard(Shard),
    /// Put shares together: the record, figures and report of the whole
    Merge(Merge),
    /// Make figures and report again, from the record alone
    Report {
        /// The folder that --out named
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Where to write them; the same folder if left out
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Also collect every figure, with an index page, in this folder
        #[arg(long, value_name = "DIR")]
        gallery: Option<PathBuf>,
        /// Replace files of these names that kramers did not write, or that were changed since
        #[arg(long)]
        force: bool,
    },
}

#[derive(Args)]
pub struct Card {
    /// One or two rules, the hyper-parameters of each behind it: sgdm beta1=0.9 eta=0.05 adam
    #[arg(required = true, value_name = "RULE KEY=VALUE")]
    pub words: Vec<String>,
    /// A file of rules by formula beside the lab's own
    #[arg(long, value_name = "FILE.toml")]
    pub rules: Option<PathBuf>,
    /// Write the page card.html and its figures, as SVG and PNG, to this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace files of these names that kramers did not write, or that were changed since
    #[arg(long)]
    pub force: bool,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Protocols,
    Observables,
    Reductions,
    Facts,
    Experiments,
    Landscapes,
    Noises,
    Optimizers,
    Integrators,
    Papers,
}

#[derive(Subcommand)]
pub enum New {
    /// An experiment file NAME.toml
    Experiment {
        /// Its name: letters, digits, - and _
        name: String,
    },
    /// A folder NAME with paper.toml and an experiment
    Paper {
        /// Its name and key: letters, digits, - and _
        name: String,
    },
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub enum Scale {
    /// Seconds per experiment
    Smoke,
    /// A few minutes for all of them on two cores
    #[default]
    Standard,
    /// The paper's own size
    Paper,
}

impl Scale {
    pub fn name(self) -> &'static str {
        match self {
            Scale::Smoke => "smoke",
            Scale::Standard => "standard",
            Scale::Paper => "paper",
        }
    }
}

#[derive(Args, Clone)]
pub struct Common {
    /// How much to simulate
    #[arg(long, value_enum, default_value_t = Scale::Standard)]
    pub scale: Scale,
    /// Folder for records, figures and report
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub out: PathBuf,
    /// Root seed of all random numbers; 1 if left out, or the file's own
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Threads; 0 takes all cores. No result depends on it
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=4096))]
    pub threads: u64,
    /// Particles in a block; the lab picks if left out. No result depends on it
    #[arg(long, value_name = "LANES", hide = true, value_parser = clap::value_parser!(u64).range(1..=65536))]
    pub block: Option<u64>,
    /// Skip what an earlier run with the same settings has finished
    #[arg(long)]
    pub resume: bool,
    /// Replace the finished record of another run, or of this one, and files of the same names
    #[arg(long)]
    pub force: bool,
    /// Where networks are computed: cpu, cuda, cuda:N, or auto for a GPU where there is one
    #[arg(long, value_name = "DEVICE", default_value_t)]
    pub device: Device,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// What `--yes` sets, behind the other assignments.
pub fn with_yes(assignments: &[String], yes: bool) -> Vec<String> {
    let yes = yes.then(|| "yes=true".to_string());
    assignments.iter().cloned().chain(yes).collect()
}

impl Common {
    /// The root seed.
    pub fn seed(&self) -> u64 {
        self.seed.unwrap_or(1)
    }
}

#[derive(Args)]
pub struct Reproduce {
    /// A folder with a paper.toml and its experiments; what the program carries if left out
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Only experiments whose name or file matches (* and ? are wildcards)
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,
    /// More than 100,000 cells are meant
    #[arg(long)]
    pub yes: bool,
    /// Say what the runs will take and say of their claims, as `kramers plan` does; run and write nothing else
    #[arg(long)]
    pub plan: bool,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct Run {
    /// The experiment file
    #[arg(value_name = "FILE.toml")]
    pub file: PathBuf,
    /// Override a key, e.g. ensemble.particles=1000
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub assignments: Vec<String>,
    /// Write what a study saw of every particle beside the record, as arrays.npz for numpy
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub export: Option<Export>,
    /// More than 100,000 cells are meant
    #[arg(long)]
    pub yes: bool,
    /// Say what the run will take and say of its claims, as `kramers plan` does; run and write nothing else
    #[arg(long)]
    pub plan: bool,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Export {
    Npz,
}

#[derive(Args)]
pub struct Check {
    /// The experiment file
    #[arg(value_name = "FILE.toml")]
    pub file: PathBuf,
    /// Override a key, e.g. ensemble.particles=1000
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub assignments: Vec<String>,
    /// How much to simulate
    #[arg(long, value_enum, default_value_t = Scale::Standard)]
    pub scale: Scale,
    /// Threads of the run; 0 takes all cores
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=4096))]
    pub threads: u64,
    /// More than 100,000 cells are meant
    #[arg(long)]
    pub yes: bool,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Plan {
    /// The experiment file, or a folder with a paper.toml and its experiments
    #[arg(value_name = "FILE.toml|FOLDER")]
    pub path: PathBuf,
    /// Override a key of the file, e.g. ensemble.particles=1000
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub assignments: Vec<String>,
    /// Only experiments of the folder whose name or file matches (* and ? are wildcards)
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,
    /// More than 100,000 cells are meant
    #[arg(long)]
    pub yes: bool,
    /// How much the run will simulate
    #[arg(long, value_enum, default_value_t = Scale::Standard)]
    pub scale: Scale,
    /// Root seed of the run, from which the pilot's follows; 1 if left out, or the file's own
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Threads; 0 takes all cores
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=4096))]
    pub threads: u64,
    #[command(flatten)]
    pub pilot: Pilot,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Clone, Copy)]
pub struct Pilot {
    /// Particles of the smaller run; a tenth of the run's, from 200 to 4000, if left out
    #[arg(long = "pilot", value_name = "N", value_parser = clap::value_parser!(u64).range(2..))]
    pub particles: Option<u64>,
    /// The chance of the right verdict for which particles are counted, above 0 and below 1
    #[arg(long, value_name = "P", default_value_t = USUAL, value_parser = power)]
    pub power: f64,
}

fn power(text: &str) -> Result<f64, String> {
    let found = text.parse().ok().filter(|p: &f64| *p > 0.0 && *p < 1.0);
    found.ok_or_else(|| "a probability above 0 and below 1; 0.9 is usual".into())
}

#[derive(Args)]
pub struct Shard {
    /// The experiment file
    #[arg(value_name = "FILE.toml")]
    pub file: PathBuf,
    /// Which share, from 0
    #[arg(long)]
    pub index: u64,
    /// Of how many
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=MOST))]
    pub of: u64,
    /// Override a key, e.g. ensemble.particles=1000
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub assignments: Vec<String>,
    /// More than 100,000 cells are meant
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct Merge {
    /// The folders that `shard` wrote to
    #[arg(required = true, value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// Folder for record, figures and report
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub out: PathBuf,
    /// Replace the finished record of another run, and files of the same names
    #[arg(long)]
    pub force: bool,
    /// Threads; 0 takes all cores
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=4096))]
    pub threads: u64,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}
