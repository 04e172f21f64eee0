//! Every model: its size, its gradient, and members that do not know of each other.

use kramers::network::convert::numbers;
use kramers::network::loss::Loss;
use kramers::network::model::Statistics;
use kramers::network::model::registry::Architecture;
use kramers::network::objective::Objective;
use kramers::network::set::{Batch, Examples};
use kramers::network::tch::{Device, Kind, Tensor};
use kramers::simulation::data::{Labelled, Text};
use kramers::simulation::random::Stream;

const CLASSES: usize = 3;

/// Six examples of that shape from a formula, in three classes.
fn examples(shape: &[usize], classes: usize) -> Examples {
    let width: usize = shape.iter().product();
    let inputs = (0..6 * width).map(|i| ((i * i + 3 * i) % 17) as f32 / 17.0 - 0.4);
    let labels = (0..6).map(|i| i % classes as u32).collect();
    let set = Labelled::new(shape.to_vec(), inputs.collect(), labels, classes).unwrap();
    Examples::of(&set, Kind::Double, Device::Cpu)
}

/// Every architecture at a small size, with examples for it and its number of parameters.
fn all() -> Vec<(Architecture, Loss, Examples, Vec<usize>, i64)> {
    use Architecture::{ConvNet, Cubic, Linear, Lstm, Mlp, ResNet18, ResNet32};
    let image = vec![2, 8, 8];
    let classed = |shape: &[usize]| examples(shape, CLASSES);
    let text = Text {
        tokens: (0..25).map(|i| (i * i) % 5).collect(),
        vocabulary: (0..5).map(|i| i.to_string()).collect(),
    };
    let entropy = Loss::CrossEntropy;
    let hidden = vec![5, 4];
    let channels = vec![2, 3];
    vec![
        (Linear, entropy, classed(&[4]), vec![4], 15),
        (
            Mlp { hidden },
            entropy,
            classed(&[4]),
            vec![4],
            25 + 24 + 15,
        ),
        (
            Cubic {
                neurons: 3,
                init: 0.5,
            },
            Loss::Logistic,
            examples(&[2, 4], 2),
            vec![2, 4],
            12,
        ),
        (
            ConvNet { channels },
            entropy,
            classed(&image),
            image.clone(),
            38 + 57 + (12 + 1) * 3,
        ),
        // Stem 2·w·9 + 2w; a block of w: 2(9w² + 2w); the first of a wider stage: 9·½w² + 9w² + ½w² + 6w.
        (
            ResNet18 { width: 2 },
            entropy,
            classed(&image),
            image.clone(),
            40 + 2 * 80
                + [4, 8, 16]
                    .map(|w| 14 * w * w + 6 * w + 2 * (9 * w * w + 2 * w))
                    .iter()
                    .sum::<i64>()
                + 17 * 3,
        ),
        (
            ResNet32 { width: 2 },
            entropy,
            classed(&image),
            image.clone(),
            40 + 5 * 80
                + [4, 8]
                    .map(|w| 27 * w * w / 2 + 4 * w + 4 * 2 * (9 * w * w + 2 * w))
                    .iter()
                    .sum::<i64>()
                + 9 * 3,
        ),
        (
            Lstm {
                hidden: 3,
                depth: 2,
            },
            entropy,
            Examples::of_text(&text, 4, Device::Cpu),
            vec![4],
            15 + 2 * (36 + 36 + 12) + 20,
        ),
    ]
}

fn objective(architecture: &Architecture, loss: Loss, shape: &[usize]) -> Objective {
    kramers::network::tch::set_num_threads(1);
    let outputs = match architecture {
        Architecture::Cubic { .. } => 1,
        Architecture::Lstm { .. } => 5,
        _ => CLASSES,
    };
    Objective {
        model: architecture.build(shape, outputs).unwrap(),
        loss,
        l2: 0.1,
    }
}

fn draw(objective: &Objective, members: &[u64]) -> Tensor {
    let layout = objective.model.layout();
    layout.draw(&Stream::new(7, 0), members, Kind::Double, Device::Cpu)
}

#[test]
fn sizes_are_those_counted_by_hand() {
    for (architecture, loss, _, shape, expected) in all() {
        let objective = objective(&architecture, loss, &shape);
        assert_eq!(objective.parameters(), expected, "{architecture:?}");
    }
}

