//! The law of the state of a cell at a look, and what statistics of formulas come to under it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector};

use base::error::{Error, Result};
use base::value::Value;
use formula::{Mistake, Scope, Tree};
use measurement::reading::Exact;
use prediction::exact::linear::LastStep;
use prediction::exact::normal_mean;
use prediction::exact::{FiniteLaw, PlaneLaw};
use simulation::landscape::Landscape;
use simulation::landscape::line::curvature_at;
use statrs::distribution::{ContinuousCDF, Normal};

use super::{batches, gaussian, line, plane, polynomial};
use crate::cell::Cell;
use crate::observe::moment::Statistic;

/// A part of what it is made of, by which a value of a law on grids may be off.
const WORST: f64 = 0.02;
/// And that by which a sum is off.
const ROUNDING: f64 = 1e-15;

/// A number of the state that a formula may name, of a coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Live {
    /// θᵢ after the step.
    Theta(usize),
    /// θᵢ before it.
    Previous(usize),
    /// uᵢ = θᵢ before − θᵢ after.
    Update(usize),
}

/// What a formula depends on.
struct Needs {
    live: Vec<Live>,
    /// Whether it names the largest curvature.
    curvature: bool,
}

/// By what the law at a look is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// The recursion of a linear rule.
    Recursion,
    /// The Fokker–Planck equation in one coordinate.
    Line,
    /// The chain over the batches of a pool, in one coordinate.
    Batches,
    /// The stationary Fokker–Planck equation in two coordinates.
    Plane,
}

/// All of them, the nearer one first.
pub const WAYS: [By; 4] = [By::Recursion, By::Line, By::Batches, By::Plane];

impl By {
    fn applies(self, cell: &Cell, stationary: bool) -> bool {
        match self {
            By::Plane => stationary && plane::applies(cell),
            By::Recursion => gaussian::applies(cell),
            By::Line => line::applies(cell),
            By::Batches => batches::applies(cell),
        }
    }
}

/// By what a statistic of these formulas, one or two, follows from the law.
pub fn gives(cell: &Cell, statistic: Statistic, trees: [&Tree; 2], stationary: bool) -> Option<By> {
    let [Some(first), Some(second)] = trees.map(|tree| needs(cell, tree)) else {
        return None;
    };
    let all = || first.live.iter().chain(&second.live);
    let gives = |by: &&By| match by {
        By::Recursion => {
            let curved = first.curvature || second.curvature;
            !curved && follows(cell, statistic, trees, all().copied().collect())
        }
        By::Line => {
            all().all(|live| matches!(live, Live::Theta(_))) && is_plain(cell, statistic, trees[0])
        }
        By::Batches | By::Plane => {
            let curved = (first.curvature || second.curvature) && cell.system.dim() > 1;
            let alone = all().all(|live| matches!(live, Live::Theta(_)));
            alone && !curved && !matches!(statistic, Statistic::Quantile(_))
        }
    };
    WAYS.iter()
        .filter(|by| by.applies(cell, stationary))
        .find(gives)
        .copied()
}

/// Whether it is no quantile, or one of a number of the state.
fn is_plain(cell: &Cell, statistic: Statistic, tree: &Tree) -> bool {
    !matches!(statistic, Statistic::Quantile(_)) || bare(cell, tree).is_some()
}

/// Whether a statistic of formulas of these numbers follows from the first moments of a linear rule, all of them where it is Gaussian.
fn follows(cell: &Cell, statistic: Statistic, trees: [&Tree; 2], live: Vec<Live>) -> bool {
    let alone = live.iter().all(|one| *one == live[0]);
    // Of noise that is not normal no more than the second moments is known.
    let normal = gaussian::is_gaussian(cell);
    let most = if normal { 3 } else { 2 };
    let few = |total: Option<u32>| alone && normal || total.is_some_and(|n| n <= most);
    match statistic {
        Statistic::Mean => few(degree(cell, trees[0])),
        Statistic::Variance | Statistic::Covariance => {
            let [first, second] = trees.map(|tree| degree(cell, tree));
            few(first.zip(second).map(|(a, b)| a + b))
        }
        Statistic::Quantile(_) => normal && is_plain(cell, statistic, trees[0]),
    }
}

/// The number of the state that a formula is.
fn bare(cell: &Cell, tree: &Tree) -> Option<Live> {
    live(cell, &tree.root.dotted()?)
}

