//! Cost of a particle-coordinate-step on one thread: normals alone, every optimizer, noise and integrator.
//!
//! Rows take turns, round by round, so that a change of the machine's speed hits all alike. A row's ratio is
//! its least time against the least of the normals: what others do on the machine only adds time. Compare
//! ratios, and nanoseconds only within one run. `cargo bench --bench engine -- sgd` runs the normals and rows whose name
//! contains `sgd`; a number sets the rounds.

use std::collections::BTreeMap;
use std::fs::DirEntry;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Instant;

use formula::Tree;
use kramers::experiment::rules::read;
use kramers::simulation::aligned::Aligned;
use kramers::simulation::ensemble::{
    Diffusing, Ensemble, Exit, FirstExits, Optimizing, Plan, Precision, Process,
};
use kramers::simulation::float::Float;
use kramers::simulation::landscape::Landscape;
use kramers::simulation::landscape::examples::{ExampleLoss, Inputs, Table};
use kramers::simulation::landscape::expression::Formula;
use kramers::simulation::landscape::registry::{Settings, build};
use kramers::simulation::noise::covariance::Form;
use kramers::simulation::noise::{
    CovarianceField, CovarianceFormula, Drawn as DrawnNoise, DrawnLaw, Draws, Exact, ExampleBatch,
    Examples, Fresh, Gaussian, HessianShaped, Law, Minibatch, Oracle, Pool, Replacement, Shape,
    Size,
};
use kramers::simulation::optimizer::{Entry, Values, registry};
use kramers::simulation::random::{
    Address, Drawn, Purpose, Sequence, Stream, fill_normals, period,
};
use kramers::simulation::sde::written::{Line, Multiplies};
use kramers::simulation::sde::{
    Baoab, Diffusion, EulerMaruyama, Integrator, Overdamped, Reading, SdeFormula, Underdamped,
};
use kramers::simulation::vector::Vector;

const DIM: usize = 10;
const ROUNDS: usize = 21;

/// A name, the particle-coordinate-steps of one run, and the run.
struct Row {
    name: String,
    work: f64,
    run: Box<dyn Fn() + Sync>,
}

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let rounds = arguments.iter().find_map(|a| a.parse().ok());
    let wanted = arguments.iter().find(|a| a.parse::<usize>().is_err());
    let mut rows = rows();
    let chosen = |row: &Row| wanted.is_none_or(|w| row.name.contains(w.as_str()));
    let normals = rows.remove(0);
    rows.retain(chosen);
    rows.insert(0, normals);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    pool.expect("one thread")
        .install(|| compare(&rows, rounds.unwrap_or(ROUNDS)));
}

