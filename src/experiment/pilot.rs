//! A smaller run before a run: what that will say of its claims, and how long it will take.
//!
//! Standard errors fall as the root of the number of particles, and so the pilot's say what those of the run will be. A pilot has random
//! numbers of its own, and writes nothing.

use std::path::Path;

use super::context::{Context, Quiet};
use super::cost;
use super::load::Experiment;
use super::memory;
use super::plan::Planned;
use base::error::{Error, Result};
use report::number::short;
use simulation::random::cell_key;
use verdict::forecast::{Forecast, Truth};

/// Share of the run's particles that a pilot has, where nothing else is said.
const SHARE: u64 = 10;
/// Fewest of them, if the run has as many: the pilot's own standard error is then known to 5 %.
const FEWEST: u64 = 200;
/// The most.
const MOST: u64 = 4000;
/// The most of one that chooses the particles, beside which the run may be small.
const MOST_TO_CHOOSE: u64 = 1000;

/// Particles beyond which a claim counts as undecidable.
pub const LIMIT: f64 = 1e9;

/// The root seed of a pilot of a run of that seed.
pub fn seed(run: u64) -> u64 {
    cell_key(&format!("pilot of a run of seed {run}"))
}

/// The particles of a pilot of a run of so many, where none are asked for a share of these.
///
/// # Errors
/// More are asked for than the run has.
pub fn size(of: u64, asked: Option<u64>) -> Result<u64> {
    let particles = asked.unwrap_or((of / SHARE).clamp(FEWEST.min(of), MOST));
    if particles > of {
        return Err(Error::Input(format!(
            "a pilot of {particles} particles is larger than the run, which has {of}; give --pilot a number up to that"
        )));
    }
    Ok(particles)
}

/// The particles of a run whose errors fall with them.
///
/// # Errors
/// Why they do not.
pub fn sized(experiment: &Experiment) -> std::result::Result<u64, String> {
    match experiment.protocol.without_particles() {
        Some(why) => Err(why),
        None => experiment
            .particles()
            .ok_or("it has no ensemble.particles, with which its errors would fall".into()),
    }
}

/// What a pilot came to.
#[derive(Debug)]
pub struct Pilot {
    /// Its particles.
    pub particles: u64,
    /// Those of the run.
    pub of: u64,
    /// Its root seed.
    pub seed: u64,
    /// Its particle-steps.
    pub steps: u64,
    /// How long it took.
    pub seconds: f64,
    /// Particle-steps that the run will take.
    pub expected_steps: f64,
    /// How long the run will take.
    pub expected_seconds: f64,
    /// Bytes of the run's samples.
    pub disk: u64,
    /// How long a particle takes, of that.
    each: f64,
    /// What the run will say of each case of its claims.
    pub forecasts: Vec<Forecast>,
}

/// What a pilot is to be.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// Its particles, where it is said.
    pub particles: Option<u64>,
    /// The chance of the right verdict that is wanted.
    pub power: f64,
    /// Seconds of a unit of [`cost`].
    pub unit: f64,
}

/// The experiment with the particles that a pilot chooses, if its file asks for that: a function of the file and the seed alone.
///
/// # Errors
/// The pilot cannot be run.
pub fn chosen(experiment: &Experiment, context: &Context) -> Result<Option<Experiment>> {
    let Some(power) = experiment.protocol.power() else {
        return Ok(None);
    };
    let budget = experiment.particles().unwrap_or(FEWEST);
    let ask = Ask {
        particles: Some((budget / SHARE).clamp(FEWEST.min(budget), MOST_TO_CHOOSE)),
        power,
        unit: 0.0,
    };
    let pilot = Pilot::run(experiment, &context.aside(seed(context.seed))?, ask)?;
    experiment.with_particles(pilot.chosen()).map(Some)
}

