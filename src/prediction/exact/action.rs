//! The action ∫U'/D between two points: the exponent of an escape time.

use super::function::Function;
use super::panels::{Breaks, Coefficients, Ended};
use base::error::{Error, Result};

/// ∫ U'(θ)/D(θ) dθ from `from` to `to` (in either direction), dimensionless.
///
/// It is ΔU/T for constant D = T, and the exponent of the Kramers time for D(θ) (see
/// [`kramers_law::ito`](super::kramers_law::ito)). `breaks` are points where U' or D is not smooth.
/// Accurate to about 1e-12 of ∫|U'|/D.
///
/// # Errors
/// [`Error::Input`] for points or coefficients that are not finite, or D < 0;
/// [`Error::Failed`] where the integral diverges because D vanishes.
pub fn action(
    drift: &dyn Function,
    diffusion: &dyn Function,
    from: f64,
    to: f64,
    breaks: Breaks<'_>,
) -> Result<f64> {
    if !from.is_finite() || !to.is_finite() {
        return Err(Error::Input(format!(
            "the action from {from} to {to} needs finite points"
        )));
    }
    let (left, right) = if from < to { (from, to) } else { (to, from) };
    let of = Coefficients {
        drift,
        diffusion,
        breaks,
        scale: right - left,
    };
    let mut sum = 0.0;
    let ended = of.cover(left, right, &mut |panel| {
        sum += panel.integral(&panel.slope);
        true
    })?;
    match ended {
        Ended::Unresolved(at) => Err(Error::Failed(format!(
            "the action from {from} to {to} is not resolved at θ = {at}: the diffusion vanishes or \
             jumps there, or the loss has a pole; add a floor to D"
        ))),
        _ => Ok(if from < to { sum } else { -sum }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::panels::{Marks, smooth};
    use super::*;

    /// Styblinski–Tang's minimum and saddle.
    const WELL: f64 = -2.903_534_027_771_177;
    const SADDLE: f64 = 0.156_731_256_780_340;

    fn slope(y: f64) -> f64 {
        2.0 * y * y * y - 16.0 * y + 2.5
    }

    #[test]
    fn constant_noise_gives_the_barrier() {
        let value = action(&slope, &|_: f64| 4.0, WELL, SADDLE, &smooth).unwrap();
        assert!((value - 39.361_778_062_827 / 4.0).abs() < 1e-12);
        assert_eq!(
            action(&slope, &|_: f64| 4.0, SADDLE, WELL, &smooth).unwrap(),
            -value
        );
    }

    #[test]
    fn hessian_noise_grows_with_the_logarithm_of_its_floor() {
        // ∫ L'/(|L''| + δ) over the same way, tabulated to the digits given.
        let kink = -(8.0f64 / 3.0).sqrt();
        for (floor, expected, digit) in [
            (10.0, 2.178, 1e-3),
            (3.0, 4.068, 1e-3),
            (1.0, 6.111, 1e-3),
            (0.3, 8.488, 1e-3),
            (0.1, 10.70, 1e-2),
            (0.03, 13.14, 1e-2),
            (0.01, 15.37, 1e-2),
            (0.001, 20.05, 1e-2),
        ] {
            let noise = |y: f64| (6.0 * y * y - 16.0).abs() + floor;
            let value = action(&slope, &noise, WELL, SADDLE, &|_, _| {
                Ok(Marks::kinks(&[kink]))
            })
            .unwrap();
            assert!((value - expected).abs() <= 0.5 * digit, "{floor}: {value}");
        }
        let bare = |y: f64| (6.0 * y * y - 16.0).abs();
        assert!(action(&slope, &bare, WELL, SADDLE, &smooth).is_err());
    }
}
