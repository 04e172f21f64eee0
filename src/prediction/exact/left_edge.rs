//! Where a process that is confined on the left can be cut off.

use super::legendre::POINTS;
use super::panels::{Coefficients, Ended, Panel};
use base::error::{Error, Result};

/// What lies left of the start.
pub(super) struct LeftSide {
    /// Panels, ascending, the last ending at the start.
    pub panels: Vec<Panel>,
    /// A point that no panel resolves, if one was met.
    pub unresolved: Option<f64>,
    /// How far wells were looked for, where the look was cut short.
    pub looked: Option<f64>,
}

impl LeftSide {
    /// The left end of what is covered.
    pub fn edge(&self, start: f64) -> f64 {
        self.panels.first().map_or(start, |panel| panel.left)
    }

    /// Ends of panels, ascending, and how far Φ has risen at each above its least value between there and the start.
    pub fn fallen(&self) -> Vec<(f64, f64)> {
        let (mut phi, mut least) = (0.0, 0.0f64);
        let from_right = self.panels.iter().rev().map(|panel| {
            phi -= panel.integral(&panel.slope);
            least = least.min(phi);
            (panel.left, phi - least)
        });
        let mut all: Vec<(f64, f64)> = from_right.collect();
        all.reverse();
        all
    }
}

/// The stationary weight D^{a−1} e^{−Φ} on the way outwards, in logarithms.
#[derive(Clone)]
struct Weight {
    a: f64,
    phi: f64,
    /// Anywhere so far.
    largest: f64,
    /// Within the last panel.
    highest: f64,
    at_edge: f64,
}

impl Weight {
    fn new(a: f64) -> Self {
        Self {
            a,
            phi: 0.0,
            largest: f64::NEG_INFINITY,
            highest: f64::NEG_INFINITY,
            at_edge: f64::NEG_INFINITY,
        }
    }

    /// Goes on over a panel, from its right end to its left: the weights at its nodes.
    fn over(&mut self, panel: &Panel) -> [f64; POINTS] {
        let running = panel.running_integral(&panel.slope);
        let whole = panel.integral(&panel.slope);
        let at = |i: usize| {
            let rise = self.phi - (whole - running[i]);
            -rise + (self.a - 1.0) * panel.diffusion[i].ln()
        };
        let weights: [f64; POINTS] = std::array::from_fn(at);
        self.at_edge = weights[0];
        self.phi -= whole;
        self.highest = panel.highest(self.a) - self.phi;
        self.largest = self.largest.max(self.highest);
        weights
    }
}

/// Panels of the look beyond the edge, and how often it doubles the distance: from a well of 10⁻¹² the width of the
/// surface on, all of it.
const LOOKED: usize = 10_000;
const FURTHER: i32 = 60;
/// Times that the weight may come back before the process is held to be unconfined.
const MOST_RETURNS: usize = 24;
/// How far the weight has fallen on the way up to a pole, and how narrow its panels become, in widths of what is covered.
/// High barriers have the one, narrow places the other.
const POLE: f64 = 200.0;
const POLE_WIDTH: f64 = 1e-11;
/// So many panels in a row that are no wider than the one before, nor much narrower: two marks next to each other leave a
/// narrow panel too, but it is alone.
const NARROWING: usize = 16;
const AT_ONCE: f64 = 64.0;
/// A point that no panel resolves ends the process where its weight has fallen by e^−this.
const CAUGHT: f64 = 25.0;
/// Doublings of the distance after which nothing confines the process: all that there are.
const MOST_DOUBLINGS: i32 = 1000;
/// Φ has fallen by this much after [`FURTHER`] of them where it falls for ever.
const FALLEN: f64 = 1e6;
/// The same where the weight stays level over three of them, after the first ten, and each takes
/// many panels: a flat stretch takes few, and may end.
const LEVEL_FROM: i32 = 10;
const MOST_LEVELS: usize = 3;
const WAVY: usize = 256;

