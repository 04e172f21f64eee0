//! Cost of a particle-coordinate-step: normals alone, and every optimizer on 10-D Styblinski–Tang with
//! additive noise, on one thread.
//!
//! Divan prints time per batch and items per second, an item being one particle-coordinate-step;
//! nanoseconds per item are the inverse. Compare the rows of one run with each other, not with another day's.

use std::sync::atomic::{AtomicBool, AtomicU64};

use divan::counter::ItemsCount;
use kramers::simulation::ensemble::{End, Ensemble, Exit, Optimizing, Plan};
use kramers::simulation::landscape::registry::{Settings, build};
use kramers::simulation::noise::{Gaussian, Shape};
use kramers::simulation::optimizer::{Values, registry};
use kramers::simulation::random::{Address, Stream, fill_normals};

const DIM: usize = 10;
const PARTICLES: u64 = 640;
const STEPS: u64 = 200;

fn main() {
    divan::main();
}

#[divan::bench]
fn normals(bencher: divan::Bencher) {
    let stream = Stream::new(1, 1);
    let particle: Vec<u64> = (0..64).collect();
    let mut out = vec![0.0; 64 * DIM];
    bencher
        .counter(ItemsCount::new(64 * DIM as u64 * STEPS))
        .bench_local(|| {
            for n in 0..STEPS {
                let step = vec![n; 64];
                let at = Address {
                    particle: &particle,
                    step: &step,
                };
                fill_normals(&stream, at, DIM, &mut out);
            }
            out[0]
        });
}

#[divan::bench(args = registry::ENTRIES.iter().map(|e| e.name))]
fn optimizer(bencher: divan::Bencher, name: &str) {
    let scalars = [("dim".to_string(), DIM as f64)].into();
    let surface = build(
        "styblinski-tang",
        &Settings {
            scalars,
            hessian: None,
        },
    )
    .expect("a surface of ten coordinates");
    let entry = registry::find(name).expect("a rule of the list");
    let values = Values::defaults(entry, 1e-3);
    let process = Optimizing {
        oracle: Box::new(Gaussian::new(surface, Shape::Isotropic(30.0))),
        optimizer: (entry.build)(&values),
    };
    let plan = Plan {
        particles: PARTICLES,
        max_steps: STEPS,
        start: vec![-2.9; DIM],
        exit: Exit::Above(50.0),
        lanes: Some(64),
    };
    let stream = Stream::new(1, 1);
    let ensemble = Ensemble {
        process: &process,
        stream: &stream,
        plan: &plan,
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("one thread");
    bencher
        .counter(ItemsCount::new(PARTICLES * STEPS * DIM as u64))
        .bench_local(|| {
            let (stop, finished) = (AtomicBool::new(false), AtomicU64::new(0));
            pool.install(|| ensemble.run(&stop, &finished))
        });
}

/// SGD in one coordinate with many exits: the share of lane-steps that moved a live particle is printed
/// once, beside the time.
#[divan::bench]
fn refill(bencher: divan::Bencher) {
    let surface = build("styblinski-tang", &Settings::default()).expect("a surface");
    let entry = registry::find("sgd").expect("a rule of the list");
    let values = Values::defaults(entry, 9e-3);
    let process = Optimizing {
        oracle: Box::new(Gaussian::new(surface, Shape::Isotropic(57.735_026_9))),
        optimizer: (entry.build)(&values),
    };
    let plan = Plan {
        particles: 20_000,
        max_steps: 1_000_000,
        start: vec![-2.903_534_027_771_177],
        exit: Exit::Above(0.156_731_256_780_34),
        lanes: None,
    };
    let stream = Stream::new(1, 1);
    let ensemble = Ensemble {
        process: &process,
        stream: &stream,
        plan: &plan,
    };
    let run = || ensemble.run(&AtomicBool::new(false), &AtomicU64::new(0));
    let exits = run().expect("nothing stops it");
    let left = exits.ends.iter().filter(|e| matches!(e, End::Exited(_)));
    println!(
        "useful lane-steps {:.4}, {} exits",
        exits.particle_steps as f64 / exits.lane_steps as f64,
        left.count()
    );
    bencher
        .counter(ItemsCount::new(exits.particle_steps))
        .bench_local(run);
}
