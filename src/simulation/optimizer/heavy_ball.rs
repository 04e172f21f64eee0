//! Heavy ball: m ← β₁m + β₃g, θ ← θ − ηm.

use super::entry::{BETA1, DECOUPLED, ETA, Entry, L2, Parameter, configured};
use super::moments::decayed;
use super::{Rate, Real, Rule};

/// Polyak's heavy ball (1964) in the notation of Xie et al. 2021; β₃ = 1 is the usual code, and the
/// step per unit gradient is then η/(1 − β₁) in the long run. The buffer starts at 0.
#[derive(Clone, Copy, Debug)]
pub struct HeavyBall {
    /// β₁, the decay of the momentum.
    pub beta1: f64,
    /// β₃, the weight of the fresh gradient.
    pub beta3: f64,
}

impl Rule for HeavyBall {
    type Coordinate<N: Real> = [N; 1];
    type Particle<N: Real> = [N; 0];

    const MEMORY: &'static [&'static str] = &["m"];

    #[inline(always)]
    fn update<N: Real>(&self, g: N, [m]: &mut [N; 1], _: &[N; 0], _: N, rate: &Rate<N>) -> N {
        *m = decayed(m.clone(), self.beta1) + g.scale(self.beta3);
        m.clone() * rate.eta.clone()
    }
}

/// Heavy ball.
pub const HEAVY_BALL: Entry = Entry {
    name: "heavy-ball",
    formula: "m ← β₁m + β₃g;  θ ← θ − ηm",
    source: "Polyak 1964; Xie et al. 2021 (PNM), eq. 2",
    parameters: &[
        ETA,
        BETA1,
        Parameter::new(
            "beta3",
            Some(1.0),
            0.0,
            1e6,
            "β₃, weight of the fresh gradient",
        ),
        L2,
        DECOUPLED,
    ],
    build: &|v| {
        let (beta1, beta3) = (v["beta1"], v["beta3"]);
        configured(HeavyBall { beta1, beta3 }, v)
    },
    stability_limit: Some(&|v| 2.0 * (1.0 + v["beta1"]) / v["beta3"]),
    degree: &|_| Some(1.0),
    written: None,
};
