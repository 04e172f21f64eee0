//! Diffusions in the plane against what is known of them otherwise.

use super::*;
use crate::exact::first_passage::FirstPassage;
use crate::exact::klein_kramers::{Arrival, Particle};
use crate::exact::{Interpretation, smooth};

fn mean_of(law: &PlaneLaw, f: &dyn Fn(Point) -> f64) -> (f64, f64) {
    law.mean(f).unwrap()
}

fn holds(found: (f64, f64), right: f64, most: f64, what: &str) {
    let (value, error) = found;
    println!(
        "{what}: {value} ± {error:.1e}, {right} (off by {:.1e})",
        (value - right).abs()
    );
    assert!(
        (value - right).abs() <= error && error <= most * (1.0 + right.abs()),
        "{what}: {value} ± {error}, {right}"
    );
}

/// dθ = −Aθ dt + B dW with A = ((1, −2), (2, 1.5)) + shear, D = ((0.3, 0.1), (0.1, 0.5)): AΣ + ΣAᵀ = 2D, solved here by Kronecker.
#[test]
fn moments_of_ornstein_and_uhlenbeck() {
    for (a, d) in [
        ([[1.0, 0.0], [0.0, 2.0]], [0.3, 0.0, 0.5]),
        ([[1.0, -2.0], [2.0, 1.5]], [0.3, 0.0, 0.5]),
        ([[1.0, -0.6], [0.1, 1.5]], [0.3, 0.25, 0.5]),
        ([[1.0, 0.4], [0.4, 0.7]], [0.3, -0.2, 0.2]),
        // Inertia: noise on the second alone.
        ([[0.0, -1.0], [2.0, 0.8]], [0.0, 0.0, 0.4]),
    ] {
        let plane = Plane {
            at: &|x| ([0, 1].map(|i| -a[i][0] * (x[0] - 0.5) - a[i][1] * x[1]), d),
            start: [1.0, -0.3],
        };
        let system = nalgebra::Matrix3::new(
            2.0 * a[0][0],
            2.0 * a[0][1],
            0.0,
            a[1][0],
            a[0][0] + a[1][1],
            a[0][1],
            0.0,
            2.0 * a[1][0],
            2.0 * a[1][1],
        );
        let right = nalgebra::Vector3::new(2.0 * d[0], 2.0 * d[1], 2.0 * d[2]);
        let s = system.lu().solve(&right).unwrap();
        let law = plane.stationary().unwrap();
        holds(mean_of(&law, &|x| x[0]), 0.5, 1e-3, "x");
        holds(mean_of(&law, &|x| (x[0] - 0.5).powi(2)), s[0], 1e-3, "x²");
        holds(mean_of(&law, &|x| (x[0] - 0.5) * x[1]), s[1], 1e-3, "xy");
        holds(mean_of(&law, &|x| x[1] * x[1]), s[2], 1e-3, "y²");
        holds(
            mean_of(&law, &|x| x[0].cos()),
            0.5f64.cos() * (-0.5 * s[0]).exp(),
            1e-3,
            "cos x",
        );
        // The slowest eigenvalue of A, or the real part of a pair.
        let (trace, determinant) = (a[0][0] + a[1][1], a[0][0] * a[1][1] - a[0][1] * a[1][0]);
        let inside = 0.25 * trace * trace - determinant;
        let slowest = 0.5 * trace - inside.max(0.0).sqrt();
        let rate = plane.relaxation().unwrap();
        println!("rate {rate} {slowest}");
        assert!((rate / slowest - 1.0).abs() < 0.02, "{rate} {slowest}");
    }
}

/// −∇L + c·rot ∇L with D = T: exp(−L/T) whatever c is. L = ¼(x² − 1)² + ½(y − x/2)², T = 0.2; by a sum over a fine grid.
#[test]
fn a_current_leaves_the_law_of_a_potential() {
    let slope = |x: Point| {
        let v = x[1] - 0.5 * x[0];
        [x[0].powi(3) - x[0] - 0.5 * v, v]
    };
    let t = 0.2;
    let plane = Plane {
        at: &|x| {
            let g = slope(x);
            ([-g[0] + 1.5 * g[1], -g[1] - 1.5 * g[0]], [t, 0.0, t])
        },
        start: [-1.0, 0.0],
    };
    let weight =
        |x: f64, y: f64| (-(0.25 * (x * x - 1.0).powi(2) + 0.5 * (y - 0.5 * x).powi(2)) / t).exp();
    let mean = |f: &dyn Fn(Point) -> f64| {
        let (mut sum, mut all) = (0.0, 0.0);
        for i in 0..800 {
            for j in 0..800 {
                let (x, y) = (-4.0 + 0.01 * f64::from(i), -4.0 + 0.01 * f64::from(j));
                let w = weight(x, y);
                sum += w * f([x, y]);
                all += w;
            }
        }
        sum / all
    };
    let law = plane.stationary().unwrap();
    for (f, what) in [
        (&(|x: Point| x[0] * x[0]) as &dyn Fn(Point) -> f64, "x²"),
        (&|x| x[0] * x[1], "xy"),
        (&|x| x[0].powi(4), "x⁴"),
        (&|x| x[1].sin().powi(2), "sin²y"),
    ] {
        holds(mean_of(&law, f), mean(f), 1e-3, what);
    }
}