/// The usual sizes: He et al. (2016) give 0.46 million for ResNet-32; ResNet-18 in its CIFAR form has 11.17 million.
#[test]
fn the_residual_networks_have_their_published_sizes() {
    let size = |architecture: Architecture| {
        let network = architecture.build(&[3, 32, 32], 10).unwrap();
        network.layout().len()
    };
    assert_eq!(size(Architecture::ResNet18 { width: 64 }), 11_173_962);
    assert_eq!(size(Architecture::ResNet32 { width: 16 }), 464_154);
}

/// Central differences of step h = 1e-7 are off by h²/6 times the third derivative and 1e-16/h by rounding: 1e-6 of
/// the gradient's size. In training the batch's own statistics count; rectifiers have kinks, which the direction
/// meets with small probability (none here).
#[test]
fn gradients_are_the_slopes_of_the_loss() {
    for (architecture, loss, examples, shape, _) in all() {
        let objective = objective(&architecture, loss, &shape);
        let theta = draw(&objective, &[3]);
        for training in [false, true] {
            let batch = examples.span(0, examples.len(), 1);
            let value = |theta: &Tensor| {
                let mut statistics = Statistics::start(&*objective.model, theta);
                statistics.training = training;
                objective
                    .value(theta, &batch, &statistics)
                    .double_value(&[0])
            };
            let mut statistics = Statistics::start(&*objective.model, &theta);
            statistics.training = training;
            let gradient = objective.gradient(&theta, &batch, &statistics);
            let along = draw(&objective, &[4]);
            let slope = (&gradient * &along).sum(Kind::Double).double_value(&[]);
            let h = 1e-7;
            let (up, down) = (&theta + &along * h, &theta - &along * h);
            let found = (value(&up) - value(&down)) / (2.0 * h);
            let scale = gradient.norm().double_value(&[]) * along.norm().double_value(&[]);
            assert!(
                (slope - found).abs() < 1e-6 * scale,
                "{architecture:?}, training {training}: {slope} against {found}"
            );
        }
    }
}

/// A member of an ensemble comes to the numbers that it comes to alone, up to the order of summation in the library's
/// kernels: 1e-12.
#[test]
fn members_do_not_know_of_each_other() {
    for (architecture, loss, examples, shape, _) in all() {
        let objective = objective(&architecture, loss, &shape);
        let members = [3, 4, 5];
        let theta = draw(&objective, &members);
        let (mut sets, mut classes) = (Vec::new(), Vec::new());
        for first in 0..3 {
            let Batch { inputs, classes: c } = examples.span(first, 3, 1);
            sets.push(inputs);
            classes.push(c);
        }
        let batch = Batch {
            inputs: Tensor::cat(&sets, 0),
            classes: Tensor::cat(&classes, 0),
        };
        let gradient = |theta: &Tensor, batch: &Batch| {
            let mut statistics = Statistics::start(&*objective.model, theta);
            statistics.training = true;
            numbers(&objective.gradient(theta, batch, &statistics))
        };
        let together = gradient(&theta, &batch);
        let alone: Vec<f64> = (0..3)
            .flat_map(|k| {
                let own = Batch {
                    inputs: sets[k as usize].shallow_clone(),
                    classes: classes[k as usize].shallow_clone(),
                };
                gradient(&theta.narrow(0, k, 1), &own)
            })
            .collect();
        for (a, b) in together.iter().zip(&alone) {
            assert!((a - b).abs() < 1e-12, "{architecture:?}: {a} {b}");
        }
        assert_eq!(together.len(), alone.len());
    }
}

#[test]
fn examples_of_another_shape_are_refused() {
    let refusal = |architecture: Architecture, shape: &[usize], outputs| {
        let built = architecture.build(shape, outputs);
        built.err().map(|e| e.to_string()).unwrap_or_default()
    };
    let channels = vec![4, 4, 4, 4];
    assert!(refusal(Architecture::ConvNet { channels }, &[1, 8, 8], 3).contains("nothing"));
    assert!(refusal(Architecture::ResNet18 { width: 4 }, &[64], 3).contains("images"));
    let cubic = Architecture::Cubic {
        neurons: 2,
        init: 0.1,
    };
    assert!(refusal(cubic.clone(), &[64], 1).contains("patches"));
    assert!(refusal(cubic, &[5, 6], 2).contains("one output"));
}
