//! The range of each axis, from the data it must show.

use crate::draw::scale::{Scale, units};
use crate::draw::tiles::Edges;
use crate::figure::{Mark, Panel};

/// Room left between the outermost data and the frame, as a share of the span.
const MARGIN: f64 = 0.06;

/// Scales of a panel's axes; `None` if nothing in it can be shown.
pub fn scales(panel: &Panel) -> Option<(Scale, Scale)> {
    let mut across: Vec<f64> = Vec::new();
    let mut centres: Vec<f64> = Vec::new();
    let mut reaches: Vec<(f64, f64)> = Vec::new();
    for series in &panel.series {
        for (at, &x) in series.x.iter().enumerate() {
            let Some(x) = units(x, panel.x.log) else {
                continue;
            };
            let y = series.y.get(at).and_then(|&y| units(y, panel.y.log));
            let end = |ends: &Vec<f64>| ends.get(at).and_then(|&end| units(end, panel.y.log));
            let ends = [end(&series.low), end(&series.high)];
            let centre = match series.mark {
                Mark::Band => y.or_else(|| Some((ends[0]? + ends[1]?) / 2.0)),
                _ => y,
            };
            let Some(centre) = centre else { continue };
            across.push(x);
            centres.push(centre);
            if matches!(series.mark, Mark::Points | Mark::Band) {
                reaches.extend(ends.into_iter().flatten().map(|end| (centre, end)));
            }
        }
    }
    if let Some(map) = &panel.map {
        let ends = |of: &[f64], log| {
            let tiles = Edges::of(of, log);
            [tiles.outer.0, tiles.outer.1]
        };
        across.extend(
            ends(&map.x, panel.x.log)
                .into_iter()
                .filter(|e| e.is_finite()),
        );
        centres.extend(
            ends(&map.y, panel.y.log)
                .into_iter()
                .filter(|e| e.is_finite()),
        );
    }
    let (x_low, x_high) = span(&across)?;
    let (y_low, y_high) = with_reaches(span(&centres)?, &reaches);
    Some((
        padded(x_low, x_high, panel.x.log),
        padded(y_low, y_high, panel.y.log),
    ))
}

fn span(values: &[f64]) -> Option<(f64, f64)> {
    values.iter().fold(None, |span, &value| match span {
        None => Some((value, value)),
        Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
    })
}

/// Widens a span for intervals, but not for a stray one that would squeeze all else: intervals may
/// add as much as the data's own span, or three times the median interval, below and above.
fn with_reaches((low, high): (f64, f64), reaches: &[(f64, f64)]) -> (f64, f64) {
    let mut lengths: Vec<f64> = reaches
        .iter()
        .map(|(centre, end)| (end - centre).abs())
        .collect();
    lengths.sort_by(f64::total_cmp);
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or(0.0);
    let allowed = f64::max(high - low, 3.0 * median);
    reaches
        .iter()
        .fold((low, high), |(least, most), &(_, end)| {
            (
                least.min(end.max(low - allowed)),
                most.max(end.min(high + allowed)),
            )
        })
}

fn padded(low: f64, high: f64, log: bool) -> Scale {
    let span = high - low;
    let size = f64::max(low.abs(), high.abs());
    // A single value, or one that varies in its last digits only, stands in the middle.
    let room = if log && span < 1e-9 {
        0.5
    } else if !log && span <= 1e-9 * size {
        if size > 0.0 { 0.2 * size } else { 1.0 }
    } else {
        MARGIN * span
    };
    let scale = Scale {
        low: low - room,
        high: high + room,
        log,
    };
    if (scale.high - scale.low).is_finite() {
        scale
    } else {
        // Values so far apart that their difference overflows.
        Scale {
            low: f64::MIN / 4.0,
            high: f64::MAX / 4.0,
            log,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{Axis, Series};

    fn panel(log: bool, x: &[f64], y: &[f64], low: &[f64], high: &[f64]) -> Panel {
        let series = Series {
            label: String::new(),
            mark: Mark::Points,
            colour: 0,
            x: x.to_vec(),
            y: y.to_vec(),
            low: low.to_vec(),
            high: high.to_vec(),
        };
        let axis = |log| Axis {
            label: String::new(),
            log,
        };
        Panel {
            title: String::new(),
            x: axis(false),
            y: axis(log),
            map: None,
            series: vec![series],
        }
    }

    #[test]
    fn a_stray_interval_does_not_squeeze_the_data() {
        let stray = panel(
            false,
            &[1.0, 2.0, 3.0],
            &[1.0, 2.0, 3.0],
            &[0.9, 1.9, 2.9],
            &[1.1, 2.1, 1e9],
        );
        let (_, y) = scales(&stray).unwrap();
        assert!(y.high < 6.0, "{y:?}");
        let wide = panel(false, &[1.0, 2.0], &[1.0, 1.01], &[0.7, 0.7], &[1.3, 1.3]);
        let (_, y) = scales(&wide).unwrap();
        assert!(
            y.low < 0.7 && y.high > 1.3,
            "ordinary intervals are shown whole: {y:?}"
        );
    }

    #[test]
    fn one_point_and_the_unshowable() {
        let (x, y) = scales(&panel(true, &[2.0], &[100.0], &[], &[])).unwrap();
        assert!(x.low < 2.0 && 2.0 < x.high);
        assert_eq!((y.low, y.high), (1.5, 2.5));
        assert_eq!(scales(&panel(true, &[1.0], &[-1.0], &[], &[])), None);
        assert_eq!(scales(&panel(false, &[f64::NAN], &[1.0], &[], &[])), None);
        assert_eq!(scales(&panel(false, &[], &[], &[], &[])), None);
        let huge = panel(
            false,
            &[f64::MIN, f64::MAX],
            &[f64::MIN, f64::MAX],
            &[],
            &[],
        );
        let (x, y) = scales(&huge).unwrap();
        assert!((x.high - x.low).is_finite() && (y.high - y.low).is_finite());
    }
}
