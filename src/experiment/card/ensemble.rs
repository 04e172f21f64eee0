//! What is measured of a rule that is not linear in its gradients: ensembles on lines and parabolas, under Gaussian noise.

use std::sync::atomic::{AtomicBool, AtomicU64};

use rand_distr::{Distribution, StandardNormal};

use super::Subject;
use super::exact::{LEADS, momentum, sgd_variance, spread, spreading};
use super::fact::Fact;
use super::given::{SEES, updates};
use base::error::{Error, Result};
use measurement::Estimate;
use measurement::estimate::DEFAULT_CONFIDENCE;
use measurement::mean::Moments;
use prediction::exact::linear::LinearRule;
use simulation::ensemble::{Course, Optimizing, Snapshots};
use simulation::float::Float;
use simulation::landscape::Kind;
use simulation::landscape::separable::{Profile, Separable};
use simulation::noise::{Gaussian, Shape};
use simulation::optimizer::degree::degrees;
use simulation::random::{Purpose, Sequence, Stream, cell_key};

/// The root seed: a card is of a rule, and has no chance of its own.
pub const SEED: u64 = 1;
/// ḡ, over σ, of a drift under noise.
const DRIFT: f64 = 0.1;
/// By how much a gradient among others is moved, over σ, and the steps for which what follows is watched.
const MOVED: f64 = 0.5;
const WATCHED: usize = 1024;
/// Paths that it is watched on, and steps before.
const PATHS: u64 = 400;
const BEFORE: usize = 256;

/// L = tilt·θ + ½hθ².
#[derive(Clone, Copy)]
pub struct Bent {
    /// The slope at 0.
    pub tilt: f64,
    /// The curvature.
    pub h: f64,
}

impl Profile for Bent {
    fn name(&self) -> &'static str {
        "parabola"
    }

    fn value(&self, x: f64) -> f64 {
        (self.tilt + 0.5 * self.h * x) * x
    }

    #[inline(always)]
    fn slope<F: Float>(&self, x: F) -> F {
        F::of(self.tilt) + F::of(self.h) * x
    }

    fn curvature(&self, _: f64) -> f64 {
        self.h
    }

    fn stationary(&self) -> Vec<(Kind, f64)> {
        Vec::new()
    }
}

/// Effective rate and momentum, noise power, stability, stationary variance and saddles.
pub fn facts(subject: &Subject) -> Vec<Fact> {
    let eta = subject.eta;
    let sgd = |found: Result<Estimate>, of: f64| found.map(|found| found.over(of));
    let variance = stationary(subject, 1.0, 2000, "variance");
    let mut facts = lag(subject);
    facts.extend([
        said(
            "effective_rate",
            drift(subject, 1.0, "drift"),
            "1,000 particles on a line",
        ),
        said(
            "noise_power",
            power(subject),
            "2,000 particles without a gradient, over 1,000 steps, less what memory makes of the first",
        ),
        stability(subject),
        if eta < 2.0 {
            said(
                "stationary_variance",
                sgd(variance, sgd_variance(eta)),
                "2,000 particles, steps 2,000 to 4,000 from the minimum",
            )
        } else {
            Fact::none("stationary_variance", "SGD is not stable at this ηh")
        },
        Fact::none(
            "saddle_growth",
            "it is not linear in its gradients, or not the same at every step: saddle_spread says how fast it leaves",
        ),
        match spread(LinearRule::Sgd, eta) {
            Some(of) => said(
                "saddle_spread",
                sgd(leaving(subject), of),
                "20,000 particles",
            ),
            None => Fact::none("saddle_spread", "that of SGD is no number"),
        },
    ]);
    facts
}

/// A measured number, or why it is none.
pub fn said(name: &'static str, found: Result<Estimate>, how: &str) -> Fact {
    match found {
        Ok(found) => Fact::measured(name, &found, how),
        Err(why) => Fact::none(name, &why.to_string()),
    }
}

/// Where particles are at some steps, from θ = 0.
fn course(
    subject: &Subject,
    surface: Bent,
    sigma: f64,
    (particles, at): (u64, &[u64]),
    cell: &str,
) -> Result<Snapshots> {
    let surface = Separable::with_profile(surface, 1)?;
    let process = Optimizing::<f64> {
        oracle: Box::new(Gaussian::new(Box::new(surface), Shape::Isotropic(sigma))),
        optimizer: subject.build(),
    };
    let course = Course {
        process: &process,
        stream: &Stream::new(SEED, cell_key(cell)),
        particles,
        start: &|_, _, _| {},
        at,
        lanes: None,
    };
    let run = course.run(&AtomicBool::new(false), &AtomicU64::new(0));
    run.ok_or_else(|| Error::Failed("interrupted".into()))
}

/// The variance of a number over looks at particles, and its mean.
struct Spread {
    mean: Estimate,
    variance: Estimate,
}

