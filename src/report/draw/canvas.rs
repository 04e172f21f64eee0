//! Strokes, fills and words on a plotters backend, in points of the finished figure.

use plotters::prelude::{DrawingBackend, FontTransform, IntoFont, TextStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBAColor, RGBColor, ShapeStyle};

use crate::draw::face::{FAMILY, Face};
use base::error::{Error, Result};
use base::shown;

/// Canvas pixels per point.
pub const DETAIL: f64 = 6.0;

/// A position: right and down, in points.
pub type Point = (f64, f64);

/// What the backend makes of letters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// Text stays text, set by the viewer.
    Vector,
    /// Letters become pixels here.
    Raster,
}

/// Which part of a text lies at its position.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A pen.
#[derive(Clone, Copy)]
pub struct Pen {
    pub colour: RGBColor,
    pub width: f64,
    /// Lengths of dash and gap.
    pub dash: Option<(f64, f64)>,
}

/// A backend, and the typeface it writes with.
pub struct Canvas<'a, DB: DrawingBackend> {
    backend: &'a mut DB,
    medium: Medium,
    face: &'static Face,
}

/// A backend's failure in the lab's terms.
pub fn failed(reason: impl std::fmt::Display) -> Error {
    Error::Failed(format!("cannot draw the figure: {reason}"))
}

fn pixel(length: f64) -> i32 {
    (length * DETAIL).round() as i32
}

fn pixels(points: &[Point]) -> Vec<(i32, i32)> {
    let mut path: Vec<(i32, i32)> = points.iter().map(|&(x, y)| (pixel(x), pixel(y))).collect();
    path.dedup();
    path
}

impl<'a, DB: DrawingBackend> Canvas<'a, DB> {
    /// A canvas on a backend of `DETAIL` pixels per point.
    pub fn new(backend: &'a mut DB, medium: Medium, face: &'static Face) -> Self {
        Canvas {
            backend,
            medium,
            face,
        }
    }

    /// White paper.
    pub fn blank(&mut self, width: f64, height: f64) -> Result<()> {
        let style = ShapeStyle::from(&RGBColor(255, 255, 255)).filled();
        self.backend
            .draw_rect((0, 0), (pixel(width), pixel(height)), &style, true)
            .map_err(failed)
    }

