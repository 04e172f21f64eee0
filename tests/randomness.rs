//! The normals against their law and against each other: fixed seeds, bounds that a right generator
//! passes but for a stated chance.
//!
//! Seeds are fixed, so a test that passes once passes always; α is the chance that a right generator
//! would have failed when the seed was chosen. "5 standard errors" is α = 5.7e-7.

use kramers::simulation::random::{
    Address, Grain, Purpose, Sequence, Stream, fill_normals, period,
};
use rand_distr::{Distribution, Exp1, StandardNormal, Uniform};
use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Normal};

/// λ with 2 exp(−2λ²) = 1e-6: √n D exceeds it with that chance (Kolmogorov's law, leading term).
const KOLMOGOROV: f64 = 2.694;

/// Normals of steps 0..steps of particles 0..particles, in the order particle, step, coordinate.
fn normals(stream: &Stream, particles: u64, steps: u64, per_step: usize) -> Vec<f64> {
    let lanes = 512.min(particles as usize);
    let rounds = period::<f64>(stream, per_step);
    let mut out = vec![0.0; (particles * steps) as usize * per_step];
    let mut rows = vec![0.0; per_step * rounds as usize * lanes];
    for first in (0..particles).step_by(lanes) {
        let particle: Vec<u64> = (first..first + lanes as u64).collect();
        for from in (0..steps).step_by(rounds as usize) {
            let step = vec![from; lanes];
            let address = Address {
                particle: &particle,
                step: &step,
            };
            fill_normals(stream, address, per_step, &mut rows);
            for (row, values) in rows.chunks_exact(lanes).enumerate() {
                let step = from + (row / per_step) as u64;
                for (lane, x) in values.iter().enumerate() {
                    let (p, j) = (particle[lane], row % per_step);
                    if p < particles && step < steps {
                        out[(p * steps + step) as usize * per_step + j] = *x;
                    }
                }
            }
        }
    }
    out
}

/// √n times the largest distance between the empirical law of `values` and `cdf`.
fn kolmogorov(mut values: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len() as f64;
    let distance = |(i, x): (usize, &f64)| {
        let p = cdf(*x);
        (p - i as f64 / n).max((i + 1) as f64 / n - p)
    };
    values.iter().enumerate().map(distance).fold(0.0, f64::max) * n.sqrt()
}

#[test]
fn ten_million_normals_follow_their_law() {
    for grain in [Grain::Double, Grain::Single] {
        follow_their_law(&Stream::new(11, 0).of_grain(grain));
    }
}

/// Seed 11, n = 10⁷. Standard errors of the first four moments: √(1, 2, 15, 96)/√n.
fn follow_their_law(stream: &Stream) {
    let (particles, steps, per_step) = (10_000, 100, 10);
    let values = normals(stream, particles, steps, per_step);
    let n = values.len() as f64;
    assert_eq!(n, 1e7);
    for (power, mean, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
        let moment = values.iter().map(|x| x.powi(power)).sum::<f64>() / n;
        let bound = 5.0 * f64::sqrt(variance / n);
        assert!((moment - mean).abs() < bound, "moment {power}: {moment}");
    }
    // 2Φ(−σ), and the chance of a count at least as extreme on either side above 5e-7 each.
    for (sigma, p) in [
        (1.0, 0.317_310_507_862_914),
        (2.0, 0.045_500_263_896_358_4),
        (3.0, 0.002_699_796_063_260_19),
        (4.0, 6.334_248_366_623_98e-5),
        (5.0, 5.733_031_437_583_89e-7),
    ] {
        let count = values.iter().filter(|x| x.abs() > sigma).count() as u64;
        let law = Binomial::new(p, values.len() as u64).unwrap();
        let at_least = if count == 0 { 1.0 } else { law.sf(count - 1) };
        assert!(
            law.cdf(count) > 5e-7 && at_least > 5e-7,
            "{count} beyond {sigma}"
        );
    }
    let law = Normal::standard();
    let distance = kolmogorov(values, |x| law.cdf(x));
    assert!(distance < KOLMOGOROV, "√n D = {distance}");
}

/// |r| < 5/√n for pairs of values and of their squares, which would betray a shared radius.
fn uncorrelated(x: &[f64], y: &[f64], what: &str) {
    let n = x.len().min(y.len());
    let product = |f: &dyn Fn(f64) -> f64| -> f64 {
        x.iter().zip(y).map(|(x, y)| f(*x) * f(*y)).sum::<f64>() / n as f64
    };
    let bound = 5.0 / (n as f64).sqrt();
    let plain = product(&|x| x);
    assert!(plain.abs() < bound, "{what}: r = {plain}, bound {bound}");
    let squares = product(&|x| (x * x - 1.0) / std::f64::consts::SQRT_2);
    assert!(
        squares.abs() < bound,
        "{what}, squares: r = {squares}, bound {bound}"
    );
}

