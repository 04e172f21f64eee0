//! `predict escape-rate`: the rate over a barrier of a particle with inertia, at any friction.

use super::Quantity;
use super::answer::{Answer, Figure, Prediction, RELATIVE_ERROR, numbers};
use super::course::{self, Course};
use super::inputs::Inputs;
use super::key::{Key, Range};
use super::law::Way;
use base::error::{Error, Result};
use prediction::exact::klein_kramers::{Arrival, Particle};
use prediction::exact::kramers_law;
use prediction::exact::melnikov_meshkov::{self, Orbits};
use prediction::theory::adai::{self, Escape, Inertia};
use simulation::landscape::line::slope_at;

const LANDSCAPE: Key = course::landscape("double-well");
const TEMPERATURE: Key = Key::new(
    "temperature",
    "0.05",
    Range::Positive,
    "T of the particle; of the rule m ← βm + g, θ ← θ − ηm it is ηC/(2(1 − β))",
);
const DAMPING: Key = Key::new(
    "damping",
    "1",
    Range::Positive,
    "γ, the friction per unit of time; of that rule (1 − β)/√η at mass 1",
);
const MASS: Key = Key::new("mass", "1", Range::Positive, "M");

/// The quantity.
pub const ESCAPE_RATE: Quantity = Quantity {
    name: "escape-rate",
    summary: "rate over the saddle of M dv = −L′(θ) dt − γMv dt + √(2γMT) dW, dθ = v dt",
    keys: &[&[LANDSCAPE], course::KEYS, &[TEMPERATURE, DAMPING, MASS]],
    answer,
};

const UNIT: &str = "(per unit of t)";

fn answer(mut inputs: Inputs) -> Result<Answer> {
    let course = Course::read(&mut inputs, &LANDSCAPE, &ESCAPE_RATE.names())?;
    if course.dim != 1 {
        let why = "the Klein–Kramers equation is solved for one coordinate and its velocity; leave dim out";
        return Err(inputs.error(course::DIM.name, why));
    }
    course.joined(&inputs, None)?;
    let way = Way::of(&course).map_err(|why| inputs.error(course::LANDSCAPE, &why))?;
    let loss = |x: f64| course.line.value(&[x]);
    let slope = |x: f64| slope_at(&*course.line, x);
    let particle = Particle {
        loss: &loss,
        slope: &slope,
        temperature: inputs.number(&TEMPERATURE)?,
        damping: inputs.number(&DAMPING)?,
        mass: inputs.number(&MASS)?,
    };
    let mut notes = Vec::new();
    let paper = paper(&particle, &way, &mut notes)?;
    let exact = exact(&particle, &course, &way, &mut notes)?;
    Ok(Answer {
        quantity: ESCAPE_RATE.name,
        summary: ESCAPE_RATE.summary,
        inputs: inputs.resolved(),
        paper: Some(paper),
        exact,
        notes,
    })
}

/// Theorem 3 at one temperature, and the two laws that it has to be held against.
fn paper(particle: &Particle<'_>, way: &Way, notes: &mut Vec<String>) -> Result<Prediction> {
    let (t, damping, mass) = (particle.temperature, particle.damping, particle.mass);
    let barrier = &way.barrier;
    let top = barrier.h_saddle.abs();
    // At one temperature the theorem's two exponents are ΔL/T; its prefactor knows the saddle alone.
    let theorem = adai::momentum(
        &Escape {
            eta: 1.0,
            batch: 1.0,
            h_min: top,
            h_saddle: top,
            barrier: barrier.height,
            s: 0.5,
        },
        &Inertia { damping, mass },
    )?;
    let rate = (-barrier.height / t).exp() / (theorem.prefactor * damping * mass);
    let kramers = 1.0 / kramers_law::inertial(barrier, t, damping, mass)?;
    let mut values = vec![("rate", rate), ("kramers", kramers)];
    let swing = |minimum: f64| melnikov_meshkov::swing(particle.loss, minimum, way.saddle, mass);
    match swing(way.minimum) {
        Ok(here) => {
            // From just beyond the saddle; where there is no second well nothing comes back.
            let there = swing(way.saddle + 1e-3 * (way.saddle - way.minimum)).ok();
            let orbits = Orbits { here, there };
            let bridged = melnikov_meshkov::rate(barrier, &orbits, t, damping, mass)?;
            values.push(("melnikov_meshkov", bridged));
        }
        Err(error) => notes.push(format!("no Mel'nikov–Meshkov rate: {error}")),
    }
    notes.push(
        "the theorem's τ is in the unit of time where γM = 1; its rate here is per unit of the particle's \
         time. Its prefactor has |H_b| where Kramers' has √(H_a|H_b|)"
            .into(),
    );
    let conditions = [
        way.one_barrier(),
        kramers_law::high_barrier(barrier.height / t),
        kramers_law::strong_friction(barrier, t, damping, mass),
    ];
    Ok(Prediction {
        values: values
            .into_iter()
            .map(|(name, x)| (name, x.into()))
            .collect(),
        unit: UNIT,
        formula: "|H_b| exp(−ΔL/T) / (πγM[√(1 + 4|H_b|/(γ²M)) + 1])".into(),
        source: "Xie et al., Adaptive Inertia, ICML 2022, Theorem 3; Kramers, Physica 7 (1940) 284; Mel'nikov and Meshkov, J. Chem. Phys. 85 (1986) 1018",
        validity: conditions.iter().map(ToString::to_string).collect(),
    })
}

