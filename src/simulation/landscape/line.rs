//! A surface of one coordinate as functions of that coordinate, for solvers on the line.

use super::{Landscape, Structure};
use base::error::{Error, Result};

/// L′ of a surface of one coordinate.
pub fn slope_at(line: &dyn Landscape, x: f64) -> f64 {
    let mut slope = [0.0];
    line.gradient(&[x], 1, &mut slope);
    slope[0]
}

/// L″ of a surface of one coordinate.
pub fn curvature_at(line: &dyn Landscape, x: f64) -> f64 {
    line.hessian(&[x])[(0, 0)]
}

/// Looks within a cell of the surface's structure.
const LOOKS: usize = 16;

/// Where L″ changes sign between two points, to neighbouring doubles: |L″| has a kink there.
pub fn inflections(line: &dyn Landscape, low: f64, high: f64) -> Vec<f64> {
    inflections_of(line, &line.structure(low, high))
}

fn inflections_of(line: &dyn Landscape, structure: &Structure) -> Vec<f64> {
    let ends = structure.breaks();
    let mut places = Vec::with_capacity(LOOKS * ends.len());
    for cell in ends.windows(2) {
        let at = |i: usize| cell[0] + (cell[1] - cell[0]) * i as f64 / LOOKS as f64;
        places.extend((0..LOOKS).map(at));
    }
    places.extend(ends.last());
    let mut bends = vec![0.0; places.len()];
    line.hessian_diagonal(&places, places.len(), &mut bends);
    let mut found = Vec::new();
    let mut brackets = Vec::new();
    for i in 0..places.len() {
        if bends[i] == 0.0 {
            // A flat piece is no kink but at its ends.
            let flat = |n: usize| bends.get(n).is_none_or(|bend| *bend == 0.0);
            if !(flat(i.wrapping_sub(1)) && flat(i + 1)) {
                found.push(places[i]);
            }
        } else if i > 0 && bends[i - 1] * bends[i] < 0.0 {
            brackets.push(Bracket {
                ends: [places[i - 1], places[i]],
                left: bends[i - 1],
            });
        }
    }
    found.extend(turnings(line, brackets));
    found.sort_by(f64::total_cmp);
    found.dedup();
    found
}

/// Two places between which L″ changes sign, and L″ at the first.
struct Bracket {
    ends: [f64; 2],
    left: f64,
}

/// The roots of L″, all brackets halved together.
fn turnings(line: &dyn Landscape, mut open: Vec<Bracket>) -> Vec<f64> {
    let mut roots = Vec::with_capacity(open.len());
    while !open.is_empty() {
        let middle = |own: &Bracket| 0.5 * (own.ends[0] + own.ends[1]);
        open.retain(|own| {
            let at = middle(own);
            let apart = own.ends[0] < at && at < own.ends[1];
            if !apart {
                roots.push(at);
            }
            apart
        });
        let middles: Vec<f64> = open.iter().map(middle).collect();
        let mut bends = vec![0.0; middles.len()];
        line.hessian_diagonal(&middles, middles.len(), &mut bends);
        for ((own, at), bend) in open.iter_mut().zip(middles).zip(bends) {
            own.ends[usize::from(own.left * bend <= 0.0)] = at;
        }
    }
    roots
}

/// The kinks at which a solver between two points should begin and end its panels, with `bends` those of |L″| too; and
/// all that the surface knows of itself.
///
/// # Errors
/// [`Error::Failed`] for a surface too fine to tell.
pub fn marks(
    line: &dyn Landscape,
    low: f64,
    high: f64,
    bends: bool,
) -> Result<(Vec<f64>, Structure)> {
    let structure = line.structure(low, high);
    if let Some(x) = structure.unresolved {
        return Err(Error::Failed(format!(
            "the surface is too fine to be followed from {low} to {high}: near θ = {x} it changes over \
             less than what some ten thousand intervals resolve"
        )));
    }
    let mut kinks = structure.kinks.clone();
    if bends {
        kinks.extend(inflections_of(line, &structure));
    }
    Ok((kinks, structure))
}

#[cfg(test)]
mod tests {
    use super::super::{cubic::Cubic, double_well::DoubleWell};
    use super::*;

    #[test]
    fn slope_and_curvature_by_hand() {
        let line = DoubleWell::new(1).unwrap();
        assert_eq!(slope_at(&line, 2.0), 6.0);
        assert_eq!(curvature_at(&line, 2.0), 11.0);
    }

    #[test]
    fn inflections_lie_at_the_roots_of_the_curvature() {
        // 3x² = 1; bisection ends where a and b are neighbours, within one ulp of the root.
        let found = inflections(&DoubleWell::new(1).unwrap(), -4.0, 3.0);
        let root = 1.0 / 3f64.sqrt();
        assert_eq!(found.len(), 2);
        assert!((found[0] + root).abs() < 4.0 * f64::EPSILON);
        assert!((found[1] - root).abs() < 4.0 * f64::EPSILON);
    }

    #[test]
    fn an_inflection_on_the_end_of_an_interval_is_found() {
        // 1 − 2x on [−3, 4]: 0.5 is the middle of 4000 intervals.
        assert_eq!(inflections(&Cubic::new(1).unwrap(), -3.0, 4.0), [0.5]);
    }
}
