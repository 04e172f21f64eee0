//! Minima found by Newton's method, and trainings on the loss to second order there.

use kramers::network::convert::{matrix, numbers};
use kramers::network::curvature::Hessian;
use kramers::network::local::Local;
use kramers::network::loss::Loss;
use kramers::network::minibatch::{Draw, Minibatches};
use kramers::network::minimum::critical;
use kramers::network::model::Statistics;
use kramers::network::model::registry::Architecture;
use kramers::network::noise::{covariance, per_example};
use kramers::network::objective::Objective;
use kramers::network::set::Examples;
use kramers::network::tch::{Device, Kind, Tensor};
use kramers::network::training::{Gradient, Training};
use kramers::simulation::data::digits;
use kramers::simulation::optimizer::sgd::Sgd;
use kramers::simulation::random::Stream;
use nalgebra::{DMatrix, DVector};

/// Logistic regression on 4 × 4 pixels, digits below 5 against the rest.
fn logistic(l2: f64) -> (Objective, Examples) {
    kramers::network::tch::set_num_threads(1);
    let split = digits::split(&Stream::new(1, 0), 0, 300).unwrap();
    let set = split.train.as_image().unwrap().pooled(2).unwrap().below(5);
    let objective = Objective {
        model: Architecture::Linear.build(&set.shape, 1).unwrap(),
        loss: Loss::Logistic,
        l2,
    };
    (objective, Examples::of(&set, Kind::Double, Device::Cpu))
}

/// The Hessian of logistic regression is Xᵀdiag(p(1 − p))X/n + λI: against it, with p from the network's outputs, the one
/// found by differentiation twice agrees to rounding, and the gradient Xᵀ(p − y)/n + λθ vanishes to 1e-12.
#[test]
fn logistic_regression_has_a_minimum_of_known_curvature() {
    let (objective, examples) = logistic(0.01);
    assert_eq!(objective.parameters(), 17);
    let start = Tensor::zeros([1, 17], (Kind::Double, Device::Cpu));
    let found = critical(&objective, &examples, &start, 1e-12).unwrap();
    assert!(found.slope <= 1e-12, "{}", found.slope);
    let all = examples.span(0, 300, 1);
    let outputs = objective.outputs(&found.theta, &all.inputs, &Statistics::default());
    let p = numbers(&outputs.sigmoid());
    let pixels = matrix(&all.inputs.reshape([300, 16]));
    let x = DMatrix::from_fn(300, 17, |i, j| if j < 16 { pixels[(i, j)] } else { 1.0 });
    let weights = DMatrix::from_diagonal(&DVector::from_fn(300, |i, _| p[i] * (1.0 - p[i])));
    let hessian = x.transpose() * weights * &x / 300.0 + DMatrix::identity(17, 17) * 0.01;
    assert!((&hessian - &found.hessian).amax() < 1e-13);
    let classes = numbers(examples.classes());
    let theta = DVector::from_vec(numbers(&found.theta));
    let residual = DVector::from_fn(300, |i, _| p[i] - classes[i]);
    let gradient = x.transpose() * residual / 300.0 + theta * 0.01;
    assert!(gradient.amax() < 1e-13, "{}", gradient.amax());
}

#[test]
fn a_search_that_cannot_end_says_so() {
    let (objective, examples) = logistic(0.01);
    let start = Tensor::zeros([1, 17], (Kind::Double, Device::Cpu));
    let error = critical(&objective, &examples, &start, 0.0)
        .unwrap_err()
        .to_string();
    assert!(error.contains("Newton"), "{error}");
}

