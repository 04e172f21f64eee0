//! A parabolic well joined smoothly to a parabolic top: the surface of the two-temperature model.

use super::Kind;
use super::separable::{Profile, Separable};
use crate::float::Float;
use base::error::{Error, Result};

/// L(θ) = Σᵢ f(θᵢ) with f the [`WellAndTop`].
pub type TwoTemperature = Separable<WellAndTop>;

/// f(x) = ½ Hₐ x² below the junction c, f(x) = ΔL − ½ H_b (x − x_b)² above it.
///
/// f and f′ are continuous at c = √(2ΔL / (Hₐ + Hₐ²/H_b)), which puts the top at
/// x_b = c (1 + Hₐ/H_b); f″ jumps from Hₐ to −H_b. Past the top the inverted parabola goes on. With
/// noise proportional to |f″| this is exactly the model behind the escape formula
/// τ = (2π/|H_b|) exp[(2BΔL/η)(s/Hₐ + (1−s)/|H_b|)], s = H_b/(Hₐ + H_b) fixed by the matching.
///
/// Source: Xie, Sato & Sugiyama, ICLR 2021, Theorem 3.2; Adaptive Inertia (Xie et al. 2022), Thm 3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WellAndTop {
    h_well: f64,
    h_top: f64,
    height: f64,
    junction: f64,
    top: f64,
}

impl WellAndTop {
    /// Curvature Hₐ of the well, |H_b| of the top, and barrier ΔL.
    ///
    /// # Errors
    /// One of the three is not a positive finite number.
    pub fn new(h_well: f64, h_top: f64, height: f64) -> Result<Self> {
        for (name, number, meaning) in [
            ("ha", h_well, "the curvature of the well"),
            ("hb", h_top, "the size of the curvature of the top"),
            ("barrier", height, "the height of the barrier"),
        ] {
            if !(number.is_finite() && number > 0.0) {
                return Err(Error::Input(format!(
                    "{name} = {number}: {meaning} must be a positive finite number, else there is \
                     no well, no top or nothing between them"
                )));
            }
        }
        let junction = (2.0 * height / (h_well + h_well * h_well / h_top)).sqrt();
        let top = junction * (1.0 + h_well / h_top);
        if !(top.is_finite() && junction > 0.0) {
            return Err(Error::Input(format!(
                "ha = {h_well}, hb = {h_top}, barrier = {height}: the top lies at {top}, outside \
                 the range of numbers; choose less extreme values"
            )));
        }
        Ok(Self {
            h_well,
            h_top,
            height,
            junction,
            top,
        })
    }

    /// c, where the two parabolas join.
    pub fn junction(&self) -> f64 {
        self.junction
    }

    /// x_b, the position of the top.
    pub fn top(&self) -> f64 {
        self.top
    }
}

impl Profile for WellAndTop {
    fn name(&self) -> &'static str {
        "two-temperature"
    }

    #[inline(always)]
    fn value(&self, x: f64) -> f64 {
        let below = self.top - x;
        if x < self.junction {
            0.5 * self.h_well * x * x
        } else {
            self.height - 0.5 * self.h_top * below * below
        }
    }

    #[inline(always)]
    fn slope<F: Float>(&self, x: F) -> F {
        // Both sides are computed and one is kept, so that the loop has no branch.
        let well = F::of(self.h_well) * x;
        let top = F::of(self.h_top) * (F::of(self.top) - x);
        if x < F::of(self.junction) { well } else { top }
    }

    #[inline(always)]
    fn curvature(&self, x: f64) -> f64 {
        if x < self.junction {
            self.h_well
        } else {
            -self.h_top
        }
    }

    fn stationary(&self) -> Vec<(Kind, f64)> {
        vec![(Kind::Minimum, 0.0), (Kind::Saddle, self.top)]
    }

    fn kinks(&self) -> Vec<f64> {
        vec![self.junction]
    }
}

#[cfg(test)]
mod tests {
    use super::super::barrier;
    use super::*;

    #[test]
    fn value_and_slope_join_and_the_barrier_is_as_asked() {
        for (ha, hb, height) in [(2.0, 1.0, 1.0), (1.0, 4.0, 1.0), (10.0, 1.0, 0.3)] {
            let profile = WellAndTop::new(ha, hb, height).unwrap();
            let c = profile.junction();
            let below = c * (1.0 - f64::EPSILON);
            // f′ is Lipschitz with constant max(Hₐ, H_b): a step of ε c moves f by at most
            // f′ ε c, and rounding adds a few ε of the numbers involved.
            let allowance = 16.0 * f64::EPSILON * (height + ha * c * c);
            assert!((profile.value(below) - profile.value(c)).abs() <= allowance);
            assert!((profile.slope(below) - profile.slope(c)).abs() <= allowance * 16.0 / c);
            let surface = TwoTemperature::with_profile(profile, 2).unwrap();
            let [minimum, saddle] = barrier(&surface).unwrap();
            assert_eq!(saddle.value - minimum.value, height);
        }
    }

    #[test]
    fn numbers_that_make_no_well_are_refused_by_name() {
        for (ha, hb, height, name) in [
            (0.0, 1.0, 1.0, "ha"),
            (1.0, -1.0, 1.0, "hb"),
            (1.0, 1.0, f64::NAN, "barrier"),
        ] {
            let message = WellAndTop::new(ha, hb, height).unwrap_err().to_string();
            assert!(message.starts_with(name), "{message}");
        }
        assert!(WellAndTop::new(1e300, 1e-300, 1e300).is_err());
    }
}