/// Cover the line left of `start` as far as the process goes: to `wall`, or until the stationary
/// weight D^{a−1} e^{−Φ} times the distance has fallen by e^{−`drop`} from its largest value, and no weight comes
/// back within 2⁶⁰ times that distance; where 10000 panels do not reach as far, or the potential breaks off, how far they
/// reached is told. A pole of U ends it as well.
///
/// # Errors
/// [`Error::Input`] when nothing confines the process.
pub(super) fn left_side(
    of: &Coefficients<'_>,
    start: f64,
    wall: Option<f64>,
    a: f64,
    drop: f64,
) -> Result<LeftSide> {
    let mut panels: Vec<Panel> = Vec::new();
    let mut right = start;
    let mut must_reach = start;
    let mut weight = Weight::new(a);
    let mut doubling = 0;
    let mut returns = 0;
    // The largest weights within the doubling at hand and the one before, and doublings without a change.
    let (mut highest, mut last, mut levels) = (f64::NEG_INFINITY, f64::NAN, 0);
    let mut covered = 0;
    let done = |mut panels: Vec<Panel>, unresolved, looked| {
        panels.reverse();
        Ok(LeftSide {
            panels,
            unresolved,
            looked,
        })
    };
    loop {
        let mut left = start - of.scale * 2f64.powi(doubling);
        if let Some(wall) = wall {
            left = left.max(wall);
        }
        if left >= right {
            if wall.is_some_and(|wall| wall >= right) {
                return done(panels, None, None);
            }
            doubling += 1;
            continue;
        }
        let ended = of.cover(left, right, &mut |panel| {
            let before = weight.clone();
            let weights = weight.over(&panel);
            highest = highest.max(weight.highest);
            let least = weight.largest - drop;
            let gone = |(x, w): &(f64, &f64)| {
                *x <= must_reach && **w + ((start - x) / of.scale).ln() <= least
            };
            // The panel is cut at the first of its nodes, from the right, at which nothing is left.
            let nodes = panel.nodes();
            let cut = nodes.into_iter().zip(&weights).rev().find(gone);
            let right = panel.left + panel.width;
            let cut = cut.and_then(|(x, _)| of.sample(x, right - x).ok());
            let stop = cut.is_some();
            let own = cut.unwrap_or(panel);
            if stop {
                let largest = weight.largest;
                weight = before;
                weight.over(&own);
                weight.largest = largest;
            }
            panels.push(own);
            !stop
        });
        match ended {
            Ok(Ended::Covered) => {
                right = left;
                doubling += 1;
                // As high again as over half the distance, and again.
                let wavy = panels.len() - covered > WAVY;
                covered = panels.len();
                let level = doubling > LEVEL_FROM && wavy && (highest - last).abs() < 0.01;
                levels = if level { levels + 1 } else { 0 };
                last = std::mem::replace(&mut highest, f64::NEG_INFINITY);
                let falls = doubling > FURTHER && weight.phi < -FALLEN;
                if doubling > MOST_DOUBLINGS || levels == MOST_LEVELS || falls {
                    return Err(unconfined(start));
                }
            }
            Ok(Ended::Stopped) => {
                let edge = panels.last().map_or(start, |panel| panel.left);
                let beyond = further(of, start, edge, wall, &weight, drop)?;
                match beyond.back {
                    Some(_) if returns == MOST_RETURNS => return Err(unconfined(start)),
                    Some(back) => {
                        returns += 1;
                        must_reach = back;
                        right = edge;
                    }
                    None => return done(panels, None, beyond.short),
                }
            }
            // A pole, or what is left before one is too little to matter.
            Ok(Ended::Unresolved(_)) if weight.at_edge < weight.largest - CAUGHT => {
                return done(panels, None, None);
            }
            Ok(Ended::Broken(at)) if weight.at_edge < weight.largest - drop => {
                return done(panels, None, Some(at));
            }
            Ok(Ended::Unresolved(at) | Ended::Broken(at)) => return done(panels, Some(at), None),
            // Out of panels, or of doubles, on a long way along which the density only grows.
            Err(Error::Failed(_) | Error::Input(_))
                if weight.at_edge >= weight.largest && doubling > LEVEL_FROM =>
            {
                return Err(unconfined(start));
            }
            Err(Error::Failed(why)) => {
                return Err(Error::Failed(format!(
                    "{why}; if nothing confines the process there, give a reflecting boundary"
                )));
            }
            Err(error) => return Err(error),
        }
    }
}

/// What lies beyond the edge.
#[derive(Default)]
struct Beyond {
    /// The farthest panel, if any, where the weight is back.
    back: Option<f64>,
    /// How far the look came, where it was cut short.
    short: Option<f64>,
}

/// Looks beyond the edge.
///
/// # Errors
/// [`Error::Failed`] where not even as far again as the edge can be looked over.
fn further(
    of: &Coefficients<'_>,
    start: f64,
    edge: f64,
    wall: Option<f64>,
    weight: &Weight,
    drop: f64,
) -> Result<Beyond> {
    let mut beyond = weight.clone();
    let width = (start - edge).max(of.scale);
    let mut found = Beyond::default();
    let (mut looked, mut right, mut pole) = (0, edge, false);
    let (mut last, mut reached) = (f64::INFINITY, edge);
    let (mut before, mut narrowing) = (0.0, 0);
    for n in 0..FURTHER {
        let widths = 2f64.powi(n + 1) - 1.0;
        let far = wall.map_or(edge - widths * width, |wall| {
            wall.max(edge - widths * width)
        });
        if far >= right {
            break;
        }
        let ended = of.cover(far, right, &mut |panel| {
            let distance = ((start - panel.left) / of.scale).ln();
            beyond.over(&panel);
            last = beyond.highest + distance;
            if last > weight.largest - drop {
                found.back = Some(panel.left);
            }
            looked += 1;
            reached = panel.left;
            // Ever narrower panels on a weight that has long vanished: the way up to a pole.
            let narrower = panel.width <= before && AT_ONCE * panel.width >= before;
            narrowing = if narrower { narrowing + 1 } else { 0 };
            before = panel.width;
            pole = beyond.highest < weight.largest - POLE
                && narrowing >= NARROWING
                && panel.width < POLE_WIDTH * width;
            looked < LOOKED
        });
        match ended {
            Ok(Ended::Covered) => {}
            Err(error @ Error::Interrupted(_)) => return Err(error),
            // A pole ends the process; where the loss has left the doubles it has long risen.
            Ok(Ended::Unresolved(_) | Ended::Broken(_)) if pole => break,
            Err(Error::Input(_)) if beyond.highest < weight.largest - POLE => break,
            // What was seen is a way down that goes on as it began.
            Ok(_) | Err(_)
                if n > 0 || found.back.is_none() && last < weight.largest - 1.5 * drop =>
            {
                found.short = Some(reached);
                break;
            }
            Ok(_) | Err(_) => {
                return Err(Error::Failed(format!(
                    "whether anything confines the process beyond {edge} is not settled by {LOOKED} panels; \
                     give a reflecting boundary"
                )));
            }
        }
        right = far;
    }
    Ok(found)
}

