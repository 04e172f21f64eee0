//! `kramers new`: an experiment or a paper to begin with.

use std::fs::{File, create_dir};
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::Program;
use super::args::New;
use super::stdout::say;
use base::error::{Error, Result};
use experiment::paper::FILE;
use report::name;

const EXPERIMENT: &str = include_str!("experiment.toml");
const PAPER: &str = include_str!("paper.toml");
const DECIDES: &str = include_str!("decides.toml");

/// The experiment in a new paper's folder.
const FIRST: &str = "first";

/// Writes what was asked for, and says how to run it.
///
/// # Errors
/// The name cannot be used, something of that name is there already, or it cannot be written.
pub fn command(program: &Program, what: &New) -> Result<()> {
    match what {
        New::Experiment { name } => {
            usable(name)?;
            let file = format!("{name}.toml");
            write(Path::new(&file), &EXPERIMENT.replace("NAME", name))?;
            say!("{file} is written; kramers run {file}");
        }
        New::Paper { name } => {
            usable(name)?;
            if let Some(other) = program.papers()?.all().find(|paper| paper.key == *name) {
                return Err(Error::Input(format!(
                    "`{name}` is the key of “{}”; choose another name",
                    other.title
                )));
            }
            let folder = Path::new(name);
            create_dir(folder).map_err(|error| refused(folder, error))?;
            write(&folder.join(FILE), &PAPER.replace("NAME", name))?;
            let own = format!("name     = \"{name}-{FIRST}\"");
            let decides = DECIDES.replace("name     = \"NAME\"", &own);
            let decides = decides.replace("NAME.toml", &format!("{name}/{FIRST}.toml"));
            let first = folder.join(format!("{FIRST}.toml"));
            write(&first, &decides.replace("NAME", name))?;
            say!("{name}/{FILE} and {name}/{FIRST}.toml are written; kramers reproduce {name}");
        }
    }
    Ok(())
}

/// Names of both kinds are names of files and of experiments, and a paper's is its key.
fn usable(name: &str) -> Result<()> {
    name::experiment(name).map_err(Error::Input)
}

/// Writes a file that is not there yet.
fn write(path: &Path, text: &str) -> Result<()> {
    let written = File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| refused(path, error))
}

fn refused(path: &Path, error: std::io::Error) -> Error {
    let shown = path.display();
    Error::Input(match error.kind() {
        ErrorKind::AlreadyExists => {
            format!("{shown} is there already, and stays as it is; choose another name")
        }
        _ => format!("cannot write {shown}: {error}"),
    })
}
