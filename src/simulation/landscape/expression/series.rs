//! Power series of a formula about a point: what it comes to where it reads 0/0.
//!
//! Every node has its Taylor coefficients (Griewank and Walther, Evaluating Derivatives, chapter 13). In a
//! quotient the powers that numerator and denominator have in common are cancelled, so that sin(x)/x has
//! its value, slope and curvature at 0, and none of the digits that the quotient loses close to it. A series
//! holds on one side, t > 0, so that |u| and a choice have one even where they turn.

use super::graph::{Choice, Function, Graph, Node, Operation};

/// Coefficients of a series, before quotients take some away.
const ORDER: usize = 26;
/// A coefficient is 0 where it is this small a part of what it was computed from.
const NOTHING: f64 = 1e-13;

/// Σₖ cₖ tᵏ, and how large the terms were that each cₖ is the sum of.
#[derive(Clone, Debug)]
pub struct Series {
    c: Vec<f64>,
    size: Vec<f64>,
}

impl Series {
    /// The coefficients, 0 where they are rounding.
    pub fn coefficients(&self) -> Vec<f64> {
        let own = |k| if self.is_zero(k) { 0.0 } else { self.c[k] };
        (0..self.len()).map(own).collect()
    }

    /// How far rounding may have moved coefficient k.
    pub fn rounding(&self, k: usize) -> f64 {
        NOTHING * self.size[k]
    }

    /// A number beyond the doubles, which what is divided by it no longer sees.
    fn infinite(x: f64) -> Self {
        let mut own = Self::constant(0.0);
        own.c[0] = x;
        own
    }

    fn is_infinite(&self) -> bool {
        self.c[0].is_infinite()
    }

    /// As seen in −t.
    pub fn reversed(mut self) -> Self {
        self.c.iter_mut().skip(1).step_by(2).for_each(|c| *c = -*c);
        self
    }

    /// Whether it begins with a power of t.
    pub fn vanishes(&self) -> bool {
        self.valuation() != Some(0)
    }
}

impl Series {
    fn constant(x: f64) -> Self {
        let mut c = vec![0.0; ORDER];
        c[0] = x;
        Self {
            size: c.iter().map(|x| x.abs()).collect(),
            c,
        }
    }

    fn len(&self) -> usize {
        self.c.len()
    }

    fn is_zero(&self, k: usize) -> bool {
        self.c[k].abs() <= NOTHING * self.size[k]
    }

    /// The first power that is there.
    fn valuation(&self) -> Option<usize> {
        (0..self.len()).find(|&k| !self.is_zero(k))
    }

    fn of(c: Vec<f64>, like: &Self, slope: f64) -> Self {
        let own = c.iter().zip(&like.size);
        let size = own.map(|(c, m)| c.abs().max(slope.abs() * m)).collect();
        Self { c, size }
    }

    fn add(&self, other: &Self, sign: f64) -> Self {
        let pairs = self.c.iter().zip(&other.c);
        let sizes = self.size.iter().zip(&other.size);
        Self {
            c: pairs.map(|(a, b)| a + sign * b).collect(),
            size: sizes.map(|(a, b)| a + b).collect(),
        }
    }

    fn mul(&self, other: &Self) -> Self {
        let n = self.len().min(other.len());
        let cauchy = |a: &[f64], b: &[f64]| {
            (0..n)
                .map(|k| (0..=k).map(|j| a[j] * b[k - j]).sum())
                .collect()
        };
        Self {
            c: cauchy(&self.c, &other.c),
            size: cauchy(&self.size, &other.size),
        }
    }

