//! `predict saddle`: how far an optimizer spreads from a saddle in some steps.

use nalgebra::DMatrix;

use super::Quantity;
use super::answer::{Answer, Prediction};
use super::inputs::Inputs;
use super::key::{Key, Range};
use super::optimizer::{self, Asked, Form, OPTIMIZER};
use super::quadratic::{self, Curvature, HESSIAN, figure};
use super::stability::DECISIVE;
use super::stationary::{ETA, NOISE_VARIANCE};
use base::error::Result;
use prediction::exact::linear::{LinearOptimizer, LinearRule, Memory, Quadratic, Recursion};
use prediction::exact::{Langevin, OrnsteinUhlenbeck, Velocity};
use prediction::theory::adai::saddle::{Saddle, Statement};

const H: Key = Key::new("h", "-0.1", Range::Negative, "h < 0, the curvature of ½hθ²");
const VARIANCE: Key = Key {
    default: Some("0.1"),
    ..NOISE_VARIANCE
};
const STEPS: Key = Key::new("steps", "100", Range::Whole, "T, the number of steps");
const MOMENTUM: Key = Key::new(
    "momentum",
    "zero",
    Range::Name,
    "zero, or stationary: the momentum's own law at the saddle before the first step",
);

/// The quantity.
pub const SADDLE: Quantity = Quantity {
    name: "saddle",
    summary: "mean squared displacement ⟨θ²⟩ after T steps from a saddle with additive noise",
    keys: &[
        &[OPTIMIZER, ETA, H, HESSIAN, VARIANCE],
        quadratic::NOISE_KEYS,
        &[STEPS, MOMENTUM],
        optimizer::RULE_KEYS,
        optimizer::FROZEN_KEYS,
    ],
    answer,
};

/// The logarithm of what has grown out of a double, as its square, or soon does.
const OUTGROWN: f64 = 300.0;

const UNIT: &str = "(θ²)";

fn answer(mut inputs: Inputs) -> Result<Answer> {
    inputs.only(&SADDLE.names())?;
    let asked = Asked::any(&mut inputs)?;
    let eta = inputs.number(&ETA)?;
    let curvature = Curvature::read(&mut inputs, &H)?;
    let least = curvature.noiseless().curvatures().0;
    if least >= 0.0 {
        let what = format!(
            "H has no eigenvalue below 0, the least is {least}: it is no saddle (ask stationary)"
        );
        return Err(curvature.error(&inputs, &H, &what));
    }
    let quadratic = curvature.with_noise(&mut inputs, &VARIANCE)?;
    let steps = inputs.number(&STEPS)?;
    let memory = match inputs.choice(&MOMENTUM, &["zero", "stationary"])? {
        "stationary" => Memory::Stationary,
        _ => Memory::Zero,
    };
    let optimizer = inputs.among(&DECISIVE, asked.on(&quadratic))?;
    let run = Run {
        asked,
        eta,
        quadratic,
        matrix: curvature.matrix,
        steps,
        memory,
    };
    let keys = [&[ETA.name][..], &DECISIVE].concat();
    let mut notes = Vec::new();
    let exact = inputs.among(&keys, run.exact(&optimizer))?;
    if asked.is_frozen() {
        notes.push(format!(
            "{} with its second moments frozen at v = C, the variances of the noise, and without bias \
             corrections",
            asked.name
        ));
    }
    let paper = inputs.among(&keys, run.paper(&mut notes))?;
    Ok(Answer {
        quantity: SADDLE.name,
        summary: SADDLE.summary,
        inputs: inputs.resolved(),
        paper,
        exact: Some(exact),
        notes,
    })
}

struct Run {
    asked: Asked,
    eta: f64,
    quadratic: Quadratic,
    matrix: bool,
    /// A whole number below 2⁵³.
    steps: f64,
    memory: Memory,
}

impl Run {
    fn exact(&self, optimizer: &LinearOptimizer) -> Result<Prediction> {
        let recursion = Recursion::new(optimizer, self.eta, &self.quadratic)?;
        let start = vec![0.0; self.quadratic.dim()];
        let law = recursion.after(self.steps as u64, &start, self.memory)?;
        let growth = recursion.growth();
        // Where it outgrows a double, parts of either sign leave no number.
        let grown = |covariance: DMatrix<f64>| match growth * self.steps > OUTGROWN {
            true => covariance.map(|x| if x.is_nan() { f64::INFINITY } else { x }),
            false => covariance,
        };
        let mut values = vec![
            ("msd", figure(&grown(law.second_moment()), self.matrix)),
            ("growth_per_step", growth.into()),
        ];
        if let Some(diffusion) = self.diffusion()? {
            values.push(("diffusion_msd", figure(&grown(diffusion), self.matrix)));
        }
        Ok(Prediction {
            values,
            unit: UNIT,
            formula: "Σₙ = Aⁿ Σ₀ (Aⁿ)ᵀ + Σ_k<n Aᵏ BCBᵀ (Aᵏ)ᵀ for z ← Az + Bξ; diffusion_msd: that of the \
                      Langevin equation at t = ηT"
                .into(),
            source: "moments of the update rule itself, composed by squaring",
            validity: Vec::new(),
        })
    }

