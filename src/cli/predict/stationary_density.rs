//! `predict stationary-density`: where particles of the overdamped SDE are in the long run.

use super::Quantity;
use super::answer::{Answer, Figure, Prediction, RELATIVE_ERROR};
use super::course;
use super::inputs::Inputs;
use super::key::{Key, Range};
use super::noise::{self, Diffusion, GradientNoise};
use base::error::{Error, Result};
use prediction::exact::fokker_planck::{Axis, End, Equation, Generator, confining_box};
use prediction::exact::stationary_line::{self, StationaryLine};
use prediction::exact::{Function, Interpretation, cut_short};
use simulation::landscape::{Kind, Landscape};

const LANDSCAPE: Key = course::any_landscape("double-well");
const READING: Key = Key::new(
    "interpretation",
    "ito",
    Range::Name,
    "ito, stratonovich or anti-ito: how a noise that depends on θ is read",
);
const LOW: Key = Key::optional(
    "low",
    Range::Finite,
    "a reflecting wall below, in every coordinate; where left out, far up the slopes",
);
const HIGH: Key = Key::optional(
    "high",
    Range::Finite,
    "a reflecting wall above, in every coordinate; where left out, far up the slopes",
);
const INTERVALS: Key = Key::new(
    "intervals",
    "160",
    Range::Count,
    "intervals of the grid along each of two coordinates that are coupled, at most 400; one coordinate, or two that know nothing of each other, need no grid",
);
const POINTS: Key = Key::new(
    "points",
    "9",
    Range::Count,
    "points along each coordinate at which the density is printed, at most 1000, in two dimensions 50",
);

/// The quantity.
pub const STATIONARY_DENSITY: Quantity = Quantity {
    name: "stationary-density",
    summary: "density of dθ = −∇L(θ) dt + √(2D(θ)) dW in the long run, by the Fokker–Planck equation",
    keys: &[
        &[
            LANDSCAPE,
            course::EXPRESSION,
            course::OWN_DIM,
            course::SHARPNESS,
        ],
        noise::DIFFUSION_KEYS,
        noise::KEYS,
        &[READING, LOW, HIGH, INTERVALS, POINTS],
    ],
    answer,
};

/// A problem on a box.
struct Problem<'a> {
    surface: &'a dyn Landscape,
    diffusion: Diffusion,
    reading: Interpretation,
}

/// Mean, covariance and density on a grid.
struct Law {
    axes: Vec<Axis>,
    density: Vec<f64>,
    mean: Vec<f64>,
    covariance: Vec<Vec<f64>>,
}

fn answer(mut inputs: Inputs) -> Result<Answer> {
    let names = STATIONARY_DENSITY.names();
    let surface = course::surface(&mut inputs, &LANDSCAPE, &names)?;
    let diffusion = Diffusion::read(&mut inputs)?;
    if surface.dim() == 2 && diffusion.noise.depends() && !surface.separable() {
        let what = "C = |H|/B has a full matrix on this surface, and the grid takes a diagonal one; give \
                    temperature or noise_variance";
        return Err(inputs.error("batch", what));
    }
    let readings = [
        ("ito", Interpretation::Ito),
        ("stratonovich", Interpretation::Stratonovich),
        ("anti-ito", Interpretation::AntiIto),
    ];
    let name = inputs.choice(&READING, &readings.map(|(name, _)| name))?;
    let reading = readings.iter().find(|(n, _)| *n == name);
    let problem = Problem {
        surface: &*surface,
        diffusion,
        reading: reading.map_or(Interpretation::Ito, |(_, reading)| *reading),
    };
    let given = [inputs.optional(&LOW)?, inputs.optional(&HIGH)?];
    let limit = |inputs: &mut Inputs, key: &Key, least: f64, most: [f64; 2]| {
        let number = inputs.number(key)?;
        let most = most[surface.dim() - 1];
        if (least..=most).contains(&number) {
            return Ok(number as usize);
        }
        Err(inputs.error(
            key.name,
            &format!("from {least} to {most} in this dimension"),
        ))
    };
    let intervals = limit(&mut inputs, &INTERVALS, 4.0, [20_000.0, 400.0])?;
    let points = limit(&mut inputs, &POINTS, 2.0, [1000.0, 50.0])?;
    if let [Some(low), Some(high)] = given
        && low >= high
    {
        let what = format!("the walls {low} and {high} have to be in order");
        return Err(inputs.error(LOW.name, &what));
    }
    let mut notes = Vec::new();
    let (paper, exact) = if problem.surface.separable() {
        let exact = inputs.together(problem.by_quadrature(given, points, &mut notes))?;
        (None, exact)
    } else {
        let walls = inputs.at(LOW.name, problem.walls(given))?;
        let exact = problem.exact(&walls, intervals, points, &mut notes)?;
        (problem.closed(&walls, intervals, points), exact)
    };
    Ok(Answer {
        quantity: STATIONARY_DENSITY.name,
        summary: STATIONARY_DENSITY.summary,
        inputs: inputs.resolved(),
        paper,
        exact,
        notes,
    })
}