    /// `None` at a pole.
    fn div(&self, other: &Self) -> Option<Self> {
        if other.is_infinite() {
            return (!self.is_infinite()).then(|| Self::constant(0.0));
        }
        let v = other.valuation()?;
        let n = self.len().min(other.len());
        if !(0..v.min(n)).all(|k| self.is_zero(k)) || v >= n {
            return None;
        }
        let (a, b) = (&self.c[v..n], &other.c[v..n]);
        let (sa, sb) = (&self.size[v..n], &other.size[v..n]);
        let mut c: Vec<f64> = Vec::with_capacity(n - v);
        let mut size: Vec<f64> = Vec::with_capacity(n - v);
        for k in 0..n - v {
            let rest: f64 = (0..k).map(|j| c[j] * b[k - j]).sum();
            let terms: f64 = (0..k).map(|j| size[j] * sb[k - j]).sum();
            c.push((a[k] - rest) / b[0]);
            size.push((sa[k] + terms) / b[0].abs());
        }
        Some(Self { c, size })
    }

    /// y with y′ = f·u′ and y₀ given, from the coefficients of f as they become known: `next(y, k)` is fₖ.
    fn integrated(&self, start: f64, mut next: impl FnMut(&[f64], usize) -> f64) -> Vec<f64> {
        let u = &self.c;
        let mut y = vec![start];
        let mut f = Vec::new();
        for k in 1..self.len() {
            f.push(next(&y, k - 1));
            let sum: f64 = (1..=k).map(|j| j as f64 * u[j] * f[k - j]).sum();
            y.push(sum / k as f64);
        }
        y
    }

    fn scaled(&self, x: f64) -> Self {
        Self {
            c: self.c.iter().map(|c| x * c).collect(),
            size: self.size.iter().map(|c| x.abs() * c).collect(),
        }
    }

    fn exp(&self) -> Self {
        let c = self.integrated(self.c[0].exp(), |y, k| y[k]);
        let slope = c[0];
        Self::of(c, self, slope)
    }

    /// The sine and the cosine, or with `sign` = 1 the hyperbolic ones.
    fn circular(&self, start: [f64; 2], sign: f64) -> [Self; 2] {
        let u = &self.c;
        let (mut s, mut c) = (vec![start[0]], vec![start[1]]);
        for k in 1..self.len() {
            let sum =
                |f: &[f64]| (1..=k).map(|j| j as f64 * u[j] * f[k - j]).sum::<f64>() / k as f64;
            let pair = (sum(&c), sign * sum(&s));
            s.push(pair.0);
            c.push(pair.1);
        }
        [Self::of(s, self, start[1]), Self::of(c, self, start[0])]
    }

    /// y with y′ = (1 ± y²)u′: no quotient, in which far from 0 every digit of tanh would be lost.
    fn tangent(&self, start: f64, sign: f64) -> Self {
        let c = self.integrated(start, |y, k| {
            let square: f64 = (0..=k).map(|j| y[j] * y[k - j]).sum();
            f64::from(u8::from(k == 0)) + sign * square
        });
        Self::of(c, self, 1.0 + sign * start * start)
    }

    fn ln(&self) -> Option<Self> {
        if self.is_zero(0) || self.c[0] < 0.0 {
            return None;
        }
        let inverse = Self::constant(1.0).div(self)?;
        let c = self.integrated(self.c[0].ln(), |_, k| inverse.c[k]);
        Some(Self::of(c, self, 1.0 / self.c[0]))
    }

    /// ∫ of a given series times u′.
    fn primitive(&self, start: f64, f: &Self) -> Self {
        let c = self.integrated(start, |_, k| f.c[k]);
        Self::of(c, self, f.c[0])
    }

    /// uᵖ for a number p; where u begins with a power of t, that power times p must be whole.
    fn power(&self, p: f64) -> Option<Self> {
        let v = self.valuation()?;
        let shift = v as f64 * p;
        if shift.fract() != 0.0 || shift < 0.0 || self.c[v] < 0.0 && p.fract() != 0.0 {
            return None;
        }
        // u y′ = p y u′.
        let u = &self.c[v..];
        let mut y = vec![u[0].powf(p)];
        for k in 1..u.len() {
            let sum: f64 = (1..=k)
                .map(|j| (p * j as f64 - (k - j) as f64) * u[j] * y[k - j])
                .sum();
            y.push(sum / (k as f64 * u[0]));
        }
        let slope = p * y[0] / u[0];
        let rest = Self {
            c: u.to_vec(),
            size: self.size[v..].to_vec(),
        };
        let mut power = Self::of(y, &rest, slope);
        for _ in 0..shift as usize {
            power.c.insert(0, 0.0);
            power.size.insert(0, 0.0);
        }
        Some(power)
    }

