//! What the papers predict for an observation.

use super::cell::Cell;
use super::observation::{Observation, Quantity};
use prediction::theory::adai::Inertia;
use prediction::theory::adai::saddle::{self, Saddle};
use prediction::theory::marginal_value::Walk;
use prediction::theory::pnm::{self, Posterior};

/// The prediction of the claim `id` for observation `o` of `cell`; `None` where it says nothing.
pub fn prediction(id: &str, cell: &Cell, o: &Observation) -> Option<f64> {
    let beta = |key: &str| cell.value(key);
    let posterior = |law: Posterior| {
        let sigma = law.covariance(&cell.quadratic().ok()?, cell.eta()).ok()?;
        (o.quantity == Quantity::Covariance).then(|| sigma[(o.i, o.j)])
    };
    let momentum = || {
        let (beta1, beta3) = weights(cell)?;
        posterior(Posterior::HeavyBall { beta1, beta3 })
    };
    let variance = cell.noise[o.i][o.i];
    let ground = Saddle {
        eta: cell.eta(),
        a: -cell.hessian[o.i][o.i],
        variance,
        steps: o.step as f64,
    };
    match id {
        "pnm.thm4.1" | "pnm.eq15" => posterior(Posterior::Sgd),
        "pnm.eq17" | "pnm.half" => momentum(),
        "pnm.eq19" => {
            let beta0 = cell.two_batch.or(beta("beta0"))?;
            posterior(Posterior::Pnm { beta0 })
        }
        "pnm.eq4" => (o.quantity == Quantity::PerStep).then(|| pnm::momentum_noise(variance)),
        "pnm.eq9" => {
            let beta0 = beta("beta0")?;
            (o.quantity == Quantity::PerStep).then(|| pnm::pnm_noise(variance, beta0))
        }
        "mv.sec4.1" => {
            let walk = Walk::new(1.0, beta("beta1").unwrap_or(0.0), variance).ok()?;
            match o.quantity {
                Quantity::PerStep => Some(walk.sgdm_step()),
                Quantity::Spread => Some(walk.sgdm_end(o.step as f64) / o.step as f64),
                _ => None,
            }
        }
        "adai.thm1" => saddle::sgd(&ground).ok(),
        "adai.thm2" => {
            let (beta1, beta3) = weights(cell)?;
            let inertia = Inertia::of_rule(cell.eta(), beta1, beta3).ok()?;
            Some(saddle::momentum(&ground, &inertia).ok()?.total())
        }
        "adai.prop1" => Some(saddle::adam(&ground, beta("beta1")?).ok()?.total()),
        "adai.prop3" => {
            let c = cell.variances();
            let mean = c.iter().sum::<f64>() / c.len() as f64;
            Some(saddle::adai(&ground, mean, beta("beta0")?).ok()?.total())
        }
        _ => None,
    }
}

/// β₁ and β₃ of a rule that is a heavy ball. PNM is held against the average of its own β₁.
fn weights(cell: &Cell) -> Option<(f64, f64)> {
    let beta1 = cell.value("beta1")?;
    match cell.rule.entry.name {
        "heavy-ball" => Some((beta1, cell.value("beta3")?)),
        "sgdm" | "pnm" => Some((beta1, 1.0 - beta1)),
        _ => None,
    }
}
