//! How particles end: refill changes nothing, nobody is lost, divergence is not an exit time.

use std::sync::atomic::{AtomicBool, AtomicU64};

use kramers::simulation::ensemble::{
    Diffusing, End, Ensemble, Exit, FirstExits, Optimizing, Plan, Process,
};
use kramers::simulation::noise::{Gaussian, Shape};
use kramers::simulation::optimizer::{Values, registry};
use kramers::simulation::random::Stream;
use kramers::simulation::sde::{
    Baoab, Diffusion, EulerMaruyama, Integrator, Overdamped, Underdamped,
};

use super::surface;

fn optimizing(landscape: &str, dim: usize, sigma: f64, rule: &str, eta: f64) -> Optimizing {
    let f = surface(landscape, &[("dim", dim as f64)]);
    let entry = registry::find(rule).unwrap();
    let values = Values::defaults(entry, eta);
    Optimizing {
        oracle: Box::new(Gaussian::new(f, Shape::Isotropic(sigma))),
        optimizer: (entry.build)(&values),
    }
}

fn run(process: &dyn Process, plan: &Plan, threads: usize) -> FirstExits {
    let stream = Stream::new(101, 0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let ensemble = Ensemble {
        process,
        stream: &stream,
        plan,
    };
    let finished = AtomicU64::new(0);
    let exits = pool
        .unwrap()
        .install(|| ensemble.run(&AtomicBool::new(false), &finished));
    assert_eq!(finished.into_inner(), plan.particles);
    let exits = exits.unwrap();
    let steps = |end: &End| match end {
        End::Exited(n) | End::Censored(n) | End::Diverged(n) => *n,
    };
    assert_eq!(
        exits.particle_steps,
        exits.ends.iter().map(steps).sum::<u64>()
    );
    assert!(exits.lane_steps >= exits.particle_steps);
    exits
}

fn plan(particles: u64, max_steps: u64, start: Vec<f64>, exit: Exit) -> Plan {
    Plan {
        particles,
        max_steps,
        start,
        exit,
        coordinate: None,
        lanes: None,
    }
}

/// Three coordinates: an odd number of normals a step, so a lane's next particle starts on an even one.
#[test]
fn blocks_of_any_size_on_any_threads_give_the_same_ends() {
    let adam = optimizing("styblinski-tang", 3, 140.0, "adam", 0.2);
    let sgd = optimizing("styblinski-tang", 1, 140.0, "sgd", 0.003);
    let well = || surface("double-well", &[]);
    let overdamped = Overdamped::new(well(), Diffusion::Constant(0.4));
    let underdamped = Underdamped::new(well(), 1.0, 0.4).unwrap();
    let [first_order, second_order]: [Box<dyn Integrator>; 2] = [
        Box::new(EulerMaruyama::new(Box::new(overdamped))),
        Box::new(Baoab::new(underdamped)),
    ];
    let [sde, inert] = [(first_order, 0.01), (second_order, 0.05)]
        .map(|(integrator, dt)| Diffusing::new(integrator, dt));
    let cases: [(&dyn Process, f64, f64); 4] = [
        (&adam, -2.9, 0.15),
        (&sgd, -2.9, 0.15),
        (&sde, -1.0, 0.0),
        (&inert, -1.0, 0.0),
    ];
    for (process, start, exit) in cases {
        let mut plan = plan(700, 400, vec![start; process.dim()], Exit::Above(exit));
        let first = run(process, &plan, 1).ends;
        let exited = first.iter().filter(|e| matches!(e, End::Exited(_))).count();
        assert!(
            exited > 50 && exited < 690,
            "{exited} of 700 from {start}: some leave, some are censored"
        );
        for lanes in [1, 8, 64, 512] {
            for threads in [1, 2, 3] {
                plan.lanes = Some(lanes);
                assert!(
                    run(process, &plan, threads).ends == first,
                    "{lanes} lanes, {threads} threads"
                );
            }
        }
    }
}

/// A censored particle took exactly max_steps, odd or even, and one that left took no more.
#[test]
fn censoring_is_at_the_last_step_and_an_exit_there_counts() {
    let process = optimizing("styblinski-tang", 1, 140.0, "sgd", 0.003);
    let long = plan(500, 1000, vec![-2.9], Exit::Above(0.15));
    let free = run(&process, &long, 2).ends;
    for max_steps in [1, 2, 63, 64, 101] {
        let short = Plan {
            max_steps,
            ..long.clone()
        };
        for (end, free) in run(&process, &short, 2).ends.iter().zip(&free) {
            match *free {
                End::Exited(n) if n <= max_steps => assert_eq!(*end, End::Exited(n)),
                _ => assert_eq!(*end, End::Censored(max_steps)),
            }
        }
    }
}

/// On a quadratic at ηh = 2.5 θ grows by 1.5 a step with alternating sign. Behind a boundary out of
/// reach every particle diverges; before one at 10⁶ every particle exits; none is ever censored.
#[test]
fn a_rule_beyond_its_stability_limit_diverges_or_exits() {
    let process = optimizing("quadratic", 2, 1.0, "sgd", 2.5);
    let far = plan(300, 100_000, vec![0.0; 2], Exit::Above(1e300));
    assert!(
        run(&process, &far, 2)
            .ends
            .iter()
            .all(|e| matches!(e, End::Diverged(_)))
    );
    let near = Plan {
        exit: Exit::Above(1e6),
        ..far.clone()
    };
    assert!(
        run(&process, &near, 2)
            .ends
            .iter()
            .all(|e| matches!(e, End::Exited(_)))
    );
    // Growth of θ⁴'s gradient overflows within one step: infinities and NaN are no exits either.
    let quartic = optimizing("styblinski-tang", 1, 1.0, "sgd", 1e3);
    let far = plan(300, 100_000, vec![-2.9], Exit::Above(1e300));
    for end in run(&quartic, &far, 1).ends {
        assert!(matches!(end, End::Diverged(n) if n < 30), "{end:?}");
    }
}

/// SGD out of a valley, in blocks of the size the lab picks: 20,000 near-exponential exit times waste
/// at most a twentieth of the lanes, on one thread and on two.
#[test]
fn refill_keeps_the_lanes_busy() {
    let process = optimizing("styblinski-tang", 1, 140.0, "sgd", 0.003);
    let plan = plan(20_000, 10_000_000, vec![-2.9], Exit::Above(0.15));
    for threads in [1, 2] {
        let exits = run(&process, &plan, threads);
        assert!(exits.ends.iter().all(|e| matches!(e, End::Exited(_))));
        let useful = exits.particle_steps as f64 / exits.lane_steps as f64;
        assert!(useful >= 0.95, "{threads} threads: {useful}");
    }
}

#[test]
fn a_stopped_run_gives_nothing() {
    let process = optimizing("styblinski-tang", 1, 140.0, "sgd", 0.003);
    let plan = plan(100, 1000, vec![-2.9], Exit::Above(0.15));
    let ensemble = Ensemble {
        process: &process,
        stream: &Stream::new(1, 1),
        plan: &plan,
    };
    assert_eq!(
        ensemble.run(&AtomicBool::new(true), &AtomicU64::new(0)),
        None
    );
}
