//! The two-temperature model: quadratic well and barrier top, each with noise C = |H|/B of its own.

use super::first_passage::{FirstPassage, PassageTime};
use super::interpretation::Interpretation;
use super::panels::Marks;
use base::error::{Error, Result};

/// A well ½H_a θ² that meets, with equal slope, a barrier top ΔL − ½|H_b|(θ − θ_top)².
///
/// With C = |H|/B on either side, D = ηH_a/(2B) left of the junction and η|H_b|/(2B) right of it.
/// This is exactly the model in which the diffusion theory of escapes computes its exponent,
/// (2BΔL/η)(s/H_a + (1 − s)/|H_b|) (Xie, Sato and Sugiyama, ICLR 2021, Theorem 3.2); matching the
/// slopes fixes s = |H_b|/(H_a + |H_b|).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoTemperature {
    /// H_a > 0, the curvature of the well.
    h_min: f64,
    /// |H_b| > 0, the curvature of the top.
    h_top: f64,
    /// ΔL > 0.
    barrier: f64,
    /// η/B > 0.
    eta_over_batch: f64,
}

impl TwoTemperature {
    /// The model; the sign of `h_saddle` does not matter.
    ///
    /// # Errors
    /// [`Error::Input`] unless all four are positive and finite (`h_saddle` in magnitude).
    pub fn new(h_min: f64, h_saddle: f64, barrier: f64, eta_over_batch: f64) -> Result<Self> {
        let h_top = h_saddle.abs();
        if [h_min, h_top, barrier, eta_over_batch]
            .iter()
            .all(|&x| x.is_finite() && x > 0.0)
        {
            return Ok(Self {
                h_min,
                h_top,
                barrier,
                eta_over_batch,
            });
        }
        Err(Error::Input(format!(
            "the two-temperature model needs h_min > 0, h_saddle ≠ 0, a barrier > 0 and η/B > 0; got \
             {h_min}, {h_saddle}, {barrier} and {eta_over_batch}"
        )))
    }

    /// c = √(2ΔL/(H_a + H_a²/|H_b|)), where well and top meet.
    pub fn junction(&self) -> f64 {
        (2.0 * self.barrier / (self.h_min + self.h_min * self.h_min / self.h_top)).sqrt()
    }

    /// θ_top = c(1 + H_a/|H_b|).
    pub fn top(&self) -> f64 {
        self.junction() * (1.0 + self.h_min / self.h_top)
    }

    /// s = |H_b|/(H_a + |H_b|), the share of ΔL that the well's curvature covers.
    pub fn s(&self) -> f64 {
        self.h_top / (self.h_min + self.h_top)
    }

    /// L(θ), zero at the minimum θ = 0.
    pub fn potential(&self, theta: f64) -> f64 {
        if theta < self.junction() {
            0.5 * self.h_min * theta * theta
        } else {
            self.barrier - 0.5 * self.h_top * (theta - self.top()).powi(2)
        }
    }

    /// L'(θ).
    pub fn drift(&self, theta: f64) -> f64 {
        if theta < self.junction() {
            self.h_min * theta
        } else {
            self.h_top * (self.top() - theta)
        }
    }

    /// D(θ) = (η/B)|H|/2.
    pub fn diffusion(&self, theta: f64) -> f64 {
        let h = if theta < self.junction() {
            self.h_min
        } else {
            self.h_top
        };
        0.5 * self.eta_over_batch * h
    }

    /// The mean time from the minimum to the top itself.
    ///
    /// # Errors
    /// As [`FirstPassage::solve`].
    pub fn time_to_top(&self, interpretation: Interpretation) -> Result<PassageTime> {
        self.time_to(self.top(), interpretation)
    }

    /// The mean time to `deviations` standard deviations √(η/(2B)) of the well beyond the top: past
    /// recrossings, as the escape formulas mean it, once `deviations` is about 8.
    ///
    /// # Errors
    /// As [`FirstPassage::solve`].
    pub fn time_beyond_top(
        &self,
        deviations: f64,
        interpretation: Interpretation,
    ) -> Result<PassageTime> {
        let deviation = (0.5 * self.eta_over_batch).sqrt();
        self.time_to(self.top() + deviations * deviation, interpretation)
    }

