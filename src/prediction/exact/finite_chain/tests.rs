//! Chains whose exits are known by hand, by a matrix of another kind, or by simulation.

use super::*;
use nalgebra::{DMatrix, DVector};

/// A walk on 0, 1, 2, … from 3, up with p = 0.3 and down with 0.7, thrown back to 5 from 6: the mean time to 0 from
/// T(k) = 1 + 0.3 T(k + 1) + 0.7 T(k − 1), solved by hand for T(5) = 1 + 0.3 T(5) + 0.7 T(4).
#[test]
fn a_walk_by_hand() {
    let moves = |theta: f64, to: &mut [f64]| {
        to[0] = (theta + 1.0).min(5.0);
        to[1] = theta - 1.0;
    };
    let chain = FiniteChain {
        moves: &moves,
        chances: &[0.3, 0.7],
        start: 3.0,
        exit: 0.5,
    };
    // D_k = T(k) − T(k − 1): D_5 = 1/0.7, D_k = (1 + 0.3 D_{k+1})/0.7; T(3) = D_1 + D_2 + D_3, where T(0) = 0.
    let mut d = [0.0; 7];
    for k in (1..=5).rev() {
        d[k] = (1.0 + 0.3 * d[k + 1]) / 0.7;
    }
    let expected = d[1] + d[2] + d[3];
    let found = chain.watched(2000).unwrap();
    assert!((found.exited - 1.0).abs() < 1e-12);
    // The nodes do not fall on whole numbers; the grid smears a place over less than a spacing, 0.4 % of a step.
    assert!(
        (found.time / expected - 1.0).abs() < 5e-3,
        "{} {expected}",
        found.time
    );
    // It comes to five places only, so that nothing is smeared; mirrored too.
    let mean = chain.mean().unwrap();
    assert!(
        (mean.mean / expected - 1.0).abs() <= mean.relative_error && mean.relative_error < 1e-11
    );
    let mirrored = FiniteChain {
        moves: &|theta, to| {
            moves(-theta, to);
            to.iter_mut().for_each(|x| *x = -*x);
        },
        start: -3.0,
        exit: -0.5,
        ..chain
    };
    assert_eq!(mirrored.mean().unwrap(), mean);
    // A lattice point at the exit is out or not by rounding.
    let tied = FiniteChain { exit: 1.0, ..chain };
    assert!(
        tied.mean()
            .unwrap_err()
            .to_string()
            .contains("rounding decides")
    );
}

/// From everywhere out with chance 0.1: S_n = 0.9ⁿ, without any error of the grid.
#[test]
fn a_constant_chance() {
    let moves = |theta: f64, to: &mut [f64]| {
        to[0] = -1.0;
        to[1] = 1.0 + 0.3 * (theta - 1.0);
    };
    let chain = FiniteChain {
        moves: &moves,
        chances: &[0.1, 0.9],
        start: 1.3,
        exit: 0.0,
    };
    let found = chain.watched(20).unwrap();
    let left = 0.9f64.powi(20);
    assert!((found.exited - (1.0 - left)).abs() < 1e-13);
    assert!((found.time - 10.0 * (1.0 - left)).abs() < 1e-12);
    assert!((found.rate() - 0.1).abs() < 1e-13);
    assert!((chain.mean().unwrap().mean - 10.0).abs() < 1e-11);
}

#[test]
fn what_is_no_chain_is_refused() {
    let up = |theta: f64, to: &mut [f64]| to.fill(theta + 1.0);
    let of = |chances: &'static [f64], start| FiniteChain {
        moves: &up,
        chances,
        start,
        exit: 0.0,
    };
    assert!(of(&[1.0], 0.0).watched(3).is_err());
    assert!(of(&[0.4, 0.4], 1.0).watched(3).is_err());
    for error in [
        of(&[1.0], 1.0).watched(3).err(),
        of(&[1.0], 1.0).mean().err(),
    ] {
        let error = error.unwrap().to_string();
        assert!(error.contains("without end"), "{error}");
    }
    let stuck = FiniteChain {
        moves: &|theta, to| to.fill(1.0 + 0.5 * (theta - 1.0)),
        ..of(&[1.0], 1.3)
    };
    let error = stuck.mean().unwrap_err().to_string();
    assert!(error.contains("infinite"), "{error}");
}

/// Minibatches of 1 of ¼(θ² − 1)² + xθ over the examples x, from the well at −1 over `exit`.
fn well<'a>(eta: f64, x: &'a [f64]) -> impl Fn(f64, &mut [f64]) + 'a {
    move |theta, to| {
        for (to, x) in to.iter_mut().zip(x) {
            *to = theta - eta * (theta * theta * theta - theta + x);
        }
    }
}

/// The same time by piecewise constants at `count` nodes: T at the nodes alone, each move's end at the nearest of them, dense, by LU.
fn by_nodes(
    moves: &dyn Fn(f64, &mut [f64]),
    kinds: usize,
    start: f64,
    exit: f64,
    low: f64,
    count: usize,
) -> f64 {
    let width = (exit - low) / count as f64;
    let place =
        |x: f64| (x <= exit).then(|| (((x - low) / width).max(0.0) as usize).min(count - 1));
    let mut matrix = DMatrix::identity(count, count);
    let mut to = vec![0.0; kinds];
    for i in 0..count {
        moves(low + width * (i as f64 + 0.5), &mut to);
        for x in &to {
            if let Some(j) = place(*x) {
                matrix[(i, j)] -= 1.0 / kinds as f64;
            }
        }
    }
    let times = matrix
        .lu()
        .solve(&DVector::from_element(count, 1.0))
        .unwrap();
    moves(start, &mut to);
    1.0 + to
        .iter()
        .filter_map(|x| place(*x))
        .map(|i| times[i] / kinds as f64)
        .sum::<f64>()
}

