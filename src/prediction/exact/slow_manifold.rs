//! Exact laws of the slow motion along a manifold of minima, on surfaces where it is solvable.
//!
//! Over O(1/η²) steps SGD and SGDM follow, in the time τ = kη², the SDE of Wang et al. 2024, Theorem 5.5
//! (Li, Wang and Arora 2022): on the manifold, dY = ½⟨∂²Φ(Y), Σ⟩ dτ + ∂Φ(Y)Σ^{1/2} dW, Φ the limit of
//! the gradient flow. A rule whose steps sum to η times the gradients' sum shares the law; PNM does with
//! η/√γ for η, so its clock is τ = kη²/γ.

use std::f64::consts::PI;

use super::moments::Moments;
use base::error::{Error, Result};

/// L(x, y) = x²(1 + y²)/2: minima along x = 0 that are the sharper the farther from y = 0.
pub mod valley {
    use super::{Error, Moments, Result, omega};

    /// Where the gradient flow from (x, y) ends: (0, Y) with Y² + ln Y² = y² + ln y² − x².
    ///
    /// x² − y² − ln y² is conserved along dx = −x(1 + y²) dt, dy = −x²y dt.
    pub fn projection(x: f64, y: f64) -> f64 {
        if y == 0.0 {
            return y;
        }
        omega(y * y + 2.0 * y.abs().ln() - x * x).sqrt().copysign(y)
    }

    /// Y at time τ where the gradient's noise in x has variance s(1 + Y²), the shape of label noise,
    /// and in y the variance s_y²: dY = −(s/2)Y dτ + s_y dW, an Ornstein–Uhlenbeck process from y₀.
    ///
    /// # Errors
    /// [`Error::Input`] unless s > 0, s_y > 0, τ > 0 and all are finite.
    pub fn label_noise(y0: f64, s: f64, variance_y: f64, tau: f64) -> Result<Moments> {
        let law = Moments {
            mean: y0 * (-0.5 * s * tau).exp(),
            variance: -variance_y * (-s * tau).exp_m1() / s,
        };
        let positive = [s, tau, law.variance];
        if law.mean.is_finite() && positive.iter().all(|x| x.is_finite() && *x > 0.0) {
            return Ok(law);
        }
        Err(Error::Input(format!(
            "the slow law needs s > 0, a noise variance along the valley > 0 and τ > 0; got {s}, \
             {variance_y} and {tau}"
        )))
    }

    /// Y at time τ where the noise in x has the constant variance s_x² and that in y none:
    /// dY = −s_x² Y/(2(1 + Y²)) dτ, so Y² + ln Y² falls by s_x² per unit of τ.
    pub fn constant_noise(y0: f64, variance_x: f64, tau: f64) -> f64 {
        projection((variance_x * tau).max(0.0).sqrt(), y0)
    }
}

/// L = (r² − 1)²/4: minima on the circle r = 1.
pub mod ring {
    use super::{Error, Moments, PI, Result};

    /// The angle at time τ for isotropic noise of variance s²: a Brownian motion on the circle from
    /// angle 0, with variance s²τ before it is wrapped.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Angle {
        variance: f64,
    }

    impl Angle {
        /// # Errors
        /// [`Error::Input`] unless s² > 0 and τ > 0.
        pub fn new(variance: f64, tau: f64) -> Result<Self> {
            let total = variance * tau;
            if variance > 0.0 && tau > 0.0 && total.is_finite() && total > 0.0 {
                return Ok(Self { variance: total });
            }
            Err(Error::Input(format!(
                "the angle on the ring needs a noise variance > 0 and τ > 0; got {variance} and {tau}"
            )))
        }

        /// E cos(nφ) = exp(−n² s²τ/2).
        pub fn mean_cosine(&self, n: u32) -> f64 {
            (-0.5 * f64::from(n).powi(2) * self.variance).exp()
        }

        /// P(φ ≤ angle), both in [−π, π].
        ///
        /// A sum over windings while few are reached, the Fourier series beyond.
        pub fn cdf(&self, angle: f64) -> f64 {
            let angle = angle.clamp(-PI, PI);
            if self.variance < PI {
                let free = Moments {
                    mean: 0.0,
                    variance: self.variance,
                };
                // Nine deviations: 1e-18 of the paths go farther.
                let windings = (9.0 * self.variance.sqrt() / (2.0 * PI)).ceil() as i32 + 1;
                return (-windings..=windings)
                    .map(|n| {
                        let turn = 2.0 * PI * f64::from(n);
                        free.normal_cdf(turn + angle) - free.normal_cdf(turn - PI)
                    })
                    .sum();
            }
            let series: f64 = (1..=8)
                .map(|n| self.mean_cosine(n) * (f64::from(n) * angle).sin() / f64::from(n))
                .sum();
            (angle + PI) / (2.0 * PI) + series / PI
        }
    }
}

