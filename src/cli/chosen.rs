//! Which experiments `reproduce` runs: those that the program carries, or those of a folder.

use std::path::Path;

use super::args::Reproduce;
use super::catalogue::{Shipped, matches};
use super::papers::with_folder;
use super::{Program, network};
use base::error::{Error, Result};
use experiment::load::Experiment;
use experiment::paper::{FILE, Paper, tied};
use experiment::spec::nearest;

/// Reads all that `options` choose; nothing is run before every file is understood.
///
/// # Errors
/// No experiment matches, or one cannot be read.
pub fn experiments(program: &Program, options: &Reproduce) -> Result<Vec<Experiment>> {
    let wanted = |path: &str| {
        let stem = path.trim_end_matches(".toml");
        let name = stem.rsplit('/').next().unwrap_or(stem);
        let of = |glob: &String| [path, stem, name].iter().any(|text| matches(glob, text));
        options.only.is_empty() || options.only.iter().any(of)
    };
    let scale = options.common.scale.name();
    match &options.folder {
        Some(folder) => of_folder(program, folder, scale, &wanted, &options.only),
        None => carried(program, scale, &wanted, &options.only),
    }
}

/// Those that the program carries.
fn carried(
    program: &Program,
    scale: &str,
    wanted: &dyn Fn(&str) -> bool,
    only: &[String],
) -> Result<Vec<Experiment>> {
    let shipped = program.catalogue()?;
    let of = |all: &[&'static Shipped]| -> Vec<&'static Shipped> {
        all.iter().copied().filter(|s| wanted(s.path)).collect()
    };
    let mut chosen = of(&shipped.experiments);
    let networks = of(&shipped.networks);
    if chosen.is_empty() && networks.is_empty() {
        if let Some(shipped) = of(&shipped.on_your_data).first() {
            let path = shipped.path;
            return Err(Error::Input(format!(
                "experiments/{path} needs a data set of yours: kramers run experiments/{path} --set data.folder=FOLDER"
            )));
        }
        let known = shipped.experiments.iter().chain(&shipped.networks);
        return Err(no_match(only, known.map(|e| e.path)));
    }
    if network::BUILT {
        chosen.extend(networks);
    } else if chosen.is_empty() {
        return Err(network::not_built(networks[0].path));
    } else if !networks.is_empty() {
        let left = networks.len();
        eprintln!(
            "kramers: {left} experiment{} on real networks left out; {}",
            if left == 1 { "" } else { "s" },
            network::HOW_TO_GET_IT
        );
    }
    let vocabulary = network::vocabulary().with_papers(shipped.papers);
    let parse = |shipped: &Shipped| {
        let path = format!("experiments/{}", shipped.path);
        Experiment::parse_with(&path, shipped.text, scale, &[], &vocabulary)
    };
    chosen.into_iter().map(parse).collect()
}

/// Those of a folder, beside its `paper.toml`, by the names of their files.
fn of_folder(
    program: &Program,
    folder: &Path,
    scale: &str,
    wanted: &dyn Fn(&str) -> bool,
    only: &[String],
) -> Result<Vec<Experiment>> {
    let here = with_folder(program.papers()?, folder)?;
    let files = files(folder)?;
    present(&here.paper, folder, &files)?;
    let place = &here.paper.folder;
    let all = files.iter().map(|name| format!("{place}/{name}"));
    let (chosen, others): (Vec<String>, Vec<String>) = all.partition(|path| wanted(path));
    if chosen.is_empty() && others.is_empty() {
        return Err(Error::Input(format!(
            "{} holds no experiment beside its {FILE}; `kramers new experiment NAME` writes one to begin with",
            folder.display()
        )));
    }
    if chosen.is_empty() {
        return Err(no_match(only, others.iter().map(String::as_str)));
    }
    let vocabulary = network::vocabulary().with_papers(here.papers);
    let read = |file: String| {
        let name = file.rsplit('/').next().unwrap_or_default();
        let path = folder.join(name);
        let experiment = Experiment::read_with(&path, scale, &[], &vocabulary)?;
        Ok((file, experiment))
    };
    let read = chosen.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    for (at, (file, experiment)) in read.iter().enumerate() {
        tied(&here.paper, file, &experiment.claims)?;
        if let Some((other, _)) = read[..at].iter().find(|(_, e)| e.name == experiment.name) {
            return Err(Error::Input(format!(
                "{other} and {file} are both called `{}`, and their records would be one folder; give one another `name`",
                experiment.name
            )));
        }
    }
    Ok(read.into_iter().map(|(_, experiment)| experiment).collect())
}

/// The names of the experiments' files in a folder, in order.
fn files(folder: &Path) -> Result<Vec<String>> {
    let cannot = |error: std::io::Error| {
        let shown = folder.display();
        Error::Input(format!("cannot read the folder {shown}: {error}"))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let name = entry.map_err(cannot)?.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".toml") && !name.starts_with('.') && name != FILE {
            files.push(name.into_owned());
        }
    }
    files.sort();
    Ok(files)
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

fn no_match<'a>(only: &[String], known: impl Iterator<Item = &'a str>) -> Error {
    Error::Input(format!(
        "no experiment matches {}; there are {}",
        only.join(", "),
        known.collect::<Vec<_>>().join(", ")
    ))
}
