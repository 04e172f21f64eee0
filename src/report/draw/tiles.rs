//! A heat map: coloured tiles that meet half-way between neighbouring values, with their numbers on them.

use plotters::prelude::DrawingBackend;
use plotters::style::RGBColor;

use crate::draw::canvas::{Anchor, Canvas};
use crate::draw::layout::Place;
use crate::draw::scale::{Scale, units};
use crate::figure::Map;
use base::error::Result;

/// Letters on a tile, in points.
const EM: f64 = 10.0;

/// Where on its tile a number stands, from the lower edge.
const ABOVE: f64 = 0.7;

/// Ends of the palette, light enough for dark letters, and told apart by the colour-blind.
const LOW: [f64; 3] = [244.0, 177.0, 131.0];
const MIDDLE: [f64; 3] = [255.0, 255.0, 255.0];
const HIGH: [f64; 3] = [143.0, 193.0, 226.0];

/// Where the tiles of one axis begin and end, in the axis's units.
pub struct Edges {
    centres: Vec<f64>,
    /// The lower end of the first tile and the upper end of the last; not finite if there is none.
    pub outer: (f64, f64),
}

impl Edges {
    /// Tiles about `values`.
    pub fn of(values: &[f64], log: bool) -> Edges {
        let mut centres: Vec<f64> = values.iter().filter_map(|&v| units(v, log)).collect();
        centres.sort_by(f64::total_cmp);
        centres.dedup();
        let mut edges = Edges {
            centres,
            outer: (f64::NAN, f64::NAN),
        };
        if let (Some(&first), Some(&last)) = (edges.centres.first(), edges.centres.last()) {
            edges.outer = (edges.around(first).0, edges.around(last).1);
        }
        edges
    }

    /// The tile about a centre: half-way to its neighbours, an outermost one being symmetric.
    fn around(&self, centre: f64) -> (f64, f64) {
        let below = self.centres.iter().rev().find(|c| **c < centre);
        let above = self.centres.iter().find(|c| **c > centre);
        let half = |other: Option<&f64>| other.map(|o| (o - centre).abs() / 2.0);
        let (left, right) = (half(below), half(above));
        let alone = 0.5;
        (
            centre - left.or(right).unwrap_or(alone),
            centre + right.or(left).unwrap_or(alone),
        )
    }

    /// The tile about a value, as places along the axis.
    fn places(&self, value: f64, scale: &Scale) -> Option<(f64, f64)> {
        let (low, high) = self.around(units(value, scale.log)?);
        Some((scale.place(low), scale.place(high)))
    }
}

/// Draws the tiles of a panel.
pub fn draw<DB: DrawingBackend>(canvas: &mut Canvas<DB>, place: &Place, map: &Map) -> Result<()> {
    let Some((x_scale, y_scale)) = &place.scales else {
        return Ok(());
    };
    let across = Edges::of(&map.x, x_scale.log);
    let up = Edges::of(&map.y, y_scale.log);
    let frame = place.frame;
    let points = map
        .x
        .iter()
        .zip(&map.y)
        .zip(map.shade.iter().zip(&map.text));
    for ((&x, &y), (&shade, text)) in points {
        let tile = (across.places(x, x_scale), up.places(y, y_scale));
        let (Some((left, right)), Some((bottom, top))) = tile else {
            continue;
        };
        let (left, right) = (frame.across(left), frame.across(right));
        let (bottom, top) = (frame.down(bottom), frame.down(top));
        if shade.is_finite() {
            let corners = [(left, bottom), (right, bottom), (right, top), (left, top)];
            canvas.fill(&corners, colour(shade), 1.0)?;
        }
        // Above the centre, where a line through the tiles' centres does not cross it.
        let height = bottom + ABOVE * (top - bottom);
        let middle = ((left + right) / 2.0, height + 0.36 * EM);
        canvas.text(text, middle, EM, Anchor::Middle)?;
    }
    Ok(())
}

fn colour(shade: f64) -> RGBColor {
    let shade = shade.clamp(0.0, 1.0);
    let (from, to, way) = if shade < 0.5 {
        (LOW, MIDDLE, 2.0 * shade)
    } else {
        (MIDDLE, HIGH, 2.0 * shade - 1.0)
    };
    let [r, g, b] = [0, 1, 2].map(|i| (from[i] + way * (to[i] - from[i])).round() as u8);
    RGBColor(r, g, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_meet_half_way_and_the_outer_ones_are_symmetric() {
        let edges = Edges::of(&[1.0, 100.0, 10.0, 10.0], true);
        assert_eq!(edges.outer, (-0.5, 2.5));
        assert_eq!(edges.around(1.0), (0.5, 1.5));
        let uneven = Edges::of(&[0.0, 1.0, 4.0], false);
        assert_eq!(uneven.around(1.0), (0.5, 2.5));
        assert_eq!(uneven.outer, (-0.5, 5.5));
        assert_eq!(Edges::of(&[3.0], false).outer, (2.5, 3.5));
        assert!(Edges::of(&[-1.0], true).outer.0.is_nan());
    }

    #[test]
    fn the_palette_runs_from_orange_through_white_to_blue() {
        assert_eq!(colour(0.5), RGBColor(255, 255, 255));
        assert_eq!(colour(-3.0), colour(0.0));
        assert_eq!(colour(1.0), RGBColor(143, 193, 226));
    }
}
