//! Figures drawn with plotters: the same strokes to an SVG and to a PNG.
//!
//! All positions are in points of the finished figure. The backends round to whole pixels, so the
//! canvas is several times larger than what is shown, and the rounding is invisible.

mod canvas;
mod face;
mod layout;
mod legend;
mod marks;
mod palette;
mod panel;
mod range;
mod scale;
mod ticks;
mod tiles;

use std::path::Path;

use plotters::prelude::{BitMapBackend, DrawingBackend, SVGBackend};

use crate::figure::Figure;
use crate::{atomic, own};
use base::error::{Error, Result};
use canvas::{Canvas, DETAIL, Medium};
use face::Face;
use layout::Layout;

/// Canvas pixels averaged into one pixel of the PNG, along each side: half the detail, so that the
/// PNG has two pixels per point and is sharp on a dense screen.
const AVERAGED: usize = (DETAIL / 2.0) as usize;

/// Writes `dir/<name>.svg` and `dir/<name>.png`, each whole or not at all.
///
/// # Errors
/// If a file cannot be written.
pub fn write(dir: &Path, figure: &Figure) -> Result<()> {
    let [vector, raster] = files(&figure.name).map(|name| dir.join(name));
    atomic::write(&vector, &own::markup(&svg(figure)?))?;
    atomic::write(&raster, &own::picture(png(figure)?))?;
    Ok(())
}

/// The files that the figure of this name is drawn to.
pub fn files(name: &str) -> [String; 2] {
    [format!("{name}.svg"), format!("{name}.png")]
}

