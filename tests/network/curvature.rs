//! The Hessian and the gradient noise of a network of 700 parameters.

use kramers::network::convert::{matrix, numbers, vector};
use kramers::network::curvature::{Hessian, Symmetric, density, signs, top, trace};
use kramers::network::model::Statistics;
use kramers::network::noise::{covariance, per_example};
use kramers::network::tch::{Kind, Tensor};
use kramers::simulation::random::Stream;

use super::{small, start};

/// One network, its Hessian in full, and the operator.
fn with_hessian(check: impl Fn(&Hessian<'_>, &nalgebra::DMatrix<f64>)) {
    let (objective, examples) = small(1e-3, 300);
    let theta = start(&objective, &[0]);
    let statistics = Statistics::default();
    let hessian = Hessian {
        objective: &objective,
        theta: &theta,
        examples: &examples,
        statistics: &statistics,
        most: 1000,
        together: 64,
    };
    assert_eq!(hessian.dim(), 722);
    let full = hessian.dense();
    check(&hessian, &full);
}

/// Eigenvalues by Lanczos equal those of a dense solver to 1e-8, with residuals of at most 1e-6.
#[test]
fn the_largest_eigenvalues_are_those_of_a_dense_solver() {
    with_hessian(|hessian, full| {
        let mut dense: Vec<f64> = full.symmetric_eigenvalues().iter().copied().collect();
        dense.sort_by(|a, b| b.total_cmp(a));
        let first = signs(&Stream::new(3, 0), 0, 1, hessian.theta).squeeze_dim(0);
        let found = top(hessian, &first, 10, 1e-9, 700);
        for (k, value) in found.values.iter().enumerate() {
            assert!((value - dense[k]).abs() < 1e-8, "{k}: {value} {}", dense[k]);
            assert!(found.residuals[k] < 1e-6, "{k}: {}", found.residuals[k]);
        }
        assert!(found.products < 300, "{} products", found.products);
        let gram = matrix(&found.vectors.matmul(&found.vectors.tr()));
        assert!((gram - nalgebra::DMatrix::identity(10, 10)).amax() < 1e-10);
    });
}

/// A product is the derivative of the gradient along the vector, and a part of the examples at a time or all at once
/// make no difference beyond rounding.
#[test]
fn products_are_slopes_of_the_gradient() {
    let (objective, examples) = small(1e-3, 300);
    let theta = start(&objective, &[1]);
    let statistics = Statistics::default();
    let of = |most, together| Hessian {
        objective: &objective,
        theta: &theta,
        examples: &examples,
        statistics: &statistics,
        most,
        together,
    };
    let vectors = start(&objective, &[5, 6, 7]);
    let found = of(1000, 8).apply(&vectors);
    let parts = of(70, 2).apply(&vectors);
    assert!((&found - parts).abs().max().double_value(&[]) < 1e-13);
    // Smooth between kinks of the rectifiers: a step of 1e-6 crosses few of them, and the rounding is 1e-10.
    let h = 1e-6;
    for k in 0..3 {
        let along = vectors.narrow(0, k, 1);
        let gradient =
            |theta: Tensor| objective.full_gradient(&theta, &examples, &statistics, 1000);
        let slope = (gradient(&theta + &along * h) - gradient(&theta - &along * h)) / (2.0 * h);
        let gap = (slope - found.narrow(0, k, 1)).norm().double_value(&[]);
        let size = found.narrow(0, k, 1).norm().double_value(&[]);
        assert!(gap < 1e-3 * size, "{k}: {gap:e} of {size:e}");
    }
}

/// Seed 4, 400 probes: the mean lies within 4.9 standard errors of the trace (α = 1e-6), and the standard error is the
/// one of Rademacher probes, √(2(‖H‖² − Σ H_ii²)/n), within 20 % (its own error at n = 400 is 3.5 %).
#[test]
fn probes_are_unbiased_for_the_trace() {
    with_hessian(|hessian, full| {
        let probes = signs(&Stream::new(4, 0), 0, 400, hessian.theta);
        let values = trace(hessian, &probes);
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let exact = 2.0 * (full.norm_squared() - full.diagonal().norm_squared());
        assert!((variance / exact - 1.0).abs() < 0.2, "{variance} {exact}");
        assert!(
            (mean - full.trace()).abs() < 4.9 * (exact / n).sqrt(),
            "{mean} {}",
            full.trace()
        );
    });
}

/// The density integrates to 1 (each probe's does), and its mean is the trace over P: seed 5, 30 probes, 5 standard
/// errors.
#[test]
fn the_density_has_the_spectrums_mass_and_mean() {
    with_hessian(|hessian, full| {
        let probes = signs(&Stream::new(5, 0), 0, 30, hessian.theta);
        let found = density(hessian, &probes, 60, 2000, 0.005);
        let step = found.at[1] - found.at[0];
        let moments = |probe: usize| {
            let of = |weight: &dyn Fn(f64) -> f64| {
                let terms = found.at.iter().zip(&found.each);
                terms
                    .map(|(x, each)| weight(*x) * each[probe] * step)
                    .sum::<f64>()
            };
            (of(&|_| 1.0), of(&|x| x))
        };
        let all: Vec<(f64, f64)> = (0..30).map(moments).collect();
        for (mass, _) in &all {
            assert!((mass - 1.0).abs() < 1e-3, "{mass}");
        }
        let mean = all.iter().map(|m| m.1).sum::<f64>() / 30.0;
        let variance = all.iter().map(|m| (m.1 - mean).powi(2)).sum::<f64>() / 29.0;
        let exact = full.trace() / 722.0;
        assert!(
            (mean - exact).abs() < 5.0 * (variance / 30.0).sqrt(),
            "{mean} {exact}"
        );
    });
}

/// Gradients of single examples, all at once, are those taken one by one; their mean is the gradient, and C their
/// covariance.
#[test]
fn gradients_of_single_examples() {
    let (objective, examples) = small(0.0, 40);
    let theta = start(&objective, &[2]);
    let statistics = Statistics::default();
    let all = per_example(&objective, &theta, &examples, &statistics, 16);
    assert_eq!(all.size(), [40, 722]);
    for k in [0, 7, 39] {
        let batch = examples.span(k, 1, 1);
        let own = numbers(&objective.gradient(&theta, &batch, &statistics));
        for (a, b) in own.iter().zip(numbers(&all.get(k))) {
            assert!((a - b).abs() < 1e-14, "{a} {b}");
        }
    }
    let mean = objective.full_gradient(&theta, &examples, &statistics, 1000);
    let gap = all.mean_dim(0i64, true, Kind::Double) - mean;
    assert!(gap.abs().max().double_value(&[]) < 1e-14);
    let rows = matrix(&all);
    let mean = rows.row_mean();
    let centred = nalgebra::DMatrix::from_fn(40, 722, |i, j| rows[(i, j)] - mean[j]);
    let exact = centred.transpose() * &centred / 40.0;
    assert!((covariance(&all) - exact).amax() < 1e-14);
    assert_eq!(vector(&theta).len(), 722);
}
