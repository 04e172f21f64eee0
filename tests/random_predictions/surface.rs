//! Random surfaces of one coordinate: a formula, and the same with its slope and curvature written by hand.

use super::chance::Chance;

type Derivatives = Box<dyn Fn(f64) -> [f64; 3]>;

/// L with what the second method is told of it.
pub struct Surface {
    pub text: String,
    terms: Vec<Derivatives>,
    /// Where it is narrow, and how: 0 at a kink.
    pub special: Vec<(f64, f64)>,
    /// A pole that it lies above.
    pub pole: Option<f64>,
    /// A well far from 0.
    pub far: Option<f64>,
}

impl Surface {
    pub fn at(&self, x: f64) -> [f64; 3] {
        self.terms.iter().fold([0.0; 3], |sum, term| {
            let own = term(x);
            [sum[0] + own[0], sum[1] + own[1], sum[2] + own[2]]
        })
    }

    fn add(&mut self, text: String, term: Derivatives) {
        if !self.text.is_empty() {
            self.text.push('+');
        }
        self.text.push_str(&text);
        self.terms.push(term);
    }

    /// The mirror image.
    pub fn mirrored(&self) -> String {
        let mut text = String::new();
        let letters: Vec<char> = self.text.chars().collect();
        for (i, c) in letters.iter().enumerate() {
            // The x of exp and max is none.
            let inside = i > 0 && letters[i - 1].is_alphabetic()
                || letters.get(i + 1).is_some_and(|c| c.is_alphabetic());
            if *c == 'x' && !inside {
                text.push_str("(-x)");
            } else {
                text.push(*c);
            }
        }
        text
    }

    /// A random one.
    pub fn drawn(chance: &mut Chance) -> Self {
        let mut own = Self {
            text: String::new(),
            terms: Vec::new(),
            special: Vec::new(),
            pole: None,
            far: None,
        };
        own.base(chance);
        for _ in 0..chance.below(3) {
            own.feature(chance);
        }
        own
    }

    fn base(&mut self, chance: &mut Chance) {
        let a = chance.rounded(0.3, 2.0);
        match chance.below(8) {
            0 => self.add(
                format!("{a}*x^2/2"),
                Box::new(move |x| [a * x * x / 2.0, a * x, a]),
            ),
            1 => {
                let b = chance.rounded(0.5, 1.5);
                self.add(
                    format!("{a}*(x^2-{b})^2/4"),
                    Box::new(move |x| {
                        let u = x * x - b;
                        [a * u * u / 4.0, a * x * u, a * (3.0 * x * x - b)]
                    }),
                );
            }
            2 => {
                let c = chance.rounded(-0.5, 0.5);
                self.special.push((c, 0.0));
                self.add(
                    format!("{a}*abs(x-{c})").replace("--", "+"),
                    Box::new(move |x| [a * (x - c).abs(), a * sign(x - c), 0.0]),
                );
            }
            3 => self.add(
                format!("{a}*sqrt(1+x^2)"),
                Box::new(move |x| {
                    let r = (1.0 + x * x).sqrt();
                    [a * r, a * x / r, a / (r * r * r)]
                }),
            ),
            4 => {
                // A pole on the left, which is a wall.
                self.pole = Some(-3.0);
                self.add(
                    format!("{a}/(x+3)+{a}*x"),
                    Box::new(move |x| {
                        let u = x + 3.0;
                        [a / u + a * x, -a / (u * u) + a, 2.0 * a / (u * u * u)]
                    }),
                );
            }
            5 => {
                // One of two parabolas.
                let (c, d) = (chance.rounded(0.3, 1.5), chance.rounded(0.1, 0.6));
                let b = 2.0 * c;
                self.add(
                    format!("{a}*min((x+{c})^2,(x-{c})^2+{d})"),
                    Box::new(move |x| {
                        if (x + c).powi(2) < (x - c).powi(2) + d {
                            [a * (x + c).powi(2), 2.0 * a * (x + c), 2.0 * a]
                        } else {
                            [a * ((x - c).powi(2) + d), 2.0 * a * (x - c), 2.0 * a]
                        }
                    }),
                );
                // (x + c)² = (x − c)² + d.
                self.special.push((d / (2.0 * b), 0.0));
            }
            6 => {
                // A well far away, which may be narrow.
                let (c, b) = (chance.rounded(4.0, 60.0), chance.scale(1.0, 1e4));
                let d = chance.rounded(-0.3, 0.3);
                let side = if chance.often(0.5) { 1.0 } else { -1.0 };
                let place = side * c;
                self.far = Some(place);
                self.special.push((place, b.powf(-0.5)));
                let shift = format!("(x-{place})").replace("--", "+");
                self.add(
                    format!("min({a}*x^2,{b}*{shift}^2+{d})"),
                    Box::new(move |x| {
                        let u = x - place;
                        if a * x * x < b * u * u + d {
                            [a * x * x, 2.0 * a * x, 2.0 * a]
                        } else {
                            [b * u * u + d, 2.0 * b * u, 2.0 * b]
                        }
                    }),
                );
                // (b − a)x² − 2bcx + bc² + d = 0, whose root's last digits Newton's method finds.
                if b != a {
                    let root = (b * place * b * place - (b - a) * (b * c * c + d)).sqrt();
                    for sign in [1.0, -1.0] {
                        let mut x = (b * place + sign * root) / (b - a);
                        for _ in 0..3 {
                            let u = x - place;
                            x -= (b * u * u + d - a * x * x) / (2.0 * (b * u - a * x));
                        }
                        self.special.push((x, 0.0));
                    }
                }
            }
            _ => {
                self.add(
                    format!("{a}*(x^2/4-sin(x)/x)"),
                    Box::new(move |x| {
                        let [s, d, e] = sinc(x);
                        [a * (x * x / 4.0 - s), a * (x / 2.0 - d), a * (0.5 - e)]
                    }),
                );
            }
        }
    }

