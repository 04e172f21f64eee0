use super::*;
use crate::ensemble::{Block, Diffusing, Workspace};
use crate::landscape::double_well::DoubleWell;
use crate::random::cell_key;
use crate::sde::{Diffusion, EulerMaruyama, Overdamped};
use statrs::distribution::{ContinuousCDF, Normal};

/// A walk on 0, 1, 2, …: up with probability `up`, else down, but at 0 it stays. Its memory counts its steps.
struct Walk {
    up: f64,
}

impl Process for Walk {
    fn dim(&self) -> usize {
        1
    }
    fn start(&self, _: &[f64]) -> Vec<f64> {
        vec![0.0]
    }
    fn normals(&self) -> usize {
        1
    }
    fn scratch(&self, _: usize) -> usize {
        0
    }
    fn continuous(&self) -> bool {
        false
    }
    fn step(&self, block: &mut Block, _: &Stream, normals: &[f64], _: &mut Workspace) {
        let above = -Normal::standard().inverse_cdf(self.up);
        for (x, xi) in block.theta.iter_mut().zip(normals) {
            let by = if *xi > above { 1.0 } else { -1.0 };
            *x = (*x + by).max(0.0);
        }
        block.memory.iter_mut().for_each(|n| *n += 1.0);
    }
}

const UP: f64 = 0.3;
const TOP: i32 = 8;

fn scheme(replicas: usize, kill: usize) -> Scheme {
    Scheme {
        start: vec![0.0],
        level: Level {
            sign: 1.0,
            coordinate: None,
        },
        basin: 0.5,
        surface: 0.5,
        exit: f64::from(TOP) - 0.5,
        replicas,
        kill,
        burn_in: 2,
        cycles: 4,
        max_steps: 1_000_000,
    }
}

/// Mean and standard error of p̂ and of the cycle over many runs.
fn many(process: &dyn Process, scheme: &Scheme, runs: u64, seed: u64) -> [(f64, f64); 2] {
    let mut sums = [[0.0; 2]; 2];
    for i in 0..runs {
        let stream = Stream::new(seed, i);
        let split = Splitting {
            process,
            stream: &stream,
            scheme,
        };
        let found = split.run().unwrap();
        for (sum, x) in sums.iter_mut().zip([found.probability, found.cycle]) {
            sum[0] += x;
            sum[1] += x * x;
        }
    }
    let n = runs as f64;
    sums.map(|[sum, squares]| {
        let mean = sum / n;
        (mean, ((squares / n - mean * mean) / (n - 1.0)).sqrt())
    })
}

/// Gambler's ruin: from 1 the walk reaches L before 0 with p = (r − 1)/(r^L − 1), r = (1 − u)/u. On a
/// lattice nearly every level is a tie, where only the version that drops all of them is unbiased. A few
/// replicas and many runs: any bias would show, since the error of the mean is far below the spread of a
/// run. 4 standard errors, once in 15 800 for each of the six.
#[test]
fn few_replicas_are_unbiased_even_where_all_levels_tie() {
    let r = (1.0 - UP) / UP;
    let exact = (r - 1.0) / (r.powi(TOP) - 1.0);
    for (replicas, kill, runs) in [(10, 1, 6000), (10, 4, 6000), (3, 1, 12_000)] {
        let found = many(&Walk { up: UP }, &scheme(replicas, kill), runs, 11);
        let (p, error) = found[0];
        assert!(
            (p - exact).abs() < 4.0 * error,
            "{p} ± {error} against {exact}"
        );
        // The test can fail: the mean is known to better than a tenth.
        assert!(error < 0.1 * exact, "{error}");
    }
}

/// The mean exit step from 0 by the walk's own recursion: hₖ, the steps from k to k + 1, are
/// h₀ = 1/u and hₖ = (1 + (1 − u) hₖ₋₁)/u.
#[test]
fn the_cycle_over_p_is_the_mean_exit_step() {
    let mut h = 1.0 / UP;
    let mut exact = h;
    for _ in 1..TOP {
        h = (1.0 + (1.0 - UP) * h) / UP;
        exact += h;
    }
    let [(p, dp), (cycle, dc)] = many(&Walk { up: UP }, &scheme(40, 2), 6000, 5);
    let rate = p / cycle;
    let error = rate * (dp / p).hypot(dc / cycle);
    assert!(
        (rate * exact - 1.0).abs() < 4.0 * error * exact,
        "{rate} ± {error} against {}",
        1.0 / exact
    );
    assert!(error * exact < 0.01);
}

#[test]
fn a_run_is_its_stream_and_nothing_else() {
    let sde = Overdamped::new(
        Box::new(DoubleWell::new(2).unwrap()),
        Diffusion::Constant(0.03),
    );
    let process = Diffusing::new(Box::new(EulerMaruyama::new(Box::new(sde))), 0.01);
    let scheme = Scheme {
        start: vec![-1.0, -1.0],
        level: Level {
            sign: 1.0,
            coordinate: Some(1),
        },
        basin: -1.0,
        surface: -0.9,
        exit: 0.0,
        replicas: 80,
        kill: 4,
        ..scheme(0, 0)
    };
    let run = |cell: &str| {
        let stream = Stream::new(3, cell_key(cell));
        let splitting = Splitting {
            process: &process,
            stream: &stream,
            scheme: &scheme,
        };
        splitting.run().unwrap()
    };
    let first = run("a");
    assert_eq!(first, run("a"));
    assert_ne!(first.probability, run("b").probability);
    assert!(first.probability > 0.0 && first.levels > 20, "{first:?}");
    // One coordinate of two independent ones leaves as it would alone; −ln p is near ΔL/T = 8.3.
    assert!((4.0..12.0).contains(&-first.probability.ln()), "{first:?}");
}

#[test]
fn a_path_that_never_ends_and_one_that_diverges_are_told() {
    let stream = Stream::new(1, 1);
    let told = |process: &dyn Process, scheme: &Scheme| {
        let splitting = Splitting {
            process,
            stream: &stream,
            scheme,
        };
        splitting.run().unwrap_err().to_string()
    };
    let short = Scheme {
        max_steps: 3,
        ..scheme(10, 1)
    };
    assert!(told(&Walk { up: UP }, &short).contains("max_steps"));
    let steep = Overdamped::new(
        Box::new(DoubleWell::new(1).unwrap()),
        Diffusion::Constant(1e3),
    );
    let process = Diffusing::new(Box::new(EulerMaruyama::new(Box::new(steep))), 10.0);
    let open = Scheme {
        start: vec![-1.0],
        basin: -1.0,
        surface: 1e200,
        exit: 1e300,
        ..scheme(10, 1)
    };
    assert!(told(&process, &open).contains("no longer finite"));
}
