//! The workloads W1 to W8 of the speed comparison, one line of JSON each.
//!
//!     cargo run --release --example workload -- W1 --n 20000 --t 1000 --threads 1 --reps 5
//!     cargo run --release --example workload -- W1 --precision f32
//!
//! W1 to W5 are SGD, SGD with momentum, PNM, Adam and Adai on ten-dimensional Styblinski–Tang with additive
//! noise of σ = 30, until a coordinate passes the saddle or T steps; W6 and W7 are overdamped and
//! underdamped Langevin dynamics in the double well; W8 is SGD on minibatches of 10 out of 50,000 samples.

use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Instant;

use kramers::simulation::ensemble::{
    Course, Diffusing, End, Ensemble, Exit, Optimizing, Plan, Precision, Process,
};
use kramers::simulation::float::Float;
use kramers::simulation::landscape::Landscape;
use kramers::simulation::landscape::double_well::DoubleWell;
use kramers::simulation::landscape::styblinski_tang::StyblinskiTang;
use kramers::simulation::landscape::vectorised::Vectorised;
use kramers::simulation::noise::{Gaussian, Law, Minibatch, Oracle, Pool, Replacement, Shape};
use kramers::simulation::optimizer::{Values, registry};
use kramers::simulation::random::{Drawn, Stream};
use kramers::simulation::sde::{Baoab, Diffusion, EulerMaruyama, Overdamped, Underdamped};
use kramers::simulation::vector::Vector;
use serde_json::{Value, json};

const DIM: usize = 10;
const MINIMUM: f64 = -2.903_534_027_771_178;
const SADDLE: f64 = 0.156_731;
const DT: f64 = 0.01;
const TEMPERATURE: f64 = 0.25;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let name = arguments.first().map_or("W1", String::as_str);
    let number = |key: &str, default: u64| match arguments.iter().position(|a| a == key) {
        Some(at) => {
            let text = arguments.get(at + 1).map_or("", String::as_str);
            let wrong = |_| Failure::from(format!("{key} {text}: expected a whole number"));
            text.parse().map_err(wrong)
        }
        None => Ok(default),
    };
    let particles = match name {
        "W6" | "W7" => 1_000_000,
        "W8" => 2000,
        _ => 20_000,
    };
    let (n, t) = (number("--n", particles)?, number("--t", 1000)?);
    let (threads, reps) = (number("--threads", 2)?, number("--reps", 3)?);
    let seed = number("--seed", 1)?;
    let precision = match arguments.iter().position(|a| a == "--precision") {
        Some(at) => Precision::named(arguments.get(at + 1).map_or("", String::as_str)),
        None => Precision::F64,
    };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads as usize)
        .build_global()?;

    let asked = Asked {
        name,
        precision,
        n,
        t,
        threads,
        reps,
        seed,
    };
    match precision {
        Precision::F32 => asked.run(single(name)?),
        _ => asked.run(workload(name)?),
    }
}

/// What was asked for.
struct Asked<'a> {
    name: &'a str,
    precision: Precision,
    n: u64,
    t: u64,
    threads: u64,
    reps: u64,
    seed: u64,
}

