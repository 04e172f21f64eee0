//! The backward operator on the nodes of a rectangle.

use base::error::{Error, Result};

use super::{Coefficients, Exit, Plane, Point};
use crate::exact::fokker_planck::Entries;
use crate::exact::klein_kramers::first_derivative;

/// Equally spaced nodes of a rectangle, its sides among them.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    pub sides: [[f64; 2]; 2],
    pub intervals: usize,
}

impl Grid {
    pub fn count(&self) -> usize {
        (self.intervals + 1) * (self.intervals + 1)
    }

    pub fn node(&self, at: [usize; 2]) -> usize {
        at[0] * (self.intervals + 1) + at[1]
    }

    pub fn places(&self, node: usize) -> [usize; 2] {
        let along = self.intervals + 1;
        [node / along, node % along]
    }

    pub fn spacing(&self, i: usize) -> f64 {
        (self.sides[i][1] - self.sides[i][0]) / self.intervals as f64
    }

    pub fn point(&self, node: usize) -> Point {
        let at = self.places(node);
        std::array::from_fn(|i| {
            let [low, high] = self.sides[i];
            // The sides themselves without rounding.
            if at[i] == self.intervals {
                high
            } else {
                low + self.spacing(i) * at[i] as f64
            }
        })
    }

    /// The neighbour some nodes away along a coordinate.
    fn beside(&self, at: [usize; 2], i: usize, by: i64) -> Option<[usize; 2]> {
        let moved = at[i] as i64 + by;
        (0..=self.intervals as i64).contains(&moved).then(|| {
            let mut other = at;
            other[i] = moved as usize;
            other
        })
    }

    /// The nodes about a point and what each counts: a cubic along each coordinate, linear where one of the nodes of that is not `live`.
    pub fn shares(&self, point: Point, live: &[bool]) -> Vec<(usize, f64)> {
        let wide = self.over(point, 4);
        if wide.iter().all(|(node, _)| live[*node]) {
            return wide;
        }
        self.over(point, 2)
    }

    fn over(&self, point: Point, wide: usize) -> Vec<(usize, f64)> {
        let along = |i: usize| -> Vec<(usize, f64)> {
            let last = self.intervals as f64;
            let at = ((point[i] - self.sides[i][0]) / self.spacing(i)).clamp(0.0, last);
            let before = (wide / 2 - 1) as f64;
            let first = (at.floor() - before).clamp(0.0, last - (wide - 1) as f64);
            let t = at - first;
            let share = |j: usize| {
                let others = (0..wide).filter(|m| *m != j);
                others
                    .map(|m| (t - m as f64) / (j as f64 - m as f64))
                    .product()
            };
            (0..wide).map(|j| (first as usize + j, share(j))).collect()
        };
        let second = along(1);
        let pairs = along(0).into_iter().flat_map(|(i, p)| {
            let node = move |(j, q): &(usize, f64)| (self.node([i, *j]), p * q);
            second.iter().map(node).collect::<Vec<_>>()
        });
        pairs.collect()
    }
}

/// The chain, or what is like one, that stands for the diffusion: −L = leaving − ways.
pub struct Operator {
    pub grid: Grid,
    /// Whether a node is inside.
    pub live: Vec<bool>,
    /// From, to, and how fast.
    pub ways: Vec<(usize, usize, f64)>,
    /// What a node loses by all of its ways, those out too.
    pub leaving: Vec<f64>,
}

/// Which parts of the equation are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Accuracy {
    /// No correlation: every rate along a coordinate that noise acts on is positive.
    Rough,
    /// All.
    Full,
}

/// No link is cut shorter than this part of it.
const SHORTEST: f64 = 1e-3;

