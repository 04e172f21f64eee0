//! The slowest mode of a particle with inertia in a tilted quartic well, in oscillator functions of place and
//! velocity: everything is a polynomial, so that the matrix has few diagonals and no quadrature.

use super::chance::Chance;
use super::{Expected, Outcome};
use nalgebra::{DMatrix, DVector};

pub fn rate(chance: &mut Chance) -> Outcome {
    let (t, damping, tilt) = (
        chance.scale(0.05, 0.2),
        chance.scale(0.4, 4.0),
        chance.rounded(0.005, 0.08),
    );
    // Functions of x with the width s: x = s(a + a⁺)/√2, ∂ = (a − a⁺)/(√2 s).
    let solved = |places: usize, levels: usize| -> Option<(f64, f64)> {
        let s = 0.45;
        let ladder = |up: f64| {
            DMatrix::from_fn(places + 6, places + 6, |i, j| {
                if j == i + 1 {
                    (j as f64).sqrt()
                } else if i == j + 1 {
                    up * (i as f64).sqrt()
                } else {
                    0.0
                }
            })
        };
        let root = std::f64::consts::FRAC_1_SQRT_2;
        let x = ladder(1.0) * (s * root);
        let derivative = ladder(-1.0) * (root / s);
        let slope = &x * &x * &x - &x + DMatrix::identity(places + 6, places + 6) * tilt;
        // ∂ₜcₙ = −nγcₙ + √(n+1) Dᵀcₙ₊₁ − √n D cₙ₋₁ with D = √T ∂ + L′/(2√T) (mass 1).
        let lower = (derivative * t.sqrt() + slope * (0.5 / t.sqrt()))
            .view((0, 0), (places, places))
            .into_owned();
        let size = places * levels;
        let mut matrix = DMatrix::zeros(size, size);
        for n in 0..levels {
            for i in 0..places {
                matrix[(n * places + i, n * places + i)] = n as f64 * damping;
                for j in 0..places {
                    if n + 1 < levels {
                        matrix[(n * places + i, (n + 1) * places + j)] =
                            -((n + 1) as f64).sqrt() * lower[(j, i)];
                    }
                    if n > 0 {
                        matrix[(n * places + i, (n - 1) * places + j)] =
                            (n as f64).sqrt() * lower[(i, j)];
                    }
                }
            }
        }
        // Inverse iteration about −10⁻³, on two vectors: the steady state and the slowest mode.
        let shift = 1e-3;
        let lu = (matrix.clone() + DMatrix::identity(size, size) * shift).lu();
        let mut pair = DMatrix::from_fn(size, 2, |i, j| {
            if i < 12 {
                ((i + 3 * j) as f64).cos()
            } else {
                0.0
            }
        });
        let mut before = f64::NAN;
        for _ in 0..300 {
            pair = lu.solve(&pair)?;
            pair = pair.qr().q();
            let small = pair.transpose() * (&matrix * &pair);
            let trace: f64 = small.trace();
            if (trace / before - 1.0).abs() < 1e-12 {
                break;
            }
            before = trace;
        }
        let small: DMatrix<f64> = pair.transpose() * (&matrix * &pair);
        // The steady state's eigenvalue is 0 but for what the functions leave open.
        let found: DVector<f64> =
            DVector::from_vec(small.complex_eigenvalues().iter().map(|z| z.re).collect());
        Some((found.amax(), found.amin()))
    };
    let (Some((rough, _)), Some((eigenvalue, steady))) = (solved(46, 22), solved(60, 28)) else {
        return Outcome::Undecided("no mode".into());
    };
    Expected {
        quantity: "escape-rate",
        given: vec![
            format!("expression=0.25*(x^2-1)^2+{tilt}*x").replace("+-", "-"),
            format!("temperature={t}"),
            format!("damping={damping}"),
        ],
        values: vec![(
            "eigenvalue",
            eigenvalue,
            (rough - eigenvalue).abs() + steady.abs(),
        )],
        rounding: 1e-10,
        units: Vec::new(),
    }
    .judged()
}
