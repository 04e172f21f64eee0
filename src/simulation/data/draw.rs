//! The draws that decide what happens to one example of a set.

use crate::random::{Purpose, Stream, open_uniform};

/// What is decided. Each has its own index at the end of the pool's range, which draws of inputs, counted from 0,
/// do not reach: one stream may serve all of them.
#[derive(Clone, Copy)]
#[repr(u32)]
pub enum Decision {
    Label = (1 << 24) - 1,
    Margin = (1 << 24) - 2,
    Crop = (1 << 24) - 3,
    Flip = (1 << 24) - 4,
}

/// Two uniforms in (0, 1) for `example`; `round` is the replicate, or the step.
pub fn uniforms(stream: &Stream, decision: Decision, round: u64, example: usize) -> (f64, f64) {
    let (a, b) = stream.bits(Purpose::Pool, round, example as u64, decision as u64);
    (open_uniform(a), open_uniform(b))
}

/// One of 0..n, equally likely to within n · 2⁻⁵²; 0 for n = 0.
pub fn below(n: usize, uniform: f64) -> usize {
    ((uniform * n as f64) as usize).min(n.saturating_sub(1))
}

/// A probability or share, checked.
pub fn probability(name: &str, p: f64) -> base::error::Result<f64> {
    if (0.0..=1.0).contains(&p) {
        return Ok(p);
    }
    Err(base::error::Error::Input(format!(
        "{name} = {p}: it is a share of the examples, from 0 to 1"
    )))
}
