//! Where everything stands: panels in a grid with room for their labels, the legend in its strip.

use crate::draw::canvas::Point;
use crate::draw::face::Face;
use crate::draw::legend::Legend;
use crate::draw::range;
use crate::draw::scale::Scale;
use crate::draw::ticks::{Tick, ticks};
use crate::figure::{Figure, Panel};

/// Letter sizes, in points: numbers on the axes, their labels, panel titles.
pub const TICK_EM: f64 = 11.0;
pub const LABEL_EM: f64 = 12.5;
pub const TITLE_EM: f64 = 12.5;
/// Distance between baselines, in ems.
pub const LEADING: f64 = 1.25;
/// From the frame to the numbers, and from the numbers to the label.
pub const TICK_GAP: f64 = 7.0;
pub const LABEL_GAP: f64 = 7.0;

const EDGE: f64 = 8.0;
const BETWEEN: f64 = 16.0;
const LEGEND_GAP: f64 = 16.0;
/// A legend to the right may be this wide; a wider one goes under the panel.
const RIGHT_STRIP: f64 = 260.0;

/// A panel's frame on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Frame {
    /// Horizontal position of a place along the axis.
    pub fn across(&self, fraction: f64) -> f64 {
        self.x + fraction * self.width
    }

    /// Vertical position of a place along the axis, which runs upwards.
    pub fn down(&self, fraction: f64) -> f64 {
        self.y + (1.0 - fraction) * self.height
    }
}

/// A panel with its place, ticks and broken labels.
pub struct Place {
    pub frame: Frame,
    /// `None` where there is no data.
    pub scales: Option<(Scale, Scale)>,
    pub x_ticks: Vec<Tick>,
    pub y_ticks: Vec<Tick>,
    pub title: Vec<String>,
    pub x_label: Vec<String>,
    pub y_label: Vec<String>,
    /// Distance from the frame to the baseline of the first line of the vertical label.
    pub y_label_at: f64,
}

/// A figure ready to be drawn.
pub struct Layout {
    pub width: f64,
    pub height: f64,
    pub panels: Vec<Place>,
    pub legend: Legend,
}

/// Room that a panel's labels take outside its frame.
#[derive(Clone, Copy, Default)]
struct Margins {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Layout {
    /// Arranges a figure.
    pub fn of(figure: &Figure, face: &Face) -> Layout {
        let count = figure.panels.len();
        let (columns, width, height) = match count {
            0 | 1 => (1, 460.0, 320.0),
            2 => (2, 350.0, 275.0),
            3 => (3, 270.0, 240.0),
            4 => (2, 350.0, 245.0),
            _ => (3, 270.0, 220.0),
        };
        let mut panels: Vec<Place> = figure
            .panels
            .iter()
            .map(|panel| place(panel, width, height, face, count))
            .collect();
        let margins: Vec<Margins> = panels.iter().map(|place| needed(place, face)).collect();
        let (right, below) = spread(&mut panels, &margins, columns, (width, height));
        let mut layout = Layout {
            width: right,
            height: below,
            panels,
            legend: Legend::column(figure, face),
        };
        layout.seat_legend(figure, face, count);
        layout
    }

