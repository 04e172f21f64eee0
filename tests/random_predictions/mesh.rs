//! The second method: values of L on a mesh that is told where L is narrow, six points to a cell.

use super::surface::Surface;

pub const N: usize = 6;

/// Gauss–Legendre on [0, 1], with running integrals of the interpolant.
pub struct Rule {
    pub nodes: [f64; N],
    pub weights: [f64; N],
    pub running: [[f64; N]; N],
}

impl Rule {
    pub fn new() -> Self {
        // Newton on P₆, from Tricomi's guesses.
        let legendre = |x: f64| {
            let (mut a, mut b) = (1.0, x);
            for k in 1..N {
                let k = k as f64;
                (a, b) = (b, ((2.0 * k + 1.0) * x * b - k * a) / (k + 1.0));
            }
            (b, N as f64 * (x * b - a) / (x * x - 1.0))
        };
        let mut nodes = [0.0; N];
        let mut weights = [0.0; N];
        for i in 0..N {
            let mut x = -(std::f64::consts::PI * (i as f64 + 0.75) / (N as f64 + 0.5)).cos();
            for _ in 0..20 {
                let (p, d) = legendre(x);
                x -= p / d;
            }
            let d = legendre(x).1;
            nodes[i] = 0.5 * (x + 1.0);
            weights[i] = 1.0 / ((1.0 - x * x) * d * d);
        }
        // ∫₀^{t} of Lagrange's polynomials, by the rule itself on [0, t]: exact to degree 11.
        let lagrange = |j: usize, x: f64| {
            (0..N)
                .filter(|m| *m != j)
                .map(|m| (x - nodes[m]) / (nodes[j] - nodes[m]))
                .product::<f64>()
        };
        let running = std::array::from_fn(|i| {
            std::array::from_fn(|j| {
                let t = nodes[i];
                (0..N)
                    .map(|k| t * weights[k] * lagrange(j, t * nodes[k]))
                    .sum()
            })
        });
        Self {
            nodes,
            weights,
            running,
        }
    }
}

/// U′, D and Φ along a line.
pub struct Coefficients<'a> {
    pub surface: &'a Surface,
    /// D as a constant and a multiple of |L″|.
    pub constant: f64,
    pub multiple: f64,
    /// ±1: seen in a mirror where −1.
    pub sign: f64,
}

