//! The laws that a coordinate's noise may have: what a number of each is made of, and the registry's entry for it.

use std::f64::consts::PI;
use std::ops::RangeInclusive;

use serde::Serialize;

use super::registry::Entry;
use super::stable::stable;
use crate::parameter::Parameter;
use crate::random::{Purpose, Stream, open_uniform};

/// A symmetric law of one coordinate's noise: of variance 1, or of scale 1 where it has no variance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrawnLaw {
    /// Normal.
    Gaussian,
    /// Student's t with ν > 2 degrees of freedom.
    Student(f64),
    /// Laplace's law, of density ∝ e^{−√2|x|}.
    Laplace,
    /// ±1 with equal chances.
    TwoPoint,
    /// α-stable: E e^{iuξ} = e^{−|u|^α}.
    Stable(f64),
}

/// How a file names a law: its own keys, with what they may be and are, and the law that they make.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// Its keys.
    pub keys: &'static [(&'static str, RangeInclusive<f64>, &'static str)],
    /// The law of the values of these keys, in order.
    pub of: fn(&[f64]) -> DrawnLaw,
    /// Whether it has a variance; one that has not is given by its scale.
    pub has_variance: bool,
}

const VARIANCE: Parameter = Parameter::required(
    "variance",
    "C of one coordinate, of what is drawn, whatever the law",
);
const STD: Parameter = Parameter::required(
    "std",
    "in place of it √C, a formula of the state; one for all coordinates or a list of one for each",
);
const COVARIANCE: Parameter = Parameter::required(
    "covariance",
    "in place of it C: a symmetric matrix ≥ 0 of numbers or formulas, or a formula of `hessian`",
);
const MEAN_OF: Parameter =
    Parameter::new("mean_of", 1.0, "n, the draws of which the mean is taken");
const BOUND: Parameter = Parameter::required(
    "bound",
    "b: the law is taken where |ξ| ≤ b, in units of its standard deviation, and scaled to its variance again",
);

/// Normal noise.
pub const GAUSSIAN: Entry = Entry {
    name: "gaussian",
    formula: "g = ∇L(θ) + C^½ξ",
    source: "additive noise",
    parameters: &[
        VARIANCE,
        STD,
        COVARIANCE,
        MEAN_OF,
        BOUND,
        Parameter::required(
            "frame",
            "of the protocol escape: \"theta\" (if left out), or \"sharpened\": C_θ = kC, as data noise scales",
        ),
    ],
    law: Some(Named {
        keys: &[],
        of: |_| DrawnLaw::Gaussian,
        has_variance: true,
    }),
};

/// Student's noise.
pub const STUDENT: Entry = Entry {
    name: "student",
    formula: "g = ∇L(θ) + C^½ξ, ξ of density ∝ (1 + ξ²/(ν − 2))^{−(ν + 1)/2}",
    source: "Bailey 1994",
    parameters: &[
        Parameter::required("dof", "ν, above 2"),
        VARIANCE,
        STD,
        COVARIANCE,
        MEAN_OF,
        BOUND,
    ],
    law: Some(Named {
        keys: &[(
            "dof",
            2.01..=1e6,
            "ν of Student's law, which has a variance above 2",
        )],
        of: |v| DrawnLaw::Student(v[0]),
        has_variance: true,
    }),
};

/// Laplace's noise.
pub const LAPLACE: Entry = Entry {
    name: "laplace",
    formula: "g = ∇L(θ) + C^½ξ, ξ of density e^{−√2|ξ|}/√2",
    source: "Laplace's first law",
    parameters: &[VARIANCE, STD, COVARIANCE, MEAN_OF, BOUND],
    law: Some(Named {
        keys: &[],
        of: |_| DrawnLaw::Laplace,
        has_variance: true,
    }),
};

/// Noise of two values.
pub const TWO_POINT: Entry = Entry {
    name: "two-point",
    formula: "g = ∇L(θ) + C^½ξ, ξ = ±1 with equal chances",
    source: "Rademacher's law",
    parameters: &[VARIANCE, STD, COVARIANCE, MEAN_OF, BOUND],
    law: Some(Named {
        keys: &[],
        of: |_| DrawnLaw::TwoPoint,
        has_variance: true,
    }),
};