    /// Of the diffusion that the papers put in the rule's place, started as the rule is.
    fn diffusion(&self) -> Result<Option<DMatrix<f64>>> {
        let t = self.eta * self.steps;
        if let Some(inertia) = self.asked.inertia(self.eta) {
            let particle = Langevin::new(&self.quadratic, self.eta, inertia.damping, inertia.mass)?;
            let velocity = match self.memory {
                Memory::Stationary => Velocity::Equilibrium,
                _ => Velocity::Zero,
            };
            return particle.covariance(t, velocity).map(Some);
        }
        let sgd = self.asked.form == Form::Rule(LinearRule::Sgd);
        Ok(sgd.then(|| OrnsteinUhlenbeck::new(&self.quadratic, self.eta).covariance(t)))
    }

    /// The paper's value along every coordinate; where there is none, a note says why.
    fn paper(&self, notes: &mut Vec<String>) -> Result<Option<Prediction>> {
        let mut none = |why: &str| {
            notes.push(format!("no value of a paper: {why}"));
            Ok(None)
        };
        let (h, c) = (self.quadratic.hessian(), self.quadratic.noise());
        let off_axis = |m: &DMatrix<f64>| (m - DMatrix::from_diagonal(&m.diagonal())).amax() > 0.0;
        if off_axis(h) || off_axis(c) {
            return none("it speaks of the eigendirections of H; give diagonal matrices");
        }
        if h.diagonal().max() >= 0.0 {
            return none("it speaks of falling directions; give them alone");
        }
        let Some((statement, formula, source)) = self.statement() else {
            return none(&format!("none speaks of {}", self.asked.name));
        };
        let direction = |i: usize| Saddle {
            eta: self.eta,
            a: -h[(i, i)],
            variance: c[(i, i)],
            steps: self.steps,
        };
        let directions: Vec<Saddle> = (0..h.nrows()).map(direction).collect();
        let spreads = directions.iter().map(|saddle| statement.spread(saddle));
        let msd = DMatrix::from_diagonal(&spreads.collect::<Result<Vec<_>>>()?.into());
        // The steepest direction is the one that fails first.
        let steepest = directions.iter().max_by(|a, b| a.a.total_cmp(&b.a));
        let validity = steepest.map_or(Ok(Vec::new()), |saddle| statement.validity(saddle))?;
        Ok(Some(Prediction {
            values: vec![("msd", figure(&msd, self.matrix))],
            unit: UNIT,
            formula: formula.into(),
            source,
            validity: validity.iter().map(ToString::to_string).collect(),
        }))
    }

    /// What the paper says of the rule, its equation and where it stands.
    fn statement(&self) -> Option<(Statement, &'static str, &'static str)> {
        if let Some(inertia) = self.asked.inertia(self.eta) {
            return Some((
                Statement::Momentum(inertia),
                "D/(γ³M²)(1 − e^−γt)² + D/(γMH)(1 − e^−2Ht/(γM)), D = ηC/2, γ = (1 − β₁)/η, M = η/β₃, t = ηT",
                "Xie et al., Adaptive Inertia, ICML 2022, Theorem 2",
            ));
        }
        match self.asked.form {
            Form::Rule(LinearRule::Sgd) => Some((
                Statement::Sgd,
                "(D/H)(1 − e^−2Ht), D = ηC/2, t = ηT",
                "Xie et al., Adaptive Inertia, ICML 2022, Theorem 1",
            )),
            Form::Preconditioned {
                rule: LinearRule::Sgdm { beta1 },
                ..
            } => Some((
                Statement::Adam { beta1 },
                "η²/(2(1 − β₁))(1 − e^−(1−β₁)T)² + η²T",
                "Xie et al., Adaptive Inertia, ICML 2022, Proposition 1",
            )),
            Form::Adai { beta0, .. } => Some((
                Statement::Adai {
                    mean_variance: self.quadratic.noise().diagonal().mean(),
                    beta0,
                },
                "η²C̄/(2β₀)(1 − e^−β₀TC/C̄)² + Cη²T, C̄ the mean of C",
                "Xie et al., Adaptive Inertia, ICML 2022, Proposition 3",
            )),
            _ => None,
        }
    }
}

#[cfg(test)]
#[path = "saddle_tests.rs"]
mod tests;
