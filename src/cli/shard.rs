//! `shard` and `merge`: the cells of one experiment over several machines, and the record from all of them.

use std::path::PathBuf;

use super::args::{Common, Merge, Scale, Shard as Options, with_yes};
use super::papers::beside;
use super::progress::Bar;
use super::reproduce::{admit, perform, start};
use super::stdout::say;
use super::{Program, network};
use base::error::{Error, Result};
use experiment::context::{Gathered, Share};
use experiment::load::Experiment;
use experiment::memory;
use experiment::paper::FILE;
use experiment::spec::{EXPERIMENT, text_of};
use report::place::Place;
use report::record;
use report::shard::{Shard, gather};
use simulation::device::Device;

/// `kramers shard`.
///
/// # Errors
/// The file is unusable, there is no such share, or a cell cannot run.
pub fn shard(program: &Program, options: &Options) -> Result<()> {
    let (index, of) = (options.index, options.of);
    if index >= of {
        return Err(Error::Input(format!(
            "--index {index} --of {of}: shares are numbered from 0 to {}",
            of.saturating_sub(1)
        )));
    }
    let path = options.file.display().to_string();
    let text = text_of(&options.file, EXPERIMENT)?;
    let scale = options.common.scale.name();
    let assignments = with_yes(&options.assignments, options.yes);
    let (papers, paper) = beside(program.papers()?, &options.file)?;
    let experiment = Experiment::parse_with(
        &path,
        &text,
        scale,
        &assignments,
        &network::vocabulary().with_papers(papers),
    )?;
    let mut common = options.common.clone();
    common.seed = common.seed.or(experiment.seed);
    let common = &common;
    memory::ask(std::slice::from_ref(&experiment), common.threads)?;
    let mut context = start(program, common)?;
    context.share = Some(Share::new(index, of));
    let own = Shard {
        name: experiment.name.clone(),
        path,
        text,
        paper,
        assignments,
        scale: scale.into(),
        seed: common.seed(),
        version: env!("CARGO_PKG_VERSION").into(),
        index,
        of,
    };
    let place = admit_share(&own, common)?;
    own.save(&place.folder())?;
    let bar = Bar::new(&experiment.name, experiment.protocol.cells());
    let done = experiment.run_share(&place, &context, &bar);
    bar.finish(if done.is_ok() { "done" } else { "stopped" });
    let (own, all) = done?;
    if common.json {
        let document = serde_json::json!({
            "experiment": experiment.name, "index": index, "of": of,
            "cells": own, "cells_of_all": all, "seed": common.seed(), "out": common.out,
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

/// The folder of the share, where no record and no other share would be lost.
fn admit_share(own: &Shard, common: &Common) -> Result<Place> {
    let place = Place::take(&common.out, &own.name)?;
    let folder = place.folder();
    let shown = folder.display();
    if record::manifest(&folder).exists() {
        return Err(Error::Input(format!(
            "{shown} holds a finished record; give the share a folder of its own with --out"
        )));
    }
    if !common.force
        && let Some(there) = Shard::load(&folder)?
        && !(there.belongs_with(own) && there.index == own.index)
    {
        return Err(Error::Input(format!(
            "{shown} holds another share ({} of {}, seed {}, scale {}), which would be lost; replace it with --force, or give another folder with --out",
            there.index, there.of, there.seed, there.scale
        )));
    }
    Ok(place)
}

/// `kramers merge`: every experiment of which the folders hold shares.
///
/// # Errors
/// Shares that do not belong together, a missing one, or whatever the run fails with.
pub fn merge(program: &Program, options: &Merge) -> Result<()> {
    let mut shares = Vec::new();
    for folder in &options.folders {
        shares.extend(Shard::all(folder)?);
    }
    let mut wholes: Vec<Vec<&(PathBuf, Shard)>> = Vec::new();
    for share in &shares {
        match wholes.iter_mut().find(|w| w[0].1.name == share.1.name) {
            Some(whole) => whole.push(share),
            None => wholes.push(vec![share]),
        }
    }
    let mut experiments = Vec::new();
    let (settings, scale) = (&shares[0].1, scale_of(&shares[0].1)?);
    for whole in &wholes {
        let first = complete(whole)?;
        if first.seed != settings.seed || first.scale != settings.scale {
            return Err(Error::Input(format!(
                "{} and {} were run with different seeds or scales; merge them one at a time",
                settings.name, first.name
            )));
        }
        let (path, text) = (&first.path, &first.text);
        let mut papers = program.papers()?;
        if let Some(paper) = &first.paper {
            papers.take(&format!("{path}: its {FILE}"), paper)?;
        }
        experiments.push(Experiment::parse_with(
            path,
            text,
            scale.name(),
            &first.assignments,
            &network::vocabulary().with_papers(papers),
        )?);
    }
    let common = Common {
        scale,
        out: options.out.clone(),
        seed: Some(settings.seed),
        threads: options.threads,
        block: None,
        resume: true,
        force: options.force,
        device: Device::default(),
        json: options.json,
    };
    memory::ask(&experiments, options.threads)?;
    let mut context = start(program, &common)?;
    context.again = "run the same command to go on";
    let admitted = admit(&experiments, &context)?;
    for (whole, admitted) in wholes.iter().zip(&admitted) {
        let cells = admitted.place.cells();
        let mut again = Vec::new();
        for (folder, shard) in whole {
            if admitted.done.is_none() {
                gather(shard, folder, &cells)?;
            }
            again.push((shard.index, shard.again(folder)));
        }
        again.sort();
        again.dedup_by_key(|(index, _)| *index);
        context.gathered.push(Gathered {
            cells,
            again: again.into_iter().map(|(_, command)| command).collect(),
            asked: Default::default(),
        });
    }
    perform(&experiments, admitted, &context, &common, &program.works()?)
}

fn scale_of(shard: &Shard) -> Result<Scale> {
    let known = [Scale::Smoke, Scale::Standard, Scale::Paper];
    let scale = known.into_iter().find(|s| s.name() == shard.scale);
    scale.ok_or_else(|| Error::Input(format!("unknown scale `{}`", shard.scale)))
}

/// One of the shares of an experiment, if all are there and belong together.
fn complete<'a>(shares: &[&'a (PathBuf, Shard)]) -> Result<&'a Shard> {
    let (first_folder, first) = shares[0];
    for (folder, shard) in shares {
        if !shard.belongs_with(first) {
            return Err(Error::Input(format!(
                "{} and {} are not shares of one run: settings, scale, seed, version and number of shares must agree",
                first_folder.display(),
                folder.display()
            )));
        }
    }
    let missing: Vec<String> = (0..first.of)
        .filter(|index| shares.iter().all(|(_, shard)| shard.index != *index))
        .map(|index| index.to_string())
        .collect();
    if missing.is_empty() {
        return Ok(first);
    }
    Err(Error::Input(format!(
        "{} was split into {} shares, and share {} is missing; give its folder too",
        first.name,
        first.of,
        missing.join(", ")
    )))
}