/// Stable noise.
pub const STABLE: Entry = Entry {
    name: "stable",
    formula: "g = ∇L(θ) + σS, S symmetric α-stable: E e^{iuS} = e^{−|u|^α}",
    source: "Chambers, Mallows and Stuck 1976",
    parameters: &[
        Parameter::required("alpha", "α, at most 2; 2 is Gaussian of variance 2σ²"),
        Parameter::required("scale", "σ, a number or a formula of the state"),
        MEAN_OF,
        Parameter::required("bound", "b: the law is taken where |S| ≤ b"),
    ],
    law: Some(Named {
        keys: &[(
            "alpha",
            0.1..=2.0,
            "the index α of the noise: 2 is Gaussian, and below it the variance is infinite",
        )],
        of: |v| DrawnLaw::Stable(v[0]),
        has_variance: false,
    }),
};

impl DrawnLaw {
    /// A number of the law from two that are uniform on (0, 1).
    fn of(self, u: f64, v: f64) -> f64 {
        match self {
            DrawnLaw::Gaussian => (-2.0 * u.ln()).sqrt() * (2.0 * PI * v).cos(),
            // Bailey, Math. Comp. 62 (1994) 779: exact, as Box and Muller's is for ν → ∞.
            DrawnLaw::Student(nu) => {
                let square = (nu - 2.0) * ((-2.0 / nu * u.ln()).exp_m1());
                square.sqrt() * (2.0 * PI * v).cos()
            }
            DrawnLaw::Laplace => {
                let size = -u.ln() / 2f64.sqrt();
                if v < 0.5 { -size } else { size }
            }
            DrawnLaw::TwoPoint => {
                if v < 0.5 {
                    -1.0
                } else {
                    1.0
                }
            }
            DrawnLaw::Stable(alpha) => stable(alpha, u, v),
        }
    }

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            DrawnLaw::Gaussian => GAUSSIAN.name,
            DrawnLaw::Student(_) => STUDENT.name,
            DrawnLaw::Laplace => LAPLACE.name,
            DrawnLaw::TwoPoint => TWO_POINT.name,
            DrawnLaw::Stable(_) => STABLE.name,
        }
    }

    /// Its variance; `None` where it has none, or is not made of a number of size 1.
    fn variance(self) -> Option<f64> {
        match self {
            DrawnLaw::Stable(2.0) => Some(2.0),
            DrawnLaw::Stable(_) => None,
            _ => Some(1.0),
        }
    }

    /// The density up to a factor; `None` where there is none in closed form.
    fn density(self, x: f64) -> Option<f64> {
        match self {
            DrawnLaw::Gaussian => Some((-0.5 * x * x).exp()),
            DrawnLaw::Student(nu) => {
                let rise = (x * x / (nu - 2.0)).ln_1p();
                Some((-0.5 * (nu + 1.0) * rise).exp())
            }
            DrawnLaw::Laplace => Some((-(2f64.sqrt()) * x.abs()).exp()),
            DrawnLaw::Stable(2.0) => Some((-0.25 * x * x).exp()),
            DrawnLaw::TwoPoint | DrawnLaw::Stable(_) => None,
        }
    }

    /// Its variance given |ξ| ≤ b.
    fn variance_within(self, bound: f64) -> Option<f64> {
        if self == DrawnLaw::TwoPoint {
            return Some(1.0);
        }
        self.density(0.0)?;
        let density = |x: f64| self.density(x).unwrap_or(0.0);
        // Panels that double, so that tails of every length have their nodes; Simpson's rule is off by 1e-12 on each.
        const NODES: usize = 512;
        let (mut mass, mut square) = (0.0, 0.0);
        let (mut low, mut high) = (0.0, bound.min(1.0));
        while low < bound {
            let step = (high - low) / NODES as f64;
            for i in 0..=NODES {
                let weight = match i {
                    0 | NODES => 1.0,
                    _ if i % 2 == 1 => 4.0,
                    _ => 2.0,
                };
                let x = low + step * i as f64;
                let share = weight * step / 3.0 * density(x);
                mass += share;
                square += share * x * x;
            }
            (low, high) = (high, bound.min(2.0 * high));
        }
        Some(square / mass)
    }
}