impl Problem<'_> {
    fn slope(&self, point: &[f64], i: usize) -> f64 {
        let mut gradient = [0.0; 2];
        let dim = point.len();
        self.surface.gradient(point, 1, &mut gradient[..dim]);
        gradient[i]
    }

    fn diffusion(&self, point: &[f64], i: usize) -> f64 {
        self.diffusion.factor
            * match self.diffusion.noise {
                GradientNoise::Constant(c) => c,
                GradientNoise::Hessian { batch, floor } => {
                    (self.surface.hessian(point)[(i, i)].abs() + floor) / batch
                }
            }
    }

    /// A box whose every face lies far up the slopes, or as it is given.
    fn walls(&self, given: [Option<f64>; 2]) -> Result<Vec<[f64; 2]>> {
        let dim = self.surface.dim();
        let mut walls = match given {
            [Some(low), Some(high)] => vec![[low, high]; dim],
            _ => {
                let points = self.surface.critical_points();
                let minima = points.iter().filter(|point| point.kind == Kind::Minimum);
                let lowest = minima
                    .min_by(|a, b| a.value.total_cmp(&b.value))
                    .ok_or_else(|| {
                        Error::Input("the surface has no minimum; give low and high".into())
                    })?;
                confining_box(
                    &|point| self.surface.value(point),
                    &|point, i| self.diffusion(point, i),
                    &lowest.theta,
                )?
            }
        };
        for wall in &mut walls {
            *wall = [given[0].unwrap_or(wall[0]), given[1].unwrap_or(wall[1])];
        }
        match walls.iter().find(|wall| wall[0] >= wall[1]) {
            Some([low, high]) => Err(Error::Input(format!(
                "the walls {low} and {high} have to be in order"
            ))),
            None => Ok(walls),
        }
    }

    fn axes(walls: &[[f64; 2]], intervals: usize) -> Result<Vec<Axis>> {
        let axis =
            |wall: &[f64; 2]| Axis::through(wall, intervals, End::Reflecting, End::Reflecting);
        walls.iter().map(axis).collect()
    }

    fn on_grid(&self, walls: &[[f64; 2]], intervals: usize) -> Result<Law> {
        let axes = Self::axes(walls, intervals)?;
        let equation = Equation {
            slope: &|point, i| self.slope(point, i),
            diffusion: &|point, i| self.diffusion(point, i),
            interpretation: self.reading,
        };
        let chain = Generator::new(&axes, &equation)?;
        Ok(Law::of(axes, &chain.steady()?))
    }

    /// The law of every coordinate by itself.
    fn by_quadrature(
        &self,
        walls: [Option<f64>; 2],
        points: usize,
        notes: &mut Vec<String>,
    ) -> Result<Option<Prediction>> {
        let mut laws = Vec::new();
        for i in 0..self.surface.dim() {
            let line = Line { problem: self, i };
            let law = StationaryLine {
                drift: &line.slope(),
                diffusion: &line.diffusion(),
                breaks: &|low, high| self.diffusion.noise.breaks(self.surface, low, high),
                interpretation: self.reading,
                center: line.lowest(walls)?,
                walls,
            };
            match law.solve(points) {
                Ok(law) => {
                    notes.extend(law.looked.map(cut_short));
                    laws.push(law);
                }
                Err(Error::Failed(why)) => {
                    notes.push(format!("no exact value: {why}"));
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Some(Prediction {
            values: together(&laws),
            unit: "(θ)",
            formula: "p ∝ Dᵃ⁻¹ exp(−∫L′/D), a = 0 (Itô), ½, 1; relative_error of the variance, the mean (against √variance) and p (against the largest)".into(),
            source: "quadrature (Gardiner, Handbook of Stochastic Methods, section 5.2.2)",
            validity: Vec::new(),
        }))
    }

    fn exact(
        &self,
        walls: &[[f64; 2]],
        intervals: usize,
        points: usize,
        notes: &mut Vec<String>,
    ) -> Result<Option<Prediction>> {
        // Every node of the coarse grid is one of the fine.
        let intervals = intervals + intervals % 2;
        let pair = self
            .on_grid(walls, intervals)
            .and_then(|fine| Ok((self.on_grid(walls, intervals / 2)?, fine)));
        let (coarse, fine) = match pair {
            Ok(pair) => pair,
            Err(Error::Input(why) | Error::Failed(why)) => {
                notes.push(format!("no exact value: {why}"));
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let mut values = fine.values(points);
        values.push((RELATIVE_ERROR, fine.change(&coarse).into()));
        Ok(Some(Prediction {
            values,
            unit: "(θ)",
            formula: "0 = ∇·(p∇L + D∇p); relative_error of the covariance (against its trace), the mean (against √trace) and p (against the largest), from half as many intervals".into(),
            source: "finite volumes with the Scharfetter–Gummel flux, sparse LU",
            validity: Vec::new(),
        }))
    }

    /// Gibbs' law on the grid.
    fn closed(&self, walls: &[[f64; 2]], intervals: usize, points: usize) -> Option<Prediction> {
        let axes = Self::axes(walls, intervals + intervals % 2).ok()?;
        let GradientNoise::Constant(c) = self.diffusion.noise else {
            return None;
        };
        let t = self.diffusion.factor * c;
        let over = |point: &Vec<f64>| self.surface.value(point) / t;
        let exponents: Vec<f64> = product(&axes).iter().map(over).collect();
        let least = exponents.iter().copied().fold(f64::INFINITY, f64::min);
        let widths: Vec<f64> = product_of_widths(&axes);
        let weights: Vec<f64> = exponents
            .iter()
            .zip(&widths)
            .map(|(phi, width)| (least - phi).exp() * width)
            .collect();
        let total: f64 = weights.iter().sum();
        let law = Law::of(
            axes,
            &weights.iter().map(|w| w / total).collect::<Vec<f64>>(),
        );
        Some(Prediction {
            values: law.values(points),
            unit: "(θ)",
            formula: "p ∝ exp(−L/D), on the grid".into(),
            source: "Gibbs' law",
            validity: Vec::new(),
        })
    }
}

/// One coordinate of a surface whose coordinates know nothing of each other.
struct Line<'a> {
    problem: &'a Problem<'a>,
    i: usize,
}

/// What is known of every coordinate of a block, of the line's own.
struct Row<'a, F> {
    line: &'a Line<'a>,
    of: F,
}

impl<F: Fn(&[f64], usize, &mut [f64])> Function for Row<'_, F> {
    fn at(&self, theta: f64) -> f64 {
        let mut value = [0.0];
        self.over(&[theta], &mut value);
        value[0]
    }

    fn over(&self, theta: &[f64], values: &mut [f64]) {
        let (dim, lanes) = (self.line.problem.surface.dim(), theta.len());
        let mut all = vec![0.0; dim * lanes];
        (self.of)(&theta.repeat(dim), lanes, &mut all);
        values.copy_from_slice(&all[self.line.i * lanes..][..lanes]);
    }
}