fn live(cell: &Cell, name: &str) -> Option<Live> {
    let coordinate = |name: &str| cell.system.variables.iter().position(|v| v == name);
    if let Some(i) = coordinate(name) {
        return Some(Live::Theta(i));
    }
    let (of, part) = name.split_once('.')?;
    match part {
        "prev" => coordinate(of).map(Live::Previous),
        "u" => coordinate(of).map(Live::Update),
        _ => None,
    }
}

/// What a formula needs of the state; `None` where that is no part of the law at one look.
fn needs(cell: &Cell, tree: &Tree) -> Option<Needs> {
    let mut averages = false;
    tree.root.visit(&mut |node| {
        averages |= matches!(&node.kind, formula::Kind::Call(name, _) if name == "avg");
        true
    });
    if averages {
        return None;
    }
    let mut found = Needs {
        live: Vec::new(),
        curvature: false,
    };
    for (_, name) in tree.names() {
        match name.as_str() {
            // L and its curvature depend on all coordinates.
            "loss" | "h_top" => {
                let own = (0..cell.system.dim()).map(Live::Theta);
                found.live.extend(own);
                found.curvature |= name == "h_top";
            }
            name => match live(cell, name) {
                Some(own) => found.live.push(own),
                None if name.ends_with(".start") => {
                    cell.system.start.point()?;
                }
                None if name.contains('.') => return None,
                None => {}
            },
        }
    }
    Some(found)
}

/// The degree of a formula as a polynomial of θ and u, where it is one.
fn degree(cell: &Cell, tree: &Tree) -> Option<u32> {
    polynomial::degree(&tree.root, &|name| degree_of(cell, name))
}

/// The degree of a name as a polynomial of θ and u; L of a quadratic has degree 2.
fn degree_of(cell: &Cell, name: &str) -> Option<u32> {
    match name {
        "loss" => Some(2),
        "h_top" => None,
        _ => Some(u32::from(live(cell, name).is_some())),
    }
}

/// The law at a look.
pub enum Law {
    /// Of θ and the update before it: both Gaussian, or no more than their first two moments are meant.
    Normal(Box<LastStep>),
    /// Of one coordinate.
    Line(line::Law),
    /// Of one coordinate, over the batches of a pool.
    Batches(FiniteLaw),
    /// Of two coordinates, or of one and what is remembered of it.
    Plane(PlaneLaw),
}

/// The names of a formula at a state.
struct At<'a> {
    cell: &'a Cell,
    surface: &'a dyn Landscape,
    constants: &'a BTreeMap<String, f64>,
    /// θ; θ before and u where they are named.
    theta: Vec<f64>,
    update: Vec<f64>,
}

impl Scope for At<'_> {
    fn value(&self, name: &str) -> std::result::Result<Option<Value>, String> {
        let x = match name {
            "loss" => self.surface.value(&self.theta),
            "h_top" => curvature_at(self.surface, self.theta[0]),
            name => match live(self.cell, name) {
                Some(Live::Theta(i)) => self.theta[i],
                Some(Live::Previous(i)) => self.theta[i] + self.update[i],
                Some(Live::Update(i)) => self.update[i],
                None => return Ok(self.constants.get(name).copied().map(Value::Number)),
            },
        };
        Ok(Some(Value::Number(x)))
    }

    fn known(&self) -> Vec<String> {
        self.constants.keys().cloned().collect()
    }
}

impl Law {
    /// The law of a cell after so many steps; in the long run where there is no number of them.
    ///
    /// # Errors
    /// There is none.
    pub fn of(cell: &Cell, by: By, steps: Option<u64>) -> Result<Self> {
        Ok(match by {
            By::Recursion => Law::Normal(Box::new(gaussian::last_step(cell, steps)?)),
            By::Line => Law::Line(line::Law::of(
                cell,
                steps.map(|n| n as f64 * cell.system.step()),
            )?),
            By::Batches => Law::Batches(batches::law(cell, steps)?),
            By::Plane => Law::Plane(plane::stationary(cell)?),
        })
    }

