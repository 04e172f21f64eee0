//! The rule that turns an interval and a prediction into a verdict, one function per kind of claim.
//!
//! Every function returns the verdict and one sentence with the numbers that it rests on. Numbers
//! that cannot be compared (NaN, an interval upside down, a tolerance that is none) never confirm
//! and never refute: they are inconclusive, and the sentence says why.

use std::fmt::Display;

use super::{Range, Verdict};
use measurement::Estimate;
use measurement::forms::Comparison;

mod self_check;
#[cfg(test)]
mod tests;
mod wording;

pub use self_check::{FEWEST, LEVEL, declared_order, exact_check, family, self_check, sure};
pub(crate) use wording::{advice, number, shown};

/// How far from the prediction still counts as agreeing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// p (1 ± δ). Says nothing of a prediction of 0.
    Relative(f64),
    /// p ± a, in the unit of p: what a prediction of 0, an order or a slope needs.
    Absolute(f64),
}

/// Which side of its limit a bound allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The quantity is claimed to be at most the limit.
    AtMost,
    /// The quantity is claimed to be at least the limit.
    AtLeast,
}

/// A value: confirmed when the whole interval lies within the tolerance of the prediction, refuted
/// when it lies wholly outside, inconclusive when it straddles an edge.
///
/// With an interval of coverage 1 − α a true prediction is refuted, and one off by more than the
/// tolerance confirmed, with a probability of at most α. An estimate without a value is a bound, and
/// its interval is used as it is.
pub fn value(measured: &Estimate, prediction: f64, tolerance: Tolerance) -> (Verdict, String) {
    if let Some(why) = unusable(measured) {
        return (Verdict::Inconclusive, why);
    }
    let allowed = match tolerance {
        Tolerance::Relative(delta) => {
            format!("{} ± {} %", number(prediction), number(100.0 * delta))
        }
        Tolerance::Absolute(width) => format!("{} ± {}", number(prediction), number(width)),
    };
    let (Tolerance::Relative(size) | Tolerance::Absolute(size)) = tolerance;
    let Range { low, high } = Range::about(prediction, tolerance);
    if !(low.is_finite() && high.is_finite() && size >= 0.0) {
        let why = format!("{allowed} is no range to compare with; {}", shown(measured));
        return (Verdict::Inconclusive, why);
    }
    if prediction == 0.0 && matches!(tolerance, Tolerance::Relative(_)) {
        let why = format!(
            "a relative tolerance of a prediction of 0 allows nothing: the claim needs an absolute \
             one; {}",
            shown(measured)
        );
        return (Verdict::Inconclusive, why);
    }
    let (verdict, place) = if measured.ci_low >= low && measured.ci_high <= high {
        (Verdict::Confirmed, "lies within")
    } else if measured.ci_low > high || measured.ci_high < low {
        (Verdict::Refuted, "lies wholly outside")
    } else {
        (Verdict::Inconclusive, "straddles an edge of")
    };
    let advice = advice(verdict);
    let why = format!(
        "{} {place} the predicted {allowed}{advice}",
        shown(measured)
    );
    (verdict, why)
}

/// An order or slope: as [`value`], `measured` being the fitted slope with its interval and `margin`
/// absolute.
pub fn order(measured: &Estimate, predicted: f64, margin: f64) -> (Verdict, String) {
    let (verdict, why) = value(measured, predicted, Tolerance::Absolute(margin));
    (verdict, format!("fitted slope: {why}"))
}

/// A bound: confirmed when the whole interval lies on the allowed side of `limit` (the limit itself
/// included), refuted when it lies wholly beyond.
pub fn bound(measured: &Estimate, limit: f64, side: Side) -> (Verdict, String) {
    if let Some(why) = unusable(measured) {
        return (Verdict::Inconclusive, why);
    }
    if limit.is_nan() {
        let why = format!("the limit is not a number; {}", shown(measured));
        return (Verdict::Inconclusive, why);
    }
    let (keeps, breaks, words) = match side {
        Side::AtMost => (
            measured.ci_high <= limit,
            measured.ci_low > limit,
            "at most",
        ),
        Side::AtLeast => (
            measured.ci_low >= limit,
            measured.ci_high < limit,
            "at least",
        ),
    };
    let (verdict, place) = if keeps {
        (Verdict::Confirmed, "keeps to")
    } else if breaks {
        (Verdict::Refuted, "lies wholly beyond")
    } else {
        (Verdict::Inconclusive, "straddles")
    };
    let why = format!(
        "{} {place} the limit of {words} {}{}",
        shown(measured),
        number(limit),
        advice(verdict)
    );
    (verdict, why)
}

