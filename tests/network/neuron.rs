//! One cubic neuron: the closed forms of its escape against the network that libtorch trains.

use kramers::network::convert::numbers;
use kramers::network::loss::Loss;
use kramers::network::minimum::critical;
use kramers::network::model::Statistics;
use kramers::network::model::registry::Architecture;
use kramers::network::noise::{covariance, per_example};
use kramers::network::objective::Objective;
use kramers::network::protocol::escape::Neuron;
use kramers::network::set::Examples;
use kramers::network::tch::{Device, Kind, Tensor};
use kramers::simulation::data::LabelNoise;
use kramers::simulation::feature::PatchLaw;
use kramers::simulation::random::Stream;

/// The network, its examples, and the neuron that stands for them.
fn network() -> (Objective, Examples, Neuron) {
    kramers::network::tch::set_num_threads(1);
    let law = PatchLaw {
        dim: 2,
        patches: 2,
        alpha: 1.5,
        beta: 0.3,
        sigma: 0.0,
    };
    let stream = Stream::new(3, 0);
    let mut set = law.draw(&stream, 0, 80, 0).labelled().unwrap();
    let wrong = LabelNoise::PairFlip { p: 0.2 }
        .apply(&mut set, &stream, 0)
        .unwrap();
    let l2 = 0.7;
    let architecture = Architecture::Cubic {
        neurons: 1,
        init: 0.1,
    };
    let objective = Objective {
        model: architecture.build(&set.shape, 1).unwrap(),
        loss: Loss::Logistic,
        l2,
    };
    let count = wrong.iter().filter(|wrong| **wrong).count();
    let neuron = Neuron {
        alpha: 1.5,
        wrong: count as f64 / 80.0,
        l2,
    };
    assert!(count > 5 && count < 30, "{count}");
    (
        objective,
        Examples::of(&set, Kind::Double, Device::Cpu),
        neuron,
    )
}

fn at(w: f64) -> Tensor {
    Tensor::from_slice(&[w, 0.0]).reshape([1, 2])
}

#[test]
fn gradient_noise_and_loss_are_the_networks() {
    let (objective, examples, neuron) = network();
    let statistics = Statistics::default();
    for w in [0.2, 0.45, 0.7, 1.1] {
        let theta = at(w);
        let gradient = numbers(&objective.full_gradient(&theta, &examples, &statistics, 80));
        assert!((gradient[0] - neuron.batch(w, neuron.wrong)).abs() < 1e-13);
        assert_eq!(gradient[1], 0.0);
        let rows = per_example(&objective, &theta, &examples, &statistics, 80);
        assert!((covariance(&rows)[(0, 0)] - neuron.variance(w)).abs() < 1e-12);
        let loss = objective.evaluate(&theta, &examples, &statistics, 80).loss[0];
        assert!((loss - neuron.loss(w)).abs() < 1e-14);
    }
}

#[test]
fn the_saddle_and_the_minimum_are_the_networks() {
    let (objective, examples, neuron) = network();
    let (saddle, minimum) = neuron.landscape().unwrap();
    for (w, upward) in [(saddle, false), (minimum, true)] {
        // From a little beside it.
        let found = critical(&objective, &examples, &at(w + 0.01), 1e-12).unwrap();
        let theta = numbers(&found.theta);
        assert!(
            (theta[0] - w).abs() < 1e-11 && theta[1] == 0.0,
            "{theta:?} {w}"
        );
        let curvature = found.hessian[(0, 0)];
        assert_eq!(curvature > 0.0, upward);
        // Central differences of step 1e-5 are off by 1e-10 of the third derivative and 1e-11 by rounding.
        assert!((curvature - neuron.curvature(w)).abs() < 1e-8);
        assert!((found.hessian[(1, 1)] - neuron.l2).abs() < 1e-14);
    }
}
