//! `kramers plan`: what runs will take, and what they will say of their claims. A smaller run of each is made; nothing is written.

use std::path::PathBuf;

use super::stdout::say;
use serde_json::{Value as Json, json};

use super::Program;
use super::args::{Common, Pilot as Options, Plan, Scale, with_yes};
use super::check::{Costs, lines};
use super::chosen::Choice;
use super::columns::{Column, NONE};
use super::{chosen, interrupt, measured};
use base::error::{Error, Result};
use base::shown;
use experiment::context::Context;
use experiment::load::Experiment;
use experiment::pilot::{self, Ask, Pilot};
use experiment::{cost, memory};
use report::number;
use verdict::forecast::{Case, Forecast};
use verdict::power::USUAL;

/// What a plan is made for.
pub struct Wanted {
    scale: Scale,
    seed: Option<u64>,
    threads: u64,
    pilot: Options,
    json: bool,
}

impl Wanted {
    /// For a run with these options.
    pub fn of(common: &Common) -> Self {
        Wanted {
            scale: common.scale,
            seed: common.seed,
            threads: common.threads,
            pilot: Options {
                particles: None,
                power: USUAL,
            },
            json: common.json,
        }
    }
}

/// Plans a file, or the experiments of a folder.
///
/// # Errors
/// One cannot be read or run.
pub fn plan(program: &Program, options: &Plan) -> Result<()> {
    let scale = options.scale;
    let experiments = if options.path.is_dir() {
        if let Some(set) = options.assignments.first() {
            return Err(Error::Input(format!(
                "--set {set} is for a file, and {} is a folder; name one of its files",
                options.path.display()
            )));
        }
        let choice = Choice {
            folder: Some(&options.path),
            only: &options.only,
            yes: options.yes,
            scale,
        };
        chosen::experiments(program, &choice)?
    } else {
        let yes = with_yes(&options.assignments, options.yes);
        let vocabulary = program.vocabulary(&options.path)?;
        vec![Experiment::read_with(
            &options.path,
            scale.name(),
            &yes,
            &vocabulary,
        )?]
    };
    let wanted = Wanted {
        scale,
        seed: options.seed,
        threads: options.threads,
        pilot: options.pilot,
        json: options.json,
    };
    perform(&experiments, &wanted)
}

/// Plans experiments one after the other.
///
/// # Errors
/// One needs more memory than there is, its pilot is larger than it, or cannot be run.
pub fn perform(experiments: &[Experiment], wanted: &Wanted) -> Result<()> {
    memory::ask(experiments, wanted.threads)?;
    let scale = wanted.scale.name();
    let mut context = Context::new(1, scale, PathBuf::new(), wanted.threads as usize)?;
    context.keep = false;
    context.again = "a plan writes nothing: it begins anew";
    interrupt::install(&context)?;
    let unit = cost::unit();
    let mut documents = Vec::new();
    for experiment in experiments {
        let costs = Costs::of(experiment, wanted.threads, unit);
        let chooses = experiment.protocol.power();
        let ask = Ask {
            particles: wanted.pilot.particles,
            power: chooses.unwrap_or(wanted.pilot.power),
            unit,
        };
        context.seed = pilot::seed(wanted.seed.or(experiment.seed).unwrap_or(1));
        let found = match pilot::sized(experiment) {
            _ if experiment.claims.is_empty() => Err("it claims nothing".into()),
            Ok(_) => Ok(Pilot::run(experiment, &context, ask)?),
            Err(why) => Err(format!("its claims are not planned: {why}")),
        };
        if wanted.json {
            let mut document = costs.document(experiment);
            match &found {
                Ok(pilot) => document["plan"] = json(pilot, ask.power),
                Err(why) => document["not_planned"] = json!(why),
            }
            documents.push(document);
            continue;
        }
        say!("{}{}", costs.text(experiment), costs.total());
        match &found {
            Ok(pilot) => say!("{}", text(pilot, ask.power, chooses.is_some())),
            Err(why) => say!("{why}\n"),
        }
    }
    if wanted.json {
        say!("{:#}", json!({ "experiments": documents }));
    }
    Ok(())
}