/// SplitMix64 (Steele, Lea and Flood 2014), as numbers below `below`.
fn numbers(mut state: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (((z ^ (z >> 31)) >> 32) as usize * below) >> 32
    }
}

/// Exits from the well at −1 over several boundaries, of pools of 2 to 50 examples, against nodes of another kind (1000 of them, whose
/// error falls as their spacing: 3 %) and against 10,000 simulated paths: within 4 standard errors of their mean and the printed error
/// together (seed 1; α = 6e-5 each).
#[test]
fn exits_of_a_well_over_examples() {
    let mut next = numbers(1);
    for (kinds, eta, size, exit) in [
        (2, 0.1, 1.5, 0.0),
        (3, 0.2, 1.0, 0.3),
        (10, 0.1, 1.5, 0.0),
        (50, 0.05, 2.0, -0.3),
    ] {
        let mut x: Vec<f64> = (0..kinds)
            .map(|k| size * (k as f64 * 0.754_877_666).fract())
            .collect();
        let mean = x.iter().sum::<f64>() / kinds as f64;
        x.iter_mut().for_each(|x| *x = 2.0 * (*x - mean));
        let moves = well(eta, &x);
        let chances = vec![1.0 / kinds as f64; kinds];
        let chain = FiniteChain {
            moves: &moves,
            chances: &chances,
            start: -1.0,
            exit,
        };
        let found = chain.mean().unwrap();
        let nodes = by_nodes(&moves, kinds, -1.0, exit, -3.0, 1000);
        assert!(
            (found.mean / nodes - 1.0).abs() < 0.03 + found.relative_error,
            "{kinds}: {found:?} {nodes}"
        );
        let n = 10_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let (mut theta, mut steps) = (-1.0f64, 0.0);
            while theta <= exit {
                let k = next(kinds);
                theta -= eta * (theta * theta * theta - theta + x[k]);
                steps += 1.0;
            }
            sum += steps;
            squares += steps * steps;
        }
        let measured = sum / n as f64;
        let error = ((squares / n as f64 - measured * measured) / n as f64).sqrt();
        println!("{kinds}: {found:?} {nodes} {measured} ± {error}");
        assert!(
            (found.mean - measured).abs() <= 4.0 * error + found.relative_error * found.mean,
            "{kinds}: {found:?} {measured} ± {error}"
        );
    }
}

/// The law of θ' = aθ + b_k: its mean and second moment after 1, 30 and 5000 steps and in the long run from their recursions, and
/// E cos θ in the long run as the product over n of Σ_k p_k exp(i aⁿ b_k).
#[test]
fn the_law_of_a_contraction() {
    let (a, b, p) = (0.9, [-0.3, 0.1, 0.7], [0.5, 0.3, 0.2]);
    let chain = FreeChain {
        moves: &|theta, to| {
            for (to, b) in to.iter_mut().zip(b) {
                *to = a * theta + b;
            }
        },
        chances: &p,
        start: 1.5,
    };
    let mean = |f: &dyn Fn(f64) -> f64| -> f64 { b.iter().zip(p).map(|(b, p)| p * f(*b)).sum() };
    let (first, second) = (mean(&|b| b), mean(&|b| b * b));
    let holds = |found: (f64, f64), right: f64, what: &str| {
        let (value, error) = found;
        println!("{what}: {value} ± {error:e}, {right}");
        assert!(
            (value - right).abs() <= error + 1e-13 && error < 1e-6,
            "{what}: {value} ± {error}, {right}"
        );
    };
    let (mut m, mut s) = (1.5, 2.25);
    for n in 1..=5000u64 {
        s = a * a * s + 2.0 * a * m * first + second;
        m = a * m + first;
        if [1, 30, 5000].contains(&n) {
            let law = FiniteLaw::of(chain, Some(n)).unwrap();
            holds(law.mean(&|x| x), m, &format!("{n}: θ"));
            holds(law.mean(&|x| x * x), s, &format!("{n}: θ²"));
        }
    }
    let (mut real, mut imaginary) = (1.0, 0.0);
    for n in 0..600 {
        let scale = a.powi(n);
        let (c, d) = (mean(&|b| (scale * b).cos()), mean(&|b| (scale * b).sin()));
        (real, imaginary) = (real * c - imaginary * d, real * d + imaginary * c);
    }
    let law = FiniteLaw::of(chain, None).unwrap();
    holds(law.mean(&|x| x), m, "θ");
    holds(law.mean(&f64::cos), real, "cos");
    // 0.9ⁿ = 2e-9 at n = 190.
    let steps = FiniteLaw::settles(chain).unwrap();
    assert!((128..=512).contains(&steps), "{steps}");
}

/// Where one of two wells is never left, the long run has no law that does not know the start; nor has a chain that goes to and fro.
#[test]
fn a_start_that_is_never_forgotten() {
    let apart = FreeChain {
        moves: &|theta: f64, to: &mut [f64]| {
            let middle = theta - 0.2 * (theta * theta * theta - theta);
            to.copy_from_slice(&[middle - 0.05, middle + 0.05]);
        },
        chances: &[0.5, 0.5],
        start: 0.0,
    };
    let to_and_fro = FreeChain {
        moves: &|theta: f64, to: &mut [f64]| to.fill(-theta),
        start: 0.5,
        ..apart
    };
    for chain in [apart, to_and_fro] {
        assert!(FiniteLaw::of(chain, None).is_err());
        assert!(FiniteLaw::settles(chain).is_err());
    }
}
