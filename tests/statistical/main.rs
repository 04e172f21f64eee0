//! Stochastic gradients and ensembles against what they must be on average.
//!
//! Seeds are fixed; comparisons allow 5 standard errors, which a right lab exceeds with chance 5.7e-7
//! each (α), the standard error being that of the sample itself or exact where said so.

mod adaptive;
mod ends;
mod fresh;
mod gaussian;
mod hessian;
mod minibatch;
mod stable;

use kramers::simulation::landscape::Landscape;
use kramers::simulation::landscape::registry::{Settings, build};
use kramers::simulation::noise::{Oracle, Place};
use kramers::simulation::random::{Address, Stream, fill_normals, period};
use nalgebra::{DMatrix, DVector};

/// The surface called `name` with the given parameters.
fn surface(name: &str, parameters: &[(&str, f64)]) -> Box<dyn Landscape> {
    let scalars = parameters.iter().map(|(key, x)| (key.to_string(), *x));
    let settings = Settings {
        scalars: scalars.collect(),
        ..Settings::default()
    };
    build(name, &settings).unwrap()
}

/// ∇L at one point.
fn slope(surface: &dyn Landscape, theta: &[f64]) -> DVector<f64> {
    let mut gradient = vec![0.0; theta.len()];
    surface.gradient(theta, 1, &mut gradient);
    DVector::from_vec(gradient)
}

/// One stochastic gradient at `theta` of each of `particles` particles about to take step `step`.
fn gradients(
    oracle: &dyn Oracle,
    theta: &[f64],
    stream: &Stream,
    particles: u64,
    step: u64,
) -> Vec<DVector<f64>> {
    let (dim, lanes) = (oracle.dim(), 64);
    let per_step = oracle.normals();
    let rounds = period::<f64>(stream, per_step);
    let block: Vec<f64> = theta.iter().flat_map(|x| vec![*x; lanes]).collect();
    let mut normals = vec![0.0; per_step * rounds as usize * lanes];
    let (mut out, mut scratch) = (vec![0.0; dim * lanes], vec![0.0; oracle.scratch(lanes)]);
    let mut found = Vec::new();
    for first in (0..particles).step_by(lanes) {
        let particle: Vec<u64> = (first..first + lanes as u64).collect();
        let even = vec![step - step % rounds; lanes];
        let address = Address {
            particle: &particle,
            step: &even,
        };
        fill_normals(stream, address, per_step, &mut normals);
        let row = per_step * lanes;
        let place = Place {
            lanes,
            theta: &block,
            particle: &particle,
            step: &vec![step; lanes],
            stream,
            normals: &normals[(step % rounds) as usize * row..][..row],
            live: &[],
        };
        oracle.gradient(place, &mut out, &mut scratch);
        for lane in 0..lanes {
            found.push(DVector::from_fn(dim, |i, _| out[i * lanes + lane]));
        }
    }
    found
}

/// Mean and covariance of `gradients` within 5 standard errors of `mean` and `covariance`.
fn agree(gradients: &[DVector<f64>], mean: &DVector<f64>, covariance: &DMatrix<f64>) {
    let centred: Vec<DVector<f64>> = gradients.iter().map(|g| g - mean).collect();
    for i in 0..mean.len() {
        let column = centred.iter().map(|g| g[i]);
        within(column, 0.0, &format!("mean of coordinate {i}"));
        for j in 0..=i {
            let products = centred.iter().map(|g| g[i] * g[j]);
            within(
                products,
                covariance[(i, j)],
                &format!("covariance {i}, {j}"),
            );
        }
    }
}

/// The mean of `values` within 5 of its standard errors of `expected`.
fn within(values: impl Iterator<Item = f64> + Clone, expected: f64, what: &str) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let error = (values.map(|x| (x - mean).powi(2)).sum::<f64>() / (n * (n - 1.0))).sqrt();
    let z = (mean - expected) / error;
    assert!(z.abs() < 5.0, "{what}: {mean} ± {error} against {expected}");
}
