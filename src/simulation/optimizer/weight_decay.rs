//! Weight decay, which acts around a rule and not inside it.

use super::{Rate, Real};

/// How the parameters are pulled towards zero. c_t is the rule's own scale of decoupled decay
/// ([`Rule::decay_scale`](super::Rule::decay_scale)): 1 but for rules with stable decay.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum WeightDecay {
    /// Not at all.
    #[default]
    None,
    /// g ← g + λθ before everything else: the penalty enters the moments.
    L2(f64),
    /// θ ← (1 − c_t η_t λ)θ beside the update (Loshchilov and Hutter 2019, as in torch.optim.AdamW).
    Decoupled(f64),
    /// θ ← (1 − c_t factor(t) λ)θ: follows the schedule, not η (Loshchilov and Hutter 2019, Algorithm 2).
    Scheduled(f64),
    /// θ ← (1 − c_t λ)θ: follows neither (AdaBoundW's code; AdaBelief's `fixed_decay`).
    Fixed(f64),
}

impl WeightDecay {
    /// λ of the L2 penalty, 0 for the other kinds.
    #[inline(always)]
    pub fn penalty(self) -> f64 {
        match self {
            WeightDecay::L2(lambda) => lambda,
            _ => 0.0,
        }
    }

    /// The part of θ that is taken from it beside the update, given the rule's c_t: in single precision 1 minus it
    /// could be 1.
    #[inline(always)]
    pub fn pull<N: Real>(self, rate: &Rate<N>, scale: N) -> N {
        let pull = match self {
            WeightDecay::None | WeightDecay::L2(_) => return scale.like(0.0),
            WeightDecay::Decoupled(lambda) => rate.eta.clone().scale(lambda),
            WeightDecay::Scheduled(lambda) => rate.factor.clone().scale(lambda),
            WeightDecay::Fixed(lambda) => scale.like(lambda),
        };
        pull * scale
    }
}