impl Spread {
    /// A particle's looks are not independent; particles are.
    fn of(looks: &[Vec<f64>]) -> Result<Self> {
        let (particles, n) = (looks[0].len(), looks.len() as f64);
        let over = |f: &dyn Fn(f64) -> f64| {
            mean((0..particles).map(|i| looks.iter().map(|look| f(look[i])).sum::<f64>() / n))
        };
        let centre = over(&|x| x)?;
        let at = centre.value.unwrap_or(f64::NAN);
        // What the mean of so many has taken from it.
        let unbiased = particles as f64 / (particles as f64 - 1.0);
        Ok(Spread {
            variance: over(&|x| unbiased * (x - at).powi(2))?,
            mean: centre,
        })
    }
}

/// The mean of a number of each particle, which all must have.
fn mean(each: impl Iterator<Item = f64>) -> Result<Estimate> {
    let moments: Moments = each.collect();
    if moments.diverged() > 0 {
        return Err(Error::Failed("particles are lost to infinity".into()));
    }
    moments.estimate(DEFAULT_CONFIDENCE)
}

/// The mean update over ηḡ under noise of σ, ḡ = 0.1σ.
pub fn drift(subject: &Subject, sigma: f64, cell: &str) -> Result<Estimate> {
    let surface = Bent {
        tilt: DRIFT * sigma,
        h: 0.0,
    };
    let (from, to) = (1000, 3000);
    let seen = course(subject, surface, sigma, (1000, &[from, to]), cell)?;
    let unit = (to - from) as f64 * subject.eta * surface.tilt;
    mean(
        seen.theta[0]
            .iter()
            .zip(&seen.theta[1])
            .map(|(a, b)| (a - b) / unit),
    )
}

/// Var θ on ½θ² after a while, over time and particles.
pub fn stationary(subject: &Subject, sigma: f64, particles: usize, cell: &str) -> Result<Estimate> {
    let at: Vec<u64> = (0..=10).map(|k| 2000 + 200 * k).collect();
    let bowl = Bent { tilt: 0.0, h: 1.0 };
    let seen = course(subject, bowl, sigma, (particles as u64, &at), cell)?;
    let (early, late) = (Spread::of(&seen.theta[..5])?, Spread::of(&seen.theta[6..])?);
    let moved = [
        ("mean", apart(&early.mean, &late.mean)),
        ("variance", apart(&early.variance, &late.variance)),
    ];
    if let Some((what, _)) = moved.iter().find(|(_, moved)| *moved) {
        return Err(Error::Failed(format!(
            "it has not come to rest after 2,000 steps: the {what} of θ still changes"
        )));
    }
    Ok(Spread::of(&seen.theta)?.variance)
}

/// Var Σu/η over windows of 2T less that of T, over T: memory adds the same to both.
fn power(subject: &Subject) -> Result<Estimate> {
    const T: u64 = 500;
    let at: Vec<u64> = (0..=8).map(|k| 2000 + T * k).collect();
    let flat = Bent { tilt: 0.0, h: 0.0 };
    let seen = course(subject, flat, 1.0, (2000, &at), "power")?;
    let unit = T as f64 * subject.eta.powi(2);
    // A rule may drift where gradients have no mean: what all particles do is none of the noise.
    let n = seen.theta[0].len() as f64;
    let ways = seen.theta.windows(2).map(|looks| {
        let way = looks[1].iter().zip(&looks[0]).map(|(to, from)| to - from);
        let way: Vec<f64> = way.collect();
        let drift = way.iter().sum::<f64>() / n;
        way.into_iter().map(|x| x - drift).collect()
    });
    let ways: Vec<Vec<f64>> = ways.collect();
    let unbiased = n / (n - 1.0);
    let over = |pairs: std::ops::Range<usize>| {
        let count = pairs.len() as f64;
        mean((0..ways[0].len()).map(|i| {
            let pair = |k: usize| {
                let (a, b) = (ways[2 * k][i], ways[2 * k + 1][i]);
                (a + b).powi(2) - 0.5 * (a * a + b * b)
            };
            unbiased * pairs.clone().map(pair).sum::<f64>() / (count * unit)
        }))
    };
    let (early, late) = (over(0..2)?, over(2..4)?);
    if apart(&early, &late) {
        return Err(Error::Failed(
            "it changes from steps 2,000 to 4,000 to those behind them".into(),
        ));
    }
    over(0..4)
}

/// Whether two intervals have nothing in common.
fn apart(a: &Estimate, b: &Estimate) -> bool {
    let known = a.has_interval() && b.has_interval();
    known && (a.ci_high < b.ci_low || b.ci_high < a.ci_low)
}

fn leaving(subject: &Subject) -> Result<Estimate> {
    const MOST: u64 = 50_000;
    let saddle = Bent { tilt: 0.0, h: -1.0 };
    let at = [spreading(subject.eta)];
    if at[0] > MOST {
        return Err(Error::Failed(format!(
            "2/η are more steps than the {MOST} that a card takes here; take a larger η"
        )));
    }
    let seen = course(subject, saddle, 1.0, (20_000, &at), "saddle")?;
    mean(seen.theta[0].iter().map(|x| x * x))
}