impl Asked<'_> {
    fn run<F: Vector + Drawn>(&self, work: Workload<F>) -> Result<(), Failure> {
        let Workload {
            process,
            start,
            exit,
        } = work;
        let &Asked {
            name,
            precision,
            n,
            t,
            threads,
            reps,
            seed,
        } = self;
        let dim = process.dim();
        let run = |seed: u64| -> Result<Value, Failure> {
            let stream = precision.stream(seed, 1);
            let (stop, finished) = (AtomicBool::new(false), AtomicU64::new(0));
            let Some(exit) = exit else {
                let start = vec![start; dim];
                let memory = process.start(&start);
                let course = Course {
                    process: &*process,
                    stream: &stream,
                    particles: n,
                    start: &|_, theta, own| {
                        theta.copy_from_slice(&start);
                        own.copy_from_slice(&memory);
                    },
                    at: &Vec::from_iter((1..=10).map(|part| t * part / 10)),
                    lanes: None,
                };
                let seen = course.run(&stop, &finished).ok_or("stopped")?;
                return Ok(ending(name, seen.theta.last().ok_or("no steps")?));
            };
            let plan = Plan {
                particles: n,
                max_steps: t,
                start: vec![start; dim],
                exit: Exit::Above(exit),
                coordinate: None,
                lanes: None,
            };
            let ensemble = Ensemble {
                process: &*process,
                stream: &stream,
                plan: &plan,
            };
            let seen = ensemble.run_to_positions(&stop, &finished);
            let (exits, theta) = seen.ok_or("stopped")?;
            let mut checks = leaving(&exits.ends, &theta);
            // The share of lane-steps that moved a particle: what refilling lanes leaves idle.
            checks["useful_lane_steps"] =
                json!(exits.particle_steps as f64 / exits.lane_steps as f64);
            Ok(checks)
        };

        let clock = Instant::now();
        let checks = run(seed)?;
        let first = clock.elapsed().as_secs_f64();
        let (mut seconds, mut cpu) = (Vec::new(), Vec::new());
        for rep in 1..=reps {
            let (clock, before) = (Instant::now(), cpu_seconds());
            run(seed + rep)?;
            seconds.push(clock.elapsed().as_secs_f64());
            cpu.push(cpu_seconds() - before);
        }
        let work = (n * t) as f64 * dim as f64;
        let (wall, own) = (median(&seconds), median(&cpu));
        let line = json!({
            "peer": "kramers", "workload": name, "n": n, "d": dim, "t": t, "dtype": precision, "mode": "default",
            "threads": threads, "seconds": wall, "cpu_seconds": own, "seconds_all": seconds, "cpu_all": cpu,
            "first_call_seconds": first, "ns_per_particle_dim_step": wall * 1e9 / work,
            "cpu_ns_per_particle_dim_step": own * 1e9 / work, "peak_rss_mb": peak_memory(),
            "checks": checks,
        });
        println!("{line}");
        Ok(())
    }
}

/// What is run.
struct Workload<F: Float = f64> {
    process: Box<dyn Process<F>>,
    /// Every coordinate of every particle at the start.
    start: f64,
    /// Beyond what a particle has left, if it may leave.
    exit: Option<f64>,
}

