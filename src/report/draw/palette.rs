//! Colours that the colour-blind can tell apart, and shapes that survive a greyscale print.

use plotters::style::RGBColor;

use crate::figure::{Figure, Mark, Series};

/// Okabe and Ito's palette (2008), darkest and most distinct first; grey stands in for its yellow,
/// which a thin line on white paper would lose.
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
    RGBColor(127, 127, 127),
];

/// The colour of an index; indices beyond the palette begin anew.
pub fn colour(index: usize) -> RGBColor {
    COLOURS
        .get(index % COLOURS.len())
        .copied()
        .unwrap_or(RGBColor(0, 0, 0))
}

/// Outline of a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Circle,
    Square,
    Triangle,
    Diamond,
    Cross,
}

/// A shape, filled or hollow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    pub shape: Shape,
    pub open: bool,
}

/// Which marker each series of points has, the same in all panels of a figure.
#[derive(Clone, Debug, Default)]
pub struct Markers {
    known: Vec<(usize, String)>,
}

impl Markers {
    /// Collects the figure's series of points, each label and colour once.
    pub fn of_figure(figure: &Figure) -> Markers {
        let mut known: Vec<(usize, String)> = Vec::new();
        for series in figure.panels.iter().flat_map(|panel| &panel.series) {
            let key = (series.colour, series.label.clone());
            if series.mark == Mark::Points && !known.contains(&key) {
                known.push(key);
            }
        }
        Markers { known }
    }

    /// The colour gives the shape. The second series of a colour is hollow, so that one optimizer
    /// measured in two ways shows both.
    pub fn of(&self, series: &Series) -> Marker {
        let shapes = [
            Shape::Circle,
            Shape::Square,
            Shape::Triangle,
            Shape::Diamond,
            Shape::Cross,
        ];
        let shape = shapes
            .get(series.colour % shapes.len())
            .copied()
            .unwrap_or(Shape::Circle);
        let rank = self
            .known
            .iter()
            .filter(|(colour, _)| *colour == series.colour)
            .position(|(_, label)| *label == series.label)
            .unwrap_or(0);
        // Beyond the first five colours the shapes come again, hollow first.
        Marker {
            shape,
            open: (rank + series.colour / shapes.len()) % 2 == 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn ten_colours_have_ten_markers() {
        let mut figure = fixture::escape();
        let template = figure.panels[0].series[0].clone();
        let many = (0..10).map(|colour| Series {
            colour,
            mark: Mark::Points,
            ..template.clone()
        });
        figure.panels[0].series = many.collect();
        let markers = Markers::of_figure(&figure);
        let all: Vec<Marker> = figure.panels[0]
            .series
            .iter()
            .map(|s| markers.of(s))
            .collect();
        for (at, marker) in all.iter().enumerate() {
            assert!(!all[..at].contains(marker), "{marker:?}");
        }
    }

    #[test]
    fn the_second_series_of_a_colour_is_hollow() {
        let mut figure = fixture::one_point();
        let mut second = figure.panels[0].series[0].clone();
        second.label = "again".into();
        figure.panels[0].series.push(second);
        let markers = Markers::of_figure(&figure);
        let open: Vec<bool> = figure.panels[0]
            .series
            .iter()
            .map(|s| markers.of(s).open)
            .collect();
        assert_eq!(open[0], !open[open.len() - 1]);
    }
}
