//! The linear update rules, each as a linear filter of its gradients.

use std::sync::{Mutex, PoisonError};

use nalgebra::{DMatrix, DVector};

use super::filter::Filter;
use super::stability::stable_rates;
use crate::scaled::Scaled;
use base::error::{Error, Result};

/// An update θ ← θ − η d whose direction d is linear in the gradients g₁, …, g_t so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LinearRule {
    /// d = g.
    Sgd,
    /// m ← β₁m + (1 − β₁)g, d = m (Wang et al. 2024, Def. 3.3).
    Sgdm {
        /// β₁.
        beta1: f64,
    },
    /// m ← β₁m + β₃g, d = m (Xie et al. 2021, PNM, eq. 2).
    HeavyBall {
        /// β₁.
        beta1: f64,
        /// β₃.
        beta3: f64,
    },
    /// b₁ = g₁, b ← μb + (1 − τ)g, d = b, or g + μb with `nesterov` (torch.optim.SGD).
    Torch {
        /// μ; with μ = 0 there is no buffer, and d = g.
        mu: f64,
        /// τ, the dampening, which spares the first gradient.
        tau: f64,
        /// Nesterov's look-ahead.
        nesterov: bool,
    },
    /// m_t = β₁²m_{t−2} + (1 − β₁²)g_t, d = [(1 + β₀)m_t − β₀m_{t−1}]/√γ, γ = (1 + β₀)² + β₀²
    /// (Xie et al. 2021, PNM, Algorithm 2).
    Pnm {
        /// β₁.
        beta1: f64,
        /// β₀.
        beta0: f64,
    },
    /// d = (1 + β₀)g⁽ᵃ⁾ − β₀g⁽ᵇ⁾ with two independent fresh gradients (Xie et al. 2021, PNM, eq. 5).
    TwoBatch {
        /// β₀.
        beta0: f64,
    },
    /// A rule that is known by its filters alone.
    Derived(&'static Derived),
}

/// A rule by its filters, of one order and of gain 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// Of the first step.
    first: Filter,
    /// Of every step behind it.
    rest: Filter,
}

/// Every rule that is known so: the same filters are the same rule, which lasts as long as the program.
static DERIVED: Mutex<Vec<&'static Derived>> = Mutex::new(Vec::new());

/// γ = (1 + β₀)² + β₀².
pub fn gamma(beta0: f64) -> Scaled {
    let (positive, negative) = (Scaled::of(1.0 + beta0), Scaled::of(beta0));
    positive * positive + negative * negative
}

/// √γ, which is a double wherever β₀ is.
fn root_gamma(beta0: f64) -> f64 {
    gamma(beta0).sqrt().value()
}

impl LinearRule {
    /// The rule of that name in experiment files, each parameter by its name there; `None` where the
    /// rule of that name is not linear, or not known.
    pub fn named(name: &str, parameter: impl Fn(&str) -> f64) -> Option<Self> {
        Some(match name {
            "sgd" => Self::Sgd,
            "sgdm" => Self::Sgdm {
                beta1: parameter("beta1"),
            },
            "heavy-ball" => Self::HeavyBall {
                beta1: parameter("beta1"),
                beta3: parameter("beta3"),
            },
            "momentum" | "sgds" => Self::Torch {
                mu: parameter("mu"),
                tau: parameter("tau"),
                nesterov: parameter("nesterov") != 0.0,
            },
            "pnm" => Self::Pnm {
                beta1: parameter("beta1"),
                beta0: parameter("beta0"),
            },
            _ => return None,
        })
    }

    /// The rule of these filters, of the first step and of those behind it; an average is known as such.
    pub fn derived(first: Filter, rest: Filter) -> Self {
        let wanted = Derived {
            first: first.normalised(),
            rest: rest.normalised(),
        };
        if wanted.first == wanted.rest
            && let Some(known) = averaging(&wanted.rest)
        {
            return known;
        }
        let mut known = DERIVED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.iter().find(|own| ***own == wanted) {
            return Self::Derived(known);
        }
        let own: &'static Derived = Box::leak(Box::new(wanted));
        known.push(own);
        Self::Derived(own)
    }

    /// β₁ and β₃ where the rule is m ← β₁m + β₃g, θ ← θ − ηm; of SGD 0 and 1.
    pub fn heavy_ball(&self) -> Option<(f64, f64)> {
        match *self {
            Self::Sgd | Self::Torch { mu: 0.0, .. } => Some((0.0, 1.0)),
            Self::Sgdm { beta1 } => Some((beta1, 1.0 - beta1)),
            Self::HeavyBall { beta1, beta3 } => Some((beta1, beta3)),
            Self::Torch {
                mu,
                tau,
                nesterov: false,
            } => Some((mu, 1.0 - tau)),
            _ => None,
        }
    }