fn compare(rows: &[Row], rounds: usize) {
    let mut nanoseconds = vec![Vec::new(); rows.len()];
    for round in 0..=rounds {
        for (row, times) in rows.iter().zip(&mut nanoseconds) {
            let start = Instant::now();
            (row.run)();
            // The first round warms the caches.
            if round > 0 {
                times.push(start.elapsed().as_nanos() as f64 / row.work);
            }
        }
    }
    println!(
        "{:28} {:>9} {:>9} {:>7}",
        "", "median ns", "least ns", "ratio"
    );
    for (row, times) in rows.iter().zip(&nanoseconds) {
        let (time, fastest) = (median(times), least(times));
        let ratio = fastest / least(&nanoseconds[0]);
        println!("{:28} {time:9.2} {fastest:9.2} {ratio:7.2}", row.name);
    }
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn rows() -> Vec<Row> {
    let mut rows = vec![
        normals::<f64>(DIM, Precision::F64),
        normals::<f64>(1, Precision::F64),
        normals::<f64>(DIM, Precision::F32Noise),
        normals::<f32>(DIM, Precision::F32),
    ];
    for name in ["sgd", "sgdm", "adam", "adai"] {
        let double = optimizing::<f64>(name, gaussian(30.0, DIM));
        let single = optimizing(name, gaussian::<f32>(30.0, DIM));
        let mixed = Precision::F32Noise;
        rows.push(moving(name, double, mixed, -2.9, 640, 200));
        rows.push(moving(name, single, Precision::F32, -2.9, 640, 200));
    }
    let formulas = written_rules();
    for entry in registry::ENTRIES {
        let process = optimizing::<f64>(entry.name, gaussian(30.0, DIM));
        rows.push(moving(entry.name, process, Precision::F64, -2.9, 640, 200));
        if let Some(own) = formulas.iter().find(|rule| rule.name == entry.name) {
            let name = format!("{}, its formula", entry.name);
            let process = moved::<f64>(own, gaussian(30.0, DIM));
            rows.push(moving(&name, process, Precision::F64, -2.9, 640, 200));
        }
    }
    for dim in [1, 100] {
        let process = optimizing::<f64>("sgd", gaussian(30.0, dim));
        let particles = 6400 / dim as u64;
        rows.push(moving(
            &format!("sgd, {dim}-d"),
            process,
            Precision::F64,
            -2.9,
            particles,
            200,
        ));
    }
    let shape = Shape::from_covariance(nalgebra::DMatrix::from_fn(DIM, DIM, |i, j| {
        if i == j { 2.0 } else { 1.0 }
    }));
    let noises: [(&str, Box<dyn Oracle>, u64); 9] = [
        (
            "correlated",
            Box::new(Gaussian::new(
                surface("styblinski-tang", DIM),
                shape.expect("positive"),
            )),
            640,
        ),
        (
            "hessian",
            Box::new(HessianShaped::new(
                surface("styblinski-tang", DIM),
                10.0,
                1.0,
            )),
            640,
        ),
        ("hessian, its formula", covariance(), 640),
        ("minibatch", minibatch(50_000, Replacement::With), 64),
        (
            "minibatch by formula",
            examples(50_000, Replacement::With),
            64,
        ),
        (
            "minibatch, pool in cache",
            minibatch(256, Replacement::With),
            64,
        ),
        (
            "minibatch by formula, pool in cache",
            examples(256, Replacement::With),
            64,
        ),
        (
            "minibatch, epochs",
            minibatch(50_000, Replacement::Without),
            64,
        ),
        (
            "fresh",
            Box::new(Fresh::new(
                surface("styblinski-tang", DIM),
                Law::Normal,
                1.0,
                10,
            )),
            64,
        ),
    ];
    for (name, oracle, particles) in noises {
        rows.push(moving(
            &format!("sgd, {name}"),
            optimizing("sgd", oracle),
            Precision::F64,
            -2.9,
            particles,
            100,
        ));
    }
    for (name, dim, formula) in [
        ("styblinski-tang", DIM, "0.5*(x^4 - 16*x^2 + 5*x)"),
        ("double-well", 1, "0.25*(x^2-1)^2"),
        ("rosenbrock", 2, "(1 - x)^2 + 100*(y - x^2)^2"),
    ] {
        rows.push(gradient(name, surface(name, dim)));
        rows.push(gradient(
            &format!("{name}, its formula"),
            written(formula, dim),
        ));
    }
    let noise = Gaussian::new(
        written("0.5*(x^4 - 16*x^2 + 5*x)", DIM),
        Shape::Isotropic(30.0),
    );
    let process = optimizing::<f64>("sgd", Box::new(noise));
    rows.push(moving(
        "sgd, a formula",
        process,
        Precision::F64,
        -2.9,
        640,
        200,
    ));
    for dim in [1, DIM] {
        let well = || surface("double-well", dim);
        let overdamped = Overdamped::new(well(), Diffusion::Constant(0.25));
        let underdamped = Underdamped::new(well(), 1.0, 0.25).expect("valid");
        let schemes: [(&str, Box<dyn Integrator>); 3] = [
            ("", Box::new(EulerMaruyama::new(Box::new(overdamped)))),
            (", its formula", equation(dim)),
            ("", Box::new(Baoab::new(underdamped))),
        ];
        for (kind, integrator) in schemes {
            let name = format!("{}, {dim}-d{kind}", integrator.entry().name);
            let process = Diffusing::new(integrator, 0.01);
            let (process, particles) = (Box::new(process), 6400 / dim as u64);
            rows.push(moving(&name, process, Precision::F64, -1.0, particles, 200));
        }
    }
    rows
}

fn surface(name: &str, dim: usize) -> Box<dyn Landscape> {
    let settings = Settings {
        scalars: [("dim".to_string(), dim as f64)].into(),
        ..Settings::default()
    };
    build(name, &settings).expect("a surface of the list")
}

/// The surface of a formula.
fn written(formula: &str, dim: usize) -> Box<dyn Landscape> {
    let settings = Settings {
        scalars: [("dim".to_string(), dim as f64)].into(),
        formula: Some(Formula::new(formula)),
        ..Settings::default()
    };
    build("expression", &settings).expect("a formula")
}

/// Langevin's equation in a double well at T = ¼, by its formula and Euler–Maruyama.
fn equation(dim: usize) -> Box<dyn Integrator> {
    let line = |formula: &str| Line {
        of: "theta".into(),
        formula: formula.into(),
    };
    let sde = SdeFormula {
        variables: (1..=dim).map(|i| format!("x{i}")).collect(),
        state: Vec::new(),
        drift: vec![line("theta - theta^3")],
        noise: Multiplies::Lines(vec![line("sqrt(0.5)")]),
        reading: Reading::Ito,
        constants: Default::default(),
    };
    let surface = surface("double-well", dim);
    let (own, frame) = sde.on(surface, 0.01, 0.01).expect("an SDE");
    Box::new(frame.around(Box::new(EulerMaruyama::new(Box::new(own)))))
}

/// The gradient alone, per coordinate, on blocks that stay in the first-level cache.
fn gradient(name: &str, surface: Box<dyn Landscape>) -> Row {
    const LANES: usize = 64;
    const CALLS: usize = 2000;
    let size = surface.dim() * LANES;
    Row {
        name: format!("∇L, {name}"),
        work: (size * CALLS) as f64,
        run: Box::new(move || {
            let theta: Aligned<f64> = (0..size).map(|i| -2.9 + 1e-3 * i as f64).collect();
            let mut slope = Aligned::new(0.0, size);
            for _ in 0..CALLS {
                surface.gradient(std::hint::black_box(&theta), LANES, &mut slope);
                std::hint::black_box(&slope);
            }
        }),
    }
}

fn gaussian<F>(sigma: f64, dim: usize) -> Box<dyn Oracle<F>>
where
    Gaussian: Oracle<F>,
{
    let surface = surface("styblinski-tang", dim);
    Box::new(Gaussian::new(surface, Shape::Isotropic(sigma)))
}

/// C = (|H| + 1)/10 of Styblinski–Tang by its formula.
fn covariance() -> Box<dyn Oracle> {
    let variables: Vec<String> = (1..=DIM).map(|i| format!("x{i}")).collect();
    let deviation = |x: &String| format!("sqrt((abs(6*{x}^2 - 16) + 1)/10)");
    let formula = CovarianceFormula {
        form: Form::Deviations(variables.iter().map(deviation).collect()),
        variables,
        constants: BTreeMap::new(),
    };
    let surface = || surface("styblinski-tang", DIM);
    let field = CovarianceField::new(&formula, surface(), 1e-3).expect("a covariance");
    Box::new(DrawnNoise {
        inner: Box::new(Exact(surface())),
        draws: Draws::new(DrawnLaw::Gaussian, 1, None).expect("normals"),
        size: Size::Field(Box::new(field)),
        part: 0,
    })
}

fn minibatch(samples: usize, replacement: Replacement) -> Box<dyn Oracle> {
    let pool = Pool::draw(&Stream::new(2, 2), Law::Normal, 1.0, 1.0, samples, DIM);
    let surface = surface("styblinski-tang", DIM);
    Box::new(Minibatch::new(surface, pool, 10, replacement))
}

/// The same loss of one example, the surface shifted by the sample, as a formula.
fn examples(samples: usize, replacement: Replacement) -> Box<dyn Oracle> {
    let name = |letter: char| (1..=DIM).map(move |i| format!("{letter}{i}"));
    let term = |i: usize| format!("(t{i} - x{i})^4 - 16*(t{i} - x{i})^2 + 5*(t{i} - x{i})");
    let terms: Vec<String> = (1..=DIM).map(term).collect();
    let tree = Tree::parse(&format!("0.5*({})", terms.join(" + "))).expect("a formula");
    let (variables, columns): (Vec<String>, Vec<String>) =
        (name('t').collect(), name('x').collect());
    let loss = ExampleLoss::new(
        &tree,
        &variables,
        Inputs::Columns(&columns),
        &BTreeMap::new(),
    );
    let stream = Stream::new(2, 2);
    let column = |i: u64| {
        let mut numbers = Sequence::new(&stream, Purpose::Pool, i, 0);
        (0..samples)
            .map(|_| Law::Normal.draw(1.0, &mut numbers))
            .collect()
    };
    let table = Table::new((0..DIM as u64).map(column).collect(), None);
    let pool = Examples::Pool(Arc::new(table), replacement);
    Box::new(ExampleBatch::new(
        Arc::new(loss.expect("a loss")),
        pool,
        10,
        1.0,
    ))
}

fn optimizing<F: Float>(name: &str, oracle: Box<dyn Oracle<F>>) -> Box<dyn Process<F>>
where
    Optimizing<F>: Process<F>,
{
    moved(registry::find(name).expect("a rule of the list"), oracle)
}

fn moved<F: Float>(entry: &'static Entry, oracle: Box<dyn Oracle<F>>) -> Box<dyn Process<F>>
where
    Optimizing<F>: Process<F>,
{
    Box::new(Optimizing {
        oracle,
        optimizer: (entry.build)(&Values::defaults(entry, 1e-3)),
    })
}

/// The lab's own rules as formulas.
fn written_rules() -> Vec<&'static Entry> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    let files = std::fs::read_dir(folder).expect("the tests' rules");
    let read =
        |file: std::io::Result<DirEntry>| read(&file.expect("a file").path()).expect("rules");
    files.flat_map(read).collect()
}

fn normals<F: Drawn + Float>(dim: usize, precision: Precision) -> Row {
    const LANES: usize = 64;
    const STEPS: u64 = 1000;
    Row {
        name: format!("normals, {dim} a step{}", suffix(precision)),
        work: (LANES * dim) as f64 * STEPS as f64,
        run: Box::new(move || {
            let stream = precision.stream(1, 1);
            let particle: Aligned<u64> = (0..LANES as u64).collect();
            let period = period::<F>(&stream, dim);
            let mut out = Aligned::new(F::default(), LANES * dim * period as usize);
            let mut step = Aligned::new(0, LANES);
            for n in (0..STEPS).step_by(period as usize) {
                step.fill(n);
                let at = Address {
                    particle: &particle,
                    step: &step,
                };
                fill_normals(&stream, at, dim, &mut out);
                std::hint::black_box(&out);
            }
        }),
    }
}

/// Particles that go on for `steps` steps without an exit.
fn moving<F: Vector + Drawn>(
    name: &str,
    process: Box<dyn Process<F>>,
    precision: Precision,
    start: f64,
    particles: u64,
    steps: u64,
) -> Row {
    let plan = Plan {
        particles,
        max_steps: steps,
        start: vec![start; process.dim()],
        exit: Exit::Above(1e6),
        coordinate: None,
        lanes: None,
    };
    Row {
        name: format!("{name}{}", suffix(precision)),
        work: (particles * steps) as f64 * process.dim() as f64,
        run: Box::new(move || {
            std::hint::black_box(run(&*process, precision, &plan));
        }),
    }
}

/// What a row's name says of a precision other than the default.
fn suffix(precision: Precision) -> String {
    let named = Precision::NAMES
        .iter()
        .find(|n| Precision::named(n) == precision);
    match named {
        Some(name) if !precision.is_default() => format!(", {name}"),
        _ => String::new(),
    }
}

fn run<F: Vector + Drawn>(
    process: &dyn Process<F>,
    precision: Precision,
    plan: &Plan,
) -> Option<FirstExits> {
    let ensemble = Ensemble {
        process,
        stream: &precision.stream(1, 1),
        plan,
    };
    ensemble.run(&AtomicBool::new(false), &AtomicU64::new(0))
}