    /// The sign just beyond the point; 0 where nothing is there at all.
    fn sign(&self) -> f64 {
        self.valuation().map_or(0.0, |v| self.c[v].signum())
    }

    fn function(&self, f: Function) -> Option<Self> {
        let u0 = self.c[0];
        let one = Self::constant(1.0);
        Some(match f {
            Function::Neg => self.scaled(-1.0),
            Function::Abs => self.scaled(self.sign()),
            Function::Sign => Self::constant(self.sign()),
            Function::Exp => self.exp(),
            Function::Ln => self.ln()?,
            Function::Sqrt => self.power(0.5)?,
            Function::Sin => self.circular([u0.sin(), u0.cos()], -1.0)[0].clone(),
            Function::Cos => self.circular([u0.sin(), u0.cos()], -1.0)[1].clone(),
            Function::Tan if u0.cos().abs() <= NOTHING => return None,
            Function::Tan => self.tangent(u0.tan(), 1.0),
            Function::Sinh => self.circular([u0.sinh(), u0.cosh()], 1.0)[0].clone(),
            Function::Cosh => self.circular([u0.sinh(), u0.cosh()], 1.0)[1].clone(),
            Function::Tanh => self.tangent(u0.tanh(), -1.0),
            Function::SechSquare => {
                let tangent = self.tangent(u0.tanh(), -1.0).c;
                let start = f.of(u0);
                let c = self.integrated(start, |y, k| {
                    -2.0 * (0..=k).map(|j| y[j] * tangent[k - j]).sum::<f64>()
                });
                Self::of(c, self, 2.0 * start)
            }
            Function::Asin | Function::Acos => {
                let slope = one.add(&self.mul(self), -1.0).power(-0.5)?;
                match f {
                    Function::Asin => self.primitive(u0.asin(), &slope),
                    _ => self.primitive(u0.acos(), &slope.scaled(-1.0)),
                }
            }
            Function::Atan => {
                let slope = one.div(&one.add(&self.mul(self), 1.0))?;
                self.primitive(u0.atan(), &slope)
            }
        })
    }
}

/// The Taylor coefficients of node `root` at `point` along `direction`, on the side that it points to; `None`
/// where it has none: at a pole, outside of its domain.
pub fn series(graph: &Graph, root: usize, point: &[f64], direction: &[f64]) -> Option<Vec<f64>> {
    let root = all(graph, root, point, direction).pop()??;
    Some(root.coefficients())
}