/// What to say where the look for wells was cut short: `looked`.
pub fn cut_short(at: f64) -> String {
    format!(
        "wells were looked for as far as θ = {at}, where the surface breaks off or has too many waves to go on; a deep one \
         beyond, if there is any, would change the exact values"
    )
}

fn unconfined(start: f64) -> Error {
    Error::Input(format!(
        "nothing confines the process on the far side of the start θ = {start}: it wanders off \
         for ever; give a reflecting boundary"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::panels::{Marks, smooth};
    use super::*;

    #[test]
    fn a_harmonic_well_is_cut_where_its_density_is_gone() {
        // Φ = θ²/2: the drop of 45 lies at θ = −√90 plus a little for the factor of distance.
        let of = Coefficients {
            drift: &|x: f64| x,
            diffusion: &|_: f64| 1.0,
            breaks: &smooth,
            scale: 1.0,
        };
        let side = left_side(&of, 0.0, None, 0.0, 45.0).unwrap();
        let edge = side.edge(0.0);
        assert!((-11.5..=-90f64.sqrt()).contains(&edge), "{edge}");
        assert_eq!(side.unresolved, None);
    }

    #[test]
    fn a_second_well_behind_a_high_barrier_is_included() {
        // V = θ⁴/4 − θ²/2 at T = 1/400: the barrier at 0 is 100 T high.
        let of = Coefficients {
            drift: &|x: f64| x * x * x - x,
            diffusion: &|_: f64| 0.0025,
            breaks: &smooth,
            scale: 0.5,
        };
        let edge = left_side(&of, 1.0, None, 0.0, 45.0).unwrap().edge(1.0);
        assert!(edge < -1.2, "{edge}");
    }

    #[test]
    fn a_wall_ends_the_search_and_a_flat_line_has_no_end() {
        let of = Coefficients {
            drift: &|_: f64| 0.0,
            diffusion: &|_: f64| 1.0,
            breaks: &smooth,
            scale: 1.0,
        };
        let walled = left_side(&of, 0.0, Some(-7.3), 0.0, 45.0).unwrap();
        assert_eq!(walled.edge(0.0), -7.3);
        assert!(left_side(&of, 0.0, None, 0.0, 45.0).is_err());
    }

    #[test]
    fn wells_that_go_on_for_ever_do_not_matter_where_they_lie_high() {
        // 0.6451 √(1 + x²) + 0.3 sin 3.9x: the drift has both signs as far as one looks.
        let drift = |x: f64| 0.6451 * x / (1.0 + x * x).sqrt() + 1.17 * (3.9 * x).cos();
        let of = Coefficients {
            drift: &drift,
            diffusion: &|_: f64| 0.25,
            breaks: &smooth,
            scale: 4.0,
        };
        let edge = left_side(&of, -2.4, None, 0.0, 45.0).unwrap().edge(-2.4);
        assert!((-60.0..-18.0).contains(&edge), "{edge}");
    }

    /// Two marks next to each other on a barrier are no pole: the well behind it counts.
    #[test]
    fn marks_that_all_but_coincide_hide_no_well() {
        let slope = |x: f64| if x > -9.0 { x } else { 20.0 * (x + 12.0) };
        for apart in [0.0, 2e-15, 1e-12] {
            let of = Coefficients {
                drift: &slope,
                diffusion: &|_: f64| 0.1,
                breaks: &|_, _| {
                    Ok(Marks {
                        kinks: vec![-9.0],
                        cells: vec![-9.0 + apart, -9.0 - apart],
                        ..Marks::default()
                    })
                },
                scale: 1.0,
            };
            let edge = left_side(&of, 0.0, None, 0.0, 45.0).unwrap().edge(0.0);
            assert!(edge < -12.0, "{apart}: {edge}");
        }
    }

    #[test]
    fn a_pole_is_a_wall() {
        let of = Coefficients {
            drift: &|x: f64| 1.0 - 1.0 / (x * x),
            diffusion: &|_: f64| 1.0,
            breaks: &|_, _| Ok(Marks::kinks(&[0.0])),
            scale: 1.0,
        };
        let edge = left_side(&of, 1.0, None, 0.0, 45.0).unwrap().edge(1.0);
        assert!((0.0..0.03).contains(&edge), "{edge}");
    }
}
