//! An observable of one's own over the paths of a study: how often a particle hops between the wells of a double well.
//!
//! `cargo run --release --example custom_observable` prints hops per unit of time, with intervals, for three temperatures.

use kramers::prelude::*;
use kramers::report::number;

const STUDY: &str = r#"
landscape = { name = "double-well" }
start = { at = -1.0 }
process = { sde = "overdamped", temperature = [0.1, 0.15, 0.2], dt = 0.01 }
ensemble = { particles = 1000 }

[[observe]]
label = "place"
name = "moment"
of = "x"
time = [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40]
"#;

/// The well that a place lies in. What is near the barrier belongs to neither, so that a particle that trembles there does
/// not hop.
fn well(x: f64) -> Option<bool> {
    (x.abs() > 0.5).then_some(x > 0.0)
}

/// Changes of the well from look to look, per unit of time: a reading of every cell.
fn hops(places: &Paths) -> impl Iterator<Item = Reading> {
    let cells = places.values.outer_iter().zip(places.moments.outer_iter());
    cells.zip(&places.cells).map(|((values, moments), cell)| {
        let time = moments.last().copied().unwrap_or(f64::NAN);
        let particles = values.axis_iter(Axis(1));
        let hops: Moments = particles
            .map(|path| {
                let wells: Vec<bool> = path.iter().filter_map(|x| well(*x)).collect();
                let hops = wells.windows(2).filter(|pair| pair[0] != pair[1]);
                hops.count() as f64 / time
            })
            .collect();
        let estimate = hops.skewed_estimate(DEFAULT_CONFIDENCE);
        Reading::of(cell, "hops", estimate.ok(), None)
    })
}

fn main() -> Result<()> {
    let outcome = Study::parse(STUDY)?.run(1)?;
    for reading in outcome.paths_of("place").into_iter().flat_map(hops) {
        if let Some(hops) = reading.measured {
            println!("{:28} {}", reading.cell, number::estimate(&hops));
        }
    }
    Ok(())
}
