//! The rectangle that a process is in.

use base::error::{Error, Result};

use super::grid::{Accuracy, Grid, Operator};
use super::{Exit, Plane};

/// Intervals of the grids on which it is looked for, and the part of the time that the process spends outside at each side; finer ones where a coarse grid
/// makes more noise than there is …
const SCOUTS: [(usize, f64); 3] = [(48, 1e-14), (96, 1e-10), (144, 1e-7)];
/// … and where noise acts on one coordinate alone, so that differences are not free of waves.
const SCOUTS_OF_WAVES: [(usize, f64); 2] = [(96, 1e-7), (144, 1e-6)];
/// Looks, and sides beyond which nothing is looked for.
const MOST_LOOKS: usize = 120;
const FAR: f64 = 1e9;
/// Cells at a side that count as its edge, and those that are kept beyond what is reached.
const EDGE: usize = 2;
/// Cells that are added at a side that the process comes to.
const ADDED: f64 = 24.0;
/// The largest part of the time that may be spent in one row of cells.
const CROWDED: f64 = 0.3;
/// Standard deviations of the linear process on either side.
const SPREADS: f64 = 6.0;

/// Lower and upper side of each coordinate.
pub(super) type Sides = [[f64; 2]; 2];

impl Plane<'_> {
    /// The sides of the smallest rectangle about all places where the process is until it is out, but for a part of its time, and that part; its
    /// side at an exit is the exit.
    pub(super) fn reached(&self, exit: Option<&Exit<'_>>) -> Result<(Sides, f64)> {
        let scouts = match self.is_quiet() {
            true => &SCOUTS_OF_WAVES[..],
            false => &SCOUTS[..],
        };
        if (self.at)(self.start).1.iter().all(|d| *d == 0.0) {
            return Err(Error::Failed(format!(
                "no noise acts at θ = {:?}: what does not diffuse from there has no such equation",
                self.start
            )));
        }
        let mut why = Error::Failed(String::new());
        for (scouts, part) in scouts {
            match self.sought(exit, *scouts, *part) {
                Ok(sides) => return Ok((sides, *part)),
                Err(stopped @ Error::Interrupted(_)) => return Err(stopped),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    fn sought(&self, exit: Option<&Exit<'_>>, scouts: usize, part: f64) -> Result<Sides> {
        let fixed = match exit {
            Some(Exit::Beyond {
                coordinate,
                at,
                above,
            }) => Some((*coordinate, usize::from(*above), *at)),
            _ => None,
        };
        let widened = ADDED / scouts as f64;
        let mut sides = self.begin();
        if let Some((i, side, at)) = fixed {
            let way = (at - self.start[i]).abs();
            sides[i] = [
                sides[i][0].min(self.start[i] - way),
                sides[i][1].max(self.start[i] + way),
            ];
            sides[i][side] = at;
        }
        for _ in 0..MOST_LOOKS {
            let grid = Grid {
                sides,
                intervals: scouts,
            };
            let operator = Operator::new(self, grid, exit, Accuracy::Rough)?;
            let time = match exit {
                Some(_) => self.visits(&operator),
                None => operator.steady(self.nearest(&operator)),
            };
            // In a rectangle that is much too small there may be no law.
            let Ok(time) = time else {
                widen(&mut sides, widened, fixed);
                continue;
            };
            let (before, mut crowded) = (sides, 0.0f64);
            for i in 0..2 {
                let mut along = vec![0.0; scouts + 1];
                for (node, t) in time.iter().enumerate() {
                    along[grid.places(node)[i]] += t.abs();
                }
                let all: f64 = along.iter().sum();
                if !(all.is_finite() && all > 0.0) {
                    return Err(Error::Failed(
                        "the process never gets out, or too seldom for the arithmetic".into(),
                    ));
                }
                crowded = along.iter().fold(crowded, |most, t| most.max(t / all));
                let (h, [low, high]) = (grid.spacing(i), sides[i]);
                for (side, end) in sides[i].iter_mut().enumerate() {
                    if fixed.is_some_and(|(k, s, _)| (k, s) == (i, side)) {
                        continue;
                    }
                    let from = |k: usize| if side == 0 { k } else { scouts - k };
                    let edge: f64 = (0..EDGE).map(|k| along[from(k)]).sum();
                    let outwards = if side == 0 { -1.0 } else { 1.0 };
                    if edge > part * all {
                        *end += outwards * widened * (high - low);
                        continue;
                    }
                    let mut beyond = 0.0;
                    let first = (0..=scouts).find(|k| {
                        beyond += along[from(*k)];
                        beyond > part * all
                    });
                    let empty = first.unwrap_or(0).saturating_sub(EDGE + 1);
                    let next = *end - outwards * h * empty as f64;
                    // The start stays inside.
                    let start = self.start[i] + outwards * h;
                    *end = if side == 0 {
                        next.min(start)
                    } else {
                        next.max(start)
                    };
                }
            }
            let changed = (0..2).any(|i| {
                let width = before[i][1] - before[i][0];
                (0..2).any(|side| (sides[i][side] - before[i][side]).abs() > 0.08 * width)
            });
            if !changed && crowded > CROWDED {
                return Err(Error::Failed(format!(
                    "{:.0} % of its time the process is in one of {scouts} parts of where it comes, so that no grid resolves it",
                    100.0 * crowded
                )));
            }
            if !changed {
                return Ok(before);
            }
            if sides.iter().flatten().any(|x| x.abs() > FAR) {
                break;
            }
        }
        Err(Error::Failed(
            "nothing confines the process: it spends its time ever further away".into(),
        ))
    }

    /// Where to begin with: about the place where the drift leads, as far as noise spreads there.
    fn begin(&self) -> Sides {
        let rest = self.rest();
        [0, 1].map(|i| {
            let x = self.start[i];
            let (middle, around) = rest.map_or((x, 0.1 * (1.0 + x.abs())), |(place, spread)| {
                (place[i], SPREADS * spread[i])
            });
            let near = 0.5 * around;
            [
                (middle - around).min(x - near),
                (middle + around).max(x + near),
            ]
        })
    }

    /// Whether noise leaves a coordinate alone, as far as is seen at some places.
    pub(super) fn is_quiet(&self) -> bool {
        let sides = self.begin();
        let places = (0..25).map(|k| {
            let [p, q] = [k / 5, k % 5].map(|n| 0.13 + 0.19 * f64::from(n));
            let along = |[low, high]: [f64; 2], part: f64| low + part * (high - low);
            [along(sides[0], p), along(sides[1], q)]
        });
        let all: Vec<[f64; 3]> = places.map(|place| (self.at)(place).1).collect();
        [0, 2]
            .iter()
            .any(|k| all.iter().all(|noise| noise[*k] == 0.0))
    }

    /// The live node nearest to the start.
    pub(super) fn nearest(&self, operator: &Operator) -> usize {
        let grid = &operator.grid;
        let far = |node: &usize| -> f64 {
            let place = grid.point(*node);
            let away = |i: usize| (place[i] - self.start[i]) / grid.spacing(i);
            away(0).powi(2) + away(1).powi(2)
        };
        let live = (0..grid.count()).filter(|node| operator.live[*node]);
        live.min_by(|a, b| far(a).total_cmp(&far(b))).unwrap_or(0)
    }

    /// The time spent at each node until it is out.
    fn visits(&self, operator: &Operator) -> Result<Vec<f64>> {
        let (matrix, places) = operator.matrix(None, true);
        let mut begin = vec![0.0; places.iter().flatten().count()];
        if let Some(place) = places[self.nearest(operator)] {
            begin[place] = 1.0;
        }
        let time = matrix.factor()?.solve(&begin);
        if !time.iter().all(|t| t.is_finite()) {
            return Err(Error::Failed(
                "the process never gets out, or too seldom for the arithmetic".into(),
            ));
        }
        Ok(places
            .iter()
            .map(|place| place.map_or(0.0, |place| time[place]))
            .collect())
    }
}

/// Widens all sides but a fixed one.
fn widen(sides: &mut Sides, by: f64, fixed: Option<(usize, usize, f64)>) {
    for (i, own) in sides.iter_mut().enumerate() {
        let by = 0.5 * by * (own[1] - own[0]);
        for (side, outwards) in [-1.0, 1.0].into_iter().enumerate() {
            if fixed.is_none_or(|(k, s, _)| (k, s) != (i, side)) {
                own[side] += outwards * by;
            }
        }
    }
}
