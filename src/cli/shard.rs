//! `shard` and `merge`: the cells of one experiment over several machines, and the record from all of them.

use super::args::{Common, Merge, Scale, Shard as Options};
use super::progress::Bar;
use super::reproduce::{perform, start};
use super::stdout::say;
use crate::error::{Error, Result};
use crate::experiment::context::Share;
use crate::experiment::load::Experiment;
use crate::report::atomic;
use crate::report::shard::{Shard, gather};

/// `kramers shard`.
///
/// # Errors
/// The file is unusable, there is no such share, or a cell cannot run.
pub fn shard(options: &Options) -> Result<()> {
    let (index, of) = (options.index, options.of);
    if index >= of {
        return Err(Error::Input(format!(
            "--index {index} --of {of}: shares are numbered from 0 to {}",
            of.saturating_sub(1)
        )));
    }
    let common = &options.common;
    let path = options.file.display().to_string();
    let text =
        String::from_utf8(atomic::read(&options.file).map_err(|e| Error::Input(e.to_string()))?)
            .map_err(|e| Error::Input(format!("{path} is not text: {e}")))?;
    let scale = common.scale.name();
    let experiment = Experiment::parse(&path, &text, scale, &options.assignments)?;
    let mut context = start(common)?;
    context.share = Some(Share::new(index, of));
    Shard {
        name: experiment.name.clone(),
        path,
        text,
        assignments: options.assignments.clone(),
        scale: scale.into(),
        seed: common.seed,
        version: env!("CARGO_PKG_VERSION").into(),
        index,
        of,
    }
    .save(&common.out)?;
    let bar = Bar::new(&experiment.name, experiment.protocol.cells());
    let done = experiment.run_share(&context, &bar);
    bar.finish(if done.is_ok() { "done" } else { "stopped" });
    let (own, all) = done?;
    if common.json {
        let document = serde_json::json!({
            "experiment": experiment.name, "index": index, "of": of,
            "cells": own, "cells_of_all": all, "seed": common.seed, "out": common.out,
        });
        say!("{document:#}");
    } else {
        say!(
            "{}: share {index} of {of}, {own} of {all} cells, in {}",
            experiment.name,
            common.out.display()
        );
        say!("kramers merge with the folders of all shares makes the record");
    }
    Ok(())
}

/// `kramers merge`.
///
/// # Errors
/// Shares that do not belong together, a missing one, or whatever the run fails with.
pub fn merge(options: &Merge) -> Result<()> {
    let mut shares = Vec::new();
    for folder in &options.folders {
        shares.extend(Shard::all(folder)?);
    }
    let (first_folder, first) = &shares[0];
    for (folder, shard) in &shares {
        if !shard.belongs_with(first) {
            return Err(Error::Input(format!(
                "{} and {} are not shares of one run: experiment, settings, scale, seed, version and number of shares must agree",
                first_folder.display(),
                folder.display()
            )));
        }
    }
    let missing: Vec<String> = (0..first.of)
        .filter(|index| shares.iter().all(|(_, shard)| shard.index != *index))
        .map(|index| index.to_string())
        .collect();
    if !missing.is_empty() {
        return Err(Error::Input(format!(
            "{} was split into {} shares, and share {} is missing; give its folder too",
            first.name,
            first.of,
            missing.join(", ")
        )));
    }
    for (folder, shard) in &shares {
        gather(folder, &options.out.join(&shard.name))?;
    }
    let known = [Scale::Smoke, Scale::Standard, Scale::Paper];
    let scale = known.into_iter().find(|s| s.name() == first.scale);
    let scale = scale.ok_or_else(|| Error::Input(format!("unknown scale `{}`", first.scale)))?;
    let experiment = Experiment::parse(&first.path, &first.text, scale.name(), &first.assignments)?;
    let common = Common {
        scale,
        out: options.out.clone(),
        seed: first.seed,
        threads: options.threads,
        block: None,
        resume: true,
        json: options.json,
    };
    perform(&[experiment], &common)
}
