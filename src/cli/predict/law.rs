//! The papers' closed forms for the time along a course.

use super::answer::{Prediction, numbers};
use super::course::Course;
use super::noise::{Diffusion, GradientNoise};
use experiment::well;
use prediction::condition::Condition;
use prediction::exact::kramers_law::{self, Barrier};
use prediction::theory::adai::{self, Escape};

/// A time over the saddle, in the units of the SDE dθ = −L′ dt + √(2D) dW.
pub struct Law {
    time: f64,
    formula: &'static str,
    source: &'static str,
    validity: Vec<Condition>,
    /// What the size of a step must be.
    steps: Vec<Condition>,
}

/// Distances in standard deviations of the noise that count as far: the share of paths that turn
/// back from there is erfc(3/√2)/2, a thousandth.
const FAR: f64 = 3.0;

/// Relaxation times 1/H_a that the first of d exits should last for rates to add: no exit happens
/// in the first few. The exact mean of ten coordinates of Styblinski–Tang is a tenth more than that
/// of one over ten at 30, and a quarter more at 8.
const SETTLED: f64 = 30.0;

/// The minimum of the start's well, and the saddle that a course leads to or over.
pub struct Way {
    /// Where the minimum lies.
    pub minimum: f64,
    /// Where the saddle lies.
    pub saddle: f64,
    /// Curvatures and height.
    pub barrier: Barrier,
    /// Other wells between the saddle and the exit.
    wells: usize,
    ends_at_saddle: bool,
}

impl Way {
    /// The way of a course.
    ///
    /// # Errors
    /// The start lies in no well, no saddle lies between it and the exit, or a curvature is missing.
    pub fn of(course: &Course) -> Result<Self, String> {
        let found = course.way()?;
        Ok(Self {
            minimum: found.minimum.point.theta[0],
            saddle: found.saddle.point.theta[0],
            barrier: well::barrier(&found)?,
            wells: found.wells,
            ends_at_saddle: found.ends_at_saddle,
        })
    }

    /// The condition that the exit lies beyond this barrier and before another well.
    pub fn one_barrier(&self) -> Condition {
        kramers_law::one_barrier(self.wells)
    }
}

/// The law of a diffusion: Kramers' where D is constant, the diffusion theory's where C = |L″|/B.
/// Where there is none, or where it means something else than the exact solution, a note says so.
pub fn of(
    course: &Course,
    diffusion: &Diffusion,
    wall: Option<f64>,
    notes: &mut Vec<String>,
) -> Option<Law> {
    let law = Way::of(course).and_then(|way| {
        let mut law = match diffusion.noise {
            GradientNoise::Constant(c) => way.kramers(course, diffusion.factor * c, wall)?,
            GradientNoise::Hessian { batch, .. } => {
                way.two_temperatures(2.0 * diffusion.factor, batch)?
            }
        };
        law.validity.insert(0, way.one_barrier());
        if course.dim > 1 {
            // Rates of independent coordinates add.
            law.time /= f64::from(course.dim);
            let condition = Condition::at_least("τH_a/d", law.time * way.barrier.h_min, SETTLED);
            law.validity.push(condition);
        }
        if let GradientNoise::Hessian { floor, .. } = diffusion.noise {
            if floor > 0.0 {
                notes.push("the paper's C = |H|/B has no floor; its time is given without".into());
            }
            if way.ends_at_saddle {
                notes.push(
                    "the paper's time is that of a passage beyond the saddle; arriving at the saddle \
                     itself, which is what the exact value counts, takes about half as long"
                        .into(),
                );
            }
        }
        Ok(law)
    });
    law.map_err(|why| notes.push(format!("no time of a paper: {why}")))
        .ok()
}

impl Way {
    /// Kramers' law, half of it where the exit is the saddle.
    fn kramers(&self, course: &Course, temperature: f64, wall: Option<f64>) -> Result<Law, String> {
        let beyond =
            kramers_law::overdamped(&self.barrier, temperature).map_err(|e| e.to_string())?;
        let Barrier {
            h_min,
            h_saddle,
            height,
        } = self.barrier;
        // Along the course, so that what lies ahead counts.
        let widths = |x: f64, h: f64| course.sign() * x * (h.abs() / temperature).sqrt();
        let mut validity = vec![
            kramers_law::high_barrier(height / temperature),
            Condition::at_least(
                "|saddle − start| √(|H_b|/T)",
                widths(self.saddle - course.start, h_saddle),
                FAR,
            ),
        ];
        if let Some(wall) = wall {
            validity.push(Condition::at_least(
                "|minimum − wall| √(H_a/T)",
                widths(self.minimum - wall, h_min),
                FAR,
            ));
        }
        let half = self.ends_at_saddle;
        if !half {
            validity.push(Condition::at_least(
                "|exit − saddle| √(|H_b|/T)",
                widths(course.exit - self.saddle, h_saddle),
                FAR,
            ));
        }
        Ok(Law {
            time: if half { 0.5 * beyond } else { beyond },
            formula: if half {
                "π/√(H_a|H_b|) exp(ΔL/T), half of the law: the exit is the saddle itself"
            } else {
                "2π/√(H_a|H_b|) exp(ΔL/T)"
            },
            source: "Kramers, Physica 7 (1940) 284",
            validity,
            steps: Vec::new(),
        })
    }

    /// SGD under C = |H|/B, with the s of a smooth junction.
    fn two_temperatures(&self, eta: f64, batch: f64) -> Result<Law, String> {
        let Barrier {
            h_min,
            h_saddle,
            height,
        } = self.barrier;
        let escape = Escape {
            eta,
            batch,
            h_min,
            h_saddle,
            barrier: height,
            s: h_saddle.abs() / (h_min + h_saddle.abs()),
        };
        let time = adai::sgd(&escape).map_err(|e| e.to_string())?.time;
        Ok(Law {
            time,
            formula: "2π/|H_b| exp[(2BΔL/η)(s/H_a + (1 − s)/|H_b|)], s = |H_b|/(H_a + |H_b|)",
            source: "Xie, Sato and Sugiyama, ICLR 2021, Theorem 3.2",
            validity: adai::high_barriers(&escape)
                .map_err(|e| e.to_string())?
                .to_vec(),
            steps: adai::small_steps(&escape)
                .map_err(|e| e.to_string())?
                .to_vec(),
        })
    }
}

impl Law {
    /// Without the conditions on the size of a step, which an SDE does not have.
    pub fn without_steps(mut self) -> Self {
        self.steps.clear();
        self
    }

    /// The prediction of the mean, in a unit of which `per_time` make one unit of time; `factor` is
    /// that factor as the formula shows it.
    pub fn prediction(self, per_time: f64, factor: &str, unit: &'static str) -> Prediction {
        Prediction {
            values: numbers([("mean", self.time * per_time)]),
            unit,
            formula: format!("{factor}{}", self.formula),
            source: self.source,
            validity: self
                .validity
                .iter()
                .chain(&self.steps)
                .map(ToString::to_string)
                .collect(),
        }
    }
}
