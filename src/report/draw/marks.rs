//! A series on its panel: lines, dashes, bands, and markers with error bars.

use plotters::prelude::DrawingBackend;
use plotters::style::RGBColor;

use crate::draw::canvas::{Canvas, Pen, Point};
use crate::draw::layout::{Frame, Place};
use crate::draw::palette::{Marker, Shape, colour};
use crate::figure::{Mark, Series};
use base::error::Result;

const RADIUS: f64 = 3.6;
const HALO: f64 = 0.8;
const CAP: f64 = 3.2;
const WHITE: RGBColor = RGBColor(255, 255, 255);
/// Opacity of bands: two may overlap and both be seen.
pub const FAINT: f64 = 0.2;

/// The pen of a mark.
pub fn pen(mark: Mark, index: usize) -> Pen {
    let (width, dash) = match mark {
        Mark::Points => (1.2, None),
        Mark::Line | Mark::Band => (1.7, None),
        Mark::Dashed => (1.7, Some((6.5, 4.0))),
        Mark::Dotted => (1.7, Some((1.7, 3.0))),
    };
    Pen {
        colour: colour(index),
        width,
        dash,
    }
}

/// Draws a series; what cannot be shown (not finite, not positive on a log axis) is skipped.
pub fn draw<DB: DrawingBackend>(
    canvas: &mut Canvas<DB>,
    place: &Place,
    series: &Series,
    marker: Marker,
) -> Result<()> {
    match series.mark {
        Mark::Points => points(canvas, place, series, marker),
        Mark::Band => band(canvas, place, series),
        Mark::Line | Mark::Dashed | Mark::Dotted => {
            for piece in pieces(place, series) {
                canvas.line(&piece, pen(series.mark, series.colour))?;
            }
            Ok(())
        }
    }
}

fn points<DB: DrawingBackend>(
    canvas: &mut Canvas<DB>,
    place: &Place,
    series: &Series,
    marker: Marker,
) -> Result<()> {
    let Some((_, scale)) = place.scales else {
        return Ok(());
    };
    let pen = pen(Mark::Points, series.colour);
    let mut centres = Vec::new();
    for at in 0..series.x.len() {
        let Some((x, y)) = position(place, series, at) else {
            continue;
        };
        centres.push((x, y));
        let end = |ends: &[f64]| ends.get(at).and_then(|&end| scale.end(end));
        let ends = [end(&series.low), end(&series.high)];
        for end in ends.into_iter().flatten() {
            let inside = end.clamp(0.0, 1.0);
            let stop = place.frame.down(inside);
            canvas.line(&[(x, y), (x, stop)], pen)?;
            // A bar without a cap goes on beyond the frame.
            if inside == end {
                canvas.line(&[(x - CAP, stop), (x + CAP, stop)], pen)?;
            }
        }
    }
    // After all the bars, so that no bar crosses a marker.
    for centre in centres {
        stamp(canvas, centre, marker, pen.colour)?;
    }
    Ok(())
}

fn band<DB: DrawingBackend>(canvas: &mut Canvas<DB>, place: &Place, series: &Series) -> Result<()> {
    let Some((x_scale, y_scale)) = place.scales else {
        return Ok(());
    };
    let mut upper: Vec<Point> = Vec::new();
    let mut lower: Vec<Point> = Vec::new();
    for ((&x, &low), &high) in series.x.iter().zip(&series.low).zip(&series.high) {
        let ends = (x_scale.fraction(x), y_scale.end(low), y_scale.end(high));
        let (Some(x), Some(low), Some(high)) = ends else {
            continue;
        };
        // Far outside is as good as infinitely far, and can be clipped.
        let x = place.frame.across(x);
        lower.push((x, place.frame.down(low.clamp(-50.0, 50.0))));
        upper.push((x, place.frame.down(high.clamp(-50.0, 50.0))));
    }
    upper.extend(lower.into_iter().rev());
    let shape = clipped(&upper, &place.frame);
    canvas.fill(&shape, colour(series.colour), FAINT)
}