    /// # Errors
    /// [`Error::Input`] with the range of the parameter that is out of it.
    pub fn check(&self) -> Result<()> {
        let decay = |name: &str, x: f64| {
            if (0.0..1.0).contains(&x) {
                return Ok(());
            }
            Err(Error::Input(format!(
                "{name} = {x} must be at least 0 and below 1"
            )))
        };
        let finite = |name: &str, x: f64| {
            if x.is_finite() {
                return Ok(());
            }
            Err(Error::Input(format!("{name} = {x} must be finite")))
        };
        match *self {
            Self::Sgd => Ok(()),
            Self::Sgdm { beta1 } => decay("β₁", beta1),
            Self::HeavyBall { beta1, beta3 } => {
                decay("β₁", beta1)?;
                if beta3.is_finite() && beta3 > 0.0 {
                    return Ok(());
                }
                Err(Error::Input(format!("β₃ = {beta3} must be positive")))
            }
            Self::Torch { mu, tau, .. } => {
                decay("μ", mu)?;
                decay("τ", tau)
            }
            Self::Pnm { beta1, beta0 } => {
                decay("β₁", beta1)?;
                finite("β₀", beta0)
            }
            Self::TwoBatch { beta0 } => finite("β₀", beta0),
            Self::Derived(own) => finite("the reach of the rule", own.rest.reach()),
        }
    }

    /// The filter in its long run.
    pub fn filter(&self) -> Filter {
        match *self {
            Self::Sgd => Filter::memoryless(),
            Self::Sgdm { beta1 } => Filter::average(beta1, 1.0 - beta1),
            Self::HeavyBall { beta1, beta3 } => Filter::average(beta1, beta3),
            Self::Torch { mu, tau, nesterov } => torch(mu, 1.0 - tau, nesterov),
            Self::Pnm { beta1, beta0 } => pnm(beta1, beta0),
            Self::TwoBatch { beta0 } => Filter {
                amplification: root_gamma(beta0),
                ..Filter::memoryless()
            },
            Self::Derived(own) => own.rest.clone(),
        }
    }

    /// The direction for a unit gradient that is the same at every step, without the gain: its square is S(0).
    pub fn steady(&self) -> f64 {
        match *self {
            // The positive part takes back what the negative part has.
            Self::Pnm { .. } => 1.0,
            _ => self.at_period(1.0),
        }
    }

    /// The direction for a unit gradient that changes its sign at every step, without the gain: its square is S(π).
    pub fn alternating(&self) -> f64 {
        self.at_period(-1.0)
    }

    /// The direction over the gradient, for gradients that are multiplied by `sign` = ±1 in every step.
    fn at_period(&self, sign: f64) -> f64 {
        let average = |decay: f64, weight: f64| weight / (1.0 - sign * decay);
        match *self {
            Self::Sgd | Self::Torch { mu: 0.0, .. } => 1.0,
            Self::Sgdm { beta1 } => average(beta1, 1.0 - beta1),
            Self::HeavyBall { beta1, beta3 } => average(beta1, beta3),
            Self::Torch { mu, tau, nesterov } => {
                let buffer = average(mu, 1.0 - tau);
                if nesterov { 1.0 + mu * buffer } else { buffer }
            }
            // m is an average over every other step, and so has the gradient's own sign.
            Self::Pnm { beta0, .. } => 1.0 + beta0 - sign * beta0,
            Self::TwoBatch { beta0 } => root_gamma(beta0),
            Self::Derived(own) => own.rest.at_period(sign),
        }
    }

    /// The filter of the very first step, where it differs.
    pub fn first_filter(&self) -> Option<Filter> {
        match *self {
            Self::Torch { mu, tau, nesterov } if tau != 0.0 && mu != 0.0 => {
                Some(torch(mu, 1.0, nesterov))
            }
            Self::Derived(own) => (own.first != own.rest).then(|| own.first.clone()),
            _ => None,
        }
    }

    /// Whether its gradients are taken elsewhere than at θ.
    pub fn looks_ahead(&self) -> bool {
        self.filter().looks_ahead()
    }

    /// The ηh below which the rule is stable on ½hθ²; from it on, it diverges or never settles. 0 where no ηh is stable.
    pub fn stability_limit(&self) -> f64 {
        self.stable_rates().map_or(0.0, |[_, limit]| limit)
    }

    /// The open interval of ηh, h > 0, in which the rule is stable on ½hθ², if there is one.
    ///
    /// From Jury's conditions on the characteristic polynomial, which leave all rates from 0 on; of a rule that is known by
    /// its filters from the [spectral radius](stable_rates).
    pub fn stable_rates(&self) -> Option<[f64; 2]> {
        let limit = match *self {
            Self::Sgd | Self::TwoBatch { .. } => 2.0,
            Self::Sgdm { beta1 } => 2.0 * (1.0 + beta1) / (1.0 - beta1),
            Self::HeavyBall { beta1, beta3 } => 2.0 * (1.0 + beta1) / beta3,
            Self::Torch { mu: 0.0, .. } => 2.0,
            Self::Torch {
                mu,
                tau,
                nesterov: false,
            } => 2.0 * (1.0 + mu) / (1.0 - tau),
            Self::Torch { mu, tau, .. } => 2.0 * (1.0 + mu) / (1.0 + mu * (2.0 - tau)),
            Self::Pnm { beta1, beta0 } => {
                // u(1/2 + β₀) < 1 keeps z = −1 out, |β₀ + q/(1 + q)| u < 1 the complex pair, with
                // u = ηh/√γ and q = β₁². For β₀ ≥ 0 the first binds and β₁ plays no part.
                let q = beta1 * beta1;
                let alternating = (0.5 + beta0).max(0.0);
                let pair = (beta0 + q / (1.0 + q)).abs();
                root_gamma(beta0) / alternating.max(pair)
            }
            Self::Derived(_) => return stable_rates(*self),
        };
        Some([0.0, limit])
    }
}