/// What a gradient among others does: it is moved up and down by σ/2, all others are the same.
fn lag(subject: &Subject) -> Vec<Fact> {
    let none = |why: &str| {
        vec![
            Fact::none("lag", why),
            Fact::none("effective_momentum", why),
        ]
    };
    let rule = &*subject.build();
    if rule.draws() {
        return none("it draws normals of its own (xi): no two paths differ by a gradient alone");
    }
    let stream = Stream::new(SEED, cell_key("lag"));
    // Σ w_j, Σ j w_j, and the latter over the first half.
    let path = |path: u64| -> [f64; 3] {
        let normals = Sequence::new(&stream, Purpose::Process, path, 0);
        let noise = StandardNormal.sample_iter(normals).take(BEFORE + WATCHED);
        let noise: Vec<f64> = noise.collect();
        let moved = |by: f64| {
            let gradient = |t: usize| noise[t] + if t == BEFORE { by } else { 0.0 };
            updates(rule, &gradient, noise.len())
        };
        let (up, down) = (moved(MOVED), moved(-MOVED));
        let differ = up.iter().zip(&down).skip(BEFORE).map(|(a, b)| a - b);
        let mut sums = [0.0; 3];
        for (j, w) in differ.enumerate() {
            sums[0] += w;
            sums[1] += j as f64 * w;
            if 2 * j < WATCHED {
                sums[2] += j as f64 * w;
            }
        }
        sums
    };
    let sums: Vec<[f64; 3]> = (0..PATHS).map(path).collect();
    let of = |k: usize| sums.iter().map(|own| own[k]).sum::<f64>() / PATHS as f64;
    let (all, lagging) = (of(0), of(1));
    let lag = lagging / all;
    if lag.abs() < 1e-9 {
        let how = "no update behind it answers to a gradient";
        return ["lag", "effective_momentum"]
            .map(|name| Fact::exact(name, 0.0, how))
            .to_vec();
    }
    // What is left of each path tells how well the ratio is known.
    let found = match mean(sums.iter().map(|own| lag + (own[1] - lag * own[0]) / all)) {
        Ok(found) => found,
        Err(why) => return none(&why.to_string()),
    };
    let error = found.ci_high - found.ci_low;
    // A tenth of it is what a window of so many steps may leave out.
    if (of(2) / all - lag).abs() > (0.1 * lag.abs()).max(error) {
        return none("what follows a gradient has not faded after 1,024 steps");
    }
    let how = "400 paths under noise of σ = 1 on which one gradient is moved by ±σ/2, watched for 1,024 steps";
    let momentum = match momentum(found.ci_high) {
        None => Fact::none("effective_momentum", LEADS),
        Some(ci_high) => {
            // An average lags by 0 or more.
            let least = |lag: f64| momentum(lag.max(0.0)).unwrap_or(0.0);
            let beta = Estimate {
                value: found.value.map(least),
                ci_low: least(found.ci_low),
                ci_high,
                ..found.clone()
            };
            Fact::measured("effective_momentum", &beta, how)
        }
    };
    vec![Fact::measured("lag", &found, how), momentum]
}

/// Of a rule of degree 1 a path without noise tells; that of no other has one limit at every distance from the minimum.
fn stability(subject: &Subject) -> Fact {
    const NAME: &str = "stability_limit";
    const STEPS: usize = 4000;
    let rule = subject.build();
    if rule.sees() {
        return Fact::none(NAME, SEES);
    }
    let found = degrees(&*rule);
    let near = |degree: f64| found.is_some_and(|own| own.iter().all(|p| (p - degree).abs() < 1e-6));
    if near(0.0) {
        return Fact::none(
            NAME,
            "none: its steps are as long whatever the gradient, so it settles at no ηh and diverges at none",
        );
    }
    if !near(1.0) {
        return Fact::none(
            NAME,
            "none that holds at every distance: its update is not proportional to the gradient's size",
        );
    }
    let stable = |rate: f64| {
        let rule = (subject.rule.entry.build)(&subject.rule.values.clone().with("eta", rate));
        let mut trajectory =
            simulation::optimizer::trajectory::Trajectory::new(vec![rule.group(vec![0])]);
        let mut theta = [1.0];
        let mut farthest = [0.0f64; 2];
        for t in 0..STEPS {
            let gradient = trajectory.aim(&theta).unwrap_or_else(|| theta.to_vec());
            trajectory.step(&mut theta, &gradient);
            let half = &mut farthest[2 * t / STEPS];
            if !theta[0].is_finite() {
                return false;
            }
            *half = half.max(theta[0].abs());
        }
        farthest[1] < farthest[0]
    };
    let mut low = 2e-3;
    if !stable(low) {
        return Fact::none(NAME, "it does not settle at ηh = 0.002, without noise");
    }
    while stable(2.0 * low) && low < 1e12 {
        low *= 2.0;
    }
    let mut high = 2.0 * low;
    while high - low > 1e-9 * high {
        let middle = 0.5 * (low + high);
        *(if stable(middle) { &mut low } else { &mut high }) = middle;
    }
    Fact::summed(NAME, low, "bisection on paths of 4,000 steps without noise")
}