impl Operator {
    pub fn new(
        plane: &Plane<'_>,
        grid: Grid,
        exit: Option<&Exit<'_>>,
        accuracy: Accuracy,
    ) -> Result<Self> {
        let all = (0..grid.count()).map(|node| plane.coefficients(grid.point(node)));
        let all: Vec<Coefficients> = all.collect::<Result<_>>()?;
        let noisy: [bool; 2] = [0, 2].map(|k| all.iter().any(|(_, noise)| noise[k] > 0.0));
        if let Some(Exit::Where(_)) = exit
            && noisy != [true, true]
        {
            return Err(Error::Failed(
                "noise acts on one coordinate alone, and the exit is no number of a coordinate; exits of such a process are known over a number that one of its coordinates passes".into(),
            ));
        }
        let dead = |node: usize| match exit {
            None => false,
            Some(Exit::Where(out)) => out(grid.point(node)) > 0.0,
            Some(Exit::Beyond {
                coordinate, above, ..
            }) => {
                let side = if *above { grid.intervals } else { 0 };
                let outwards = all[node].0[*coordinate] * if *above { 1.0 } else { -1.0 };
                // What noise does not push over the side comes over it by its drift alone.
                grid.places(node)[*coordinate] == side && (noisy[*coordinate] || outwards > 0.0)
            }
        };
        let live = (0..grid.count()).map(|node| !dead(node)).collect();
        let mut operator = Operator {
            grid,
            live,
            ways: Vec::new(),
            leaving: vec![0.0; grid.count()],
        };
        for node in (0..grid.count())
            .filter(|node| operator.live[*node])
            .collect::<Vec<_>>()
        {
            let (drift, noise) = all[node];
            for i in 0..2 {
                let sharp = accuracy == Accuracy::Full && !noisy[1 - i];
                if noisy[i] && sharp && operator.across(node, i, (drift[i], noise[2 * i])) {
                    continue;
                }
                if noisy[i] {
                    operator.fitted(node, i, (drift[i], noise[2 * i]), exit);
                } else {
                    operator.carried(node, i, drift[i]);
                }
            }
            if accuracy == Accuracy::Full && noise[1] != 0.0 {
                operator.crossed(node, noise[1]);
            }
        }
        Ok(operator)
    }

    fn way(&mut self, from: usize, to: usize, rate: f64) {
        self.leaving[from] += rate;
        if self.live[to] {
            self.ways.push((from, to, rate));
        }
    }

    /// b∂ + D∂² along coordinate `i`, fitted; nothing leads over the sides.
    fn fitted(&mut self, node: usize, i: usize, (b, d): (f64, f64), exit: Option<&Exit<'_>>) {
        let (at, h) = (self.grid.places(node), self.grid.spacing(i));
        let ends = [-1, 1].map(|by| {
            self.grid
                .beside(at, i, by)
                .map(|other| self.grid.node(other))
        });
        let lengths = ends.map(|end| match end {
            Some(other) if !self.live[other] => h * self.cut(node, other, exit),
            _ => h,
        });
        let width = 0.5 * (lengths[0] + lengths[1]);
        for (k, side) in [-1.0, 1.0].into_iter().enumerate() {
            let (towards, length) = (side * b, lengths[k]);
            let rate = if d > 0.0 {
                d / (length * width) * bernoulli(-towards * length / d)
            } else {
                towards.max(0.0) / length
            };
            match (ends[k], ends[1 - k]) {
                (Some(to), _) => self.way(node, to, rate),
                // Beyond a side lies its mirror image; without noise the side holds.
                (None, Some(back)) if d > 0.0 => self.way(node, back, rate),
                _ => {}
            }
        }
    }

    /// b∂ + D∂² along coordinate `i` by five nodes, of fourth order, where none of them is outside; says whether it is so. What moves
    /// without noise along the other coordinate has layers that an order of two does not resolve.
    fn across(&mut self, node: usize, i: usize, (b, d): (f64, f64)) -> bool {
        let (at, h) = (self.grid.places(node), self.grid.spacing(i));
        let to = [-2, -1, 1, 2].map(|by| {
            self.grid
                .beside(at, i, by)
                .map(|other| self.grid.node(other))
        });
        if to
            .iter()
            .any(|other| other.is_none_or(|other| !self.live[other]))
        {
            return false;
        }
        let (b, d) = (b / h, d / (h * h));
        let rates = [
            (b - d) / 12.0,
            (16.0 * d - 8.0 * b) / 12.0,
            (16.0 * d + 8.0 * b) / 12.0,
            -(b + d) / 12.0,
        ];
        for (other, rate) in to.into_iter().flatten().zip(rates) {
            self.way(node, other, rate);
        }
        true
    }

