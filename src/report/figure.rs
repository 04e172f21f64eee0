//! What a figure shows, as data: drawn once from the experiment, and again from the record.

use serde::{Deserialize, Deserializer, Serialize};

/// A figure: one or more panels side by side, and the caption that the report prints under it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// File stem, e.g. `escape-rate`.
    pub name: String,
    /// What it shows, how it was made (particles, scale), and what follows.
    pub caption: String,
    /// Panels, left to right; four stand two by two.
    pub panels: Vec<Panel>,
}

/// One set of axes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Panel {
    /// Heading of the panel.
    pub title: String,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
    /// A heat map under the series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<Map>,
    /// What is drawn, in order, so that later series lie on top.
    pub series: Vec<Series>,
}

/// A heat map: tiles about the points (x, y), each with its value written on it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Map {
    /// Abscissae of the tiles' centres; tiles meet half-way between neighbouring values.
    pub x: Vec<f64>,
    /// Ordinates of the tiles' centres.
    pub y: Vec<f64>,
    /// Colour: 0 orange, ½ white, 1 blue. What is not finite has no colour.
    #[serde(deserialize_with = "with_gaps")]
    pub shade: Vec<f64>,
    /// What is written on each tile.
    pub text: Vec<String>,
}

/// An axis: label in the field's symbols with the unit, and its scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// E.g. `1/k` or `mean exit time τ (iterations)`.
    pub label: String,
    /// Logarithmic, with decades labelled 10ⁿ.
    pub log: bool,
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// Markers with vertical error bars `low..high`.
    Points,
    /// A solid line: an exact reference.
    Line,
    /// A dashed line: a paper's prediction.
    Dashed,
    /// A dotted line: an asymptotic or auxiliary law.
    Dotted,
    /// A shaded band `low..high`: a fit's interval.
    Band,
}

/// One data series. `low` and `high` are empty where the mark has no interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Legend entry; empty for none.
    pub label: String,
    /// How it is drawn.
    pub mark: Mark,
    /// Index into the palette: series of one optimizer share a colour.
    pub colour: usize,
    /// Abscissae. Here and below a point that is not finite is skipped (JSON keeps it as `null`).
    #[serde(deserialize_with = "with_gaps")]
    pub x: Vec<f64>,
    /// Ordinates (a band's centre).
    #[serde(deserialize_with = "with_gaps")]
    pub y: Vec<f64>,
    /// Lower ends of intervals.
    #[serde(deserialize_with = "open_below")]
    pub low: Vec<f64>,
    /// Upper ends of intervals.
    #[serde(deserialize_with = "open_above")]
    pub high: Vec<f64>,
}

impl Axis {
    /// An axis of that label.
    pub fn new(label: &str, log: bool) -> Self {
        let label = label.into();
        Axis { label, log }
    }
}

/// A point with its interval: x, y, low, high.
pub type Point = (f64, f64, f64, f64);

impl Series {
    /// Points without intervals.
    pub fn curve(label: &str, mark: Mark, colour: usize, points: Vec<(f64, f64)>) -> Self {
        let (x, y) = points.into_iter().unzip();
        Series {
            label: label.into(),
            mark,
            colour,
            x,
            y,
            low: Vec::new(),
            high: Vec::new(),
        }
    }

    /// Measured points with their intervals.
    pub fn measured(label: &str, colour: usize, points: Vec<Point>) -> Self {
        let mut series = Series::curve(label, Mark::Points, colour, Vec::new());
        for (x, y, low, high) in points {
            series.x.push(x);
            series.y.push(y);
            series.low.push(low);
            series.high.push(high);
        }
        series
    }
}

fn with<'de, D: Deserializer<'de>>(from: D, missing: f64) -> Result<Vec<f64>, D::Error> {
    let numbers = Vec::<Option<f64>>::deserialize(from)?;
    Ok(numbers
        .into_iter()
        .map(|number| number.unwrap_or(missing))
        .collect())
}

fn with_gaps<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
    with(from, f64::NAN)
}

/// An interval is open on a side where it has no end there.
fn open_below<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
    with(from, f64::NEG_INFINITY)
}

fn open_above<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
    with(from, f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_json_lacks_come_back_as_gaps_and_open_ends() {
        let series = Series {
            label: "SGD".into(),
            mark: Mark::Points,
            colour: 0,
            x: vec![1.0, 2.0],
            y: vec![0.1 + 0.2, f64::NAN],
            low: vec![f64::NEG_INFINITY, 0.0],
            high: vec![f64::INFINITY, 1.0],
        };
        let text = serde_json::to_string(&series).unwrap();
        let read: Series = serde_json::from_str(&text).unwrap();
        assert_eq!(read.y[0].to_bits(), series.y[0].to_bits());
        assert!(read.y[1].is_nan());
        assert_eq!(
            (read.x, read.low, read.high),
            (series.x, series.low, series.high)
        );
    }
}
