//! Which functional form does log Γ follow in k? Decided by likelihood, every cell with its error.

use std::fmt;

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use statrs::function::gamma::digamma;

use super::estimate::Estimate;
use super::rate::Exposure;
use super::regression::{Fit, weighted_least_squares};
use base::error::{Error, Result};

/// A form of log Γ as a function of the sharpness k (or of a learning rate in its place).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// −A/k + c: an activated escape whose exponent is inverse in k.
    Inverse,
    /// −A/√k + c.
    InverseRoot,
    /// p log k + c: a power law, no activation.
    Power,
    /// log k + c − A/k: activation with the prefactor of overdamped escape.
    LogAndInverse,
    /// ½ log k + c − A/√k: activation with the prefactor of an adaptive step.
    HalfLogAndInverseRoot,
}

impl Form {
    /// Every form, in the order in which they are compared.
    pub const ALL: [Form; 5] = [
        Form::Inverse,
        Form::InverseRoot,
        Form::Power,
        Form::LogAndInverse,
        Form::HalfLogAndInverseRoot,
    ];

    /// The form in symbols.
    pub fn name(self) -> &'static str {
        match self {
            Form::Inverse => "−A/k + c",
            Form::InverseRoot => "−A/√k + c",
            Form::Power => "p log k + c",
            Form::LogAndInverse => "log k + c − A/k",
            Form::HalfLogAndInverseRoot => "½ log k + c − A/√k",
        }
    }

    /// What is known of log Γ, and what multiplies the first coefficient (A, or p).
    pub fn terms(self, k: f64) -> (f64, f64) {
        match self {
            Form::Inverse => (0.0, -1.0 / k),
            Form::InverseRoot => (0.0, -1.0 / k.sqrt()),
            Form::Power => (0.0, k.ln()),
            Form::LogAndInverse => (k.ln(), -1.0 / k),
            Form::HalfLogAndInverseRoot => (0.5 * k.ln(), -1.0 / k.sqrt()),
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// log Γ at one k, with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// k > 0.
    pub k: f64,
    /// log Γ, natural.
    pub log_rate: f64,
    /// Its standard error.
    pub sigma: f64,
}

impl Cell {
    /// log Γ from n exits over the time T: ψ(n) − log T with standard error √ψ′(n), the exact mean
    /// and standard deviation for a complete exponential sample (T is gamma distributed), and
    /// within O(1/n) of them for a censored one.
    ///
    /// # Errors
    /// No exit (such a cell bounds Γ but has no place in a fit), or no time at risk.
    pub fn from_exposure(k: f64, exposure: &Exposure) -> Result<Self> {
        let (n, time) = (exposure.exits, exposure.time_at_risk);
        if n == 0 || !(time.is_finite() && time > 0.0) {
            return Err(Error::Failed(format!(
                "the cell k = {k} has {n} exits over a time of {time}: log Γ needs at least one; \
                 leave the cell out of the fit or run it longer"
            )));
        }
        let n = n as f64;
        Ok(Self {
            k,
            log_rate: digamma(n) - time.ln(),
            sigma: trigamma(n).sqrt(),
        })
    }
}

/// ψ′(x), x > 0: ψ′(x) = ψ′(x + 1) + 1/x² up to x ≥ 12, then the asymptotic series.
///
/// Source: Abramowitz & Stegun 6.4.6 and 6.4.12; the first term left out is below 3·10⁻¹⁶.
pub(super) fn trigamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 12.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let s = 1.0 / (x * x);
    let series = 1.0 / 6.0
        - s * (1.0 / 30.0
            - s * (1.0 / 42.0 - s * (1.0 / 30.0 - s * (5.0 / 66.0 - s * (691.0 / 2730.0)))));
    sum + 1.0 / x + 0.5 * s + series * s / x
}

/// A form at the cells: what is known of it there, and what multiplies each coefficient.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// What no coefficient multiplies, a number per cell.
    pub known: Vec<f64>,
    /// A row per cell, a column per coefficient.
    pub design: DMatrix<f64>,
}

