//! AdaBelief: the second moment is that of the gradient's deviation from its own average.

use super::entry::{
    AMSGRAD, BETA1, BETA2, DECOUPLED, EPSILON, ETA, Entry, FIXED, L2, Parameter, configured,
};
use super::moments::{average, average_square, correction, weigh};
use super::radam::Rectification;
use super::{Rate, Real, Rule};

/// AdaBelief (Zhuang et al. 2020, and the authors' code): m as Adam's, s ← β₂s + (1 − β₂)(g − m)² + ε with the
/// new m and with ε adding up in s; θ ← θ − η m̂/(√ŝ + ε), where `amsgrad` puts max s for s.
///
/// With `rectify` the step is RAdam's, adaptive for ρ_t ≥ 5, and `amsgrad` has no effect; before, θ ← θ − ηm̂
/// with `degenerated_to_sgd`, otherwise no step. Weight decay acts at every step all the same.
#[derive(Clone, Copy, Debug)]
pub struct AdaBelief {
    /// β₁, first moment.
    pub beta1: f64,
    /// β₂, second moment.
    pub beta2: f64,
    /// ε, in the recursion of s and beside the root.
    pub epsilon: f64,
    /// Whether s may not fall.
    pub amsgrad: bool,
    /// RAdam's step.
    pub rectify: bool,
    /// What RAdam's step is before its adaptive phase: ηm̂, or nothing.
    pub degenerated_to_sgd: bool,
}

impl Rule for AdaBelief {
    /// m, s, max s.
    type Coordinate<N: Real> = [N; 3];
    /// 1 − β₁ᵗ, 1 − β₂ᵗ, the mean age's numerator, 1/(1 − β₁ᵗ), 1/(1 − β₂ᵗ), r_t √(1 − β₂ᵗ), positive before the
    /// adaptive phase.
    type Particle<N: Real> = [N; 7];

    const MEMORY: &'static [&'static str] = &["m", "s", "max_s"];

    #[inline(always)]
    fn tick<N: Real>(
        &self,
        [
            weight1,
            weight2,
            age,
            correction1,
            correction2,
            rectified,
            waiting,
        ]: &mut [N; 7],
    ) {
        weigh(weight1, self.beta1);
        weigh(weight2, self.beta2);
        *correction1 = correction(weight1);
        *correction2 = correction(weight2);
        if self.rectify {
            let rectification = Rectification { beta2: self.beta2 };
            let rho = rectification.rho(age, weight2);
            *waiting = (-rho.clone()).offset(5.0);
            *rectified = rectification.r(&rho) * weight2.clone().sqrt();
        }
    }

    #[inline(always)]
    fn update<N: Real>(
        &self,
        g: N,
        [m, s, largest]: &mut [N; 3],
        [_, _, _, correction1, correction2, rectified, waiting]: &[N; 7],
        _: N,
        rate: &Rate<N>,
    ) -> N {
        average(m, g.clone(), self.beta1);
        average_square(s, g - m.clone(), self.beta2);
        *s = s.clone().offset(self.epsilon);
        *largest = largest.clone().maximum(s.clone());
        let momentum = m.clone() * correction1.clone() * rate.eta.clone();
        if self.rectify {
            let root = s.clone().sqrt().offset(self.epsilon);
            let adaptive = (momentum.clone() * rectified.clone()).ratio_or_zero(root);
            let before = if self.degenerated_to_sgd {
                momentum
            } else {
                momentum.like(0.0)
            };
            waiting.clone().where_positive(before, adaptive)
        } else {
            let second = if self.amsgrad { largest } else { s }.clone();
            let root = (second * correction2.clone()).sqrt().offset(self.epsilon);
            momentum.ratio_or_zero(root)
        }
    }
}

/// AdaBelief.
pub const ADABELIEF: Entry = Entry {
    name: "adabelief",
    formula: "s ← β₂s + (1 − β₂)(g − m)² + ε;  θ ← θ − η m̂/(√ŝ + ε); rectify: RAdam's step",
    source: "Zhuang et al. 2020, and the authors' code (there rectify is on by default)",
    parameters: &[
        ETA,
        BETA1,
        BETA2,
        EPSILON.or(1e-16),
        AMSGRAD,
        Parameter::switch("rectify", false, "RAdam's step"),
        Parameter::switch(
            "degenerated_to_sgd",
            true,
            "with rectify, an un-adapted step before the adaptive phase",
        ),
        L2,
        DECOUPLED,
        FIXED,
    ],
    build: &|v| {
        let rule = AdaBelief {
            beta1: v["beta1"],
            beta2: v["beta2"],
            epsilon: v["epsilon"],
            amsgrad: v.on("amsgrad"),
            rectify: v.on("rectify"),
            degenerated_to_sgd: v.on("degenerated_to_sgd"),
        };
        configured(rule, v)
    },
    stability_limit: None,
    degree: &|v| (!v.on("rectify")).then_some(0.0),
    written: None,
};
