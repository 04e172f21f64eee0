//! A covariance by formula over a block: its factor for each lane, and where it is none.

use std::sync::Mutex;

use formula::{Mistake, Node, Tree};
use nalgebra::DMatrix;

use super::factor::factor;
use super::matrix::{Expansion, HESSIAN, Part, entry_name, lower_triangle};
use super::{CovarianceFormula, Form};
use crate::landscape::expression::Compiled;
use crate::landscape::{Landscape, lane_of, upper_triangle};
use crate::noise::Place;
use crate::vectorised::vectorised;

/// What a row of the formulas is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    Theta(usize),
    Loss,
    Top,
    /// An entry of ∇²L's upper triangle.
    Hessian(usize),
    Step,
    Time,
}

/// What the formulas come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One number for all coordinates.
    Alike,
    /// One for each.
    Diagonal,
    /// The lower triangle of C.
    Lower,
}

/// The first place where a formula was no covariance.
#[derive(Clone, Debug)]
struct Fault {
    step: u64,
    particle: u64,
    theta: Vec<f64>,
}

/// The covariance of a [`CovarianceFormula`] on a landscape.
pub struct CovarianceField {
    formula: CovarianceFormula,
    surface: Box<dyn Landscape>,
    clock: f64,
    rows: Vec<Row>,
    program: Compiled,
    kind: Kind,
    /// Whether the numbers are variances, and no standard deviations.
    squared: bool,
    fault: Mutex<Option<Fault>>,
}

