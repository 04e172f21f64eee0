//! The first of d independent passages of one diffusion.

use super::first_passage::{FirstPassage, Passage, PassageTime};
use super::fokker_planck::{Axis, End, Equation, Generator};
use super::function::Function;
use super::left_edge::left_side;
use super::panels::{Coefficients, mirrored};
use base::error::{Error, Result};
use base::shown;

/// Intervals of the coarsest grid, and how often it is halved.
const INTERVALS: f64 = 240.0;
const LEVELS: u32 = 3;
/// Φ changes by this over an interval of the coarsest grid, where it does not fall too steeply to follow.
const STEP: f64 = 0.4;
const STEEPEST: f64 = 200.0;
/// Intervals of the finest grid at most.
const MOST: usize = 40_000;
/// How far the weight falls to where the line is cut.
const DROP: f64 = 45.0;
/// Accuracy beyond which a result is refused.
const WORST: f64 = 1e-3;

/// Moments of the smallest of `d` independent first-passage times: ⟨min⟩ = ∫S(t)^d dt with S the survival
/// function of one, by finite volumes on three grids, extrapolated.
///
/// The relative error is the larger of the last change of either moment, and of the difference of ∫S dt from the
/// mean that quadrature gives.
///
/// # Errors
/// As [`FirstPassage::solve`]; [`Error::Failed`] where the grids do not settle to 1e-3, or the passage never
/// happens.
pub fn first_of_many(passage: &FirstPassage<'_>, d: u32) -> Result<PassageTime> {
    let single = match passage.solve()? {
        Passage::After(time) => time,
        never @ Passage::Never { .. } => return never.time(),
    };
    let sign = (passage.exit - passage.start).signum();
    let [start, exit] = [passage.start, passage.exit].map(|x| sign * x);
    let [drift, diffusion] = passage.mirrored(sign);
    let breaks = |low: f64, high: f64| mirrored(passage.breaks, sign, low, high);
    let of = Coefficients {
        drift: &drift,
        diffusion: &diffusion,
        breaks: &breaks,
        scale: exit - start,
    };
    let a = passage.interpretation.exponent();
    let side = left_side(&of, start, passage.reflecting.map(|x| sign * x), a, DROP)?;
    let edge = side.edge(start);
    let marks = breaks(edge, exit)?;
    let mut ends = [marks.kinks, marks.cells, vec![start]].concat();
    ends.retain(|x| edge < *x && *x < exit);
    ends.extend([edge, exit]);
    ends.sort_by(f64::total_cmp);
    // Two that rounding alone tells apart leave no room for nodes between them.
    ends.dedup_by(|b, a| *b - *a <= 1e-9 * (exit - edge));
    if let Some(last) = ends.last_mut() {
        *last = exit;
    }
    let equation = Equation {
        slope: &|point, _| drift.at(point[0]),
        diffusion: &|point, _| diffusion.at(point[0]),
        interpretation: passage.interpretation,
    };
    // The way ahead of the start is as well resolved as the whole.
    let coarse = ((exit - edge) / INTERVALS).min((exit - start) / (0.25 * INTERVALS));
    let mut found: Vec<[f64; 3]> = Vec::new();
    for level in 0..LEVELS {
        let mut nodes = vec![edge];
        for pair in ends.windows(2) {
            let width = pair[1] - pair[0];
            let steep = of.sample(pair[0], width)?.variation() / STEP;
            let parts = (width / coarse).max(steep.min(STEEPEST)).ceil() as usize * (1 << level);
            let part = (pair[1] - pair[0]) / parts as f64;
            nodes.extend((1..parts).map(|k| pair[0] + part * k as f64));
            nodes.push(pair[1]);
        }
        if nodes.len() > MOST {
            return Err(Error::Failed(format!(
                "the law of one passage takes {} intervals to resolve, {MOST} at most",
                nodes.len()
            )));
        }
        // Between two given points there is no further one.
        let axis = Axis::through(&nodes, 1, End::Reflecting, End::Absorbing)?;
        let place = axis.nearest(start);
        let chain = Generator::new(std::slice::from_ref(&axis), &equation)?;
        let survival = chain.survival(place, 1.0)?;
        let (mean, second) = survival.moments(f64::from(d));
        found.push([mean, second, survival.moments(1.0).0]);
    }
    let extrapolated = |k: usize, level: usize| {
        let (rough, fine) = (found[level - 1][k], found[level][k]);
        fine + (fine - rough) / 3.0
    };
    let last = found.len() - 1;
    let [mean, second, one] = [0, 1, 2].map(|k| extrapolated(k, last));
    let change = |k: usize, now: f64| (extrapolated(k, last - 1) / now - 1.0).abs();
    let relative_error = change(0, mean)
        .max(change(1, second))
        .max((one / single.mean - 1.0).abs())
        + single.relative_error;
    if relative_error.is_nan() || relative_error > WORST {
        return Err(Error::Failed(format!(
            "the first of {d} passages settled only to a relative accuracy of {}, not {WORST:.0e}",
            shown::accuracy(relative_error)
        )));
    }
    Ok(PassageTime {
        mean,
        second_moment: second,
        relative_error,
        looked: single.looked,
    })
}

#[cfg(test)]
mod tests {
    use super::super::interpretation::Interpretation;
    use super::super::panels::smooth;
    use super::*;

    #[test]
    fn free_walkers_from_a_wall() {
        // S(t) = (4/π) Σ (−1)ᵏ/(2k+1) exp(−(2k+1)²π²t/4) at b = D = 1; ∫S² dt term by term.
        let passage = FirstPassage {
            drift: &|_: f64| 0.0,
            diffusion: &|_: f64| 1.0,
            start: 0.0,
            exit: 1.0,
            reflecting: Some(0.0),
            breaks: &smooth,
            interpretation: Interpretation::Ito,
        };
        let pi = std::f64::consts::PI;
        let c = |k: i32| f64::from(1 - 2 * (k % 2)) / f64::from(2 * k + 1);
        let mut two = 0.0;
        for i in 0..2000 {
            for j in 0..2000 {
                let (p, q) = (f64::from(2 * i + 1), f64::from(2 * j + 1));
                two += (16.0 / (pi * pi)) * c(i) * c(j) / ((p * p + q * q) * pi * pi / 4.0);
            }
        }
        let found = first_of_many(&passage, 2).unwrap();
        assert!(
            (found.mean / two - 1.0).abs() < 1e-6 + found.relative_error,
            "{} {two}",
            found.mean
        );
        let one = first_of_many(&passage, 1).unwrap();
        assert!((one.mean / 0.5 - 1.0).abs() < 1e-7);
        assert!(first_of_many(&passage, 100_000).unwrap().mean < 0.03);
    }
}
