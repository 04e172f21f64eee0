//! Exact references of a cell, where there are any: no random numbers here.

use serde::{Deserialize, Serialize};

use super::cell::{Cell, Driver, Noise, Scheme, Shape};
use crate::marks::{Slope, marks};
use measurement::reading::Exact;
use prediction::exact::averaged_loss::AveragedStyblinskiTang;
use prediction::exact::discrete_chain::{DiscreteChain, ExitSteps};
use prediction::exact::first_passage::{FirstPassage, Passage};
use prediction::exact::minimum_of_d::Survival;
use prediction::exact::{Breaks, Function, Interpretation, smooth};
use simulation::ensemble::{Crossing, SHIFT};
use simulation::landscape::Kind;
use simulation::landscape::line::curvature_at;
use simulation::sde::{EulerMaruyama, Reading};

/// What the mean exit step of a cell must be, and what stands beside it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// The exact mean number of steps of the very process that is simulated.
    pub steps: Option<f64>,
    /// The standard deviation of the number of steps of the very process that is simulated, where it is known.
    pub spread: Option<f64>,
    /// How it was computed.
    pub method: String,
    /// The mean time of the SDE behind the process, in its steps.
    pub sde_steps: Option<f64>,
    /// True where that SDE never leaves.
    pub sde_never_leaves: bool,
    /// Mean steps of the simulated scheme of an SDE, computed without random numbers.
    pub scheme_steps: Option<f64>,
    /// The mean number of steps of a chain with Gaussian noise of the data's true variance, in place
    /// of the real minibatches.
    pub gaussian_stand_in: Option<f64>,
    /// Why something that was looked for could not be had.
    pub notes: Vec<String>,
}

/// What the solvers on a line vouch for, relative: beyond it they give a sentence in place of a number.
const SOLVED: f64 = 1e-6;

/// A number of steps that such a solver found.
pub fn solved(method: &str, steps: f64) -> Exact {
    Exact::by(method, steps).within(SOLVED * steps)
}

impl Reference {
    /// The mean exit step of the process, of the SDE behind it, and of the chain with Gaussian noise in place of
    /// minibatches, where they are known.
    pub fn exact(&self) -> [Option<Exact>; 3] {
        [
            self.steps.map(|steps| solved(&self.method, steps)),
            self.sde_steps.map(|steps| solved("quadrature", steps)),
            self.gaussian_stand_in.map(|steps| solved("Nyström", steps)),
        ]
    }

    /// The relative bias of the simulated scheme against the SDE.
    pub fn scheme_bias(&self) -> Option<f64> {
        Some(self.scheme_steps? / self.sde_steps? - 1.0)
    }
}

