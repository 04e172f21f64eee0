//! Draws from the joint law of readings.
//!
//! Errors are normal, with the readings' own standard errors, and correlated where the same particles moved both. A standard
//! error that comes from a few numbers is itself uncertain: it is drawn with them, which makes each error Student's. An
//! estimate without a standard error is drawn with the width of its interval on either side, and what is only bounded at
//! its bounds. Each law is drawn at equal steps of probability in random order, so that its own quantiles are exact.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use measurement::Estimate;
use measurement::quantile::{chi_square, normal_two_sided, student_two_sided};
use measurement::reading::Reading;

use super::column::Column;

/// A number of a reading: what was measured, or its exact value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Source {
    /// Place of the reading in the table.
    pub reading: usize,
    /// Whether its exact value is meant.
    pub exact: bool,
}

/// Fewest draws, and the most.
const FEWEST: f64 = 20_000.0;
const MOST: f64 = 1_000_000.0;

/// Most numbers drawn at once; what exceeds it draws less often, but never less than [`FEWEST`] times.
const MOST_NUMBERS: f64 = 2e7;

/// From so many numbers on, a standard error counts as known: Student's quantile is within 0.3 % of the normal's.
const MANY: u64 = 1000;

/// Draws of readings.
pub(super) struct Draws {
    n: usize,
    random: RefCell<Random>,
    columns: HashMap<Source, Column>,
    /// The law of [`Draws::uncertainty`] for each n.
    uncertain: RefCell<HashMap<u64, Rc<Vec<f64>>>>,
    /// Whether nothing was measured.
    exact: bool,
    /// Those of [`Draws::of_point`].
    points: RefCell<HashMap<usize, Rc<Vec<f64>>>>,
}

impl Draws {
    /// Draws enough for 50 beyond each end of an interval of `confidence`.
    pub fn new(readings: &[Reading], sources: &[Source], confidence: f64, seed: &str) -> Self {
        let wanted = 100.0 / (1.0 - confidence);
        let most = (MOST_NUMBERS / sources.len().max(1) as f64).clamp(FEWEST, MOST);
        let mut draws = Draws {
            n: wanted.max(FEWEST).min(most) as usize,
            random: RefCell::new(Random::seeded(seed)),
            columns: HashMap::new(),
            uncertain: RefCell::default(),
            exact: sources.iter().all(|source| source.exact),
            points: RefCell::default(),
        };
        let mut groups: BTreeMap<u64, Vec<(Source, &Estimate, f64)>> = BTreeMap::new();
        let mut normal = None;
        for source in sources {
            let reading = &readings[source.reading];
            let column = if source.exact {
                match &reading.exact {
                    None => Column::constant(f64::NAN),
                    Some(exact) if exact.error > 0.0 => {
                        let (low, high) = (exact.value - exact.error, exact.value + exact.error);
                        draws.bounded(exact.value, low, high)
                    }
                    Some(exact) => Column::constant(exact.value),
                }
            } else {
                match &reading.measured {
                    None => Column::constant(f64::NAN),
                    Some(measured) => {
                        let law = normal.get_or_insert_with(|| Rc::new(draws.normal()));
                        let law = law.clone();
                        match (&reading.influence, measured.standard_error) {
                            (Some(influence), Some(error))
                                if error > 0.0 && measured.value.is_some() =>
                            {
                                groups
                                    .entry(influence.group)
                                    .or_default()
                                    .push((*source, measured, error));
                                continue;
                            }
                            _ => draws.alone(measured, &law),
                        }
                    }
                }
            };
            draws.columns.insert(*source, column);
        }
        let law = normal.unwrap_or_default();
        for group in groups.into_values() {
            draws.together(readings, &group, &law);
        }
        draws
    }

    /// What is known exactly in place of every number; `None` where one is not.
    pub fn of_exact(readings: &[Reading], sources: &[Source]) -> Option<Self> {
        let known = |source: &Source| {
            let exact = readings[source.reading].exact.as_ref()?;
            Some((*source, Column::constant(exact.value)))
        };
        Some(Draws {
            n: FEWEST as usize,
            random: RefCell::new(Random::seeded("exact")),
            columns: sources.iter().map(known).collect::<Option<_>>()?,
            uncertain: RefCell::default(),
            exact: true,
            points: RefCell::default(),
        })
    }

