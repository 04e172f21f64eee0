//! From the runs of a cell to its exit rate, with the interval that the spread of the runs gives.

use serde::{Deserialize, Serialize};

use super::cell::RareCell;
use super::reference::Reference;
use base::error::Result;
use measurement::mean::Moments;
use measurement::rate::Exposure;
use measurement::regression::line;
use measurement::{Estimate, splitting};

/// One run, as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// p̂.
    pub probability: f64,
    /// Mean steps of a cycle.
    pub cycle: f64,
    /// Levels passed.
    pub levels: u64,
    /// Steps taken.
    pub steps: u64,
}

/// Exits by brute force.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Brute {
    /// Particles that left.
    pub exits: u64,
    /// Steps that all took.
    pub steps: u64,
    /// How many exponential exits would tell Γ as well; `None` where too few left to say.
    pub effective: Option<f64>,
}

impl Brute {
    /// Γ per step: exits over steps at risk.
    pub fn rate(&self) -> f64 {
        self.exits as f64 / self.steps as f64
    }

    /// What the rate is learnt from, as if a particle had been cut short: its interval is then wider by 1/n, and right
    /// whether one was or not.
    pub fn exposure(&self) -> Exposure {
        Exposure {
            exits: self.exits,
            censored: 1,
            time_at_risk: self.steps as f64,
        }
    }

    /// Its relative standard error; NaN where too few left to say.
    pub fn relative_error(&self) -> f64 {
        self.effective.map_or(f64::NAN, |n| 1.0 / n.sqrt())
    }
}

/// What a finished cell leaves on disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// Its runs.
    pub runs: Vec<Run>,
    /// Brute force, where it could reach.
    pub brute: Option<Brute>,
}

/// A cell with what came of it.
pub struct Outcome<'a> {
    /// The cell.
    pub cell: &'a RareCell,
    /// Its runs and brute force.
    pub done: &'a Finished,
    /// The exact reference.
    pub reference: Reference,
    /// Γ = ⟨p̂⟩/⟨cycle⟩ per step.
    pub rate: Estimate,
    /// The standard error of Γ.
    pub error: f64,
    /// p, from Σ to the exit.
    pub probability: Estimate,
    /// Mean steps of a cycle.
    pub cycle: f64,
    /// Standard deviation of p̂ over its mean, run by run.
    pub spread: f64,
    /// Its relative standard error: ½√((κ − 1)/R), κ the kurtosis of p̂ over the R runs.
    pub spread_error: f64,
    /// √(−ln p/N), the least that splitting can have.
    pub ideal: f64,
    /// Mean steps of a run.
    pub work: f64,
}

impl<'a> Outcome<'a> {
    /// Statistics of a finished cell.
    ///
    /// # Errors
    /// Fewer than two runs.
    pub fn of(
        cell: &'a RareCell,
        done: &'a Finished,
        reference: Reference,
        confidence: f64,
    ) -> Result<Self> {
        let moments = |of: fn(&Run) -> f64| done.runs.iter().map(of).collect::<Moments>();
        let (p, c) = (moments(|r| r.probability), moments(|r| r.cycle));
        let mean = |m: &Moments| m.mean().unwrap_or(f64::NAN);
        let (probability, cycle) = (mean(&p), mean(&c));
        let rate = splitting::rate(&p, &c, confidence)?;
        let runs = done.runs.len() as u64;
        Ok(Outcome {
            error: rate.standard_error.unwrap_or(f64::NAN),
            rate,
            probability: splitting::probability(&p, confidence)?,
            cycle,
            spread: p.variance().unwrap_or(f64::NAN).sqrt() / probability,
            spread_error: 0.5 * ((kurtosis(&done.runs) - 1.0) / runs as f64).sqrt(),
            ideal: (-probability.ln() / cell.plan.replicas as f64).sqrt(),
            work: moments(|r| r.steps as f64).mean().unwrap_or(f64::NAN),
            cell,
            done,
            reference,
        })
    }

    /// ln of the mean exit step of the chain that is split over that of the SDE behind it; 0 for an optimizer, and where
    /// one of them is not known.
    pub fn log_bias(&self) -> f64 {
        let both = self.reference.steps.zip(self.reference.sde_steps);
        match (self.cell.cell.driver.scheme(), both) {
            (Some(_), Some((chain, sde))) => (chain / sde).ln(),
            _ => 0.0,
        }
    }

