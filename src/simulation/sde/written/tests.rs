//! SDEs by formulas against the same ones written in Rust, and by hand.

use std::collections::BTreeMap;

use nalgebra::DMatrix;

use super::{Line, Multiplies, SdeFormula};
use crate::ensemble::{Diffusing, Process, Workspace};
use crate::landscape::Landscape;
use crate::landscape::double_well::DoubleWell;
use crate::landscape::quadratic::Quadratic;
use crate::random::Stream;
use crate::sde::registry::{Dynamics, find};
use crate::sde::{Diffusion, Noise, Overdamped, Reading, RmspropSde, Sde};

fn lines(all: &[(&str, &str)]) -> Vec<Line> {
    let line = |(of, formula): &(&str, &str)| Line {
        of: of.to_string(),
        formula: formula.to_string(),
    };
    all.iter().map(line).collect()
}

fn formula(variables: &[&str], drift: &[(&str, &str)], noise: &[(&str, &str)]) -> SdeFormula {
    SdeFormula {
        variables: variables.iter().map(|name| name.to_string()).collect(),
        state: Vec::new(),
        drift: lines(drift),
        noise: Multiplies::Lines(lines(noise)),
        reading: Reading::Ito,
        constants: BTreeMap::new(),
    }
}

/// A scheme for an SDE by formulas, on blocks.
fn process(sde: &SdeFormula, surface: Box<dyn Landscape>, scheme: &str, dt: f64) -> Diffusing {
    let (own, frame) = sde.on(surface, dt, dt).unwrap();
    let entry = find(scheme).unwrap();
    let inner = (entry.build)(Dynamics::Diffusion(Box::new(own))).unwrap();
    Diffusing::new(Box::new(frame.around(inner)), dt)
}

/// Where 64 lanes are after some steps from a point.
fn moved(process: &dyn Process, theta: &[f64], steps: u64) -> Vec<f64> {
    let lanes = 64;
    let mut block = process.idle(lanes);
    let memory = process.start(theta);
    (0..lanes).for_each(|lane| block.place(lane, lane as u64, theta, &memory));
    let mut work = Workspace::new(process, lanes);
    let stream = Stream::new(3, 5);
    let mut normals = vec![0.0; process.normals() * lanes];
    for step in 0..steps {
        for (k, x) in normals.iter_mut().enumerate() {
            *x = 1.7 * ((k as u64 + 64 * step) as f64 * 0.731).sin();
        }
        process.step(&mut block, &stream, &normals, &mut work);
        block.count_step();
    }
    assert_eq!(process.fault(), None);
    block.theta.to_vec()
}

/// dθ = −∇L dt + √(2T) dW in a double well of two coordinates, by every scheme that takes it: the bits of the SDE in Rust. T = ½,
/// so that σ²/2 is T to the last digit.
#[test]
fn langevins_equation_to_the_bit() {
    for scheme in [
        "euler-maruyama",
        "milstein",
        "heun",
        "platen",
        "leimkuhler-matthews",
    ] {
        let well = || Box::new(DoubleWell::new(2).unwrap());
        let rust = Overdamped::new(well(), Diffusion::Constant(0.5));
        let inner = (find(scheme).unwrap().build)(Dynamics::Diffusion(Box::new(rust))).unwrap();
        let rust = Diffusing::new(inner, 0.01);
        let written = formula(&["x", "y"], &[("theta", "-g")], &[("theta", "1")]);
        let written = process(&written, well(), scheme, 0.01);
        let start = [-1.0, 0.3];
        let (a, b) = (moved(&rust, &start, 50), moved(&written, &start, 50));
        assert!(
            a.iter().zip(&b).all(|(a, b)| a.to_bits() == b.to_bits()),
            "{scheme}"
        );
    }
}

