//! An update rule of one's own in a study: Lion (Chen et al. 2023) beside SGD and Adam.
//!
//! `cargo run --release --example custom_optimizer` prints how fast each of them leaves a well.

use kramers::prelude::*;
use kramers::report::number;
use kramers::simulation::optimizer::entry::{BETA1, DECOUPLED, ETA, configured, fraction};

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
    build: &|v| {
        let (beta1, beta2) = (v["beta1"], v["beta2"]);
        configured(Lion { beta1, beta2 }, v)
    },
    stability_limit: None,
    degree: &|_| Some(0.0),
    written: None,
};

const STUDY: &str = r#"
landscape = { name = "double-well" }
noise = { name = "gaussian", variance = "c" }
sweep = { c = [4.0, 6.0, 8.0] }
observe = { label = "out", name = "exit", until = "x > 0", max_steps = 1_000_000 }
ensemble = { particles = 2000 }

[[process]]
optimizer = "sgd"
eta = 0.05

[[process]]
optimizer = "adam"
eta = 0.2

[[process]]
optimizer = "lion"
eta = 0.02
"#;

fn main() -> Result<()> {
    let rules = Rules::default().with(&LION);
    let outcome = Study::parse_with(STUDY, &rules)?.run(1)?;
    for reading in outcome.readings_of("out.rate") {
        if let Some(rate) = &reading.measured {
            println!("{:16} {}", reading.cell, number::estimate(rate));
        }
    }
    Ok(())
}
