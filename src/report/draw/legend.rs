//! The legend: one entry per label and colour, in its own strip beside or under the panels.

use plotters::prelude::DrawingBackend;

use crate::draw::canvas::{Anchor, Canvas, Point};
use crate::draw::face::Face;
use crate::draw::marks::{self, FAINT};
use crate::draw::palette::{Markers, colour};
use crate::figure::{Figure, Mark, Series};
use base::error::Result;

const EM: f64 = 11.5;
const LINE: f64 = 15.0;
const KEY: f64 = 32.0;
const SHORT_KEY: f64 = 12.0;
const GAP: f64 = 8.0;
const COLUMN_GAP: f64 = 22.0;
const ROW_GAP: f64 = 4.0;
const WIDEST: f64 = 250.0;

struct Entry {
    /// One series for each mark that bears this label.
    series: Vec<Series>,
    lines: Vec<String>,
    at: Point,
}

impl Entry {
    fn height(&self) -> f64 {
        LINE * self.lines.len() as f64
    }

    fn width(&self, face: &Face, key: f64) -> f64 {
        key + GAP + face.widest(&self.lines, EM)
    }
}

/// Entries with their places, relative to `corner`.
pub struct Legend {
    entries: Vec<Entry>,
    /// Width of the drawn sample before each label.
    key: f64,
    pub markers: Markers,
    pub corner: Point,
    pub width: f64,
    pub height: f64,
}

impl Legend {
    /// One column, as for a strip to the right.
    pub fn column(figure: &Figure, face: &Face) -> Legend {
        let entries = entries(figure, face);
        let rows = entries.len();
        Legend::grid(figure, entries, 1, rows, face)
    }

    /// As many columns as `width` holds, as for a strip under the panels; neighbours stay in one
    /// column.
    pub fn strip(figure: &Figure, face: &Face, width: f64) -> Legend {
        let mut columns = entries(figure, face).len().max(1);
        loop {
            let entries = entries(figure, face);
            let rows = entries.len().div_ceil(columns);
            let legend = Legend::grid(figure, entries, columns, rows, face);
            if legend.width <= width || columns == 1 {
                return legend;
            }
            columns -= 1;
        }
    }

    fn grid(
        figure: &Figure,
        mut entries: Vec<Entry>,
        columns: usize,
        rows: usize,
        face: &Face,
    ) -> Legend {
        let lines = |entry: &Entry| entry.series.iter().any(|s| s.mark != Mark::Points);
        let key = if entries.iter().any(lines) {
            KEY
        } else {
            SHORT_KEY
        };
        let mut heights = vec![0.0_f64; rows];
        for (at, entry) in entries.iter().enumerate() {
            if let Some(height) = heights.get_mut(at % rows) {
                *height = height.max(entry.height());
            }
        }
        let top = |row: usize| {
            heights
                .iter()
                .take(row)
                .map(|height| height + ROW_GAP)
                .sum::<f64>()
        };
        let mut x = 0.0;
        let mut width = 0.0;
        for column in entries.chunks_mut(rows.max(1)).take(columns) {
            let widest = column
                .iter()
                .map(|entry| entry.width(face, key))
                .fold(0.0, f64::max);
            for (row, entry) in column.iter_mut().enumerate() {
                entry.at = (x, top(row));
            }
            width = x + widest;
            x = width + COLUMN_GAP;
        }
        let height = (top(rows) - ROW_GAP).max(0.0);
        let markers = Markers::of_figure(figure);
        Legend {
            entries,
            key,
            markers,
            corner: (0.0, 0.0),
            width,
            height,
        }
    }

    /// Whether there is nothing to explain.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Draws the entries at `corner`.
    pub fn draw<DB: DrawingBackend>(&self, canvas: &mut Canvas<DB>) -> Result<()> {
        for entry in &self.entries {
            let (x, y) = (self.corner.0 + entry.at.0, self.corner.1 + entry.at.1);
            let middle = y + LINE / 2.0;
            for series in &entry.series {
                self.sample(canvas, series, (x, middle))?;
            }
            for (row, line) in entry.lines.iter().enumerate() {
                let baseline = middle + 0.36 * EM + LINE * row as f64;
                canvas.text(line, (x + self.key + GAP, baseline), EM, Anchor::Start)?;
            }
        }
        Ok(())
    }

    fn sample<DB: DrawingBackend>(
        &self,
        canvas: &mut Canvas<DB>,
        series: &Series,
        (x, y): Point,
    ) -> Result<()> {
        let ink = colour(series.colour);
        let pen = marks::pen(series.mark, series.colour);
        match series.mark {
            Mark::Band => {
                let (top, bottom) = (y - 5.0, y + 5.0);
                let patch = [
                    (x, top),
                    (x + self.key, top),
                    (x + self.key, bottom),
                    (x, bottom),
                ];
                canvas.fill(&patch, ink, FAINT)
            }
            Mark::Points => {
                let centre = (x + self.key / 2.0, y);
                canvas.line(&[(centre.0, y - 7.0), (centre.0, y + 7.0)], pen)?;
                marks::stamp(canvas, centre, self.markers.of(series), ink)
            }
            Mark::Line | Mark::Dashed | Mark::Dotted => {
                canvas.line(&[(x, y), (x + self.key, y)], pen)
            }
        }
    }
}

fn entries(figure: &Figure, face: &Face) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for series in figure.panels.iter().flat_map(|panel| &panel.series) {
        if series.label.trim().is_empty() {
            continue;
        }
        let key = Series {
            x: vec![],
            y: vec![],
            low: vec![],
            high: vec![],
            ..series.clone()
        };
        let same = |entry: &&mut Entry| {
            entry
                .series
                .iter()
                .any(|s| s.label == key.label && s.colour == key.colour)
        };
        match entries.iter_mut().find(same) {
            Some(entry) if entry.series.contains(&key) => {}
            Some(entry) => {
                entry.series.push(key);
                // Markers lie on lines, lines on bands.
                entry.series.sort_by_key(|series| match series.mark {
                    Mark::Band => 0,
                    Mark::Line | Mark::Dashed | Mark::Dotted => 1,
                    Mark::Points => 2,
                });
            }
            None => {
                let lines = face.wrap(&series.label, EM, WIDEST - KEY - GAP);
                entries.push(Entry {
                    series: vec![key],
                    lines,
                    at: (0.0, 0.0),
                });
            }
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn an_entry_stands_once_for_all_panels() {
        let face = Face::embedded().unwrap();
        let mut figure = fixture::exit_times();
        let alone = Legend::column(&figure, face).entries.len();
        figure.panels.push(figure.panels[0].clone());
        assert_eq!(Legend::column(&figure, face).entries.len(), alone);
    }

    #[test]
    fn entries_of_a_strip_do_not_overlap_and_keep_to_its_width() {
        let face = Face::embedded().unwrap();
        let figure = fixture::escape();
        for width in [300.0, 480.0, 800.0, 3000.0] {
            let legend = Legend::strip(&figure, face, width);
            assert!(legend.width <= width);
            let boxes: Vec<(Point, f64, f64)> = legend
                .entries
                .iter()
                .map(|e| (e.at, e.width(face, legend.key), e.height()))
                .collect();
            for (i, ((x, y), w, h)) in boxes.iter().enumerate() {
                assert!(x + w <= legend.width + 1e-9 && y + h <= legend.height + 1e-9);
                for ((u, v), p, q) in &boxes[..i] {
                    let apart = x + w <= *u || u + p <= *x || y + h <= *v || v + q <= *y;
                    assert!(apart, "entries overlap at width {width}");
                }
            }
        }
    }
}
