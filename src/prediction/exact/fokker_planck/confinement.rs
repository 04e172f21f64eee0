//! A box beyond which nothing of the steady state lies.

use base::error::{Error, Result};

/// L has risen by this many D at the faces: densities are e⁻⁴⁰ = 4e-18 of the highest there.
const RISE: f64 = 40.0;
/// Faces lie within this of the minimum.
const FAR: f64 = 1e3;
/// Places along each coordinate at which a box is looked over.
const LOOKED: usize = 400;

/// The smallest box about the deepest `minimum`, up to a 400th of it, outside of which L exceeds its least value
/// by 40 D, in one dimension or two.
///
/// # Errors
/// [`Error::Input`] for another dimension, or where the loss does not rise that far all round within 1000.
pub fn confining_box(
    loss: &dyn Fn(&[f64]) -> f64,
    diffusion: &dyn Fn(&[f64], usize) -> f64,
    minimum: &[f64],
) -> Result<Vec<[f64; 2]>> {
    let dim = minimum.len();
    if !(1..=2).contains(&dim) {
        return Err(Error::Input(format!(
            "a box in {dim} dimensions: the solver knows one and two"
        )));
    }
    let bottom = loss(minimum);
    let inside = |point: &[f64]| {
        let most = (0..dim).map(|i| diffusion(point, i)).fold(0.0, f64::max);
        let risen = loss(point) - bottom;
        // What is not a number is no wall.
        risen.is_nan() || risen < RISE * most
    };
    // Widened until nothing on its faces is inside.
    let along = |reach: f64, k: usize| reach * (2.0 * k as f64 / LOOKED as f64 - 1.0);
    let open = |reach: f64| {
        let mut point = minimum.to_vec();
        (0..=LOOKED).any(|k| {
            (0..dim).any(|i| {
                [-reach, reach].into_iter().any(|end| {
                    for (j, (x, middle)) in point.iter_mut().zip(minimum).enumerate() {
                        *x = middle + if i == j { end } else { along(reach, k) };
                    }
                    inside(&point)
                })
            })
        })
    };
    let mut reach = 0.1;
    while open(reach) {
        reach *= 1.25;
        if reach > FAR {
            return Err(Error::Input(format!(
                "the loss does not confine the particle: within {FAR} it does not rise by {RISE} D all \
                 round; give walls, which reflect"
            )));
        }
    }
    // Then only as wide as what is inside.
    let mut walls: Vec<[f64; 2]> = vec![[f64::INFINITY, f64::NEG_INFINITY]; dim];
    let (count, margin) = (LOOKED + 1, 2.0 * reach / LOOKED as f64);
    let mut point = minimum.to_vec();
    for k in 0..count.pow(dim as u32) {
        let place = [k % count, k / count];
        for ((x, middle), k) in point.iter_mut().zip(minimum).zip(place) {
            *x = middle + along(reach, k);
        }
        if inside(&point) {
            for (wall, x) in walls.iter_mut().zip(&point) {
                *wall = [wall[0].min(x - margin), wall[1].max(x + margin)];
            }
        }
    }
    Ok(walls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parabola_and_what_does_not_confine() {
        // θ²/2 = 40 · 0.05 at ±2, to a 200th of the box on either side.
        let walls = confining_box(&|x| 0.5 * x[0] * x[0], &|_, _| 0.05, &[0.0]).unwrap();
        assert!((walls[0][0] + 2.0).abs() < 0.03 && (walls[0][1] - 2.0).abs() < 0.03);
        let bowl = |x: &[f64]| 0.5 * x[0] * x[0] + 2.0 * x[1] * x[1];
        let walls = confining_box(&bowl, &|_, _| 0.05, &[0.0, 0.0]).unwrap();
        assert!((walls[1][1] - 1.0).abs() < 0.03);
        assert!(confining_box(&|x| x[0] * x[0], &|_, _| 1.0, &[0.0; 3]).is_err());
        assert!(confining_box(&|_| 0.0, &|_, _| 1.0, &[0.0]).is_err());
    }
}