/// An SDE in one coordinate: −drift, D, where they are not smooth, and the reading of its noise.
struct Line<'a> {
    slope: &'a dyn Function,
    diffusion: &'a dyn Function,
    breaks: Breaks<'a>,
    interpretation: Interpretation,
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
        if self.coordinate.is_none() && self.start.len() > 1 {
            reference.notes.push(
                "no exact reference: coordinates that may leave start at different places".into(),
            );
            return Ok(reference);
        }
        let line = self.surface_of(1)?;
        let slope = Slope(&*line);
        let curvature = |x: f64| curvature_at(&*line, x).abs();
        let plain = |low: f64, high: f64| marks(&*line, low, high, false);
        let bent = |low: f64, high: f64| marks(&*line, low, high, true);
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
                    Noise::Minibatch { .. } | Noise::Fresh { .. } if left => {
                        self.stand_in(&mut reference, noise, eta);
                    }
                    Noise::Minibatch { .. } | Noise::Fresh { .. } => {}
                    Noise::Stable { alpha, .. } if *alpha < 2.0 => reference
                        .notes
                        .push("no exact reference for heavy-tailed noise".into()),
                    noise if !noise.is_gaussian() => reference
                        .notes
                        .push("no exact reference for noise that is not Gaussian".into()),
                    Noise::Correlated { .. } if self.dim > 1 => reference
                        .notes
                        .push("no exact reference for correlated noise".into()),
                    noise => {
                        let Some(c) = noise.along(&|| self.surface_of(1))? else {
                            let why = "no exact reference for noise that changes with time";
                            reference.notes.push(why.into());
                            return Ok(reference);
                        };
                        let breaks: Breaks<'_> = match noise {
                            Noise::Gaussian { .. } => &plain,
                            _ => &bent,
                        };
                        self.chain(&mut reference, &slope, &c, eta, breaks);
                        let sde = Line {
                            slope: &slope,
                            diffusion: &|x: f64| eta * c(x) / 2.0,
                            breaks,
                            interpretation: Interpretation::Ito,
                        };
                        self.sde(&mut reference, &sde, eta);
                    }
                }
            }
            Driver::Langevin {
                temperature,
                scheme,
            } => {
                let d = |_: f64| *temperature;
                let shift = SHIFT * (2.0 * temperature * scheme.dt).sqrt();
                let sde = Line {
                    slope: &slope,
                    diffusion: &d,
                    breaks: &plain,
                    interpretation: Interpretation::Ito,
                };
                self.scheme(&mut reference, &sde, scheme, Some(shift));
            }
            Driver::Shaped {
                shape,
                eta_over_batch,
                floor,
                reading,
                scheme,
            } => {
                let minima = line.critical_points();
                let minima = minima.iter().filter(|point| point.kind == Kind::Minimum);
                let least = minima.map(|p| p.value).fold(f64::INFINITY, f64::min);
                let d = |x: f64| {
                    let followed = match shape {
                        Shape::Hessian => curvature(x),
                        Shape::Loss => line.value(&[x]) - least,
                    };
                    eta_over_batch / 2.0 * (followed + floor)
                };
                let sde = Line {
                    slope: &slope,
                    diffusion: &d,
                    breaks: &bent,
                    interpretation: match reading {
                        Reading::Ito => Interpretation::Ito,
                        Reading::Stratonovich => Interpretation::Stratonovich,
                        Reading::AntiIto => Interpretation::AntiIto,
                    },
                };
                self.scheme(&mut reference, &sde, scheme, None);
            }
            Driver::Inert { .. } => reference
                .notes
                .push("no exact reference with inertia: its state is more than θ".into()),
        }
        Ok(reference)
    }

    /// The discrete chain, in d coordinates by the minimum of d independent ones.
    fn chain(
        &self,
        reference: &mut Reference,
        slope: &dyn Function,
        variance: &dyn Function,
        eta: f64,
        breaks: Breaks<'_>,
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
        match minimum(&chain, self.leaving_coordinates()) {
            Ok(steps) => {
                reference.steps = Some(steps.mean);
                reference.spread = Some(steps.variance.sqrt());
                reference.method = if self.leaving_coordinates() == 1 {
                    "Nyström solution of the discrete Gaussian chain".into()
                } else {
                    format!(
                        "Σₙ S(n)^{} over the discrete Gaussian chain",
                        self.leaving_coordinates()
                    )
                };
            }
            Err(message) => reference.notes.push(format!("discrete chain: {message}")),
        }
    }

    /// The SDE in one coordinate, in steps of `step`.
    fn sde(&self, reference: &mut Reference, sde: &Line<'_>, step: f64) {
        if self.leaving_coordinates() != 1 {
            return;
        }
        let passage = FirstPassage {
            drift: sde.slope,
            diffusion: sde.diffusion,
            start: self.start_towards_exit(),
            exit: self.exit,
            reflecting: None,
            breaks: sde.breaks,
            interpretation: sde.interpretation,
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

    /// The SDE, and beside it the bias of Euler–Maruyama in the Itô reading, with the exit test of `scheme`; `shift` is
    /// how far inwards a shifted boundary lies, where that is the same everywhere.
    fn scheme(
        &self,
        reference: &mut Reference,
        sde: &Line<'_>,
        scheme: &Scheme,
        shift: Option<f64>,
    ) {
        self.sde(reference, sde, scheme.dt);
        if self.leaving_coordinates() != 1 {
            return;
        }
        let Some(exact) = reference.sde_steps else {
            return;
        };
        reference.steps = Some(exact);
        reference.method = "quadrature of the first-passage time".into();
        let inwards = match (scheme.crossing, shift) {
            (Crossing::Shifted, Some(shift)) => shift,
            (Crossing::Shifted, None) => return,
            _ => 0.0,
        };
        if scheme.integrator != EulerMaruyama::NAME || sde.interpretation != Interpretation::Ito {
            return;
        }
        let dt = scheme.dt;
        let chain = DiscreteChain {
            drift: sde.slope,
            variance: &|x: f64| 2.0 * sde.diffusion.at(x) / dt,
            eta: dt,
            start: self.start_towards_exit(),
            exit: self.exit - inwards * (self.exit - self.start_towards_exit()).signum(),
            breaks: sde.breaks,
            bridge: scheme.crossing == Crossing::Bridge,
        };
        match chain.solve() {
            Ok(steps) => {
                reference.scheme_steps = Some(steps.mean);
                reference.spread = Some(steps.variance.sqrt());
            }
            Err(error) => reference.notes.push(format!("bias of the scheme: {error}")),
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
            drift: &|y: f64| averaged.gradient(y),
            variance: &|y: f64| averaged.gradient_variance(y) / batch,
            eta: eta * self.sharpness,
            start: self.start_towards_exit() * root,
            exit: self.exit * root,
            breaks: &smooth,
            bridge: false,
        };
        match minimum(&chain, self.leaving_coordinates()) {
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
