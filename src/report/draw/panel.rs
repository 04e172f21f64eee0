//! A panel around its data: grid, frame, ticks, numbers, labels and title.

use plotters::prelude::DrawingBackend;
use plotters::style::RGBColor;

use crate::draw::canvas::{Anchor, Canvas, Pen};
use crate::draw::layout::{LABEL_EM, LABEL_GAP, LEADING, Place, TICK_EM, TICK_GAP, TITLE_EM};
use base::error::Result;

const GRID: Pen = Pen {
    colour: RGBColor(228, 228, 228),
    width: 0.75,
    dash: None,
};
const AXIS: Pen = Pen {
    colour: RGBColor(70, 70, 70),
    width: 1.0,
    dash: None,
};
const MAJOR: f64 = 4.5;
const MINOR: f64 = 2.5;

/// What lies under the data: the grid, or the words that there is none.
pub fn frame<DB: DrawingBackend>(canvas: &mut Canvas<DB>, place: &Place) -> Result<()> {
    let frame = place.frame;
    for tick in place.x_ticks.iter().filter(|tick| !tick.label.is_empty()) {
        let x = frame.across(tick.at);
        canvas.line(&[(x, frame.y), (x, frame.y + frame.height)], GRID)?;
    }
    for tick in place.y_ticks.iter().filter(|tick| !tick.label.is_empty()) {
        let y = frame.down(tick.at);
        canvas.line(&[(frame.x, y), (frame.x + frame.width, y)], GRID)?;
    }
    if place.scales.is_none() {
        canvas.text(
            "no data",
            (frame.across(0.5), frame.down(0.5)),
            LABEL_EM,
            Anchor::Middle,
        )?;
    }
    Ok(())
}

/// What lies over the data: frame, ticks and words; `index` gives the panel its letter.
pub fn axes<DB: DrawingBackend>(
    canvas: &mut Canvas<DB>,
    place: &Place,
    index: Option<usize>,
) -> Result<()> {
    let frame = place.frame;
    let (left, top) = (frame.x, frame.y);
    let (right, bottom) = (frame.x + frame.width, frame.y + frame.height);
    let corners = [
        (left, top),
        (right, top),
        (right, bottom),
        (left, bottom),
        (left, top),
    ];
    for side in corners.windows(2) {
        canvas.line(side, AXIS)?;
    }
    for tick in &place.x_ticks {
        let x = frame.across(tick.at);
        let length = if tick.label.is_empty() { MINOR } else { MAJOR };
        canvas.line(&[(x, bottom), (x, bottom + length)], AXIS)?;
        let baseline = bottom + TICK_GAP + 0.85 * TICK_EM;
        canvas.text(&tick.label, (x, baseline), TICK_EM, Anchor::Middle)?;
    }
    for tick in &place.y_ticks {
        let y = frame.down(tick.at);
        let length = if tick.label.is_empty() { MINOR } else { MAJOR };
        canvas.line(&[(left - length, y), (left, y)], AXIS)?;
        let start = (left - TICK_GAP, y + 0.36 * TICK_EM);
        canvas.text(&tick.label, start, TICK_EM, Anchor::End)?;
    }
    words(canvas, place, index)
}

fn words<DB: DrawingBackend>(
    canvas: &mut Canvas<DB>,
    place: &Place,
    index: Option<usize>,
) -> Result<()> {
    let frame = place.frame;
    let bottom = frame.y + frame.height;
    for (row, line) in place.x_label.iter().enumerate() {
        let first = bottom + TICK_GAP + TICK_EM + LABEL_GAP + 0.85 * LABEL_EM;
        let baseline = first + LEADING * LABEL_EM * row as f64;
        canvas.text(
            line,
            (frame.across(0.5), baseline),
            LABEL_EM,
            Anchor::Middle,
        )?;
    }
    for (row, line) in place.y_label.iter().rev().enumerate() {
        let x = frame.x - place.y_label_at - 0.25 * LABEL_EM - LEADING * LABEL_EM * row as f64;
        canvas.upward(line, (x, frame.down(0.5)), LABEL_EM, Anchor::Middle)?;
    }
    let mut x = frame.x;
    let first = frame.y - 7.0 - LEADING * TITLE_EM * place.title.len().saturating_sub(1) as f64;
    if let Some(letter) = index.and_then(|index| ('a'..='z').nth(index)) {
        canvas.text(&format!("({letter})"), (x, first), TITLE_EM, Anchor::Start)?;
        x += 2.0 * TITLE_EM;
    }
    for (row, line) in place.title.iter().enumerate() {
        let baseline = first + LEADING * TITLE_EM * row as f64;
        canvas.text(line, (x, baseline), TITLE_EM, Anchor::Start)?;
    }
    Ok(())
}