    /// A line through the points, whole or dashed.
    pub fn line(&mut self, points: &[Point], pen: Pen) -> Result<()> {
        let style = ShapeStyle {
            color: pen.colour.to_rgba(),
            filled: false,
            stroke_width: pixel(pen.width).max(1) as u32,
        };
        let points = straightened(points);
        let strokes = match pen.dash {
            Some((on, off)) => dashes(&points, on, off),
            None => vec![points],
        };
        for stroke in strokes {
            let path = pixels(&stroke);
            if path.len() > 1 {
                self.backend.draw_path(path, &style).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// A filled polygon.
    pub fn fill(&mut self, points: &[Point], colour: RGBColor, opacity: f64) -> Result<()> {
        let path = pixels(points);
        if path.len() < 3 {
            return Ok(());
        }
        let RGBColor(red, green, blue) = colour;
        let style = ShapeStyle::from(RGBAColor(red, green, blue, opacity)).filled();
        self.backend.fill_polygon(path, &style).map_err(failed)
    }

    /// A filled disc.
    pub fn disc(&mut self, (x, y): Point, radius: f64, colour: RGBColor) -> Result<()> {
        let style = ShapeStyle::from(&colour).filled();
        self.backend
            .draw_circle(
                (pixel(x), pixel(y)),
                pixel(radius).max(1) as u32,
                &style,
                true,
            )
            .map_err(failed)
    }

    /// A text on its baseline.
    pub fn text(&mut self, text: &str, at: Point, em: f64, anchor: Anchor) -> Result<()> {
        self.write(text, at, em, anchor, false)
    }

    /// A text that runs upwards, its baseline at `at.0`.
    pub fn upward(&mut self, text: &str, at: Point, em: f64, anchor: Anchor) -> Result<()> {
        self.write(text, at, em, anchor, true)
    }

    fn write(&mut self, text: &str, at: Point, em: f64, anchor: Anchor, up: bool) -> Result<()> {
        let text = &*shown::line(text);
        match self.medium {
            // The SVG backend divides the size by 1.24, and puts the top 0.76 em above the baseline.
            Medium::Vector => {
                self.letters(text, step(at, 0.0, -0.76 * em, up), 1.24 * em, anchor, up)
            }
            // The bitmap backend forgets the space left of each glyph, so glyphs are placed one by
            // one; it puts the baseline half a line height under the position.
            Medium::Raster => {
                let size = self.face.line() * em;
                let lead = match anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => self.face.width(text, em) / 2.0,
                    Anchor::End => self.face.width(text, em),
                };
                for (glyph, ink) in self.face.glyphs(text) {
                    let place = step(at, ink * em - lead, -size / 2.0, up);
                    self.letters(&glyph.to_string(), place, size, Anchor::Start, up)?;
                }
                Ok(())
            }
        }
    }

    fn letters(
        &mut self,
        text: &str,
        at: Point,
        size: f64,
        anchor: Anchor,
        up: bool,
    ) -> Result<()> {
        let across = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let mut style = TextStyle::from((FAMILY, size * DETAIL).into_font())
            .color(&RGBColor(26, 26, 26))
            .pos(Pos::new(across, VPos::Top));
        if up {
            style = style.transform(FontTransform::Rotate270);
        }
        self.backend
            .draw_text(text, &style, (pixel(at.0), pixel(at.1)))
            .map_err(failed)
    }
}

/// A position shifted along and across the direction of writing.
fn step((x, y): Point, along: f64, across: f64, up: bool) -> Point {
    if up {
        (x + across, y - along)
    } else {
        (x + along, y + across)
    }
}

/// Drops the points that lie on the way between their neighbours, to a twentieth of a point: a
/// straight line of many points, each rounded to a pixel, would waver.
fn straightened(points: &[Point]) -> Vec<Point> {
    const OFF: f64 = 0.05;
    let mut kept: Vec<Point> = Vec::new();
    let mut skipped: Vec<Point> = Vec::new();
    for (at, &point) in points.iter().enumerate() {
        let next = points.get(at + 1);
        let straight = kept.last().zip(next).is_some_and(|(&from, &to)| {
            skipped
                .iter()
                .chain([&point])
                .all(|&between| distance(between, from, to) < OFF)
        });
        if straight {
            skipped.push(point);
        } else {
            kept.push(point);
            skipped.clear();
        }
    }
    kept
}

/// From a point to the segment between two others.
fn distance((x, y): Point, (x0, y0): Point, (x1, y1): Point) -> f64 {
    let (dx, dy) = (x1 - x0, y1 - y0);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 {
        ((x - x0) * dx + (y - y0) * dy) / length
    } else {
        0.0
    };
    let along = along.clamp(0.0, 1.0);
    (x - x0 - along * dx).hypot(y - y0 - along * dy)
}

/// Cuts a path into dashes; dashes bend with the path.
fn dashes(points: &[Point], on: f64, off: f64) -> Vec<Vec<Point>> {
    let mut strokes = Vec::new();
    let mut stroke: Vec<Point> = points.first().copied().into_iter().collect();
    let mut left = on;
    let mut inked = true;
    for pair in points.windows(2) {
        let [(x0, y0), (x1, y1)] = *pair else {
            continue;
        };
        let length = (x1 - x0).hypot(y1 - y0);
        let mut gone = 0.0;
        while length - gone > left {
            gone += left;
            let turn = (
                x0 + (x1 - x0) * gone / length,
                y0 + (y1 - y0) * gone / length,
            );
            if inked {
                stroke.push(turn);
                strokes.push(std::mem::take(&mut stroke));
            } else {
                stroke = vec![turn];
            }
            inked = !inked;
            left = if inked { on } else { off };
        }
        left -= length - gone;
        if inked {
            stroke.push((x1, y1));
        }
    }
    if inked {
        strokes.push(stroke);
    }
    strokes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_many_points_is_two_and_a_bend_stays() {
        let line: Vec<Point> = (0..100)
            .map(|i| (f64::from(i), 0.3 * f64::from(i)))
            .collect();
        assert_eq!(straightened(&line), [line[0], line[99]]);
        let bend = [(0.0, 0.0), (5.0, 0.0), (5.0, 4.0)];
        assert_eq!(straightened(&bend), bend);
        let back = [(0.0, 0.0), (5.0, 0.0), (2.0, 0.0)];
        assert_eq!(straightened(&back), back);
        let arc: Vec<Point> = (0..=300)
            .map(|i| (f64::from(i) / 100.0).sin_cos())
            .map(|(x, y)| (100.0 * x, 100.0 * y))
            .collect();
        let kept = straightened(&arc);
        assert!(kept.len() < 60, "{}", kept.len());
        for point in arc {
            let near = kept
                .windows(2)
                .map(|s| distance(point, s[0], s[1]))
                .fold(1.0, f64::min);
            assert!(near < 0.05, "{point:?} is {near} from the line");
        }
    }

    #[test]
    fn dashes_alternate_round_a_corner() {
        let strokes = dashes(&[(0.0, 0.0), (5.0, 0.0), (5.0, 4.0)], 4.0, 2.0);
        assert_eq!(
            strokes,
            [vec![(0.0, 0.0), (4.0, 0.0)], vec![(5.0, 1.0), (5.0, 4.0)]],
            "a dash of 4, a gap of 2 that ends past the corner, and what is left of the next dash"
        );
        assert!(dashes(&[], 4.0, 2.0).iter().all(Vec::is_empty));
    }
}