/// On the expansion one step of SGD from θ* + v is θ* + v − η(Hv + ḡ), ḡ the mean of the batch's rows; far down, the
/// network's own step from the same place on the same batch is off by the third derivative times |v|², which a step ten
/// times as small shows.
#[test]
fn the_expansion_is_the_network_to_second_order() {
    let (objective, examples) = logistic(0.05);
    let start = Tensor::zeros([1, 17], (Kind::Double, Device::Cpu));
    let found = critical(&objective, &examples, &start, 1e-12).unwrap();
    let statistics = Statistics::default();
    let rows = per_example(&objective, &found.theta, &examples, &statistics, 300);
    let rows = &rows - rows.mean_dim(0i64, true, Kind::Double);
    let rule = Sgd::new(0.5);
    let members = [0, 1, 2];
    let gap = |size: f64| {
        let away = Tensor::from_slice(
            &(0..51)
                .map(|i| size * f64::from(i).sin())
                .collect::<Vec<_>>(),
        );
        let theta = &found.theta + away.reshape([3, 17]);
        let draw = Draw::All;
        let stream = || Stream::new(9, 0);
        let own = Minibatches::new(examples.member(0), draw, stream(), &members);
        let local = Minibatches::new(
            examples.with_inputs(rows.unsqueeze(0)),
            draw,
            stream(),
            &members,
        );
        let mut training =
            Training::new(&objective, &rule, own, Gradient::Plain, theta.copy()).unwrap();
        let mut expansion = Local::new(
            &found.hessian,
            found.theta.shallow_clone(),
            local,
            &rule,
            theta,
        )
        .unwrap();
        training.step();
        expansion.step();
        assert_eq!((training.taken(), expansion.taken()), (1, 1));
        (training.theta() - expansion.theta())
            .norm()
            .double_value(&[])
    };
    let (large, small) = (gap(1e-2), gap(1e-3));
    // Second order in v: a factor of 100, but for the next order, which is 12 % of it at 0.1.
    assert!(
        (large / small / 100.0 - 1.0).abs() < 0.03,
        "{large:e} {small:e}"
    );
}

/// The batches of the expansion are those of the network, and its noise is C: over 4000 batches of 4 the mean of each
/// row's square against the diagonal of C/B, 5 standard errors (α = 1e-6 for each of 17; seed 9). The standard error of a
/// variance over n batches is at most √((κ − 1)/n) of it, κ = 8 bounding the kurtosis of a mean of 4 rows here.
#[test]
fn the_expansions_noise_is_that_of_the_minimum() {
    let (objective, examples) = logistic(0.05);
    let start = Tensor::zeros([1, 17], (Kind::Double, Device::Cpu));
    let found = critical(&objective, &examples, &start, 1e-12).unwrap();
    let rows = per_example(
        &objective,
        &found.theta,
        &examples,
        &Statistics::default(),
        300,
    );
    let noise = covariance(&rows);
    let rows = &rows - rows.mean_dim(0i64, true, Kind::Double);
    let members: Vec<u64> = (0..400).collect();
    let batches = |set: Examples| Minibatches::new(set, Draw::Anew(4), Stream::new(9, 0), &members);
    let own = batches(examples.member(0));
    let local = batches(examples.with_inputs(rows.unsqueeze(0)));
    let mut square = Tensor::zeros([17], (Kind::Double, Device::Cpu));
    for turn in 0..10 {
        let (network, expansion) = (own.batch(turn), local.batch(turn));
        assert_eq!(numbers(&network.classes), numbers(&expansion.classes));
        let mean = expansion.inputs.mean_dim(1i64, false, Kind::Double);
        square += (&mean * &mean).mean_dim(0i64, false, Kind::Double) / 10.0;
    }
    for (k, value) in numbers(&square).into_iter().enumerate() {
        let exact = noise[(k, k)] / 4.0;
        let allowed = 5.0 * (7.0f64 / 4000.0).sqrt();
        assert!(
            (value / exact - 1.0).abs() < allowed || exact < 1e-12,
            "{k}: {value} {exact}"
        );
    }
}

/// With the full Hessian from `critical` and that of the operator there is one matrix.
#[test]
fn the_hessian_is_that_of_the_operator() {
    let (objective, examples) = logistic(0.05);
    let start = Tensor::zeros([1, 17], (Kind::Double, Device::Cpu));
    let found = critical(&objective, &examples, &start, 1e-12).unwrap();
    let statistics = Statistics::default();
    let operator = Hessian {
        objective: &objective,
        theta: &found.theta,
        examples: &examples,
        statistics: &statistics,
        most: 100,
        together: 5,
    };
    assert!((operator.dense() - found.hessian).amax() < 1e-14);
}