/// Where the two coordinates know nothing of each other, the exit of one is that on a line; from a well over its barrier, downhill, and with noise
/// that depends on the place, both ways round.
#[test]
fn an_exit_of_one_coordinate_alone() {
    for (from, to, noise) in [
        (-1.0, 0.0, 0.0),
        (-1.0, 0.5, 0.3),
        (-1.0, -1.4, 0.0),
        (0.5, -0.9, 0.2),
    ] {
        let drift = |x: f64| x * x * x - x;
        let d = |x: f64| 0.1 * (1.0 + noise * x * x);
        let line = FirstPassage {
            drift: &drift,
            diffusion: &d,
            start: from,
            exit: to,
            reflecting: None,
            breaks: &smooth,
            interpretation: Interpretation::Ito,
        };
        let right = line.solve().unwrap().time().unwrap().mean;
        for coordinate in [0, 1] {
            let other = 1 - coordinate;
            let plane = Plane {
                at: &|x| {
                    let (mut b, mut all) = ([0.0; 2], [0.0; 3]);
                    b[coordinate] = -drift(x[coordinate]);
                    b[other] = -2.0 * x[other];
                    all[2 * coordinate] = d(x[coordinate]);
                    all[2 * other] = 0.05;
                    (b, all)
                },
                start: if coordinate == 0 {
                    [from, 0.2]
                } else {
                    [0.2, from]
                },
            };
            let exit = Exit::Beyond {
                coordinate,
                at: to,
                above: to > from,
            };
            let found = plane.passage(&exit).unwrap();
            holds(
                (found.value, found.value * found.relative_error),
                right,
                5e-3,
                "exit",
            );
            // As a formula it is the same, by cut links.
            let sign = (to - from).signum();
            let out = |x: Point| sign * (x[coordinate] - to);
            let found = plane.passage(&Exit::Where(&out)).unwrap();
            holds(
                (found.value, found.value * found.relative_error),
                right,
                2e-2,
                "by formula",
            );
        }
    }
}

/// Brownian motion from a place in a disc of radius 1 is out after (1 − r²)/4D; in correlated noise D from an ellipse xᵀMx = 1 with M:D = ½ after
/// 1 − xᵀMx.
#[test]
fn out_of_a_disc() {
    for (d, [m, n, k]) in [
        ([0.7, 0.0, 0.7], [1.0, 0.0, 1.0]),
        ([0.5, 0.2, 0.4], [1.0, 0.5, 2.0]),
    ] {
        let plane = Plane {
            at: &|_| ([0.0; 2], d),
            start: [0.3, -0.2],
        };
        let out = |x: Point| m * x[0] * x[0] + 2.0 * n * x[0] * x[1] + k * x[1] * x[1] - 1.0;
        let speed = 2.0 * (m * d[0] + 2.0 * n * d[1] + k * d[2]);
        let right = -out(plane.start) / speed;
        let found = plane.passage(&Exit::Where(&out)).unwrap();
        holds(
            (found.value, found.value * found.relative_error),
            right,
            2e-2,
            "disc",
        );
    }
}

/// A particle with inertia in ¼x⁴ − ½x² at T = 0.1, 0.2 and γ = 0.5, 1, 3 over the saddle and beyond it: the solver of the Klein–Kramers equation.
#[test]
fn a_particle_with_inertia() {
    for (t, damping, exit) in [(0.2, 1.0, 0.0), (0.1, 0.5, 0.5), (0.2, 3.0, 0.3)] {
        let particle = Particle {
            loss: &|x| 0.25 * x.powi(4) - 0.5 * x * x,
            slope: &|x| x * x * x - x,
            temperature: t,
            damping,
            mass: 1.0,
        };
        let right = particle.passage(Arrival { start: -1.0, exit }).unwrap();
        let plane = Plane {
            at: &|x| {
                let force = x[0] - x[0].powi(3);
                ([x[1], force - damping * x[1]], [0.0, 0.0, damping * t])
            },
            start: [-1.0, 0.0],
        };
        let over = Exit::Beyond {
            coordinate: 0,
            at: exit,
            above: true,
        };
        let found = plane.passage(&over).unwrap();
        let error = found.value * found.relative_error + right.value * right.relative_error;
        holds((found.value, error), right.value, 2e-2, "inertia");
    }
}

