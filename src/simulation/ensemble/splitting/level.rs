//! The reaction coordinate: how far a particle is on its way to the exit.

use crate::ensemble::Exit;

/// A coordinate, or the foremost of all, upwards towards the exit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// +1 where the exit is above the start, −1 where it is below.
    pub sign: f64,
    /// The coordinate; `None` takes the one that is furthest.
    pub coordinate: Option<usize>,
}

impl Level {
    /// The level whose surfaces are those of an exit over `coordinate`, or over whichever comes first.
    pub fn towards(exit: Exit, coordinate: Option<usize>) -> Self {
        let sign = match exit {
            Exit::Above(_) => 1.0,
            Exit::Below(_) => -1.0,
        };
        Level { sign, coordinate }
    }

    /// The level of one lane of coordinate-major rows; NaN if any coordinate is.
    pub fn of(&self, theta: &[f64], lanes: usize, lane: usize) -> f64 {
        let mut own = theta.iter().skip(lane).step_by(lanes);
        match self.coordinate {
            Some(i) => {
                let broken = own.clone().any(|x| !x.is_finite());
                let level = own.nth(i).map_or(f64::NAN, |x| self.sign * x);
                if broken { f64::NAN } else { level }
            }
            None => own.fold(f64::NEG_INFINITY, |furthest, x| {
                let level = self.sign * x;
                // f64::max would drop a NaN.
                if furthest.is_nan() || level <= furthest {
                    furthest
                } else {
                    level
                }
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_foremost_coordinate_or_the_one_that_is_named() {
        // Two coordinates of two lanes.
        let theta = [1.0, -5.0, 2.0, -3.0];
        let up = |coordinate| Level {
            sign: 1.0,
            coordinate,
        };
        assert_eq!(up(None).of(&theta, 2, 0), 2.0);
        assert_eq!(up(None).of(&theta, 2, 1), -3.0);
        assert_eq!(up(Some(0)).of(&theta, 2, 0), 1.0);
        let down = Level::towards(Exit::Below(0.0), None);
        assert_eq!(down.of(&theta, 2, 1), 5.0);
    }

    #[test]
    fn what_is_no_number_has_no_level() {
        for theta in [[f64::NAN, 1.0], [1.0, f64::NAN]] {
            for coordinate in [None, Some(0), Some(1)] {
                let level = Level {
                    sign: 1.0,
                    coordinate,
                };
                assert!(level.of(&theta, 1, 0).is_nan());
            }
        }
    }
}