/// Seeds 21, 22 and cells 0, 1; n ≈ 10⁶ a pair. One and three normals a step: with an odd number a pair of
/// the generator's spans two steps.
#[test]
fn neighbours_are_uncorrelated() {
    for per_step in [1usize, 3, 4] {
        let (particles, steps) = (1024, 1_000_000 / (1024 * per_step as u64));
        let draw = |seed, cell| normals(&Stream::new(seed, cell), particles, steps, per_step);
        let values = draw(21, 0);
        let stride = steps as usize * per_step;
        uncorrelated(&values, &values[stride..], "neighbouring particles");
        uncorrelated(&values, &values[per_step..], "neighbouring steps");
        uncorrelated(&values, &values[2 * per_step..], "steps two apart");
        uncorrelated(&values, &values[1..], "neighbouring coordinates");
        uncorrelated(&values, &draw(22, 0), "neighbouring seeds");
        uncorrelated(&values, &draw(21, 1), "neighbouring cells");
        // One seed's cell must not be another's neighbour.
        uncorrelated(&values, &draw(20, 1), "seed and cell exchanged");
    }
}

/// Every normal is the same in whatever block it is drawn, for odd and even numbers of normals a step.
#[test]
fn a_normal_does_not_depend_on_its_block() {
    for grain in [Grain::Double, Grain::Single] {
        alike_in_every_block(&Stream::new(31, 7).of_grain(grain));
    }
}

fn alike_in_every_block(stream: &Stream) {
    for per_step in [1usize, 2, 3, 5, 8] {
        let rounds = period::<f64>(stream, per_step);
        // Lanes at steps of their own, in no order, some far out.
        let particle: Vec<u64> = (0..29)
            .map(|l| (l * 17) % 29 + (l % 3) * (1 << 40))
            .collect();
        let step: Vec<u64> = (0..29)
            .map(|l| rounds * ((l * l) % 11 + (l % 2) * (1 << 33)))
            .collect();
        let rows = per_step * rounds as usize;
        let mut block = vec![0f64; rows * 29];
        let (p, s) = (&particle[..], &step[..]);
        let address = |particle, step| Address { particle, step };
        fill_normals(stream, address(p, s), per_step, &mut block);
        for l in 0..29 {
            let mut alone = vec![0f64; rows];
            fill_normals(stream, address(&p[l..=l], &s[l..=l]), per_step, &mut alone);
            for (row, x) in alone.iter().enumerate() {
                let same = x.to_bits() == block[row * 29 + l].to_bits();
                assert!(same, "{per_step} a step, lane {l}, row {row}");
            }
        }
        // Particles that differ in the high word only must not share numbers.
        assert!(block.iter().all(|x| x.is_finite()));
        let mut sorted = block.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted.dedup();
        assert_eq!(
            sorted.len(),
            block.len(),
            "{per_step} a step: a number occurs twice"
        );
    }
}

/// Laws of `rand_distr` drawn from a sequence: seed 41, n = 200,000 each, α = 1e-6.
#[test]
fn a_sequence_feeds_the_laws_of_rand_distr() {
    let stream = Stream::new(41, 0);
    let n = 200_000;
    let draw = |round: u64, law: &dyn Fn(&mut Sequence<'_>) -> f64| -> Vec<f64> {
        let mut sequence = Sequence::new(&stream, Purpose::Fresh, 3, round);
        (0..n).map(|_| law(&mut sequence)).collect()
    };
    let exponential = draw(0, &|s| Exp1.sample(s));
    assert!(kolmogorov(exponential, |x| -f64::exp_m1(-x)) < KOLMOGOROV);
    let uniform = Uniform::new(2.0, 5.0).unwrap();
    let values = draw(1, &|s| uniform.sample(s));
    assert!(kolmogorov(values, |x| (x - 2.0) / 3.0) < KOLMOGOROV);
    let law = Normal::standard();
    let normal = draw(2, &|s| StandardNormal.sample(s));
    assert!(kolmogorov(normal, |x| law.cdf(x)) < KOLMOGOROV);
    // Uniforms in (0, 1], as the bridge uses them.
    let bridge: Vec<f64> = (0..n)
        .map(|i| stream.uniform(Purpose::Bridge, i, 0, 0))
        .collect();
    assert!(bridge.iter().all(|u| *u > 0.0 && *u <= 1.0));
    assert!(kolmogorov(bridge, |u| u) < KOLMOGOROV);
}

/// The same address under another purpose gives other numbers.
#[test]
fn purposes_share_no_bits() {
    let stream = Stream::new(51, 0);
    let purposes = [
        Purpose::Process,
        Purpose::Batch,
        Purpose::Bridge,
        Purpose::Pool,
        Purpose::Fresh,
    ];
    let n = 100_000;
    let uniforms = purposes.map(|purpose| -> Vec<f64> {
        let spread = |u: f64| (u - 0.5) * 12f64.sqrt();
        (0..n)
            .map(|i| spread(stream.uniform(purpose, i, 0, 0)))
            .collect()
    });
    for (i, x) in uniforms.iter().enumerate() {
        for y in &uniforms[..i] {
            let r = x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>() / n as f64;
            assert!(r.abs() < 5.0 / (n as f64).sqrt(), "{i}: {r}");
        }
    }
}