/// RMSprop's limit with what it remembers: ten steps of Euler–Maruyama end within rounding of those of the SDE in Rust, which
/// takes a normal for u too, that does nothing.
#[test]
fn rmsprops_limit_remembers_its_squares() {
    let bowl = || Box::new(Quadratic::new(DMatrix::from_element(1, 1, 3.0)).unwrap());
    let mut sde = formula(
        &["x"],
        &[
            ("p", "0.4*sqrt(u) + 0.1"),
            ("theta", "-g/p"),
            ("u", "5*(0.09 - u)"),
        ],
        &[("theta", "0.4*0.3/p")],
    );
    sde.state = vec![("u".into(), 0.25)];
    let written = process(&sde, bowl(), "euler-maruyama", 0.01);
    assert_eq!(
        (written.dim(), written.normals(), written.start(&[2.0])),
        (1, 1, vec![0.25])
    );
    let rust = RmspropSde::new(bowl(), vec![0.09], 0.4, 0.1, 5.0).unwrap();
    let (mut theta, mut u) = (2.0f64, 0.25f64);
    let stream = Stream::new(1, 1);
    let mut block = written.idle(1);
    block.place(0, 0, &[2.0], &[0.25]);
    let mut work = Workspace::new(&written, 1);
    for step in 0..10 {
        let xi = (f64::from(step) * 1.3).cos();
        written.step(&mut block, &stream, &[xi], &mut work);
        let (mut b, mut d) = ([0.0; 2], [0.0; 2]);
        rust.drift(&[theta, u], 1, &mut b);
        rust.diffusion(&[theta, u], 1, &mut d);
        theta += b[0] * 0.01 + (2.0 * d[0] * 0.01).sqrt() * xi;
        u += b[1] * 0.01;
        assert!(
            (block.theta[0] - theta).abs() < 1e-13 * (1.0 + theta.abs()),
            "{theta}"
        );
        assert!((block.memory[0] - u).abs() < 1e-14, "{u}");
    }
}

/// σ = c(1 + x² + g/4 + L) on ½·2x², so 2x = g and x² = L: σ = c(1 + x²  + x/2 + x²), σ∂σ = c²(1 + 2x² + x/2)(4x + ½), whatever
/// names say it; the drift of the reading is λσ∂σ.
#[test]
fn the_drift_of_a_reading() {
    let bowl = || -> Box<dyn Landscape> {
        Box::new(Quadratic::new(DMatrix::from_element(1, 1, 2.0)).unwrap())
    };
    let (x, c) = (0.7f64, 0.3);
    let right = c * c * (1.0 + 2.0 * x * x + 0.5 * x) * (4.0 * x + 0.5);
    for (reading, share) in [
        (Reading::Ito, 0.0),
        (Reading::Stratonovich, 0.5),
        (Reading::AntiIto, 1.0),
    ] {
        let mut sde = formula(
            &["x"],
            &[("x", "-x")],
            &[("x", "c*(1 + x^2 + 0.25*x.grad + loss)")],
        );
        sde.reading = reading;
        sde.constants = BTreeMap::from([("c".to_string(), c)]);
        let (own, _) = sde.on(bowl(), 0.1, 0.1).unwrap();
        let (mut b, mut slope) = ([0.0], [0.0]);
        own.drift(&[x], 1, &mut b);
        own.diffusion_slope(&[x], 1, &mut slope);
        assert!((slope[0] - right).abs() < 1e-14, "{slope:?} {right}");
        assert!((b[0] + x - share * right).abs() < 1e-14, "{b:?}");
        assert_eq!(own.noise(), Noise::Own);
    }
}

/// B = [[1, 0], [x, 2]]: ½ of the drift of Stratonovich's reading is Σ B_jk ∂_j B_ik = (0, 1·1), a step of Euler–Maruyama is by hand.
#[test]
fn a_matrix_that_multiplies_dw() {
    let bowl = || Box::new(Quadratic::new(DMatrix::identity(2, 2)).unwrap());
    let row = |texts: [&str; 2]| texts.map(String::from).to_vec();
    let mut sde = formula(&["x", "y"], &[("x", "-y"), ("y", "x")], &[]);
    sde.noise = Multiplies::Matrix(vec![row(["1", "0"]), row(["x", "2"])]);
    sde.reading = Reading::Stratonovich;
    let (own, _) = sde.on(bowl(), 0.01, 0.01).unwrap();
    let mut b = [0.0; 2];
    own.drift(&[0.3, -0.2], 1, &mut b);
    assert!(
        (b[0] - 0.2).abs() < 1e-15 && (b[1] - 0.3 - 0.5).abs() < 1e-15,
        "{b:?}"
    );
    let written = process(&sde, bowl(), "euler-maruyama", 0.01);
    let mut block = written.idle(1);
    block.place(0, 0, &[0.3, -0.2], &[]);
    let mut work = Workspace::new(&written, 1);
    written.step(&mut block, &Stream::new(1, 1), &[0.5, -1.5], &mut work);
    let right = [
        0.3 + 0.2 * 0.01 + 0.1 * 0.5,
        -0.2 + 0.8 * 0.01 + 0.1 * (0.3 * 0.5 - 3.0),
    ];
    assert!((block.theta[0] - right[0]).abs() < 1e-15 && (block.theta[1] - right[1]).abs() < 1e-15);
    assert!((work.variance[0] - 0.01).abs() < 1e-17 && (work.variance[1] - 0.0409).abs() < 1e-16);
    // A matrix that depends on where θ is needs the scheme that takes it at the beginning of a step.
    let (own, _) = sde.on(bowl(), 0.01, 0.01).unwrap();
    let refused = (find("heun").unwrap().build)(Dynamics::Diffusion(Box::new(own)));
    assert!(refused.is_err());
}