/// The same of every node that `root`, the last, is computed from.
pub fn all(graph: &Graph, root: usize, point: &[f64], direction: &[f64]) -> Vec<Option<Series>> {
    let needed = graph.needed(&[root]);
    let mut found: Vec<Option<Series>> = vec![None; root + 1];
    for at in 0..=root {
        if !needed[at] {
            continue;
        }
        let own = |a: usize| found[a].as_ref();
        let made = match graph.nodes()[at] {
            Node::Constant(bits) => Some(Series::constant(f64::from_bits(bits))),
            Node::Variable(i) => {
                let mut x = Series::constant(point[i]);
                x.c[1] = direction[i];
                x.size[1] = x.c[1].abs();
                Some(x)
            }
            Node::One(f, a) => own(a).and_then(|a| a.function(f)),
            Node::Two(operation, a, b) => match (own(a), own(b)) {
                (Some(x), Some(y)) => match operation {
                    Operation::Add => Some(x.add(y, 1.0)),
                    Operation::Sub => Some(x.add(y, -1.0)),
                    Operation::Mul if x.is_infinite() || y.is_infinite() => {
                        Some(Series::infinite(x.c[0] * y.c[0]))
                    }
                    Operation::Mul => Some(x.mul(y)),
                    Operation::Div => x.div(y),
                    Operation::Pow => match graph.number(b) {
                        Some(p) => x.power(p),
                        None => x.ln().map(|log| y.mul(&log).exp()),
                    },
                },
                _ => None,
            },
            Node::Choice(Choice { compared, taken }) => match compared.map(own) {
                [Some(p), Some(q)] => {
                    let gap = p.add(q, -1.0).sign();
                    own(taken[usize::from(gap > 0.0)]).cloned()
                }
                _ => None,
            },
        };
        found[at] = made.and_then(|series| match series.c[0] {
            x if x.is_infinite() => Some(Series::infinite(x)),
            _ => Some(series).filter(|series| series.c.iter().all(|c| c.is_finite())),
        });
    }
    // What is infinite helped to divide by; nothing else can be said of it.
    found
        .into_iter()
        .map(|series| series.filter(|series| !series.is_infinite()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::syntax::parse;
    use super::*;
    use std::collections::BTreeMap;

    fn at(text: &str, x: f64) -> Option<Vec<f64>> {
        let mut graph = Graph::default();
        let parsed = parse(text, &["x".into()], &BTreeMap::new(), &mut graph).unwrap();
        series(&graph, parsed.root, &[x], &[1.0])
    }

    /// Coefficients by hand; each is a few operations on numbers of order 1.
    #[test]
    fn quotients_lose_what_numerator_and_denominator_share() {
        for (text, x, expected) in [
            ("sin(x)/x", 0.0, [1.0, 0.0, -1.0 / 6.0]),
            ("(1-cos(x))/x^2", 0.0, [0.5, 0.0, -1.0 / 24.0]),
            ("x^2/(1-cos(x))", 0.0, [2.0, 0.0, 1.0 / 6.0]),
            ("(exp(x)-1)/x", 0.0, [1.0, 0.5, 1.0 / 6.0]),
            ("ln(x)/(x-1)", 1.0, [1.0, -0.5, 1.0 / 3.0]),
            ("tanh(x)/sinh(x)", 0.0, [1.0, 0.0, -0.5]),
            ("(x^2-1)/(x-1)", 1.0, [2.0, 1.0, 0.0]),
            ("atan(x)/asin(x)", 0.0, [1.0, 0.0, -0.5]),
            ("tan(x)/x", 0.0, [1.0, 0.0, 1.0 / 3.0]),
            ("x/ln(1+x)", 0.0, [1.0, 0.5, -1.0 / 12.0]),
            ("min(sin(x)/x, 5)", 0.0, [1.0, 0.0, -1.0 / 6.0]),
            ("sqrt(x+4)", 0.0, [2.0, 0.25, -1.0 / 64.0]),
            ("tanh(50*x)", 3.0, [1.0, 0.0, 0.0]),
            ("tanh(x) - tan(x)", 0.0, [0.0, 0.0, 0.0]),
        ] {
            let found = at(text, x).unwrap_or_else(|| panic!("{text}"));
            for (c, expected) in found.iter().zip(expected) {
                assert!((c - expected).abs() < 1e-14, "{text}: {found:?}");
            }
        }
    }

    #[test]
    fn a_side_of_a_kink_has_its_own() {
        assert_eq!(at("abs(x) + min(x, 2*x)", 0.0).unwrap()[..2], [0.0, 2.0]);
        assert_eq!(at("abs(sin(x))/abs(x)", 0.0).unwrap()[0], 1.0);
        assert_eq!(at("sqrt(x^2 + x^4)", 0.0).unwrap()[1], 1.0);
    }

    #[test]
    fn poles_and_the_outside_have_no_series() {
        for text in ["1/x", "cos(x)/x", "sqrt(x)", "ln(x)", "sqrt(x-1)", "x^0.3"] {
            assert_eq!(at(text, 0.0), None, "{text}");
        }
    }
}