/// ω > 0 with ω + ln ω = x: W(eˣ), Lambert's function without its overflow (Wright's ω).
fn omega(x: f64) -> f64 {
    if x < -40.0 {
        // ω = eˣ(1 − eˣ + …).
        return x.exp();
    }
    // Newton on w + ln w from above the root or at it, on a concave function: monotone after one step.
    let mut w = if x > 1.0 {
        x - x.ln()
    } else {
        (x - 1.0).exp().max(0.1 * x.exp())
    };
    for _ in 0..100 {
        let next = w / (1.0 + w) * (1.0 + x - w.ln());
        if (next - w).abs() <= 1e-16 * next.abs() {
            return next;
        }
        w = next;
    }
    w
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn omega_solves_its_equation() {
        // W(1) = 0.5671432904097838.
        assert!((omega(0.0) - 0.5671432904097838).abs() < 2e-16);
        for i in -600..2000 {
            let x = 0.1 * f64::from(i);
            let w = omega(x);
            assert!(
                w > 0.0 && (w + w.ln() - x).abs() < 4e-15 * (1.0 + x.abs()),
                "{x} {w}"
            );
        }
        assert!((omega(1e300) / 1e300 - 1.0).abs() < 1e-15);
    }

    #[test]
    fn the_projection_is_where_the_gradient_flow_ends() {
        // Runge–Kutta of order four to t = 40.
        let field = |x: f64, y: f64| (-x * (1.0 + y * y), -x * x * y);
        for (x0, y0) in [(1.0, 1.0), (-0.3, 2.0), (2.0, -0.5)] {
            let (mut x, mut y) = (x0, y0);
            let h = 0.005;
            for _ in 0..8000 {
                let a = field(x, y);
                let b = field(x + 0.5 * h * a.0, y + 0.5 * h * a.1);
                let c = field(x + 0.5 * h * b.0, y + 0.5 * h * b.1);
                let d = field(x + h * c.0, y + h * c.1);
                x += h / 6.0 * (a.0 + 2.0 * b.0 + 2.0 * c.0 + d.0);
                y += h / 6.0 * (a.1 + 2.0 * b.1 + 2.0 * c.1 + d.1);
            }
            assert!(x.abs() < 1e-15);
            assert!((y - valley::projection(x0, y0)).abs() < 1e-9, "{y}");
        }
        assert_eq!(valley::projection(1.0, 0.0), 0.0);
        assert!((valley::projection(0.0, -1.5) + 1.5).abs() < 5e-16);
        // Φ_xx(0, Y) = −Y/(1 + Y²), the drift of the slow SDE, by a difference.
        let (y, h) = (0.8, 1e-3);
        let curvature = 2.0 * (valley::projection(h, y) - y) / (h * h);
        assert!((curvature + y / (1.0 + y * y)).abs() < 1e-5);
    }

    #[test]
    fn slow_laws_to_their_digits() {
        let law = valley::label_noise(1.0, 1.0, 0.25, 1.0).unwrap();
        assert!((law.mean - 0.6065306597126334).abs() < 2e-16);
        assert!((law.variance - 0.1580301397071394).abs() < 2e-16);
        let end = valley::constant_noise(1.0, 1.0, 1.0);
        assert!((end - 0.7530891649796748).abs() < 2e-16);
        let angle = ring::Angle::new(0.49, 1.0).unwrap();
        assert!((angle.mean_cosine(1) - 0.7827045382418682).abs() < 2e-16);
        assert!(valley::label_noise(1.0, 0.0, 0.25, 1.0).is_err());
        assert!(valley::label_noise(1.0, 1.0, -0.25, 1.0).is_err());
        assert!(ring::Angle::new(0.0, 1.0).is_err());
    }

    #[test]
    fn the_constant_noise_law_solves_its_equation() {
        // dY/dτ = −s_x² Y/(2(1 + Y²)) by a central difference, error of order h².
        let at = |tau| valley::constant_noise(1.3, 0.7, tau);
        let (y, h) = (at(0.9), 1e-4);
        let slope = (at(0.9 + h) - at(0.9 - h)) / (2.0 * h);
        assert!((slope + 0.7 * y / (2.0 * (1.0 + y * y))).abs() < 1e-8);
    }

    #[test]
    fn the_wrapped_law_by_both_its_sums() {
        // At the variance where one sum hands over to the other they agree.
        let (below, above) = (PI * (1.0 - 1e-12), PI * (1.0 + 1e-12));
        for i in -10..=10 {
            let angle = PI * f64::from(i) / 10.0;
            let windings = ring::Angle::new(below, 1.0).unwrap().cdf(angle);
            let series = ring::Angle::new(above, 1.0).unwrap().cdf(angle);
            assert!(
                (windings - series).abs() < 1e-11,
                "{angle} {windings} {series}"
            );
        }
        for variance in [1e-4, 0.49, 2.0, 30.0] {
            let angle = ring::Angle::new(variance, 1.0).unwrap();
            assert!(angle.cdf(-PI).abs() < 1e-15);
            assert!((angle.cdf(0.0) - 0.5).abs() < 1e-14);
            assert!((angle.cdf(PI) - 1.0).abs() < 1e-14);
        }
    }
}
