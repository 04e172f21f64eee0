//! Where a process that is confined on the left can be cut off.

use super::panels::{Coefficients, Ended, Panel};
use crate::error::{Error, Result};

/// What lies left of the start.
pub(super) struct LeftSide {
    /// Panels, ascending, the last ending at the start.
    pub panels: Vec<Panel>,
    /// A point that no panel resolves, if one was met.
    pub unresolved: Option<f64>,
}

impl LeftSide {
    /// The left end of what is covered.
    pub fn edge(&self, start: f64) -> f64 {
        self.panels.first().map_or(start, |panel| panel.left)
    }
}

/// Cover the line left of `start` as far as the process goes: to `wall`, or until the stationary
/// density e^{−Φ}/D times the distance has fallen by e^{−`drop`} from its largest value.
///
/// Further wells are looked for by the sign of the drift at 24 points at doubling distances
/// beyond the edge, and included when found; a well that none of these points meets is missed.
///
/// # Errors
/// [`Error::Input`] when nothing confines the process.
pub(super) fn left_side(
    of: &Coefficients<'_>,
    start: f64,
    wall: Option<f64>,
    breaks: &[f64],
    drop: f64,
) -> Result<LeftSide> {
    let mut panels: Vec<Panel> = Vec::new();
    let mut right = start;
    let mut must_reach = start;
    let mut phi = 0.0;
    let mut largest = f64::NEG_INFINITY;
    let mut at_edge = f64::NEG_INFINITY;
    let mut doubling = 0;
    loop {
        let mut left = start - of.scale * 2f64.powi(doubling);
        if let Some(wall) = wall {
            left = left.max(wall);
        }
        if left >= right {
            if wall.is_some_and(|wall| wall >= right) {
                panels.reverse();
                return Ok(LeftSide {
                    panels,
                    unresolved: None,
                });
            }
            doubling += 1;
            continue;
        }
        let ended = of.cover(left, right, breaks, &mut |panel| {
            largest = largest.max(-phi - panel.diffusion[panel.diffusion.len() - 1].ln());
            phi -= panel.integral(&panel.slope);
            at_edge = -phi - panel.diffusion[0].ln();
            largest = largest.max(at_edge);
            let distance = ((start - panel.left) / of.scale).ln();
            let edge = panel.left;
            panels.push(panel);
            edge > must_reach || at_edge + distance > largest - drop
        });
        match ended {
            Ok(Ended::Covered) => {
                right = left;
                doubling += 1;
                if doubling > 60 {
                    return Err(unconfined(start));
                }
            }
            Ok(Ended::Stopped) => {
                let edge = panels.last().map_or(start, |panel| panel.left);
                let outside = if wall.is_some() {
                    None
                } else {
                    outward(of, start, edge)
                };
                match outside {
                    Some(further) => {
                        must_reach = further;
                        right = edge;
                    }
                    None => {
                        panels.reverse();
                        return Ok(LeftSide {
                            panels,
                            unresolved: None,
                        });
                    }
                }
            }
            Ok(Ended::Unresolved(at)) => {
                panels.reverse();
                return Ok(LeftSide {
                    panels,
                    unresolved: Some(at),
                });
            }
            // Out of panels on a way along which the density only grows.
            Err(Error::Failed(_)) if at_edge >= largest => return Err(unconfined(start)),
            Err(Error::Failed(why)) => {
                return Err(Error::Failed(format!(
                    "{why}; if nothing confines the process there, give a reflecting boundary"
                )));
            }
            Err(error) => return Err(error),
        }
    }
}

/// The farthest probed point beyond the edge at which the drift points away from the start.
fn outward(of: &Coefficients<'_>, start: f64, edge: f64) -> Option<f64> {
    let width = (start - edge).max(of.scale);
    (0..24)
        .map(|j| edge - 0.125 * width * 2f64.powi(j))
        .filter(|&theta| (of.drift)(theta) > 0.0)
        .last()
}

fn unconfined(start: f64) -> Error {
    Error::Input(format!(
        "nothing confines the process on the far side of the start θ = {start}: it wanders off \
         for ever; give a reflecting boundary"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_harmonic_well_is_cut_where_its_density_is_gone() {
        // Φ = θ²/2: the drop of 45 lies at θ = −√90 plus a little for the factor of distance.
        let of = Coefficients {
            drift: &|x| x,
            diffusion: &|_| 1.0,
            scale: 1.0,
        };
        let side = left_side(&of, 0.0, None, &[], 45.0).unwrap();
        let edge = side.edge(0.0);
        assert!((-11.5..=-90f64.sqrt()).contains(&edge), "{edge}");
        assert_eq!(side.unresolved, None);
    }

    #[test]
    fn a_second_well_behind_a_high_barrier_is_included() {
        // V = θ⁴/4 − θ²/2 at T = 1/400: the barrier at 0 is 100 T high.
        let of = Coefficients {
            drift: &|x| x * x * x - x,
            diffusion: &|_| 0.0025,
            scale: 0.5,
        };
        let edge = left_side(&of, 1.0, None, &[], 45.0).unwrap().edge(1.0);
        assert!(edge < -1.2, "{edge}");
    }

    #[test]
    fn a_wall_ends_the_search_and_a_flat_line_has_no_end() {
        let of = Coefficients {
            drift: &|_| 0.0,
            diffusion: &|_| 1.0,
            scale: 1.0,
        };
        let walled = left_side(&of, 0.0, Some(-7.3), &[], 45.0).unwrap();
        assert_eq!(walled.edge(0.0), -7.3);
        assert!(left_side(&of, 0.0, None, &[], 45.0).is_err());
    }
}