fn text(pilot: &Pilot, power: f64, chooses: bool) -> String {
    let mut text = format!(
        "pilot: {} particles, {} particle-steps, {}, seed {}; nothing is written\n",
        pilot.particles,
        number::short(pilot.steps as f64, 3),
        number::duration(pilot.seconds),
        pilot.seed
    );
    text += &format!(
        "run:   {} particles, about {} particle-steps, {}, exact references included; {} of samples on disk, before packing\n\n",
        pilot.of,
        number::short(pilot.expected_steps, 3),
        number::duration(pilot.expected_seconds),
        memory::shown(pilot.disk)
    );
    let rows: Vec<(&Forecast, &Case)> = pilot
        .forecasts
        .iter()
        .flat_map(|forecast| forecast.cases.iter().map(move |case| (forecast, case)))
        .collect();
    let cells = |of: &dyn Fn(&Forecast, &Case) -> String| -> Vec<String> {
        rows.iter()
            .map(|(forecast, case)| of(forecast, case))
            .collect()
    };
    let chance = |p: f64| format!("{:.3}", p);
    if chooses {
        text += &format!("chosen: {} particles, by its power\n\n", pilot.chosen());
    }
    text += &format!(
        "how wide each interval will be, how probable each verdict, and how many particles give the right one with {} %\n",
        number::short(100.0 * power, 4)
    );
    let width = |forecast: &Forecast| forecast.width.map_or(NONE.into(), |w| number::short(w, 3));
    let needed = |case: &Case| case.factor.map(|factor| pilot.times(factor));
    let columns = vec![
        Column::words("claim", cells(&|f, _| shown::line(&f.id).into())),
        Column::words("case", cells(&|f, _| case(f))),
        Column::numbers("width", cells(&|f, _| width(f))),
        Column::words("if it is", cells(&|_, c| c.truth.word().into())),
        Column::numbers("value", cells(&|_, c| number::short(c.value, 5))),
        Column::numbers("confirmed", cells(&|_, c| chance(c.chances.confirmed))),
        Column::numbers("refuted", cells(&|_, c| chance(c.chances.refuted))),
        Column::numbers(
            &format!("for {} %", number::short(100.0 * power, 4)),
            cells(&|_, c| needed(c).map_or(NONE.into(), |n| number::short(n, 3))),
        ),
        Column::numbers(
            "time",
            cells(&|_, c| needed(c).map_or(NONE.into(), |n| number::duration(pilot.time_of(n)))),
        ),
    ];
    if !rows.is_empty() {
        text += &lines(columns, measured::width());
    }
    for forecast in &pilot.forecasts {
        for note in forecast
            .notes
            .iter()
            .cloned()
            .chain(pilot.undecidable(forecast))
        {
            let case = case(forecast);
            let place = if case == NONE {
                String::new()
            } else {
                format!(", {case}")
            };
            text += &format!("  {}{place}: {}\n", forecast.id, shown::lines(&note));
        }
    }
    text
}

fn case(forecast: &Forecast) -> String {
    match shown::line(&forecast.case) {
        empty if empty.is_empty() => NONE.into(),
        case => case.into(),
    }
}

fn json(pilot: &Pilot, power: f64) -> Json {
    let claims = pilot.forecasts.iter().map(|forecast| {
        let mut claim = json!(forecast);
        for (row, case) in claim["cases"]
            .as_array_mut()
            .into_iter()
            .flatten()
            .zip(&forecast.cases)
        {
            let needed = case.factor.map(|factor| pilot.times(factor));
            row["particles"] = json!(needed);
            row["seconds"] = json!(needed.map(|n| pilot.time_of(n)));
        }
        claim["undecidable"] = json!(pilot.undecidable(forecast));
        claim
    });
    json!({
        "power": power,
        "chosen": pilot.chosen(),
        "pilot": { "particles": pilot.particles, "seed": pilot.seed, "particle_steps": pilot.steps, "seconds": pilot.seconds },
        "run": { "particles": pilot.of, "particle_steps": pilot.expected_steps, "seconds": pilot.expected_seconds, "disk": pilot.disk },
        "claims": claims.collect::<Vec<_>>(),
    })
}