    /// A statistic of formulas, of which `constants` holds all that is no part of the state.
    ///
    /// # Errors
    /// It does not exist, or is not known to six digits.
    pub fn exact(
        &self,
        cell: &Cell,
        statistic: Statistic,
        trees: [&Tree; 2],
        constants: &BTreeMap<String, f64>,
    ) -> Result<Exact> {
        let surface = cell.system.landscape.build()?;
        let wrong = RefCell::new(None);
        let value_of = |tree: &Tree, theta: Vec<f64>, update: Vec<f64>| {
            let at = At {
                cell,
                surface: &*surface,
                constants,
                theta,
                update,
            };
            tree.number(&at).unwrap_or_else(|mistake: Mistake| {
                wrong.replace(Some(mistake));
                f64::NAN
            })
        };
        let needed: Vec<Live> = trees
            .iter()
            .filter_map(|tree| needs(cell, tree))
            .flat_map(|needs| needs.live)
            .collect();
        let [first, second] = trees.map(|tree| degree(cell, tree));
        let product = first.zip(second).map(|(a, b)| a + b);
        let mean = |k: usize| {
            let of = [first, second][k];
            self.mean(cell, (&needed, of), &|t, u| value_of(trees[k], t, u))
        };
        let found = match statistic {
            Statistic::Mean => mean(0)?,
            Statistic::Variance | Statistic::Covariance => {
                let (a, b) = (mean(0)?.0, mean(1)?.0);
                self.mean(cell, (&needed, product), &|theta, update| {
                    let second = value_of(trees[1], theta.clone(), update.clone()) - b;
                    (value_of(trees[0], theta, update) - a) * second
                })?
            }
            Statistic::Quantile(p) => self.quantile(bare(cell, trees[0]), p)?,
        };
        if let Some(mistake) = wrong.take() {
            return Err(Error::Failed(mistake.to_string()));
        }
        let (mut value, mut error) = found;
        if statistic == Statistic::Variance && value < 0.0 {
            error = error.max(-value);
            value = 0.0;
        }
        let what = match statistic {
            Statistic::Mean => "mean",
            Statistic::Variance => "variance",
            Statistic::Covariance => "covariance",
            Statistic::Quantile(_) => "quantile",
        };
        if !value.is_finite() {
            return Err(Error::Failed(format!(
                "`{}` has no {what} there",
                trees[0].text
            )));
        }
        let on_grids = matches!(self, Law::Line(_) | Law::Batches(_));
        if on_grids && !matches!(statistic, Statistic::Quantile(_)) {
            // Of what is summed: of a variance both squares, which it is the difference of.
            let size = self.mean(cell, (&needed, None), &|theta, update| {
                let first = value_of(trees[0], theta.clone(), update.clone());
                match statistic {
                    Statistic::Mean => first.abs(),
                    _ => (first * value_of(trees[1], theta, update)).abs(),
                }
            })?;
            if error > WORST * size.0 {
                return Err(Error::Failed(format!(
                    "the {what} of `{}` is known to {error:.1e} only, where it is made of {:.1e}: the law gathers at a place, or has a long tail",
                    trees[0].text, size.0
                )));
            }
        }
        let method = match self {
            Law::Normal(_) if gaussian::is_gaussian(cell) => {
                "recursion of the linear rule, its Gaussian law"
            }
            Law::Normal(_) => "recursion of the linear rule, its first two moments",
            Law::Line(_) => "Fokker–Planck equation on three grids",
            Law::Batches(_) => "discrete chain over kinds of batches, on three grids",
            Law::Plane(_) => {
                "stationary Fokker–Planck equation in two coordinates, extrapolated over five grids"
            }
        };
        Ok(Exact {
            value,
            error,
            method: method.into(),
        })
    }

