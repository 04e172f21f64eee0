//! Passages, laws and chains on random surfaces.

use super::chance::Chance;
use super::mesh::{Coefficients, N, Rule, dot};
use super::surface::Surface;
use super::{Expected, Outcome};
use nalgebra::{DMatrix, DVector};

fn given(pairs: &[(&str, String)]) -> Vec<String> {
    pairs
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect()
}

/// Noise: the keys, and D as a constant and a multiple of |L″|.
fn noise(chance: &mut Chance) -> (Vec<(&'static str, String)>, f64, f64) {
    if chance.often(0.65) {
        let t = chance.scale(0.04, 2.0);
        return (vec![("temperature", t.to_string())], t, 0.0);
    }
    let (eta, batch, floor) = (
        chance.scale(0.02, 0.5),
        chance.scale(0.1, 2.0),
        chance.scale(3e-3, 2.0),
    );
    let keys = vec![
        ("eta", eta.to_string()),
        ("batch", batch.to_string()),
        ("floor", floor.to_string()),
    ];
    (keys, 0.5 * eta * floor / batch, 0.5 * eta / batch)
}

fn place(chance: &mut Chance, surface: &Surface) -> f64 {
    let kinks: Vec<f64> = surface.special.iter().map(|s| s.0).collect();
    if !kinks.is_empty() && chance.often(0.25) {
        return kinks[chance.below(kinks.len())];
    }
    chance.rounded(-1.5, 1.5)
}

pub fn passage(chance: &mut Chance) -> Outcome {
    let surface = Surface::drawn(chance);
    let (noise, constant, multiple) = noise(chance);
    let (mut start, exit) = (place(chance, &surface), place(chance, &surface));
    if chance.often(0.1) && surface.pole.is_none() {
        start = chance.rounded(-15.0, -5.0);
    }
    if start == exit {
        return Outcome::Undecided("start and exit coincide".into());
    }
    let sign = (exit - start).signum();
    let wall = chance
        .often(0.2)
        .then(|| start - sign * chance.rounded(0.0, 1.0));
    let coefficients = Coefficients {
        surface: &surface,
        constant,
        multiple,
        sign,
    };
    let low = match wall {
        Some(wall) => sign * wall,
        None => match coefficients.edge(sign * start) {
            Some(edge) => edge,
            None => return Outcome::Undecided(format!("no edge: {}", surface.text)),
        },
    };
    let [rough, (log_mean, ratio)] =
        [false, true].map(|fine| coefficients.passage(low, sign * start, sign * exit, fine));
    let mean = log_mean.exp();
    let second = ratio * mean * mean;
    let open = [
        (rough.0 - log_mean).exp_m1().abs() * mean,
        ((rough.1 * (2.0 * rough.0).exp()) - second).abs(),
    ];
    let assigned = |text: String, sign: f64| {
        let above = if (exit - start) * sign > 0.0 {
            "above"
        } else {
            "below"
        };
        let mut pairs = vec![
            ("expression", text),
            ("start", (sign * start).to_string()),
            ("exit", (sign * exit).to_string()),
            ("direction", above.to_string()),
        ];
        pairs.extend(noise.clone());
        pairs.extend(wall.map(|wall| ("reflecting", (sign * wall).to_string())));
        given(&pairs)
    };
    let expected = |text: String, sign: f64| Expected {
        quantity: "mfpt",
        given: assigned(text, sign),
        values: vec![("mean", mean, open[0]), ("second_moment", second, open[1])],
        // Ends of the law are cut at e^−45 here and at e^−60 there; values of L have twelve digits after the
        // cancellation of large terms.
        rounding: 1e-12,
        units: Vec::new(),
    };
    match expected(surface.text.clone(), 1.0).judged() {
        Outcome::Held if chance.often(0.5) => expected(surface.mirrored(), -1.0).judged(),
        other => other,
    }
}

pub fn density(chance: &mut Chance) -> Outcome {
    let surface = Surface::drawn(chance);
    let (noise, constant, multiple) = noise(chance);
    let readings = [("ito", 0.0), ("stratonovich", 0.5), ("anti-ito", 1.0)];
    let (reading, a) = readings[chance.below(3)];
    let both = [1.0, -1.0].map(|sign| Coefficients {
        surface: &surface,
        constant,
        multiple,
        sign,
    });
    let walls = chance.often(0.3);
    let range = if walls {
        [chance.rounded(-2.5, -1.3), chance.rounded(1.3, 3.0)]
    } else if surface.pole.is_some() {
        return Outcome::Undecided("a pole, with values on both sides".into());
    } else {
        // From a low place on both sides.
        let at = |k: u32| -4.0 + f64::from(k) * 0.01;
        let low = (0..=800)
            .map(at)
            .min_by(|a, b| surface.at(*a)[0].total_cmp(&surface.at(*b)[0]))
            .unwrap();
        match [both[0].edge(low), both[1].edge(-low)] {
            [Some(left), Some(right)] => [left, -right],
            _ => return Outcome::Undecided(format!("no edge: {}", surface.text)),
        }
    };
    let [rough, law] = [false, true].map(|fine| both[0].law(range[0], range[1], a, fine));
    let mut pairs = vec![
        ("expression", surface.text.clone()),
        ("interpretation", reading.to_string()),
    ];
    pairs.extend(noise);
    if walls {
        pairs.extend([
            ("low", range[0].to_string()),
            ("high", range[1].to_string()),
        ]);
    }
    let [mean, variance] = law;
    Expected {
        quantity: "stationary-density",
        given: given(&pairs),
        values: vec![
            ("mean", mean, (rough[0] - mean).abs()),
            ("variance", variance, (rough[1] - variance).abs()),
        ],
        rounding: 1e-12,
        units: vec![("mean", variance.sqrt())],
    }
    .judged()
}

/// The chain on six-point cells, by an ordinary solution of (1 − P)τ = 1.
pub fn chain(chance: &mut Chance) -> Outcome {
    let surface = Surface::drawn(chance);
    // Steps that overshoot the minimum, and small ones.
    let large = chance.often(0.25);
    let eta = if large {
        chance.scale(0.3, 1.4)
    } else {
        chance.scale(0.02, 0.3)
    };
    let hessian = chance.often(0.3);
    let (keys, constant, multiple) = if hessian {
        let (batch, floor) = (chance.scale(0.05, 0.5), chance.scale(0.1, 2.0));
        (
            vec![("batch", batch.to_string()), ("floor", floor.to_string())],
            floor / batch,
            1.0 / batch,
        )
    } else {
        let c = if large {
            chance.scale(0.05, 2.0)
        } else {
            chance.scale(0.5, 40.0)
        };
        (vec![("noise_variance", c.to_string())], c, 0.0)
    };
    let (start, exit) = (place(chance, &surface), place(chance, &surface));
    // A well that is reached once in 10⁶⁰ steps and left as seldom is beyond 1 − P in doubles.
    if start == exit || surface.pole.is_some() || surface.far.is_some() {
        return Outcome::Undecided("no chain".into());
    }
    let sign = (exit - start).signum();
    // D = ηC/2 of the diffusion beside it says how far it goes.
    let half = 0.5 * eta;
    let of = Coefficients {
        surface: &surface,
        constant: half * constant,
        multiple: half * multiple,
        sign,
    };
    let Some(mut low) = of.edge(sign * start) else {
        return Outcome::Undecided(format!("no edge: {}", surface.text));
    };
    let (start, exit) = (sign * start, sign * exit);
    let step = |x: f64| (x - eta * of.slope(x), (2.0 * eta * of.diffusion(x)).sqrt());
    // The farthest of one step, and of those that follow.
    for _ in 0..if large { 6 } else { 1 } {
        let from = low;
        let even = (0..400).map(|k| from + (exit - from) * f64::from(k) / 400.0);
        // What is narrow is steep, and leads far.
        let narrow = surface.special.iter().flat_map(|(c, w)| {
            (-40..=40).map(move |k: i32| {
                sign * c + w * (f64::from(k).abs() / 8.0).powi(2) * f64::from(k.signum())
            })
        });
        for x in even.chain(narrow.filter(|x| (from..=exit).contains(x))) {
            let (mean, sd) = step(x);
            low = low.min(mean - 9.0 * sd);
        }
        if low < from - 1e3 {
            return Outcome::Undecided("the chain goes too far".into());
        }
    }
    let rule = Rule::new();
    // Mean and variance, and what the rounding of 1 − P leaves open of both, against them.
    let solved = |part: f64| -> Option<(f64, f64, f64)> {
        let mut ends = vec![low, exit];
        let least = (0..200)
            .map(|k| step(low + (exit - low) * f64::from(k) / 200.0).1)
            .fold(f64::INFINITY, f64::min);
        let count = ((exit - low) / (part * least)).ceil();
        ends.extend((1..count as usize).map(|k| low + (exit - low) * k as f64 / count));
        let special = surface.special.iter().map(|(c, w)| (sign * c, *w));
        let bends = if multiple > 0.0 {
            of.turns(low, exit)
        } else {
            Vec::new()
        };
        for x in bends {
            // About its kinks √(|L″| + δ) changes over what may be very short.
            ends.push(x);
            let mut r = 1e-9 * least;
            while r < least {
                ends.extend([x - r, x + r]);
                r *= 1.0 + part;
            }
        }
        for (c, w) in special {
            ends.push(c);
            let mut r = part * w;
            while w > 0.0 && r < least.max(8.0 * w) {
                ends.extend([c - r, c + r]);
                r = if r < 6.0 * w {
                    r + part * w
                } else {
                    (1.0 + 0.4 * part) * r
                };
            }
        }
        ends.retain(|x| *x >= low && *x <= exit);
        ends.sort_by(f64::total_cmp);
        ends.dedup();
        // Where a step goes changes faster than where it begins: no cell leads over more than a part of a deviation,
        // but where all of it leaves.
        let reach = |x: f64| step(x).0.clamp(low - 9.0 * least, exit + 9.0 * least);
        let pieces = ends.windows(2).flat_map(|pair| {
            // There and back counts twice.
            let at = |k: u32| reach(pair[0] + (pair[1] - pair[0]) * f64::from(k) / 8.0);
            let over = (0..8).map(|k| (at(k + 1) - at(k)).abs()).sum::<f64>() / (part * least);
            let parts = over.ceil().max(1.0);
            (0..parts as usize).map(move |k| pair[0] + (pair[1] - pair[0]) * k as f64 / parts)
        });
        let mut ends: Vec<f64> = pieces.collect();
        ends.push(exit);
        if ends.len() * N > 3000 {
            return None;
        }
        let (mut nodes, mut weights) = (Vec::new(), Vec::new());
        for pair in ends.windows(2) {
            for k in 0..N {
                nodes.push(pair[0] + (pair[1] - pair[0]) * rule.nodes[k]);
                weights.push((pair[1] - pair[0]) * rule.weights[k]);
            }
        }
        let kernel = |from: (f64, f64), to: usize| {
            let z = (nodes[to] - from.0) / from.1;
            weights[to] * (-0.5 * z * z).exp() / (from.1 * (2.0 * std::f64::consts::PI).sqrt())
        };
        let steps: Vec<(f64, f64)> = nodes.iter().map(|x| step(*x)).collect();
        let n = nodes.len();
        let matrix = DMatrix::from_fn(n, n, |i, j| {
            f64::from(u8::from(i == j)) - kernel(steps[i], j)
        });
        let lu = matrix.lu();
        let tau = lu.solve(&DVector::from_element(n, 1.0))?;
        let second = lu.solve(&tau.map(|t| 2.0 * t - 1.0))?;
        let own = step(start);
        let sum = |x: &DVector<f64>| (0..n).map(|j| kernel(own, j) * x[j]).sum::<f64>();
        let mean = 1.0 + sum(&tau);
        let longest = tau.amax();
        let variance = 2.0 * mean - 1.0 + sum(&second) - mean * mean;
        Some((mean, variance, 4.0 * f64::EPSILON * longest))
    };
    let (Some(rough), Some((mean, variance, rounding))) = (solved(1.0), solved(0.7)) else {
        return Outcome::Undecided("too many nodes".into());
    };
    let above = if sign > 0.0 { "above" } else { "below" };
    let mut pairs = vec![
        ("expression", surface.text.clone()),
        ("eta", eta.to_string()),
        ("start", (sign * start).to_string()),
        ("exit", (sign * exit).to_string()),
        ("direction", above.to_string()),
    ];
    pairs.extend(keys);
    Expected {
        quantity: "exit-steps",
        given: given(&pairs),
        values: vec![
            ("mean", mean, (rough.0 - mean).abs() + rounding * mean.abs()),
            (
                "variance",
                variance,
                (rough.1 - variance).abs() + rounding * variance.abs(),
            ),
        ],
        rounding: 1e-12,
        units: Vec::new(),
    }
    .judged()
}

/// The escape of the two-temperature model: two parabolas with their own D, by the mesh.
pub fn two_temperatures(chance: &mut Chance) -> Outcome {
    let (eta, batch) = (chance.scale(0.01, 0.3), chance.scale(0.3, 3.0));
    let (ha, hb, barrier) = (
        chance.scale(0.5, 3.0),
        chance.scale(0.5, 3.0),
        chance.scale(0.2, 1.5),
    );
    let half = 0.5 * eta / batch;
    if barrier / (half * ha.min(hb)) > 600.0 {
        return Outcome::Undecided("too high a barrier".into());
    }
    let junction = (2.0 * barrier / (ha + ha * ha / hb)).sqrt();
    let top = junction * (1.0 + ha / hb);
    let exit = top + 8.0 * half.sqrt();
    let rule = Rule::new();
    let solved = |cells: usize| {
        let low = -(130.0 * half).sqrt();
        let mut ends: Vec<f64> = (0..cells)
            .map(|k| low * (1.0 - k as f64 / cells as f64))
            .collect();
        ends.extend((0..=cells).map(|k| junction * k as f64 / cells as f64));
        ends.extend((1..=cells).map(|k| junction + (exit - junction) * k as f64 / cells as f64));
        let (mut j, mut log, mut parts) = (0.0f64, 0.0f64, Vec::new());
        for pair in ends.windows(2) {
            let (h, well) = (pair[1] - pair[0], pair[1] <= junction);
            let d = half * if well { ha } else { hb };
            // Φ in closed form: θ²/(2 · half) up to the junction, downwards from the top beyond it.
            let phi = |x: f64| {
                if well {
                    0.5 * x * x / half
                } else {
                    -0.5 * (x - top).powi(2) / half
                }
            };
            let rise = rule.nodes.map(|t| phi(pair[0] + h * t) - phi(pair[0]));
            let unit = (-log).exp();
            let inner: [f64; N] = rise.map(|r| unit * (-r).exp() / d);
            let own: [f64; N] =
                std::array::from_fn(|k| rise[k].exp() * (j + h * dot(&rule.running[k], &inner)));
            if pair[0] >= 0.0 {
                parts.push((h * dot(&rule.weights, &own), log));
            }
            j = (phi(pair[1]) - phi(pair[0])).exp() * (j + h * dot(&rule.weights, &inner));
            if j > 1e100 {
                log += j.ln();
                j = 1.0;
            }
        }
        let most = parts.iter().map(|p| p.1).fold(0.0, f64::max);
        parts
            .iter()
            .map(|(x, log)| x * (log - most).exp())
            .sum::<f64>()
            * most.exp()
    };
    let (rough, tau) = (solved(20_000), solved(30_000));
    let given = given(&[
        ("eta", eta.to_string()),
        ("batch", batch.to_string()),
        ("h_min", ha.to_string()),
        ("h_saddle", hb.to_string()),
        ("barrier", barrier.to_string()),
    ]);
    Expected {
        quantity: "escape",
        given,
        values: vec![("tau", tau, (rough - tau).abs())],
        rounding: 1e-12,
        units: Vec::new(),
    }
    .judged()
}