/// η and the other values of W1 to W5, by rule.
fn rule(name: &str) -> Option<(&'static str, &'static [(&'static str, f64)])> {
    Some(match name {
        "W1" => ("sgd", &[("eta", 0.01)]),
        "W2" => (
            "heavy-ball",
            &[("eta", 0.001), ("beta1", 0.9), ("beta3", 1.0)],
        ),
        "W3" => ("pnm", &[("eta", 0.01), ("beta1", 0.9), ("beta0", 1.0)]),
        "W4" => (
            "adam",
            &[
                ("eta", 0.2),
                ("beta1", 0.9),
                ("beta2", 0.999),
                ("epsilon", 1e-8),
            ],
        ),
        "W5" => (
            "adai",
            &[
                ("eta", 0.01),
                ("beta0", 0.1),
                ("beta2", 0.99),
                ("epsilon", 1e-3),
            ],
        ),
        _ => return None,
    })
}

/// The process of `rule` on gradients from `oracle`.
fn optimizing<F: Float>(
    rule: &str,
    values: &[(&str, f64)],
    oracle: Box<dyn Oracle<F>>,
) -> Result<Box<dyn Process<F>>, Failure>
where
    Optimizing<F>: Process<F> + 'static,
{
    let entry = registry::find(rule).ok_or("no such rule")?;
    let defaults = Values::defaults(entry, 0.0);
    let values = values
        .iter()
        .fold(defaults, |all, (key, value)| all.with(key, *value));
    let optimizer = (entry.build)(&values);
    Ok(Box::new(Optimizing { oracle, optimizer }))
}

/// W1 to W5.
fn leaving_by<F: Float>(name: &str) -> Result<Option<Workload<F>>, Failure>
where
    Optimizing<F>: Process<F> + 'static,
    Gaussian: Oracle<F>,
{
    let Some((rule, values)) = rule(name) else {
        return Ok(None);
    };
    let noise = Gaussian::new(surface()?, Shape::Isotropic(30.0));
    Ok(Some(Workload {
        process: optimizing(rule, values, Box::new(noise))?,
        start: MINIMUM,
        exit: Some(SADDLE),
    }))
}

/// A workload in single precision.
fn single(name: &str) -> Result<Workload<f32>, Failure> {
    let why = "single precision is for W1 to W5";
    Ok(leaving_by(name)?.ok_or(why)?)
}

fn workload(name: &str) -> Result<Workload, Failure> {
    if let Some(leaving) = leaving_by(name)? {
        return Ok(leaving);
    }
    let staying = |process: Box<dyn Process>, start| Workload {
        process,
        start,
        exit: None,
    };
    match name {
        "W6" => {
            let sde = Overdamped::new(well()?, Diffusion::Constant(TEMPERATURE));
            let integrator = Box::new(EulerMaruyama::new(Box::new(sde)));
            Ok(staying(Box::new(Diffusing::new(integrator, DT)), -1.0))
        }
        "W7" => {
            let integrator = Box::new(Baoab::new(Underdamped::new(well()?, 1.0, TEMPERATURE)?));
            Ok(staying(Box::new(Diffusing::new(integrator, DT)), -1.0))
        }
        "W8" => {
            let pool = Pool::draw(&Stream::new(12_345, 0), Law::Normal, 1.0, 1.0, 50_000, DIM);
            let oracle = Minibatch::new(surface()?, pool, 10, Replacement::With);
            let process = optimizing("sgd", &[("eta", 0.01)], Box::new(oracle))?;
            Ok(staying(process, MINIMUM))
        }
        _ => Err(format!("{name}: expected W1 … W8").into()),
    }
}

fn surface() -> Result<Box<dyn Landscape>, Failure> {
    Ok(Box::new(Vectorised::new(StyblinskiTang::new(DIM)?)))
}

fn well() -> Result<Box<dyn Landscape>, Failure> {
    Ok(Box::new(Vectorised::new(DoubleWell::new(1)?)))
}

/// Share and mean step of the exits; mean and variance of the coordinates of those that stayed.
fn leaving(ends: &[End], theta: &[f64]) -> Value {
    let steps = ends.iter().filter_map(|end| match end {
        End::Exited(n) => Some(*n as f64),
        _ => None,
    });
    let stayed = ends.iter().zip(theta.chunks_exact(DIM));
    let stayed = stayed.filter(|(end, _)| matches!(end, End::Censored(_)));
    let (mean, variance) = moments(stayed.flat_map(|(_, theta)| theta).copied());
    let exits = steps.clone().count();
    json!({
        "exit_frac": exits as f64 / ends.len() as f64,
        "mean_exit_step": if exits == 0 { -1.0 } else { moments(steps).0 },
        "stay_mean": mean, "stay_var": variance,
    })
}

/// Mean and variance at the end, by the names that the comparison has for them.
fn ending(name: &str, theta: &[f64]) -> Value {
    let (mean, variance) = moments(theta.iter().copied());
    if name == "W8" {
        json!({ "exit_frac": 0.0, "mean_exit_step": -1.0, "stay_mean": mean, "stay_var": variance })
    } else {
        json!({ "mean_end": mean, "var_end": variance })
    }
}

/// Mean and variance, in two passes: a copy of the values would weigh on the memory that is reported.
fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let squares = values.map(|x| (x - mean).powi(2)).sum::<f64>();
    (mean, squares / n)
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Processor time of all threads, where the system tells it; else not a number, which JSON writes as null.
fn cpu_seconds() -> f64 {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else {
        return f64::NAN;
    };
    let of_one = |path: std::path::PathBuf| -> Option<f64> {
        let text = std::fs::read_to_string(path.join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse().ok()
    };
    let nanoseconds: f64 = threads.flatten().filter_map(|t| of_one(t.path())).sum();
    nanoseconds * 1e-9
}

/// Largest resident memory so far in MB, where the system tells it.
fn peak_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1024.0
}