impl Coefficients<'_> {
    pub fn slope(&self, x: f64) -> f64 {
        self.sign * self.surface.at(self.sign * x)[1]
    }

    pub fn diffusion(&self, x: f64) -> f64 {
        self.constant + self.multiple * self.surface.at(self.sign * x)[2].abs()
    }

    /// Φ at the nodes of a cell and at its end, from its beginning.
    fn rise(&self, rule: &Rule, a: f64, b: f64) -> ([f64; N], f64) {
        let h = b - a;
        if self.multiple == 0.0 {
            let value = |x: f64| self.surface.at(self.sign * x)[0] / self.constant;
            let start = value(a);
            return (
                rule.nodes.map(|t| value(a + h * t) - start),
                value(b) - start,
            );
        }
        let slope = rule.nodes.map(|t| {
            let x = a + h * t;
            self.slope(x) / self.diffusion(x)
        });
        let run = std::array::from_fn(|i| h * dot(&rule.running[i], &slope));
        (run, h * dot(&rule.weights, &slope))
    }

    /// A mesh from the first of the points to the last, the others among its nodes; `fine` halves it.
    pub fn mesh(&self, rule: &Rule, points: &[f64], fine: bool) -> Vec<f64> {
        let (low, high) = (points[0], points[points.len() - 1]);
        let mut ends: Vec<f64> = (0..=800)
            .map(|i| low + (high - low) * f64::from(i) / 800.0)
            .collect();
        let mut special: Vec<(f64, f64)> = self
            .surface
            .special
            .iter()
            .map(|(c, w)| (self.sign * c, *w))
            .collect();
        if self.multiple > 0.0 {
            // About its kinks |L″| + δ changes over what may be very short.
            for x in self.turns(low, high) {
                special.push((x, 0.0));
                let mut r = 1e-12;
                while r < 0.1 * (high - low) {
                    ends.extend([x - r, x + r]);
                    r *= 1.25;
                }
            }
        }
        for (c, w) in special {
            ends.push(c);
            if w > 0.0 {
                let part = if self.multiple > 0.0 {
                    w / 25.0
                } else {
                    w / 8.0
                };
                let mut r = part;
                while r < high - low {
                    ends.extend([c - r, c + r]);
                    r = if r < 10.0 * w { r + part } else { 1.1 * r };
                }
            }
        }
        if let Some(pole) = self.surface.pole {
            let pole = self.sign * pole;
            let mut r = (high - low).max(1.0);
            while r > 1e-8 {
                ends.extend([pole + r, pole - r]);
                r *= 0.93;
            }
        }
        ends.retain(|x| *x > low && *x < high);
        ends.extend(points);
        ends.sort_by(f64::total_cmp);
        ends.dedup();
        // No cell with more than half a unit of Φ.
        let mut mesh = vec![low];
        for pair in ends.windows(2) {
            let (nodes, whole) = self.rise(rule, pair[0], pair[1]);
            let steepest = nodes.iter().fold(whole.abs(), |m, x| m.max(x.abs()));
            let parts =
                ((2.0 * steepest).ceil().clamp(1.0, 4000.0) as usize) * if fine { 2 } else { 1 };
            for k in 1..=parts {
                mesh.push(pair[0] + (pair[1] - pair[0]) * k as f64 / parts as f64);
            }
        }
        mesh
    }

    /// Where L″ changes sign, on the finest of meshes.
    pub fn turns(&self, low: f64, high: f64) -> Vec<f64> {
        let plain = Coefficients {
            multiple: 0.0,
            constant: 1.0,
            surface: self.surface,
            sign: self.sign,
        };
        let mesh = plain.mesh(&Rule::new(), &[low, high], true);
        let bend = |x: f64| self.surface.at(self.sign * x)[2];
        // On either side of every node, since at a kink L″ may jump over 0.
        let sides = mesh.windows(2).flat_map(|pair| {
            let inset = 1e-9 * (pair[1] - pair[0]);
            [pair[0] + inset, pair[1] - inset]
        });
        let sides: Vec<f64> = sides.collect();
        let mut found = Vec::new();
        for (n, pair) in sides.windows(2).enumerate() {
            let (mut a, mut b) = (pair[0], pair[1]);
            if bend(a) * bend(b) < 0.0 {
                if n % 2 == 1 {
                    found.push(mesh[n.div_ceil(2)]);
                    continue;
                }
                for _ in 0..80 {
                    let middle = 0.5 * (a + b);
                    if bend(a) * bend(middle) > 0.0 {
                        a = middle
                    } else {
                        b = middle
                    }
                }
                found.push(0.5 * (a + b));
            }
        }
        found
    }

    /// Where Φ + ln D on the left of `start` has risen by 60 for good, looked for in small steps.
    pub fn edge(&self, start: f64) -> Option<f64> {
        let pole = self.surface.pole.filter(|_| self.sign > 0.0);
        let (mut x, mut phi, mut least, mut seen) = (start, 0.0f64, f64::INFINITY, None);
        let rule = Rule::new();
        let mut step: f64 = 2e-3;
        let mut cells = 0;
        while cells < 400_000 {
            cells += 1;
            let next = match pole {
                Some(pole) => x - step.min(0.02 * (x - pole)),
                None => x - step,
            };
            phi -= self.rise(&rule, next, x).1;
            x = next;
            let weight = phi + self.diffusion(x).ln();
            least = least.min(weight);
            let before_well = self
                .surface
                .far
                .is_some_and(|far| self.sign * far - 10.0 < x);
            if before_well && self.sign * self.surface.far.unwrap_or(x) < start {
                seen = None;
            } else if weight > least + 60.0 {
                let from = *seen.get_or_insert(x);
                let far = (start - from).abs();
                if x < from - 3.0 * far
                    || pole.is_some_and(|p| x - p < 0.2 * (from - p))
                    || weight > least + 3000.0
                {
                    return Some(from);
                }
                step = (1.02 * step).min(0.02);
            } else {
                seen = None;
            }
        }
        None
    }

    /// ⟨τ⟩ and ⟨τ²⟩ from a wall at `low`, in logarithms and as a ratio to ⟨τ⟩².
    pub fn passage(&self, low: f64, start: f64, exit: f64, fine: bool) -> (f64, f64) {
        let rule = Rule::new();
        let mesh = self.mesh(&rule, &[low, start, exit], fine);
        let first = mesh.partition_point(|x| *x < start);
        let flux = |source: &dyn Fn(usize, usize) -> f64| {
            // J e^{−log}, cell by cell.
            let (mut j, mut log) = (0.0f64, 0.0f64);
            let mut all = Vec::with_capacity(mesh.len());
            for (n, pair) in mesh.windows(2).enumerate() {
                let (rise, whole) = self.rise(&rule, pair[0], pair[1]);
                let h = pair[1] - pair[0];
                let unit = (-log).exp();
                let inner: [f64; N] = std::array::from_fn(|k| {
                    source(n, k) * unit * (-rise[k]).exp()
                        / self.diffusion(pair[0] + h * rule.nodes[k])
                });
                let own: [f64; N] = std::array::from_fn(|k| {
                    rise[k].exp() * (j + h * dot(&rule.running[k], &inner))
                });
                all.push((own, log));
                j = whole.exp() * (j + h * dot(&rule.weights, &inner));
                if j > 1e100 || j < 1e-100 && j > 0.0 {
                    log += j.ln();
                    j = 1.0;
                }
            }
            all
        };
        let total = |all: &[([f64; N], f64)], shift: f64| -> f64 {
            let cells = all.iter().zip(mesh.windows(2)).skip(first);
            cells
                .map(|((j, log), pair)| {
                    (log - shift).exp() * (pair[1] - pair[0]) * dot(&rule.weights, j)
                })
                .sum()
        };
        let one = flux(&|_, _| 1.0);
        let shift = one
            .iter()
            .skip(first)
            .map(|(_, log)| *log)
            .fold(f64::NEG_INFINITY, f64::max);
        let log_mean = shift + total(&one, shift).ln();
        let mut remaining = vec![[0.0; N]; one.len()];
        let mut right = 0.0;
        for (n, (j, log)) in one.iter().enumerate().rev() {
            let h = mesh[n + 1] - mesh[n];
            let scale = (log - log_mean).exp() * h;
            let whole = scale * dot(&rule.weights, j);
            remaining[n] =
                std::array::from_fn(|k| right + whole - scale * dot(&rule.running[k], j));
            right += whole;
        }
        let two = flux(&|n, k| 2.0 * remaining[n][k]);
        let shift = two
            .iter()
            .skip(first)
            .map(|(_, log)| *log)
            .fold(f64::NEG_INFINITY, f64::max);
        (log_mean, (shift + total(&two, shift).ln() - log_mean).exp())
    }

    /// Mean and variance of Dᵃ⁻¹ e^{−Φ} on [low, high].
    pub fn law(&self, low: f64, high: f64, a: f64, fine: bool) -> [f64; 2] {
        let rule = Rule::new();
        let mesh = self.mesh(&rule, &[low, high], fine);
        let mut phi = Sum::default();
        let mut samples = Vec::new();
        for pair in mesh.windows(2) {
            let (rise, whole) = self.rise(&rule, pair[0], pair[1]);
            for ((node, weight), rise) in rule.nodes.iter().zip(&rule.weights).zip(&rise) {
                let x = pair[0] + (pair[1] - pair[0]) * node;
                let log = -(phi.value() + rise) + (a - 1.0) * self.diffusion(x).ln();
                samples.push((x, (pair[1] - pair[0]) * weight, log));
            }
            phi.add(whole);
        }
        let most = samples
            .iter()
            .map(|s| s.2)
            .fold(f64::NEG_INFINITY, f64::max);
        let average = |f: &dyn Fn(f64) -> f64| -> f64 {
            let mut sum = Sum::default();
            for (x, w, log) in &samples {
                sum.add(w * (log - most).exp() * f(*x));
            }
            sum.value()
        };
        let whole = average(&|_| 1.0);
        let mean = average(&|x| x) / whole;
        [mean, average(&|x| (x - mean).powi(2)) / whole]
    }
}

/// A sum with what its rounding took away (Neumaier, ZAMM 54, 1974).
#[derive(Default)]
struct Sum {
    rough: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, x: f64) {
        let sum = self.rough + x;
        self.lost += if self.rough.abs() >= x.abs() {
            (self.rough - sum) + x
        } else {
            (x - sum) + self.rough
        };
        self.rough = sum;
    }

    fn value(&self) -> f64 {
        self.rough + self.lost
    }
}

pub fn dot(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
