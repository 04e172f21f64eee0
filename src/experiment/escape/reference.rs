//! Exact references of a cell, where there are any: no random numbers here.

use serde::{Deserialize, Serialize};

use super::cell::{Cell, Driver, Noise};
use crate::prediction::exact::Interpretation;
use crate::prediction::exact::averaged_loss::AveragedStyblinskiTang;
use crate::prediction::exact::discrete_chain::{DiscreteChain, ExitSteps};
use crate::prediction::exact::first_passage::{FirstPassage, Passage};
use crate::prediction::exact::minimum_of_d::Survival;
use crate::simulation::landscape::line::{curvature_at, inflections, slope_at};

/// What the mean exit step of a cell must be, and what stands beside it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// The exact mean number of steps of the very process that is simulated.
    pub steps: Option<f64>,
    /// How it was computed.
    pub method: String,
    /// The mean time of the SDE behind the process, in its steps.
    pub sde_steps: Option<f64>,
    /// True where that SDE never leaves.
    pub sde_never_leaves: bool,
    /// Relative bias of the simulated scheme against the SDE, computed without random numbers.
    pub scheme_bias: Option<f64>,
    /// The mean number of steps of a chain with Gaussian noise of the data's true variance, in place
    /// of the real minibatches.
    pub gaussian_stand_in: Option<f64>,
    /// Why something that was looked for could not be had.
    pub notes: Vec<String>,
}

impl Cell {
    /// The exact references of this cell. Where nothing `left`, no stand-in is computed: it would be
    /// compared with nothing.
    ///
    /// # Errors
    /// The surface refuses its parameters.
    pub fn reference(&self, left: bool) -> Result<Reference, String> {
        let mut reference = Reference::default();
        let surface = self.surface()?;
        if !surface.separable() {
            reference
                .notes
                .push("no exact reference: the surface is not separable".into());
            return Ok(reference);
        }
        let line = self.surface_of(1)?;
        let slope = |x: f64| slope_at(&*line, x);
        let curvature = |x: f64| curvature_at(&*line, x).abs();
        let mut breaks = line.kinks();
        match &self.driver {
            Driver::Optimizer { rule, noise } => {
                if rule.entry.name != "sgd" {
                    reference.notes.push(format!(
                        "no exact reference for {}: its state is more than θ",
                        rule.entry.name
                    ));
                    return Ok(reference);
                }
                if !rule.values.is_plain() {
                    let why = "no exact reference with weight decay or a schedule";
                    reference.notes.push(why.into());
                    return Ok(reference);
                }
                let eta = rule.values["eta"];
                match noise {
                    Noise::Gaussian { variance } => {
                        let c = |_: f64| *variance;
                        self.chain(&mut reference, &slope, &c, eta, &breaks);
                        self.sde(
                            &mut reference,
                            &slope,
                            &|_| eta * variance / 2.0,
                            &breaks,
                            eta,
                        );
                    }
                    Noise::Hessian { batch, floor } => {
                        breaks.extend(inflections(&*line, self.start_towards_exit(), self.exit));
                        let c = |x: f64| (curvature(x) + floor) / batch;
                        self.chain(&mut reference, &slope, &c, eta, &breaks);
                        self.sde(&mut reference, &slope, &|x| eta * c(x) / 2.0, &breaks, eta);
                    }
                    Noise::Minibatch { .. } | Noise::Fresh { .. } if left => {
                        self.stand_in(&mut reference, noise, eta);
                    }
                    Noise::Minibatch { .. } | Noise::Fresh { .. } => {}
                    Noise::Correlated { .. } => reference
                        .notes
                        .push("no exact reference for correlated noise".into()),
                }
            }
            Driver::Langevin { temperature, dt } => {
                let d = |_: f64| *temperature;
                self.scheme(&mut reference, &slope, &d, &breaks, *dt);
            }
            Driver::HessianLangevin {
                eta_over_batch,
                floor,
                dt,
            } => {
                breaks.extend(inflections(&*line, self.start_towards_exit(), self.exit));
                let d = |x: f64| eta_over_batch / 2.0 * (curvature(x) + floor);
                self.scheme(&mut reference, &slope, &d, &breaks, *dt);
            }
        }
        Ok(reference)
    }