/// A marker: white edge, then the colour, then white inside if it is open.
pub fn stamp<DB: DrawingBackend>(
    canvas: &mut Canvas<DB>,
    centre: Point,
    marker: Marker,
    colour: RGBColor,
) -> Result<()> {
    if marker.shape == Shape::Cross {
        for (grown, ink) in [(HALO, WHITE), (0.0, colour)] {
            let pen = Pen {
                colour: ink,
                width: 1.9 + 2.0 * grown,
                dash: None,
            };
            for arm in cross(centre, RADIUS + grown, marker.open) {
                canvas.line(&arm, pen)?;
            }
        }
        return Ok(());
    }
    let layers = [(HALO, WHITE), (0.0, colour), (-1.3, WHITE)];
    for (grown, ink) in layers.into_iter().take(if marker.open { 3 } else { 2 }) {
        match outline(marker.shape, grown) {
            None => canvas.disc(centre, RADIUS + grown, ink)?,
            Some(corners) => {
                let shape: Vec<Point> = corners
                    .into_iter()
                    .map(|(x, y)| (centre.0 + x, centre.1 + y))
                    .collect();
                canvas.fill(&shape, ink, 1.0)?;
            }
        }
    }
    Ok(())
}

/// Corners of a shape whose edges are moved outwards by `grown`; none for a circle. Sizes are such
/// that all shapes have about the same area.
fn outline(shape: Shape, grown: f64) -> Option<Vec<Point>> {
    match shape {
        Shape::Circle | Shape::Cross => None,
        Shape::Square => {
            let half = 0.9 * RADIUS + grown;
            Some(vec![
                (-half, -half),
                (half, -half),
                (half, half),
                (-half, half),
            ])
        }
        Shape::Diamond => {
            let half = 1.3 * RADIUS + grown * 2f64.sqrt();
            Some(vec![(0.0, -half), (half, 0.0), (0.0, half), (-half, 0.0)])
        }
        Shape::Triangle => {
            // Equilateral about its centre: the corners are twice as far as the edges.
            let far = 1.4 * RADIUS + 2.0 * grown;
            let side = far * 3f64.sqrt() / 2.0;
            Some(vec![(0.0, -far), (side, far / 2.0), (-side, far / 2.0)])
        }
    }
}

/// The strokes of a cross: diagonal, or upright for its second form.
fn cross((x, y): Point, reach: f64, upright: bool) -> [[Point; 2]; 2] {
    if upright {
        [
            [(x - reach, y), (x + reach, y)],
            [(x, y - reach), (x, y + reach)],
        ]
    } else {
        let r = 0.85 * reach;
        [
            [(x - r, y - r), (x + r, y + r)],
            [(x - r, y + r), (x + r, y - r)],
        ]
    }
}

fn position(place: &Place, series: &Series, at: usize) -> Option<Point> {
    let (x_scale, y_scale) = place.scales?;
    let x = x_scale.fraction(*series.x.get(at)?)?;
    let y = y_scale.fraction(*series.y.get(at)?)?;
    Some((place.frame.across(x), place.frame.down(y)))
}

/// A line's runs of points that can be shown.
fn pieces(place: &Place, series: &Series) -> Vec<Vec<Point>> {
    let mut pieces = vec![Vec::new()];
    for at in 0..series.x.len() {
        match (position(place, series, at), pieces.last_mut()) {
            (Some(point), Some(piece)) => piece.push(point),
            _ => pieces.push(Vec::new()),
        }
    }
    pieces
}

/// The part of a polygon between the frame's top and bottom (Sutherland and Hodgman, 1974).
fn clipped(polygon: &[Point], frame: &Frame) -> Vec<Point> {
    let below_top = keep(polygon, frame.y, 1.0);
    keep(&below_top, frame.y + frame.height, -1.0)
}

/// The part of a polygon on one side of the horizontal at `limit`: below it on the page if `side`
/// is 1, above it if −1.
fn keep(polygon: &[Point], limit: f64, side: f64) -> Vec<Point> {
    let inside = |y: f64| side * (y - limit) >= 0.0;
    let mut kept = Vec::new();
    let before = polygon.iter().cycle().skip(polygon.len().saturating_sub(1));
    for (&(x, y), &(x0, y0)) in polygon.iter().zip(before) {
        if inside(y0) != inside(y) {
            kept.push((x0 + (x - x0) * (limit - y0) / (y - y0), limit));
        }
        if inside(y) {
            kept.push((x, y));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_is_cut_at_the_frame_and_not_bent() {
        let frame = Frame {
            x: 0.0,
            y: 0.0,
            width: 10.0,
            height: 10.0,
        };
        let wedge = [(0.0, 5.0), (10.0, -15.0), (10.0, 25.0)];
        let cut = clipped(&wedge, &frame);
        assert_eq!(cut.len(), 5);
        assert!(
            cut.contains(&(2.5, 0.0)) && cut.contains(&(2.5, 10.0)),
            "{cut:?}"
        );
        assert!(clipped(&[(0.0, 20.0), (1.0, 30.0), (2.0, 20.0)], &frame).is_empty());
        assert!(clipped(&[], &frame).is_empty());
    }
}