fn exact(
    particle: &Particle<'_>,
    course: &Course,
    way: &Way,
    notes: &mut Vec<String>,
) -> Result<Option<Prediction>> {
    let mut values = match particle.relaxation(way.minimum, way.saddle) {
        Ok(found) => numbers([
            ("eigenvalue", found.eigenvalue),
            ("hop_rate", found.hop_rate),
            (RELATIVE_ERROR, found.relative_error),
        ]),
        // Where nothing holds the particle beyond the saddle there is no slowest mode; it leaves for good.
        Err(Error::Input(why)) => match beyond(particle, way) {
            Ok(values) => {
                notes.push(format!("no slowest mode: {why}"));
                values
            }
            Err(error) => {
                notes.push(format!("no rate: {error}"));
                Vec::new()
            }
        },
        Err(Error::Failed(why)) => {
            notes.push(format!("no rate: {why}"));
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    let arrival = Arrival {
        start: course.start,
        exit: course.exit,
    };
    match particle.passage(arrival) {
        Ok(time) => values.extend(numbers([
            ("mean_passage", time.value),
            ("mean_passage_error", time.relative_error),
        ])),
        Err(error) => notes.push(format!("no mean passage time: {error}")),
    }
    if values.is_empty() {
        return Ok(None);
    }
    Ok(Some(Prediction {
        values,
        unit: UNIT,
        formula: "λ₁, the smallest eigenvalue above 0 of the Klein–Kramers operator; hop_rate = λ₁ × the weight of the other side; of an open well rate = 1/(mean time from rest at the minimum to where the loss has fallen 10 T below the saddle); mean_passage, the mean time from rest at the start to the exit, with its own relative error".into(),
        source: "Hermite functions of v, sinc functions of θ (Risken, The Fokker–Planck Equation, section 10.3); differences with an absorbing half-range for the passage",
        validity: Vec::new(),
    }))
}

/// The rate out of a well beyond whose saddle the loss falls for good.
fn beyond(particle: &Particle<'_>, way: &Way) -> Result<Vec<(&'static str, Figure)>> {
    let fallen = (particle.loss)(way.saddle) - FALLEN * particle.temperature;
    let step = 0.05 * (way.saddle - way.minimum);
    let exit = (1..2000)
        .map(|k| way.saddle + step * f64::from(k))
        .find(|x| (particle.loss)(*x) <= fallen)
        .ok_or_else(|| Error::Failed("the loss neither holds the particle nor falls".into()))?;
    let time = particle.passage(Arrival {
        start: way.minimum,
        exit,
    })?;
    Ok(numbers([
        ("rate", 1.0 / time.value),
        (RELATIVE_ERROR, time.relative_error),
    ]))
}

/// The loss has fallen this many T below the saddle where a particle has left for good.
const FALLEN: f64 = 10.0;

#[cfg(test)]
#[path = "escape_rate_tests.rs"]
mod tests;
