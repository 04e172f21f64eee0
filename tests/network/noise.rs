//! C, H and the Fisher information against closed forms, and the noise of minibatches.

use kramers::network::convert::{matrix, numbers, tensor};
use kramers::network::curvature::{Hessian, Spectrum};
use kramers::network::loss::Loss;
use kramers::network::minibatch::anew;
use kramers::network::model::Statistics;
use kramers::network::model::registry::Architecture;
use kramers::network::noise::{by_class, covariance, fisher, of_batches, per_example};
use kramers::network::objective::Objective;
use kramers::network::set::Examples;
use kramers::network::tch::{Device, Kind, Tensor};
use kramers::simulation::data::{Labelled, digits};
use kramers::simulation::random::Stream;
use kramers::simulation::softmax::{Data, Model};
use nalgebra::DMatrix;

use super::{small, start};

fn pooled(train: usize) -> Labelled {
    let split = digits::split(&Stream::new(1, 0), 0, train).unwrap();
    split.train.as_image().unwrap().pooled(2).unwrap()
}

fn objective(set: &Labelled, model: Architecture) -> Objective {
    Objective {
        model: model.build(&set.shape, set.classes).unwrap(),
        loss: Loss::CrossEntropy,
        l2: 0.0,
    }
}

fn hessian(objective: &Objective, theta: &Tensor, examples: &Examples) -> DMatrix<f64> {
    let statistics = Statistics::default();
    Hessian {
        objective,
        theta,
        examples,
        statistics: &statistics,
        most: 1000,
        together: 64,
    }
    .dense()
}

fn probabilities(objective: &Objective, theta: &Tensor, examples: &Examples) -> Tensor {
    let inputs = examples.span(0, examples.len(), 1).inputs;
    let outputs = objective.outputs(theta, &inputs, &Statistics::default());
    objective.loss.probabilities(&outputs).squeeze_dim(0)
}

/// Softmax regression on digits: C₁ and H by libtorch are those of the closed form, and F is H. 1e-12 is some thousand
/// roundings of numbers below 1.
#[test]
fn softmax_regression_has_the_noise_and_the_hessian_of_its_closed_form() {
    let set = pooled(200);
    let objective = objective(&set, Architecture::Linear);
    let examples = Examples::of(&set, Kind::Double, Device::Cpu);
    let theta = start(&objective, &[3]) * 3.0;
    let own = numbers(&theta);
    let (features, classes) = (17, 10);
    // Row i of the tensor's weights is the feature i, the last one the bias; the closed form goes class by class.
    let place = |k: usize, i: usize| i * classes + k;
    let order: Vec<usize> = (0..classes)
        .flat_map(|k| (0..features).map(move |i| place(k, i)))
        .collect();
    let model = Model {
        features,
        weights: order.iter().map(|at| own[*at]).collect(),
    };
    let x = set.inputs.chunks(16).flat_map(|image| {
        let pixels = image.iter().map(|x| f64::from(*x));
        pixels.chain([1.0]).collect::<Vec<_>>()
    });
    let data = Data {
        features,
        x: x.collect(),
        y: set.labels.iter().map(|y| *y as usize).collect(),
    };
    let exact = model.curvature(&data);
    let sorted = |m: &DMatrix<f64>| m.select_rows(&order).select_columns(&order);

    let statistics = Statistics::default();
    let gradients = per_example(&objective, &theta, &examples, &statistics, 64);
    let noise = sorted(&covariance(&gradients));
    assert!((noise - &exact.noise).amax() < 1e-12);
    let full = sorted(&hessian(&objective, &theta, &examples));
    assert!((full - &exact.hessian).amax() < 1e-12);
    let each = by_class(&objective, &theta, &examples, &statistics, 10, 64);
    let information = fisher(&each, &probabilities(&objective, &theta, &examples));
    assert!((sorted(&information) - &exact.hessian).amax() < 1e-12);
}

