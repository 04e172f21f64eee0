//! The way out in one coordinate, where every turn between start and exit can be looked at.

use super::super::line::curvature_at;
use super::super::turns::{Shape, Turn, turns};
use super::super::{CriticalPoint, Kind, Landscape};
use super::{Boundary, CLOSE, Rest, Way, place, side};
use base::interrupt;

/// Steps in which a stretch of the line is looked at.
const INTERVALS: usize = 4000;
/// Each stretch is as long as all before it; so many of them are looked at.
const STRETCHES: u32 = 30;

/// [`Way::of`].
pub fn way(line: &dyn Landscape, start: f64, boundary: Boundary) -> Result<Way, String> {
    let distance = (boundary.at - start).abs();
    let seen = Seen::of(line, distance);
    let minimum = seen.basin(start)?;
    let sign = boundary.sign();
    let close = CLOSE * distance;
    let end = boundary.at + sign * close;
    if sign * (boundary.at - minimum.x) <= close {
        return Err(format!(
            "from the start θ = {start} the loss falls over the exit down to {}: there is no barrier between",
            place(&[minimum.x])
        ));
    }
    let ahead = seen.between(minimum.x, end)?;
    let saddle = ahead.first().ok_or_else(|| {
        format!(
            "no saddle lies between the minimum of the start's well, {}, and the exit θ = {}",
            place(&[minimum.x]),
            boundary.at
        )
    })?;
    let passed =
        |turn: &&Turn| turn.kind() == Some(Kind::Minimum) && sign * (boundary.at - turn.x) > close;
    Ok(Way {
        minimum: rest(line, &minimum),
        saddle: rest(line, saddle),
        wells: ahead.iter().filter(passed).count(),
        boundary,
        ends_at_saddle: (boundary.at - saddle.x).abs() <= close,
        note: None,
    })
}

/// [`Way::basin`].
pub fn minimum(line: &dyn Landscape, start: f64) -> Result<Rest, String> {
    let turn = Seen::nearby(line, start).basin(start)?;
    Ok(rest(line, &turn))
}

/// [`Way::to_saddle`].
pub fn to_saddle(line: &dyn Landscape, start: f64, above: bool) -> Result<Way, String> {
    let sign = if above { 1.0 } else { -1.0 };
    let seen = Seen::nearby(line, start);
    let minimum = seen.basin(start)?;
    let saddle = seen.first(minimum.x, sign)?.ok_or_else(|| {
        format!(
            "no saddle lies {} the minimum of the start's well, {}",
            side(above),
            place(&[minimum.x])
        )
    })?;
    let boundary = Boundary {
        coordinate: Some(0),
        at: saddle.x,
        above,
    };
    Ok(Way {
        minimum: rest(line, &minimum),
        saddle: rest(line, &saddle),
        wells: 0,
        boundary,
        ends_at_saddle: true,
        note: None,
    })
}

fn rest(line: &dyn Landscape, turn: &Turn) -> Rest {
    let kind = turn.kind().unwrap_or(Kind::Minimum);
    Rest {
        point: CriticalPoint {
            kind,
            theta: vec![turn.x],
            value: line.value(&[turn.x]),
        },
        curvatures: match turn.shape {
            Shape::Smooth(_) => Some(vec![curvature_at(line, turn.x)]),
            _ => None,
        },
    }
}

/// A line, what is known of it, and the unit in which it is looked at.
struct Seen<'a> {
    line: &'a dyn Landscape,
    known: Vec<f64>,
    unit: f64,
}

impl<'a> Seen<'a> {
    fn of(line: &'a dyn Landscape, unit: f64) -> Self {
        let points = line.critical_points();
        let known = points.iter().map(|point| point.theta[0]).collect();
        Seen { line, known, unit }
    }

    /// In units of the way to the nearest point that is known.
    fn nearby(line: &'a dyn Landscape, start: f64) -> Self {
        let seen = Self::of(line, 1.0 + start.abs());
        let apart = seen.known.iter().map(|x| (x - start).abs());
        let unit = apart.filter(|apart| *apart > 0.0).fold(seen.unit, f64::min);
        Seen { unit, ..seen }
    }

    /// The minimum that L falls to from `start`.
    fn basin(&self, start: f64) -> Result<Turn, String> {
        // The same point, but for the last digits of either.
        let same = 1e-9 * self.unit.max(f64::EPSILON * start.abs());
        let here = turns(self.line, start - same, start + same, 8, &self.known);
        match here.first() {
            Some(turn) if turn.kind() == Some(Kind::Minimum) => return Ok(*turn),
            Some(turn) if turn.kind() == Some(Kind::Saddle) => {
                return Err(format!(
                    "the start {} lies on top of a barrier and belongs to no well",
                    place(&[start])
                ));
            }
            _ => {}
        }
        let [slope] = [super::super::line::slope_at(self.line, start)];
        if slope == 0.0 || slope.is_nan() {
            return Err(format!(
                "the loss has no slope at the start {} that would say to which well it belongs",
                place(&[start])
            ));
        }
        self.first(start, -slope.signum())?.ok_or_else(|| {
            format!(
                "from the start {} the loss falls without end: it lies in no well",
                place(&[start])
            )
        })
    }

    /// The first turn beyond `from` in a direction.
    fn first(&self, from: f64, sign: f64) -> Result<Option<Turn>, String> {
        let mut reached = from;
        for stretch in 0..STRETCHES {
            if interrupt::requested() {
                return Err("stopped while its wells were looked for".into());
            }
            let next = from + sign * self.unit * 2f64.powi(stretch as i32);
            if !self.line.value(&[next]).is_finite() {
                let found = self.between(from, next)?;
                return Ok(found.first().copied());
            }
            // The last step of a stretch is looked at again, since a turn may lie on its end.
            let begin = from + (reached - from) * (1.0 - 1.0 / INTERVALS as f64);
            let found: Vec<Turn> = self.between(begin, next)?;
            let apart = |turn: &&Turn| sign * (turn.x - from) > 1e-9 * self.unit;
            if let Some(turn) = found.iter().find(apart) {
                return Ok(Some(*turn));
            }
            reached = next;
        }
        Ok(None)
    }

    /// The turns from one point to another, in the order in which they are met, the first point left out.
    fn between(&self, from: f64, to: f64) -> Result<Vec<Turn>, String> {
        let (low, high) = (from.min(to), from.max(to));
        let mut found = turns(self.line, low, high, INTERVALS, &self.known);
        if to < from {
            found.reverse();
        }
        found.retain(|turn| (turn.x - from).abs() > 1e-9 * self.unit);
        match found.iter().find(|turn| turn.shape == Shape::Break) {
            Some(turn) => Err(format!(
                "the loss breaks off at {}, and neither wells nor barriers can be told beyond",
                place(&[turn.x])
            )),
            None => Ok(found),
        }
    }
}