    /// The discrete chain, in d coordinates by the minimum of d independent ones.
    fn chain(
        &self,
        reference: &mut Reference,
        slope: &dyn Fn(f64) -> f64,
        variance: &dyn Fn(f64) -> f64,
        eta: f64,
        breaks: &[f64],
    ) {
        let chain = DiscreteChain {
            drift: slope,
            variance,
            eta,
            start: self.start_towards_exit(),
            exit: self.exit,
            breaks,
            bridge: false,
        };
        match minimum(&chain, self.dim) {
            Ok(steps) => {
                reference.steps = Some(steps.mean);
                reference.method = if self.dim == 1 {
                    "Nyström solution of the discrete Gaussian chain".into()
                } else {
                    format!("Σₙ S(n)^{} over the discrete Gaussian chain", self.dim)
                };
            }
            Err(message) => reference.notes.push(format!("discrete chain: {message}")),
        }
    }

    /// The SDE in one coordinate, in steps of `step`.
    fn sde(
        &self,
        reference: &mut Reference,
        slope: &dyn Fn(f64) -> f64,
        diffusion: &dyn Fn(f64) -> f64,
        breaks: &[f64],
        step: f64,
    ) {
        if self.dim != 1 {
            return;
        }
        let passage = FirstPassage {
            drift: slope,
            diffusion,
            start: self.start_towards_exit(),
            exit: self.exit,
            reflecting: None,
            breaks,
            interpretation: Interpretation::Ito,
        };
        match passage.solve() {
            Ok(Passage::After(time)) => reference.sde_steps = Some(time.mean / step),
            Ok(Passage::Never { barrier }) => {
                reference.sde_never_leaves = true;
                reference.notes.push(format!(
                    "the SDE never leaves: its diffusion vanishes at θ = {barrier:.6}"
                ));
            }
            Err(error) => reference.notes.push(format!("first passage: {error}")),
        }
    }

    /// Euler–Maruyama with the bridge test: held against the SDE, its own bias computed beside it.
    fn scheme(
        &self,
        reference: &mut Reference,
        slope: &dyn Fn(f64) -> f64,
        diffusion: &dyn Fn(f64) -> f64,
        breaks: &[f64],
        dt: f64,
    ) {
        self.sde(reference, slope, diffusion, breaks, dt);
        if self.dim != 1 {
            return;
        }
        if let Some(exact) = reference.sde_steps {
            reference.steps = Some(exact);
            reference.method = "quadrature of the Itô first-passage time".into();
            let chain = DiscreteChain {
                drift: slope,
                variance: &|x| 2.0 * diffusion(x) / dt,
                eta: dt,
                start: self.start_towards_exit(),
                exit: self.exit,
                breaks,
                bridge: true,
            };
            match chain.solve() {
                Ok(steps) => reference.scheme_bias = Some(steps.mean / exact - 1.0),
                Err(error) => reference.notes.push(format!("bias of the scheme: {error}")),
            }
        }
    }

    /// A Gaussian chain with the true gradient variance of Styblinski–Tang under normal data.
    fn stand_in(&self, reference: &mut Reference, noise: &Noise, eta: f64) {
        let (batch, law, variance) = match noise {
            Noise::Minibatch {
                batch,
                law,
                variance,
                ..
            }
            | Noise::Fresh {
                batch,
                law,
                variance,
                ..
            } => (*batch as f64, law, *variance),
            _ => return,
        };
        if self.landscape != "styblinski-tang" || law != "normal" {
            return;
        }
        let averaged = match AveragedStyblinskiTang::new(variance) {
            Ok(averaged) => averaged,
            Err(error) => {
                reference.notes.push(error.to_string());
                return;
            }
        };
        let root = self.sharpness.sqrt();
        let chain = DiscreteChain {
            drift: &|y| averaged.gradient(y),
            variance: &|y| averaged.gradient_variance(y) / batch,
            eta: eta * self.sharpness,
            start: self.start_towards_exit() * root,
            exit: self.exit * root,
            breaks: &[],
            bridge: false,
        };
        match minimum(&chain, self.dim) {
            Ok(steps) => reference.gaussian_stand_in = Some(steps.mean),
            Err(message) => reference
                .notes
                .push(format!("Gaussian stand-in: {message}")),
        }
    }
}

fn minimum(chain: &DiscreteChain<'_>, dim: usize) -> Result<ExitSteps, String> {
    if dim == 1 {
        return chain.solve().map_err(|e| e.to_string());
    }
    let survival = Survival::of(chain).map_err(|e| e.to_string())?;
    survival.minimum(dim as u32).map_err(|e| e.to_string())
}