    pub fn column(&self, source: Source) -> Column {
        self.columns
            .get(&source)
            .cloned()
            .unwrap_or(Column::constant(f64::NAN))
    }

    fn normal(&self) -> Vec<f64> {
        let half = curve(|u| normal_two_sided(2.0 * u), 0.5);
        self.law(|u| if u < 0.5 { -half(u) } else { half(1.0 - u) })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.n
    }

    /// Whether nothing was measured.
    pub fn exact(&self) -> bool {
        self.exact
    }

    /// The errors of what residuals of `dof` degrees say, of standard deviation 1, in the order of these numbers: normal where errors
    /// were measured, else Student's.
    pub fn in_order_of(&self, numbers: &[f64], dof: u64) -> Vec<f64> {
        let law = if self.exact {
            let half = curve(|u| student_two_sided(2.0 * u, dof), 0.5);
            self.law(|u| if u < 0.5 { -half(u) } else { half(1.0 - u) })
        } else {
            self.normal()
        };
        let mut order: Vec<usize> = (0..numbers.len()).collect();
        order.sort_by(|a, b| numbers[*a].total_cmp(&numbers[*b]));
        let mut found = vec![0.0; numbers.len()];
        order.into_iter().zip(law).for_each(|(k, x)| found[k] = x);
        found
    }

    /// Normal numbers that belong to a point, the same whenever it is asked for.
    pub fn of_point(&self, point: usize) -> Rc<Vec<f64>> {
        let known = self.points.borrow().get(&point).cloned();
        known.unwrap_or_else(|| {
            let own = Rc::new(self.shuffled(&self.normal()));
            self.points.borrow_mut().insert(point, own.clone());
            own
        })
    }

    /// A law at equal steps of probability, in order.
    fn law(&self, quantile: impl Fn(f64) -> f64) -> Vec<f64> {
        let n = self.n as f64;
        (0..self.n)
            .map(|k| quantile((k as f64 + 0.5) / n))
            .collect()
    }

    /// The numbers of a law in random order.
    fn shuffled(&self, law: &[f64]) -> Vec<f64> {
        let mut values = law.to_vec();
        self.random.borrow_mut().shuffle(&mut values);
        values
    }

    /// One estimate that shares its particles with no other.
    fn alone(&self, measured: &Estimate, law: &[f64]) -> Column {
        let (low, high) = (measured.ci_low, measured.ci_high);
        let Some(value) = measured.value.filter(|v| v.is_finite()) else {
            return self.bounded(f64::NAN, low, high);
        };
        if low == value && high == value {
            return Column::constant(value);
        }
        if let Some(error) = measured.standard_error.filter(|e| e.is_finite()) {
            let factor = self.uncertainty(measured.n);
            let z = self.shuffled(law);
            let one =
                |(k, z): (usize, &f64)| value + error * factor.as_ref().map_or(1.0, |f| f[k]) * z;
            return Column::new(value, z.iter().enumerate().map(one).collect());
        }
        let z = normal_two_sided(1.0 - measured.confidence);
        if !z.is_finite() {
            return self.bounded(value, low, high);
        }
        let sides = [(value - low) / z, (high - value) / z];
        let one = |z: &f64| value + z * sides[usize::from(*z > 0.0)];
        Column::new(value, self.shuffled(law).iter().map(one).collect())
    }

    /// What is only bounded, at its bounds.
    fn bounded(&self, point: f64, low: f64, high: f64) -> Column {
        Column::new(
            point,
            self.shuffled(&self.law(|u| if u < 0.5 { low } else { high })),
        )
    }

    /// √(ν/χ²) with ν = n − 1: what the true standard error may be, in units of the estimated one.
    fn uncertainty(&self, n: u64) -> Option<Vec<f64>> {
        if !(2..MANY).contains(&n) {
            return None;
        }
        let dof = (n - 1) as f64;
        let known = self.uncertain.borrow().get(&n).cloned();
        let law = known.unwrap_or_else(|| {
            let quantile = curve(|u| (dof / chi_square(u, 0.5 * dof)).sqrt(), 1.0);
            let law = Rc::new(self.law(quantile));
            self.uncertain.borrow_mut().insert(n, law.clone());
            law
        });
        Some(self.shuffled(&law))
    }

