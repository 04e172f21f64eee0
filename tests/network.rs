//! Real networks through libtorch (feature `torch`).

#[path = "network/course.rs"]
mod course;
#[path = "network/curvature.rs"]
mod curvature;
#[path = "network/golden.rs"]
mod golden;
#[path = "network/minimum.rs"]
mod minimum;
#[path = "network/models.rs"]
mod models;
#[path = "network/neuron.rs"]
mod neuron;
#[path = "network/noise.rs"]
mod noise;
#[path = "network/points.rs"]
mod points;
#[path = "network/training.rs"]
mod training;

#[path = "network/user_data.rs"]
mod user_data;

use kramers::network::loss::Loss;
use kramers::network::model::registry::Architecture;
use kramers::network::objective::Objective;
use kramers::network::set::Examples;
use kramers::network::tch::{Device, Kind, Tensor};
use kramers::simulation::data::digits;
use kramers::simulation::random::Stream;

/// A network of 16–18–14–10 units on digits of 4 × 4 pixels, as the objective, with the examples it is trained on.
fn small(l2: f64, train: usize) -> (Objective, Examples) {
    let split = digits::split(&Stream::new(1, 0), 0, train).unwrap();
    let set = split.train.as_image().unwrap().pooled(2).unwrap();
    let model = Architecture::Mlp {
        hidden: vec![18, 14],
    };
    let objective = Objective {
        model: model.build(&set.shape, set.classes).unwrap(),
        loss: Loss::CrossEntropy,
        l2,
    };
    (objective, Examples::of(&set, Kind::Double, Device::Cpu))
}

/// First parameters of these members.
fn start(objective: &Objective, members: &[u64]) -> Tensor {
    kramers::network::tch::set_num_threads(1);
    let stream = Stream::new(2, 0);
    objective
        .model
        .layout()
        .draw(&stream, members, Kind::Double, Device::Cpu)
}
