use std::f64::consts::PI;

use super::*;
use crate::exact::Interpretation;
use crate::exact::first_passage::FirstPassage;
use base::error::Result;

const READINGS: [Interpretation; 3] = [
    Interpretation::Ito,
    Interpretation::Stratonovich,
    Interpretation::AntiIto,
];

fn quartic(x: f64) -> f64 {
    x * x * x - x
}

/// Noise that varies by a factor of 3 over the well.
fn uneven(x: f64) -> f64 {
    0.05 * (1.5 + x.tanh())
}

fn line(
    axis: &Axis,
    slope: &dyn Fn(f64) -> f64,
    diffusion: &dyn Fn(f64) -> f64,
    interpretation: Interpretation,
) -> Result<Generator> {
    let equation = Equation {
        slope: &|point, _| slope(point[0]),
        diffusion: &|point, _| diffusion(point[0]),
        interpretation,
    };
    Generator::new(std::slice::from_ref(axis), &equation)
}

fn walls(points: &[f64], intervals: usize) -> Axis {
    Axis::through(points, intervals, End::Reflecting, End::Reflecting).unwrap()
}

#[test]
fn passage_times_converge_to_the_quadrature() {
    // Barriers of 2.5, 5 and 12.5 T, and noise that depends on the place in each reading.
    let constant = [(0.1, 0.0), (0.05, 1.0), (0.02, 0.0)]
        .map(|(t, exit)| (Some(t), exit, Interpretation::Ito));
    let depending = READINGS.map(|reading| (None, 0.5, reading));
    for (t, exit, interpretation) in constant.into_iter().chain(depending) {
        let diffusion = |x: f64| t.unwrap_or_else(|| uneven(x));
        let exact = FirstPassage {
            drift: &quartic,
            diffusion: &diffusion,
            start: -1.0,
            exit,
            reflecting: Some(-2.2),
            breaks: &crate::exact::smooth,
            interpretation,
        };
        let exact = exact.solve().unwrap().time().unwrap().mean;
        let found = refined(
            |level| {
                let points = [-2.2, -1.0, exit];
                let intervals = 200 << level;
                let axis = Axis::through(&points, intervals, End::Reflecting, End::Absorbing)?;
                let times = line(&axis, &quartic, &diffusion, interpretation)?.mean_passage()?;
                Ok(times[axis.nearest(-1.0)])
            },
            2e-7,
            8,
        )
        .unwrap();
        assert!(
            (found.value / exact - 1.0).abs() < 1e-6,
            "{interpretation:?} {exit}: {} {exact}",
            found.value
        );
    }
}

#[test]
fn without_extrapolation_the_error_falls_as_the_square_of_the_spacing() {
    let exact = 3.619_037_595_009e2;
    let error = |intervals| {
        let points = [-2.2, -1.0, 0.0];
        let axis = Axis::through(&points, intervals, End::Reflecting, End::Absorbing).unwrap();
        let chain = line(&axis, &quartic, &|_| 0.05, Interpretation::Ito).unwrap();
        chain.mean_passage().unwrap()[axis.nearest(-1.0)] / exact - 1.0
    };
    let (coarse, fine) = (error(220), error(440));
    assert!((coarse / fine - 4.0).abs() < 0.1, "{coarse} {fine}");
}

#[test]
fn steady_states_are_the_closed_form_at_every_node() {
    // p ∝ D^(a − 1) e^−Φ with Φ = ∫L′/D, here by its own quadrature on the grid.
    for reading in READINGS {
        let axis = walls(&[-2.0, 2.0], 400);
        let chain = line(&axis, &quartic, &uneven, reading).unwrap();
        let steady = chain.steady().unwrap();
        assert!((steady.iter().sum::<f64>() - 1.0).abs() < 1e-14);
        assert!(steady.iter().all(|p| *p > 0.0));
        let nodes = axis.nodes();
        let mut phi = 0.0;
        let mut closed = Vec::new();
        for (i, x) in nodes.iter().enumerate() {
            if i > 0 {
                // Simpson's rule on 20 parts of an interval of 0.01: 1e-13 of Φ.
                let (from, parts) = (nodes[i - 1], 20);
                let h = (x - from) / f64::from(parts);
                let f = |k: f64| quartic(from + k * h) / uneven(from + k * h);
                for k in 0..parts {
                    let k = f64::from(k);
                    phi += h / 6.0 * (f(k) + 4.0 * f(k + 0.5) + f(k + 1.0));
                }
            }
            let exponent = reading.exponent() - 1.0;
            closed.push(uneven(*x).powf(exponent) * (-phi).exp() * chain.volumes()[i]);
        }
        let total: f64 = closed.iter().sum();
        for (p, q) in steady.iter().zip(&closed) {
            assert!((p * total / q - 1.0).abs() < 1e-8, "{p} {q}");
        }
    }
}

