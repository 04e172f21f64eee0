//! SVAG: two gradients a step, combined so that their covariance is l times that of one.

use super::{Oracle, TwoBatch};

/// g = r₊g₁ + r₋g₂, r± = (1 ± √(2l − 1))/2 (Wang et al. 2024, Def. 6.1, after Li, Malladi and Arora 2021), over any
/// oracle whose noise is made of the step's normals.
///
/// r₊ = 1 + β₀ and r₋ = −β₀ with β₀ = (√(2l − 1) − 1)/2, so it is the [`TwoBatch`] estimator with γ = l.
///
/// # Errors
/// A sentence, unless l is finite and at least 1.
pub fn svag<O: Oracle>(inner: O, l: f64) -> Result<TwoBatch<O>, String> {
    if l.is_finite() && l >= 1.0 {
        return Ok(TwoBatch::new(inner, 0.5 * ((2.0 * l - 1.0).sqrt() - 1.0)));
    }
    Err(format!(
        "l = {l}: SVAG needs l ≥ 1, since its weights are (1 ± √(2l − 1))/2"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::{Gaussian, Place, Shape};
    use super::*;
    use crate::landscape::double_well::DoubleWell;
    use crate::random::Stream;

    #[test]
    fn the_weights_are_those_of_the_definition() {
        let gradient = |l: f64, normals: [f64; 2]| {
            let well = Box::new(DoubleWell::new(1).unwrap());
            let noise = svag(Gaussian::new(well, Shape::Isotropic(1.0)), l).unwrap();
            let stream = Stream::new(1, 2);
            let at = Place {
                lanes: 1,
                theta: &[2.0],
                particle: &[0],
                step: &[0],
                stream: &stream,
                normals: &normals,
                live: &[],
            };
            let mut g = [0.0];
            noise.gradient(at, &mut g, &mut [0.0]);
            g[0]
        };
        for l in [1.0, 2.0, 16.0] {
            // ∇L(2) = 6; each gradient's noise comes with its weight, and the weights add up to 1.
            let root = f64::sqrt(2.0 * l - 1.0);
            assert!((gradient(l, [1.0, 0.0]) - 6.0 - 0.5 * (1.0 + root)).abs() < 1e-13);
            assert!((gradient(l, [0.0, 1.0]) - 6.0 - 0.5 * (1.0 - root)).abs() < 1e-13);
        }
        let well = Box::new(DoubleWell::new(1).unwrap());
        assert!(svag(Gaussian::new(well, Shape::Isotropic(1.0)), 0.5).is_err());
    }
}
