//! What became of watched networks, and what is known of their exits.

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::neuron::Neuron;
use base::error::Result;
use measurement::exit_rate::ExitRate;
use measurement::mean::Moments;
use measurement::rate::Observation;
use measurement::regression::line;
use measurement::{Estimate, Sampled};
use prediction::exact::Watched;
use verdict::SelfCheck;
use verdict::decide;

/// One network: the step of its exit, or none within the horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fate {
    /// The first step beyond the saddle.
    pub exit: Option<u64>,
}

/// A cell with its networks and all predictions.
pub struct Outcome<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// Its networks.
    pub fates: &'a [Fate],
    /// The rate per step.
    pub rate: Estimate,
    /// ln of the rate, with its standard error.
    pub log_rate: Option<(f64, f64)>,
    /// The chain, for SGD.
    pub chain: Option<Watched>,
    /// The rate of the diffusion with the same drift and variance.
    pub diffusion: f64,
    /// The rate of the papers' formula.
    pub paper: f64,
}

impl<'a> Outcome<'a> {
    /// Everything known of a cell.
    ///
    /// # Errors
    /// A reference fails.
    pub fn of(cell: &'a Cell, fates: &'a [Fate], neuron: &Neuron, confidence: f64) -> Result<Self> {
        let seen = fates.iter().map(|fate| Observation {
            time: fate.exit.unwrap_or(cell.horizon) as f64,
            exited: fate.exit.is_some(),
        });
        let rate = ExitRate::of(&seen.collect::<Vec<_>>(), confidence)?;
        let (eta, batch) = (cell.eta(), cell.batch);
        let chain = cell
            .is_sgd()
            .then(|| neuron.chain(eta, batch, cell.horizon));
        Ok(Outcome {
            cell,
            fates,
            log_rate: rate.log(),
            rate: rate.estimate,
            chain: chain.transpose()?,
            diffusion: neuron.diffusion(eta, batch)?,
            paper: neuron.paper(eta, batch)?,
        })
    }

    /// B/η.
    pub fn inverse_temperature(&self) -> f64 {
        self.cell.batch as f64 / self.cell.eta()
    }

    /// The measured rate against the chain's exits over its time at risk, which is what it tends to at this horizon;
    /// what the grid leaves open is allowed. Its standard error is that of a ratio of means over networks.
    pub fn self_check(&self) -> Option<SelfCheck> {
        let chain = self.chain?;
        let value = self.rate.value?;
        let time = |fate: &Fate| fate.exit.unwrap_or(self.cell.horizon) as f64;
        let mean = self.fates.iter().map(time).sum::<f64>() / self.fates.len() as f64;
        let residuals = self.fates.iter().map(|fate| {
            let exited = f64::from(u8::from(fate.exit.is_some()));
            (exited - value * time(fate)) / mean
        });
        let error = residuals.collect::<Moments>().standard_error()?;
        let measured = Sampled::student(value, error, self.rate.n);
        let exact = chain.rate();
        let id = format!("{}: exits per step", self.cell.label);
        let allowed = chain.relative_error * exact;
        Some(decide::self_check(&id, &measured, exact, allowed))
    }
}

/// The slope of ln τ against B/η of a series at one η: the measured one, weighted by exits, and that of the chain.
///
/// # Errors
/// Fewer than two cells with exits.
pub fn slope(own: &[&Outcome<'_>], confidence: f64) -> Result<Estimate> {
    let usable = own.iter().filter_map(|o| {
        let (value, error) = o.log_rate?;
        Some((o.inverse_temperature(), -value, error))
    });
    let all: Vec<(f64, f64, f64)> = usable.collect();
    let of = |pick: fn(&(f64, f64, f64)) -> f64| all.iter().map(pick).collect::<Vec<f64>>();
    line(&of(|p| p.0), &of(|p| p.1), &of(|p| p.2))?.coefficient(1, confidence)
}

/// Slope through exact values at the same places.
pub fn exact_slope(
    own: &[&Outcome<'_>],
    rate: impl Fn(&Outcome<'_>) -> Option<f64>,
) -> Option<f64> {
    let usable = own
        .iter()
        .filter_map(|o| Some((o.inverse_temperature(), -rate(o)?.ln())));
    let (x, y): (Vec<f64>, Vec<f64>) = usable.unzip();
    Some(line(&x, &y, &vec![1.0; x.len()]).ok()?.coefficients[1])
}