/// The lowest point is looked for within this of 0.
const LOOKED: f64 = 100.0;

impl Line<'_> {
    fn point(&self, x: f64) -> Vec<f64> {
        vec![x; self.problem.surface.dim()]
    }

    fn slope(&self) -> Row<'_, impl Fn(&[f64], usize, &mut [f64])> {
        let surface = self.problem.surface;
        Row {
            line: self,
            of: move |theta: &[f64], lanes: usize, to: &mut [f64]| {
                surface.gradient(theta, lanes, to)
            },
        }
    }

    fn diffusion(&self) -> Row<'_, impl Fn(&[f64], usize, &mut [f64])> {
        let (surface, Diffusion { factor, noise }) = (self.problem.surface, self.problem.diffusion);
        Row {
            line: self,
            of: move |theta: &[f64], lanes: usize, to: &mut [f64]| {
                noise.over(surface, theta, lanes, to);
                to.iter_mut().for_each(|d| *d *= factor);
            },
        }
    }

    /// The lowest of the surface's minima, or where it has none, of the middles of its cells.
    fn lowest(&self, walls: [Option<f64>; 2]) -> Result<f64> {
        let surface = self.problem.surface;
        let low = walls[0].unwrap_or_else(|| walls[1].map_or(-LOOKED, |high| high - LOOKED));
        let high = walls[1].unwrap_or(low.max(walls[0].map_or(-LOOKED, |low| low)) + 2.0 * LOOKED);
        // Inside of the walls, where both sides have room.
        let inside = |x: &f64| low < *x && *x < high;
        let value = |x: f64| surface.value(&self.point(x));
        let lowest = |all: Vec<f64>| {
            let known = all
                .into_iter()
                .filter(|x| inside(x) && value(*x).is_finite());
            known.min_by(|a, b| value(*a).total_cmp(&value(*b)))
        };
        let minima = surface.critical_points();
        let minima = minima.iter().filter(|point| point.kind == Kind::Minimum);
        let minima = minima.filter_map(|point| point.theta.get(self.i).copied());
        let middles = || {
            let cells = surface.structure(low, high).cells;
            cells
                .windows(2)
                .map(|pair| 0.5 * (pair[0] + pair[1]))
                .collect()
        };
        lowest(minima.collect())
            .or_else(|| lowest(middles()))
            .ok_or_else(|| {
                Error::Input(format!(
                    "the surface has no value between {low} and {high}; give low and high"
                ))
            })
    }
}

