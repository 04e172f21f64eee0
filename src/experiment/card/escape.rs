//! Escape from the double well θ⁴/4 − θ²/2, from −1 to 1, against the exact first passage of the overdamped SDE at equal
//! temperature.
//!
//! Of a linear rule the temperature is ηsσ²/2, s its effective rate over η. Of any other it is what Var θ comes to on ½θ² under
//! the same noise, and s its drift under it.

use std::sync::atomic::{AtomicBool, AtomicU64};

use super::ensemble::{SEED, drift, stationary};
use super::fact::{Fact, drawn};
use super::{Curves, Subject};
use base::error::{Error, Result};
use measurement::Estimate;
use measurement::estimate::DEFAULT_CONFIDENCE;
use measurement::exit_rate::{ExitRate, mean_time};
use measurement::rate::Observation;
use prediction::exact::discrete_chain::DiscreteChain;
use prediction::exact::first_passage::FirstPassage;
use prediction::exact::{Interpretation, smooth};
use simulation::ensemble::{End, Ensemble, Exit, Optimizing, Plan};
use simulation::landscape::double_well::DoubleWell;
use simulation::noise::{Gaussian, Shape};
use simulation::random::{Stream, cell_key};

/// The temperature that is sought: the barrier is four times as high.
const TEMPERATURE: f64 = 0.0625;
/// Temperatures at which a card is made in seconds.
const USABLE: std::ops::RangeInclusive<f64> = 0.05..=0.3;
/// Particles, and the times of the SDE after which they are cut short.
const PARTICLES: u64 = 1000;
const CUT: f64 = 12.0;
/// Steps that they take at most, and the times of the SDE that these must be.
const MOST: f64 = 2e6;
const LEAST: f64 = 1.0;
/// Points of the survival curve.
const POINTS: usize = 40;

/// A temperature, its relative standard error, and with it the time of a step over η and its own.
struct Warm {
    sigma: f64,
    temperature: f64,
    rate: f64,
    errors: [f64; 2],
    estimate: Option<Estimate>,
}

/// The temperature, and the time over that of the SDE, measured and exact.
pub fn facts(subject: &Subject, curves: &mut Curves) -> Vec<Fact> {
    let none = |why: &str| {
        ["temperature", "escape", "escape_exact"]
            .map(|name| Fact::none(name, why))
            .to_vec()
    };
    let warm = match warm(subject) {
        Ok(warm) => warm,
        Err(why) => return none(&why.to_string()),
    };
    let temperature = match &warm.estimate {
        None => Fact::exact(
            "temperature",
            warm.temperature,
            &format!("ηsσ²/2 with σ = {:.4}", warm.sigma),
        ),
        Some(found) => Fact::measured(
            "temperature",
            found,
            &format!("Var θ on ½θ² under σ = {:.4}", warm.sigma),
        ),
    };
    let passage = match passage(warm.temperature) {
        Ok(passage) => passage,
        Err(why) => return none(&why.to_string()),
    };
    let escape = match measured(subject, &warm, passage, curves) {
        Ok(found) => Fact::measured(
            "escape",
            &found,
            "1,000 particles; the interval has the error of the temperature too",
        ),
        Err(why) => Fact::none("escape", &why.to_string()),
    };
    vec![temperature, escape, chain(subject, &warm, passage)]
}

fn slope(x: f64) -> f64 {
    (x * x - 1.0) * x
}

/// Mean time from −1 to 1.
fn passage(temperature: f64) -> Result<f64> {
    let passage = FirstPassage {
        drift: &slope,
        diffusion: &|_| temperature,
        start: -1.0,
        exit: 1.0,
        reflecting: None,
        breaks: &smooth,
        interpretation: Interpretation::Ito,
    };
    Ok(passage.solve()?.time()?.mean)
}

fn warm(subject: &Subject) -> Result<Warm> {
    let eta = subject.eta;
    if let Some(linear) = subject.linear {
        let rate = linear.steady() * linear.filter().gain;
        if !rate.is_finite() {
            return Err(Error::Failed(super::exact::LASTS.into()));
        }
        if rate <= 0.0 {
            return Err(Error::Failed(
                "it does not go down a steady gradient".into(),
            ));
        }
        // The wells' curvature is 2.
        let stable = |[from, to]: [f64; 2]| from < 2.0 * eta && 2.0 * eta < to;
        if !linear.stable_rates().is_some_and(stable) {
            return Err(Error::Failed(
                "it is not stable in the wells, h = 2, at this η".into(),
            ));
        }
        return Ok(Warm {
            sigma: (2.0 * TEMPERATURE / (eta * rate)).sqrt(),
            temperature: TEMPERATURE,
            rate,
            errors: [0.0; 2],
            estimate: None,
        });
    }
    let hot = |sigma: f64, particles: usize, cell: &str| {
        let found = stationary(subject, sigma, particles, cell)?;
        let value = found.value.filter(|t| found.has_interval() && *t > 0.0);
        let value = value.ok_or_else(|| Error::Failed(found.method.clone()))?;
        Ok::<_, Error>((value, found))
    };
    let first = (2.0 * TEMPERATURE / eta).sqrt();
    let (one, two) = (
        hot(first, 400, "first")?.0,
        hot(2.0 * first, 400, "second")?.0,
    );
    // Temperature as a power of σ.
    let power = (two / one).ln() / 2f64.ln();
    let sigma = first * (TEMPERATURE / one).powf(1.0 / power);
    if !(power > 0.1 && sigma.is_finite()) {
        return Err(Error::Failed(
            "its temperature does not follow the noise".into(),
        ));
    }
    let (temperature, found) = hot(sigma, 3000, "temperature")?;
    if !USABLE.contains(&temperature) {
        return Err(Error::Failed(format!(
            "no noise is found that gives it a temperature near {TEMPERATURE}: the last gave {temperature:.3}"
        )));
    }
    let drift = drift(subject, sigma, "drift in the well")?;
    let rate = drift
        .value
        .filter(|rate| drift.has_interval() && *rate > 0.0);
    let rate = rate
        .ok_or_else(|| Error::Failed("it does not go down a gradient under this noise".into()))?;
    let relative = |found: &Estimate| {
        found
            .standard_error
            .zip(found.value)
            .map_or(0.0, |(error, value)| (error / value).abs())
    };
    Ok(Warm {
        sigma,
        temperature,
        rate,
        errors: [relative(&found), relative(&drift)],
        estimate: Some(found),
    })
}

