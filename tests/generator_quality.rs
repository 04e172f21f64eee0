//! The generator as the lab keys it, at sizes that take minutes: run by
//! `cargo test --release --test generator_quality -- --ignored`.
//!
//! Seeds are fixed. Each bound is one that a right generator passes but for the chance α = 1e-6, stated with the
//! law that it comes from; there are about 80 of them.

use kramers::simulation::random::{Address, Grain, Stream, fill_normals};
use rayon::prelude::*;
use statrs::distribution::{ChiSquared, ContinuousCDF, DiscreteCDF, Normal, Poisson};

const ALPHA: f64 = 1e-6;

/// λ with 2 exp(−2λ²) = α: √n D exceeds it with that chance (Kolmogorov's law, leading term).
const KOLMOGOROV: f64 = 2.694;

/// z with 2Φ(−z) = α.
const Z: f64 = 4.892;

/// Lanes of a block.
const LANES: u64 = 512;

/// Folds the normals of `steps` steps of every block of particles; a chunk is the rows of one step, `per_step` of one
/// value per lane: an even number, and for single precision a multiple of four, so that a step is a round.
fn fold<T: Send>(
    stream: &Stream,
    (blocks, steps, per_step): (u64, u64, usize),
    start: impl Fn() -> T + Sync,
    each: impl Fn(&mut T, &[f64]) + Sync,
) -> Vec<T> {
    (0..blocks)
        .into_par_iter()
        .map(|block| {
            let particle: Vec<u64> = (block * LANES..(block + 1) * LANES).collect();
            let mut rows = vec![0.0; per_step * LANES as usize];
            let mut folded = start();
            for step in 0..steps {
                let step = vec![step; LANES as usize];
                let address = Address {
                    particle: &particle,
                    step: &step,
                };
                fill_normals(stream, address, per_step, &mut rows);
                each(&mut folded, &rows);
            }
            folded
        })
        .collect()
}

/// Seeds 1, 2 and 3, in single precision 8 and 9; n = 10⁸ each: Kolmogorov's distance from the normal law.
#[test]
#[ignore = "a minute and a gigabyte"]
fn a_hundred_million_normals_follow_their_law() {
    let law = Normal::standard();
    let doubles = (1..=3).map(|seed| (seed, Stream::new(seed, 0)));
    let singles = (8..=9).map(|seed| (seed, Stream::new(seed, 0).of_grain(Grain::Single)));
    for (seed, stream) in doubles.chain(singles) {
        let shape = (164, 100, 12);
        let all = fold(&stream, shape, Vec::new, |all, rows| {
            all.extend_from_slice(rows)
        });
        let mut values = all.concat();
        assert!(values.len() >= 100_000_000);
        values.par_sort_unstable_by(f64::total_cmp);
        let n = values.len() as f64;
        let distance = values.par_iter().enumerate().map(|(i, x)| {
            let p = law.cdf(*x);
            (p - i as f64 / n).max((i + 1) as f64 / n - p)
        });
        let distance = distance.reduce(|| 0.0, f64::max) * n.sqrt();
        assert!(distance < KOLMOGOROV, "seed {seed}: √n D = {distance}");
    }
}

/// Seed 4, n = 2·10¹⁰: counts beyond 5σ to 7σ against Poisson's law; in single precision to 6σ, where the 32 bits of
/// a radius leave 2 % of the tail's mass to chance.
#[test]
#[ignore = "two minutes"]
fn tails_have_as_many_as_they_should() {
    check_tails(&Stream::new(4, 0), 9);
    check_tails(&Stream::new(4, 0).of_grain(Grain::Single), 5);
}

fn check_tails(stream: &Stream, looked_at: usize) {
    const BEYOND: [f64; 9] = [5.0, 5.25, 5.5, 5.75, 6.0, 6.25, 6.5, 6.75, 7.0];
    let shape = (400, 8140, 12);
    let parts = fold(
        stream,
        shape,
        || [[0u64; 2]; 9],
        |counts, rows| {
            for x in rows.iter().filter(|x| x.abs() > BEYOND[0]) {
                for (count, sigma) in counts.iter_mut().zip(BEYOND) {
                    count[usize::from(*x > 0.0)] += u64::from(x.abs() > sigma);
                }
            }
        },
    );
    let n = (shape.0 * LANES * shape.1) as f64 * shape.2 as f64;
    assert!(n >= 2e10);
    for (k, sigma) in BEYOND.into_iter().enumerate().take(looked_at) {
        for (side, name) in ["below", "above"].into_iter().enumerate() {
            let count: u64 = parts.iter().map(|counts| counts[k][side]).sum();
            let expected = n * Normal::standard().cdf(-sigma);
            let law = Poisson::new(expected).unwrap();
            let at_least = if count == 0 { 1.0 } else { law.sf(count - 1) };
            assert!(
                law.cdf(count) > 0.5 * ALPHA && at_least > 0.5 * ALPHA,
                "{count} beyond {sigma}σ {name}, {expected:.2} expected"
            );
        }
    }
}

