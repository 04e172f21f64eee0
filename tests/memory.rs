//! What a run holds beyond its results does not grow with the number of particles or of steps.

use std::sync::atomic::{AtomicBool, AtomicU64};

use kramers::simulation::ensemble::{Course, Ensemble, Exit, Optimizing, Plan, Process};
use kramers::simulation::landscape::styblinski_tang::StyblinskiTang;
use kramers::simulation::noise::{Gaussian, Shape};
use kramers::simulation::optimizer::sgd::Sgd;
use kramers::simulation::random::Stream;

const DIM: usize = 10;
const MEGABYTE: f64 = 1e6;

/// Largest resident memory so far, in bytes, where the system tells it.
fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? * 1024.0)
}

fn process() -> Box<dyn Process> {
    let surface = Box::new(StyblinskiTang::new(DIM).unwrap());
    Box::new(Optimizing {
        oracle: Box::new(Gaussian::new(surface, Shape::Isotropic(30.0))),
        optimizer: Box::new(Sgd::new(0.01)),
    })
}

fn leave(particles: u64, max_steps: u64) -> f64 {
    let plan = Plan {
        particles,
        max_steps,
        start: vec![-2.9; DIM],
        exit: Exit::Above(0.16),
        coordinate: None,
        lanes: None,
    };
    let (process, stream) = (process(), Stream::new(1, 1));
    let ensemble = Ensemble {
        process: &*process,
        stream: &stream,
        plan: &plan,
    };
    let never = AtomicBool::new(false);
    let (exits, theta) = (ensemble.run_to_positions(&never, &AtomicU64::new(0))).unwrap();
    assert!(theta.iter().all(|x| *x != 0.0));
    (size_of_val(&exits.ends[..]) + size_of_val(&theta[..])) as f64
}

fn stay(particles: u64, looks: &[u64]) -> f64 {
    let (process, stream) = (process(), Stream::new(1, 2));
    let course = Course {
        process: &*process,
        stream: &stream,
        particles,
        start: &|_, theta, _| theta.fill(-2.9),
        at: looks,
        lanes: None,
    };
    let never = AtomicBool::new(false);
    let seen = course.run(&never, &AtomicU64::new(0)).unwrap();
    let bytes = seen.theta.iter().map(|look| {
        assert!(look.iter().all(|x| *x != 0.0));
        size_of_val(&look[..])
    });
    bytes.sum::<usize>() as f64
}

/// One test, in a program of its own: the peak is the process's.
#[test]
fn beyond_its_output_a_run_holds_less_than_ten_megabytes() {
    // What all runs need: threads, code, tables.
    leave(1000, 10);
    stay(1000, &[5, 10]);
    let Some(before) = peak() else {
        return;
    };
    let held = |output: f64| {
        let beyond = peak().unwrap_or(f64::NAN) - before - output;
        assert!(output > 25.0 * MEGABYTE);
        assert!(beyond < 10.0 * MEGABYTE, "{} MB", beyond / MEGABYTE);
    };
    held(leave(300_000, 4));
    held(stay(150_000, &[2, 3, 4]));
}