/// Functional forms: confirmed when the best of the `claimed` has an AIC less than every other form's by at least `margin`
/// and its goodness of fit is not rejected at level `alpha`; refuted when the goodness of fit rejects it, or
/// another form is better by at least `margin`; inconclusive otherwise.
pub fn form<N: PartialEq + Display>(
    comparison: &Comparison<N>,
    claimed: &[N],
    margin: f64,
    alpha: f64,
) -> (Verdict, String) {
    let Some((own, rival)) = comparison.against(claimed) else {
        let names: Vec<String> = claimed.iter().map(N::to_string).collect();
        let why = format!(
            "{} was not compared with any other form",
            names.join(" or ")
        );
        return (Verdict::Inconclusive, why);
    };
    let name = &own.form;
    let lead = rival.aic - own.aic;
    let numbers = format!(
        "AIC {:.2} against {:.2} for {}, the best other form (margin {margin}); goodness of fit p = {:.3e} \
         (rejected below {})",
        own.aic,
        rival.aic,
        rival.form,
        own.p_value,
        number(alpha)
    );
    if !(lead.is_finite() && margin > 0.0 && (0.0..1.0).contains(&alpha)) {
        let why = format!(
            "{name}: {numbers}: not comparable; a margin is positive and a level lies in [0, 1)"
        );
        return (Verdict::Inconclusive, why);
    }
    let (verdict, words) = if own.rejected(alpha) {
        (Verdict::Refuted, "does not fit")
    } else if lead >= margin {
        (Verdict::Confirmed, "fits and wins")
    } else if lead <= -margin {
        (Verdict::Refuted, "loses")
    } else {
        (Verdict::Inconclusive, "is not told apart")
    };
    let advice = advice(verdict);
    (verdict, format!("{name} {words}: {numbers}{advice}"))
}

/// Equality of two laws, as equivalence: confirmed when the whole interval of their `distance` (0 for
/// equal laws) lies within `margin`, refuted when it lies wholly beyond.
///
/// `power` is the probability that laws that are equal would be confirmed with this much data; it
/// decides nothing, and tells what a missing confirmation is worth.
pub fn equal_laws(distance: &Estimate, margin: f64, power: f64) -> (Verdict, String) {
    if let Some(why) = unusable(distance) {
        return (Verdict::Inconclusive, why);
    }
    if !(margin > 0.0 && margin.is_finite()) {
        let why = format!("a margin of {margin} makes no two laws equivalent; it must be positive");
        return (Verdict::Inconclusive, why);
    }
    let (verdict, words) = if distance.ci_low.max(-distance.ci_high) > margin {
        (Verdict::Refuted, "lies wholly beyond")
    } else if distance.ci_low >= -margin && distance.ci_high <= margin {
        (Verdict::Confirmed, "lies within")
    } else {
        (Verdict::Inconclusive, "straddles")
    };
    let advice = advice(verdict);
    let why = format!(
        "distance between the laws: {} {words} the margin {margin}; equal laws would be confirmed with \
         probability {power:.2}{advice}",
        shown(distance)
    );
    (verdict, why)
}

/// An identity: confirmed when the worst deviation is at most what rounding can explain, refuted
/// when it is more.
pub fn identity(worst: f64, rounding: f64) -> (Verdict, String) {
    if worst.is_nan() || rounding.is_nan() {
        let why = format!("worst deviation {worst}, rounding allows {rounding}: not comparable");
        return (Verdict::Inconclusive, why);
    }
    if worst.abs() <= rounding {
        let why = format!("worst deviation {worst:e}, rounding allows {rounding:e}");
        (Verdict::Confirmed, why)
    } else {
        let why =
            format!("worst deviation {worst:e} exceeds the {rounding:e} that rounding allows");
        (Verdict::Refuted, why)
    }
}

fn unusable(estimate: &Estimate) -> Option<String> {
    let (low, high) = (estimate.ci_low, estimate.ci_high);
    if low == f64::NEG_INFINITY && high == f64::INFINITY {
        let value = estimate
            .value
            .map_or_else(String::new, |v| format!("measured {}: ", number(v)));
        return Some(format!("{value}{}", estimate.method));
    }
    // A quantity that is infinite itself is no measurement: its formula has no value there.
    let nowhere = low == f64::INFINITY || high == f64::NEG_INFINITY;
    let no_interval = low.is_nan() || high.is_nan() || low > high || nowhere;
    let value_bad = estimate.value.is_some_and(|value| !value.is_finite());
    (no_interval || value_bad).then(|| {
        format!(
            "{} is no interval of numbers: the measurement failed or diverged",
            shown(estimate)
        )
    })
}
