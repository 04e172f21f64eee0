//! The well that a cell's particles start in, and the barrier that they leave over.

use super::cell::Cell;
use simulation::landscape::{Boundary, Way};

/// A way out, and how many coordinates have such a one.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaving {
    /// The way; of a sum over coordinates that of one of them.
    pub way: Way,
    /// Coordinates that each leave over it on their own: their rates add.
    pub coordinates: usize,
}

impl Cell {
    /// How particles leave.
    ///
    /// # Errors
    /// The start lies in no well, coordinates start in different ones, or no barrier lies between start and exit.
    pub fn leaving(&self) -> Result<Leaving, String> {
        let boundary = |coordinate| Boundary {
            coordinate,
            at: self.exit,
            above: self.upwards,
        };
        let surface = self.surface()?;
        if !surface.separable() {
            let way = Way::of(&*surface, &self.start_point(), boundary(self.coordinate))?;
            return Ok(Leaving {
                way,
                coordinates: 1,
            });
        }
        let line = self.surface_of(1)?;
        let own = match self.coordinate {
            Some(_) => vec![self.start_towards_exit()],
            None => self.start.clone(),
        };
        let mut ways = own
            .iter()
            .map(|start| Way::of(&*line, &[*start], boundary(Some(0))));
        let first = ways.next().ok_or("the start has no coordinate")??;
        for way in ways {
            if way?.minimum.point != first.minimum.point {
                return Err(
                    "the coordinates start in different wells; name the one that leaves: coordinate = 0"
                        .into(),
                );
            }
        }
        Ok(Leaving {
            way: first,
            coordinates: self.leaving_coordinates(),
        })
    }

    /// Coordinates of which any may leave.
    pub fn leaving_coordinates(&self) -> usize {
        match self.coordinate {
            Some(_) => 1,
            None => self.dim,
        }
    }
}