/// One form, fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct FormFit<N = Form> {
    /// Which.
    pub form: N,
    /// The fit; of a [`Form`] coefficient 0 is A (or p), coefficient 1 is c.
    pub fit: Fit,
    /// The first coefficient with its interval.
    pub coefficient: Estimate,
    /// χ² + 2 × coefficients: −2 log likelihood up to what all forms share, plus the penalty.
    pub aic: f64,
    /// χ² per degree of freedom.
    pub chi2_per_dof: f64,
    /// P(χ² at least this large), if the form and the errors are right.
    pub p_value: f64,
}

impl<N> FormFit<N> {
    /// Whether the goodness of fit rejects the form at level `alpha`.
    pub fn rejected(&self, alpha: f64) -> bool {
        self.p_value < alpha
    }
}

/// All forms fitted to the same cells, best first.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison<N = Form> {
    /// The fits in order of AIC; never empty.
    pub ranked: Vec<FormFit<N>>,
}

impl<N: PartialEq> Comparison<N> {
    /// The form of least AIC.
    pub fn winner(&self) -> &FormFit<N> {
        &self.ranked[0]
    }

    /// ΔAIC between the runner-up and the winner.
    pub fn margin(&self) -> f64 {
        self.ranked[1].aic - self.ranked[0].aic
    }

    /// The best of the `claimed` forms and the best of all others, if there is one of each.
    pub fn against(&self, claimed: &[N]) -> Option<(&FormFit<N>, &FormFit<N>)> {
        let best = |own| {
            let mut ranked = self.ranked.iter();
            ranked.find(|fit| claimed.contains(&fit.form) == own)
        };
        Some((best(true)?, best(false)?))
    }

    /// The fit of `form`.
    pub fn of(&self, form: N) -> Option<&FormFit<N>> {
        self.ranked.iter().find(|fitted| fitted.form == form)
    }
}

/// Fits forms to the same values with their standard errors, and ranks them by AIC.
///
/// # Errors
/// What [`weighted_least_squares`] refuses.
pub fn rank<N>(
    forms: impl IntoIterator<Item = (N, Linear)>,
    values: &[f64],
    sigma: &[f64],
    confidence: f64,
) -> Result<Comparison<N>> {
    let fitted = |(form, Linear { known, design })| {
        let left: Vec<f64> = values.iter().zip(&known).map(|(y, k)| y - k).collect();
        let fit = weighted_least_squares(&design, &left, sigma)?;
        Ok(FormFit {
            form,
            coefficient: fit.coefficient(0, confidence)?,
            aic: fit.chi2 + 2.0 * design.ncols() as f64,
            chi2_per_dof: fit.chi2 / fit.dof as f64,
            p_value: fit.goodness_of_fit().unwrap_or(1.0),
            fit,
        })
    };
    let mut ranked: Vec<FormFit<N>> = forms.into_iter().map(fitted).collect::<Result<_>>()?;
    ranked.sort_by(|a, b| a.aic.total_cmp(&b.aic));
    Ok(Comparison { ranked })
}

