//! The way out in several coupled coordinates: minima and the saddles between them as a graph.

use nalgebra::DVector;

use super::super::{CriticalPoint, Kind, Landscape};
use super::descent::{Budget, End, ascending, descend};
use super::{Boundary, CLOSE, Rest, Way, place, side};

/// Multiplications that the descents of one way may take: seconds.
const COST: f64 = 4e9;
/// Points closer than this part of their size are one.
const SAME: f64 = 1e-5;
/// How far from the saddle its branches begin, as a part of its size.
const ASIDE: f64 = 1e-4;

/// [`Way::of`].
pub fn way(surface: &dyn Landscape, start: &[f64], boundary: Boundary) -> Result<Way, String> {
    let mut budget = Budget::new(COST);
    let minimum = basin(surface, start, &mut budget)?;
    let close = CLOSE * boundary.beyond(start).abs();
    if boundary.beyond(&minimum) >= -close {
        return Err(format!(
            "from the start {} the loss falls over the exit down to {}: there is no barrier between",
            place(start),
            place(&minimum)
        ));
    }
    let mut map = Map {
        surface,
        boundary,
        close,
        minima: vec![minimum],
        passes: Vec::new(),
    };
    let saddles = saddles(surface);
    for saddle in &saddles {
        map.explore(saddle, &mut budget)?;
    }
    let note = surface.sought();
    let route = map.route()?.ok_or_else(|| {
        let found = match saddles.len() {
            0 => "no saddle was found".to_string(),
            1 => "the one saddle that was found does not lead".to_string(),
            n => format!("none of the {n} saddles that were found leads"),
        };
        let way = format!(
            "from the start's well at {} over the exit",
            place(&map.minima[0])
        );
        match &note {
            Some(note) => format!("{found} {way}; {note}"),
            None => format!("{found} {way}"),
        }
    })?;
    let first = &map.passes[route[0]];
    let Some(saddle) = first.saddle else {
        return Err(format!(
            "the exit cuts through the start's well at {} before a saddle is passed",
            place(&map.minima[0])
        ));
    };
    Ok(Way {
        minimum: rest(surface, Kind::Minimum, map.minima[0].clone()),
        saddle: rest(surface, Kind::Saddle, saddle.theta.clone()),
        wells: route.len() - 1,
        boundary,
        ends_at_saddle: boundary.beyond(&saddle.theta) >= -close,
        note,
    })
}

/// [`Way::basin`].
pub fn minimum(surface: &dyn Landscape, start: &[f64]) -> Result<Rest, String> {
    let found = basin(surface, start, &mut Budget::new(COST))?;
    Ok(rest(surface, Kind::Minimum, found))
}

/// [`Way::to_saddle`].
pub fn to_saddle(
    surface: &dyn Landscape,
    start: &[f64],
    coordinate: Option<usize>,
    above: bool,
) -> Result<Way, String> {
    let mut budget = Budget::new(COST);
    let minimum = basin(surface, start, &mut budget)?;
    let sign = if above { 1.0 } else { -1.0 };
    for saddle in saddles(surface) {
        let apart = |i: usize| (saddle.theta[i] - minimum[i]).abs();
        let furthest = (0..minimum.len()).reduce(|a, i| if apart(i) > apart(a) { i } else { a });
        let along = coordinate.or(furthest).unwrap_or(0);
        if sign * (saddle.theta[along] - minimum[along]) <= 0.0 {
            continue;
        }
        let [one, other] = branches(surface, &saddle.theta)?;
        let mut ends_here = |from: &[f64]| {
            let end = descend(surface, from, &|_| false, &mut budget);
            matches!(end, End::Minimum(theta) if same(&theta, &minimum))
        };
        if ends_here(&one) || ends_here(&other) {
            let at = saddle.theta[along];
            return Ok(Way {
                minimum: rest(surface, Kind::Minimum, minimum),
                saddle: rest(surface, Kind::Saddle, saddle.theta),
                wells: 0,
                boundary: Boundary {
                    coordinate: Some(along),
                    at,
                    above,
                },
                ends_at_saddle: true,
                note: surface.sought(),
            });
        }
    }
    let mut what = format!(
        "no saddle at the border of the start's well was found {} its minimum, {}",
        side(above),
        place(&minimum)
    );
    if let Some(note) = surface.sought() {
        what += &format!("; {note}");
    }
    Err(what)
}

fn basin(surface: &dyn Landscape, start: &[f64], budget: &mut Budget) -> Result<Vec<f64>, String> {
    match descend(surface, start, &|_| false, budget) {
        End::Minimum(theta) => Ok(theta),
        End::Ridge(theta) => Err(format!(
            "from the start {} the loss falls to {}, which is no minimum but a ridge between wells",
            place(start),
            place(&theta)
        )),
        _ if budget.is_used_up() => Err(format!(
            "the descent from the start {} was given up after {COST:.0e} multiplications",
            place(start)
        )),
        _ => Err(format!(
            "from the start {} the loss falls to no minimum at which it is smooth",
            place(start)
        )),
    }
}

/// Lowest first.
fn saddles(surface: &dyn Landscape) -> Vec<CriticalPoint> {
    let mut saddles = surface.critical_points();
    saddles.retain(|point| point.kind == Kind::Saddle);
    saddles.sort_by(|a, b| a.value.total_cmp(&b.value));
    saddles
}

