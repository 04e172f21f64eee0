//! Which experiments `reproduce` runs: those that the program carries, or those of a folder.

use std::borrow::Cow;
use std::path::Path;

use super::args::{Scale, with_yes};
use super::catalogue::{matches, on_networks, wants_data};
use super::papers::{files, with_folder};
use super::{Program, network};
use base::error::{Error, Result};
use base::shown;
use experiment::load::Experiment;
use experiment::paper::{FILE, Paper, Papers, tied};
use experiment::spec::{EXPERIMENT, nearest, text_of};

/// An experiment's file.
struct File {
    /// Below the folder of all papers, e.g. `pnm/fig4.toml`.
    below: String,
    /// Where it lies.
    path: String,
    text: Cow<'static, str>,
}

/// Which experiments are meant.
pub struct Choice<'a> {
    /// Those of this folder; without it, those that the program carries.
    pub folder: Option<&'a Path>,
    /// Of these names; all where there is none.
    pub only: &'a [String],
    /// Whether very many cells are meant.
    pub yes: bool,
    /// How much they simulate.
    pub scale: Scale,
}

/// Reads all that are chosen; nothing is run before every file is understood.
///
/// # Errors
/// No experiment matches, or one cannot be read.
pub fn experiments(program: &Program, choice: &Choice<'_>) -> Result<Vec<Experiment>> {
    let (papers, paper, files) = match choice.folder {
        None => carried(program)?,
        Some(folder) => of_folder(program, folder)?,
    };
    let vocabulary = network::vocabulary().with_papers(papers);
    let mut experiments: Vec<Experiment> = Vec::new();
    let yes = with_yes(&[], choice.yes);
    for file in runnable(files, choice.only)? {
        let (path, scale) = (&file.path, choice.scale.name());
        let experiment = Experiment::parse_with(path, &file.text, scale, &yes, &vocabulary)?;
        if let Some(paper) = &paper {
            tied(paper, &file.below, &experiment.claims)?;
        }
        if experiments
            .iter()
            .any(|other| other.name == experiment.name)
        {
            return Err(Error::Input(format!(
                "{path}: another experiment is called `{}` too, and their records would be one folder; give one another `name`",
                experiment.name
            )));
        }
        experiments.push(experiment);
    }
    Ok(experiments)
}

/// Those that are asked for and that this build can run. Others are named.
fn runnable(files: Vec<File>, only: &[String]) -> Result<Vec<File>> {
    let wanted = |file: &File| {
        let stem = file.below.trim_end_matches(".toml");
        let name = stem.rsplit('/').next().unwrap_or(stem);
        let of = |glob: &String| {
            [&file.below, stem, name]
                .iter()
                .any(|text| matches(glob, text))
        };
        only.is_empty() || only.iter().any(of)
    };
    let (data, files): (Vec<File>, Vec<File>) =
        files.into_iter().partition(|file| wants_data(&file.text));
    let known: Vec<String> = files.iter().map(|file| file.below.clone()).collect();
    let files = files.into_iter().filter(wanted);
    let (networks, mut chosen): (Vec<File>, Vec<File>) =
        files.partition(|file| on_networks(&file.text));
    if chosen.is_empty() && networks.is_empty() {
        return Err(Error::Input(match data.into_iter().find(wanted) {
            Some(File { path, .. }) => format!(
                "{path} needs a data set of yours: kramers run {path} --set data.folder=FOLDER"
            ),
            None => format!(
                "no experiment matches {}; there are {}",
                only.join(", "),
                known.join(", ")
            ),
        }));
    }
    if network::BUILT {
        chosen.extend(networks);
    } else if chosen.is_empty() {
        return Err(network::not_built(&networks[0].below));
    } else if !networks.is_empty() {
        let left = networks.len();
        eprintln!(
            "kramers: {left} experiment{} on real networks left out; {}",
            if left == 1 { "" } else { "s" },
            network::HOW_TO_GET_IT
        );
    }
    Ok(chosen)
}

/// Those that the program carries; their claims and papers are held against each other by its tests.
fn carried(program: &Program) -> Result<(Papers, Option<Paper>, Vec<File>)> {
    let catalogue = program.catalogue()?;
    let files = catalogue.experiments.iter().map(|shipped| File {
        below: shipped.path.into(),
        path: format!("experiments/{}", shipped.path),
        text: shipped.text.into(),
    });
    let files = files.collect();
    Ok((catalogue.papers, None, files))
}

/// Those of a folder, beside its `paper.toml`, by the names of their files.
fn of_folder(program: &Program, folder: &Path) -> Result<(Papers, Option<Paper>, Vec<File>)> {
    alone(program, folder)?;
    let here = with_folder(program.papers()?, folder)?;
    let folder = here.folder.as_path();
    let names = files(folder)?;
    present(&here.paper, folder, &names)?;
    if names.is_empty() {
        return Err(Error::Input(format!(
            "{} holds no experiment beside its {FILE}; `kramers new experiment NAME` writes one to begin with",
            folder.display()
        )));
    }
    let read = |name: &String| -> Result<File> {
        let path = folder.join(name);
        Ok(File {
            below: format!("{}/{name}", here.paper.folder),
            text: text_of(&path, EXPERIMENT)?.into(),
            path: path.display().to_string(),
        })
    };
    let files = names.iter().map(read).collect::<Result<Vec<_>>>()?;
    Ok((here.papers, Some(here.paper), files))
}

/// Refuses experiments in a folder that no paper holds together, with how they are run.
fn alone(program: &Program, folder: &Path) -> Result<()> {
    if !folder.is_dir() || folder.join(FILE).is_file() {
        return Ok(());
    }
    let files = files(folder)?;
    let Some(first) = files.first() else {
        return Ok(());
    };
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let below = format!("{name}/{first}");
    let carried = program.catalogue()?.experiments;
    let carried = carried.iter().any(|shipped| shipped.path == below);
    let only = if carried {
        format!("; those of {name} that the program carries by kramers reproduce --only '{name}/*'")
    } else {
        String::new()
    };
    Err(Error::Input(format!(
        "{} has no {FILE}, which says what a paper claims: its experiments are run one by one, kramers run {}{only}; `kramers new paper NAME` writes a paper to begin with",
        folder.display(),
        shown::word(folder.join(first).as_os_str())
    )))
}

/// Refuses a claim that is said to be decided by a file that is not there.
fn present(paper: &Paper, folder: &Path, files: &[String]) -> Result<()> {
    for claim in &paper.claims {
        for file in claim.files() {
            let (path, name) = match file.split_once('/') {
                Some((place, name)) if place == paper.folder => (folder.join(name), name),
                _ => (folder.join("..").join(file), file),
            };
            if !path.is_file() {
                let near = nearest(name, files.iter().map(String::as_str));
                let hint = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
                return Err(Error::Input(format!(
                    "{}: `{}` is said to be decided by {name}, which is not there{hint}",
                    folder.join(FILE).display(),
                    claim.id
                )));
            }
        }
    }
    Ok(())
}
