//! The barrier of a way as the laws of escape see it.

use prediction::exact::kramers_law::Barrier;
use simulation::landscape::Way;
use simulation::landscape::way::{Rest, place};

/// Curvatures below this part of ΔL over the squared distance from minimum to saddle are none: those of a parabola or
/// a cosine are 2 and 5 of it.
const FLAT: f64 = 1e-6;

/// The curvatures and the height, in the one coordinate that stands for several.
///
/// # Errors
/// The minimum or the saddle is a kink, or flat.
pub fn barrier(way: &Way) -> Result<Barrier, String> {
    let apart = way.minimum.point.theta.iter().zip(&way.saddle.point.theta);
    let squared: f64 = apart.map(|(a, b)| (a - b).powi(2)).sum();
    let unit = way.height() / squared;
    let curved = |rest: &Rest, what: &str, symbol: &str| {
        let at = place(&rest.point.theta);
        let values = rest.curvatures.clone().ok_or_else(|| {
            format!(
                "the loss has a kink at the {what} {at}, hence no curvature {symbol} there, \
                 which the law needs"
            )
        })?;
        if values.iter().any(|h| h.abs() <= FLAT * unit) {
            return Err(format!(
                "the loss is flat at the {what} {at}: the law needs a curvature {symbol} there"
            ));
        }
        Ok(values)
    };
    let well = curved(&way.minimum, "minimum", "H_a")?;
    let top = curved(&way.saddle, "saddle", "H_b")?;
    Ok(Barrier::of_modes(&well, &top, way.height()))
}