/// A point on either side of a saddle, along the direction in which L falls.
fn branches(surface: &dyn Landscape, saddle: &[f64]) -> Result<[Vec<f64>; 2], String> {
    let hessian = surface.hessian(saddle);
    if !hessian.iter().all(|x| x.is_finite()) {
        return Err(format!("the loss has no curvature at {}", place(saddle)));
    }
    let (_, vectors) = ascending(hessian);
    let at = DVector::from_column_slice(saddle);
    let aside = vectors.column(0) * (ASIDE * (1.0 + at.amax()));
    Ok([&at + &aside, &at - &aside].map(|theta| theta.as_slice().to_vec()))
}

fn same(a: &[f64], b: &[f64]) -> bool {
    let size = a.iter().fold(1.0f64, |m, x| m.max(x.abs()));
    a.iter().zip(b).all(|(x, y)| (x - y).abs() <= SAME * size)
}

fn rest(surface: &dyn Landscape, kind: Kind, theta: Vec<f64>) -> Rest {
    let (values, _) = ascending(surface.hessian(&theta));
    Rest {
        point: CriticalPoint {
            kind,
            value: surface.value(&theta),
            theta,
        },
        curvatures: Some(values.as_slice().to_vec()),
    }
}

/// What a pass connects.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Node {
    /// A minimum before the boundary.
    Well(usize),
    /// Beyond the boundary.
    Outside,
    /// Where L falls without end before the boundary.
    Abyss,
}

/// A way from one node to another.
struct Pass<'a> {
    height: f64,
    nodes: [Node; 2],
    /// `None` where the boundary is met before the saddle.
    saddle: Option<&'a CriticalPoint>,
}

struct Map<'a> {
    surface: &'a dyn Landscape,
    boundary: Boundary,
    close: f64,
    /// The first is the start's.
    minima: Vec<Vec<f64>>,
    passes: Vec<Pass<'a>>,
}

impl<'a> Map<'a> {
    /// Follows both branches of a saddle down.
    fn explore(&mut self, saddle: &'a CriticalPoint, budget: &mut Budget) -> Result<(), String> {
        let branches = branches(self.surface, &saddle.theta)?;
        if self.boundary.beyond(&saddle.theta) > self.close {
            for from in &branches {
                self.enter(from, budget)?;
            }
            return Ok(());
        }
        let (boundary, close) = (self.boundary, self.close);
        let left = move |theta: &[f64]| boundary.beyond(theta) > close;
        let mut nodes = [Node::Outside; 2];
        for (node, from) in nodes.iter_mut().zip(&branches) {
            *node = match descend(self.surface, from, &left, budget) {
                End::Left(_) => Node::Outside,
                End::Minimum(theta) if boundary.beyond(&theta) >= -close => Node::Outside,
                End::Minimum(theta) => Node::Well(self.well(theta)),
                _ if budget.is_used_up() => return Err(given_up()),
                End::Ridge(_) | End::Lost => Node::Abyss,
            };
        }
        self.passes.push(Pass {
            height: saddle.value,
            nodes,
            saddle: Some(saddle),
        });
        Ok(())
    }

    /// From beyond the boundary down a branch: the well that it comes into, whose border is then the boundary itself.
    fn enter(&mut self, from: &[f64], budget: &mut Budget) -> Result<(), String> {
        let boundary = self.boundary;
        let inside = move |theta: &[f64]| boundary.beyond(theta) < 0.0;
        if let End::Left(height) = descend(self.surface, from, &inside, budget)
            && let End::Minimum(theta) = descend(self.surface, from, &|_| false, budget)
            && boundary.beyond(&theta) < -self.close
        {
            let well = self.well(theta);
            self.passes.push(Pass {
                height,
                nodes: [Node::Well(well), Node::Outside],
                saddle: None,
            });
        }
        if budget.is_used_up() {
            return Err(given_up());
        }
        Ok(())
    }

    fn well(&mut self, theta: Vec<f64>) -> usize {
        match self.minima.iter().position(|known| same(known, &theta)) {
            Some(known) => known,
            None => {
                self.minima.push(theta);
                self.minima.len() - 1
            }
        }
    }

    /// The passes of the way from the first well to the outside whose highest is lowest.
    fn route(&self) -> Result<Option<Vec<usize>>, String> {
        let mut order: Vec<usize> = (0..self.passes.len()).collect();
        order.sort_by(|a, b| self.passes[*a].height.total_cmp(&self.passes[*b].height));
        // Passes are let in from the lowest up until the outside can be reached.
        for count in 1..=order.len() {
            let open = &order[..count];
            if let Some(route) = self.reach(Node::Outside, open) {
                return Ok(Some(route));
            }
            if self.reach(Node::Abyss, open).is_some() {
                return Err(format!(
                    "over a lower saddle than those that lead to the exit the loss falls from the start's well at {} without end",
                    place(&self.minima[0])
                ));
            }
        }
        Ok(None)
    }

    /// The way from the first well over some passes with the fewest of them.
    fn reach(&self, target: Node, passes: &[usize]) -> Option<Vec<usize>> {
        let mut ways: Vec<(usize, Vec<usize>)> = vec![(0, Vec::new())];
        let mut next = 0;
        while next < ways.len() {
            let (well, way) = ways[next].clone();
            next += 1;
            for &pass in passes {
                let [a, b] = self.passes[pass].nodes;
                let other = match Node::Well(well) {
                    own if own == a => b,
                    own if own == b => a,
                    _ => continue,
                };
                let longer = || way.iter().copied().chain([pass]).collect();
                match other {
                    found if found == target => return Some(longer()),
                    Node::Well(other) if ways.iter().all(|(seen, _)| *seen != other) => {
                        ways.push((other, longer()));
                    }
                    _ => {}
                }
            }
        }
        None
    }
}

fn given_up() -> String {
    format!("the search for the way out was given up after {COST:.0e} multiplications")
}