/// A network with a hidden layer. Over labels drawn from its own probabilities, H has the mean F and C₁ has the mean
/// (1 − 1/n)F: all 10³ labellings of three examples, each with its probability. And tr H = tr F for each of them,
/// since no output has a second derivative on the diagonal.
#[test]
fn with_labels_of_its_own_the_hessian_and_the_noise_are_the_fisher_information_on_average() {
    let set = pooled(3);
    let objective = objective(&set, Architecture::Mlp { hidden: vec![2] });
    let examples = Examples::of(&set, Kind::Double, Device::Cpu);
    let theta = start(&objective, &[1]);
    let statistics = Statistics::default();
    let gradients = by_class(&objective, &theta, &examples, &statistics, 10, 64);
    let p = probabilities(&objective, &theta, &examples);
    let information = fisher(&gradients, &p);
    let p = matrix(&p);
    let size = information.nrows();
    let (mut h, mut c) = (DMatrix::zeros(size, size), DMatrix::zeros(size, size));
    // H is a mean over examples: their own labels are enough.
    for (example, class) in (0..3).flat_map(|e| (0..10).map(move |k| (e, k))) {
        let mut labels = [0i64; 3];
        labels[example as usize] = class;
        let own = Examples::of(&set, Kind::Double, Device::Cpu)
            .relabelled(Tensor::from_slice(&labels).unsqueeze(0));
        let full = hessian(&objective, &theta, &own);
        assert!((full.trace() - information.trace()).abs() < 1e-12);
        let other = {
            labels[example as usize] = 0;
            let own = own.relabelled(Tensor::from_slice(&labels).unsqueeze(0));
            hessian(&objective, &theta, &own)
        };
        h += (full - other) * p[(example as usize, class as usize)];
    }
    let zeros = examples.relabelled(Tensor::zeros([1, 3], (Kind::Int64, Device::Cpu)));
    h += hessian(&objective, &theta, &zeros);
    assert!((h - &information).amax() < 1e-12);
    let rows = gradients.flatten(0, 1);
    for labelling in 0..1000i64 {
        let labels = [labelling / 100, labelling / 10 % 10, labelling % 10];
        let chance: f64 = (0..3).map(|j| p[(j, labels[j] as usize)]).product();
        let places: Vec<i64> = (0..3).map(|j| j * 10 + labels[j as usize]).collect();
        let drawn = rows.index_select(0, &Tensor::from_slice(&places));
        c += covariance(&drawn) * chance;
    }
    let gap = c - information * (2.0 / 3.0);
    assert!(gap.amax() < 1e-12, "{:e}", gap.amax());
}

/// The noise from gradients of single examples is that of a backward pass on the batch.
#[test]
fn the_noise_of_a_batch_is_its_gradient_less_the_mean() {
    let (objective, examples) = small(0.0, 100);
    let theta = start(&objective, &[4]);
    let statistics = Statistics::default();
    let stream = Stream::new(7, 0);
    let gradients = per_example(&objective, &theta, &examples, &statistics, 64);
    let noise = of_batches(&gradients, (&stream, 5), 8, 3);
    assert_eq!(noise.size(), [3, 722]);
    let mean = objective.full_gradient(&theta, &examples, &statistics, 1000);
    for turn in 0..3 {
        let drawn = anew(&stream, 5, 8, turn, 100);
        let own = objective.gradient(&theta, &examples.pick(&drawn, 8), &statistics) - &mean;
        let gap = own.squeeze_dim(0) - noise.get(turn as i64);
        assert!(gap.abs().max().double_value(&[]) < 1e-13);
    }
}

/// UΛUᵀ is the matrix again, and the turned matrix of H itself is Λ.
#[test]
fn a_spectrum_takes_a_matrix_apart() {
    let (objective, examples) = small(0.0, 60);
    let theta = start(&objective, &[0]);
    let full = hessian(&objective, &theta, &examples);
    let spectrum = Spectrum::of(&full, &theta);
    assert!(spectrum.values.windows(2).all(|pair| pair[0] >= pair[1]));
    let gap = spectrum.turned(&full) - tensor(&spectrum.values, &[722], &theta).diag(0);
    assert!(gap.abs().max().double_value(&[]) < 1e-12);
    let first = spectrum.vector(0);
    let along = matrix(&first.unsqueeze(1));
    let image = &full * &along - &along * spectrum.values[0];
    assert!(image.norm() < 1e-12);
}