/// Fits every form of [`Form::ALL`] to `cells` and ranks them by AIC. All have two coefficients, so the
/// ranking is that of the likelihoods.
///
/// # Errors
/// Fewer than three cells (nothing would be left to tell forms apart), a k that is not positive and
/// finite, or what [`rank`] refuses.
pub fn compare(cells: &[Cell], confidence: f64) -> Result<Comparison> {
    if cells.len() < 3 {
        return Err(Error::Failed(format!(
            "{} cells cannot tell functional forms of two coefficients apart; measure at least 3",
            cells.len()
        )));
    }
    if let Some(cell) = cells
        .iter()
        .find(|cell| !(cell.k.is_finite() && cell.k > 0.0))
    {
        return Err(Error::Failed(format!(
            "k = {}: the forms take roots and logarithms of k, so it must be positive and finite",
            cell.k
        )));
    }
    let values: Vec<f64> = cells.iter().map(|cell| cell.log_rate).collect();
    let sigma: Vec<f64> = cells.iter().map(|cell| cell.sigma).collect();
    let forms = Form::ALL.map(|form| {
        let terms: Vec<(f64, f64)> = cells.iter().map(|cell| form.terms(cell.k)).collect();
        let design = DMatrix::from_fn(cells.len(), 2, |i, j| if j == 0 { terms[i].1 } else { 1.0 });
        let known = terms.iter().map(|(known, _)| *known).collect();
        (form, Linear { known, design })
    });
    rank(forms, &values, &sigma, confidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantile::chi_square;

    fn cells(sigma: f64, log_rate: impl Fn(f64) -> f64) -> Vec<Cell> {
        [1.0, 1.25, 1.5, 2.0, 2.5, 3.0]
            .map(|k: f64| Cell {
                k,
                log_rate: log_rate(k),
                sigma,
            })
            .to_vec()
    }

    #[test]
    fn each_form_wins_on_its_own_data_with_its_own_coefficient() {
        for form in Form::ALL {
            let data = cells(0.003, |k| {
                let (known, basis) = form.terms(k);
                known + 8.0 * basis - 1.0
            });
            let comparison = compare(&data, 0.999).unwrap();
            let winner = comparison.winner();
            assert_eq!(winner.form, form);
            assert!((winner.coefficient.value.unwrap() - 8.0).abs() < 1e-10);
            assert!(winner.fit.chi2 < 1e-15 && winner.p_value > 0.999_999);
            assert!(
                comparison.margin() > 10.0,
                "{form:?} {}",
                comparison.margin()
            );
            assert!(comparison.ranked[1].rejected(0.01));
            assert_eq!(comparison.of(form), Some(winner));
        }
    }

    #[test]
    fn large_errors_leave_the_forms_undecided() {
        let data = cells(0.5, |k| k.ln() - 8.0 / k);
        let comparison = compare(&data, 0.999).unwrap();
        assert!(comparison.margin() < 2.0);
        assert!(!comparison.of(Form::InverseRoot).unwrap().rejected(0.05));
    }

    #[test]
    fn the_aic_is_chi_square_and_twice_two() {
        let data = cells(0.1, |k| (3.0 * k).sin());
        for fitted in compare(&data, 0.95).unwrap().ranked {
            assert_eq!(fitted.aic, fitted.fit.chi2 + 4.0);
            assert_eq!(fitted.fit.dof, 4);
            assert_eq!(fitted.chi2_per_dof, fitted.fit.chi2 / 4.0);
            let rejected = fitted.fit.chi2 > chi_square(0.99, 2.0);
            assert_eq!(fitted.rejected(0.01), rejected);
        }
    }

    #[test]
    fn trigamma_has_the_known_digits() {
        for (x, exact) in [
            (1.0, std::f64::consts::PI.powi(2) / 6.0),
            (3.0, 0.394_934_066_848_226_44),
            (100.0, 0.010_050_166_663_333_571),
        ] {
            assert!((trigamma(x) / exact - 1.0).abs() < 1e-14, "{x}");
        }
    }

    #[test]
    fn a_cell_comes_from_its_exposure() {
        let exposure = Exposure {
            exits: 100,
            censored: 0,
            time_at_risk: 50.0,
        };
        let cell = Cell::from_exposure(2.0, &exposure).unwrap();
        // ψ(100) = ln 100 − 1/200 − 1/120000 + …
        let expected = 2f64.ln() - 1.0 / 200.0 - 1.0 / 120_000.0;
        assert!((cell.log_rate - expected).abs() < 1e-9);
        assert!((cell.sigma - 0.100_250).abs() < 1e-6);
        assert!(Cell::from_exposure(2.0, &Exposure::default()).is_err());
    }

    #[test]
    fn too_few_cells_and_impossible_k_are_refused() {
        let data = cells(0.1, |k| k);
        assert!(compare(&data[..2], 0.999).is_err());
        let mut bad = data;
        bad[0].k = 0.0;
        assert!(compare(&bad, 0.999).is_err());
    }
}