/// How a covariance is multiplied with numbers of variance 1.
pub enum Factor<'a> {
    /// By a row, the same for all coordinates.
    Alike(&'a [f64]),
    /// Each coordinate by a row of its own.
    Diagonal(&'a [f64]),
    /// By the lower triangle F of C = FFᵀ, row by row.
    Lower(&'a [f64]),
}

impl CovarianceField {
    /// The covariance on `surface`, a step of which takes `clock`.
    ///
    /// # Errors
    /// A formula that is none, a matrix where a number has to stand, a list of another length, a matrix that is not square or
    /// not symmetric.
    pub fn new(
        formula: &CovarianceFormula,
        surface: Box<dyn Landscape>,
        clock: f64,
    ) -> Result<Self, Mistake> {
        let dim = surface.dim();
        let separable = surface.separable();
        let written = |text: &str| -> Result<Part, Mistake> {
            let tree = Tree::parse(text)?;
            let expansion = Expansion {
                tree: &tree,
                dim,
                separable,
            };
            expansion.part(&tree.root)
        };
        let wrong = |text: &str, what: String| Mistake {
            at: 0,
            what,
            text: text.to_string(),
        };
        let number = |text: &str| match written(text)? {
            Part::Number(node) => Ok(node),
            Part::Matrix(_) => Err(wrong(
                text,
                "a matrix where a number has to stand".to_string(),
            )),
        };
        let (nodes, kind, squared): (Vec<Node>, Kind, bool) = match &formula.form {
            Form::Deviations(texts) => {
                if texts.len() != 1 && texts.len() != dim {
                    let what = format!("{} formulas for {dim} coordinates", texts.len());
                    return Err(wrong(&texts.join(", "), what));
                }
                let nodes = texts.iter().map(|t| number(t)).collect::<Result<_, _>>()?;
                let alike = texts.len() == 1;
                (
                    nodes,
                    if alike { Kind::Alike } else { Kind::Diagonal },
                    false,
                )
            }
            Form::Whole(text) => match written(text)? {
                Part::Number(node) => (vec![node], Kind::Alike, true),
                Part::Matrix(lower) => (lower, Kind::Lower, true),
            },
            Form::Entries(rows) => {
                if rows.len() != dim || rows.iter().any(|row| row.len() != dim) {
                    let what = format!(
                        "a matrix of {} rows of {} where {dim} × {dim} is needed",
                        rows.len(),
                        rows.first().map_or(0, Vec::len)
                    );
                    return Err(wrong("", what));
                }
                let lower = lower_triangle(dim).map(|(i, j)| number(&rows[i][j]));
                (lower.collect::<Result<_, _>>()?, Kind::Lower, true)
            }
        };
        // A diagonal matrix needs no factor but roots.
        let zero = |node: &Node| matches!(node.kind, formula::Kind::Number(x) if x == 0.0);
        let off = |(node, (i, j)): (&Node, (usize, usize))| i == j || zero(node);
        let (nodes, kind) = match kind {
            Kind::Lower if nodes.iter().zip(lower_triangle(dim)).all(off) => {
                let own = nodes.into_iter().zip(lower_triangle(dim));
                let own = own.filter(|(_, (i, j))| i == j).map(|(node, _)| node);
                (own.collect(), Kind::Diagonal)
            }
            kind => (nodes, kind),
        };
        let tree = |root: Node| Tree {
            text: formula.texts().join(", "),
            root,
        };
        let outputs: Vec<Tree> = nodes.into_iter().map(tree).collect();
        let (rows, program) = compiled(formula, dim, &outputs)?;
        let field = CovarianceField {
            formula: formula.clone(),
            surface,
            clock,
            rows,
            program,
            kind,
            squared,
            fault: Mutex::new(None),
        };
        if let Form::Entries(rows) = &formula.form {
            field.symmetric(rows)?;
        }
        Ok(field)
    }

    /// Refuses a matrix of which an entry differs from its mirror image somewhere.
    fn symmetric(&self, rows: &[Vec<String>]) -> Result<(), Mistake> {
        let dim = self.dim();
        for (i, j) in lower_triangle(dim).filter(|(i, j)| i != j) {
            let both = [&rows[i][j], &rows[j][i]];
            if both[0] == both[1] {
                continue;
            }
            let trees = [Tree::parse(both[0])?, Tree::parse(both[1])?];
            let (used, program) = compiled(&self.formula, dim, &trees)?;
            // Two formulas that agree at these places are the same.
            for k in 1..=16 {
                let place = |n: usize| 3.0 * (1.7 * k as f64 + 2.3 * n as f64).sin();
                let from: Vec<f64> = (0..used.len()).map(place).collect();
                let mut to = [0.0; 2];
                program.run(&from, 1, &mut to);
                let apart = (to[0] - to[1]).abs();
                if apart > 1e-10 * (1.0 + to[0].abs()) || to[0].is_nan() != to[1].is_nan() {
                    let what = format!(
                        "the matrix is not symmetric: the entry ({}, {}) is `{}` and ({}, {}) is `{}`",
                        j + 1,
                        i + 1,
                        both[1],
                        i + 1,
                        j + 1,
                        both[0]
                    );
                    return Err(Mistake {
                        at: 0,
                        what,
                        text: both[0].clone(),
                    });
                }
            }
        }
        Ok(())
    }

    /// d.
    pub fn dim(&self) -> usize {
        self.surface.dim()
    }

    /// Whether C is diagonal everywhere, by the formulas.
    pub fn is_diagonal(&self) -> bool {
        self.kind != Kind::Lower
    }

    /// Whether C is the same everywhere and always, on a surface of this landscape's curvature where that is constant.
    pub fn is_constant(&self) -> bool {
        let bent = self.surface.name() != "quadratic";
        self.rows.iter().all(|row| match row {
            Row::Hessian(_) | Row::Top => !bent,
            _ => false,
        })
    }

    /// Whether C changes along a path that stays where it is.
    pub fn is_driven(&self) -> bool {
        self.rows
            .iter()
            .any(|row| matches!(row, Row::Step | Row::Time))
    }

    fn outputs(&self) -> usize {
        match self.kind {
            Kind::Alike => 1,
            Kind::Diagonal => self.dim(),
            Kind::Lower => self.dim() * (self.dim() + 1) / 2,
        }
    }

    fn bends(&self) -> usize {
        let wanted = |row: &Row| matches!(row, Row::Hessian(_) | Row::Top);
        match self.rows.iter().any(wanted) {
            true => self.dim() * (self.dim() + 1) / 2,
            false => 0,
        }
    }

    /// The memory that [`evaluate`](Self::evaluate) needs for a block.
    pub fn scratch(&self, lanes: usize) -> usize {
        (self.rows.len() + self.bends() + self.outputs() + self.dim()) * lanes
    }

    /// The numbers that the formulas come to, into `to`.
    fn run(
        &self,
        theta: &[f64],
        lanes: usize,
        step: &dyn Fn(usize) -> u64,
        memory: &mut [f64],
        to: &mut [f64],
    ) {
        // Rows that are the coordinates themselves are read where they are.
        let places = self.rows.iter().enumerate();
        if self.rows.len() == self.dim() && places.into_iter().all(|(i, row)| *row == Row::Theta(i))
        {
            return self.program.run(theta, lanes, to);
        }
        let (bends, rows) = memory.split_at_mut(self.bends() * lanes);
        if !bends.is_empty() {
            self.surface.hessians(theta, lanes, bends);
        }
        let rows = &mut rows[..self.rows.len() * lanes];
        for (row, to) in self.rows.iter().zip(rows.chunks_exact_mut(lanes)) {
            match *row {
                Row::Theta(i) => to.copy_from_slice(&theta[i * lanes..][..lanes]),
                Row::Loss => self.surface.values(theta, lanes, to),
                Row::Hessian(k) => to.copy_from_slice(&bends[k * lanes..][..lanes]),
                Row::Top => top(self.dim(), bends, lanes, to),
                Row::Step => {
                    for (lane, to) in to.iter_mut().enumerate() {
                        *to = (step(lane) + 1) as f64;
                    }
                }
                Row::Time => {
                    for (lane, to) in to.iter_mut().enumerate() {
                        *to = self.clock * step(lane) as f64;
                    }
                }
            }
        }
        self.program.run(rows, lanes, to);
    }

    /// Turns what the formulas come to into what multiplies numbers of variance 1; NaN where that is nothing.
    fn rooted(&self, lanes: usize, values: &mut [f64], variances: &mut [f64]) {
        if self.kind == Kind::Lower {
            factor(self.dim(), lanes, values, variances);
        } else if self.squared {
            vectorised!(|values| for v in values.iter_mut() {
                *v = v.sqrt();
            });
        }
    }

    /// The factor of C for every lane. A live lane whose particle is finite and whose C is none is noted.
    pub fn evaluate<'a>(&self, at: &Place<'_>, scratch: &'a mut [f64]) -> Factor<'a> {
        let lanes = at.lanes;
        let (values, rest) = scratch.split_at_mut(self.outputs() * lanes);
        let (variances, memory) = rest.split_at_mut(self.dim() * lanes);
        self.run(at.theta, lanes, &|lane| at.step[lane], memory, values);
        self.rooted(lanes, values, variances);
        // Of a lower triangle the entries off the diagonal may be negative; a NaN of theirs is one of the diagonal.
        let least = match self.kind {
            Kind::Lower => f64::NEG_INFINITY,
            Kind::Alike | Kind::Diagonal => 0.0,
        };
        let all = &*values;
        let right = vectorised!(|all| all.iter().fold(true, |right, v| right
            & (*v < f64::INFINITY)
            & (*v >= least)));
        if !right {
            self.look(at, values);
        }
        match self.kind {
            Kind::Alike => Factor::Alike(values),
            Kind::Diagonal => Factor::Diagonal(values),
            Kind::Lower => Factor::Lower(values),
        }
    }

    /// Whether the numbers of a lane are a factor.
    fn stands(&self, of: impl Iterator<Item = f64>) -> bool {
        let mut of = of.zip(lower_triangle(self.dim()));
        of.all(|(v, (i, j))| v.is_finite() && (v >= 0.0 || self.kind == Kind::Lower && i != j))
    }

    /// Notes the first of the lanes in which something is wrong.
    #[cold]
    fn look(&self, at: &Place<'_>, values: &[f64]) {
        let mut theta = vec![0.0; self.dim()];
        for lane in 0..at.lanes {
            if !at.live.get(lane).copied().unwrap_or(true)
                || self.stands(values.iter().skip(lane).step_by(at.lanes).copied())
            {
                continue;
            }
            lane_of(at.theta, at.lanes, lane, &mut theta);
            let (step, particle) = (at.step[lane], at.particle[lane]);
            // A particle that has diverged, or left where the loss has a value, is no fault of the noise.
            if !theta.iter().all(|x| x.abs() < DIVERGED) || !self.surface.value(&theta).is_finite()
            {
                continue;
            }
            let mut fault = self.fault.lock().unwrap_or_else(|e| e.into_inner());
            let known = fault.as_ref().map(|known| (known.step, known.particle));
            if known.is_none_or(|known| (step, particle) < known) {
                *fault = Some(Fault {
                    step,
                    particle,
                    theta: theta.clone(),
                });
            }
        }
    }

    /// What is wrong at a place, in words; `None` where C is a covariance.
    pub fn wrong_at(&self, theta: &[f64], step: u64) -> Option<String> {
        let mut raw = vec![0.0; self.outputs()];
        let mut memory = vec![0.0; self.scratch(1)];
        self.run(theta, 1, &|_| step, &mut memory, &mut raw);
        let mut values = raw.clone();
        self.rooted(1, &mut values, &mut vec![0.0; self.dim()]);
        if self.stands(values.iter().copied()) {
            return None;
        }
        let shown = self.formula.shown();
        let place = self.formula.variables.iter().zip(theta);
        let place: Vec<String> = place.map(|(name, x)| format!("{name} = {x}")).collect();
        let place = format!("{}, step {}", place.join(", "), step + 1);
        if let Some(odd) = raw.iter().find(|x| !x.is_finite()) {
            return Some(format!("{shown} comes to {odd} at {place}"));
        }
        if self.kind == Kind::Lower {
            let matrix = symmetric_of(self.dim(), &raw);
            let least = matrix.symmetric_eigenvalues().min();
            return Some(format!(
                "{shown} is not ≥ 0 at {place}: an eigenvalue is {least:.6}"
            ));
        }
        let least = raw.iter().copied().fold(f64::INFINITY, f64::min);
        Some(format!(
            "{shown} comes to {least} at {place}, where it must be at least 0"
        ))
    }

    /// The first fault that was noted, in words.
    pub fn fault(&self) -> Option<String> {
        let fault = self.fault.lock().unwrap_or_else(|e| e.into_inner());
        let Fault {
            step,
            particle,
            theta,
        } = fault.as_ref()?;
        let what = self
            .wrong_at(theta, *step)
            .unwrap_or_else(|| format!("{} has no factor", self.formula.shown()));
        Some(format!("{what} (particle {particle})"))
    }

    /// C at a place before its first step.
    ///
    /// # Errors
    /// It is none there.
    pub fn at(&self, theta: &[f64]) -> Result<DMatrix<f64>, String> {
        if let Some(wrong) = self.wrong_at(theta, 0) {
            return Err(wrong);
        }
        let mut raw = vec![0.0; self.outputs()];
        self.run(theta, 1, &|_| 0, &mut vec![0.0; self.scratch(1)], &mut raw);
        let dim = self.dim();
        let squared = |x: f64| if self.squared { x } else { x * x };
        Ok(match self.kind {
            Kind::Alike => DMatrix::from_diagonal_element(dim, dim, squared(raw[0])),
            Kind::Diagonal => {
                DMatrix::from_fn(dim, dim, |i, j| if i == j { squared(raw[i]) } else { 0.0 })
            }
            Kind::Lower => symmetric_of(dim, &raw),
        })
    }

    /// The diagonal of C over a block, for an SDE; NaN where it is none.
    pub fn variances(&self, theta: &[f64], lanes: usize, to: &mut [f64]) {
        let mut memory = vec![0.0; self.scratch(lanes)];
        let mut own = vec![0.0; self.outputs() * lanes];
        self.run(theta, lanes, &|_| 0, &mut memory, &mut own);
        let diagonal: Vec<usize> = match self.kind {
            Kind::Alike => vec![0; self.dim()],
            Kind::Diagonal => (0..self.dim()).collect(),
            Kind::Lower => (0..self.dim()).map(|i| i * (i + 3) / 2).collect(),
        };
        for (row, k) in to.chunks_exact_mut(lanes).zip(diagonal) {
            for (to, x) in row.iter_mut().zip(&own[k * lanes..][..lanes]) {
                *to = if *x < 0.0 {
                    f64::NAN
                } else if self.squared {
                    *x
                } else {
                    x * x
                };
            }
        }
    }
}

/// Beyond this a particle has left for good.
const DIVERGED: f64 = 1e100;

/// The symmetric matrix of a lower triangle, by rows.
fn symmetric_of(dim: usize, lower: &[f64]) -> DMatrix<f64> {
    DMatrix::from_fn(dim, dim, |i, j| {
        let (i, j) = (i.max(j), i.min(j));
        lower[i * (i + 1) / 2 + j]
    })
}

/// The largest eigenvalue of every lane's symmetric matrix, given by its upper triangle.
fn top(dim: usize, upper: &[f64], lanes: usize, to: &mut [f64]) {
    if dim == 1 {
        return to.copy_from_slice(&upper[..lanes]);
    }
    let mut matrix = DMatrix::zeros(dim, dim);
    for (lane, to) in to.iter_mut().enumerate() {
        for ((i, j), row) in upper_triangle(dim).zip(upper.chunks_exact(lanes)) {
            matrix[(i, j)] = row[lane];
            matrix[(j, i)] = row[lane];
        }
        let finite = matrix.iter().all(|x| x.is_finite());
        *to = if finite {
            matrix.symmetric_eigenvalues().max()
        } else {
            f64::NAN
        };
    }
}

/// The rows that some formulas need, and the program over them.
fn compiled(
    formula: &CovarianceFormula,
    dim: usize,
    outputs: &[Tree],
) -> Result<(Vec<Row>, Compiled), Mistake> {
    let theta = formula.variables.iter().enumerate();
    let mut all: Vec<(String, Row)> = theta.map(|(i, v)| (v.clone(), Row::Theta(i))).collect();
    let bends = upper_triangle(dim).enumerate();
    all.extend(bends.map(|(k, (i, j))| (entry_name(i, j), Row::Hessian(k))));
    if dim == 1 {
        all.push((HESSIAN.into(), Row::Hessian(0)));
    }
    for (name, row) in [
        ("loss", Row::Loss),
        ("h_top", Row::Top),
        ("step", Row::Step),
        ("time", Row::Time),
    ] {
        // A coordinate goes before what is named like it.
        if !formula.variables.iter().any(|v| v == name) {
            all.push((name.into(), row));
        }
    }
    let mut used: Vec<String> = Vec::new();
    for tree in outputs {
        used.extend(tree.names().into_iter().map(|(_, name)| name));
    }
    all.retain(|(name, _)| used.contains(name));
    let only_theta = all.iter().all(|(_, row)| matches!(row, Row::Theta(_)));
    if only_theta && !all.is_empty() {
        // All of them, so that they are read where they stand.
        let theta = formula.variables.iter().enumerate();
        all = theta.map(|(i, v)| (v.clone(), Row::Theta(i))).collect();
    }
    let (names, rows): (Vec<String>, Vec<Row>) = all.into_iter().unzip();
    let program = Compiled::new(&names, &[], outputs, &formula.constants)?;
    Ok((rows, program))
}