/// The least bound: a law that is cut closer is as good as uniform, and seldom drawn within.
pub const LEAST_BOUND: f64 = 0.1;

/// The mean of n draws of a law, each taken within ±b, scaled so that one draw has the law's variance again.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Draws {
    /// The law.
    pub law: DrawnLaw,
    /// n.
    pub mean_of: u64,
    /// b, in standard deviations of the law, or in scales where it has none; `None` cuts nothing.
    pub bound: Option<f64>,
    /// What multiplies the sum of what is drawn.
    #[serde(skip)]
    factor: f64,
    /// How many numbers are drawn.
    #[serde(skip)]
    drawn: u64,
}

impl Draws {
    /// The mean of `mean_of` draws of a law.
    ///
    /// # Errors
    /// A sentence, where nothing of the law lies within the bound, or too little.
    pub fn new(law: DrawnLaw, mean_of: u64, bound: Option<f64>) -> Result<Self, String> {
        if let Some(b) = bound {
            if law == DrawnLaw::TwoPoint && b < 1.0 {
                return Err(format!(
                    "{b}: nothing is left of a law of the two values ±1 (standard deviations); give at least 1, or leave it out"
                ));
            }
            if !(b >= LEAST_BOUND && b.is_finite()) {
                return Err(format!(
                    "{b}: a bound is a finite number of at least {LEAST_BOUND} (standard deviations of the law; scales of a stable one)"
                ));
            }
        }
        let n = mean_of.max(1) as f64;
        let (factor, drawn) = match (law, bound) {
            // Laws that a sum of draws has again.
            (DrawnLaw::Gaussian, None) => (1.0 / n.sqrt(), 1),
            (DrawnLaw::Stable(alpha), None) => (n.powf(1.0 / alpha - 1.0), 1),
            (_, None) => (1.0 / n, mean_of.max(1)),
            (DrawnLaw::Stable(_), Some(_)) => (1.0 / n, mean_of.max(1)),
            (_, Some(b)) => {
                let within = law.variance_within(b).unwrap_or(1.0);
                (1.0 / (n * within.sqrt()), mean_of.max(1))
            }
        };
        Ok(Draws {
            law,
            mean_of: mean_of.max(1),
            bound,
            factor,
            drawn,
        })
    }

    /// Var of a number, of size 1; `None` where the law has none, or where it is not known.
    pub fn variance(&self) -> Option<f64> {
        if let (DrawnLaw::Stable(_), Some(b)) = (self.law, self.bound) {
            return Some(self.law.variance_within(b)? / self.mean_of as f64);
        }
        Some(self.law.variance()? / self.mean_of as f64)
    }

    /// Whether it is a normal number, which the process draws itself.
    pub fn is_normal(&self) -> bool {
        self.law == DrawnLaw::Gaussian && self.bound.is_none()
    }

    /// Whether what it draws is normal, by whatever name.
    pub fn is_gaussian(&self) -> bool {
        self.bound.is_none() && matches!(self.law, DrawnLaw::Gaussian | DrawnLaw::Stable(2.0))
    }

    /// What multiplies a normal number of the process.
    pub fn normal_factor(&self) -> f64 {
        self.factor
    }

    /// The numbers of a block, a row for each of `dim` coordinates.
    pub fn fill(
        &self,
        stream: &Stream,
        (particle, step): (&[u64], &[u64]),
        dim: usize,
        rows: &mut [f64],
    ) {
        // Where a draw lies outside of its bound the next one is taken, from indices that no other has.
        let (n, again) = (self.drawn, self.drawn * dim as u64);
        let bound = self.bound.unwrap_or(f64::INFINITY);
        for (i, row) in rows.chunks_exact_mut(particle.len()).enumerate() {
            for ((to, particle), step) in row.iter_mut().zip(particle).zip(step) {
                let one = |k: u64| {
                    let mut index = i as u64 * n + k;
                    loop {
                        let (a, b) = stream.bits(Purpose::Fresh, *particle, *step, index);
                        let x = self.law.of(open_uniform(a), open_uniform(b));
                        let outside = x.abs() > bound;
                        if !outside {
                            return x;
                        }
                        index += again;
                    }
                };
                *to = self.factor * (0..n).map(one).sum::<f64>();
            }
        }
    }
}