/// SGD, or m ← β₁m + β₃g, d = m, where a filter is that, to rounding.
fn averaging(filter: &Filter) -> Option<LinearRule> {
    let same = |a: f64, b: f64| (a - b).abs() <= 1e-14 * b.abs();
    let (beta1, beta3) = (filter.transition[(0, 0)], filter.through);
    let one = filter.order() == 1 && filter.amplification == 1.0 && !filter.looks_ahead();
    if !(one && same(filter.input[0], beta3) && same(filter.output[0], beta1)) {
        return None;
    }
    if same(beta1, 0.0) && same(beta3, 1.0) {
        return Some(LinearRule::Sgd);
    }
    let rule = LinearRule::HeavyBall { beta1, beta3 };
    rule.check().is_ok().then_some(rule)
}

/// The average with decay μ, or its Nesterov form g + μb.
fn torch(mu: f64, weight: f64, nesterov: bool) -> Filter {
    if mu == 0.0 {
        return Filter::memoryless();
    }
    let average = Filter::average(mu, weight);
    if !nesterov {
        return average;
    }
    Filter {
        output: mu * &average.output,
        through: 1.0 + mu * average.through,
        ..average
    }
}

/// Slots m_{t−2} and m_{t−1}.
fn pnm(beta1: f64, beta0: f64) -> Filter {
    let decay = beta1 * beta1;
    let positive = 1.0 + beta0;
    Filter {
        transition: DMatrix::from_row_slice(2, 2, &[0.0, 1.0, decay, 0.0]),
        input: DVector::from_vec(vec![0.0, 1.0 - decay]),
        output: DVector::from_vec(vec![positive * decay, -beta0]),
        through: positive * (1.0 - decay),
        ahead: DVector::zeros(2),
        gain: 1.0 / root_gamma(beta0),
        amplification: 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_by_hand() {
        // √5·2/3 = 1.4907 and √13·2/5 = 1.4422; heavy ball with β₁ = 0.9, β₃ = 0.1 bears 38.
        let pnm = |beta1, beta0| LinearRule::Pnm { beta1, beta0 }.stability_limit();
        for beta1 in [0.0, 0.5, 0.9, 0.99] {
            assert!((pnm(beta1, 1.0) - 5f64.sqrt() * 2.0 / 3.0).abs() < 1e-15);
            assert!((pnm(beta1, 2.0) - 13f64.sqrt() * 0.4).abs() < 1e-15);
            // β₀ = −β₁/(1 + β₁) is an average with decay β₁ at the rate η/√γ.
            let beta0 = -beta1 / (1.0 + beta1);
            let average = LinearRule::Sgdm { beta1 }.stability_limit();
            let relative = pnm(beta1, beta0) / (root_gamma(beta0) * average) - 1.0;
            assert!(relative.abs() < 1e-13, "{relative}");
        }
        assert!((pnm(0.9, 1e9) - 2f64.sqrt()).abs() < 1e-8);
        let (beta1, beta3) = (0.9, 0.1);
        let ball = LinearRule::HeavyBall { beta1, beta3 }.stability_limit();
        assert!((ball - 38.0).abs() < 1e-13);
    }

    #[test]
    fn an_average_by_its_filter_is_known() {
        let derived = |filter: Filter| LinearRule::derived(filter.clone(), filter);
        assert_eq!(derived(Filter::memoryless()), LinearRule::Sgd);
        let (beta1, beta3) = (0.7, 0.2);
        let ball = LinearRule::HeavyBall { beta1, beta3 };
        assert_eq!(derived(Filter::average(beta1, beta3)), ball);
        let nesterov = torch(beta1, beta3, true);
        assert!(matches!(derived(nesterov.clone()), LinearRule::Derived(_)));
        let first = LinearRule::derived(nesterov, Filter::average(beta1, beta3));
        assert!(matches!(first, LinearRule::Derived(_)));
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        for rule in [
            LinearRule::Sgdm { beta1: 1.0 },
            LinearRule::HeavyBall {
                beta1: 0.9,
                beta3: 0.0,
            },
            LinearRule::Torch {
                mu: -0.1,
                tau: 0.0,
                nesterov: false,
            },
            LinearRule::Torch {
                mu: 0.9,
                tau: 1.0,
                nesterov: true,
            },
            LinearRule::Pnm {
                beta1: 0.9,
                beta0: f64::NAN,
            },
            LinearRule::TwoBatch {
                beta0: f64::INFINITY,
            },
        ] {
            assert!(rule.check().is_err(), "{rule:?}");
        }
    }
}