fn measured(subject: &Subject, warm: &Warm, passage: f64, curves: &mut Curves) -> Result<Estimate> {
    // A step's time over the passage.
    let unit = subject.eta * warm.rate / passage;
    if MOST * unit < LEAST {
        return Err(Error::Failed(format!(
            "the SDE takes {:.1e} steps at this η, and a card no more than {MOST:.0e}; take a larger η",
            1.0 / unit
        )));
    }
    let most = (CUT / unit).ceil().min(MOST) as u64;
    let process = Optimizing::<f64> {
        oracle: Box::new(Gaussian::new(
            Box::new(DoubleWell::new(1)?),
            Shape::Isotropic(warm.sigma),
        )),
        optimizer: subject.build(),
    };
    let plan = Plan {
        particles: PARTICLES,
        max_steps: most,
        start: vec![-1.0],
        exit: Exit::Above(1.0),
        coordinate: None,
        lanes: None,
    };
    let ensemble = Ensemble {
        process: &process,
        stream: &Stream::new(SEED, cell_key("escape")),
        plan: &plan,
    };
    let run = ensemble.run(&AtomicBool::new(false), &AtomicU64::new(0));
    let run = run.ok_or_else(|| Error::Failed("interrupted".into()))?;
    let seen = |end: &End| match *end {
        End::Exited(n) => Some((n, true)),
        End::Censored(n) => Some((n, false)),
        End::Diverged(_) => None,
    };
    let seen: Option<Vec<(u64, bool)>> = run.ends.iter().map(seen).collect();
    let seen = seen.ok_or_else(|| Error::Failed("particles are lost to infinity".into()))?;
    let observations = seen.iter().map(|(n, exited)| Observation {
        time: *n as f64 * unit,
        exited: *exited,
    });
    let observations: Vec<Observation> = observations.collect();
    curves.survival = (0..=POINTS)
        .map(|k| {
            let time = 4.0 * k as f64 / POINTS as f64;
            let inside = observations.iter().filter(|o| o.time > time).count();
            (drawn(time), drawn(inside as f64 / PARTICLES as f64))
        })
        .collect();
    let rate = ExitRate::of(&observations, DEFAULT_CONFIDENCE)?.estimate;
    let found = mean_time(&rate).ok_or_else(|| Error::Failed("nothing left the well".into()))?;
    let [temperature, drift] = warm.errors;
    if temperature == 0.0 && drift == 0.0 {
        return Ok(found);
    }
    let (Some(value), Some(error)) = (found.value, found.standard_error) else {
        return Ok(found);
    };
    // The ratio is ⟨n⟩ηs over a passage that falls steeply with the temperature.
    let hotter = self::passage(1.01 * warm.temperature)?;
    let steepness = (hotter / passage).ln() / 1.01f64.ln();
    let errors = [error / value, steepness * temperature, drift];
    let relative = errors.iter().map(|e| e * e).sum::<f64>().sqrt();
    let how = "mean time to the exit";
    Ok(Estimate::normal(
        value,
        relative * value,
        found.n,
        DEFAULT_CONFIDENCE,
        how,
    ))
}

fn chain(subject: &Subject, warm: &Warm, passage: f64) -> Fact {
    const NAME: &str = "escape_exact";
    let memoryless = |linear: prediction::exact::linear::LinearRule| {
        super::exact::order(&linear.filter()) == 0.0 && linear.first_filter().is_none()
    };
    if !subject.linear.is_some_and(memoryless) {
        return Fact::none(
            NAME,
            "it remembers, or is not linear and the same at every step: there is no chain of θ alone",
        );
    }
    let eta = subject.eta * warm.rate;
    let steps = DiscreteChain {
        drift: &slope,
        variance: &|_| warm.sigma.powi(2),
        eta,
        start: -1.0,
        exit: 1.0,
        breaks: &smooth,
        bridge: false,
    }
    .solve();
    match steps {
        Ok(steps) => Fact::exact(
            NAME,
            steps.mean * eta / passage,
            "Nyström solution of the discrete Gaussian chain",
        ),
        Err(why) => Fact::none(NAME, &why.to_string()),
    }
}