    fn feature(&mut self, chance: &mut Chance) {
        let c = chance.rounded(-1.2, 1.2);
        let s = chance.rounded(-0.3, 0.3);
        let w = chance.scale(1e-6, 0.5);
        let shift = format!("(x-{c})").replace("--", "+");
        match chance.below(8) {
            0 => {
                self.special.push((c, w));
                self.add(
                    format!("{s}*exp(-({shift}/{w})^2)"),
                    Box::new(move |x| {
                        let u = (x - c) / w;
                        let e = s * (-u * u).exp();
                        [e, -2.0 * u / w * e, (4.0 * u * u - 2.0) / (w * w) * e]
                    }),
                );
            }
            1 => {
                self.special.push((c, w));
                self.add(
                    format!("{s}*tanh({shift}/{w})"),
                    Box::new(move |x| {
                        let t = ((x - c) / w).tanh();
                        let d = ((x - c) / w).cosh().powi(-2);
                        [s * t, s * d / w, -2.0 * s * t * d / (w * w)]
                    }),
                );
            }
            2 => {
                let k = chance.rounded(2.0, 25.0);
                self.add(
                    format!("{s}*sin({k}*x)"),
                    Box::new(move |x| {
                        let (sine, cosine) = (k * x).sin_cos();
                        [s * sine, s * k * cosine, -s * k * k * sine]
                    }),
                );
                self.special.push((0.0, 4.0 / k));
            }
            3 => {
                self.special.push((c, 0.0));
                self.add(
                    format!("{s}*max(0,{shift})"),
                    Box::new(move |x| {
                        // On the kink half of both slopes.
                        let part = 0.5 * (1.0 + sign(x - c));
                        [part * s * (x - c), part * s, 0.0]
                    }),
                );
                // Kept confining by a wall of its own.
                self.add(
                    "x^4/20".into(),
                    Box::new(|x| [x.powi(4) / 20.0, x.powi(3) / 5.0, 0.6 * x * x]),
                );
            }
            4 => {
                self.special.push((c, w));
                self.add(
                    format!("{s}/(1+({shift}/{w})^2)"),
                    Box::new(move |x| {
                        let u = (x - c) / w;
                        let q = 1.0 / (1.0 + u * u);
                        [
                            s * q,
                            -2.0 * s * u * q * q / w,
                            s * q * q * q * (6.0 * u * u - 2.0) / (w * w),
                        ]
                    }),
                );
            }
            5 => {
                // A cusp.
                self.special.push((c, w));
                self.add(
                    format!("{s}*exp(-abs{shift}/{w})"),
                    Box::new(move |x| {
                        let e = s * (-(x - c).abs() / w).exp();
                        [e, -sign(x - c) * e / w, e / (w * w)]
                    }),
                );
            }
            6 => {
                // (1 − cos t)/t² = ½ sinc²(t/2), beside a dent.
                let near = c + chance.scale(1e-3, 0.1);
                let near = (near * 1e4).round() / 1e4;
                let aside = format!("(x-{near})").replace("--", "+");
                self.special.push((near, w));
                self.add(
                    format!("{s}*(1-cos{shift})/{shift}^2"),
                    Box::new(move |x| {
                        let [q, d, e] = sinc(0.5 * (x - c));
                        [0.5 * s * q * q, 0.5 * s * q * d, 0.25 * s * (d * d + q * e)]
                    }),
                );
                self.add(
                    format!("{s}/cosh({aside}/{w})"),
                    Box::new(move |x| {
                        let u = (x - near) / w;
                        let (q, t) = (s / u.cosh(), u.tanh());
                        [q, -q * t / w, q * (2.0 * t * t - 1.0) / (w * w)]
                    }),
                );
            }
            _ => {
                // A corner that is rounded off, and the quotient that reads 0/0.
                self.special.push((c, w));
                let b = s.abs();
                self.add(
                    format!("{b}*sqrt({shift}^2+{w}^2)"),
                    Box::new(move |x| {
                        let u = x - c;
                        let r = (u * u + w * w).sqrt();
                        [b * r, b * u / r, b * w * w / (r * r * r)]
                    }),
                );
                self.add(
                    format!("{s}*sin({shift})/{shift}"),
                    Box::new(move |x| sinc(x - c).map(|y| s * y)),
                );
            }
        }
    }
}

fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// sin(x)/x by its product form's series where x is small.
fn sinc(x: f64) -> [f64; 3] {
    if x.abs() < 0.5 {
        let (mut sum, mut c) = ([0.0; 3], 1.0);
        for k in 0..14 {
            let n = 2 * k;
            sum[0] += c * x.powi(n);
            if n >= 1 {
                sum[1] += c * f64::from(n) * x.powi(n - 1);
                sum[2] += c * f64::from(n * (n - 1)) * x.powi(n - 2);
            }
            c /= -f64::from((n + 2) * (n + 3));
        }
        return sum;
    }
    let (s, c) = x.sin_cos();
    let first = (c - s / x) / x;
    [s / x, first, -s / x - 2.0 * first / x]
}
