//! The papers' closed forms for the time along a course.

use super::answer::{Prediction, numbers};
use super::course::Course;
use super::noise::{Diffusion, GradientNoise};
use crate::prediction::condition::Condition;
use crate::prediction::exact::kramers_law::{self, Barrier};
use crate::prediction::theory::adai::{self, Escape};
use crate::simulation::landscape::line::curvature_at;
use crate::simulation::landscape::{CriticalPoint, Kind};

/// A time over the saddle, in the units of the SDE dθ = −L′ dt + √(2D) dW.
pub struct Law {
    time: f64,
    formula: &'static str,
    source: &'static str,
    validity: Vec<Condition>,
}

/// Distances in standard deviations of the noise that count as far: the share of paths that turn
/// back from there is erfc(3/√2)/2, a thousandth.
const FAR: f64 = 3.0;

/// Relaxation times 1/H_a that the first of d exits should last for rates to add: no exit happens
/// in the first few. The exact mean of ten coordinates of Styblinski–Tang is a tenth more than that
/// of one over ten at 30, and a quarter more at 8.
const SETTLED: f64 = 30.0;

/// The saddle that a course leads to or over, and the minimum that it leaves.
pub struct Way {
    /// Where the minimum lies.
    pub minimum: f64,
    /// Where the saddle lies.
    pub saddle: f64,
    /// Curvatures and height.
    pub barrier: Barrier,
}

impl Way {
    /// The saddle ahead of the start and no further than the exit, and the nearest minimum behind it.
    ///
    /// # Errors
    /// There is no such saddle, or no minimum on this side of it.
    pub fn of(course: &Course) -> Result<Self, String> {
        let sign = course.sign();
        let points = course.line.critical_points();
        let at = |point: &CriticalPoint| point.theta.first().copied().unwrap_or(f64::NAN);
        // Positions along the course, so that ahead is larger.
        let ahead = |x: f64| sign * x;
        // A saddle typed to a few digits less than it has is still that saddle.
        let close = 1e-6 * (course.exit - course.start).abs();
        let saddle = points
            .iter()
            .filter(|p| p.kind == Kind::Saddle)
            .find(|p| {
                ahead(at(p)) > ahead(course.start) && ahead(at(p)) <= ahead(course.exit) + close
            })
            .ok_or("no saddle lies between the start and the exit")?;
        let minimum = points
            .iter()
            .filter(|p| p.kind == Kind::Minimum && ahead(at(p)) < ahead(at(saddle)))
            .max_by(|a, b| ahead(at(a)).total_cmp(&ahead(at(b))))
            .ok_or("no minimum lies on this side of the saddle")?;
        Ok(Self {
            minimum: at(minimum),
            saddle: at(saddle),
            barrier: Barrier {
                h_min: curvature_at(&*course.line, at(minimum)),
                h_saddle: curvature_at(&*course.line, at(saddle)),
                height: saddle.value - minimum.value,
            },
        })
    }

    fn ends_at_saddle(&self, course: &Course) -> bool {
        (course.exit - self.saddle).abs() <= 1e-6 * (course.exit - course.start).abs()
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
        if course.dim > 1 {
            let settled = law.time * way.barrier.h_min / f64::from(course.dim);
            let condition = Condition::at_least("τH_a/d", settled, SETTLED);
            law.validity.push(condition);
        }
        if let GradientNoise::Hessian { floor, .. } = diffusion.noise {
            if floor > 0.0 {
                notes.push("the paper's C = |H|/B has no floor; its time is given without".into());
            }
            if way.ends_at_saddle(course) {
                notes.push(
                    "the paper's time is that of a passage beyond the saddle; arriving at the saddle \
                     itself, which is what the exact value counts, takes about half as long"
                        .into(),
                );
            }
        }
        Ok(law)
    });
    if law.as_ref().is_ok_and(|law| law.time.is_infinite()) {
        notes.push("the paper's time exceeds the largest double".into());
    }
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
        let widths = |x: f64, h: f64| x.abs() * (h.abs() / temperature).sqrt();
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
        let half = self.ends_at_saddle(course);
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
            validity: adai::validity(&escape).map_err(|e| e.to_string())?,
        })
    }
}

impl Law {
    /// Without the conditions on the size of a step, which an SDE does not have.
    pub fn without_steps(mut self) -> Self {
        self.validity.retain(|condition| condition.above);
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
            validity: self.validity.iter().map(ToString::to_string).collect(),
        }
    }
}
