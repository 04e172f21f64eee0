//! An update rule of one's own in an escape experiment: Lion (Chen et al. 2023) beside SGD and Adam.
//!
//! `cargo run --release --example custom_optimizer` writes the record to `results/lion-escape` and prints the escape rates.

use std::path::PathBuf;

use kramers::error::Result;
use kramers::experiment::context::{Context, Quiet};
use kramers::experiment::load::Experiment;
use kramers::experiment::vocabulary::Vocabulary;
use kramers::report::number;
use kramers::simulation::optimizer::entry::{BETA1, DECOUPLED, ETA, configured, fraction};
use kramers::simulation::optimizer::{Entry, Rate, Real, Rule};

/// Lion: θ ← θ − η sign(β₁m + (1 − β₁)g), then m ← β₂m + (1 − β₂)g.
#[derive(Clone, Copy, Debug)]
struct Lion {
    beta1: f64,
    beta2: f64,
}

impl Rule for Lion {
    /// m.
    type Coordinate<N: Real> = [N; 1];
    type Particle<N: Real> = [N; 0];

    #[inline(always)]
    fn update<N: Real>(&self, g: N, [m]: &mut [N; 1], _: &[N; 0], _: N, rate: &Rate<N>) -> N {
        let c = m.clone().scale(self.beta1) + g.clone().scale(1.0 - self.beta1);
        *m = m.clone().scale(self.beta2) + g.scale(1.0 - self.beta2);
        let eta = rate.eta.clone();
        let down = (-c.clone()).where_positive(-eta.clone(), eta.like(0.0));
        c.where_positive(eta, down)
    }
}

/// What experiment files call it, and what it takes.
static LION: Entry = Entry {
    name: "lion",
    formula: "θ ← θ − η sign(β₁m + (1 − β₁)g);  m ← β₂m + (1 − β₂)g",
    source: "Chen et al. 2023, Algorithm 2",
    parameters: &[
        ETA,
        BETA1,
        fraction("beta2", 0.99, "β₂, decay of the momentum"),
        DECOUPLED,
    ],
    build: |v| {
        let (beta1, beta2) = (v["beta1"], v["beta2"]);
        configured(Lion { beta1, beta2 }, v)
    },
    stability_limit: None,
    degree: |_| Some(0.0),
};

const EXPERIMENT: &str = r#"
name     = "lion-escape"
protocol = "escape"

[landscape]
name = "double-well"

[noise]
name = "gaussian"
variance = [4.0, 6.0, 8.0]

[[optimizer]]
name = "sgd"
eta = 0.05

[[optimizer]]
name = "adam"
eta = 0.2

[[optimizer]]
name = "lion"
eta = 0.02

[ensemble]
particles = 2000
max_steps = 1_000_000
"#;

fn main() -> Result<()> {
    let vocabulary = Vocabulary::default().with_rule(&LION);
    let file = "lion-escape.toml";
    let experiment = Experiment::parse_with(file, EXPERIMENT, "standard", &[], &vocabulary)?;
    let mut context = Context::new(1, "standard", PathBuf::from("results"), 0)?;
    context.force = true; // run it again where its record is there already
    let record = experiment.run(&context, &Quiet)?;
    for row in &record.estimates {
        if let (true, Some(rate)) = (row.quantity.starts_with("escape rate"), &row.measured) {
            println!(
                "{:24} {:24} {}",
                row.cell,
                row.quantity,
                number::estimate(rate)
            );
        }
    }
    Ok(())
}
