//! `reproduce`, `run` and `report`: from experiment files to records, verdicts and a report.

use super::stdout::say;
use std::path::Path;
use std::time::Instant;

use super::args::{Common, Export, Reproduce, Run, with_yes};
use super::chosen::Choice;
use super::progress::Bar;
use super::{Program, chosen, interrupt, network, output, plan};
use base::error::{Error, Result};
use experiment::context::Context;
use experiment::load::Experiment;
use experiment::memory;
use experiment::run::Admitted;
use report::bibliography::Work;
use report::record::Record;
use report::{atomic, folder, gallery, own};

/// `kramers reproduce`.
///
/// # Errors
/// No experiment matches, one cannot run, or a self-check refuted the lab.
pub fn reproduce(program: &Program, options: &Reproduce) -> Result<()> {
    let choice = Choice {
        folder: options.folder.as_deref(),
        only: &options.only,
        yes: options.yes,
        scale: options.common.scale,
    };
    let experiments = chosen::experiments(program, &choice)?;
    if options.plan {
        return plan::perform(&experiments, &plan::Wanted::of(&options.common));
    }
    admit_and_perform(program, &experiments, &options.common, None)
}

/// `kramers run`.
///
/// # Errors
/// The file is unusable, or the experiment cannot run.
pub fn run(program: &Program, options: &Run) -> Result<()> {
    let scale = options.common.scale.name();
    let experiment = Experiment::read_with(
        &options.file,
        scale,
        &with_yes(&options.assignments, options.yes),
        &program.vocabulary(&options.file)?,
    )?;
    if options.plan {
        return plan::perform(&[experiment], &plan::Wanted::of(&options.common));
    }
    let mut common = options.common.clone();
    common.seed = common.seed.or(experiment.seed);
    admit_and_perform(program, &[experiment], &common, options.export)
}

fn admit_and_perform(
    program: &Program,
    experiments: &[Experiment],
    common: &Common,
    export: Option<Export>,
) -> Result<()> {
    memory::ask(experiments, common.threads)?;
    let mut context = start(program, common)?;
    context.arrays = export == Some(Export::Npz);
    let admitted = admit(experiments, &context)?;
    perform(experiments, admitted, &context, common, &program.works()?)
}

/// Nothing is run before every one of the experiments may be.
///
/// # Errors
/// Whatever keeps one of them from being run.
pub fn admit(experiments: &[Experiment], context: &Context) -> Result<Vec<Admitted>> {
    if !context.force {
        folder::spare_report(&context.out)?;
    }
    let all = experiments.iter().map(|e| e.admit(context));
    all.collect()
}

/// What a run needs: a folder that can be written, the workers, Ctrl-C.
///
/// # Errors
/// The folder cannot be used, or the workers cannot be started.
pub fn start(program: &Program, common: &Common) -> Result<Context> {
    network::usable(common.device)?;
    writable(&common.out)?;
    let mut context = Context::new(
        common.seed(),
        common.scale.name(),
        common.out.clone(),
        common.threads as usize,
    )?;
    context.revision = program.revision.map(String::from);
    context.resume = common.resume;
    context.force = common.force;
    context.device = common.device;
    context.lanes = common.block.map(|lanes| lanes as usize);
    interrupt::install(&context)?;
    Ok(context)
}

/// Runs the experiments, prints and writes what came out.
///
/// # Errors
/// One cannot run, or a self-check refuted the lab.
pub fn perform(
    experiments: &[Experiment],
    admitted: Vec<Admitted>,
    context: &Context,
    common: &Common,
    works: &[Work],
) -> Result<()> {
    let clock = Instant::now();
    let mut records: Vec<Record> = Vec::new();
    for (experiment, admitted) in experiments.iter().zip(admitted) {
        let bar = Bar::new(&experiment.name, experiment.protocol.cells());
        match experiment.complete(admitted, context, &bar) {
            Ok(record) => {
                bar.finish("done");
                records.push(record);
            }
            Err(error) => {
                bar.finish("stopped");
                if !records.is_empty() {
                    folder::write_report(&common.out, &records, works)?;
                }
                return Err(error);
            }
        }
    }
    folder::write_report(&common.out, &records, works)?;
    output::summary(&records, common, clock.elapsed().as_secs_f64());
    let failed: Vec<&str> = records
        .iter()
        .flat_map(|r| &r.verdicts.self_checks)
        .filter(|check| check.failed())
        .map(|check| check.id.as_str())
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(Error::Failed(format!(
        "{} self-check{} refuted the lab, so no verdict above is to be trusted: {}",
        failed.len(),
        if failed.len() == 1 { "" } else { "s" },
        failed.join(", ")
    )))
}

/// Says before anything is computed that the results could not be written.
fn writable(out: &Path) -> Result<()> {
    let refused = |error: Error| {
        Error::Input(format!(
            "the output folder cannot be used: {error}; choose another with --out"
        ))
    };
    atomic::create_dir(out).map_err(refused)?;
    tempfile::NamedTempFile::new_in(out).map_err(|source| {
        refused(Error::Io {
            action: "cannot write in",
            path: out.to_path_buf(),
            source,
        })
    })?;
    Ok(())
}

/// `kramers report`.
///
/// # Errors
/// No record, a damaged one, a file of somebody else's in the way, or a folder that cannot be written.
pub fn report(
    program: &Program,
    dir: &Path,
    out: Option<&Path>,
    collection: Option<&Path>,
    force: bool,
) -> Result<()> {
    memory::room("a report", 0, "report fewer experiments at a time", 0)?;
    let mut records = folder::load(dir)?;
    // As `reproduce` has them, so that its report comes again; those of a user's own files after them.
    let shipped = program.catalogue()?;
    records.sort_by_key(|record| shipped.place(&record.manifest.name));
    let out = out.unwrap_or(dir);
    if !force {
        folder::spare_report(out)?;
        folder::spare_figures(out, &records)?;
        if let Some(folder) = collection {
            let ways = "or give another folder with --gallery";
            own::spare(gallery::files(folder, &records), ways)?;
        }
    }
    writable(out)?;
    folder::write_figures(out, &records)?;
    folder::write_report(out, &records, &program.works()?)?;
    say!("{}", output::where_it_lies(out));
    if let Some(folder) = collection {
        writable(folder)?;
        gallery::write(folder, &records)?;
        say!("gallery: {}", folder.join(gallery::INDEX).display());
    }
    Ok(())
}
