//! RMSprop: the gradient over the root of its average square, with momentum on the quotient.

use super::entry::{EPSILON, ETA, Entry, L2, MU, Parameter, configured, fraction};
use super::moments::{average, average_square, decayed};
use super::{Rate, Real, Rule};

/// RMSprop (Tieleman and Hinton 2012) as in torch.optim.RMSprop: v ← αv + (1 − α)g², q = √v, or
/// √(v − a²) with a ← αa + (1 − α)g where `centered`; b ← μb + g/(q + ε), θ ← θ − ηb.
///
/// There is no bias correction, so the first step is about η/√(1 − α). Where rounding makes v − a²
/// negative it counts as 0.
#[derive(Clone, Copy, Debug)]
pub struct RmsProp {
    /// α, the decay of both averages.
    pub alpha: f64,
    /// μ, the decay of the buffer.
    pub mu: f64,
    /// ε, beside the root.
    pub epsilon: f64,
    /// Whether the root is that of the variance.
    pub centered: bool,
}

impl Rule for RmsProp {
    /// v, a, b.
    type Coordinate<N: Real> = [N; 3];
    type Particle<N: Real> = [N; 0];

    const MEMORY: &'static [&'static str] = &["v", "a", "b"];

    #[inline(always)]
    fn update<N: Real>(&self, g: N, [v, a, b]: &mut [N; 3], _: &[N; 0], _: N, rate: &Rate<N>) -> N {
        average_square(v, g.clone(), self.alpha);
        let spread = if self.centered {
            average(a, g.clone(), self.alpha);
            (v.clone() - a.clone() * a.clone()).maximum(v.like(0.0))
        } else {
            v.clone()
        };
        let root = spread.sqrt().offset(self.epsilon);
        *b = decayed(b.clone(), self.mu) + g.ratio_or_zero(root);
        b.clone() * rate.eta.clone()
    }
}

/// RMSprop.
pub const RMSPROP: Entry = Entry {
    name: "rmsprop",
    formula: "v ← αv + (1 − α)g², b ← μb + g/(√v + ε);  θ ← θ − ηb; centered: √(v − a²), a ← αa + (1 − α)g",
    source: "Tieleman and Hinton 2012; torch.optim.RMSprop",
    parameters: &[
        ETA,
        fraction("alpha", 0.99, "α, decay of the second moment"),
        MU.or(0.0),
        EPSILON,
        Parameter::switch("centered", false, "the root is that of the variance"),
        L2,
    ],
    build: &|v| {
        let rule = RmsProp {
            alpha: v["alpha"],
            mu: v["mu"],
            epsilon: v["epsilon"],
            centered: v.on("centered"),
        };
        configured(rule, v)
    },
    stability_limit: None,
    degree: &|_| Some(0.0),
    written: None,
};