/// The same particle in the long run, in both wells: Boltzmann's E x² and E v² = T, and E x = 0.
#[test]
fn inertia_in_two_wells() {
    let t = 0.2;
    let plane = Plane {
        at: &|x| ([x[1], x[0] - x[0].powi(3) - x[1]], [0.0, 0.0, t]),
        start: [-1.0, 0.0],
    };
    let weight = |x: f64| (-(0.25 * x.powi(4) - 0.5 * x * x) / t).exp();
    let sum =
        |f: &dyn Fn(f64) -> f64| -> f64 { (-4000..4000).map(|k| f(0.001 * f64::from(k))).sum() };
    let law = plane.stationary().unwrap();
    holds(
        mean_of(&law, &|x| x[0] * x[0]),
        sum(&|x| x * x * weight(x)) / sum(&weight),
        1e-3,
        "x²",
    );
    holds(mean_of(&law, &|x| x[1] * x[1]), t, 1e-3, "v²");
    let rate = plane.relaxation().unwrap();
    let hops = Particle {
        loss: &|x| 0.25 * x.powi(4) - 0.5 * x * x,
        slope: &|x| x * x * x - x,
        temperature: t,
        damping: 1.0,
        mass: 1.0,
    };
    let right = hops.relaxation(-1.0, 0.0).unwrap().eigenvalue;
    assert!((rate / right - 1.0).abs() < 0.01, "{rate} {right}");
}

#[test]
fn what_has_no_answer_says_so() {
    let free = Plane {
        at: &|_| ([0.0; 2], [1.0, 0.0, 1.0]),
        start: [0.0; 2],
    };
    assert!(
        free.stationary()
            .unwrap_err()
            .to_string()
            .contains("nothing confines")
    );
    let out = |x: Point| x[0] + 1.0;
    assert!(
        free.passage(&Exit::Where(&out))
            .unwrap_err()
            .to_string()
            .contains("out already")
    );
    let inert = Plane {
        at: &|x| ([x[1], -x[0] - x[1]], [0.0, 0.0, 1.0]),
        start: [0.0; 2],
    };
    let out = |x: Point| x[0] + x[1] - 1.0;
    assert!(
        inert
            .passage(&Exit::Where(&out))
            .unwrap_err()
            .to_string()
            .contains("one coordinate alone")
    );
    let wrong = Plane {
        at: &|x| ([-x[0], -x[1]], [1.0, 2.0, 1.0]),
        start: [0.0; 2],
    };
    assert!(
        wrong
            .stationary()
            .unwrap_err()
            .to_string()
            .contains("no less than 0")
    );
}

/// Variances of dxᵢ = −aᵢxᵢ dt + noise, D/aᵢ: with scales a thousand apart, in other units, from far away, in noise of rank one, and in x noise whose root is
/// 0.5x beside 0.3, 0.09/(2 − 0.25), whose law falls as x⁻¹⁰ only; where it falls as x^−4.5 there is a sentence.
#[test]
fn scales_units_and_tails() {
    type At = Box<dyn Fn(Point) -> Coefficients>;
    let linear =
        |a: Point, d: [f64; 3]| -> At { Box::new(move |x| ([-a[0] * x[0], -a[1] * x[1]], d)) };
    let multiplied = |part: f64| -> At {
        Box::new(move |x| {
            (
                [-x[0], -x[1]],
                [0.5 * (part * x[0] * x[0] + 0.09), 0.0, 0.1],
            )
        })
    };
    let third = 1.0 / 3.0;
    let cases: [(At, Point, Point); 6] = [
        (
            linear([1.0, 1000.0], [0.1, 0.0, 0.1]),
            [1.0, 0.0],
            [0.1, 1e-4],
        ),
        (
            linear([1.0, 3.0], [1e8, 0.0, 1e8]),
            [1e4, 0.0],
            [1e8, third * 1e8],
        ),
        (
            linear([1.0, 3.0], [1e-12, 0.0, 1e-12]),
            [0.0; 2],
            [1e-12, third * 1e-12],
        ),
        (
            linear([1.0, 3.0], [0.1, 0.0, 0.1]),
            [50.0, -30.0],
            [0.1, third * 0.1],
        ),
        (
            linear([1.0, 3.0], [0.5, 0.5, 0.5]),
            [1.0, 0.0],
            [0.5, third * 0.5],
        ),
        (multiplied(0.25), [0.5, 0.0], [0.09 / 1.75, 0.1]),
    ];
    for (at, start, right) in &cases {
        let law = Plane { at, start: *start }.stationary().unwrap();
        for (i, right) in right.iter().enumerate() {
            let (value, error) = mean_of(&law, &|x| x[i] * x[i]);
            assert!(
                (value - right).abs() <= error && error <= 0.01 * right,
                "{value} ± {error} {right}"
            );
        }
    }
    let heavy = Plane {
        at: &multiplied(0.81),
        start: [0.5, 0.0],
    };
    let law = heavy
        .stationary()
        .and_then(|law| law.mean(&|x| x[0] * x[0]));
    assert!(law.unwrap_err().to_string().contains("resolves"));
}