    /// ⟨n⟩ = 1/Γ with its interval.
    pub fn mean(&self) -> Estimate {
        Estimate {
            value: self.rate.value.map(|r| 1.0 / r),
            ci_low: 1.0 / self.rate.ci_high,
            ci_high: 1.0 / self.rate.ci_low,
            method: format!("1/Γ; {}", self.rate.method),
            ..self.rate.clone()
        }
    }
}

/// κ of p̂ over the runs.
fn kurtosis(runs: &[Run]) -> f64 {
    let n = runs.len() as f64;
    let mean = runs.iter().map(|r| r.probability).sum::<f64>() / n;
    let moment = |k| {
        runs.iter()
            .map(|r| (r.probability - mean).powi(k))
            .sum::<f64>()
            / n
    };
    moment(4) / moment(2).powi(2)
}

/// Steps of a run against ΔL/T, as a straight line.
pub struct WorkLine {
    /// At ΔL/T = 0.
    pub level: f64,
    /// For each unit of ΔL/T.
    pub slope: f64,
    /// The largest relative distance of a cell from it.
    pub worst: f64,
}

/// The line through the cells of a series, each with the same relative weight; `None` below three.
pub fn work_line(outcomes: &[Outcome<'_>], name: &str) -> Option<WorkLine> {
    let own = outcomes.iter().filter(|o| o.cell.cell.series == name);
    let (x, y): (Vec<f64>, Vec<f64>) = own.map(|o| (o.cell.height(), o.work)).unzip();
    if x.len() < 3 {
        return None;
    }
    let fit = line(&x, &y, &y).ok()?;
    let (level, slope) = (fit.coefficients[0], fit.coefficients[1]);
    let off = x
        .iter()
        .zip(&y)
        .map(|(x, y)| ((level + slope * x) / y - 1.0).abs());
    Some(WorkLine {
        level,
        slope,
        worst: off.fold(0.0, f64::max),
    })
}

/// The series in their order.
pub fn series<'b>(outcomes: &'b [Outcome<'_>]) -> Vec<&'b str> {
    let mut names: Vec<&str> = Vec::new();
    for o in outcomes {
        if !names.contains(&o.cell.cell.series.as_str()) {
            names.push(&o.cell.cell.series);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rare_events::RareSpec;
    use crate::spec::{Document, Section};
    use simulation::optimizer::registry::Rules;

    /// 24 runs of which none saw an exit: p ≤ 1 − 0.0005^(1/24) = 0.27145; 24 of which every path did: p ≥ 0.0005^(1/24).
    /// The rate and the mean time are bounded by no exit on one side, and no number is not one.
    #[test]
    fn runs_without_an_exit_bound_the_rate() {
        let text = "[landscape]\nname = \"double-well\"\n[noise]\nname = \"gaussian\"\nvariance = 2.0\n\
                    [[optimizer]]\nname = \"sgd\"\neta = 0.05\n[splitting]\n";
        let document = Document::parse("f", text).unwrap();
        let root = Section::new("", &document.root).unwrap();
        let spec = RareSpec::read(&root, "rare", &Rules::default()).unwrap();
        let of = |probability: f64| {
            let runs = (0..24).map(|i| Run {
                probability,
                cycle: 30.0 + f64::from(i % 3),
                levels: 0,
                steps: 1000,
            });
            let done = Finished {
                runs: runs.collect(),
                brute: Some(Brute {
                    exits: 0,
                    steps: 1_000_000,
                    effective: Some(0.0),
                }),
            };
            let found = Outcome::of(&spec.cells[0], &done, Reference::default(), 0.999).unwrap();
            (found.probability.clone(), found.rate.clone(), found.mean())
        };
        let high = 1.0 - 0.0005f64.powf(1.0 / 24.0);
        let (p, rate, mean) = of(0.0);
        assert_eq!((p.value, p.ci_low, rate.value), (Some(0.0), 0.0, None));
        assert!((p.ci_high - high).abs() < 1e-12 && (high - 0.27145).abs() < 1e-5);
        assert!(rate.ci_high > high / 31.0 && rate.ci_high < 1.3 * high / 31.0);
        assert!(mean.value.is_none() && mean.ci_low > 80.0 && mean.has_interval());
        let (p, rate, _) = of(1.0);
        assert!((p.ci_low - (1.0 - high)).abs() < 1e-12 && p.ci_high == 1.0);
        assert!(rate.value == Some(1.0 / 31.0) && rate.ci_low > 0.0);
        assert!(!of(0.5).1.has_interval());
    }
}