    fn seat_legend(&mut self, figure: &Figure, face: &Face, count: usize) {
        let frame = self.panels.first().map(|place| place.frame);
        let (left, top, tall) =
            frame.map_or((EDGE, EDGE, 0.0), |frame| (frame.x, frame.y, frame.height));
        let fits = self.legend.width <= RIGHT_STRIP && self.legend.height <= tall;
        if self.legend.is_empty() {
            self.width += EDGE;
            self.height += EDGE;
        } else if count == 1 && fits {
            self.legend.corner = (self.width + LEGEND_GAP, top);
            self.width += LEGEND_GAP + self.legend.width + EDGE;
            self.height += EDGE;
        } else {
            self.legend = Legend::strip(figure, face, self.width - EDGE);
            // Centred under the frames rather than under the page, if that leaves it on the page.
            let centre = (left + self.width) / 2.0;
            let x = (centre - self.legend.width / 2.0).max(EDGE);
            self.legend.corner = (x, self.height + LEGEND_GAP);
            self.width = f64::max(self.width, x + self.legend.width) + EDGE;
            self.height += LEGEND_GAP + self.legend.height + EDGE;
        }
    }
}

/// Gives each panel its frame, rows and columns aligned; returns the right and lower end.
fn spread(panels: &mut [Place], margins: &[Margins], columns: usize, size: Point) -> Point {
    let most = |of: fn(&Margins) -> f64, belongs: &dyn Fn(usize) -> bool| {
        let mine = margins.iter().enumerate().filter(|(at, _)| belongs(*at));
        mine.map(|(_, margin)| of(margin)).fold(0.0, f64::max)
    };
    let rows = panels.len().div_ceil(columns);
    let mut y = EDGE;
    let mut right = 0.0_f64;
    for row in 0..rows {
        let in_row = |at: usize| at / columns == row;
        y += most(|m| m.top, &in_row);
        let mut x = EDGE;
        for column in 0..columns {
            let in_column = |at: usize| at % columns == column;
            x += most(|m| m.left, &in_column);
            if let Some(place) = panels.get_mut(row * columns + column) {
                place.frame = Frame {
                    x,
                    y,
                    width: size.0,
                    height: size.1,
                };
            }
            x += size.0 + most(|m| m.right, &in_column);
            right = right.max(x);
            x += BETWEEN;
        }
        y += size.1 + most(|m| m.bottom, &in_row) + if row + 1 < rows { BETWEEN } else { 0.0 };
    }
    (right, y)
}

fn place(panel: &Panel, width: f64, height: f64, face: &Face, count: usize) -> Place {
    let scales = range::scales(panel);
    let (x_ticks, y_ticks) = match &scales {
        Some((x, y)) => (
            fitting(x, width, face),
            ticks(y, (height / if y.log { 28.0 } else { 40.0 }) as usize),
        ),
        None => (Vec::new(), Vec::new()),
    };
    // Room for the panel's letter before the title.
    let title_width = if count > 1 {
        width - 2.0 * TITLE_EM
    } else {
        width
    };
    let mut title = face.wrap(&panel.title, TITLE_EM, title_width);
    if count > 1 && title.is_empty() {
        title.push(String::new());
    }
    let numbers = y_ticks
        .iter()
        .map(|tick| face.width(&tick.label, TICK_EM))
        .fold(0.0, f64::max);
    Place {
        frame: Frame {
            x: 0.0,
            y: 0.0,
            width,
            height,
        },
        scales,
        x_ticks,
        y_ticks,
        title,
        x_label: face.wrap(&panel.x.label, LABEL_EM, width),
        y_label: face.wrap(&panel.y.label, LABEL_EM, height),
        y_label_at: TICK_GAP + numbers + LABEL_GAP,
    }
}

/// The most ticks whose numbers stand clear of one another.
fn fitting(scale: &Scale, width: f64, face: &Face) -> Vec<Tick> {
    let clear = |ticks: &[Tick]| {
        let mut end = f64::NEG_INFINITY;
        ticks
            .iter()
            .filter(|tick| !tick.label.is_empty())
            .all(|tick| {
                let half = face.width(&tick.label, TICK_EM) / 2.0;
                let start = tick.at * width - half;
                let apart = start - end >= TICK_EM;
                end = tick.at * width + half;
                apart
            })
    };
    let mut chosen = ticks(scale, 2);
    for most in (3..=8).rev() {
        let candidate = ticks(scale, most);
        if clear(&candidate) {
            chosen = candidate;
            break;
        }
    }
    chosen
}

fn needed(place: &Place, face: &Face) -> Margins {
    let overhang =
        |tick: &Tick| (tick.at - 1.0) * place.frame.width + face.width(&tick.label, TICK_EM) / 2.0;
    let title = place.title.len() as f64;
    Margins {
        left: place.y_label_at + LEADING * LABEL_EM * place.y_label.len() as f64,
        right: place.x_ticks.iter().map(overhang).fold(4.0, f64::max),
        top: title * LEADING * TITLE_EM + 4.0,
        bottom: TICK_GAP + TICK_EM + LABEL_GAP + LEADING * LABEL_EM * place.x_label.len() as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn frames_and_legend_stand_apart_and_on_the_page() {
        let face = Face::embedded().unwrap();
        let mut figure = fixture::exit_times();
        for count in 0..=6 {
            figure.panels.truncate(0);
            figure
                .panels
                .extend((0..count).map(|i| fixture::exit_times().panels[i % 2].clone()));
            let layout = Layout::of(&figure, face);
            for (i, a) in layout.panels.iter().enumerate() {
                assert!(a.frame.x + a.frame.width < layout.width);
                assert!(a.frame.y + a.frame.height < layout.height);
                for b in &layout.panels[..i] {
                    let apart = b.frame.x + b.frame.width < a.frame.x
                        || b.frame.y + b.frame.height < a.frame.y;
                    assert!(apart, "panels overlap");
                }
                let under = layout.legend.corner.1 > a.frame.y + a.frame.height;
                let beside = layout.legend.corner.0 > a.frame.x + a.frame.width;
                assert!(under || beside, "the legend covers panel {i} of {count}");
            }
            assert!(layout.legend.corner.0 + layout.legend.width <= layout.width);
            assert!(layout.legend.corner.1 + layout.legend.height <= layout.height);
        }
    }
}