/// Σ xy and Σ (x² − 1)(y² − 1)/2 over pairs are normal with variance n.
#[derive(Clone, Copy, Default)]
struct Pairs {
    n: f64,
    plain: f64,
    squares: f64,
}

impl Pairs {
    fn add(&mut self, x: &[f64], y: &[f64]) {
        for (x, y) in x.iter().zip(y) {
            self.n += 1.0;
            self.plain += x * y;
            self.squares += 0.5 * (x * x - 1.0) * (y * y - 1.0);
        }
    }

    fn check(parts: impl Iterator<Item = Pairs>, what: &str) {
        let all = parts.fold(Pairs::default(), |a, b| Pairs {
            n: a.n + b.n,
            plain: a.plain + b.plain,
            squares: a.squares + b.squares,
        });
        for (sum, of) in [(all.plain, "values"), (all.squares, "squares")] {
            let z = sum / all.n.sqrt();
            assert!(z.abs() < Z, "{what}, {of}: z = {z} over {} pairs", all.n);
        }
    }
}

/// Seed 5, 10⁸ pairs each: neighbouring particles, steps, coordinates; and against seed 6 and cell 1.
#[test]
#[ignore = "half a minute"]
fn neighbours_are_uncorrelated() {
    const PER_STEP: usize = 4;
    let (blocks, steps) = (500, 100);
    let lanes = LANES as usize;
    let own = Stream::new(5, 0);
    let others = [
        ("neighbouring seeds", Stream::new(6, 0)),
        ("neighbouring cells", Stream::new(5, 1)),
        ("seed and cell exchanged", Stream::new(4, 1)),
    ];
    let parts: Vec<[Pairs; 3]> = fold(
        &own,
        (blocks, steps, PER_STEP),
        || ([Pairs::default(); 3], vec![0.0; PER_STEP * lanes]),
        |(pairs, before), rows| {
            for row in rows.chunks_exact(lanes) {
                pairs[0].add(&row[1..], row);
            }
            pairs[1].add(&rows[lanes..], rows);
            if before.iter().any(|x| *x != 0.0) {
                pairs[2].add(rows, before);
            }
            before.copy_from_slice(rows);
        },
    )
    .into_iter()
    .map(|(pairs, _)| pairs)
    .collect();
    for (k, what) in ["particles", "coordinates", "steps"]
        .into_iter()
        .enumerate()
    {
        Pairs::check(parts.iter().map(|p| p[k]), &format!("neighbouring {what}"));
    }
    for (what, other) in others {
        let draw = |stream: &Stream| {
            let shape = (blocks, steps, PER_STEP);
            fold(stream, shape, Vec::new, |all: &mut Vec<f64>, rows| {
                all.extend_from_slice(rows);
            })
        };
        let (mine, theirs) = (draw(&own), draw(&other));
        let parts = mine.par_iter().zip(&theirs).map(|(mine, theirs)| {
            let mut pairs = Pairs::default();
            pairs.add(mine, theirs);
            pairs
        });
        Pairs::check(parts.collect::<Vec<_>>().into_iter(), what);
    }
}

#[test]
#[ignore = "a minute"]
fn radius_and_angle_are_independent() {
    for grain in [Grain::Double, Grain::Single] {
        check_pairs(&Stream::new(7, 0).of_grain(grain));
    }
}

/// Seed 7, 10⁸ pairs (x, y) of one Box–Muller draw: 64 × 64 cells of equal probability in (radius, angle), which
/// must be filled evenly. χ² with 4095 degrees of freedom.
fn check_pairs(stream: &Stream) {
    const SIDE: usize = 64;
    let lanes = LANES as usize;
    let shape = (500, 200, 4);
    let parts = fold(
        stream,
        shape,
        || vec![0u64; SIDE * SIDE],
        |counts, rows| {
            for pair in rows.chunks_exact(2 * lanes) {
                let (xs, ys) = pair.split_at(lanes);
                for (x, y) in xs.iter().zip(ys) {
                    let radius = (-0.5 * (x * x + y * y)).exp();
                    let angle = y.atan2(*x) / std::f64::consts::TAU + 0.5;
                    let cell = |u: f64| ((u * SIDE as f64) as usize).min(SIDE - 1);
                    counts[cell(radius) * SIDE + cell(angle)] += 1;
                }
            }
        },
    );
    let total = |cell: usize| parts.iter().map(|counts| counts[cell]).sum::<u64>() as f64;
    let n: f64 = (0..SIDE * SIDE).map(total).sum();
    assert!(n >= 1e8);
    let expected = n / (SIDE * SIDE) as f64;
    let chi2: f64 = (0..SIDE * SIDE)
        .map(|cell| (total(cell) - expected).powi(2) / expected)
        .sum();
    let law = ChiSquared::new((SIDE * SIDE - 1) as f64).unwrap();
    let p = law.cdf(chi2);
    assert!(p > 0.5 * ALPHA && 1.0 - p > 0.5 * ALPHA, "χ² = {chi2}");
}
