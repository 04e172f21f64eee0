//! Tells the program which git revision it was built from, where there is one, and which files it carries; and the linker
//! where libtorch lies.

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    // A file that is not there would run this, and so compile everything, every time.
    println!("cargo::rerun-if-changed=build.rs");
    let branch = git(&["symbolic-ref", "--quiet", "HEAD"]);
    for name in ["HEAD", "packed-refs"].into_iter().chain(branch.as_deref()) {
        if let Some(path) = git(&["rev-parse", "--git-path", name])
            && Path::new(&path).is_file()
        {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    carry("experiments");
    // Set with feature `torch` only. Without it the program would not find libtorch when it starts.
    if let Some(library) = std::env::var_os("DEP_TCH_LIBTORCH_LIB") {
        println!(
            "cargo::rustc-link-arg=-Wl,-rpath,{}",
            library.to_string_lossy()
        );
    }
    if let Some(revision) = git(&["rev-parse", "--short=12", "HEAD"]) {
        println!("cargo::rustc-env=KRAMERS_GIT_REVISION={revision}");
    }
}

/// What git answers; `None` where there is no git or no repository.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let answer = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| answer.trim().to_string())
}

/// Lists the files in the folders of `folder`, in order, for `src/shipped.rs`.
fn carry(folder: &str) {
    println!("cargo::rerun-if-changed={folder}");
    let mut files: Vec<PathBuf> = entries(Path::new(folder))
        .iter()
        .flat_map(|folder| entries(folder))
        .filter(|file| file.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    files.sort();
    let mut list = String::from("&[\n");
    for file in files {
        // As paths in TOML and messages are written, on every system.
        let path = file.to_string_lossy().replace('\\', "/");
        let below = path.trim_start_matches(folder).trim_start_matches('/');
        list += &format!(
            "    Shipped {{ path: {below:?}, text: include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?})) }},\n",
            format!("/{path}")
        );
    }
    let out = std::env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    if let Err(error) = std::fs::write(out.join("shipped.rs"), list + "]\n") {
        panic!("cannot list the files of {folder}: {error}");
    }
}

/// What lies in a folder; nothing in a file.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}