    /// How much of the link to a node outside lies inside.
    fn cut(&self, node: usize, other: usize, exit: Option<&Exit<'_>>) -> f64 {
        let Some(Exit::Where(out)) = exit else {
            return 1.0;
        };
        let (from, to) = (self.grid.point(node), self.grid.point(other));
        let [mut low, mut high] = [0.0, 1.0];
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            let point = [0, 1].map(|i| from[i] + middle * (to[i] - from[i]));
            if out(point) > 0.0 {
                high = middle;
            } else {
                low = middle;
            }
        }
        high.max(SHORTEST)
    }

    /// b∂ along a coordinate without noise, over two nodes behind and three ahead as far as there are such.
    fn carried(&mut self, node: usize, i: usize, b: f64) {
        let (at, h) = (self.grid.places(node), self.grid.spacing(i));
        let (low, high) = if b > 0.0 { (-2, 3) } else { (-3, 2) };
        let (behind, ahead) = (at[i] as i64, (self.grid.intervals - at[i]) as i64);
        // At a side the drift over it is held back.
        if b > 0.0 && ahead == 0 || b < 0.0 && behind == 0 {
            return;
        }
        let (low, high) = (low.max(-behind), high.min(ahead));
        for (by, weight) in (low..=high).zip(first_derivative(low, high)) {
            if by != 0
                && let Some(other) = self.grid.beside(at, i, by)
            {
                self.way(node, self.grid.node(other), b * weight / h);
            }
        }
    }

    /// 2D₁₂∂₁∂₂ over the two corners along the correlation and the four neighbours.
    fn crossed(&mut self, node: usize, d: f64) {
        let at = self.grid.places(node);
        let size = d.abs() / (self.grid.spacing(0) * self.grid.spacing(1));
        let slant = if d > 0.0 { 1 } else { -1 };
        let to = |by: [i64; 2]| {
            let first = self.grid.beside(at, 0, by[0])?;
            self.grid
                .beside(first, 1, by[1])
                .map(|other| self.grid.node(other))
        };
        let corners = [[1, slant], [-1, -slant]].map(to);
        let neighbours = [[1, 0], [-1, 0], [0, 1], [0, -1]].map(to);
        if corners.iter().chain(&neighbours).any(Option::is_none) {
            return;
        }
        for other in corners.into_iter().flatten() {
            self.way(node, other, size);
        }
        for other in neighbours.into_iter().flatten() {
            self.way(node, other, -size);
        }
    }

    /// −L, or its transpose, without the nodes that are dead and without `pivot`; with it each node's place in it.
    pub fn matrix(&self, pivot: Option<usize>, transposed: bool) -> (Entries, Vec<Option<usize>>) {
        let mut places = vec![None; self.live.len()];
        let kept = (0..self.live.len()).filter(|node| self.live[*node] && Some(*node) != pivot);
        for (place, node) in kept.enumerate() {
            places[node] = Some(place);
        }
        let size = places.iter().flatten().count();
        let mut diagonal = self.leaving.clone();
        // Neighbours are named more than once: by the fitted part, and by the crossed one.
        let mut sorted = self.ways.clone();
        sorted.sort_unstable_by_key(|(from, to, _)| (*from, *to));
        let mut entries = Entries::new(size);
        for same in sorted.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let (from, to, _) = same[0];
            let rate: f64 = same.iter().map(|way| way.2).sum();
            if from == to {
                diagonal[from] -= rate;
            } else if let (Some(from), Some(to)) = (places[from], places[to]) {
                let (row, column) = if transposed { (to, from) } else { (from, to) };
                entries.push(row, column, -rate);
            }
        }
        for (node, place) in places.iter().enumerate() {
            if let Some(place) = place {
                entries.push(*place, *place, diagonal[node]);
            }
        }
        (entries, places)
    }
}

/// x/(eˣ − 1).
fn bernoulli(x: f64) -> f64 {
    if x == 0.0 {
        1.0
    } else if x > 700.0 {
        0.0
    } else {
        x / x.exp_m1()
    }
}