/// The law of independent coordinates, as the laws of the grid are printed.
fn together(laws: &[stationary_line::Law]) -> Vec<(&'static str, Figure)> {
    let error: f64 = laws.iter().map(|law| law.relative_error).sum();
    let rows = laws
        .iter()
        .fold(vec![Vec::new()], |rows: Vec<Vec<f64>>, law| {
            let with = |row: &Vec<f64>| {
                let row = row.clone();
                law.density.iter().map(move |[x, p]| {
                    let (places, before) = match row.split_last() {
                        Some((p, places)) => (places, *p),
                        None => (&[][..], 1.0),
                    };
                    [places, &[*x, before * p]].concat()
                })
            };
            rows.iter()
                .flat_map(|row| with(row).collect::<Vec<_>>())
                .collect()
        });
    let (mean, variance) = match laws {
        [law] => (law.mean.into(), law.variance.into()),
        laws => {
            let own = |i: usize, j: usize| if i == j { laws[i].variance } else { 0.0 };
            let row = |i: usize| (0..laws.len()).map(|j| own(i, j)).collect();
            (
                Figure::Rows(vec![laws.iter().map(|law| law.mean).collect()]),
                Figure::Rows((0..laws.len()).map(row).collect()),
            )
        }
    };
    vec![
        ("mean", mean),
        ("variance", variance),
        ("density", Figure::Rows(rows)),
        (RELATIVE_ERROR, error.into()),
    ]
}

/// Every node of a grid.
fn product(axes: &[Axis]) -> Vec<Vec<f64>> {
    axes.iter().fold(vec![Vec::new()], |points, axis| {
        let nodes = axis.nodes();
        points
            .iter()
            .flat_map(|point| {
                nodes
                    .iter()
                    .map(move |x| [point.as_slice(), &[*x]].concat())
            })
            .collect()
    })
}

fn product_of_widths(axes: &[Axis]) -> Vec<f64> {
    axes.iter().fold(vec![1.0], |products, axis| {
        let widths = axis.widths();
        products
            .iter()
            .flat_map(|product| widths.iter().map(move |w| product * w))
            .collect()
    })
}