/// The figure as an SVG document that scales with the page.
///
/// # Errors
/// If the drawing backend fails.
pub fn svg(figure: &Figure) -> Result<String> {
    let face = Face::embedded()?;
    let layout = Layout::of(figure, face);
    let (width, height) = pixels(&layout);
    let mut text = String::new();
    let mut backend = SVGBackend::with_string(&mut text, (width, height));
    paint(
        &mut Canvas::new(&mut backend, Medium::Vector, face),
        figure,
        &layout,
    )?;
    backend.present().map_err(canvas::failed)?;
    drop(backend);
    // The backend gives the canvas's size; the document is shown at the figure's own.
    let canvas_size = format!(r#"<svg width="{width}" height="{height}""#);
    let shown = format!(
        r#"<svg role="img" width="{}" height="{}""#,
        layout.width.ceil(),
        layout.height.ceil()
    );
    Ok(on_one_line(&text.replacen(&canvas_size, &shown, 1)))
}

/// The backend puts each text on a line of its own inside its element; viewers differ in whether
/// they show the line breaks as spaces.
fn on_one_line(document: &str) -> String {
    let mut tidy = String::with_capacity(document.len());
    for line in document.lines() {
        tidy.push_str(line);
        if !line.starts_with("<text") {
            tidy.push('\n');
        }
    }
    tidy.replace("\n</text>", "</text>")
}

/// The figure as a PNG of two pixels per point.
///
/// # Errors
/// If the drawing backend fails, or its temporary file cannot be written.
pub fn png(figure: &Figure) -> Result<Vec<u8>> {
    let face = Face::embedded()?;
    let layout = Layout::of(figure, face);
    let (width, height) = pixels(&layout);
    let mut fine = vec![255_u8; width as usize * height as usize * 3];
    {
        let mut backend = BitMapBackend::with_buffer(&mut fine, (width, height));
        paint(
            &mut Canvas::new(&mut backend, Medium::Raster, face),
            figure,
            &layout,
        )?;
        backend.present().map_err(canvas::failed)?;
    }
    let (mut pixels, width, height) = average(&fine, width as usize, height as usize);
    encode(&mut pixels, width as u32, height as u32)
}

fn pixels(layout: &Layout) -> (u32, u32) {
    // Whole points, so that the canvas divides evenly into the pixels of the PNG.
    (
        (layout.width.ceil() * DETAIL) as u32,
        (layout.height.ceil() * DETAIL) as u32,
    )
}

fn paint<DB: DrawingBackend>(
    canvas: &mut Canvas<DB>,
    figure: &Figure,
    layout: &Layout,
) -> Result<()> {
    canvas.blank(layout.width.ceil(), layout.height.ceil())?;
    for (at, (panel, place)) in figure.panels.iter().zip(&layout.panels).enumerate() {
        panel::frame(canvas, place)?;
        if let Some(map) = &panel.map {
            tiles::draw(canvas, place, map)?;
        }
        for series in &panel.series {
            let marker = layout.legend.markers.of(series);
            marks::draw(canvas, place, series, marker)?;
        }
        panel::axes(canvas, place, (layout.panels.len() > 1).then_some(at))?;
    }
    layout.legend.draw(canvas)
}

fn average(fine: &[u8], width: usize, height: usize) -> (Vec<u8>, usize, usize) {
    let (columns, rows) = (width / AVERAGED, height / AVERAGED);
    let mut pixels = Vec::with_capacity(columns * rows * 3);
    for row in 0..rows {
        for column in 0..columns {
            for channel in 0..3 {
                let mut sum = 0_usize;
                for y in 0..AVERAGED {
                    for x in 0..AVERAGED {
                        let at = (row * AVERAGED + y) * width + column * AVERAGED + x;
                        sum += fine.get(at * 3 + channel).map_or(255, |&v| v as usize);
                    }
                }
                pixels.push((sum / (AVERAGED * AVERAGED)) as u8);
            }
        }
    }
    (pixels, columns, rows)
}

/// PNG bytes. The backend encodes to files only, so the picture passes through a temporary one.
fn encode(pixels: &mut [u8], width: u32, height: u32) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir().map_err(|source| Error::Io {
        action: "cannot make a temporary folder in",
        path: std::env::temp_dir(),
        source,
    })?;
    let path = folder.path().join("figure.png");
    let mut backend = BitMapBackend::new(&path, (width, height));
    backend
        .blit_bitmap((0, 0), (width, height), pixels)
        .map_err(canvas::failed)?;
    backend.present().map_err(canvas::failed)?;
    drop(backend);
    atomic::read(&path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    #[ignore = "writes pictures for a person to look at"]
    fn pictures_to_look_at() {
        let folder = std::env::temp_dir().join("kramers-pictures");
        for figure in fixture::figures() {
            write(&folder, &figure).unwrap();
        }
    }

    #[test]
    fn every_label_is_there_and_every_coordinate_is_a_number() {
        for figure in fixture::figures() {
            let drawn = svg(&figure).unwrap();
            for panel in &figure.panels {
                let labels = [&panel.title, &panel.x.label, &panel.y.label];
                let legend = panel.series.iter().map(|series| &series.label);
                // Long labels are broken into lines, so look for their words.
                for word in labels
                    .into_iter()
                    .chain(legend)
                    .flat_map(|text| text.split(' '))
                {
                    let escaped = word
                        .replace('&', "&amp;")
                        .replace('<', "&lt;")
                        .replace('>', "&gt;");
                    assert!(
                        drawn.contains(&escaped),
                        "{}: `{word}` is missing",
                        figure.name
                    );
                }
            }
            assert!(
                !drawn.contains("NaN") && !drawn.contains("inf"),
                "{}",
                figure.name
            );
            assert!(
                drawn.starts_with("<svg role=\"img\" width="),
                "{}",
                &drawn[..80]
            );
            assert!(drawn.trim_end().ends_with("</svg>"));
            let size: Vec<f64> = drawn
                .split("viewBox=\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .map(|numbers| numbers.split(' ').map(|n| n.parse().unwrap()).collect())
                .unwrap();
            for points in drawn.split("points=\"").skip(1) {
                for pair in points.split('"').next().unwrap().split_whitespace() {
                    let (x, y) = pair.split_once(',').unwrap();
                    let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
                    assert!(
                        (0.0..=size[2]).contains(&x) && (0.0..=size[3]).contains(&y),
                        "{pair}"
                    );
                }
            }
        }
    }

    #[test]
    fn an_entry_of_the_legend_is_written_once() {
        let drawn = svg(&fixture::exit_times()).unwrap();
        assert_eq!(drawn.matches(">exact first-passage integral<").count(), 1);
        assert_eq!(drawn.matches(">(b)<").count(), 1);
        assert!(
            !svg(&fixture::one_point()).unwrap().contains(">(a)<"),
            "one panel has no letter"
        );
    }

    #[test]
    fn a_panel_without_data_says_so() {
        assert_eq!(
            svg(&fixture::hostile())
                .unwrap()
                .matches(">no data<")
                .count(),
            1
        );
        let nothing = Figure {
            name: "n".into(),
            caption: String::new(),
            panels: vec![],
        };
        assert!(svg(&nothing).unwrap().contains("<svg"));
        assert!(png(&nothing).is_ok());
    }

    #[test]
    fn the_same_figure_has_the_same_bytes() {
        let figure = fixture::hostile();
        assert_eq!(svg(&figure).unwrap(), svg(&figure).unwrap());
        let picture = png(&figure).unwrap();
        assert_eq!(picture, png(&figure).unwrap());
        assert!(picture.starts_with(b"\x89PNG"));
    }

    #[test]
    fn the_picture_has_ink_in_each_panel_and_a_white_edge() {
        let face = Face::embedded().unwrap();
        let figure = fixture::exit_times();
        let layout = Layout::of(&figure, face);
        let (width, height) = pixels(&layout);
        let mut fine = vec![255_u8; width as usize * height as usize * 3];
        {
            let mut backend = BitMapBackend::with_buffer(&mut fine, (width, height));
            paint(
                &mut Canvas::new(&mut backend, Medium::Raster, face),
                &figure,
                &layout,
            )
            .unwrap();
        }
        let at = |x: usize, y: usize| &fine[(y * width as usize + x) * 3..][..3];
        let (width, height) = (width as usize, height as usize);
        for x in 0..width {
            assert!(
                at(x, 0) == [255; 3] && at(x, height - 1) == [255; 3],
                "ink on the edge"
            );
        }
        for y in 0..height {
            assert!(
                at(0, y) == [255; 3] && at(width - 1, y) == [255; 3],
                "ink on the edge"
            );
        }
        for place in &layout.panels {
            let frame = place.frame;
            let blue = (0..height * width).any(|i| {
                let (x, y) = ((i % width) as f64 / DETAIL, (i / width) as f64 / DETAIL);
                let inside = (frame.x..frame.x + frame.width).contains(&x)
                    && (frame.y..frame.y + frame.height).contains(&y);
                inside && fine[3 * i..3 * i + 3] == [0, 114, 178]
            });
            assert!(blue, "the measured points are drawn");
        }
    }
}