/// dx = cos(time) dt without noise, by schemes of order 2: after a whole number of steps they are at the trapezoid's sum, and the
/// time is that of the steps however long they take.
#[test]
fn the_time_runs_through_the_stages() {
    let bowl = || Box::new(Quadratic::new(DMatrix::identity(1, 1)).unwrap());
    let sde = formula(&["x"], &[("x", "cos(time) + 0*step")], &[("x", "0.5*time")]);
    for scheme in ["heun", "platen"] {
        let mut process = process(&sde, bowl(), scheme, 0.1);
        process.dt = 0.1;
        assert_eq!(process.normals(), 1);
        let mut block = process.idle(1);
        block.place(0, 0, &[0.0], &process.start(&[0.0]));
        let mut work = Workspace::new(&process, 1);
        let mut right = 0.0;
        for n in 0..7 {
            process.step(&mut block, &Stream::new(1, 1), &[0.0], &mut work);
            block.count_step();
            let t = 0.1 * f64::from(n);
            right += 0.05 * (t.cos() + (t + 0.1).cos());
            assert!((block.theta[0] - right).abs() < 1e-15, "{scheme}");
        }
    }
}

/// √(1 − x²) beyond 1 is said with its place; what has no meaning is refused with its line.
#[test]
fn what_is_wrong_is_said() {
    let bowl = || Box::new(Quadratic::new(DMatrix::identity(1, 1)).unwrap());
    let sde = formula(&["x"], &[("x", "10")], &[("x", "sqrt(1 - x^2)")]);
    let process = process(&sde, bowl(), "euler-maruyama", 0.1);
    let mut block = process.idle(1);
    block.place(0, 0, &[0.5], &[]);
    let mut work = Workspace::new(&process, 1);
    for _ in 0..3 {
        process.step(&mut block, &Stream::new(1, 1), &[0.0], &mut work);
        block.count_step();
    }
    let said = process.fault().unwrap();
    assert!(
        said.starts_with("the noise of x: sqrt(1 - x^2) comes to NaN at x = 1.5, step 2"),
        "{said}"
    );
    let wrong = |sde: &SdeFormula, key: &str, line: usize, what: &str| {
        let found = sde.on(bowl(), 0.1, 0.1).err().unwrap();
        assert_eq!((found.key, found.line), (key, line), "{found:?}");
        assert!(found.what.contains(what), "{found:?}");
    };
    wrong(
        &formula(&["x"], &[("x", "1"), ("theta", "2")], &[]),
        "drift",
        1,
        "has one already",
    );
    wrong(
        &formula(&["x"], &[("tehta", "1"), ("x", "1")], &[]),
        "drift",
        0,
        "did you mean `theta`",
    );
    wrong(
        &formula(&["x"], &[], &[("x", "1")]),
        "drift",
        0,
        "`x` has none",
    );
    wrong(
        &formula(&["x"], &[("x", "y")], &[]),
        "drift",
        0,
        "unknown name `y`",
    );
    let mut sde = formula(&["x"], &[("x", "1")], &[]);
    sde.noise = Multiplies::Matrix(vec![vec!["1".into()], vec!["1".into()]]);
    wrong(
        &sde,
        "noise",
        0,
        "2 rows of 1, 1 formulas, and the drift has 1 coordinate",
    );
}