    fn time_to(&self, exit: f64, interpretation: Interpretation) -> Result<PassageTime> {
        let passage = FirstPassage {
            drift: &|theta: f64| self.drift(theta),
            diffusion: &|theta: f64| self.diffusion(theta),
            start: 0.0,
            exit,
            reflecting: None,
            breaks: &|_, _| Ok(Marks::kinks(&[self.junction()])),
            interpretation,
        };
        passage.solve()?.time()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::adai::{Escape, sgd};

    /// H_a, |H_b|, η/B, then the exact Itô times to the top and 8 deviations beyond it, the
    /// paper's time, beyond/paper and anti-Itô/paper, to the digits given; ΔL = 1 throughout.
    const TABLE: [[f64; 8]; 8] = [
        [
            2.0,
            1.0,
            0.1,
            2.7209747649e7,
            5.4419490748e7,
            1.087480e8,
            0.50042,
            0.99796,
        ],
        [
            2.0,
            1.0,
            0.2,
            6.6114796450e3,
            1.3225393031e4,
            2.613970e4,
            0.50595,
            0.98892,
        ],
        [
            1.0,
            1.0,
            0.2,
            6.9236298712e4,
            1.3845108584e5,
            1.383964e5,
            1.0004,
            1.0004,
        ],
        [
            1.0,
            4.0,
            0.1,
            6.8022884960e7,
            1.4390790782e8,
            3.794251e7,
            3.7928,
            1.0287,
        ],
        [
            1.0,
            4.0,
            0.2,
            1.2559070924e4,
            2.7999834665e4,
            7.720101e3,
            3.6269,
            1.1029,
        ],
        [
            4.0,
            1.0,
            0.1,
            1.9516431742e7,
            3.9032867833e7,
            1.517700e8,
            0.25718,
            0.94820,
        ],
        [
            4.0,
            1.0,
            0.2,
            4.2561218388e3,
            8.5166829211e3,
            3.088040e4,
            0.27580,
            0.90678,
        ],
        [
            10.0,
            1.0,
            0.1,
            3.8427134815e7,
            7.6854274717e7,
            5.934796e8,
            0.12950,
            0.78358,
        ],
    ];

    #[test]
    fn the_table_to_its_digits() {
        for [
            h_min,
            h_top,
            eta,
            to_top,
            beyond,
            paper,
            ito_ratio,
            anti_ratio,
        ] in TABLE
        {
            let model = TwoTemperature::new(h_min, h_top, 1.0, eta).unwrap();
            let close = |value: f64, expected: f64, digits: f64| {
                assert!(
                    (value / expected - 1.0).abs() < digits,
                    "{h_min} {h_top} {eta}: {value} {expected}"
                );
            };
            close(
                model.time_to_top(Interpretation::Ito).unwrap().mean,
                to_top,
                5e-11,
            );
            let ito = model
                .time_beyond_top(8.0, Interpretation::Ito)
                .unwrap()
                .mean;
            close(ito, beyond, 5e-11);
            let formula = sgd(&Escape {
                eta,
                batch: 1.0,
                h_min,
                h_saddle: -h_top,
                barrier: 1.0,
                s: model.s(),
            })
            .unwrap()
            .time;
            close(formula, paper, 5e-7);
            // Ratios to the fourth decimal or better.
            close(ito / formula, ito_ratio, 5.1e-5 / ito_ratio);
            let anti = model
                .time_beyond_top(8.0, Interpretation::AntiIto)
                .unwrap()
                .mean;
            close(anti / formula, anti_ratio, 1e-4);
        }
    }

    #[test]
    fn readings_have_the_ratio_of_curvatures() {
        // For a high barrier Itô : Stratonovich : anti-Itô = 1 : √(H_a/|H_b|) : H_a/|H_b|; the
        // correction is of order T/ΔL with T = ηH/(2B), here 5e-3 of ΔL at most times a few.
        let model = TwoTemperature::new(2.0, 1.0, 1.0, 0.02).unwrap();
        let [ito, mid, anti] = [
            Interpretation::Ito,
            Interpretation::Stratonovich,
            Interpretation::AntiIto,
        ]
        .map(|reading| model.time_beyond_top(8.0, reading).unwrap().mean);
        assert!((mid / ito / 2f64.sqrt() - 1.0).abs() < 0.02);
        assert!((anti / ito / 2.0 - 1.0).abs() < 0.02);
    }

    #[test]
    fn the_pieces_meet() {
        let model = TwoTemperature::new(3.0, -2.0, 1.5, 0.1).unwrap();
        let c = model.junction();
        let (below, above) = (c * (1.0 - 1e-9), c * (1.0 + 1e-9));
        // Jumps of one slope times 2e-9 c.
        assert!((model.potential(below) - model.potential(above)).abs() < 1e-7);
        assert!((model.drift(below) - model.drift(above)).abs() < 1e-7);
        assert!((model.potential(model.top()) - 1.5).abs() < 1e-14);
        assert!((0.5 * 3.0 * c * c / 1.5 - model.s()).abs() < 1e-14);
        assert!(TwoTemperature::new(1.0, 0.0, 1.0, 0.1).is_err());
    }
}
