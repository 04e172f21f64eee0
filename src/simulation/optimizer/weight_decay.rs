//! Weight decay, which acts around a rule and not inside it.

/// How the parameters are pulled towards zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum WeightDecay {
    /// Not at all.
    #[default]
    None,
    /// g ← g + λθ before everything else: the penalty enters the moments.
    L2(f64),
    /// θ ← (1 − ηλ)θ beside the update (Loshchilov and Hutter 2019).
    Decoupled(f64),
}

impl WeightDecay {
    /// (λ of the L2 penalty, the factor 1 − ηλ that shrinks θ).
    #[inline(always)]
    pub fn factors(self, eta: f64) -> (f64, f64) {
        match self {
            WeightDecay::None => (0.0, 1.0),
            WeightDecay::L2(lambda) => (lambda, 1.0),
            WeightDecay::Decoupled(lambda) => (0.0, 1.0 - eta * lambda),
        }
    }
}