impl Pilot {
    /// Runs a pilot of an experiment; `context` is the run's.
    ///
    /// # Errors
    /// It has no one number of particles, the pilot is larger than the run, or it cannot be run.
    pub fn run(experiment: &Experiment, context: &Context, ask: Ask) -> Result<Self> {
        let of = sized(experiment)
            .map_err(|why| Error::Input(format!("{} cannot be planned: {why}", experiment.name)))?;
        let particles = size(of, ask.particles)?;
        let small = experiment.with_particles(particles)?;
        let made = small.make(context, &Quiet, Path::new(""))?;
        let manifest = &made.record.manifest;
        let factor = of as f64 / particles as f64;
        let threads = context.pool.current_num_threads();
        // What of its time grows with the particles, by the model of cost; the rest, exact references above all, stays.
        let steps = manifest.particle_steps as f64;
        let growing = model(&small.protocol.plan(), ask.unit, threads, steps);
        let samples = &made.record.samples;
        let numbers = memory::numbers(&[samples.rows() as u64, samples.columns.len() as u64]);
        let growing = growing.unwrap_or(manifest.seconds).min(manifest.seconds);
        Ok(Pilot {
            particles,
            of,
            seed: context.seed,
            steps: manifest.particle_steps,
            seconds: manifest.seconds,
            expected_steps: steps * factor,
            expected_seconds: manifest.seconds + growing * (factor - 1.0),
            disk: (numbers as f64 * factor) as u64,
            each: growing / particles as f64,
            forecasts: made
                .record
                .verdicts
                .claims
                .iter()
                .map(|ruling| Forecast::of(ruling, factor, ask.power))
                .collect(),
        })
    }

    /// Why no number of particles decides a case, if the value that is known exactly lies so near the edge of what is allowed.
    pub fn undecidable(&self, forecast: &Forecast) -> Option<String> {
        let allowed = forecast.allowed?;
        let exact = forecast
            .cases
            .iter()
            .find(|case| case.truth == Truth::Exact)?;
        let out_of_reach = exact.factor.is_none_or(|factor| self.times(factor) > LIMIT);
        let edge = short(allowed.edge(exact.value), 3);
        let (low, high) = (short(allowed.low, 6), short(allowed.high, 6));
        out_of_reach.then(|| {
            format!(
                "undecidable here: the exact value {} lies {edge} from the edge of what is allowed, {low} to {high}, and more than {} particles would be needed; change the tolerance, or the cells that the claim is decided on",
                short(exact.value, 6),
                short(LIMIT, 3)
            )
        })
    }

    /// So many particles that every case that counts comes to the right verdict with the power asked for: as many as there may be where one needs
    /// more or is not planned, and none more for what no number decides.
    pub fn chosen(&self) -> u64 {
        let decides = self.forecasts.iter().filter(|forecast| forecast.decides);
        let needed = decides
            .filter(|forecast| self.undecidable(forecast).is_none())
            .map(|forecast| match forecast.factor() {
                Some(factor) => self.times(factor),
                None => self.of as f64,
            });
        let most = needed.fold(self.times(0.0), f64::max);
        most.min(self.of as f64) as u64
    }

    /// How many particles that many times those of the run are; not fewer than count as many, for errors are planned as normal ones.
    pub fn times(&self, factor: f64) -> f64 {
        (factor * self.of as f64)
            .ceil()
            .max(FEWEST.min(self.of) as f64)
    }

    /// How long a run of so many particles takes.
    pub fn time_of(&self, particles: f64) -> f64 {
        let more = particles - self.particles as f64;
        (self.seconds + more * self.each).max(0.0)
    }
}

/// Seconds of so many particle-steps of these cells, by the model of cost.
fn model(cells: &[Planned], unit: f64, threads: usize, steps: f64) -> Option<f64> {
    let planned: Option<f64> = cells
        .iter()
        .map(|cell| {
            cell.work
                .map(|work| work.particles as f64 * work.steps as f64)
        })
        .sum();
    let seconds = cost::seconds(cells, unit, threads)?;
    planned
        .filter(|planned| *planned > 0.0)
        .map(|planned| seconds * steps / planned)
}
