//! Random vectors for the trace.

use tch::Tensor;

use super::lanczos::Symmetric;
use crate::convert::{numbers, tensor};
use simulation::random::{Purpose, Stream};

/// `count` vectors of independent signs, one a row, from number `first` on.
pub fn signs(stream: &Stream, first: u64, count: i64, like: &Tensor) -> Tensor {
    let width = like.size().last().copied().unwrap_or(0);
    let mut values = Vec::with_capacity((count * width) as usize);
    for probe in first..first + count as u64 {
        let words = (0..(width as u64).div_ceil(128)).flat_map(|index| {
            let (a, b) = stream.bits(Purpose::Process, probe, 0, index);
            [a, b]
        });
        let signs = words.flat_map(|word| (0..64).map(move |bit| word >> bit & 1));
        let numbers = signs.map(|bit| if bit == 1 { 1.0 } else { -1.0 });
        values.extend(numbers.take(width as usize));
    }
    tensor(&values, &[count, width], like)
}

/// zᵀHz of every probe z (a row of signs): unbiased for the trace (Hutchinson 1989).
pub fn trace(operator: &dyn Symmetric, probes: &Tensor) -> Vec<f64> {
    let images = operator.apply(probes);
    numbers(&(images * probes).sum_dim_intlist(1i64, false, probes.kind()))
}
