//! Steps of training a second, on a processor or a GPU:
//!
//! ```text
//! cargo run --release --features torch --example network_steps -- [cpu|cuda|cuda:N|auto] [seconds a row]
//! ```
//!
//! A row per network and number of members that are computed at once; a member's step is one step of one network.

use std::time::{Duration, Instant};

use kramers::error::Result;
use kramers::network::device;
use kramers::network::loss::Loss;
use kramers::network::minibatch::{Draw, Minibatches};
use kramers::network::model::registry::Architecture;
use kramers::network::objective::Objective;
use kramers::network::set::Examples;
use kramers::network::tch::Kind;
use kramers::network::training::{Gradient, Training};
use kramers::simulation::data::{Labelled, digits};
use kramers::simulation::optimizer::Values;
use kramers::simulation::optimizer::registry::find;
use kramers::simulation::random::Stream;

const BATCH: u64 = 64;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let named = arguments.next().unwrap_or_else(|| "cpu".into());
    let named = named.parse().map_err(kramers::error::Error::Input)?;
    let seconds: f64 = arguments.next().and_then(|s| s.parse().ok()).unwrap_or(2.0);
    let device = device::find(named)?;
    let digits = digits::all()?.as_image()?;
    // Images of CIFAR's size, whose content does not matter here.
    let pixels = (0..256 * 3072).map(|i| ((i * 7919) % 255) as f32 / 255.0);
    let classes = (0..256).map(|i| i % 10).collect();
    let large = Labelled::new(vec![3, 32, 32], pixels.collect(), classes, 10)?;
    println!("{device:?}, batches of {BATCH}, f32, SGDM");
    println!(
        "{:34} {:>8} {:>12} {:>16}",
        "network", "members", "steps/s", "members' steps/s"
    );
    for (name, network, set, members) in [
        (
            "mlp 64-32-10",
            Architecture::Mlp { hidden: vec![32] },
            &digits,
            &[1, 6, 24, 96][..],
        ),
        (
            "mlp 64-128-10",
            Architecture::Mlp { hidden: vec![128] },
            &digits,
            &[1, 6, 24],
        ),
        (
            "conv-net 8-16",
            Architecture::ConvNet {
                channels: vec![8, 16],
            },
            &digits,
            &[1, 6, 24],
        ),
        (
            "resnet-32, 32 × 32 pixels",
            Architecture::ResNet32 { width: 16 },
            &large,
            &[1],
        ),
    ] {
        for &count in members {
            let rate = measure(
                &network,
                set,
                count,
                device,
                Duration::from_secs_f64(seconds),
            )?;
            println!(
                "{name:34} {count:>8} {rate:>12.1} {:>16.1}",
                rate * count as f64
            );
        }
    }
    Ok(())
}

/// Steps a second of an ensemble.
fn measure(
    network: &Architecture,
    set: &Labelled,
    members: u64,
    device: kramers::network::tch::Device,
    lasting: Duration,
) -> Result<f64> {
    let objective = Objective {
        model: network.build(&set.shape, set.classes)?,
        loss: Loss::CrossEntropy,
        l2: 0.0,
    };
    let members: Vec<u64> = (0..members).collect();
    let stream = Stream::new(1, 1);
    let theta = objective
        .model
        .layout()
        .draw(&stream, &members, Kind::Float, device);
    let examples = Examples::of(set, Kind::Float, device);
    let batches = Minibatches::new(examples, Draw::Epochs(BATCH), stream, &members);
    let Some(entry) = find("sgdm") else {
        return Ok(f64::NAN);
    };
    let rule = (entry.build)(&Values::defaults(entry, 0.01));
    let mut training = Training::new(&objective, &*rule, batches, Gradient::Plain, theta)?;
    let settled = |training: &Training<'_>| training.theta().sum(Kind::Float).double_value(&[]);
    for _ in 0..3 {
        training.step();
    }
    settled(&training);
    let (clock, mut steps) = (Instant::now(), 0);
    while clock.elapsed() < lasting {
        training.step();
        steps += 1;
    }
    // A GPU computes behind; reading a number waits for it.
    settled(&training);
    Ok(f64::from(steps) / clock.elapsed().as_secs_f64())
}