impl Law {
    /// The moments of probabilities on a grid.
    fn of(axes: Vec<Axis>, probabilities: &[f64]) -> Self {
        let nodes = product(&axes);
        let dim = axes.len();
        let average = |of: &dyn Fn(&[f64]) -> f64| -> f64 {
            nodes
                .iter()
                .zip(probabilities)
                .map(|(x, p)| p * of(x))
                .sum()
        };
        let mean: Vec<f64> = (0..dim).map(|i| average(&|x| x[i])).collect();
        let covariance = (0..dim)
            .map(|i| {
                (0..dim)
                    .map(|j| average(&|x| (x[i] - mean[i]) * (x[j] - mean[j])))
                    .collect()
            })
            .collect();
        let widths = product_of_widths(&axes);
        let density = probabilities
            .iter()
            .zip(widths)
            .map(|(p, w)| p / w)
            .collect();
        Self {
            axes,
            density,
            mean,
            covariance,
        }
    }

    /// The largest change from a grid of half as many intervals, of covariance, mean and density.
    fn change(&self, coarse: &Self) -> f64 {
        let dim = self.mean.len();
        let trace: f64 = (0..dim).map(|i| self.covariance[i][i]).sum();
        let means = self.mean.iter().zip(&coarse.mean);
        let means = means.map(|(a, b)| (a - b).abs() / trace.sqrt());
        let covariances = self
            .covariance
            .iter()
            .flatten()
            .zip(coarse.covariance.iter().flatten());
        let covariances = covariances.map(|(a, b)| (a - b).abs() / trace);
        let top = self.density.iter().copied().fold(0.0, f64::max);
        let counts =
            |law: &Self| -> Vec<usize> { law.axes.iter().map(|a| a.nodes().len()).collect() };
        let (own, other) = (counts(self), counts(coarse));
        let densities = coarse.density.iter().enumerate().map(|(n, p)| {
            let (mut rest, mut node, mut stride) = (n, 0, 1);
            for (own, other) in own.iter().zip(&other).rev() {
                node += 2 * (rest % other) * stride;
                rest /= other;
                stride *= own;
            }
            (self.density.get(node).copied().unwrap_or(f64::NAN) - p).abs() / top
        });
        let all = means.chain(covariances).chain(densities);
        all.fold(0.0, |most, x| if x > most || x.is_nan() { x } else { most })
    }

    fn values(&self, points: usize) -> Vec<(&'static str, Figure)> {
        let one = self.mean.len() == 1;
        let (mean, variance) = if one {
            (self.mean[0].into(), self.covariance[0][0].into())
        } else {
            (
                Figure::Rows(vec![self.mean.clone()]),
                Figure::Rows(self.covariance.clone()),
            )
        };
        vec![
            ("mean", mean),
            ("variance", variance),
            ("density", Figure::Rows(self.rows(points))),
        ]
    }

    /// θ and p at nodes that are spread evenly.
    fn rows(&self, points: usize) -> Vec<Vec<f64>> {
        let nodes = product(&self.axes);
        let chosen: Vec<Vec<usize>> = self
            .axes
            .iter()
            .map(|axis| {
                let last = axis.nodes().len() - 1;
                let points = points.min(last + 1);
                (0..points).map(|k| k * last / (points - 1)).collect()
            })
            .collect();
        let strides: Vec<usize> = (0..self.axes.len())
            .map(|i| {
                self.axes[i + 1..]
                    .iter()
                    .map(|axis| axis.nodes().len())
                    .product()
            })
            .collect();
        let indices = chosen
            .iter()
            .zip(&strides)
            .fold(vec![0], |indices, (own, stride)| {
                indices
                    .iter()
                    .flat_map(|index| own.iter().map(move |k| index + k * stride))
                    .collect::<Vec<usize>>()
            });
        indices
            .into_iter()
            .map(|index| [nodes[index].as_slice(), &[self.density[index]]].concat())
            .collect()
    }
}

#[cfg(test)]
#[path = "stationary_density_tests.rs"]
mod tests;
