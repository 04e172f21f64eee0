//! A number of a formula with its draws: what it is at the estimates, and at each draw from their joint law.

use std::rc::Rc;

use formula::{Comparison, Function, Operation};
use measurement::Estimate;
use measurement::quantile::normal_two_sided;

/// A number with its draws.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// At the estimates; NaN where one of them is a mere bound.
    pub point: f64,
    /// At each draw; none where no chance is involved.
    pub draws: Option<Rc<Vec<f64>>>,
}

impl Column {
    pub fn constant(point: f64) -> Self {
        Column { point, draws: None }
    }

    pub fn new(point: f64, draws: Vec<f64>) -> Self {
        Column {
            point,
            draws: Some(Rc::new(draws)),
        }
    }

    /// At a draw.
    pub fn at(&self, draw: usize) -> f64 {
        self.draws.as_ref().map_or(self.point, |draws| draws[draw])
    }

    /// f of numbers, draw by draw.
    pub fn of(parts: &[Column], f: impl Fn(&[f64]) -> f64) -> Self {
        let points: Vec<f64> = parts.iter().map(|part| part.point).collect();
        let point = f(&points);
        let Some(n) = draws(parts) else {
            return Column::constant(point);
        };
        let mut values = points;
        let one = |draw| {
            for (value, part) in values.iter_mut().zip(parts) {
                *value = part.at(draw);
            }
            f(&values)
        };
        Column::new(point, (0..n).map(one).collect())
    }

    /// A function of it. The absolute value keeps the sign that the estimate has, so that a draw beyond 0 comes out
    /// negative: the interval of |x| reaches past 0 where that of x does. A draw without a logarithm counts as −∞.
    pub fn map(self, function: Function) -> Self {
        match function {
            Function::Abs if self.point != 0.0 && !self.point.is_nan() => {
                let sign = self.point.signum();
                Column::of(&[self], |x| sign * x[0])
            }
            Function::Ln => {
                let point = self.point.ln();
                let draws = Column::of(&[self], |x| {
                    if x[0] <= 0.0 {
                        f64::NEG_INFINITY
                    } else {
                        x[0].ln()
                    }
                });
                Column { point, ..draws }
            }
            function => Column::of(&[self], |x| function.of(x[0])),
        }
    }

    pub fn two(self, operation: Operation, other: Column) -> Self {
        Column::of(&[self, other], |x| match operation {
            Operation::Pow if x[1].fract() == 0.0 && x[1].abs() <= 64.0 => x[0].powi(x[1] as i32),
            _ => operation.of(x[0], x[1]),
        })
    }

    pub fn compared(self, comparison: Comparison, other: Column) -> Self {
        Column::of(&[self, other], |x| {
            f64::from(u8::from(comparison.of(x[0], x[1])))
        })
    }

    pub fn negative(self) -> Self {
        Column::of(&[self], |x| -x[0])
    }

    /// The greatest of several. Draws are those of the one that is greatest at the estimates, for the greatest of draws is
    /// too great: each adds chance to what chance chose already. Where several may be the greatest, the most uncertain of
    /// them gives its errors, and they grow to the confidence that is asked of that many at once.
    pub fn greatest(parts: &[Column], confidence: f64) -> Self {
        let unknown = parts.iter().any(|part| part.point.is_nan());
        let Some(n) = draws(parts).filter(|_| !unknown) else {
            return Column::of(parts, |x| {
                x.iter().fold(
                    f64::NEG_INFINITY,
                    |a, b| if a.is_nan() || a > *b { a } else { *b },
                )
            });
        };
        let points = parts.iter().map(|part| part.point);
        let best = points.fold(f64::NEG_INFINITY, f64::max);
        let half = |part: &Column| {
            let (low, high) = part.interval(confidence);
            (part.point - low).max(high - part.point)
        };
        let halves: Vec<f64> = parts.iter().map(half).collect();
        let least = parts
            .iter()
            .zip(&halves)
            .filter(|(part, _)| part.point == best)
            .fold(f64::NEG_INFINITY, |a, (part, half)| {
                a.max(part.point - half)
            });
        let may_be = |i: &usize| parts[*i].point + halves[*i] >= least;
        let contenders: Vec<usize> = (0..parts.len()).filter(may_be).collect();
        let widest = contenders
            .iter()
            .copied()
            .max_by(|a, b| halves[*a].total_cmp(&halves[*b]));
        let Some(widest) = widest else {
            return Column::constant(best);
        };
        let miss = 1.0 - confidence;
        let growth = normal_two_sided(miss / contenders.len() as f64) / normal_two_sided(miss);
        let errors = &parts[widest];
        let one = |draw| best + growth * (errors.at(draw) - errors.point);
        Column::new(best, (0..n).map(one).collect())
    }

    /// The interval that holds all but a share of 1 − `confidence` of the draws, half on each side. A draw that is no number
    /// may be anything.
    pub fn interval(&self, confidence: f64) -> (f64, f64) {
        let Some(draws) = &self.draws else {
            return (self.point, self.point);
        };
        let skipped = 0.5 * (1.0 - confidence) * draws.len() as f64 - 0.5;
        let skipped = (skipped.round().max(0.0) as usize).min((draws.len() - 1) / 2);
        let mut known: Vec<f64> = draws.iter().copied().filter(|x| !x.is_nan()).collect();
        // Those that may be anything lie beyond either end.
        let rank = skipped.checked_sub(draws.len() - known.len());
        let Some(rank) = rank.filter(|rank| *rank < known.len()) else {
            return (f64::NEG_INFINITY, f64::INFINITY);
        };
        let last = known.len() - 1;
        let mut end = |rank| *known.select_nth_unstable_by(rank, f64::total_cmp).1;
        let (low, high) = (end(rank), end(last - rank));
        (low.min(self.point), high.max(self.point))
    }

    /// The estimate that the draws make of it, from `n` readings; with an interval of `shift` less, whose point is added again.
    pub fn estimate(&self, confidence: f64, n: usize, shift: &Column) -> Estimate {
        let value = self.point.is_finite().then_some(self.point);
        let difference = self.clone().two(Operation::Sub, shift.clone());
        let Some(draws) = &difference.draws else {
            return match value {
                Some(value) => Estimate::exact(value, "computed from exact values"),
                None => Estimate::without_interval(
                    self.point,
                    n as u64,
                    "the formula has no value here",
                ),
            };
        };
        let (low, high) = difference.interval(confidence);
        if low == f64::NEG_INFINITY && high == f64::INFINITY {
            let why = "not enough data for an interval: draws from the law of its readings leave the formula without a value";
            return Estimate::without_interval(self.point, n as u64, why);
        }
        Estimate {
            standard_error: self.deviation(),
            value,
            ci_low: shift.point + low,
            ci_high: shift.point + high,
            confidence,
            n: n as u64,
            method: format!(
                "percentiles of {} draws from the joint normal law of its readings",
                draws.len()
            ),
        }
    }

    /// The standard deviation of the draws, where all are finite.
    pub fn deviation(&self) -> Option<f64> {
        let draws = self.draws.as_ref()?;
        let n = draws.len() as f64;
        let mean = draws.iter().sum::<f64>() / n;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
        variance.is_finite().then(|| variance.sqrt())
    }
}

/// How many draws there are, if any part has some.
pub(super) fn draws(parts: &[Column]) -> Option<usize> {
    parts
        .iter()
        .find_map(|part| Some(part.draws.as_ref()?.len()))
}