    /// Estimates that the same particles moved.
    fn together(&mut self, readings: &[Reading], group: &[(Source, &Estimate, f64)], law: &[f64]) {
        let influence = |source: &Source| {
            readings[source.reading]
                .influence
                .as_ref()
                .map_or(&[][..], |i| &i.values)
        };
        let values: Vec<&[f64]> = group.iter().map(|(source, ..)| influence(source)).collect();
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(v, w)| v * w).sum::<f64>();
        let lengths: Vec<f64> = values.iter().map(|v| product(v, v).sqrt()).collect();
        let correlation = |i: usize, j: usize| {
            let scale = lengths[i] * lengths[j];
            if i == j {
                1.0
            } else if scale > 0.0 {
                product(values[i], values[j]) / scale
            } else {
                0.0
            }
        };
        let root = cholesky(group.len(), correlation);
        let fewest = group
            .iter()
            .map(|(_, measured, _)| measured.n)
            .filter(|n| *n >= 2)
            .min();
        let factor = self.uncertainty(fewest.unwrap_or(MANY));
        let normals: Vec<Vec<f64>> = group.iter().map(|_| self.shuffled(law)).collect();
        for ((source, measured, error), row) in group.iter().zip(&root) {
            let mut drawn = vec![0.0; self.n];
            for (weight, z) in row
                .iter()
                .zip(&normals)
                .filter(|(weight, _)| **weight != 0.0)
            {
                drawn.iter_mut().zip(z).for_each(|(x, z)| *x += weight * z);
            }
            let value = measured.value.unwrap_or(f64::NAN);
            for (k, x) in drawn.iter_mut().enumerate() {
                *x = value + error * factor.as_ref().map_or(1.0, |f| f[k]) * *x;
            }
            self.columns.insert(*source, Column::new(value, drawn));
        }
    }
}

/// The rows of a lower triangle L with LLᵀ a correlation matrix, which may be singular.
fn cholesky(n: usize, entry: impl Fn(usize, usize) -> f64) -> Vec<Vec<f64>> {
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(n);
    for i in 0..n {
        let mut row: Vec<f64> = Vec::with_capacity(i + 1);
        for (j, above) in rows.iter().enumerate() {
            let known: f64 = row.iter().zip(above).map(|(a, b)| a * b).sum();
            let pivot = above[j];
            row.push(if pivot > 1e-8 {
                (entry(i, j) - known) / pivot
            } else {
                0.0
            });
        }
        let used: f64 = row.iter().map(|x| x * x).sum();
        row.push((1.0 - used).max(0.0).sqrt());
        rows.push(row);
    }
    rows
}

/// A function of a probability below `end`, from its values at points equally spaced in the logit.
fn curve(f: impl Fn(f64) -> f64, end: f64) -> impl Fn(f64) -> f64 {
    const POINTS: usize = 200;
    const REACH: f64 = 15.0;
    let step = 2.0 * REACH / (POINTS - 1) as f64;
    let at = |i: usize| end / (1.0 + (REACH - i as f64 * step).exp());
    let values: Vec<f64> = (0..POINTS).map(|i| f(at(i))).collect();
    move |u| {
        let place = ((u / (end - u)).ln() + REACH) / step;
        let i = (place.floor().max(0.0) as usize).min(POINTS - 2);
        let share = (place - i as f64).clamp(0.0, 1.0);
        values[i] + share * (values[i + 1] - values[i])
    }
}

/// SplitMix64: the same draws on every machine, whatever the versions of libraries.
struct Random(u64);

impl Random {
    /// FNV-1a of the seed's characters.
    fn seeded(seed: &str) -> Self {
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Random(seed.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn shuffle(&mut self, values: &mut [f64]) {
        for i in (1..values.len()).rev() {
            let j = (u128::from(self.next()) * (i as u128 + 1)) >> 64;
            values.swap(i, j as usize);
        }
    }
}
