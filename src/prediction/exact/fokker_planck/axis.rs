//! One axis of a grid: its nodes, what joins them, and what happens at its ends.

use base::error::{Error, Result};

/// What becomes of a particle at the end of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is thrown back: no flux.
    Reflecting,
    /// It is taken away: p = 0.
    Absorbing,
}

/// A way between two neighbouring nodes, or from a node out over an absorbing end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Link {
    /// The node on the left; `None` beyond an absorbing end.
    pub left: Option<usize>,
    /// The node on the right; `None` beyond an absorbing end.
    pub right: Option<usize>,
    /// Where the left node lies.
    pub from: f64,
    /// Its length.
    pub length: f64,
}

/// The nodes of one coordinate.
///
/// Ends are nodes themselves, so that starts, exits and walls lie where they are said to lie whatever
/// the spacing.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    nodes: Vec<f64>,
    widths: Vec<f64>,
    links: Vec<Link>,
}

/// Nodes beyond which a sparse factor no longer fits into memory.
const MOST_NODES: usize = 4_000_000;

impl Axis {
    /// An axis through all `points`, the first and the last its ends, with equal spacings between any
    /// two of them and about `intervals` in all.
    ///
    /// # Errors
    /// [`Error::Input`] unless the points are finite and increasing, and leave a node between or at the ends.
    pub fn through(points: &[f64], intervals: usize, low: End, high: End) -> Result<Self> {
        let places = places(points, intervals)?;
        let last = places.len() - 1;
        let absorbed =
            |i: usize| (i == 0 && low == End::Absorbing) || (i == last && high == End::Absorbing);
        let nodes: Vec<usize> = (0..=last).filter(|i| !absorbed(*i)).collect();
        if nodes.is_empty() {
            return Err(Error::Input(
                "no node is left between two absorbing ends; give more intervals".into(),
            ));
        }
        let first = nodes[0];
        let index = |i: usize| (!absorbed(i)).then(|| i - first);
        let links: Vec<Link> = (0..last)
            .map(|i| Link {
                left: index(i),
                right: index(i + 1),
                from: places[i],
                length: places[i + 1] - places[i],
            })
            .collect();
        Ok(Self::of(nodes.iter().map(|i| places[*i]).collect(), links))
    }

    /// A circle of the given `period`, from `origin` round to itself.
    ///
    /// # Errors
    /// [`Error::Input`] unless the period is positive and there are at least 3 intervals.
    pub fn circle(origin: f64, period: f64, intervals: usize) -> Result<Self> {
        if intervals < 3 {
            return Err(Error::Input(format!(
                "{intervals} intervals do not make a circle; give at least 3"
            )));
        }
        let places = places(&[origin, origin + period], intervals)?;
        let links: Vec<Link> = (0..intervals)
            .map(|i| Link {
                left: Some(i),
                right: Some((i + 1) % intervals),
                from: places[i],
                length: places[i + 1] - places[i],
            })
            .collect();
        Ok(Self::of(places[..intervals].to_vec(), links))
    }

    fn of(nodes: Vec<f64>, links: Vec<Link>) -> Self {
        let mut widths = vec![0.0; nodes.len()];
        for link in &links {
            for node in [link.left, link.right].into_iter().flatten() {
                widths[node] += 0.5 * link.length;
            }
        }
        Self {
            nodes,
            widths,
            links,
        }
    }

    /// Where the nodes lie that a particle can be at.
    pub fn nodes(&self) -> &[f64] {
        &self.nodes
    }

    /// The length that belongs to each of them.
    pub fn widths(&self) -> &[f64] {
        &self.widths
    }

    pub(super) fn links(&self) -> &[Link] {
        &self.links
    }

    /// The node nearest to `x`.
    pub fn nearest(&self, x: f64) -> usize {
        let after = self.nodes.partition_point(|node| *node < x);
        match (after.checked_sub(1), self.nodes.get(after)) {
            (Some(before), Some(next)) if x - self.nodes[before] <= next - x => before,
            (Some(before), None) => before,
            _ => after,
        }
    }
}

/// All places, ends and absorbed ones among them.
fn places(points: &[f64], intervals: usize) -> Result<Vec<f64>> {
    let increasing = points.windows(2).all(|pair| pair[0] < pair[1]);
    if points.len() < 2 || !increasing || !points.iter().all(|x| x.is_finite()) {
        return Err(Error::Input(format!(
            "the points {points:?} of an axis must be finite and increasing, at least two"
        )));
    }
    if !(1..=MOST_NODES).contains(&intervals) {
        return Err(Error::Input(format!(
            "{intervals} intervals: an axis takes from 1 to {MOST_NODES}"
        )));
    }
    let whole = points[points.len() - 1] - points[0];
    let mut places = vec![points[0]];
    for pair in points.windows(2) {
        let share = (pair[1] - pair[0]) / whole * intervals as f64;
        let count = share.round().max(1.0);
        let step = (pair[1] - pair[0]) / count;
        places.extend((1..count as usize).map(|i| pair[0] + step * i as f64));
        places.push(pair[1]);
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_nodes_and_widths_add_up() {
        let axis = Axis::through(&[-2.0, -1.0, 0.5], 10, End::Reflecting, End::Absorbing).unwrap();
        assert_eq!(axis.nodes()[axis.nearest(-1.0)], -1.0);
        assert_eq!(axis.nodes()[0], -2.0);
        // The absorbing end is no node, and half of the last interval belongs to none.
        let last = axis.nodes()[axis.nodes().len() - 1];
        let whole: f64 = axis.widths().iter().sum();
        assert!((whole - 2.5 + 0.5 * (0.5 - last)).abs() < 1e-14);
        assert_eq!(axis.nearest(7.0), axis.nodes().len() - 1);
        assert_eq!(axis.nearest(-7.0), 0);
    }

    #[test]
    fn a_circle_closes() {
        let axis = Axis::circle(0.0, 3.0, 6).unwrap();
        assert_eq!(axis.nodes().len(), 6);
        assert_eq!(axis.links()[5].right, Some(0));
        assert!((axis.widths().iter().sum::<f64>() - 3.0).abs() < 1e-14);
    }

    #[test]
    fn nonsense_is_refused() {
        let walls = |points: &[f64], n| Axis::through(points, n, End::Absorbing, End::Absorbing);
        assert!(walls(&[0.0], 5).is_err());
        assert!(walls(&[0.0, 0.0], 5).is_err());
        assert!(walls(&[0.0, f64::NAN], 5).is_err());
        assert!(walls(&[0.0, 1.0], 0).is_err());
        assert!(walls(&[0.0, 1.0], 1).is_err());
        assert!(Axis::circle(0.0, 1.0, 2).is_err());
    }
}
