//! From a start to an exit: the well that the start is in, and the barrier on the way out.
//!
//! Every law of an escape speaks of one well and one barrier. Which ones is decided here and nowhere else: the minimum
//! is the one that the gradient flow leads to from the start, the barrier the first on the lowest way from there to
//! the exit. Where there is no such barrier a sentence says why.

mod coupled;
pub mod descent;
mod line;

use super::{CriticalPoint, Landscape};

/// Where a way leaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Boundary {
    /// The coordinate that must pass it; `None`: whichever does first.
    pub coordinate: Option<usize>,
    /// The value that it passes.
    pub at: f64,
    /// True where it leaves above, false where it leaves below.
    pub above: bool,
}

/// A point at rest with its curvatures.
#[derive(Clone, Debug, PartialEq)]
pub struct Rest {
    /// The point.
    pub point: CriticalPoint,
    /// The eigenvalues of ∇²L there, ascending; `None` at a kink, where there is no ∇²L.
    pub curvatures: Option<Vec<f64>>,
}

/// A well and the barrier on the way out of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// The minimum of the start's basin.
    pub minimum: Rest,
    /// The first saddle on the lowest way to the exit.
    pub saddle: Rest,
    /// Other wells that this way leads through before it is at the exit.
    pub wells: usize,
    /// The boundary.
    pub boundary: Boundary,
    /// Whether the saddle lies on the boundary.
    pub ends_at_saddle: bool,
    /// What the search for saddles may have missed.
    pub note: Option<String>,
}

/// A saddle is on the boundary within this part of the way from the start to the boundary: one typed to a few digits
/// less than it has is still that saddle.
const CLOSE: f64 = 1e-6;

impl Way {
    /// The way from `start` over `boundary`; `start` has one number for each of the surface's coordinates.
    ///
    /// # Errors
    /// The start lies in no well, or no barrier lies between the well and the boundary.
    pub fn of(surface: &dyn Landscape, start: &[f64], boundary: Boundary) -> Result<Self, String> {
        match start {
            [start] => line::way(surface, *start, boundary),
            _ => coupled::way(surface, start, boundary),
        }
    }

    /// The way from `start` to the nearest saddle above (or below) it: the lowest at the border of the start's basin,
    /// where there are several coordinates. Where none is named, the coordinate is the one in which that saddle lies
    /// furthest from the minimum.
    ///
    /// # Errors
    /// The start lies in no well, or there is no such saddle.
    pub fn to_saddle(
        surface: &dyn Landscape,
        start: &[f64],
        coordinate: Option<usize>,
        above: bool,
    ) -> Result<Self, String> {
        match start {
            [start] => line::to_saddle(surface, *start, above),
            _ => coupled::to_saddle(surface, start, coordinate, above),
        }
    }

    /// The minimum of the start's basin.
    ///
    /// # Errors
    /// The start lies in no well.
    pub fn basin(surface: &dyn Landscape, start: &[f64]) -> Result<Rest, String> {
        match start {
            [start] => line::minimum(surface, *start),
            _ => coupled::minimum(surface, start),
        }
    }

    /// ΔL = L(saddle) − L(minimum).
    pub fn height(&self) -> f64 {
        self.saddle.point.value - self.minimum.point.value
    }
}

impl Boundary {
    fn sign(&self) -> f64 {
        if self.above { 1.0 } else { -1.0 }
    }

    /// How far θ lies beyond it.
    fn beyond(&self, theta: &[f64]) -> f64 {
        let own = |x: f64| self.sign() * (x - self.at);
        match self.coordinate {
            Some(i) => own(theta[i]),
            None => theta
                .iter()
                .copied()
                .map(own)
                .fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

fn side(above: bool) -> &'static str {
    if above { "above" } else { "below" }
}

/// Coordinates of a point that messages show.
const SHOWN: usize = 6;

/// A point for messages.
pub fn place(theta: &[f64]) -> String {
    let short = |x: &f64| {
        let digits = format!("{x:.6}");
        let cut = digits.trim_end_matches('0').trim_end_matches('.');
        cut.to_string()
    };
    match theta {
        [x] => format!("θ = {}", short(x)),
        _ => {
            let first: Vec<String> = theta.iter().take(SHOWN).map(short).collect();
            let rest = if theta.len() > SHOWN { ", …" } else { "" };
            format!("θ = ({}{rest})", first.join(", "))
        }
    }
}

#[cfg(test)]
mod tests;