    /// The mean of a function of θ and u, of which it needs some numbers and in which it is a polynomial of some degree, or none;
    /// and how far it may be off.
    fn mean(
        &self,
        cell: &Cell,
        (needed, degree): (&[Live], Option<u32>),
        f: &dyn Fn(Vec<f64>, Vec<f64>) -> f64,
    ) -> Result<(f64, f64)> {
        let dim = cell.system.dim();
        let step = match self {
            Law::Line(law) => return Ok(law.mean(&|x| f(vec![x], vec![0.0]))),
            Law::Batches(law) => return Ok(law.mean(&|x| f(vec![x], vec![0.0]))),
            Law::Plane(law) => return law.mean(&|x| f(x[..dim].to_vec(), vec![0.0; dim])),
            Law::Normal(step) => step,
        };
        let one = needed.first().filter(|_| degree.is_none_or(|d| d > 3));
        // One number alone by quadrature, whatever the formula; a polynomial of degree 3 at most needs none.
        if let Some(only) = one.filter(|first| needed.iter().all(|live| live == *first)) {
            let (mean, variance) = number(step, *only);
            let deviation = variance.max(0.0).sqrt();
            let at = |z: f64| {
                let x = mean + deviation * z;
                let (mut theta, mut update) = (vec![0.0; dim], vec![0.0; dim]);
                match *only {
                    Live::Theta(i) | Live::Previous(i) => theta[i] = x,
                    Live::Update(i) => update[i] = x,
                }
                f(theta, update)
            };
            let (value, error) = match deviation == 0.0 {
                true => (at(0.0), 0.0),
                false => normal_mean(&at),
            };
            // Numbers that cancel leave their rounding.
            let error = error + ROUNDING * normal_mean(&|z| at(z).abs()).0;
            if error.is_nan() || error > 1e-6 * (value.abs() + 1e-6) {
                return Err(Error::Failed(
                    "it has no mean there that is known to six digits".into(),
                ));
            }
            return Ok((value, error));
        }
        // A polynomial: of θ alone, or of θ before and u.
        if needed.iter().all(|l| matches!(l, Live::Theta(_))) {
            let law = &step.after;
            return Ok(polynomial::mean(
                &|x| f(x.to_vec(), vec![0.0; dim]),
                &law.mean,
                &law.covariance,
            ));
        }
        let (mut mean, mut both) = (DVector::zeros(2 * dim), DMatrix::zeros(2 * dim, 2 * dim));
        mean.rows_mut(0, dim).copy_from(&step.before.mean);
        mean.rows_mut(dim, dim).copy_from(&step.update.mean);
        let mut part = |i: usize, j: usize, block: &DMatrix<f64>| {
            both.view_mut((i * dim, j * dim), (dim, dim))
                .copy_from(block);
        };
        part(0, 0, &step.before.covariance);
        part(1, 1, &step.update.covariance);
        part(0, 1, &step.together);
        part(1, 0, &step.together.transpose());
        Ok(polynomial::mean(
            &|z| {
                let update = z[dim..].to_vec();
                let theta = z[..dim].iter().zip(&update).map(|(x, u)| x - u).collect();
                f(theta, update)
            },
            &mean,
            &both,
        ))
    }

    fn quantile(&self, of: Option<Live>, p: f64) -> Result<(f64, f64)> {
        let of = of.ok_or_else(|| Error::Failed("quantiles are known of coordinates".into()))?;
        match self {
            Law::Line(law) => Ok(law.quantile(p)),
            Law::Batches(_) | Law::Plane(_) => {
                Err(Error::Failed("no quantile of this law is known".into()))
            }
            Law::Normal(step) => {
                let (mean, variance) = number(step, of);
                let z = Normal::standard().inverse_cdf(p);
                let value = mean + variance.max(0.0).sqrt() * z;
                Ok((value, 1e-13 * (value.abs() + variance.max(0.0).sqrt())))
            }
        }
    }
}

/// A formula at a point.
///
/// # Errors
/// It is none of θ alone.
pub fn at_point(
    cell: &Cell,
    surface: &dyn Landscape,
    constants: &BTreeMap<String, f64>,
    point: &[f64],
    tree: &Tree,
) -> std::result::Result<f64, Mistake> {
    tree.number(&At {
        cell,
        surface,
        constants,
        theta: point.to_vec(),
        update: vec![0.0; point.len()],
    })
}

/// Whether a formula is one of θ alone.
pub fn is_of_theta(cell: &Cell, tree: &Tree) -> bool {
    let clock = ["step", "time"];
    let names = tree.names();
    let timed = names.iter().any(|(_, name)| clock.contains(&name.as_str()));
    let curved = cell.system.dim() > 1;
    !timed
        && needs(cell, tree).is_some_and(|needs| {
            let theta = needs.live.iter().all(|live| matches!(live, Live::Theta(_)));
            theta && !(needs.curvature && curved)
        })
}

/// A formula of one coordinate at a value of it.
///
/// # Errors
/// It is none of this coordinate.
pub fn at_place(
    cell: &Cell,
    surface: &dyn Landscape,
    constants: &BTreeMap<String, f64>,
    i: usize,
    x: f64,
    tree: &Tree,
) -> std::result::Result<f64, Mistake> {
    let mut theta = vec![0.0; cell.system.dim()];
    theta[i] = x;
    at_point(cell, surface, constants, &theta, tree)
}

/// Mean and variance of one number of a step.
fn number(step: &LastStep, of: Live) -> (f64, f64) {
    let (law, i) = match of {
        Live::Theta(i) => (&step.after, i),
        Live::Previous(i) => (&step.before, i),
        Live::Update(i) => (&step.update, i),
    };
    (law.mean[i], law.covariance[(i, i)])
}