#[test]
fn mass_is_conserved_and_densities_stay_positive() {
    // A particle at one node: the sharpest density there is.
    let axis = walls(&[-2.0, 2.0], 300);
    let chain = line(&axis, &quartic, &uneven, Interpretation::Ito).unwrap();
    let mut start = vec![0.0; chain.len()];
    start[axis.nearest(-1.0)] = 1.0;
    for t in [0.0, 1e-4, 0.3, 40.0] {
        let law = chain.evolve(&start, t).unwrap();
        // 300 nodes and up to 2e5 jumps, each rounded to 1e-16.
        assert!((law.iter().sum::<f64>() - 1.0).abs() < 1e-10, "{t}");
        assert!(law.iter().all(|p| *p >= 0.0), "{t}");
    }
    // The steady state is left as it is.
    let steady = chain.steady().unwrap();
    let later = chain.evolve(&steady, 10.0).unwrap();
    for (p, q) in steady.iter().zip(&later) {
        assert!((p - q).abs() < 1e-12);
    }
}

#[test]
fn an_ornstein_uhlenbeck_density_moves_as_it_should() {
    // Mean e^−t and variance T(1 − e^−2t) from θ = 1. Central differences keep a linear mean; the variance
    // is off by h²(…)/12 at most, with h = 0.01.
    let axis = walls(&[-3.0, 4.0], 700);
    let chain = line(&axis, &|x| x, &|_| 0.2, Interpretation::Ito).unwrap();
    let mut start = vec![0.0; chain.len()];
    start[axis.nearest(1.0)] = 1.0;
    let law = chain.evolve(&start, 0.7).unwrap();
    let mean: f64 = law.iter().zip(axis.nodes()).map(|(p, x)| p * x).sum();
    let second: f64 = law.iter().zip(axis.nodes()).map(|(p, x)| p * x * x).sum();
    assert!((mean - (-0.7f64).exp()).abs() < 1e-4, "{mean}");
    let variance = 0.2 * -(-1.4f64).exp_m1();
    assert!((second - mean * mean - variance).abs() < 1e-4);
}

