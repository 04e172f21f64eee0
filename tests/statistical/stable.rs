//! Stable noise has the tail index that it is asked for.

use kramers::measurement::tail_index::{tail_index, usual_block};
use kramers::simulation::noise::{Oracle, Place, Stable};
use kramers::simulation::random::Stream;

use super::surface;

/// 250,000 numbers of seed 21 a law; the interval misses with chance α = 1e-6 each.
#[test]
fn the_index_of_stable_noise_comes_out() {
    let n = 250_000;
    for alpha in [0.7, 1.0, 1.5, 1.8, 2.0] {
        let oracle = Stable::new(surface("quadratic", &[("h", 1.0)]), alpha, 0.3);
        let mut gradient = vec![0.0; n];
        let place = Place {
            lanes: n,
            theta: &vec![0.0; n],
            particle: &(0..n as u64).collect::<Vec<_>>(),
            step: &vec![1; n],
            stream: &Stream::new(21, 0),
            normals: &[],
            live: &[],
        };
        oracle.gradient(place, &mut gradient, &mut []);
        let found = tail_index(&gradient, usual_block(n), 1.0 - 1e-6).unwrap();
        assert!(
            found.ci_low < alpha && alpha < found.ci_high,
            "{alpha} {found:?}"
        );
    }
}
