//! AdamS: Adam with stable weight decay.

use super::adam::Adam;
use super::entry::{AMSGRAD, BETA1, BETA2, EPSILON, ETA, Entry, STABLE, configured};
use super::moments::{average, average_square};
use super::{Rate, Real, Rule};

/// AdamS (Xie et al. 2020, "Stable Weight Decay Regularization", and the authors' code): Adam with
/// decoupled decay scaled by c_t = 1/√v̄_t, where v̄ is the mean over all coordinates of v̂, after
/// AMSGrad's maximum if any. While every gradient has been zero there is no decay.
#[derive(Clone, Copy, Debug)]
pub struct AdamS {
    /// β₁, β₂, ε.
    pub adam: Adam,
    /// Whether v̂ may not fall.
    pub amsgrad: bool,
}

impl AdamS {
    #[inline(always)]
    fn second<N: Real>(&self, v: &N, largest: &N, correction2: &N) -> N {
        let second = if self.amsgrad { largest } else { v };
        second.clone() * correction2.clone()
    }
}

impl Rule for AdamS {
    /// m, v, max v.
    type Coordinate<N: Real> = [N; 3];
    /// As Adam.
    type Particle<N: Real> = [N; 4];

    const MEMORY: &'static [&'static str] = &["m", "v", "max_v"];
    const COUPLED: bool = true;

    #[inline(always)]
    fn tick<N: Real>(&self, particle: &mut [N; 4]) {
        self.adam.tick(particle);
    }

    #[inline(always)]
    fn couple<N: Real>(
        &self,
        g: N,
        [_, v, largest]: &mut [N; 3],
        [_, _, _, correction2]: &[N; 4],
    ) -> N {
        average_square(v, g, self.adam.beta2);
        *largest = largest.clone().maximum(v.clone());
        self.second(v, largest, correction2)
    }

    #[inline(always)]
    fn update<N: Real>(
        &self,
        g: N,
        [m, v, largest]: &mut [N; 3],
        [_, _, correction1, correction2]: &[N; 4],
        _: N,
        rate: &Rate<N>,
    ) -> N {
        average(m, g, self.adam.beta1);
        let second = self.second(v, largest, correction2);
        let root = second.sqrt().offset(self.adam.epsilon);
        (m.clone() * correction1.clone() * rate.eta.clone()).ratio_or_zero(root)
    }

    #[inline(always)]
    fn decay_scale<N: Real>(&self, _: &[N; 4], mean: &N) -> N {
        mean.like(1.0).ratio_or_zero(mean.clone().sqrt())
    }
}

/// AdamS.
pub const ADAMS: Entry = Entry {
    name: "adams",
    formula: "as adam, with θ ← (1 − ηλ/√v̄)θ, v̄ the mean of v̂ over all coordinates",
    source: "Xie et al. 2020 (Stable Weight Decay), and the authors' code",
    parameters: &[ETA, BETA1, BETA2, EPSILON, AMSGRAD, STABLE],
    build: &|v| {
        let (beta1, beta2, epsilon) = (v["beta1"], v["beta2"], v["epsilon"]);
        let adam = Adam {
            beta1,
            beta2,
            epsilon,
        };
        let amsgrad = v.on("amsgrad");
        configured(AdamS { adam, amsgrad }, v)
    },
    stability_limit: None,
    degree: &|_| Some(0.0),
    written: None,
};