#[test]
fn what_is_absorbed_leaves_at_the_slowest_rate() {
    let axis = Axis::through(&[-2.0, -1.0, 0.2], 300, End::Reflecting, End::Absorbing).unwrap();
    let chain = line(&axis, &quartic, &|_| 0.05, Interpretation::Ito).unwrap();
    let mode = chain.escape().unwrap();
    assert!((mode.shape.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let later = chain.evolve(&mode.shape, 20.0).unwrap();
    let left: f64 = later.iter().sum();
    assert!((left.ln() / (-20.0 * mode.rate) - 1.0).abs() < 1e-9);
    // From the quasi-stationary law the time is 1/λ exactly.
    let times = chain.mean_passage().unwrap();
    let mean: f64 = times.iter().zip(&mode.shape).map(|(t, p)| t * p).sum();
    assert!((mean * mode.rate - 1.0).abs() < 1e-9);
    assert!(chain.steady().is_err() && chain.relaxation().is_err());
}

#[test]
fn known_eigenvalues() {
    // Free diffusion between walls: π²; a parabola far inside its walls: its curvature; a circle: (2π)²,
    // where two modes share a rate.
    let still = |_: f64| 0.0;
    let free = |level: u32| {
        let axis = walls(&[0.0, 1.0], 40 << level);
        let chain = line(&axis, &still, &|_| 1.0, Interpretation::Ito)?;
        Ok(chain.relaxation()?.rate)
    };
    let found = refined(free, 1e-8, 6).unwrap().value;
    assert!((found / (PI * PI) - 1.0).abs() < 1e-7, "{found}");
    let parabola = |level: u32| {
        let axis = walls(&[-3.0, 3.0], 100 << level);
        let chain = line(&axis, &|x| 2.0 * x, &|_| 0.3, Interpretation::Ito)?;
        Ok(chain.relaxation()?.rate)
    };
    let found = refined(parabola, 1e-8, 6).unwrap().value;
    assert!((found / 2.0 - 1.0).abs() < 1e-7, "{found}");
    let circle = Axis::circle(0.0, 1.0, 400).unwrap();
    let chain = line(&circle, &still, &|_| 1.0, Interpretation::Ito).unwrap();
    let found = chain.relaxation().unwrap().rate;
    assert!((found / (4.0 * PI * PI) - 1.0).abs() < 1e-4, "{found}");
}

#[test]
fn a_current_round_a_circle_keeps_its_mass() {
    // A constant force drives a current; the steady state is even. With a hill it is not, but the
    // current is the same everywhere.
    let circle = Axis::circle(0.0, 1.0, 60).unwrap();
    let even = line(&circle, &|_| -3.0, &|_| 0.1, Interpretation::Ito).unwrap();
    for p in even.steady().unwrap() {
        assert!((p * 60.0 - 1.0).abs() < 1e-12);
    }
    let hill = |x: f64| -3.0 + 2.0 * (2.0 * PI * x).cos();
    let chain = line(&circle, &hill, &|_| 0.1, Interpretation::Ito).unwrap();
    let law = chain.steady().unwrap();
    let currents: Vec<f64> = (0..60)
        .map(|i| {
            let next = (i + 1) % 60;
            chain
                .jumps
                .iter()
                .map(|&(from, to, rate)| match (from, to) {
                    (from, to) if from == i && to == next => law[i] * rate,
                    (from, to) if from == next && to == i => -law[next] * rate,
                    _ => 0.0,
                })
                .sum()
        })
        .collect();
    for current in &currents {
        assert!(*current > 0.0 && (current / currents[0] - 1.0).abs() < 1e-10);
    }
}

#[test]
fn two_dimensions_that_know_nothing_of_each_other() {
    // The same chains along both axes: the time over one end is that of one dimension, and rates add.
    let exit = Axis::through(&[-2.0, -1.0, 0.0], 40, End::Reflecting, End::Absorbing).unwrap();
    let across = walls(&[-1.5, 2.0], 30);
    for reading in READINGS {
        let one = line(&exit, &quartic, &uneven, reading).unwrap();
        let equation = Equation {
            slope: &|p, i| if i == 0 { quartic(p[0]) } else { 2.0 * p[1] },
            diffusion: &|p, _| uneven(p[0]),
            interpretation: reading,
        };
        let both = Generator::new(&[exit.clone(), across.clone()], &equation).unwrap();
        let (times, single) = (both.mean_passage().unwrap(), one.mean_passage().unwrap());
        for (node, time) in times.iter().enumerate() {
            let places = both.places(node);
            assert_eq!(both.node(&places), node);
            assert!((time / single[places[0]] - 1.0).abs() < 1e-9);
        }
        let (rate, single) = (both.escape().unwrap().rate, one.escape().unwrap().rate);
        assert!((rate / single - 1.0).abs() < 1e-8);
    }
    let equation = Equation {
        slope: &|p, i| quartic(p[i]),
        diffusion: &|_, i| if i == 0 { 0.05 } else { 0.1 },
        interpretation: Interpretation::Ito,
    };
    let both = Generator::new(&[exit.clone(), exit.clone()], &equation).unwrap();
    let alone = [0.05, 0.1].map(|t| {
        let chain = line(&exit, &quartic, &|_| t, Interpretation::Ito).unwrap();
        chain.escape().unwrap().rate
    });
    let rate = both.escape().unwrap().rate;
    assert!((rate / (alone[0] + alone[1]) - 1.0).abs() < 1e-9);
    let closed = Generator::new(
        &[walls(&[-2.0, 2.0], 40), walls(&[-1.9, 2.0], 40)],
        &equation,
    )
    .unwrap();
    let slow = line(
        &walls(&[-2.0, 2.0], 40),
        &quartic,
        &|_| 0.05,
        Interpretation::Ito,
    )
    .unwrap();
    let expected = slow.relaxation().unwrap().rate;
    assert!((closed.relaxation().unwrap().rate / expected - 1.0).abs() < 1e-8);
}

#[test]
fn a_square_that_absorbs() {
    // ∇²T = −1 on [−1, 1]²: T(0) = 0.294685413126… (Poisson's equation by its Fourier series), and the
    // slowest mode decays at π²/2.
    let series: f64 = (0..40)
        .map(|k| {
            let n = f64::from(2 * k + 1);
            let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
            sign / (n.powi(3) * (0.5 * PI * n).cosh())
        })
        .sum();
    let exact = 0.5 - 16.0 / PI.powi(3) * series;
    let chain = |level: u32| {
        let axis = Axis::through(
            &[-1.0, 0.0, 1.0],
            8 << level,
            End::Absorbing,
            End::Absorbing,
        )?;
        let equation = Equation {
            slope: &|_, _| 0.0,
            diffusion: &|_, _| 1.0,
            interpretation: Interpretation::Ito,
        };
        Generator::new(&[axis.clone(), axis], &equation)
    };
    let time = refined(
        |level| {
            let chain = chain(level)?;
            Ok(chain.mean_passage()?[chain.len() / 2])
        },
        1e-6,
        4,
    )
    .unwrap();
    assert!(
        (time.value / exact - 1.0).abs() < 2e-6,
        "{} {exact}",
        time.value
    );
    let rate = refined(|level| Ok(chain(level)?.escape()?.rate), 1e-6, 4).unwrap();
    assert!((rate.value / (0.5 * PI * PI) - 1.0).abs() < 2e-6);
}

#[test]
fn what_cannot_be_solved_is_told() {
    let axis = walls(&[-1.0, 1.0], 10);
    let closed = line(&axis, &quartic, &|_| 0.1, Interpretation::Ito).unwrap();
    assert!(closed.closed() && !closed.is_empty());
    assert!(closed.mean_passage().is_err());
    assert!(closed.escape().is_err());
    assert!(closed.evolve(&[1.0], 1.0).is_err());
    assert!(closed.evolve(&[0.0; 11], -1.0).is_err());
    let circle = Axis::circle(0.0, 2.0 * PI, 11).unwrap();
    let round = line(&circle, &f64::sin, &|_| 0.1, Interpretation::Ito).unwrap();
    assert!(round.evolve(&[0.0; 11], 1e12).is_err());
    assert!(line(&axis, &quartic, &|_| 0.0, Interpretation::Ito).is_err());
    assert!(line(&axis, &|_| f64::NAN, &|_| 1.0, Interpretation::Ito).is_err());
    let equation = Equation {
        slope: &|_, _| 0.0,
        diffusion: &|_, _| 1.0,
        interpretation: Interpretation::Ito,
    };
    assert!(Generator::new(&[], &equation).is_err());
    let three = [axis.clone(), axis.clone(), axis];
    assert!(Generator::new(&three, &equation).is_err());
}

/// A long time by the contour against the same in pieces by the series.
#[test]
fn a_long_time_by_the_contour_is_that_of_many_short_ones() {
    let axis = Axis::through(&[-2.0, 0.5, 2.5], 300, End::Reflecting, End::Reflecting).unwrap();
    let begin = axis.nearest(0.5);
    let equation = Equation {
        slope: &|p, _| p[0].powi(3) - p[0],
        diffusion: &|p, _| 0.3 + 0.1 * p[0] * p[0],
        interpretation: Interpretation::Stratonovich,
    };
    let chain = Generator::new(&[axis], &equation).unwrap();
    let mut start = vec![0.0; chain.len()];
    start[begin] = 1.0;
    let long = chain.evolve(&start, 20.0).unwrap();
    let mut pieces = start;
    for _ in 0..40 {
        pieces = chain.evolve(&pieces, 0.5).unwrap();
    }
    let apart = long
        .iter()
        .zip(&pieces)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max);
    assert!(apart < 1e-13, "{apart}");
    assert!((long.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}
