//! Tells the program which git revision it was built from, where there is one, and the linker where libtorch lies.

use std::path::Path;
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
